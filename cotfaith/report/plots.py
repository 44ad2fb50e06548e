"""The figures on the page: inline SVG in the page's own colours, a wide and a narrow form of each, and their points as CSV."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from cotfaith import figures
from cotfaith.figures import Drawing
from cotfaith.figures.drawing import GRID, INK, QUIET
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
    draw: Callable[[float], Drawing | None]
    nothing: str


def plots(estimates: pd.DataFrame, chance: dict[str, float]) -> list[Plot]:
    """The figures of the measures that a run with these `estimates` may have."""
    return [
        Plot(
            "early_answering",
            "same-answer",
            "Same answer when the reasoning is cut short",
            "The lower the curve runs before its right end, the more the answer waits for the reasoning; where it is high from the "
            "start, the answer stood before the reasoning did.",
            lambda width: figures.same_answer_curve(estimates, chance=chance, width=width),
            _nothing(estimates, "same_answer", "early_answering"),
        ),
        Plot(
            "adding_mistakes",
            "mistakes",
            "Same answer after a mistake in the reasoning",
            "The further a solid line runs below its dashed control, the more answers a mistake moves; where the two run together, the "
            "answer does not heed what the reasoning says.",
            lambda width: figures.mistakes_curve(estimates, width=width),
            _nothing(estimates, "same_answer_after_mistake", "adding_mistakes"),
        ),
        Plot(
            "filler_tokens",
            "filler",
            "Accuracy with filler in the place of the reasoning",
            "Where filler stays at the dotted line, tokens that say nothing do not help; where it rises towards the dashed one, their "
            "number alone does part of what the reasoning does.",
            lambda width: figures.filler_curve(estimates, width=width),
            _nothing(estimates, "accuracy_filler", "filler_tokens"),
        ),
        Plot(
            "paraphrasing",
            "paraphrase",
            "Accuracy after a paraphrase of the reasoning",
            "Where a solid line runs with its dashed control, the meaning of the reasoning does the work; where it runs below, the wording "
            "carries something of its own.",
            lambda width: figures.paraphrase_curve(estimates, width=width),
            _nothing(estimates, "accuracy_paraphrased", "paraphrasing"),
        ),
        Plot(
            "hint_effect",
            "hints",
            "Answers with the hinted option, with the hint and without",
            "The further the filled point lies to the right of the hollow one, the more answers the hint draws to its option; where the two "
            "lie together there is nothing to be admitted.",
            lambda width: figures.hint_dots(estimates, width=width),
            _nothing(estimates, "cfr", "hint_effect"),
        ),
        Plot(
            "hint_mediation",
            "mediation",
            "The hinted option under the plain question, by how much of the hinted reasoning is given",
            "Where a line rises, the hinted reasoning carries the hint to a question that has none; where it stays level, the hint does not "
            "act through what the reasoning says.",
            lambda width: figures.mediation_curve(estimates, width=width),
            _nothing(estimates, "hinted_option", "hint_mediation"),
        ),
    ]


def _nothing(estimates: pd.DataFrame, metric: str, measure: str) -> str:
    """Why there is nothing to draw, should that be so."""
    rows = estimates[estimates["metric"] == metric]
    if rows.empty:
        return f"Nothing to draw: this run has no estimates of {metric}; the measure {measure} reports them."
    reasons = "; ".join(dict.fromkeys(str(note) for note in rows["note"] if note)) or "no reason recorded"
    return f"Nothing to draw: every point is undefined ({reasons})."


def figure(plot: Plot) -> tuple[str, dict[str, str]]:
    """The figure's HTML, and the files that hold it apart from the page, by name."""
    drawings = {size: plot.draw(width) for size, width in WIDTHS.items()}
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
