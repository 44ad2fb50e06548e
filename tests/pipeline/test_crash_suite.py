"""Everyday events between two commands: in between, no command gives another number; the same command then ends with the same rows.

Each event is followed by `estimate`, which gives the numbers of the undisturbed run or refuses, and by the command of the run. Its rows and
numbers are then those of the undisturbed run, row by row. Some events change what is asked: then the run refuses, and with accepted changes
it has the rows of a run that asked this from the start.
"""

import errno
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from losing import change, forget, lose

import cotfaith
from cotfaith.errors import StoreError
from cotfaith.runs import Run
from cotfaith.storage import parts
from cotfaith.storage.schema import TABLES

pytestmark = pytest.mark.integration

DRAW = random.Random(0)
STUDY = {
    "model": "scripted/hinted",
    "task": "jsonl",
    "limit": 40,
    "samples": 2,
    "quiet": True,
    "measures": ["hint_effect", "early_answering"],
}


def questions(folder: Path, **edited: dict[str, Any]) -> None:
    rows = [
        {"id": f"q{i}", "question": f"What is {i} + {i}?", "choices": [str(2 * i), str(2 * i + 1), str(2 * i + 2)], "answer": "A"}
        for i in range(40)
    ]
    (folder / "q.jsonl").write_text(
        "".join(json.dumps(row | edited.get(str(row["id"]), {})) + "\n" for row in rows), encoding="utf-8"
    )


def run(folder: Path, **changes: Any) -> Run:
    hints = {"interventions": {"hint": {"kinds": ["suggested_answer"]}}}
    return cotfaith.run(out=folder / "run", **{"task_data": str(folder / "q.jsonl")} | STUDY | hints | changes)


def rows(made: Run) -> dict[str, pd.DataFrame]:
    found = {name: getattr(made, name)() for name in TABLES if name != "edited_questions"}
    return {name: frame.astype(str).sort_values(list(frame.columns), ignore_index=True) for name, frame in found.items()}


def assert_same(found: Run, wanted: Run) -> None:
    one, other = rows(found), rows(wanted)
    for name, frame in other.items():
        pd.testing.assert_frame_equal(one[name], frame)
    pd.testing.assert_frame_equal(found.estimates(), wanted.estimates())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("whole")
    questions(folder)
    return run(folder)


@pytest.fixture
def folder(whole: Run, tmp_path: Path) -> Path:
    shutil.copytree(whole.path, tmp_path / "run")
    shutil.copy(whole.path.parent / "q.jsonl", tmp_path / "q.jsonl")
    return tmp_path


def some(path: Path, table: str) -> Path:
    return DRAW.choice(sorted((path / table).glob("*.parquet")))


def flip(table: str, *, end: bool = False) -> Callable[[Path], None]:
    """One bit of a part, anywhere or in its footer."""

    def event(path: Path) -> None:
        part = some(path, table)
        data = bytearray(part.read_bytes())
        data[DRAW.randrange(len(data) - 40 if end else 0, len(data))] ^= 1 << DRAW.randrange(8)
        part.write_bytes(data)

    return event


def cut(table: str) -> Callable[[Path], None]:
    def event(path: Path) -> None:
        part = some(path, table)
        part.write_bytes(part.read_bytes()[: DRAW.randrange(part.stat().st_size)])

    return event


def gone(table: str) -> Callable[[Path], None]:
    return lambda path: some(path, table).unlink()


def killed_before(table: str) -> Callable[[Path], None]:
    """As after a kill, when nothing of a table was written yet."""

    def event(path: Path) -> None:
        for name in list(TABLES)[list(TABLES).index(table) :]:
            lose(path, name)
        change(path, "complete", value=False)
        forget(path)

    return event


def left_over(path: Path) -> None:
    (path / "probes" / f".{some(path, 'probes').name}.123.tmp").write_bytes(b"PAR1 half")
    (path / ".manifest.json.123.tmp").write_text("{")


def garbled(name: str) -> Callable[[Path], None]:
    return lambda path: (path / name).write_bytes(b"\xff\x00 garbage")


def no_estimates(path: Path) -> None:
    for name in ("estimates.parquet", ".estimates.parquet.digest"):
        (path / name).unlink()
    shutil.rmtree(path / "tables")


EVENTS: dict[str, Callable[[Path], None]] = {
    **{f"a bit of {name}": flip(name) for name in TABLES},
    **{f"a bit in the footer of {name}": flip(name, end=True) for name in TABLES},
    **{f"{name} cut": cut(name) for name in TABLES},
    **{f"{name} gone": gone(name) for name in TABLES},
    **{f"killed before {name}": killed_before(name) for name in ("traces", "probes", "readings", "verdicts")},
    "left over": left_over,
    "log garbled": garbled("log.jsonl"),
    "estimates garbled": garbled("estimates.parquet"),
    "estimates gone": no_estimates,
    "page garbled": garbled("report.html"),
}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_no_other_number_and_the_same_rows_in_the_end(event: Callable[[Path], None], folder: Path, whole: Run) -> None:
    event(folder / "run")
    opened = Run(folder / "run")
    try:
        found = opened.estimates()
    except StoreError:
        pass
    else:
        assert not opened.complete or found.equals(whole.estimates())
    assert_same(run(folder), whole)
    assert run(folder).complete


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A disk that fails once for each file."""
    failed, read = set[Path](), Path.read_bytes

    def sometimes(path: Path) -> bytes:
        if path.suffix == ".parquet" and path not in failed:
            failed.add(path)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", sometimes)
    yield
    monkeypatch.undo()


@pytest.mark.usefixtures("busy")
def test_a_failed_read_is_no_damage(folder: Path, whole: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreError, match="Input/output error"):
        run(folder)
    monkeypatch.undo()
    assert not list((folder / "run").glob(f"*/*{parts.ASIDE}"))
    assert_same(run(folder), whole)


def test_a_topping_up_that_was_killed_shows_no_stale_number(folder: Path, whole: Run, tmp_path: Path) -> None:
    run(folder, samples=3)
    shutil.copytree(folder / "run", tmp_path / "wanted")
    shutil.copytree(folder / "run", tmp_path / "killed")
    wanted = Run(tmp_path / "wanted")
    latest = max((tmp_path / "killed" / "readings").glob("*.parquet"), key=lambda path: path.stat().st_mtime_ns)
    latest.unlink()
    change(tmp_path / "killed", "complete", value=False)
    forget(tmp_path / "killed")
    stopped = Run(tmp_path / "killed")
    assert "not read yet" in stopped.progress().sentence()
    assert not stopped.complete
    for stale in (whole, wanted):
        assert not stopped.estimates().equals(stale.estimates())
    shutil.rmtree(folder / "run")
    shutil.move(tmp_path / "killed", folder / "run")
    assert_same(run(folder, samples=3), wanted)


CHANGED: dict[str, tuple[dict[str, dict[str, Any]], dict[str, Any], str]] = {
    "a gold": ({"q39": {"answer": "B"}}, {}, "its gold was 'A', and now it is 'B'"),
    "a question": ({"q0": {"question": "What is nothing?"}}, {}, "its text was"),
    "a seed": ({}, {"seed": 4}, "its seed is 0, and now it is 4"),
    "fewer hints": ({}, {"interventions": {"hint": {"kinds": ["metadata"]}}}, "made with another hint"),
}


@pytest.mark.parametrize(("edited", "changes", "said"), CHANGED.values(), ids=CHANGED)
def test_what_changed_is_refused_or_made_again(
    edited: dict[str, Any], changes: dict[str, Any], said: str, folder: Path, whole: Run
) -> None:
    questions(folder, **edited)
    with pytest.raises(StoreError, match=said):
        run(folder, **changes)
    pd.testing.assert_frame_equal(Run(folder / "run").estimates(), whole.estimates())
    found = run(folder, accept_changes=True, **changes)
    shutil.move(folder / "run", folder / "changed")
    assert_same(Run(folder / "changed"), run(folder, **changes))
    assert found.path == folder / "run"
    pd.testing.assert_frame_equal(cotfaith.open_run(folder / "changed" / "earlier" / "1").estimates(), whole.estimates())
