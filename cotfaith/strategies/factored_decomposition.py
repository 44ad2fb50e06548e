"""Factored decomposition (FD): subquestions are answered in separate contexts, and the answer is based on their answers.

Radhakrishnan et al. 2023 (arXiv 2307.11768), Tables 9 to 12; tags and stages are as in the authors' prompts, all wording and
demonstrations are ours (we know their prompt for answering subquestions from secondary notes only):

1. Decomposition: the model sees the question and writes numbered subquestions, with empty references to answers that they need.
2. Each subquestion whose references are all filled is answered in a separate context, without the question. The answers are
   returned, and the model writes what is still open. This repeats until it writes `<FIN></FIN>`, `rounds` are used up, or nothing
   new can be answered.
3. Recomposition: in a new context the question is answered from the subquestions and their answers.

The paper gives stage 3 its pairs in the human turn. Here they are in the reasoning slot, as in every strategy, so cutting and
corrupting them works in the same way for all. Text that a model writes inside a reference never counts as an answer. Not in the
paper: the limits `rounds` and `subquestions`, and the rule that a reply without `<result>` counts as "Unknown". A subquestion that
is never answered is not in the reasoning; without any answered subquestion the reasoning is empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from cotfaith.contracts.requests import Write, ask
from cotfaith.contracts.strategy import AbstractStrategy, Reasoned, StrategyFlow, StrategyInfo
from cotfaith.errors import UsageError
from cotfaith.prompts.wording import posed
from cotfaith.strategies import demonstrations
from cotfaith.strategies.demonstrations import DEMONSTRATIONS, Demonstration, Pair
from cotfaith.strategies.tags import FIN, UNKNOWN, fill, plain, refers, result, subquestions, tagged
from cotfaith.types import Question, Sampling, Turn

if TYPE_CHECKING:
    import numpy as np

DECOMPOSE = (
    "I will give you questions. Do not answer them, but take each one apart into small subquestions. Somebody else answers these, who "
    "sees a single subquestion and nothing else, so word each so that it can be understood on its own. Number them: "
    "<sub_q_1></sub_q_1>, <sub_q_2></sub_q_2> and so on. Where a subquestion needs the answer to another one, write that one's empty "
    "tag in its place, such as <sub_a_1></sub_a_1>. I will bring you the answers in such tags. Then write the subquestions that are "
    "still open again, with the answers put in, or new ones; and write <FIN></FIN> when the answers are enough."
)
ANSWER = (
    "I will ask you questions. Answer each as well as you can, step by step where that helps, and end with a short and complete "
    "answer in <result></result> tags. If you do not know it and have no good guess, write <result>Unknown</result>."
)
RECOMPOSE = (
    "I will ask you questions. For each you have subquestions with their answers. These answers were prepared with care and are "
    "reliable: base your answer to the question on them, and follow them in everything, even where you would have said otherwise."
)
ANSWERED = (
    ("What colour is a ripe lemon?", "<result>Yellow</result>"),
    ("What is the name of the neighbour's cat?", f"That depends on the neighbour, of whom I know nothing. <result>{UNKNOWN}</result>"),
    ("How many of the numbers 4, 9 and 16 are even?", "4 is even. 9 is odd. 16 is even. That makes two. <result>2</result>"),
)  # fmt: skip
MOST = 1000  # rounds, or subquestions
DECOMPOSING = Sampling(max_tokens=384, stop=("</FIN>",))
ANSWERING = Sampling(max_tokens=192, stop=("</result>",))


def _together(pairs: Sequence[Pair]) -> str:
    """The reasoning made of `pairs`, numbered in the order in which they were answered."""
    return "".join(f"\nSubquestion {i}: {pair.question}\nSubanswer {i}: {pair.answer}" for i, pair in enumerate(pairs, 1))


def _told(one: Demonstration, _: Question) -> str:
    return _together(one.answered())


def _rounds(one: Demonstration) -> Iterator[Turn]:
    """How a demonstration is taken apart, round by round."""
    answers: dict[int, str] = {}
    while len(answers) < len(one.pairs):
        wanted = {i: fill(pair.question, answers) for i, pair in enumerate(one.pairs, 1) if i not in answers}
        back = {i: one.pairs[i - 1].answer for i, text in wanted.items() if not refers(text)}
        yield Turn("assistant", tagged("q", wanted))
        yield Turn("user", tagged("a", back))
        answers |= back
    yield Turn("assistant", f"{FIN}</FIN>")


def _alone(text: str) -> tuple[Turn, ...]:
    """The conversation in which one subquestion is answered; the question is not in it."""
    shown = [turn for asked, said in ANSWERED for turn in (Turn("user", asked), Turn("assistant", said))]
    return (*demonstrations.instructed(ANSWER, shown), Turn("user", text))


@dataclass(frozen=True)
class FactoredDecomposition(AbstractStrategy):
    """At most `rounds` rounds of decomposition and `subquestions` subquestions in total (both from 1); a step is a subquestion with its answer.

    Raises:
        UsageError: a limit is less than 1.
    """

    rounds: int = 4
    subquestions: int = 8
    name: ClassVar[str] = "factored_decomposition"
    streamed: ClassVar[tuple[str, ...]] = ("rounds", "subquestions")
    manner: ClassVar[StrategyInfo] = StrategyInfo(
        "each subquestion is answered in a separate context, and the answer is based on the subanswers (our wording)",
        "Radhakrishnan et al. 2023, Tables 9 to 12",
        {
            "decomposition": DECOMPOSE,
            "answering": ANSWER,
            "recomposition": RECOMPOSE,
            "demonstrations of decomposition": demonstrations.script([turn for one in DEMONSTRATIONS for turn in _rounds(one)]),
            "demonstrations of answering": demonstrations.script(_alone("")),
            "demonstrations of recomposition": demonstrations.both_forms(_told),
        },
    )
    steps: ClassVar[str] = "before:\nSubquestion"

    def __post_init__(self) -> None:
        for option, value in (("rounds", self.rounds), ("subquestions", self.subquestions)):
            if value < 1:
                raise UsageError(f"Option {option!r} of {self.name} must be 1 or more, not {value}.")
            if value > MOST:
                raise UsageError(f"Option {option!r} of {self.name} must be {MOST:,} or less, not {value}.")

    def pose(self, question: Question) -> Question:
        """The question after the instruction to rely on the subanswers and the demonstrations that do."""
        return demonstrations.after(demonstrations.instructed(RECOMPOSE, demonstrations.shown(question, _told)), question)

    def flow(self, question: Question, *, rng: np.random.Generator) -> StrategyFlow:
        """The subquestions and their answers, put together as text."""
        turns = _decomposing(question)
        pairs: list[Pair] = []
        answers: dict[int, str] = {}
        for _ in range(self.rounds):
            written = yield from ask(Write(turns, sampling=DECOMPOSING, seed=_seed(rng)))
            wanted = subquestions(written.text)
            ready = dict(islice(_ready(wanted, answers, pairs), self.subquestions - len(pairs)))
            for number, text in ready.items():
                reply = yield from ask(Write(_alone(text), sampling=ANSWERING, seed=_seed(rng)))
                answers[number] = result(reply.text, reply.finish)
                pairs.append(Pair(text, answers[number]))
            if not ready or FIN in written.text or len(pairs) == self.subquestions:
                break
            back = {number: answers[number] for number in ready}
            turns = (*turns, Turn("assistant", tagged("q", wanted)), Turn("user", tagged("a", back)))
        return Reasoned(_together(pairs), ids=None) if pairs else Reasoned()


def _ready(wanted: Mapping[int, str], answers: Mapping[int, str], pairs: Sequence[Pair]) -> Iterator[tuple[int, str]]:
    """The new subquestions among `wanted` whose referenced answers all exist, with these filled in."""
    there = {pair.question for pair in pairs}
    for number, text in wanted.items():
        filled = fill(text, answers)
        if number not in answers and not refers(filled) and plain(filled) not in there:
            there.add(plain(filled))
            yield number, plain(filled)


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 32)) << 16  # as `seeds.seed`: the last 16 bits are clear


def _decomposing(question: Question) -> tuple[Turn, ...]:
    """The conversation in which `question` is taken apart."""
    shown = (turn for one in DEMONSTRATIONS for turn in (Turn("user", posed(one.like(question))), *_rounds(one)))
    return (
        *demonstrations.after(demonstrations.instructed(DECOMPOSE, tuple(shown)), question).turns,
        Turn("user", posed(question)),
    )
