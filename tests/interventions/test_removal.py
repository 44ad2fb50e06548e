"""Step removal: what is left, its sham control, and steps that cannot be removed."""

from dataclasses import replace

import pytest
from builders import TOKENIZER, probe_all, trace

from cotfaith.errors import UsageError
from cotfaith.types import Step
from interventions.removal import Removal

FOUR = " One is 3.5. Two. Three. Four."


def test_each_step_is_left_out() -> None:
    one = trace(FOUR)
    (probes,) = probe_all(Removal(), [one])
    assert [p.arm for p in probes] == ["no_reasoning", "full", *["treated", "control"] * 4]
    starts = (" One is 3.5.", " Two.", " Three.", " Four.")
    treated, control = ([p for p in probes if p.arm == arm] for arm in ("treated", "control"))
    for i, (left, right) in enumerate(zip(treated, control, strict=True)):
        before = "".join(starts[:i])
        assert left.keep == right.keep == len(TOKENIZER.encode(before))
        assert (left.insert, right.insert) == ("".join(starts[i + 1 :]), "".join(starts[i:]))
        assert (left.site, right.site) == (i + 1, i + 1)
        assert (left.dose, right.dose) == (0.25, 0.0)
    assert {p.then for p in probes} == {"answer"}


def test_one_of_two_equal_steps_is_left_out() -> None:
    (probes,) = probe_all(Removal(sites=1), [trace("Red. Blue. Blue.")])
    assert [(p.site, p.insert) for p in probes if p.arm == "treated"] == [(2, " Blue.")]


def test_the_only_step_leaves_no_reasoning() -> None:
    (probes,) = probe_all(Removal(), [trace(" One.")])
    (treated,) = [p for p in probes if p.arm == "treated"]
    assert (treated.keep, treated.insert, treated.dose, treated.valid) == (0, "", 1.0, True)


def test_no_steps_and_blank_steps_do_not_take() -> None:
    (probes,) = probe_all(Removal(), [trace("")])
    assert [(p.arm, p.valid, p.site, p.note) for p in probes] == [
        ("no_reasoning", True, 0, ""),
        ("full", True, 0, ""),
        ("treated", False, 0, "no steps"),
    ]
    one = trace("Red. Blue.")
    blank = replace(one, steps=(Step(0, 4, 3), Step(4, 5, 3, " "), Step(5, 10, len(one.reasoning_ids))))
    (probes,) = probe_all(Removal(), [blank])
    assert [(p.site, p.valid, p.note) for p in probes if p.arm == "treated"] == [
        (1, True, ""),
        (2, False, "blank step"),
        (3, True, ""),
    ]
    assert [p.site for p in probes if p.arm == "control"] == [1, 3]


def test_it_refuses_what_cannot_be() -> None:
    with pytest.raises(UsageError, match="Intervention removal: sites is 0, but it must be 1 or more"):
        Removal(sites=0)
