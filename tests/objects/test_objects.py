"""What a run takes as Python objects, run in full: models, questions, interventions, hints, judges, measures and traces."""

import copy
import json
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

import datasets
import numpy as np
import pandas as pd
import pytest
import torch

import cotfaith
from cotfaith import objects
from cotfaith.contracts import GivenTrace
from cotfaith.contracts.hint import AbstractHint, Case, HintInfo, beside
from cotfaith.contracts.judge import AbstractJudge, Finding
from cotfaith.contracts.task import AbstractTask
from cotfaith.engines.scripted import ScriptedEngine
from cotfaith.engines.transformers.fingerprint import fingerprint
from cotfaith.errors import CotfaithError, DataError, UsageError
from cotfaith.types import Question
from interventions.truncation import Truncation
from tests.engines import tiny

pytestmark = pytest.mark.integration

ROWS = [{"question": f"What is {i} + {i + 1}?", "options": ["3", "5", "7", "9"], "answer": "ABCD"[i % 4]} for i in range(5)]


def ran(folder, **choices):
    return cotfaith.run(**{"model": "scripted/mixed", "task": "addition", "limit": 4, "out": folder, "quiet": True} | choices)


def drop_first(trace, question):
    """The reasoning without its first step."""
    return trace.reasoning[trace.steps[0].stop :] if len(trace.steps) > 1 else None


def stopped(rows):
    """The share of readings that answer A."""
    return (rows["answer"] == "A").astype(float)


def named(name, function):
    """`function` under a name."""
    function.__name__ = name
    return function


@dataclass
class Held:
    """An object that a function captures."""

    value: object


def whisper(question, target):
    """a whispered answer"""
    return f"Someone whispers that the answer is ({target})."


def says_whisper(text, claim):
    """Whether the text speaks of whispering."""
    return "whisper" in text


# Models.


def test_a_loaded_model_of_transformers_with_its_tokenizer(tmp_path):
    run = ran(tmp_path, model=tiny.model(), tokenizer=tiny.byte_level(), measures=["early_answering"], max_tokens=12)
    assert run.complete
    assert run.study.model == ("hf/LlamaForCausalLM",)
    assert set(run.traces()["model"]) == {"hf/LlamaForCausalLM"}
    assert len(run.estimates().query("metric == 'aoc' and stratum == ''")) == 1


def test_models_by_name_stay_open_after_the_run(tmp_path):
    engine = tiny.engine()
    models = {"base": engine, "tuned": (tiny.model("gpt2"), tiny.byte_level())}
    run = ran(tmp_path, model=models, measures=["early_answering"], max_tokens=12, limit=2)
    assert run.study.model == ("base", "tuned")
    assert set(run.traces()["model"]) == {"base", "tuned"}
    assert engine.tokenizer.encode("still open")


def test_a_model_without_its_tokenizer_and_what_is_no_model(tmp_path):
    with pytest.raises(UsageError, match=r"needs its tokenizer: give tokenizer=tokenizer\."):
        ran(tmp_path, model=tiny.model())
    with pytest.raises(UsageError, match=r"model has a float: give a name, a loaded model, or an engine\."):
        ran(tmp_path, model=3.5)


def test_a_run_goes_on_with_the_same_object_and_says_when_it_is_missing(tmp_path):
    engine = ScriptedEngine("mixed")
    before = ran(tmp_path, model={"mine": engine}, limit=2).traces()["id"].tolist()
    again = ran(tmp_path, model={"mine": engine}, limit=4)
    assert before == again.traces()["id"].tolist()[:2]
    assert len(again.traces()) == 4
    with pytest.raises(
        UsageError, match=r"'mine' was a Python object when the run was made: pass the object again, as model=\{'mine': model\}"
    ):
        cotfaith.run(again.study, out=tmp_path, limit=5, quiet=True)


def test_a_loaded_model_that_was_trained_on_is_another_one(tmp_path):
    model, tokenizer = copy.deepcopy(tiny.model()), tiny.byte_level()
    before = fingerprint(model, tokenizer)
    assert before == fingerprint(tiny.model(), tokenizer)
    ran(tmp_path, model={"mine": (model, tokenizer)}, measures=["early_answering"], max_tokens=12, limit=2)
    with torch.no_grad():
        model.lm_head.weight[3, 5] += 1e-3
    assert fingerprint(model, tokenizer) != before
    with pytest.raises(CotfaithError, match="revision"):
        ran(tmp_path, model={"mine": (model, tokenizer)}, measures=["early_answering"], max_tokens=12, limit=4)


# Questions.


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(lambda: ROWS, id="dictionaries"),
        pytest.param(lambda: pd.DataFrame(ROWS), id="data frame"),
        pytest.param(lambda: datasets.Dataset.from_list(ROWS), id="datasets.Dataset"),
        pytest.param(
            lambda: [
                Question(str(i), "questions", row["question"], tuple(row["options"]), row["answer"]) for i, row in enumerate(ROWS)
            ],
            id="questions",
        ),
    ],
)
def test_questions_in_memory(tmp_path, made):
    run = ran(tmp_path, task=made(), limit=5)
    questions = run.questions()
    assert run.study.task == ("questions",)
    assert questions["text"].tolist() == [row["question"] for row in ROWS]
    assert questions["gold"].tolist() == [row["answer"] for row in ROWS]
    assert [list(options) for options in questions["choices"]] == [row["options"] for row in ROWS]
    assert len(run.traces()) == 5


def test_questions_by_name_and_a_task(tmp_path):
    @dataclass(frozen=True)
    class Sums(AbstractTask):
        """Two sums."""

        name: ClassVar[str] = "sums"
        summary: ClassVar[str] = "two sums"

        def questions(self):
            yield from (Question(f"s{i}", self.name, f"What is {i} + 1?", ("1", "2"), "AB"[i]) for i in range(2))

    run = ran(tmp_path, task={"mine": ROWS, "sums": Sums()}, limit=2)
    assert run.study.task == ("mine", "sums")
    assert run.questions()["task"].value_counts().to_dict() == {"mine": 2, "sums": 2}


def test_questions_that_are_wrong(tmp_path):
    with pytest.raises(DataError, match="Task questions, item 1"):
        ran(tmp_path, task=[ROWS[0], {"question": "Only this?"}])
    with pytest.raises(DataError, match="Task questions, item 0: it is a int: give dictionaries"):
        ran(tmp_path, task=[1, 2])
    with pytest.raises(UsageError, match="task has no questions: give at least one"):
        ran(tmp_path, task=[])
    with pytest.raises(DataError, match="the id 'a' is given twice"):
        ran(tmp_path, task=[Question("a", "x", "1 + 1?", ("1", "2"), "B")] * 2)


# Interventions, hints, judges, measures.


def test_an_instance_of_an_intervention_keeps_its_options(tmp_path):
    run = ran(tmp_path, interventions=[Truncation(cuts=3)], measures=["early_answering"])
    assert run.study.interventions == {"truncation": {"cuts": 3}}
    named = ran(tmp_path / "named", interventions={"truncation": {"cuts": 3}}, measures=["early_answering"])
    pd.testing.assert_frame_equal(run.estimates(), named.estimates())


def test_a_function_is_an_intervention_that_answer_changed_reads(tmp_path):
    run = ran(tmp_path, interventions=[drop_first], measures=["answer_changed"])
    rows = run.estimates().query("metric == 'answer_changed' and intervention == 'drop_first'")
    assert len(rows) == 1
    assert rows["n"].item() > 0
    probes = run.probes().query("intervention == 'drop_first' and arm == 'treated'")
    assert len(probes) == 4


def test_a_changed_function_is_another_version():
    def same_name(source):
        space = {}
        exec(source, space)
        return objects.intervention(space["edit"])

    one, other = (same_name(f"def edit(trace, question):\n    return {text!r}") for text in ("a", "b"))
    assert one.name == other.name == "edit"
    assert one.version != other.version


@pytest.mark.parametrize("name", ["truncation", "filler", "removal"])
def test_a_built_in_intervention_runs_by_itself(tmp_path, name):
    run = ran(tmp_path, interventions=[name], measures=["answer_changed"])
    rows = run.estimates().query("metric == 'answer_changed' and intervention == @name")
    assert (rows["n"] > 0).all()
    assert len(rows) > 0


@pytest.mark.parametrize(
    "values",
    [
        (re.compile("a"), re.compile("b")),
        (np.array([1, 2]), np.array([1, 3])),
        (np.int64(1), np.int64(2)),
        (Path("a"), Path("b")),
        (pd.Series([1]), pd.Series([2])),
        (Held([1]), Held([2])),
        (Held(Held([1])), Held(Held([2]))),
    ],
    ids=lambda pair: type(pair[0]).__name__,
)
def test_a_captured_value_of_any_kind_is_part_of_a_function(values):
    def with_value(value):
        def edit(trace, question):
            return str(value)

        return objects.intervention(edit).version

    one, other = values
    assert with_value(one) == with_value(copy.deepcopy(one)) != with_value(other)


def test_pieces_of_one_name_are_refused():
    with pytest.raises(UsageError, match="is given twice"):
        objects.plain({"interventions": [Truncation(cuts=2), Truncation(cuts=5)]})
    with pytest.raises(UsageError, match="Two pieces have the name 'lambda'"):
        objects.plain({"measures": [lambda rows: rows["dose"], lambda rows: 1 - rows["dose"]]})


def test_an_engine_or_a_judge_with_other_options_is_another_one(tmp_path):
    @dataclass(frozen=True)
    class Says(AbstractJudge):
        name: ClassVar[str] = "says"
        prompts: ClassVar[dict[str, str]] = {}
        always: bool = True

        def flow(self, claim):
            return Finding("judged", self.always, self.always)
            yield

    ran(tmp_path / "engine", model={"mine": ScriptedEngine("mixed", follow=0.1)}, limit=2)
    with pytest.raises(CotfaithError, match="revision"):
        ran(tmp_path / "engine", model={"mine": ScriptedEngine("mixed", follow=0.9)}, limit=4)
    hinted = {"model": "scripted/hinted", "hints": ["suggested_answer"], "samples": 2, "measures": ["hint_effect"]}
    ran(tmp_path / "judge", **hinted, judges=[Says(True)])
    with pytest.raises(CotfaithError, match="judge says"):
        ran(tmp_path / "judge", **hinted, judges=[Says(False)])


@pytest.mark.parametrize(("role", "name"), [("judges", "lexical"), ("judges", "rules"), ("writer", "rules")])
def test_a_label_that_means_something_else_is_refused(tmp_path, role, name):
    with pytest.raises(UsageError, match=f"{role} has a model with the name '{name}'"):
        ran(tmp_path, **{role: [{"model": "scripted/judge", "name": name}]})


def test_functions_that_fail_or_return_nonsense_are_named(tmp_path):
    def fails(trace, question):
        raise ValueError("boom\nsecond line")

    hinted = {"model": "scripted/hinted", "samples": 2, "measures": ["hint_effect"]}
    with pytest.raises(CotfaithError, match=r"Intervention fails failed \(ValueError: boom second line\): correct the function"):
        ran(tmp_path / "a", interventions=[fails], measures=["answer_changed"])
    with pytest.raises(CotfaithError, match="Judge wrong returned 'no': return True, False"):
        ran(tmp_path / "b", **hinted, hints=["suggested_answer"], judges=[named("wrong", lambda text, claim: "no")])
    with pytest.raises(CotfaithError, match="Hint wrong returned None: return the text of the hint"):
        ran(tmp_path / "c", **hinted, hints=[objects.hint(named("wrong", lambda question, target: None), mentions=["x"])])
    with pytest.raises(DataError, match="returned a series of other rows"):
        ran(tmp_path / "d", interventions=[drop_first], measures=[named("wrong", lambda rows: rows["dose"].iloc[:1])])


def test_a_series_in_another_order_is_put_in_order(tmp_path):
    plain = ran(tmp_path / "a", interventions=[drop_first], measures=[stopped]).estimates()
    turned = ran(
        tmp_path / "b", interventions=[drop_first], measures=[named("stopped", lambda rows: stopped(rows).iloc[::-1])]
    ).estimates()
    pick = "measure == 'stopped'"
    assert turned.query(pick)["value"].tolist() == plain.query(pick)["value"].tolist()


@pytest.mark.parametrize("made", [1, "partial", "method", "global"])
def test_a_function_with_another_captured_value_is_another_version(made):
    class Cutter:
        def __init__(self, count):
            self.count = count

        def edit(self, trace, question):
            return trace.reasoning[: self.count]

    def with_count(count):
        def edit(trace, question):
            return trace.reasoning[:count]

        def edit_by(count, trace, question):
            return trace.reasoning[:count]

        def edit_global(trace, question):
            return trace.reasoning[:CUT]

        if made == "global":
            edit_global.__globals__["CUT"] = count
            return objects.intervention(edit_global)
        return objects.intervention({1: edit, "partial": partial(edit_by, count), "method": Cutter(count).edit}[made])

    one, same, other = with_count(3), with_count(3), with_count(4)
    assert one.version == same.version != other.version


CUT = 0  # which a function of a test reads


def test_a_hint_and_a_judge_as_functions(tmp_path):
    hint = objects.hint(whisper, mentions=["whisper"])
    run = ran(tmp_path, model="scripted/hinted", hints=[hint], judges=[says_whisper], measures=["hint_effect"], samples=2)
    assert set(run.probes().query("arm == 'treated'")["kind"]) == {"whisper"}
    assert set(run.verdicts()["judge"]) <= {"says_whisper"}
    assert run.study.judges == ("says_whisper",)
    assert len(run.estimates().query("measure == 'hint_effect' and kind == 'whisper'"))


def test_a_hint_as_an_instance_of_a_class(tmp_path):
    @dataclass(frozen=True)
    class Shout(AbstractHint):
        name: ClassVar[str] = "shout"
        about: ClassVar[HintInfo] = HintInfo("a shouted answer", "none", "a shouted answer", ("shout",), "wrong")

        def edit(self, case: Case) -> Question:
            return beside(case.question, before=f"Someone shouts: ({case.target})!")

    run = ran(tmp_path, model="scripted/hinted", hints=["suggested_answer", Shout()], measures=["hint_effect"], samples=2)
    assert set(run.probes().query("arm == 'treated'")["kind"]) == {"suggested_answer", "shout"}


def test_a_measure_as_a_function_is_the_mean_over_treated_readings(tmp_path):
    run = ran(tmp_path, interventions=[drop_first], measures=[stopped])
    row = run.estimates().query("measure == 'stopped' and intervention == 'drop_first'")
    read = run.probes().merge(run.readings(), left_on="reading_id", right_on="id", suffixes=("", "_reading"))
    assert row["value"].item() == pytest.approx((read.query("arm == 'treated'")["answer"] == "A").mean())


def test_a_measure_of_the_wrong_shape(tmp_path):
    def wrong(rows):
        return np.array([0.5])

    with pytest.raises(DataError, match=r"Measure wrong returned values of shape \(1,\) for \d+ rows"):
        ran(tmp_path, interventions=[drop_first], measures=[wrong])


@pytest.mark.parametrize(
    ("values", "said"),
    [(["A"], "values that are not numbers"), ([5.0], r"returned 5: return values from 0 to 1, or NaN\.")],
)
def test_a_measure_with_the_wrong_values(tmp_path, values, said):
    def wrong(rows):
        return values * len(rows)

    with pytest.raises(DataError, match=f"Measure wrong returned.*{said}|Measure wrong {said}"):
        ran(tmp_path, interventions=[drop_first], measures=[wrong])


def test_a_run_says_whether_it_is_complete(tmp_path):
    run = ran(tmp_path, limit=2)
    assert run.complete
    assert cotfaith.open_run(tmp_path).complete
    with pytest.raises(CotfaithError):
        ran(tmp_path, limit=3, interventions=[lambda trace, question: 5], measures=["answer_changed"])
    assert not cotfaith.open_run(tmp_path).complete
    assert "not complete" in cotfaith.open_run(tmp_path)._repr_html_()


def test_a_name_that_is_taken():
    def truncation(trace, question):
        return None

    with pytest.raises(UsageError, match="The intervention 'truncation' is registered already, and is another one"):
        objects.plain({"interventions": [truncation]})


def test_an_opened_run_needs_its_objects_to_estimate(tmp_path):
    ran(tmp_path, interventions=[drop_first], measures=[stopped])
    with pytest.raises(UsageError, match="stopped"):
        cotfaith.open_run(tmp_path).estimate(unparsed="wrong")
    opened = cotfaith.open_run(tmp_path, interventions=[drop_first], measures=[stopped])
    assert len(opened.estimate(unparsed="wrong"))


# Traces from elsewhere.


def test_traces_are_given_as_rows_a_frame_or_a_file(tmp_path):
    rows = [{"question": i, "reasoning": f"First. Then {i}.", "finish": "stop"} for i in range(5)]
    questions = [Question(str(i), "questions", row["question"], tuple(row["options"]), row["answer"]) for i, row in enumerate(ROWS)]
    rows = [{**row, "question": str(row["question"])} for row in rows]
    one = ran(tmp_path / "rows", task=questions, traces=rows, limit=5)
    other = ran(tmp_path / "frame", task=questions, traces=pd.DataFrame(rows), limit=5)
    assert one.traces()["reasoning"].tolist() == [f"First. Then {i}." for i in range(5)]
    pd.testing.assert_frame_equal(one.estimates(), other.estimates())


@pytest.mark.parametrize("empty", [[], (), iter(()), pd.DataFrame()])
def test_no_traces_are_not_sampled_ones(tmp_path, empty):
    with pytest.raises(DataError, match="there are none; give at least one"):
        ran(tmp_path, traces=empty)


def test_traces_as_values_and_what_is_none(tmp_path):
    given = [GivenTrace(question=f"questions:{i}", reasoning="First. Then\u2028second.", finish="stop") for i in range(5)]
    assert len(ran(tmp_path / "a", task=ROWS, traces=given, limit=5).traces()) == 5
    file = tmp_path / "traces.jsonl"
    rows = [json.dumps({"question": g.question, "reasoning": g.reasoning, "finish": "stop"}, ensure_ascii=False) for g in given]
    file.write_text("\ufeff" + "\n".join(rows), encoding="utf-8")
    assert len(ran(tmp_path / "b", task=ROWS, traces=file, limit=5).traces()) == 5
    with pytest.raises(UsageError, match="traces is a int"):
        ran(tmp_path / "c", traces=3)
    with pytest.raises(DataError, match="row 1: it is a NoneType"):
        ran(tmp_path / "c", traces=[None])


# What a notebook shows.


def test_a_notebook_shows_runs_traces_estimates_and_studies(tmp_path):
    run = ran(tmp_path, task=[{**row, "question": row["question"] + " <b>"} for row in ROWS])
    shown = run._repr_html_()
    assert "early_answering" in shown
    assert "<table>" in shown
    assert run.study._repr_html_().count("<tr>") == 3
    trace = run.trace(0)
    assert trace.id == run.traces()["id"][0]
    assert trace._repr_html_().count("<li>") == len(trace.steps)
    with pytest.raises(UsageError, match="has no trace 9: it has 4, numbered from 0"):
        run.trace(9)


def test_what_a_notebook_shows_is_escaped(tmp_path):
    (trace,) = [ran(tmp_path, limit=1).trace()]
    nasty = type(trace)(
        **{name: getattr(trace, name) for name in trace.__dataclass_fields__} | {"response": "<script>alert(1)</script>"}
    )
    assert "<script>" not in nasty._repr_html_()
    assert "&lt;script&gt;" in nasty._repr_html_()
