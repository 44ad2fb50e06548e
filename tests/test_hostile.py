"""Files that people, editors and chance have spoilt: one sentence of at most 600 characters, no traceback, no hang. `fuzz` makes many more."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.errors import LONGEST, CotfaithError, UsageError, one_line
from cotfaith.plugins.yaml_file import parse_yaml

SAMPLE = ["-n", "3", "-s", "3", "-q"]
LEAST = "model: scripted/hinted\ntask: addition\n"


def cotfaith(folder: Path, *words: str | Path, seconds: float = 60, fails: bool = True) -> str:
    """The last line on the command's standard error. It must fail with one sentence, or if not `fails`, it may end well."""
    done = subprocess.run(
        [sys.executable, "-m", "cotfaith", *map(str, words)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode in ({1, 2} if fails else {0, 1, 2}), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    said = (done.stderr.strip().splitlines() or [""])[-1]
    assert len(said) <= LONGEST + len("cotfaith: ")
    assert said.isprintable()
    return said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (("a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
         "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\nf: [*e, *e, *e, *e, *e, *e, *e, *e]\n"),
         "holds more than 100,000 values, aliases included"),
        ("a: &a [*a]\n", "holds more than 100,000 values"),
        ("margin: 2001-13-01\n", "holds a value that cannot be read (month must be in 1..12)"),
        ("limit: " + "9" * 5000, "holds a value that cannot be read"),
        ("a: " + "[" * 3000 + "]" * 3000, "nested too deeply"),
        ('model: "\\ud800"\n', "holds half of a character"),
        ("model: !!python/object/apply:os.system ['true']\n", "is not YAML"),
        ("model: a\x00b\n", "is not YAML"),
        ("- model\n", "holds list, not keys and values"),
    ],
    ids=["aliases", "itself", "date", "digits", "nested", "surrogate", "object", "nul", "list"],
)  # fmt: skip
def test_yaml_of_every_kind(text: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_yaml(text, "Study s.yaml", "model: m")
    assert said in str(error.value)
    assert len(str(error.value)) <= LONGEST


@pytest.mark.parametrize(
    "line",
    ["strategy: null", "judges: .inf", "model: 3", "task: {a: b}", "limit: 99999999999999999999", "margin: 1.0e-300", "level: 1", "level: 0", "margin: .nan",
     "interventions: [3]", "? [a, b]\n: c", "'': 3", "samples: 1e400"],
)  # fmt: skip
def test_a_study_with_a_wrong_value(line: str, tmp_path: Path) -> None:
    from cotfaith.study import load

    path = tmp_path / "s.yaml"
    key = line.partition(":")[0]
    path.write_text("".join(one + "\n" for one in LEAST.splitlines() if not one.startswith(f"{key}:")) + line + "\n")
    with pytest.raises(CotfaithError):
        load(path)


@given(st.text(max_size=2000))
def test_a_message_is_one_printable_line(text: str) -> None:
    said = str(UsageError(text))
    assert len(said) <= LONGEST
    assert said.isprintable()


def test_a_long_message_keeps_its_ends() -> None:
    said = one_line("The beginning. " + "x" * 100_000 + " Do this.")
    assert said.startswith("The beginning. xxx")
    assert said.endswith("x Do this.")
    assert len(said) == LONGEST


@pytest.mark.integration
def test_a_pattern_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cotfaith.contracts.hint import HintInfo
    from cotfaith.contracts.judge import Claim
    from cotfaith.judges import lexical
    from cotfaith.types import Question

    monkeypatch.setattr(lexical, "PATIENCE", 0.2)
    claim = Claim(
        "mine",
        HintInfo("s", "none", "told", ("(a|a)+$",)),
        Question("q", "t", "?", ("x", "y"), "A"),
        "A",
        "reasoning",
        "a" * 60 + "!",
    )
    with pytest.raises(
        UsageError, match=r"The pattern '\(a\|a\)\+\$' among the mentions of a hint took more than 0.2 s on one sentence"
    ):
        lexical.find(claim)


@pytest.mark.integration
def test_a_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text(LEAST)
    (tmp_path / ".mine.7.tmp").write_text("mine")
    said = cotfaith(tmp_path, "run", "study.yaml", *SAMPLE, "--out", ".")
    assert "is not a run directory, and holds study.yaml: choose another --out, so that nothing is overwritten." in said
    assert (tmp_path / "study.yaml").read_text() == LEAST
    assert (tmp_path / ".mine.7.tmp").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {".mine.7.tmp", "study.yaml"}


HINT = "name: {name}\nsummary: s\ntold: t\nmentions: [the note]\ntarget: wrong\nbefore: 'A note says ({{target}}).'\n"


@pytest.mark.parametrize("name", [r'"\e[31mred"', r'"\a"', r'"a\nb"', r'"\u202Egnp"', r'"\x9b31m"', "a" * 101, r'"\x7f"', r'"\0"'])
def test_a_hint_whose_name_acts_on_a_terminal_is_refused(name: str, tmp_path: Path) -> None:
    from cotfaith.pipeline.open_study import open_hint

    path = tmp_path / "h.yaml"
    path.write_text(HINT.format(name=name))
    with pytest.raises(UsageError, match="but it must be printable, with up to 100 characters: choose another"):
        open_hint(str(path))


@pytest.mark.parametrize(
    "choices",
    [{"model": "scripted/\x1b[31m"}, {"task": "a\x00b"}, {"task_data": "caf\udce9"}, {"task_options": {"a\x07": "b"}}, {"task_options": {"a": "\x1b]0;x\x07"}},
     {"model": [{"model": "scripted/mixed", "name": "\u202eexe"}]}, {"traces": {"path": "\x9b"}}],
)  # fmt: skip
def test_a_study_with_a_text_that_acts_on_a_terminal_is_refused(choices: dict[str, object]) -> None:
    from cotfaith.study import make

    with pytest.raises(
        UsageError, match="which has a character that cannot be shown or stored: write it without, or rename the file"
    ):
        make({"model": "scripted/mixed", "task": "addition", **choices})


def test_lines_and_tabs_are_allowed() -> None:
    from cotfaith.study import make

    made = make({"model": "scripted/mixed", "task": "addition", "channel": {"open": "<think>\n", "close": "\t</think>\n\n"}})
    assert made.channel is not None
    assert made.channel.open == "<think>\n"


@pytest.mark.integration
def test_an_escape_sequence_in_a_question_reaches_neither_the_terminal_nor_the_page(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text(
        '{"id": "\\u001b[31mred", "question": "Which \\u001b[31mis\\u0007 red?", "choices": ["grass\\u001b[0m", "blood"], "answer": "B"}\n'
    )
    for more in (["--dry-run"], ["--out", "r"]):
        done = subprocess.run(
            [sys.executable, "-m", "cotfaith", "run", "-m", "scripted/mixed", "-t", "t.jsonl", *SAMPLE, *more],
            cwd=tmp_path,
            capture_output=True,
            check=True,
        )
        assert b"\x1b" not in done.stdout + done.stderr
        assert b"\x07" not in done.stdout + done.stderr
    assert b"\x1b" not in (tmp_path / "r" / "report.html").read_bytes()
