"""Shuffled steps: every other order and never the same text."""

import pytest
from builders import probe_all, trace

from cotfaith.errors import UsageError
from interventions.shuffle import Shuffle


def test_all_other_orders_of_three_steps() -> None:
    (probes,) = probe_all(Shuffle(draws=9), [trace("A cat. Two dogs.\nThree.")])
    treated, control = ([p for p in probes if p.arm == arm] for arm in ("treated", "control"))
    assert {p.insert for p in treated} == {
        "A cat. Three. Two dogs.",
        "Two dogs.\nA cat. Three.",
        "Two dogs.\nThree. A cat.",
        "Three. A cat. Two dogs.",
        "Three. Two dogs.\nA cat.",
    }
    assert [p.draw for p in treated] == [p.draw for p in control] == [0, 1, 2, 3, 4]
    assert {p.insert for p in control} == {"A cat. Two dogs.\nThree."}
    assert {(p.keep, p.site, p.dose) for p in treated} == {(0, 0, 1.0)}


def test_two_steps_have_one_other_order() -> None:
    (probes,) = probe_all(Shuffle(), [trace(" One. Two.")])
    assert [p.insert for p in probes if p.arm == "treated"] == [" Two. One."]


@pytest.mark.parametrize("text", [" One.", " Two. Two. Two.", "Two. Two.\nTwo."])
def test_fewer_than_two_distinct_steps_do_not_take(text: str) -> None:
    (probes,) = probe_all(Shuffle(), [trace(text)])
    assert [(p.arm, p.valid, p.note) for p in probes[2:]] == [("treated", False, "nothing to shuffle")]


def test_no_steps_do_not_take() -> None:
    assert probe_all(Shuffle(), [trace("")])[0][-1].note == "no steps"


def test_it_refuses_what_cannot_be() -> None:
    with pytest.raises(UsageError, match="Intervention shuffle: draws is 0, but it must be 1 or more"):
        Shuffle(draws=0)
