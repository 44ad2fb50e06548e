"""The traces that an intervention has not probed yet, and its probes with the pools that they were drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cotfaith.contracts import driver
from cotfaith.contracts.intervention import AbstractIntervention
from cotfaith.contracts.requests import Donors, Examples
from cotfaith.pipeline import pools
from cotfaith.pipeline.replies import Asker
from cotfaith.types import Probe, Question, Trace

Case = tuple[Trace, Question]
Pools = tuple[str, str]  # digests of donors and examples; empty where the intervention requested none


def owed(asker: Asker, made: AbstractIntervention, cases: Sequence[tuple[Case, Pools | None]]) -> list[Case]:
    """The cases that `made` has not probed yet, or has probed with pools that have changed since."""
    now = _Pools(asker, made)
    return [case for case, before in cases if before is None or before != now.as_asked(case[0], before)]


def probes_of(asker: Asker, made: AbstractIntervention, cases: Sequence[Case]) -> list[tuple[Sequence[Probe], Pools]]:
    """The probes of `made` on each of `cases`, with the pools that it drew from."""
    kinds: set[type] = set()

    def ask(requests: list[Any]) -> list[Any]:
        kinds.update(map(type, requests))
        return asker(requests)

    found = driver.probes(made, cases, ask, seed=asker.cell.study.seed)
    asked, now = ("?" if Donors in kinds else "", "?" if Examples in kinds else ""), _Pools(asker, made)
    return [(probes, now.as_asked(trace, asked)) for probes, (trace, _) in zip(found, cases, strict=True)]


class _Pools:
    """The current digests of the pools of an intervention. Each is computed on first use."""

    def __init__(self, asker: Asker, made: AbstractIntervention) -> None:
        self._asker, self._made = asker, made
        self._donors: dict[str, str] | None = None
        self._examples: str | None = None

    def as_asked(self, trace: Trace, asked: Pools) -> Pools:
        """The digests for `trace` of the pools that are not empty in `asked`."""
        asker = self._asker
        if asked[0] and self._donors is None:
            self._donors = pools.donor_digests(asker.cell, asker.shard, asker.traces, self._made.donor)
        if asked[1] and self._examples is None:
            self._examples = pools.example_digest(asker.cell)
        donors = (self._donors or {})[trace.strategy] if asked[0] else ""
        return donors, (self._examples or "") if asked[1] else ""
