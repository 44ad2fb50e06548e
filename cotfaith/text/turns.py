"""Where a text goes on to another question: a new turn of a dialogue, "Question:", "Problem 2:", or the tags of a chat template.

A model that was not stopped writes the next question itself, and then answers that one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from cotfaith.text.words import either

_QUESTIONS = {
    "English": "question problem exercise task puzzle riddle query q prompt instruction",
    "German": "frage aufgabe",
    "French": "question problème exercice",
    "Spanish": "pregunta problema ejercicio",
    "Italian": "domanda problema esercizio",
    "Portuguese": "pergunta problema exercício",
    "Dutch": "vraag opgave",
    "Nordic": "fråga spørgsmål spørsmål",
    "Polish, Czech": "pytanie otázka",
    "Russian, Ukrainian": "вопрос задача питання",
    "others": "soru pertanyaan ερώτηση kérdés întrebare السؤال प्रश्न שאלה คำถาม 问题 問題 题目 題目 質問 問い 问 問 질문 문제",
}
_ROLES = {
    "English": "human user",
    "German": "mensch benutzer nutzer",
    "French": "humain utilisateur",
    "Spanish, Portuguese": "humano usuario usuário",
    "Italian": "umano utente",
    "Dutch": "mens gebruiker",
    "Russian": "человек пользователь",
    "others": "用户 用戶 人类 ユーザー 사용자",
}
_ORDER = r"(?:(?:the\s)?(?:next|new|another|second|following|nächste|neue|suivante|nouvelle|siguiente|nueva|下一)\s?)?"
_START = r"(?:^|(?<=[.!?)>。])\s)[\s#>*_-]{0,6}"
# "Question:", "Question 2." or a heading, at the start of a line or of a sentence.
_ASKS = re.compile(
    rf"{_START}{_ORDER}(?:{either(*_QUESTIONS.values())})(?![^\W\d_])\s?(?:#?\d{{1,4}})?[*_]{{0,3}}\s?(?::|：|(?<=\d)[.)]|(?=\n))",
    re.IGNORECASE | re.MULTILINE,
)
_SHORT = re.compile(r"\bq\s?\d{0,4}\W*$", re.IGNORECASE)
_LETTER_A = re.compile(r"^A\s?\d{0,4}\s?:", re.MULTILINE)
_SPEAKS = re.compile(
    rf"{_START}(?:{either(*_ROLES.values())})[*_]{{0,3}}\s?[:：]|<\|?(?:im_start|start_header_id|start)\|?>\s?user\b|<\|?(?:user|human|endoftext|end_of_text|eot_id)\|?>|"
    r"<start_of_turn>\s?user\b|\[INST\]|</s>",
    re.IGNORECASE | re.MULTILINE,
)
_TEXTS = "passage context text premise paragraph article story dialogue scenario student teacher interviewer customer"
_NO_TALK = r"(?!(?:[^\n]{0,300}\b)?(?:options?|choices?|answers?|let|each|consider|check|explanation|reason\w*|why|because|analy\w+|incorrect|wrong)\b)"
_STEM = r"(?:[^\s]{1,40} ){2}[^\n]{1,300}"
_ITEMS = r"\n\s{0,3}(?:\n\s{0,3})?\(?A[.):]\s[^\n]{1,200}\n\s{0,3}\(?B[.):]\s"
# What may begin another question behind an answer: a block such as "Passage:", a numbered question, or a question with lettered options.
_GOES_ON = re.compile(
    rf"\n\s{{0,3}}\n[#>*_ -]{{0,6}}(?:(?:{either(_TEXTS)})[*_]{{0,3}}\s?:|example\s?[0-9]{{1,3}}[*_]{{0,3}}\s?[:.]|(?!1[.)])[0-9]{{1,3}}[.)]\s[^\n]{{1,300}}\?\s{{0,3}}(?:\n|$)|"
    rf"{_NO_TALK}{_STEM}[^\n.!]\s{{0,3}}{_ITEMS})|\n\s{{0,3}}{_NO_TALK}{_STEM}(?:[?:]\s{{0,3}}{_ITEMS}|\?\s\(?A[.):]\s[^\n]{{1,100}}?\s\(?B[.):]\s)",
    re.IGNORECASE,
)
_LOOKS = 5  # places where another question may begin that are looked at


@dataclass(frozen=True, slots=True)
class Part:
    """The `text` from one question to the next. `first` and `last` say whether the whole text begins and ends with it."""

    text: str
    first: bool
    last: bool


def parts(text: str) -> list[Part]:
    """The parts of `text` from one question to the next, up to the first turn of someone else."""
    spoken = _SPEAKS.search(text)
    own = text[: spoken.start()] if spoken else text
    asked = list(_ASKS.finditer(own))
    starts = [0, *(found.end() for found in asked)]
    stops = [*(found.start() for found in asked), len(own)]
    marks = ["", *(found[0] for found in asked)]
    return [
        Part(_answers(own[start:stop]) if _SHORT.search(mark) else own[start:stop], start == 0, stop == len(text))
        for start, stop, mark in zip(starts, stops, marks, strict=True)
        if own[start:stop].strip()
    ]


def beginnings(part: str) -> list[str]:
    """What stands in `part` before each place where another question may begin; it does begin there if an answer comes before.

    A text that thinks first may ask the question again before it answers.
    """
    before = [part[: found.start()] for found in islice(_GOES_ON.finditer(part), _LOOKS)]
    return [text for text in before if text.strip() and ("<think>" not in text or "</think>" in text)]


def _answers(part: str) -> str:
    """`part`, which "Q:" began, with "A:" at the start of a line as a cue in words."""
    return _LETTER_A.sub("Answer:", part)
