"""Files that are written whole or not at all: first under a temporary name, then synced to disk, then renamed."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from cotfaith.errors import StoreError

_TEMPORARY = re.compile(r"\.(?P<name>.+)\.\d+\.tmp")
_NO_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES}  # a file system on which a folder cannot be synced


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A temporary path that is renamed to `target` once it is written and synced to disk.

    Raises:
        StoreError: it cannot be written.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    with saying("write", target):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            _sync(temporary)
            temporary.replace(target)
            _sync_folder(target.parent)
        finally:
            temporary.unlink(missing_ok=True)


def left_over(folder: Path, files: Collection[str], folders: Collection[str]) -> list[Path]:
    """The temporary files that killed processes left for one of `files` in `folder`, or for any file in its `folders`."""
    own = [path for path in folder.glob(".*.tmp") if _meant_for(path.name) in files]
    return [*own, *(path for name in folders for path in (folder / name).glob(".*.tmp") if _meant_for(path.name))]


def _meant_for(name: str) -> str:
    """The name of the file for which `name` is the temporary one; "" if it is not temporary."""
    found = _TEMPORARY.fullmatch(name)
    return found["name"] if found else ""


@contextmanager
def saying(action: str, path: Path) -> Iterator[None]:
    """A failure of the operating system, or a name or a text that it cannot take, as one sentence."""
    try:
        yield
    except (OSError, ValueError) as error:  # a name that no file can have, text that cannot be written
        reason = error.strerror if isinstance(error, OSError) else ""
        raise StoreError(
            f"Cannot {action} {path}: {reason or error}; finished work is kept: free space (or correct the cause) and give "
            "the same command again."
        ) from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(path: Path) -> None:
    try:
        _sync(path)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
