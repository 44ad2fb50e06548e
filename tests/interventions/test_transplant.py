"""Transplants: token by token from the same model, as text from another, each donor once."""

from collections.abc import Sequence
from typing import Any

import pytest
from builders import DONORS, answering, probe_all, trace

from cotfaith.contracts.requests import Donors, Request
from cotfaith.errors import UsageError
from interventions.transplant import Transplant

ONE = trace("First. Second.")


def test_another_questions_reasoning_is_put_in_token_by_token() -> None:
    (probes,) = probe_all(Transplant(draws=5), [ONE])
    treated, control = ([p for p in probes if p.arm == arm] for arm in ("treated", "control"))
    assert {(p.donor, p.insert, p.insert_ids) for p in treated} == {(d.id, d.reasoning, d.reasoning_ids) for d in DONORS}
    assert [(p.keep, p.site, p.dose, p.kind, p.draw) for p in treated] == [(0, 0, 1.0, "another question", draw) for draw in (0, 1)]
    assert [(p.keep, p.insert, p.insert_ids, p.dose, p.draw, p.donor) for p in control] == [
        (0, ONE.reasoning, None, 0.0, draw, "") for draw in (0, 1)
    ]


def test_another_models_reasoning_is_put_in_as_text() -> None:
    asked: list[Request[Any]] = []

    def ask(requests: list[Request[Any]]) -> Sequence[Any]:
        asked.extend(requests)
        return answering(donors=DONORS[:1])(requests)

    (probes,) = probe_all(Transplant(model="big"), [ONE], ask=ask)
    assert asked == [Donors(ONE, "big")]
    (treated,) = [p for p in probes if p.arm == "treated"]
    assert (treated.kind, treated.insert, treated.insert_ids) == ("big", DONORS[0].reasoning.strip(), None)


def test_donors_that_have_nothing_else_to_give_are_passed_over() -> None:
    donors = (trace("", "d0", "other"), trace(" First.  Second.\n", "d1", "other"))
    for model, kind in (("", "another question"), ("big", "big")):
        (probes,) = probe_all(Transplant(model=model), [ONE], ask=answering(donors=donors))
        assert [(p.arm, p.valid, p.note, p.kind) for p in probes[2:]] == [("treated", False, "no donor", kind)]
    (probes,) = probe_all(Transplant(draws=3), [ONE], ask=answering(donors=(*donors, DONORS[0])))
    assert [p.donor for p in probes if p.arm == "treated"] == ["d0"]
    assert [p.insert for p in probes if p.arm == "treated"] == [DONORS[0].reasoning]


def test_every_donor_is_drawn() -> None:
    drawn = {p.donor for seed in range(20) for p in probe_all(Transplant(), [ONE], seed)[0] if p.donor}
    assert drawn == {"d0", "d1"}


def test_no_steps_do_not_take() -> None:
    assert [(p.note, p.kind) for p in probe_all(Transplant(), [trace("")])[0][2:]] == [("no steps", "another question")]


def test_it_refuses_what_cannot_be() -> None:
    with pytest.raises(UsageError, match="Intervention transplant: draws is 0, but it must be 1 or more"):
        Transplant(draws=0)
