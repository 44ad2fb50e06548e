"""The run directory: append-only Parquet parts, each committed whole, beside a manifest, a log and a lock.

A part belongs to a shard: a fixed block of a cell's questions with all of their rows. Work goes shard by shard, so that memory is
bounded by one shard and the rows of a question are always together. Every part is verified before its rows are used (`parts`). Only a
run sets a part aside, and only if its bytes are proven to be other than those that were written; its rows are then made again.
"""

from __future__ import annotations

import errno
import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from filelock import FileLock, Timeout

from cotfaith import paths
from cotfaith.errors import StoreError
from cotfaith.storage import manifests, parts, schema
from cotfaith.storage.parts import DamagedPartError, Folder, Part, Shard
from cotfaith.storage.schema import Row
from cotfaith.storage.whole_files import left_over, saying, whole

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FORMAT", "DamagedPartError", "RunDirectory", "Shard"]

logger = logging.getLogger(__name__)

FORMAT = manifests.FORMAT
PARTS = "parts"  # the key of a manifest that lists the parts of each table by digest
NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}  # of a file system that has none
DERIVED = ("report.html", "traces.html", "estimates.parquet")  # each with its digest beside it
FILES = ("manifest.json", "study.yaml", "log.jsonl", "lock", *DERIVED, *(f".{name}.digest" for name in DERIVED))
FOLDERS = (*schema.TABLES, "tables", "figures")


class RunDirectory:
    """One run on disk. `path` is made by the first write."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._folders = {name: Folder(self.path / name) for name in schema.TABLES}

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the directory for writing. The lock of a killed process is released.

        Raises:
            StoreError: another process holds the lock, or the directory cannot be written.
        """
        with saying("make", self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.path / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            message = f"Run directory {self.path} is in use by another process: wait for it, or choose another --out."
            raise StoreError(message) from None
        except PermissionError as error:
            raise StoreError(
                f"Run directory {self.path} cannot be written ({error.strerror}): copy it to a folder of your own."
            ) from error
        except (NotImplementedError, OSError) as error:
            if isinstance(error, OSError) and error.errno not in NO_LOCKS:
                raise StoreError(
                    f"Cannot lock {self.path} ({error.strerror or error}): correct the cause, or choose another --out."
                ) from error
            logger.warning("The file system of %s has no locks: make sure that no other process writes to this run.", self.path)
        try:
            yield
        finally:
            lock.release()

    def writable(self) -> bool:
        """Whether this user may write to the directory."""
        return os.access(self.path, os.W_OK)

    # --- manifest and log

    def manifest(self) -> dict[str, Any]:
        """The manifest; empty if there is none yet.

        Raises:
            StoreError: it cannot be read, was changed, has another shape or another format.
        """
        return manifests.read(self.path)

    def write_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Replace the manifest. It lists all parts that are there now, so that one that is lost later is missed."""
        self.write_text(manifests.NAME, manifests.encoded({**manifest, PARTS: self.there()}))

    def log(self, event: str, **fields: Any) -> None:
        """Append one line to the log."""
        line = json.dumps(
            {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **fields}, ensure_ascii=False
        )
        with (
            saying("write the log of", self.path),
            (self.path / "log.jsonl").open("a", encoding="utf-8", errors="backslashreplace") as file,
        ):
            file.write(line + "\n")

    def there(self) -> dict[str, list[str]]:
        """The names of the parts of each table that has some."""
        found = {name: [part.name for part in folder.parts()] for name, folder in self._folders.items()}
        return {name: names for name, names in found.items() if names}

    # --- parts

    def append(self, name: str, shard: Shard, rows: Sequence[Row]) -> None:
        """Commit `rows` to table `name` as one part: all of them, or none if anything fails."""
        if rows:
            folder, data = self._folders[name], parts.encoded(schema.table(name, rows))
            part = folder.next(shard, parts.digest(data))
            _write(folder.path / part.name, data)
            folder.added(part)

    def load(self, name: str, shard: Shard, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows of table `name` in `shard`, with all columns or some.

        Raises:
            StoreError: a part cannot be read, is damaged, or has other columns.
        """
        return self._joined(name, self._folders[name].of(shard), columns)

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows of table `name`, of every shard, with all columns or some.

        Raises:
            StoreError: as `load`.
        """
        return self._joined(name, self.parts(name), columns)

    def parts(self, name: str) -> list[Part]:
        """The parts of table `name`, in order."""
        return list(self._folders[name].parts())

    def _joined(self, name: str, wanted: Sequence[Part], columns: Sequence[str] | None) -> pa.Table:
        declared = schema.SCHEMAS[name]
        tables = [self._folders[name].read(part, declared, columns) for part in wanted]
        if tables:
            return pa.concat_tables(tables)
        return declared.empty_table() if columns is None else declared.empty_table().select(list(columns))

    def shards(self, name: str) -> list[Shard]:
        """The shards of which table `name` has rows, in order."""
        return self._folders[name].shards()

    def state(self) -> str:
        """A digest of all parts. It changes with every row that is added."""
        names = [f"{name}/{part.name}" for name in self._folders for part in self.parts(name)]
        return parts.digest("\n".join(names).encode())

    def damaged(self) -> Iterator[Path]:
        """The parts whose bytes are not those that were written. Every part is read.

        Raises:
            StoreError: a part cannot be read. Nothing tells that it is damaged.
        """
        for name in self._folders:
            for part in self.parts(name):
                path = self.path / name / part.name
                try:
                    parts.verified(path, part.digest)
                except DamagedPartError:
                    yield path

    def set_aside_damaged(self) -> list[str]:
        """Rename every damaged part, so that its rows are made again. Return the names. Only a run does this, under its lock.

        Raises:
            StoreError: as `damaged`.
        """
        found = []
        for path in self.damaged():
            with saying("set aside", path):
                path.replace(path.with_name(path.name + parts.ASIDE))
            found.append(f"{path.parent.name}/{path.name}")
            self.log("damaged part set aside", part=found[-1])
        return found

    def frame(self, name: str) -> pd.DataFrame:
        """All of table `name` as a data frame.

        Raises:
            StoreError: as `load`.
        """
        return _pandas(self.table(name)).drop_duplicates(schema.TABLES[name].key, keep="last", ignore_index=True)

    # --- derived tables and other files

    def derived(self, name: str) -> pd.DataFrame:
        """The derived table `name`.

        Raises:
            StoreError: it does not exist, cannot be read, or was changed.
        """
        path = self.path / name
        digest, _ = self._beside(name)
        if not digest:
            raise StoreError(f"{path} does not exist, or not its digest: make it again with cotfaith estimate.")
        try:
            return _pandas(parts.read(path, digest))
        except DamagedPartError:
            raise StoreError(f"{path} was changed after it was written: make it again with cotfaith estimate.") from None

    def kept_frame(self, name: str, key: str) -> pd.DataFrame | None:
        """The derived table `name` if it is there, unchanged, and was made from what `key` stands for; else None."""
        try:
            return self.derived(name) if self._beside(name)[1] == key else None
        except StoreError:
            return None

    def kept(self, name: str, key: str) -> bool:
        """Whether the derived file `name` is there, unchanged, and was made from what `key` stands for."""
        try:
            digest, made = self._beside(name)
            return made == key and bool(digest) and bool(parts.verified(self.path / name, digest))
        except StoreError:
            return False

    def write_frame(self, name: str, frame: pd.DataFrame, key: str = "") -> None:
        """Write the derived table `name`; `key` stands for all that it was made from."""
        self._derive(name, parts.encoded(pa.Table.from_pandas(frame, preserve_index=False)), key)

    def write_page(self, name: str, text: str, key: str) -> None:
        """Write the derived text file `name`; `key` stands for all that it was made from."""
        self._derive(name, text.encode(), key)

    def write_pieces(self, name: str, pieces: Iterable[str], key: str) -> None:
        """The same, piece by piece, so that the text is never in memory as a whole."""
        running = parts.running_digest()
        with whole(self.path / name) as temporary, temporary.open("wb") as file:
            for piece in pieces:
                data = piece.encode()
                running.update(data)
                file.write(data)
        _write(self._sidecar(name), f"{running.hexdigest()} {key}\n".encode())

    def _derive(self, name: str, data: bytes | pa.Buffer, key: str) -> None:
        _write(self.path / name, data)
        _write(self._sidecar(name), f"{parts.digest(data)} {key}\n".encode())

    def _beside(self, name: str) -> tuple[str, str]:
        """The digest of the derived file `name` and the key of what it was made from; "" if they are not known."""
        try:
            digest, _, key = self._sidecar(name).read_text(encoding="utf-8").strip().partition(" ")
        except FileNotFoundError:
            return "", ""
        except (OSError, ValueError) as error:
            raise StoreError(
                f"{self._sidecar(name)} cannot be read ({error}): make {name} again with cotfaith estimate."
            ) from error
        return digest, key

    def write_text(self, name: str, text: str) -> None:
        """Write the text file `name` of this run, whole or not at all."""
        with whole(self.path / name) as temporary:
            temporary.write_text(text, encoding="utf-8")

    def holds(self) -> list[str]:
        """The names in the directory, in order, without its lock and without hidden files."""
        if not paths.is_folder(self.path):
            return []
        names = (path.name for path in self.path.iterdir())
        return sorted(name for name in names if name != "lock" and not name.startswith("."))

    def sweep(self) -> None:
        """Remove the temporary files that killed writers of this run left."""
        for path in left_over(self.path, FILES, FOLDERS):
            path.unlink(missing_ok=True)

    def _sidecar(self, name: str) -> Path:
        """The file beside the derived file `name`, with its digest and its key."""
        path = self.path / name
        return path.with_name(f".{path.name}.digest")


def _pandas(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(use_threads=False)
    return frame


def _write(target: Path, data: bytes | pa.Buffer) -> None:
    """Write `data` to `target`, whole or not at all."""
    with whole(target) as temporary:
        temporary.write_bytes(data)
