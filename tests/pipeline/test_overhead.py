"""What happens outside the engine happens once: counts, never timings. And content keys are what they always were."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import templates
from builders import trace
from hypothesis import given
from hypothesis import strategies as st

from cotfaith import seeds
from cotfaith.contracts.intervention import AbstractIntervention
from cotfaith.engines.scripted.engine import ScriptedEngine
from cotfaith.pipeline import read
from cotfaith.pipeline.cell import PROBED, TRACES, Cell, portions
from cotfaith.pipeline.open_model import OpenModel
from cotfaith.pipeline.open_study import Opened
from cotfaith.pipeline.progress import Quiet, Stop
from cotfaith.pipeline.prompt_cache import Posing
from cotfaith.pipeline.sample import sample_traces
from cotfaith.prompts import choose
from cotfaith.prompts.dialogue import Dialogue
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.strategies.cot import ChainOfThought
from cotfaith.strategies.zero_shot import ZeroShot
from cotfaith.study import make
from cotfaith.text.similarity import Words
from cotfaith.types import PrefixTree, Question, Trace
from interventions.filler import Filler
from interventions.option_order import OptionOrder
from interventions.resampling import Resampling
from interventions.truncation import Truncation

pytestmark = pytest.mark.integration

SHARD = Shard("cell", 0)
QUESTIONS = [
    Question(f"q{i}", "toy", f"What is the solution to the following? {i} + 30 =", (str(i + 29), str(i + 30), str(i + 31)), "B")
    for i in range(12)
]
PROBING: Mapping[str, AbstractIntervention] = {"truncation": Truncation(), "filler": Filler(lengths=(1.0,), kinds=("dots",))}


class Noting(ScriptedEngine):
    """Keeps the trees of every call."""

    def __init__(self, device: str = "") -> None:
        super().__init__("faithful")
        self.info = replace(self.info, device=device)
        self.scored: list[Sequence[PrefixTree]] = []

    def score(self, trees: Sequence[PrefixTree]):
        self.scored.append(trees)
        return super().score(trees)


def cell(path: Path, *, engine: ScriptedEngine | None = None, samples: int = 2, interventions=PROBING, strategies=("cot",)) -> Cell:
    made = engine or Noting()
    study = make({"model": "scripted/x", "task": "toy", "samples": samples})
    known = {"cot": ChainOfThought(), "zero_shot": ZeroShot()}
    opened = Opened({}, {name: known[name] for name in strategies}, interventions, Words(), {}, {}, {})
    subject = OpenModel("scripted/x", made, choose("auto", made.tokenizer))
    return Cell(subject, "tag", "toy", study, opened, {}, RunDirectory(path), Quiet(), Stop())


def run(one: Cell, questions: Sequence[Question] = QUESTIONS) -> None:
    read.read_traces(one, SHARD, questions, sample_traces(one, SHARD, questions))


def column(one: Cell, table: str, name: str) -> list[str]:
    return one.directory.load(table, SHARD)[name].to_pylist()


# --- keys ---------------------------------------------------------------------------------------------------------------------

KEYS = {  # recorded from an earlier version (keys and readings from format 2, whose draws they still name); a reading of several probes is named by each
    "traces": """
        b1:9f2da8bef0831e4a9ad1c218 b1:b790a1ed4540cd9b8cea4016 b1:624ade579e981d3e37b21b1f b1:facb6e411c0d295c24f0576e
    """,
    "keys": """
        b1:bd3db327ac994d9e5022a141 b1:cb0ea682d693525bc51eb981 b1:7903cd0bd5a14ce25f483d40 b1:885cc5a29d0f219d03ff227b
    """,
    "probes": """
        b1:82b510993cc45b751c9aec1e b1:ca83617059db12011e40f0f2 b1:129f76d34716d4043225526b b1:1f9fc81fa68745bf1e6c15bc
        b1:e8be25e948d103275cf788e3 b1:76bb897e83e26e6c9744e09d b1:f58a238f451d749fc604f619 b1:7794982182f027000c631547
        b1:7dc9c75807ff274909be43ae b1:3360c8363d9079ebf732b53b b1:54bccfeca0256f7140895592 b1:46cc2685efdef9d548f1417f
        b1:125a24a9ed666b082e02a598 b1:39557a5106e6fe5bcd22225f b1:ce296a9bab93c6c50d965ef6 b1:db546dc81ccdaf97a632ff24
        b1:103af7f6ec5b3c53fbd109ef b1:3824d8116f2efb707464ab28 b1:33ce0edd963338d7d5adc691
    """,
    "readings": """
        b1:3b2c0162233b2ea05adf2f43 b1:2156a42b4f7c13fd9ef23f98 b1:e59f23ec100ce43f6a50a646 b1:407df70680e7fa7f79e638e4
        b1:3b2c0162233b2ea05adf2f43 b1:407df70680e7fa7f79e638e4 b1:4b12e8a0a6ac3c80bb5b55cc b1:3b2c0162233b2ea05adf2f43
        b1:407df70680e7fa7f79e638e4 b1:23e013a339e7370983f2f59f b1:3b2c0162233b2ea05adf2f43 b1:3b2c0162233b2ea05adf2f43
        b1:407df70680e7fa7f79e638e4 b1:2501b5a440705d7839854b6e b1:92708acd194f2ae0ba3b28ec b1:92708acd194f2ae0ba3b28ec
        b1:25df78d417646e7036f8f138 b1:25df78d417646e7036f8f138 b1:16a72ad1d5ca53d98c795227
    """,
}


def test_keys_are_those_that_earlier_runs_have_on_disk(tmp_path: Path) -> None:
    """A run directory is resumed by these keys: if they change, all that it holds is made again."""
    first = cell(tmp_path / "traces", strategies=("cot", "zero_shot"))
    traces = sample_traces(first, SHARD, QUESTIONS[:1])
    found = {"traces": [one.id for one in traces], "keys": [one.key for one in traces]}
    probing = {
        "truncation": Truncation(),
        "filler": PROBING["filler"],
        "option_order": OptionOrder(),
        "resampling": Resampling(draws=1),
    }
    second = cell(tmp_path / "readings", interventions=probing)
    made = trace(" One bird. It has 7 wings.\n So the answer is (A).", "t", "q1")
    made = replace(made, prompt_ids=second.subject.format.prompt_ids(QUESTIONS[1]))
    read.read_traces(second, SHARD, QUESTIONS, [made])
    found["probes"] = column(second, "probes", "id")
    found["readings"] = column(second, "probes", "reading_id")
    assert set(found["readings"]) == set(column(second, "readings", "id"))
    assert found == {name: those.split() for name, those in KEYS.items()}


# --- once ---------------------------------------------------------------------------------------------------------------------


def test_a_question_is_rendered_once_for_all_its_probes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[tuple[str, str]] = Counter()
    for name in ("answer_text", "candidates", "prompt_ids"):
        plain = getattr(Dialogue, name)

        def counted(form, question, plain=plain, name=name):
            calls[name, question.id] += 1
            return plain(form, question)

        monkeypatch.setattr(Dialogue, name, counted)
    one = cell(tmp_path, samples=3)
    run(one)
    ids = [question.id for question in QUESTIONS]
    assert {key: calls[key] for key in calls if key[0] != "prompt_ids"} == {
        (name, i): 1 for name in ("answer_text", "candidates") for i in ids
    }
    assert [calls["prompt_ids", i] for i in ids] == [2 for _ in ids], "for the keys of its traces, and to sample them"


def test_each_probe_and_each_question_asked_has_its_key_worked_out_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[object] = Counter()
    plain = seeds.key

    def counted(*parts: object) -> str:
        calls[parts[0]] += 1
        return plain(*parts)

    monkeypatch.setattr(seeds, "key", counted)
    one = cell(tmp_path)
    run(one)
    probes = len(column(one, "probes", "id"))
    assert (calls["trace"], calls["probe"], calls["reading"]) == (2 * len(QUESTIONS), probes, probes)
    again = cell(tmp_path)
    run(again)
    assert calls["reading"] == probes, "what is there is not asked again"


def test_tables_are_loaded_once_for_a_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: Counter[str] = Counter()
    plain = RunDirectory.load
    monkeypatch.setattr(RunDirectory, "load", lambda self, *asked: (loaded.update(asked[:1]), plain(self, *asked))[1])
    run(cell(tmp_path))
    assert loaded == {"traces": 1, "probes": 1, "edited_questions": 1, "readings": 1}


@pytest.mark.parametrize("end", ["", " So it is 4", " 4.\n", " 4.\n\n"])
@pytest.mark.parametrize("name", ["dialogue", "chat"])
def test_what_is_remembered_is_what_the_format_gives(tmp_path: Path, name: str, end: str) -> None:
    one = cell(tmp_path)
    tokenizer = templates.Fast(templates.CHATML) if name == "chat" else one.subject.engine.tokenizer
    form = choose(name, tokenizer)
    engine = Noting()
    engine.tokenizer = tokenizer
    posing = Posing(replace(one, subject=OpenModel("x", engine, form)))
    ids = tokenizer.encode(end)
    for question in (QUESTIONS[0], QUESTIONS[1], QUESTIONS[0], replace(QUESTIONS[0], choices=()), QUESTIONS[0]):
        posed = posing.posed("cot", question)
        assert posing.answer_ids(posed, ids) == form.answer_ids(question, ids)
        assert posing.start(posed) == form.prompt_ids(question)
        assert posed.candidates == form.candidates(question)


# --- portions -----------------------------------------------------------------------------------------------------------------


def test_a_question_s_samples_stand_side_by_side_in_one_call(tmp_path: Path) -> None:
    engine = Noting()
    one = cell(tmp_path, engine=engine, samples=5)
    run(one)
    prompts = {one.subject.format.prompt_ids(question): question.id for question in QUESTIONS}
    asked = [[next(i for ids, i in prompts.items() if tree.trunk[: len(ids)] == ids) for tree in trees] for trees in engine.scored]
    changes = [call[:1] + [b for a, b in pairwise(call) if a != b] for call in asked]
    assert [name for call in changes for name in call] == [question.id for question in QUESTIONS]
    assert len(changes) > 1


@pytest.mark.parametrize(("device", "calls"), [("", [8, 16]), ("cuda:0", [8, 16]), ("cpu", [8, 8, 8])])
def test_more_and_more_traces_are_read_at_once_unless_that_is_slow(
    tmp_path: Path, device: str, calls: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cotfaith.pipeline.cell.TOKENS_ON_CPU", 100)
    engine = Noting(device)
    one = cell(tmp_path, engine=engine)
    run(one)
    assert [len(trees) for trees in engine.scored] == calls
    assert len(list((tmp_path / "readings").glob("*.parquet"))) == len(calls), "each is kept as soon as it is there"


LOADS = st.lists(st.tuples(st.integers(1, 20), st.integers(0, 100)), max_size=20)


@given(shape=LOADS, most=st.integers(0, 3000))
def test_portions_hold_every_trace_in_order_and_no_more_than_is_said(shape: list[tuple[int, int]], most: int) -> None:
    traces: list[Trace] = []
    loads: dict[str, int] = {}
    for i, (samples, load) in enumerate(shape):
        for j in range(samples):
            traces.append(trace("x", f"t{i}-{j}", f"q{i}"))
            loads[traces[-1].id] = load
    found = list(portions(traces, loads, most))
    assert [one for block in found for one in block] == traces
    for number, block in enumerate(found):
        several = len({one.question_id for one in block}) > 1
        weight = sum(loads[one.id] for one in block)
        assert len(block) <= TRACES or weight <= most
        assert not several or len(block) <= TRACES << number
    split = [one for one, other in pairwise(found) if one[-1].question_id == other[0].question_id]
    for block in split:
        samples, load = shape[int(block[-1].question_id[1:])]
        assert samples > TRACES
        assert samples * load > most
    assert PROBED % TRACES == 0
