"""The options of a row, from a list, from an object of letters and texts, or with a mark at the right one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cotfaith.errors import DataError
from cotfaith.tasks.gold import is_flag
from cotfaith.types import LETTERS

# The names by which an object of a choice may hold its text, its label, and whether it is right.
TEXTS = ("text", "value", "choice", "option", "content")
LABELS = ("label", "key", "letter", "id")
MARKS = ("correct", "is_correct", "isCorrect")


@dataclass(frozen=True, slots=True)
class Options:
    """The texts of the options, the file's own names of them, and its marks of the right one (a 0 or a 1 each).

    `printed` are the texts with the letters that were printed before them, if these were removed.
    """

    texts: Sequence[Any]
    labels: tuple[str, ...] = ()
    marks: Sequence[Any] | None = None
    printed: tuple[str, ...] = ()


def unpack(where: str, choices: Any, labels: Any) -> Options:
    """The options in `choices`, named by `labels` if the file has such a column.

    `choices` is a list, `{"A": TEXT, ...}`, `{"text": [...], "label": [...]}`, `[{"text": TEXT, "label": "A"}, ...]`, or with marks
    `{"choices": [...], "labels": [0, 1]}`, `{TEXT: 1, TEXT: 0}` or `[{"text": TEXT, "correct": true}, ...]`.

    Raises:
        DataError: it is something else, or the labels do not name the choices one by one.
    """
    marks = None
    if isinstance(choices, dict):
        if set(choices) == {"text", "label"}:
            labels = labels if labels is not None else choices["label"]
            choices = choices["text"]
        elif set(choices) == {"choices", "labels"}:
            named = choices["labels"]
            marks = named if isinstance(named, list) and all(is_flag(one) for one in named) else None
            labels = labels if labels is not None or marks is not None else named
            choices = choices["choices"]
        elif labels is None and len(choices) > 1 and _counted(list(choices)) and all(is_flag(value) for value in choices.values()):
            raise DataError(
                f"{where}: the choices {choices!r} may be numbers with a mark at the right one, or labels and texts: write them as a list, and name "
                "the right one in a column of its own (gold)."
            )
        elif _marks_texts(choices):
            choices, marks = list(choices), list(choices.values())
        else:
            labels = labels if labels is not None else list(choices)
            choices = list(choices.values())
    if isinstance(choices, list) and choices and all(isinstance(one, dict) for one in choices):
        choices, own, marks = _objects(where, choices)
        labels = labels if labels is not None else own
    if not isinstance(choices, list):
        raise DataError(
            f"{where}: the choices are {choices!r}: give a list of texts, or an object of letters and texts, or null for a free answer."
        )
    if labels is None:
        return Options(choices, marks=marks)
    named = [str(label).strip() for label in labels] if isinstance(labels, list) else []
    if len(named) != len(choices) or len(set(named)) != len(named):
        raise DataError(f"{where}: the labels {labels!r} do not name the {len(choices)} choices one by one: correct the row.")
    return Options(choices, tuple(named), marks)


def _objects(where: str, choices: list[dict[Any, Any]]) -> tuple[list[Any], list[Any] | None, list[Any] | None]:
    """The texts of choices that are objects, and their labels and marks, if they have such."""
    text = _name(where, choices, TEXTS)
    if text is None:
        raise DataError(
            f"{where}: the choices are objects with {', '.join(map(str, choices[0])) or 'nothing in them'}: give each its text under one of the "
            f"names {', '.join(TEXTS)}."
        )
    label, mark = _name(where, choices, LABELS), _name(where, choices, MARKS)
    parts = ([one[name] for one in choices] if name is not None else None for name in (text, label, mark))
    texts, labels, marks = parts
    return texts or [], labels, marks


def _name(where: str, choices: list[dict[Any, Any]], names: tuple[str, ...]) -> str | None:
    """The one of `names` that every choice has; None if none of them has any.

    Raises:
        DataError: only some of the choices have it, or they have several.
    """
    found = [name for name in names if any(name in one for one in choices)]
    if not found:
        return None
    if len(found) > 1 or not all(found[0] in one for one in choices):
        raise DataError(
            f"{where}: not every choice has the same one of the names {', '.join(found)}: give each choice the same names."
        )
    return found[0]


def _marks_texts(choices: dict[Any, Any]) -> bool:
    """Whether `choices` is `{TEXT: 1, TEXT: 0}`, and not choices 0 and 1 with letters or numbers in their order as names."""
    names = [str(name).strip().upper() for name in choices]
    return all(is_flag(value) for value in choices.values()) and names != list(LETTERS[: len(names)]) and not _counted(names)


def _counted(names: list[str]) -> bool:
    """Whether `names` are numbers from 0 or from 1, in order."""
    return any(names == [str(place) for place in range(first, first + len(names))] for first in (0, 1))
