"""The parts of a table: files that are written once, whole, and never changed.

A part's name holds its shard, its number within the shard and the digest of its bytes. A part is verified before its rows are used:
its bytes against the digest, and its columns against the declared ones.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cotfaith.errors import StoreError

_NAME = re.compile(r"(?P<cell>[^./]+)-(?P<index>\d{5,})-(?P<number>\d{5,})-(?P<digest>[0-9a-f]{16})\.parquet")
ASIDE = ".torn"  # what the name of a damaged part gets, when it is set aside


class DamagedPartError(StoreError):
    """The bytes of a file are not those that were written."""


@dataclass(frozen=True, slots=True, order=True)
class Shard:
    """A block of questions: number `index` of the cell `cell` (a short name of model and task)."""

    cell: str
    index: int

    @property
    def stem(self) -> str:
        """The beginning of the file names of this shard."""
        return f"{self.cell}-{self.index:05d}"


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One part: its shard, its number within the shard, and the digest of its bytes."""

    shard: Shard
    number: int
    digest: str

    @property
    def name(self) -> str:
        """Its file name."""
        return f"{self.shard.stem}-{self.number:05d}-{self.digest}.parquet"

    @classmethod
    def of(cls, name: str) -> Part | None:
        """The part with this file name; None if it is not the name of a part."""
        found = _NAME.fullmatch(name)
        return found and cls(Shard(found["cell"], int(found["index"])), int(found["number"]), found["digest"])


class Folder:
    """The parts of one table. The folder is listed again only if it has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = -1
        self._parts: dict[Shard, list[Part]] = {}

    def parts(self) -> Iterator[Part]:
        """Every part, in order."""
        for shard in sorted(self._listed()):
            yield from self._parts[shard]

    def shards(self) -> list[Shard]:
        """The shards that have a part, in order."""
        return sorted(self._listed())

    def of(self, shard: Shard) -> list[Part]:
        """The parts of `shard`, in the order of writing."""
        return list(self._listed().get(shard, ()))

    def next(self, shard: Shard, digest: str) -> Part:
        """A new part of `shard` for bytes with this digest."""
        return Part(shard, max((part.number for part in self.of(shard)), default=-1) + 1, digest)

    def added(self, part: Part) -> None:
        """A part was written by this process."""
        self._parts.setdefault(part.shard, []).append(part)
        self._seen = self._changed()

    def read(self, part: Part, declared: pa.Schema, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of `part`, all of whose bytes are verified, with all columns or some.

        Raises:
            StoreError: it cannot be read, is damaged (`DamagedPartError`), or has other columns.
        """
        path = self.path / part.name
        with _parquet(path, part.digest) as file:
            if not file.schema_arrow.equals(declared):
                raise StoreError(
                    f"{path} has other columns than this version of cotfaith writes: open the run with the version that its "
                    "manifest.json names."
                )
            return file.read(columns=None if columns is None else list(columns), use_threads=False)

    def _listed(self) -> dict[Shard, list[Part]]:
        changed = self._changed()
        if changed != self._seen:
            self._parts, self._seen = self._list(), changed
        return self._parts

    def _changed(self) -> int:
        """When a file was last added or removed, in nanoseconds; 0 without the folder."""
        try:
            return self.path.stat().st_mtime_ns
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise _unreadable(self.path, error) from error

    def _list(self) -> dict[Shard, list[Part]]:
        """The parts by shard.

        Raises:
            StoreError: the folder cannot be listed, or holds a Parquet file that is not a part.
        """
        try:
            names = sorted(entry.name for entry in os.scandir(self.path) if not entry.name.startswith("."))
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise _unreadable(self.path, error) from error
        found: dict[Shard, list[Part]] = {}
        for name in names:
            part = Part.of(name)
            if part is not None:
                found.setdefault(part.shard, []).append(part)
            elif name.endswith(".parquet"):
                raise StoreError(f"{self.path / name} is not a file of this run: move it out of the run directory.")
        for parts in found.values():
            parts.sort()
        return found


def digest(data: bytes | pa.Buffer) -> str:
    """The digest that a part's name holds."""
    made = running_digest()
    made.update(data)
    return made.hexdigest()


def running_digest() -> blake2b:
    """A digest of data that comes piece by piece."""
    return blake2b(digest_size=8)


def encoded(table: pa.Table) -> pa.Buffer:
    """`table` as the bytes of a file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    return sink.getvalue()


def verified(path: Path, wanted: str) -> bytes:
    """The bytes of the file `path`, whose digest must be this one.

    Raises:
        StoreError: it cannot be read. It may be whole: a disk, a permission or too many open files can be the cause.
        DamagedPartError: its bytes are not those that were written.
    """
    try:
        data = path.read_bytes()
    except (OSError, MemoryError) as error:
        raise _unreadable(path, error) from error
    if digest(data) != wanted:
        raise DamagedPartError(
            f"{path} is damaged, since its bytes are not those that were written: give the command of the run again, which makes them again."
        )
    return data


def read(path: Path, wanted: str) -> pa.Table:
    """The table in the file `path`, whose digest must be this one.

    Raises:
        StoreError: as `verified`, or the file is not Parquet.
    """
    with _parquet(path, wanted) as file:
        return file.read(use_threads=False)


@contextmanager
def _parquet(path: Path, wanted: str) -> Iterator[pq.ParquetFile]:
    """The open file `path`, whose bytes are verified.

    It is read in this thread alone: Arrow's own threads, if they still run when a short command ends, abort the process
    (apache/arrow#34314).
    """
    data = verified(path, wanted)
    try:
        with pq.ParquetFile(pa.BufferReader(data)) as file:
            yield file
    except (pa.ArrowException, OSError, MemoryError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: BaseException) -> StoreError:
    why = (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__
    return StoreError(
        f"Cannot read {path} ({' '.join(why.split())[:200]}); nothing was changed: correct the cause, and give the command again."
    )
