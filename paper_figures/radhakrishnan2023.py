"""Accuracy and faithfulness of strategies (Radhakrishnan et al. 2023, arXiv 2307.11768) from runs: `cotfaith figures radhakrishnan2023 RUN... --out DIR`.

The paper's horizontal axis is a mean of several metrics; ours is one of them, sensitivity to truncation, since values of different kinds are not averaged here.
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


def parts(made_of: Material) -> Iterator[Part]:
    """The figure and the table."""
    yield renamed(figure("strategies", made_of), "strategies")
    yield table("table1", made_of, TABLE1, "Strategies: accuracy, and how much the answer depends on the reasoning.")


FIGURES = FigureSet("strategies by accuracy and sensitivity", "Radhakrishnan et al. 2023 (arXiv 2307.11768)", parts)
