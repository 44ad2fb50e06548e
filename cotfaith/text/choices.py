"""The commitments of a text to one of the options of its question: by letter, by the option's text, and at the ends of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cotfaith.text.asides import lesser, ranked, without
from cotfaith.text.claims import OUTSIDE, SEVERAL, Claim, backwards, last, standing
from cotfaith.text.commitments import CHANGE, COMMITMENTS, CONTRAST, ELIMINATION, LEAVES, SO_IT_IS, SURE
from cotfaith.text.cues import IT, VERB
from cotfaith.text.instead import INSTEAD
from cotfaith.text.letters import BESIDE, DENIED, FILL, FOLLOW, GROUP, LETTER, ONE, UNTHOUGHT, WRAPPED
from cotfaith.text.markup import plain
from cotfaith.text.nouns import ABROAD, ANSWER, NOUN
from cotfaith.text.numbers import canonical, leading
from cotfaith.text.options import Table, beside, flat, joined, options, starts
from cotfaith.text.ordinals import lettered
from cotfaith.text.reports import attributed, supposed
from cotfaith.text.retractions import CHANGES, retracted
from cotfaith.text.verdicts import verdicts
from cotfaith.text.words import either
from cotfaith.types import Question

# "Answer B has one flaw" only mentions B.
_MENTIONED = re.compile(rf"{NOUN}\s*+", re.IGNORECASE)
_ENDS = re.compile(r"\s{0,3}(?:[.!<\n]|$)|,?\s(?:because|since|as)\b")
# The word before a letter that begins a statement: "so C is right", but not "Vitamin C is right".
_BEFORE_WORD = re.compile(
    rf"(?<!\w)(?!(?:{either('option choice answer letter so thus therefore hence that and but then now think believe say clearly definitely certainly indeed since because only both also is conclude sure while as if whether or dass also somit daher que donc ist che quindi dat dus antwort réponse respuesta lettre buchstabe although though either')})\s)[^\W\d_]{{2,}}\s$",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"(?:for example|for instance|e\.g\.|such as|say),?\s*$", re.IGNORECASE)
_INLINE = re.compile(r"(?<!\w)\(?([A-Z])[:).]\s")
_NAMES = re.compile(r"(?<=[A-Z])\.\s[a-z]{3}")
_THE = re.compile(r"\b(?:the|an?)\s$", re.IGNORECASE)
_AMONG = re.compile(
    rf"(?:(?i:\b(?:not|than|nor|except|of|and|or|between)(?:\s(?:option|choice|letter))?)|n['\u2019]t|{LETTER}\s{{0,3}},?)\s{{0,3}}$"
)
_HEDGES = re.compile(rf"\s*{SURE}", re.IGNORECASE)
_HEAD = re.compile(
    rf"\s*{SURE}(?:(?:option|choice|letter)\s+)?{GROUP}(?:(?<=[)\]])|(?=\s{{0,3}}(?:[]).,:;!<\n]|$|[\u2013\u2014-]\s)))",
    re.IGNORECASE,
)
_CUED_HEAD = re.compile(rf"\s*{GROUP}(?=\s(?:because|since|as|is the|is correct|and not|not)\b)", re.IGNORECASE)
_TAIL = re.compile(rf"(?:(?:^|[,:;.!?\n>=\u2192]|[\u2013\u2014-]\s)\s{{0,3}}(?P<group>{LETTER})|(?P<wrapped>{WRAPPED}))[\s).!\]]*$")
_LABEL = re.compile(rf"{NOUN}|{ABROAD}", re.IGNORECASE)
_ITEM = re.compile(r"^ {0,8}[(\[]?[A-Za-z][)\].:]{1,3}\s", re.MULTILINE)
_BARE = re.compile(r"^[ (\[]{0,3}([A-Za-z])[ )\].!]{0,3}$", re.MULTILINE)
_LIST = re.compile(rf"{LETTER}(?:[\s,;/]{{1,4}}{LETTER}){{2,26}}[.]?")
_CUED = re.compile(rf"(?:{ANSWER}|{VERB}|{IT}){FILL}[\s:]*+", re.IGNORECASE)
_TURNS = re.compile(rf"\s?(?:{CHANGES}|(?:wait|no|sorry|correction|hmm+|actually|instead|make|on|upon)\b)", re.IGNORECASE)
_SO = re.compile(rf"{SO_IT_IS}{FILL}[\s:]*+", re.IGNORECASE)
# What may follow an option that is given by its text.
_AFTER = re.compile(
    r"['\"\u2019\u201d)\]]{0,2}\s{0,3}(?:[.,;:!\n<)\]\u2013\u2014]|-\s|$|\()|['\"\u2019\u201d]?\s(?:because|since|as|which|who|whose|and not|but not|not|rather|instead|for|"
    r"given|so|due|based|if|when|while|he|she|it|they|we|i|you|the|this|that|there|these|those|according|is (?:the )?(?:correct|right|best|answer))\b"
)
_MARKED = re.compile(r"\s?(?:[:\u2013\u2014-]\s|\n\s?)\(?([A-Z])[).]?\s*(?:$|\n)")  # "Madrid - A"
_OPEN_WORDS = {"yes", "no", "true", "false"}
# Behind yes or no: words that begin talk, so that the yes or no answers nothing.
_TALKS = re.compile(
    r"\s?[,.!\u2013\u2014-]{0,2}\s(?:(?:sure|of course|certainly|absolutely)[,.!]?\s)?(?:wait|(?:how|what)\s(?:can|is|are|would|may)|i\sunderstand\s(?:the|your)\s(?:question|task|request)|hold on|hmm+|let(?:['\u2019]s|\sme|\sus)\s(?:think|see|check|look|consider|re\w+|work|go|start|solve|help)|thanks?|problem|worries|(?:happy|glad) to|"
    r"please(?=\s{0,3}(?:[.!]|$))|i(?:['\u2019](?:d|ll|m)|\s(?:can|can['\u2019]t|cannot|could|would|will|am))(?:\s\w{1,10}){0,2}\s(?:help|assist|happy|glad|love))\b",
    re.IGNORECASE,
)
# "A: 25%, B: 25%", "A - Paris, B - Madrid": a list of options.
_ROW = re.compile(
    r"\s*\(?(?P<first>[A-Z])[)\]]?\s?[:=\u2192\u2013\u2014-]\s?[^\n,;]{1,60}[,;]\s(?:and\s|or\s)?\(?(?!(?P=first))[A-Z][)\]]?\s?[:=\u2192\u2013\u2014-]|"
    r"\s*\(?A[)\].:]\s(?:(?!\b(?:not|than|nor|and|or)\s\(?B)[^\n]){1,60}?\s\(?B[)\].:]\s"
)
_SHARE = re.compile(r"\s?[:=-]\s?[0-9]")  # "Paris: 25%"
# "B. Smith wrote": an initial.
_INITIAL = re.compile(
    r"\s*[A-Z]\.\s(?:[A-Z]\.\s[A-Z][a-z]|(?!(?:The|This|That|It|Its|There|He|She|They|We|You|I)\b)(?:[A-Z]\w+\.?\s){1,2}"
    r"(?:was|is|were|wrote|writes|said|says|argued|argues|claimed|claims|believed|thought|discovered|invented|proposed|found|published|showed|shows|described|"
    r"suggested|lived|died|born|et\sal|and\s[A-Z])\b)"
)
_SENTENCE = re.compile(
    r"(?:^|[.!?\n:]\s)\s{0,3}(?:(?:so|thus|hence|therefore|then|overall),?\s)?the(?:\s\w{1,20}){1,8}\s(?:is|was)\s", re.IGNORECASE
)


def claims(text: str, question: Question, cue: str = "") -> list[Claim]:
    """The commitments to an option in `text`, which follows the prompt's `cue`, without those that it takes back."""
    table = options(question.choices)
    body = lettered(plain(text), len(question.choices), numbered=not any(map(str.isdigit, table.letters)))
    polar = not _OPEN_WORDS.isdisjoint(table.letters)
    for said in dict.fromkeys([without(body), body]):  # another case counts only where the text answers nothing else
        found = standing(list(_claims(said, question, cue)), retracted(said, polar=polar))
        if any(claim.strong and claim.answer is not None for claim in found):
            break
    return found


def _claims(body: str, question: Question, cue: str) -> Iterator[Claim]:
    """The commitments to an option in `body`."""
    for pattern in COMMITMENTS:
        yield from last(_committed(body, found, question) for found in backwards(pattern, body))
    yield from last(_letters(body, found.span("group"), question) for found in backwards(CHANGE, body))
    contrasts = [found for found in CONTRAST.finditer(body) if not supposed(body, found.start("group"))]
    if len({found["group"].strip("()[] ")[-1:].upper() for found in contrasts}) == 1:
        yield from _letters(body, contrasts[-1].span("group"), question, strong=False)
    table = options(question.choices)
    yield from _by_text(body, table)
    listed = verdicts(body, question)
    yield from _ends(body, question, table, cue) if listed is None else listed


def _committed(body: str, found: re.Match[str], question: Question) -> Iterator[Claim]:
    """The commitment that was `found`, unless it is supposed or only mentions its letters."""
    mentioned = _MENTIONED.fullmatch(body, found.start(), found.start("group")) and not _ENDS.match(body, found.end("group"))
    if mentioned or supposed(body, found.start(), found[0]):
        return
    first = found.start() == found.start("group")
    if first and _BEFORE_WORD.search(body[max(0, found.start() - 30) : found.start()]):
        return
    if first and BESIDE.search(body[max(0, found.start() - 30) : found.start()]):
        yield Claim(found.start(), None, SEVERAL)
    else:
        yield from _letters(body, found.span("group"), question)


def _ends(body: str, question: Question, table: Table, cue: str) -> Iterator[Claim]:
    """The letter at the start of the text, and the one at its end, which is weak."""
    items = len(_ITEM.findall(body.split("\n\n", 1)[0])) > 1 or _listed(body, table) or bool(_ROW.match(body))
    bare = {one[1].upper() for one in _BARE.finditer(body)}
    head = None if items else _HEAD.match(body) or (_CUED_HEAD.match(body) if cue else None) or _head_of(body, table)
    if len(bare) > 1 or _LIST.fullmatch(body.strip()):
        return
    if head and _INITIAL.match(body) and not cue and not starts(body, head.end("group") + 2, table):
        return
    if head:
        yield from _letters(body, head.span("group"), question)
    if ranked(body, len(body.rstrip())):
        return
    line = len(body.rstrip().rpartition("\n")[0])
    alone = _BARE.match(body, line + 1) if line else None
    foot = _HEAD.match(body, line) if line and not _ITEM.search(body, 0, line) else None
    if alone:
        yield from _letters(body, alone.span(1), question, strong=False)
    elif foot:
        yield from _letters(body, foot.span("group"), question, strong=False)
    tail = (
        None
        if items or _labelled(body) or _EXAMPLE.search(body[:-1].rstrip(" ()ABCDEFGHIJKLMNOPQRSTUVWXYZ."))
        else _TAIL.search(body, max(0, len(body) - 40))
    )
    if (
        tail
        and not supposed(body, tail.start("group" if tail["group"] else "wrapped"))
        and (tail[0][:1] in {":", "\n"} or not _AMONG.search(body[max(0, tail.start() - 20) : tail.start()]))
    ):
        yield from _letters(body, tail.span("group" if tail["group"] else "wrapped"), question, strong=False)


def _listed(body: str, table: Table) -> bool:
    """Whether the first line of `body` lists options with their letters: "A: Paris, B: Madrid"."""
    shown = _INLINE.finditer(body[: 4 * table.reach].split("\n", 1)[0])
    return len({found[1] for found in shown if (starts(body, found.end(), table) or ("",))[0] == found[1]}) > 1


def _labelled(body: str) -> bool:
    """Whether the last sentence of `body` speaks of an answer that is someone else's, wrong, denied or a second choice."""
    sentence = re.split(r"[.!?\n]\s*(?=\S)", body[-200:])[-1]
    return lesser(sentence) or any(supposed(sentence, found.start(), found[0]) for found in _LABEL.finditer(sentence))


def _head_of(body: str, table: Table) -> re.Match[str] | None:
    """A letter at the start that an option's text follows: "C choice number 2"."""
    found = re.match(rf"\s*(?P<group>{LETTER})(?=\s)", body)
    return found if found and starts(body, found.end() + 1, table) else None


def _letters(body: str, span: tuple[int, int], question: Question, *, strong: bool = True) -> Iterator[Claim]:
    """The commitment to the letters in `span` of `body`, unless what follows denies them or shows that they are words."""
    if DENIED.match(body, span[1]) or UNTHOUGHT.match(body, span[1]) or attributed(body, span[1]):
        return
    found = [(letter[0], letter.end()) for letter in ONE.finditer(body, *span)]
    if _NAMES.match(body, span[1]) and not starts(body, span[1] + 2, options(question.choices)):
        return  # "C. elegans"
    if _THE.search(body[max(0, span[0] - 5) : span[0]]) and not FOLLOW.match(body, span[1]):
        return  # "the C major chord"
    letters = {
        letter.strip("()[] \n")[-1].upper()
        for letter, stop in found
        if (stop < span[1] and letter.isupper()) or _is_letter(letter, body, stop, question)
    }
    table = options(question.choices)
    text = re.compile(r"\s?[)\].:,]{0,2}\s?").match(body, span[1])
    named = starts(body, text.end(), table) if text else None
    other = joined(body, named[1] if named else span[1], table)
    other = None if other and DENIED.match(body, other[1]) else other
    contradicts = letters and not letters >= beside(body, span, table)
    if contradicts or len(letters) > 1 or (letters and other and other[0] not in letters and other[0] in question.letters):
        yield Claim(span[0], None, SEVERAL, strong)
        return
    for letter in letters if len(letters) == 1 else ():
        known = letter in question.letters
        yield Claim(span[0], letter if known else None, "" if known else OUTSIDE, strong)


def _is_letter(letter: str, body: str, stop: int, question: Question) -> bool:
    """Whether `letter`, which ends at `stop`, is one, and not an article, a pronoun or a variable."""
    if len(letter) > 1 or FOLLOW.match(body, stop):
        return len(letter) > 1 or letter.isupper() or letter.upper() in question.letters
    if letter.islower():
        return False
    return (
        letter not in "AI"
        or not re.match(r"\s+[a-z]", body[stop : stop + 40])
        or bool(starts(body, stop + 1, options(question.choices)))
    )


def _by_text(body: str, table: Table) -> Iterator[Claim]:
    """The commitments to an option by its text: after a cue, as the first or the last line, and in a last sentence that states it."""
    yield from _option(body, _HEDGES.match(body).end(), table, head=True)  # type: ignore[union-attr]  # it matches always
    yield from last(_announced(body, found, table) for found in backwards(_CUED, body))
    left = (found for found in backwards(LEAVES, body) if not supposed(body, found.start()))
    yield from last(_option(body, found.end(), table, head=True) for found in left)
    remains = (found for found in backwards(ELIMINATION, body) if not supposed(body, found.start()))
    if (found := next(remains, None)) and (letter := table.letters.get(flat(found["text"]))):
        yield Claim(found.start(), letter)
    instead = (found for found in backwards(INSTEAD, body) if not supposed(body, found.start(), found[0]))
    yield from last(_option(body, found.end(), table) for found in instead)
    for strong in () if _ROW.match(body) else (True, False):
        so = (found for found in backwards(_SO, body) if bool(_TURNS.match(found[0]) or found[0].rstrip().endswith(":")) is strong)
        yield from last(_option(body, found.end(), table, strong=strong, head=True) for found in so)
    lines = body.rstrip().rsplit("\n", 1)
    if len(lines) > 1 and (letter := table.letters.get(flat(lines[1]))):
        yield Claim(len(lines[0]), letter, strong=False)
    stated = [found for found in _SENTENCE.finditer(body, max(0, len(body) - 400)) if not _LABEL.search(found[0])]
    if stated and not re.search(r"[.!?\n]\s*\S", body[stated[-1].end() :]):
        at = starts(body, stated[-1].end(), table)
        named = sum(bool(re.search(rf"(?<!\w){re.escape(text)}(?!\w)", body[-2000:].casefold())) for text in table.letters)
        if at and named == 1 and _AFTER.match(body, at[1]) and not supposed(body, stated[-1].end()):
            yield Claim(stated[-1].end(), at[0], strong=False)


def _announced(body: str, found: re.Match[str], table: Table) -> Iterator[Claim]:
    """The option whose text follows the cue that was `found`."""
    if not supposed(body, found.start(), found[0]):
        yield from _option(body, found.end(), table)
        if not table.numeric and (article := re.match(r"an?\s", body[found.end() : found.end() + 3], re.IGNORECASE)):
            yield from _option(body, found.end() + article.end(), table)
        if filled := re.search(r"(?:the|a|an)\s+$", found[0][-8:], re.IGNORECASE):  # an option may begin with an article
            yield from _option(body, found.end() - len(filled[0]), table)


def _option(body: str, place: int, table: Table, *, strong: bool = True, head: bool = False) -> Iterator[Claim]:
    """The option whose text, or value, stands at `place` of `body`. `head`: it must be all of the line, or a word such as yes."""
    line = body[place : place + table.reach].partition("\n")[0]
    if at := starts(body, place, table):
        letter, stop = at
        text = flat(body[place:stop])
        whole = flat(line) == text or (
            head and re.match(r"['\"\u201d)\]]{0,2}\s{0,3}(?:[.,;:!\n)\u2013\u2014]|-\s|$)", body[stop : stop + 6])
        )
        other = joined(body, stop, table) or _marked(body, stop)
        if other and other[0] != letter:
            if "?" not in body[other[1] : other[1] + 3]:
                yield Claim(place, None, SEVERAL, strong)
        elif (
            (text in _OPEN_WORDS and _TALKS.match(body, stop))
            or (head and _SHARE.match(body, stop))
            or DENIED.match(body, stop)
            or attributed(body, stop)
            or body.startswith(" that", stop)
        ):
            return
        elif whole or ((not head or text in _OPEN_WORDS) and _AFTER.match(body, stop)):
            yield Claim(place, letter, strong=strong)
            return
        if other or not table.numeric:
            return
    if not table.valued:
        return
    values = [canonical(line), canonical(re.split(r"(?<=[^\d\s])[.!](?:\s|$)|[.!]\s|[,;]\s(?=[a-z])", line, maxsplit=1)[0])]
    number = leading(line) if table.numeric and not head else None
    for value in (*values, number):
        if value is not None and (found := table.values.get(value)) is not None:
            yield Claim(place, found, strong=strong)
            return


def _marked(body: str, stop: int) -> tuple[str, int] | None:
    """The letter, and its end, that ends the line behind an option's text which ends at `stop` of `body`: "Madrid - A"."""
    found = _MARKED.match(body, stop)
    return (found[1], found.end()) if found else None
