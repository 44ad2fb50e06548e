"""Laws that every registered intervention keeps, whoever registered it. `pytest tests/interventions`"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.contracts.intervention import AbstractEdit, AbstractIntervention, InterventionInfo
from cotfaith.plugins import registry
from cotfaith.testing import DONORS, TRACES, check_intervention, coarse, probe_all, trace
from cotfaith.testing.builders import SENTENCES
from cotfaith.testing.interventions import GLUED, LAWS, both_ends_are_there_once, repeated, said, unexplained, unpaired
from cotfaith.testing.laws import hold
from cotfaith.types import Probe, Question, Trace

CALLS = count()
NAMES = registry.names("cotfaith.interventions")
ENDS_ALONE = ("truncation", "filler")  # their controls are the two ends, as they may be in other packages
BUILT_IN = [name for name in NAMES if registry.origin("cotfaith.interventions", name).distribution == "cotfaith"]
PAIRED = [name for name in BUILT_IN if name not in ENDS_ALONE]
REARRANGING = ("truncation", "removal", "shuffle", "last_steps", "replacement", "transplant")  # they write no word of their own
MANY_DRAWS = ("shuffle", "transplant", "option_order")  # each draw is another edit, and no other sample of one
DONATED = {word for donor in DONORS for word in donor.reasoning.split()}


sentences = st.lists(st.sampled_from(SENTENCES), min_size=0, max_size=7).map("".join)
reasonings = st.one_of(sentences, sentences.map(str.lstrip))
reasoned = st.builds(lambda text, make: make(text), reasonings, st.sampled_from([trace, coarse]))


@cache
def default(name: str, **options: Any) -> AbstractIntervention:
    made = registry.build(registry.load("cotfaith.interventions", name), options)
    assert isinstance(made, AbstractIntervention)
    return made


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=30)
@given(some=st.lists(reasoned, min_size=1, max_size=2), alone=st.just(()) | st.just(TRACES[:3]))
def test_every_registered_one_keeps_the_law(name: str, law: str, some: list[Trace], alone: tuple[Trace, ...]) -> None:
    hold(name, LAWS[law](default(name), (*some, *alone)))


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_one_has_both_ends_once(name: str) -> None:
    hold(name, both_ends_are_there_once(default(name), TRACES))


def test_the_law_of_ends_can_fail() -> None:
    assert list(both_ends_are_there_once(Broken("both_ends_are_there_once"), TRACES))


@pytest.mark.parametrize("name", PAIRED)
@settings(deadline=None, max_examples=10)
@given(one=reasoned)
def test_each_treated_probe_of_a_built_in_one_has_one_control(name: str, one: Trace) -> None:
    made = default(name)
    (probes,) = probe_all(made, [one])
    assert "treated" in {p.arm for p in probes}
    assert unpaired(probes, resampled=made.about.move == "question, resample") == []


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


@dataclass(frozen=True)
class Broken(AbstractEdit):
    """Breaks the law that `fault` names."""

    name: ClassVar[str] = "broken"
    about: ClassVar[InterventionInfo] = InterventionInfo("broken", "none", "edit, answer")

    fault: str

    def edit(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Sequence[Probe]:
        length = len(trace.reasoning_ids)
        control, treated = self.probe(trace, "control", keep=length), self.probe(trace, "treated", keep=0, dose=1.0)
        ends = () if self.fault == "both_ends_are_there_once" else (self.full(trace), self.no_reasoning(trace, dose=1.0))
        both = {
            "ids_are_distinct": (control, control, treated),
            "dose_0_is_the_identity": (control, self.probe(trace, "treated", keep=length + 1)),
            "same_seed_same_probes": (control, self.probe(trace, "treated", keep=0, dose=1.0, draw=next(CALLS))),
            "other_traces_change_nothing": (control, self.probe(trace, "treated", keep=0, dose=1.0, draw=next(CALLS))),
            "treated_has_its_control": (self.probe(trace, "control", keep=length, site=1), treated),
            "what_did_not_take_says_why": (control, replace(treated, valid=False)),
            "no_text_is_glued": (control, self.probe(trace, "treated", keep=0, insert=" It is so.Then it is not.", dose=1.0)),
        }.get(self.fault, (control, treated))
        return (*both, *ends)


@pytest.mark.parametrize("law", [law for law in LAWS if law != "says_what_it_is"])
def test_each_law_can_fail(law: str) -> None:
    assert list(LAWS[law](Broken(""), TRACES)) == []
    assert list(LAWS[law](Broken(law), TRACES))
    check_intervention(Broken(""))
    with pytest.raises(AssertionError, match=r"broken\(fault='.*'\) breaks \d+ of cotfaith's laws:\n- "):
        check_intervention(Broken(law))


def test_an_unknown_move_is_told() -> None:
    class Elsewhere(Broken):
        about: ClassVar[InterventionInfo] = InterventionInfo("", "none", "sideways")  # type: ignore[arg-type]

    assert len(list(LAWS["says_what_it_is"](Elsewhere(""), ()))) == 2


def test_the_parts_of_the_laws_can_fail() -> None:
    broken = Probe("p", "t", "x", "treated", keep=1, dose=0.0)
    assert unexplained([broken]) == [broken]
    assert unexplained([replace(broken, dose=1.0, valid=False)])
    assert not unexplained([replace(broken, dose=1.0, valid=False, note="no steps")])


def test_the_laws_of_pairs_and_draws_can_fail() -> None:
    treated = Probe("p", "t", "x", "treated", keep=1, dose=1.0, site=2)
    control = Probe("c", "t", "x", "control", keep=1, site=2)
    assert unpaired([treated, control]) == []
    for strange in (replace(control, site=1), replace(control, draw=1), replace(control, then="continue")):
        assert unpaired([treated, strange]) == [treated]
    assert unpaired([treated, control, control]) == [treated]
    assert unpaired([replace(treated, valid=False)]) == []
    assert unpaired([treated, replace(control, then="continue")], resampled=True) == []
    assert unpaired([treated, replace(control, draw=1)], resampled=True) == [treated]
    assert repeated([treated, replace(treated, draw=1)])
    assert not repeated([treated, replace(treated, draw=1, insert=" Other.")])


@pytest.mark.parametrize("text", ["It is so.Then it is not.", "apples.(B)", "itIs"])
def test_the_law_of_glue_can_fail(text: str) -> None:
    assert GLUED.search(text)


def test_coarse_tokens_tear_their_steps() -> None:
    one = coarse(" First. Then two more. So the answer is (B).")
    assert [step.tail for step in one.steps] != ["", "", ""]
    assert said(one, Probe("p", "t", "x", "full", keep=len(one.reasoning_ids))) == one.reasoning
