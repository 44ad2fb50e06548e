"""No secret reaches a file, a page or a message: told by name or shape, refused before anything is written."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cotfaith
from cotfaith import sensitive
from cotfaith.errors import UsageError

HEX = "0123456789abcdef0123456789abcdef"
SHAPES = {  # the planted values are made up, and put together here so that no scanner takes this file for a leak
    "openai": "sk-" + "proj-" + HEX,
    "hub": "hf" + "_" + HEX,
    "github": "ghp" + "_" + HEX,
    "gitlab": "glpat" + "-" + HEX,
    "aws": "AKIA" + "IOSFODNN7EXAMPLE",
    "google": "AIza" + "Sy" + HEX,
    "jwt": "eyJ" + "hbGciOiJI" + "." + "eyJzdWIiOiIx" + "." + "SflKxwRJSMeKKF2",
    "address": "https://" + "anna:hunter2hunter2" + "@example.org/v1",
}
PLAIN = "correct-horse-7"  # told by its name alone
NAMES = ("API_KEY", "api_key", "auth", "passwd", "password", "bearer", "apiKey", "hf_token", "client_secret", "aws-credentials")


def left(folder: Path, planted: str) -> list[str]:
    """The files under `folder` that hold the planted value."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and planted.encode() in path.read_bytes()]


def command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "cotfaith", *words], cwd=folder, capture_output=True, text=True, check=False)


RUN = ("run", "-m", "scripted/mixed", "-t", "addition", "-n", "1", "-s", "1", "--out", "r", "-q")


@pytest.mark.integration
@pytest.mark.parametrize("option", ["-M", "-T", "-S", "--template"])
def test_a_secret_of_a_known_shape_or_name_is_refused(option: str, tmp_path: Path) -> None:
    for name, value in [*(("x", shape) for shape in SHAPES.values()), *((name, PLAIN) for name in NAMES)]:
        done = command(tmp_path, *RUN, option, f"{name}={value}")
        assert done.returncode == 1, (name, done.stdout)
        assert "looks like a secret, which must not be written to files: set it in the environment." in done.stderr
        assert value not in done.stdout + done.stderr
        assert left(tmp_path, value) == []
        assert not (tmp_path / "r").exists()


def test_a_secret_in_a_study_file_or_a_call(tmp_path: Path) -> None:
    study = tmp_path / "mine.yaml"
    for name, value in [("x", SHAPES["openai"]), ("auth", PLAIN)]:
        study.write_text(f"models: [{{model: scripted/mixed, engine: {{{name}: '{value}'}}}}]\ntask: addition\n")
        with pytest.raises(UsageError, match="looks like a secret") as of_file:
            cotfaith.run(study, out=tmp_path / "r")
        with pytest.raises(UsageError, match="looks like a secret") as of_call:
            cotfaith.run(model="scripted/mixed", task="addition", engine={name: value}, out=tmp_path / "r")
        assert value not in str(of_file.value) + str(of_call.value)
        assert left(tmp_path, value) == [str(study)]


@pytest.mark.integration
def test_a_host_program_keeps_its_own_command_line(tmp_path: Path) -> None:
    """A library call records none of the words of the program that makes it."""
    script = tmp_path / "host.py"
    script.write_text(
        "import cotfaith\n"
        f"run = cotfaith.run(model='scripted/mixed', task='addition', limit=1, samples=1, out={str(tmp_path / 'r')!r}, quiet=True)\n"
        "run.report()\n"
    )
    subprocess.run([sys.executable, script, "--password", PLAIN, *SHAPES.values()], check=True, cwd=tmp_path, capture_output=True)
    assert (tmp_path / "r" / "report.html").exists()
    for value in (PLAIN, *SHAPES.values()):
        assert left(tmp_path, value) == []


@pytest.mark.integration
def test_the_environment_is_not_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, value in enumerate(SHAPES.values()):
        monkeypatch.setenv(f"SERVICE_{number}_API_KEY", value)
    monkeypatch.setenv("HF_TOKEN", SHAPES["hub"])
    assert command(tmp_path, *RUN).returncode == 0
    assert command(tmp_path, "report", "r").returncode == 0
    for value in SHAPES.values():
        assert left(tmp_path, value) == []


@pytest.mark.integration
def test_a_secret_in_a_path_is_hidden(tmp_path: Path) -> None:
    """What the command line records are its words, without the values that look like secrets."""
    words = ("run", "-m", "scripted/mixed", "-t", "addition", "-n", "1", "-s", "1", "-q", "--out", f"runs-{SHAPES['hub']}")
    assert command(tmp_path, *words).returncode == 0
    assert left(tmp_path, SHAPES["hub"]) == []


def test_words_of_a_command_line() -> None:
    assert sensitive.hidden("--limit") == "--limit"
    assert sensitive.hidden("dtype=float32") == "dtype=float32"
    assert sensitive.hidden("max_tokens=256") == "max_tokens=256"
    assert sensitive.hidden("api_key=abc") == "api_key=***"
    assert sensitive.hidden(f"--url={SHAPES['address']}") == "--url=***"
    assert sensitive.hidden(SHAPES["jwt"]) == "***"


@pytest.mark.parametrize("name", ["max_tokens", "tokenizer", "monkey", "keys_per_row", "batch_tokens", "prefix"])
def test_names_that_are_none(name: str) -> None:
    assert not sensitive.by_name(name, "text")


@pytest.mark.parametrize(
    "text",
    [
        "Carl has an eye for sky-blue tasks.",
        "ask-me-anything-about-this",
        "http://localhost:8000/v1",
        "sha256:" + HEX,
        "a@b.org",
        "risk-averse-behaviour-in-animals",
    ],
)
def test_texts_that_are_none(text: str) -> None:
    assert not sensitive.by_shape(text)


@given(st.text(max_size=300))
def test_any_word_can_be_hidden(word: str) -> None:
    assert sensitive.hidden(word) in {word, "***"} or sensitive.hidden(word).endswith("***")
