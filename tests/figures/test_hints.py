"""Figures of hints: points of use, and the curve of the hinted option."""

import math

import pandas as pd
import pytest
from figures.rows import dots, drawn, lines, mediation
from matplotlib.collections import FillBetweenPolyCollection

from cotfaith import figures


def test_each_hint_has_a_point_with_the_hint_and_one_without() -> None:
    drawing = drawn(figures.hint_dots(pd.DataFrame(dots())))
    (axes,) = drawing.figure.axes
    found = lines(drawing)
    assert [x for x, _ in found["with the hint"]] == pytest.approx([0.6, 0.7])
    (other,) = [name for name in found if name != "with the hint"]
    assert other.startswith("without it")
    assert [x for x, _ in found[other]] == pytest.approx([0.2, 0.3])
    assert [round(y) for _, y in found["with the hint"]] == [round(y) for _, y in found[other]] == [0, 1]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["guess", "metadata"]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]  # the first hint on top
    segments = sorted(tuple(segment[:, 0].round(6)) for one in axes.collections for segment in one.get_segments())
    assert segments == [(0.1, 0.35), (0.2, 0.45), (0.5, 0.75), (0.6, 0.85)]
    assert axes.get_xlabel() == "Share of answers that are the hinted option"
    assert drawing.points["metric"].tolist() == ["cfr", "base_rate"] * 2
    assert "95 % interval" in drawing.caption
    assert "m/one on toy: 40 to 41 readings of 20 questions per point." in drawing.caption


def test_a_point_of_a_hint_without_a_value_or_an_interval_is_told_or_drawn_bare() -> None:
    rows = pd.DataFrame([*dots(), *dots(task="other", hints=("late",))])
    rows.loc[(rows["kind"] == "guess") & (rows["metric"] == "base_rate"), ["value", "low", "high", "note"]] = [
        math.nan, math.nan, math.nan, "one sample only",
    ]  # fmt: skip
    rows.loc[(rows["kind"] == "metadata") & (rows["metric"] == "cfr"), ["low", "high"]] = math.nan
    drawing = drawn(figures.hint_dots(rows))
    first, second = drawing.figure.axes
    assert [axes.get_title(loc="left") for axes in (first, second)] == ["m/one, toy", "m/one, other"]
    assert sum(len(one.get_segments()) for one in first.collections) == 2
    assert len(lines(drawing)["with the hint"]) == 2
    assert "m/one on toy, guess: base_rate has no value (one sample only)." in drawing.caption
    assert [tick.get_text() for tick in first.get_yticklabels()] == ["guess", "metadata", "late"]
    assert [round(y) for _, y in lines(drawing, 1)["with the hint"]] == [2]
    assert figures.hint_dots(rows[rows["metric"] == "base_rate"]) is None


def test_the_hinted_option_has_a_line_a_hint_and_a_panel_a_task() -> None:
    rows = pd.DataFrame([*mediation(hints=("guess", "metadata")), *mediation(task="other")])
    drawing = drawn(figures.mediation_curve(rows))
    assert [axes.get_title(loc="left") for axes in drawing.figure.axes] == ["m/one, toy", "m/one, other"]
    found = lines(drawing)
    assert list(found) == ["guess", "metadata"]
    assert found["guess"] == [(x, pytest.approx(0.2 + x / 4)) for x in (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)]
    assert list(lines(drawing, 1)) == ["guess"]
    bands = [one for one in drawing.figure.axes[0].collections if isinstance(one, FillBetweenPolyCollection)]
    assert len(bands) == 2
    assert (0.0, 0.4) in {(round(float(x), 6), round(float(y), 6)) for x, y in bands[0].get_paths()[0].vertices}
    points = drawing.points
    assert points.iloc[0][["low", "high", "band_low", "band_high"]].tolist() == pytest.approx([0.1, 0.3, 0.0, 0.4])
    assert "m/one on toy, metadata: 30 traces of 20 questions per point." in drawing.caption


def test_a_gap_in_the_curve_of_a_hinted_option_is_told() -> None:
    drawing = drawn(figures.mediation_curve(pd.DataFrame(mediation(gap=0.5))))
    assert math.isnan(lines(drawing)["guess"][3][1])
    assert "m/one on toy, guess has no value at x = 0.5 and a gap there (no log-probabilities)." in drawing.caption
    (axes,) = drawing.figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Share of the hinted reasoning given", "Probability of the hinted option")
    (upright,) = [one for one in axes.collections if not isinstance(one, FillBetweenPolyCollection)]
    assert len(upright.get_segments()) == 6


@pytest.mark.parametrize("width", [7.2, 3.9])
def test_long_names_of_hints_leave_room_for_a_panel(width: float) -> None:
    figure = drawn(
        figures.hint_dots(pd.DataFrame(dots(hints=("unauthorised_information", "a/long path/to my_own_hint.yaml"))), width=width)
    ).figure
    figure.draw_without_rendering()
    box = figure.get_tightbbox()
    assert min(box.x0, box.y0) >= 0
    assert (box.x1 <= width + 0.01, box.y1 <= figure.get_figheight() + 0.01) == (True, True)
    assert figure.axes[0].get_window_extent().width > 0.4 * width * figure.dpi
