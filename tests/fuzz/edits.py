"""Edits of a folder: what disks, copies that stopped, editors and hands do to files. Each is plain data, so that it can be kept.

A file is named by its path in the folder. `TABLE/#N` is the part number N of a table of a run directory, in the order of their names, which
hold digests.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fuzz.inputs import Edit

Change = Callable[..., None]


def apply(edits: Iterable[Edit], folder: Path) -> None:
    """Make `edits` in `folder`, in order. An edit of a file that is not there does nothing."""
    for name, file, *rest in edits:
        path = find(folder, file)
        if path is not None:
            _EDITS[name](folder, path, *rest)


def find(folder: Path, file: str) -> Path | None:
    """The file of that name; None without the part."""
    table, _, number = file.rpartition("/#")
    if not table:
        return folder / file
    parts = sorted(path for path in (folder / table).glob("*.parquet") if not path.name.startswith("."))
    return parts[int(number)] if int(number) < len(parts) else None


def _at(data: bytes, share: float) -> int:
    return min(int(share * len(data)), max(len(data) - 1, 0))


def _flip(_: Path, path: Path, share: float, bit: int) -> None:
    """One bit is another."""
    if path.is_file() and (data := bytearray(path.read_bytes())):
        data[_at(data, share)] ^= 1 << bit
        path.write_bytes(data)


def _cut(_: Path, path: Path, share: float) -> None:
    """The rest was not copied."""
    if path.is_file():
        data = path.read_bytes()
        path.write_bytes(data[: _at(data, share)])


def _fill(_: Path, path: Path, share: float, count: int, byte: int) -> None:
    """A run of bytes was lost."""
    if path.is_file():
        data = path.read_bytes()
        start = _at(data, share)
        path.write_bytes(data[:start] + bytes([byte]) * len(data[start : start + count]) + data[start + count :])


def _insert(_: Path, path: Path, share: float, text: str) -> None:
    """Text was put into a file."""
    if path.is_file():
        data = path.read_bytes()
        start = int(share * len(data))
        path.write_bytes(data[:start] + text.encode("utf-8", "surrogatepass") + data[start:])


def _write(_: Path, path: Path, text: str) -> None:
    """A file holds something else."""
    if not path.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))


def _delete(_: Path, path: Path) -> None:
    """A file or a folder is gone."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _swap(folder: Path, path: Path, other: str) -> None:
    """Two files have each other's names."""
    second = find(folder, other)
    if second is not None and second != path and path.is_file() and second.is_file():
        first = path.read_bytes()
        path.write_bytes(second.read_bytes())
        second.write_bytes(first)


def _copy(folder: Path, path: Path, name: str) -> None:
    """A file stands there twice. A name that begins with "+" is the old one with its shard or part number raised."""
    if not path.is_file():
        return
    if name.startswith("+"):
        cell, index, number, digest = path.name.split("-", 3)
        raised = {"shard": (int(index) + 1, int(number)), "part": (int(index), int(number) + 7)}[name[1:]]
        target = path.with_name(f"{cell}-{raised[0]:05d}-{raised[1]:05d}-{digest}")
    else:
        target = folder / name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def _folder(_: Path, path: Path) -> None:
    """A folder stands where a file belongs."""
    _delete(_, path)
    path.mkdir(parents=True)


def _set(_: Path, path: Path, where: Sequence[str | int], value: Any) -> None:
    """A value of a JSON file is another."""

    def change(parent: Any, key: Any) -> None:
        parent[key] = value

    _json(path, where, change)


def _drop(_: Path, path: Path, where: Sequence[str | int]) -> None:
    """A value of a JSON file is gone."""

    def change(parent: Any, key: Any) -> None:
        del parent[key]

    _json(path, where, change)


def _json(path: Path, where: Sequence[str | int], change: Callable[[Any, Any], None]) -> None:
    try:
        whole = json.loads(path.read_bytes())
        parent = whole
        for key in where[:-1]:
            parent = parent[key]
        change(parent, where[-1])
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return
    path.write_text(json.dumps(whole, ensure_ascii=True), encoding="utf-8")


_EDITS: Mapping[str, Change] = {
    "flip": _flip, "cut": _cut, "fill": _fill, "insert": _insert, "write": _write, "delete": _delete, "swap": _swap, "copy": _copy,
    "folder": _folder, "set": _set, "drop": _drop,
}  # fmt: skip
