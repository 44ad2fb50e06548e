"""The page of several runs side by side: what they found, their headlines beside each other, and a link to the page of each."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cotfaith.analysis import side_by_side
from cotfaith.report import opening, sections, titles
from cotfaith.report.counts import Counts
from cotfaith.report.rendering import asset, download, render


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A run: its own page, its estimates, what limits them, and what it holds."""

    page: Path
    estimates: pd.DataFrame
    caveats: tuple[str, ...]
    counts: Counts


@dataclass(frozen=True, slots=True)
class Line:
    """A run in the list of runs."""

    name: str
    link: str
    models: str
    tasks: str
    traces: str


def page(sides: Mapping[str, Side], path: Path) -> str:
    """The HTML of the page of these runs, by name, to be written to `path`."""
    estimates = side_by_side.together({name: side.estimates for name, side in sides.items()})
    chance = side_by_side.shared_chance([side.counts.chance() for side in sides.values()])
    caveats = [f"{name}: {caveat}" for name, side in sides.items() for caveat in side.caveats]
    return render(
        "several.html",
        style=asset("page.css"),
        title=", ".join(sides) if len(sides) < 4 else f"{len(sides)} runs",
        runs=[_line(name, side, path) for name, side in sides.items()],
        opening=opening.opening(estimates, caveats, chance),
        measures=sections.sections(estimates, chance),
        count=len(estimates),
        estimates=download(estimates.to_csv(index=False), "text/csv"),
    )


def _line(name: str, side: Side, path: Path) -> Line:
    cells = list(side.counts.traces)
    models, tasks = (", ".join(dict.fromkeys(cell[i] for cell in cells)) for i in (0, 1))
    link = Path(os.path.relpath(side.page.resolve(), path.resolve().parent)).as_posix()
    return Line(name, link, models, tasks, titles.several(side.counts.traces.total(), "trace"))
