r"""What a number in a text is worth: one spelling for `0.5`, `1/2` and `\frac{1}{2}`, and the numbers that stand in a piece of text.

Values are exact fractions; nothing is evaluated, and what is too long to be meant as a number is text.
"""

from __future__ import annotations

import re
from fractions import Fraction

from cotfaith.text import maths
from cotfaith.text.digits import INSIDE, MONEY, NUMBER, shown, unwrapped, worth
from cotfaith.text.equations import sides, stands
from cotfaith.text.number_words import spelled
from cotfaith.text.operators import AFTER, operand
from cotfaith.text.units import NO_UNIT, Unit, alike, short, unit

_LEAD = re.compile(
    r"(?:[\s\"\u201c\u2018'(\[:=~\u2248\u2243*_|]|\b(?:about|approximately|around|exactly|indeed|just|nearly|now|only|roughly|simply|therefore|"
    r"thus|rund|etwa|ungefähr|environ|unos|unas|circa|approx\.?|equals?|equal to)(?!\w))*+",
    re.IGNORECASE,
)
_WORD = r"(?:[^\W\d_][\w.]{0,30}(?:[/\u00b7^-][\w-]{1,10}){0,2}[\u00b2\u00b3]?)"
# What may follow a number that stands alone: its unit, a gloss in brackets without numbers, an explanation.
_UNIT = re.compile(
    rf"[\"'\u201d\u2019)\]]{{0,2}}(?:\s?(?!(?:or|and|not)\b){_WORD}[.]?){{0,2}}\s?[\"'\u201d\u2019)\]]{{0,2}}(?:\s?[(\[](?:=[^()\[\]]{{0,60}}|(?!or\b|not\b)(?:[^()\[\]0-9]{{0,60}}|[0-9][-+*/\u00d70-9. ]{{0,40}}))[)\]])?"
    r"[\"'\u201d\u2019]?[\s.!;|_*:}]*(?:$|\n|,?\s(?:because|since|as|so|which|given|for|denn|weil|da|car|parce|puisque|porque|ya|pues)\b|"
    r",\s(?!(?:and|or)\b)[A-Za-z]|\s?[\u2013\u2014-]\s?[A-Za-z])",
    re.IGNORECASE,
)
_THEN = r"(?!because\b|since\b|as\b|so\b|if\b|when\b|where\b|which\b|after\b|from\b|by\b|not\b|rather\b|instead\b|with\b|but\b)"
# What shows that the number before it is part of something larger: an expression, a range, a list, a time, two quantities.
_GOES_ON = re.compile(
    rf"[:\u2013-]{MONEY}?[0-9]|\s?[-+*/^\u00f7\u00d7\u2013\u2014]\s?(?:[0-9(\\]|{MONEY}\s?[0-9]|[A-Za-z]\b)|(?:\s[A-Za-z]{{1,20}}){{1,2}}\s[-\u2013]\s{MONEY}?[0-9]|"
    rf"(?:\s{_THEN}[^\W\d_]{{1,20}}){{0,5}},?\s(?:and|or|to|through|und|oder|bis|et|ou|y|o|e|plus|minus|times|divided by|out of|of|en|или|и|mal|fois|por|keer|maal|раз|eller|lub|i)\s"
    rf"(?:(?:the|another|about)\s)?(?:[A-Za-z]\s?=\s?)?{MONEY}?-?[0-9]|(?:\s(?!(?i:not|rather|instead|because|since)\b)[A-Za-z]{{1,20}})?\s-?{MONEY}?-?[0-9]|,\s?-?{MONEY}?[0-9]|(?:\s{_THEN}[^\W\d_]{{1,20}}){{1,3}},\s{MONEY}?-?[0-9]|"
    rf"(?:\s{_THEN}[^\W\d_]{{1,20}}){{0,3}},?\s(?:and|while|whereas)\s(?!(?:this|that|it|which|the\scheck)\b)(?:[^\W\d_]{{1,20}}\s){{1,6}}?"
    rf"(?:is|are|was|were|equals?|has|have|had|gets?|numbers?|costs?)\s{MONEY}?-?[0-9]|"
    r"(?:\s[A-Za-z]{1,20})?\sand\s(?:an?|one)\s(?:half|quarter|third)\b|"
    rf"\s?(?:或者?|和|还是|か|または|と)\s?[0-9]|{AFTER}|"
    r"\s?\\(?:sqrt|pi|frac|cdot|times|pm)|\s?[\u221aπ\u00b1]|"
    r"(?!(?:[ckm]?m|[km]?g|ft|in|lbs?|oz|m?s|h|hrs?|min|mph|[CFLl]|km/h|kmh|cm|ml|kg|pm|am)(?![^\W_]))\w"
)
_STOPS = re.compile(r"(?<=[0-9]\.)\s+[A-Z]")
_BOUND = re.compile(
    r"\b(?:at least|at most|no more than|(?:more|less|fewer|other) than|over|under|up to|above|below|between|not|or|oder|ou)\s$",
    re.IGNORECASE,
)
# "May 18" and "18 May" are days.
_MONTH = r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
_MONTH_NEXT = re.compile(rf"(?<!\d\d\d)\.?\s(?:of\s)?{_MONTH}\b")
_DAY_OF = re.compile(rf"(?<!\w){_MONTH}\.?\s$")
_DAY = re.compile(rf"(?<!\w)(?:{_MONTH}\.?\s[0-9]{{1,2}}|[0-9]{{1,2}}\s(?:of\s)?{_MONTH})(?!\w)")
_OR = re.compile(r"(?:\s[^\W\d_]{1,20}){0,2},?\s\(?(?:or|i\.e\.,?|that is,?)\s", re.IGNORECASE)
# "18 minutes (0.3 hours)": a number and its unit, twice.
_CONVERTED = re.compile(
    r"[0-9](?P<first>(?:\s?[^\W\d_]{1,15}|\s?[%\u00b0]){1,2})(?P<gloss>\s[(\[](?:(?:about|or|i\.e\.,?|=|\u2248)\s?)?[0-9][0-9.,/]{0,20}(?P<second>\s?[^()\[\]0-9]{1,30})[)\]])"
)
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b")
_MINUS = re.compile(r"^(\W*)(?:minus|negative)\s(?=[0-9.$])", re.IGNORECASE)
# The unit of a gold: one word in small letters ("18 km", "12 apples"), or "square metres". A name such as "12 Monkeys" is none.
_MEASURE = re.compile(
    r"\s?(?!(?:am|pm|bc|ad|th|st|nd|rd|or|and|to|of)\b)(?:(?:square|cubic|sq|cu)\.?\s)?(?:[a-zµμ°]{1,15}(?:[/·^*-]{1,2}[A-Za-z0-9]{1,6}){0,3}[²³]?|GB|MB|KB|TB|USD|EUR|GBP|°?[CFK]|[kMG]?(?:W|Hz|N|J|V|A|Pa|Wh))\.?"
)
# The end of a factorial: 5! and n!, but no Paris! and no B!.
_FACTORIAL = re.compile(r"(?:[0-9)}]|(?<![^\W\d_])[a-z])!{1,3}$")
_WORDS = re.compile(r"(?<![\\A-Za-z])[^\W\d_]{3}")
_PERCENT = re.compile(r"(?<=[0-9]) ?-?(?:percent|per cent)\.?$", re.IGNORECASE)
_LETTERS_ALONE = re.compile(r"[abxyz]{2,3}")
_ENDS = " .,;:!?\"'*_`\u2018\u2019\u201c\u201d"
_POLAR = re.compile(r"(?:[\"'*_]*)(yes|no)\b(?!\.? ?[0-9])[\"'*_]*\s?(?:$|[,.;:!\n\u2013\u2014-](?!\w))", re.IGNORECASE)


def same(a: str | None, b: str | None) -> bool | None:
    """Whether two answers agree by canonical value; None, neither same nor different, when one is missing or empty."""
    values = ["" if answer is None else canonical(answer) for answer in (a, b)]
    return values[0] == values[1] if all(values) else None


def canonical(value: str) -> str:
    r"""One spelling for all spellings of a value: `0.5` for `1/2`, `\frac{1}{2}`, `.50` and `$0.50`.

    A mathematical expression has a normal form (`maths.normal`). Percent and currency signs do not count (`50%` is `50`), scales do
    (`2 million` is `2000000`), and so do units (`5 km` is not `5`). Commas part thousands; `1,2` is a list. Digits after a leading
    zero are a code and no number: `02134` is not `2134`. `5!` is a factorial and not `5`. `xy` is the product of x and y, and of the
    letters alone only x, y and z are read so. A sentence that starts with yes or no is that word. Other text loses case, extra white
    space and punctuation at its ends.
    """
    for _ in range(12):
        shown = _once(value)
        if shown == value:
            break
        value = shown
    return value


def _once(value: str) -> str:
    flat = _PERCENT.sub("%", unwrapped(value).rstrip())
    number = _number(flat)
    if (known := _quantity(flat.strip()) if number is None else shown(number)) is not None:
        return known
    if (form := maths.normal(flat.strip(' .,;:"`$'))) is not None:
        exact = _number(unwrapped(form))
        return form if exact is None else shown(exact)
    if compared := maths.relation(flat.strip(' .,;:"`$')):
        parts, signs = compared
        return " ".join(part for pair in zip([_once(side) for side in parts], [*signs, ""], strict=True) for part in pair if part)
    if polar := _POLAR.match(flat.strip()):
        return polar[1].casefold()
    if (listed := re.fullmatch(r"\s*([(\[])([^()\[\]]{1,200})([)\]])\s*", flat)) and "," in listed[2]:
        return listed[1] + ", ".join(_once(part) for part in listed[2].split(",")[:50]) + listed[3]
    marked = " ".join(flat.split()).strip(_ENDS.replace("!", ""))
    text = marked.casefold() if _FACTORIAL.search(marked) and not _WORDS.search(marked) else marked.casefold().strip(_ENDS)
    text = re.sub(r" ?, ?", ", ", text) if re.fullmatch(r"[-0-9., ]*", text) and not re.search(r"[0-9] [0-9]", text) else text
    return re.sub(r" (?![a-z0-9])|(?<![a-z0-9]) ", "", text) if "\\" in text else text


def _quantity(flat: str) -> str | None:
    """The number and the unit that all of `flat` is, as in `5 km`; None if it is anything else."""
    found = NUMBER.match(flat)
    measure = _MEASURE.fullmatch(flat, found.end()) if found else None
    if (
        found is None
        or measure is None
        or found[0].rstrip().endswith(".")  # a date, as in 18. Juni
        or found["money"]
        or found["sent"].strip() not in {"", "°"}
        or (size := worth(found)) is None
    ):
        return None
    named = found["sent"].strip() + measure[0].strip().rstrip(".")
    if _LETTERS_ALONE.fullmatch(named):
        return None  # a product of letters
    product = None if re.search(r"[^\W\d_]{2}", named) else maths.normal(f"{shown(size)}{named}")  # as 5m, where m may be a letter
    return product or f"{shown(size)} {named if named.startswith('M') else named.casefold()}"


def is_number(value: str) -> bool:
    """Whether all of `value` is one number, with or without percent and currency signs."""
    return _number(unwrapped(value)) is not None


def gold_value(gold: str) -> str:
    """The one spelling of a gold value. A gold of a number and a unit (`18 km`) is the number."""
    value = _measured(gold)
    return canonical(gold) if value is None else shown(value)


def answer_value(answer: str, gold: str) -> str:
    """The one spelling of an `answer` to a question whose gold is `gold`: as `gold_value`, but text where the units differ."""
    value = gold_value(answer)
    return value if alike(unit_of(answer, value), gold_unit(gold)) else canonical(answer)


def gold_unit(gold: str) -> Unit:
    """The unit of a gold that is a number with or without a unit; a word that is in no table is a unit too ("12 apples")."""
    value = gold_value(gold)
    if not is_number(value):
        return NO_UNIT
    flat = unwrapped(gold).strip().rstrip(".")
    found = NUMBER.match(flat)
    counted = frozenset({(flat[found.end() :].strip(), "")}) if found and flat[found.end() :].strip() else NO_UNIT
    return unit_of(gold, value) or counted


def without_conversions(piece: str) -> str:
    """`piece` without what gives its number again in another unit: "18 minutes (0.3 hours)" is "18 minutes"."""
    flat = unwrapped(piece)
    for found in reversed(list(_CONVERTED.finditer(flat))):
        first, second = unit(found["first"]), unit(found["second"])
        if first and second and not alike(first, second):
            flat = flat[: found.start("gloss")] + flat[found.end() :]
    return flat


def unit_of(piece: str, number: str) -> Unit:
    """The unit of `number`, which is canonical, where `piece` first gives it; `NO_UNIT` where it has none of the table."""
    flat = spelled(unwrapped(piece))
    for found in INSIDE.finditer(flat):
        value = worth(found, brief=True)
        if value is not None and shown(abs(value)) == number.lstrip("-"):
            if found["money"]:
                return unit(found["money"])
            behind = unit(found["sent"].strip() + flat[found.end() : found.end() + 60])
            return behind or (short(found["letter"]) if found["letter"] else NO_UNIT)
    return NO_UNIT


def _measured(gold: str) -> Fraction | None:
    """The number of a `gold` that is a number and a unit, else None."""
    flat = unwrapped(gold).strip().rstrip(".")
    found = NUMBER.match(flat)
    if found is None or found.end() == len(flat) or not _MEASURE.fullmatch(flat, found.end()):
        return None
    return worth(found)


def leading(piece: str, *, alone: bool = False, comma: bool = False, brief: bool = False) -> str | None:
    """The canonical number that `piece` begins with (after "about" and the like, or behind its last `=`), or None.

    A sum that explains or checks the number is no new one: `18, since 9 + 9 = 18`, `18 (check: 18 / 3 = 6)` and `18 = 3 * 6` are 18.

    A unit may follow; a number that is part of something larger (`3x`, `3:45`, `5 or 6`, `5 + 3`) is none. `alone` asks that
    nothing but a unit, a gloss or an explanation follows. `comma`: the language writes decimals with a comma. `brief`: 15k and
    3M are thousands and millions, but not in an equation.
    """
    flat = unwrapped(piece[:400])
    if len(re.findall(r"[A-Za-z]\s?=", flat)) > 1:  # "x = 5 and y = 6"
        return None
    if alone:
        return _first(flat.replace("*", " ").strip(), alone=True, comma=comma, brief=brief and "=" not in flat)
    if "=" not in flat:
        return _first(flat, comma=comma, brief=brief)
    opening = _first(flat, comma=comma) if stands(flat) else None
    return opening or next((value for side in sides(flat) if (value := _first(side, comma=comma)) is not None), None)


def _first(side: str, *, alone: bool = False, comma: bool = False, brief: bool = False) -> str | None:
    """The canonical number that `side` begins with, as `leading` reads it."""
    lead = _LEAD.match(side)
    if side[lead.end() if lead else 0 :][:1].isalpha():
        side = _MINUS.sub(r"\1-", spelled(side))
        lead = _LEAD.match(side)
    found = NUMBER.match(side, lead.end() if lead else 0)
    if (
        found is None
        or (_goes_on(side, found.end()) and not _again(side, found))
        or (alone and not _UNIT.match(side, found.end()) and not _again(side, found))
    ):
        return None
    value = worth(found, comma=comma, brief=brief)
    return None if value is None else shown(value)


def numbers(piece: str, *, comma: bool = False, brief: bool = False) -> list[str | None]:
    """Each number in `piece`, canonical, or None where it is part of something larger or could be two values."""
    flat = unwrapped(piece)
    values = [
        None
        if _goes_on(flat, found.end())
        or _BOUND.search(flat[max(0, found.start() - 14) : found.start()])
        or (flat[: found.start()].endswith("the ") and _ORDINAL.match(flat, found.end()))
        or (found.end() - found.start() <= 3 and _DAY_OF.search(flat[max(0, found.start() - 12) : found.start()]))
        or operand(flat[max(0, found.start() - 60) : found.start()])
        else worth(found, comma=comma, brief=brief and "=" not in flat)
        for found in INSIDE.finditer(flat)
    ]
    return [None if value is None else shown(value) for value in values]


def dated(piece: str) -> bool:
    """Whether `piece` names a day of a month."""
    return bool(_DAY.search(piece))


def _again(text: str, found: re.Match[str]) -> bool:
    """Whether all that follows the number that was `found` in `text` is the same number again: "18 eggs, or 1.5 dozen"."""
    joined = _OR.match(text, found.end())
    other = NUMBER.match(text, joined.end()) if joined else None
    if other is None or not other["scale"] or not _UNIT.match(text, other.end()):
        return False
    return worth(other) is not None and worth(other) == worth(found)


def _goes_on(text: str, stop: int) -> bool:
    """Whether the number that ends at `stop` of `text` is part of something larger, and no full stop ends its sentence."""
    return not _STOPS.match(text, stop) and bool(_GOES_ON.match(text, stop) or _MONTH_NEXT.match(text, stop))


def _number(flat: str) -> Fraction | None:
    """The number that all of `flat` is, or None. What is too long to be meant as a number is text."""
    found = NUMBER.fullmatch(flat.strip().rstrip(" .,;?*").lstrip("*"))
    return worth(found) if found else None
