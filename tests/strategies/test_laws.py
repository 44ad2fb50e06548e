"""Laws that every registered strategy keeps. `pytest tests/strategies`"""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
import templates as t

from cotfaith.contracts.requests import Encode, Write, Written, ask
from cotfaith.contracts.strategy import AbstractStrategy, Reason, Reasoned, StrategyFlow, StrategyInfo, describe
from cotfaith.engines.scripted.engine import ScriptedTokenizer
from cotfaith.plugins import registry
from cotfaith.prompts import choose
from cotfaith.prompts.dialogue import Dialogue
from cotfaith.prompts.wording import THINK, asked, cue, posed
from cotfaith.testing import Replies, check_strategy
from cotfaith.testing.laws import hold
from cotfaith.testing.strategies import CHOICE, FREE, LAWS, QUESTIONS, run
from cotfaith.types import Question, Turn

NAMES = registry.names("cotfaith.strategies")


def default(name: str) -> AbstractStrategy:
    made = registry.build(registry.load("cotfaith.strategies", name), {})
    assert isinstance(made, AbstractStrategy)
    return made


def test_all_seven_are_registered() -> None:
    assert {"cot", "cot_few_shot", "zero_shot", "few_shot", "cot_decomposition", "factored_decomposition", "budget"} <= set(NAMES)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("name", NAMES)
def test_every_registered_one_keeps_the_law(name: str, law: str) -> None:
    hold(name, LAWS[law](default(name)))


@pytest.mark.parametrize("name", NAMES)
def test_it_has_its_name(name: str) -> None:
    made = default(name)
    assert made.name == name
    assert describe(made).startswith(f"{name}(")


@dataclass(frozen=True)
class Broken(AbstractStrategy):
    """Breaks the law that `fault` names."""

    name: ClassVar[str] = "broken"
    manner: ClassVar[StrategyInfo] = StrategyInfo("broken", "none")

    fault: str

    def pose(self, question: Question) -> Question:
        return {
            "posing_adds_turns_alone": replace(question, turns=(*question.turns, Turn("user", "Hm."))),
            "the_question_is_asked_once": replace(
                question, turns=(*question.turns[:1], Turn("user", posed(question)), Turn("assistant", "So."))
            ),
        }.get(self.fault, question)

    def flow(self, question: Question, *, rng: np.random.Generator) -> StrategyFlow:
        if self.fault == "it_asks_the_subject":
            yield from ask(Encode("a"))
        return (yield from ask(Reason(self.pose(question))))


class Nameless(Broken):
    """Says nothing of itself."""

    manner = StrategyInfo("", "", {"empty": ""})


@pytest.mark.parametrize("law", LAWS)
def test_each_law_can_fail(law: str) -> None:
    broken = Nameless("") if law == "says_what_it_is" else Broken(law)
    check_strategy(Broken(""))
    assert list(LAWS[law](broken))
    with pytest.raises(AssertionError, match=r"broken\(fault='.*'\) breaks \d+ of cotfaith's laws:\n- "):
        check_strategy(broken)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_final_context_shows_is_in_its_prompts(name: str) -> None:
    made = default(name)
    said = "\n".join(made.manner.prompts.values())
    for question in (CHOICE, replace(FREE, meta={})):
        for turn in made.pose(question).turns:
            assert turn.text in said or turn.text == "Understood."


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_demonstrations_have_the_form_of_the_question(name: str, question: Question) -> None:
    made = default(name).pose(question)
    dialogue = Dialogue(ScriptedTokenizer())
    here = "\n\n" + dialogue.tokenizer.decode(dialogue.prompt_ids(made)) + dialogue.answer_text(made)
    assert here.endswith(f"\n\nHuman: {posed(question)}\n\nAssistant: {THINK}{dialogue.answer_text(question)}")
    shots = here.count("Human: Question: ") - 1
    assert shots in {0, 4}
    assert here.count(f"Assistant: {THINK}") == here.count(f"Assistant: {cue(question)}") == shots + 1
    assert ("\nChoices:\n" in here) == bool(question.choices)
    if question is FREE:
        assert here.count(f"Human: {asked(FREE)}") == 1 + shots // 2  # two of four have a number for an answer


@pytest.mark.parametrize("template", [t.CHATML, t.GEMMA, t.LLAMA, t.R1, t.QWEN3])
@pytest.mark.parametrize("name", NAMES)
def test_chat_templates_take_its_turns(name: str, template: str) -> None:
    made = default(name)
    form = choose("auto", t.Fast(template))
    here = t.whole(form, made.pose(CHOICE))
    assert here.count(posed(CHOICE)) == here.count(t.THOUGHT) == 1
    for one in run(made, CHOICE, Replies(write=lambda _: Written("<sub_q_1>What is 12 + 30?</sub_q_1>", "stop")))[0]:
        if isinstance(one, Write):
            said = form.tokenizer.decode(form.turn_ids(one.turns))
            assert all(turn.text in said for turn in one.turns)


@pytest.mark.parametrize("name", NAMES)
def test_a_reasoning_that_was_asked_for_comes_back(name: str) -> None:
    canned = Reasoned(" I think. So the answer is (B).", (1, 2), (3,), "stop")
    requests, made = run(
        default(name), CHOICE, Replies(reasoned=lambda _: canned, write=lambda _: Written("I do not follow.", "stop"))
    )
    assert isinstance(made, Reasoned)
    if any(isinstance(one, Reason) for one in requests):
        assert made is canned


@pytest.mark.parametrize("name", ["zero_shot", "few_shot"])
def test_answering_at_once_asks_nothing(name: str) -> None:
    assert run(default(name), CHOICE) == ([], Reasoned("", ()))
