"""What the command line does where its output, or a name, is not as usual: a full disk, a reader that has gone, commas, halves of characters."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cotfaith.cli.options import names, numbers, variables
from cotfaith.errors import UsageError, legible

COMMAND = [sys.executable, "-m", "cotfaith"]
LINES = '{"question": "Which is red?", "choices": ["grass", "blood"], "answer": "B"}\n'


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """A line of bash, in which C is the command."""
    line = f'set -o pipefail; C() {{ {" ".join(COMMAND)} "$@"; }}; {script}'
    return subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, check=False, timeout=120)


@pytest.mark.integration
@pytest.mark.parametrize("words", ["list hints", "list hints --json", "--version", "power", "--help"])
def test_a_full_disk_is_one_sentence(tmp_path: Path, words: str) -> None:
    done = shell(f"C {words} > /dev/full", tmp_path)
    assert done.stderr.decode() == (
        "cotfaith: The output cannot be written (No space left on device): send it to a place with room, and give the command again.\n"
    )
    assert done.returncode == 1


@pytest.mark.integration
@pytest.mark.parametrize("words", ["list hints --json", "power --questions 5,6,7,8,9,10"])
def test_a_reader_that_has_gone_is_no_failure_worth_a_word(tmp_path: Path, words: str) -> None:
    done = shell(f"C {words} | head -c 1", tmp_path)
    assert done.stderr == b""
    assert len(done.stdout) == 1


@pytest.mark.integration
def test_a_failure_that_nobody_can_be_told(tmp_path: Path) -> None:
    done = shell("C estimate nowhere 2> /dev/full", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


@pytest.mark.integration
@pytest.mark.parametrize("name", ["a,b.jsonl", "a, b,c.jsonl"])
def test_a_comma_in_the_name_of_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(LINES)
    (tmp_path / "other.jsonl").write_text(LINES)
    done = shell(f"C run -m scripted/mixed -t 'addition,{name},other.jsonl' -n 1 --dry-run", tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"task {name}: 1 question" in done.stdout.decode()


def test_names_and_commas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a,b", "a,b,c", "x , y"):
        (tmp_path / name).write_text("")
    assert names(None) is None
    assert names("") == names(" , ,") == ()
    assert names("one, two,") == ("one", "two")
    assert names("a,b") == ("a,b",)
    assert names("z,a,b,c,d") == ("z", "a,b,c", "d")
    assert names("a,b,a,b") == ("a,b", "a,b")
    assert names("x , y,b,c") == ("x , y", "b", "c")
    assert names("a" * 5000 + ",b\x00") == ("a" * 5000, "b\x00")
    assert len(names(",".join("n" * 3000)) or ()) == 3000


@pytest.mark.integration
@pytest.mark.parametrize(
    "words",
    [
        "run -m scripted/mixed -t $'caf\\xe9.jsonl' -n 1", "run -m $'\\xe9' -t addition", "run $'\\xe9.yaml'", "estimate $'\\xe9'", "label $'\\xe9' l.csv",
        "run -m scripted/mixed -t addition --traces $'\\xe9'", "run -m scripted/mixed -t addition --task-data $'\\xe9'",
        "run -m scripted/mixed -t addition -M $'\\xe9=1'", "list $'\\xe9'",
    ],
)  # fmt: skip
def test_a_name_that_is_not_utf_8_is_one_sentence(tmp_path: Path, words: str) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.jsonl")).write_text(LINES)
    done = shell(f"C {words}", tmp_path)
    assert done.returncode == 1, done.stderr
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("cotfaith: ")


@pytest.mark.integration
def test_a_run_directory_whose_name_is_not_utf_8(tmp_path: Path) -> None:
    done = shell(
        "C run -m scripted/mixed -t addition -n 1 -q --measure reasoning_gain --out $'caf\\xe9' && C estimate $'caf\\xe9'", tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert "caf\\udce9/report.html" in done.stdout.decode()


@pytest.mark.integration
@pytest.mark.parametrize("out", ["a" * 256 + "/b", "a" * 300, "f/r", "f", "/dev/null/r", "/proc/nothing"])
def test_a_run_directory_that_cannot_be(tmp_path: Path, out: str) -> None:
    (tmp_path / "f").write_text("mine")
    done = shell(f"C run -m scripted/mixed -t addition -n 1 -q --out {out}", tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("cotfaith: ")
    assert (tmp_path / "f").read_text() == "mine"


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e400", "-1e400", "0.1,nan", "x", "1,,y"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(UsageError, match=r"Option --effect takes numbers separated by commas, not '"):
        numbers(text, "--effect")


def test_numbers() -> None:
    assert numbers(None, "--effect") == numbers("", "--effect") == ()
    assert numbers("0.1, 2,-3", "--effect") == (0.1, 2.0, -3.0)


@pytest.mark.parametrize("text", ["&x [*x]", "[" * 3000, "2001-13-01", "9" * 5000])
def test_a_template_variable_that_is_no_value_is_text(text: str) -> None:
    assert variables([f"a={text}"]) == {"a": text}


def test_what_acts_on_a_terminal_is_escaped() -> None:
    assert legible("a\tb\nc é 😀 \u00a0\u2028") == "a\tb\nc é 😀 \u00a0\u2028"
    assert legible("\x1b[31m\x07\x00\r\x7f\x9b\u202e\u2066\ud800") == r"\x1b[31m\x07\x00\r\x7f\x9b\u202e\u2066\ud800"


@pytest.mark.integration
@pytest.mark.parametrize(
    "words",
    ["run /dev/zero", "run -m scripted/mixed -t jsonl --task-data /dev/zero", "run -m scripted/mixed -t addition --traces /dev/zero", "run -m scripted/mixed -t addition --battery z.yaml",
     "run -m scripted/mixed -t aqua --task-data /dev/zero", "run -m scripted/mixed -t bbq --task-data /dev/zero"],
)  # fmt: skip
def test_a_device_that_never_ends_is_no_file(tmp_path: Path, words: str) -> None:
    (tmp_path / "z.yaml").symlink_to("/dev/zero")
    done = shell(f"ulimit -v 8000000; timeout 60 {' '.join(COMMAND)} {words}", tmp_path)
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("cotfaith: ")


@pytest.mark.integration
def test_a_pipe_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text(LINES)
    done = shell("C run -m scripted/mixed -t jsonl --task-data <(cat t.jsonl) -n 1 --dry-run", tmp_path)
    assert "Which is red?" in done.stdout.decode()
    run = shell("C run -m scripted/mixed -t jsonl --task-data <(cat t.jsonl) --measure reasoning_gain --out piped", tmp_path)
    assert run.returncode == 0, run.stderr
    assert "there are more" not in run.stderr.decode()


def test_a_file_of_more_questions_than_the_default_limit_is_said_to_have_more(tmp_path: Path) -> None:
    rows = [f'{{"id": "q{i}", "question": "{i} + 1 =", "choices": ["{i + 1}", "0"], "answer": "A"}}\n' for i in range(21)]
    (tmp_path / "t.jsonl").write_text("".join(rows))
    words = "-m scripted/mixed -t t.jsonl --measure reasoning_gain"
    planned, run = (shell(f"C run {words} {more}", tmp_path) for more in ("--dry-run", "--out r"))
    assert "task t.jsonl: 20 questions x 1 sample (the task has more: --limit)" in planned.stdout.decode()
    assert "t.jsonl: the first 20 questions are asked, and there are more (--limit)" in run.stderr.decode()
    assert "there are more" not in shell(f"C run {words} --limit 20 --out other", tmp_path).stderr.decode()
