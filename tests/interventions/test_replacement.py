"""Step replacement: whose step stands where, and when there is none."""

import pytest
from builders import DONORS, TOKENIZER, answering, probe_all, trace

from cotfaith.errors import UsageError
from interventions.replacement import Replacement

STEPS = {donor.id: {donor.step_text(i).strip() for i in range(len(donor.steps))} for donor in DONORS}


def test_a_donors_step_stands_in_the_place_of_each() -> None:
    one = trace("First.\nSecond one. Third.")
    (probes,) = probe_all(Replacement(), [one])
    treated, control = ([p for p in probes if p.arm == arm] for arm in ("treated", "control"))
    around = [("", "\nSecond one. Third."), ("First.\n", " Third."), ("First.\nSecond one. ", "")]
    for p, sham, (left, right) in zip(treated, control, around, strict=True):
        text = TOKENIZER.decode(one.reasoning_ids[: p.keep]) + p.insert
        assert text.startswith(left)
        assert text.endswith(right)
        assert text[len(left) : len(text) - len(right)] in STEPS[p.donor]
        assert (sham.keep, TOKENIZER.decode(one.reasoning_ids[: sham.keep]) + sham.insert) == (p.keep, one.reasoning)
        assert (p.dose, sham.dose, p.site, sham.donor) == (1 / 3, 0.0, sham.site, "")
    assert [p.site for p in treated] == [1, 2, 3]


def test_all_donors_and_all_their_steps_are_drawn() -> None:
    drawn = {
        (p.donor, p.insert.strip()) for seed in range(40) for p in probe_all(Replacement(), [trace(" One.")], seed)[0] if p.donor
    }
    assert drawn == {(name, text) for name, texts in STEPS.items() for text in texts}


def test_a_step_that_says_the_same_is_passed_over() -> None:
    donors = (trace("Same.", "d0", "other"), trace("Same.\nNew.", "d1", "other"))
    for seed in range(10):
        (probes,) = probe_all(Replacement(), [trace(" Same. Own.")], seed, answering(donors=donors))
        first = next(p for p in probes if p.arm == "treated")
        assert (first.donor, first.insert) == ("d1", " New. Own.")


@pytest.mark.parametrize(
    ("donors", "left"),
    [((), [("treated", 0, "no donor")]), ((trace("", "d0", "other"),), [("treated", 0, "no donor")])],
)
def test_no_donor(donors: tuple, left: list) -> None:
    (probes,) = probe_all(Replacement(), [trace(" One. Two.")], ask=answering(donors=donors))
    assert [(p.arm, p.site, p.note) for p in probes[2:]] == left
    assert not probes[-1].valid


def test_a_site_without_a_donors_step_does_not_take() -> None:
    (probes,) = probe_all(Replacement(), [trace(" Same. Own.")], ask=answering(donors=(trace(" Same.", "d0", "other"),)))
    assert [(p.arm, p.site, p.valid, p.note) for p in probes[2:]] == [
        ("treated", 1, False, "no donor"),
        ("treated", 2, True, ""),
        ("control", 2, True, ""),
    ]
    assert [p.note for p in probe_all(Replacement(), [trace("")])[0][2:]] == ["no steps"]


def test_it_refuses_what_cannot_be() -> None:
    with pytest.raises(UsageError, match="Intervention replacement: sites is -1, but it must be 1 or more"):
        Replacement(sites=-1)
