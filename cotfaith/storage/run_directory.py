"""The run directory: append-only Parquet parts, each committed whole, beside a manifest, a log and a lock.

A part belongs to a shard: a fixed block of a cell's questions with everything that came of them. Work goes shard by shard, so that
memory is bounded by a shard, and a question's rows are always together. A file that is not whole is set aside and made again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import and_
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from cotfaith.errors import StoreError
from cotfaith.storage import schema
from cotfaith.storage.schema import Row

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 2


@dataclass(frozen=True, slots=True)
class Shard:
    """A block of questions: number `index` of the cell `cell` (a short name of model and task)."""

    cell: str
    index: int

    @property
    def stem(self) -> str:
        """How the files of this shard begin."""
        return f"{self.cell}-{self.index:05d}"


class RunDirectory:
    """One run on disk. `path` is made by the first write."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the directory for writing; a killed holder lets go by dying.

        Raises:
            StoreError: if another process holds it.
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
        """The manifest; empty when there is none yet.

        Raises:
            StoreError: if it is not JSON, or of a version of cotfaith whose rows this one does not read.
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
        """Commit `rows` to table `name` as one part: all of them or, if anything fails, none."""
        if rows:
            number = len(self._parts(name, shard))
            target = self.path / name / f"{shard.stem}-{number:05d}.parquet"
            while target.exists():
                number += 1
                target = target.with_name(f"{shard.stem}-{number:05d}.parquet")
            self.write_table(target, schema.table(name, rows))

    def load(self, name: str, shard: Shard) -> pa.Table:
        """All rows of table `name` in `shard`. A part that cannot be read is set aside, so that its rows count as not yet made."""
        tables = []
        for part in self._parts(name, shard):
            try:
                tables.append(pq.read_table(part, schema=schema.SCHEMAS[name], page_checksum_verification=True))
            except (pa.ArrowException, OSError, ValueError) as error:
                part.replace(part.with_name(part.name + ".torn"))
                self.log("torn part set aside", part=f"{name}/{part.name}", error=str(error))
        return pa.concat_tables(tables) if tables else schema.SCHEMAS[name].empty_table()

    def shards(self, name: str) -> list[Shard]:
        """The shards of which table `name` has rows, in order."""
        stems = {path.stem.rsplit("-", 1)[0] for path in (self.path / name).glob("*.parquet")}
        return [Shard(cell, int(index)) for cell, _, index in (stem.rpartition("-") for stem in sorted(stems))]

    def dataset(self, name: str) -> ds.Dataset:
        """All of table `name`, unread, for scanning."""
        parts = sorted((self.path / name).glob("*.parquet"))
        if not parts:
            return ds.dataset(schema.SCHEMAS[name].empty_table())
        return ds.dataset([str(part) for part in parts], schema=schema.SCHEMAS[name], format="parquet")

    def count(self, name: str, **where: str) -> int:
        """How many rows of table `name` have these values."""
        wanted = [ds.field(column) == value for column, value in where.items()]
        return int(self.dataset(name).count_rows(filter=reduce(and_, wanted) if wanted else None))

    def frame(self, name: str) -> pd.DataFrame:
        """All of table `name` as a data frame.

        Raises:
            StoreError: if a part cannot be read.
        """
        try:
            frame: pd.DataFrame = self.dataset(name).to_table().to_pandas()
        except (pa.ArrowException, OSError, ValueError) as error:
            advice = "give the command of the run again to make it anew"
            raise StoreError(f"A part of {self.path / name} cannot be read ({error}): {advice}.") from error
        return frame.drop_duplicates("id", keep="last", ignore_index=True)

    def derived(self, name: str) -> pd.DataFrame:
        """The derived table `name`.

        Raises:
            StoreError: if it is not there.
        """
        path = self.path / name
        if not path.exists():
            raise StoreError(
                f"{path} is not there: the run was stopped before its end; give its command again, or cotfaith estimate."
            )
        frame: pd.DataFrame = pq.read_table(path).to_pandas()
        return frame

    def _parts(self, name: str, shard: Shard) -> list[Path]:
        return sorted((self.path / name).glob(f"{shard.stem}-?????.parquet"))

    # --- writing whole files

    def write_table(self, target: Path, table: pa.Table) -> None:
        """Write `table` to `target`, whole or not at all."""
        with self._whole(target) as temporary:
            pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)

    def write_frame(self, name: str, frame: pd.DataFrame) -> None:
        """Write the derived table `name`, whole or not at all."""
        self.write_table(self.path / name, pa.Table.from_pandas(frame, preserve_index=False))

    def write_text(self, name: str, text: str) -> None:
        """Write the text file `name` of this run, whole or not at all."""
        with self._whole(self.path / name) as temporary:
            temporary.write_text(text, encoding="utf-8")

    @contextmanager
    def _whole(self, target: Path) -> Iterator[Path]:
        """A temporary path that takes the name `target` once it is written and safe on disk."""
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
                f"Cannot {action} {self.path}: {error.strerror or error}; what was finished before is kept: "
                "make room (or mend it) and give the same command again."
            ) from error

    def sweep(self) -> None:
        """Remove what killed writers left half-written."""
        for path in [*self.path.glob(".*.tmp"), *self.path.glob("*/.*.tmp")]:
            path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
