"""Given traces: a run can start from existing traces, and is then probed, read and estimated like any other.

An importer parses a file into `GivenTrace`. This module knows only rows of these fields, as mappings or as JSON lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec

from cotfaith import paths
from cotfaith.contracts.importer import GivenTrace
from cotfaith.contracts.strategy import Reasoned
from cotfaith.errors import DataError, one_line, printable, unknown
from cotfaith.model_choices import TraceFile
from cotfaith.pipeline.cell import Cell
from cotfaith.pipeline.sample import Slot, Wanted, finished
from cotfaith.plugins import registry
from cotfaith.types import Trace

IMPORTERS: registry.Group = "cotfaith.importers"


class Given:
    """The given traces of a run. `path` and `made_by` record their file and who made them; the manifest contains both."""

    name = "given"

    def __init__(self, traces: Iterable[GivenTrace], *, path: str = "", made_by: str = "") -> None:
        self._traces: dict[tuple[str, Slot], GivenTrace] = {}
        self._unused: set[tuple[str, Slot]] = set()
        self._where = f"Given traces{f' of {path}' if path else ''}"
        self._provenance = {"source": self.name, "path": path, "made_by": made_by}
        for one in traces:
            _check_texts({field.name: getattr(one, field.name) for field in fields(one)}, self._where)
            place = one.model, (one.question, one.strategy, one.sample)
            if place in self._traces:
                raise DataError(
                    f"{self._where}: question {one.question!r} has sample {one.sample} of strategy {one.strategy} twice; number the samples."
                )
            self._traces[place] = one
        self._unused |= self._traces.keys()
        if not self._traces:
            raise DataError(
                f"{self._where}: there are none; give at least one, or leave the traces out so that the model is sampled."
            )

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], *, path: str = "", made_by: str = "") -> Given:
        """The traces in `rows`, each with the fields of `GivenTrace`.

        Raises:
            DataError: a row lacks a field, or has an unknown field or a value that is not valid.
        """
        where = f"Given traces{f' of {path}' if path else ''}"
        return cls([_parsed(row, f"{where}, row {i}") for i, row in enumerate(rows, 1)], path=path, made_by=made_by)

    @classmethod
    def from_jsonl(cls, path: Path | str, *, made_by: str = "") -> Given:
        """The traces in the file `path`, with one JSON object per line.

        Raises:
            DataError: the file cannot be read, or a line is not such an object.
        """
        return cls.of(_lines(Path(path)), path=str(path), made_by=made_by)

    @classmethod
    def from_file(cls, file: TraceFile) -> Given:
        """The traces in a file, as its importer reads them; without an importer it is JSON lines.

        Raises:
            UsageError: there is no such importer.
            DataError: the file cannot be read, or holds something that is no trace.
        """
        if not file.importer:
            return cls.from_jsonl(file.path)
        importer = registry.function(IMPORTERS, file.importer)
        try:
            paths.refuse_device(file.path)
            traces = _imported(importer(Path(file.path)), file.importer)
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(
                f"Given traces {file.path} cannot be read: {error}; give a file that the importer {file.importer} reads."
            ) from error
        return cls(traces, path=file.path, made_by=f"importer {file.importer}")

    def __len__(self) -> int:
        return len(self._traces)

    def provenance(self) -> dict[str, str]:
        """The provenance of the traces."""
        return dict(self._provenance)

    def check(self, cell: Cell, wanted: Wanted, stored: Trace) -> str:
        """Why `stored` is not the `wanted` trace; empty if it is."""
        now = self._trace(cell, wanted)
        return "" if now.id == stored.id else "another text was given for it earlier"

    def make(self, cell: Cell, missing: Sequence[Wanted]) -> Iterator[list[Trace]]:
        """The `missing` traces, in one list.

        Raises:
            DataError: one of them is not among the given traces.
        """
        if missing:
            yield [self._trace(cell, one) for one in missing]

    def unused(self) -> int:
        """The number of given traces that nothing has requested."""
        return len(self._unused)

    def _trace(self, cell: Cell, wanted: Wanted) -> Trace:
        for place in ((cell.subject.name, wanted.slot), ("", wanted.slot)):
            if place in self._traces:
                self._unused.discard(place)
                return self._made(cell, wanted, self._traces[place])
        question, strategy, sample = wanted.slot
        raise DataError(
            f"{self._where}: there is no trace of question {question!r}, strategy {strategy}, sample {sample}: add it, or use fewer "
            "questions (limit), samples or strategies."
        )

    def _made(self, cell: Cell, wanted: Wanted, one: GivenTrace) -> Trace:
        if one.reasoning_ids is not None and (text := _decoded(cell, one.reasoning_ids)) != one.reasoning:
            raise DataError(
                f"{self._where}: the reasoning_ids of question {one.question!r}, sample {one.sample}, are {text[:40]!r} to the tokenizer of "
                f"{cell.subject.name}, and the reasoning is {one.reasoning[:40]!r}; leave reasoning_ids out, or give those of this model."
            )
        return finished(cell, wanted, Reasoned(one.reasoning, one.reasoning_ids, None, one.finish, one.response))


def _check_texts(trace: Mapping[str, Any], where: str) -> None:
    """Refuse a trace one of whose texts holds half of a character, as an escape in JSON can. No file could hold it."""
    for name, value in trace.items():
        try:
            value.encode() if isinstance(value, str) else None
        except UnicodeEncodeError as error:
            place = f"sample {trace.get('sample', 0)!r} of question {printable(str(trace.get('question')))!r}"
            raise DataError(
                f"{where}: {one_line(place, 100)} holds half of a character (a lone surrogate, at place {error.start + 1} of its {name}): save the "
                "file again from its source."
            ) from None


def _decoded(cell: Cell, ids: tuple[int, ...]) -> str:
    """The text of `ids`, which may be of another tokenizer: then it says that they have none."""
    try:
        return cell.subject.engine.tokenizer.decode(ids)
    except (ValueError, IndexError, KeyError, OverflowError) as error:
        return f"no text ({error})"


def _imported(traces: Any, importer: str) -> list[GivenTrace]:
    """The traces that an importer returned, if they are traces."""
    found = list(traces) if isinstance(traces, Iterable) else [traces]
    for one in found:
        if not isinstance(one, GivenTrace):
            raise DataError(
                f"Importer {importer} returned a {type(one).__name__}, not a GivenTrace: correct the package that registers it."
            )
    return found


def _parsed(row: Mapping[str, Any], where: str) -> GivenTrace:
    known = [field.name for field in fields(GivenTrace)]
    if isinstance(row, GivenTrace):
        return row
    if not isinstance(row, Mapping):
        raise DataError(f"{where}: it is a {type(row).__name__}; give a mapping with {', '.join(known)}, or a GivenTrace.")
    for name in row:
        if name not in known:
            raise unknown(f"field of a given trace ({where})", str(name), known)
    _check_texts(row, where)
    try:
        return msgspec.convert(dict(row), GivenTrace)
    except msgspec.ValidationError as error:
        raise DataError(f"{where}: {str(error)[0].lower()}{str(error)[1:]}; a given trace has {', '.join(known)}.") from error


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        paths.refuse_device(path)
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"Given traces {path} cannot be read: {error}; give a file of JSON lines in UTF-8.") from error
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise DataError(f"Given traces {path}, line {number}, is not JSON ({error}): correct that line.") from error
            if not isinstance(row, dict):
                raise DataError(f"Given traces {path}, line {number}, is not a JSON object: give one trace per line.")
            yield row
