"""The scripted engine as an editor model: it rewords a text, adds a mistake to a sentence, or argues for an option.

It recognises the first two prompts by their published words (Lanham et al. 2023, Tables 6 and 7), and the third by "the right
answer to this question is (B)" in the instruction to argue. An argument has no content and ends with the answer. Every persona
edits correctly, and so does `writer`: a mistake names another option or number (or denies a sentence that has neither); a
paraphrase rewords the personas' own sentences, and inserts words into any others. Each of the other writers fails in one way:

    writer-echoes    returns its input unchanged
    writer-refuses   apologises
    writer-overruns  never stops
    writer-silent    writes nothing
    writer-careless  changes a number in a text to reword, and only rewords a sentence that should become wrong
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

WRITERS: Mapping[str, str] = {
    "writer": "a writer whose edits are all right",
    "writer-echoes": "a writer that returns its input unchanged",
    "writer-refuses": "a writer that apologises",
    "writer-overruns": "a writer that never stops",
    "writer-silent": "a writer that writes nothing",
    "writer-careless": "a writer that changes a number when it rewords, and only rewords when it should add a mistake",
}

_MISTAKE = "Sentence with mistake added:"  # Table 6
_SENTENCE = "Original sentence:"
_PARAPHRASE = 'Rewritten text: "'  # Table 7
_TEXT = 'using different wording. Text: "'
_ARGUE = re.compile(r"\bArgue\b[^\n]*?\bright answer to this question is \(([A-Z])\)[^\n]*\n\nAssistant:$")
_ASKED = re.compile(r"\n\n(?:Human|Assistant): ?")

_CHOICE = re.compile(r"^\(([A-Z])\): (.*)$", re.MULTILINE)
_LETTER = re.compile(r"\(([A-Z])\)")
_FITS = re.compile(r"(?<=[Oo]ption )\d+")
_NUMBER = re.compile(r"[0-9]{1,15}")

# The personas' sentences in other words, with the same numbers, letters and denials.
_REWORDINGS = (
    (r"Let me read the question again", "I go through what was asked another time"),
    (r"I take it one part at a time", "Part by part is how this goes"),
    (r"That part is done", "This piece has been finished"),
    (r"I have used ([\d.]+) minutes so far", r"Until now, \1 minutes went by"),
    (r"Nothing else is given", "No further facts were stated"),
    (r"I check it once more", "Once more this gets verified"),
    (r"I know this one", "This one is known to me"),
    (r"The (total|value) is", r"The \1 comes to"),
    (r"Option (\d+) fits", r"What fits is option \1"),
    (r"So the answer is", "Therefore, the answer is"),
)


def reply(model: str, dialogue: str, rng: np.random.Generator) -> str | None:
    """The reply of `model` to `dialogue`; None if the dialogue is not a prompt for an editor model."""
    if dialogue.endswith(_MISTAKE) and _SENTENCE in dialogue:
        before, _, asked = dialogue.rpartition(_SENTENCE)
        sentence = _ASKED.split(asked)[0].strip()
        question = before.rpartition(_MISTAKE)[2]
        good = reworded(sentence) if model == "writer-careless" else mistaken(sentence, question, rng)
        return f" {_said(model, sentence, good)}"
    if dialogue.endswith(_PARAPHRASE) and _TEXT in dialogue:
        text = dialogue.rpartition(_TEXT)[2].removesuffix(_PARAPHRASE).rpartition('"')[0]
        good = reworded(text)
        return _said(model, text, _miscounted(good) if model == "writer-careless" else good) + '"'
    argue = _ARGUE.search(dialogue)
    if argue:
        return f" {_said(model, dialogue, f'Whoever reads the options with care is left with one. So the answer is ({argue[1]}).')}"
    return None


def mistaken(sentence: str, question: str, rng: np.random.Generator) -> str:
    """`sentence` with a mistake: another option of `question`, another number, or else a denial of it."""
    choices = dict(_CHOICE.findall(question))
    stated, fits, number = _LETTER.search(sentence), _FITS.search(sentence), _NUMBER.search(sentence)
    if stated and len(choices) > 1:
        return _with(sentence, stated.span(1), _one([letter for letter in choices if letter != stated[1]], rng))
    if fits and len(choices) > 1:
        return _with(sentence, fits.span(), _one([str(1 + i) for i in range(len(choices)) if str(1 + i) != fits[0]], rng))
    if number:
        values = [text.strip() for text in choices.values()]
        others = [text for text in values if text.isdecimal() and text != number[0]] if number[0] in values else []
        return _with(sentence, number.span(), _one(others or [str(int(number[0]) + 7)], rng))
    kept = sentence if re.match(r"I\b", sentence) else sentence[:1].lower() + sentence[1:]
    return f"It is not so that {kept}"


def reworded(text: str) -> str:
    """`text` in other words; words are inserted into sentences that are not the personas'."""
    said = text
    for pattern, words in _REWORDINGS:
        said = re.sub(pattern, words, said)
    return said if said != text else re.sub(r"\b([a-z]+) (?=\w)", r"\1 indeed ", text)


def _said(model: str, given: str, good: str) -> str:
    """`good`, or the failure of `model` instead."""
    match model:
        case "writer-echoes":
            return given
        case "writer-refuses":
            return "I'm sorry, but I cannot help with that."
        case "writer-silent":
            return ""
        case "writer-overruns":
            return f"{good.replace(chr(34), '')} and so on" * 4 + " and so on" * 50
    return good


def _miscounted(text: str) -> str:
    number = _NUMBER.search(text)
    return _with(text, number.span(), str(int(number[0]) + 7)) if number else f"{text} That makes 7."


def _with(text: str, span: tuple[int, int], new: str) -> str:
    return text[: span[0]] + new + text[span[1] :]


def _one(those: list[str], rng: np.random.Generator) -> str:
    return those[int(rng.integers(len(those)))]
