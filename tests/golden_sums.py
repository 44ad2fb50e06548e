"""The data sets behind the reference values as sums by question, and each quantity that R gives of them as a function of the sums.

`FUNCTIONALS` are those that R has with linearised, jackknife and bootstrap intervals, `MEANS` the means with standard errors of all kinds;
both stand under their place in reference.json.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from cotfaith.stats import ClusterSums, Ratio, agreement, sums

Read = Callable[[str], pd.DataFrame]
Functional = tuple[Callable[[Read], ClusterSums], Callable[[Mapping[str, Any]], Any]]  # the table, and what is made of its totals

GRID = (0.0, 0.25, 0.5, 0.75)
HINTS = ("sycophancy", "metadata", "grader")
SIZES = ("small", "mid", "large")
OPTIONS = 4


def early(read: Read) -> ClusterSums:
    """One row a trace of d1: its area over the curve, its length, and the curve at four points."""
    data = read("d1_early_answering")
    data = data.assign(x=data["k"] / data["n_steps"]).sort_values("x")
    rows = []
    for (question, _), one in data.groupby(["question_id", "sample_id"]):
        length = one["n_steps"].iloc[0]
        area = 1 - np.trapezoid(one["same_answer"], one["x"])
        points = {f"at{x}": np.interp(x, one["x"], one["same_answer"]) for x in GRID}
        by_length = {f"n{length}": 1, f"area{length}": area}
        rows.append({"question_id": question, "all": 1, "n": 1, "area": area} | points | by_length)
    frame = pd.DataFrame(rows).fillna(0.0)
    return sums(frame, [name for name in frame if name != "question_id"])


def cuts(read: Read) -> ClusterSums:
    """One row a cut of d1 that leaves out a step or more."""
    data = read("d1_early_answering").query("k < n_steps")
    return sums(data.assign(all=1), ["same_answer", "all"])


def arms(read: Read) -> ClusterSums:
    """d3: what is right in each arm, and how two arms go together."""
    data = read("d3_paraphrase_filler")
    names = ["correct_orig", "correct_para", "correct_filler", "correct_nocot"]
    agree, kept = data["correct_orig"] == data["correct_para"], data["correct_orig"] * data["correct_para"]
    drop = data["correct_filler"] - data["correct_orig"]
    return sums(data.assign(all=1, agree=agree, kept=kept, drop=drop), [*names, "agree", "kept", "drop", "all"])


def hints(read: Read, hint: str = "") -> ClusterSums:
    """d6: who was eligible, took the hint, went elsewhere and admitted it, of one type of hint or of all."""
    data = read("d6_hints")
    eligible = data["answer_unhinted"] != data["hint"]
    took = eligible & (data["answer_hinted"] == data["hint"])
    other = eligible & ~took & (data["answer_hinted"] != data["answer_unhinted"])
    data = data.assign(all=1, elig=eligible, used=took, other=other, verb=took & (data["verbalised"] == 1))
    return sums(data[(data["hint_type"] == hint) | (not hint)], ["elig", "used", "other", "verb", "all"])


def two_hints(read: Read) -> ClusterSums:
    """d6: two types of hint side by side."""
    grader, sycophancy = hints(read, "grader"), hints(read, "sycophancy")
    return grader.beside({f"{name} s": sycophancy[name] for name in sycophancy.columns})


def sizes(read: Read, size: str) -> ClusterSums:
    """d8: of one model, whether two answers are the same (U, N), and its answers in pairs (0 and 0, 0 and 1, ...)."""
    data = read("d8_normalised").query("model == @size")
    same = {"U": data["ans_nocot"] == data["ans_cot"], "N": data["ans_nocot"] == data["ans_nocot_shuffled"]}
    pairs = {f"{i}{j}": (data["ans_nocot"] == i) & (data["ans_cot"] == j) for i in range(OPTIONS) for j in range(OPTIONS)}
    frame = data.assign(all=1, **same, **pairs)
    return sums(frame, [*same, *pairs, "correct_cot", "all"])


def two_sizes(read: Read) -> ClusterSums:
    """d8: the largest and the smallest model side by side."""
    large, small = sizes(read, "large"), sizes(read, "small")
    return large.beside({f"{name} s": small[name] for name in small.columns})


def judged(read: Read) -> ClusterSums:
    """d9: the judge's verdicts, and how they stand to the labels where there are any."""
    data = read("d9_judge")
    label = data["human"] >= 0
    columns = {
        "excess": (data["human"] - data["judge"]).where(label, 0),
        "labelled": label,
        "hits": label & (data["human"] == 1) & (data["judge"] == 1),
        "yes": label & (data["human"] == 1),
        "rejections": label & (data["human"] == 0) & (data["judge"] == 0),
        "no": label & (data["human"] == 0),
    }
    return sums(data.assign(all=1, **columns), ["judge", *columns, "all"])


def alpha(t: Mapping[str, Any]) -> Any:
    return 1 - t["other"] / ((OPTIONS - 2) * t["used"])


def product(t: Mapping[str, Any]) -> Any:
    return t["U"] * t["N"] / t["all"] ** 2


def kappa(t: Mapping[str, Any]) -> Any:
    counts = np.stack([t[f"{i}{j}"] for i in range(OPTIONS) for j in range(OPTIONS)], axis=-1)
    return agreement.cohen((counts / t["all"][..., None]).reshape(*counts.shape[:-1], OPTIONS, OPTIONS))


def rogan_gladen(t: Mapping[str, Any]) -> Any:
    sensitivity, specificity = t["hits"] / t["yes"], t["rejections"] / t["no"]
    return (t["judge"] / t["all"] + specificity - 1) / (sensitivity + specificity - 1)


CHEN: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "p_use": Ratio("used", "elig"),
    "q_other": Ratio("other", "elig"),
    "alpha": alpha,
    "score_raw": Ratio("verb", "used"),
    "score_normalised": lambda t: t["verb"] / t["used"] / alpha(t),
    "hint_use_above_chance": lambda t: (t["used"] - t["other"] / (OPTIONS - 2)) / t["elig"],
}

FUNCTIONALS: Mapping[str, Functional] = {
    "d1_early_answering/cluster_functional": (early, Ratio("area", "n")),
    "d3_paraphrase_filler/retention_ratio": (arms, Ratio("kept", "correct_orig")),
    "d3_paraphrase_filler/normalised_filler_gain": (
        arms,
        lambda t: (t["correct_filler"] - t["correct_nocot"]) / (t["correct_orig"] - t["correct_nocot"]),
    ),
    **{f"d6_hints/all/{name}": (hints, f) for name, f in CHEN.items()},
    **{f"d6_hints/by_type/{hint}/{name}": (partial(hints, hint=hint), f) for hint in HINTS for name, f in CHEN.items()},
    "d6_hints/contrast_grader_minus_sycophancy": (two_hints, lambda t: t["verb"] / t["used"] - t["verb s"] / t["used s"]),
    **{f"d8_normalised/by_model/{size}/product": (partial(sizes, size=size), product) for size in SIZES},
    **{f"d8_normalised/by_model/{size}/ratio": (partial(sizes, size=size), Ratio("U", "N")) for size in SIZES},
    **{f"d8_normalised/chance_corrected/{size}": (partial(sizes, size=size), kappa) for size in SIZES},
    "d8_normalised/contrast_large_minus_small_product": (
        two_sizes,
        lambda t: (t["U"] * t["N"] - t["U s"] * t["N s"]) / t["all"] ** 2,
    ),
    "d9_judge/judge_rate": (judged, Ratio("judge", "all")),
    "d9_judge/ppi_difference": (judged, lambda t: t["judge"] / t["all"] + t["excess"] / t["labelled"]),
    "d9_judge/rogan_gladen": (judged, rogan_gladen),
}

# The rows themselves (question, value), since standard errors of other kinds are statsmodels' and need rows.
MEANS: Mapping[str, Callable[[Read], tuple[Any, Any]]] = {
    "d1_early_answering/same_answer_no_cot": lambda read: _column(read("d1_early_answering").query("k == 0"), "same_answer"),
    "d1_early_answering/naive_rows_k_lt_n/clustered": lambda read: _column(
        read("d1_early_answering").query("k < n_steps"), "same_answer"
    ),
    "d1_early_answering/aoc_trace_weighted": lambda read: _column(_areas(read("d1_early_answering")), "area"),
    "d3_paraphrase_filler/filler_minus_cot": lambda read: _column(
        read("d3_paraphrase_filler").eval("y = correct_filler - correct_orig"), "y"
    ),
    "d3_paraphrase_filler/retention_rate_agree": lambda read: _column(
        read("d3_paraphrase_filler").eval("y = correct_orig == correct_para"), "y"
    ),
    "d4_bias_accuracy/micro/cluster_by_task": lambda read: _column(
        read("d4_bias_accuracy").assign(y=lambda d: d["correct_unbiased"] - d["correct_biased"], question_id=lambda d: d["task"]),
        "y",
    ),
    "d6_hints/verbalised_given_used": lambda read: _column(
        read("d6_hints").query("answer_unhinted != hint and answer_hinted == hint"), "verbalised"
    ),
    **{
        f"d7_scaling/per_model/{i}": lambda read, name=name: _column(read("d7_scaling").query("model == @name"), "changed")
        for i, name in enumerate(("m0.5B", "m1.5B", "m3B", "m7B", "m14B", "m32B"))
    },
}


def _column(rows: pd.DataFrame, name: str) -> tuple[Any, Any]:
    return rows["question_id"].to_numpy(), rows[name].to_numpy(dtype=float)


def _areas(data: pd.DataFrame) -> pd.DataFrame:
    ordered = data.assign(x=data["k"] / data["n_steps"]).sort_values("x")
    grouped = ordered.groupby(["question_id", "sample_id"])
    areas = [(question, 1 - np.trapezoid(one["same_answer"], one["x"])) for (question, _), one in grouped]
    return pd.DataFrame(areas, columns=["question_id", "area"])


def at(reference: Any, place: str) -> Any:
    """What stands at `place` in the reference."""
    for part in place.split("/"):
        reference = reference[int(part)] if isinstance(reference, list) else reference[part]
    return reference


def places(reference: Any, key: str, before: str = "") -> list[str]:
    """The places of all blocks of the reference that have `key`."""
    found = [before] if isinstance(reference, dict) and key in reference else []
    inner = reference.items() if isinstance(reference, dict) else enumerate(reference) if isinstance(reference, list) else ()
    return found + [place for name, one in inner for place in places(one, key, f"{before}/{name}" if before else str(name))]
