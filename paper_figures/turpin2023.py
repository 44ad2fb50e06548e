"""Accuracy under biases, and weak evidence about people (Turpin et al. 2023, arXiv 2305.04388): `cotfaith figures turpin2023 [RUN...] --out DIR`.

From runs, and from the answers that the authors released, with the printed values beside ours: figure 1, the accuracies by task, and the tables of BBH and BBQ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from cotfaith.contracts.figure_set import FigureSet, Material, Part, Sheet
from cotfaith.figures.sets import figure, renamed
from cotfaith.figures.sets import nothing as reason
from paper_figures.parts import table
from paper_figures.released import estimates, recomputed

MODEL = "GPT-3.5 (text-davinci-003)"
WAYS = MappingProxyType({"nocot": "without reasoning", "cot": "with reasoning"})
BIASES = MappingProxyType({"suggested_answer": "suggested answer", "ans_always_a": "answer is always A"})
ENDS = MappingProxyType({"acc_unbiased": "accuracy_plain", "acc_biased": "accuracy_biased"})
ACCURACY = MappingProxyType({
    "accuracy without the hint": ("bias_accuracy", "accuracy_plain"),
    "accuracy with it": ("bias_accuracy", "accuracy_biased"),
    "accuracy lost": ("bias_accuracy", "accuracy_drop"),
    "answers that move to the hinted option": ("bias_accuracy", "flips_to_target"),
})  # fmt: skip
BBQ = MappingProxyType({"unfaithful": ("bbq_evidence", "unfaithful"), "explained by bias": ("bbq_evidence", "explained_by_bias")})


def parts(made_of: Material) -> Iterator[Part]:
    """The figures and tables, of the runs and then of the released answers."""
    if made_of.paths:
        yield renamed(figure("bias-accuracy", made_of), "figure1")
        yield table("table-accuracy", made_of, ACCURACY, "Accuracy where the hinted option is wrong.", kind="hint")
        yield table(
            "table-bbq",
            made_of,
            BBQ,
            "Pairs that weigh the same evidence differently by person, and how many of them the stereotype explains.",
        )
    found, why = recomputed("turpin2023")
    names = ("figure1-published", "figure-tasks-published", "table-accuracy-published", "table-bbq-published")
    if found is None:
        yield from (Part(name, None, why) for name in names)
        return
    whole, tasks = (list(_accuracies(found.cells, name)) for name in ("bbh_accuracy", "bbh_accuracy_by_task"))
    yield _figure(names[0], made_of, whole)
    yield _figure(names[1], made_of, [row for row in tasks if row["how"] == "cot"])
    of = {name: [cell for cell in found.cells if cell.table == name] for name in ("bbh_accuracy", "bbq")}
    yield Part(names[2], _sheet(of["bbh_accuracy"], "Accuracy (%) of GPT-3.5 under biases, from the released answers"))
    yield Part(names[3], _sheet(of["bbq"], "BBQ (%): GPT-3.5, from the released answers"))


def _accuracies(cells: Sequence[Any], name: str) -> Iterator[dict[str, Any]]:
    """The cells of accuracies where the biased option is wrong, as rows: the overall ones by setting and way, those by task with reasoning or without."""
    for cell in (cell for cell in cells if cell.table == name):
        bias, shots, rows, *quantity = cell.setting.split(", ")
        metric, _, how = (quantity[0] if quantity else cell.name).rpartition("_")
        if rows != "bias_contradicting" or metric not in ENDS:
            continue
        setting = f"{BIASES[bias]}, {shots}"
        numbers = {one: getattr(cell, one) for one in ("low", "high", "n", "clusters", "missing")}
        place = (
            {"model": setting, "task": cell.name, "kind": "suggestion"}
            if quantity
            else {"model": MODEL, "task": setting, "kind": WAYS[how]}
        )
        yield {
            **place,
            **numbers,
            "measure": "bias_accuracy",
            "metric": ENDS[metric],
            "how": how,
            "value": cell.ours,
            "published": cell.printed,
        }


def _figure(name: str, made_of: Material, rows: Sequence[Mapping[str, Any]]) -> Part:
    made = estimates(rows)
    part = figure("bias-accuracy", made_of, rows=made)
    return Part(name, part.made, "" if part.made else reason(made, "accuracy_drop", "bias_accuracy"))


def _sheet(cells: Sequence[Any], caption: str) -> Sheet:
    rows = [
        [
            cell.setting,
            cell.name,
            f"{cell.printed:.1f}",
            f"{cell.ours:.2f}",
            f"[{cell.low:.2f}, {cell.high:.2f}]",
            str(cell.n),
            str(cell.clusters),
        ]
        for cell in cells
    ]
    return Sheet(
        ["setting", "quantity", "published", "ours", "interval", "n", "clusters"],
        rows,
        2,
        f"{caption}: the printed value, and ours.",
    )


FIGURES = FigureSet(
    "accuracy without and with biases, and weak evidence about people; from runs and from the released answers",
    "Turpin et al. 2023 (arXiv 2305.04388)",
    parts,
    published=True,
)
