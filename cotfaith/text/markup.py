r"""Markup of a text in one form: digits, spaces and marks of all scripts, wrappers such as `\boxed{}` and `<answer>`, JSON and tables."""

from __future__ import annotations

import re
import unicodedata

_MARKS = {
    "\u00a0": " ", "\u1680": " ", "\u2000": " ", "\u2001": " ", "\u2002": " ", "\u2003": " ", "\u2004": " ", "\u2005": " ", "\u2006": " ",
    "\u2007": " ", "\u2008": " ", "\u2009": " ", "\u200a": " ", "\u202f": " ", "\u205f": " ", "\u3000": " ", "\t": " ", "\r": "",
    "\u200b": "", "\u200c": "", "\u200d": "", "\u200e": "", "\u200f": "", "\u2060": "", "\ufeff": "",
    "\u3002": ". ", "\u0964": ". ", "\u06d4": ". ", "\u061f": "?", "\u060c": ",", "\u061b": ";", "\u3001": ", ", "\u066b": ".", "\u066c": ",",
    "\u2212": "-", "\u300c": '"', "\u300d": '"', "\u300e": '"', "\u300f": '"', "\u3010": "[", "\u3011": "]", "\u00ab": '"', "\u00bb": '"',
}  # fmt: skip


class _Folding(dict[int, str]):
    """What each character becomes. Wide letters and marks become ASCII, and so do the digits of every script."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if 0xFF01 <= code <= 0xFF5E:
            char = chr(code - 0xFEE0)
        elif (digit := unicodedata.decimal(char, None)) is not None:
            char = str(digit)
        self[code] = char
        return char


_FOLDING = _Folding({ord(char): to for char, to in _MARKS.items()})
_CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_SEAM = re.compile(rf"(?<=[A-Za-z0-9)])(?=[{_CJK}])|(?<=[{_CJK}])(?=[A-Za-z0-9(])")
# A tag that the text only mentions, as in "enclosed within <answer> tags".
_MENTIONED = re.compile(
    r"\b(within|inside|between|in|with|using|use|the|by|of|and|an)(\s{1,3}[\"'`]?)<answer>[\"'`]?(?:(?:\s{0,3}(?:and\s{1,3})?</answer>)|(?=[^<\n]*$))"
    r"|<answer>(?=\s{0,3}(?:</answer>|(?:tags?|that|and|element|block|field)\b))",
    re.IGNORECASE | re.MULTILINE,
)
_OPEN = re.compile(r"<(?:(?:final|my|the)[-_ ]?)?(?:answer|ans)>|\[(?:final[-_ ]?)?answer\](?!\()", re.IGNORECASE)
_CLOSE = re.compile(r"</(?:(?:final|my|the)[-_ ]?)?(?:answer|ans)>|\[/(?:final[-_ ]?)?answer\]", re.IGNORECASE)
_JSON = re.compile(
    r"[\"'](?:final[-_ ]?|correct[-_ ]?|my[-_ ]?)?(?:answer|ans)(?:[-_ ]?(?:letter|choice|option))?[\"'] {0,4}: {0,4}"
    r"(?:\"([^\"\n]{0,300})\"|'([^'\n]{0,300})'|([-\w.]{1,60}))",
    re.IGNORECASE,
)
_HASHES = re.compile(r"^ {0,8}####(?!#)", re.MULTILINE)
_ROW = re.compile(r"^ {0,8}\|.*$", re.MULTILINE)
_QUOTED = re.compile(r"(?<!\w)['\u2018\"\u201c`]([A-Za-z])['\u2019\"\u201d`](?!\w)")
CUE = " answer: "


def folded(text: str) -> str:
    """`text` with ASCII digits, ASCII forms of wide letters, one kind of space, and no space runs.

    Letters of Chinese, Japanese and Korean stand apart from Latin ones.
    """
    return _SEAM.sub(" ", re.sub(r" {2,}", " ", text.translate(_FOLDING)))


def cued(text: str) -> str:
    """`text` with tags, `####`, JSON fields and table rows as a cue in words, and each value on a line that ends with it."""
    text = _JSON.sub(lambda found: f"{CUE}{found[1] or found[2] or found[3] or ''}\n", _MENTIONED.sub(r"\1\2 ", text))
    text = _CLOSE.sub("\n", _HASHES.sub(CUE, _OPEN.sub(CUE, text)))
    return _QUOTED.sub(r"\1", _ROW.sub(lambda row: row[0].replace("|", " : "), text))


def plain(text: str) -> str:
    r"""`text` without markdown and LaTeX wrappers; `\boxed{` becomes a cue in words."""
    text = re.sub(r"\\(?:boxed|fbox)\s{0,3}\{", CUE, cued(folded(text)))
    text = re.sub(r"\\[()\[\],; ]", " ", text)
    text = re.sub(r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathsf|emph|bf|rm|left|right)(?![a-z])\s{0,3}", "", text)
    return re.sub(r" {2,}", " ", re.sub(r"[*`{}$]|(?<!\w)_+|_+(?!\w)|^#+ ?", "", text, flags=re.MULTILINE))


def boxes(text: str) -> str:
    r"""`text` with what the other functions mark, and with each `\boxed{}` as a cue and a line that ends with the value."""
    text = folded(text)
    parts, stack, place = [], [], 0
    for brace in re.finditer(r"\\(?:boxed|fbox)\s{0,3}\{|(?<!\\)[{}]", text):
        opens = brace[0] != "}"
        if opens:
            stack.append(len(brace[0]) > 1)
        if stack and (stack[-1] if opens else stack.pop()):
            parts += [text[place : brace.start()], CUE if opens else "\n"]
            place = brace.end()
    text = cued("".join([*parts, text[place:]]))
    return re.sub(r"(?<!\d)\*\*|\*\*(?!\d)", "", text)
