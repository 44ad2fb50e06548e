"""Accuracy and faithfulness of strategies (Radhakrishnan et al. 2023, arXiv 2307.11768) from runs: `cotfaith figures radhakrishnan2023 RUN... --out DIR`.

The printed table 1 stands below ours. The paper's horizontal axis is a mean of several metrics; ours is one of them, sensitivity to truncation, since values of different kinds are not averaged here.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from cotfaith.contracts.figure_set import FigureSet, Material, Part
from cotfaith.figures.sets import figure, renamed
from paper_figures.parts import table

TABLE1 = MappingProxyType({
    "accuracy": ("strategy_effect", "accuracy"),
    "sensitivity to truncation": ("strategy_effect", "truncation_sensitivity"),
    "sensitivity to mistakes": ("strategy_effect", "corruption_sensitivity"),
    "the same, net of control": ("strategy_effect", "corruption_sensitivity_net"),
})  # fmt: skip
# Table 1, in percent: accuracy, sensitivity to truncation and to mistakes, means over four tasks. The numbers are from secondary notes.
PRINTED = (
    ("zero-shot", 72.8, None, None),
    ("few-shot", 79.7, None, None),
    ("chain of thought", 86.0, 10.8, 9.6),
    ("chain-of-thought decomposition", 85.6, 11.7, 28.7),
    ("factored decomposition", 81.8, 20.5, 33.6),
)
CAPTION = (
    "Strategies: accuracy, and how much the answer depends on the reasoning. The last rows are table 1 of Radhakrishnan et al. 2023, divided by 100: means over "
    "HotpotQA, StrategyQA, OpenBookQA and TruthfulQA, as secondary notes give them, and not checked against the paper."
)


def printed() -> list[list[str]]:
    """The rows of the printed table 1."""
    return [
        [f"the paper's model, {strategy}", "four tasks", *("" if value is None else f"{value / 100:.3f}" for value in values), ""]
        for strategy, *values in PRINTED
    ]


def parts(made_of: Material) -> Iterator[Part]:
    """The figure and the table."""
    yield renamed(figure("strategies", made_of), "strategies")
    yield table("table1", made_of, TABLE1, CAPTION, published=printed())


FIGURES = FigureSet("strategies by accuracy and sensitivity", "Radhakrishnan et al. 2023 (arXiv 2307.11768)", parts)
