"""The validity of edits: how many treated probes passed their check, why the others failed it, and how many traces that leaves.

A probe that failed its check is never read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cotfaith.contracts.metric import Metric
from cotfaith.measures.parts.answer_arrays import Flags, Readings
from cotfaith.measures.parts.quantity import Quantity, Setting, add_up, indicator, mean, share_of
from cotfaith.stats import ClusterSums, Estimate, Key, Part

VALID = Metric(
    "edit_valid",
    "Edits that passed their check",
    "Larger: more of the edits did what their name says; it says nothing about faithfulness.",
    role="count",
)
INVALID = Metric(
    "edit_invalid",
    "Edits that failed their check",
    "Larger: more of the edits failed for this reason, and were left out; it says nothing about faithfulness.",
    role="count",
)
INCLUDED = Metric(
    "included",
    "Traces that are included",
    "Larger: more of the traces enter the other numbers; it says nothing about faithfulness.",
    role="count",
)
METRICS = (INCLUDED, VALID, INVALID)

TRACES = Key("traces")


def columns(rows: pd.DataFrame, kind: str | None = None) -> ClusterSums:
    """The sums by question of `edit_valid` by kind and of `edit_invalid` by kind and reason, over the treated rows of one intervention.

    With a `kind`, all rows are of that kind.
    """
    treated = rows[rows["arm"] == "treated"]
    took = treated["valid"].to_numpy(dtype=bool)
    kinds, note = (treated[name].fillna("").to_numpy(dtype=object) for name in ("kind", "note"))
    if kind is not None:
        kinds = np.full(len(treated), kind, dtype=object)
    known = np.ones(len(treated), dtype=bool)
    wanted: dict[Key, Quantity] = {}
    for one in sorted(set(kinds)):
        among = kinds == one
        wanted[Key(VALID.name, kind=one)] = indicator(known, took).only(among)
        for reason in sorted(set(note[among & ~took])):
            wanted[Key(INVALID.name, kind=one, reason=reason)] = indicator(known, ~took & (note == reason)).only(among)
    return add_up(treated["question_id"].to_numpy(dtype=object), wanted)


def estimates(table: ClusterSums, setting: Setting) -> list[Estimate]:
    """`edit_valid` by kind, then `edit_invalid` by reason and kind.

    A reason that a shard did not have was not met there: its share is over all treated probes of its kind, of all shards. The kind "" is
    that of traces on which the intervention is impossible, so that no kind was tried.
    """
    failed = sorted(table.quantities(INVALID.name), key=lambda key: (key.reason, key.kind))
    return [
        *(mean(table, setting, VALID, key) for key in table.quantities(VALID.name)),
        *(share_of(table, setting, INVALID, key, key._replace(metric=VALID.name, reason="")) for key in failed),
    ]


def traces(readings: Readings, treated: Mapping[str, Flags]) -> dict[Key, Quantity]:
    """For each trace whether it has a reading among those `treated` with a kind (`included`); and `traces`, which counts all."""
    known = np.ones(len(readings.trace), dtype=bool)
    whole = np.arange(len(readings.trace)) == readings.full
    has = {Key(INCLUDED.name, kind=kind): np.isin(readings.trace, readings.trace[among]) for kind, among in treated.items()}
    return {key: indicator(known, those).only(whole) for key, those in {TRACES: known, **has}.items()}


def kinds(table: ClusterSums) -> list[str]:
    """The kinds that `traces` was given; "", where nothing could be tried, only if there is no other or something of it passed its check."""
    found = {key.kind: key for key in table.quantities(INCLUDED.name)}
    return [kind for kind in sorted(found) if kind or table[Part(found[kind], "sum")].any()] or sorted(found)


def included(table: ClusterSums, setting: Setting, of: Sequence[Key]) -> list[Estimate]:
    """`included`: for each key in `of` the share of all traces, of all shards, that have a reading that passed its check."""
    return [
        share_of(table, setting, INCLUDED, key, Key(TRACES.metric, strategy=key.strategy, intervention=key.intervention))
        for key in of
    ]


def included_kinds(table: ClusterSums, setting: Setting, of: Sequence[str]) -> list[Estimate]:
    """`included` for each kind in `of`."""
    return included(table, setting, [Key(INCLUDED.name, kind=kind) for kind in of])
