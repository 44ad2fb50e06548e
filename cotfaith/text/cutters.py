"""The step cutters: where a text is cut into steps. Each is a function of `cotfaith.contracts.cutter`, registered by its name.

No sentence library is used, by evidence: pysbd 0.3.4 cuts inside LaTeX, code and `3. 5`, and lost characters in 111 of 2,000
random mixtures of such pieces; NLTK's punkt (the splitter of Lanham et al. 2023) needs a download. The rules below look at
each full stop once, so that time grows with length and not with its square.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from cotfaith.errors import UsageError, unknown
from cotfaith.text.sentence_marks import DOTS, LATIN, OTHER

FORMS = ("sentence", "line", "tokens:N", "before:TEXT")  # how the built-in ones are written

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
# A run of full stops with what closes behind it (\u201d and \u2019 are closing quotes; `wide` begins with the full stop of a script
# that needs no space or has no capitals), or a run of white space.
_BREAK = re.compile(
    rf"(?:(?P<stop>(?<![{LATIN}\u2026])[{LATIN}\u2026]++)|(?P<wide>[{OTHER}][{OTHER}{LATIN}\u2026]*+))"
    r"(?P<close>(?:[\"'\u201d\u2019\u00bb\u300d)\]}*_`$]|\s*\\[\])])*+)(?P<space>\s*+)|\s++"
)
_WORD = re.compile(r"[\w.'\u2019]*$")
_NEXT = re.compile(r"[\"'\u201c\u2018\u00ab(\[*_`]*+(?P<word>[A-Z]\.|[0-9]{1,2}[.)](?=\s+[A-Z])|[\w'\u2019]*)")
_NO_START = re.compile(r"[=+<>\u00d7\u00f7/,;:)\]}.!?\u2026%&|^~]")
# A single dollar opens no formula before white space or closing punctuation, nor after a number unless a formula can follow ("5$.").
_OPENERS = re.compile(
    r"```|`|(?<!\\)(?:\$\$|\$(?![\s,;:!?)}]|\.(?!\d))(?!(?<=\d\$)[]\"'\u201d\u2019*_/\u2013\u2014-])|\\\(|\\\[)|"
    r"\\begin\{(?P<name>[A-Za-z]+\*?)\}"
)
_END = re.compile(r"\\end\{(?P<name>[A-Za-z]+\*?)\}")
_PROSE = re.compile(r"[.!?]\s+[A-Z][a-z]+\s")  # a sentence end between two dollars: they are prices
_ELLIPSIS = re.compile(r"\.{2,}|[.\u2026]*\u2026[.\u2026]*")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")


def sentence(text: str, ends: Sequence[int] | None, argument: str) -> list[int]:  # noqa: ARG001  as all cutters
    """After sentences and at line ends, never inside LaTeX or code."""
    _no_argument("sentence", argument)
    return _stops(text, _whole(text), sentences=True)


def line(text: str, ends: Sequence[int] | None, argument: str) -> list[int]:  # noqa: ARG001  as all cutters
    """At line ends."""
    _no_argument("line", argument)
    return _stops(text, iter(()), sentences=False)


def before(text: str, ends: Sequence[int] | None, argument: str) -> list[int]:  # noqa: ARG001  as all cutters
    """Before each `argument`, unless only white space stands before it.

    Raises:
        UsageError: the argument is empty or white space.
    """
    if not argument.strip():
        written = f"before:{argument}" if argument else "before"
        raise UsageError(f"Step cutter {written!r} needs a text to cut before that is not white space, such as before:<sub_q>.")
    places = [found.start() for found in re.finditer(re.escape(argument), text)]
    return places if places and text[: places[0]].strip() else places[1:]


def tokens(text: str, ends: Sequence[int] | None, argument: str) -> list[int]:  # noqa: ARG001  as all cutters
    """Every `argument` tokens. Each boundary moves forward to the next token that completes a character.

    Raises:
        UsageError: the argument is not a whole number of at least 1, or there are no tokens.
    """
    written = f"tokens:{argument}" if argument else "tokens"
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", argument):
        raise UsageError(f"Step cutter {written!r} needs a whole number of tokens of at least 1, such as tokens:20.")
    if ends is None:
        raise UsageError(
            f"Step cutter {written!r} cuts between tokens and cannot cut text alone: use `steps`, or sentence or line."
        )
    return _token_stops(ends, int(argument))


def _no_argument(name: str, argument: str) -> None:
    if argument:
        raise unknown("step cutter", f"{name}:{argument}", FORMS)


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


def _stops(text: str, whole: Iterator[tuple[int, int]], *, sentences: bool) -> list[int]:
    """Where `text` is cut at line ends, and after sentences; nowhere within the spans `whole`."""
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
        mark = sentences and (found["stop"] or found["wide"])
        if (line_end or (mark and _ends_sentence(text, start, found))) and not text[start:place].isspace():
            stops.append(place)
    return stops


def _whole(text: str) -> Iterator[tuple[int, int]]:
    """The spans of LaTeX and code, in order. What is not closed, or in its own paragraph where that is due, is not one."""
    place, ahead = 0, _Ahead(text)
    while opener := _OPENERS.search(text, place):
        mark, inner = opener[0], opener.end()
        limit = len(text)
        if mark in {"`", "$"}:
            limit = ahead.find("\n", inner)
        elif mark in {"$$", "\\(", "\\["}:
            limit = ahead.find("\n\n", inner)
        close = {"\\(": "\\)", "\\[": "\\]"}.get(mark, f"\\end{{{opener['name']}}}" if opener["name"] else mark)
        at = ahead.end(opener["name"], inner) if opener["name"] else ahead.find(close, inner)
        closed = at + len(close) <= limit and (mark != "$" or _is_formula(text, inner, at))
        if closed:
            yield opener.start(), at + len(close)
        place = at + len(close) if closed else inner


class _Ahead:
    """The next place of a mark. Places must be asked for in rising order; then the text is searched once for each kind of mark."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[str, int] = {}
        self._ends: dict[str, list[int]] | None = None

    def find(self, mark: str, start: int) -> int:
        """The first place of `mark` from `start` on, or the length of the text if there is none."""
        known = self._next.get(mark, -1)
        if known < start:
            at = self._text.find(mark, start)
            known = self._next[mark] = at if at >= 0 else len(self._text)
        return known

    def end(self, name: str, start: int) -> int:
        r"""The first place of `\end{name}` from `start` on, or the length of the text if there is none."""
        if self._ends is None:
            self._ends = {}
            for found in _END.finditer(self._text):
                self._ends.setdefault(found["name"], []).append(found.start())
        places = self._ends.get(name, [])
        index = bisect_left(places, start)
        return places[index] if index < len(places) else len(self._text)


def _is_formula(text: str, start: int, at: int) -> bool:
    """Whether the `$` at `at` closes inline math: no white space before it and no digit after it (Pandoc's rule), and no prose inside."""
    if text[at - 1].isspace() or text[at - 1] == "\\" or text[at + 1 : at + 2].isdigit():
        return False
    return _PROSE.search(text, start, at) is None


def _ends_sentence(text: str, start: int, found: re.Match[str]) -> bool:
    """Whether the full stop (or the like) that was `found` ends the sentence that began at `start`."""
    stop, close = found["stop"], found["close"]
    if found["wide"]:
        return not (found["wide"] in DOTS and _is_numbering(text, start, found))
    if not found["space"]:
        return False
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


def _is_numbering(text: str, start: int, found: re.Match[str]) -> bool:
    """Whether the dot that was `found` stands within a number, or after the number of a list."""
    place = found.start()
    decimal = text[place - 1 : place].isdigit() and text[place + 1 : place + 2].isdigit()
    return decimal or (place - start < 40 and text[start:place].strip().isdigit())


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
