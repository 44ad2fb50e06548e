"""How often hints are acknowledged (Chen et al. 2025, arXiv 2505.05410, figure 1) from runs: `cotfaith figures chen2025 RUN... --out DIR`.

The paper released no outputs, so only runs are drawn, and the few printed values that are known stand below ours in the table. Its score is of the answers that move to the hinted option, raw and normalised for chance.
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
# Section 3, normalised for chance, in percent. The numbers are from secondary notes; no value of a single hint is known.
PRINTED = (
    ("Claude 3.7 Sonnet", "mean of six hints", 25),
    ("DeepSeek R1", "mean of six hints", 39),
    ("Claude 3.7 Sonnet", "mean of two misaligned hints", 20),
    ("DeepSeek R1", "mean of two misaligned hints", 29),
)
CAPTION = (
    "Influence of each hint, and how often the answers that move to its option acknowledge it. The last rows are of Chen et al. 2025, section 3, as secondary notes "
    "give them, and not checked against the paper."
)


def printed() -> list[list[str]]:
    """The rows of the printed values."""
    return [[model, "MMLU and GPQA", hints, "", "", f"{value / 100:.2f}"] for model, hints, value in PRINTED]


def parts(made_of: Material) -> Iterator[Part]:
    """The figures and the table."""
    for name, metric in SCORES.items():
        draw = partial(by_model, measure="hint_effect", metric=metric)
        yield figure(name, made_of, of=Figure("hint_effect", metric, "", "", draw))
    yield renamed(figure("hints-acknowledged", made_of), "use")
    yield renamed(figure("hints", made_of), "influence")
    yield table("table", made_of, CELLS, CAPTION, kind="hint", published=printed())


FIGURES = FigureSet(
    "use of each hint and its acknowledgement, raw and normalised for chance", "Chen et al. 2025 (arXiv 2505.05410)", parts
)
