"""Seconds against cuts, ours and the plain ways, as SVG: `python -m paper_figures.throughput`.

From the results that `python -m benchmarks.throughput` keeps, into docs/throughput.svg: a panel an engine, device and model.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.figure import Figure

from benchmarks.throughput.clock import LAST, NAIVE, OFF, ONE, OURS
from benchmarks.throughput.keeping import KEY, RESULTS
from benchmarks.throughput.shapes import alike
from cotfaith.figures import COLOURS, Drawing, svg
from cotfaith.figures.drawing import MARKERS, head, key, style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

DOCS = Path(__file__).parents[1] / "docs"
OUT = DOCS / "throughput.svg"
WAYS = {
    OURS: "cotfaith",
    NAIVE: "padded batches of 8",
    LAST: "padded batches of 8, last logits only",
    ONE: "a pass a cut",
    OFF: "a request a cut, caching off",
}
NAMES = {"transformers": "transformers", "vllm": "vLLM"}
WIDTH, HEIGHT, COLUMNS = 7.2, 3.1, 2


def points(results: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each entry, way and number of cuts: seconds, tokens computed, and whether the seconds are extrapolated."""
    rows = []
    for entry in results["entries"]:
        for row in alike(entry["early_answering"]):
            for way, said in WAYS.items():
                if "seconds" in row.get(way, {}):
                    measured = {"seconds": row[way]["median_seconds"], "tokens_computed": row[way]["tokens_computed"]}
                    shape = {name: row[name] for name in ("prompt", "reasoning", "cuts", "samples")}
                    extrapolated = "extrapolated_from" in row[way]
                    rows.append({"panel": title(entry), **shape, "way": said, **measured, "extrapolated": extrapolated})
    return pd.DataFrame(rows)


def title(entry: Mapping[str, Any]) -> str:
    """What the panel of `entry` is called."""
    engine, device, model = (entry[name] for name in KEY)
    return f"{NAMES.get(engine, engine)}, {device}, {model}"


def draw(results: Mapping[str, Any]) -> Drawing:
    """Seconds against cuts, both axes logarithmic, so that what grows with the cuts has a slope of one."""
    shown = points(results)
    titles = list(dict.fromkeys(shown["panel"]))
    columns = min(COLUMNS, len(titles))
    rows = -(-len(titles) // columns)
    with style():
        figure = Figure(figsize=(WIDTH, rows * HEIGHT), layout="constrained")
        axes: list[Axes] = list(figure.subplots(rows, columns, squeeze=False).flat)
        for unused in axes[len(titles) :]:
            unused.remove()
        for one, name in zip(axes, titles, strict=False):
            _panel(one, shown[shown["panel"] == name], name, WIDTH / columns)
        figure.supxlabel("Cuts of each reasoning", fontsize=9)
        figure.supylabel("Seconds for all cuts of a question", fontsize=9)
        key(figure, axes[: len(titles)])
    return Drawing(figure, shown, caption(results, shown))


def _panel(axes: Axes, rows: pd.DataFrame, name: str, room: float) -> None:
    for place, said in enumerate(WAYS.values()):
        here = rows[rows["way"] == said].sort_values("cuts")
        if not here.empty:
            axes.plot(here["cuts"], here["seconds"], marker=MARKERS[place], color=COLOURS[place], markersize=4, label=said)
    axes.set_xscale("log")
    axes.set_yscale("log")
    ticks = sorted(set(rows["cuts"]))
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    head(axes, name, room)


def caption(results: Mapping[str, Any], shown: pd.DataFrame) -> str:
    """What the figure shows, with its numbers."""
    first = shown.iloc[0]
    growths = [_growth(title(entry), entry["growth_with_cuts"]) for entry in results["entries"]]
    note = " Of longer loops a part was timed and the rest extrapolated by tokens." if shown["extrapolated"].any() else ""
    return (
        f"Seconds (medians of repetitions in turn) to read every cut of {first['samples']} reasoning traces of {first['reasoning']} tokens "
        f"after one prompt of {first['prompt']}. {' '.join(growths)}{note}"
    )


def _growth(name: str, growth: Mapping[str, Any]) -> str:
    cuts: Sequence[int] = growth["cuts"]
    parts = [f"{growth[way]['median_seconds']:.1f} times with {said}" for way, said in WAYS.items() if way in growth]
    return f"{name}: from {cuts[0]} to {cuts[-1]} cuts the time grows {', '.join(parts)}."


def main() -> None:
    """Draw the figure from the results."""
    drawing = draw(json.loads(RESULTS.read_text(encoding="utf-8")))
    OUT.write_text(svg(drawing.figure, "throughput", ground="white"), encoding="utf-8")
    print(f"{OUT.relative_to(DOCS.parent)}: {drawing.caption}")


if __name__ == "__main__":
    main()
