"""The figure of the readings over model size: models, lines and slopes are those of the tables; undefined is said, not drawn."""

import math
import re
from typing import Any

import pandas as pd
import pytest

from cotfaith import figures
from cotfaith.analysis.scale_trend import EXTREMES, TRENDS
from cotfaith.errors import UsageError
from cotfaith.stats.keys import FIELDS

ABOUT: dict[str, Any] = {"about": "on t by cot", "measure": "m", **dict.fromkeys(FIELDS, ""), "metric": "aoc", "dose": math.nan}
READINGS: tuple[dict[str, Any], ...] = (
    {"reading": "models of this size", "held_fixed": "Nothing.", "value": -0.1, "low": -0.2, "high": 0.0, "p": 0.04, "intercept": 1.5},
    {"reading": "models of this size, weighted", "held_fixed": "Nothing, weighted.", "value": -0.11, "low": -0.19, "high": -0.03, "p": 0.0004, "intercept": 1.6},
    {"reading": "models, at equal accuracy", "held_fixed": "Accuracy.", "value": math.nan, "low": math.nan, "high": math.nan, "p": math.nan, "note": "too few"},
    {"reading": "by rank", "held_fixed": "The models.", "is_slope": False, "value": 2.5, "low": math.nan, "high": math.nan, "p": 0.012},
)  # fmt: skip


def tables(metric: str = "aoc") -> tuple[pd.DataFrame, pd.DataFrame]:
    plain = {"is_slope": True, "intercept": math.nan, "level": 0.95, "note": "", "models": 3, "questions": 20, "covariate": ""}
    trends = pd.DataFrame([{**ABOUT, "metric": metric, **plain, **row} for row in READINGS], columns=list(TRENDS))
    models = [{"side": name, "parameters": size, "value": value, "low": value - 0.1, "high": value + 0.1}
              for name, size, value in (("a", 1e8, 0.7), ("b", 1e9, 0.6), ("c", 2e10, 0.4))]  # fmt: skip
    return trends, pd.DataFrame([{**ABOUT, "metric": metric, **row} for row in models], columns=list(EXTREMES))


def test_models_lines_and_slopes_are_those_of_the_tables() -> None:
    drawing = figures.scale_readings(*tables())
    assert drawing is not None
    models, slopes, _ = drawing.figure.axes
    points, plain, weighted = models.get_lines()
    assert points.get_xydata().tolist() == [[1e8, 0.7], [1e9, 0.6], [2e10, 0.4]]
    assert plain.get_ydata().tolist() == pytest.approx([1.5 - 0.8, 1.5 - 0.1 * math.log10(2e10)])
    assert weighted.get_ydata()[0] == pytest.approx(1.6 - 0.88)
    assert [text.get_text() for text in models.get_legend().get_texts()] == ["models of this size", "models of this size, weighted"]
    assert [tick.get_text() for tick in slopes.get_yticklabels()] == [str(row["reading"]) for row in READINGS]
    dots = [line.get_xydata()[0].tolist() for line in slopes.get_lines() if line.get_marker() == "o"]
    assert dots == [[-0.1, 3], [-0.11, 2]]
    ends = [one.get_segments()[0][:, 0].tolist() for one in slopes.collections]
    assert ends == [[-0.2, 0.0], [-0.19, -0.03]]
    assert [text.get_text() for text in slopes.texts] == [
        "-0.100 [-0.200, 0.000], p = 0.040", "-0.110 [-0.190, -0.030], p < 0.001", "undefined", "2.500, p = 0.012",
    ]  # fmt: skip


def test_what_is_held_fixed_is_in_the_figure_and_in_its_caption() -> None:
    drawing = figures.scale_readings(*tables())
    assert drawing is not None
    (below,) = drawing.figure.axes[-1].texts
    for row in READINGS:
        assert f"{row['reading']}: {row['held_fixed']}" in below.get_text()
        assert f"{row['reading']} holds fixed: {row['held_fixed']}" in drawing.caption
    assert "aoc, models, at equal accuracy: undefined (too few)." in drawing.caption
    assert drawing.points["reading"].tolist() == [row["reading"] for row in READINGS]
    text = figures.svg(drawing.figure, "scale")
    assert re.findall(r">(100M|1B|20B)<", text) == ["100M", "1B", "20B"]


def test_each_quantity_has_a_row_with_its_own_models() -> None:
    (first, models), (second, others) = tables(), tables("changed")
    drawing = figures.scale_readings(pd.concat([first, second]), pd.concat([models, others.assign(value=0.2)]))
    assert drawing is not None
    left = drawing.figure.axes[0:4:2]
    assert [axes.get_title(loc="left") for axes in left] == ["aoc (m) on t by cot", "changed (m) on t by cot"]
    assert [axes.get_lines()[0].get_ydata().tolist() for axes in left] == [[0.7, 0.6, 0.4], [0.2] * 3]


def test_nothing_to_draw_is_no_drawing() -> None:
    trends, models = tables()
    assert figures.scale_readings(trends, models.assign(value=math.nan)) is None
    assert figures.scale_readings(trends.iloc[:0], models) is None


def test_a_figure_of_the_readings_has_two_panels_a_quantity_in_every_width() -> None:
    wide, paper = (figures.scale_readings(*tables(), width=width) for width in (10.0, figures.PAGE))
    assert wide is not None
    assert paper is not None
    assert (len(wide.figure.axes), len(paper.figure.axes)) == (3, 2)
    assert paper.points.equals(wide.points)
    with pytest.raises(UsageError, match="has two panels for each quantity, and ax holds one: leave ax out"):
        figures.scale_readings(*tables(), ax=paper.figure.axes[0])
