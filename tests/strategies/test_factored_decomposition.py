"""Factored decomposition: rounds, contexts of their own, limits, and models that do not play along."""

from typing import Any

import numpy as np
import pytest

from cotfaith.contracts.driver import drive
from cotfaith.contracts.requests import Write, Written
from cotfaith.contracts.strategy import Reasoned, describe
from cotfaith.errors import UsageError
from cotfaith.plugins import registry
from cotfaith.strategies.factored_decomposition import ANSWER, ANSWERING, DECOMPOSE, DECOMPOSING, RECOMPOSE, FactoredDecomposition
from cotfaith.text import steps
from cotfaith.types import Finish, Question, Turn

QUESTION = Question("q", "toy", "How much is the secret sum?", ("41", "42"), "B")
Reply = str | tuple[str, Finish]


def play(strategy: FactoredDecomposition, replies: list[Reply], question: Question = QUESTION) -> tuple[list[Write], Reasoned]:
    """The requests of the flow, told `replies` in turn, and what it returns."""
    flow = strategy.flow(question, rng=np.random.default_rng(0))
    requests = [next(flow)]
    try:
        for reply in replies:
            request = flow.send(Written(reply, "stop") if isinstance(reply, str) else Written(*reply))
            requests.append(request)
    except StopIteration as stop:
        return requests, stop.value
    raise AssertionError(requests[-1])


ONE, TWO = "<sub_q_1>What is 12 + 30?</sub_q_1>", "<sub_q_2>Is <sub_a_1></sub_a_1> even?</sub_q_2>"
REWRITTEN = "<sub_q_2>Is 42 an even number?</sub_q_2>"


def test_rounds_go_on_until_fin() -> None:
    requests, made = play(FactoredDecomposition(), [f"{ONE}\n{TWO}", "12 + 30 <result>42", REWRITTEN, "<result>Yes", "<FIN>"])
    assert made == Reasoned(
        "\nSubquestion 1: What is 12 + 30?\nSubanswer 1: 42\nSubquestion 2: Is 42 an even number?\nSubanswer 2: Yes", ids=None
    )
    assert [one.sampling for one in requests] == [DECOMPOSING, ANSWERING, DECOMPOSING, ANSWERING, DECOMPOSING]
    first, second, third = (requests[i].turns for i in (0, 2, 4))
    assert first[0] == Turn("user", DECOMPOSE)
    assert first[-1] == Turn("user", "Question: How much is the secret sum?\n\nChoices:\n(A): 41\n(B): 42")
    assert second == (*first, Turn("assistant", f"{ONE}\n{TWO}"), Turn("user", "<sub_a_1>42</sub_a_1>"))
    assert third == (*second, Turn("assistant", REWRITTEN), Turn("user", "<sub_a_2>Yes</sub_a_2>"))


def test_a_step_is_a_subquestion_with_its_answer() -> None:
    _, made = play(FactoredDecomposition(), [f"{ONE}{TWO}", "<result>a\n\nSubquestion 9: b. C", REWRITTEN, "<result>Yes", "<FIN>"])
    assert steps.split(made.text, FactoredDecomposition.steps) == [
        "\nSubquestion 1: What is 12 + 30?\nSubanswer 1: a Subquestion 9: b. C",
        "\nSubquestion 2: Is 42 an even number?\nSubanswer 2: Yes",
    ]


def test_subquestions_are_answered_where_the_question_is_not_seen() -> None:
    requests, _ = play(FactoredDecomposition(), [ONE, "<result>42", "<FIN>"])
    turns = requests[1].turns
    assert turns[0] == Turn("user", ANSWER)
    assert turns[-1] == Turn("user", "What is 12 + 30?")
    assert not any("secret" in turn.text or "Question: " in turn.text for turn in turns)


def test_seeds_differ_between_requests_and_repeat_between_runs() -> None:
    replies: list[Reply] = [f"{ONE}<sub_q_2>Same?</sub_q_2>", "<result>42", "<result>42", "<FIN>"]
    seeds = [one.seed for one in play(FactoredDecomposition(), replies)[0]]
    assert len(set(seeds)) == 4
    assert seeds == [one.seed for one in play(FactoredDecomposition(), replies)[0]]


def test_a_reference_that_is_not_rewritten_is_filled() -> None:
    requests, made = play(FactoredDecomposition(), [f"{ONE}{TWO}", "<result>42", f"{TWO}<FIN>", "<result>Yes"])
    assert requests[3].turns[-1].text == "Is 42 even?"
    assert made.text.endswith("\nSubquestion 2: Is 42 even?\nSubanswer 2: Yes")


def test_an_answer_made_up_inside_a_reference_is_edit_invalid() -> None:
    made_up = "<sub_q_2>Is <sub_a_1>99</sub_a_1> even?</sub_q_2>"
    requests, _ = play(FactoredDecomposition(), [f"{ONE}{made_up}", "<result>42", "<FIN>"])
    assert [one.sampling for one in requests] == [DECOMPOSING, ANSWERING, DECOMPOSING]
    assert "99" not in "".join(turn.text for turn in requests[2].turns)


def test_several_go_out_in_one_round_and_fin_beside_them_ends_it() -> None:
    requests, made = play(FactoredDecomposition(), ["<sub_q_1>A?</sub_q_1><sub_q_3>B?</sub_q_3><FIN>", "<result>a", "<result>b"])
    assert len(requests) == 3
    assert made.text == "\nSubquestion 1: A?\nSubanswer 1: a\nSubquestion 2: B?\nSubanswer 2: b"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "The answer is 42.",
        "<FIN></FIN>",
        "<sub_q_1>Not closed",
        "<sub_q_2>Is <sub_a_7></sub_a_7> so?</sub_q_2>",
        "<sub_q_1> </sub_q_1>",
    ],
)
def test_without_a_subquestion_the_reasoning_is_empty(written: str) -> None:
    requests, made = play(FactoredDecomposition(), [written])
    assert len(requests) == 1
    assert made == Reasoned("", ())


def test_nothing_new_ends_it() -> None:
    again = f"{ONE}<sub_q_5>What is 12 + 30?</sub_q_5>"
    requests, made = play(FactoredDecomposition(), [ONE, "<result>42", again])
    assert len(requests) == 3
    assert made.text.count("Subquestion") == 1


def test_one_question_under_two_numbers_is_asked_once() -> None:
    requests, _ = play(FactoredDecomposition(), [f"{ONE}<sub_q_2>What is 12 + 30?</sub_q_2><FIN>", "<result>42"])
    assert len(requests) == 2


def test_a_reply_without_result_is_unknown() -> None:
    _, made = play(FactoredDecomposition(), [f"{ONE}<sub_q_2>B?</sub_q_2><FIN>", "I do not know.", ("<result>4", "length")])
    assert [line for line in made.text.splitlines() if "Subanswer" in line] == ["Subanswer 1: Unknown", "Subanswer 2: Unknown"]


def test_limits_end_it() -> None:
    def chain(i: int) -> str:
        return f"<sub_q_{i}>Number {i}?</sub_q_{i}>"

    requests, made = play(FactoredDecomposition(rounds=2), [chain(1), "<result>a", chain(2), "<result>b"])
    assert (len(requests), made.text.count("Subquestion")) == (4, 2)
    many = "".join(map(chain, range(1, 20)))
    requests, made = play(FactoredDecomposition(subquestions=3), [many, *["<result>a"] * 3])
    assert (len(requests), made.text.count("Subquestion")) == (4, 3)
    requests, made = play(FactoredDecomposition(subquestions=2), [chain(1), "<result>a", many, "<result>b"])
    assert (len(requests), made.text.count("Subquestion")) == (4, 2)


@pytest.mark.parametrize("option", ["rounds", "subquestions"])
def test_limits_are_from_1(option: str) -> None:
    with pytest.raises(UsageError, match=f"Option '{option}' of factored_decomposition must be 1 or more, not 0."):
        FactoredDecomposition(**{option: 0})
    made = registry.build(FactoredDecomposition, {option: "2"})
    assert f"{option}=2" in describe(made)


def test_pose_asks_to_rely_on_the_subanswers() -> None:
    turns = FactoredDecomposition().pose(QUESTION).turns
    assert turns[0] == Turn("user", RECOMPOSE)
    assert turns[3].text == (
        "Let's think step by step:\nSubquestion 1: How many rolls are there on 14 trays of 6 rolls each?\nSubanswer 1: 84"
        "\nSubquestion 2: What is 84 minus 50?\nSubanswer 2: 34"
    )


def test_demonstrations_of_decomposition_go_round_by_round() -> None:
    requests, _ = play(FactoredDecomposition(), ["<FIN>"])
    texts = [turn.text for turn in requests[0].turns]
    assert texts[3:8] == [
        "<sub_q_1>How many rolls are there on 14 trays of 6 rolls each?</sub_q_1>\n<sub_q_2>What is <sub_a_1></sub_a_1> minus 50?</sub_q_2>",
        "<sub_a_1>84</sub_a_1>",
        "<sub_q_2>What is 84 minus 50?</sub_q_2>",
        "<sub_a_2>34</sub_a_2>",
        "<FIN></FIN>",
    ]
    assert texts[10] == "<sub_a_1>The Atlantic Ocean</sub_a_1>\n<sub_a_2>The Atlantic Ocean</sub_a_2>"
    assert texts.count("<FIN></FIN>") == 4


def test_a_round_of_all_questions_is_one_batch() -> None:
    batches: list[list[Write]] = []

    def said(one: Write) -> str:
        if one.sampling == ANSWERING:
            return "<result>42"
        return "<FIN>" if one.turns[-1].text.startswith("<sub_a") else ONE

    def ask(requests: list[Any]) -> list[Written]:
        batches.append(requests)
        return [Written(said(one), "stop") for one in requests]

    flows = [FactoredDecomposition().flow(Question(str(i), "toy", f"{i}?"), rng=np.random.default_rng(i)) for i in range(20)]
    made = drive(flows, ask)
    assert [len(batch) for batch in batches] == [20, 20, 20]
    assert {one.text for one in made} == {"\nSubquestion 1: What is 12 + 30?\nSubanswer 1: 42"}
