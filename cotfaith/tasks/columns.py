"""The columns of a row that are the parts of a question: a map given by the user, and aliases for the other parts.

A map reads `question=problem,choices=options,gold=answer,id=uid`; a path may go deeper, as in `choices.text` or
`generations[0]`. Choices that stand in several columns are joined by a plus, as in `choices=sol1+sol2`. A part with nothing after the
sign (`id=`) is deliberately left out.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from cotfaith.errors import DataError, UsageError, unknown
from cotfaith.tasks import shapes
from cotfaith.tasks.gold import truth
from cotfaith.tasks.rows import Row
from cotfaith.tasks.shapes import Shape

Part = Literal["question", "context", "choices", "labels", "gold", "id"]

# The first name of each is our own and wins; of the others only one may be there.
ALIASES: Mapping[Part, tuple[str, ...]] = {
    "question": ("question", "query", "problem", "input", "instruction", "prompt", "question_stem"),
    "context": ("context", "passage", "article"),
    "choices": ("choices", "options"),
    "labels": (),
    "gold": (
        "gold", "gold_answer", "label", "target", "ground_truth", "correct_label",
        "answer", "answerKey", "answer_index", "correct",
    ),
    "id": ("id",),
}  # fmt: skip
# Of each part: what its column holds, what it means, and what happens without it.
MEANINGS: Mapping[Part, tuple[str, str, str]] = {
    "question": ("text; or an object with the text and the choices", "the question", "the file is refused"),
    "context": ("text", "the text before the question", "there is no such text"),
    "choices": ("list, object or null; several columns joined by a plus", "the options", "the question asks for a free answer"),
    "labels": ("list", "the file's own names of the choices, one for each", "the names in the choices count, else A, B, C"),
    "gold": (
        "text, number, or true and false",
        "the right choice or the right answer",
        "accuracy is undefined",
    ),
    "id": ("text or whole number", "the name of the question, unique in the file", "the place in the file counts, from 0"),
}
STEMS = ("stem", "text", "question")  # the names of its text in a question that is an object
PLUS = "+"  # between the columns of one choice each
POINTERS = ("label", "correct_label", "answerKey", "answer_index")  # names of golds that point at a choice
_PATH = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Layout:
    """The path of each part of a question in the rows of a file, and the well-known set whose columns they are, if they are."""

    parts: Mapping[Part, str]
    shape: Shape | None = None

    def place_of_gold(self) -> int | None:
        """The place of the choice whose own column is the gold; None if the gold is no such column."""
        columns = spread(self.parts.get("choices", ""))
        gold = self.parts.get("gold")
        return columns.index(gold) if gold in columns and len(columns) > 1 else None


def spread(path: str) -> list[str]:
    """The columns that a path of choices joins by a plus."""
    return [piece.strip() for piece in path.split(PLUS)]


def parse(spec: str) -> dict[Part, str]:
    """The map that `spec` writes.

    Raises:
        UsageError: it is not of the form `part=column,part=column`, or names an unknown part or one part twice.
    """
    parts: dict[Part, str] = {}
    known: Mapping[str, Part] = {part: part for part in get_args(Part)}
    for item in filter(None, (item.strip() for item in spec.split(","))):
        name, sign, path = (piece.strip() for piece in item.partition("="))
        if not sign:
            raise UsageError(f"The map has {item!r}, which is not of the form part=column, as in question=problem.")
        if name not in known:
            raise unknown("part of a question in the map", name, known)
        if known[name] in parts:
            raise UsageError(f"The map names {name!r} twice: give it one column.")
        if not path and name == "question":
            raise UsageError("The map leaves the question out: name its column, as in question=problem.")
        parts[known[name]] = path
    return parts


def find(row: Row, given: Mapping[Part, str]) -> Layout:
    """The path of each part that `row` has: from the map `given`, from the columns of a well-known set, or by alias.

    Raises:
        DataError: a column that is needed is missing, or several could be meant.
    """
    shape = None
    if "choices" not in given and not any(name in row.values for name in ALIASES["choices"]):
        shape = shapes.known(row.values.keys(), question="question" in given)
    offered = _offered(row, shape) if shape else {}
    found: dict[Part, str] = {}
    for part in ALIASES:
        named = given.get(part, offered.get(part))
        if path := _by_alias(row, part) if named is None else named:
            found[part] = path
    whole = "" if "question" in given else found.get("question", "")
    if isinstance(inner := row.values.get(whole), dict):
        found |= _within(whole, inner, {*found, *given})
    if "question" not in found:
        raise DataError(
            f"{row.where}: no column for the question (looked for {', '.join(ALIASES['question'])}; there are "
            f"{', '.join(row.values) or 'none'}): name it with -T map=question=COLUMN."
        )
    return Layout(found, shape)


def _within(path: str, inner: Mapping[str, Any], known: Collection[str]) -> dict[Part, str]:
    """The text of the question at `path`, which is an object such as `{"stem": ..., "choices": [...]}`, and its choices unless these are `known`."""
    found: dict[Part, str] = {}
    if stem := next((name for name in STEMS if name in inner), ""):
        found["question"] = f"{path}.{stem}"
    if "choices" not in known and (name := next((name for name in ALIASES["choices"] if name in inner), "")):
        found["choices"] = f"{path}.{name}"
    return found


def points_at_nothing(where: str, column: str, gold: Any) -> str:
    """The sentence about a gold that points at choices which are not there."""
    polar = ", or say gold=yes-no if 1 is yes and 0 is no" if truth(gold) is not None else ""
    return (
        f"{where}: the gold {column!r} points at choices, but there is no column for these (looked for "
        f"{', '.join(ALIASES['choices'])}): name it with -T map=choices=COLUMN (or map=choices=FIRST+SECOND if each choice "
        f"has a column){polar}, or say -T map=choices= if there are none."
    )


def _by_alias(row: Row, part: Part) -> str:
    """The column of `row` that has a known name of `part`; empty if there is none."""
    there = [alias for alias in ALIASES[part] if alias in row.values]
    if len(there) > 1 and there[0] != part:
        raise DataError(f"{row.where}: {_either(there)} could be the {part}: say which with -T map={part}=COLUMN.")
    return there[0] if there else ""


def _offered(row: Row, shape: Shape) -> dict[Part, str]:
    """The parts that a row of `shape` has in the columns of that set; empty for a gold that stands with the choices."""
    named: dict[Part, tuple[str, ...]] = {"question": shape.question, "gold": shape.gold, "id": (shape.id,)}
    found = {part: next((name for name in names if name in row.values), "") for part, names in named.items()}
    parts = {part: path for part, path in found.items() if path} | {"choices": PLUS.join(shape.choices)}
    return parts if shape.gold else {**parts, "gold": ""}


def look_up(row: Row, part: Part, path: str) -> Any:
    """The value at `path` in `row`; for choices joined by a plus, the list of their values.

    Raises:
        DataError: there is none.
    """
    if path in row.values:
        return row.values[path]
    if part == "choices" and PLUS in path:
        return [look_up(row, part, column) for column in spread(path)]
    value: Any = row.values
    for name, index in _PATH.findall(path):
        try:
            value = value[int(index)] if index else value[name]
        except (KeyError, IndexError, TypeError) as error:
            raise DataError(
                f"{row.where}: there is no {path!r} for the {part} (there are {', '.join(row.values) or 'no columns'}): "
                f"correct the row, or name another column with -T map={part}=COLUMN."
            ) from error
    return value


def _either(names: list[str]) -> str:
    return f"{', '.join(map(repr, names[:-1]))} or {names[-1]!r}"
