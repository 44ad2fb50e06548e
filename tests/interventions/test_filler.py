"""Filler: exactly the tokens asked for, from ids and never from text."""

import pytest
from builders import TOKENIZER, probe_all, trace
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.contracts.driver import probes
from cotfaith.errors import CotfaithError, UsageError
from cotfaith.types import Question
from interventions.filler import UNITS, Filler

TEXT = " One is 3.5. Two. Three. Four."


@settings(deadline=None, max_examples=50)
@given(shares=st.lists(st.floats(0, 3), max_size=4))
def test_it_has_exactly_the_tokens_asked_for(shares: list[float]) -> None:
    one = trace(TEXT)
    (made,) = probe_all(Filler(lengths=tuple(shares)), [one])
    treated = [p for p in made if p.arm == "treated"]
    wanted = [round(share * len(one.reasoning_ids)) for share in shares]
    assert [len(p.insert_ids or ()) for p in treated] == wanted * len(UNITS)
    assert [p.site for p in treated] == wanted * len(UNITS)
    assert all(p.keep == 0 for p in treated)


def test_dose_1_is_token_matched_and_dose_0_is_no_reasoning() -> None:
    one = trace(TEXT)
    (made,) = probe_all(Filler(lengths=(0.0, 1.0)), [one])
    treated = [p for p in made if p.arm == "treated"]
    assert [len(p.insert_ids or ()) for p in treated if p.dose == 1] == [len(one.reasoning_ids)] * len(UNITS)
    assert [p.insert_ids for p in treated if p.dose == 0] == [()] * len(UNITS)


def test_the_kinds_differ_and_repeat_their_unit() -> None:
    (made,) = probe_all(Filler(lengths=(1.0,)), [trace(TEXT)])
    texts = {p.kind: TOKENIZER.decode(p.insert_ids or ()) for p in made if p.arm == "treated"}
    assert texts.keys() == UNITS.keys()
    for kind, text in texts.items():
        assert (UNITS[kind] * 50).startswith(text)
    assert texts["ellipsis"].startswith(" ... ...")


def test_it_refuses_what_cannot_be() -> None:
    with pytest.raises(UsageError, match="unknown kind 'dashes'; the kinds are ellipsis, dots, words"):
        Filler(kinds=("dashes",))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="a length is negative"):
        Filler(lengths=(-0.5,))
    with pytest.raises(CotfaithError, match=r"gives no token for the filler ' \.\.\.'"):
        probes(Filler(), [(trace(TEXT), Question("q", "toy", "?"))], lambda rs: [() for _ in rs], seed=0)
