"""The rows of a file before they are questions, and what is decided by all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from cotfaith import seeds
from cotfaith.errors import DataError
from cotfaith.tasks import written
from cotfaith.tasks.gold import lettered
from cotfaith.tasks.options import Options
from cotfaith.types import LETTERS, Question

Source = Literal["", "null", "column", "text", "truth"]

_KINDS = {
    "": "no choices",
    "null": "null as its choices",
    "column": "choices",
    "text": "options at the end of its text",
    "truth": "a gold that is true or false",
}
_TOGETHER = {"null", "column"}  # a file may have both: null is a free answer


@dataclass(frozen=True, slots=True)
class Item:
    """The parts of a row. `known` is whether it has a gold.

    `source` says where its options come from: "column", "text" (that of the question), "truth" (Yes and No, from the gold), or "" for none,
    with "null" if its column of choices is null. `after` follows the options, and `left_out` is text of the row that is not asked.
    `worked` is the mark by which the gold was found in a worked solution.
    """

    where: str
    id: str
    text: str
    options: Options | None
    gold: Any
    known: bool
    source: Source
    after: str = ""
    left_out: str = ""
    worked: str = ""


def alike(items: Sequence[Item]) -> None:
    """Raise a DataError if not all rows have choices from the same source, or if a row among others with choices lacks those of its gold."""
    some = any(item.source == "column" for item in items)
    for item in items:
        if item.source != items[0].source and not {item.source, items[0].source} <= _TOGETHER:
            raise DataError(
                f"{item.where}: it has {_KINDS[item.source]}, and the rows before have {_KINDS[items[0].source]}: give every row the same "
                "form, or ask all of them for free answers with -T map=choices=."
            )
        if some and item.source == "null" and lettered(item.gold):
            raise DataError(
                f"{item.where}: the choices are null, but the gold {item.gold!r} is the letter of a choice: give the row its choices, or leave it out."
            )


def in_place(items: Sequence[Item]) -> None:
    """Raise a DataError if letters that are printed before options ("B) Paris") are not those of their places."""
    for item in items:
        if item.options is None:
            continue
        letters = [found[0] if (found := written.printed(text)) else "" for text in item.options.texts]
        places = LETTERS[: len(letters)]
        named = lettered(item.gold)
        moved = sorted(letters) == list(places) and "".join(letters) != places
        other = next(
            (text for place, text in enumerate(item.options.texts) if named and letters[place] == named != places[place]), None
        )
        if moved or (other is not None and written.BRACKETED.match(other.strip())):
            raise DataError(
                f"{item.where}: the letters printed before the choices ({', '.join(one or 'none' for one in letters)}) are not those of their "
                f"places ({', '.join(places)}): put the choices in the order of their letters, remove the letters, or say with the option gold "
                "how golds count."
            )


def bare(items: list[Item]) -> tuple[list[Item], bool]:
    """The items without the letters that are printed before all options of all of them, and whether there were such."""
    found = []
    for item in items:
        options = item.options
        if options is None:
            found.append(item)
            continue
        texts = None if options.labels else written.without_letters(options.texts)
        if texts is None:
            return items, False
        found.append(replace(item, options=replace(options, texts=texts, printed=tuple(text.strip() for text in options.texts))))
    return found, any(item.options is not None for item in items)


def shuffled(question: Question) -> Question:
    """The question with its options in an order drawn from its id. `meta["option_order"]` has their letters in the file."""
    if not question.choices:
        return question
    order = [int(place) for place in seeds.stream("jsonl", "options", question.id).permutation(len(question.choices))]
    gold = None if question.gold is None else LETTERS[order.index(LETTERS.index(question.gold))]
    meta = {**question.meta, "option_order": "".join(LETTERS[place] for place in order)}
    return replace(question, choices=tuple(question.choices[place] for place in order), gold=gold, meta=meta)
