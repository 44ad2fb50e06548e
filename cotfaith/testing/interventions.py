"""The laws of interventions: `check_intervention(DropLast(steps=2))` in your own test.

Each law takes an intervention and traces, and yields every breach. None needs a model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from cotfaith.contracts import driver
from cotfaith.contracts.intervention import AbstractIntervention, Move, describe
from cotfaith.contracts.requests import Request
from cotfaith.testing.builders import QUESTION, TOKENIZER, TRACES
from cotfaith.testing.laws import hold, unless
from cotfaith.testing.replies import Replies
from cotfaith.types import Probe, Trace

Law = Callable[[AbstractIntervention, Sequence[Trace]], Iterator[str]]
Ask = Callable[[list[Request[Any]]], Sequence[Any]]

GLUED = re.compile(r"[.!?)][A-Za-z(]|[a-z][A-Z]")


def probe_all(made: AbstractIntervention, traces: Sequence[Trace], seed: int = 0, ask: Ask | None = None) -> list[list[Probe]]:
    """The probes of `made` on each of `traces`, all on the toy question; `ask` answers its requests."""
    return [list(those) for those in driver.probes(made, [(one, QUESTION) for one in traces], ask or Replies(), seed=seed)]


def says_what_it_is(made: AbstractIntervention, traces: Sequence[Trace]) -> Iterator[str]:  # noqa: ARG001  as all laws
    """It has a summary, a paper and a move."""
    yield from unless(made.about.summary, "its `about` has no summary")
    yield from unless(made.about.paper, 'its `about` has no paper: write "none" if there is none')
    yield from unless(made.about.move in get_args(Move), f"its move is {made.about.move!r}, which is not one of {get_args(Move)}")


def ids_are_distinct(made: AbstractIntervention, traces: Sequence[Trace]) -> Iterator[str]:
    """Each trace has probes with unique ids, which name the trace and the intervention."""
    for one, probes in zip(traces, probe_all(made, traces), strict=True):
        yield from unless(probes, f"it has no probe on {one.reasoning!r}")
        yield from unless(len({p.id for p in probes}) == len(probes), f"two of its probes on {one.reasoning!r} have the same id")
        yield from unless({p.trace_id for p in probes} <= {one.id}, f"a probe on {one.reasoning!r} names another trace")
        yield from unless({p.intervention for p in probes} <= {made.name}, "a probe names another intervention")


def dose_0_is_the_identity(made: AbstractIntervention, traces: Sequence[Trace]) -> Iterator[str]:
    """A probe of dose 0 equals a control. The arm `full` has the whole reasoning, and `no_reasoning` has none of it."""
    for one, probes in zip(traces, probe_all(made, traces), strict=True):
        controls = {content(p) for p in probes if p.arm != "treated"}
        for p in probes:
            if p.dose == 0 and content(p) not in controls:
                yield f"a probe of dose 0 on {one.reasoning!r} is not one of its controls: {p}"
            if p.arm in {"full", "no_reasoning"}:
                keep = len(one.reasoning_ids) if p.arm == "full" else 0
                yield from unless((p.keep, p.insert, p.insert_ids) == (keep, "", None), f"its arm {p.arm} is an edit: {p}")


def same_seed_same_probes(made: AbstractIntervention, traces: Sequence[Trace]) -> Iterator[str]:
    """It draws only from its random stream."""
    for seed in range(2):
        same = probe_all(made, traces, seed) == probe_all(made, traces, seed)
        yield from unless(same, f"it gives other probes in the second call with seed {seed}")


def other_traces_change_nothing(made: AbstractIntervention, traces: Sequence[Trace]) -> Iterator[str]:
    """The probes of a trace do not depend on the other traces or on their order."""
    named = [replace(one, id=f"t{i}") for i, one in enumerate(traces)]
    together = probe_all(made, named)
    yield from unless(probe_all(made, named[::-1]) == together[::-1], "the order of the traces changes its probes")
    alone = [probe_all(made, [one])[0] for one in named[:3]]
    yield from unless(alone == together[:3], "other traces change its probes")


def both_ends_are_there_once(made: AbstractIntervention, traces: Sequence[Trace]) -> Iterator[str]:
    """Each trace has the arms `full` and `no_reasoning` once: `self.full(trace)` and `self.no_reasoning(trace, dose=...)` make them.

    The built-in interventions keep this law, since their measures read both ends. `check_intervention` does not require it.
    """
    for one, probes in zip(traces, probe_all(made, traces), strict=True):
        for arm in ("full", "no_reasoning"):
            found = sum(p.arm == arm for p in probes)
            yield from unless(found == 1, f"it has the arm {arm} {found} times on {one.reasoning!r}")


def treated_has_its_control(made: AbstractIntervention, traces: Sequence[Trace]) -> Iterator[str]:
    """Each valid treated probe has one control with the same site and draw, which answers in the same way and has dose 0.

    If there is no probe of the arm `control`, the two ends are the controls.
    """
    for one, probes in zip(traces, probe_all(made, traces), strict=True):
        controls = [p for p in probes if p.arm == "control"]
        yield from (f"a control on {one.reasoning!r} has a dose or a kind: {p}" for p in controls if (p.dose, p.kind) != (0, ""))
        if controls:
            lost = unpaired(probes, resampled=made.about.move == "question, resample")
            yield from (f"it does not have exactly one control of the same site and draw on {one.reasoning!r}: {p}" for p in lost)
        else:
            thens = {p.then for p in probes if p.arm == "treated" and p.valid} - {p.then for p in probes if p.arm != "treated"}
            yield from unless(
                not thens, f"no probe on {one.reasoning!r} can be a control of probes whose next step is {sorted(thens)}"
            )


def what_did_not_take_says_why(made: AbstractIntervention, traces: Sequence[Trace]) -> Iterator[str]:
    """A probe that failed its check is treated and has a note. A treated probe has a dose."""
    for probes in probe_all(made, traces):
        yield from (f"a probe failed its check without a reason, or is treated with dose 0: {p}" for p in unexplained(probes))


def no_text_is_glued(made: AbstractIntervention, traces: Sequence[Trace]) -> Iterator[str]:
    """A space separates all sentences."""
    for one, probes in zip(traces, probe_all(made, traces), strict=True):
        yield from (f"two texts stand without a space: {said(one, p)!r}" for p in probes if GLUED.search(said(one, p)))


LAWS: Mapping[str, Law] = {
    law.__name__: law
    for law in (
        says_what_it_is,
        ids_are_distinct,
        dose_0_is_the_identity,
        same_seed_same_probes,
        other_traces_change_nothing,
        treated_has_its_control,
        what_did_not_take_says_why,
        no_text_is_glued,
    )
}


def check_intervention(made: AbstractIntervention, traces: Sequence[Trace] = TRACES) -> None:
    """Check that `made` keeps every law on `traces`.

    Raises:
        AssertionError: it breaks a law. The message has one line per breach.
    """
    hold(describe(made), (one for law in LAWS.values() for one in law(made, traces)))


# --- parts of laws ----------------------------------------------------------------------------------------------------------


def content(probe: Probe) -> tuple[object, ...]:
    """What `probe` puts before the model, in any arm."""
    return (probe.keep, probe.insert if probe.insert_ids is None else probe.insert_ids, probe.then, probe.question)


def said(one: Trace, probe: Probe) -> str:
    """The reasoning that `probe` puts in the model's mouth."""
    insert = probe.insert if probe.insert_ids is None else TOKENIZER.decode(probe.insert_ids)
    return TOKENIZER.decode(one.reasoning_ids[: probe.keep]) + insert


def unpaired(probes: Sequence[Probe], *, resampled: bool = False) -> list[Probe]:
    """Valid treated probes that do not have exactly one control with their site, draw and way of answering.

    If the model reasons about the edited question from the start (`resampled`), the control may be existing reasoning and answers at
    once.
    """

    def place(p: Probe) -> tuple[object, ...]:
        return (p.site, p.draw) if resampled else (p.site, p.draw, p.then)

    controls = [place(p) for p in probes if p.arm == "control"]
    return [p for p in probes if p.arm == "treated" and p.valid and controls.count(place(p)) != 1]


def unexplained(probes: Sequence[Probe]) -> list[Probe]:
    """Probes that failed their check without a reason or are not treated, and treated probes of dose 0."""
    failed = [p for p in probes if not p.valid and (p.arm != "treated" or not p.note)]
    return failed + [p for p in probes if p.arm == "treated" and p.dose <= 0]


def repeated(probes: Sequence[Probe]) -> list[Probe]:
    """Treated probes for which another draw is the same edit from the same donor."""
    treated = [p for p in probes if p.arm == "treated"]
    what = [(p.site, p.kind, content(p), p.donor) for p in treated]
    return [p for p, one in zip(treated, what, strict=True) if what.count(one) > 1]
