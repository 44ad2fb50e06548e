"""The numbers that a person reads first: one line per measure (and per writer, hint or judge), and what needs attention."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

import pandas as pd

from cotfaith.analysis import answers
from cotfaith.measures import metric
from cotfaith.tables import estimates as whole
from cotfaith.tables import formats

OF = "of: what the row is of: a writer, a hint, a kind of filler, or a judge and a channel."
ATTENTION = tuple(whole.WELL)  # counts that are said below the table where they are not what they should be


def rows(estimates: pd.DataFrame) -> pd.DataFrame:
    """The headline of each measure over all traces, and what it shows `beside`: a row for each writer, hint, kind of filler, judge and channel.

    A metric with several doses has the row of dose 1.
    """
    beside = [_beside(str(measure), str(metric)) for measure, metric in zip(estimates["measure"], estimates["metric"], strict=True)]
    first = ((estimates["role"] == "headline") | pd.Series(beside, index=estimates.index, dtype=bool)) & ~whole.strata(estimates)
    swept = estimates["dose"].notna() & estimates["dose"].ne(1) & whole.with_whole_dose(estimates)
    return estimates[first & ~swept]


def _beside(measure: str, name: str) -> bool:
    known = metric(measure, name)
    return known is not None and known.beside


def terminal(estimates: pd.DataFrame) -> str:
    """The table of each model, task and strategy, what needs attention in it, and what its metrics mean."""
    named, shown = whole.names_strategies(estimates), rows(estimates)
    lines = list[str]()
    for place, those in shown.groupby(["model", "task", whole.cell_strategy(shown)], sort=False):
        model, task, strategy = map(str, place)
        lines += wrap(whole.cell(model, task, strategy, named=named), formats.WIDTH)
        lines += [*_grid(those), ""]
    return "\n".join(
        [*lines, *_sentences(shown, estimates), *_attention(estimates), *whole.undefined_notes(shown), whole.footer(shown, OF)]
    )


def _grid(those: pd.DataFrame) -> list[str]:
    """One line per row. The name of a measure stands in its first line."""
    of = [whole.of(row) for row in those.to_dict("records")]
    columns = {"measure": [], "metric": [], "of": of, **whole.number_columns(those)}
    columns["measure"] = [name if new else "" for name, new in zip(those["measure"], ~those["measure"].duplicated(), strict=True)]
    columns["metric"] = list(map(str, those["metric"]))
    if not any(of):
        del columns["of"]
    return formats.grid(list(columns), list(zip(*columns.values(), strict=True)), words=2 + any(of))


def _attention(estimates: pd.DataFrame) -> list[str]:
    """A line for each measure of a cell with a count that needs attention, such as edits that failed the check."""
    shown = whole.headline(estimates)
    shown = shown[shown["metric"].isin(ATTENTION) & shown["value"].notna()]
    lines = list[str]()
    for place, those in shown.groupby(["model", "task", whole.cell_strategy(shown), "measure"], sort=False):
        said = ", ".join(
            f"{row['metric']} {formats.number(row['value'])}{_in_brackets(whole.at(row))}" for row in those.to_dict("records")
        )
        *_, measure = map(str, place)
        cell = "" if len(set(zip(estimates["model"], estimates["task"], strict=True))) == 1 else f" of {place[0]} on {place[1]}"
        lines += wrap(f"Note on {measure}{cell}: {said}.", formats.WIDTH, subsequent_indent="  ")
    return lines


def _in_brackets(text: str) -> str:
    return f" ({text})" if text else ""


def _sentences(shown: pd.DataFrame, estimates: pd.DataFrame) -> list[str]:
    """What was found, in words; and what a larger value means of a metric whose measure says nothing."""
    found = answers.answers(estimates)
    lines = [line for one in found for line in wrap(one.text, formats.WIDTH, subsequent_indent="  ")]
    spoken = {one.measure for one in found}
    return [*lines, *_meanings(shown[~shown["measure"].isin(spoken)]), *[""] * bool(found)]


def _meanings(shown: pd.DataFrame) -> list[str]:
    """What a larger value of each metric means; of a headline, also the construct of its measure."""
    lines = list[str]()
    for row in shown.drop_duplicates(["measure", "metric"]).to_dict("records"):
        headline = row["role"] == "headline"
        about = whole.about(str(row["measure"])) if headline else str(row["direction"])
        said = f"{row['metric']}, if larger: {about.removeprefix('Larger: ')}"
        lines += wrap(said, formats.WIDTH, subsequent_indent="  ") if about else []
    return lines


def document(estimates: pd.DataFrame, *, full: bool) -> tuple[list[str], list[list[str]], int]:
    """The header, the rows and the number of columns of words of a table for a document: the headlines, or all that a person may read.

    It has a column of models, tasks, strategies, bounds or tests only where they differ or exist.
    """
    shown = whole.headline(estimates) if full else rows(estimates)
    several = [name for name in ("model", "task", "strategy") if len(set(shown[name])) > 1]
    records = shown.to_dict("records")
    words: dict[str, list[str]] = {name: list(map(str, shown[name])) for name in (*several, "measure", "metric")}
    words["of"] = [_of(row, full=full) for row in records]
    if not any(words["of"]):
        del words["of"]
    columns = {**words, **whole.number_columns(shown)}
    return list(columns), [list(cells) for cells in zip(*columns.values(), strict=True)], len(words)


def _of(row: Mapping[Any, Any], *, full: bool) -> str:
    return whole.at(row) if full else whole.of(row)
