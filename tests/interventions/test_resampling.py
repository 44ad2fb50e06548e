"""Resampling: where the model thinks on from, and that neighbours share their contexts."""

from dataclasses import replace

import pytest
from builders import TOKENIZER, probe_all, trace

from cotfaith.errors import UsageError
from cotfaith.types import Probe, Step
from interventions.resampling import Resampling

FOUR = " One is 3.5. Two. Three. Four."


def test_the_model_thinks_on_from_before_and_from_behind_each_step() -> None:
    one = trace(FOUR)
    (probes,) = probe_all(Resampling(draws=2), [one])
    cuts = [0, *(step.tokens for step in one.steps)]
    for site in (1, 2, 3, 4):
        here = [p for p in probes if p.site == site and p.then == "continue"]
        assert [(p.arm, p.keep, p.draw, p.dose) for p in here] == [
            ("treated", cuts[site - 1], 0, 1.0),
            ("control", cuts[site], 0, 0.0),
            ("treated", cuts[site - 1], 1, 1.0),
            ("control", cuts[site], 1, 0.0),
        ]
    assert len(probes) == 2 + 4 * 2 * 2


def context(p: Probe) -> tuple[int, str, int]:
    return p.keep, p.insert, p.draw


def test_the_control_of_a_step_is_the_treated_arm_of_the_next() -> None:
    (probes,) = probe_all(Resampling(draws=3), [trace(FOUR)])
    for site in (1, 2, 3):
        control = {context(p) for p in probes if p.arm == "control" and p.site == site}
        treated = {context(p) for p in probes if p.arm == "treated" and p.site == site + 1}
        assert control == treated


def test_a_torn_boundary_keeps_its_characters_and_says_so() -> None:
    ids = tuple(TOKENIZER.encode(piece)[0] for piece in ("On", "e", "Tw", "o"))
    torn = replace(trace("One. Two."), reasoning_ids=ids, steps=(Step(0, 4, 1, "e."), Step(4, 9, 4)))
    (probes,) = probe_all(Resampling(draws=1), [torn])
    assert [(p.arm, p.site, p.keep, p.insert, p.note) for p in probes[2:]] == [
        ("treated", 1, 0, "", ""),
        ("control", 1, 1, "e.", "boundary inside a token"),
        ("treated", 2, 1, "e.", "boundary inside a token"),
        ("control", 2, 4, "", ""),
    ]


def test_some_sites_and_none() -> None:
    (probes,) = probe_all(Resampling(sites=2, draws=1), [trace(FOUR)])
    assert [p.site for p in probes if p.arm == "treated"] == [2, 4]
    assert [p.note for p in probe_all(Resampling(), [trace("")])[0][2:]] == ["no steps"]


@pytest.mark.parametrize("option", ["sites", "draws"])
def test_it_refuses_what_cannot_be(option: str) -> None:
    with pytest.raises(UsageError, match=f"Intervention resampling: {option} is 0, but it must be 1 or more"):
        Resampling(**{option: 0})
