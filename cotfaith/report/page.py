"""The page put together: its parts are made elsewhere, its words and looks are in the files beside this one."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from cotfaith import tables
from cotfaith.report import counts, headline, provenance, sections, titles, traces
from cotfaith.report.counts import Counts
from cotfaith.report.markup import Element, element, html, json_block
from cotfaith.storage.run_directory import RunDirectory


def write(directory: RunDirectory) -> Path:
    """Write the page and its figures into the run directory; the path of the page.

    Raises:
        StoreError: if the run has not been estimated, or its files cannot be read or written.
    """
    estimates = directory.derived("estimates.parquet")
    manifest = directory.manifest()
    found = counts.count(directory)
    shown = traces.payload(directory)
    measures = sections.sections(estimates, found.chance())
    script = _asset("page.js")
    parts = {
        "title": html(element("title", f"{_subject(manifest)} \N{MIDDLE DOT} cotfaith")),
        "policy": f"script-src 'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'",
        "style": _asset("page.css"),
        "script": script,
        "heading": html(element("h1", _subject(manifest))),
        "facts": html(_facts(directory, manifest, found)),
        "places": html(*(element("a", one.title, href=f"#{one.place}") for one in measures)),
        "measures": "\n".join(one.text for one in measures),
        "link": html(element("p", headline.link(estimates), class_="more")),
        "shown": html(_shown(len(shown["traces"]), found)),
        "data": json_block(shown),
        "states": html(element("div", counts.table(found), class_="wide", tabindex="0", role="region", aria_label="States")),
        "provenance": html(*provenance.sections(manifest)),
    }
    for name, text in ((name, text) for one in measures for name, text in one.files.items()):
        directory.write_text(f"figures/{name}", text)
    directory.write_text("report.html", Template(_asset("page.html")).substitute(parts))
    return directory.path / "report.html"


def _asset(name: str) -> str:
    return resources.files("cotfaith.report").joinpath(name).read_text(encoding="utf-8")


def _subject(manifest: dict[str, Any]) -> str:
    """Which models on which tasks."""
    study = manifest.get("study", {})
    names = [_few(study.get(key, []), f"{key}s") for key in ("model", "task")]
    return " on ".join(names)


def _few(names: list[str], kind: str) -> str:
    return ", ".join(names) if len(names) < 4 else f"{len(names)} {kind}"


def _facts(directory: RunDirectory, manifest: dict[str, Any], counts: Counts) -> Element:
    """What the page is about, at a glance."""
    study = manifest.get("study", {})
    samples = titles.several(int(study.get("samples", 1)), "sample")
    named = bool({strategy for _, _, strategy in counts.traces} - {tables.DEFAULT})
    sizes = {
        tables.cell(
            *cell, named=named
        ): f"{titles.several(n, 'question')} \N{MULTIPLICATION SIGN} {samples}: {titles.several(counts.traces[cell], 'trace')}"
        + (f", {counts.cut[cell]:,} of them cut by the token budget" if counts.cut[cell] else "")
        for cell, n in sorted(counts.questions.items())
    }
    each = f" for every model{' and task' if not named else ', task and strategy'}" if len(sizes) > 1 else ""
    alike = [f"{size}{each}" for size in set(sizes.values())]
    facts = {
        "Models": ", ".join(study.get("model", [])),
        "Tasks": ", ".join(study.get("task", [])),
        "Strategies": ", ".join(study.get("strategy", [])) if named else "",
        "Size": "; ".join(alike if len(alike) == 1 else (f"{cell}: {size}" for cell, size in sizes.items())),
        "Finished": provenance.finished(directory),
        "Made with": f"cotfaith {manifest.get('cotfaith', '(version not stated)')}",
    }
    rows = [element("div", element("dt", key), element("dd", value)) for key, value in facts.items() if value]
    typed = element("div", element("dt", "Command"), element("dd", element("code", provenance.command(manifest))), class_="long")
    return element("dl", *rows, typed, class_="facts head")


def _shown(shown: int, counts: Counts) -> Element:
    total = counts.traces.total()
    text = f"{shown:,} of {total:,} traces, spread over the questions."
    if shown == total:
        text = f"All {titles.several(total, 'trace')}." if total > 1 else titles.several(total, "trace") + "."
    return element("p", text, id="shown")
