"""Figures: that they show the points of the table and nothing else, and say what is missing."""

import math
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from figures.rows import MARKS, curve, dots, drawn, lines, mediation, mistakes, paraphrases, sweep
from matplotlib import pyplot as plt
from matplotlib.collections import FillBetweenPolyCollection

from cotfaith import figures


def test_the_curve_shows_the_points_of_the_table() -> None:
    drawing = drawn(figures.same_answer_curve(pd.DataFrame(curve())))
    assert lines(drawing) == {"m/one": [(i / 10, pytest.approx(0.3 + 0.06 * i)) for i in range(11)]}
    (axes,) = drawing.figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Share of the reasoning given", "Same answer as with the full reasoning")
    assert axes.get_title(loc="left") == "m/one"
    assert drawing.figure.legends == []
    assert "95 %" in drawing.caption
    assert "m/one on toy: 39 to 40 traces of 20 questions." in drawing.caption


def test_intervals_and_band_are_those_of_the_table() -> None:
    axes = drawn(figures.same_answer_curve(pd.DataFrame(curve()))).figure.axes[0]
    (band,) = [one for one in axes.collections if isinstance(one, FillBetweenPolyCollection)]
    corners = {(round(float(x), 6), round(float(y), 6)) for x, y in band.get_paths()[0].vertices}
    assert {(0.0, 0.1), (0.0, 0.5), (0.5, 0.4), (0.5, 0.8)} <= corners
    (upright,) = [one for one in axes.collections if not isinstance(one, FillBetweenPolyCollection)]
    ends = [[round(float(y), 6) for y in segment[:, 1]] for segment in upright.get_segments()]
    assert ends[0] == [0.2, 0.4]
    assert len(ends) == 11


def test_points_as_a_table() -> None:
    points = drawn(figures.same_answer_curve(pd.DataFrame(curve(gap=4)))).points
    assert len(points) == 11
    assert points.iloc[0][["low", "high", "band_low", "band_high"]].tolist() == pytest.approx([0.2, 0.4, 0.1, 0.5])
    assert math.isnan(points["value"][4])
    assert points["note"][4] == "nobody answered"


def test_an_undefined_point_is_a_gap_and_is_told() -> None:
    drawing = drawn(figures.same_answer_curve(pd.DataFrame(curve(gap=4))))
    assert math.isnan(lines(drawing)["m/one"][4][1])
    assert lines(drawing)["m/one"][5][1] == pytest.approx(0.6)
    assert "m/one on toy has no value at x = 0.4 and a gap there (nobody answered)." in drawing.caption


def test_a_point_without_an_interval_is_drawn_without_one() -> None:
    rows = pd.DataFrame(curve())
    rows.loc[rows["dose"] == 0.5, ["low", "high"]] = math.nan
    axes = drawn(figures.same_answer_curve(rows)).figure.axes[0]
    (upright,) = [one for one in axes.collections if not isinstance(one, FillBetweenPolyCollection)]
    assert len(upright.get_segments()) == 10
    assert len(axes.get_lines()[0].get_xydata()) == 11


def test_a_line_a_model_and_a_panel_a_task() -> None:
    rows = pd.DataFrame([*curve(), *curve("m/two", shift=0.05), *curve(task="other")])
    drawing = drawn(figures.same_answer_curve(rows, chance={"toy": 0.25}))
    assert [axes.get_title(loc="left") for axes in drawing.figure.axes] == ["toy", "other"]
    assert list(lines(drawing)) == ["m/one", "m/two"]
    assert list(lines(drawing, 1)) == ["m/one"]
    (legend,) = drawing.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["m/one", "m/two"]
    flat = [set(map(float, line.get_ydata())) for line in drawing.figure.axes[0].get_lines()]
    assert {0.25} in flat
    assert {0.25} not in [set(map(float, line.get_ydata())) for line in drawing.figure.axes[1].get_lines()]
    assert "random answers" in drawing.caption


def test_eight_models_are_told_apart() -> None:
    rows = pd.DataFrame([row for i in range(8) for row in curve(f"m/{i}")])
    drawing = drawn(figures.same_answer_curve(rows))
    looks = {(str(line.get_color()), str(line.get_marker())) for line in drawing.figure.axes[0].get_lines()}
    assert len(looks) == 8


DRAWN = [
    figures.same_answer_curve,
    figures.filler_curve,
    figures.mistakes_curve,
    figures.paraphrase_curve,
    figures.hint_dots,
    figures.mediation_curve,
]


@pytest.mark.parametrize("draw", DRAWN)
def test_nothing_to_draw_is_no_figure(draw) -> None:
    rows = pd.DataFrame([*curve(), *sweep(), *mistakes(), *paraphrases(), *dots(), *mediation()])
    assert draw(rows[rows["metric"] == "aoc"]) is None
    assert draw(rows.assign(value=math.nan, low=math.nan, high=math.nan, note="nobody answered")) is None


def test_filler_by_kind_between_the_two_ends() -> None:
    drawing = drawn(figures.filler_curve(pd.DataFrame(sweep())))
    found = lines(drawing)
    assert list(found) == ["dots", "words"]
    assert [y for _, y in found["dots"]] == pytest.approx([0.225, 0.25, 0.3])
    assert [x for x, _ in found["dots"]] == pytest.approx([0.25, 0.5, 1.0], abs=0.02)
    across = {str(line.get_label()): float(line.get_ydata()[0]) for line in drawing.figure.axes[0].get_lines()}
    assert (across["no reasoning"], across["full reasoning"]) == (0.25, 0.75)
    assert set(drawing.points["kind"]) == {"no reasoning", "full reasoning", "dots", "words"}
    assert drawing.points.loc[drawing.points["kind"] == "dots", "dose"].tolist() == [0.25, 0.5, 1.0]
    assert drawing.figure.axes[0].get_xlabel() == "Filler tokens as a multiple of the reasoning's tokens"
    assert drawing.figure.axes[0].get_ylabel() == "Accuracy"


def test_an_undefined_end_is_told_and_not_drawn() -> None:
    drawing = drawn(figures.filler_curve(pd.DataFrame(sweep(full=math.nan))))
    assert "m/one on toy: the accuracy with full reasoning is undefined." in drawing.caption
    assert "full reasoning" not in {line.get_label() for line in drawing.figure.axes[0].get_lines()}


def test_what_has_no_value_anywhere_is_told_and_takes_no_room() -> None:
    silent = [
        row | {"model": "m/silent", "value": math.nan, "low": math.nan, "high": math.nan, "note": "nobody answered"}
        for row in sweep()
    ]
    drawing = drawn(figures.filler_curve(pd.DataFrame([*sweep(), *silent])))
    assert len(drawing.figure.axes) == 1
    assert "m/silent on toy has no values (nobody answered)." in drawing.caption
    silent = [row | {"model": "m/silent", "value": math.nan, "low": math.nan, "high": math.nan} for row in curve()]
    drawing = drawn(figures.same_answer_curve(pd.DataFrame([*curve(), *silent])))
    assert list(lines(drawing)) == ["m/one"]
    assert "m/silent on toy has no values (no reason recorded)." in drawing.caption


@pytest.mark.parametrize(
    ("draw", "rows", "names"),
    [
        (
            figures.mistakes_curve,
            mistakes(),
            ("Share of the reasoning before the mistake", "Same answer as with the full reasoning"),
        ),
        (figures.paraphrase_curve, paraphrases(), ("Share of the reasoning paraphrased", "Accuracy")),
    ],
)
def test_a_curve_and_its_control_share_a_colour(draw, rows, names) -> None:
    drawing = drawn(draw(pd.DataFrame(rows)))
    found = [line for line in drawing.figure.axes[0].get_lines() if line.get_marker() in MARKS]
    assert (drawing.figure.axes[0].get_xlabel(), drawing.figure.axes[0].get_ylabel()) == names
    solid, dashed = sorted(found, key=lambda line: line.get_linestyle() != "-")
    assert [float(y) for y in solid.get_ydata()] == pytest.approx([0.41, 0.43, 0.45, 0.47, 0.49])
    assert [float(y) for y in dashed.get_ydata()] == pytest.approx([0.61, 0.63, 0.65, 0.67, 0.69])
    assert [float(x) for x in solid.get_xdata()] == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9], abs=0.02)
    assert solid.get_color() == dashed.get_color()
    assert (solid.get_linestyle(), dashed.get_linestyle()) == ("-", "--")
    (legend,) = drawing.figure.legends
    assert [text.get_text().partition(":")[0] for text in legend.get_texts()] == ["m/one", "control"]
    assert "m/one on toy, by w: 30 to 34 readings of 20 questions per point." in drawing.caption
    assert drawing.points["dose"].tolist() == [x for x in (0.1, 0.3, 0.5, 0.7, 0.9) for _ in range(2)]
    assert drawing.points["arm"].tolist() == ["treated", "control"] * 5


def test_the_band_stands_around_the_curve_alone() -> None:
    drawing = drawn(figures.mistakes_curve(pd.DataFrame(mistakes())))
    bands = [one for one in drawing.figure.axes[0].collections if isinstance(one, FillBetweenPolyCollection)]
    heights = {round(float(y), 6) for band in bands for path in band.get_paths() for y in path.vertices[:, 1]}
    assert (min(heights), max(heights)) == (0.21, 0.69)
    points = drawing.points.set_index(["arm", "dose"])
    assert points.loc[("treated", 0.1), ["band_low", "band_high"]].tolist() == pytest.approx([0.21, 0.61])
    assert points.loc["control", ["band_low", "band_high"]].isna().all(axis=None)
    assert "the simultaneous band for the whole curve" in drawing.caption
    assert "band" not in drawn(figures.paraphrase_curve(pd.DataFrame(paraphrases()))).caption


def test_writers_have_markers_models_colours_and_tasks_panels() -> None:
    rows = [*mistakes(writers=("rules", "w")), *mistakes(model="m/two", shift=0.05), *mistakes(task="other")]
    drawing = drawn(figures.mistakes_curve(pd.DataFrame(rows)))
    assert [axes.get_title(loc="left") for axes in drawing.figure.axes] == ["toy", "other"]
    names = [text.get_text() for text in drawing.figure.legends[0].get_texts()]
    assert names[:3] == ["m/one, by rules", "m/one, by w", "m/two, by w"]
    looks = {
        str(line.get_label()): (str(line.get_color()), str(line.get_marker()))
        for line in drawing.figure.axes[0].get_lines()
        if line.get_linestyle() == "-" and line.get_marker() in MARKS
    }
    assert looks["m/one, by rules"][0] == looks["m/one, by w"][0] != looks["m/two, by w"][0]
    assert looks["m/one, by rules"][1] != looks["m/one, by w"][1] == looks["m/two, by w"][1]
    assert "m/one on toy, by rules: 30 to 34 readings of 20 questions per point." in drawing.caption


def test_a_gap_of_a_curve_or_its_control_is_told() -> None:
    rows = pd.DataFrame(mistakes())
    lost = (rows["dose"] == 0.9) & (rows["metric"] == "same_answer_after_control")
    rows.loc[lost, ["value", "low", "high", "note"]] = [math.nan, math.nan, math.nan, "no reading"]
    drawing = drawn(figures.mistakes_curve(rows))
    assert "m/one on toy, by w, control, has no value at x = 0.9 and a gap there (no reading)." in drawing.caption
    lost = rows["metric"] == "same_answer_after_mistake"
    rows.loc[lost, "value"] = math.nan
    assert figures.mistakes_curve(rows) is None


@pytest.mark.parametrize(
    ("draw", "rows"), [*zip(DRAWN, [curve(), sweep(), mistakes(), paraphrases(), dots(), mediation()], strict=True)]
)
def test_strategies_are_named_where_there_are_several(draw, rows) -> None:
    one = drawn(draw(pd.DataFrame(rows).assign(strategy="few_shot")))
    assert set(one.points["line"]) == {"m/one"}
    frame = pd.concat([pd.DataFrame(rows), pd.DataFrame(rows).assign(strategy="few_shot")], ignore_index=True)
    two = drawn(draw(frame))
    assert set(zip(two.points["line"], two.points["model"], two.points["strategy"], strict=True)) == {
        ("m/one, cot", "m/one", "cot"),
        ("m/one, few_shot", "m/one", "few_shot"),
    }
    assert len(two.points) == 2 * len(one.points)
    said = " ".join(axes.get_title(loc="left") for axes in two.figure.axes)
    said += " ".join(text.get_text() for legend in two.figure.legends for text in legend.get_texts())
    assert "m/one, few_shot" in said
    assert "m/one, few_shot on toy" in two.caption


def test_no_figure_is_known_to_pyplot() -> None:
    before = plt.get_fignums()
    drawn(figures.same_answer_curve(pd.DataFrame(curve())))
    assert plt.get_fignums() == before


def test_svg_is_the_same_again_well_formed_and_has_words_as_text(tmp_path: Path) -> None:
    rows = pd.DataFrame(curve("a <b> & $c$", gap=2))
    texts = [figures.svg(drawn(figures.same_answer_curve(rows)).figure, "one") for _ in range(2)]
    assert texts[0] == texts[1]
    words = {"".join(one.itertext()).strip() for one in ET.fromstring(texts[0]).iter("{http://www.w3.org/2000/svg}text")}
    assert {"a <b> & $c$", "Share of the reasoning given", "Same answer as with the full reasoning"} <= words


@pytest.mark.parametrize("width", [7.2, 3.9])
@pytest.mark.parametrize(
    ("draw", "make"),
    [
        (figures.same_answer_curve, curve),
        (figures.mistakes_curve, mistakes),
        (figures.hint_dots, dots),
        (figures.mediation_curve, mediation),
    ],
)
def test_nothing_is_cut_off(draw, make, width: float) -> None:
    rows = [*make(), *make(model="hf/a-rather-long/name-of-a-model-1.7B"), *make(task="other")]
    more = [row | {"kind": "hf/another/long-name-2B"} for row in rows if row["kind"]]
    figure = drawn(draw(pd.DataFrame([*rows, *more]), width=width)).figure
    figure.draw_without_rendering()
    edge, box = figure.bbox, figure.get_tightbbox()
    assert min(box.x0, box.y0) >= 0
    assert (box.x1 * figure.dpi <= edge.x1 + 1, box.y1 * figure.dpi <= edge.y1 + 1) == (True, True)
