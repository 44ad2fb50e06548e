"""Running a new Python, with more on its path."""

import os
import subprocess
import sys
from pathlib import Path

PACK = Path(__file__).parents[1] / "pack"


def run(code, *, folder, path=()):
    """What a new Python in `folder` prints."""
    done = python("-c", code, folder=folder, path=path)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def python(*arguments, folder, path=()):
    """A new Python in `folder`; `path` goes before what the path is already."""
    own = os.environ.get("PYTHONPATH", "")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*map(str, path), *([own] if own else [])])}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
