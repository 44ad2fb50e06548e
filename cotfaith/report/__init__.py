"""The report of a run: one self-contained HTML file that needs no network and no server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cotfaith.storage.run_directory import RunDirectory

__all__ = ["write"]


def write(directory: RunDirectory) -> Path:
    """Write `report.html` into the run directory, and its figures and their points under `figures/`. Return the path of the page.

    Raises:
        StoreError: if the run has not been estimated, or its files cannot be read or written.
    """
    from cotfaith.report.page import write as write_page  # noqa: PLC0415  matplotlib is loaded only when a page is written

    return write_page(directory)
