"""Earlier states of a run: a copy in `earlier/N`, which is a run directory of its own, and the removal of rows that are made again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from cotfaith.storage import schema
from cotfaith.storage.run_directory import DERIVED, RunDirectory
from cotfaith.storage.whole_files import saying

FOLDER = "earlier"
_FILES = ("study.yaml", "log.jsonl", *DERIVED, *(f".{name}.digest" for name in DERIVED))
_FOLDERS = ("tables", "figures")


def keep(directory: RunDirectory, manifest: Mapping[str, Any]) -> Path:
    """Keep all of `directory` in a new folder `earlier/N`, with the `manifest` that it had. Return the folder.

    Parts never change, so they are linked where the file system has links, and copied elsewhere.

    Raises:
        StoreError: it cannot be written. Nothing was removed.
    """
    folder = directory.path / FOLDER
    with saying("keep the earlier rows in", folder):
        folder.mkdir(exist_ok=True)
        numbers = [int(one.name) for one in folder.iterdir() if one.name.isdecimal()]
        target = folder / str(max(numbers, default=0) + 1)
        temporary = folder / f".{target.name}.tmp"
        shutil.rmtree(temporary, ignore_errors=True)  # of a killed process
        for name in schema.TABLES:
            if (directory.path / name).is_dir():
                (temporary / name).mkdir(parents=True)
                for part in (directory.path / name).glob("*.parquet"):
                    _link(part, temporary / name / part.name)
        for name in _FILES:
            if (directory.path / name).exists():
                shutil.copy2(directory.path / name, temporary / name)
        for name in _FOLDERS:
            if (directory.path / name).is_dir():
                shutil.copytree(directory.path / name, temporary / name)
        RunDirectory(temporary).write_manifest(manifest)
        temporary.replace(target)
    return target


def remove(directory: RunDirectory, tables: Collection[str], cells: Collection[str] | None, index: int | None) -> int:
    """Remove the parts of `tables` in the `cells` (None: in all), in one block of their questions or in all. Return their number.

    Rows go before those that they belong to, and questions last. So a process that is killed leaves nothing that another question,
    trace or probe could take for its own.
    """
    found = [
        directory.path / name / part.name
        for name in reversed(list(schema.TABLES))
        if name in tables
        for part in directory.parts(name)
        if (cells is None or part.shard.cell in cells) and index in {None, part.shard.index}
    ]
    for path in found:
        with saying("remove", path):
            path.unlink(missing_ok=True)
    return len(found)


def remove_verdicts(directory: RunDirectory, judge: str) -> int:
    """Remove the verdicts of `judge`. Those of other judges, and hand labels, stay. Return the number of parts that were replaced."""
    count = 0
    for shard in directory.shards("verdicts"):
        old = [part for part in directory.parts("verdicts") if part.shard == shard]
        rows = directory.load("verdicts", shard).to_pylist()
        others = [row for row in rows if row["judge"] != judge]
        if len(others) < len(rows):
            directory.append("verdicts", shard, others)  # before the old ones go: rows that are there twice count once
            for part in old:
                with saying("remove", directory.path / "verdicts" / part.name):
                    (directory.path / "verdicts" / part.name).unlink(missing_ok=True)
            count += len(old)
    return count


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
