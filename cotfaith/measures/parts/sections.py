"""Sections of one table of sums: the columns of several interventions or strategies side by side, each under its name.

What is written for the rows of one thing (eligibility, shares without an answer) then serves each section as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce

from cotfaith.measures.parts.quantity import joined
from cotfaith.stats import ClusterSums, Estimate

_MARK = "::"


def join(sections: Mapping[str, Iterable[ClusterSums]]) -> ClusterSums:
    """All tables beside each other, over the questions of any; the columns of each are named SECTION::COLUMN."""
    tables = [_renamed(section, reduce(joined, parts)) for section, parts in sections.items()]
    return reduce(joined, tables)


def sections(table: ClusterSums) -> list[str]:
    """The names of the sections, in order."""
    return sorted({name.partition(_MARK)[0] for name in table.columns})


def take(table: ClusterSums, section: str) -> ClusterSums:
    """The columns of one section, under their own names."""
    start = f"{section}{_MARK}"
    places = [i for i, name in enumerate(table.columns) if name.startswith(start)]
    return ClusterSums(table.questions, tuple(table.columns[i].removeprefix(start) for i in places), table.matrix[:, places])


def titled(estimates: Iterable[Estimate], section: str) -> list[Estimate]:
    """The estimates with the section as their group, or "SECTION: " before the group that they have."""
    return [replace(one, group=f"{section}: {one.group}" if one.group else section) for one in estimates]


def _renamed(section: str, table: ClusterSums) -> ClusterSums:
    return ClusterSums(table.questions, tuple(f"{section}{_MARK}{name}" for name in table.columns), table.matrix)
