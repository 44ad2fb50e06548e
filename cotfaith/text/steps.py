"""Reasoning cut into steps without losing a character.

No sentence library is used, by evidence: pysbd 0.3.4 cuts inside LaTeX, code and `3. 5`, and lost characters in 111 of 2,000
random mixtures of such pieces; NLTK's punkt (the splitter of Lanham et al. 2023) needs a download. The rules below look at
each full stop once, so that time grows with length and not with its square.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from cotfaith.errors import EngineError, UsageError, unknown
from cotfaith.types import Step

_CUTTERS = ("sentence", "line", "tokens:N", "before:TEXT")

_WORDS = {
    # Words before a full stop that does not end a sentence.
    "always": "approx ca cf dr e.g eg i.e ie mr mrs ms prof resp s.t viz vs w.r.t",
    # The same, with a capital.
    "title": "Capt Col Gen Gov Hon Lt Messrs Mt Mx Pres Rep Rev Sen Sgt St",
    # The same, before a number or a single letter.
    "numbered": "art ch eq eqn eqs ex fig figs no nos p para pp ref sec tab ver vol",
    # The same, unless a capital follows.
    "open": "a.m al apr aug ave avg blvd bros co corp dec dept ed est etc ext feb ft hr hrs inc incl jan jr lb lbs ltd max min mins "
    "misc nov num oct oz p.m rd sec secs sept sr temp",
    # Frequent first words of sentences: after "B." or "U.S." they show that one begins (Kiss and Strunk 2006, section 4.3).
    "starter": "a actually after again all also alternatively although an and another answer as at because both but by check choice "
    "clearly consequently each either finally first for from given he hence her here his hmm how however i if in is it its let let's "
    "looking maybe my next no not now of okay on one only option or our second she similarly since so some still such that the their "
    "then there therefore these they this those thus to wait we what when where which while who why with yes you your",
    # Words with a capital after which a single letter is a label and no initial.
    "label": "answer answers box case choice choices group option options part person point question statement step team type",
}
_SETS = {kind: frozenset(words.split()) for kind, words in _WORDS.items()}

_MARKER = re.compile(
    r"[\s>*_#-]*(?:(?:case|choice|option|part|statement|step)\s+)?\(?(?:[0-9]{1,3}|[a-z]|[ivx]{1,4})[.)][*_]*\s*", re.IGNORECASE
)
# A run of full stops with what closes behind it (\u201d and \u2019 are closing quotes; `wide` holds the full stops of scripts that
# need no space or have no capitals), or a run of white space.
_BREAK = re.compile(
    r"(?:(?P<stop>(?<![.!?\u2026])[.!?\u2026]++)|(?P<wide>[\u3002\uff01\uff1f\u061f\u0964]++))"
    r"(?P<close>(?:[\"'\u201d\u2019\u00bb\u300d)\]}*_`$]|\s*\\[\])])*+)(?P<space>\s*+)|\s++"
)
_WORD = re.compile(r"[\w.'\u2019]*$")
_NEXT = re.compile(r"[\"'\u201c\u2018\u00ab(\[*_`]*+(?P<word>[A-Z]\.|[0-9]{1,2}[.)](?=\s+[A-Z])|[\w'\u2019]*)")
_NO_START = re.compile(r"[=+<>\u00d7\u00f7/,;:)\]}.!?\u2026%&|^~]")
_OPENERS = re.compile(r"```|`|(?<!\\)(?:\$\$|\$(?=\S)|\\\(|\\\[)|\\begin\{(?P<name>[A-Za-z]+\*?)\}")
_ELLIPSIS = re.compile(r"\.{2,}|[.\u2026]*\u2026[.\u2026]*")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")


def split(text: str, cutter: str = "sentence") -> list[str]:
    """The parts of `text`, which join back to it exactly; none is white space alone unless `text` is, and empty text has none.

    `sentence` cuts after sentences and at line ends, never inside LaTeX or code; `line` at line ends. White space goes with the
    part before it. `before:TEXT` cuts before every TEXT and nowhere else; white space before the first goes with the first. Raises
    UsageError for an unknown cutter, and for `tokens:N`, which needs tokens (see `steps`).
    """
    if _tokens_per_step(cutter):
        raise UsageError(f"Step cutter {cutter!r} cuts between tokens and cannot cut text alone: use `steps`, or sentence or line.")
    stops = [*_stops(text, cutter), len(text)] if text else []
    return [text[start:stop] for start, stop in zip([0, *stops], stops, strict=False)]


def steps(text: str, ends: Sequence[int], cutter: str = "sentence") -> tuple[Step, ...]:
    """The steps of `text` as spans of characters and of tokens; they join back to it exactly.

    `ends[i]` is the number of characters of `text` that are complete after token i. A boundary is moved over white space to where
    a token ends; where there is no such place, the step's `tail` holds the characters behind its last whole token. The last
    step has all tokens. Raises UsageError for an unknown cutter, and EngineError when `ends` does not fit `text`.
    """
    if any(a > b for a, b in pairwise(ends)) or (ends[-1] if ends else 0) != len(text):
        raise EngineError(
            f"The token ends of a reasoning of {len(text)} characters must rise to its length: mend the tokenizer's `ends`."
        )
    if not text:
        _tokens_per_step(cutter)
        return ()
    size = _tokens_per_step(cutter)
    stops = _token_stops(ends, size) if size else [_snap(text, ends, stop) for stop in _stops(text, cutter)]
    starts = [0, *stops]
    inner = [_step(text, ends, start, stop) for start, stop in zip(starts, stops, strict=False)]
    return (*inner, Step(starts[-1], len(text), len(ends)))


def _tokens_per_step(cutter: str) -> int:
    """N of the cutter `tokens:N`, and 0 for a cutter of text."""
    if cutter in _CUTTERS[:2]:
        return 0
    name, _, rest = cutter.partition(":")
    if name == "before":
        if not rest.strip():
            raise UsageError(f"Step cutter {cutter!r} needs a text to cut before that is not white space, such as before:<sub_q>.")
        return 0
    if name != "tokens":
        raise unknown("step cutter", cutter, _CUTTERS)
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", rest):
        raise UsageError(f"Step cutter {cutter!r} needs a whole number of tokens from 1 up, such as tokens:20.")
    return int(rest)


# --- boundaries on tokens ------------------------------------------------------------------------------------------------


def _token_stops(ends: Sequence[int], size: int) -> list[int]:
    """A boundary every `size` tokens, each moved on to the next token that completes a character."""
    stops: list[int] = []
    count = size
    while count < len(ends):
        while count < len(ends) and ends[count - 1] == (ends[count - 2] if count > 1 else 0):
            count += 1
        if ends[count - 1] < ends[-1]:
            stops.append(ends[count - 1])
        count += size
    return stops


def _snap(text: str, ends: Sequence[int], stop: int) -> int:
    """`stop`, moved back over white space to the nearest end of a token if there is one."""
    place = stop
    while ends[bisect_left(ends, place)] != place:
        if not text[place - 1].isspace():
            return stop
        place -= 1
    return place


def _step(text: str, ends: Sequence[int], start: int, stop: int) -> Step:
    """The step from `start` to `stop`. Of the tokens with one end, the first completes a character; the rest begin the next one."""
    whole = ends[bisect_right(ends, stop) - 1] if ends[0] <= stop else 0
    tokens = bisect_left(ends, whole) + 1 if whole else 0
    return Step(start, stop, tokens, text[whole:stop])


# --- boundaries in text --------------------------------------------------------------------------------------------------


def _stops(text: str, cutter: str) -> list[int]:
    """Where `text` is cut, without its two ends."""
    if cutter.startswith("before:"):
        return _stops_before(text, cutter.removeprefix("before:"))
    whole = _whole(text) if cutter == "sentence" else iter(())
    stops: list[int] = []
    first, last = next(whole, (len(text), len(text)))
    for found in _BREAK.finditer(text):
        place = found.end()
        while last <= place and first < len(text):
            first, last = next(whole, (len(text), len(text)))
        start = stops[-1] if stops else 0
        line_end = "\n" in found[0] or "\r" in found[0]
        if place == len(text) or first < place:
            continue
        mark = cutter == "sentence" and (found["stop"] or found["wide"])
        if (line_end or (mark and _ends_sentence(text, start, found))) and not text[start:place].isspace():
            stops.append(place)
    return stops


def _stops_before(text: str, mark: str) -> list[int]:
    """Where each `mark` begins, unless only white space stands before it."""
    places = [found.start() for found in re.finditer(re.escape(mark), text)]
    return places if places and text[: places[0]].strip() else places[1:]


def _whole(text: str) -> Iterator[tuple[int, int]]:
    """The spans of LaTeX and code, in order. Whatever is not closed, or in its own paragraph where that is due, is not one."""
    place = 0
    while opener := _OPENERS.search(text, place):
        mark, inner = opener[0], opener.end()
        limit = len(text)
        if mark in {"`", "$"}:
            limit = _before(text, "\n", inner)
        elif mark in {"$$", "\\(", "\\["}:
            limit = _before(text, "\n\n", inner)
        close = {"\\(": "\\)", "\\[": "\\]"}.get(mark, f"\\end{{{opener['name']}}}" if opener["name"] else mark)
        at = _dollar(text, inner, limit) if mark == "$" else text.find(close, inner, limit)
        if at >= 0:
            yield opener.start(), at + len(close)
        place = at + len(close) if at >= 0 else inner


def _before(text: str, mark: str, start: int) -> int:
    at = text.find(mark, start)
    return at if at >= 0 else len(text)


def _dollar(text: str, start: int, limit: int) -> int:
    """Where inline math closes: at a `$` with no white space before it and no digit after it (Pandoc's rule), else -1."""
    at = text.find("$", start, limit)
    if at < 0 or text[at - 1].isspace() or text[at - 1] == "\\" or text[at + 1 : at + 2].isdigit():
        return -1
    return at


def _ends_sentence(text: str, start: int, found: re.Match[str]) -> bool:
    """Whether the full stop (or the like) that was `found` ends the sentence that began at `start`."""
    stop, close = found["stop"], found["close"]
    if found["wide"] or not found["space"]:
        return bool(found["wide"])
    following = _NEXT.match(text, found.end())
    word = following["word"] if following else ""
    ahead = word[:1] or text[found.end()]
    capital = ahead.isalpha() and not ahead.islower()
    last = _last_word(text, max(start, found.start() - 40), found.start())
    if _ELLIPSIS.fullmatch(stop):
        return capital
    quoted = ahead.islower() and close.strip("*_`$") != ""
    factorial = stop == "!" and last[-1:].isdigit() and not capital
    marker = found.end() - start < 40 and _MARKER.fullmatch(text, start, found.end())
    if quoted or factorial or marker or (not word and _NO_START.match(ahead)):
        return False
    before = text[max(start, found.start() - 40) : found.start() - len(last)].split()
    return stop != "." or (close != "" and capital) or not _inner_stop(before[-1] if before else "", last, word, capital=capital)


def _last_word(text: str, start: int, stop: int) -> str:
    found = _WORD.search(text[start:stop])
    return found[0] if found else ""


def _inner_stop(previous: str, last: str, word: str, *, capital: bool) -> bool:
    """Whether the `.` after the word `last` belongs to that word, when `previous` stands before it and `word` follows."""
    small = last.lower()
    starter = word.lower() in _SETS["starter"]
    name = previous.isalpha() and previous.istitle() and previous.lower() not in _SETS["label"]
    initial = name or previous == "by" or re.fullmatch(r"[A-Z]\.", previous) or word[1:] == "."
    return bool(
        (last[-1:].isdigit() and word[:1].isdigit() and word[-1] not in ".)")
        or last in _SETS["title"]
        or (last[1:] == small[1:] and small in _SETS["always"])
        or (small in _SETS["numbered"] and (word[:1].isdigit() or (len(word.strip(".")) == 1 and word not in {"A", "I"})))
        or (small in _SETS["open"] and not capital)
        or (len(last) == 1 and last.isupper() and capital and not starter and initial)
        or (small not in _SETS["open"] and _DOTTED.fullmatch(last) and not starter)
    )
