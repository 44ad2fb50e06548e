"""Every battery, and every command that the README shows, in a real terminal: wide, narrow, stopped, and in the background.

Where the README names a model or a data set that this machine cannot have, a scripted model or a generated task stands in for it.
"""

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

ROOT = Path(__file__).parents[1]
SMALL = ["--limit", "2", "--samples", "2"]
PATIENCE = 240.0  # seconds; machines are shared
MODELS = {"smollm2-135m", "hf/Qwen/Qwen2.5-1.5B-Instruct", "vllm/Qwen/Qwen2.5-7B-Instruct"}
TASKS = {"chua2024": "addition", "turpin2023": "addition"}


def readme() -> list[list[str]]:
    """The commands that the README shows, in their order."""
    block = re.search(r"## Use it\n\n```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert block
    lines = [line.partition("   #")[0] for line in block[1].splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("cotfaith ")]


def stand_in(words: list[str]) -> list[str]:
    """A command of the README, small, and without what only a hub has."""
    swapped = ["scripted/mixed" if word in MODELS else "addition" if word == "aqua" else word for word in words[1:]]
    if swapped[0] != "run":
        return swapped
    study = next((word for word in swapped if word.endswith(".yaml")), "")
    model = ["--model", "scripted/hinted", "--judge", "lexical,scripted/judge"] if study == "studies/hints.yaml" else []
    return [*swapped, *model, *SMALL]


def well(session: terminal.Session) -> bool:
    """Whether a command ended well, and said nothing that only a fault says."""
    return session.code == 0 and "Traceback" not in session.seen and "progress display failed" not in session.seen


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a newcomer has it, with the README's studies and the run of its demo."""
    made = tmp_path_factory.mktemp("terminal")
    (made / "studies").symlink_to(ROOT / "studies")
    demo = ["demo", "--model", "scripted/mixed", "--limit", "4", "--out", "runs/demo-smollm2-135m"]
    assert well(terminal.run([*terminal.COTFAITH, *demo], made))
    lanham = ["run", "studies/lanham.yaml", "--model", "scripted/mixed", *SMALL]
    assert well(terminal.run([*terminal.COTFAITH, *lanham], made))
    hints = ["run", "studies/hints.yaml", "--model", "scripted/hinted", "--judge", "lexical,scripted/judge", *SMALL]
    assert well(terminal.run([*terminal.COTFAITH, *hints], made))
    return made


def test_there_are_commands_to_try() -> None:
    assert len(readme()) >= 10


@pytest.mark.parametrize("words", readme(), ids=" ".join)
def test_a_command_of_the_readme_ends_well(words: list[str], folder: Path) -> None:
    session = terminal.run([*terminal.COTFAITH, *stand_in(words)], folder)
    assert well(session), session.seen[-2000:]


@pytest.mark.parametrize("name", presets.names())
@pytest.mark.parametrize("columns", [40, 160])
def test_a_battery_ends_well(name: str, columns: int, tmp_path: Path) -> None:
    words = ["run", "--battery", name, "--model", "scripted/hinted", "--task", TASKS.get(name, "addition"), *SMALL]
    session = terminal.run([*terminal.COTFAITH, *words, "--out", "r"], tmp_path, columns=columns)
    assert well(session), session.seen[-2000:]
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
    assert well(terminal.run(words, tmp_path))


def test_a_background_job_of_a_terminal_ends_well(tmp_path: Path) -> None:
    words = shlex.join([*terminal.COTFAITH, "run", "-m", "scripted/mixed", "-t", "addition", *SMALL, "--out", "r"])
    session = terminal.run(["bash", "-ic", f"{words} & wait $!; exit $?"], tmp_path)
    assert well(session), session.seen[-2000:]
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
