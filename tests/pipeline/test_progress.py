"""Progress: rates and time left on a terminal, silence elsewhere; stopping is heard between batches."""

import io
import json
import logging
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from rich.console import Console

from cotfaith.pipeline import progress
from cotfaith.pipeline.progress import Quiet, Stop, Stopped, reporting
from cotfaith.pipeline.run_log import noting
from cotfaith.storage.run_directory import RunDirectory

pytestmark = pytest.mark.integration

COMMAND = [sys.executable, "-m", "cotfaith", "run", "-m", "scripted/mixed", "-t", "addition", "--limit", "150", "--out"]


def read_all(descriptor: int) -> str:
    """Everything written to a terminal until its writer is gone."""
    parts = []
    while True:
        try:
            part = os.read(descriptor, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts).decode()


def test_a_terminal_sees_counts_rates_and_time_left(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    with subprocess.Popen([*COMMAND, tmp_path], stderr=theirs, stdout=subprocess.DEVNULL, env=env) as process:
        os.close(theirs)
        seen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", read_all(ours))
        assert process.wait() == 0
    os.close(ours)
    assert re.search(r"traces .*\d+/\d+ .*\d+\.\d/s", seen)
    assert re.search(r"readings .*\d+/\d+ .*\d+\.\d/s .*\d:\d\d:\d\d", seen)


def test_elsewhere_there_are_lines_and_no_bars(tmp_path: Path) -> None:
    done = subprocess.run([*COMMAND, tmp_path], capture_output=True, text=True, check=True)
    loading, first, second, third = done.stderr.splitlines()
    assert loading == "scripted/mixed: loading"
    assert re.fullmatch(r"traces \d+ of \d+", third)
    assert first.startswith("scripted/mixed: dialogue (plain text); ")
    assert second.startswith("scripted/mixed: prompt of a trial question: ")


def test_a_log_sees_how_far_the_run_is(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    console = Console(file=io.StringIO(), width=80)
    lines = progress.Lines(console)
    lines.expect("traces", 40)
    for seconds, done in ((0, 1), (10, 4), (29, 5), (31, 10), (40, 10), (62, 10)):
        now[0] = 100.0 + seconds
        lines.done("traces", done)
    lines.expect("readings", 8)
    now[0] += 60
    lines.done("readings", 3)
    assert console.file.getvalue().splitlines() == [
        "traces 1 of 40",
        "traces 20 of 40",
        "traces 40 of 40",
        "traces 40 of 40; readings 3 of 8",
    ]


def test_a_quiet_reporter_counts() -> None:
    with reporting(quiet=True) as reporter:
        assert type(reporter) is Quiet
        reporter.expect("traces", 5)
        reporter.done("traces", 2)
        reporter.done("traces", 3)
    assert reporter.counts == {"traces": 5}


def test_the_first_ctrl_c_is_remembered_and_the_second_ends() -> None:
    stop = Stop()
    before = signal.getsignal(signal.SIGINT)
    with stop.listening():
        stop.check()
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(Stopped):
            stop.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_outside_the_main_thread_signals_are_left_alone() -> None:
    found: list[bool] = []
    before = signal.getsignal(signal.SIGINT)  # which ignores it where the tests run in a shell's background

    def work() -> None:
        with Stop().listening():
            found.append(signal.getsignal(signal.SIGINT) is before)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [True]


def test_what_engines_say_goes_into_the_log_for_the_length_of_a_run(tmp_path: Path) -> None:
    logger = logging.getLogger("cotfaith")
    with noting(RunDirectory(tmp_path)):
        logger.warning("memory ran out on %d sequences", 8)
        logger.info("nothing to keep")
    logger.warning("after the run")
    (line,) = (tmp_path / "log.jsonl").read_text().splitlines()
    assert json.loads(line) | {"time": ""} == {
        "time": "",
        "event": "note",
        "level": "warning",
        "message": "memory ran out on 8 sequences",
    }
