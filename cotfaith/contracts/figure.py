"""The contract of a figure: a function that draws a table of estimates, with its texts on the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

Need = Literal["chance"]


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A figure, its points as a table, and its caption: what it shows, the sample size, and missing values.

    `figure` is matplotlib's: change it as you like, then `cotfaith.figures.save` the drawing. A notebook shows it.
    """

    figure: Canvas
    points: pd.DataFrame
    caption: str

    def _repr_svg_(self) -> str:
        return self._shown("svg").decode()

    def _repr_png_(self) -> bytes:
        return self._shown("png")

    def _shown(self, form: str) -> bytes:
        """The figure on a white ground, so that it can be read in a dark notebook too."""
        out = BytesIO()
        self.figure.savefig(out, format=form, facecolor="white", dpi=144)
        return out.getvalue()


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
        measure: the measure whose section of the page contains it; "" for a figure of several measures, which the page leaves out.
        metric: its main metric, whose notes are shown if nothing can be drawn.
        title: what it shows, as a heading.
        aid: how to read it, in one sentence.
        draw: the function.
        needs: further arguments of the function.
        limits: what it cannot tell, in one or two sentences; empty if nothing is said.
    """

    measure: str
    metric: str
    title: str
    aid: str
    draw: Callable[..., Drawing | None]
    needs: tuple[Need, ...] = ()
    limits: str = ""

    def __call__(
        self, estimates: pd.DataFrame, *, width: float = 7.2, chance: dict[str, float] | None = None, ax: Axes | None = None
    ) -> Drawing | None:
        """The drawing of `estimates`; None where no point has a value. With `ax` it is drawn into these axes, if its function can do so."""
        given = {"chance": chance}
        more: dict[str, Any] = {name: given[name] for name in self.needs} | ({} if ax is None else {"ax": ax})
        return self.draw(estimates, width=width, **more)


def figure(measure: str, metric: str, title: str, aid: str, limits: str = "") -> Callable[[Draw], Figure]:
    """Turn a function into a figure: `@figure("my_measure", "my_metric", "What it shows", "How to read it.", "What it cannot tell.")`."""
    return lambda draw: Figure(measure, metric, title, aid, draw, limits=limits)
