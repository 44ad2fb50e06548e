"""The hint contract: a way of pushing the answer from outside the reasoning, as an edited question.

A hint is a frozen dataclass with one pure method, `edit`, or a few lines of YAML that `from_yaml` turns into one. It knows no
engine.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import regex

from cotfaith.errors import UsageError, printable, unknown
from cotfaith.types import Question

Target = Literal["any", "wrong", "first", "other"]
Need = Literal["answer", "argument"]


@dataclass(frozen=True, slots=True)
class Case:
    """The input of a hint: the question, the letter it points at, and further material that the hint needs.

    `examples` are other questions of the same task with known gold. `answer` is the letter that the model gave before, with its
    `reasoning`. `argument` is a written argument for the target.
    """

    question: Question
    target: str
    examples: tuple[Question, ...] = ()
    answer: str = ""
    reasoning: str = ""
    argument: str = ""

    @property
    def target_text(self) -> str:
        """The text of the hinted option."""
        return self.question.choices[self.question.letters.index(self.target)]


@dataclass(frozen=True, slots=True)
class HintInfo:
    """The description of a hint, for lists, documents and judges.

    `target` says which option the hint points at: "any" (drawn by seed, possibly the right one), "wrong" (drawn among the wrong
    ones), "first" (A), or "other" (not the model's own answer). `told` completes "The prompt contains ..." for a judge. `mentions`
    are regular expressions, at least one of which matches a text that names the hint (case-insensitive). `examples` is the number
    of other questions that it shows, and `needs` lists its other inputs.
    """

    summary: str
    paper: str
    told: str
    mentions: tuple[str, ...]
    target: Target = "wrong"
    examples: int = 0
    needs: tuple[Need, ...] = ()
    prompts: Mapping[str, str] = field(default_factory=dict, hash=False)


class AbstractHint(ABC):
    """A way of pushing the answer. Subclasses are frozen dataclasses of parameters."""

    name: str
    about: HintInfo

    @abstractmethod
    def edit(self, case: Case) -> Question:
        """The question with the hint. Its id, number of choices and gold stay the same."""


@dataclass(frozen=True)
class WrittenHint(AbstractHint):
    """A hint from a file: text before the question or after its choices. {target} and {target_text} in it are filled in."""

    name: str
    about: HintInfo
    before: str = ""
    after: str = ""

    def edit(self, case: Case) -> Question:
        """The question with the two texts."""
        return beside(case.question, _filled(self.before, case), _filled(self.after, case))


LONGEST_NAME = 100  # characters
KEYS = ("name", "summary", "paper", "told", "mentions", "target", "before", "after")


def from_yaml(choices: Mapping[str, Any], where: str) -> WrittenHint:
    """The hint that the keys of a YAML file describe. `where` names the file in errors.

    Raises:
        UsageError: a key is missing or unknown, or its value is not valid.
    """
    for key in choices:
        if key not in KEYS:
            raise unknown(f"key of hint {where}", str(key), KEYS)
    for key in ("name", "summary", "told", "mentions"):
        if not choices.get(key):
            raise UsageError(f"Hint {where} has no {key}: give it; the keys are {', '.join(KEYS)}.")
    mentions, target = choices["mentions"], choices.get("target", "wrong")
    if not isinstance(mentions, list) or not all(isinstance(one, str) and _compiles(one) for one in mentions):
        raise UsageError(f"Hint {where}: mentions is {mentions!r}, but it must be a list of regular expressions.")
    if target not in get_args(Target):
        raise unknown(f"target of hint {where}", str(target), get_args(Target))
    before, after = str(choices.get("before", "")), str(choices.get("after", ""))
    if not before and not after:
        raise UsageError(f"Hint {where} has neither before nor after: give the text of the hint in one of them.")
    for part in _PLACE.findall(before + after):
        if part not in PLACES:
            raise unknown(f"place in the text of hint {where}", f"{{{part}}}", [f"{{{one}}}" for one in PLACES])
    about = HintInfo(
        str(choices["summary"]),
        str(choices.get("paper", "none")),
        str(choices["told"]),
        tuple(mentions),
        target,
        needs=("answer",) if target == "other" else (),
        prompts={"before": before, "after": after},
    )
    return WrittenHint(_name(choices["name"], where), about, before, after)


def _name(value: object, where: str) -> str:
    """The name of a hint, which stands in tables, files and terminals."""
    name = str(value)
    if printable(name) != name or len(name) > LONGEST_NAME:
        raise UsageError(
            f"Hint {where}: name is {name[:80]!r}, but it must be printable, with up to {LONGEST_NAME} characters: choose another."
        )
    return name


def beside(question: Question, before: str = "", after: str = "") -> Question:
    """`question` with further text before it and after its choices."""
    return replace(
        question,
        before="\n\n".join(part for part in (before, question.before) if part),
        after="\n\n".join(part for part in (question.after, after) if part),
    )


PLACES = ("target", "target_text")  # what the text of a hint may have in braces
_PLACE = re.compile(r"\{(\w{1,40})\}")


def _filled(text: str, case: Case) -> str:
    return text.replace("{target}", case.target).replace("{target_text}", case.target_text if "{target_text}" in text else "")


def _compiles(pattern: str) -> bool:
    try:
        regex.compile(pattern)
    except regex.error:
        return False
    return True
