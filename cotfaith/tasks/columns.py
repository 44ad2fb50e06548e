"""The columns of a row that are the parts of a question: a map given by the user, and aliases for the other parts.

A map reads `question=problem,choices=options,gold=answer,id=uid`; a path may go deeper, as in `choices.text` or
`generations[0]`. A part with nothing after the sign (`id=`) is deliberately left out.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal, get_args

from cotfaith.errors import DataError, UsageError, unknown
from cotfaith.tasks.rows import Row

Part = Literal["question", "context", "choices", "labels", "gold", "id"]

# The first name of each is our own and wins; of the others only one may be there.
ALIASES: Mapping[Part, tuple[str, ...]] = {
    "question": ("question", "query", "problem", "input", "prompt", "question_stem"),
    "context": ("context",),
    "choices": ("choices", "options"),
    "labels": (),
    "gold": (
        "gold", "gold_answer", "label", "target", "ground_truth", "correct_label",
        "answer", "answerKey", "answer_index", "correct",
    ),
    "id": ("id",),
}  # fmt: skip
_NEEDED: tuple[Part, ...] = ("question", "gold")
_POINTERS = ("label", "correct_label", "answerKey", "answer_index")  # names of golds that point at a choice
_PATH = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


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


def find(row: Row, given: Mapping[Part, str]) -> dict[Part, str]:
    """The path of each part that `row` has: from the map `given`, else by alias.

    Raises:
        DataError: a column that is needed is missing, or several could be meant.
    """
    found: dict[Part, str] = {}
    for part, aliases in ALIASES.items():
        if part in given:
            if given[part]:
                found[part] = given[part]
            continue
        there = [alias for alias in aliases if alias in row.values]
        if len(there) > 1 and there[0] != part:
            raise DataError(f"{row.where}: {_either(there)} could be the {part}: say which with the option map={part}=COLUMN.")
        if there:
            found[part] = there[0]
    for part in _NEEDED:
        if part not in found and given.get(part) != "":
            raise DataError(
                f"{row.where}: no column for the {part} (looked for {', '.join(ALIASES[part])}; there are "
                f"{', '.join(row.values) or 'none'}): name it with the option map={part}=COLUMN."
            )
    if "choices" not in {*found, *given} and found.get("gold") in _POINTERS:
        raise DataError(
            f"{row.where}: the gold {found['gold']!r} points at choices, but there is no column for these (looked for "
            f"{', '.join(ALIASES['choices'])}): name it with the option map=choices=COLUMN, or say map=choices= if there are none."
        )
    return found


def look_up(row: Row, part: Part, path: str) -> Any:
    """The value at `path` in `row`.

    Raises:
        DataError: there is none.
    """
    if path in row.values:
        return row.values[path]
    value: Any = row.values
    for name, index in _PATH.findall(path):
        try:
            value = value[int(index)] if index else value[name]
        except (KeyError, IndexError, TypeError) as error:
            raise DataError(
                f"{row.where}: there is no {path!r} for the {part} (there are {', '.join(row.values) or 'no columns'}): "
                f"correct the row, or name another column with the option map={part}=COLUMN."
            ) from error
    return value


def _either(names: list[str]) -> str:
    return f"{', '.join(map(repr, names[:-1]))} or {names[-1]!r}"
