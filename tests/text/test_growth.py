"""The time of every public function of the room grows with the length of the text, whatever the text repeats."""

from collections.abc import Callable
from time import process_time

import pytest

from cotfaith.contracts.extractor import Stored
from cotfaith.text import answers, cutters, extractors, numbers, steps
from cotfaith.text.maths import normal
from cotfaith.text.similarity import Words
from cotfaith.types import Question

SHORT, LONG = 10_000, 100_000
LINEAR = 10  # a text is compared with one of a tenth of its length
SLACK = 3  # a quadratic rule would grow 10 times as much as a linear one
TRIES = 3  # a core that other work shares computes more slowly for a while; a rule that is not linear is slow each time
FLOOR = 0.03  # seconds; shorter times are noise

CHOICE = Question("q", "t", "Which?", ("Rome", "Paris", "a red ball", "14"))
NUMBER = Question("q", "t", "How many?", gold="7")
TEXT = Question("q", "t", "Where?", gold="Rome")

FUNCTIONS: dict[str, Callable[[str], object]] = {
    "extract a choice": lambda text: answers.extract(text, CHOICE, cue="The answer is ("),
    "extract a number": lambda text: answers.extract(text, NUMBER, cue="<answer>"),
    "strict": lambda text: extractors.strict(Stored("unparsed", None, text=text), TEXT),
    "last named": lambda text: (answers.last_named(text, CHOICE), answers.last_named(text, NUMBER)),
    "numbers": lambda text: (numbers.numbers(text), numbers.leading(text), numbers.leading(text, alone=True)),
    "canonical": lambda text: (numbers.canonical(text), numbers.is_number(text), numbers.same(text, "1"), normal(text)),
    "steps": steps.split,
}
PIECES = [
    " ", "\n", "\t", "\u00a0", "\r", "7", "x", "X", "A ", "A, ", "A and ", "(A) ", "A: no. ", "A) x - no\n", "é", "答", "٣", ",", ".", "1,", "1.", "1 ",
    "12 345 ", "'", '"', "(", ")", "[", "{", "}", "{{}}", "\\", "\\boxed{", "\\sqrt{", "\\frac{", "\\text{", "$", "*", "**", "_", "`", "|", "| a ", "-",
    "=", "= 1 ", "+", "/", "^", "?", "!", "%", "1 €", "#### ", "The answer is ", "answer ", "answer: ", "answer: 3 or ", "<answer>", "<answer>5",
    "</answer>", "in <answer> ", '"answer": ', "so ", "no, ", "it is ", "not ", "if ", "the hint says ", "only A ", "the x is ", "5 apples ",
    "5 million ", "x = 5 and ", "Antwort ist ", "la respuesta ", "答案是", "I get ", "12:30 ", "0.", "1e",
    "Question: ", "\nQ: x\nA: 1\n", "\nUser: ", "No, ", "no, 5 ", "Wait, ", "That was wrong. ", "不对。", "A or ", "A ou B, ", "或", "oder ", "the best ", "most likely answer ",
    "dit que ", "I would ", "half of ", "5 times ", "9 each, so ", "one ", "twenty-", "two hundred and ", "unknown ", "there is no ", "Paris, not ", ", the ", "the second ",
    "the first or the ", "not A but ", "no 5 sino ", "probably ", "que la réponse ", "the answer to the question of ", "The x is Y. ", "-", " - ", "is wrong ", "For Italy, ", ". For Italy, it is B", "\n1. A 2. B ", "18, since 9 = ", "18 eggs, or ", "18 h (0.3 days) ", "By elimination, Rome ", "That leaves ", "12 and the x is ",
    "Check: 1 = ", "Rome (A) ", "A (Rome) ", "May 5 ", "15k ", "I changed my answer from A to ",
    "If it were, ", "Had it, ", "if A is right, ", "for x it is A, ", "Suppose x. Then ", "\n\nThe x is it:\n", "\nWhat is x? A. y B. z", "\n\n3) x?\n", "Passage:\n\n", "A - x, ", "A. B. ",
    "Option A is x, so it is wrong. ", "2x = ", "x = 5 or ", "with 4 it is 8, ", "So the x is 1", "So x gets 1 ", "that contradicts the x ", "ist. Also A", "en realidad es ", "Espera, ", "Paris: 1 ", "Let x = ",
]  # fmt: skip


def seconds(function: Callable[[str], object], text: str) -> float:
    start = process_time()  # of this process, so that a busy machine changes nothing
    function(text)
    return process_time() - start


def slow(piece: str, longer: int) -> dict[str, tuple[float, float]]:
    """The functions whose time grows faster than a text of `piece` up to `longer` characters, with their times."""
    short, long = (piece * (size // len(piece)) for size in (longer // LINEAR, longer))
    found = {}
    for name, function in FUNCTIONS.items():
        function(short[:100])  # the first call may import or compile
        for _ in range(TRIES):
            before, after = seconds(function, short), seconds(function, long)
            if after <= SLACK * LINEAR * max(before, FLOOR):
                break
        else:
            found[name] = (before, after)
    return found


@pytest.mark.parametrize("piece", PIECES)
def test_time_grows_with_a_short_text(piece: str) -> None:
    assert slow(piece, SHORT) == {}


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("piece", PIECES)
def test_time_grows_with_the_length(piece: str) -> None:
    assert slow(piece, LONG) == {}


def test_the_cutters_and_the_similarity_are_fast_too() -> None:
    long = "Some words, and no end of them " * 3000
    similar = Words()
    assert seconds(lambda text: list(cutters.sentence(text, None, "")), long) < 30
    assert similar(long, long) == pytest.approx(1)
