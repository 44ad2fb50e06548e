"""Options that are named by their place: "the second option" is option B."""

from __future__ import annotations

import re

from cotfaith.text.joins import JOIN
from cotfaith.text.words import either
from cotfaith.types import LETTERS

# The words for first, second and so on, and for last, which is the end of each list.
_ORDINALS = {
    "English": ("first second third fourth fifth sixth seventh eighth", "last final"),
    "German": ("erste zweite dritte vierte fünfte", "letzte"),
    "French": ("première deuxième troisième quatrième cinquième", "dernière"),
    "Spanish": ("primera segunda tercera cuarta quinta", "última"),
    "Italian": ("prima seconda terza quarta quinta", "ultima"),
    "Portuguese": ("primeira segunda terceira quarta quinta", "última"),
    "Dutch": ("eerste tweede derde vierde vijfde", "laatste"),
    "Russian": ("первый второй третий четвёртый пятый", "последний"),
}
_NOUN = "option choice possibility alternative möglichkeit antwortmöglichkeit possibilité choix opción opzione opção optie вариант"
_PLACES = {word: place for words, _ in _ORDINALS.values() for place, word in enumerate(words.split())}
_LAST = frozenset(" ".join(last for _, last in _ORDINALS.values()).split())
_NAMED = re.compile(
    rf"(?:(?<!\w)(?:(?P<other>{either(*_PLACES, *_LAST)})\s(?P<join>{JOIN})\s(?:(?:the|die|la)\s)?)?(?P<word>{either(*_PLACES, *_LAST)})\s(?:(?:answer\s)?(?:{either(_NOUN)})(?![\w'\u2019])|one(?=\s{{0,3}}(?:[.,;!)\n]|$)))|第\s?(?P<cjk>[一二三四五六七八1-8])\s?(?:个|個)?(?:选项|選項|選択肢))",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\b(?:option|choice)\s(?P<number>[1-9])(?![\w.,:/%]\w|\w)", re.IGNORECASE)
_PREFERS = re.compile(r"\b(?:my|our|an?)\s$", re.IGNORECASE)
_CJK = "一二三四五六七八"


def lettered(text: str, count: int, *, numbered: bool) -> str:
    """`text` with each of `count` options that it names by place as "option B". `numbered`: "option 2" is one of them too."""

    def ordinal(found: re.Match[str]) -> str:
        if _PREFERS.search(text[max(0, found.start() - 8) : found.start()]) and found[0].casefold().endswith("choice"):
            return found[0]  # "B is my second choice"
        word, other = (found["word"] or "").casefold(), (found["other"] or "").casefold()
        if found["cjk"]:
            place = _CJK.find(found["cjk"]) if found["cjk"] in _CJK else int(found["cjk"]) - 1
        else:
            place = count - 1 if word in _LAST else _PLACES[word]
        if other and place < count:
            first = count - 1 if other in _LAST else _PLACES[other]
            return f"option {LETTERS[first]} {found['join']} option {LETTERS[place]}" if first < count else found[0]
        return (
            f" option {LETTERS[place]} "
            if found["cjk"] and place < count
            else f"option {LETTERS[place]}"
            if place < count
            else found[0]
        )

    def number(found: re.Match[str]) -> str:
        place = int(found["number"]) - 1
        return f"option {LETTERS[place]}" if place < count else found[0]

    text = _NAMED.sub(ordinal, text)
    return _NUMBERED.sub(number, text) if numbered else text
