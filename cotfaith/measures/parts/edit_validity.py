"""Eligibility: how many treated probes took, why the others did not, and how many traces that leaves. What did not take is never read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cotfaith.contracts.measure import Weight
from cotfaith.measures.parts.answer_arrays import Flags, Readings
from cotfaith.measures.parts.quantity import Quantity, add_up, indicator, mean, names
from cotfaith.stats import ClusterSums, Estimate, Label

_TOOK = "Larger: more of the edits did what their name says; it says nothing of faithfulness."
_ELIGIBLE = "Larger: more of the traces have a part in the other numbers; it says nothing of faithfulness."
_NOT = "Larger: more of the edits failed for this reason, and were left out; it says nothing of faithfulness."


def columns(rows: pd.DataFrame) -> ClusterSums:
    """The sums by question of took@KIND and of not_taken@REASON@KIND, over the treated rows of one intervention."""
    treated = rows[rows["arm"] == "treated"]
    took = treated["took"].to_numpy(dtype=bool)
    kind, note = (treated[name].fillna("").to_numpy(dtype=object) for name in ("kind", "note"))
    known = np.ones(len(treated), dtype=bool)
    wanted: dict[str, Quantity] = {}
    for one in sorted(set(kind)):
        among = kind == one
        wanted[f"took@{one}"] = indicator(known, took).only(among)
        for reason in sorted(set(note[among & ~took])):
            wanted[f"not_taken@{reason}@{one}"] = indicator(known, ~took & (note == reason)).only(among)
    return add_up(treated["question_id"].to_numpy(dtype=object), wanted)


def estimates(table: ClusterSums, measure: str, *, weight: Weight, level: float) -> list[Estimate]:
    """`took` by kind, then `not_taken` by kind and reason (group: "KIND: REASON", or the reason where there is one kind).

    A reason that a shard did not have was not met there: its share is over all treated probes of its kind, of all shards. The kind "" is
    that of traces on which the intervention is impossible, so that no kind was tried.
    """
    known = names(table)
    kinds = [name.partition("@")[2] for name in known if name.startswith("took@")]
    found = [mean(table, f"took@{kind}", Label(measure, "took", _TOOK, group=kind), weight=weight, level=level) for kind in kinds]
    several = sum(kind != "" for kind in kinds) > 1
    for name in sorted(name for name in known if name.startswith("not_taken@")):
        _, reason, kind = name.split("@", 2)
        label = Label(measure, "not_taken", _NOT, group=f"{kind}: {reason}" if kind and several else reason)
        found.append(_share(table, name, f"took@{kind}", label, weight=weight, level=level))
    return found


def traces(readings: Readings, treated: Mapping[str, Flags]) -> dict[str, Quantity]:
    """For each trace whether it has a reading among those `treated` with a kind, named eligible@KIND; and `traces`, which counts all."""
    known = np.ones(len(readings.trace), dtype=bool)
    whole = np.arange(len(readings.trace)) == readings.full
    has = {f"eligible@{kind}": np.isin(readings.trace, readings.trace[among]) for kind, among in treated.items()}
    return {name: indicator(known, those).only(whole) for name, those in {"traces": known, **has}.items()}


def kinds(table: ClusterSums) -> list[str]:
    """The kinds that `traces` was told of; "", where nothing could be tried, only if there is no other or something of it took."""
    found = sorted(name.partition("@")[2] for name in names(table) if name.startswith("eligible@"))
    return [kind for kind in found if kind or table["eligible@/sum"].any()] or found


def eligible(table: ClusterSums, measure: str, of: Sequence[str], *, weight: Weight, level: float) -> list[Estimate]:
    """`eligible`: for each kind in `of` the share of all traces, of all shards, that have a reading of it that took."""
    return [
        _share(table, f"eligible@{kind}", "traces", Label(measure, "eligible", _ELIGIBLE, group=kind), weight=weight, level=level)
        for kind in of
    ]


def _share(table: ClusterSums, name: str, whole: str, label: Label, *, weight: Weight, level: float) -> Estimate:
    """What `name` adds up to, as a share of all units of `whole`: a shard that lacks `name` had none of it."""
    count, units = table[f"{name}/sum"], table[f"{whole}/all"]
    parts = {"sum": count, "n": units, "low": count, "high": count, "all": units}
    over = table.beside({f"{name}|all/{part}": column for part, column in parts.items()})
    return mean(over, f"{name}|all", label, weight=weight, level=level)
