r"""The normal form of a mathematical expression, so that equal values are equal strings: `2\sqrt3` and `\sqrt{12}` are `2 \sqrt{3}`.

sympy computes the normal form. A small reader makes the expression, since the parsers at hand either evaluate text as code, take
seconds for nested braces, or misread `2(3)`. Nothing is evaluated that could be large, so time is bounded. sympy is imported when
the first expression is read.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

LENGTH = 80  # characters that an expression may have
DEPTH = 12  # brackets in brackets
BITS = 4000  # size of an integer power
ROOT = 10**12  # largest integer under a root
POWER = 12  # exponent of a sum or a variable
TERMS = 300  # terms that a product may expand to
LETTERS = 3  # different variables

_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)|\\(?P<command>[dt]?frac|sqrt|pi|cdot|times|div|sin|cos|tan|ln|log)(?![a-z])|(?P<letter>[A-Za-z])|"
    r"(?P<mark>\*\*|[-+*/^(){}\[\]]))"
)
_SIGNS = str.maketrans(
    {
        "\u221a": r"\sqrt ",
        "\u03c0": r"\pi ",
        "\u00b2": "^2",
        "\u00b3": "^3",
        "\u00b7": "*",
        "\u22c5": "*",
        "\u00d7": "*",
        "\u00f7": "/",
    }
)
# What an expression is the value of: x, f(x), f'(x), y', dy/dx.
_NAMED = re.compile(
    r"\s*(?:[A-Za-z]'{0,3}(?:\s?\([A-Za-z0-9, ]{1,20}\))?|d[A-Za-z]/d[A-Za-z]|\\[dt]?frac\s?\{d[A-Za-z]\}\s?\{d[A-Za-z]\})\s*=(?=[^=]*[0-9A-Za-z\\])"
)
_WORD = re.compile(r"[A-Za-z]{3}")
_PLAIN = re.compile(r"[-0-9\s./:,]*")
_TRIGGER = re.compile(r"[\\^+*/()]|[0-9A-Za-z) ]-|^-|[0-9][A-Za-z](?![A-Za-z])|[0-9] ?[abxyz]{2,3}(?![A-Za-z])|^[xyzXYZ]{2,3}$")
_FACTORS = re.compile(r"(?<![A-Za-z])[xyzXYZ]{3}(?![A-Za-z])|(?<=[0-9])[abxyz]{3}(?![A-Za-z])")  # a product of letters, and no word
_FUNCTIONS = ("sin", "cos", "tan", "ln", "log")
_CODE = re.compile(r"0[0-9]")  # a code such as 007, and no number
_RELATION = re.compile(r"(?<![-=<>~])(?:\\(leq?|geq?|lt|gt|neq?)(?:slant)?(?![a-z])|([<>]=?|[\u2264\u2265\u2260]))(?![-=<>~])")
_LESS, _AT_MOST, _UNLIKE = "<", "\u2264", "\u2260"
_RELATIONS = {
    "lt": _LESS, "le": _AT_MOST, "leq": _AT_MOST, "<=": _AT_MOST, "ne": _UNLIKE, "neq": _UNLIKE,
    "gt": ">", "ge": "\u2265", "geq": "\u2265", ">=": "\u2265",
}  # fmt: skip
_TURNED = {">": _LESS, "\u2265": _AT_MOST, _UNLIKE: _UNLIKE}


class _UnreadError(Exception):
    """The text is no expression, or one that could take long."""


def normal(text: str) -> str | None:
    r"""The normal form of the expression `text`, in LaTeX, or None where it is no expression or too large. `x = 5` is `5`."""
    return _normal(text.translate(_SIGNS)) if len(text) <= LENGTH else None


def relation(text: str) -> tuple[list[str], list[str]] | None:
    r"""The sides of the comparison `text` and the signs between them, each `<`, `\u2264` or `\u2260`; None if it is none.

    `5 > x` is `x < 5`. A text with words, an equation, and a chain of signs in both directions are none.
    """
    if len(text) > LENGTH or _WORD.search(re.sub(r"\\[a-z]+", " ", text)):
        return None
    found = list(_RELATION.finditer(text))
    stops = [0, *(one.end() for one in found)]
    sides = [text[stop:start].strip() for stop, start in zip(stops, [*(one.start() for one in found), len(text)], strict=True)]
    if not found or not all(sides) or "=" in "".join(sides):
        return None
    signs = [_RELATIONS.get(sign, sign) for sign in (one[1] or one[2] for one in found)]
    if all(sign in _TURNED for sign in signs) and set(signs) != {_UNLIKE}:
        return sides[::-1], [_TURNED[sign] for sign in reversed(signs)]
    return (sides, signs) if {*signs} <= {_LESS, _AT_MOST, _UNLIKE} else None


@lru_cache(maxsize=4096)
def _normal(text: str) -> str | None:
    named = _NAMED.match(text)
    body = text[named.end() :] if named and text.count("=") == 1 else text
    if not _shaped(body) and not (body is not text and _shaped(f"{body}+0")):
        return None
    try:
        return _form(_Reader(body).whole())
    except (_UnreadError, RecursionError, ArithmeticError, ValueError, TypeError, NotImplementedError):
        return None


def _shaped(text: str) -> bool:
    """Whether `text` looks like an expression: no words, no date or score, an operator or a factor before a letter."""
    words = _FACTORS.sub(" ", re.sub(r"\\[a-z]+", " ", text))
    return not (_PLAIN.fullmatch(text) or _WORD.search(words)) and bool(re.search(r"[0-9A-Za-z]", text) and _TRIGGER.search(text))


class _Reader:
    """Reads an expression from left to right. Only what `_TOKEN` knows is read."""

    def __init__(self, text: str) -> None:
        import sympy  # noqa: PLC0415  only an expression needs it

        self.sympy: Any = sympy
        self.tokens: list[tuple[str, str]] = []
        place, text = 0, text.rstrip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None or found.lastgroup is None or _CODE.match(found["number"] or ""):
                raise _UnreadError
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            place = found.end()
        letters = {token for kind, token in self.tokens if kind == "letter"}
        if len(letters) > LETTERS:
            raise _UnreadError
        self.imaginary = letters == {"i"}
        self.place = self.depth = 0

    def whole(self) -> Any:
        """The expression that all tokens make."""
        value = self.sum()
        if self.place < len(self.tokens):
            raise _UnreadError
        return value

    def sum(self) -> Any:
        """Products between plus and minus."""
        value = self.product()
        while (mark := self.take("+", "-")) is not None:
            other = self.product()
            value = value + other if mark == "+" else value - other
        return value

    def product(self) -> Any:
        """Factors, with or without a sign between them."""
        if self.take("-") is not None:
            return -self.product()
        self.take("+")
        value = self.power()
        while True:
            mark = self.take("*", "/", "cdot", "times", "div")
            if mark is None and self.peek() in {"", "+", "-", ")", "}", "]", "^", "**"}:
                return value
            minus = mark is not None and self.take("-") is not None
            if mark is None and self.tokens[self.place][0] == "number":
                raise _UnreadError  # "3 4" is no product
            other = -self.power() if minus else self.power()
            if mark in {"/", "div"} and other == 0:
                raise _UnreadError
            value = value / other if mark in {"/", "div"} else value * other
            if _terms(value) > TERMS:
                raise _UnreadError

    def power(self) -> Any:
        """A factor with its exponent. A power binds to the right."""
        base = self.factor()
        if self.take("^", "**") is None:
            return base
        minus = self.take("-") is not None
        exponent = self.factor() if self.peek() in {"{", "("} else self.power()
        return self.raised(base, -exponent if minus else exponent)

    def raised(self, base: Any, exponent: Any) -> Any:
        """`base` to the `exponent`, unless that could be large or is no real number for a real base."""
        exponent = self.sympy.expand(exponent)
        small = exponent.is_Rational and abs(exponent.p) <= POWER and exponent.q <= POWER
        whole = base.is_Rational and exponent.is_Integer and abs(int(exponent)) <= BITS
        fits = whole and abs(int(exponent)) * max(int(base.p).bit_length(), int(base.q).bit_length()) <= BITS
        symbols = (base.is_Symbol and exponent.is_Integer) or exponent.is_Symbol or self.unknown(base, exponent)
        if not (small or fits or symbols) or (base == 0 and exponent.is_number and exponent <= 0):
            raise _UnreadError
        if exponent.is_Rational and exponent.q > 1 and base.is_Rational and max(abs(base.p), base.q) > ROOT:
            raise _UnreadError
        if exponent.is_Rational and exponent.q > 2 and base.is_number and not base.is_nonnegative:
            raise _UnreadError  # a root of a negative number has several values
        return base**exponent

    def unknown(self, base: Any, exponent: Any) -> bool:
        """Whether a number or a letter has an exponent with letters whose numbers are small."""
        if not (base.is_Symbol or base.is_Rational) or exponent.is_number or _terms(exponent) > POWER:
            return False
        size = 1 if base.is_Symbol else max(int(base.p).bit_length(), int(base.q).bit_length())
        return all(size * max(abs(int(one.p)), int(one.q)) <= BITS for one in exponent.atoms(self.sympy.Rational))

    def factor(self) -> Any:
        """A number, a letter, a bracket, a fraction or a root."""
        if self.place >= len(self.tokens):
            raise _UnreadError
        kind, token = self.tokens[self.place]
        self.place += 1
        if kind == "number":
            return self.sympy.Rational(token)
        if kind == "letter":
            return self.sympy.I if self.imaginary else self.sympy.Symbol(token)
        if kind == "command":
            return self.command(token)
        closing = {"(": ")", "{": "}"}.get(token)
        if closing is None:
            raise _UnreadError
        return self.inside(closing)

    def inside(self, closing: str) -> Any:
        """A sum up to the bracket `closing`."""
        self.depth += 1
        if self.depth > DEPTH:
            raise _UnreadError
        value = self.sum()
        if self.take(closing) is None:
            raise _UnreadError
        self.depth -= 1
        return value

    def command(self, name: str) -> Any:
        r"""`\pi`, a fraction, a root or a function."""
        if name == "pi":
            return self.sympy.pi
        if name == "sqrt":
            index = self.inside("]") if self.take("[") is not None else self.sympy.Integer(2)
            if not (index.is_Integer and 1 < index <= POWER):
                raise _UnreadError
            inner = self.argument()
            odd = index % 2 == 1 and inner.is_number and inner.is_negative
            return -self.raised(-inner, 1 / index) if odd else self.raised(inner, 1 / index)
        if name in _FUNCTIONS:
            return self.sympy.Function(name)(self.operand())
        if name.endswith("frac"):
            top, bottom = self.argument(), self.argument()
            if bottom == 0:
                raise _UnreadError
            return top / bottom
        raise _UnreadError

    def argument(self) -> Any:
        """What a command applies to: a bracket, or one digit or letter."""
        if self.place >= len(self.tokens):
            raise _UnreadError
        kind, token = self.tokens[self.place]
        if kind == "number" and token.isdigit() and len(token) > 1:
            self.tokens[self.place : self.place + 1] = [("number", token[0]), ("number", token[1:])]
        return self.factor()

    def operand(self) -> Any:
        """What a function is applied to: a bracket, or one number or letter that ends a factor. `sin 2x` could be two things."""
        if self.peek() in {"(", "{"}:
            return self.factor()
        value = self.argument()
        if self.peek() not in {"", "+", "-", ")", "}", "]", *_FUNCTIONS}:
            raise _UnreadError
        return value

    def peek(self) -> str:
        """The next token, or an empty string."""
        return self.tokens[self.place][1] if self.place < len(self.tokens) else ""

    def take(self, *marks: str) -> str | None:
        """The next token if it is one of `marks`."""
        if (token := self.peek()) in marks:
            self.place += 1
            return token
        return None


def _terms(value: Any) -> int:
    """A bound for the number of terms of `value` when it is expanded."""
    if value.is_Add:
        return sum(_terms(part) for part in value.args)
    if value.is_Mul:
        count = 1
        for part in value.args:
            count *= _terms(part)
        return count
    if value.is_Pow and value.exp.is_Integer and value.base.is_Add:
        return int(min(10**6, len(value.base.args) ** abs(int(value.exp))))
    return 1


def _form(value: Any) -> str | None:
    """The normal form of `value`, in LaTeX."""
    import sympy  # noqa: PLC0415  only an expression needs it

    if not value.is_finite and value.is_number:
        return None
    surds = len(value.atoms(sympy.Pow))
    if _terms(value) > TERMS or surds > POWER:
        return None
    if value.is_number:
        value = sympy.expand(sympy.radsimp(sympy.sqrtdenest(sympy.expand(value)), max_terms=3))
    elif all(power.exp.is_Integer for power in value.atoms(sympy.Pow)):
        value = sympy.cancel(value)
        top, bottom = sympy.fraction(value)
        value = sympy.expand(top) / sympy.expand(bottom) if bottom.free_symbols else sympy.expand(value)
    shown = str(sympy.latex(value, fold_short_frac=False, mul_symbol=None))
    return re.sub(rf"\\operatorname\{{({'|'.join(_FUNCTIONS)})\}}", r"\\\1", shown)
