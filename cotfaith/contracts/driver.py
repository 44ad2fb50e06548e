"""The driver: it advances the flows of many traces together, and answers all requests of a round at once.

A flow is a generator. It yields a request (`cotfaith.contracts.requests`) whenever it needs something from outside, receives the
reply, and finally returns its result. It does no I/O and knows no engine.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from typing import Any, TypeVar

from cotfaith import seeds
from cotfaith.contracts.identity import shown, stream
from cotfaith.contracts.intervention import AbstractIntervention, Flow
from cotfaith.contracts.requests import Request
from cotfaith.errors import CotfaithError
from cotfaith.types import Probe, Question, Trace

T = TypeVar("T")


def drive(flows: Iterable[Generator[Any, Any, T]], ask: Callable[[list[Any]], Sequence[Any]]) -> list[T]:
    """The results of the flows, in their order. `ask` is called once per round with all requests of that round."""
    running = dict(enumerate(flows))
    replies: dict[int, Any] = {}
    done: dict[int, T] = {}
    while running:
        requests: dict[int, Any] = {}
        for i, flow in list(running.items()):
            try:
                requests[i] = flow.send(replies[i]) if i in replies else next(flow)
            except StopIteration as stop:
                done[i] = stop.value
                del running[i]
        if requests:
            replies = dict(zip(requests, ask(list(requests.values())), strict=True))
    return [done[i] for i in sorted(done)]


def probes(
    intervention: AbstractIntervention,
    cases: Sequence[tuple[Trace, Question]],
    ask: Callable[[list[Request[Any]]], Sequence[Any]],
    *,
    seed: int,
) -> list[Sequence[Probe]]:
    """The probes of `intervention` on every case. Each draws from a stream named by seed, intervention and trace."""
    name = stream(intervention)
    flows = [_named(intervention.flow(t, q, rng=seeds.stream(seed, name, t.stream)), shown(intervention), t) for t, q in cases]
    return drive(flows, ask)


def _named(flow: Flow, name: str, trace: Trace) -> Flow:
    """`flow`, with failures turned into errors that name the intervention and the trace."""
    try:
        return (yield from flow)
    except CotfaithError:
        raise
    except Exception as error:
        raise CotfaithError(f"Intervention {name} failed on trace {trace.id}: {type(error).__name__}: {error}.") from error
