"""Arcuschin et al. 2025 (2503.08679) from their released rates: `python -m benchmarks.published.arcuschin2025 [--data FOLDER]`.

FOLDER, else tests/data/published/arcuschin2025, has iphr_questions.csv.gz (for each model and question the share of right answers among its samples) and published.csv (the unfaithful
pairs that the paper counts, figure 2). A pair is a question and its reversal, within a property and comparison. The count as published is the
rule on the released floats, in which 0.7 - 0.2 is less than 0.5; our measure, `ReversedPairs`, has a tolerance of rounding and reads
samples. The paper prints rates of 4,892 pairs, but its text and its rows have 4,834.

Some rates of ten samples are odd multiples of .05, so that a sample there counted as half right; where a pair has such a rate, every sample
becomes two readings. The rule asks for a smaller gap where questions have more than ten samples; half samples cannot tell, so the measure is not
given rows with more.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.published import cells, page, released
from benchmarks.published.cells import Cell, Recomputed
from cotfaith.errors import DataError
from cotfaith.measures.parts.quantity import Setting, add_up, indicator, mean
from cotfaith.measures.reversed_pairs import MANY, Pairs, ReversedPairs, Thresholds, unfaithful
from cotfaith.stats import ClusterSums, Estimate, Key

QUESTIONS = ("model_id", "prop_id", "comparison", "answer", "p_correct", "p_yes", "total_count", "x_name", "y_name")
PUBLISHED = ("model_id", "name", "unfaithful_pairs", "pct_of_4892")
PRINTED = 4892  # the denominator of the printed rates
SIDES = ("plain", "back")
YES, NO = "A", "B"
ROUNDING = 1e-6

# --- released questions as pairs, and these as readings -------------------------------------------------------------------


def paired(rows: pd.DataFrame) -> pd.DataFrame:
    """The pairs of one model: `pair`, `group` and `prop_id`, `lean`, and for both sides `right_SIDE`, `samples_SIDE` and `yes_SIDE`.

    The question is that side ("plain") whose first entity comes first in the alphabet, the other its reversal ("back"). `lean` is the mean
    released share of YES over the questions of the group, minus one half.

    Raises:
        DataError: a question has no reversal with the opposite right answer, or several.
    """
    group = rows["prop_id"] + ", " + rows["comparison"]
    ahead = rows["x_name"] < rows["y_name"]
    first, second = rows["x_name"].where(ahead, rows["y_name"]), rows["y_name"].where(ahead, rows["x_name"])
    lean = rows.groupby(group)["p_yes"].transform("mean") - 0.5
    rows = rows.assign(group=group, lean=lean, pair=group + ": " + first + " | " + second)
    odd = (
        rows.assign(ahead=ahead)
        .groupby("pair")
        .agg(size=("answer", "size"), answers=("answer", "nunique"), sides=("ahead", "nunique"))
    )
    odd = odd[(odd != 2).any(axis=1)]
    if len(odd):
        raise DataError(
            f"The pair {odd.index[0]!r} is not a question and its reversal, one with the answer YES and one with NO; give both."
        )
    found = {side: rows[which].set_index("pair").sort_index() for side, which in zip(SIDES, (ahead, ~ahead), strict=True)}
    columns = {name: found["plain"][name] for name in ("group", "prop_id", "lean")}
    for side, these in found.items():
        columns |= {
            f"right_{side}": these["p_correct"],
            f"samples_{side}": these["total_count"],
            f"yes_{side}": these["answer"] == "YES",
        }
    return pd.DataFrame(columns).reset_index()


def as_pairs(found: pd.DataFrame) -> Pairs:
    """The pairs as the rule takes them."""
    right, samples = (
        np.stack([found[f"{name}_{side}"].to_numpy(dtype=np.float64) for side in SIDES]) for name in ("right", "samples")
    )
    return Pairs(right, samples, found["yes_plain"].to_numpy(dtype=bool), found["lean"].to_numpy(dtype=np.float64))


def readings(found: pd.DataFrame) -> pd.DataFrame:
    """The readings of pairs: a trace is a sample of the question, or half of one, and its treated reading as much of the reversal.

    Raises:
        DataError: a rate is no number of half samples, or the sides have unequal numbers of samples, or more than ten.
    """
    samples = found["samples_plain"]
    odd = (samples != found["samples_back"]) | (samples > MANY)
    if odd.any():
        bad = found["pair"][odd].iloc[0]
        raise DataError(
            f"The pair {bad!r} has unequal numbers of samples or more than {MANY}; leave it to the rule, which takes rates."
        )
    whole = np.logical_and.reduce([_whole((samples * found[f"right_{side}"]).to_numpy(dtype=np.float64)) for side in SIDES])
    count = np.where(whole, 1, 2) * samples.to_numpy(dtype=np.int64)
    at = np.repeat(np.arange(len(found)), count)
    place = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    gold, answer = {}, {}
    for side in SIDES:
        gold[side], answer[side] = _side(found, side, count, at, place)
    pair = found["pair"].to_numpy(dtype=object)[at]
    same = {"question_id": pair, "trace_id": pair + "/" + place.astype(str).astype(object), "intervention": "reversed_question"}
    plain = same | {"gold": gold["plain"]}
    turned = {"gold": gold["back"], "kind": found["group"].to_numpy(dtype=object)[at], "target": YES, "dose": 1.0}
    return pd.concat([
        released.answers("full", answer["plain"], plain),
        released.nobody_asked("no_reasoning", plain, len(at), dose=1.0),
        released.answers("treated", answer["back"], same, **turned),
        released.answers("control", answer["plain"], plain),
    ], ignore_index=True)  # fmt: skip


def _side(
    found: pd.DataFrame, side: str, count: NDArray[np.int64], at: NDArray[np.int64], place: NDArray[np.int64]
) -> tuple[released.Texts, released.Texts]:
    """The right letter and the answer of each reading of a side; the first ones are right."""
    right = count * found[f"right_{side}"].to_numpy(dtype=np.float64)
    odd = ~_whole(right)
    if odd.any():
        bad = found[odd].iloc[0]
        rate = f"{bad[f'right_{side}']:g} of {bad[f'samples_{side}']} samples"
        raise DataError(f"The pair {bad['pair']!r} has the rate {rate}, which is no number of half samples; give released rates.")
    yes = found[f"yes_{side}"].to_numpy(dtype=bool)[at]
    gold = np.where(yes, YES, NO).astype(object)
    return gold, np.where(place < np.round(right)[at], gold, np.where(yes, NO, YES)).astype(object)


def _whole(numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.isclose(numbers, np.round(numbers), rtol=0, atol=ROUNDING)


# --- our estimates, beside the paper --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counted:
    """The unfaithful pairs of a model: as published, by our measure (clusters are pairs), and by its rule with properties for clusters."""

    published: int
    measure: Estimate
    by_property: Estimate


def counted(rows: pd.DataFrame) -> Counted:
    """The unfaithful pairs among the released questions of one model."""
    found = paired(rows)
    measure = ReversedPairs(many_gap=ReversedPairs.gap)  # half samples are more than there were, and none of these had many
    table = ClusterSums.concat(measure.columns(readings(part)) for _, part in found.groupby("group"))
    own = next(e for e in measure.estimates(table, level=0.95, seed=0) if e.key == Key("unfaithful_pairs"))
    pairs = as_pairs(found)
    flagged = indicator(np.ones(len(found), dtype=np.bool_), unfaithful(pairs, Thresholds()))
    sums = add_up(found["prop_id"].to_numpy(dtype=object), {own.key: flagged})
    by_property = mean(sums, Setting("arcuschin2025", "trace", 0.95), measure.headline(), own.key)
    return Counted(int(unfaithful(pairs, Thresholds(tolerance=0.0)).sum()), own, by_property)


def compute(asked: argparse.Namespace) -> Recomputed:
    """All cells from the folder `asked.data`.

    Raises:
        DataError: a file is not there or not what was released, or a model of the paper has no rows.
    """
    rows = released.read(asked.data / "iphr_questions.csv.gz", QUESTIONS)
    published = released.read(asked.data / "published.csv", PUBLISHED)
    made, models = [], []
    for one in published.to_dict("records"):
        own = rows[rows["model_id"] == one["model_id"]]
        if own.empty:
            raise DataError(
                f"The model {one['model_id']!r} of published.csv has no rows in iphr_questions.csv.gz; give both as released."
            )
        found = counted(own)
        made += _cells(one, found)
        models.append(_facts(one, found))
    return Recomputed(made, facts={"models": models}, notes=_notes(models))


def _cells(one: dict[Any, Any], found: Counted) -> list[Cell]:
    sizes = {"n": found.measure.n, "clusters": found.measure.clusters, "missing": found.measure.missing}
    count, rate = float(one["unfaithful_pairs"]), float(one["pct_of_4892"])
    raw = Cell("unfaithful_pairs", "raw floats", one["name"], count, found.published, within=0, decimals=0, **sizes)
    ours = 100 * found.published / PRINTED
    return [raw, Cell("pct_of_4892", "raw floats, % of 4,892", one["name"], rate, ours, within=0.005, decimals=2, **sizes)]


def _facts(one: dict[Any, Any], found: Counted) -> dict[str, Any]:
    share, wide = found.measure, found.by_property
    ends = {"low": share.low, "high": share.high, "low_by_property": wide.low, "high_by_property": wide.high}
    counts = {"printed": int(one["unfaithful_pairs"]), "as_published": found.published, "measure": round(share.value * share.n)}
    rates = {"printed_rate": float(one["pct_of_4892"]), "rate_of_4892": 100 * found.published / PRINTED, "rate": 100 * share.value}
    ends = {name: 100 * end for name, end in ends.items()}
    return {
        "model": one["name"],
        "pairs": share.n,
        "properties": wide.clusters,
        "missing": share.missing,
        **counts,
        **rates,
        **ends,
    }


def _notes(models: Sequence[dict[str, Any]]) -> list[str]:
    lines = [
        "our measure (tolerance of rounding), of the pairs found; 95 % clustered by pair, and by property:",
        f"  {'':<24}{'paper':>7}{'raw floats':>12}{'ours':>7}{'of pairs':>10}{'%':>8}{'by pair':>15}{'by property':>15}",
    ]
    for one in models:
        numbers = f"{one['printed']:>7}{one['as_published']:>12}{one['measure']:>7}{one['pairs']:>10,}{one['rate']:>8.2f}"
        ends = (f"[{one[f'low{how}']:.2f}, {one[f'high{how}']:.2f}]" for how in ("", "_by_property"))
        lines.append(f"  {one['model']:<24}{numbers}" + "".join(f"{end:>15}" for end in ends))
    return [*lines, ""]


def main(argv: Sequence[str] | None = None) -> int:
    """The command; the exit code."""
    described = "Arcuschin et al. 2025 (2503.08679), recomputed from the released rates."
    return cells.command("arcuschin2025", compute, page.arcuschin2025, described=described, argv=argv)


if __name__ == "__main__":
    raise SystemExit(main())
