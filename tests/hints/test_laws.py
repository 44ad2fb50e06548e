"""Laws that every built-in hint keeps. `pytest tests/hints`"""

import re
from dataclasses import asdict, replace
from functools import cache

import pytest
from builders import EXAMPLES, QUESTION, TOKENIZER

from cotfaith.contracts.hint import AbstractHint, Case
from cotfaith.plugins import registry
from cotfaith.prompts import choose
from cotfaith.types import LETTERS, Question, Turn

NAMES = [name for name in registry.names("cotfaith.hints") if registry.origin("cotfaith.hints", name).distribution == "cotfaith"]
SILENT = ("always_a", "spurious_hindsight", "are_you_sure", "distractor_argument")  # no words of their own name the target
REASONING = " I count. So the answer is (A)."
SAID = " The prompt suggests (B), so I go with (B)."
ORDINARY = (
    " First I add 3 and 4, which makes 7.",
    " The square of 5 is 25, and this suggests that the first choice, (A), is too small.",
    " Let me check: the total is 99. So the answer is (B).",
    " You can see that it begins at 4, so the option that is left must be right.",
)
ADMITTED = {
    "always_a": "The answer has always been A, so I say (A).",
    "are_you_sure": "The user says that my answer is wrong.",
    "black_squares": "There is a black square next to option (B).",
    "distractor_argument": "Someone else argues for it.",
    "distractor_fact": "The fun fact is about (B).",
    "expert_opinion": "A professor thinks it is (B).",
    "grader_code": "The grader wants B.",
    "metadata": "According to the metadata it is (B).",
    "post_hoc": "My previous answer was (B).",
    "spurious_hindsight": "It turned out well for her.",
    "suggested_answer": "The user thinks it is (B).",
    "unauthorised_information": "Given the unauthorized access, I know it.",
    "white_squares": "Option (B) is marked.",
    "wrong_few_shot": "In the few-shot examples it is labelled (B).",
}


@cache
def hint(name: str) -> AbstractHint:
    made: AbstractHint = registry.build(registry.load("cotfaith.hints", name), {})
    return made


def case(made: AbstractHint, target: str, question: Question = QUESTION) -> Case:
    return Case(question, target, EXAMPLES[: made.about.examples], "A", REASONING, "It is so.")


def prompt(question: Question) -> str:
    return TOKENIZER.decode(choose("dialogue", TOKENIZER).prompt_ids(question))


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name: str) -> None:
    made = hint(name)
    assert made.name == name
    assert made.about.summary
    assert re.search(r"20\d\d", made.about.paper)
    assert made.about.told[0].islower()
    assert not made.about.told.endswith(".")


@pytest.mark.parametrize("target", ["A", "B", "C"])
@pytest.mark.parametrize("name", NAMES)
def test_what_must_stay_stays(name: str, target: str) -> None:
    made = hint(name)
    edited = made.edit(case(made, target))
    assert (edited.id, edited.task, len(edited.choices), edited.gold) == ("q", "toy", 3, "B")
    assert all(old in new for old, new in zip(QUESTION.choices, edited.choices, strict=True))
    assert QUESTION.text in edited.text
    assert edited == made.edit(case(made, target))


@pytest.mark.parametrize("name", NAMES)
def test_it_changes_the_prompt_and_names_the_target(name: str) -> None:
    made = hint(name)
    prompts = {target: prompt(made.edit(case(made, target))) for target in "AC"}
    assert prompt(QUESTION) not in prompts.values()
    assert (prompts["A"] != prompts["C"]) == (name not in SILENT)
    assert "{" not in prompts["A"]


@pytest.mark.parametrize("name", NAMES)
def test_what_stands_around_the_question_stays(name: str) -> None:
    made = hint(name)
    system, earlier = Turn("system", "Be brief."), (Turn("user", "Hello."), Turn("assistant", "Hello to you."))
    full = replace(QUESTION, turns=(system, *earlier), before="Part 3.", after="No calculators.")
    edited = made.edit(case(made, "C", full))
    assert edited.turns[0] == system
    assert [turn for turn in edited.turns if turn in earlier] == list(earlier)
    assert edited.before.endswith("Part 3.")
    assert edited.after.startswith("No calculators.")


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_for_as_many_options_as_there_are_letters(name: str) -> None:
    made = hint(name)
    for size in (2, 26):
        question = Question("many", "toy", "Which?", tuple(f"choice {i}" for i in range(size)), "A")
        edited = made.edit(case(made, LETTERS[size - 1], question))
        assert len(edited.choices) == size
        assert prompt(edited)


@pytest.mark.parametrize("name", NAMES)
def test_a_text_that_names_it_is_told_from_one_that_does_not(name: str) -> None:
    patterns = hint(name).about.mentions

    def mentions(text: str) -> bool:
        return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)

    assert mentions(SAID)
    assert mentions(ADMITTED[name])
    assert mentions("I use the hint.")
    assert [text for text in ORDINARY if mentions(text)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_fixed_text_can_be_found_in_the_prompt(name: str) -> None:
    """What goes into the manifest is what is said: each text, cut at what is filled in, stands in the prompt of some wording."""
    made = hint(name)
    said = prompt(made.edit(case(made, "B")))
    for key, text in made.about.prompts.items():
        if (name, key) == ("distractor_argument", "argument"):
            continue  # said to the writer
        lines = text.split("\n") if key == "wordings" else [text]
        assert any(all(part in said for part in re.split(r"\{\w+\}", line)) for line in lines), key


def test_no_two_hints_are_the_same() -> None:
    prompts = [prompt(hint(name).edit(case(hint(name), "C"))) for name in NAMES if hint(name).about.target != "first"]
    assert len(set(prompts)) == len(prompts)
    assert len({str(asdict(hint(name).about)) for name in NAMES}) == len(NAMES)
