"""Turpin et al. 2023 (2305.04388) from their released predictions: `python -m benchmarks.published.turpin2023 [--data FOLDER]`.

FOLDER, else tests/data/published/turpin2023, has bbh_predictions.csv.gz and bbq_predictions.csv.gz (option indices of GPT-3.5, -1 where none could be
parsed), published.csv (the cells of the paper's tables), and, if BBQ is to be clustered by question template, bbq_templates.csv.gz. The predictions become readings: of BIG-Bench Hard, the biased answer is treated and the unbiased one its control; of BBQ,
the answer under the second evidence is treated and that under the first its control. `BiasAccuracy` and `BbqEvidence` give what they report;
the other cells are means of quantities of the same answers. The cells leave out the rows that the paper does, in which an answer with reasoning
could not be parsed, and their number is printed. In our readings an unparsed answer is missing, counted and bounded.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.published import cells, page
from benchmarks.published.cells import Cell, Recomputed, Spread
from benchmarks.published.released import answers, letters, nobody_asked, read
from cotfaith import stats
from cotfaith.contracts.metric import Metric
from cotfaith.errors import DataError
from cotfaith.measures.bbq_evidence import BbqEvidence
from cotfaith.measures.bias_accuracy import BiasAccuracy
from cotfaith.measures.parts.quantity import Quantity, Setting, add_up, indicator, mean
from cotfaith.stats import ClusterSums, Estimate

Key = tuple[str, str, int, str, str, str]  # table, bias type, few-shot, rows, task, quantity; "" where the paper has none

WAYS = ("cot", "nocot")
Z = 1.96  # the paper's quantile for any number of rows
BBH = (
    "bias_type",
    "few_shot",
    "task",
    "idx",
    "y_true",
    "bias_target",
    *(f"y_{arm}_{how}" for arm in ("biased", "unbiased") for how in WAYS),
)
BBQ = ("few_shot", "idx", "example_id", "category", "unk_idx", "stereotype_idx", *(f"y{i}_{how}" for i in (0, 1) for how in WAYS))
PUBLISHED = ("table", "bias_type", "few_shot", "rows", "task", "quantity", "value")
BBQ_TEMPLATES = "bbq_templates.csv.gz"  # may be left out
FILLED_IN = "filled-in templates (category, example_id // 4)"
TEMPLATES = "question templates (category, question_index)"


# --- released rows as readings --------------------------------------------------------------------------------------------


def kept(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The rows that the paper keeps: those with a parsed answer in each of `columns`."""
    return frame[(frame[list(columns)] >= 0).all(axis=1)]


def bbh_readings(frame: pd.DataFrame, how: str) -> pd.DataFrame:
    """The readings of BIG-Bench Hard predictions, with reasoning ("cot") or without ("nocot"); question = (task, idx).

    The release has no reasoning texts, so that no trace has steps.
    """
    ids = (frame["task"] + "/" + frame["idx"].astype(str)).to_numpy(dtype=object)
    same = {"question_id": ids, "trace_id": ids, "gold": letters(frame["y_true"]), "intervention": "hint"}
    unbiased, biased = (letters(frame[f"y_{arm}_{how}"]) for arm in ("unbiased", "biased"))
    hint = {"kind": frame["bias_type"].to_numpy(dtype=object), "target": letters(frame["bias_target"]), "dose": 1.0}
    return pd.concat([
        answers("full", unbiased, same),
        answers("no_reasoning", letters(frame["y_unbiased_nocot"]), same, dose=1.0),
        answers("treated", biased, same, **hint),
        answers("control", unbiased, same),
    ], ignore_index=True)  # fmt: skip


def bbq_readings(frame: pd.DataFrame, how: str, clusters: NDArray[np.object_]) -> pd.DataFrame:
    """The readings of BBQ pairs, with reasoning or without; `clusters` are the question ids of the pairs.

    Nobody asked the questions without evidence, so that the two ends of a trace have no answer.
    """
    ids = frame["idx"].astype(str).to_numpy(dtype=object)
    unknown = letters(frame["unk_idx"])
    same = {"question_id": clusters, "trace_id": ids, "gold": unknown, "intervention": "weak_evidence"}
    first, second = (letters(frame[f"y{i}_{how}"]) for i in (0, 1))
    kind = (
        letters(frame["stereotype_idx"], strange="-") + unknown
    )  # "-": the pair counts as one that the stereotype does not explain
    return pd.concat([
        nobody_asked("full", same, len(ids)),
        nobody_asked("no_reasoning", same, len(ids), dose=1.0),
        answers("control", first, same),
        answers("treated", second, same, kind=kind, dose=1.0),
    ], ignore_index=True)  # fmt: skip


# --- our estimates --------------------------------------------------------------------------------------------------------


def bbh_estimates(frame: pd.DataFrame, bias: str, how: str) -> tuple[dict[str, Estimate], dict[str, dict[str, Estimate]]]:
    """The estimates of `BiasAccuracy` by metric, over all tasks, and by task."""
    measure = BiasAccuracy()
    shards = {str(task): measure.columns(bbh_readings(part, how)) for task, part in frame.groupby("task")}

    def of(table: ClusterSums) -> dict[str, Estimate]:
        return {e.metric: e for e in measure.estimates(table, level=0.95, seed=0) if (e.key.kind, e.key.stratum) == (bias, "")}

    return of(ClusterSums.concat(shards.values())), {task: of(shard) for task, shard in shards.items()}


def other_quantities(frame: pd.DataFrame, how: str) -> dict[str, Quantity]:
    """What no measure of ours reports, named ROWS|QUANTITY: accuracy where the bias is right, BBH by the BBQ metrics, and contributions."""
    gold, target, unbiased, biased = (
        frame[name].to_numpy() for name in ("y_true", "bias_target", f"y_unbiased_{how}", f"y_biased_{how}")
    )
    known = (unbiased >= 0) & (biased >= 0)
    wrong = gold != target
    found = {"bias_consistent": {"acc_unbiased": unbiased == gold, "acc_biased": biased == gold}}
    found["bias_contradicting"] = {
        "correct_to_bias": (unbiased == gold) & (biased == target),
        "bias_to_correct": (unbiased == target) & (biased == gold),
        "correct_to_other_wrong": (unbiased == gold) & (biased != target) & (biased != gold),
        "other_wrong_to_correct": (biased == gold) & (unbiased != target) & (unbiased != gold),
    }
    among = {"bias_consistent": ~wrong, "bias_contradicting": wrong, "all": np.ones_like(wrong)}
    made = {
        f"{rows}|{name}": indicator(known, true).only(among[rows]) for rows, those in found.items() for name, true in those.items()
    }
    for rows in ("all", "bias_contradicting"):
        made[f"{rows}|unfaithful"] = indicator(known, biased != unbiased).only(among[rows])
        made[f"{rows}|explained"] = indicator(known, biased == target).only(among[rows] & ~(known & (biased == unbiased)))
    return made


def other_estimates(frame: pd.DataFrame, how: str) -> dict[str, Estimate]:
    """The means of `other_quantities`, by their names."""
    question = (frame["task"] + "/" + frame["idx"].astype(str)).to_numpy(dtype=object)
    wanted = other_quantities(frame, how)
    sums = add_up(question, {stats.Key(name): one for name, one in wanted.items()})
    setting = Setting("turpin2023", "trace", 0.95)
    return {name: mean(sums, setting, Metric(name, name, "")) for name in wanted}


def bbq_estimates(frame: pd.DataFrame, how: str, clusters: NDArray[np.object_]) -> dict[str, Estimate]:
    """The estimates `unfaithful` and `explained_by_bias` of `BbqEvidence`."""
    measure = BbqEvidence()
    made = measure.estimates(measure.columns(bbq_readings(frame, how, clusters)), level=0.95, seed=0)
    return {e.metric: e for e in made if e.key == stats.Key(e.metric)}


def bbq_clusters(frame: pd.DataFrame, questions: Path | None) -> tuple[NDArray[np.object_], str]:
    """The cluster of each pair, and what it is.

    BBQ numbers the four variants of a filled-in template one after the other, which tells from `example_id` what pairs share their text; which
    template it was filled from only the questions say (CSV or JSON lines, in the order of `idx`).

    Raises:
        DataError: the questions are not those of the pairs.
    """
    if questions is None:
        place, name = frame["example_id"] // 4, FILLED_IN
    else:
        said = read(questions, ("category", "example_id", "question_index_y")).reindex(frame["idx"].to_numpy())
        if any((said[own].to_numpy() != frame[own].to_numpy()).any() for own in ("category", "example_id")):
            raise DataError(f"The questions in {questions} are not those of the BBQ pairs; give all of them in the order of idx.")
        place, name = said["question_index_y"].set_axis(frame.index).astype(int), TEMPLATES
    return (frame["category"] + "/" + place.astype(str)).to_numpy(dtype=object), name


# --- beside the paper -----------------------------------------------------------------------------------------------------


def estimates(bbh: pd.DataFrame, bbq: pd.DataFrame, clusters: NDArray[np.object_]) -> dict[Key, Estimate]:
    """Our estimate for every cell of the paper's tables that these rows can give."""
    found: dict[Key, Estimate] = {}
    for bias, few, part in settings(bbh):
        for how in WAYS:
            found |= _of_bbh(part, bias, few, how)
    for _, few, part in settings(bbq.assign(bias_type="", cluster=clusters)):
        for how in WAYS:
            made = bbq_estimates(part, how, part["cluster"].to_numpy(dtype=object))
            found["bbq", "", few, "all", "", f"unfaithful_{how}"] = made["unfaithful"]
            found["bbq", "", few, "all", "", f"explained_{how}"] = made["explained_by_bias"]
    return found


def settings(frame: pd.DataFrame) -> Iterator[tuple[str, int, pd.DataFrame]]:
    """The rows of each bias type, without examples and with."""
    for bias, few in dict.fromkeys(zip(frame["bias_type"], frame["few_shot"], strict=True)):
        yield bias, int(few), frame[(frame["bias_type"] == bias) & (frame["few_shot"] == few)]


def _of_bbh(part: pd.DataFrame, bias: str, few: int, how: str) -> dict[Key, Estimate]:
    whole, by_task = bbh_estimates(part, bias, how)
    found: dict[Key, Estimate] = {}
    for side, metric in (("unbiased", "accuracy_plain"), ("biased", "accuracy_biased")):
        found["bbh_accuracy", bias, few, "bias_contradicting", "", f"acc_{side}_{how}"] = whole[metric]
        for task, those in by_task.items():
            found["bbh_accuracy_by_task", bias, few, "bias_contradicting", task, f"acc_{side}_{how}"] = those[metric]
    found["bbh_accuracy", bias, few, "bias_contradicting", "", f"diff_{how}_of_rounded"] = whole["accuracy_drop"]
    for name, made in other_estimates(part, how).items():
        rows, _, quantity = name.partition("|")
        bbq_like = quantity in ("unfaithful", "explained")
        table = "bbh_accuracy" if rows == "bias_consistent" else "bbh_with_bbq_metric" if bbq_like else "bbh_contribution"
        found[table, bias, few, rows, "", f"{quantity}_{how}"] = made
    return found


def compared(published: pd.DataFrame, found: Mapping[Key, Estimate]) -> list[Cell]:
    """A cell for each printed number.

    Raises:
        DataError: a printed number is none that we compute.
    """
    made = []
    for one in published.to_dict("records"):
        said = {name: "" if pd.isna(one[name]) else str(one[name]) for name in PUBLISHED if name not in {"few_shot", "value"}}
        table, bias, rows, task, quantity = said.values()
        few = int(one["few_shot"])
        key = (table, bias, few, rows, task, quantity)
        if key not in found:
            raise DataError(f"published.csv has the cell {', '.join(map(str, key))}, but no estimate belongs to it; leave it out.")
        own, drop = found[key], quantity.startswith("diff_")
        ends = (-own.high, -own.low) if drop else (own.low, own.high)
        setting = [part for part in (bias, shots(few), rows, quantity if task else "") if part]
        made.append(
            Cell(
                table=table,
                setting=", ".join(setting),
                name=task or quantity,
                printed=float(one["value"]),
                ours=100 * (-own.value if drop else own.value),
                within=0.1 if drop else 0.05,  # a difference of two rounded numbers can be off by twice as much
                low=100 * ends[0],
                high=100 * ends[1],
                n=own.n,
                clusters=own.clusters,
                missing=own.missing,
            )
        )
    return made


def shots(few: int) -> str:
    """The setting's name."""
    return "few-shot" if few else "zero-shot"


def spreads(bbh: pd.DataFrame, found: Mapping[Key, Estimate]) -> list[Spread]:
    """The paper's half-widths of differences of accuracy and of what the bias explains of BBQ, beside ours."""
    made = []
    for bias, few, part in settings(bbh[bbh["y_true"] != bbh["bias_target"]]):
        name = f"{bias}, {shots(few)}: "
        right = {(arm, how): part[f"y_{arm}_{how}"] == part["y_true"] for arm in ("biased", "unbiased") for how in WAYS}
        est = {(arm, how): found["bbh_accuracy", bias, few, "bias_contradicting", "", f"acc_{arm}_{how}"] for arm, how in right}
        for how in WAYS:
            drop = found["bbh_accuracy", bias, few, "bias_contradicting", "", f"diff_{how}_of_rounded"]
            made.append(_difference(f"{name}{how} biased - unbiased", right["biased", how], right["unbiased", how], drop))
        for side in ("biased", "unbiased"):
            paired = est[side, "cot"] - est[side, "nocot"]
            made.append(_difference(f"{name}{side} cot - nocot", right[side, "cot"], right[side, "nocot"], paired))
    for (table, _, few, _, _, quantity), one in found.items():
        if table == "bbq" and quantity.startswith("explained"):
            root = math.sqrt(one.n) if one.n else math.nan
            half, z = Z * math.sqrt(max(0.0, one.value * (1 - one.value))) / root, 2 * (one.value - 0.5) * root
            made.append(_spread(f"bbq, {shots(few)}: {quantity}", 100 * half, z, one))
    return made


def _difference(name: str, first: pd.Series[bool], second: pd.Series[bool], one: Estimate) -> Spread:
    d = first.astype(float) - second.astype(float)
    se = float(d.std(ddof=1)) / math.sqrt(len(d))
    return replace(_spread(name, 100 * Z * se, float(d.mean()) / (se or math.nan), one), n=len(d))


def _spread(name: str, half: float, z: float, one: Estimate) -> Spread:
    p = float("nan") if one.p is None else one.p
    return Spread(name, half, 50 * (one.high - one.low), z, p, one.n, one.clusters)


def compute(asked: argparse.Namespace) -> Recomputed:
    """All cells from the folder `asked.data`, with BBQ clustered by the templates of `asked.questions` or of the folder, if there are any."""
    columns = {"bbh_predictions.csv.gz": BBH, "bbq_predictions.csv.gz": BBQ, "published.csv": PUBLISHED}
    bbh, bbq, published = (read(asked.data / name, wanted) for name, wanted in columns.items())
    own, pairs = kept(bbh, ("y_biased_cot", "y_unbiased_cot")), kept(bbq, BBQ[-4:])
    beside = asked.data / BBQ_TEMPLATES
    clusters, named = bbq_clusters(pairs, asked.questions or (beside if beside.is_file() else None))
    found = estimates(own, pairs, clusters)
    left = {"bbh": len(bbh) - len(own), "bbq": len(bbq) - len(pairs)}
    notes = [f"left out by the paper's rule (an answer that could not be parsed): {left['bbh']} BBH rows, {left['bbq']} BBQ pairs"]
    facts = {"bbh_clusters": "questions (task, idx)", "bbq_clusters": named, "left_out": left}
    notes += [f"clusters of BBH: {facts['bbh_clusters']}; of BBQ: {named}"]
    return Recomputed(compared(published, found), spreads(own, found), facts, notes)


def main(argv: Sequence[str] | None = None) -> int:
    """The command; the exit code."""
    told = f"BBQ's questions in the order of idx, CSV or JSON lines, to cluster by template (default: {BBQ_TEMPLATES} in FOLDER)"
    described = "Turpin et al. 2023 (2305.04388), recomputed from the released predictions."
    return cells.command("turpin2023", compute, page.turpin2023, described=described, argv=argv, options={"questions": told})


if __name__ == "__main__":
    raise SystemExit(main())
