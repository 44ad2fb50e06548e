"""The choice that a file's gold value means: a letter, a number from 0 or from 1, a label, or the text of the choice.

Nothing is guessed: a value that may mean two choices is an error that names the option to resolve it.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

from cotfaith.errors import DataError
from cotfaith.tasks.written import printed
from cotfaith.types import LETTERS

Manner = Literal["", "letter", "index", "label", "text", "yes-no"]
MANNERS: tuple[str, ...] = get_args(Manner)
Counting = Literal["", "index", "label", "either"]

_YES, _NO = ("yes", "true"), ("no", "false")
_KINDS = {"yes-no": "yes or no"}
_COUNTED = {"index": " as a number that counts from 0", "label": " as a number that counts from 1"}


def letter(
    where: str, value: Any, choices: Sequence[str], labels: Sequence[str], manner: Manner, *, counting: Counting = ""
) -> str:
    """The letter of the choice that `value` means.

    Args:
        where: the place of the row, for an error.
        value: the gold of the row.
        choices: the texts of the choices.
        labels: the file's own names of the choices, if it has such.
        manner: how the user says that golds name their choices; empty if the user does not say.
        counting: how numbers count in this file, by `counting`.

    Raises:
        DataError: it means none of them, or more than one.
    """
    meanings = _meanings(value, choices, labels)
    counts = whole(value) is not None and not _numbered(labels)
    if manner:
        meanings = [meaning for meaning in meanings if meaning[0] == manner]
    elif labels and isinstance(value, str) and any(_same(value, label) for label in labels):
        meanings = [meaning for meaning in meanings if meaning[0] == "label"]
    elif counts and (counting in _COUNTED or not isinstance(value, str)):
        other = "index" if counting == "label" else "label"
        meanings = [meaning for meaning in meanings if meaning[0] != other]
    places = dict.fromkeys(place for _, place in meanings)
    if not places:
        sort = f" as {'an' if manner == 'index' else 'a'} {_KINDS.get(manner, manner)}" if manner else ""
        sort = sort or (_COUNTED.get(counting, "") if counts else "")
        raise DataError(f"{where}: the gold {value!r} is none of the {len(choices)} choices{sort}: correct the row{_hint(manner)}.")
    if len(places) > 1:
        senses = " or ".join(f"the {_KINDS.get(kind, kind)} of choice {LETTERS[place]}" for kind, place in meanings)
        ways = [kind for kind in dict.fromkeys(kind for kind, _ in meanings) if not manner]
        cure = " or ".join(f"gold={kind}" for kind in ways)
        raise DataError(
            f"{where}: the gold {value!r} may be {senses}: {f'say which with the option {cure}' if cure else 'name it by its letter'}."
        )
    return LETTERS[next(iter(places))]


def counting(golds: Iterable[tuple[Any, int, Sequence[str]]]) -> Counting:
    """How the golds of a file that are numbers count choices: (gold, number of choices, labels) for each row. Letters may stand among them.

    "index" is from 0, since one of them is 0. "label" is from 1, since none is 0 and one is the number of its choices. "either" if
    neither occurs. Empty if none of them is a number, if one is neither a letter nor a whole number in that range, or if the labels
    are numbers themselves.
    """
    zero = top = some = False
    for gold, size, labels in golds:
        place = whole(gold)
        if place is None and lettered(gold) in set(LETTERS[:size]) and not _numbered(labels):
            continue
        if place is None or place > size or _numbered(labels):
            return ""
        zero, top, some = zero or place == 0, top or place == size, True
    return "" if not some else "index" if zero else "label" if top else "either"


def whole(value: Any) -> int | None:
    """The number from 0 to 99 that `value` is or writes; None for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return int(value) if re.fullmatch(r"[0-9]{1,2}", str(value).strip()) else None


def truth(value: Any) -> bool | None:
    """What true, 1, "1", "true" and "yes" mean, and false, 0, "0", "false" and "no"; None for anything else."""
    if isinstance(value, bool):
        return value
    said = value.strip().casefold() if isinstance(value, str) else ""
    if whole(value) in (0, 1):
        return whole(value) == 1
    return True if said in _YES else False if said in _NO else None


def lettered(value: Any) -> str:
    """The letter in B, b, (B), B) or B. as a capital; empty for any other value."""
    found = re.fullmatch(r"\(?([A-Za-z])[).:]?", value.strip()) if isinstance(value, str) else None
    return found[1].upper() if found else ""


def marked(where: str, flags: Sequence[Any], size: int) -> int:
    """The place of the one choice of `size` that `flags` mark as right, by 1 among 0s or true among falses.

    Raises:
        DataError: they are other values or another number of them, or mark none or several.
    """
    if len(flags) != size or not all(is_flag(flag) for flag in flags):
        raise DataError(f"{where}: the marks {list(flags)!r} are not a 0 or a 1 for each of the {size} choices: correct the row.")
    places = [place for place, flag in enumerate(flags) if flag]
    if len(places) != 1:
        raise DataError(
            f"{where}: {len(places) or 'none'} of the {size} choices {'is' if not places else 'are'} marked as right: mark one, or name "
            "other columns with -T map=choices=COLUMN,gold=COLUMN."
        )
    return places[0]


def is_flag(value: Any) -> bool:
    """Whether `value` is 0, 1, true or false."""
    return isinstance(value, bool | int) and value in (0, 1)


def _meanings(value: Any, choices: Sequence[str], labels: Sequence[str]) -> list[tuple[str, int]]:
    """Every way to read `value` as a choice: the way and the place of the choice."""
    said = truth(value)
    polar = [("yes-no", place) for place, choice in enumerate(choices) if choice.casefold() in (_YES if said else _NO)]
    polar = polar if said is not None and all(choice.casefold() in (*_YES, *_NO) for choice in choices) else []
    if isinstance(value, bool):
        words = _YES if value else _NO
        return polar + [("text", place) for place, choice in enumerate(choices) if choice.casefold() in words]
    if not isinstance(value, str | int | float):
        return []
    written, number = str(value).strip(), whole(value)
    found = [("label", place) for place, label in enumerate(labels) if _same(written, label)]
    named = lettered(written)
    if named and named in LETTERS[: len(choices)]:
        found.append(("letter", LETTERS.index(named)))
    both = printed(written)
    if both and both[0] in LETTERS[: len(choices)] and choices[LETTERS.index(both[0])] == both[1]:
        found.append(("letter", LETTERS.index(both[0])))
    if number is not None:
        if number < len(choices):
            found.append(("index", number))
        if not _numbered(labels) and 1 <= number <= len(choices):
            found.append(("label", number - 1))
    found += [("text", place) for place, choice in enumerate(choices) if choice == written]
    return found + [meaning for meaning in polar if ("text", meaning[1]) not in found]


def _same(value: str, label: str) -> bool:
    """Whether `value` names `label`: the same text, or the same letter in another form."""
    return value.strip() == label or (lettered(label) != "" and lettered(value) == lettered(label))


def _numbered(labels: Sequence[str]) -> bool:
    """Whether one of the file's own names of the choices is a number."""
    return any(whole(label) is not None for label in labels)


def _hint(manner: Manner) -> str:
    if manner:
        return f" or leave the option gold={manner} out"
    return ", or name the right column with -T map=gold=COLUMN"
