"""A paper's printed numbers beside ours: whether they are equal, how they are shown, and how they are kept."""

from __future__ import annotations

import argparse
import io
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from benchmarks import results
from benchmarks.published import page, released
from cotfaith.errors import CotfaithError

ROUNDING = 1e-9
DIFFERENT, UNUSABLE = 1, 2  # exit codes besides 0: some cell differs; there was nothing to compute from


@dataclass(frozen=True, slots=True)
class Cell:
    """One printed number and ours, both in the paper's unit (percent, or a count).

    Args:
        table: the table that it is in.
        setting: what the table's rows or columns have in common, as a heading.
        name: which number it is.
        printed: the paper's.
        ours: the same by our estimators; NaN where undefined.
        within: how far the two may differ and be equal: half a unit of the last printed digit; 0 for counts.
        decimals: how many the paper prints.
        low: lower end of our 95 % interval; NaN without one. `high` is the upper one.
        n: units that entered.
        clusters: questions among them.
        missing: units that could not enter.
    """

    table: str
    setting: str
    name: str
    printed: float
    ours: float
    within: float
    decimals: int = 1
    low: float = math.nan
    high: float = math.nan
    n: int = 0
    clusters: int = 0
    missing: int = 0

    @property
    def equal(self) -> bool:
        """Whether the two are equal at the printed precision; what is undefined equals nothing."""
        return abs(self.ours - self.printed) <= self.within + ROUNDING


@dataclass(frozen=True, slots=True)
class Spread:
    """An uncertainty by the paper's formula, rows taken as independent, beside ours, by question; half-widths of 95 %, in percentage points."""

    name: str
    paper: float
    ours: float
    z: float  # by the paper's formula
    p: float  # ours
    n: int
    clusters: int


@dataclass(frozen=True, slots=True)
class Recomputed:
    """All cells of a paper, its uncertainties beside ours, and further facts: `facts` are kept, `notes` are shown before the last line."""

    cells: Sequence[Cell]
    spreads: Sequence[Spread] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()

    @property
    def summary(self) -> str:
        """How many cells are equal."""
        return f"{sum(cell.equal for cell in self.cells)} of {len(self.cells)} cells equal at the printed precision"

    @property
    def agrees(self) -> bool:
        """Whether there are cells, and all are equal."""
        return bool(self.cells) and all(cell.equal for cell in self.cells)


# --- shown ----------------------------------------------------------------------------------------------------------------


def shown(found: Recomputed) -> str:
    """Everything as text, at most 100 columns wide; the last line counts the equal cells."""
    groups: dict[str, list[Cell]] = {}
    for cell in found.cells:
        groups.setdefault(f"{cell.table}: {cell.setting}", []).append(cell)
    lines: list[str] = []
    for name, cells in groups.items():
        lines += ["", name, _row(("", "paper", "ours", "95 % interval", "n/clusters", "equal")), *map(_line, cells)]
    if found.spreads:
        lines += ["", "half-widths of 95 %, percentage points: the paper's formula (rows independent), and ours, clustered"]
        lines.append(f"  {'':<54}{'paper':>6}{'ours':>6}{'z paper':>9}{'p ours':>8}{'n/clusters':>13}")
        for one in found.spreads:
            units = f"{one.n}/{one.clusters}"
            lines.append(f"  {one.name:<54}{one.paper:>6.2f}{one.ours:>6.2f}{one.z:>9.2f}{one.p:>8.0e}{units:>13}")
    return "\n".join([*lines, "", *found.notes, found.summary])


def _line(cell: Cell) -> str:
    interval = "" if math.isnan(cell.low) else f"[{cell.low:.1f}, {cell.high:.1f}]"
    units = f"{cell.n}/{cell.clusters}" + (f" -{cell.missing}" if cell.missing else "")
    digits = cell.decimals + 2 if cell.within else 0
    numbers = (f"{cell.printed:.{cell.decimals}f}", f"{cell.ours:.{digits}f}")
    return _row((cell.name, *numbers, interval, units, "yes" if cell.equal else "NO"))


def _row(parts: tuple[str, str, str, str, str, str]) -> str:
    name, *rest = parts
    return f"  {name:<42}" + "".join(f"{one:>{width}}" for one, width in zip(rest, (8, 10, 16, 14, 7), strict=True))


# --- kept -----------------------------------------------------------------------------------------------------------------


def record(found: Recomputed) -> dict[str, Any]:
    """What is kept as JSON, cells by table, setting and name: numbers to six digits, None where there is none."""
    by: dict[str, dict[str, dict[str, Any]]] = {}
    for cell in found.cells:
        numbers = {name: getattr(cell, name) for name in ("printed", "ours", "low", "high", "n", "clusters", "missing", "equal")}
        by.setdefault(cell.table, {}).setdefault(cell.setting, {})[cell.name] = numbers
    made = {
        "equal": sum(cell.equal for cell in found.cells),
        "of": len(found.cells),
        **found.facts,
        "uncertainty": [asdict(spread) for spread in found.spreads],
        "cells": by,
    }
    return {name: _plain(value) for name, value in made.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _keep(name: str, found: Recomputed, block: Callable[[Mapping[str, Any]], str]) -> None:
    made = record(found)
    with redirect_stdout(io.StringIO()):  # the cells are shown as a table, so their JSON is not printed too
        results.write(name, made)
    page.write(name, block(made))


# --- the command ----------------------------------------------------------------------------------------------------------


def command(
    name: str, compute: Callable[[argparse.Namespace], Recomputed], block: Callable[[Mapping[str, Any]], str], *,
    described: str, argv: Sequence[str] | None, options: Mapping[str, str] = MappingProxyType({}),
) -> int:  # fmt: skip
    """Compute, show, and keep if asked to; the exit code: 0, 1 if some cell differs, 2 if there was nothing to compute from.

    Args:
        name: of the result, and of the marks on the page.
        compute: from the options.
        block: what stands between the marks, from the kept result.
        described: the help's first line.
        argv: the arguments; those of the process if None.
        options: further options that name a file, with their help.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.published.{name}", description=described)
    told = f"the folder with the released files (default: tests/data/published/{name} of this repository)"
    parser.add_argument("--data", type=Path, default=released.FOLDER / name, metavar="FOLDER", help=told)
    for option, told in options.items():
        parser.add_argument(f"--{option}", type=Path, metavar="FILE", help=told)
    parser.add_argument("--keep", action="store_true", help=f"keep results/{name}.json and the table in docs/published.md")
    asked = parser.parse_args(argv)
    try:
        found = compute(asked)
        if asked.keep and found.agrees:
            _keep(name, found, block)
    except CotfaithError as error:
        print(f"Error: {error}", file=sys.stderr)
        return UNUSABLE
    print(shown(found))
    if asked.keep and not found.agrees:
        print("Nothing was kept, since a cell differs.", file=sys.stderr)
    return 0 if found.agrees else DIFFERENT
