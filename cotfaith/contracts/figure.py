"""The contract of a figure: a function that draws a table of estimates, with what stands beside it on the page."""

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
    """A figure, the points that it shows as a table, and its caption: what is drawn, from how much, and what is missing."""

    figure: Canvas
    points: pd.DataFrame
    caption: str


class Draw(Protocol):
    """Draws estimates."""

    def __call__(self, estimates: pd.DataFrame, *, width: float) -> Drawing | None:
        """The drawing of `estimates`, `width` inches wide; None where no point has a value. Every interval comes from the table.

        A figure that `needs` "chance" is given it too: for tasks where it is known, the share of same answers that random answers would have.
        """


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a measure, registered under `cotfaith.figures`; `figure` makes one of a function.

    Args:
        measure: the measure in whose section of the page it stands.
        metric: the metric that it shows above all, whose reasons are given where nothing can be drawn.
        title: what it shows, as a heading.
        aid: how to read it, in a sentence.
        draw: the function.
        needs: what the function is given besides.
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
    """Makes a figure of a function: `@figure("my_measure", "my_metric", "What it shows", "How to read it.")`."""
    return lambda draw: Figure(measure, metric, title, aid, draw)
