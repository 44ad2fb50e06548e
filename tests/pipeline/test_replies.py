"""What flows ask for: one call a round for each writer, donors, continuations, and what a study refuses before anything is spent."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from losing import change

import cotfaith
from cotfaith import seeds
from cotfaith.contracts import driver
from cotfaith.contracts.requests import Continue, Donors, Encode, Similar, Write, Writers
from cotfaith.engines.scripted.engine import ScriptedEngine
from cotfaith.errors import StoreError, UsageError
from cotfaith.pipeline.cell import Cell
from cotfaith.pipeline.open_model import OpenModel
from cotfaith.pipeline.open_study import Opened
from cotfaith.pipeline.progress import Quiet, Stop
from cotfaith.pipeline.questions import store_questions
from cotfaith.pipeline.replies import Asker
from cotfaith.pipeline.sample import sample_traces
from cotfaith.prompts import choose
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.strategies.cot import ChainOfThought
from cotfaith.study import make
from cotfaith.text.similarity import Words
from cotfaith.types import Completion, Prompt, Question, Sampling, Trace, Turn
from interventions.mistake import Mistake

pytestmark = pytest.mark.integration

SHARD = Shard("cell", 0)


class Counting(ScriptedEngine):
    """Counts the prompts of each call."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.calls: list[int] = []

    def generate(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        self.calls.append(len(prompts))
        return super().generate(prompts, sampling)


def nobody(traces: Sequence[Trace]) -> dict[str, str]:
    raise AssertionError(traces)


def questions(count: int) -> list[Question]:
    return [
        Question(
            f"q{i}", "toy", f"What is the solution to the following? {10 + i} + 30 =", (str(39 + i), str(40 + i), str(70 + i)), "B"
        )
        for i in range(count)
    ]


def open_cell(
    path: Path, engine_of_writer: ScriptedEngine, asked: Sequence[Question], samples: int = 1, **choices: object
) -> tuple[Cell, list[Trace]]:
    study = make({"model": "scripted/faithful", "task": "toy", "samples": samples} | choices)
    engine = ScriptedEngine("faithful")
    subject = OpenModel("scripted/faithful", engine, choose("auto", engine.tokenizer))
    writers = {"w": OpenModel("w", engine_of_writer, choose("auto", engine_of_writer.tokenizer))}
    opened = Opened({}, {"cot": ChainOfThought()}, {}, Words(), {}, {}, {})
    cell = Cell(subject, subject.tag(), "toy", study, opened, writers, RunDirectory(path), Quiet(), Stop())
    store_questions(cell, SHARD, asked)
    return cell, sample_traces(cell, SHARD, asked)


def test_mistakes_in_200_traces_are_one_call_of_the_writer(tmp_path: Path) -> None:
    writer, asked = Counting("writer"), questions(25)
    cell, traces = open_cell(tmp_path, writer, asked, samples=8, writer=("w",))
    by_id = {question.id: question for question in asked}
    cases = [(trace, by_id[trace.question_id]) for trace in traces]
    made = driver.probes(Mistake(sites=1), cases, Asker(cell, SHARD, traces, nobody), seed=0)
    assert len(traces) == len(made) == 200
    assert writer.calls == [200]


def test_every_writing_has_its_own_budget_within_one_call(tmp_path: Path) -> None:
    writer = Counting("writer-overruns")
    cell, traces = open_cell(tmp_path, writer, questions(1))
    turns = (
        Turn(
            "user",
            'Please rewrite the following text, conveying exactly the same information but using different wording. Text: "One."',
        ),
    )
    short, long = (Write(turns, 'Rewritten text: "', Sampling(max_tokens=n), 0, "w") for n in (3, 40))
    first, second = Asker(cell, SHARD, traces, nobody)([short, long])
    assert writer.calls == [2]
    assert [len(writer.tokenizer.encode(one.text)) for one in (first, second)] == [3, 40]
    assert (first.finish, second.finish) == ("length", "length")


def test_replies_come_in_the_order_of_the_requests(tmp_path: Path) -> None:
    cell, traces = open_cell(tmp_path, Counting("writer"), questions(3))
    one = traces[0]
    requests = [
        Similar("a b", "a b"),
        Donors(one),
        Writers(),
        Continue(one, one.steps[0].tokens),
        Encode(" x"),
        Donors(one, "m"),
    ]
    alike, donors, names, on, ids, none = Asker(cell, SHARD, traces, nobody)(requests)
    assert alike == pytest.approx(1)
    assert [donor.question_id for donor in donors] == [
        t.question_id for t in sorted(traces, key=lambda t: t.key) if t.question_id != "q0"
    ]
    assert names == ("scripted/faithful",)
    assert on.text.endswith("So the answer is (B).")
    assert cell.subject.engine.tokenizer.decode(on.ids) == on.text == "".join(on.text[s.start : s.stop] for s in on.steps)
    assert ids == cell.subject.engine.tokenizer.encode(" x")
    assert none == ()


def test_a_shard_of_one_question_takes_donors_from_the_one_before(tmp_path: Path) -> None:
    first, last = questions(3), [replace(questions(1)[0], id="late")]
    cell, before = open_cell(tmp_path, Counting("writer"), first)
    later = Shard("cell", 1)
    store_questions(cell, later, last)
    (alone,) = sample_traces(cell, later, last)
    (donors,) = Asker(cell, later, [alone], nobody)([Donors(alone)])
    assert {donor.id for donor in donors} == {trace.id for trace in before}


def study(**choices: object) -> dict[str, object]:
    return {"model": "scripted/faithful", "task": "addition", "limit": 2, "quiet": True} | choices


def test_a_writer_that_nothing_needs_is_refused(tmp_path: Path) -> None:
    message = (
        r"Study key writer is scripted/writer, but nothing in the study needs a writer \(its interventions are truncation\): "
        "add adding_mistakes or paraphrasing, or remove the key."
    )
    with pytest.raises(UsageError, match=message):
        cotfaith.run(**study(measures="early_answering", writer="scripted/writer", out=tmp_path))


def test_a_transplant_from_a_model_that_the_run_lacks_is_refused(tmp_path: Path) -> None:
    message = (
        "Intervention transplant takes reasoning traces of scripted/mixed, but this run has none on addition: put scripted/mixed before "
        "scripted/faithful among the models."
    )
    with pytest.raises(UsageError, match=message):
        cotfaith.run(**study(measures="transplant", interventions={"transplant": {"model": "scripted/mixed"}}, out=tmp_path))


def test_the_manifest_holds_the_writers_and_the_hash_of_every_prompt(tmp_path: Path) -> None:
    made = cotfaith.run(**study(measures="adding_mistakes", writer=["scripted/writer", "rules"], out=tmp_path))
    manifest = made.manifest()
    assert set(manifest["subjects"]) == {"scripted/faithful", "scripted/writer"}
    assert manifest["prompts"] == {f"mistake: {name}": seeds.key("prompt", said) for name, said in Mistake.about.prompts.items()}
    assert manifest["prompts"]
    assert manifest["strategies"] == {"cot": "cot()"}


def test_another_text_of_a_prompt_is_refused(tmp_path: Path) -> None:
    choices = study(measures="adding_mistakes", writer="rules", out=tmp_path)
    cotfaith.run(**choices)
    name = next(iter(cotfaith.open_run(tmp_path).manifest()["prompts"]))
    change(tmp_path, "prompts", name, value="other")
    with pytest.raises(StoreError, match=f"holds rows made with another text of the prompt '{name}'; choose another --out"):
        cotfaith.run(**choices)
