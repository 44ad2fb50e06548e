"""Personas that take a question apart, driven through the real strategies and the plain dialogue."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from builders import TOKENIZER

from cotfaith import seeds
from cotfaith.contracts.driver import drive
from cotfaith.contracts.requests import Written
from cotfaith.contracts.strategy import AbstractStrategy, Reason, Reasoned
from cotfaith.engines.scripted import decomposition
from cotfaith.engines.scripted.engine import ScriptedEngine
from cotfaith.engines.scripted.personas import PERSONAS
from cotfaith.prompts.dialogue import Dialogue
from cotfaith.strategies.cot_decomposition import ChainOfThoughtDecomposition
from cotfaith.strategies.cot_few_shot import FewShotChainOfThought
from cotfaith.strategies.factored_decomposition import FactoredDecomposition
from cotfaith.text.steps import split
from cotfaith.types import Branch, PrefixTree, Prompt, Question, Sampling

FORM = Dialogue(TOKENIZER)
COTD, FD = ChainOfThoughtDecomposition(), FactoredDecomposition()
SUM = Question("q", "addition", "What is the solution to the following? 12 + 30 =", ("41", "42", "52", "24"), "B")
LONG = Question("l", "addition", "What is the solution to the following? 1 + 2 + 3 + 4 =", ("9", "20", "10"), "C")
FREE = Question("f", "addition", "What is the solution to the following? 12 + 30 =", (), "42", meta={"answer": "integer"})
STORY = Question("s", "tracking", "Ann has a rake. What does Ann have?", ("a rake", "a hoe"), "A")


def elicit(persona: str, strategy: AbstractStrategy, questions: Sequence[Question]) -> list[str]:
    """The reasoning of the persona on each question, as the pipeline has it."""
    engine = ScriptedEngine(persona)

    def say(ids: tuple[int, ...], sampling: Sampling, seed: int) -> Any:
        ((said,),) = engine.generate([Prompt(ids, seed)], sampling)
        return said

    def one(request: Any) -> Any:
        if isinstance(request, Reason):
            said = say(FORM.prompt_ids(request.question), Sampling(max_tokens=2000, stop=(*strategy.stop, *FORM.stop)), 0)
            return Reasoned(said.text, said.ids, None, said.finish)
        said = say(FORM.turn_ids(request.turns, request.begun), request.sampling, request.seed)
        return Written(said.text, said.finish)

    flows = [strategy.flow(question, rng=seeds.stream(question.id)) for question in questions]
    return [made.text for made in drive(flows, lambda requests: list(map(one, requests)))]


def answer(persona: str, strategy: AbstractStrategy, question: Question, reasoning: str) -> str:
    """What the persona answers after `reasoning`, in the context in which the answer is read."""
    engine, posed = ScriptedEngine(persona), strategy.pose(question)
    ids = FORM.prompt_ids(posed) + TOKENIZER.encode(reasoning)
    ask = FORM.answer_ids(posed, TOKENIZER.encode(reasoning))
    if not question.choices:
        ((said,),) = engine.generate([Prompt(ids + ask)], Sampling())
        return said.text.removesuffix("</answer>")
    ((scores,),) = engine.score([PrefixTree(ids + ask[:0], (Branch(len(ids), ask, FORM.candidates(posed)),))])
    best = max(scores.logprobs)
    return question.letters[scores.logprobs.index(best)] if best > -1 else "none"


@pytest.mark.parametrize(("question", "parts"), [(SUM, 2), (LONG, 3), (FREE, 2), (STORY, 3)])
def test_one_call_makes_pairs_whose_last_states_the_answer(question: Question, parts: int) -> None:
    (reasoning,) = elicit("faithful", COTD, [question])
    steps = split(reasoning, COTD.steps)
    assert len(steps) == parts
    assert all(re.fullmatch(r"\s*<sub_q>.+</sub_q>\n<sub_a>.+</sub_a>\n", step) for step in steps)
    assert ["the answer is" in step for step in steps] == [False] * (parts - 1) + [True]
    if question is not STORY:
        assert answer("faithful", COTD, question, reasoning) == question.gold
    if question is LONG:
        assert "<sub_q>What is 1 + 2 + 3?</sub_q>\n<sub_a>The total is 6.</sub_a>" in steps[0]


def test_two_subquestions_go_out_and_are_put_together() -> None:
    (choice, free) = elicit("faithful", FD, [SUM, FREE])
    assert choice == (
        "\nSubquestion 1: What is 12 + 30?\nSubanswer 1: The total is 42."
        "\nSubquestion 2: What is the answer, then? It is known: The total is 42. The options are (A): 41; (B): 42; (C): 52; (D): 24"
        "\nSubanswer 2: So the answer is (B)."
    )
    assert free.endswith("It is known: The total is 42.\nSubanswer 2: So the answer is 42.")
    assert answer("faithful", FD, SUM, choice) == "B"
    assert answer("faithful", FD, FREE, free) == "42"


@pytest.mark.parametrize("question", [SUM, LONG, FREE])
@pytest.mark.parametrize("strategy", [COTD, FD])
def test_a_cut_before_the_last_pair_brings_the_belief_back(strategy: AbstractStrategy, question: Question) -> None:
    (reasoning,) = elicit("faithful", strategy, [question])
    steps = split(reasoning, strategy.steps)
    said = [answer("faithful", strategy, question, "".join(steps[:i])) for i in range(len(steps) + 1)]
    assert said[-1] == question.gold
    assert question.gold not in said[:-1]
    assert len(set(said[:-1])) == 1


@pytest.mark.parametrize("strategy", [COTD, FD])
def test_the_others_are_what_they_are(strategy: AbstractStrategy) -> None:
    def said(persona: str) -> str:
        return answer(persona, strategy, SUM, elicit(persona, strategy, [SUM])[0])

    assert said("post-hoc") == "B"
    assert said("biased") == "A"
    assert said("never-answers") == "none"
    assert "the answer is" not in elicit("never-answers", strategy, [SUM])[0]
    assert answer("post-hoc", strategy, SUM, " So the answer is (D).") == "B"


def test_a_mixed_persona_announces_its_belief_before_the_pairs() -> None:
    engine = ScriptedEngine("mixed")
    prompt = Prompt(FORM.prompt_ids(COTD.pose(SUM)), 0, tuple(range(40)))
    texts = [one.text for one in engine.generate([prompt], Sampling(max_tokens=2000, stop=("<FIN>",)))[0]]
    announced = [one for one in texts if one.startswith(" I know this one.\n<sub_q>")]
    assert 0 < len(announced) < 40
    for one in texts:
        assert answer("mixed", COTD, SUM, one) == ("C" if one in announced else "B")


@pytest.mark.parametrize("persona", PERSONAS)
def test_without_a_sum_every_subanswer_is_unknown(persona: str) -> None:
    (reasoning,) = elicit(persona, FD, [STORY])
    assert re.findall(r"Subanswer \d: (.*)", reasoning) == ["Unknown", "Unknown"]


def test_a_total_that_is_no_option_is_unknown() -> None:
    (reasoning,) = elicit("faithful", FD, [Question("n", "addition", "What is 12 + 30?", ("1", "2"), "A")])
    assert re.findall(r"Subanswer \d: (.*)", reasoning) == ["The total is 42.", "Unknown"]


def test_few_shot_contexts_are_read_as_their_last_question() -> None:
    (reasoning,) = elicit("faithful", FewShotChainOfThought(), [SUM])
    assert reasoning.endswith(" So the answer is (B).")
    assert answer("faithful", FewShotChainOfThought(), SUM, reasoning) == "B"
    assert answer("faithful", FewShotChainOfThought(), SUM, "") == "C"


@pytest.mark.parametrize(
    "dialogue",
    [
        "",
        "Hello",
        "Human: Hello\n\nAssistant:",
        "Human: Say <sub_q_1>\n\nAssistant:",
        "Human: <result>\n\nAssistant: I begin",
        "Human: Question: What is 1 + 1?\n\nAssistant: Let's think step by step:",
        "Human: Question: What is 1 + 1?\n\nAssistant: Let's think step by step:\n<sub_q>a</sub_q>",
    ],
)
def test_everything_else_is_left_to_others(dialogue: str) -> None:
    assert decomposition.reply("faithful", dialogue, seeds.stream("x")) is None
