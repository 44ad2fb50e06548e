"""A section of the page for each measure that the run has: what it asks, what took, its numbers, what is folded away, and its figure."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cotfaith import tables
from cotfaith.measures import MEASURES
from cotfaith.report import eligibility, headline, judges, plots, titles
from cotfaith.report.markup import Element, element, html


@dataclass(frozen=True, slots=True)
class Section:
    """A measure's part of the page: its place, its heading, its HTML, and the files of its figure by name."""

    place: str
    title: str
    text: str
    files: dict[str, str]


def sections(estimates: pd.DataFrame, chance: dict[str, float]) -> list[Section]:
    """The sections of the measures in `estimates`: the four tests of Lanham et al. first, in the order of the paper."""
    met = list(dict.fromkeys(estimates["measure"]))
    order = [name for name in titles.FIRST if name in met]
    drawn = plots.plots(estimates, chance)
    named = tables.names_strategies(estimates)
    return [
        _section(name, estimates[estimates["measure"] == name], [plot for plot in drawn if plot.measure == name], named=named)
        for name in (*order, *(name for name in met if name not in order))
    ]


def _section(name: str, rows: pd.DataFrame, shown: list[plots.Plot], *, named: bool) -> Section:
    place, title = name.replace("_", "-"), titles.title(name)
    direction = MEASURES[name].direction if name in MEASURES else str(rows.iloc[0]["direction"])
    about = [element("h3", title, id=f"{place}-title"), *_asked(name, direction)]
    took = eligibility.block(rows, named=named)
    numbers = _numbers(rows[~rows["metric"].isin(eligibility.METRICS)], title, direction, named=named)
    drawn = [_figure(plot) for plot in shown]
    files = {name: text for _, those in drawn for name, text in those.items()}
    opening = html(element("section", id=place, class_="measure", aria_labelledby=f"{place}-title")).removesuffix("</section>")
    text = "\n".join([opening, html(*about, *took, *numbers), *(text for text, _ in drawn), "</section>"])
    return Section(place, title, text, files)


def _asked(name: str, direction: str) -> list[Element]:
    """What a measure does and by whom, what a larger value means, and what kind of thing it is; of another's measure, the direction."""
    said = element("p", direction, class_="direction")
    if name not in MEASURES:
        return [said]
    known = MEASURES[name]
    what = element("p", f"{known.summary[:1].upper()}{known.summary[1:]} ({known.paper}).", class_="asked")
    return [what, said, element("p", f"Construct: {known.construct}.", class_="construct")]


def _numbers(rows: pd.DataFrame, title: str, direction: str, *, named: bool) -> list[Element]:
    """The numbers of a measure; with several models, tasks or strategies the first ones side by side, then each folded away."""
    cells = headline.cells(rows, named=named)
    if len(cells) == 1:
        return _whole(rows, title, direction)
    first = headline.beside(rows, named=named)
    together = headline.numbers(first, f"{title}, side by side", said=direction) if len(first) else []
    folded = [
        element("details", element("summary", cell), *_whole(those, f"{title}: {cell}", direction), class_="cell")
        for cell, those in cells.items()
    ]
    return [*together, *folded]


def _whole(rows: pd.DataFrame, title: str, direction: str) -> list[Element]:
    """The numbers of one model, task and strategy that a person reads first, and the strata folded away."""
    parts = _parted(rows, title, direction)
    strata = rows[tables.strata(rows) & ~tables.curves(rows)]
    if len(strata):
        numbers = headline.numbers(strata, f"{title} by stratum", said=direction)
        parts.append(_folded("By whether the answer is right, and by the number of steps", numbers))
    several = rows[(rows["metric"] == "faithful_at_k") & (rows["x"] > 1)]  # with k = 1 it says no more than the rate of admission
    if len(several):
        numbers = headline.numbers(several, f"{title}: one of k samples", said=direction)
        parts.append(_folded("Whether one of k samples admits the hint, which rises with k by itself", numbers))
    return parts


def _folded(summary: str, contents: list[Element]) -> Element:
    return element("details", element("summary", summary), *contents, class_="strata")


def _parted(rows: pd.DataFrame, title: str, direction: str) -> list[Element]:
    """The numbers of the headline; those of a measure that has many under headings, with who judged beneath that of what is admitted."""
    shown, parts = tables.headline(rows), titles.PARTS.get(str(rows.iloc[0]["measure"]), {})
    if not parts:
        return headline.numbers(shown, title, said=direction)
    rest = tuple(name for name in dict.fromkeys(shown["metric"]) if name not in {one for those in parts.values() for one in those})
    found: list[Element] = []
    for heading, metrics in {**parts, "The rest": rest}.items():
        those = pd.concat([shown[shown["metric"] == metric] for metric in metrics]) if metrics else shown[:0]
        about = judges.block(rows) if heading == titles.ADMITTED else []
        if those.empty and not about:
            continue
        numbers = headline.numbers(those, f"{title}: {heading}", said=direction)
        found += [_folded(heading, numbers)] if heading == titles.INGREDIENTS else [element("h4", heading), *about, *numbers]
    return found


def _figure(plot: plots.Plot) -> tuple[str, dict[str, str]]:
    """The figure under its heading, in a section of its own."""
    text, files = plots.figure(plot)
    return "\n".join([f'<section class="plot" id="{plot.name}">', html(element("h4", plot.title)), text, "</section>"]), files
