r"""Numbers as texts write them: digits with marks between them, currency signs, scales and powers, and what they are worth.

Values are exact fractions; nothing is evaluated.
"""

from __future__ import annotations

import re
from fractions import Fraction

from cotfaith.text.markup import folded

# Digits with marks between them. A space parts only groups of three. `_decimal` says what they are worth.
_DIGITS = r"(?:[0-9]{1,40}(?:(?:[.,'\u2019]| (?=[0-9]{3}(?![0-9])))[0-9]{1,40}){0,10}\.?|\.[0-9]{1,40})(?![0-9]|[.,][0-9])"
_SCALES = {
    "dozen": 12, "dutzend": 12, "douzaine": 12, "docena": 12, "hundred": 100, "hundert": 100, "thousand": 1000, "tausend": 1000,
    "mille": 1000, "mil": 1000, "lakh": 10**5, "crore": 10**7, "million": 10**6, "millionen": 10**6, "millone": 10**6, "millón": 10**6,
    "milhõe": 10**6, "milhão": 10**6, "milione": 10**6, "milioni": 10**6, "miljoen": 10**6, "milliard": 10**9, "milliarde": 10**9,
    "milliarden": 10**9, "billion": 10**9, "trillion": 10**12, "万": 10**4, "萬": 10**4, "만": 10**4, "亿": 10**8,
    "億": 10**8, "억": 10**8,
}  # fmt: skip
_LETTERS = {"k": 10**3, "m": 10**6, "b": 10**9}
MONEY = r"(?:[$\u20ac\u00a3\u00a5\u20b9]|(?:EUR|USD|GBP|CHF|Rs\.?|US\$|R\$)(?![A-Za-z]))"
_EURO = r"\s?(?:\u20ac|EUR\b|euros?\b)"
NUMBER = re.compile(
    rf"(?P<sign>[-+]?) ?(?P<money>{MONEY}?) ?(?P<inner>[-+]?)(?:(?P<whole>[0-9]{{1,15}}) (?=[0-9]{{1,15}}/[0-9]))?(?P<top>{_DIGITS})"
    rf"(?:e(?P<e>[-+]?[0-9]{{1,3}})(?![0-9])| ?[x*] ?10\^(?P<power>[-+]?[0-9]{{1,3}}))?(?: ?/ ?(?P<bottom>{_DIGITS}))?"
    rf"(?:(?:(?: |-)?(?P<scale>{'|'.join(sorted(_SCALES, key=len, reverse=True))})s?(?![^\W\d_]))|(?P<letter>[kmb])(?![\w/]))?"
    rf"(?P<sent>(?: ?(?:[%\u2030\u00b0]|{MONEY}))?)",
    re.IGNORECASE,
)
INSIDE = re.compile(rf"(?<![\w.]){NUMBER.pattern}", re.IGNORECASE)
_SIGNS = str.maketrans({"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "\u2044": "/", "\u00d7": "*"})


def unwrapped(value: str) -> str:
    """`value` without LaTeX wrappers, with fractions written `a/b`."""
    value = re.sub(r"\\([%$#&_])", r"\1", folded(value).translate(_SIGNS))
    value = re.sub(r"(?<![0-9A-Za-z])\$(?![0-9.-]| [0-9])|\$(?=$|[ .,;!?])(?<![0-9]\$)", "", value)
    value = re.sub(r"\\(?:(?:left|right|displaystyle)(?![a-z])|[()\[\],;:! ])|\{(?=,\})|(?<=\{,)\}|\^ ?\{?\\circ\}?", "", value)
    value = re.sub(r"\\(?:times|cdot)(?![a-z])", "*", value)
    value = re.sub(r"\\(?:text|textbf|textrm|mathrm|mathbf|mbox|boxed|fbox) ?\{([^{}]{0,200})\}", r"\1", value)
    value = re.sub(r"\\[dt]?frac([0-9])([0-9])", r" \1/\2", value)
    value = re.sub(r"\^\{([-+]?[0-9]{1,20}|[A-Za-z])\}(?!\.?[0-9]|!)", r"^\1", value)  # one exponent, which no digit would join
    value = re.sub(r"_\{([0-9]{1,20}|[A-Za-z])\}(?!\w)", r"_\1", re.sub(r"(?<=[0-9])~(?=[A-Za-z\\])", " ", value))
    value = re.sub(r"\\[dt]?frac ?\{ ?(-?[0-9]{1,40}) ?\} ?\{ ?([0-9]{1,40}) ?\}", r" \1/\2", value)
    value = re.sub(r" {2,}", " ", value)
    whole = re.fullmatch(r"\s?[(\[]([\w./+-]{1,60})[)\]]\s?", value)
    return whole[1] if whole else value


def worth(found: re.Match[str], *, comma: bool = False, brief: bool = False) -> Fraction | None:
    """The number that was `found`; None when it divides by zero, or when its marks leave open which number it is.

    `brief`: 15k and 3M are thousands and millions without a currency sign too.
    """
    money = found["money"] + found["sent"]
    euro = (
        "\u20ac" in money
        or "EUR" in money.upper()
        or bool(re.match(_EURO, found.string[found.end() : found.end() + 8], re.IGNORECASE))
    )
    top = _decimal(found["top"], comma=comma, euro=euro, signed=bool(money))
    bottom = _decimal(found["bottom"] or "1", comma=comma)
    if not bottom or top is None or (found["letter"] and not (found["money"] or (brief and found["letter"] in {"k", "K", "M"}))):
        return None
    scale = (found["scale"] or "").casefold()
    if comma and scale in {"billion", "trillion"}:  # a thousand times more in these languages
        return None
    size = Fraction(found["whole"] or 0) + top / bottom * Fraction(10) ** int(found["e"] or found["power"] or 0)
    size *= _SCALES.get(scale, 1) * _LETTERS.get((found["letter"] or "").casefold(), 1)
    return -size if "-" in {found["sign"], found["inner"]} else size


def _decimal(text: str, *, comma: bool = False, euro: bool = False, signed: bool = False) -> Fraction | None:
    """What digits with marks are worth; None for a code such as `007`, and where it is open, as for `1,2` or, in some languages, `1.234`.

    `comma`: the language writes decimals with a comma. `euro`: the amount is in euros. `signed`: a currency or percent sign is there.
    """
    text = text.replace("\u2019", "'").removesuffix(".")
    if re.match(r"0[0-9]", text):
        return None
    if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+", text):
        thousands = re.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}", text)
        return Fraction(text) if not thousands or not (comma or euro) else Fraction(text.replace(".", "")) if euro else None
    if re.fullmatch(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]+)?", text):
        open_ = comma and text.count(",") == 1 and "." not in text
        return None if open_ else Fraction(text.replace(",", ""))
    if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]{1,3}(?:\.[0-9]{3}){2,}", text):
        return Fraction(text.replace(".", "").replace(",", "."))
    if re.fullmatch(r"[1-9][0-9]{0,2}(?:([ '])[0-9]{3})(?:\1[0-9]{3})*(?:[.,][0-9]+)?", text):
        return Fraction(re.sub("[ ']", "", text).replace(",", "."))
    return Fraction(text.replace(",", ".")) if (comma or euro or signed) and re.fullmatch(r"[0-9]+,[0-9]+", text) else None


def shown(number: Fraction) -> str:
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
