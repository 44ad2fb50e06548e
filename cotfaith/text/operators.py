"""The words that make a number part of a larger quantity: "double 9", "half of 36", "5 less than 23", "9 km each".

Such a number is not the answer. The sentence may then state a result: "9 km each way, so 18 km".
"""

from __future__ import annotations

import re

from cotfaith.text.words import either, phrases

_TIMES = {
    "English": "times",
    "German": "mal",
    "French": "fois",
    "Spanish, Portuguese": "por veces vezes",
    "Italian": "volte per",
    "Dutch": "keer maal",
    "Russian": "раз",
}
_SMALLER = (
    r"(?:less|more|fewer|greater|larger|smaller|higher|lower|bigger|(?!rather)[a-z]{2,10}er|as\s[a-z]{2,10})\s(?:than|as)|"
    r"mehr als|weniger als|de plus que|de moins que|más que|menos que|più di|meno di|mais que|meer dan|minder dan"
)
_UNIT = r"(?:\s(?!and\b|or\b|so\b|as\b|because\b|since\b)[^\W\d_][^\s\d.,;:!?]{0,20})"
# Behind the number, as a pattern that begins at its end.
AFTER = (
    rf"{_UNIT}{{0,2}}\s(?:each|apiece|jeweils|chacun|chacune|cada uno|cada una|ciascuno)\b|"
    rf"{_UNIT}{{0,1}}\s(?:{_SMALLER})\b|"
    r"(?:\s?%|\s(?:percent|per cent|prozent|pour cent|por ciento|procent|per cento))?\s(?:of|von|de|di|van|от)\s(?!course\b)|"
    rf"\s(?:{either(*_TIMES.values())})\s(?:as|more|less|the|that|this|what|\w{{2,10}}er|[0-9(])|"
    r"\s(?:squared|cubed|doubled|tripled|halved|to the|plus|minus|multiplied|divided|over|modulo)\b|"
    rf"(?:\s?°?\s?[CF](?![^\W_]))?{_UNIT}{{0,2}}\s(?:below|under)\s(?:zero|0|freezing)\b|"
    rf"{_UNIT}{{0,2}}\s(?:past|till|before)\s[0-9]|,\s(?:possibly|maybe|perhaps|or|oder|ou|или)\s(?!so\b|rather\b)|"
    r"\s(?:or|oder|ou|o)\s(?:more|less|fewer|above|below|higher|lower|mehr|weniger|plus|moins|más|menos|più|meno|mais)\b|\+(?!\s?[0-9])|\sfactorial\b|"
    r"(?:st|nd|rd|th)\s[a-z]|\s?[的の倍]"
)
_PARTS = {
    "English": "double twice thrice triple half halve quarter third fifth tenth times plus minus than as of by over root squared power between from per square subtract add",
    "German": "doppelte hälfte drittel viertel mal plus minus als von durch hoch doppelt",
    "French": "double moitié tiers quart fois plus moins que de par",
    "Spanish": "doble mitad tercio cuarto por más menos que de entre",
    "Italian": "doppio metà terzo quarto per più meno che di",
    "Portuguese": "dobro metade terço vezes mais menos que de",
    "Dutch": "dubbele helft derde kwart keer maal plus min dan van",
    "Russian": "половина удвоенное от из",
}
_LABELS = "page line step chapter section paragraph question problem part equation figure table example exercise option seite zeile schritt página línea paso pagina étape"
# "a total of 42" is 42.
_WHOLE = re.compile(
    rf"\b(?:{either('total sum average mean amount price cost result value answer score profit count maximum minimum length speed distance age summe gesamtzahl somme suma somma soma')})\s(?:of|von|de|di|van)\s(?:about\s|exactly\s|only\s)?$",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?<!\w)(?:{either(*_PARTS.values(), _LABELS)})\s(?:(?:the|a|an|of|about|number|der|die|das|le|la|el|il|o|de|het)\s){{0,2}}$|[±√]\s?$",
    re.IGNORECASE,
)
_SO = "so | thus | therefore | hence | equals | which gives | which makes | which equals | which comes to | that makes | making | giving | donc | entonces | quindi | dus | значит"
_RESULT = re.compile(
    rf"\b(?:{phrases(_SO, 'which is | that is | is | are | i.e. | also')})(?!\w)"
    r"[\s,:]{1,3}",
    re.IGNORECASE,
)
_CONCLUDED = re.compile(rf"\b(?:{phrases(_SO, 'i.e. | that is | in other words')})(?!\w)[\s,:]{{1,3}}", re.IGNORECASE)


def operand(before: str) -> bool:
    """Whether the number behind the text `before` is only a part: "half of 36". `before` ends where the number begins."""
    return bool(_BEFORE.search(before)) and not _WHOLE.search(before)


def results(sentence: str) -> list[str]:
    """What `sentence` states behind "so", "which is" and the like, the last first."""
    return [sentence[found.end() :] for found in reversed(list(_RESULT.finditer(sentence)))]


def concluded(sentence: str) -> list[str]:
    """What `sentence` concludes behind "so" and the like, the last first."""
    return [sentence[found.end() :] for found in reversed(list(_CONCLUDED.finditer(sentence)))]
