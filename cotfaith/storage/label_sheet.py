"""Hand labels: a sheet of readings for a person to fill in, imported as verdicts of the judge "hand".

The sheet is CSV with one row per text, for any spreadsheet. A cell that a spreadsheet would read as a formula begins with an
apostrophe.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import cast, get_args

from cotfaith import paths, seeds
from cotfaith.errors import DataError, UsageError, unknown
from cotfaith.types import Channel, Verdict

HAND = "hand"  # the judge
ANSWERS = ("mentions", "relies")

_WORDS = {"yes": True, "no": False}
_GUARDED = ("=", "+", "-", "@", "\t", "\r", "'")
_LONGEST = 1 << 30  # characters per cell; a reasoning trace can exceed the default limit of the csv module


@dataclass(frozen=True, slots=True)
class Item:
    """A text to label: the `channel` of a reading, the hint and its letter, and the question as posed."""

    reading_id: str
    channel: str
    hint: str
    target: str
    question: str
    text: str


COLUMNS = (*(field.name for field in fields(Item)), *ANSWERS)


def write_sheet(rows: Iterable[Item], path: Path | str) -> None:
    """Write `rows` as a new sheet, with the columns `mentions` and `relies` empty.

    Raises:
        UsageError: the file exists and may contain labels, or it cannot be written.
    """
    try:
        with Path(path).open("x", encoding="utf-8-sig", newline="") as file:  # the mark lets spreadsheets see that it is UTF-8
            sheet = csv.writer(file)
            sheet.writerow(COLUMNS)
            sheet.writerows([*map(_guarded, astuple(row)), "", ""] for row in rows)
    except FileExistsError:
        raise UsageError(f"Sheet {path} already exists and may contain labels: give another name, or remove it.") from None
    except OSError as error:
        raise UsageError(f"Cannot write the sheet {path}: {error.strerror or error}; give a path that can be written.") from error


def read_sheet(path: Path | str, known: Mapping[tuple[str, str], str]) -> list[Verdict]:
    """The verdicts in a filled-in sheet, in order. A row without any answer is not labelled and gives no verdict.

    Args:
        path: the sheet.
        known: the hint of each (reading id, channel) that can be labelled.

    Raises:
        DataError: the file is not such a sheet; or a row has an answer other than yes or no, only one answer, or an unknown or
            repeated reading. Rows are counted as in a spreadsheet, with the header as row 1.
    """
    found: dict[tuple[str, str], Verdict] = {}
    for number, row in enumerate(_rows(path), 2):
        where = f"Sheet {path}, row {number}"
        verdict = _verdict(row, where, known)
        if verdict is None:
            continue
        if (verdict.reading_id, verdict.channel) in found:
            raise DataError(
                f"{where}: the {verdict.channel} of reading {verdict.reading_id!r} is labelled twice: keep one row of it."
            )
        found[verdict.reading_id, verdict.channel] = verdict
    return list(found.values())


def _verdict(row: Mapping[str, str], where: str, known: Mapping[tuple[str, str], str]) -> Verdict | None:
    reading, channel, hint = row["reading_id"], row["channel"], row["hint"]
    if (reading, channel) not in known or channel not in get_args(Channel):
        raise DataError(f"{where}: this run has no {channel!r} of a reading {reading!r} to label: remove the row.")
    if known[reading, channel] != hint:
        raise DataError(f"{where}: the hint is {hint!r}, but that of the reading is {known[reading, channel]!r}: correct the row.")
    answers = {name: row[name].strip().lower() for name in ANSWERS}
    for name, answer in answers.items():
        if answer and answer not in _WORDS:
            raise DataError(f"{where}: {name} is {row[name]!r}, but it must be yes, no, or empty for not labelled.")
    given = [name for name, answer in answers.items() if answer]
    if not given:
        return None
    if len(given) < len(ANSWERS):
        raise DataError(f"{where}: {given[0]} has an answer and the other column has none: fill in both, or neither.")
    mentions, relies = (_WORDS[answers[name]] for name in ANSWERS)
    if relies and not mentions:
        raise DataError(
            f"{where}: relies is yes and mentions is no, but a text that relies on the hint mentions it: correct one of the two (mentions: "
            "the text names the hint; relies: it says that its answer follows it)."
        )
    return Verdict(verdict_key(reading, HAND, channel), reading, HAND, cast("Channel", channel), hint, "judged", mentions, relies)


def verdict_key(reading: str, judge: str, channel: str) -> str:
    """The content key of a verdict, by a judge or by hand, on one channel of one reading."""
    return seeds.key("verdict", reading, judge, channel)


def _rows(path: Path | str) -> Iterator[Mapping[str, str]]:
    """The rows under the header, each by column."""
    try:
        paths.refuse_device(path)
        with _long_cells(), Path(path).open(encoding="utf-8-sig", newline="") as file:
            sheet = list(csv.reader(file, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"Cannot read the sheet {path}: {error}; save it as CSV in UTF-8, with commas.") from error
    header = sheet[0] if sheet else []
    for name in COLUMNS:
        if header.count(name) > 1:
            raise DataError(f"Sheet {path} has the column {name} {header.count(name)} times: keep one of them.")
        if name not in header:
            raise DataError(
                f"Sheet {path} has no column {name}; save it as CSV with commas, and keep the columns {', '.join(COLUMNS)}."
            )
    for name in header:
        if name not in COLUMNS:
            raise unknown(f"column of sheet {path}", name, COLUMNS)
    for number, cells in enumerate(sheet[1:], 2):
        if len(cells) != len(header):
            raise DataError(f"Sheet {path}, row {number}: it has {len(cells)} cells under {len(header)} columns: correct the row.")
        yield dict(zip(header, map(_unguarded, cells), strict=True))


@contextmanager
def _long_cells() -> Iterator[None]:
    before = csv.field_size_limit(_LONGEST)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_GUARDED) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_GUARDED) else cell
