"""The columns of well-known question sets whose choices stand in several columns. A file with such columns needs no map."""

from collections.abc import Collection
from dataclasses import dataclass

from cotfaith.tasks.gold import Manner


@dataclass(frozen=True, slots=True)
class Shape:
    """A set of columns: those of the question and of the gold (the first that is there), and one for each choice.

    `manner` says how the gold names its choice; "label" without labels counts from 1. If the gold is one of the columns of
    `choices`, that column always holds the right answer.
    """

    name: str
    question: tuple[str, ...]
    choices: tuple[str, ...]
    gold: tuple[str, ...]
    manner: Manner = ""
    id: str = ""


SHAPES = (
    Shape("PIQA", ("goal",), ("sol1", "sol2"), ("label",), "index"),
    Shape("WinoGrande", ("sentence",), ("option1", "option2"), ("answer",), "label"),
    Shape("Social IQa", ("question",), ("answerA", "answerB", "answerC"), ("label",), "label"),
    Shape("SciQ", ("question",), ("correct_answer", "distractor1", "distractor2", "distractor3"), ("correct_answer",)),
    Shape(
        "GPQA",
        ("Question",),
        ("Correct Answer", "Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3"),
        ("Correct Answer",),
        id="Record ID",
    ),
    Shape("MedMCQA", ("question",), ("opa", "opb", "opc", "opd"), ("cop",), "index"),
    Shape("TruthfulQA", ("question",), ("mc1_targets",), ()),
    Shape("HellaSwag", ("ctx",), ("endings",), ("label",), "index"),
    Shape("a column for each letter", ("question", "Question"), ("A", "B", "C", "D", "E"), ("answer", "Answer"), "letter"),
    Shape("a column for each letter", ("question", "Question"), ("A", "B", "C", "D"), ("answer", "Answer"), "letter"),
)


def known(columns: Collection[str], *, question: bool) -> Shape | None:
    """The first shape whose columns are all among `columns`; `question` says whether the map names the question itself."""
    for shape in SHAPES:
        asked = question or any(name in columns for name in shape.question)
        if asked and all(name in columns for name in shape.choices):
            return shape
    return None
