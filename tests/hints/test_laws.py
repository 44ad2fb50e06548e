"""Laws that every registered hint keeps, and what the built-in ones keep besides. `pytest tests/hints`"""

import re
from dataclasses import asdict, replace
from functools import cache

import pytest

from cotfaith.contracts.hint import AbstractHint, Case, HintInfo, beside
from cotfaith.plugins import registry
from cotfaith.testing import check_hint
from cotfaith.testing.hints import LAWS, case, mentions, prompt
from cotfaith.testing.laws import hold
from cotfaith.types import Question

NAMES = [name for name in registry.names("cotfaith.hints") if registry.origin("cotfaith.hints", name).distribution == "cotfaith"]
SILENT = ("always_a", "spurious_hindsight", "are_you_sure", "distractor_argument")  # no words of their own name the target
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


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("name", registry.names("cotfaith.hints"))
def test_every_registered_one_keeps_the_law(name: str, law: str) -> None:
    hold(name, LAWS[law](hint(name)))


@pytest.mark.parametrize("name", NAMES)
def test_a_built_in_one_has_its_name_a_year_and_patterns_for_what_it_is(name: str) -> None:
    made = hint(name)
    assert made.name == name
    assert re.search(r"20\d\d", made.about.paper)
    assert mentions(made, ADMITTED[name])


@pytest.mark.parametrize("name", NAMES)
def test_it_names_the_target(name: str) -> None:
    prompts = {target: prompt(hint(name).edit(case(hint(name), target))) for target in "AC"}
    assert (prompts["A"] != prompts["C"]) == (name not in SILENT)


class Broken(AbstractHint):
    """Breaks the law that `fault` names."""

    name = "broken"
    about = HintInfo("a word", "none", "a word", (r"\bword\b", r"\bhint\b", r"\bprompt\b"))

    def __init__(self, fault: str) -> None:
        self.fault = fault
        if fault == "says_what_it_is":
            self.about = replace(self.about, told="A word.")
        if fault == "its_patterns_find_it_and_nothing_else":
            self.about = replace(self.about, mentions=("total",))

    def edit(self, case: Case) -> Question:
        fine = beside(case.question, after=f"The word is ({case.target}).")
        return {
            "the_question_stays": replace(fine, gold="A"),
            "it_is_in_the_prompt": case.question,
            "what_stands_around_stays": replace(fine, turns=()),
            "any_number_of_options": replace(fine, choices=fine.choices[:3]),
        }.get(self.fault, fine)


@pytest.mark.parametrize("law", LAWS)
def test_each_law_can_fail(law: str) -> None:
    assert list(LAWS[law](Broken(""))) == []
    assert list(LAWS[law](Broken(law)))
    check_hint(Broken(""))
    with pytest.raises(AssertionError, match=r"The hint broken breaks \d+ of cotfaith's laws:\n- "):
        check_hint(Broken(law))


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
