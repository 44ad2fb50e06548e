"""Cells: when a printed number and ours are equal, and how they are shown and kept."""

import json
import math

import pytest

from benchmarks.published import cells, page
from benchmarks.published.cells import Cell, Recomputed, Spread
from cotfaith.errors import DataError


def cell(printed, ours, within=0.05, **more):
    return Cell("table", "setting", "name", printed, ours, within, **more)


@pytest.mark.parametrize(
    ("printed", "ours", "within", "equal"),
    [
        (62.7, 62.6506, 0.05, True),
        (62.7, 62.65, 0.05, True),  # a tie rounds either way
        (62.7, 62.6499, 0.05, False),
        (62.7, 62.7501, 0.05, False),
        (-36.3, -36.381, 0.1, True),
        (-36.3, -36.401, 0.1, False),
        (363, 363, 0, True),
        (363, 364, 0, False),
        (7.42, math.nan, 0.005, False),
    ],
)
def test_equal_means_equal_at_the_printed_precision(printed, ours, within, equal):
    assert cell(printed, ours, within).equal is equal


def test_all_cells_must_be_equal_and_there_must_be_some():
    assert Recomputed([cell(1, 1), cell(2, 2)]).agrees
    assert not Recomputed([cell(1, 1), cell(2, 3)]).agrees
    assert not Recomputed([]).agrees
    assert Recomputed([cell(1, 1), cell(2, 3)]).summary == "1 of 2 cells equal at the printed precision"


def test_what_is_shown():
    made = Recomputed(
        [cell(23.3, 23.259, low=21.5, high=25.1, n=2111, clusters=2110, missing=3), cell(60, 61, 0, decimals=0)],
        [Spread("name of the spread", 2.34, 2.35, -15.58, 2e-51, 2111, 2110)],
        notes=["a note"],
    )
    lines = cells.shown(made).splitlines()
    assert lines[1] == "table: setting"
    assert lines[3].split() == ["name", "23.3", "23.259", "[21.5,", "25.1]", "2111/2110", "-3", "yes"]
    assert lines[4].split() == ["name", "60", "61", "0/0", "NO"]
    assert "name of the spread" in lines[-4]
    assert lines[-2:] == ["a note", "1 of 2 cells equal at the printed precision"]
    assert max(map(len, lines)) <= 100


def test_what_is_kept_is_strict_json():
    made = cells.record(Recomputed([cell(23.3, 23.2594321)], facts={"more": [{"low": math.nan, "p": 2.3456789e-169}]}))
    assert (made["equal"], made["of"], made["more"]) == (1, 1, [{"low": None, "p": 2.34568e-169}])
    kept = made["cells"]["table"]["setting"]["name"]
    assert (kept["ours"], kept["low"], kept["equal"]) == (23.2594, None, True)
    assert json.loads(json.dumps(made, allow_nan=False)) == made


def test_a_page_without_its_marks_is_refused():
    assert page.filled("a <!-- x -->old<!-- /x --> b", "x", r"\1 new") == "a <!-- x -->\n\\1 new\n<!-- /x --> b"
    with pytest.raises(
        DataError, match=r"^published.md has the marks <!-- y --> and <!-- /y --> 0 times; it must have them once\.$"
    ):
        page.filled("a <!-- x -->old<!-- /x --> b", "y", "new")
