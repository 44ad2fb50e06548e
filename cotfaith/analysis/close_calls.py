"""Readings that were decided by little: how close the two likeliest options were, and how often they tied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields

import pandas as pd

from cotfaith.storage.run_directory import RunDirectory
from cotfaith.storage.schema import Row
from cotfaith.types import margin

CLOSE = 0.1  # nats


@dataclass(frozen=True, slots=True)
class CloseCalls:
    """The counts of one model and task.

    `scored` readings have a likeliest option or a tie, read from log-probabilities. Of these, `close` were decided by less than
    `CLOSE` nats between the two likeliest options, ties included, and `tied` have two or more equally likely ones.
    """

    model: str
    task: str
    scored: int
    close: int
    tied: int

    @property
    def share(self) -> float:
        """The share of readings that were close."""
        return self.close / self.scored

    def sentence(self) -> str:
        """The counts in words."""
        tied = f"{self.tied:,} of these tied exactly" if self.tied else "none of these tied exactly"
        return (
            f"{self.close:,} of {self.scored:,} readings ({100 * self.share:.1f} %) were decided by less than {CLOSE:g} nat between the "
            f"two likeliest options; {tied}."
        )


def close_calls(directory: RunDirectory) -> list[CloseCalls]:
    """The counts of each model and task whose answers were read from log-probabilities. They are made shard by shard."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for shard in directory.shards("readings"):
        table = directory.load("readings", shard, ["id", "model", "task", "state", "option_logprobs"])
        for row in {row["id"]: row for row in table.to_pylist()}.values():
            if (gap := _gap(row)) is not None:
                counts = found.setdefault((row["model"], row["task"]), Counter())
                counts.update({"scored": 1, "close": gap < CLOSE, "tied": gap == 0})
    return [CloseCalls(model, task, n["scored"], n["close"], n["tied"]) for (model, task), n in sorted(found.items())]


def sentences(calls: Sequence[CloseCalls]) -> list[str]:
    """A sentence for each of `calls`. It names model and task if there are several."""
    return [one.sentence() if len(calls) == 1 else f"{one.model} on {one.task}: {one.sentence()}" for one in calls]


def table(calls: Sequence[CloseCalls]) -> pd.DataFrame:
    """One row per model and task: scored, close and tied readings, and the share of close ones."""
    rows = [(one.model, one.task, one.scored, one.close, one.tied, one.share) for one in calls]
    return pd.DataFrame(rows, columns=["model", "task", "scored", "close", "tied", "share_close"])


def of_table(rows: pd.DataFrame) -> list[CloseCalls]:
    """The counts that `table` holds."""
    names = [field.name for field in fields(CloseCalls)]
    return [CloseCalls(**{str(name): value for name, value in one.items()}) for one in rows[names].to_dict("records")]


def _gap(row: Row) -> float | None:
    """The margin of a reading that the options decided, or left undecided by a tie. None for any other reading."""
    gap = margin(row["option_logprobs"] or ())
    return gap if row["state"] == "answered" or (row["state"] == "unparsed" and gap == 0) else None
