"""How often 95 % intervals hold the truth, ours and naive ones, as SVG: `python -m paper_figures.coverage`.

From the results that `python -m benchmarks.coverage` keeps, into docs/coverage.svg: a panel a quantity, a point a cell of the grid.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.figure import Figure

from benchmarks.coverage import QUANTITIES
from benchmarks.results import FOLDER
from cotfaith.figures import COLOURS, Drawing, svg
from cotfaith.figures.drawing import GRID, MARKERS, QUIET, head, key, style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

DOCS = Path(__file__).parents[1] / "docs"
RESULTS, OUT = FOLDER / "coverage.json", DOCS / "coverage.svg"
TITLES = {"proportion": "Proportion", "difference": "Difference of two arms", "area": "Area"}
WAYS = {"": "intervals by question (ours)", "_naive": "rows taken as independent"}
WIDTH, HEIGHT, LOWEST = 7.2, 3.0, 0.4


def points(results: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each cell of the grid, quantity and way: its design, its design effect, and its coverage."""
    rows = []
    for cell in results["grid"]["cells"]:
        design = {name: cell[name] for name in ("questions", "samples", "icc", "p")}
        design["effect"] = 1 + (cell["samples"] - 1) * cell["icc"]
        rows += [
            {**design, "quantity": name, "way": said, "coverage": cell[name + way]}
            for name in QUANTITIES
            for way, said in WAYS.items()
        ]
    return pd.DataFrame(rows)


def draw(results: Mapping[str, Any]) -> Drawing:
    """Coverage against the design effect, with the aim as a band."""
    shown = points(results)
    with style():
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        axes: list[Axes] = list(figure.subplots(1, len(QUANTITIES), sharex=True, sharey=True))
        for one, name in zip(axes, QUANTITIES, strict=True):
            _panel(one, shown[shown["quantity"] == name], TITLES[name], results)
        axes[0].set_ylabel("Coverage of 95 % intervals")
        axes[1].set_xlabel("Design effect: 1 + (samples of a question - 1) x ICC")
        key(figure, axes)
    return Drawing(figure, shown, caption(results))


def _panel(axes: Axes, rows: pd.DataFrame, title: str, results: Mapping[str, Any]) -> None:
    low, high = results["aim"]
    axes.axhspan(low, high, color=GRID, linewidth=0, zorder=0)
    axes.axhline(results["level"], color=QUIET, linewidth=0.8, zorder=1)
    for place, said in enumerate(WAYS.values()):
        here = rows[rows["way"] == said]
        axes.plot(
            here["effect"], here["coverage"], linestyle="none", marker=MARKERS[place], color=COLOURS[place], markersize=4, alpha=0.7,
            markeredgewidth=0, label=said, zorder=3 - place,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xticks([1, 2, 4, 8], ["1", "2", "4", "8"])
    axes.minorticks_off()
    axes.set_ylim(LOWEST, 1.0)
    head(axes, title, WIDTH / len(QUANTITIES))


def caption(results: Mapping[str, Any]) -> str:
    """What the figure shows, with its numbers."""
    summary = results["grid"]["summary"]
    ranges = "; ".join(
        f"{TITLES[name].lower()} {summary[name]['min']:.3f} to {summary[name]['max']:.3f}, "
        f"rows as independent {summary[name + '_naive']['min']:.3f} to {summary[name + '_naive']['max']:.3f}"
        for name in QUANTITIES
    )
    low, high = results["aim"]
    return (
        f"Share of {results['replications']} simulated studies whose 95 % interval holds the truth, in each of "
        f"{len(results['grid']['cells'])} designs (Monte Carlo standard error {results['monte_carlo_se']}). "
        f"Shaded: {100 * low:g} to {100 * high:g} %. {ranges[0].upper()}{ranges[1:]}."
    )


def main() -> None:
    """Draw the figure from the results."""
    drawing = draw(json.loads(RESULTS.read_text(encoding="utf-8")))
    OUT.write_text(svg(drawing.figure, "coverage", ground="white"), encoding="utf-8")
    print(f"{OUT.relative_to(DOCS.parent)}: {drawing.caption}")


if __name__ == "__main__":
    main()
