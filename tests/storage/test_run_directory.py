"""The run directory: whole parts or none, torn parts redone, one writer, clear refusals."""

import json
import os
import resource
import stat
import subprocess
import sys
import textwrap
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from builders import QUESTION, probe_all, trace
from filelock import FileLock

from cotfaith.errors import StoreError
from cotfaith.storage import probes, schema
from cotfaith.storage.run_directory import FORMAT, RunDirectory, Shard
from cotfaith.types import Question, Reading, Turn
from interventions.filler import Filler
from interventions.hint import Hint
from interventions.truncation import Truncation

SHARD = Shard("cell-a", 3)


def question_rows(*ids: str) -> list[schema.Row]:
    return [schema.question_row(Question(name, "toy", f"Question {name}?", ("x", "y"), "A")) for name in ids]


def test_values_survive_the_round_trip(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    edited = Question("q2", "toy", "“Ünï”\n?", ("a", "b"), None, (Turn("user", "hi"),), {"n": 1, "x": 0.5, "ok": True, "s": "t"})
    one = trace(" One is 3.5. Two.")
    made = [*probe_all(Truncation(), [one])[0], *probe_all(Filler(), [one])[0]]
    directory.append("questions", SHARD, [schema.question_row(edited)])
    directory.append("traces", SHARD, [schema.trace_row(one, "toy")])
    directory.append("probes", SHARD, [schema.probe_row(p, one, "toy", "r", spec="s") for p in made])
    assert [schema.question(row) for row in directory.load("questions", SHARD).to_pylist()] == [edited]
    assert [schema.trace(row) for row in directory.load("traces", SHARD).to_pylist()] == [one]
    assert [schema.probe(row, {}) for row in directory.load("probes", SHARD).to_pylist()] == made


def test_missing_stays_missing(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    directory.append("readings", SHARD, [schema.reading_row(Reading("r", "unparsed", reason="none"), "m", "toy")])
    (row,) = directory.load("readings", SHARD).to_pylist()
    assert (row["answer"], row["option_mass"], row["option_logprobs"]) == (None, None, [])


def test_parts_are_appended_and_kept_apart_by_shard(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    directory.append("questions", SHARD, question_rows("a"))
    directory.append("questions", SHARD, question_rows("b", "c"))
    directory.append("questions", Shard("cell-a", 4), question_rows("d"))
    directory.append("questions", SHARD, [])
    assert directory.load("questions", SHARD)["id"].to_pylist() == ["a", "b", "c"]
    assert directory.shards("questions") == [SHARD, Shard("cell-a", 4)]
    assert list(directory.frame("questions")["id"]) == ["a", "b", "c", "d"]
    assert not list(tmp_path.glob("**/.*.tmp"))


def test_some_columns_are_read_without_the_others(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    for made in (directory.load("questions", SHARD, ["id"]), directory.table("questions", ["id"])):
        assert (made.column_names, made.num_rows) == (["id"], 0)
    directory.append("questions", SHARD, question_rows("a", "b"))
    for made in (directory.load("questions", SHARD, ["id"]), directory.table("questions", ["id"])):
        assert made.to_pydict() == {"id": ["a", "b"]}


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped", "footer"])
def test_a_damaged_part_is_refused_and_a_run_sets_it_aside(tmp_path: Path, damage: str) -> None:
    directory = RunDirectory(tmp_path)
    directory.append("questions", SHARD, question_rows(*(f"a{i}" for i in range(200))))
    directory.append("questions", SHARD, question_rows("b"))
    part = min((tmp_path / "questions").glob("*.parquet"))
    data = bytearray(part.read_bytes())
    if damage in {"flipped", "footer"}:
        data[200 if damage == "flipped" else -100] ^= 0xFF
    part.write_bytes({"cut": data[: len(data) // 2], "empty": b""}.get(damage, data))
    for read in (
        lambda: directory.load("questions", SHARD),
        lambda: directory.frame("questions"),
        lambda: directory.table("questions", ["id"]),
    ):
        with pytest.raises(StoreError, match=r"is damaged, .* give the command of the run again"):
            read()
    assert part.exists()
    assert directory.set_aside_damaged() == [f"questions/{part.name}"]
    assert part.with_name(part.name + ".torn").exists()
    assert "damaged part set aside" in (tmp_path / "log.jsonl").read_text()
    assert directory.load("questions", SHARD)["id"].to_pylist() == ["b"]
    directory.append("questions", SHARD, question_rows("a"))
    assert sorted(directory.load("questions", SHARD)["id"].to_pylist()) == ["a", "b"]
    assert directory.set_aside_damaged() == []


@pytest.mark.parametrize("failure", [OSError(5, "Input/output error"), OSError(116, "Stale file handle"), OSError(24, "Too many open files"),
                                     PermissionError(13, "Permission denied"), MemoryError()])  # fmt: skip
def test_a_part_that_cannot_be_read_now_stays(tmp_path: Path, failure: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing proves that it is damaged, so it must not be made again."""
    directory = RunDirectory(tmp_path)
    directory.append("questions", SHARD, question_rows("a"))

    def fail(path: Path) -> bytes:
        raise failure

    with monkeypatch.context() as broken:
        broken.setattr(Path, "read_bytes", fail)
        for read in (lambda: directory.load("questions", SHARD), directory.set_aside_damaged):
            with pytest.raises(
                StoreError, match=r"Cannot read .*; nothing was changed: correct the cause, and give the command again"
            ):
                read()
    assert directory.load("questions", SHARD)["id"].to_pylist() == ["a"]


def test_files_of_others_in_a_table(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    directory.append("questions", SHARD, question_rows("a"))
    (tmp_path / "questions" / "._cell-a-00003-00000-0000000000000000.parquet").write_bytes(b"of macOS")
    (tmp_path / "questions" / "notes.txt").write_text("mine")
    assert directory.shards("questions") == [SHARD]
    (tmp_path / "questions" / "notes.parquet").write_bytes(b"mine")
    with pytest.raises(StoreError, match=r"notes.parquet is not a file of this run: move it out of the run directory"):
        directory.shards("questions")


def test_a_table_is_listed_once_and_again_when_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, reader, listed = RunDirectory(tmp_path), RunDirectory(tmp_path), []
    scan = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(path) or scan(path))
    for i in range(50):
        writer.append("questions", SHARD, question_rows(f"q{i}"))
        assert writer.load("questions", SHARD).num_rows == i + 1
    assert len(listed) <= 1
    assert reader.load("questions", SHARD).num_rows == 50
    before = reader.state()
    os.utime(tmp_path / "questions", ns=(0, 0))
    writer.append("questions", SHARD, question_rows("last"))
    assert reader.load("questions", SHARD).num_rows == 51
    assert reader.state() != before


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    code = f"from cotfaith.storage.run_directory import RunDirectory\nwith RunDirectory({str(tmp_path)!r}).lock(): print('in', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "in\n"
        with pytest.raises(StoreError, match="is in use by another process"), RunDirectory(tmp_path).lock():
            pass
        holder.kill()
        holder.wait()
    with RunDirectory(tmp_path).lock():
        pass


def test_a_full_disk_is_one_sentence_and_costs_nothing_finished(tmp_path: Path) -> None:
    """A real refusal of the operating system: no file may grow beyond 4,096 bytes."""
    code = textwrap.dedent(f"""
        import resource, signal
        from cotfaith.storage import schema
        from cotfaith.errors import StoreError
        from cotfaith.storage.run_directory import FORMAT, RunDirectory, Shard
        from cotfaith.types import Question
        directory, shard = RunDirectory({str(tmp_path)!r}), Shard("c", 0)
        directory.append("questions", shard, [schema.question_row(Question("a", "t", "?"))])
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        import random
        noise = [schema.question_row(Question(str(i), "t", str(random.random()) * 20)) for i in range(500)]
        try:
            directory.append("questions", shard, noise)
        except StoreError as error:
            print(error)
        print(directory.load("questions", shard)["id"].to_pylist())
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    said, ids = done.stdout.splitlines()
    assert said.startswith(f"Cannot write {tmp_path}/questions/c-00000-00001-")
    assert said.endswith("free space (or correct the cause) and give the same command again.")
    assert ids == "['a']"
    assert not list(tmp_path.glob("**/.*.tmp"))
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 4096


def test_a_manifest_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"format": 99, "cotfaith": "7.0"}))
    with pytest.raises(
        StoreError, match=rf"written by cotfaith 7.0 \(format 99, this one reads up to {FORMAT}\): upgrade cotfaith"
    ):
        RunDirectory(tmp_path).manifest()
    (tmp_path / "manifest.json").write_text(json.dumps({"format": 1}))
    with pytest.raises(
        StoreError, match=rf"written by an earlier cotfaith \(format 1, this one reads {FORMAT}\): open it with that version"
    ):
        RunDirectory(tmp_path).manifest()
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(StoreError, match="is not JSON"):
        RunDirectory(tmp_path).manifest()


def test_what_killed_writers_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / "traces").mkdir()
    left = tmp_path / "traces" / ".c-00000-00000.parquet.123.tmp"
    left.write_bytes(b"half")
    RunDirectory(tmp_path).sweep()
    assert not left.exists()


def test_question_meta_must_be_json() -> None:
    assert schema.question(schema.question_row(QUESTION)) == QUESTION


def test_a_flipped_bit_anywhere_in_a_part_is_seen(tmp_path: Path) -> None:
    """Also in the footer, which page checksums do not cover: a changed name of a column made it null."""
    directory = RunDirectory(tmp_path)
    directory.append("questions", SHARD, question_rows("a", "b"))
    part = next((tmp_path / "questions").glob("*.parquet"))
    whole = part.read_bytes()
    for place in range(0, len(whole), 7):
        part.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        with pytest.raises(StoreError, match="its bytes are not those that were written"):
            directory.frame("questions")
        with pytest.raises(StoreError, match=part.name):
            directory.table("questions", ["id"])
    part.write_bytes(whole)
    assert list(directory.frame("questions")["id"]) == ["a", "b"]


def test_a_flipped_bit_in_a_derived_table_is_seen(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    frame = pd.DataFrame({"value": [0.5, 0.25], "metric": ["aoc", "gain"]})
    directory.write_frame("estimates.parquet", frame)
    pd.testing.assert_frame_equal(directory.derived("estimates.parquet"), frame)
    path = tmp_path / "estimates.parquet"
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        with pytest.raises(StoreError, match=r"was changed after it was written: make it again with cotfaith estimate"):
            directory.derived("estimates.parquet")


def test_a_part_with_other_columns_is_refused(tmp_path: Path) -> None:
    """Whole, and named by its digest, but not what this version writes."""
    directory = RunDirectory(tmp_path)
    directory.append("questions", SHARD, question_rows("a"))
    old = next((tmp_path / "questions").glob("*.parquet"))
    rows = pq.read_table(old)
    pq.write_table(rows.rename_columns(["key" if name == "id" else name for name in rows.column_names]), old)
    digest = blake2b(old.read_bytes(), digest_size=8).hexdigest()
    old.rename(old.with_name(f"{SHARD.stem}-00000-{digest}.parquet"))
    with pytest.raises(
        StoreError,
        match="has other columns than this version of cotfaith writes: open the run with the version that its manifest.json names",
    ):
        directory.frame("questions")


def test_an_edited_question_is_stored_once(tmp_path: Path) -> None:
    directory, one = RunDirectory(tmp_path), trace(" One. Two.")
    edited = replace(QUESTION, after="I think it is (A).")
    made = [Hint().probe(one, "treated", keep=0, kind=kind, question=edited) for kind in "abc"]
    there: set[str] = set()
    for some in (made[:2], made[2:]):
        rows = [schema.probe_row(probe, one, "toy", "r", spec="s") for probe in some]
        probes.append(directory, SHARD, rows, some, there)
    assert directory.load("edited_questions", SHARD)["digest"].to_pylist() == [schema.digest(edited)] == list(there)
    known = probes.edited(directory, SHARD)
    assert [schema.probe(row, known) for row in directory.load("probes", SHARD).to_pylist()] == made


def test_reading_leaves_no_thread_behind(tmp_path: Path) -> None:
    """Threads of Arrow that still run when a process ends abort it."""
    directory = RunDirectory(tmp_path)
    directory.append("questions", SHARD, question_rows("q1", "q2"))
    code = f"""
        import os
        from pathlib import Path
        import numpy, pandas, pyarrow.compute, pyarrow.parquet
        from cotfaith.storage.run_directory import RunDirectory, Shard

        directory = RunDirectory(Path({str(tmp_path)!r}))
        before = len(os.listdir("/proc/self/task"))
        assert len(directory.frame("questions")) == 2
        print(len(os.listdir("/proc/self/task")) - before)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"


@pytest.mark.parametrize(
    "failure", [NotImplementedError("no flock"), OSError(37, "No locks available"), OSError(95, "Operation not supported")]
)
def test_a_file_system_without_locks(
    tmp_path: Path, failure: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(FileLock, "acquire", fail)
    with RunDirectory(tmp_path).lock():
        RunDirectory(tmp_path).append("questions", SHARD, question_rows("a"))
    assert "has no locks: make sure that no other process writes to this run" in caplog.text
    assert RunDirectory(tmp_path).load("questions", SHARD).num_rows == 1


def test_a_lock_that_fails_otherwise_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is no file system without locks."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileLock, "acquire", fail)
    with pytest.raises(StoreError, match=r"Cannot lock .* \(No space left on device\)"), RunDirectory(tmp_path).lock():
        pass


def test_a_directory_of_somebody_else_is_not_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(FileLock, "acquire", fail)
    with (
        pytest.raises(StoreError, match=r"cannot be written \(Permission denied\): copy it to a folder of your own"),
        RunDirectory(tmp_path).lock(),
    ):
        pass


def test_a_folder_that_cannot_be_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync = os.fsync

    def fail(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(22, "Invalid argument")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    RunDirectory(tmp_path).append("questions", SHARD, question_rows("a"))
    assert RunDirectory(tmp_path).load("questions", SHARD).num_rows == 1
