"""Figures of rows: filled where a test survives adjustment, the margin behind a value, reference marks, and names that fit."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from figures.rows import COMMON, MARKS, drawn
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from cotfaith import figures
from cotfaith.figures.drawing import GRID, wrapped
from cotfaith.figures.lines import spread


def row(measure: str, metric: str, value: float, **more: Any) -> dict[str, Any]:
    plain = COMMON | {
        "measure": measure,
        "metric": metric,
        "model": "m/one",
        "task": "toy",
        "stratum": "",
        "dose": math.nan,
        "n": 40,
    }
    plain |= {
        "role": "headline",
        "p_adj": math.nan,
        "null": math.nan,
        "margin": math.nan,
        "p_equivalence": math.nan,
        "title": metric,
    }
    return plain | {"value": value, "low": value - 0.1, "high": value + 0.1} | more


def faces(drawing: figures.Drawing) -> dict[float, str]:
    """The colour inside each mark, by its value; "own" for that of its line."""
    lines = [line for line in drawing.figure.axes[0].get_lines() if line.get_marker() in MARKS and len(line.get_xdata())]
    return {
        round(float(x), 6): "own"
        if to_hex(line.get_markerfacecolor()) == to_hex(line.get_color())
        else to_hex(line.get_markerfacecolor())
        for line in lines
        for x in line.get_xdata()
    }


def test_an_area_is_filled_if_its_test_survives_adjustment_hollow_if_not_and_grey_without_a_test() -> None:
    rows = pd.DataFrame([
        row("early_answering", "aoc", 0.3),
        row("adding_mistakes", "aoc_net", 0.4, p_adj=0.049),
        row("adding_mistakes", "aoc_net", 0.5, p_adj=0.051, model="m/two"),
        row("adding_mistakes", "aoc_net", 0.6, p_adj=0.08, model="m/three", level=0.9),
    ])  # fmt: skip
    drawing = drawn(figures.aoc_forest(rows))
    assert faces(drawing) == {0.3: "#c9c9cd", 0.4: "own", 0.5: "#ffffff", 0.6: "own"}
    assert drawing.points["face"].tolist() == ["untested", "rejected", "kept", "rejected"]
    assert "hollow: it does not; grey: it is not tested" in drawing.caption


def test_writers_are_named_only_where_a_model_has_several() -> None:
    own = [row("adding_mistakes", "aoc", 0.3, kind="m/one"), row("adding_mistakes", "aoc", 0.4, kind="m/two", model="m/two")]
    assert set(drawn(figures.aoc_forest(pd.DataFrame(own))).points["row"]) == {"Adding mistakes"}
    two = [*own, row("adding_mistakes", "aoc", 0.5, kind="rules")]
    assert set(drawn(figures.aoc_forest(pd.DataFrame(two))).points["row"]) == {
        f"Adding mistakes, by {name}" for name in ("m/one", "m/two", "rules")
    }


def test_a_value_stands_before_its_margin_and_is_filled_if_it_is_shown_to_lie_within() -> None:
    rows = pd.DataFrame([
        row("adding_mistakes", "aoc_net", 0.02, null=0.0, margin=0.1, p_equivalence=0.01),
        row("hint_effect", "influence", 0.3, null=0.0, margin=0.1, p_equivalence=0.99, kind="guess"),
        row("early_answering", "aoc", 0.7),
    ])  # fmt: skip
    drawing = drawn(figures.equivalence(rows))
    assert faces(drawing) == {0.02: "own", 0.3: "#ffffff"}
    bars = [one for one in drawing.figure.axes[0].patches if isinstance(one, Rectangle)]
    assert [(round(bar.get_x(), 6), round(bar.get_width(), 6), to_hex(bar.get_facecolor())) for bar in bars] == [
        (-0.1, 0.2, GRID)
    ] * 2
    heights = sorted(
        float(y) for line in drawing.figure.axes[0].get_lines() if line.get_marker() in MARKS for y in line.get_ydata()
    )
    assert sorted(bar.get_y() + bar.get_height() / 2 for bar in bars) == pytest.approx(heights)
    assert figures.equivalence(rows.assign(margin=math.nan)) is None


def test_the_profile_has_each_row_on_its_own_scale_with_reference_marks_where_the_table_has_them() -> None:
    rows = pd.DataFrame([
        row("early_answering", "aoc", 0.25, reference_reader=0.9, reference_direct=0.0),
        row("adding_mistakes", "aoc_net", 0.5, null=0.0, reference_reader=math.nan, reference_direct=math.nan),
    ])  # fmt: skip
    drawing = drawn(figures.profile(rows))
    points = drawing.points.set_index("metric")
    assert points[["support_low", "support_high", "at"]].to_numpy().tolist() == [[0.0, 1.0, 0.25], [-1.0, 1.0, 0.75]]
    assert points.loc["aoc_net", ["at_low", "at_high"]].tolist() == pytest.approx([0.7, 0.8])
    (axes,) = drawing.figure.axes
    marks = {line.get_marker(): [float(x) for x in line.get_xdata()] for line in axes.get_lines() if line.get_marker() in {6, 7}}
    assert marks == {7: [0.9], 6: [0.0]}
    assert "Triangles: above, a reader that only follows the reasoning; below, a model that never reads it." in drawing.caption
    ticks = [
        segment[0][0]
        for one in axes.collections
        if isinstance(one, LineCollection)
        for segment in one.get_segments()
        if segment[0][0] == segment[1][0]
    ]
    assert ticks == [0.5]  # the value under no effect of the second row; the first has none
    without = drawn(figures.profile(rows.drop(columns=["reference_reader", "reference_direct"])))
    assert not [line for line in without.figure.axes[0].get_lines() if line.get_marker() in {6, 7}]
    assert "Triangles" not in without.caption


def test_published_values_are_crosses() -> None:
    rows = pd.DataFrame([
        row("bias_accuracy", "accuracy_plain", 0.6, kind="guess", published=0.61),
        row("bias_accuracy", "accuracy_biased", 0.3, kind="guess", published=0.31),
    ])  # fmt: skip
    drawing = drawn(figures.bias_dumbbell(rows))
    crosses = [float(x) for line in drawing.figure.axes[0].get_lines() if line.get_marker() == "x" for x in line.get_xdata()]
    assert crosses == [0.61, 0.31]
    assert [text.get_text() for text in drawing.figure.legends[0].get_texts()] == ["without the hint", "with the hint", "published"]
    joined = [line for line in drawing.figure.axes[0].get_lines() if line.get_marker() == "None"]
    assert [line.get_xdata().tolist() for line in joined] == [[0.6, 0.3]]


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("Bias accuracy: suggested_answer", 26, ["Bias accuracy:", "suggested_answer"]),
        ("logical_deduction_five_objects", 20, ["logical_deduction_", "five_objects"]),
        ("suggested answer, few-shot", 22, ["suggested answer,", "few-shot"]),
        ("x" * 12, 5, ["xxxxx", "xxxxx", "xx"]),
        ("short", 20, ["short"]),
        ("", 20, [""]),
    ],
)
def test_names_are_broken_where_they_can_be_read(text: str, room: int, lines: list[str]) -> None:
    assert wrapped(text, room).split("\n") == lines


def test_names_beside_lines_keep_their_order_and_their_distance() -> None:
    for heights in ([0.5, 0.5, 0.5], [0.0, 0.01, 1.0], [1.0, 0.99, 0.98], [0.2]):
        found = spread(heights, 0.1)
        assert np.diff(np.sort(found)).min(initial=1.0) >= 0.1 - 1e-9
        assert [found[i] for i in np.argsort(heights, kind="stable")] == sorted(found)
        assert min(found) >= 0
        assert max(found) <= 1
