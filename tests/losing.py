"""Run directories that lost something, and those of a run that was killed."""

import json
from pathlib import Path

from cotfaith.storage import manifests


def forget(path: Path) -> None:
    """Let the manifest of the run in `path` list no parts: as it is after a first run that was killed, no matter what it had written."""
    file = path / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    manifest.pop("parts", None)
    file.write_text(manifests.encoded(manifest), encoding="utf-8")


def change(path: Path, *where: str, value: object) -> None:
    """Another value in the manifest of the run in `path`, as if the run had written it."""
    file = path / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    *way, last = where
    parent = manifest
    for key in way:
        parent = parent[key]
    parent[last] = value
    file.write_text(manifests.encoded(manifest), encoding="utf-8")


def lose(path: Path, table: str) -> None:
    """Remove every part of `table`."""
    for part in (path / table).glob("*.parquet"):
        part.unlink()
