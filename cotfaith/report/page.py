"""The assembly of the page. Other modules make its parts; `templates/` and the files beside this one hold its text and style."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from cotfaith import tables
from cotfaith.analysis import close_calls
from cotfaith.analysis.kept import Tables
from cotfaith.report import PAGE, counts, opening, provenance, sections, titles, traces, unread
from cotfaith.report.counts import Counts
from cotfaith.report.rendering import asset, download, render
from cotfaith.storage.run_directory import RunDirectory


def write(directory: RunDirectory, held: Tables, key: str = "") -> Path:
    """Write the page and its figures into the run directory; `key` stands for all that it shows. Return the path of the page.

    Raises:
        StoreError: a file of the run cannot be read or written.
    """
    path, manifest, estimates = directory.path / PAGE, directory.manifest(), held.estimates
    found = counts.count(directory)
    shown = traces.payload(directory)
    measures = sections.sections(estimates, found.chance())
    head = opening.opening(estimates, held.caveats, found.chance())
    script = asset("page.js")
    text = render(
        "page.html",
        subject=_subject(manifest),
        script=script,
        digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        style=asset("page.css"),
        facts=_facts(directory, manifest, found),
        opening=head,
        command=provenance.command(manifest),
        measures=measures,
        count=len(estimates),
        estimates=download(estimates.to_csv(index=False), "text/csv"),
        spread=_spread(len(shown["traces"]), found.traces.total()),
        traces=shown,
        states=counts.table(found),
        close=close_calls.sentences(close_calls.of_table(held.close_calls)),
        unread=unread.table(held.unread),
        provenance=provenance.sections(manifest),
    )
    for figure in (head.profile, *(figure for one in measures for figure in one.figures)):
        for name, drawn in figure.files.items():
            directory.write_text(f"figures/{name}", drawn)
    directory.write_page(PAGE, text, key)
    return path


def _subject(manifest: dict[str, Any]) -> str:
    """The title: which models on which tasks."""
    study = manifest.get("study", {})
    names = [_few(study.get(key, []), f"{key}s") for key in ("model", "task")]
    return " on ".join(names)


def _few(names: list[str], kind: str) -> str:
    return ", ".join(names) if len(names) < 4 else f"{len(names)} {kind}"


def _facts(directory: RunDirectory, manifest: dict[str, Any], counts: Counts) -> dict[str, str]:
    """The facts at the head of the page."""
    study = manifest.get("study", {})
    samples = titles.several(int(study.get("samples", 1)), "sample")
    named = bool({strategy for _, _, strategy in counts.traces} - {tables.DEFAULT})
    sizes = {
        tables.cell(
            *cell, named=named
        ): f"{titles.several(n, 'question')} \N{MULTIPLICATION SIGN} {samples}: {titles.several(counts.traces[cell], 'trace')}"
        + (f", {counts.cut[cell]:,} of them cut by the token limit" if counts.cut[cell] else "")
        + (f", {counts.tagged[cell]:,} of them with what looks like a tag of a reasoning channel" if counts.tagged[cell] else "")
        for cell, n in sorted(counts.questions.items())
    }
    each = f" for every model{' and task' if not named else ', task and strategy'}" if len(sizes) > 1 else ""
    alike = [f"{size}{each}" for size in set(sizes.values())]
    facts = {
        "Models": ", ".join(study.get("model", [])),
        "Tasks": ", ".join(study.get("task", [])),
        "Strategies": ", ".join(study.get("strategy", [])) if named else "",
        "Size": "; ".join(alike if len(alike) == 1 else (f"{cell}: {size}" for cell, size in sizes.items())),
        "Prompts": provenance.formats(manifest),
        "Finished": provenance.finished(directory),
        "Made with": f"cotfaith {manifest.get('cotfaith', '(version not stated)')}",
    }
    return {key: value for key, value in facts.items() if value}


def _spread(shown: int, total: int) -> str:
    """How many of the traces the page shows."""
    if shown < total:
        return f"{shown:,} of {total:,} traces, spread over the questions."
    return f"All {titles.several(total, 'trace')}." if total > 1 else f"{titles.several(total, 'trace')}."
