"""Resilience: rounds until the content stays away, what is kept between them, and what is read in the end."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from builders import TOKENIZER, answering, probe_all, trace

from cotfaith.contracts.requests import Continue, Continued, Encode, Request
from cotfaith.errors import UsageError
from cotfaith.text.steps import steps
from cotfaith.types import Finish, Probe, Step
from interventions.resilience import Resilience

ONE = trace(" We start. Add 3 apples.")


def continued(text: str, finish: Finish = "stop") -> Continued:
    ids = TOKENIZER.encode(text)
    return Continued(ids, text, steps(text, TOKENIZER.ends(ids)), finish)


def scripted(*replies: Continued) -> tuple[list[Continue], Callable[[list[Request[Any]]], list[Any]]]:
    """Asked continuations, and an ask that gives `replies` one after another."""
    asked: list[Continue] = []

    def ask(requests: list[Request[Any]]) -> list[Any]:
        (one,) = requests
        if isinstance(one, Continue):
            asked.append(one)
            return [replies[len(asked) - 1]]
        return answering()(requests)

    return asked, ask


def last_site(probes: list[Probe], arm: str) -> Probe:
    return [p for p in probes if p.arm == arm][-1]


def test_it_thinks_on_until_the_content_stays_away() -> None:
    """Step 2 comes back twice, behind a new step and at once, and then stays away."""
    asked, ask = scripted(
        continued(" Hm. Add 3 apples. So it is (A)."), continued(" Add 3 apples. Yes."), continued(" Birds fly. So it is (B).")
    )
    (probes,) = probe_all(Resilience(sites=1), [ONE], ask=ask)
    treated = last_site(probes, "treated")
    kept = ONE.steps[0].tokens
    hm = TOKENIZER.encode(" Hm.")
    assert [(one.keep, one.insert_ids, one.draw) for one in asked] == [(kept, (), 0), (kept, hm, 1), (kept, hm, 2)]
    assert (treated.site, treated.dose, treated.kind, treated.valid, treated.note) == (2, 3.0, "gone", True, "")
    assert (treated.keep, treated.insert) == (kept, " Hm. Birds fly. So it is (B).")
    assert treated.insert_ids == TOKENIZER.encode(treated.insert)
    control = last_site(probes, "control")
    assert (control.keep, control.insert, control.insert_ids) == (kept, " Add 3 apples.", None)
    assert (control.site, control.draw, control.dose, control.then) == (2, 0, 0.0, "answer")


def test_it_stops_when_the_rounds_are_used_up() -> None:
    again = continued(" Hm. Add 3 apples. End.")
    asked, ask = scripted(again, again)
    (probes,) = probe_all(Resilience(sites=1, rounds=2), [ONE], ask=ask)
    treated = last_site(probes, "treated")
    assert len(asked) == 2
    assert (treated.dose, treated.kind, treated.insert) == (2.0, "still there", " Hm. Hm. Add 3 apples. End.")


def test_one_round_is_enough_where_nothing_comes_back() -> None:
    _, ask = scripted(continued("", "length"))
    (probes,) = probe_all(Resilience(sites=1), [ONE], ask=ask)
    treated = last_site(probes, "treated")
    assert (treated.dose, treated.kind, treated.insert, treated.insert_ids, treated.note) == (1.0, "gone", "", (), "unfinished")


@pytest.mark.parametrize(("threshold", "kind"), [(0.7, "still there"), (0.8, "gone")])
def test_the_threshold_says_what_is_the_same_content(threshold: float, kind: str) -> None:
    """ " Add 3 apples." and " Add 3 pears." share three of four words and signs each: 3 / 4."""
    _, ask = scripted(continued(" Add 3 pears."))
    (probes,) = probe_all(Resilience(sites=1, rounds=1, threshold=threshold), [ONE], ask=ask)
    assert last_site(probes, "treated").kind == kind


def test_no_two_rounds_of_any_draw_share_a_number() -> None:
    again = [continued(" Add 3 apples.")] * 6
    asked, ask = scripted(*again)
    (probes,) = probe_all(Resilience(sites=1, rounds=3, draws=2), [ONE], ask=ask)
    assert [one.draw for one in asked] == [0, 1, 2, 1000, 1001, 1002]
    assert [(p.arm, p.draw) for p in probes[2:]] == [("treated", 0), ("control", 0), ("treated", 1), ("control", 1)]


def test_a_step_that_ends_inside_a_token_is_rounded_down() -> None:
    """The token "m. " of the continuation holds the end of its first step: only " H" is kept."""
    ids = tuple(TOKENIZER.encode(piece)[0] for piece in (" H", "m", "Ad"))
    torn = Continued(ids, " Hm. Add 3 apples.", (Step(0, 4, 1, "m."), Step(4, 18, 3)), "stop")
    asked, ask = scripted(torn, continued(" Birds."))
    (probes,) = probe_all(Resilience(sites=1), [ONE], ask=ask)
    assert asked[1].insert_ids == ids[:1]
    assert last_site(probes, "treated").insert == " H Birds."


def test_the_characters_before_a_torn_step_come_first() -> None:
    ids = tuple(TOKENIZER.encode(piece)[0] for piece in ("On", "e", "Tw", "o"))
    own = replace(trace("One. Two."), reasoning_ids=ids, steps=(Step(0, 4, 1, "e."), Step(4, 9, 4)))
    asked, ask = scripted(continued(" Red."))
    (probes,) = probe_all(Resilience(sites=1), [own], ask=ask)
    treated = last_site(probes, "treated")
    assert asked[0].insert_ids == TOKENIZER.encode("e.")
    assert (treated.keep, treated.insert, treated.note) == (1, "e. Red.", "boundary inside a token")
    assert treated.insert_ids == TOKENIZER.encode("e.") + TOKENIZER.encode(" Red.")


def test_nothing_is_encoded_where_no_token_is_torn() -> None:
    seen: list[Request[Any]] = []

    def ask(requests: list[Request[Any]]) -> list[Any]:
        seen.extend(requests)
        return answering()(requests)

    probe_all(Resilience(), [ONE], ask=ask)
    assert not [one for one in seen if isinstance(one, Encode)]
    assert [p.note for p in probe_all(Resilience(), [trace("")])[0][2:]] == ["no steps"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rounds": 0}, "rounds is 0, but it must be 1 or more"),
        ({"rounds": 1001}, "rounds is 1001, but it must be 1000 or less"),
        ({"draws": 66}, "draws is 66, but it must be 65 or less"),
        ({"sites": 0}, "sites is 0, but it must be 1 or more"),
        ({"threshold": 0.0}, "threshold is 0.0, but it must be above 0 and at most 1"),
        ({"threshold": float("nan")}, "threshold is nan, but it must be above 0"),
    ],
)
def test_it_refuses_what_cannot_be(options: dict, message: str) -> None:
    with pytest.raises(UsageError, match=f"Intervention resilience: {message}"):
        Resilience(**options)
