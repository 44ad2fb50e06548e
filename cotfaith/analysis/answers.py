"""What a run found, in plain sentences: one for each number that its measure puts into words (`Metric.sentence`)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cotfaith.analysis import references
from cotfaith.contracts.metric import Metric
from cotfaith.measures import MEASURES

MOST = 10  # sentences
NAMED = 3  # values in a sentence; of more, it gives the smallest and the largest
MINUS = "\N{MINUS SIGN}"

MARKS = "In brackets: what a reader that only follows its reasoning, and a direct model that never reads it, would score on these traces."

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A sentence, the measure that it is about, and whether it has reference values."""

    measure: str
    text: str
    marked: bool


def answers(estimates: pd.DataFrame) -> list[Answer]:
    """The sentences of the table `estimates`, by measure: the first of each measure, then as many of the others as there is room for."""
    by_measure = {
        name: list(_of_measure(name, estimates[estimates["measure"] == name])) for name in dict.fromkeys(estimates["measure"])
    }
    kept = {name: said[:1] for name, said in by_measure.items()}
    for name, said in by_measure.items():
        room = MOST - sum(map(len, kept.values()))
        kept[name] += said[1 : 1 + max(0, room)]
    return [one for said in kept.values() for one in said][:MOST]


def _of_measure(name: str, rows: pd.DataFrame) -> Iterator[Answer]:
    known = MEASURES.get(name)
    for metric in known.metrics if known else ():
        those = rows[(rows["metric"] == metric.name) & (rows["stratum"] == "") & rows["value"].notna()]
        those = those[those["dose"].isna() if metric.spoken is None else those["dose"].eq(metric.spoken)]
        if metric.sentence and len(those):
            yield sentence(metric, [{str(k): v for k, v in row.items()} for row in those.to_dict("records")])


def sentence(metric: Metric, rows: Sequence[Row]) -> Answer:
    """The sentence of `metric` with the values of `rows`. A single value also has what the two imagined models would score (`MARKS`)."""
    form = next(name for name in FORMS if f"{{{name}}}" in metric.sentence)
    labels = _labels(rows)
    said = [_value(form, row) + (f" ({label})" if label else "") for row, label in zip(rows, labels, strict=True)]
    if len(said) > NAMED:
        order = sorted(range(len(rows)), key=lambda i: float(rows[i]["value"]))
        several = f"between {said[order[0]]} and {said[order[-1]]}"
    else:
        several = " and ".join([*([", ".join(said[:-1])] if said[1:] else []), said[-1]])
    text = metric.sentence.replace(f"{{{form}}}", several)
    marks = _imagined(form, rows[0]) if len(rows) == 1 else ""
    return Answer(str(rows[0]["measure"]), f"{text[:1].upper()}{text[1:].removesuffix('.')}{marks}.", bool(marks))


def _imagined(form: str, row: Row) -> str:
    """What a reader and a model that never reads would score, in brackets; empty where neither is defined."""
    said = [
        f"{who} {FORMS[form](float(row[column]))}{_UNITS[form]}"
        for who, column in references.NAMES.items()
        if not math.isnan(row.get(column, math.nan))
    ]
    return f" ({', '.join(said)})" if said else ""


def _labels(rows: Sequence[Row]) -> list[str]:
    """What tells the rows apart: those of their fields that differ between them, and the kind, which is always named."""
    differ = [
        name for name in ("model", "task", "strategy", "intervention", "judge", "channel") if len({row[name] for row in rows}) > 1
    ]
    return [", ".join(str(row[name]) for name in [*(one for one in differ if row[one]), "kind"] if row[name]) for row in rows]


def _value(form: str, row: Row) -> str:
    """The value with its interval: "81 % [72, 88]"."""
    show = FORMS[form]
    value, low, high = (float(row[name]) for name in ("value", "low", "high"))
    interval = "" if math.isnan(low) or math.isnan(high) else f" [{show(low)}, {show(high)}]"
    return f"{show(value)}{_UNITS[form]}{interval}"


def _percent(value: float) -> str:
    return _number(100 * value, 0)


def _signed(value: float) -> str:
    text = _percent(value)
    return text if text.startswith(MINUS) or text == "0" else f"+{text}"


def _number(value: float, digits: int = 2) -> str:
    text = f"{value:.{digits}f}"
    return (text if float(text) else text.lstrip("-")).replace("-", MINUS)


FORMS = {"share": _percent, "points": _percent, "change": _signed, "value": _number}
_UNITS = {"share": "\N{NO-BREAK SPACE}%", "points": " points", "change": " points", "value": ""}
