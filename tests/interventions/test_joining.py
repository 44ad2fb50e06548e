"""Texts put together again, places, orders, and the control that changes nothing."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from builders import TOKENIZER, trace
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.errors import UsageError
from cotfaith.types import Step, Trace
from interventions.joining import at_least, before, dressed, joined, orders, replaced, sham, sites
from interventions.removal import Removal

FOUR = " One is 3.5. Two. Three. Four."


def torn() -> Trace:
    """Token 2 ("e. ") holds the end of the first step and the space before the second."""
    ids = tuple(TOKENIZER.encode(piece)[0] for piece in ("On", "e", "Tw", "o"))
    return replace(trace("One. Two."), reasoning_ids=ids, steps=(Step(0, 4, 1, "e."), Step(4, 9, 4)))


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ((), ""),
        (("Foo.", "Bar."), "Foo. Bar."),
        (("Foo.", " Bar."), "Foo. Bar."),
        (("Foo.\n", "Bar."), "Foo.\nBar."),
        (("", "Foo.", "", "Bar."), "Foo. Bar."),
        (("\u597d\u3002", "\u574f\u3002"), "\u597d\u3002\u574f\u3002"),
    ],
)
def test_texts_are_joined_with_white_space_between(parts: Sequence[str], whole: str) -> None:
    assert joined(*parts) == whole


@given(parts=st.lists(st.text(alphabet="ab. \n", max_size=4), max_size=5))
def test_joining_keeps_every_text_in_order(parts: list[str]) -> None:
    whole = joined(*parts)
    assert [c for c in whole if not c.isspace()] == [c for part in parts for c in part if not c.isspace()]
    assert whole.split() == " ".join(parts).split()


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        ("Two.", " One.\n", " Two.\n"),
        (" Two.\n\n", "One.", "Two."),
        (" ", " One.", ""),
        ("Two.", "\n", "\nTwo."),
    ],
)
def test_a_text_takes_the_white_space_of_another(new: str, old: str, expected: str) -> None:
    assert dressed(new, old) == expected


@given(size=st.integers(1, 40), wanted=st.integers(1, 45))
def test_sites_are_evenly_spaced(size: int, wanted: int) -> None:
    one = trace(" One." * size)
    found = sites(one, wanted)
    assert len(found) == min(wanted, size)
    assert all(1 <= site <= size for site in found)
    gaps = [b - a for a, b in pairwise(found)]
    assert max(gaps, default=1) - min(gaps, default=1) <= 1
    assert min(gaps, default=1) >= 1
    assert sites(one, None) == list(range(1, size + 1))


def test_one_site_is_in_the_middle() -> None:
    assert sites(trace(" One." * 5), 1) == [3]
    assert sites(trace(""), 3) == sites(trace(""), None) == []


def test_what_stands_before_a_step() -> None:
    assert before(torn(), 1) == (0, "")
    assert before(torn(), 2) == (1, "e.")
    one = trace(FOUR)
    assert before(one, 3) == (one.steps[1].tokens, "")


@pytest.mark.parametrize(
    ("text", "site", "new", "expected"),
    [
        (FOUR, 2, "", " One is 3.5. Three. Four."),
        (FOUR, 4, "", " One is 3.5. Two. Three."),
        ("One. Two. Three.", 1, "", "Two. Three."),
        ("One.\nTwo.\nThree.", 2, "", "One.\nThree."),
        ("One. Two.\nThree.", 2, "", "One. Three."),
        (FOUR, 2, " Red.", " One is 3.5. Red. Three. Four."),
        (" One.", 1, "", ""),
    ],
)
def test_a_step_is_replaced(text: str, site: int, new: str, expected: str) -> None:
    one = trace(text)
    keep, insert = replaced(one, site, new)
    assert keep == before(one, site)[0]
    assert TOKENIZER.decode(one.reasoning_ids[:keep]) + insert == expected


def test_the_characters_before_a_torn_boundary_are_put_in_again() -> None:
    assert replaced(torn(), 2, "") == (1, "e.")
    assert replaced(torn(), 2, " Red.") == (1, "e. Red.")
    assert replaced(torn(), 1, "") == (0, "Two.")
    made = sham(Removal(), torn(), site=2, begin=2)
    assert (made.arm, made.keep, made.insert, made.insert_ids) == ("control", 1, "e. Two.", None)
    assert (made.dose, made.site, made.draw, made.then) == (0.0, 2, 0, "answer")


@given(items=st.lists(st.sampled_from("abc"), max_size=5), wanted=st.integers(1, 8), seed=st.integers(0, 5))
def test_orders_differ_and_are_as_many_as_there_are(items: list[str], wanted: int, seed: int) -> None:
    def result(order: Sequence[int]) -> tuple[str, ...]:
        return tuple(items[i] for i in order)

    found = orders(len(items), wanted, result, known=tuple(items), rng=np.random.default_rng(seed))
    results = {result(order) for order in found}
    assert len(results) == len(found)
    assert tuple(items) not in results
    assert all(sorted(order) == list(range(len(items))) for order in found)
    others = _arrangements(items) - 1
    assert len(found) == min(wanted, others)


def _arrangements(items: list[str]) -> int:
    if not items:
        return 1
    return sum(_arrangements([*items[: items.index(one)], *items[items.index(one) + 1 :]]) for one in set(items))


def test_options_below_the_least_are_refused() -> None:
    at_least(1, "removal", sites=None, draws=1)
    with pytest.raises(
        UsageError, match=r"Intervention removal: sites is 0, but it must be 1 or more; leave it out for its default\."
    ):
        at_least(1, "removal", draws=2, sites=0)
