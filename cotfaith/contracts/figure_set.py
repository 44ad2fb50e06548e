"""The contract of a set of figures: what a paper shows, drawn again from run directories."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cotfaith.contracts.figure import Drawing

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a set is drawn from.

    Args:
        estimates: the tables of estimates of all runs as one, with the column `parameters` (the number of parameters of the model, if known). A model that
            several runs have with equal rows is named with its run.
        paths: the run directories.
        chance: for tasks where it is known, the share of equal answers that random answering gives.
        width: of the figures, in inches.
    """

    estimates: pd.DataFrame
    paths: tuple[Path, ...]
    chance: Mapping[str, float]
    width: float


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A table of a paper: its header, its rows as text, how many of its columns hold words (they are left-aligned), and its caption."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int
    caption: str


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A figure or a table of a set.

    Args:
        name: of its file, such as "figure3".
        made: the figure or the table; None if there is nothing to show.
        reason: why there is nothing, in one clause.
    """

    name: str
    made: Drawing | Sheet | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FigureSet:
    """A set of figures, registered under `cotfaith.figure_sets`.

    Args:
        title: what it shows, in one line.
        paper: the paper whose figures they are; "" for a set of no paper.
        parts: makes the figures and tables, in order.
        published: whether it also shows a paper's released outputs, so that it can be drawn without a run.
    """

    title: str
    paper: str
    parts: Callable[[Material], Iterable[Part]]
    published: bool = False
