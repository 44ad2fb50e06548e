"""Rows that a run had and has no longer: every command but the run itself refuses, and the run makes them again."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from losing import forget, lose

import cotfaith
from cotfaith.errors import StoreError
from cotfaith.runs import Run

pytestmark = pytest.mark.integration

STUDY = {"model": "scripted/hinted", "task": "addition", "measures": ["hint_effect", "early_answering"], "limit": 34, "samples": 2}
TABLES = ("questions", "edited_questions", "traces", "probes", "readings", "verdicts")
HINTS = {"interventions": {"hint": {"kinds": ["suggested_answer"]}}}


def run(path: Path, **changes: object) -> Run:
    return cotfaith.run(out=path, quiet=True, **STUDY | HINTS | changes)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(tmp_path_factory.mktemp("whole") / "run")


@pytest.fixture
def copy(whole: Run, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole.path, tmp_path / "copy"))


def asked(path: Path) -> list[object]:
    """Everything that can be asked of a run without a model."""
    opened = cotfaith.runs.Run(path)
    return [
        opened.estimates, opened.estimate, lambda: opened.estimate(level=0.9), opened.sensitivity, opened.report, opened.unread, opened.close_calls, opened.readings,
        opened.traces, opened.questions, opened.power, lambda: opened.write_labels(path / "labels.csv"), lambda: cotfaith.open_run(path), lambda: opened.trace(0),
        lambda: cotfaith.compare([path], by="strategy"), opened.progress,
    ]  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("all_of_it", [True, False])
def test_lost_parts_are_refused_and_made_again(
    whole: Run, copy: Path, table: str, all_of_it: bool, caplog: pytest.LogCaptureFixture
) -> None:
    parts = sorted((copy / table).glob("*.parquet"))
    if all_of_it:
        lose(copy, table)
    else:
        parts[-1].unlink()
    count = len(parts) if all_of_it else 1
    for ask in asked(copy):
        with pytest.raises(
            StoreError,
            match=rf"has lost rows \({count} of {len(parts)} parts of {table}\): restore these files, or give the command",
        ):
            ask()
    again = run(copy)
    assert (
        f"has lost rows ({count} of {len(parts)} parts of {table}): those that this command asks for are made again" in caplog.text
    )
    pd.testing.assert_frame_equal(again.estimates(), whole.estimates())
    assert again.complete
    cotfaith.open_run(copy).estimate()


def test_labels_by_hand_are_named_where_they_are_lost(copy: Path) -> None:
    lose(copy, "verdicts")
    with pytest.raises(StoreError, match=r"makes these rows again \(labels by hand must be imported again\)"):
        cotfaith.open_run(copy)


def test_a_part_of_elsewhere_is_refused(copy: Path, whole: Run) -> None:
    part = min((copy / "readings").glob("*.parquet"))
    cell, _, number, digest = part.name.split("-")
    foreign = part.with_name(f"{cell}-00077-{number}-{digest}")
    shutil.copy(part, foreign)
    for ask in (lambda: cotfaith.open_run(copy), lambda: run(copy)):
        with pytest.raises(StoreError, match=f"{foreign.name} is not a file of this run: move it out of the run directory"):
            ask()
    foreign.unlink()
    pd.testing.assert_frame_equal(cotfaith.open_run(copy).estimate(), whole.estimates())


def test_labels_that_a_kill_left_without_an_entry_are_accepted(copy: Path) -> None:
    sheet = copy.parent / "labels.csv"
    opened = cotfaith.open_run(copy)
    opened.write_labels(sheet)
    sheet.write_text(
        sheet.read_text(encoding="utf-8-sig").replace(",,\n", ",yes,no\n").replace(",,\r\n", ",yes,no\r\n"), encoding="utf-8"
    )
    before = (copy / "manifest.json").read_bytes()
    assert opened.read_labels(sheet) > 0
    listed = opened.manifest()["parts"]["verdicts"]
    assert sorted(listed) == sorted(part.name for part in (copy / "verdicts").glob("*.parquet"))
    (copy / "manifest.json").write_bytes(before)  # as if killed before it was written
    assert "hand" in set(cotfaith.open_run(copy).verdicts()["judge"])


@pytest.mark.parametrize("ask", range(16))
def test_traces_without_questions_after_a_kill(whole: Run, copy: Path, ask: int) -> None:
    """Nothing lists the parts of a first run that was killed."""
    forget(copy)
    lose(copy, "questions")
    with pytest.raises(StoreError, match="has reasoning traces whose questions are lost: give the command of the run again"):
        asked(copy)[ask]()


def test_a_lost_part_of_questions_after_a_kill(whole: Run, tmp_path: Path) -> None:
    """The shard has others, so only its rows tell."""
    path = tmp_path / "run"
    run(path, limit=3)
    run(path, limit=5)
    forget(path)
    first, second = sorted((path / "questions").glob("*.parquet"))
    second.unlink()
    opened = cotfaith.open_run(path)
    for lost in (lambda: opened.estimate(extractor="strict"), opened.estimate, opened.report):
        with pytest.raises(StoreError, match="has reasoning traces whose questions are lost"):
            lost()
    assert first.exists()
    again = run(path, limit=5)
    assert len(again.questions()) == 5


def test_a_garbled_log_changes_nothing(copy: Path) -> None:
    page = cotfaith.open_run(copy).report().read_bytes()
    log = copy / "log.jsonl"
    for text in (b"\xff\x00{]\n[1]\n3\nnull\n" + b"[" * 100_000 + b'\n{"time": 5}\n{"time": "zzzz"}\n' + log.read_bytes(), b""):
        log.write_bytes(text)
        (copy / "report.html").unlink()
        made = cotfaith.open_run(copy).report().read_bytes()
        assert (made == page) == bool(text)
    log.unlink()
    log.mkdir()
    (copy / "report.html").unlink()
    assert cotfaith.open_run(copy).report().exists()


@pytest.mark.parametrize(
    "name", ["estimates.parquet", ".estimates.parquet.digest", "tables/unread.parquet", "tables/.counts.parquet.digest"]
)
@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"b1:00 b1:00\n"])
def test_garbled_derived_files_are_made_again(whole: Run, copy: Path, name: str, data: bytes) -> None:
    (copy / name).write_bytes(data)
    opened = cotfaith.open_run(copy)
    pd.testing.assert_frame_equal(opened.estimates(), whole.estimates())
    assert opened.complete
    pd.testing.assert_frame_equal(run(copy).estimates(), whole.estimates())
    pd.testing.assert_frame_equal(opened.estimate(), whole.estimates())
    assert (copy / name).read_bytes() != data


@pytest.mark.parametrize("damage", ["lost", "torn"])
def test_a_smaller_command_does_not_hide_what_is_lost(
    whole: Run, copy: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The probes of the second shard are gone, and the command asks for the first one alone."""
    for part in sorted((copy / "probes").glob("*-00001-*.parquet")):
        if damage == "lost":
            part.unlink()
        else:
            part.write_bytes(part.read_bytes()[:-1])
    smaller = run(copy, limit=8)
    if damage == "torn":
        assert f"damaged parts of {copy} were set aside (probes/" in caplog.text
    assert not smaller.complete
    assert "The run is not complete" in smaller.progress().sentence()
    pd.testing.assert_frame_equal(run(copy).estimates(), whole.estimates())
    assert smaller.complete
