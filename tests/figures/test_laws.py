"""What holds of every figure: it shows the points of its table and nothing else, its words can be read, and it can be drawn into the caller's axes."""

import inspect
import math
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from figures.rows import MARKS
from matplotlib.collections import FillBetweenPolyCollection, LineCollection
from matplotlib.figure import Figure as Canvas
from matplotlib.text import Text

from cotfaith import figures
from cotfaith.contracts.figure import Drawing, Figure
from cotfaith.errors import UsageError
from cotfaith.figures.registered import FIGURES
from cotfaith.plugins import registry
from cotfaith.plugins.blame import OURS
from docs.generate import gallery

ESTIMATES = gallery.table()
WIDTHS = (figures.COLUMN, figures.PAGE)
ROWS = {
    "forest",
    "accuracy",
    "step-edits",
    "transplant",
    "hints",
    "hints-acknowledged",
    "bias-accuracy",
    "equivalence",
    "profile",
    "reversed-pairs",
}  # values to the right
SCATTERS = {"normalised", "strategies", "planted"}
LEVELS = {"filler", "step-place"}  # have points without a dose, which are horizontal lines
BARE = {"same-answer", "mediation"}  # draw intervals only for a single line, and a band for each
KEY = ["model", "task", "value", "low", "high", "n", "clusters", "missing"]


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_says_how_it_is_read_and_what_it_cannot_tell(name: str) -> None:
    for text in (FIGURES[name].aid, FIGURES[name].limits):
        assert text.endswith(".")
        assert 1 <= text.count(". ") + 1 <= 2


@cache
def drawn(name: str, width: float = figures.PAGE) -> Drawing:
    made = gallery.draw(name, ESTIMATES, width)
    assert made is not None
    return made


def shown(points: pd.DataFrame) -> pd.DataFrame:
    """The points that are marks: those with a value, and with a place where a figure has one."""
    known = points[points["value"].notna()]
    for place in ("x", "parameters"):
        known = known[known[place].notna()] if place in known else known
    return known


def marks(drawing: Drawing) -> list[tuple[float, float]]:
    """Every mark of every panel."""
    lines = [line for axes in drawing.figure.axes for line in axes.get_lines() if line.get_marker() in MARKS]
    return [(float(x), float(y)) for line in lines for x, y in line.get_xydata() if not math.isnan(y)]


def segments(drawing: Drawing, *, upright: bool) -> Counter[tuple[float, float]]:
    """The ends of all intervals, upright or not."""
    found: Counter[tuple[float, float]] = Counter()
    for axes in drawing.figure.axes:
        for lines in axes.collections:
            if isinstance(lines, LineCollection):
                for (x0, y0), (x1, y1) in (segment for segment in lines.get_segments() if len(segment) == 2):
                    if (x0 == x1) == upright and (x0, y0) != (x1, y1):
                        found[(near(y0), near(y1)) if upright else (near(x0), near(x1))] += 1
    return found


def near(value: float) -> float:
    return round(float(value), 7)


def intervals(points: pd.DataFrame, low: str, high: str) -> Counter[tuple[float, float]]:
    there = points[points[low].notna() & points[high].notna() & (points[low] != points[high])]
    return Counter((near(a), near(b)) for a, b in zip(there[low], there[high], strict=True))


def law_of_marks(name: str, drawing: Drawing) -> None:
    """Each value is a mark (or a horizontal line), at its place, and each mark is a value."""
    points = shown(drawing.points)
    on, off = (points[points["dose"].notna()], points[points["dose"].isna()]) if name in LEVELS else (points, points.iloc[:0])
    column = "at" if name == "profile" else "value"
    which = 0 if name in ROWS else 1
    assert Counter(near(mark[which]) for mark in marks(drawing)) == Counter(map(near, on[column]))
    level = [line.get_ydata() for axes in drawing.figure.axes for line in axes.get_lines() if line.get_marker() == "None"]
    across = {near(heights[0]) for heights in level if len(heights) == 2 and heights[0] == heights[1]}
    assert {near(value) for value in off["value"]} <= across
    if name in SCATTERS:
        assert Counter((near(x), near(y)) for x, y in marks(drawing)) == Counter(
            map(lambda x, y: (near(x), near(y)), on["x"], on["value"])
        )
    if name not in ROWS | SCATTERS:
        place = "parameters" if "parameters" in on else "dose"
        shift = 0.061 * float(on[place].max())
        for x, y in marks(drawing):
            assert (abs(on.loc[on["value"].map(near) == near(y), place] - x) <= shift).any()


def law_of_intervals(name: str, drawing: Drawing) -> None:
    """Each interval and each band is drawn with its ends, and no other."""
    points = shown(drawing.points)
    points = points[points["dose"].notna()] if name in LEVELS else points
    if name in BARE:
        assert segments(drawing, upright=True) == Counter()
    elif name in ROWS:
        ends = ("at_low", "at_high") if name == "profile" else ("low", "high")
        found = segments(drawing, upright=False)
        rails = Counter({(0.0, 1.0): found[0.0, 1.0]}) if name == "profile" else Counter()
        assert found - rails == intervals(points, *ends) - rails
    else:
        assert segments(drawing, upright=True) == intervals(points, "low", "high")
    if name in SCATTERS:
        assert segments(drawing, upright=False) == intervals(points, "x_low", "x_high")
    bands = [one for axes in drawing.figure.axes for one in axes.collections if isinstance(one, FillBetweenPolyCollection)]
    heights = {near(y) for band in bands for path in band.get_paths() for y in path.vertices[:, 1] if not math.isnan(y)}
    ends = points[["band_low", "band_high"]].to_numpy().ravel() if "band_low" in points else np.array([])
    assert heights == {near(end) for end in ends if not math.isnan(end)}


def rows_of(name: str) -> pd.DataFrame:
    """The rows of the table that a figure is of, with each length as a task of its own where the figure has one panel for each."""
    rows = gallery.rows_of(name, ESTIMATES)
    if not name.endswith("-by-length"):
        return rows
    exact = rows[rows["stratum"].fillna("").str.endswith(" steps")]
    return exact.assign(task=exact["task"] + ", " + exact["stratum"])


def law_of_the_table(drawing: Drawing, rows: pd.DataFrame) -> None:
    """Each point is a row of the table of estimates, digit for digit."""
    there = Counter(tuple(map(str, row)) for row in rows[KEY].to_numpy().tolist())
    for row in drawing.points[KEY].to_numpy().tolist():
        assert there[tuple(map(str, row))]
    if "x_low" in drawing.points and "planted" not in rows.columns[rows.notna().any()]:
        across = set(rows[["value", "low", "high"]].itertuples(index=False, name=None))
        assert set(shown(drawing.points)[["x", "x_low", "x_high"]].itertuples(index=False, name=None)) <= across


def test_every_function_is_registered_and_in_the_gallery() -> None:
    registered = {
        name for name in registry.names("cotfaith.figures") if registry.origin("cotfaith.figures", name).distribution == OURS
    }
    assert registered == set(FIGURES)
    for name in registered:
        assert registry.imported("cotfaith.figures", name) is FIGURES[name]
    functions = {getattr(figures, name) for name in figures.__all__ if inspect.isfunction(getattr(figures, name))}
    assert functions - {figures.save, figures.svg, figures.scale_readings} == {figure.draw for figure in FIGURES.values()}


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_figure_shows_the_points_of_the_table_and_nothing_else(name: str, width: float) -> None:
    drawing = drawn(name, width)
    assert len(shown(drawing.points)) > 1
    law_of_the_table(drawing, rows_of(name))
    law_of_marks(name, drawing)
    law_of_intervals(name, drawing)


@pytest.mark.parametrize("name", FIGURES)
def test_the_laws_can_fail(name: str) -> None:
    drawing = drawn(name)
    place = shown(drawing.points).index[0]
    column = "at" if name == "profile" else "value"
    other = drawing.points.copy()
    other.loc[place, list({column, "value"})] += 0.001
    moved = Drawing(drawing.figure, other, drawing.caption)
    with pytest.raises(AssertionError):
        law_of_marks(name, moved)
    with pytest.raises(AssertionError):
        law_of_the_table(moved, rows_of(name))
    wider = drawing.points.copy()
    wider[[one for one in wider if one.endswith("high")]] += 0.001
    with pytest.raises(AssertionError):
        law_of_intervals(name, Drawing(drawing.figure, wider, drawing.caption))


def words(figure: Canvas) -> Iterator[Text]:
    """Every text that is shown. A tick outside of its axis has a text that is not."""
    hidden = set[Text]()
    for axes in figure.axes:
        for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            ticks = axis.get_major_ticks()
            hidden |= {
                text for tick in ticks if not min(limits) <= tick.get_loc() <= max(limits) for text in (tick.label1, tick.label2)
            }
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and text not in hidden:
            yield text


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("width", WIDTHS)
def test_words_can_be_read_at_print_size_and_none_is_cut_or_covers_another(name: str, width: float) -> None:
    figure = drawn(name, width).figure
    assert figure.get_figwidth() <= width + 1e-9
    figure.draw_without_rendering()
    edge = figure.bbox
    boxes = []
    for text in words(figure):
        assert 6 <= text.get_fontsize() <= 9.01, text.get_text()
        boxes.append((text.get_text(), text.get_window_extent()))
    for said, box in boxes:
        assert (box.x0 >= -1, box.y0 >= -1, box.x1 <= edge.x1 + 1, box.y1 <= edge.y1 + 1) == (True,) * 4, said
    for (first, a), (second, b) in combinations(boxes, 2):
        across, up = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert not (across > 2 and up > 2), (first, second)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_of_one_panel_is_drawn_into_given_axes_and_of_several_refused(name: str) -> None:
    figure = Canvas()
    ax = figure.subplots(1, 2)[1]
    rows = gallery.rows_of(name, ESTIMATES)
    one = rows[rows["task"] == rows["task"].iloc[0]]
    one = one if name in {"over-size", "planted", "reversed-pairs"} else one[one["model"] == one["model"].iloc[0]]
    one = one[one["stratum"] == "3 steps"] if name.endswith("-by-length") else one
    drawing = FIGURES[name](one, ax=ax)
    assert drawing is not None
    assert drawing.figure is figure
    assert [bool(axes.get_lines()) for axes in figure.axes] == [False, True]
    alone = FIGURES[name](one)
    assert alone is not None
    assert drawing.points.equals(alone.points)
    if len(drawn(name).figure.axes) > 1:
        with pytest.raises(
            UsageError,
            match=r"This figure has \d panels \(.*\), and ax holds one: give the estimates of one panel, or leave ax out",
        ):
            FIGURES[name](rows, ax=ax)


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_to_draw_is_no_figure(name: str) -> None:
    rows = gallery.rows_of(name, ESTIMATES)
    assert FIGURES[name](rows.iloc[:0]) is None
    assert FIGURES[name](rows.assign(value=math.nan, low=math.nan, high=math.nan)) is None
    assert isinstance(FIGURES[name], Figure)


def test_planted_values_may_be_given_by_model() -> None:
    rows = gallery.rows_of("planted", ESTIMATES)
    planted = {f"mixed, {100 * share:g} %": share for share in gallery.SHARES}
    given, column = figures.planted(rows.drop(columns="planted"), planted=planted), figures.planted(rows)
    assert given is not None
    assert column is not None
    pd.testing.assert_frame_equal(given.points, column.points)
    assert figures.planted(rows.drop(columns="planted")) is None


def test_the_gallery_is_up_to_date() -> None:
    made = {name: drawn(name) for name in FIGURES}
    assert gallery.PAGE.read_text(encoding="utf-8") == gallery.page(made), "run `make figures`"
    assert {path.stem for path in gallery.FOLDER.glob("*.svg")} == set(FIGURES)
    for name, drawing in made.items():
        text = (gallery.FOLDER / f"{name}.svg").read_text(encoding="utf-8")
        assert all(f">{axes.get_xlabel()}<" in text for axes in drawing.figure.axes if axes.get_xlabel()), "run `make figures`"
