"""Every battery in a real terminal: wide, narrow, stopped, and in the background. The commands of the documents have their own tests."""

import os
import re
import shlex
import time
from pathlib import Path

import pytest
import terminal

from cotfaith.pipeline.progress import Bars, reporting
from cotfaith.plugins import presets

pytestmark = pytest.mark.integration

SMALL = ["--limit", "2", "--samples", "2"]
PATIENCE = 240.0  # seconds; machines are shared
TASKS = {"chua2024": "addition", "turpin2023": "addition"}


@pytest.mark.parametrize("name", presets.names())
@pytest.mark.parametrize("columns", [40, 160])
def test_a_battery_ends_well(name: str, columns: int, tmp_path: Path) -> None:
    words = ["run", "--battery", name, "--model", "scripted/hinted", "--task", TASKS.get(name, "addition"), *SMALL]
    session = terminal.run([*terminal.COTFAITH, *words, "--out", "r"], tmp_path, columns=columns)
    assert terminal.well(session), session.seen[-2000:]
    assert "traces" in session.seen  # the bars were drawn


def test_work_that_nobody_announced_has_a_bar(tmp_path: Path) -> None:
    words = ["run", "--battery", "lanham2023", "--model", "scripted/mixed", "--task", "addition", *SMALL, "--out", "r"]
    session = terminal.run([*terminal.COTFAITH, *words], tmp_path)
    assert re.search(r"texts written .*\d+/\d+", session.seen)


def test_ctrl_c_on_a_terminal_stops_and_the_same_command_goes_on(tmp_path: Path) -> None:
    words = [*terminal.COTFAITH, "run", "-m", "scripted/mixed", "-t", "addition", "--limit", "300", "--out", "r"]
    stopped = terminal.run(words, tmp_path, press={"readings": terminal.CTRL_C})
    assert stopped.code == 3
    assert "Stopping after the current batch" in stopped.seen
    assert "Traceback" not in stopped.seen
    assert terminal.well(terminal.run(words, tmp_path))


def test_a_background_job_of_a_terminal_ends_well(tmp_path: Path) -> None:
    words = shlex.join([*terminal.COTFAITH, "run", "-m", "scripted/mixed", "-t", "addition", *SMALL, "--out", "r"])
    session = terminal.run(["bash", "-ic", f"{words} & wait $!; exit $?"], tmp_path)
    assert terminal.well(session), session.seen[-2000:]
    assert (tmp_path / "r" / "estimates.parquet").exists()


def test_a_terminal_that_goes_away_does_not_stop_the_run(tmp_path: Path) -> None:
    words = shlex.join([*terminal.COTFAITH, "run", "-m", "scripted/mixed", "-t", "addition", "--limit", "60", "--out", "r"])
    script = f"trap '' HUP; {words} > /dev/null & echo started"
    assert terminal.run(["bash", "-c", script], tmp_path).code == 0
    done = tmp_path / "r" / "estimates.parquet"
    until = time.monotonic() + PATIENCE
    while not done.exists() and time.monotonic() < until:
        time.sleep(0.2)
    assert done.exists()


def test_a_display_that_fails_is_given_up(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_INTERACTIVE", "1")
    monkeypatch.setattr(os, "isatty", lambda _: True)
    with reporting(quiet=False) as reporter:
        assert type(reporter) is Bars
        monkeypatch.setattr("rich.progress.Progress.update", lambda *_, **__: 1 / 0)
        reporter.expect("traces", 2)
        reporter.done("traces", 2)
    assert reporter.counts == {"traces": 2}
    assert caplog.text.count("progress display failed") == 1
