"""Hand labels: what is written comes back, what a person can do wrong is told with its row, and no cell is a formula."""

import csv
from dataclasses import astuple, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.errors import CotfaithError, DataError, UsageError
from cotfaith.pipeline.judge import verdict_key
from cotfaith.storage.label_sheet import COLUMNS, Item, read_sheet, write_sheet
from cotfaith.types import Verdict

ITEMS = [
    Item(
        "b1:00", "reasoning", "suggested_answer", "B", "Which?\n\nChoices:\n(A): 1\n(B): 2", " I look, I see. So the answer is (B)."
    ),
    Item("b1:01", "thinking", "metadata", "A", "Which?", "The metadata says (A).\r\nSo (A)."),
    Item("b1:01", "answer", "metadata", "A", "Which?", "=SUM(A1:A9)"),
]
KNOWN = {(one.reading_id, one.channel): one.hint for one in ITEMS}


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    write_sheet(ITEMS, tmp_path / "sheet.csv")
    return tmp_path / "sheet.csv"


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def change(path: Path, *changes: tuple[int, str, str]) -> None:
    """Save the sheet again with (row, column, value) changed; rows are counted as in a spreadsheet."""
    rows = cells(path)
    for row, column, value in changes:
        rows[row - 1][COLUMNS.index(column)] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def test_a_sheet_has_its_columns_and_no_answers(sheet: Path) -> None:
    header, *rows = cells(sheet)
    assert header == ["reading_id", "channel", "hint", "target", "question", "text", "mentions", "relies"]
    assert [tuple(row[:5]) for row in rows] == [astuple(one)[:5] for one in ITEMS]
    assert [row[6:] for row in rows] == [["", ""]] * 3
    assert read_sheet(sheet, KNOWN) == []


def test_labels_come_back_as_verdicts_of_the_hand(sheet: Path) -> None:
    change(sheet, (2, "mentions", "Yes"), (2, "relies", " no "), (4, "mentions", "YES"), (4, "relies", "yes"))
    first, second = read_sheet(sheet, KNOWN)
    key = verdict_key("b1:00", "hand", "reasoning")
    assert first == Verdict(key, "b1:00", "hand", "reasoning", "suggested_answer", "judged", mentions=True, relies=False)
    assert (second.reading_id, second.channel, second.verbalised) == ("b1:01", "answer", True)
    assert first.id != second.id


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "'=", "'", "''"])
def test_no_cell_is_a_formula(start: str, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    write_sheet([replace(ITEMS[0], text=f"{start}1+1", question=f"{start}cmd|' /C calc'!A0")], path)
    (row,) = cells(path)[1:]
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert row[5] == f"'{start}1+1"


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.lists(TEXT, min_size=1, max_size=4, unique=True))
def test_every_id_comes_back(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    path = tmp_path_factory.mktemp("sheets") / "sheet.csv"
    items = [Item(name, "reasoning", name, "A", name, name) for name in names]
    write_sheet(items, path)
    rows = [[*row[:6], "yes", "no"] for row in cells(path)[1:]]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    found = read_sheet(path, {(one.reading_id, one.channel): one.hint for one in items})
    assert [(one.reading_id, one.hint) for one in found] == [(name, name) for name in names]


def test_long_texts_are_read(tmp_path: Path) -> None:
    path, limit = tmp_path / "sheet.csv", csv.field_size_limit()
    write_sheet([replace(ITEMS[0], text="a " * 100_000)], path)
    assert read_sheet(path, KNOWN) == []
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([(3, "mentions", "maybe"), (3, "relies", "no")], "row 3: mentions is 'maybe', but it must be yes, no, or empty"),
        ([(3, "mentions", "1"), (3, "relies", "no")], "row 3: mentions is '1'"),
        ([(4, "relies", "no")], "row 4: relies has an answer and the other column has none: fill in both, or neither"),
        ([(2, "reading_id", "b1:99")], "row 2: this run has no 'reasoning' of a reading 'b1:99' to label"),
        ([(2, "channel", "thinking")], "row 2: this run has no 'thinking' of a reading 'b1:00' to label"),
        ([(2, "hint", "metadata")], "row 2: the hint is 'metadata', but that of the reading is 'suggested_answer'"),
        (
            [
                (row, column, value)
                for row in (3, 4)
                for column, value in (("channel", "answer"), ("mentions", "no"), ("relies", "no"))
            ],
            "row 4: the answer of reading 'b1:01' is labelled twice",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_row(sheet: Path, changes: list[tuple[int, str, str]], message: str) -> None:
    change(sheet, *changes)
    with pytest.raises(DataError) as caught:
        read_sheet(sheet, KNOWN)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"Sheet {sheet}, ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no column reading_id; save it as CSV with commas"),
        (";".join(COLUMNS).encode(), "has no column reading_id"),
        (",".join(COLUMNS[:-1]).encode(), "has no column relies"),
        (",".join((*COLUMNS, "relise")).encode(), "Unknown column of sheet"),
        (",".join(COLUMNS).encode() + b"\na,b\n", "row 2: it has 2 cells under 8 columns"),
        (b"\xff\xfe\x00", "save it as CSV in UTF-8"),
        (",".join(COLUMNS).encode() + b'\n"a', "save it as CSV in UTF-8"),
    ],
)
def test_what_is_no_sheet_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(content)
    with pytest.raises(CotfaithError) as caught:
        read_sheet(path, KNOWN)
    assert message in str(caught.value)


def test_a_sheet_is_never_written_over(sheet: Path, tmp_path: Path) -> None:
    before = sheet.read_bytes()
    with pytest.raises(UsageError, match="already exists and may contain labels: give another name"):
        write_sheet(ITEMS, sheet)
    assert sheet.read_bytes() == before
    with pytest.raises(UsageError, match="Cannot write the sheet"):
        write_sheet(ITEMS, tmp_path / "none" / "sheet.csv")
    with pytest.raises(DataError, match="Cannot read the sheet"):
        read_sheet(tmp_path / "none.csv", KNOWN)
