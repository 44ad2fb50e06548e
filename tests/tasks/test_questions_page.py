"""The page on questions says what the code reads."""

import re
from pathlib import Path

import pytest

from cotfaith.analysis.unread import COLUMNS
from cotfaith.tasks.columns import ALIASES
from cotfaith.tasks.shapes import SHAPES
from cotfaith.text.cutters import FORMS

TEXT = (Path(__file__).parents[2] / "docs" / "questions.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in TEXT.splitlines() if line.startswith("| ")]
COUNTS = {"index": "from 0", "label": "from 1", "letter": "a letter"}


@pytest.mark.parametrize("part", [part for part in ALIASES if ALIASES[part]])
def test_the_names_of_each_part(part):
    (row,) = [row for row in ROWS if row[0] == f"`{part}`"]
    assert tuple(re.findall(r"`([^`]+)`", row[3])) == ALIASES[part]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "+".join(shape.choices))
def test_the_columns_of_each_set(shape):
    (row,) = [row for row in ROWS if row[0] == shape.name]
    assert f"`{'+'.join(shape.choices)}`" in row[2]
    assert all(f"`{name}`" in row[1] for name in shape.question)
    assert all(f"`{name}`" in row[3] for name in shape.gold)
    assert COUNTS.get(shape.manner, "shuffled") in row[3]


def test_no_other_set_is_named():
    start = next(i for i, row in enumerate(ROWS) if row[0] == "set")
    named = [row[0] for row in ROWS[start + 1 :] if len(row) == 4]
    assert named == list(dict.fromkeys(shape.name for shape in SHAPES))


def test_every_cutter_and_every_column_of_unread_is_there():
    assert {form.partition(":")[0] for form in FORMS} == {
        row[0].strip("`").partition("`")[0].partition(":")[0]
        for row in ROWS
        if row[0].startswith(("`sentence", "`line", "`tokens", "`before"))
    }
    assert set(re.findall(r"`([a-z]+)`", " ".join(row[0] for row in ROWS[-7:]))) >= set(COLUMNS)
