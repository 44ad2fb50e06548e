"""Mediation: hinted and plain question crossed with hinted and plain reasoning."""

from collections.abc import Callable
from typing import Any

import pytest
from builders import CONTINUATION, QUESTION, TOKENIZER, answering, trace

from cotfaith.contracts import driver
from cotfaith.contracts.requests import Continue, Continued, Request
from cotfaith.errors import UsageError
from cotfaith.text.steps import steps
from cotfaith.types import Probe, Question, Step
from interventions.mediation import BOTH, DIRECT, Mediation

TEXT = " I count. It is two. So the answer is (B)."
LONG = " One. Two. Three. Four. Five. Six."
Ask = Callable[[list[Request[Any]]], list[Any]]


def made(mediation: Mediation, question: Question = QUESTION, text: str = TEXT, ask: Ask | None = None) -> list[Probe]:
    (probes,) = driver.probes(mediation, [(trace(text), question)], ask or answering(continuation=LONG), seed=0)
    return list(probes)


def arm(probes: list[Probe], name: str) -> list[Probe]:
    return [probe for probe in probes if probe.arm == name]


def continuing(*replies: Continued, asked: list[Continue] | None = None) -> Ask:
    left = list(replies)
    answers = answering()

    def one(request: Request[Any]) -> Any:
        if not isinstance(request, Continue):
            return answers([request])[0]
        if asked is not None:
            asked.append(request)
        return left.pop(0)

    return lambda requests: [one(request) for request in requests]


def continued(text: str) -> Continued:
    ids = TOKENIZER.encode(text)
    return Continued(ids, text, steps(text, TOKENIZER.ends(ids)), "stop")


def test_the_four_corners() -> None:
    probes = made(Mediation(cuts=1))
    whole = len(trace(TEXT).reasoning_ids)
    both, direct, indirect = arm(probes, "treated")
    assert {p.question for p in (both, direct)} == {both.question}
    assert both.question is not None
    assert "I think the answer is" in both.question.after
    assert (both.site, both.keep, both.insert, both.insert_ids) == (BOTH, 0, LONG, TOKENIZER.encode(LONG))
    assert (direct.site, direct.keep, direct.insert, direct.insert_ids) == (DIRECT, whole, "", None)
    assert (indirect.site, indirect.keep, indirect.insert, indirect.insert_ids) == (6, 0, LONG, TOKENIZER.encode(LONG))
    assert indirect.question is None
    controls = arm(probes, "control")
    assert [(p.site, p.keep, p.dose, p.question) for p in controls] == [(site, whole, 0.0, None) for site in (BOTH, DIRECT, 6)]
    assert {p.then for p in probes} == {"answer"}
    assert {(p.kind, p.target) for p in arm(probes, "treated")} == {("suggested_answer", both.target)}


def test_the_hinted_reasoning_is_cut_after_its_steps() -> None:
    cut = [p for p in arm(made(Mediation(cuts=3)), "treated") if p.site > 0]
    assert [(p.site, p.insert, p.dose) for p in cut] == [
        (2, " One. Two.", 2 / 6),
        (4, " One. Two. Three. Four.", 4 / 6),
        (6, LONG, 1.0),
    ]
    for probe in cut:
        assert probe.insert_ids is not None
        assert TOKENIZER.decode(probe.insert_ids) == probe.insert


@pytest.mark.parametrize(
    ("size", "cuts", "sites"),
    [(6, None, [1, 2, 3, 4, 5, 6]), (6, 1, [6]), (6, 4, [2, 3, 5, 6]), (3, 4, [1, 2, 3]), (7, 2, [4, 7]), (1, 4, [1])],
)
def test_cuts_are_evenly_spaced_and_the_last_is_all(size: int, cuts: int | None, sites: list[int]) -> None:
    probes = made(Mediation(cuts=cuts), ask=answering(continuation=" One." * size))
    assert [p.site for p in arm(probes, "treated") if p.site > 0] == sites


def test_the_model_thinks_under_the_hinted_question() -> None:
    asked: list[Continue] = []
    probes = made(Mediation(("metadata",), cuts=1, draws=2), ask=continuing(continued(LONG), continued(CONTINUATION), asked=asked))
    treated = arm(probes, "treated")
    assert [(one.keep, one.insert_ids, one.draw, one.question) for one in asked] == [
        (0, (), d, treated[0].question) for d in (0, 1)
    ]
    assert [(p.site, p.draw, p.insert) for p in treated if p.site != DIRECT] == [
        (0, 0, LONG), (6, 0, LONG), (0, 1, CONTINUATION), (2, 1, CONTINUATION),
    ]  # fmt: skip
    assert [(p.site, p.draw) for p in arm(probes, "control")] == [(0, 0), (-1, 0), (6, 0), (0, 1), (-1, 1), (2, 1)]


def test_one_control_serves_all_hints() -> None:
    probes = made(Mediation(("metadata", "post_hoc"), cuts=1))
    assert len(arm(probes, "treated")) == 6
    assert [p.site for p in arm(probes, "control")] == [0, -1, 6]
    assert len({p.id for p in probes}) == len(probes)


def test_a_boundary_inside_a_token_keeps_the_characters() -> None:
    ids = tuple(TOKENIZER.encode(piece)[0] for piece in ("Is", " 3", "x"))
    torn = Continued(ids, "Is 3.No 4.", (Step(0, 5, 2, "."), Step(5, 10, 3)), "stop")
    first, last = [p for p in arm(made(Mediation(cuts=None), ask=continuing(torn)), "treated") if p.site > 0]
    assert (first.insert, first.insert_ids, first.note, first.valid) == (
        "Is 3.",
        (*ids[:2], *TOKENIZER.encode(".")),
        "boundary inside a token",
        True,
    )
    assert (last.insert, last.insert_ids, last.note) == ("Is 3.No 4.", ids, "")


def test_a_draw_without_reasoning_is_edit_invalid() -> None:
    probes = made(Mediation(cuts=1, draws=2), ask=continuing(Continued((), "", (), "stop"), continued(CONTINUATION)))
    treated = arm(probes, "treated")
    assert [(p.site, p.draw, p.valid, p.note) for p in treated] == [
        (0, 0, False, "nothing written"), (0, 1, True, ""), (-1, 1, True, ""), (2, 1, True, ""),
    ]  # fmt: skip
    assert [(p.site, p.draw) for p in arm(probes, "control")] == [(0, 1), (-1, 1), (2, 1)]


def test_a_free_question_cannot_be_hinted() -> None:
    probes = made(Mediation(), Question("f", "toy", "How many?", gold="3"), ask=continuing())
    assert [(p.arm, p.valid, p.note) for p in probes] == [
        ("no_reasoning", True, ""), ("full", True, ""), ("treated", False, "no options"),
    ]  # fmt: skip


def test_a_trace_without_reasoning_has_the_direct_effect_of_none() -> None:
    probes = made(Mediation(cuts=1), text="")
    assert [(p.site, p.keep, p.insert) for p in arm(probes, "treated")] == [(0, 0, LONG), (-1, 0, ""), (6, 0, LONG)]


def refused(**options: Any) -> Callable[[], Mediation]:
    return lambda: Mediation(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kinds": ()}, r"Intervention mediation: kinds is \(\), but it must name one hint or more, each once."),
        ({"cuts": 0}, "cuts is 0, but it must be 1 or more"),
        ({"draws": 0}, "draws is 0, but it must be 1 or more"),
    ],
)
def test_it_refuses_what_cannot_be(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        refused(**options)()


def test_it_names_its_hints() -> None:
    assert Mediation(("metadata",)).hints == ("metadata",)
