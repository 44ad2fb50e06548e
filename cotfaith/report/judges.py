"""Which judges decided whether a text acknowledges a hint or a mistake, which text they read, and how many verdicts are usable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from cotfaith.measures.parts.corrections import OPENLY
from cotfaith.measures.parts.verbalisation_rates import INVALID
from cotfaith.report import titles
from cotfaith.storage.label_sheet import HAND

CHANNELS: Mapping[str, str] = MappingProxyType(
    {
        "reasoning": "the visible chain of thought",
        "thinking": "the model's own reasoning channel",
        "answer": "the model's response after that channel",
    }
)
NOBODY = "No text was judged, so it is unknown how often the model acknowledges the hint."
ALONE = "One judge is not enough, since judges differ by many points on the same texts (2603.20172): add another with --judge"
BY_HAND = ", or label some texts by hand"  # texts that follow a hint; there is no sheet for others


@dataclass(frozen=True, slots=True)
class Judged:
    """The number of judges, and one line per judge and channel."""

    said: str
    lines: tuple[str, ...]


def judged(rows: pd.DataFrame) -> Judged:
    """The judges, from the estimates of one model, task and strategy."""
    found = rows[rows["metric"] == INVALID.name]
    if found.empty:
        return Judged(NOBODY, ())
    names = list(dict.fromkeys(map(str, found["judge"])))
    judges = [name for name in names if name != HAND]
    parts = [f"{titles.several(len(judges), 'judge')} ({', '.join(judges)})"] if judges else []
    said = f"Judged by {' and '.join([*parts, *(['hand labels'] if HAND in names else [])])}."
    if len(judges) == 1 and HAND not in names:
        said += f" {ALONE}{'' if (rows['metric'] == OPENLY.name).any() else BY_HAND}."
    records = found.to_dict("records")
    return Judged(said, tuple(_line(str(row["judge"]), str(row["channel"]), int(row["n"]), float(row["value"])) for row in records))


def _line(judge: str, channel: str, n: int, invalid: float) -> str:
    """Which text a judge read, and the number of its verdicts."""
    who = "Hand labels" if judge == HAND else judge
    lost = "all of them usable" if invalid == 0 else f"{titles.percent(invalid)} of them not usable"
    return f"{who}, of {channel} ({CHANNELS.get(channel, 'another text')}): {titles.several(n, 'verdict')}, {lost}."
