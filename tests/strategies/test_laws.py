"""Laws that every registered strategy keeps. `pytest tests/strategies`"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import templates as t

from cotfaith.contracts.requests import Write, Written
from cotfaith.contracts.strategy import AbstractStrategy, Reason, Reasoned, describe
from cotfaith.engines.scripted.engine import ScriptedTokenizer
from cotfaith.plugins import registry
from cotfaith.prompts import choose
from cotfaith.prompts.dialogue import Dialogue
from cotfaith.prompts.wording import THINK, asked, cue, posed
from cotfaith.text import steps
from cotfaith.types import Question, Turn

NAMES = registry.names("cotfaith.strategies")
CHOICE = Question("c", "toy", "What is 12 + 30?", ("41", "42", "52"), "B")
FREE = Question("f", "toy", "What is 12 + 30?", (), "42", meta={"answer": "integer"})
HINTED = replace(CHOICE, turns=(Turn("system", "Be brief."), Turn("user", "Hello"), Turn("assistant", "Yes?")))
QUESTIONS = (CHOICE, FREE, HINTED)


def default(name: str) -> AbstractStrategy:
    made = registry.build(registry.load("cotfaith.strategies", name), {})
    assert isinstance(made, AbstractStrategy)
    return made


def run(strategy: AbstractStrategy, question: Question, reasoned: Reasoned, written: str) -> tuple[list[Any], Reasoned]:
    """Everything that the flow asks for, with the same reply to each, and what it returns."""
    flow = strategy.flow(question, rng=np.random.default_rng(0))
    requests: list[Any] = []
    reply = None
    while True:
        try:
            requests.append(flow.send(reply))
        except StopIteration as stop:
            return requests, stop.value
        reply = reasoned if isinstance(requests[-1], Reason) else Written(written, "stop")


def test_all_seven_are_registered() -> None:
    assert {"cot", "cot_few_shot", "zero_shot", "few_shot", "cot_decomposition", "factored_decomposition", "budget"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name: str) -> None:
    made = default(name)
    assert made.name == name
    assert made.manner.summary
    assert made.manner.paper
    assert all(made.manner.prompts.values())
    assert describe(made).startswith(f"{name}(")
    if made.steps:
        assert steps.split("", made.steps) == []


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_posing_adds_turns_and_nothing_else(name: str, question: Question) -> None:
    made = default(name).pose(question)
    assert replace(made, turns=()) == replace(question, turns=())
    roles = [turn.role for turn in made.turns]
    if question is HINTED:
        assert roles[0] == "system"
        assert made.turns[-2:] == question.turns[1:]
    spoken = [role for role in roles if role != "system"]
    assert spoken == ["user", "assistant"] * (len(spoken) // 2)


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
    for one in run(made, CHOICE, Reasoned(), "<sub_q_1>What is 12 + 30?</sub_q_1>")[0]:
        if isinstance(one, Write):
            said = form.tokenizer.decode(form.turn_ids(one.turns))
            assert all(turn.text in said for turn in one.turns)


@pytest.mark.parametrize("name", NAMES)
def test_requests_are_understood_and_a_reasoning_comes_back(name: str) -> None:
    canned = Reasoned(" I think. So the answer is (B).", (1, 2), (3,), "stop")
    requests, made = run(default(name), CHOICE, canned, "I do not follow.")
    assert all(isinstance(one, (Reason, Write)) for one in requests)
    for one in requests:
        if isinstance(one, Reason):
            assert one.question == default(name).pose(CHOICE)
            assert made is canned
        else:
            assert one.writer == ""
    assert isinstance(made, Reasoned)


@pytest.mark.parametrize("name", ["zero_shot", "few_shot"])
def test_answering_at_once_asks_nothing(name: str) -> None:
    assert run(default(name), CHOICE, Reasoned(), "") == ([], Reasoned("", ()))
