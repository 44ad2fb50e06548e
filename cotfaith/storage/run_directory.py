"""The run directory: append-only Parquet parts, each committed whole, beside a manifest, a log and a lock.

A part belongs to a shard: a fixed block of a cell's questions with all of their rows. Work goes shard by shard, so that memory is
bounded by one shard and the rows of a question are always together. The name of a part ends with the digest of the whole file, so
that any change in it, including the footer, is detected. A part that does not match its name is set aside and made again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from cotfaith.errors import StoreError
from cotfaith.storage import schema
from cotfaith.storage.schema import Row

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 3


@dataclass(frozen=True, slots=True)
class Shard:
    """A block of questions: number `index` of the cell `cell` (a short name of model and task)."""

    cell: str
    index: int

    @property
    def stem(self) -> str:
        """The beginning of the file names of this shard."""
        return f"{self.cell}-{self.index:05d}"


class RunDirectory:
    """One run on disk. `path` is made by the first write."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the directory for writing. The lock of a killed process is released.

        Raises:
            StoreError: another process holds the lock.
        """
        with self._saying("make"):
            self.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            message = f"Run directory {self.path} is in use by another process: wait for it, or choose another --out."
            raise StoreError(message) from None
        try:
            yield
        finally:
            lock.release()

    # --- manifest and log

    def manifest(self) -> dict[str, Any]:
        """The manifest; empty if there is none yet.

        Raises:
            StoreError: it is not JSON, or another version of cotfaith wrote it in a format that this one does not read.
        """
        path = self.path / "manifest.json"
        if not path.exists():
            return {}
        try:
            manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise StoreError(f"{path} is not JSON ({error}): restore it, or choose another --out.") from None
        if manifest.get("format", 0) > FORMAT:
            raise StoreError(
                f"{self.path} was written by cotfaith {manifest.get('cotfaith', 'of a newer version')} (format {manifest['format']}, "
                f"this one reads up to {FORMAT}): upgrade cotfaith to open it."
            )
        if manifest.get("format", FORMAT) < FORMAT:
            raise StoreError(
                f"{self.path} was written by an earlier cotfaith (format {manifest['format']}, this one reads {FORMAT}): "
                "open it with that version, or make the run again with another --out."
            )
        return manifest

    def write_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Replace the manifest."""
        self.write_text(
            "manifest.json", json.dumps({"format": FORMAT, **manifest}, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        )

    def log(self, event: str, **fields: Any) -> None:
        """Append one line to the log."""
        line = json.dumps(
            {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **fields}, ensure_ascii=False
        )
        with self._saying("write the log of"), (self.path / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    # --- parts

    def append(self, name: str, shard: Shard, rows: Sequence[Row]) -> None:
        """Commit `rows` to table `name` as one part: all of them, or none if anything fails."""
        if rows:
            taken = [int(part.name.split("-")[-2]) for part in self._parts(name, shard)]
            data = _bytes(schema.table(name, rows))
            self._write(self.path / name / f"{shard.stem}-{max(taken, default=-1) + 1:05d}-{_digest(data)}.parquet", data)

    def load(self, name: str, shard: Shard) -> pa.Table:
        """All rows of table `name` in `shard`. A part that cannot be read is set aside, and its rows are made again."""
        tables = []
        for part in self._parts(name, shard):
            try:
                tables.append(_read(part, part.stem.rpartition("-")[2], schema.SCHEMAS[name]))
            except (pa.ArrowException, OSError, ValueError) as error:
                part.replace(part.with_name(part.name + ".torn"))
                self.log("torn part set aside", part=f"{name}/{part.name}", error=str(error))
        return pa.concat_tables(tables) if tables else schema.SCHEMAS[name].empty_table()

    def shards(self, name: str) -> list[Shard]:
        """The shards of which table `name` has rows, in order."""
        stems = {path.stem.rsplit("-", 2)[0] for path in (self.path / name).glob("*.parquet")}
        return [Shard(cell, int(index)) for cell, _, index in (stem.rpartition("-") for stem in sorted(stems))]

    def table(self, name: str) -> pa.Table:
        """All rows of table `name`, of every shard.

        Raises:
            StoreError: if a part cannot be read.
        """
        tables = []
        for part in sorted((self.path / name).glob("*.parquet")):
            try:
                tables.append(_read(part, part.stem.rpartition("-")[2], schema.SCHEMAS[name]))
            except (pa.ArrowException, OSError, ValueError) as error:
                advice = "run the command of the run again to make its rows again"
                raise StoreError(f"Part {part.name} of {self.path / name} cannot be read ({error}): {advice}.") from error
        return pa.concat_tables(tables) if tables else schema.SCHEMAS[name].empty_table()

    def count(self, name: str, **where: str) -> int:
        """How many rows of table `name` have these values."""
        table = self.table(name)
        for column, value in where.items():
            table = table.filter(pc.field(column) == value)
        return int(table.num_rows)

    def frame(self, name: str) -> pd.DataFrame:
        """All of table `name` as a data frame.

        Raises:
            StoreError: if a part cannot be read.
        """
        frame: pd.DataFrame = self.table(name).to_pandas()
        return frame.drop_duplicates(schema.TABLES[name].key, keep="last", ignore_index=True)

    def derived(self, name: str) -> pd.DataFrame:
        """The derived table `name`.

        Raises:
            StoreError: it does not exist, or was changed.
        """
        path = self.path / name
        if not path.exists():
            raise StoreError(
                f"{path} does not exist, since the run was stopped before its end: run its command again, or cotfaith estimate."
            )
        try:
            frame: pd.DataFrame = _read(path, self._sidecar(name).read_text(encoding="utf-8").strip()).to_pandas()
        except (pa.ArrowException, OSError, ValueError) as error:
            raise StoreError(f"{path} cannot be read ({error}): make it again with cotfaith estimate.") from error
        return frame

    def _sidecar(self, name: str) -> Path:
        """The file with the digest of the derived table `name`."""
        return self.path / f".{name}.digest"

    def _parts(self, name: str, shard: Shard) -> list[Path]:
        return sorted((self.path / name).glob(f"{shard.stem}-?????-*.parquet"))

    # --- writing whole files

    def write_frame(self, name: str, frame: pd.DataFrame) -> None:
        """Write the derived table `name` and its digest, each whole or not at all."""
        data = _bytes(pa.Table.from_pandas(frame, preserve_index=False))
        self._write(self.path / name, data)
        self._write(self._sidecar(name), f"{_digest(data)}\n".encode())

    def _write(self, target: Path, data: bytes | pa.Buffer) -> None:
        """Write `data` to `target`, whole or not at all."""
        with self._whole(target) as temporary:
            temporary.write_bytes(data)

    def write_text(self, name: str, text: str) -> None:
        """Write the text file `name` of this run, whole or not at all."""
        with self._whole(self.path / name) as temporary:
            temporary.write_text(text, encoding="utf-8")

    @contextmanager
    def _whole(self, target: Path) -> Iterator[Path]:
        """A temporary path that is renamed to `target` once it is written and synced to disk."""
        temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        with self._saying("write"):
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                yield temporary
                _sync(temporary)
                temporary.replace(target)
                _sync(target.parent)
            finally:
                temporary.unlink(missing_ok=True)

    @contextmanager
    def _saying(self, action: str) -> Iterator[None]:
        """An operating-system failure as one sentence."""
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"Cannot {action} {self.path}: {error.strerror or error}; finished work is kept: "
                "free space (or correct the cause) and run the same command again."
            ) from error

    def sweep(self) -> None:
        """Remove incomplete files of killed writers."""
        for path in [*self.path.glob(".*.tmp"), *self.path.glob("*/.*.tmp")]:
            path.unlink(missing_ok=True)


def _bytes(table: pa.Table) -> pa.Buffer:
    """`table` as a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    return sink.getvalue()


def _digest(data: bytes | pa.Buffer) -> str:
    return blake2b(data, digest_size=8).hexdigest()


def _read(path: Path, digest: str, declared: pa.Schema | None = None) -> pa.Table:
    """The table in the file `path`, whose digest and schema must be these.

    Raises:
        ValueError: the digest or the schema differs.
    """
    data = path.read_bytes()
    if _digest(data) != digest:
        raise ValueError("its bytes are not those that were written")
    table = pq.read_table(pa.BufferReader(data))
    if declared is not None and not table.schema.equals(declared):
        raise ValueError("its columns are not those that this version of cotfaith writes")
    return table


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
