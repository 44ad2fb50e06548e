"""The hint contract: a way of pushing the answer from outside the reasoning, as an edited question.

A hint is a frozen dataclass with one pure method, `edit`; or a few lines of YAML, which `from_yaml` makes one of. It knows no engine.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from cotfaith.errors import UsageError, unknown
from cotfaith.types import Question

Target = Literal["any", "wrong", "first", "other"]
Need = Literal["answer", "argument"]


@dataclass(frozen=True, slots=True)
class Case:
    """What a hint is made for: the question, the letter it points at, and what it asked for besides.

    `examples` are other questions of the same task, with known gold; `answer` is the letter that the subject gave before, with the
    `reasoning` it gave for it; `argument` is a reasoning for the target that somebody wrote.
    """

    question: Question
    target: str
    examples: tuple[Question, ...] = ()
    answer: str = ""
    reasoning: str = ""
    argument: str = ""

    @property
    def target_text(self) -> str:
        """The text of the option that the hint points at."""
        return self.question.choices[self.question.letters.index(self.target)]


@dataclass(frozen=True, slots=True)
class HintInfo:
    """What a hint is, for lists, documents and judges.

    `target` says which option it points at: "any" drawn by seed, the right one included, "wrong" drawn among the wrong ones, "first" (A), or
    "other" than the subject's own answer. `told` completes "The prompt contains ..." for a judge. `mentions` are regular expressions
    of which a text that names the hint has one (upper and lower case alike). `examples` is how many other questions it shows, and
    `needs` what else it is made from.
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
        """The question with the hint; its id, choices' number and gold stay."""


@dataclass(frozen=True)
class WrittenHint(AbstractHint):
    """A hint from a file: text before the question or after its choices, in which {target} and {target_text} are filled in."""

    name: str
    about: HintInfo
    before: str = ""
    after: str = ""

    def edit(self, case: Case) -> Question:
        """The question with the two texts."""
        return beside(case.question, _filled(self.before, case), _filled(self.after, case))


KEYS = ("name", "summary", "paper", "told", "mentions", "target", "before", "after")


def from_yaml(choices: Mapping[str, Any], where: str) -> WrittenHint:
    """The hint that the keys of a YAML file describe; `where` names the file in errors.

    Raises:
        UsageError: a key is missing, unknown, or has a value that does not fit.
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
    about = HintInfo(
        str(choices["summary"]),
        str(choices.get("paper", "none")),
        str(choices["told"]),
        tuple(mentions),
        target,
        needs=("answer",) if target == "other" else (),
        prompts={"before": before, "after": after},
    )
    return WrittenHint(str(choices["name"]), about, before, after)


def beside(question: Question, before: str = "", after: str = "") -> Question:
    """`question` with text before it and after its choices, besides what stands there."""
    return replace(
        question,
        before="\n\n".join(part for part in (before, question.before) if part),
        after="\n\n".join(part for part in (question.after, after) if part),
    )


def _filled(text: str, case: Case) -> str:
    return text.replace("{target}", case.target).replace("{target_text}", case.target_text if "{target_text}" in text else "")


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
