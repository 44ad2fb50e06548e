r"""What a value is: one spelling for `0.5`, `1/2` and `\frac{1}{2}`, and the numbers that stand in a piece of text.

Values are exact fractions; nothing is evaluated, and what is too long to be meant as a number is text.
"""

import re
from fractions import Fraction

_DECIMAL = r"(?:[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?![0-9])(?:\.[0-9]+)?|[0-9]+,[0-9]+|[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_NUMBER = re.compile(
    rf"(?P<sign>[-+]?)\s*[€£¥]?\s*(?:(?P<whole>[0-9]{{1,15}})\s+(?=[0-9]+/[0-9]))?(?P<top>{_DECIMAL})"
    rf"(?:e(?P<e>[-+]?[0-9]{{1,3}})(?![0-9])|\s*[x*]\s*10\^(?P<power>[-+]?[0-9]{{1,3}}))?(?:\s*/\s*(?P<bottom>{_DECIMAL}))?"
    r"(?:\s*[%€£¥°])?",
    re.IGNORECASE,
)
_INSIDE = re.compile(rf"(?<![\w.]){_NUMBER.pattern}", re.IGNORECASE)
_LEAD = re.compile(
    r"(?:\s|\b(?:about|approximately|exactly|indeed|just|now|only|roughly|simply|therefore|thus)\b)*+", re.IGNORECASE
)
_UNIT = re.compile(r"(?:\s*[A-Za-z]+){0,2}[\s.!]*")
# What shows that the number before it is part of something larger: an expression, a range, a list, a time, two quantities.
_GOES_ON = re.compile(
    r"[:\u2013-][0-9]|\s*[-+*/^\u00f7]\s*(?:[0-9(\\]|[A-Za-z]\b)|(?:\s+[A-Za-z]+)?,?\s+(?:and\s+|or\s+)?[-€£]?[0-9]|,\s*-?[0-9]|"
    r"(?!(?:[ckm]?m|[km]?g|ft|in|lbs?|oz|m?s|h|hrs?|min|mph|[CFL]|th|st|nd|rd)\b)\w"
)
_ENDS = " .,;:!?\"'*_`\u2018\u2019\u201c\u201d"
_SIGNS = str.maketrans({"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "\u2212": "-", "\u2044": "/", "\u00d7": "*", "$": None})


def same(a: str | None, b: str | None) -> bool | None:
    """Whether two answers agree by canonical value; None, neither same nor different, when one is missing or empty."""
    values = ["" if answer is None else canonical(answer) for answer in (a, b)]
    return values[0] == values[1] if all(values) else None


def canonical(value: str) -> str:
    r"""One spelling for all spellings of a value: `0.5` for `1/2`, `\frac{1}{2}`, `.50` and `$0.50`; other text is folded.

    Percent and currency signs do not count (`50%` is `50`), units in words do (`5 km` is not `5`). A comma between digits parts
    thousands where it can and decimals where it cannot. Text loses case, extra white space and punctuation at its ends.
    """
    while True:
        flat = _unwrapped(value)
        number = _number(flat)
        shown = " ".join(flat.casefold().split()).strip(_ENDS) if number is None else _shown(number)
        if shown == value:
            return value
        value = shown


def is_number(value: str) -> bool:
    """Whether all of `value` is one number, with or without percent and currency signs."""
    return _number(_unwrapped(value)) is not None


def leading(piece: str, *, alone: bool = False) -> str | None:
    """The canonical number that `piece` begins with (after "about" and the like, or behind its last `=`), or None.

    A unit may follow; a number that is part of something larger (`3x`, `3:45`, `5 or 6`, `5 + 3`) is none. `alone` asks that
    nothing but a unit of up to two words follows.
    """
    side = _unwrapped(piece).replace("*", " ").strip() if alone else _unwrapped(piece).rpartition("=")[2]
    lead = _LEAD.match(side)
    found = _NUMBER.match(side, lead.end() if lead else 0)
    if found is None or _GOES_ON.match(side, found.end()) or (alone and not _UNIT.fullmatch(side, found.end())):
        return None
    worth = _worth(found)
    return None if worth is None else _shown(worth)


def numbers(piece: str) -> list[str | None]:
    """Each number in `piece`, canonical, or None where it is part of something larger."""
    flat = _unwrapped(piece)
    worths = [None if _GOES_ON.match(flat, found.end()) else _worth(found) for found in _INSIDE.finditer(flat)]
    return [None if worth is None else _shown(worth) for worth in worths]


def _unwrapped(value: str) -> str:
    """`value` without LaTeX wrappers and signs of currency, with fractions written `a/b`."""
    value = re.sub(r"\\(?:(?:left|right|displaystyle)(?![a-z])|[()\[\],;:! ])|\{(?=,\})|(?<=\{,)\}|\^\s*\{?\\circ\}?", "", value)
    value = re.sub(r"\\(?:times|cdot)(?![a-z])", "*", re.sub(r"\\([%$#&_])", r"\1", value.translate(_SIGNS)))
    value = re.sub(r"\\(?:text|textbf|textrm|mathrm|mathbf|mbox|boxed|fbox)\s*\{([^{}]*)\}", r"\1", value)
    value = re.sub(r"\^\{([-+]?\w+)\}", r"^\1", re.sub(r"\\[dt]?frac([0-9])([0-9])", r" \1/\2", value))
    value = re.sub(r"\\[dt]?frac\s*\{\s*(-?[0-9]+)\s*\}\s*\{\s*([0-9]+)\s*\}", r" \1/\2", value)
    return re.sub(r"^\s*\(([^()]*)\)\s*$", lambda found: found[1] if re.fullmatch(r"[\w./+-]+", found[1]) else found[0], value)


def _number(flat: str) -> Fraction | None:
    """The number that all of `flat` is, or None. What is too long to be meant as a number is text."""
    found = _NUMBER.fullmatch(flat.strip().rstrip(" .,;!?*").lstrip("*"))
    return _worth(found) if found else None


def _worth(found: re.Match[str]) -> Fraction | None:
    """The number that was `found`; None when it divides by zero or has more than 1,000 characters."""
    if len(found[0]) > 1000:
        return None
    top, bottom = _decimal(found["top"]), _decimal(found["bottom"] or "1")
    if bottom == 0:
        return None
    size = Fraction(found["whole"] or 0) + top / bottom * Fraction(10) ** int(found["e"] or found["power"] or 0)
    return -size if found["sign"] == "-" else size


def _decimal(text: str) -> Fraction:
    thousands = re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]+)?", text)
    return Fraction(text.replace(",", "" if thousands else "."))


def _shown(number: Fraction) -> str:
    """`number` as a decimal where it ends, else as a fraction."""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return str(number)
    places = next(k for k in range(number.denominator.bit_length() + 1) if 10**k % number.denominator == 0)
    digits = str(abs(number.numerator) * 10**places // number.denominator).zfill(places + 1)
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
