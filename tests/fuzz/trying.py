"""An input put to use, and what must hold: no traceback, no hang, one short sentence, no file touched elsewhere, and no other numbers."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch
from zlib import crc32

from fuzz import edits
from fuzz.bases import HINTED, Base, Bases
from fuzz.calling import Done, call
from fuzz.inputs import Input

SAMPLE = ("-n", "2", "-s", "2", "--max-tokens", "40", "-q")
# What is said where numbers are of less than the whole run, or of another study.
OTHER = ("The run is not complete", "lost reasoning trace", "they are not in the estimates", "manifest.json was changed by hand")
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Failure:
    """What did not hold: what and where, the command, and more for a person."""

    signature: tuple[str, str, str]  # kind of input, what, where
    words: tuple[str, ...]
    said: str = field(compare=False)


class Bench:
    """The folder in which inputs are tried, one after another, each in a new folder."""

    def __init__(self, folder: Path, bases: Bases) -> None:
        self.folder = folder
        self.bases = bases
        self.commands = 0

    def failure(self, one: Input) -> Failure | None:
        """The first thing that does not hold of `one`; None if all does."""
        box = self.folder / "box"
        shutil.rmtree(box, ignore_errors=True)
        work = box / "work"
        work.mkdir(parents=True)
        try:
            for what, where, done in _TRIALS[one.kind](self, one, work):
                return Failure(
                    (one.kind, what, where), done.words, f"exit {done.code}\n{done.out[-600:]}\n{done.err[-1500:]}\n{done.trace}"
                )
        finally:
            _open_again(box)
        return None

    def call(self, *words: str, work: Path, own: Path | None = None) -> Done:
        """The command in `work`."""
        self.commands += 1
        return call(words, work, own=own)


Fault = tuple[str, str, Done]


def _open_again(box: Path) -> None:
    """Let the owner remove what is in `box`."""
    for folder, _, _ in os.walk(box):
        os.chmod(folder, 0o700)  # noqa: PTH101  os.walk gives texts


def _faults(done: Done) -> Iterator[Fault]:
    for what, where in done.faults:
        yield what, where, done


def _new(work: Path, before: set[str], allowed: set[str], done: Done) -> Iterator[Fault]:
    """A file that the command had no reason to make."""
    for name in sorted({path.name for path in work.iterdir()} - before - allowed):
        yield "unexpected file", name[:60], done


_WORDS: Mapping[str, tuple[str, ...]] = {
    "t.jsonl": ("-m", "scripted/mixed", "--measure", "reasoning_gain", "-t", "t.jsonl"),
    "t.jsonl.gz": ("-m", "scripted/mixed", "--measure", "reasoning_gain", "-t", "t.jsonl.gz"),
    "given.jsonl": ("-m", "scripted/mixed", "--measure", "reasoning_gain", "-t", "addition", "--traces", "given.jsonl"),
}


def _file(name: str, *, with_study: str = "") -> Callable[[Bench, Input, Path], Iterator[Fault]]:
    """The trial of a file: a dry run, and a run if that one found nothing wrong."""

    def trial(bench: Bench, one: Input, work: Path) -> Iterator[Fault]:
        path = work / (f"{name}.gz" if one.data.startswith(GZIP) and name == "t.jsonl" else name)
        path.write_bytes(one.data)
        if with_study:
            (work / "s.yaml").write_text(with_study.format(path=path.name))
        words = _WORDS.get(path.name, ("s.yaml",))
        there = {file.name for file in work.iterdir()}
        for more in (["--dry-run"], ["--out", "r"]):
            with (
                nullcontext() if crc32(one.data) % 4 == 0 else _no_page()
            ):  # a page takes most of the time: every fourth input has one
                done = bench.call("run", *words, *SAMPLE, *more, work=work)
            yield from _faults(done)
            yield from _new(work, there, set() if "--dry-run" in more else {"r"}, done)
            if path.read_bytes() != one.data:
                yield "changed the file", path.name, done
            if done.code:
                return

    return trial


def _sheet(bench: Bench, one: Input, work: Path) -> Iterator[Fault]:
    shutil.copytree(bench.bases.run("hinted").path, work / "r")
    (work / "l.csv").write_bytes(one.data)
    done = bench.call("label", "r", "l.csv", work=work)
    yield from _faults(done)
    yield from _new(work, {"r", "l.csv"}, set(), done)
    if (work / "l.csv").read_bytes() != one.data:
        yield "changed the file", "l.csv", done
    if done.code == 0:
        yield from _faults(bench.call("estimate", "r", work=work))


def _model(bench: Bench, one: Input, work: Path) -> Iterator[Fault]:
    name, way = one.words
    folder = work / "m"
    shutil.copytree(bench.bases.model(name), folder)
    edits.apply(one.edits, folder)
    before = _contents(folder)
    words = ["run", "-m", "./m", "-t", "addition", "-n", "1", "--measure", "reasoning_gain", "--max-tokens", "8", "-q"]
    done = bench.call(*words, *(["--dry-run"] if way == "dry" else ["--out", "r"]), work=work)
    yield from _faults(done)
    yield from _new(work, {"m"}, {"r"} if way == "run" else set(), done)
    if _contents(folder) != before:
        yield "changed the file", "of a model", done


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# --- run directories ------------------------------------------------------------------------------------------------------


def _run(bench: Bench, one: Input, work: Path) -> Iterator[Fault]:
    """The numbers of a damaged run: the same, or refused, or said to be of less. And once its command was given again: the same."""
    name, after = one.words
    base = bench.bases.run(name)
    shutil.copytree(base.path, work / "r")
    edits.apply(one.edits, work / "r")
    for words in (("estimate", "r", "--format", "csv"), *_AFTER[after](base)):
        done = bench.call(*words, work=work)
        yield from _faults(done)
        yield from _new(work, {"r"}, {"l.csv"}, done)
        if (
            words[0] == "estimate"
            and words[-1] == "csv"
            and done.code == 0
            and not _same(done.out, base.csv)
            and not _says_so(done)
        ):
            yield "other numbers", "estimate", done
    with nullcontext() if after == "report" else _no_page():
        again = bench.call(*base.command, "--out", "r", work=work)
    yield from _faults(again)
    if again.code == 0:
        done = bench.call("estimate", "r", "--format", "csv", work=work)
        yield from _faults(done)
        if done.code == 0 and not _same(done.out, base.csv):
            yield "other numbers", "after the command was given again", done


@contextmanager
def _no_page() -> Iterator[None]:
    """Let a run end without its page, which takes most of its time. Other trials write pages enough."""
    with patch("cotfaith.report.write", lambda directory, *_: directory.path):
        yield


def _same(table: str, other: str) -> bool:
    """Whether two tables have the same rows. A study that names its measures in another order has them in that order."""
    return sorted(table.splitlines()) == sorted(other.splitlines())


def _says_so(done: Done) -> bool:
    return any(text in " ".join(done.err.split()) for text in OTHER)


_AFTER: Mapping[str, Callable[[Base], tuple[tuple[str, ...], ...]]] = {
    "report": lambda _: (("report", "r"),),
    "compare": lambda _: (("compare", "r", "--by", "model"),),
    "power": lambda _: (("power", "--pilot", "r", "--questions", "10"),),
    "label": lambda _: (("label", "r", "l.csv"), ("label", "r", "l.csv")),
    "sensitivity": lambda _: (("estimate", "r", "--sensitivity"), ("estimate", "r", "--extractor", "strict", "--format", "json")),
    "dry": lambda base: ((*base.command, "--out", "r", "--dry-run"),),
    "frames": lambda _: (("estimate", "r"), ("estimate", "r", "--format", "csv")),
}


def _command(bench: Bench, one: Input, work: Path) -> Iterator[Fault]:
    (work / "s.yaml").write_text("model: scripted/mixed\ntask: addition\n")
    for name, base in (("RUN", "wide"), ("HINTED", "hinted")):
        if name in one.words:
            shutil.copytree(bench.bases.run(base).path, work / name)
    done = bench.call(*one.words, work=work, own=work.parent)
    yield from _faults(done)


_TRIALS: Mapping[str, Callable[[Bench, Input, Path], Iterator[Fault]]] = {
    "study": _file("s.yaml"),
    "hint": _file("h.yaml", with_study=HINTED),
    "jsonl": _file("t.jsonl"),
    "traces": _file("given.jsonl"),
    "sheet": _sheet,
    "model": _model,
    "run": _run,
    "command": _command,
}


def shown(one: Input) -> str:
    """An input for a person."""
    return json.dumps([one.edits, one.words]) if one.edits or one.words else repr(one.data[:400])
