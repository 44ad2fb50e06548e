"""The hook of the documentation site. A link out of docs/ leads to the repository, since the site has no such page; a page that stands alone is wider."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path, PurePosixPath
from typing import Any

ROOT = Path(__file__).parents[2]
_LINK = re.compile(r"(?<=\]\()(\.\./[^)\s]+)(?=\))")


def source() -> str:
    """The address of the repository."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["urls"]["Source"])


def outward(markdown: str, page: str) -> str:
    """The text of a page of docs/, with its links out of docs/ as links to the repository."""

    def link(found: re.Match[str]) -> str:
        target = os.path.normpath(PurePosixPath("docs", page).parent / found[1])
        return found[1] if target.startswith("docs/") else f"{source()}/blob/main/{target}"

    return _LINK.sub(link, markdown)


def on_page_markdown(markdown: str, *, page: Any, **_: object) -> str:
    """Called by mkdocs with each page."""
    if page.parent is None:  # no list of pages beside it
        page.meta["hide"] = ["navigation"]
    return outward(markdown, page.file.src_uri)
