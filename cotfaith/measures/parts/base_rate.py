"""The base rate of a hinted option: how often plain samples of the question give it, and how much the hint adds.

A hinted reading is compared with the plain samples of its question, except its own trace. It counts once, however many there are. If
the target is the same for all samples of a question, this is the mean over them. If the target was drawn among the options other
than the trace's own answer (are you sure), that answer is not informative about the base rate, so it is excluded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cotfaith.measures.parts import strata
from cotfaith.measures.parts.answer_arrays import Flags, Floats
from cotfaith.measures.parts.hinted_answers import Hinted
from cotfaith.measures.parts.quantity import PARTS, indicator
from cotfaith.stats import ClusterSums, Column, Key, Part, add_by_question


@dataclass(frozen=True, slots=True, eq=False)
class _Others:
    """For each reading: the share of its question's other plain samples that are answered, and the share that give its target."""

    known: Floats
    hits: Floats


def columns(hinted: Hinted) -> ClusterSums:
    """The sums by question of `base_rate` and `influence` by hint, and of `influence` in each stratum.

    If some of the other plain samples have no answer, a reading enters with the share that have one; the rest of it is missing.
    """
    others, found = _others(hinted), hinted.readings
    base: Mapping[str, Floats] = {
        "sum": others.hits,
        "n": others.known,
        "low": others.hits,
        "high": others.hits + 1 - others.known,
        "all": np.ones_like(others.hits),
    }
    follows = hinted.follows.astype(np.float64)
    influence: Mapping[str, Floats] = {
        "sum": found.answered * (follows * others.known - others.hits),
        "n": found.answered * others.known,
        "low": follows - base["high"],
        "high": np.where(found.answered, follows, 1.0) - base["low"],
        "all": base["all"],
    }
    table: dict[Column, Floats] = {}
    for hint, arms in hinted.kinds.items():
        table |= _among(Key("base_rate", kind=hint), base, arms.treated)
        key = Key("influence", kind=hint)
        table |= _among(key, influence, arms.treated)
        whole = indicator(arms.treated, arms.treated).only(arms.treated)
        for stratum, inside in strata.split(found, key, whole).items():
            table |= _among(stratum, influence, arms.treated if inside.among is None else inside.among)
    return add_by_question(found.question, table)


def _among(key: Key, parts: Mapping[str, Floats], among: Flags) -> dict[Column, Floats]:
    return {Part(key, part): np.where(among, parts[part], 0.0) for part in PARTS}


def _others(hinted: Hinted) -> _Others:
    found = hinted.readings
    plain = found.arm == "full"
    own, said = found.answered[found.full], found.answer[found.full]
    answered = plain & found.answered
    samples = _count(found.question[plain], found.question) - 1
    known = _count(found.question[answered], found.question) - own
    given = _count(_keys(found.question, found.answer)[answered], _keys(found.question, hinted.target))
    hits = given - (own & (said == hinted.target))
    some = np.maximum(samples, 1)
    return _Others(np.where(samples > 0, known / some, 0.0), np.where(samples > 0, hits / some, 0.0))


def _keys(question: np.ndarray, answer: np.ndarray) -> np.ndarray:
    keys = np.empty(len(question), dtype=object)
    keys[:] = list(zip(question, answer, strict=True))
    return keys


def _count(seen: np.ndarray, wanted: np.ndarray) -> Floats:
    """How often each entry of `wanted` is in `seen`."""
    counts = pd.Index(seen, tupleize_cols=False).value_counts()
    found = counts.reindex(pd.Index(wanted, tupleize_cols=False), fill_value=0).to_numpy()
    return np.asarray(found, dtype=np.float64)
