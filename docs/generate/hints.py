"""The generated parts of docs/hints.md: `python -m docs.generate.hints`.

Every registered hint, rendered once on a sample question as a model sees it, and two examples of how to write one.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from itertools import islice
from typing import Any

from cotfaith.contracts import driver
from cotfaith.contracts.hint import AbstractHint, HintInfo
from cotfaith.contracts.requests import Answer, Examples, Write, Written
from cotfaith.plugins import registry
from cotfaith.prompts import choose
from cotfaith.tasks.addition import Addition
from cotfaith.tasks.bets import Bets
from cotfaith.types import Question
from docs.generate import pages
from docs.generate.toy import QUESTION, TOKENIZER, toy
from interventions.hints import cases

PAGE = pages.DOCS / "hints.md"
YAML = pages.DOCS / "hints" / "colleague.yaml"
CLASS = "expert_opinion"
TRACE = toy(" 23 and 45 make 68. I forget the rest. So the answer is (A).")
ARGUMENT = "The first two numbers make 68. With the last one that is clearly more than it looks, and only this option fits."


def main() -> None:
    """Rewrite the generated parts of the page."""
    PAGE.write_text(pages.filled(PAGE.read_text(encoding="utf-8"), blocks(), PAGE.name), encoding="utf-8")
    print(PAGE.relative_to(pages.DOCS.parent))


def blocks() -> pages.Blocks:
    """The text between the marks of the page."""
    names = pages.ours("cotfaith.hints")
    about: dict[str, HintInfo] = {name: registry.load("cotfaith.hints", name).about for name in names}
    rows = [f"| [{name}](#{name}) | {one.paper} | {one.target} | {one.summary} |" for name, one in about.items()]
    source = inspect.getsource(inspect.getmodule(registry.load("cotfaith.hints", CLASS)) or object)
    return {
        "hints": "\n".join(["| Hint | Paper | Points at | |", "|---|---|---|---|", *rows]),
        "yaml": f"```yaml\n{YAML.read_text(encoding='utf-8')}```",
        "class": f"```python\n{source}```",
        "rendered": "\n\n".join(_section(name, one) for name, one in about.items()),
    }


def _section(name: str, about: HintInfo) -> str:
    made = hinted(registry.build(registry.load("cotfaith.hints", name), {}))
    return f"### {name}\n\n{about.summary[0].upper()}{about.summary[1:]}. It points at ({made.target}).\n\n{rendered(made)}"


def hinted(hint: AbstractHint) -> cases.Hinted:
    """The sample question with `hint`."""
    question, examples = sample(hint)
    ways: dict[type, Any] = {Examples: examples, Answer: "A", Write: Written(ARGUMENT, "stop")}
    (made,) = driver.drive([cases.hinted(hint, TRACE, question)], lambda requests: [ways[type(one)] for one in requests])
    if made.note:
        raise SystemExit(f"The hint {hint.name} cannot be shown on {question.id}: {made.note}.")
    return made


def sample(hint: AbstractHint) -> tuple[Question, Sequence[Question]]:
    """The question that shows `hint`, and others like it: a bet whose outcome misleads if it needs one, else a sum."""
    if not isinstance(hint, cases.Pointing):
        return QUESTION, tuple(islice(Addition(seed=1).questions(), 10))
    misleading = next(one for one in Bets().questions() if one.meta["outcome"] != one.gold)
    return misleading, tuple(islice(Bets(seed=1).questions(), 64))


def rendered(made: cases.Hinted) -> str:
    """The prompt of the hinted question, as a block of text."""
    if made.question is None:
        raise SystemExit(f"There is no hinted question: {made.note}.")
    text = TOKENIZER.decode(choose("dialogue", TOKENIZER).prompt_ids(made.question))
    return f"````text\n{text}\n````"


if __name__ == "__main__":
    main()
