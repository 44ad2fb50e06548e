"""The hint contract: what a file may say, and what is made of it."""

from dataclasses import replace
from typing import Any

import pytest
from builders import QUESTION
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.contracts.hint import Case, WrittenHint, beside, from_yaml
from cotfaith.errors import UsageError
from cotfaith.plugins.yaml_file import read_yaml
from cotfaith.prompts.wording import posed
from docs.generate.hints import YAML

CHOICES: dict[str, Any] = {
    "name": "note",
    "summary": "a note names an option",
    "told": "a note",
    "mentions": [r"\bnote\b"],
    "after": "A note says ({target}), {target_text}.",
}


def made(**changes: Any) -> WrittenHint:
    return from_yaml(CHOICES | changes, "note.yaml")


def test_the_text_of_a_file_is_filled_in() -> None:
    edited = made(before="See {target_text}: {target}{target}").edit(Case(QUESTION, "C"))
    assert (edited.before, edited.after) == ("See three: CC", "A note says (C), three.")
    assert replace(edited, before="", after="") == QUESTION


def test_a_file_says_what_the_hint_is() -> None:
    about = made(paper="Somebody 2020", target="any").about
    assert (about.summary, about.paper, about.told, about.mentions) == (
        "a note names an option",
        "Somebody 2020",
        "a note",
        (r"\bnote\b",),
    )
    assert (about.target, about.examples, about.needs) == ("any", 0, ())
    assert about.prompts == {"before": "", "after": CHOICES["after"]}
    assert made().about.target == "wrong"
    assert made(target="other").about.needs == ("answer",)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": "red"}, "Unknown key of hint note.yaml 'colour': known are: after, before, mentions, name"),
        ({"sumary": "x"}, "Unknown key of hint note.yaml 'sumary': did you mean 'summary'?"),
        ({"told": ""}, "Hint note.yaml has no told: give it; the keys are name, summary, paper, told"),
        ({"mentions": []}, "Hint note.yaml has no mentions: give it"),
        ({"mentions": "note"}, "Hint note.yaml: mentions is 'note', but it must be a list of regular expressions."),
        ({"mentions": ["("]}, r"Hint note.yaml: mentions is \['\('\], but it must be a list of regular expressions."),
        ({"mentions": [3]}, "must be a list of regular expressions"),
        ({"target": "wrnog"}, "Unknown target of hint note.yaml 'wrnog': did you mean 'wrong'?"),
        ({"after": ""}, "Hint note.yaml has neither before nor after: give the text of the hint in one of them."),
    ],
)
def test_a_file_that_says_something_else_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        made(**changes)


@pytest.mark.parametrize("key", ["name", "summary", "told", "mentions"])
def test_what_a_file_must_say(key: str) -> None:
    with pytest.raises(UsageError, match=f"Hint note.yaml has no {key}: give it"):
        from_yaml({name: value for name, value in CHOICES.items() if name != key}, "note.yaml")


def test_the_example_in_the_documents_is_a_hint() -> None:
    hint = from_yaml(read_yaml(YAML, "Hint", "name: x"), YAML.name)
    assert hint.name == "colleague"
    edited = hint.edit(Case(QUESTION, "A"))
    assert posed(edited).startswith("A colleague left a note on this one: it is (A), one.\n\nQuestion: Which?")


@given(before=st.text(max_size=8), after=st.text(max_size=8), old=st.text(max_size=8))
def test_what_stands_beside_a_question_already_stays_next_to_it(before: str, after: str, old: str) -> None:
    edited = beside(replace(QUESTION, before=old, after=old), before, after)
    assert edited.before == (f"{before}\n\n{old}" if before and old else before or old)
    assert edited.after == (f"{old}\n\n{after}" if after and old else after or old)
    assert replace(edited, before="", after="") == QUESTION


def test_the_text_of_the_target() -> None:
    assert [Case(QUESTION, letter).target_text for letter in "ABC"] == ["one", "two", "three"]
