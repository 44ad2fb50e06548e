"""The contract of a figure: a function that draws a table of estimates, with its texts on the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Canvas

Need = Literal["chance"]


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A figure, its points as a table, and its caption: what it shows, the sample size, and missing values."""

    figure: Canvas
    points: pd.DataFrame
    caption: str


class Draw(Protocol):
    """Draws estimates."""

    def __call__(self, estimates: pd.DataFrame, *, width: float) -> Drawing | None:
        """The drawing of `estimates`, `width` inches wide; None if no point has a value. Every interval comes from the table.

        A figure that `needs` "chance" also receives it: for tasks where it is known, the share of equal answers that random
        answering gives.
        """


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a measure, registered under `cotfaith.figures`; `figure` makes one of a function.

    Args:
        measure: the measure whose section of the page contains it.
        metric: its main metric, whose notes are shown if nothing can be drawn.
        title: what it shows, as a heading.
        aid: how to read it, in one sentence.
        draw: the function.
        needs: further arguments of the function.
    """

    measure: str
    metric: str
    title: str
    aid: str
    draw: Callable[..., Drawing | None]
    needs: tuple[Need, ...] = ()

    def __call__(self, estimates: pd.DataFrame, *, width: float = 7.2, chance: dict[str, float] | None = None) -> Drawing | None:
        """The drawing of `estimates`; None where no point has a value."""
        given = {"chance": chance}
        return self.draw(estimates, width=width, **{name: given[name] for name in self.needs})


def figure(measure: str, metric: str, title: str, aid: str) -> Callable[[Draw], Figure]:
    """Turn a function into a figure: `@figure("my_measure", "my_metric", "What it shows", "How to read it.")`."""
    return lambda draw: Figure(measure, metric, title, aid, draw)
