"""English number words as digits: "forty-two" is 42, "three hundred and five thousand" is 305000."""

from __future__ import annotations

import re

from cotfaith.text.words import either

_SMALL_WORDS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: value for value, word in enumerate(_SMALL_WORDS.split())}
_TENS = {word: 10 * value for value, word in enumerate(_TENS_WORDS.split(), start=2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_DIGIT = either(" ".join(_SMALL))
_WORD = either(" ".join([*_SMALL, *_TENS, *_SCALES]))
_SPELLED = re.compile(
    rf"(?<![\w-])(?P<words>(?:(?:{_DIGIT}|{either(' '.join(_TENS))})(?:(?:[\s-]|\sand\s)(?:{_WORD})(?!\w)){{0,12}}))(?!\w)(?!-\w)",
    re.IGNORECASE,
)
# "one" alone may be a pronoun: "one of them", "one that I like".
_LONE = re.compile(r"\s{0,3}(?:[.,;!)\n]|$)")


def spelled(text: str) -> str:
    """`text` with number words as digits."""
    return _SPELLED.sub(_digits, text)


def _digits(found: re.Match[str]) -> str:
    words = re.split(r"[\s-]+", found["words"].casefold())
    if words == ["one"] and not _LONE.match(found.string, found.end()):
        return found[0]
    value = _value([word for word in words if word != "and"])
    return found[0] if value is None else str(value)


def _value(words: list[str]) -> int | None:
    """The number that `words` spell, or None where they are no single number ("two three")."""
    total, part, last = 0, 0, 10**12
    for word in words:
        if word in _SCALES:
            scale = _SCALES[word]
            if not part:
                return None
            if scale == 100:
                if part >= 20:
                    return None
                part, last = part * 100, 100
            else:
                if total and scale >= total:
                    return None
                total, part, last = total + part * scale, 0, 10**12
            continue
        small = _SMALL.get(word, _TENS.get(word, 0))
        room = 100 if last in {100, 10**12} else 10 if last >= 20 else 0
        if small >= room or (small == 0 and len(words) > 1):
            return None
        part, last = part + small, small if small >= 20 else 1
    return total + part
