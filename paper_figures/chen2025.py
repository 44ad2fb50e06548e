"""How often hints are acknowledged (Chen et al. 2025, arXiv 2505.05410, figure 1) from runs: `cotfaith figures chen2025 RUN... --out DIR`.

The paper released no outputs, so only runs are drawn. Its score is of the answers that move to the hinted option, raw and normalised for chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from types import MappingProxyType

from cotfaith.contracts.figure import Figure
from cotfaith.contracts.figure_set import FigureSet, Material, Part
from cotfaith.figures import by_model
from cotfaith.figures.sets import figure, renamed
from paper_figures.parts import table

SCORES = MappingProxyType({"figure1": "faith", "figure1-normalised": "chen_normalised"})
CELLS = MappingProxyType({
    "influence": ("hint_effect", "influence"),
    "acknowledged": ("hint_effect", "faith"),
    "normalised for chance": ("hint_effect", "chen_normalised"),
})  # fmt: skip


def parts(made_of: Material) -> Iterator[Part]:
    """The figures and the table."""
    for name, metric in SCORES.items():
        draw = partial(by_model, measure="hint_effect", metric=metric)
        yield figure(name, made_of, of=Figure("hint_effect", metric, "", "", draw))
    yield renamed(figure("hints-acknowledged", made_of), "use")
    yield renamed(figure("hints", made_of), "influence")
    yield table(
        "table",
        made_of,
        CELLS,
        "Influence of each hint, and how often the answers that move to its option acknowledge it.",
        kind="hint",
    )


FIGURES = FigureSet(
    "use of each hint and its acknowledgement, raw and normalised for chance", "Chen et al. 2025 (arXiv 2505.05410)", parts
)
