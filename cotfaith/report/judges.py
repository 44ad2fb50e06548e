"""Who judged what is admitted of a hint, which text they read, and how many verdicts could be used."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from cotfaith.report import titles
from cotfaith.report.markup import Element, element
from cotfaith.storage.label_sheet import HAND

CHANNELS: Mapping[str, str] = MappingProxyType(
    {
        "reasoning": "the chain of thought, stated in the open",
        "thinking": "the model's own channel for its reasoning",
        "answer": "what the model said after that channel",
    }
)
NOBODY = "No text was judged, so what is admitted of the hint is not known."
ALONE = (
    "One judge alone is not enough, since judges differ by many points on the same texts (2603.20172): name another with --judge, or label "
    "some texts by hand."
)


def block(rows: pd.DataFrame) -> list[Element]:
    """How many judges there were, and a line for each judge and channel; from the estimates of one model, task and strategy."""
    found = rows[rows["metric"] == "invalid"]
    if found.empty:
        return [element("p", NOBODY, class_="judges")]
    names = list(dict.fromkeys(map(str, found["judge"])))
    judges = [name for name in names if name != HAND]
    parts = [f"{titles.several(len(judges), 'judge')} ({', '.join(judges)})"] if judges else []
    said = f"Judged by {' and '.join([*parts, *(['hand labels'] if HAND in names else [])])}."
    if len(judges) == 1 and HAND not in names:
        said += f" {ALONE}"
    lines = [_line(str(row["judge"]), str(row["channel"]), int(row["n"]), float(row["value"])) for row in found.to_dict("records")]
    return [element("p", said, class_="judges"), element("ul", *lines, class_="took")]


def _line(judge: str, channel: str, n: int, invalid: float) -> Element:
    """Which text a judge read, and how many verdicts that gave."""
    who = "Hand labels" if judge == HAND else judge
    lost = "all of them usable" if invalid == 0 else f"{titles.percent(invalid)} of them not usable"
    return element("li", f"{who}, of {channel} ({CHANNELS.get(channel, 'another text')}): {titles.several(n, 'verdict')}, {lost}.")
