"""The figures on the page: inline SVG in the page's colours, each in a wide and a narrow form, and their points as CSV."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd
from markupsafe import Markup

from cotfaith import figures
from cotfaith.contracts.figure import Drawing, Figure
from cotfaith.errors import UsageError
from cotfaith.figures.drawing import GRID, INK, QUIET
from cotfaith.figures.registered import FIGURES, LACKS
from cotfaith.figures.sets import nothing
from cotfaith.plugins import registry
from cotfaith.plugins.blame import OURS
from cotfaith.report.rendering import clean, download

LOG = logging.getLogger("cotfaith")
WIDTHS = {"wide": 7.2, "narrow": 3.9}  # inches

_COLOURS = {INK: "ink", QUIET: "quiet", GRID: "grid"} | {colour: f"series-{i}" for i, colour in enumerate(figures.COLOURS)}


@dataclass(frozen=True, slots=True)
class Plot:
    """A figure of one measure: its heading, how to read it, and its drawing for a width in inches.

    There is no drawing if no point has a value; `nothing` then gives the reason.
    """

    measure: str
    name: str
    title: str
    aid: str
    limits: str
    draw: Callable[..., Drawing | None]
    nothing: str


def plots(estimates: pd.DataFrame, chance: dict[str, float]) -> list[Plot]:
    """All registered figures of the measures that a run with these `estimates` can have.

    A registered object that is no figure, or cannot be loaded, is left out with a warning, since a page must not depend on it.
    """
    found = []
    for name in registry.names("cotfaith.figures"):
        try:
            drawn = registry.imported("cotfaith.figures", name)
        except UsageError as error:
            LOG.warning("The page lacks a figure. %s", error)
            continue
        if not isinstance(drawn, Figure):
            LOG.warning(
                "The page lacks figure %r: it is registered as a %s, not a Figure; correct its package.", name, type(drawn).__name__
            )
            continue
        draw = partial(drawn, estimates, chance=chance)
        nothing = _nothing(estimates, drawn.metric, drawn.measure)
        found.append(Plot(drawn.measure, name, drawn.title, drawn.aid, drawn.limits, draw, nothing))
    return found


def built_in(name: str, estimates: pd.DataFrame, chance: dict[str, float]) -> Plot:
    """The built-in figure called `name`."""
    drawn = FIGURES[name]
    why = f"Nothing to draw: {LACKS[name]}." if name in LACKS else _nothing(estimates, drawn.metric, drawn.measure)
    return Plot(drawn.measure, name, drawn.title, drawn.aid, drawn.limits, partial(drawn, estimates, chance=chance), why)


def _nothing(estimates: pd.DataFrame, metric: str, measure: str) -> str:
    """The reason if there is nothing to draw."""
    return f"Nothing to draw: {nothing(estimates, metric, measure)}."


@dataclass(frozen=True, slots=True)
class Inline:
    """A drawing within the page: its size ("wide" or "narrow"), its viewBox, and the content of the SVG element."""

    size: str
    box: str
    content: Markup


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as the page shows it, and its files apart from the page, by name. Without drawings, `nothing` gives the reason."""

    name: str
    title: str
    aid: str
    limits: str
    nothing: str
    drawings: tuple[Inline, ...]
    caption: str
    points: str
    files: Mapping[str, str]


def shown(plot: Plot) -> Shown:
    """The figure drawn in both widths. If it fails, the page says so in its place."""
    try:
        drawings = {size: plot.draw(width=width) for size, width in WIDTHS.items()}
    except Exception as error:
        if registry.origin("cotfaith.figures", plot.name).distribution == OURS:
            raise
        failed = f"Figure {plot.name} failed ({type(error).__name__}: {error}): correct the package that registers it."
        return Shown(plot.name, plot.title, plot.aid, plot.limits, failed, (), "", "", {})
    wide = drawings["wide"]
    if wide is None:
        return Shown(plot.name, plot.title, plot.aid, plot.limits, plot.nothing, (), "", "", {})
    texts = {size: figures.svg(drawing.figure, plot.name) for size, drawing in drawings.items() if drawing}
    files = {f"{plot.name}.csv": wide.points.to_csv(index=False), f"{plot.name}.svg": texts["wide"]}
    inline = tuple(_inline(text, f"{plot.name}-{size}", size) for size, text in texts.items())
    points = download(files[f"{plot.name}.csv"], "text/csv")
    return Shown(plot.name, plot.title, plot.aid, plot.limits, "", inline, wide.caption, points, files)


def _inline(svg: str, name: str, size: str) -> Inline:
    """The drawing for an SVG element of the page, with ids that begin with `name`, the page's fonts, and colours that follow the page's scheme."""
    text = clean(svg)
    opening, _, content = text[text.index("<svg") :].rpartition("</svg>")[0].partition(">")
    box = re.search(r'viewBox="([^"]*)"', opening)
    content = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", content, count=1, flags=re.DOTALL)
    content = re.sub(r"""(\sid="|xlink:href="#|url\(#)""", rf"\g<1>{name}-", content)
    content = re.sub(r"\s*font-family: [^;\"]*;", "", content)
    for colour, variable in _COLOURS.items():
        content = content.replace(f": {colour}", f": var(--{variable})")
    return Inline(size, box.group(1) if box else "", Markup(content))  # noqa: S704  matplotlib escaped every text in it
