"""The words that join several answers: "A or B", "A und B", "A和B"."""

from __future__ import annotations

from cotfaith.text.words import either

OR_WORDS = {
    "English": "or",
    "German": "oder",
    "French, Portuguese": "ou",
    "Spanish, Italian": "o",
    "Dutch": "of",
    "Russian": "или",
    "Nordic": "eller",
    "Polish": "lub albo",
    "others": "atau veya hoặc ή أو या",
}
AND_WORDS = {
    "English": "and nor",
    "German": "und",
    "French": "et",
    "Spanish": "y",
    "Italian, Portuguese": "e",
    "Dutch": "en",
    "Russian": "и",
    "Nordic": "och og",
    "Polish": "i",
    "others": "dan ve và και و और",
}
OR_ASIAN = r"もしくは|あるいは|ないし|或者?(?!许)|还是|還是|または|か|또는|혹은"
AND_ASIAN = r"和|与|與|及|と|や|와|과|및"
JOIN = rf"(?:(?:{either(*OR_WORDS.values(), *AND_WORDS.values())}|and/or|or else|as well as|vs\.?|possibly|maybe|perhaps)(?![^\W\d_])|{OR_ASIAN}|{AND_ASIAN}|/|&)"
# Without the words that are something else in English: "the man of steel", "o" and "en".
_PLAIN_OR = {language: words for language, words in OR_WORDS.items() if language != "Dutch"}
DISJUNCTION = rf"(?:(?<!\w)(?:{either(*_PLAIN_OR.values())})(?!\w)|或者?(?!许)|还是|還是|または|또는)"
