"""The readings without an answer as a few lines below a table: how many, why, and what another extractor would read."""

from __future__ import annotations

from textwrap import wrap

import pandas as pd

from cotfaith.errors import printable
from cotfaith.tables import formats

MOST = 8  # models and tasks with lines of their own
REASONS = 3  # of a model and task


def lines(unread: pd.DataFrame) -> list[str]:
    """Two lines for each model and task of `unread` (`Run.unread`), wrapped; none if every reading was answered."""
    cells = list(unread.groupby(["model", "task"], sort=False))
    made = [line for (model, task), rows in cells[:MOST] for line in _cell(f"{model} on {task}", rows)]
    if len(cells) > MOST:
        made.append(f"Unread readings of {len(cells) - MOST} more models and tasks: Run.unread() and the report list them.")
    return [part for line in made for part in wrap(line, formats.WIDTH, subsequent_indent="  ")]


def under(unread: pd.DataFrame, extractor: str) -> list[str]:
    """A line for each model and task of `unread`: how many readings still have no answer under `extractor`, "strict" or "flexible"."""
    made = []
    for (model, task), rows in unread.groupby(["model", "task"], sort=False):
        count, total = int((rows["readings"] - rows[extractor]).sum()), int(rows["of"].iloc[0])
        if count:
            made.append(
                f"Unread with --extractor {extractor}: {model} on {task}: {count} of {total} readings ({100 * count / total:.0f} %)."
            )
    return [part for line in made for part in wrap(printable(line), formats.WIDTH, subsequent_indent="  ")]


def _cell(name: str, rows: pd.DataFrame) -> list[str]:
    silent, answered = rows[rows["state"] != "answered"], rows[rows["state"] == "answered"]
    count, total = int(silent["readings"].sum()), int(rows["of"].iloc[0])
    states = ", ".join(f"{n} {state}" for state, n in silent.groupby("state", sort=False)["readings"].sum().items())
    lost = int(answered["readings"].sum() - answered["strict"].sum())
    strict = f"strict reads {int(silent['strict'].sum())} of them" + (f" and drops {lost} of the other answers" if lost else "")
    head = f"Unread: {name}: {count} of {total} readings ({100 * count / total:.0f} %): {states}. "
    again = f"With --extractor: flexible reads {int(silent['flexible'].sum())} of them; {strict}."
    return [printable(head + again), printable(f"  Reasons: {_reasons(silent)}.")]


def _reasons(silent: pd.DataFrame) -> str:
    """The commonest reasons, each with its number and an example."""
    parts = [
        f"{row['reason'] or row['state']} ({row['readings']}), such as {formats.short(row['example'])}"
        for row in silent.head(REASONS).to_dict("records")
    ]
    more = int(silent["readings"].iloc[REASONS:].sum())
    return "; ".join([*parts, f"others ({more})"] if more else parts)
