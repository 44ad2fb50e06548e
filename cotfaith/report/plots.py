"""The figures on the page: inline SVG in the page's own colours, a wide and a narrow form of each, and their points as CSV."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from cotfaith import figures
from cotfaith.contracts.figure import Drawing, Figure
from cotfaith.errors import UsageError
from cotfaith.figures.drawing import GRID, INK, QUIET
from cotfaith.plugins import registry
from cotfaith.report.markup import clean, download, element, html

WIDTHS = {"wide": 7.2, "narrow": 3.9}  # inches

_COLOURS = {INK: "ink", QUIET: "quiet", GRID: "grid"} | {colour: f"series-{i}" for i, colour in enumerate(figures.COLOURS)}


@dataclass(frozen=True, slots=True)
class Plot:
    """A figure of the page, of one measure: its heading, how to read it, and its drawing for a width in inches.

    There is no drawing where no point has a value; `nothing` then says why.
    """

    measure: str
    name: str
    title: str
    aid: str
    draw: Callable[..., Drawing | None]
    nothing: str


def plots(estimates: pd.DataFrame, chance: dict[str, float]) -> list[Plot]:
    """All registered figures, of the measures that a run with these `estimates` may have.

    Raises:
        UsageError: what is registered is no figure.
    """
    found = []
    for name in registry.names("cotfaith.figures"):
        drawn = registry.imported("cotfaith.figures", name)
        if not isinstance(drawn, Figure):
            raise UsageError(f"Figure {name!r} is a {type(drawn).__name__}, no Figure: mend the package that registers it.")
        draw = partial(drawn, estimates, chance=chance)
        nothing = _nothing(estimates, drawn.metric, drawn.measure)
        found.append(Plot(drawn.measure, name, drawn.title, drawn.aid, draw, nothing))
    return found


def _nothing(estimates: pd.DataFrame, metric: str, measure: str) -> str:
    """Why there is nothing to draw, should that be so."""
    rows = estimates[estimates["metric"] == metric]
    if rows.empty:
        return f"Nothing to draw: this run has no estimates of {metric}; the measure {measure} reports them."
    reasons = "; ".join(dict.fromkeys(str(reason) for reason in rows["reason"] if reason)) or "no reason recorded"
    return f"Nothing to draw: every point is undefined ({reasons})."


def figure(plot: Plot) -> tuple[str, dict[str, str]]:
    """The figure's HTML, and the files that hold it apart from the page, by name."""
    drawings = {size: plot.draw(width=width) for size, width in WIDTHS.items()}
    wide = drawings["wide"]
    if wide is None:
        return html(element("p", plot.nothing, class_="nothing")), {}
    files = {f"{plot.name}.csv": wide.points.to_csv(index=False), f"{plot.name}.svg": figures.svg(wide.figure, plot.name)}
    inline = [_inline(drawing, f"{plot.name}-{size}", plot.title, size) for size, drawing in drawings.items() if drawing]
    link = element("a", "The points as CSV", href=download(files[f"{plot.name}.csv"], "text/csv"), download=f"{plot.name}.csv")
    aid = element("p", plot.aid, class_="aid")
    caption = element("figcaption", wide.caption + " ", link)
    return f"{html(aid)}\n<figure>{''.join(inline)}{html(caption)}</figure>", files


def _inline(drawing: Drawing, name: str, title: str, size: str) -> str:
    """The drawing as an SVG element of the page: ids of its own, the page's fonts, and colours that follow the page's scheme."""
    text = figures.svg(drawing.figure, name)
    text = text[text.index("<svg") :]
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", text, count=1, flags=re.DOTALL)
    text = re.sub(r"""(\sid="|xlink:href="#|url\(#)""", rf"\g<1>{name}-", text)
    text = re.sub(r"\s*font-family: [^;\"]*;", "", text)
    for colour, variable in _COLOURS.items():
        text = text.replace(f": {colour}", f": var(--{variable})")
    box = re.search(r'viewBox="[^"]*"', text)
    start = element("svg", role="img", aria_label=clean(title), class_=size)
    opening = html(start).removesuffix("></svg>")
    return re.sub(r"<svg[^>]*>", lambda _: f"{opening} {box.group() if box else ''}>", text, count=1)
