"""The side of an equation that gives its value: 18 in "9 + 9 = 18", "18 = 3 * 6" and "18, since 9 + 9 = 18"."""

from __future__ import annotations

import re

from cotfaith.text import maths
from cotfaith.text.words import phrases

_WHY = "because | since | as | so | for | thus | therefore | hence | which | i.e. | that is | giving | meaning | given | check | to check | to verify | then | denn | weil | car | porque"
_OPENING = r"[^\w\n.,;=-]{0,6}(?:(?:about|exactly|only|just|approximately)\s)?-?[^\w\s.,;=-]?\s?[0-9][0-9.,/]{0,30}%?"
# A number that stands before a sum: what follows it explains or checks it.
_STANDS = re.compile(
    rf"{_OPENING}(?:\s[^\W\d_]{{1,15}}){{0,2}}?\s?"
    rf"(?:(?<![0-9])[.]\s|;\s|:\s(?=[A-Za-z])|(?:(?<=\s)|,\s)(?:{phrases(_WHY)})(?!\w)|[(\[](?=[^()\[\]=]*=[^()\[\]]*[)\]][^=]*$))",
    re.IGNORECASE,
)
_WORKED = re.compile(rf"(?P<value>{_OPENING})\s?=(?P<sum>[-+*/^().0-9\s]{{3,60}})\s*[.!]?\s*$")

_BESIDE = re.compile(rf"{_OPENING}(?:\s[^\W\d_]{{1,15}}){{0,2}},?\sand\s[^\w\s]?[0-9][^=]*=")
# "18. Check:" ends a sentence, "1. First" begins a list.
_ITEM = re.compile(
    r"\s*(?P<number>[0-9]{1,3})\.\s+(?=[A-Z])(?P<checks>(?:(?:To|We can|Let me|Let us|A)\s)?(?:check|verif|proof|explanation|reason|because|since|this|that|indeed)\w*)?",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[0-9]\.)\s+(?=[A-Z])")
# "Wait, 9 + 9 = 18": a sum, and its value alone.
_SUM = re.compile(r"[\s$]*[-+]?[0-9][-+*/x\u00d7\u00f7()$0-9.,\s]{2,60}=\s*(?P<value>[^=\n]{1,80})$")


def stands(text: str) -> bool:
    """Whether `text` begins with a number that a sum only explains or checks: "18, since 9 + 9 = 18", "18 (check: 18 / 3 = 6)"."""
    return bool(_STANDS.match(text))


def sides(text: str) -> list[str]:
    """The parts of `text` that may give its value, the likeliest first: the last side of its equation, or the first of "18 = 3 * 6".

    There is none where an equation stands beside a number: "18, and 18 / 3 = 6".
    """
    if _BESIDE.match(text):
        return []
    worked = _WORKED.match(text)
    if worked is None:
        return [text.rpartition("=")[2]]
    value = worked["value"].strip(" .,:;\"'")
    equal = maths.normal(f"{worked['sum'].strip(' .')} + 0") == maths.normal(f"{value} + 0")
    return [text.rpartition("=")[2], *([worked["value"]] if equal else [])]


def opening(text: str, rest: str = "") -> str:
    """The first sentence of `text` where it is a number ("18. Check: 18 / 3 = 6."), unless it counts the items of a list; else `text`.

    `rest` is what follows `text`, where the list may go on.
    """
    item = _ITEM.match(text)
    if item:
        number = int(item["number"])
        if re.search(rf"(?<![\w.]){number + 1}\.\s", f"{text[item.end() :]}\n{rest}") or (number < 2 and not item["checks"]):
            return text
    return _SENTENCE_END.split(text, maxsplit=1)[0]


def summed(text: str) -> str | None:
    """The value of the sum that `text` is: "18" for "9 + 9 = 18"; None where it is no sum."""
    found = _SUM.match(text)
    return found["value"] if found else None
