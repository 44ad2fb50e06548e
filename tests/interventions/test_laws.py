"""Laws that every registered intervention keeps, whoever registered it. `pytest tests/interventions`"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate
from typing import Any, get_args

import pytest
from builders import DONORS, TOKENIZER, probe_all, trace
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.contracts.intervention import AbstractIntervention, Move
from cotfaith.engines.scripted.engine import _pack
from cotfaith.plugins import registry
from cotfaith.text.steps import steps
from cotfaith.types import Probe, Trace

NAMES = registry.names("cotfaith.interventions")
ENDS_ALONE = ("truncation", "filler")  # their controls are the two ends, as they may be in other packages
BUILT_IN = [name for name in NAMES if registry.origin("cotfaith.interventions", name).distribution == "cotfaith"]
PAIRED = [name for name in BUILT_IN if name not in ENDS_ALONE]
REARRANGING = ("truncation", "removal", "shuffle", "last_steps", "replacement", "transplant")  # they write no word of their own
MANY_DRAWS = ("shuffle", "transplant", "option_order")  # each draw is another edit, and no other sample of one
SENTENCES = (
    " First 3.5 apples.",
    " Then two more.",
    " Then two more.",
    "\n- a list item\n",
    " So the answer is (B).",
    " Dr. Smith agrees",
)
GLUED = re.compile(r"[.!?)][A-Za-z(]|[a-z][A-Z]")
DONATED = {word for donor in DONORS for word in donor.reasoning.split()}


def coarse(text: str) -> Trace:
    """A trace whose tokens are three characters each, so that most steps end inside a token."""
    pieces = [text[i : i + 3] for i in range(0, len(text), 3)]
    cut = steps(text, tuple(accumulate(map(len, pieces))))
    return replace(trace(text), reasoning_ids=tuple(map(_pack, pieces)), steps=cut)


def content(probe: Probe) -> tuple[object, ...]:
    return (probe.keep, probe.insert if probe.insert_ids is None else probe.insert_ids, probe.then, probe.question)


def said(one: Trace, probe: Probe) -> str:
    """The reasoning that `probe` puts in the model's mouth."""
    insert = probe.insert if probe.insert_ids is None else TOKENIZER.decode(probe.insert_ids)
    return TOKENIZER.decode(one.reasoning_ids[: probe.keep]) + insert


def unpaired(probes: Sequence[Probe], *, afresh: bool = False) -> list[Probe]:
    """Treated probes that took and have no control, or several, with their site, draw and way of answering.

    Where a question is thought about `afresh`, the control may be a reasoning that is there already, and answers at once.
    """

    def place(p: Probe) -> tuple[object, ...]:
        return (p.site, p.draw) if afresh else (p.site, p.draw, p.then)

    controls = [place(p) for p in probes if p.arm == "control"]
    return [p for p in probes if p.arm == "treated" and p.took and controls.count(place(p)) != 1]


def unexplained(probes: Sequence[Probe]) -> list[Probe]:
    """Probes that did not take, and say no reason or are not treated; and treated ones of dose 0."""
    failed = [p for p in probes if not p.took and (p.arm != "treated" or not p.note)]
    return failed + [p for p in probes if p.arm == "treated" and p.dose <= 0]


def repeated(probes: Sequence[Probe]) -> list[Probe]:
    """Treated probes of which another draw is the same edit from the same donor."""
    treated = [p for p in probes if p.arm == "treated"]
    what = [(p.site, p.kind, content(p), p.donor) for p in treated]
    return [p for p, one in zip(treated, what, strict=True) if what.count(one) > 1]


sentences = st.lists(st.sampled_from(SENTENCES), min_size=0, max_size=7).map("".join)
reasonings = st.one_of(sentences, sentences.map(str.lstrip))
reasoned = st.builds(lambda text, make: make(text), reasonings, st.sampled_from([trace, coarse]))


@cache
def default(name: str, **options: Any) -> AbstractIntervention:
    made = registry.build(registry.load("cotfaith.interventions", name), options)
    assert isinstance(made, AbstractIntervention)
    return made


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name: str) -> None:
    made = default(name)
    assert made.name == name
    assert made.about.summary
    assert made.about.paper
    assert made.about.move in get_args(Move)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=30)
@given(one=reasoned)
def test_ids_are_distinct_and_name_their_trace(name: str, one: Trace) -> None:
    made = default(name)
    (probes,) = probe_all(made, [one])
    assert len({p.id for p in probes}) == len(probes) > 0
    assert {p.trace_id for p in probes} == {"t"}
    assert {p.intervention for p in probes} == {made.name}


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=30)
@given(one=reasoned)
def test_dose_0_is_the_identity(name: str, one: Trace) -> None:
    """A probe of dose 0 leaves what a control arm has; the ends are the whole reasoning and none of it."""
    (probes,) = probe_all(default(name), [one])
    controls = {content(p) for p in probes if p.arm != "treated"}
    assert all(content(p) in controls for p in probes if p.dose == 0)
    for p in probes:
        if p.arm == "full":
            assert (p.keep, p.insert, p.insert_ids) == (len(one.reasoning_ids), "", None)
        if p.arm == "no_reasoning":
            assert (p.keep, p.insert, p.insert_ids) == (0, "", None)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=30)
@given(one=reasoned, seed=st.integers(0, 3))
def test_same_seed_same_probes(name: str, one: Trace, seed: int) -> None:
    made = default(name)
    assert probe_all(made, [one], seed) == probe_all(made, [one], seed)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=30)
@given(texts=st.lists(reasonings, min_size=1, max_size=5), data=st.data())
def test_order_and_subset_of_traces_change_nothing(name: str, texts: list[str], data: st.DataObject) -> None:
    made = default(name)
    traces = [trace(text, f"t{i}") for i, text in enumerate(texts)]
    alone = {one.id: probes for one, probes in zip(traces, probe_all(made, traces), strict=True)}
    some = data.draw(st.permutations(traces))[: data.draw(st.integers(1, len(traces)))]
    assert probe_all(made, list(some)) == [alone[one.id] for one in some]


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=30)
@given(one=reasoned)
def test_every_treated_probe_has_its_matched_control(name: str, one: Trace) -> None:
    made = default(name)
    (probes,) = probe_all(made, [one])
    arms = [p.arm for p in probes]
    afresh = made.about.move == "question, think afresh"
    assert afresh or {p.then for p in probes if p.arm == "treated" and p.took} <= {p.then for p in probes if p.arm != "treated"}
    assert set(arms) & {"control", "full", "no_reasoning"}
    if name in BUILT_IN:
        assert (arms.count("no_reasoning"), arms.count("full")) == (1, 1)
    if name in PAIRED:
        assert unpaired(probes, afresh=afresh) == []
        assert "treated" in arms
        assert all((p.dose, p.kind) == (0, "") for p in probes if p.arm == "control")


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=30)
@given(one=reasoned)
def test_what_did_not_take_says_why(name: str, one: Trace) -> None:
    (probes,) = probe_all(default(name), [one])
    assert unexplained(probes) == []


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=30)
@given(one=reasoned)
def test_no_text_is_glued_to_another(name: str, one: Trace) -> None:
    (probes,) = probe_all(default(name), [one])
    assert [said(one, p) for p in probes if GLUED.search(said(one, p))] == []


@pytest.mark.parametrize("name", REARRANGING)
@settings(deadline=None, max_examples=30)
@given(one=reasoned)
def test_words_are_left_out_or_moved_but_never_made(name: str, one: Trace) -> None:
    (probes,) = probe_all(default(name), [one])
    assert [p for p in probes if set(said(one, p).split()) - set(one.reasoning.split()) - DONATED] == []


@pytest.mark.parametrize("name", MANY_DRAWS)
@settings(deadline=None, max_examples=30)
@given(one=reasoned)
def test_draws_differ_from_each_other(name: str, one: Trace) -> None:
    (probes,) = probe_all(default(name, draws=4), [one])
    assert repeated(probes) == []


def test_the_laws_can_fail() -> None:
    """A law that no intervention could break would say nothing: one that keeps a token at dose 0 breaks the identity."""
    one = trace(" One. Two.")
    broken = Probe("p", "t", "x", "treated", keep=1, dose=0.0)
    controls = {content(p) for p in probe_all(default("truncation"), [one])[0] if p.arm != "treated"}
    assert content(broken) not in controls
    assert unexplained([broken]) == [broken]
    assert unexplained([replace(broken, dose=1.0, took=False)])
    assert not unexplained([replace(broken, dose=1.0, took=False, note="no steps")])


def test_the_laws_of_pairs_and_draws_can_fail() -> None:
    treated = Probe("p", "t", "x", "treated", keep=1, dose=1.0, site=2)
    control = Probe("c", "t", "x", "control", keep=1, site=2)
    assert unpaired([treated, control]) == []
    for strange in (replace(control, site=1), replace(control, draw=1), replace(control, then="think")):
        assert unpaired([treated, strange]) == [treated]
    assert unpaired([treated, control, control]) == [treated]
    assert unpaired([replace(treated, took=False)]) == []
    assert unpaired([treated, replace(control, then="think")], afresh=True) == []
    assert unpaired([treated, replace(control, draw=1)], afresh=True) == [treated]
    assert repeated([treated, replace(treated, draw=1)])
    assert not repeated([treated, replace(treated, draw=1, insert=" Other.")])


@pytest.mark.parametrize("text", ["It is so.Then it is not.", "apples.(B)", "itIs"])
def test_the_law_of_glue_can_fail(text: str) -> None:
    assert GLUED.search(text)


def test_coarse_tokens_tear_their_steps() -> None:
    one = coarse(" First. Then two more. So the answer is (B).")
    assert [step.tail for step in one.steps] != ["", "", ""]
    assert said(one, Probe("p", "t", "x", "full", keep=len(one.reasoning_ids))) == one.reasoning
