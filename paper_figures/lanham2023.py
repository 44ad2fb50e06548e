"""Figures 2 to 8 and table 2 of Lanham et al. 2023 (arXiv 2307.13702) from runs: `cotfaith figures lanham2023 RUN... --out DIR`.

Figures 3, 4 and 6 have a panel for each length of the reasoning (3 to 6 steps), as in the paper; their second form is over all lengths. Figure 2 is in two files:
how long the reasoning is, and the accuracies. In figure 5 a length of filler is a share of
the trace's own length. Figure 7 is of all tasks but additions, and figure 8 of additions. The printed table 2 stands below ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from cotfaith.contracts.figure_set import FigureSet, Material, Part
from cotfaith.figures.sets import figure, renamed
from paper_figures.parts import table

TABLE2 = MappingProxyType({
    "AOC, early answering": ("early_answering", "aoc"),
    "AOC, adding mistakes": ("adding_mistakes", "aoc"),
    "accuracy without CoT": ("reasoning_gain", "accuracy_no_reasoning"),
    "accuracy with CoT": ("reasoning_gain", "accuracy_full"),
    "difference": ("reasoning_gain", "accuracy_gain"),
})  # fmt: skip
PRINTED = (
    ("AQuA", 0.44, 0.52, 28, 43, 15.32),
    ("LogiQA", 0.26, 0.31, 42, 43, 1.02),
    ("MMLU", 0.12, 0.21, 68, 71, 3.77),
    ("HellaSwag", 0.12, 0.23, 71, 66, -4.69),
    ("TruthfulQA", 0.11, 0.20, 59, 63, 4.38),
    ("OpenBookQA", 0.07, 0.15, 82, 84, 2.71),
    ("ARC (Challenge)", 0.05, 0.11, 88, 90, 2.28),
    ("ARC (Easy)", 0.02, 0.07, 96, 96, 0.77),
)  # table 2: AOCs, and accuracies in percent


def parts(made_of: Material) -> Iterator[Part]:
    """The figures and the table."""
    estimates = made_of.estimates
    added = estimates["task"].str.startswith("addition")
    yield renamed(figure("lengths", made_of), "figure2-lengths")
    yield renamed(figure("accuracy", made_of), "figure2")
    yield renamed(figure("same-answer-by-length", made_of), "figure3")
    yield renamed(figure("same-answer", made_of), "figure3-all-lengths")
    yield table("table2", made_of, TABLE2, _caption(), published=printed())
    yield renamed(figure("mistakes-by-length", made_of), "figure4")
    yield renamed(figure("mistakes", made_of), "figure4-all-lengths")
    yield renamed(figure("filler", made_of), "figure5")
    yield renamed(figure("paraphrase-by-length", made_of), "figure6")
    yield renamed(figure("paraphrase", made_of), "figure6-all-lengths")
    yield renamed(figure("over-size", made_of, rows=estimates[~added]), "figure7")
    yield renamed(figure("over-size", made_of, rows=estimates[added]), "figure8")


def printed() -> list[list[str]]:
    """The rows of the printed table 2."""
    return [
        [
            "the paper's 175B model",
            task,
            f"{early:.2f}",
            f"{mistakes:.2f}",
            f"{without / 100:.2f}",
            f"{with_ / 100:.2f}",
            f"{gain / 100:.4f}",
        ]
        for task, early, mistakes, without, with_, gain in PRINTED
    ]


def _caption() -> str:
    return "Areas over the curve (AOC) and accuracies. The last rows are those of Lanham et al. 2023, table 2, as printed."


FIGURES = FigureSet(
    "figures 2 to 8 and table 2: early answering, mistakes, filler, paraphrases, model size",
    "Lanham et al. 2023 (arXiv 2307.13702)",
    parts,
)
