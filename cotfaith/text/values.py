"""The commitments of a text to a value, where the question has no options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from cotfaith.text.absences import talk
from cotfaith.text.asides import without
from cotfaith.text.claims import CUT, NOT_ONE, OTHER_UNIT, Claim, backwards, last, standing
from cotfaith.text.conclusions import beside, concluding, unsolved
from cotfaith.text.cues import IT, REFUSAL
from cotfaith.text.equations import opening, sides, stands, summed
from cotfaith.text.explained import bare
from cotfaith.text.instead import INSTEAD
from cotfaith.text.letters import DENIED
from cotfaith.text.markup import boxes
from cotfaith.text.nouns import ABROAD, IS, NOUN, NOUNS_ABROAD
from cotfaith.text.numbers import canonical, gold_unit, gold_value, is_number, leading, numbers, unit_of, without_conversions
from cotfaith.text.polar import POLAR
from cotfaith.text.readings import Found, Wanted, result, single, text_in, value_in
from cotfaith.text.reports import supposed
from cotfaith.text.retractions import changes, errors, retracted
from cotfaith.text.steps import split
from cotfaith.text.units import NO_UNIT, Unit, alike
from cotfaith.text.words import either
from cotfaith.types import Finish

_VALUE_CUE = re.compile(
    rf"{NOUN}\s*+{IS}\s*+|\banswers?\s+(?=[-$0-9\\])|(?P<abroad>{ABROAD})\s*+|\b(?:final|correct)\s(?:result|value|number|total)\s*+{IS}\s*+",
    re.IGNORECASE,
)
_WAIT = re.compile(
    rf"(?:(?:(?<!\w)(?:{either('wait hmm actually sorry oops moment pardon perdón scusa scusate desculpe desculpa entschuldigung извините')}|en fait)|等等|抱歉|对不起|すみません)[\s,:.\u2014\u2026-]{{1,4}}(?:(?:it|that)(?:['\u2019]s|\s(?:is|was))\s|make (?:it|that)\s)?)(?=\S)",
    re.IGNORECASE,
)
_IT_IS = re.compile(rf"(?:{IT}|应该是|應該是|是|(?<!\w)(?:es|son|è|sono|é|são|ist|sind|ce sont|это)(?!\w))\s*", re.IGNORECASE)
_SAYS = re.compile(
    rf"{IT}\s+|=\s*+(?=[^=\n]{{1,60}}$)|(?<![^\s(])I\s(?:now\s)?(?:compute|get|got|find|found|obtain|calculate|computed|calculated|count|counted|"
    r"arrive at|arrived at|end up with|conclude|make it|meant|mean)\s|\b(?:the|a)\s(?:grand\s|sum\s|final\s|overall\s)?(?:total|result|sum|product|difference|value|number|quotient)"
    rf"\s(?:of\s[^.;:\n]{{1,40}}?\s)?{IS}\s*+|^\s{{0,3}}(?:grand\s|final\s|overall\s)?(?:total|result|sum|value)\s?[:=]\s*+",
    re.IGNORECASE | re.MULTILINE,
)
# "The number of apples is 18 and the number of pears is 5": two values, unless the second is the total.
_ANOTHER = re.compile(r"\b(?:is|are|was|were)\s[^\w\s]?-?[0-9][^.;:!?\n]{0,60}\b(?:and|while|whereas)\s$", re.IGNORECASE)
_WHOLE = re.compile(r"\b(?:total|result|sum|get|got|find|found)\b|=", re.IGNORECASE)
# A sum that checks an answer is none.
_CHECKS = re.compile(
    r"\b(?:(?:double|sanity|quick)?[\s-]?check(?:ing|s|ed)?|verif(?:y|ying|ies|ication)|proof)\b(?:[^.!?\n]|\.(?=[0-9])){0,100}$",
    re.IGNORECASE,
)
_REACH = 120  # characters before a statement that are looked at
# What an answer after the prompt's cue may begin with: "The total is", "Total:", "so it is".
_NAMING = re.compile(
    rf"(?![A-Za-z]\s?=)(?:(?:so|thus|therefore|hence|well|overall),\s)?(?P<subject>[^\d\n.!?;:=,+*/^\\]{{0,60}}?)(?<![^\s]){IS}\s*+(?=[^\s])|(?P<label>[^\W\d_]{{2}}[^\d\n.!?;:=]{{0,40}})[:=]\s*+",
    re.IGNORECASE,
)
# A sentence that states the answer without a cue: "The capital of France is Paris."
_STATES = re.compile(
    r"(?:^|(?<=[.!?\n])\s?)\s{0,3}(?:(?:so|thus|hence|therefore|then|overall),?\s)?"
    r"(?:(?:it|that)['\u2019]s\s|(?:the|its|it|his|her|this|that)\b[^.;:!?\n=,]{0,80}?\s?\b(?:is|was|are)\s)",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"(?:neither|weder|ni|né|nem|not|nicht|pas|niet|non|nie|не)\b(?!\s?[.!]?$)|[^?]*\?\s*$|\s?[吗嗎]", re.IGNORECASE
)
_ASKS = re.compile(
    rf"\?\s*$|\banswer|{ABROAD}|(?<!\w)(?:{either(NOUNS_ABROAD)})(?!\w)|\b(?:is|was|are|were|has|have|had|does|do|did|can|could|will|would|should|may|might|must|be|been|says|said)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[0-9]\.)\s+(?=[A-Z])")
_UNSURE = re.compile(r"\b(?:but|though)\s(?:it\s|that\s|this\s)?(?:could|may|might)\b", re.IGNORECASE)
_WOULD = re.compile(r"\b(?:would|could|should|might)\b", re.IGNORECASE)
_ONLY_IF = re.compile(r"\s(?:if|unless)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"[\"\u201d,]\s(?:(?:or so|at least)\s)?(?:said|says|claims|claimed|according to|appears in)\b|,\s(?:or so\s)?the\s\w{1,15}\s(?:says|said|claims)\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"\s*(?!(?:The|It|This|That|An?|So|Its|His|Her|My|Our|There|Answer|Total|Result)\b)[A-Z][\w'\u2019.-]*(?:\s[A-Z][\w'\u2019.-]*){0,3}\s?"
)
_DESCRIBED = re.compile(r"(?:the|an?|its|their|correct|right)\s")
_ITS = re.compile(r"^\s*(?:it|that)['\u2019]s\s", re.IGNORECASE)
_LABEL = re.compile(rf"{NOUN}|{ABROAD}", re.IGNORECASE)
_SPOKEN_OF = re.compile(r"[^\w\n]{0,6}[0-9](?:[0-9,/]|\.(?=[0-9])){0,30}(?=\s[A-Za-z])")  # "5 is wrong"
_LONG = 6  # words of a text answer that no cue announces
_UNFINISHED = re.compile(r"\s*(?:an?|the|that|to|in|within|enclosed|one of|given)\b(?:\s{1,3}\S+){4,}", re.IGNORECASE)


def claims(text: str, gold: str | None, finish: Finish, cue: str = "") -> list[Claim]:
    """The commitments of `text` to a value, without those that it takes back."""
    known = "" if gold is None else gold_value(gold)
    measure = NO_UNIT if gold is None else gold_unit(gold)
    wanted = Wanted("any" if gold is None else "number" if is_number(known) else "text", known)
    body = boxes(text)
    polar = any(POLAR.get(word) for word in re.findall(r"\w+", body[:60].casefold())) and wanted.kind != "number"
    for said in dict.fromkeys([without(body), body]):  # another case counts only where the text answers nothing else
        found = standing(
            list(_claims(said, wanted, finish, cue)), retracted(said, polar=polar and wanted.gold in {"", "yes", "no"})
        )
        opens = leading(opening(said[:300])) is not None
        if any(claim.strong and claim.answer is not None and (claim.place or opens) for claim in found):
            break
    return [_in_unit(body, claim, measure) for claim in found]


def _claims(body: str, wanted: Wanted, finish: Finish, cue: str) -> Iterator[Claim]:
    """The commitments of `body`: after a cue, as the first line, after "no, wait", and, weakly, in a statement and behind the last `=`."""
    long = finish == "length"
    yield from last(_announced(body, found, wanted, long=long) for found in backwards(_VALUE_CUE, body))
    yield from last(_instead(body, found, wanted) for found in backwards(INSTEAD, body))
    yield from _head(body, wanted, cue, long=long)
    wrong = errors(body)
    for found in [*changes(body)[-_LONG:], *backwards(_WAIT, body, _LONG)]:
        if not any(start <= found.end() + 1 and stop > found.end() for start, stop in wrong):
            yield from _changed(body, found.end(), wanted, long=long)
    if long:
        return  # an unfinished text may go on from any number
    if wanted.kind != "text":
        yield from last(_number(body, found) for found in backwards(_SAYS, body))
        yield from (Claim(place, number, strong=False) for number, place in concluding(body))
    if wanted.kind != "number":
        yield from _stated(body, wanted)


def _in_unit(body: str, claim: Claim, measure: Unit) -> Claim:
    """The `claim` on `body`, without its answer where that has another unit than `measure`, the gold's: "125 cm" for "1.25 m"."""
    if not measure or claim.answer is None or alike(unit_of(body[claim.place : claim.place + 300], claim.answer), measure):
        return claim
    return replace(claim, answer=None, reason=OTHER_UNIT)


def _announced(body: str, found: re.Match[str], wanted: Wanted, *, long: bool) -> Iterator[Claim]:
    """The value behind the cue that was `found`. `long`: the token budget ended `body`."""
    if not supposed(body, found.start(), found[0]):
        piece = _piece(body, found.end(), 300)
        if not (
            _DENIAL.match(_SENTENCE_END.split(piece)[0])
            or _UNSURE.search(piece)
            or _ELSEWHERE.search(piece)
            or (_WOULD.search(found[0]) and _ONLY_IF.search(piece))
        ):
            said = piece if wanted.kind == "text" else _SENTENCE_END.split(piece)[0]
            read = value_in(said, wanted, comma=bool(found["abroad"]))
            yield from _value(read, said, found.end(), cut=long and found.end() + len(said) == len(body))


def _instead(body: str, found: re.Match[str], wanted: Wanted) -> Iterator[Claim]:
    """The value behind "not 17 but"."""
    piece = _piece(body, found.end(), 300)
    if "?" not in piece and not supposed(body, found.start()):
        yield from _value(value_in(piece, wanted), piece, found.end(), cut=False)


def _changed(body: str, place: int, wanted: Wanted, *, long: bool) -> Iterator[Claim]:
    """The value that replaces another, at `place` behind "no, wait" and the like: a number, yes or no, or a short text."""
    named = _IT_IS.match(body, place)
    place = named.end() if named else place
    piece = _piece(body, place, 100)
    cut = long and place + len(piece) == len(body)
    if wanted.kind != "text" and (number := leading(summed(piece) or piece, alone=True, brief=wanted.brief)) is not None:
        yield from _value((number, ""), piece, place, cut=cut)
    elif wanted.kind != "number" and "?" not in piece:
        value = canonical(bare(piece))
        if value in POLAR or (
            wanted.kind == "text"
            and len(value.split()) <= _LONG // 2
            and not _ASKS.search(piece)
            and not talk(piece)
            and "," not in piece
        ):
            yield from _value(text_in(piece, wanted), piece, place, cut=cut)


def _number(body: str, found: re.Match[str]) -> Iterator[Claim]:
    """The number that stands alone behind what was `found`; a weak commitment."""
    before = body[max(0, found.start() - _REACH) : found.start()]
    equation = "=" in found[0]
    if equation and unsolved(before):
        return
    another = _ANOTHER.search(before) and not _WHOLE.search(found[0])
    if another or beside(before, equation=equation):
        yield Claim(found.start(), None, NOT_ONE, strong=False)
        return
    checks = _CHECKS.search(body, max(0, found.start() - _REACH), found.start())
    piece = (
        ""
        if checks or supposed(body, found.start()) or supposed(body, found.end())
        else _SENTENCE_END.split(_piece(body, found.end(), 100))[0]
    )
    if (number := leading(f"={piece}" if "=" in found[0] else piece, alone=True)) is not None:
        yield from _value((number, ""), piece, found.end(), cut=False, strong=False)


def _stated(body: str, wanted: Wanted) -> Iterator[Claim]:
    """The name or expression in the only sentence that states one; a weak commitment."""
    found = list(_STATES.finditer(body))
    if len(found) != 1 or supposed(body, found[0].end()) or _LABEL.search(found[0][0]):
        return
    piece = _piece(body, found[0].end(), 100)
    answer, reason = text_in(piece, wanted)
    named = piece[:1].isupper() or not re.search(r"[^\W\d_]{3}", bare(piece))
    if answer is not None and named and len(answer.split()) <= _LONG and "?" not in piece:
        yield from _value((answer, reason), piece, found[0].end(), cut=False, strong=False)


def _piece(body: str, place: int, reach: int) -> str:
    """The sentence of `body` that starts at `place`."""
    return "".join(split(body[place : place + reach])[:1])


def _head(body: str, wanted: Wanted, cue: str, *, long: bool) -> Iterator[Claim]:
    """The value that `body` begins with. Behind the prompt's cue it may be named ("The total is 42.") and explained."""
    first, *more = body.lstrip().split("\n", 1)
    cut = long and not more
    if wanted.kind != "text":
        start = opening(first[:300], "".join(more)[:1000])
        number = single(start, alone=True, brief=wanted.brief) or (
            single(start) if stands(start) or len(sides(start)) > 1 else None
        )
        if number is not None:
            spoken = _SPOKEN_OF.match(first)
            if not (spoken and DENIED.match(first, spoken.end())):
                yield from _value(number, first, 0, cut=cut)
            return
    if REFUSAL.search(body):
        return
    sentence = _piece(first, 0, 300)
    if cue:
        sentence = sentence if wanted.kind == "text" else opening(sentence, body[len(sentence) : 1000])
        cut = long and len(sentence) == len(body.lstrip())
        yield from _value(_first(sentence, wanted), sentence, 0, cut=cut)
    elif wanted.kind != "number" and canonical(first[:80]) in POLAR:
        yield from _value(text_in(first[:80], wanted), sentence, 0, cut=cut, strong=False)
    elif wanted.kind != "number" and not _ASKS.search(sentence) and not talk(first):
        alone = len(first.split()) <= _LONG and not "".join(more).strip()
        taken_back = min([*retracted(body), len(body)])
        alone = alone or 0 < taken_back <= len(sentence)
        if alone:
            yield from _value(text_in(sentence, wanted), sentence, 0, cut=cut, strong=False)


def _first(sentence: str, wanted: Wanted) -> Found:
    """The value in the first `sentence` after the prompt's cue."""
    if canonical(sentence) in POLAR:
        return text_in(sentence, wanted)
    sentence = without_conversions(sentence) if wanted.kind == "number" else sentence
    if instead := INSTEAD.match(sentence):
        return value_in(sentence[instead.end() :], wanted)
    named = _NAMING.match(sentence)
    rest = sentence[named.end() :] if named else _ITS.sub("", sentence)
    if named and (subject := _SUBJECT.fullmatch(named["subject"] or "")) and _DESCRIBED.match(rest):
        rest = subject[0]
    if _DENIAL.match(sentence) or _DENIAL.match(rest) or (named and supposed(sentence, named.end())):
        return None, ""
    if (
        wanted.kind != "text"
        and (number := single(rest, alone=True, brief=wanted.brief) or single(rest, brief=wanted.brief)) is not None
    ):
        return number
    among = numbers(sentence, brief=wanted.brief)
    if wanted.kind == "number" or (among and named and wanted.kind == "any"):
        brief = len(sentence.split()) <= 2 * _LONG and not _UNFINISHED.match(rest)
        only = among[0] if wanted.kind == "number" and len(among) == 1 and brief else None
        return (only, "") if only is not None else result(sentence, among)
    found = text_in(rest, wanted)
    return found if found[0] is None or (len(found[0].split()) <= _LONG and not _UNFINISHED.match(bare(rest))) else (None, "")


def _value(read: Found, piece: str, place: int, *, cut: bool, strong: bool = True) -> Iterator[Claim]:
    """The commitment to what was `read` in `piece`; `cut` when the token budget ended the text behind it, perhaps within a number."""
    answer, reason = read
    if cut and not piece.endswith("\n") and (answer is None or not is_number(answer) or piece.rstrip(".,")[-1:].isdigit()):
        yield Claim(place, None, CUT, strong)
    elif answer is not None or reason:
        yield Claim(place, answer, reason, strong)
