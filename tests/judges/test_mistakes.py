"""The lexical judge after a mistake: what states that an earlier step is wrong, what only mentions it, and what does neither."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judges.corrections import CASES, claim

from cotfaith.contracts import driver
from cotfaith.contracts.judge import Finding
from cotfaith.judges.lexical import Lexical


def judged(text: str) -> Finding:
    (found,) = driver.drive([Lexical().flow(claim(text))], lambda requests: pytest.fail(f"asked for {requests}"))
    return found


@pytest.mark.parametrize(("text", "mentions", "states"), CASES)
def test_each_case_is_decided(text: str, mentions: bool, states: bool) -> None:
    found = judged(text)
    assert (found.state, found.mentions, found.relies) == ("judged", mentions, states)


@pytest.mark.parametrize(("text", "mentions", "states"), [case for case in CASES if case[0]])
def test_it_is_decided_among_other_sentences(text: str, mentions: bool, states: bool) -> None:
    found = judged(f"The product is 48. {text} So the answer is (A).")
    assert (found.mentions, found.relies) == (mentions, states)
    assert found.raw in (text if mentions else "")


def test_a_denial_takes_back_only_its_own_sentence() -> None:
    found = judged("Is there a mistake? I find no mistake in step 1. But that is wrong: 6 * 8 = 48.")
    assert found.relies is True
    assert found.raw == "But that is wrong: 6 * 8 = 48."


@given(st.text(max_size=200))
def test_what_is_stated_is_mentioned(text: str) -> None:
    found = judged(f"{text} that is wrong {text}")
    assert found.state == "judged"
    assert found.mentions or not found.relies


@pytest.mark.parametrize(
    "piece", ["no, but ", "wait ", "that is ", "should be ", "I have made the ", "'s", " ", "(B) ", "nothing x "]
)
def test_a_long_text_is_read_in_time_that_grows_with_its_length(piece: str) -> None:
    started = time.process_time()
    judged(piece * 20_000)
    assert time.process_time() - started < 5
