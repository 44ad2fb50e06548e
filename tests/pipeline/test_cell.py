"""How much is asked for at once: growing portions of traces, questions kept whole, and more on an accelerator."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cotfaith
from cotfaith.engines.scripted.engine import ScriptedEngine
from cotfaith.pipeline.cell import TRACES, portions
from cotfaith.types import Trace

pytestmark = pytest.mark.integration


def trace(question: int, sample: int) -> Trace:
    return Trace(f"{question}-{sample}", str(question), "m", sample, (1,), "r", (2,), (), "stop")


@given(st.lists(st.integers(1, 12), max_size=30), st.integers(1, 50), st.integers(20, 400))
def test_portions_lose_nothing_keep_the_order_and_stay_within_their_load(samples, load, most):
    traces = [trace(question, sample) for question, count in enumerate(samples) for sample in range(count)]
    made = list(portions(traces, {one.id: load for one in traces}, most))
    assert [one for portion in made for one in portion] == traces
    assert all(made)
    assert all(len(portion) <= TRACES or len(portion) * load <= most or one_question(portion) for portion in made)


def one_question(portion: list[Trace]) -> bool:
    return len({one.question_id for one in portion}) == 1


def test_portions_double_while_there_is_room():
    traces = [trace(question, sample) for question in range(100) for sample in range(2)]
    sizes = [len(portion) for portion in portions(traces, {one.id: 1 for one in traces}, 10_000)]
    assert sizes == [8, 16, 32, 64, 80]


def test_samples_of_a_question_stay_together_unless_they_are_too_much():
    traces = [trace(question, sample) for question in range(4) for sample in range(20)]
    whole = list(portions(traces, {one.id: 10 for one in traces}, 200))
    assert [{one.question_id for one in portion} for portion in whole] == [{"0"}, {"1"}, {"2"}, {"3"}]
    parted = list(portions(traces, {one.id: 100 for one in traces}, 200))
    assert [len(portion) for portion in parted] == [8] * 10


@pytest.mark.parametrize(("device", "largest"), [("cpu", 32), ("cuda:0", 128)])
def test_an_accelerator_is_asked_for_more_completions_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device: str, largest: int
) -> None:
    start, generate, asked = ScriptedEngine.__init__, ScriptedEngine.generate, []

    def elsewhere(self, *given, **arguments):
        start(self, *given, **arguments)
        self.info = replace(self.info, device=device)

    def counted(self, prompts, sampling):
        asked.append(sum(len(prompt.samples) for prompt in prompts))
        return generate(self, prompts, sampling)

    monkeypatch.setattr(ScriptedEngine, "__init__", elsewhere)
    monkeypatch.setattr(ScriptedEngine, "generate", counted)
    cotfaith.run(model="scripted/mixed", task="addition", measures="reasoning_gain", limit=32, samples=4, out=tmp_path, quiet=True)
    assert max(asked) == largest
    assert sum(asked) == 128
