r"""The answer in a text that a model wrote, and when two answers are the same.

The last commitment wins. A commitment is an answer after a cue ("the answer is", "I pick", `\boxed{}`), never one that is merely
mentioned, denied, supposed or asked about. An unreadable answer has a reason and never counts as an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cotfaith.text.numbers import canonical, is_number, leading, numbers
from cotfaith.text.steps import split
from cotfaith.types import Finish, Question, State

NONE = "no answer found"
SEVERAL = "names several options"
OUTSIDE = "letter outside the options"
NOT_ONE = "no single number"
CUT = "cut at the token budget"
REFUSED = "refuses to answer"


@dataclass(frozen=True, slots=True)
class Extraction:
    """The result of reading `raw`: the letter or canonical value if `state` is "answered", otherwise the `reason`."""

    state: State
    answer: str | None
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class _Claim:
    """A commitment at `place`, with its answer or the reason why it has none. A weak one counts only without a strong one."""

    place: int
    answer: str | None
    reason: str = ""
    strong: bool = True


def extract(text: str, question: Question, *, finish: Finish = "stop", weak: bool = True) -> Extraction:
    r"""The answer of `text` to `question`: a letter of its choices, or a canonical value when it is free-form.

    A choice also counts when its text follows a cue exactly. A free-form value is a number without its unit (0.5 for
    `\frac{1}{2}`), or else folded text; where `question.gold` is a number, nothing else is read, and where it is text, units stay.
    `finish` says whether the token budget ended the text, `weak` whether an answer without a cue counts where none has one.
    """
    found = _choices(_plain(text), question) if question.choices else _values(text, question.gold, finish)
    claims = [claim for claim in found if weak or claim.strong]
    if claims:
        last = max(claims, key=lambda claim: (claim.strong, claim.place))
        state: State = "answered" if last.answer is not None else "truncated" if last.reason == CUT else "unparsed"
        return Extraction(state, last.answer, last.reason, text)
    if finish == "length":
        return Extraction("truncated", None, CUT, text)
    if _REFUSAL.search(text):
        return Extraction("refused", None, REFUSED, text)
    named = {found[0].strip("()[] \n")[-1] for found in _NAMED.finditer(_plain(text))} & set(question.letters)
    return Extraction("unparsed", None, SEVERAL if len(named) > 1 else NONE, text)


def last_named(text: str, question: Question) -> str | None:
    """The last letter of its choices that `text` names, or the last number in it when `question` is free-form, committed to or not."""
    if not question.choices:
        return next((number for number in reversed(numbers(text)) if number is not None), None)
    named = [found[0].strip("()[] \n")[-1].upper() for found in _NAMED.finditer(_plain(text))]
    return next((letter for letter in reversed(named) if letter in question.letters), None)


# --- cues ------------------------------------------------------------------------------------------------------------------

_IS = r"(?:(?:is|was|are|becomes|remains|(?:must|should|would|will|has to|seems to|appears to) be)\b|=|:)"
_NOUN = r"\bans(?:wers?)?\b(?:\s+(?:to|for|in)\s[^.:;\n]{1,80}?(?=\s(?:is|was)\b))?(?:\s+(?:here|then|choice|option))?"
_ANSWER = rf"{_NOUN}(?:\s*{_IS}|\s*\?)?|\b(?:choice|conclusion|guess|option|pick|response|selection|solution|verdict)\s*{_IS}"
_VERB = (
    r"\b(?:pick|picked|choose|chose|select|selected|conclude|say|(?:go|going|went) (?:with|for)|(?:opt|vote) for|settle (?:on|for)|"
    r"stick with|decide on|lean(?:ing)? towards?)\b"
)
_IT = r"\b(?:it|that|this)(?:\s+(?:is|was|(?:must|has to|should|would) be)\b|['\u2019]s\b)"
_SO = r"(?:\b(?:so|therefore|thus|hence|consequently|actually|instead)\b|\b(?:wait|no|sorry|correction)\b\s*[,:\u2014\u2026.-]|=>|\u2192)"
_FILL = (
    r"(?:[\s:,=>\"'\u201c\u2018\u2192\u2013\u2014-]++|\b(?:[a-z]{1,15}ly|answer|be|both|choice|correct|either|final|in fact|indeed|is|just|"
    r"letter|most|now|number|option|still|the|then|therefore|thus)\b){0,12}+"
)
# What makes the cue behind it no commitment, and what makes the letters before it none.
_SUPPOSED = re.compile(
    r"(?:\b(?:not|never|doubt|hardly|if|whether|suppose|supposing|assume|assuming|unless|nor|neither|avoid|cannot)\b|n['\u2019]t\b)"
    r"(?:(?!\b(?:but|so|then|however|therefore|thus|hence|because|and)\b)[^.,;:!?\n])*$",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\s*\?|\s+(?:(?:both|all|also|just|[a-z]{1,12}ly)\s+)*(?:(?:is|are|was|were|seems?|looks?|sounds?|appears?|(?:would|must|can) be)"
    r"(?:\s+\w+){0,2}?\s+(?:not|wrong|incorrect|false|out|impossible|eliminated|invalid|unlikely)\b|\w+n['\u2019]t\b|can['\u2019]t\b|"
    r"cannot\b|(?:can|could|will|would) never\b|fails?\b|do(?:es)? not\b)"
)
_REFUSAL = re.compile(
    r"\bI(?:['\u2019]m| am) (?:not able|unable) to\b|\bas an AI\b|"
    r"\bI (?:cannot|can['\u2019]?t|could not|couldn['\u2019]t|will not|won['\u2019]t|do not|don['\u2019]t) "
    r"(?:answer|assist|choose|comply|decide|determine|give|help|know|pick|provide|say|select|tell)\b|"
    r"(?:^|[.:;!?\n])[\s*]{0,4}(?:cannot|can['\u2019]t|unable to) (?:answer|choose|decide|determine|say|tell)\b",
    re.IGNORECASE,
)

# --- letters ---------------------------------------------------------------------------------------------------------------

_WRAPPED = r"[(\[]\s*(?:(?:option|choice)\s+)?[A-Za-z]\s*[)\]]"
_LETTER = rf"(?:{_WRAPPED}|(?<![\w'\u2019])[A-Za-z](?![\w'\u2019+#]|-\w|\.\w))"
_GROUP = (
    rf"(?P<group>{_LETTER}(?:(?:\s*,\s*(?:option\s+)?{_LETTER}){{0,8}}\s*,?\s*(?:and\b|or\b|/|&)\s*(?:option\s+)?{_LETTER}"
    r"(?!\s+(?:is|isn|was|seems|looks|has|can|cannot|would)\b))?)"
)
_COMMITMENTS = [
    re.compile(rf"(?:{_ANSWER}|{_VERB}|{_IT}){_FILL}{_GROUP}", re.IGNORECASE),
    re.compile(rf"{_SO}{_FILL}{_GROUP}(?=[)\]]?\s*(?:[.;!\n]|$|,?\s*(?:because|since|as|which)\b))", re.IGNORECASE),
    re.compile(
        rf"{_GROUP}\s+(?:is|are|must be|seems|looks|appears|remains)(?:\s+to be)?\s+(?:(?:[a-z]+ly|the|my|only|most|final)\s+)*"
        r"(?:correct|best|answer|choice|right(?!\s+\w))\b",
        re.IGNORECASE,
    ),
    # "The answer is Paris, that is (C)": nothing in between that names, denies or compares another.
    re.compile(
        r"\banswer\b(?:(?!\b(?:not|than|between|either|neither|nor|or|and)\b|n['\u2019]t\b)(?:[^.;?!\n()\[\]]|\.(?=\d))){0,80}?"
        rf"(?P<group>{_WRAPPED})",
        re.IGNORECASE,
    ),
]
_ONE = re.compile(_LETTER)
_AMONG = re.compile(rf"(?:\b(?:not|than|nor|except|of|and|or|between)|n['\u2019]t|{_LETTER}\s*,?)\s*$")
_NAMED = re.compile(rf"{_WRAPPED}|(?<![\w'\u2019])[B-HJ-Z](?![\w'\u2019+#]|-\w|\.\w)|\bA(?!\s+[a-z]|\w)")
_HEAD = re.compile(
    rf"\s*(?:(?:option|choice|letter)\s+)?{_GROUP}(?:(?<=[)\]])|(?=\s*(?:[]).,:;!<\n]|$|[\u2013\u2014-]\s)))", re.IGNORECASE
)
_TAIL = re.compile(rf"(?:(?:^|[,:;.!?\n>=\u2192]|[\u2013\u2014-]\s)\s*(?P<group>{_LETTER})|(?P<wrapped>{_WRAPPED}))[\s).!\]]*$")
_ITEM = re.compile(r"^[ \t]*[(\[]?[A-Za-z][)\].:]+\s", re.MULTILINE)
_FOLLOW = re.compile(r"\s*(?:[]).,;:!\"\u201d\n<]|$)|\s+(?:because|since|as|is|and|or|not|but|which|so|if|rather|over)\b")
_CUED = re.compile(rf"(?:{_ANSWER}|{_VERB}|{_IT})[\s:]*", re.IGNORECASE)


def _plain(text: str) -> str:
    r"""`text` without markdown and LaTeX wrappers; `\boxed{`, `<answer>` and `####` become a cue in words."""
    text = re.sub(r"\\(?:boxed|fbox)\s*\{|<answer>|^[ \t]*####(?!#)", " answer: ", text, flags=re.IGNORECASE | re.MULTILINE)
    text = re.sub(r"</answer>|\\[()\[\],; ]", " ", text, flags=re.IGNORECASE)
    text = re.sub(r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathsf|emph|bf|rm|left|right)(?![a-z])\s*", "", text)
    return re.sub(r"[*`{}$]|(?<!\w)_+|_+(?!\w)|^#+\s*", "", text, flags=re.MULTILINE)


def _choices(plain: str, question: Question) -> Iterator[_Claim]:
    """The commitments to a choice: by letter, by the choice's text, and at the two ends of the text."""
    for number, pattern in enumerate(_COMMITMENTS):
        for found in pattern.finditer(plain):
            if number == 1 or not _SUPPOSED.search(plain[max(0, found.start() - 80) : found.start()]):
                yield from _claim(plain, found.span("group"), question)
    yield from _by_text(plain, question)
    lines = plain.split("\n\n", 1)[0]
    if len(_ITEM.findall(lines)) > 1:
        return
    if head := _HEAD.match(plain) or re.match(rf"\s*(?P<group>{_LETTER})(?=\s+{_any_of(question)})", plain, re.IGNORECASE):
        yield from _claim(plain, head.span("group"), question)
    last = len(plain.rstrip().rpartition("\n")[0])
    foot = _HEAD.match(plain, last) if last and not _ITEM.search(plain, 0, last) else None
    if foot:
        yield from _claim(plain, foot.span("group"), question, strong=False)
    if tail := _TAIL.search(plain, max(0, len(plain) - 40)):
        apart = tail[0][:1] in {":", "\n"} or not _AMONG.search(plain[max(0, tail.start() - 20) : tail.start()])
        yield from _claim(plain, tail.span("group" if tail["group"] else "wrapped"), question, strong=False) if apart else ()


def _any_of(question: Question) -> str:
    """A pattern of the texts of the choices; without any it matches nothing."""
    texts = [re.escape(text) for choice in question.choices if (text := _plain(choice).strip())]
    return rf"(?:{'|'.join(texts) or '(?!)'})(?!\w)"


def _claim(plain: str, span: tuple[int, int], question: Question, *, strong: bool = True) -> Iterator[_Claim]:
    """The commitment to the letters in `span` of `plain`, unless what follows denies them or shows that they are words."""
    if _DENIED.match(plain, span[1]):
        return
    found = [(letter[0], letter.end()) for letter in _ONE.finditer(plain, *span)]
    letters = {letter.strip("()[] \n")[-1].upper() for letter, stop in found if _is_letter(letter, plain, stop, question)}
    if len(letters) > 1:
        yield _Claim(span[0], None, SEVERAL, strong)
    for letter in letters if len(letters) == 1 else ():
        known = letter in question.letters
        yield _Claim(span[0], letter if known else None, "" if known else OUTSIDE, strong)


def _is_letter(letter: str, plain: str, stop: int, question: Question) -> bool:
    """Whether `letter`, which ends at `stop`, is one, and not an article, a pronoun or a variable."""
    if len(letter) > 1 or _FOLLOW.match(plain, stop):
        return len(letter) > 1 or letter.isupper() or letter.upper() in question.letters
    if letter.islower():
        return False
    return letter not in "AI" or not re.match(r"\s+[a-z]", plain[stop:]) or bool(re.match(rf"\s+{_any_of(question)}", plain[stop:]))


def _by_text(plain: str, question: Question) -> Iterator[_Claim]:
    """The commitments to a choice by its exact text, after a cue or as the first line; texts that two choices share do not count."""
    texts = [canonical(_plain(choice)) for choice in question.choices]
    table = {text: letter for text, letter in zip(texts, question.letters, strict=False) if text and texts.count(text) == 1}
    reach = 40 + max(len(choice) for choice in question.choices)
    cued = [found for found in _CUED.finditer(plain) if not _SUPPOSED.search(plain[max(0, found.start() - 80) : found.start()])]
    for start in [0, *(found.end() for found in cued)]:
        piece = plain[start : start + reach].lstrip()
        line = piece.partition("\n")[0]
        for text in (line, *(split(line)[:1] if start else ())):
            if (letter := table.get(canonical(text))) is not None:
                yield _Claim(start, letter)


# --- values ----------------------------------------------------------------------------------------------------------------

_VALUE_CUE = re.compile(rf"{_NOUN}\s*{_IS}\s*|\banswers?\s+(?=[-$0-9\\])", re.IGNORECASE)
_SAYS = re.compile(rf"{_IT}\s+|=\s*(?=[^=\n]{{1,60}}$)", re.IGNORECASE)
_DENIAL = re.compile(r"not\b|.*\?\s*$", re.IGNORECASE | re.DOTALL)


def _marked(text: str) -> str:
    r"""`text` with `\boxed{}`, `<answer>` and `####` as cues in words, each value on a line that ends with it."""
    parts, stack, place = [], [], 0
    for brace in re.finditer(r"\\(?:boxed|fbox)\s*\{|(?<!\\)[{}]", text):
        opens = brace[0] != "}"
        if opens:
            stack.append(len(brace[0]) > 1)
        if stack and (stack[-1] if opens else stack.pop()):
            parts += [text[place : brace.start()], " answer: " if opens else "\n"]
            place = brace.end()
    text = "".join([*parts, text[place:]])
    text = re.sub(r"<answer>|^[ \t]*####(?!#)", " answer: ", text, flags=re.IGNORECASE | re.MULTILINE)
    return re.sub(r"(?<!\d)\*\*|\*\*(?!\d)", "", re.sub(r"</answer>", "\n", text, flags=re.IGNORECASE))


def _values(text: str, gold: str | None, finish: Finish) -> Iterator[_Claim]:
    """The commitments to a value: after a cue, as the first line, and, weakly, behind "it is" and the last `=`."""
    kind = "any" if gold is None else "number" if is_number(gold) else "text"
    text = _marked(text)
    for found in _VALUE_CUE.finditer(text):
        piece = "".join(split(text[found.end() : found.end() + 300])[:1])
        if not _SUPPOSED.search(text[max(0, found.start() - 80) : found.start()]) and not _DENIAL.match(piece):
            cut = finish == "length" and found.end() + len(piece) == len(text)
            yield from _value(_read(piece, kind), piece, found.end(), cut=cut)
    first, *more = text.lstrip().split("\n", 1)
    cut = finish == "length" and not more
    if kind != "text" and (number := leading(first, alone=True)) is not None:
        yield from _value((number, ""), first, 0, cut=cut)
    elif kind != "number" and not "".join(more).strip() and len(first.split()) <= 6 and not _REFUSAL.search(text):
        yield from _value(_read(first, kind), first, 0, cut=cut, strong=False)
    for found in _SAYS.finditer(text) if kind != "text" else ():
        piece = "".join(split(text[found.end() : found.end() + 100])[:1])
        if (number := leading(piece, alone=True)) is not None:
            cut = finish == "length" and found.end() + len(piece) == len(text)
            yield from _value((number, ""), piece, found.end(), cut=cut, strong=False)


def _read(piece: str, kind: str) -> tuple[str | None, str]:
    """The value in `piece`, or None and the reason why there is none; no reason where `piece` is about something else."""
    if kind != "text" and (number := leading(piece)) is not None:
        return number, ""
    if kind == "number":
        among = numbers(piece)
        return (among[0], "" if among[0] else NOT_ONE) if len(among) == 1 else (None, NOT_ONE if among else "")
    return canonical(re.split(r",?\s(?:because|since|as|which)\b", piece)[0]) or None, ""


def _value(read: tuple[str | None, str], piece: str, place: int, *, cut: bool, strong: bool = True) -> Iterator[_Claim]:
    """The commitment to what was `read` in `piece`; `cut` when the token budget ended the text behind it, perhaps within a number."""
    answer, reason = read
    if cut and not piece.endswith("\n") and (answer is None or not is_number(answer) or piece.rstrip(".,")[-1:].isdigit()):
        yield _Claim(place, None, CUT, strong)
    elif answer is not None or reason:
        yield _Claim(place, answer, reason, strong)
