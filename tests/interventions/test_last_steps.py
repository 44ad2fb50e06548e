"""Last steps alone: what is kept, and reasonings too short for it."""

import pytest
from builders import probe_all, trace

from cotfaith.errors import UsageError
from interventions.last_steps import LastSteps


def test_the_last_steps_are_kept() -> None:
    text = "One is 3.5. Two. Three. Four."
    (probes,) = probe_all(LastSteps(lasts=(1, 3)), [trace(text)])
    treated, control = ([p for p in probes if p.arm == arm] for arm in ("treated", "control"))
    assert [(p.keep, p.insert, p.site, p.dose) for p in treated] == [(0, "Four.", 1, 0.75), (0, "Two. Three. Four.", 3, 0.25)]
    assert [(p.keep, p.insert, p.site, p.dose) for p in control] == [(0, text, 1, 0.0), (0, text, 3, 0.0)]


def test_too_few_steps_do_not_take() -> None:
    (probes,) = probe_all(LastSteps(), [trace(" One. Two.")])
    assert [(p.arm, p.site, p.insert, p.valid, p.note) for p in probes[2:]] == [
        ("treated", 1, " Two.", True, ""),
        ("control", 1, " One. Two.", True, ""),
        ("treated", 2, "", False, "too few steps"),
    ]
    assert [p.note for p in probe_all(LastSteps(), [trace("")])[0][2:]] == ["no steps"]


@pytest.mark.parametrize(
    ("lasts", "message"),
    [
        ((0, 1), "lasts is 0, but it must be 1 or more"),
        ((), r"lasts is \(\); give"),
        ((2, 2), r"lasts is \(2, 2\); give at least one"),
    ],
)
def test_it_refuses_what_cannot_be(lasts: tuple[int, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        LastSteps(lasts=lasts)
