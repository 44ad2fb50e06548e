"""Questions about paths that no path can break: one that is too long, or that no file can have, is not there."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def exists(path: Path | str) -> bool:
    """Whether there is a file or a folder at `path`."""
    return os.path.exists(path)  # noqa: PTH110  pathlib's raises for a name that is too long


def is_folder(path: Path | str) -> bool:
    """Whether there is a folder at `path`."""
    return os.path.isdir(path)  # noqa: PTH112  the same


def is_file(path: Path | str) -> bool:
    """Whether there is a file at `path`."""
    return os.path.isfile(path)  # noqa: PTH113  the same


def expanded(path: Path | str) -> Path:
    """`path` with the user's folder in place of `~`; as it is, if there is no such user."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def refuse_device(path: Path | str) -> None:
    """Refuse a device in the place of a file: /dev/zero never ends. Pipes are allowed.

    Raises:
        OSError: it is one.
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116  the same
    except (OSError, ValueError):  # whoever opens it says why
        return
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        raise OSError(errno.EINVAL, "it is a device, not a file", str(path))
