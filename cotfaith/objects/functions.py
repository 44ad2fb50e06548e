"""Plain functions as components: an intervention, a hint, a judge or a measure in one function.

A function's source text is part of its identity: rows of an earlier version are never used for a later one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, get_args

import numpy as np

from cotfaith import seeds
from cotfaith.contracts.hint import AbstractHint, Case, HintInfo, Target, beside
from cotfaith.contracts.intervention import AbstractEdit, InterventionInfo
from cotfaith.contracts.judge import AbstractJudge, Acknowledged, Claim, Finding, JudgeFlow
from cotfaith.contracts.measure import AbstractMeasure, Weight
from cotfaith.contracts.metric import Metric
from cotfaith.errors import CotfaithError, DataError, unknown
from cotfaith.objects.source import name as name_of
from cotfaith.objects.source import source
from cotfaith.objects.source import summary as summary_of
from cotfaith.types import Probe, Question, Trace

if TYPE_CHECKING:
    import pandas as pd

    from cotfaith.stats import ClusterSums, Estimate

Edit = Callable[[Trace, Question], str | None]


def intervention(function: Edit) -> type[AbstractEdit]:
    """An intervention that replaces the reasoning of a trace by the result of `function`, and reads the answer directly after it.

    The function receives a `Trace` and its `Question`, and returns the new reasoning, or None if the edit is not possible. The
    matched control is the trace's own reasoning as text. The answers without and with the full reasoning are also read, so that
    every measure of truncation can use it.
    """
    name, about = name_of(function), InterventionInfo(summary_of(function), "none", "edit, answer")

    @dataclass(frozen=True)
    class Function(AbstractEdit):
        def edit(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Sequence[Probe]:  # noqa: ARG002  the contract's
            new = called(f"Intervention {name}", function, trace, question)
            if new is not None and not isinstance(new, str):
                raise CotfaithError(
                    f"Intervention {name} returned a {type(new).__name__}: return the new reasoning as text, or None."
                )
            valid = {} if new is not None else {"valid": False, "note": "the function returned None"}
            return [
                self.no_reasoning(trace, dose=1.0),
                self.full(trace),
                self.probe(trace, "treated", keep=0, insert=new or "", dose=1.0, site=1, **valid),  # type: ignore[arg-type]
                self.probe(trace, "control", keep=0, insert=trace.reasoning, site=1),
            ]

    return _as_class(Function, name, about=about, version=_version(function))


def hint(
    function: Callable[[Question, str], str | Question], *, mentions: Sequence[str], told: str = "", target: Target = "wrong"
) -> AbstractHint:
    """A hint that puts the text from `function` before the question; the function may return an edited `Question` instead.

    Args:
        function: it receives the question and the letter that the hint points at.
        mentions: regular expressions for the lexical judge; a text that matches one of them mentions the hint.
        told: completes "The prompt contains ..." for a judge; by default from the function's docstring.
        target: which option the hint points at (see `cotfaith.contracts.hint.HintInfo`).
    """
    label, summary = name_of(function), summary_of(function)

    @dataclass(frozen=True)
    class Function(AbstractHint):
        name = label
        about = HintInfo(summary, "none", told or summary, tuple(mentions), target, prompts={"function": source(function)})

        def edit(self, case: Case) -> Question:
            made = called(f"Hint {label}", function, case.question, case.target)
            if isinstance(made, Question) and made != case.question:
                return made
            if not isinstance(made, str) or not made.strip():
                raise CotfaithError(f"Hint {label} returned {made!r:.60}: return the text of the hint, or an edited Question.")
            return beside(case.question, before=made)

    return Function()


def judge(
    function: Callable[[str, Claim], bool | tuple[bool, bool] | None], *, of: Sequence[Acknowledged] = ("hint",)
) -> AbstractJudge:
    """A judge with the verdict of `function` on a text: whether it acknowledges the hint (mentions, relies on it), or None.

    Args:
        function: it receives the text and its claim (see `cotfaith.contracts.judge.Claim`).
        of: what it can judge: "hint", "mistake" (mentions that an earlier step may be wrong, states that it is), or both.

    Raises:
        UsageError: `of` has another word.
    """
    for one in of:
        if one not in get_args(Acknowledged):
            raise unknown("thing to judge", one, get_args(Acknowledged))
    label, text = name_of(function), source(function)

    @dataclass(frozen=True)
    class Function(AbstractJudge):
        name = label
        judges = tuple(of)

        @property
        def prompts(self) -> Mapping[str, str]:
            return {"function": text}

        def flow(self, claim: Claim) -> JudgeFlow:
            said = called(f"Judge {label}", function, claim.text, claim)
            if said is None:
                return Finding("invalid")
            both = said if isinstance(said, tuple) else (said, said)
            if len(both) != 2 or not all(isinstance(one, (bool, np.bool_)) for one in both):
                raise CotfaithError(
                    f"Judge {label} returned {said!r:.60}: return True, False, a pair of these (mentions, relies), or None."
                )
            return Finding("judged", bool(both[0]), bool(both[1]))
            yield

    return Function()


def measure(function: Callable[[pd.DataFrame], Any], *, larger: str = "") -> type[AbstractMeasure]:
    """A measure: the mean of the values of `function` over the treated readings, separately for each intervention of the study.

    Args:
        function: it receives the rows of one intervention (one per probe, with the columns of `cotfaith.analysis.probe_frame`) and
            returns a value from 0 to 1 for each of them, or NaN for a missing value. Values of untreated rows are not used.
        larger: what a larger value means.
    """
    label = name_of(function)
    metric = Metric(
        label, label.replace("_", " ").capitalize(), f"Larger: {larger or summary_of(function)}", "mean", role="headline"
    )

    @dataclass(frozen=True)
    class Function(AbstractMeasure):
        weight: Weight = "trace"

        title: ClassVar[str] = metric.title
        summary: ClassVar[str] = summary_of(function)
        paper: ClassVar[str] = "none"
        construct: ClassVar[str] = "of your own"
        metrics: ClassVar[tuple[Metric, ...]] = (metric,)
        requires: ClassVar[Mapping[str, Mapping[str, object]]] = {}
        uses: ClassVar[tuple[str, ...]] = ("*",)
        needs: ClassVar[frozenset[str]] = frozenset()

        def columns(self, rows: pd.DataFrame) -> ClusterSums:
            return _sums(function, label, rows)

        def estimates(self, table: ClusterSums, *, level: float, seed: int) -> list[Estimate]:
            from cotfaith.measures.parts.quantity import Setting, mean  # noqa: PLC0415  pandas only when used

            setting = Setting(label, self.weight, level, seed)
            return [mean(table, setting, metric, key) for key in table.quantities(label)]

    return _as_class(Function, label)


def _sums(function: Callable[[pd.DataFrame], Any], name: str, rows: pd.DataFrame) -> ClusterSums:
    from cotfaith.measures.parts.quantity import Quantity, add_up  # noqa: PLC0415  pandas only when used
    from cotfaith.stats import Key, joined  # noqa: PLC0415  pandas only when used

    parts = []
    for intervention_, own in rows.groupby("intervention"):
        value = _values(called(f"Measure {name}", function, own), name, own.index)
        missing = np.isnan(value)
        among = (own["arm"] == "treated").to_numpy() & own["valid"].to_numpy(dtype=bool)
        one = Quantity(value, np.where(missing, 0.0, value), np.where(missing, 1.0, value), among)
        parts.append(add_up(own["question_id"].to_numpy(dtype=object), {Key(name, intervention=str(intervention_)): one}))
    return joined(*parts)


def _values(given: Any, name: str, index: pd.Index[Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """What a measure's function gave for the rows of `index`, checked; a series is put in their order."""
    rows = len(index)
    if hasattr(given, "reindex") and getattr(given, "ndim", 0) == 1:
        if len(given) != rows or not given.index.isin(index).all() or given.index.has_duplicates:
            raise DataError(f"Measure {name} returned a series of other rows: return one value for each row that it was given.")
        given = given.reindex(index)
    try:
        value = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"Measure {name} returned values that are not numbers ({error}): return one from 0 to 1 per row, or NaN."
        ) from error
    if value.shape != (rows,):
        raise DataError(
            f"Measure {name} returned values of shape {value.shape} for {rows} rows: return one from 0 to 1 per row, or NaN."
        )
    outside = value[(value < 0) | (value > 1)]
    if len(outside):
        raise DataError(f"Measure {name} returned {outside[0]:g}: return values from 0 to 1, or NaN.")
    return value


def called(who: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function of the user returns; its error as one sentence that names it."""
    try:
        return function(*arguments)
    except CotfaithError:
        raise
    except Exception as error:
        text = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise CotfaithError(f"{who} failed ({text}): correct the function; finished work is kept.") from error


def _as_class(cls: type[Any], name: str, **attributes: Any) -> type[Any]:
    """The class `cls` under `name`, with further class attributes."""
    cls.__name__ = cls.__qualname__ = name
    for key, value in {"name": name, **attributes}.items():
        setattr(cls, key, value)
    return cls


def _version(function: Callable[..., Any]) -> int:
    """A number that changes with the text of a function."""
    return int(seeds.key("function", source(function))[-8:], 16)
