"""docs/hints.md: every hint as the model sees it, and the reasons why one is not there."""

import re

import pytest

from cotfaith.plugins import registry
from docs.generate import hints, pages
from interventions.hints import cases

NAMES = pages.ours("cotfaith.hints")
TEXT = hints.PAGE.read_text(encoding="utf-8")


def test_the_page_says_what_the_code_says_now() -> None:
    assert pages.filled(TEXT, hints.blocks(), "hints.md") == TEXT, "run: python -m docs.generate.hints"


@pytest.mark.parametrize("name", NAMES)
def test_the_page_shows_the_prompt_of_every_hint(name: str) -> None:
    made = hints.hinted(registry.build(registry.load("cotfaith.hints", name), {}))
    assert made.question is not None
    section = TEXT.split(f"\n### {name}\n")[1].partition("\n### ")[0]
    assert f"It points at ({made.target})." in section
    assert hints.rendered(made) in section
    assert hints.rendered(made).endswith("Assistant: Let's think step by step:\n````")


def test_the_page_can_go_stale() -> None:
    assert pages.filled(TEXT.replace("Stanford", "other"), hints.blocks(), "hints.md") != TEXT.replace("Stanford", "other")
    assert re.findall(r"^### (\w+)$", TEXT, re.MULTILINE) == NAMES


def test_every_reason_is_on_the_page_of_the_intervention() -> None:
    page = (pages.DOCS / "interventions" / "hint.md").read_text(encoding="utf-8")
    assert [reason for reason in cases.REASONS if f"`{reason}`" not in page] == []


def test_what_cannot_be_shown_is_told() -> None:
    with pytest.raises(SystemExit, match="There is no hinted question: no options"):
        hints.rendered(cases.Hinted(note="no options"))
