"""The report of a run and its trace page: two self-contained HTML files that need no network and no server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cotfaith.analysis.kept import Tables
    from cotfaith.storage.run_directory import RunDirectory

__all__ = ["PAGE", "TRACES", "write"]

PAGE = "report.html"
TRACES = "traces.html"


def write(directory: RunDirectory, held: Tables, key: str = "") -> Path:
    """Write `report.html` and `traces.html` into the run directory, and the figures under `figures/`. Return the path of the report.

    Args:
        directory: the run.
        held: its estimates, and what is counted of its readings.
        key: what stands for all that the page shows, so that the same page need not be written again.

    Raises:
        StoreError: a file of the run cannot be read or written.
    """
    from cotfaith.report.page import write as write_page  # noqa: PLC0415  matplotlib is loaded only when a page is written

    return write_page(directory, held, key)
