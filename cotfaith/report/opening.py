"""The head of the page: what the run found in sentences, what limits its numbers, and the profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from cotfaith.analysis.answers import MARKS, answers
from cotfaith.report import plots, sections
from cotfaith.report.plots import Shown

PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, and the section that it leads to."""

    text: str
    place: str
    title: str


@dataclass(frozen=True, slots=True)
class Opening:
    """The sentences, what their brackets mean, the caveats, and the figure of all headlines."""

    said: tuple[Said, ...]
    marks: str
    caveats: tuple[str, ...]
    profile: Shown


def opening(estimates: pd.DataFrame, caveats: Sequence[str], chance: dict[str, float]) -> Opening:
    """The head of the page of `estimates`."""
    found = answers(estimates)
    said = tuple(Said(one.text, sections.place(one.measure), sections.title(one.measure)) for one in found)
    marks = MARKS if any(one.marked for one in found) else ""
    return Opening(said, marks, tuple(caveats), plots.shown(plots.built_in(PROFILE, estimates, chance)))
