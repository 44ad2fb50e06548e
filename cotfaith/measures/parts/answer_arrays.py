"""Readings as checked arrays: the rows of one intervention whose edit passed its check, in the order of their traces.

Probes that failed their check were never read; `edit_validity` counts them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cotfaith.errors import DataError
from cotfaith.types import NO_ANSWER, Arm, State, margin

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
Texts = NDArray[np.object_]

COLUMNS = (
    "question_id",
    "gold",
    "n_steps",
    "trace_id",
    "intervention",
    "arm",
    "dose",
    "site",
    "kind",
    "draw",
    "valid",
    "state",
    "answer",
    "logprobs",
)
ENDS = {"no_reasoning": 0, "full": 2}  # the order of the arms within a trace; all others lie between


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """One entry per reading, ordered by trace; within a trace by the share of the reasoning given, from none to all.

    `answer` and `gold` are "" if there is none; `given` is 1 - dose; `none` and `full` are, for each reading, the places of its
    trace's readings without and with all of its reasoning, and `control` that of the control with its site and draw, or -1 if there
    is none; `chance` is, for a guess of an imagined model (`cotfaith.analysis.references`), its chance of agreeing with a given answer, and NaN for
    every other reading; `trace` numbers the traces from 0. `written` are the readings of traces whose answers were all written, and not read from
    log-probabilities of the options: none has these, though at least one is no error. `extra` are further columns of the rows, by name.
    """

    question: Texts
    trace: Places
    steps: Places
    arm: Texts
    kind: Texts
    dose: Floats
    given: Floats
    answered: Flags
    answer: Texts
    gold: Texts
    logprobs: Texts
    none: Places
    full: Places
    site: Places
    draw: Places
    control: Places
    written: Flags
    chance: Floats
    extra: Mapping[str, Texts]

    @property
    def silent(self) -> Flags:
        """Which readings gave no answer: those without one, and those whose missing answer counts as wrong."""
        return np.asarray(~self.answered | (self.answer == NO_ANSWER), dtype=np.bool_)

    @property
    def scored(self) -> Flags:
        """Which readings have probabilities of the options that count: those with an answer, and ties, which have none."""
        scores = (np.asarray(() if one is None else one, dtype=np.float64).ravel().tolist() for one in self.logprobs)
        ties = np.array([margin(one) == 0 for one in scores], dtype=np.bool_)
        return np.asarray(self.answered | ties, dtype=np.bool_)

    def comparable(self, at: Places, other: Places) -> Flags:
        """Whether the answers at `at` and at `other` are known to be equal or different.

        A missing answer that counts as wrong differs from every answer. Two of them cannot be compared.
        """
        return np.asarray(self.answered[at] & self.answered[other] & ~(self.silent[at] & self.silent[other]), dtype=np.bool_)

    def equal(self, at: Places, other: Places) -> Floats:
        """Whether the answers at `at` and at `other` are equal: 1 or 0, and the chance of it if one is a guess."""
        guess = np.fmax(self.chance[at], self.chance[other])
        return np.where(np.isnan(guess), (self.answer[at] == self.answer[other]).astype(np.float64), guess)


def read(rows: pd.DataFrame, measure: str, intervention: str, extra: Sequence[str] = (), *, ends: bool = True) -> Readings:
    """The readings in `rows` whose edit passed its check, validated, with the additional columns `extra`.

    Without `ends`, traces need no reading without and with all of their reasoning, and `none` and `full` are meaningless.

    Raises:
        DataError: a column is missing, a row is of another intervention or has an impossible value, or a trace lacks an end.
    """
    _check(rows, measure, intervention, extra)
    rows = rows[rows["valid"].to_numpy(dtype=bool)]
    codes, _ = pd.factorize(rows["trace_id"].to_numpy(dtype=object), sort=True)
    rank = rows["arm"].map(ENDS).fillna(1).to_numpy(dtype=np.int64)
    dose = rows["dose"].to_numpy(dtype=np.float64)
    site = rows["site"].to_numpy(dtype=np.int64)
    draw = rows["draw"].to_numpy(dtype=np.int64)
    kind = _texts(rows["kind"])
    order = np.lexsort((draw, kind.astype(str), site, -dose, rank, codes))
    trace: Places = codes[order].astype(np.int64)
    place: Places = rank[order].astype(np.int64)
    first = np.searchsorted(trace, trace, side="left")
    last = np.searchsorted(trace, trace, side="right") - 1
    if ends:
        _check_ends(rows.iloc[order], trace, place, measure)
    arm = rows["arm"].to_numpy(dtype=object)[order]
    return Readings(
        question=rows["question_id"].to_numpy(dtype=object)[order],
        trace=trace,
        steps=rows["n_steps"].to_numpy(dtype=np.int64)[order],
        arm=arm,
        kind=kind[order],
        dose=dose[order],
        given=np.select([place == ENDS["no_reasoning"], place == ENDS["full"]], [0.0, 1.0], 1 - dose[order]),
        answered=(rows["state"] == "answered").to_numpy(dtype=bool)[order],
        answer=_texts(rows["answer"])[order],
        gold=_texts(rows["gold"])[order],
        logprobs=rows["logprobs"].to_numpy(dtype=object)[order],
        none=first,
        full=last,
        site=site[order],
        draw=draw[order],
        control=_controls(trace, site[order], draw[order], arm == "control"),
        written=_written(rows.iloc[order], trace),
        chance=rows["chance"].to_numpy(dtype=np.float64)[order] if "chance" in rows else np.full(len(order), np.nan),
        extra={name: rows[name].to_numpy(dtype=object)[order] for name in extra},
    )


def _written(rows: pd.DataFrame, trace: Places) -> Flags:
    """Which readings are of a trace without log-probabilities of options, though one of its readings is no error."""
    scored = np.array(
        [one is not None and np.size(np.asarray(one)) > 0 and not _lacks(one) for one in rows["logprobs"]], dtype=np.bool_
    )
    tried = (rows["state"] != "error").to_numpy(dtype=bool) & (rows["answer"] != NO_ANSWER).to_numpy(dtype=bool)
    size = int(trace.max()) + 1 if len(trace) else 0
    some, read = (np.bincount(trace[flags], minlength=size) > 0 for flags in (scored, tried))
    return np.asarray((~some & read)[trace], dtype=np.bool_)


def _lacks(value: object) -> bool:
    """Whether a cell of a data frame is not a number (NaN), which stands for nothing."""
    return isinstance(value, float) and value != value  # noqa: PLR0124  NaN alone differs from itself


def _controls(trace: Places, site: Places, draw: Places, control: Flags) -> Places:
    """For each reading, the place of its trace's control with its site and draw; -1 if there is none."""
    where = pd.MultiIndex.from_arrays([trace, site, draw])
    own = pd.Series(np.flatnonzero(control), index=where[control])
    return own[~own.index.duplicated()].reindex(where, fill_value=-1).to_numpy(dtype=np.int64)


def _texts(column: pd.Series[str]) -> Texts:
    return column.astype(object).where(column.notna(), "").to_numpy(dtype=object)


def _check(rows: pd.DataFrame, measure: str, intervention: str, extra: Sequence[str]) -> None:
    lacking = [name for name in (*COLUMNS, *extra) if name not in rows]
    if lacking:
        raise DataError(f"The readings for {measure} have no column {', '.join(lacking)}; give every column of a reading.")
    for name in ("question_id", "trace_id", "n_steps", "dose", "site", "draw", "valid"):
        if rows[name].isna().any():
            raise DataError(f"A reading for {measure} has no {name}; every row needs one.")
    others = sorted(set(rows["intervention"]) - {intervention}, key=str)
    if others:
        raise DataError(
            f"The measure {measure} reads {intervention}, but rows of {others[0]} were given; give one intervention's rows."
        )
    rows = rows[rows["valid"].to_numpy(dtype=bool)]
    again = rows.duplicated(["trace_id", "arm", "dose", "site", "kind", "draw"])
    if again.any():
        row = rows[again].iloc[0]
        raise DataError(
            f"Trace {row['trace_id']!r} has two readings of the arm {row['arm']!r} at dose {row['dose']:g} and site {row['site']} for {measure}; "
            "give each probe once."
        )
    for name, known in (("arm", get_args(Arm)), ("state", get_args(State))):
        strange = sorted(set(rows[name]) - set(known), key=str)
        if strange:
            raise DataError(f"A reading for {measure} has the {name} {strange[0]!r}; known are {', '.join(known)}.")
    wrong = (rows["state"] == "answered") != rows["answer"].notna()
    if wrong.any():
        row = rows[wrong].iloc[0]
        answer = "no answer" if row["state"] == "answered" else f"the answer {row['answer']!r}"
        raise DataError(
            f"A reading of trace {row['trace_id']!r} for {measure} has state {row['state']!r} and {answer}; "
            "exactly the answered ones have an answer."
        )


def _check_ends(rows: pd.DataFrame, trace: Places, rank: Places, measure: str) -> None:
    if rows.groupby(trace)["question_id"].nunique().gt(1).any():
        raise DataError(f"A trace for {measure} has readings of two questions; a trace belongs to one question.")
    traces = int(trace.max()) + 1 if len(trace) else 0
    for arm, place in ENDS.items():
        found = np.bincount(trace[rank == place], minlength=traces)
        if (found != 1).any():
            bad = int(np.flatnonzero(found != 1)[0])
            name = rows["trace_id"].iloc[int(np.searchsorted(trace, bad))]
            raise DataError(
                f"Trace {name!r} has {found[bad]} readings of the arm {arm!r}, but {measure} needs exactly one; "
                "give the same command again if the run was stopped early."
            )
