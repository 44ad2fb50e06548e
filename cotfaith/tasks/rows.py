"""Rows from files: JSON Lines, or one JSON list, plain or gzipped, each with the place that an error should name."""

import gzip
import io
import json
import stat
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from cotfaith import paths
from cotfaith.errors import DataError, UsageError


@dataclass(frozen=True, slots=True)
class Row:
    """A JSON object and its place: `questions.jsonl, line 12`."""

    where: str
    values: Mapping[str, Any]


class Written(float):
    """A decimal with more digits than a float keeps. Its text is the one in the file."""

    text: str

    def __str__(self) -> str:
        """All of its digits."""
        return self.text

    __repr__ = __str__

    def is_integer(self) -> bool:
        """No: some of its digits are lost in the float."""
        return False


_OF_PIPES: dict[int, tuple[Row, ...]] = {}  # a pipe gives its rows once, and a run asks for them again


def stem(path: Path) -> str:
    """The name of the file without its endings: `arc.jsonl.gz` is `arc`."""
    name = path.name
    for ending in (".gz", ".jsonl", ".json"):
        name = name[: -len(ending)] if name.lower().endswith(ending) else name
    return name


def read(path: Path) -> list[Row]:
    """The rows of `path`. Blank lines are no rows.

    A file whose first character is `[` is one list; any other has an object on each line.

    Raises:
        UsageError: the file cannot be opened.
        DataError: it holds no row, is damaged, or a row is no JSON object.
    """
    try:
        paths.refuse_device(path)
        pipe = _pipe(path)
        if pipe is not None and pipe in _OF_PIPES:
            return list(_OF_PIPES[pipe])
        with path.open("rb") as raw, _text(path, raw) as lines:
            rows = list(_rows(path, lines))
    except FileNotFoundError as error:
        raise UsageError(
            f"There is no file {path}: check the path that names the questions (the task itself, or its option data)."
        ) from error
    except IsADirectoryError as error:
        raise UsageError(
            f"{path} is a folder: give the path of one of its files (as the task itself, or as its option data)."
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text (byte {error.start}: {error.reason}): save it as UTF-8.") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{path} is not a whole gzip file ({error}): fetch it again, or drop the ending .gz.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not rows:
        raise DataError(f"{path} is empty: it needs one JSON object per line, one for each question.")
    if pipe is not None:
        _OF_PIPES[pipe] = tuple(rows)
    return rows


def _pipe(path: Path) -> int | None:
    """The number of the pipe that the shell gave in place of a file, as in `<(zcat questions.jsonl.gz)`; None for anything else."""
    status = path.stat()
    return status.st_ino if path.is_relative_to("/dev/fd") and stat.S_ISFIFO(status.st_mode) else None


def _text(path: Path, raw: BinaryIO) -> TextIO:
    if path.name.lower().endswith(".gz"):
        return io.TextIOWrapper(gzip.GzipFile(fileobj=raw), encoding="utf-8-sig")
    return io.TextIOWrapper(raw, encoding="utf-8-sig")


def _rows(path: Path, lines: TextIO) -> Iterator[Row]:
    first = True
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if first and text.startswith("["):
            items = _json(f"{path}", line + lines.read())
            yield from (_row(f"{path}, item {i}", item) for i, item in enumerate(items, start=1))
            return
        if text:
            first = False
            where = f"{path}, line {number}"
            yield _row(where, _json(where, text))


def _row(where: str, value: Any) -> Row:
    if not isinstance(value, dict):
        raise DataError(f"{where}: this is {_kind(value)}, not a JSON object: write one object for each question.")
    return Row(where, value)


def _json(where: str, text: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise DataError(
                f"{where}: an object has the name {twice!r} twice, so one of its values would be lost: give each its own."
            )
        return made

    try:
        return json.loads(text, object_pairs_hook=once, parse_float=_decimal)
    except (ValueError, RecursionError) as error:
        reason = f"{error.msg} at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise DataError(f"{where}: this is not JSON ({reason}): write one JSON object per line.") from error


def _decimal(text: str) -> float:
    """The decimal `text`; it keeps its text if a float would be another number."""
    value = float(text)
    try:
        exact = not isfinite(value) or Decimal(text) == Decimal(repr(value))
    except InvalidOperation:  # an exponent of twenty digits
        exact = False
    if exact:
        return value
    kept = Written(value)
    kept.text = text
    return kept


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    return {list: "a list", str: "text", bool: "true or false"}.get(type(value), "a number")
