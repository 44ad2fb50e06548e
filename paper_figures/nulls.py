"""How often the tests of a study reject where nothing is true, as SVG: `python -m paper_figures.nulls`.

From the results that `python -m benchmarks.nulls_scale` and `python -m benchmarks.nulls_edits` keep, into docs/nulls.svg: a row a design, a
point a test.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from benchmarks.nulls_scale import true_null
from benchmarks.results import FOLDER
from cotfaith.figures import COLOURS, Drawing, svg
from cotfaith.figures.drawing import GRID, MARKERS, QUIET, key, style

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.axes import Axes

DOCS = Path(__file__).parents[1] / "docs"
OUT = DOCS / "nulls.svg"
AIM, FAMILY = (0.035, 0.065), 0.06  # of a test before adjustment, and the most of a family after it
ROLES = {"nulls": True, "positive controls": False}
WAYS = {False: "one test, before adjustment", True: "any test of its family, after adjustment"}
WIDTH, HEIGHT = 7.2, 3.6


def points() -> pd.DataFrame:
    """One row for each design and test: whether its null is true, whether it is a family after adjustment, and how often it rejects."""
    return pd.DataFrame([*_scale(_kept("nulls_scale")), *_edits(_kept("nulls_edits"))])


def _kept(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def _scale(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for role, null in ROLES.items():
        for design in found[role]:
            for reading, made in design["readings"].items():
                if null and not true_null(design["name"], reading):
                    continue
                about = {"design": design["name"], "null": null, "test": reading, "studies": found["studies"]}
                yield {**about, "family": False, "rejects": made["rejected"]}
                yield {**about, "family": True, "rejects": made["families with a rejection after adjustment"]}


def _edits(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for role, null in ROLES.items():
        for design, tests in found[role].items():
            for test, made in tests.items():
                about = {"design": design, "null": null, "test": test, "studies": made["studies"]}
                yield {**about, "family": test.startswith("family "), "rejects": made["rejects"]}


def draw(shown: pd.DataFrame) -> Drawing:
    """The share of studies in which each test rejects: a row a design, with the aim as a band."""
    designs = list(dict.fromkeys(shown["design"]))
    with style(**{"axes.grid.axis": "x"}):
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        axes: Axes = figure.subplots()
        axes.axvspan(*AIM, color=GRID, linewidth=0, zorder=0)
        for family, said in WAYS.items():
            here = shown[shown["family"] == family]
            heights = [designs.index(one) + 0.18 * (2 * family - 1) for one in here["design"]]
            spread = np.random.default_rng(0).uniform(-0.12, 0.12, len(here))
            axes.plot(
                here["rejects"], heights + spread, linestyle="none", marker=MARKERS[family], color=COLOURS[family], markersize=4,
                alpha=0.7, markeredgewidth=0, label=said,
            )  # fmt: skip
        axes.axhline(len(set(shown.loc[shown["null"], "design"])) - 0.5, color=QUIET, linewidth=0.8)
        axes.set_yticks(range(len(designs)), designs)
        axes.invert_yaxis()
        axes.set_xlim(-0.02, 1.02)
        axes.set_xlabel("Share of simulated studies with a rejection at 5 %")
        key(figure, [axes])
    return Drawing(figure, shown, caption(shown))


def caption(shown: pd.DataFrame) -> str:
    """What the figure shows, with its numbers."""
    nulls = shown[shown["null"]]
    each, families = nulls[~nulls["family"]]["rejects"], nulls[nulls["family"]]["rejects"]
    return (
        f"How often a test rejects at 5 % in {shown['studies'].max():,} simulated studies of each design. Above the line no effect exists: single tests "
        f"reject in {100 * each.min():.1f} to {100 * each.max():.1f} % before adjustment, families in {100 * families.min():.1f} to "
        f"{100 * families.max():.1f} % after it. Below the line there are effects (positive controls). Shaded: {100 * AIM[0]:g} to {100 * AIM[1]:g} %."
    )


def main() -> None:
    """Draw the figure from the results."""
    drawing = draw(points())
    OUT.write_text(svg(drawing.figure, "nulls", ground="white"), encoding="utf-8")
    print(f"{OUT.relative_to(DOCS.parent)}: {drawing.caption}")


if __name__ == "__main__":
    main()
