"""Options that are written inside a question's text, and letters that are printed before options."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from cotfaith.errors import DataError
from cotfaith.types import LETTERS

_HEADER = re.compile(r"(?:^|\n|(?<=[.?!]) )[ \t]*(?:answer[ \t]+)?(?:options|choices)[ \t]*:", re.IGNORECASE)
_LETTERED = re.compile(r"[ \t]*\(?([A-Za-z])[).:](?=\s|$)[ \t]*|[ \t]*\(([A-Za-z])\)[ \t]*")
_BULLET = re.compile(r"[ \t]*[-*\u2022][ \t]+")
# Letters of options on one line: (A), A) and, after a heading only, A. or A:
_INLINE = (
    re.compile(r"(?:^|(?<=\s))\(([A-Za-z])\)[ \t]*"),
    re.compile(r"(?:^|(?<=\s))([A-Za-z])\)[ \t]*"),
    re.compile(r"(?:^|(?<=\s))([A-Za-z])[.:](?=\s)[ \t]*"),
)
_PRINTED = re.compile(r"\(?([A-Za-z])[ \t]*[).:][ \t]*(?=\S)")
BRACKETED = re.compile(r"\(?[A-Za-z][ \t]*\)")  # a printed letter that is no initial, as in E. coli
_CUE = re.compile(r"\n[ \t]*((?:(?:the|your|final|correct)[ \t]+){0,3}answer(?:[ \t]+is)?[ \t]*:?|A:)[ \t]*$", re.IGNORECASE)
_SENTENCE_INSIDE = re.compile(r"\w{3}[\"')\]]?[.?!][\"')\]]?\s+\S")
_ORDER = r"\s(?:Answer|Choose|Explain|Give|Let's|Pick|Please|Reply|Respond|Select|Show|Think|Write)\b"
_ORDER_INSIDE = re.compile(_ORDER)
_ORDER_BEHIND_A_SENTENCE = re.compile(rf"[.?!]{_ORDER}")


@dataclass(frozen=True, slots=True)
class Written:
    """A question without the options in its text, and these options. `headed` is whether "Options:" precedes them.

    `after` is the text that follows the last option and is no part of it, and `cue` an "Answer:" at the end of all. `doubt` is text
    that may be a part of the last option or may follow it; empty where there is none.
    """

    text: str
    options: tuple[str, ...]
    headed: bool
    after: str = ""
    cue: str = ""
    doubt: str = ""

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the options, from A."""
        return tuple(LETTERS[: len(self.options)])


@dataclass(frozen=True, slots=True)
class _Listed:
    """Options, the place of the first in its text, the text after the last, and what may belong to the last or not."""

    options: tuple[str, ...]
    start: int
    after: str
    doubt: str


def find(text: str) -> Written | None:
    """The options in `text`, each on a line of its own or all on one line; None where there are none.

    They follow "Options:" or "Choices:" and are lettered from A or begin with a dash. Lettered ones count without that heading as
    well, on one line only behind the end of a sentence.
    """
    body = text.rstrip()
    last = _CUE.search(body[-60:])
    cue = last[1] if last else ""
    body = body[: len(body) - len(last[0])].rstrip() if last else body
    headers = list(_HEADER.finditer(body))
    if headers:
        rest = body[headers[-1].end() :]
        listed = _lines(rest, longer=True) or _inline(rest, headed=True)
        before = body[: headers[-1].start()]
    else:
        lines = body.split("\n")
        first = next((i for i in range(len(lines) - 1, -1, -1) if _letter(lines[i]) == "A"), None)
        listed = None if first is None else _lines("\n".join(lines[first:]), longer=False)
        before = "\n".join(lines[:first])
        if listed is None and (listed := _inline(body, headed=False)):
            before = body[: listed.start]
    if listed is None:
        return None
    return Written(before.rstrip(), listed.options, bool(headers), listed.after, cue, listed.doubt)


def check(where: str, found: Written) -> None:
    """Refuse options in a question's text if no question stands before them, or if it cannot be told where the last one ends."""
    cure = "or give the options a column of their own (choices), or leave them in the text with -T map=choices=."
    listed = f"the options ({', '.join(map(repr, found.options[:3]))}{', ...' if len(found.options) > 3 else ''})"
    if not found.text and not found.after:
        raise DataError(f"{where}: the question's text has {listed} and no question: write the question before them, {cure}")
    if not found.text or found.after.rstrip("\"')]").endswith("?"):
        raise DataError(
            f"{where}: {listed} stand before the question, or before a part of it ({found.after[:60]!r}): write them after it, {cure}"
        )
    if found.doubt:
        raise DataError(
            f"{where}: the text {found.doubt[:80]!r} at the last option may be a part of it or follow it: put a blank line between the option and "
            f"what follows, {cure}"
        )


def without_letters(choices: Sequence[object]) -> list[str] | None:
    """`choices` without the letters printed before them ("A) 21"); None unless each has its own letter and a text."""
    bare = []
    for letter, choice in zip(LETTERS, choices, strict=False):
        found = printed(choice)
        if found is None or found[0] != letter:
            return None
        bare.append(found[1])
    return bare


def printed(value: object) -> tuple[str, str] | None:
    """The letter and the text in "A) 21"; None if `value` is anything else."""
    found = _PRINTED.match(value.strip()) if isinstance(value, str) else None
    return (found[1].upper(), found.string[found.end() :]) if found else None


def _letter(line: str) -> str:
    """The letter of an option at the start of `line`; empty without one."""
    found = _LETTERED.match(line)
    return (found[1] or found[2]).upper() if found else ""


def _lines(body: str, *, longer: bool) -> _Listed | None:
    """The options of `body`, one line each, or more if they may be `longer`; None if it has no list of options at its start."""
    lines = body.rstrip().split("\n")
    places: list[int] = []
    options: list[str] = []
    bullets = False
    for place, line in enumerate(lines):
        found = None
        if not bullets and len(options) < len(LETTERS) and _letter(line) == LETTERS[len(options)]:
            found = _LETTERED.match(line)
        elif (bullets or not options) and (found := _BULLET.match(line)):
            bullets = True
        if found:
            places.append(place)
            options.append(line[found.end() :].strip())
        elif line.strip() and not options:
            return None
    if len(options) < 2:
        return None
    loose = False
    for number, (one, other) in enumerate(pairwise(places)):
        between = lines[one + 1 : other]
        more = list(takewhile(str.strip, between))
        if "".join(between[len(more) :]).strip() or (more and not longer) or any(_stray(line, bullets=bullets) for line in more):
            return None
        options[number] = "\n".join([options[number], *map(str.strip, more)])
        loose = loose or any(_indent(line) <= _indent(lines[one]) for line in more)
    tail = lines[places[-1] + 1 :]
    while longer and tail and tail[0].strip() and _indent(tail[0]) > _indent(lines[places[-1]]):
        options[-1] += f"\n{tail.pop(0).strip()}"
    after, doubt = _tail(tail, loose=loose, bullets=bullets)
    return _Listed(tuple(options), 0, after, doubt or _order(options[-1], _ORDER_BEHIND_A_SENTENCE))


def _inline(body: str, *, headed: bool) -> _Listed | None:
    """The options of "(A) 21 (B) 22"; None if `body` has no such line, at its start if it is `headed`, else behind a sentence."""
    for style in _INLINE if headed else _INLINE[:2]:
        found = list(style.finditer(body))
        first = next((i for i in range(len(found) - 1, -1, -1) if found[i][1].upper() == "A"), len(found))
        marks = found[first:]
        if len(marks) < 2 or "".join(one[1].upper() for one in marks) != LETTERS[: len(marks)]:
            continue
        before = body[: marks[0].start()]
        if before.strip() if headed else before.strip(" \t") and before.rstrip(" \t")[-1] not in ".?!:\n":
            continue
        last, _, tail = body[marks[-1].end() :].partition("\n")
        texts = [body[one.end() : other.start()] for one, other in pairwise(marks)]
        options = tuple(text.strip(" \t\n,;") for text in (*texts, last))
        if any("\n" in option for option in options):
            continue
        after, doubt = _tail(tail.split("\n"), loose=False, bullets=False)
        single = not all(_SENTENCE_INSIDE.search(option) for option in options[:-1])
        inside = _order(options[-1], _ORDER_INSIDE) or (_order(options[-1], _SENTENCE_INSIDE) if single else "")
        return _Listed(options, marks[0].start(), after, doubt or inside)
    return None


def _tail(lines: Sequence[str], *, loose: bool, bullets: bool) -> tuple[str, str]:
    """The text in the `lines` after the last option, and the part of it that may belong to that option.

    A blank line ends an option. A sentence on a line of its own does so too, unless the options are `loose`: one of the others goes on
    over such lines.
    """
    text = "\n".join(lines).strip()
    direct = "\n".join(takewhile(str.strip, lines)).strip()
    apart = not direct or (not loose and not direct[0].islower() and direct.rstrip("\"')]").endswith((".", "?", "!", ":")))
    stray = next((line.strip() for line in lines if _stray(line, bullets=bullets)), "")
    return text, stray or ("" if apart else direct)


def _stray(line: str, *, bullets: bool) -> bool:
    """Whether `line` looks like one more option."""
    return bool(_BULLET.match(line) if bullets else _letter(line))


def _order(option: str, rule: re.Pattern[str]) -> str:
    """`option` if it seems to hold more than an option by `rule`, else empty."""
    return option if rule.search(option) else ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
