"""The contract of a figure: a function that draws a table of estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Canvas


class Figure(Protocol):
    """Registered under `cotfaith.figures` by the name of its measure, or by a name of its own.

    `measure` is the measure whose estimates it draws, and `title` what it shows, in a few words; a function has them as attributes.
    """

    measure: str
    title: str

    def __call__(self, estimates: pd.DataFrame) -> Canvas:
        """The figure of `estimates`, which are rows of the run's table. Every interval that it draws comes from there."""
