"""What a scripted persona sees of a dialogue."""

import re
from dataclasses import dataclass

from cotfaith.engines.scripted import dialogue as dialogues
from cotfaith.errors import EngineError

_REASONING = "Let's think step by step:"
_SUGGESTED = re.compile(r"I think the answer is \(?([A-Z])\)?")


@dataclass(frozen=True, slots=True)
class Scene:
    """The content of a dialogue for a persona: the question, its choices, the reasoning so far, and the hinted letter."""

    question: str
    choices: tuple[tuple[str, str], ...]
    reasoning: str
    hint: str | None = None


def read(dialogue: str) -> Scene:
    """The scene of `dialogue`: its last question, the reasoning after it, and the hint around it or before it.

    Raises:
        EngineError: if it is not the plain dialogue.
    """
    turns = dialogues.turns(dialogue)
    asking = [i for i, (speaker, text) in enumerate(turns) if speaker == "Human" and dialogues.puts(text)]
    posed = dialogues.posed(turns[asking[-1]][1]) if asking else None
    begun = [i for i in range(asking[-1], len(turns)) if _begins(*turns[i])] if asking else []
    if posed is None or not begun:
        raise EngineError(
            "The scripted engine reads plain dialogues only, and this prompt is not one: use --format dialogue or auto."
        )
    suggested = _SUGGESTED.search(posed.question)
    hint = dialogues.hint(posed, turns[: asking[-1]]) or (suggested[1] if suggested else None)
    return Scene(posed.question, posed.choices, turns[begun[0]][1].removeprefix(_REASONING), hint)


def _begins(speaker: str, text: str) -> bool:
    """Whether the assistant reasons in a turn."""
    return speaker == "Assistant" and text.startswith(_REASONING)
