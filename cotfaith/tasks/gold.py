"""The choice that a file's gold value means: a letter, an index from 0, a label, or the text of the choice.

Nothing is guessed: a value that may mean two choices is an error that names the option to resolve it.
"""

import re
from collections.abc import Sequence
from typing import Any, Literal, get_args

from cotfaith.errors import DataError
from cotfaith.types import LETTERS

StrategyInfo = Literal["", "letter", "index", "label", "text"]
MANNERS: tuple[str, ...] = get_args(StrategyInfo)


def letter(where: str, value: Any, choices: Sequence[str], labels: Sequence[str], manner: StrategyInfo) -> str:
    """The letter of the choice that `value` means; `labels` are the file's own names of the choices, if it has such.

    Raises:
        DataError: it means none of them, or more than one.
    """
    meanings = _meanings(value, choices, labels)
    if manner:
        meanings = [meaning for meaning in meanings if meaning[0] == manner]
    elif labels and isinstance(value, str) and value.strip() in labels:
        meanings = [meaning for meaning in meanings if meaning[0] == "label"]
    elif not isinstance(value, str):
        meanings = [meaning for meaning in meanings if meaning[0] != "label" or labels]
    places = dict.fromkeys(place for _, place in meanings)
    if not places:
        sort = f" as {'an' if manner == 'index' else 'a'} {manner}" if manner else ""
        raise DataError(f"{where}: the gold {value!r} is none of the {len(choices)} choices{sort}: correct the row{_hint(manner)}.")
    if len(places) > 1:
        senses = " or ".join(f"the {kind} of choice {LETTERS[place]}" for kind, place in meanings)
        ways = [kind for kind in dict.fromkeys(kind for kind, _ in meanings) if not manner]
        cure = " or ".join(f"gold={kind}" for kind in ways)
        raise DataError(
            f"{where}: the gold {value!r} may be {senses}: {f'say which with the option {cure}' if cure else 'name it by its letter'}."
        )
    return LETTERS[next(iter(places))]


def _meanings(value: Any, choices: Sequence[str], labels: Sequence[str]) -> list[tuple[str, int]]:
    """Every way to read `value` as a choice: the way and the place of the choice."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return []
    written = str(value).strip()
    found = [("label", place) for place, label in enumerate(labels) if label == written]
    if re.fullmatch(r"[A-Za-z]", written) and written.upper() in LETTERS[: len(choices)]:
        found.append(("letter", LETTERS.index(written.upper())))
    if re.fullmatch(r"[0-9]{1,2}", written):
        if int(written) < len(choices):
            found.append(("index", int(written)))
        if not labels and 1 <= int(written) <= len(choices):
            found.append(("label", int(written) - 1))
    return found + [("text", place) for place, choice in enumerate(choices) if choice == written]


def _hint(manner: StrategyInfo) -> str:
    if manner:
        return f" or leave the option gold={manner} out"
    return ", or name the right column with the option map=gold=COLUMN"
