"""Answers by what an engine can do: from log-probabilities, or from what the model writes."""

import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pandas as pd
import pytest

import cotfaith
from cotfaith.errors import StoreError, UsageError
from cotfaith.pipeline import read_written
from cotfaith.pipeline.cell import Cell
from cotfaith.pipeline.probe import Asked
from cotfaith.runs import open_run
from cotfaith.text import answers
from cotfaith.types import Completion, Question

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
PROBABILITY = "aoc_probability|probability_loss"
LEAST = {"model": "scripted/mixed", "task": "addition", "limit": 4, "samples": 2, "quiet": True}


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder for the path of Python, in which a distribution registers the engine that cannot score."""
    site = tmp_path / "site"
    info = site / "zz_written-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: zz-written\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[cotfaith.engines]\nwritten = zz_written:WrittenOptions\n")
    shutil.copy(ROOT / "tests/engines/written.py", site / "zz_written.py")
    return site


def command(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a new process that has the engine."""
    code = f"import sys; sys.path[:0] = [{str(site)!r}, {str(ROOT)!r}]; from cotfaith.cli import main; main()"
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, cwd=site.parent)


@pytest.mark.parametrize(
    ("question", "text", "read"),
    [
        (Question("q", "toy", "How many?", (), "60"), " is 60.", ("answered", "60")),
        (Question("q", "toy", "How many?", (), "60"), " or 60.", ("unparsed", None)),
        (Question("q", "toy", "Which?", ("one", "two"), "B"), "B because it is even", ("answered", "B")),
    ],
)
def test_a_written_answer_is_extracted_behind_the_cue_that_it_followed(
    question: Question, text: str, read: tuple[str, str | None]
) -> None:
    asked = cast(Asked, SimpleNamespace(key="k", question=question, context=(1, 2), answer_ids=(3,), thought="", response=""))
    writes = SimpleNamespace(format=SimpleNamespace(stop=(), stop_ids=()), generate=lambda *_: [[Completion((4, 5), text, "stop")]])
    cell = SimpleNamespace(subject=writes, answers="written", study=SimpleNamespace(temperature=1.0, top_p=1.0, seed=0))
    (reading,) = read_written.write(cast(Cell, cell), [asked])
    assert (reading.state, reading.answer) == read
    assert answers.extract(text, question).answer is None  # without the cue


def test_a_whole_lanham_run_on_an_engine_without_log_probabilities(installed: Path, tmp_path: Path) -> None:
    chosen = ["run", "-m", "written/mixed", "-t", "addition", "--battery", "lanham2023", "-n", "6", "-s", "2", "-o", "lanham", "-q"]
    done = command(installed, *chosen)
    assert done.returncode == 0, done.stderr
    run = open_run(tmp_path / "lanham")
    readings = run.readings()
    assert (readings["state"] == "answered").all()
    assert set(readings["answer"]) <= set("ABCDE")
    assert readings["option_logprobs"].map(len).sum() == 0
    assert readings["option_mass"].isna().all()
    assert (readings["continuation"] == readings["answer"]).all()
    estimates = run.estimates()
    undefined = estimates[estimates["metric"].str.contains(PROBABILITY)]
    assert len(undefined)
    assert undefined["value"].isna().all()
    assert set(undefined.loc[undefined["metric"] == "aoc_probability", "note"]) == {
        "not defined for answers that are written, since these have no probabilities of options"
    }
    assert (undefined["missing"] == 0).all()
    defined = estimates.query("metric in ['aoc', 'retention', 'answers_changed', 'accuracy_full'] and dose.isna()")
    assert len(defined) > 3
    assert defined["value"].notna().all()
    assert (tmp_path / "lanham/report.html").stat().st_size > 10_000
    planned = command(installed, *chosen, "-M", "share=0.25", "--dry-run", "-o", "another").stdout
    assert "model written/mixed: engine written (share=0.25)\n" in planned
    assert "  answers of written/mixed: multiple choice, written by the model\n" in planned


def test_an_engine_that_cannot_score_is_refused_where_scores_are_asked_for(installed: Path) -> None:
    done = command(installed, "run", "-m", "written/mixed", "-t", "addition", "--answers", "logprobs", "--dry-run")
    assert done.returncode == 1
    assert "Study key answers needs option_logprobs, which the engine of written/mixed does not support" in done.stderr


def numbers(run: cotfaith.Run) -> pd.DataFrame:
    found = run.estimates()
    kept = found[~found["metric"].str.contains("probability|band")]
    return kept[
        ["measure", "metric", "kind", "stratum", "arm", "reason", "dose", "intervention", "value", "n", "missing"]
    ].reset_index(drop=True)


def test_written_answers_of_a_persona_are_its_likeliest_options(tmp_path: Path) -> None:
    runs = {how: cotfaith.run(**LEAST, battery="lanham2023", answers=how, out=tmp_path / how) for how in ("logprobs", "written")}
    pd.testing.assert_frame_equal(numbers(runs["written"]), numbers(runs["logprobs"]))
    assert numbers(runs["written"])["value"].notna().any()
    assert not set(runs["written"].readings()["id"]) & set(runs["logprobs"].readings()["id"])


def test_a_sampled_answer_is_the_traces_own(tmp_path: Path) -> None:
    made = {
        how: cotfaith.run(**LEAST, measures="reasoning_gain", answers=how, out=tmp_path / how) for how in ("written", "sampled")
    }
    none = {how: run.probes().query("arm == 'no_reasoning'")["reading_id"] for how, run in made.items()}
    assert none["written"].nunique() == 4  # one for each question
    assert none["sampled"].nunique() == 8  # one for each trace
    assert (made["sampled"].readings()["state"] == "answered").all()


def test_how_answers_are_read_is_part_of_what_a_directory_holds(tmp_path: Path) -> None:
    chosen = {**LEAST, "measures": "reasoning_gain", "out": tmp_path / "run"}
    cotfaith.run(**chosen, answers="written")
    before = len(open_run(tmp_path / "run").readings())
    assert len(cotfaith.run(**chosen, answers="written").readings()) == before
    with pytest.raises(StoreError, match="its answers is 'written', and now it is 'auto'"):
        cotfaith.run(**chosen)


SEVERAL = [
    {"model": "scripted/mixed", "engine": {"share": 0}, "name": "never"},
    {"model": "scripted/mixed", "engine": {"share": 1}, "name": "ever"},
]


def test_each_model_has_its_own_options_and_name(tmp_path: Path) -> None:
    chosen = {**LEAST, "measures": "reasoning_gain", "out": tmp_path / "run"}
    made = cotfaith.run(**{**chosen, "model": SEVERAL})
    changed = made.estimates().query("metric == 'answers_changed'").set_index("model")["value"]
    assert changed.to_dict() == {"never": 0.0, "ever": 1.0}
    assert made.traces()["id"].is_unique
    assert made.manifest()["subjects"]["never"]["arguments"]["share"] == 0
    again = cotfaith.run(**{**chosen, "model": SEVERAL})
    assert len(again.traces()) == len(made.traces())
    grown = cotfaith.run(**{**chosen, "model": "scripted/post-hoc"})
    assert set(grown.traces()["model"]) == {"never", "ever", "scripted/post-hoc"}
    with pytest.raises(StoreError, match="its engine of never is"):
        cotfaith.run(**{**chosen, "model": [{**SEVERAL[0], "engine": {"share": 0.5}}]})


def test_options_of_a_writer_and_of_a_judge_are_checked_before_anything_loads(tmp_path: Path) -> None:
    wrong = {"model": "scripted/writer", "engine": {"shares": 1}}
    with pytest.raises(UsageError, match="Unknown option of the scripted engine of scripted/writer 'shares'"):
        cotfaith.run(**LEAST, measures="paraphrasing", writer=[wrong], out=tmp_path / "writer")
    judge = {"model": "scripted/judge", "engine": {"shares": 1}, "name": "strict judge"}
    with pytest.raises(UsageError, match="Unknown option of the scripted engine of strict judge 'shares'"):
        cotfaith.run(
            **{**LEAST, "model": "scripted/hinted"}, measures="hint_effect", judges=["lexical", judge], out=tmp_path / "judge"
        )
    assert not (tmp_path / "writer").exists()
    assert not (tmp_path / "judge").exists()


def test_a_judge_with_a_name_of_its_own_judges(tmp_path: Path) -> None:
    judge = {"model": "scripted/judge", "engine": {"confidence": 0.8}, "name": "second"}
    made = cotfaith.run(
        **{**LEAST, "model": "scripted/hinted"},
        measures="hint_effect",
        judges=["scripted/judge", judge],
        engine={"follow": 1},
        out=tmp_path / "run",
    )
    assert set(made.verdicts()["judge"]) == {"scripted/judge", "second"}
