"""Sets of figures: the parts that papers are made of, and their files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from cotfaith.contracts.figure import Drawing, Figure
from cotfaith.contracts.figure_set import FigureSet, Material, Part
from cotfaith.errors import UsageError
from cotfaith.figures.drawing import COLUMN, PAGE
from cotfaith.figures.registered import FIGURES, LACKS
from cotfaith.figures.saving import FORMS, save
from cotfaith.plugins import registry

GROUP: registry.Group = "cotfaith.figure_sets"
WIDTHS = {"column": COLUMN, "page": PAGE}  # inches
LEAST, MOST = 2.0, 20.0  # inches


def figure(name: str, made_of: Material, *, of: Figure | None = None, rows: pd.DataFrame | None = None) -> Part:
    """A figure as a part called `name`: the built-in figure of that name, or `of`; from all estimates, or only from these `rows`."""
    drawn = of or FIGURES[name]
    estimates = made_of.estimates if rows is None else rows
    made = drawn(estimates, width=made_of.width, chance=dict(made_of.chance))
    why = next((LACKS[own] for own, one in FIGURES.items() if one is drawn and own in LACKS), "") or nothing(
        estimates, drawn.metric, drawn.measure
    )
    return Part(name, made, "" if made else why)


def renamed(part: Part, name: str) -> Part:
    """The same part under another name."""
    return Part(name, part.made, part.reason)


def nothing(estimates: pd.DataFrame, metric: str, measure: str) -> str:
    """Why nothing can be drawn."""
    rows = estimates[estimates["metric"] == metric]
    if rows.empty:
        reports = f"; the measure {measure} reports them" if measure else ""
        return f"this run has no estimates of {metric}{reports}"
    reasons = "; ".join(dict.fromkeys(str(note) for note in rows["note"] if note)) or "no reason recorded"
    return f"every point is undefined ({reasons})"


def figure_set(name: str) -> FigureSet:
    """The set or the single figure registered as `name`.

    Raises:
        UsageError: neither is registered, or the registered object is another one.
    """
    if name in registry.names(GROUP):
        found = registry.imported(GROUP, name)
        if isinstance(found, FigureSet):
            return found
        raise UsageError(
            f"The set of figures {name!r} is registered as a {type(found).__name__}, not a FigureSet: correct its package."
        )
    found = registry.imported("cotfaith.figures", name)
    if not isinstance(found, Figure):
        raise UsageError(f"The figure {name!r} is registered as a {type(found).__name__}, not a Figure: correct its package.")
    return FigureSet(found.title, "", lambda made_of: [figure(name, made_of, of=found)])


def names() -> tuple[str, ...]:
    """The names of all figures and sets."""
    return tuple(sorted({*registry.names("cotfaith.figures"), *registry.names(GROUP)}))


def width(text: str) -> float:
    """A width in inches from "column", "page" or a number.

    Raises:
        UsageError: it is none of these, or out of range.
    """
    try:
        inches = WIDTHS[text] if text in WIDTHS else float(text)
    except ValueError:
        inches = float("nan")
    if not LEAST <= inches <= MOST:
        raise UsageError(
            f"The width {text!r} is none: give column ({COLUMN} inches), page ({PAGE} inches) or {LEAST:g} to {MOST:g} inches."
        )
    return inches


def formats(text: str) -> tuple[str, ...]:
    """The forms of files in a list with commas.

    Raises:
        UsageError: one of them is unknown, or there is none.
    """
    forms = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    wrong = [form for form in forms if form not in FORMS]
    if wrong or not forms:
        raise UsageError(f"The format {(wrong or [text])[0]!r} is none of a figure: choose from {', '.join(sorted(FORMS))}.")
    return forms


def drawings(parts: Iterable[Part], folder: Path, forms: Sequence[str], title: str) -> Iterator[tuple[Part, list[Path]]]:
    """Each part with the files that were written of it: none for a table, and none where nothing could be drawn.

    Raises:
        UsageError: a file cannot be written.
    """
    for part in parts:
        if isinstance(part.made, Drawing):
            drawing = part.made
            yield part, [save(drawing, folder / f"{part.name}.{form}", f"{title}: {part.name}") for form in forms]
        else:
            yield part, []
