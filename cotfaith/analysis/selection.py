"""The rows that a measure reads: those with the identities that the manifest records for it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

logger = logging.getLogger(__name__)

Reads = Mapping[str, Mapping[str, Sequence[str]]]  # by measure and intervention: identities, today's first


def read_by(rows: pd.DataFrame, reads: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The `rows` that a measure reads: for each trace and intervention, the probes of the first identity in `reads` that it has."""
    rank = {(name, spec): i for name, specs in reads.items() for i, spec in enumerate(specs)}
    place = pd.Series([rank.get(pair, -1) for pair in zip(rows["intervention"], rows["spec"], strict=True)], index=rows.index)
    known = rows[place >= 0]
    first = place[place >= 0].groupby([known["trace_id"], known["intervention"]]).transform("min")
    return known[place[place >= 0] == first]


def say_unread(path: Path, reads: Reads, met: Mapping[tuple[str, str], int]) -> None:
    """Report the rows of the run in `path` that no measure reads. `met` counts them by intervention and identity."""
    read = {(name, spec) for those in reads.values() for name, specs in those.items() for spec in specs}
    unread: Counter[str] = Counter()
    for (name, spec), count in met.items():
        if (name, spec) not in read:
            unread[name] += count
    for name, count in unread.items():
        logger.warning(
            "Run %s holds %d probes of %s that no measure of its study reads: they are not in the estimates; "
            "the manifest does not record how they were made.",
            path,
            count,
            name,
        )
