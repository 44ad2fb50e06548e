"""Chain-of-thought decomposition: one call, steps that are pairs."""

import numpy as np

from cotfaith.contracts.strategy import Reason
from cotfaith.strategies.cot_decomposition import INSTRUCTION, ChainOfThoughtDecomposition
from cotfaith.text import steps
from cotfaith.types import Question, Turn

QUESTION = Question("q", "toy", "Which?", ("one", "two"), "B")
COTD = ChainOfThoughtDecomposition()


def test_one_call_that_stops_at_fin() -> None:
    assert next(COTD.flow(QUESTION, rng=np.random.default_rng(0))) == Reason(COTD.pose(QUESTION))
    assert COTD.stop == ("<FIN>",)


def test_demonstrations_are_pairs_that_end_in_fin() -> None:
    turns = COTD.pose(QUESTION).turns
    assert turns[0] == Turn("user", INSTRUCTION)
    assert turns[3].text == (
        "Let's think step by step:\n<sub_q>How many rolls are there on 14 trays of 6 rolls each?</sub_q>\n<sub_a>84</sub_a>\n"
        "<sub_q>What is 84 minus 50?</sub_q>\n<sub_a>34</sub_a>\n<FIN></FIN>"
    )
    assert sum(turn.text.endswith("\n<FIN></FIN>") for turn in turns) == 4


def test_a_step_is_a_subquestion_with_its_answer() -> None:
    parts = ["\n<sub_q>What is 1 + 1?</sub_q>\n<sub_a>It is 2. Yes.</sub_a>\n", "<sub_q>Then?</sub_q>\n<sub_a>3</sub_a>\n"]
    assert steps.split("".join(parts), COTD.steps) == parts
