"""Reading probes of every kind: reasoning that goes on, edited questions, what does not fit the context, several tokens an option."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from builders import TOKENIZER

from cotfaith.contracts.intervention import AbstractEdit, InterventionInfo
from cotfaith.engines.scripted.engine import ScriptedEngine
from cotfaith.pipeline import read
from cotfaith.pipeline.cell import Cell
from cotfaith.pipeline.open_model import OpenModel
from cotfaith.pipeline.open_study import Opened
from cotfaith.pipeline.progress import Quiet, Stop
from cotfaith.pipeline.questions import store_questions
from cotfaith.pipeline.sample import sample_traces
from cotfaith.prompts import choose
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.strategies.cot import ChainOfThought
from cotfaith.study import make
from cotfaith.text.similarity import Words
from cotfaith.types import EngineInfo, PrefixTree, Probe, Question, Trace
from interventions.truncation import Truncation

pytestmark = pytest.mark.integration

SHARD = Shard("cell", 0)
SUM = Question("q", "toy", "What is the solution to the following? 12 + 30 =", ("41", "42", "52"), "B")
OTHER = replace(SUM, id="q-edited", text="What is the solution to the following? 11 + 30 =")


@dataclass(frozen=True)
class Think(AbstractEdit):
    """Every way to ask: on from nothing, on from the middle, another question answered and thought about."""

    name: ClassVar[str] = "continue"
    about: ClassVar[InterventionInfo] = InterventionInfo("all ways to ask", "none", "edit, continue")

    def edit(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Sequence[Probe]:
        fresh = self.probe(trace, "control", keep=0, then="continue")
        middle = self.probe(trace, "treated", keep=trace.steps[0].tokens, insert=" So the answer is (C).", then="continue")
        posed = replace(self.probe(trace, "treated", keep=0, dose=0.5), question=OTHER)
        rethought = replace(self.probe(trace, "treated", keep=0, dose=0.7, then="continue"), question=OTHER)
        return [fresh, middle, posed, rethought]


class Counting(ScriptedEngine):
    """Counts its calls, and the trees of each."""

    def __init__(self, model: str, context: int | None = None) -> None:
        super().__init__(model)
        self.info: EngineInfo = replace(self.info, context=context)
        self.scored: list[int] = []

    def score(self, trees: Sequence[PrefixTree]):
        self.scored.append(len(trees))
        return super().score(trees)


def read_all(path: Path, engine: ScriptedEngine, interventions, samples: int = 2) -> dict[str, dict]:
    """Sample, probe and read one question; each probe's row with its reading's."""
    study = make({"model": "scripted/x", "task": "toy", "samples": samples})
    subject = OpenModel("scripted/x", engine, choose("auto", engine.tokenizer))
    directory = RunDirectory(path)
    opened = Opened({}, {"cot": ChainOfThought()}, interventions, Words(), {}, {}, {})
    cell = Cell(subject, subject.tag(), "toy", study, opened, {}, directory, Quiet(), Stop())
    store_questions(cell, SHARD, [SUM])
    read.read_traces(cell, SHARD, [SUM], sample_traces(cell, SHARD, [SUM]))
    readings = {row["id"]: row for row in directory.load("readings", SHARD).to_pylist()}
    return {row["id"]: row | {"reading": readings[row["reading_id"]]} for row in directory.load("probes", SHARD).to_pylist()}


def test_reasoning_that_goes_on_is_read_after_it_went_on(tmp_path: Path) -> None:
    rows = list(read_all(tmp_path, ScriptedEngine("faithful"), {"continue": Think()}).values())
    control = [row["reading"] for row in rows if row["arm"] == "control"]
    assert [one["answer"] for one in control] == ["B", "B"]
    assert all(one["thought"].endswith("So the answer is (B).") for one in control)
    assert [row["reading"]["answer"] for row in rows if row["insert"]] == ["C", "C"]


def test_an_edited_question_is_what_is_asked(tmp_path: Path) -> None:
    rows = list(read_all(tmp_path, ScriptedEngine("post-hoc"), {"continue": Think()}).values())
    assert [row["reading"]["answer"] for row in rows if row["question"]] == ["A"] * 4


def test_continuation_is_drawn_anew_for_each_trace_and_the_same_when_repeated(tmp_path: Path) -> None:
    first = read_all(tmp_path / "a", ScriptedEngine("faithful"), {"continue": Think()}, samples=4)
    again = read_all(tmp_path / "b", ScriptedEngine("faithful"), {"continue": Think()}, samples=4)
    assert first == again
    said = [row["reading"]["thought"] for row in first.values() if row["arm"] == "control"]
    assert len(set(said)) > 1


def test_probes_that_ask_the_same_share_a_reading(tmp_path: Path) -> None:
    rows = read_all(tmp_path, ScriptedEngine("faithful"), {"truncation": Truncation()}, samples=3)
    none = [row for row in rows.values() if row["arm"] == "no_reasoning"]
    assert len(none) == 3
    assert len({row["reading_id"] for row in none}) == 1


def test_a_trace_is_one_tree(tmp_path: Path) -> None:
    engine = Counting("faithful")
    read_all(tmp_path, engine, {"truncation": Truncation()}, samples=3)
    assert engine.scored == [3]


def test_what_does_not_fit_the_context_is_an_error_of_its_own(tmp_path: Path) -> None:
    engine = Counting("faithful")
    whole = read_all(tmp_path / "whole", engine, {"truncation": Truncation()}, samples=1)
    longest = max(row["reading"]["tokens_asked"] for row in whole.values())
    short = read_all(tmp_path / "short", Counting("faithful", context=longest - 1), {"truncation": Truncation()}, samples=1)
    states = {row["arm"]: row["reading"]["state"] for row in short.values()}
    assert (states["full"], states["no_reasoning"]) == ("error", "answered")
    (full,) = [row["reading"] for row in short.values() if row["arm"] == "full"]
    assert full["reason"] == f"{longest} tokens, but the context holds {longest - 1}"
    assert full["answer"] is None
    assert "reasoning too long to be read" in (tmp_path / "short" / "log.jsonl").read_text()


def test_the_chosen_option_is_the_likeliest(tmp_path: Path) -> None:
    readings = [row["reading"] for row in read_all(tmp_path, ScriptedEngine("mixed"), {"truncation": Truncation()}).values()]
    for one in readings:
        assert one["answer"] == "ABC"[int(np.argmax(one["option_logprobs"]))]
        assert one["option_mass"] == pytest.approx(sum(np.exp(one["option_logprobs"])))
    assert sum(one["tokens_computed"] for one in readings) < sum(one["tokens_asked"] for one in readings)


class Level(ScriptedEngine):
    """Gives the first two options the same probability, and the third `last`."""

    last = 0.1

    def score(self, trees: Sequence[PrefixTree]):
        level = (float(np.log(0.4)), float(np.log(0.4)), float(np.log(self.last)))
        return [[replace(one, logprobs=level) for one in row] for row in super().score(trees)]


def test_a_tie_has_no_answer(tmp_path: Path) -> None:
    readings = [row["reading"] for row in read_all(tmp_path, Level("faithful"), {"truncation": Truncation()}).values()]
    assert {(one["state"], one["answer"]) for one in readings} == {("unparsed", None)}
    assert {one["reason"] for one in readings} == {"tie: the options A and B are equally likely, so none of them is the answer"}
    assert all(one["option_mass"] == pytest.approx(0.9) for one in readings)


def test_two_options_that_tie_below_a_likelier_one_are_no_tie(tmp_path: Path) -> None:
    engine = Level("faithful")
    engine.last = 0.41
    readings = [row["reading"] for row in read_all(tmp_path, engine, {"truncation": Truncation()}).values()]
    assert {(one["state"], one["answer"]) for one in readings} == {("answered", "C")}


def test_an_empty_reasoning_is_logged_and_read_at_its_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cotfaith.engines.scripted.personas import Persona

    monkeypatch.setattr(Persona, "reason", lambda self, scene, rng: "")
    rows = read_all(tmp_path, ScriptedEngine("faithful"), {"truncation": Truncation()}, samples=1)
    assert {row["arm"] for row in rows.values()} == {"no_reasoning", "full"}
    assert len({row["reading_id"] for row in rows.values()}) == 1
    assert "empty reasoning" in (tmp_path / "log.jsonl").read_text()
    assert TOKENIZER.encode("") == ()
