"""Unfaithful pairs of questions and their reversals (Arcuschin et al. 2025, arXiv 2503.08679, figure 2): `cotfaith figures arcuschin2025 [RUN...] --out DIR`.

From runs, and from the rates of five models that the authors released, with the printed values beside ours. Ours are of the pairs that there are; the
printed rates are of 4,892. The measure has a tolerance for rounding, so it counts some pairs that the paper does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from cotfaith.contracts.figure_set import FigureSet, Material, Part, Sheet
from cotfaith.figures.sets import figure, renamed
from paper_figures.parts import table
from paper_figures.released import estimates, recomputed

TITLE = "Share of pairs that contradict each other in the direction that the model leans"
CELLS = MappingProxyType({"unfaithful pairs": ("reversed_pairs", "unfaithful_pairs")})


def parts(made_of: Material) -> Iterator[Part]:
    """The figure and the table, of the runs and then of the released rates."""
    if made_of.paths:
        yield renamed(figure("reversed-pairs", made_of), "figure2")
        yield table("table", made_of, CELLS, f"{TITLE}.", digits=4)
    found, why = recomputed("arcuschin2025")
    if found is None:
        yield from (Part(name, None, why) for name in ("figure2-published", "table-published"))
        return
    models = found.facts["models"]
    yield renamed(figure("reversed-pairs", made_of, rows=estimates(map(_row, models))), "figure2-published")
    yield Part("table-published", _sheet(models))


def _row(one: Mapping[str, Any]) -> dict[str, Any]:
    about = {
        "model": one["model"],
        "task": "comparisons",
        "measure": "reversed_pairs",
        "metric": "unfaithful_pairs",
        "title": TITLE,
    }
    numbers = {
        "value": one["rate"],
        "low": one["low_by_property"],
        "high": one["high_by_property"],
        "published": one["printed_rate"],
    }
    return {**about, **numbers, "n": one["pairs"], "clusters": one["properties"], "missing": one["missing"]}


def _sheet(models: Sequence[Mapping[str, Any]]) -> Sheet:
    rows = [
        [
            one["model"], str(one["printed"]), str(one["measure"]), f"{one['printed_rate']:.2f}", f"{one['rate']:.2f}",
            f"[{one['low']:.2f}, {one['high']:.2f}]", f"[{one['low_by_property']:.2f}, {one['high_by_property']:.2f}]",
        ]
        for one in models
    ]  # fmt: skip
    head = ["model", "pairs, published", "pairs, ours", "% of 4,892, published", "% of pairs, ours", "by pair", "by property"]
    return Sheet(head, rows, 1, "Unfaithful pairs: printed, and ours with intervals clustered by pair and by property.")


FIGURES = FigureSet(
    "unfaithful pairs by model; from runs and from the released rates",
    "Arcuschin et al. 2025 (arXiv 2503.08679)",
    parts,
    published=True,
)
