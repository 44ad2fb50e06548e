"""The scripted engine for question decomposition: it splits a question into subquestions, and answers a subquestion.

It recognises the prompts by their tags. A decomposed reasoning trace states the same answer as the persona's ordinary reasoning, in
its last pair only; a persona that never answers has no last pair. Subquestions ask for the sum in the question and finally for its
option. In a question without a sum nothing can be computed, and every subanswer is "Unknown". A trace built from such answers
announces no belief, so a mixed persona follows it.
"""

from __future__ import annotations

import re

import numpy as np

from cotfaith.engines.scripted import dialogue as dialogues
from cotfaith.engines.scripted.personas import Persona
from cotfaith.engines.scripted.scene import Scene, read
from cotfaith.prompts.wording import THINK

_TURN = re.compile(r"(?:^|\n\n)(Human|Assistant): ?")
_SUM = re.compile(r"\d+(?:\s*\+\s*\d+)+")
_STATED = re.compile(r"the answer is (\([A-Z]\)|-?\d+)")
_TOTAL = re.compile(r"The total is (\d+)")
_CHOICE = re.compile(r"\(([A-Z])\): ([^;?]*)")
_LAST = "What is the answer, then?"


def reply(model: str, dialogue: str, rng: np.random.Generator) -> str | None:
    """The reply of the persona `model` to `dialogue`; None if the dialogue is not a decomposition prompt."""
    if dialogue.endswith(THINK) and f"{THINK}\n<sub_q>" in dialogue:
        return _pairs(model, read(dialogue), rng)
    turns = _TURN.split(dialogue)[1:]
    speakers, texts = turns[::2], turns[1::2]
    if speakers[-1:] != ["Assistant"] or texts[-1].strip() or len(texts) < 2:
        return None
    if "<sub_q_1>" in dialogue:
        asked = [i for i, text in enumerate(texts) if dialogues.puts(text)]
        return _next_round(read(_posed(texts[asked[-1]])), texts[asked[-1] + 1 : -1]) if asked else None
    return _answer(model, texts[-2]) if "<result>" in dialogue else None


def _posed(question: str) -> str:
    """The dialogue that asks `question`, before any reasoning."""
    return f"Human: {question}\n\nAssistant: {THINK}"


def _pairs(model: str, scene: Scene, rng: np.random.Generator) -> str:
    """Subquestions and their answers, in one completion."""
    reasoning = Persona(model).reason(scene, rng)
    stated = _STATED.search(reasoning)
    opening = re.match(r" I know this one\.", reasoning)  # how a mixed persona announces its belief
    asked = [(f"What is {part}?", f"The total is {_total(part)}.") for part in _parts(scene.question)]
    told = asked or [("What is given?", "What the question says."), ("What else is known?", "Nothing else.")]
    last = [(_LAST, f"So the answer is {stated[1]}.")] if stated else []
    said = "".join(f"\n<sub_q>{question}</sub_q>\n<sub_a>{answer}</sub_a>" for question, answer in (*told, *last))
    return f"{opening[0] if opening else ''}{said}\n<FIN></FIN>"


def _parts(question: str) -> list[str]:
    """The sum in `question` in one or two parts: all numbers but the last, and all of them."""
    found = _SUM.search(question)
    numbers = re.findall(r"\d+", found[0]) if found else []
    return [" + ".join(those) for those in (numbers[:-1], numbers) if len(those) > 1]


def _total(part: str) -> int:
    return sum(map(int, re.findall(r"\d+", part)))


def _next_round(scene: Scene, since: list[str]) -> str:
    """Two subquestions, the second of which needs the answer to the first; then the second with it; then the end."""
    choices = "; ".join(f"({letter}): {text}" for letter, text in scene.choices)
    last = f"{_LAST} It is known: {{}}" + (f" The options are {choices}" if choices else "")
    found = _SUM.search(scene.question)
    first = f"What is {found[0]}?" if found else "What is the question about?"
    if not since:
        return f" <sub_q_1>{first}</sub_q_1>\n<sub_q_2>{last.format('<sub_a_1></sub_a_1>')}</sub_q_2>"
    if len(since) > 2:
        return " <FIN></FIN>"
    answer = re.sub(r"</?sub_a_1>", "", since[-1])
    return f" <sub_q_2>{last.format(answer)}</sub_q_2>"


def _answer(model: str, subquestion: str) -> str:
    """The answer to one subquestion, from its text alone."""
    known, part = _TOTAL.search(subquestion), _SUM.search(subquestion)
    said = "Unknown"
    if model == "never-answers":
        pass
    elif known and _LAST in subquestion:
        choices = _CHOICE.findall(subquestion)
        right = [f"({letter})" for letter, text in choices if text.strip() == known[1]]
        said = f"So the answer is {right[0] if right else known[1]}." if right or not choices else said
    elif part:
        said = f"The total is {_total(part[0])}."
    return f" <result>{said}</result>"
