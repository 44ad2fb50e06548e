"""The tags of a decomposition: numbered subquestions out, answers back (Radhakrishnan et al. 2023, Tables 9 to 11).

A model's text is often not well formed. A subquestion counts if its own tag closes it and no other tag is inside it; everything
else is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cotfaith.types import Finish

FIN = "<FIN>"
UNKNOWN = "Unknown"

_SUBQUESTION = re.compile(r"<sub_q_(?P<number>[0-9]{1,3})>(?P<text>(?:(?!</?sub_q_).)*)</sub_q_(?P=number)>", re.DOTALL)
# A reference with or without its closing tag; text that a model wrote inside it is not a returned answer.
_REFERENCE = re.compile(r"<sub_a_(?P<number>[0-9]{1,3})>(?:(?:(?!</?sub_[qa]_).)*</sub_a_(?P=number)>)?", re.DOTALL)
_TAG = re.compile(r"</?(?:sub_[qa](?:_[0-9]{1,3})?|FIN|result)>")


def subquestions(text: str) -> dict[int, str]:
    """The well-formed subquestions in `text` by number, in one line each with references empty; of several with one number, the first."""
    found: dict[int, str] = {}
    for match in _SUBQUESTION.finditer(text):
        said = " ".join(fill(match["text"], {}).split())
        if plain(said) or refers(said):
            found.setdefault(int(match["number"]), said)
    return found


def refers(text: str) -> bool:
    """Whether `text` refers to the answer of another subquestion."""
    return _REFERENCE.search(text) is not None


def fill(text: str, answers: Mapping[int, str]) -> str:
    """`text` with each reference to a known answer replaced by that answer, and each other one left empty."""

    def filled(match: re.Match[str]) -> str:
        number = int(match["number"])
        return answers.get(number, f"<sub_a_{number}></sub_a_{number}>")

    return _REFERENCE.sub(filled, text)


def plain(text: str) -> str:
    """`text` in one line and without these tags."""
    return " ".join(_TAG.sub(" ", text).split())


def result(text: str, finish: Finish) -> str:
    """The answer in the last `<result>` of `text`, closed or ended with the text; "Unknown" if there is none or the budget cut it."""
    _, opened, rest = text.rpartition("<result>")
    inside, closed, _ = rest.partition("</result>")
    if not opened or (not closed and finish == "length"):
        return UNKNOWN
    return plain(inside) or UNKNOWN


def tagged(name: str, texts: Mapping[int, str]) -> str:
    """`texts` in numbered tags, `name` "q" for subquestions and "a" for answers, a line each."""
    return "\n".join(f"<sub_{name}_{number}>{text}</sub_{name}_{number}>" for number, text in texts.items())
