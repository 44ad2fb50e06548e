"""Traces that came from elsewhere: a run may start from these, and is then probed, read and estimated like any other.

An importer parses a file into `GivenTrace`; nothing here knows a format but rows of these fields, as mappings or as JSON lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec

from cotfaith.contracts.importer import GivenTrace
from cotfaith.contracts.strategy import Reasoned
from cotfaith.errors import DataError, unknown
from cotfaith.pipeline.cell import Cell
from cotfaith.pipeline.sample import Slot, Wanted, finished
from cotfaith.plugins import registry
from cotfaith.study import TraceFile
from cotfaith.types import Trace

IMPORTERS: registry.Group = "cotfaith.importers"


class Given:
    """The traces of a run, given. `path` and `made_by` say where they came from and who made them; both go into the manifest."""

    name = "given"

    def __init__(self, traces: Iterable[GivenTrace], *, path: str = "", made_by: str = "") -> None:
        self._traces: dict[tuple[str, Slot], GivenTrace] = {}
        self._unused: set[tuple[str, Slot]] = set()
        self._where = f"Given traces{f' of {path}' if path else ''}"
        self._provenance = {"source": self.name, "path": path, "made_by": made_by}
        for one in traces:
            place = one.model, (one.question, one.strategy, one.sample)
            if place in self._traces:
                raise DataError(
                    f"{self._where}: question {one.question!r} has sample {one.sample} of strategy {one.strategy} twice; number the samples."
                )
            self._traces[place] = one
        self._unused |= self._traces.keys()

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]], *, path: str = "", made_by: str = "") -> Given:
        """The traces that `rows` describe, each with the fields of `GivenTrace`.

        Raises:
            DataError: a row lacks a field, has an unknown one, or a value that does not fit.
        """
        where = f"Given traces{f' of {path}' if path else ''}"
        return cls([_parsed(row, f"{where}, row {i}") for i, row in enumerate(rows, 1)], path=path, made_by=made_by)

    @classmethod
    def from_jsonl(cls, path: Path | str, *, made_by: str = "") -> Given:
        """The traces in the file `path`, a JSON object a line.

        Raises:
            DataError: the file cannot be read, or a line is no such object.
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
            return cls(list(importer(Path(file.path))), path=file.path, made_by=f"importer {file.importer}")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(
                f"Given traces {file.path} cannot be read: {error}; give a file that the importer {file.importer} reads."
            ) from error

    def __len__(self) -> int:
        return len(self._traces)

    def provenance(self) -> dict[str, str]:
        """Where the traces came from."""
        return dict(self._provenance)

    def check(self, cell: Cell, wanted: Wanted, stored: Trace) -> str:
        """Why `stored` is not the trace that is `wanted`; empty where it is."""
        now = self._trace(cell, wanted)
        return "" if now.id == stored.id else "another text was given for it before"

    def make(self, cell: Cell, missing: Sequence[Wanted]) -> Iterator[list[Trace]]:
        """The traces that are `missing`, in one list.

        Raises:
            DataError: one of them was not given.
        """
        if missing:
            yield [self._trace(cell, one) for one in missing]

    def unused(self) -> int:
        """How many of the traces nothing has asked for."""
        return len(self._unused)

    def _trace(self, cell: Cell, wanted: Wanted) -> Trace:
        for place in ((cell.subject.name, wanted.slot), ("", wanted.slot)):
            if place in self._traces:
                self._unused.discard(place)
                return self._made(cell, wanted, self._traces[place])
        question, strategy, sample = wanted.slot
        raise DataError(
            f"{self._where}: there is no trace of question {question!r}, strategy {strategy}, sample {sample}: give it, or ask for fewer "
            "questions (limit), samples or strategies."
        )

    def _made(self, cell: Cell, wanted: Wanted, one: GivenTrace) -> Trace:
        if one.reasoning_ids is not None and (text := cell.subject.engine.tokenizer.decode(one.reasoning_ids)) != one.reasoning:
            raise DataError(
                f"{self._where}: the reasoning_ids of question {one.question!r}, sample {one.sample}, are {text[:40]!r} to the tokenizer of "
                f"{cell.subject.name}, and the reasoning is {one.reasoning[:40]!r}; leave reasoning_ids out, or give those of this model."
            )
        return finished(cell, wanted, Reasoned(one.reasoning, one.reasoning_ids, None, one.finish, one.response))


def _parsed(row: Mapping[str, Any], where: str) -> GivenTrace:
    known = [field.name for field in fields(GivenTrace)]
    for name in row:
        if name not in known:
            raise unknown(f"field of a given trace ({where})", str(name), known)
    try:
        return msgspec.convert(dict(row), GivenTrace)
    except msgspec.ValidationError as error:
        raise DataError(f"{where}: {str(error)[0].lower()}{str(error)[1:]}; a given trace has {', '.join(known)}.") from error


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"Given traces {path} cannot be read: {error}; give a file of JSON lines in UTF-8.") from error
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise DataError(f"Given traces {path}, line {number}, is not JSON ({error}); correct that line.") from error
            if not isinstance(row, dict):
                raise DataError(f"Given traces {path}, line {number}, is no JSON object; give one trace a line.")
            yield row
