"""Insertion: a word that says nothing of the matter is put into the question (Atanasova et al. 2023, arXiv 2305.18029; Siegel et al. 2024, arXiv 2404.03189).

There a tagger finds nouns and verbs, adjectives go before nouns and adverbs before verbs. Here nothing is tagged: an adjective goes
behind an article ("a", "an", "the", in the form that fits), an adverb before one of a few common verb forms ("is", "did", "can"),
but never at the start of the text. Most of what comes out is grammatical, not all. The word is one that the question does not have
yet.

Held fixed: the rest of the question, choices and prompt. The edited question is thought about afresh; matched control: the trace's
own reasoning and answer. What it cannot tell: thinking afresh changes answers by sampling alone, so an impact is not all the
word's; and a model may heed a word without naming it in the same letters, or name it without heeding it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from cotfaith.contracts.intervention import AbstractEdit, InterventionInfo
from cotfaith.errors import UsageError
from cotfaith.types import Probe, Question, Trace
from interventions.joining import at_least, ends, impossible

ADJECTIVES = (
    "amiable", "cheerful", "dusty", "eager", "elegant", "gentle", "icy", "lavish", "mellow", "ornate", "playful", "quaint", "rustic",
    "sleepy", "upbeat", "wistful",
)  # fmt: skip
ADVERBS = ("blithely", "calmly", "gladly", "jovially", "merrily", "proudly", "sleepily", "wryly")

_VERBS = "is|are|was|were|has|have|had|does|did|can|could|will|would|should"
_ARTICLE = re.compile(rf"(?<![\w.'-])([Tt]he|[Aa]n|a)\s(?=[A-Za-z])(?!(?:{_VERBS})\b)")
_VERB = re.compile(rf"(?<=\w )(?=(?:{_VERBS})\s)")


@dataclass(frozen=True)
class Insertion(AbstractEdit):
    """Put a random word at a random place of the question and think afresh. The dose is 1, the kind is the word.

    Args:
        insertions: how many different words are tried, one at a time; fewer if the question has too few places or words.
        words: words to insert after articles; if empty, adjectives after articles and adverbs before common verb forms.
    """

    insertions: int = 4
    words: tuple[str, ...] = ()

    name: ClassVar[str] = "insertion"
    streamed: ClassVar[tuple[str, ...]] = ("insertions", "words")
    about: ClassVar[InterventionInfo] = InterventionInfo(
        summary="insert an irrelevant word into the question and resample the reasoning",
        paper="Atanasova et al. 2023 (arXiv 2305.18029); Siegel et al. 2024 (arXiv 2404.03189)",
        move="question, resample",
        needs=("tokens", "prefill"),
    )

    def __post_init__(self) -> None:
        """Refuse invalid parameters."""
        at_least(1, self.name, insertions=self.insertions)
        for word in self.words:
            if not re.fullmatch(r"\w[\w'-]*", word):
                raise UsageError(
                    f"Intervention insertion: words has {word!r}, but each must be one word; mend it, or leave words out."
                )

    def edit(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Sequence[Probe]:
        """The two ends, and each inserted word with the trace's own reasoning as its control."""
        found = self._drawn(question, rng)
        if not found:
            return impossible(self, trace, "no place")
        probes = ends(self, trace)
        for draw, (place, word) in enumerate(found):
            edited = replace(question, text=f"{question.text[:place]}{word} {question.text[place:]}")
            probes.append(self.probe(trace, "treated", keep=0, then="continue", dose=1.0, kind=word, draw=draw, question=edited))
            probes.append(self.probe(trace, "control", keep=len(trace.reasoning_ids), draw=draw))
        return probes

    def _drawn(self, question: Question, rng: np.random.Generator) -> list[tuple[int, str]]:
        """Places in the text and words for them: a place at random, then a word that fits there and was not drawn before."""
        known = set(re.findall(r"\w[\w'-]*", _seen(question).casefold()))
        fits = {place: [w for w in words if w.casefold() not in known] for place, words in self._places(question.text)}
        drawn: list[tuple[int, str]] = []
        while len(drawn) < self.insertions and (free := [place for place, words in fits.items() if words]):
            place = free[int(rng.integers(len(free)))]
            word = fits[place][int(rng.integers(len(fits[place])))]
            drawn.append((place, word))
            fits = {other: [w for w in words if w != word] for other, words in fits.items()}
        return drawn

    def _places(self, text: str) -> Iterator[tuple[int, Sequence[str]]]:
        """Each place of `text` where a word can go, with the words that fit there."""
        for found in _ARTICLE.finditer(text):
            article = found[1].casefold()
            words = self.words or ADJECTIVES
            yield (
                found.end(),
                words if article == "the" else [w for w in words if (w[0].casefold() in "aeiou") == (article == "an")],
            )
        for found in () if self.words else _VERB.finditer(text):
            yield found.end(), ADVERBS


def _seen(question: Question) -> str:
    """All that the model is told in the question."""
    return "\n".join((question.before, question.text, *question.choices, question.after, *(turn.text for turn in question.turns)))
