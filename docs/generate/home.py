"""The first result on the home page: `python -m docs.generate.home`. It runs the command that the page shows."""

from __future__ import annotations

import re
import shlex
import tempfile
from contextlib import chdir
from pathlib import Path

from typer.testing import CliRunner

from cotfaith import cli
from docs.generate import pages

PAGE = Path(__file__).parents[1] / "index.md"
_COMMAND = re.compile(r"^cotfaith (run .*)$", re.MULTILINE)


def first(text: str) -> str:
    """What the first `cotfaith run` of the page `text` prints, as a block."""
    found = _COMMAND.search(text)
    if found is None:
        raise SystemExit(f"docs/{PAGE.name} must show a line that begins with cotfaith run.")
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        done = CliRunner().invoke(cli.app, [*shlex.split(found[1]), "--quiet"], catch_exceptions=False)
    if done.exit_code:
        raise SystemExit(f"{found[0]} ended with exit code {done.exit_code}: {done.stderr}")
    return f"```text\n{done.stdout.strip()}\n```"


def main() -> None:
    """Fill the page."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(pages.filled(text, {"first": first(text)}, PAGE.name), encoding="utf-8")
    print(PAGE.relative_to(PAGE.parents[1]))


if __name__ == "__main__":
    main()
