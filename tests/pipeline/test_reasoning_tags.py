"""A reasoning channel that a chat template does not show: a run says that it met one, and a study can name it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from engines import tiny
from transformers import AutoConfig, AutoModelForCausalLM

import cotfaith
from cotfaith.engines.shared.quiet import quiet
from cotfaith.engines.transformers import TransformersEngine
from cotfaith.errors import StoreError, UsageError
from cotfaith.types import Completion, Question, Sampling

pytestmark = pytest.mark.integration

CHANNEL = {"open": "<think>\n", "close": "\n</think>\n\n"}


class Thinker(TransformersEngine):
    """Writes the same text after each prompt: with the tags of a channel, of which its template knows nothing."""

    said = " <think>Four is even.</think>So it is."
    asked: list[tuple[int, ...]]

    def generate(self, prompts: Any, sampling: Sampling) -> Any:
        self.asked += [prompt.ids for prompt in prompts]
        return [[Completion(self.tokenizer.encode_rendered(self.said), self.said, "stop")] * len(one.samples) for one in prompts]


def run(folder: Path, said: str = Thinker.said, **choices: Any) -> tuple[Thinker, cotfaith.Run]:
    with quiet():
        config = AutoConfig.for_model("llama", **{**tiny.BASE, "max_position_embeddings": 4000})
        model = AutoModelForCausalLM.from_config(config).eval()
    made = Thinker(model, tokenizer=tiny.byte_level(), revision="test")
    made.asked, made.said = [], said
    questions = [Question(f"q{i}", "even", f"Which is even, {i}?", ("3", "4"), "B") for i in range(2)]
    measures = ["early_answering"]
    return made, cotfaith.run(model={"m": made}, task=questions, measures=measures, samples=2, out=folder, quiet=True, **choices)


def events(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def notes(folder: Path) -> list[str]:
    """The notes on tags of reasoning channels."""
    said = [one["message"] for one in events(folder) if one["event"] == "note"]
    return [one for one in said if "tag of a reasoning channel" in one]


def test_tags_in_a_reasoning_are_noted_in_the_log_and_on_the_page(tmp_path: Path) -> None:
    _, done = run(tmp_path / "run")
    rows = [one for one in events(done.path) if one["event"] == "tag of a reasoning channel in the reasoning"]
    assert len(rows) == 4
    assert {one["question"] for one in rows} == {"q0", "q1"}
    assert {*map(tuple, (one["tags"] for one in rows))} == {("<think>", "</think>")}
    (note,) = notes(done.path)
    assert note == (
        "4 of 4 reasoning traces of m on questions contain what looks like a tag of a reasoning channel (</think> <think>), which the format "
        "chat does not use: if the model has such a channel, name it in a study file (channel: {open: ..., close: ...})."
    )
    page = done.report().read_text(encoding="utf-8")
    assert "4 traces, 4 of them with what looks like a tag of a reasoning channel" in page


def test_a_reasoning_without_tags_gets_no_note(tmp_path: Path) -> None:
    _, done = run(tmp_path / "run", " I think that 3 < 4, so it is 4.")
    assert notes(done.path) == []
    assert "tag of a reasoning channel" not in done.report().read_text(encoding="utf-8")


def test_a_study_names_the_channel(tmp_path: Path) -> None:
    made, done = run(tmp_path / "run", "Four is even.\n</think>\n\nIt is B.", channel=CHANNEL)
    assert all(made.tokenizer.decode(ids).endswith("<|im_start|>assistant\n<think>\n") for ids in made.asked)
    traces = done.traces()
    assert {*traces["reasoning"]} == {"Four is even.\n"}
    assert {*traces["response"]} == {"\n\nIt is B."}
    assert notes(done.path) == []


def test_rows_of_another_channel_do_not_mix(tmp_path: Path) -> None:
    run(tmp_path / "run")
    with pytest.raises(StoreError, match="its channel is None, and now it is {'open': '<think>"):
        run(tmp_path / "run", channel=CHANNEL)


def test_a_channel_needs_the_format_thinking(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^Study key channel is for --format thinking, and the format is chat: "):
        run(tmp_path / "run", channel=CHANNEL, format="chat")
