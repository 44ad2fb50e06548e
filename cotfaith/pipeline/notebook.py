"""Progress in a notebook: a bar per kind of work in one output, which is drawn anew as the run goes on."""

from __future__ import annotations

import logging
import math
import sys
import time
from html import escape
from typing import Any

from cotfaith.pipeline.counting import Quiet

LOG = logging.getLogger("cotfaith")

EVERY = 0.5  # seconds between two drawings
LINES = 8  # lines about the run that are shown, the last ones

_STYLE = "border-collapse:collapse;font-variant-numeric:tabular-nums"
_CELL = "padding:0 0.8em 0 0;text-align:{}"


def kernel() -> bool:
    """Whether this process is the kernel of a notebook, which can show HTML and replace it."""
    shell = sys.modules.get("IPython")
    running = shell.get_ipython() if shell is not None else None
    return running is not None and getattr(running, "kernel", None) is not None


class Notebook(Quiet):
    """A table of bars with rates and the remaining time, below the last lines about the run."""

    def __init__(self) -> None:
        super().__init__()
        self._began: dict[str, float] = {}
        self._lines: list[str] = []
        self._next = 0.0
        self._handle: Any = None

    def expect(self, kind: str, count: int) -> None:
        """Make the bar of `kind`, or lengthen it."""
        self._began.setdefault(kind, time.monotonic())
        super().expect(kind, count)
        self._draw()

    def done(self, kind: str, count: int) -> None:
        """Advance the bar of `kind`."""
        self._began.setdefault(kind, time.monotonic())
        super().done(kind, count)
        self._draw()

    def say(self, text: str) -> None:
        """Show the line above the bars."""
        self._lines = [*self._lines, text][-LINES:]
        self._draw(now=True)

    def close(self) -> None:
        """Draw the end."""
        self._draw(now=True)

    def html(self) -> str:
        """The lines and the bars."""
        lines = "".join(f"<div>{escape(line)}</div>" for line in self._lines)
        rows = "".join(self._row(kind) for kind in dict.fromkeys([*self.expected, *self.counts]))
        return f'<div>{lines}<table style="{_STYLE}">{rows}</table></div>'

    def _row(self, kind: str) -> str:
        done, total = self.counts.get(kind, 0), self.total(kind)
        spent = time.monotonic() - self._began.get(kind, time.monotonic())
        rate = done / spent if done and spent else 0.0
        left = f"{span((total - done) / rate)} left" if rate and done < total else "done" if done >= total else ""
        cells = [
            ("right", escape(kind)),
            ("left", f'<progress aria-label="{escape(kind)}" value="{done}" max="{max(total, 1)}"></progress>'),
            ("right", f"{done:,} of {total:,}"),
            ("right", f"{rate:.1f}/s" if rate else ""),
            ("left", left),
        ]
        return f"<tr>{''.join(f'<td style={chr(34)}{_CELL.format(side)}{chr(34)}>{text}</td>' for side, text in cells)}</tr>"

    def _draw(self, *, now: bool = False) -> None:
        if self._next == math.inf or (not now and time.monotonic() < self._next):
            return
        self._next = time.monotonic() + EVERY
        try:
            shown = sys.modules["IPython"].display.HTML(self.html())
            if self._handle is None:
                self._handle = sys.modules["IPython"].display.display(shown, display_id=True)
            else:
                self._handle.update(shown)
        except Exception as error:  # noqa: BLE001  a display must never stop a run
            self._next = math.inf
            LOG.warning("the progress display failed and is off (%s: %s)", type(error).__name__, error)


def span(seconds: float) -> str:
    """A time as people say it: "40 s", "3:05 min", "2:10 h"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02} h"
