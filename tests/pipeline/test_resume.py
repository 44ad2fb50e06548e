"""A run ends with the same rows however often it was stopped, and grows by what is asked for besides."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from losing import change, forget

import cotfaith
from cotfaith.analysis import estimate
from cotfaith.engines.scripted.options import ScriptedOptions
from cotfaith.errors import EngineError, StoreError, UsageError
from cotfaith.runs import Run
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.tasks.addition import Addition

pytestmark = pytest.mark.integration

TABLES = ("questions", "traces", "probes", "readings")
COMMAND = [sys.executable, "-m", "cotfaith", "run", "--model", "scripted/mixed", "--task", "addition", "--samples", "2", "--quiet"]


def run(path: Path, **choices: object) -> Run:
    given = {"model": "scripted/mixed", "task": "addition", "limit": 40, "samples": 2, "measures": "early_answering"}
    return cotfaith.run(out=path, quiet=True, **given | choices)


def rows(path: Path) -> dict[str, pd.DataFrame]:
    """Every table of a run, without the order of its parts."""
    made = cotfaith.open_run(path)
    return {name: getattr(made, name)().sort_values("id", ignore_index=True) for name in TABLES}


def assert_same(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(one[name], other[name])


def unmetered(path: Path) -> dict[str, pd.DataFrame]:
    """The rows without what they cost, since a trunk computed anew for more branches costs again."""
    found = rows(path)
    return found | {"readings": found["readings"].drop(columns="tokens_computed")}


def row_count(path: Path) -> int:
    return sum(len(frame) for frame in rows(path).values())


def test_the_same_command_again_adds_nothing(tmp_path: Path) -> None:
    before = rows(run(tmp_path).path)
    parts = sorted(tmp_path.glob("*/*.parquet"))
    assert_same(before, rows(run(tmp_path).path))
    assert sorted(tmp_path.glob("*/*.parquet")) == parts


@pytest.mark.parametrize(
    "steps", [[{"limit": 7}, {"limit": 40}], [{"samples": 1}, {"samples": 2}], [{"limit": 33, "samples": 1}, {}]]
)
def test_topping_up_gives_the_rows_of_doing_it_at_once(tmp_path: Path, steps: list[dict[str, int]]) -> None:
    for choices in steps:
        run(tmp_path / "grown", **choices)
    run(tmp_path / "whole")
    assert_same(unmetered(tmp_path / "grown"), unmetered(tmp_path / "whole"))
    pd.testing.assert_frame_equal(Run(tmp_path / "grown").estimates(), Run(tmp_path / "whole").estimates())


def test_measures_models_and_tasks_top_up(tmp_path: Path) -> None:
    first = run(tmp_path, limit=5)
    readings = len(first.readings())
    more = run(tmp_path, limit=5, measures=["filler_tokens"])
    assert set(more.estimates()["measure"]) == {"early_answering", "filler_tokens"}
    assert len(more.traces()) == 10
    assert len(more.readings()) > readings
    other = run(tmp_path, limit=5, model="scripted/post-hoc", task="tracking")
    assert set(other.traces()["model"]) == {"scripted/mixed", "scripted/post-hoc"}
    assert set(other.estimates()["model"]) == {"scripted/mixed", "scripted/post-hoc"}
    assert other.study.model == ("scripted/mixed", "scripted/post-hoc")


def test_a_smaller_command_takes_nothing_away(tmp_path: Path) -> None:
    before = rows(run(tmp_path, limit=9).path)
    smaller = run(tmp_path, limit=3)
    assert_same(before, rows(tmp_path))
    assert smaller.study.limit == 9


def test_a_torn_part_is_made_again(tmp_path: Path) -> None:
    before = rows(run(tmp_path).path)
    for name in ("traces", "readings", "probes", "questions"):
        part = max((tmp_path / name).glob("*.parquet"))
        part.write_bytes(part.read_bytes()[:100])
        run(tmp_path)
        assert_same(before, rows(tmp_path))


def test_what_is_not_read_yet_is_not_missing(tmp_path: Path) -> None:
    """A trace with an unread cut does not enter, and the run says that it is not complete."""
    made = run(tmp_path, limit=8)
    aoc = made.estimates().query("metric == 'aoc'").iloc[0]
    assert (aoc["n"], aoc["missing"], made.complete, made.progress().sentence()) == (16, 0, True, "")
    max((tmp_path / "readings").glob("*.parquet")).unlink()
    forget(tmp_path)
    probes, read = made.probes(), set(made.readings()["id"])
    unread = probes[~probes["reading_id"].isin(read)]
    traces = unread["trace_id"].nunique()
    assert 0 < traces < 16
    for again in (made.estimates(), made.estimate(), cotfaith.open_run(tmp_path).estimates()):
        aoc = again.query("metric == 'aoc'").iloc[0]
        assert (aoc["n"], aoc["missing"]) == (16 - traces, 0)
        assert again.query("metric == 'unanswered'")["missing"].sum() == 0
    assert not made.complete
    assert made.progress().sentence() == (
        f"The run is not complete: 16 of up to 16 reasoning traces are there, and {unread['reading_id'].nunique()} answers are not read yet. "
        "Give its command again to go on."
    )
    assert run(tmp_path, limit=8).complete
    assert made.complete
    assert made.estimates().query("metric == 'aoc'").iloc[0]["n"] == 16


def test_a_smaller_study_in_a_killed_run(tmp_path: Path) -> None:
    """The directory's study is the larger one, which is not complete; the numbers are of what was read."""
    made = run(tmp_path, limit=9)
    for name in ("traces", "probes", "readings"):
        for part in (tmp_path / name).glob("*.parquet"):
            part.unlink()
    smaller = run(tmp_path, limit=3)
    assert (smaller.study.limit, smaller.complete, smaller.progress().counts.traces) == (9, False, 6)
    aoc = smaller.estimates().query("metric == 'aoc'").iloc[0]
    assert (aoc["n"], aoc["missing"]) == (6, 0)
    assert run(tmp_path, limit=9).complete
    assert run(tmp_path, limit=3).complete  # the larger study is done
    assert made.study.beyond(smaller.study) == ""
    assert made.study.beyond(smaller.study.model_copy(update={"limit": 3, "samples": 1})) == "limit 9; samples 2"


def test_lost_traces_are_said(tmp_path: Path) -> None:
    made = run(tmp_path, limit=2)
    for part in (tmp_path / "traces").glob("*.parquet"):
        part.unlink()
    forget(tmp_path)
    assert not made.complete
    assert made.progress().sentence() == (
        "The run is not complete: 0 of up to 4 reasoning traces are there. Give its command again to go on. The probes of 4 lost reasoning "
        "traces do not enter."
    )
    assert run(tmp_path, limit=2).progress().sentence() == ""


def test_a_finished_run_is_not_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = run(tmp_path, limit=2)
    page = made.report().read_bytes()
    monkeypatch.setattr(estimate, "estimate", lambda *_, **__: pytest.fail("it estimates again"))
    again = run(tmp_path, limit=2)
    pd.testing.assert_frame_equal(again.estimates(), made.estimates())
    assert again.report().read_bytes() == page
    with pytest.raises(pytest.fail.Exception, match="it estimates again"):
        run(tmp_path, limit=3)


def test_a_run_of_somebody_else_can_be_estimated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the right to write, nothing is locked and nothing is stored."""
    made = run(tmp_path, limit=2)
    wanted, before = made.estimates(), {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    monkeypatch.setattr(RunDirectory, "writable", lambda _: False)
    monkeypatch.setattr(RunDirectory, "lock", lambda _: pytest.fail("it locks"))
    other = cotfaith.open_run(tmp_path)
    pd.testing.assert_frame_equal(other.estimate(), wanted)
    assert len(other.sensitivity()) > 0
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_finished_run_opens_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "mine.jsonl"
    data.write_text('{"question": "1 + 1?", "answer": "2"}\n{"question": "2 + 2?", "answer": "4"}\n')
    choices = {"task": str(data), "limit": 2}
    made = run(tmp_path / "r", **choices)
    with monkeypatch.context() as closed:
        closed.setattr(ScriptedOptions, "open", lambda *_: pytest.fail("it opens a model"))
        assert run(tmp_path / "r", **choices).complete
        with pytest.raises(pytest.fail.Exception, match="it opens a model"):
            run(tmp_path / "r", **choices | {"samples": 3})
        whole = {part: part.read_bytes() for part in (tmp_path / "r" / "readings").glob("*.parquet")}
        for part, data_of in whole.items():
            part.write_bytes(data_of + b" ")
        with pytest.raises(StoreError, match="is damaged"):
            made.readings()
        with pytest.raises(pytest.fail.Exception, match="it opens a model"):
            run(tmp_path / "r", **choices)
    data.write_text('{"question": "1 + 1?", "answer": "3"}\n{"question": "2 + 2?", "answer": "4"}\n')
    with pytest.raises(StoreError, match="its gold was '2', and now it is '3'"):
        run(tmp_path / "r", **choices)


def test_a_finished_run_generates_no_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, limit=3, task_options={"digits": 2})
    monkeypatch.setattr(Addition, "questions", lambda _: pytest.fail("it generates questions"))
    assert run(tmp_path, limit=3, task_options={"digits": 2}).complete
    with pytest.raises(pytest.fail.Exception, match="it generates questions"):
        run(tmp_path, limit=4, task_options={"digits": 2})


def test_a_refused_command_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, limit=3)
    with pytest.raises(StoreError, match="its seed is 0, and now it is 4"):
        run(tmp_path, limit=3, seed=4)
    with pytest.raises(EngineError, match="hf/No/SuchModel|No/SuchModel"):
        run(tmp_path, limit=3, model=("scripted/mixed", "hf/No/SuchModel"))
    assert Run(tmp_path).complete
    assert Run(tmp_path).study.model == ("scripted/mixed",)
    monkeypatch.setattr(ScriptedOptions, "open", lambda *_: pytest.fail("it opens a model"))
    assert run(tmp_path, limit=3).complete


def test_a_model_that_cannot_be_loaded_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="No/SuchModel"):
        run(tmp_path / "runs" / "r", model="hf/No/SuchModel")
    assert not (tmp_path / "runs" / "r").exists()


def test_another_study_is_refused(tmp_path: Path) -> None:
    run(tmp_path, limit=2)
    with pytest.raises(StoreError, match=r"holds another study: its temperature is 0.8, and now it is 0.5; choose another --out"):
        run(tmp_path, limit=2, temperature=0.5)
    with pytest.raises(StoreError, match="holds another study: its seed is 0, and now it is 4"):
        run(tmp_path, limit=2, seed=4)


def test_another_version_of_the_model_is_refused(tmp_path: Path) -> None:
    run(tmp_path, limit=2)
    change(tmp_path, "subjects", "scripted/mixed", "fingerprint", "revision", value="0.0.1")
    with pytest.raises(StoreError, match="holds scripted/mixed with revision '0.0.1', and now it is"):
        run(tmp_path, limit=2)


def test_rows_without_a_manifest_are_edit_invalid_over(tmp_path: Path) -> None:
    run(tmp_path, limit=2)
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(StoreError, match=r"holds rows but no manifest.json"):
        run(tmp_path, limit=2)


def test_a_missing_capability_is_said_before_anything_is_spent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cotfaith.measures.early_answering import EarlyAnswering

    monkeypatch.setattr(EarlyAnswering, "needs", frozenset({"activations"}))
    with pytest.raises(
        UsageError, match="Measure early_answering needs activations, which the engine of scripted/mixed does not support"
    ):
        run(tmp_path, limit=2)
    assert not (tmp_path / "traces").exists()


def wait_for(done: Callable[[], bool]) -> None:
    """Look again and again until `done`; four minutes at most, since machines are shared."""
    until = time.monotonic() + 240
    while not done() and time.monotonic() < until:
        time.sleep(0.002)


@pytest.mark.slow
@pytest.mark.alone
def test_kill_9_at_ten_random_moments(tmp_path: Path) -> None:
    """Each kill is followed by the same command; the rows at the end are those of an uninterrupted run.

    The run writes about a hundred files and ten kills wait for forty at most, so that a slow poll does not let it come to its end.
    """
    command = [*COMMAND, "--battery", "lanham2023", "--writer", "rules,scripted/writer", "--limit", "256", "--out"]
    subprocess.run([*command, tmp_path / "whole"], check=True, capture_output=True)
    draw = random.Random(0)
    killed = tmp_path / "killed"
    counts = []
    for _ in range(10):
        target = len(list(killed.glob("*/*.parquet"))) + draw.randint(1, 4)
        with subprocess.Popen([*command, killed], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            wait_for(lambda target=target: len(list(killed.glob("*/*.parquet"))) >= target)
            time.sleep(draw.uniform(0, 0.03))
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
        counts.append(sum(len(getattr(Run(killed), name)()) for name in TABLES if (killed / name).exists()))
    assert counts == sorted(counts), "no kill loses a row"
    assert len(set(counts)) > 5, "most kills come after new rows; a file of edited questions alone adds none"
    assert counts[-1] < row_count(tmp_path / "whole"), "and before the end"
    subprocess.run([*command, killed], check=True, capture_output=True)
    assert_same(rows(killed), rows(tmp_path / "whole"))
    pd.testing.assert_frame_equal(Run(killed).estimates(), Run(tmp_path / "whole").estimates())


@pytest.mark.slow
@pytest.mark.alone
def test_ctrl_c_finishes_the_batch_and_says_how_to_go_on(tmp_path: Path) -> None:
    command = [*COMMAND, "--limit", "2000", "--out", tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        wait_for((tmp_path / "readings").exists)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=240)
    assert process.returncode == 3
    assert "Stopping after the current batch" in said
    assert f"All finished work is in {tmp_path}. Run the same command again to resume." in " ".join(said.split())
    assert len(Run(tmp_path).traces()) > 0
    assert not (tmp_path / "estimates.parquet").exists()
    assert Run(tmp_path).progress().sentence().startswith("The run is not complete: ")
    assert len(Run(tmp_path).estimates()) > 0  # of what was read


def test_another_tokenizer_of_the_same_weights_is_refused(tmp_path: Path) -> None:
    run(tmp_path, limit=2)
    change(tmp_path, "subjects", "scripted/mixed", "fingerprint", "files", value="b1:00")
    with pytest.raises(StoreError, match="holds scripted/mixed with files 'b1:00', and now it is"):
        run(tmp_path, limit=2)
