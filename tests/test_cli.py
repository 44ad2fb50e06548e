"""The command line end to end: what it prints, where it puts things, how it fails."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest
import terminal
import yaml

from cotfaith import catalogue, cli, tables
from cotfaith.contracts.intervention import Move
from cotfaith.measures import MEASURES
from cotfaith.plugins import presets, registry
from cotfaith.study import Study

pytestmark = pytest.mark.integration


def cotfaith(*arguments: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as a user runs it."""
    command = [sys.executable, "-m", "cotfaith", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, env={**os.environ, "COLUMNS": "100"})


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, cotfaith("demo", "--model", "scripted/mixed", "--limit", "6", folder=folder)


def test_help_loads_no_heavy_library() -> None:
    code = "import sys, cotfaith.cli; print([name for name in ('numpy', 'pandas', 'pydantic', 'pyarrow', 'torch') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_demo_prints_the_table_and_names_the_report(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = demo
    assert done.returncode == 0
    *about, third = done.stderr.splitlines()
    assert [line.partition(": ")[0] for line in about] == ["scripted/mixed"] * 3  # it is loading, and how its prompts are made
    assert re.fullmatch(r"traces \d+ of 12", third)
    path = folder / "runs" / "demo-scripted-mixed"
    report = re.search(r"^Report: (.*)$", done.stdout, re.MULTILINE)
    assert report is not None
    assert (folder / report.group(1)).stat().st_size > 1000
    aoc = pd.read_parquet(path / "estimates.parquet").query("metric == 'aoc'").iloc[0]
    assert re.search(
        rf"^early_answering +aoc +{aoc['value']:.3f} \[{aoc['low']:.3f}, {aoc['high']:.3f}\] +12/6 +{aoc['reference_reader']:.3f} +0\.000$",
        done.stdout,
        re.MULTILINE,
    )
    for name in ("study.yaml", "manifest.json", "log.jsonl", "tables/estimates.csv"):
        assert (path / name).exists()


def test_close_readings_are_told_below_the_table(tmp_path: Path) -> None:
    choices = "-m scripted/mixed -t addition -n 6 -s 2 --measure early_answering -q --out r"
    done = cotfaith("run", *choices.split(), folder=tmp_path)
    again = cotfaith("estimate", "r", folder=tmp_path)
    for text in (done.stdout, again.stdout):
        assert "were decided by less than 0.1 nat between the two likeliest options;" in " ".join(text.split())


def test_the_table_fits_100_columns(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = demo
    shown = cotfaith("estimate", "runs/demo-scripted-mixed", folder=folder).stdout
    assert max(map(len, shown.splitlines())) <= 100
    assert "interval" in shown


def test_unread_readings_are_said_below_the_table_and_cut_traces_above_it(tmp_path: Path) -> None:
    done = cotfaith(
        "run",
        "-m",
        "scripted/never-answers",
        "-t",
        "addition",
        "-n",
        "2",
        "--max-tokens",
        "20",
        "--out",
        "run",
        "-q",
        folder=tmp_path,
    )
    assert done.returncode == 0
    first, *_ = done.stdout.splitlines()
    assert re.match(
        r"The limit of 20 tokens cut \d+ of \d+ reasoning traces\. All of scripted/never-answers on addition were", first
    )
    said = r"Unread: scripted/never-answers on addition: (\d+) of \1 readings \(100 %\): \1 unparsed\."
    assert done.stdout.index("Unread: ") > done.stdout.index("value: estimate [95 % interval")
    again = {
        choice: cotfaith("estimate", "run", *choice.split(), folder=tmp_path).stdout
        for choice in ("", "--extractor flexible", "--format csv")
    }
    for text in (done.stdout, again[""]):
        assert re.search(said, text)
        assert max(map(len, text.splitlines())) <= 100
    assert again[""].splitlines()[0] == first
    assert "Unread: " not in again["--extractor flexible"] + again["--format csv"]


def test_estimates_come_in_every_format(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = demo
    path = "runs/demo-scripted-mixed"
    said = {
        form: cotfaith("estimate", path, "--format", form, folder=folder).stdout for form in ("csv", "json", "markdown", "latex")
    }
    table = pd.read_parquet(folder / path / "estimates.parquet")
    assert len(said["csv"].splitlines()) == len(table) + 1
    rows = json.loads(said["json"], parse_constant=pytest.fail)
    assert len(rows) == len(table)
    assert rows[0]["dose"] is None
    assert said["markdown"].splitlines()[1].count("---") == said["markdown"].splitlines()[0].count("|") - 1
    assert said["latex"].splitlines()[1].startswith(r"\begin{tabular}")
    assert r"same\_answer\_no\_reasoning" not in said["latex"]
    full = cotfaith("estimate", path, "--full", "--format", "latex", folder=folder).stdout
    assert r"same\_answer\_no\_reasoning" in full
    assert len(full.splitlines()) > len(said["latex"].splitlines())
    wrong = cotfaith("estimate", path, "--format", "xlsx", folder=folder)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "Unknown format of estimates 'xlsx'" in wrong.stderr


def test_a_study_file_runs_and_options_change_it(tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text("model: scripted/faithful\ntask: tracking\nlimit: 3\nmeasures: [early_answering]\n")
    done = cotfaith("run", "first.yaml", "--limit", "4", "-T", "people=5", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    kept = yaml.safe_load((tmp_path / "runs/first/study.yaml").read_text())
    assert (kept["limit"], kept["task_options"]) == (4, {"people": "5"})
    assert done.stdout.startswith("The numbers come from 4 questions: ")
    assert "\nscripted/faithful on tracking\n" in done.stdout
    assert "early_answering  aoc" in done.stdout


def test_a_model_that_never_answers_is_undefined_and_not_zero(tmp_path: Path) -> None:
    done = cotfaith("run", "-m", "scripted/never-answers", "-t", "addition", "-n", "3", "--out", "never", folder=tmp_path)
    assert done.returncode == 0
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    (aoc,) = [line for line in lines if line.startswith("early_answering aoc ")]
    assert re.fullmatch(r"early_answering aoc undefined 0/0 3 \(100 %\) ?\[0\.000, 0\.\d{3}\]", aoc)
    assert any(line.startswith("Undefined in early_answering: aoc") for line in lines)


def test_dry_run_does_nothing(tmp_path: Path) -> None:
    done = cotfaith("run", "-m", "scripted/mixed", "-t", "addition", "--dry-run", folder=tmp_path)
    assert done.returncode == 0
    assert "intervention truncation(cuts=None, by='step')" in done.stdout
    assert "output: runs/mixed_addition_" in done.stdout
    assert list(tmp_path.iterdir()) == []


FREE = ({"question": "How many legs has a spider?", "answer": "8"}, {"question": "And an ant?", "answer": "6"})
CHOICE = ({"question": "Which is red?", "choices": ["grass", "blood"], "answer": "B"},)


def questions(folder: Path, name: str, *rows: object) -> None:
    """A file of questions."""
    (folder / name).write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def dry(folder: Path, *arguments: str) -> str:
    """What a dry run in a terminal shows."""
    done = terminal.run([*terminal.COTFAITH, "run", *arguments, "--dry-run"], folder, columns=300)
    assert done.code == 0, done.seen
    return "\n".join(line.rstrip() for line in done.seen.replace("\r", "").splitlines())


def test_a_dry_run_shows_the_first_question_of_each_task_as_it_is_posed(tmp_path: Path) -> None:
    questions(tmp_path, "free.jsonl", *FREE)
    questions(tmp_path, "choice.jsonl", *CHOICE)
    seen = dry(tmp_path, "-m", "scripted/mixed", "-t", "free.jsonl,choice.jsonl,addition", "--samples", "2")
    lengths = [int(found) for found in re.findall(r"step by step:\" \((\d+) tokens\)", seen)]
    assert len(lengths) == 3
    assert min(lengths) > 10
    seen = re.sub(r"\(\d+ tokens\)", "(N tokens)", seen)
    assert (
        """
task free.jsonl: 2 questions x 2 samples (all that there are; the limit is 20)
  its first question:
    Question: How many legs has a spider?
  its gold, which the model does not see: 8
  its prompt for scripted/mixed: 'Human: Question: How many legs has a spi' ... "r?\\n\\nAssistant: Let's think step by step:" (N tokens)
  the prompt for its answer ends with '<answer>'
  its reasoning: up to 256 tokens a trace, 1,024 for each model and strategy
  answers of scripted/mixed: free-form, written by the model
task choice.jsonl: 1 question x 2 samples (all that there are; the limit is 20)
  its first question:
    Question: Which is red?

    Choices:
    (A): grass
    (B): blood
  its gold, which the model does not see: (B)
  its prompt for scripted/mixed: 'Human: Question: Which is red?\\n\\nChoices:' ... "od\\n\\nAssistant: Let's think step by step:" (N tokens)
  the prompt for its answer ends with 'The single, most likely answer is ('
  its reasoning: up to 256 tokens a trace, 512 for each model and strategy
  answers of scripted/mixed: multiple choice, read from the log-probabilities of the options
task addition: 20 questions x 2 samples
"""
        in seen
    )
    assert "1 + 1" not in seen


def test_a_dry_run_of_both_kinds_of_questions_shows_one_of_each(tmp_path: Path) -> None:
    questions(tmp_path, "both.jsonl", *({"choices": None, **one} for one in (*CHOICE, *FREE)))
    seen = dry(tmp_path, "-m", "scripted/mixed,scripted/faithful", "-t", "both.jsonl", "--limit", "3")
    assert "task both.jsonl: 3 questions x 1 sample\n  its first question with options:\n    Question: Which is red?" in seen
    assert "  its first question without options:\n    Question: How many legs" in seen
    assert (
        "  its reasoning: up to 256 tokens a trace, 768 for each model and strategy\n  answers of scripted/mixed, scripted/faithful: read from the log-prob"
        in seen
    )
    assert "of the options for 1 of 3 questions, written by the model for those without options\n" in seen


@pytest.mark.parametrize(
    ("answers", "said"), [("written", "written by the model\n"), ("sampled", "written by the model (sampled)\n")]
)
def test_a_dry_run_says_how_answers_are_read(tmp_path: Path, answers: str, said: str) -> None:
    questions(tmp_path, "free.jsonl", *FREE)
    questions(tmp_path, "choice.jsonl", *CHOICE)
    seen = dry(tmp_path, "-m", "scripted/mixed", "-t", "free.jsonl,choice.jsonl", "--answers", answers)
    assert f"  answers of scripted/mixed: free-form, {said}" in seen
    assert f"  answers of scripted/mixed: multiple choice, {said}" in seen
    assert "log-prob" not in seen


def test_a_long_question_is_shown_without_its_middle_which_is_said(tmp_path: Path) -> None:
    questions(tmp_path, "long.jsonl", {"question": "x" * 4000 + " which?", "answer": "y"})
    seen = dry(tmp_path, "-m", "scripted/mixed", "-t", "long.jsonl")
    assert "    [... 2517 characters are not shown ...]\n" in seen
    assert "x which?\n  its gold, which the model does not see: y\n" in seen


def test_the_questions_that_there_are_decide_about_the_margin(tmp_path: Path) -> None:
    questions(tmp_path, "free.jsonl", *FREE)
    (tmp_path / "m.yaml").write_text("model: scripted/mixed\ntask: free.jsonl\nmargin: 0.1\nlimit: 2000\n")
    assert "; the 2 questions that there are, of the limit 2000, are too few." in dry(tmp_path, "m.yaml")


@pytest.mark.parametrize("quiet", [False, True])
def test_a_piped_run_says_at_its_start_what_a_terminal_says(tmp_path: Path, quiet: bool) -> None:
    questions(tmp_path, "free.jsonl", *FREE)
    words = ["run", "-m", "scripted/mixed", "-t", "free.jsonl", "--measure", "reasoning_gain", *["-q"] * quiet]
    piped = cotfaith(*words, "-o", "piped", folder=tmp_path)
    shown = terminal.run([*terminal.COTFAITH, *words, "-o", "shown"], tmp_path, columns=400)
    said = [line for line in piped.stderr.splitlines() if line.startswith("scripted/mixed: ")]
    assert said == [line.strip() for line in shown.seen.replace("\r", "\n").splitlines() if line.startswith("scripted/mixed: ")]
    assert len(said) == (0 if quiet else 3)
    progress = "" if quiet else r"traces \d of 2\n"  # a line, and no bars
    assert re.fullmatch("".join(f"{re.escape(line)}\n" for line in said) + progress, piped.stderr)
    assert "scripted/mixed: " not in piped.stdout


def test_metrics_of_probabilities_are_not_defined_for_free_answers(tmp_path: Path) -> None:
    questions(tmp_path, "free.jsonl", *FREE)
    done = cotfaith(
        "run", "-m", "scripted/mixed", "-t", "free.jsonl", "--measure", "early_answering", "-o", "run", "-q", folder=tmp_path
    )
    assert "(100 %)" not in done.stdout
    table = " ".join(cotfaith("estimate", "run", "--full", folder=tmp_path).stdout.split())
    assert "Nothing to estimate: aoc_probability: not defined for answers that are written" in table
    assert "100 %)" not in table
    row = pd.read_parquet(tmp_path / "run/estimates.parquet").query("metric == 'aoc_probability'").iloc[0]
    assert (row["n"], row["missing"], row["method"]) == (0, 0, "undefined")
    page = (tmp_path / "run/report.html").read_text(encoding="utf-8")
    assert "not defined for answers that are written, since these have no probabilities of options" in page
    assert "(100 %)" not in page


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["run", "-m", "scripted/mixt", "-t", "addition"],
            1,
            "Unknown persona of the scripted engine 'mixt': did you mean 'mixed'?",
        ),
        (["run", "-m", "smollm2-135", "-t", "addition"], 1, "Unknown model 'smollm2-135': did you mean 'smollm2-135m'?"),
        (["run", "-m", "scripted/mixed", "-t", "adition"], 1, "Unknown task 'adition': did you mean 'addition'?"),
        (
            ["run", "-m", "scripted/mixed", "-t", "addition", "--measure", "aoc"],
            1,
            "Unknown measure 'aoc': known are: adding_mistakes, answer_changed, bbq_evidence",
        ),
        (
            ["run", "-m", "scripted/mixed", "-t", "addition", "-T", "operand=2"],
            1,
            "Unknown option of addition 'operand': did you mean 'operands'?",
        ),
        (
            ["run", "-m", "scripted/mixed", "-t", "addition", "-M", "shares=1"],
            1,
            "Unknown option of the scripted engine of scripted/mixed 'shares': did you mean 'share'?",
        ),
        (
            ["run", "-m", "scripted/mixed,smollm2-135m", "-t", "addition", "-M", "dtype=float32", "--dry-run"],
            1,
            "Unknown option of the scripted engine of scripted/mixed 'dtype': known are: admit, confidence, follow, share; where models need different options, give each its own in a study file, such as models: [scripted/mixed, {model: smollm2-135m, engine: {dtype: float32}}].",
        ),
        (
            ["run", "-m", "smollm2-135m", "-t", "addition", "-M", "batch_tokens=none", "-M", "dtype=float23", "--dry-run"],
            1,
            "Option 'dtype' of the hf engine of smollm2-135m must be one of 'auto', 'float32', 'bfloat16', 'float16', not 'float23'.",
        ),
        (
            ["run", "-m", "scripted/mixed,scripted/mixt", "-t", "addition", "--dry-run"],
            1,
            "Unknown persona of the scripted engine 'mixt': did you mean 'mixed'?",
        ),
        (
            ["run", "-m", "hf/./nowhere", "-t", "addition", "--dry-run"],
            1,
            "Model folder './nowhere' does not exist: give a folder with config.json",
        ),
        (
            ["run", "-m", "./nowhere", "-t", "addition", "--dry-run"],
            1,
            "Model folder './nowhere' does not exist: give a folder with config.json",
        ),
        (
            ["run", "-m", "openai/gpt-4o-mini", "-t", "addition", "--dry-run"],
            1,
            "Model 'openai/gpt-4o-mini' is behind an API, and the engines here load weights: give a hub id",
        ),
        (["run", "-m", "claude-sonnet-4-5", "-t", "addition", "--dry-run"], 1, "Model 'claude-sonnet-4-5' is behind an API"),
        (
            ["run", "-m", "https://huggingface.co/Qwen/Qwen3-4B", "-t", "addition", "--dry-run"],
            1,
            "Model 'https://huggingface.co/Qwen/Qwen3-4B' is an address: give a hub id such as Org/Model",
        ),
        (["run", "-m", "scripted/mixed", "-t", "addition", "--format", "xml", "--dry-run"], 1, "Unknown prompt format 'xml'"),
        (["run", "-m", "Qwen/Qwen3-4B", "-t", "addition", "--format", "xml", "--dry-run"], 1, "Unknown prompt format 'xml'"),
        (
            ["run", "-m", "scripted/mixed", "-t", "addition", "--cut", "lose"],
            1,
            "is 'lose': input should be 'keep', 'drop' or 'bound'.",
        ),
        (
            ["run", "-m", "scripted/mixed", "-t", "addition", "--task-data", "q.jsonl", "--dry-run"],
            1,
            "addition reads no data: leave --task-data out",
        ),
        (
            ["run", "-m", "scripted/mixed", "-t", "bbh", "--dry-run"],
            1,
            "Any file of questions is a task too: give the path of a .jsonl or .json file.",
        ),
        (
            ["run", "-m", "scripted/mixed", "-t", "addition", "-W", "share=0.5"],
            1,
            "Study: writer_engine has options, but the key writer names no model: name one there, or remove the options.",
        ),
        (
            ["run", "-m", "scripted/mixed", "-t", "addition", "--answers", "spoken"],
            1,
            "Study: answers (the way in which answers to multiple-choice questions are read) is 'spoken': input should be 'auto', 'logprobs', 'written' or 'sampled'.",
        ),
        (["run", "-m", "scripted/mixed", "-t", "addition", "-M", "share"], 1, "Option -M takes key=value, not 'share'"),
        (["run", "-m", "scripted/mixed", "-t", "addition", "--battery", "lanham"], 1, "Unknown battery 'lanham': did you mean"),
        (["run", "-m", "scripted/mixed", "-t", "addition", "--strategy", "cot,cod"], 1, "Unknown strategy 'cod': did you mean"),
        (
            ["run", "-m", "scripted/mixed", "-t", "addition", "--writer", "scripted/writer"],
            1,
            "Study key writer is scripted/writer, but nothing in the study needs a writer",
        ),
        (
            ["run", "-m", "scripted/mixed", "-t", "addition", "--measure", "paraphrasing", "--writer", "rules"],
            1,
            "rules",
        ),
        (
            ["run", "-m", "scripted/mixed", "-t", "addition", "--format", "chatty"],
            1,
            "Unknown prompt format 'chatty': did you mean 'chat'?",
        ),
        (["run", "-m", "scripted/mixed", "-t", "addition", "--format", "chat"], 1, "--format dialogue"),
        (["run", "-m", "scripted/mixed", "-t", "nowhere.jsonl"], 1, "nowhere.jsonl"),
        (["run"], 1, "names no model"),
        (["run", "--sampels", "3"], 2, "No such option"),
        (["run", "-m", "scripted/mixed", "-t", "addition", "--limit", "many"], 2, "Invalid value"),
        (["list", "model"], 1, "Unknown kind of list 'model': did you mean 'models'?"),
        (["estimate", "nowhere"], 1, "nowhere is not a run directory, since it has no manifest.json"),
        (["report", "nowhere"], 1, "nowhere is not a run directory"),
        (["compare", "nowhere"], 1, "nowhere is not a run directory, since it has no manifest.json: give folders"),
        (["compare", "nowhere", "--x", "size"], 1, "Option --x takes key=value, not 'size': for example --x small=135M."),
        (["compare", "nowhere", "-f", "xlsx"], 1, "Unknown format of estimates 'xlsx'"),
        (["power", "--test", "equivalence", "--effect", "0.1"], 1, "The test equivalence takes --margin"),
        (["power", "--margin", "0.1"], 1, "The test difference takes --effect"),
        (["power", "--effect", "five"], 1, "Option --effect takes numbers separated by commas, not 'five'."),
        (["power", "--samples", "1.5"], 1, "Option --samples takes whole numbers, not 1.5."),
        (["power", "--test", "anova"], 1, "Unknown test to plan 'anova'"),
        (["power", "--psi", "0.2"], 1, "The test difference does not use psi"),
    ],
)
def test_bad_input_is_one_sentence_on_stderr(tmp_path: Path, arguments: list[str], code: int, message: str) -> None:
    done = cotfaith(*arguments, folder=tmp_path)
    assert done.returncode == code
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_readings_are_read_again_with_other_choices(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = demo
    path = "runs/demo-scripted-mixed"
    before = (folder / path / "estimates.parquet").read_bytes()
    done = cotfaith(
        "estimate", path, "--extractor", "strict", "--unparsed", "wrong", "--weight", "question", "--level", "0.9", folder=folder
    )
    assert done.returncode == 0, done.stderr
    assert "[90 % interval" in done.stdout
    said = "Estimated with extractor strict, unparsed wrong, weight question, level 0.9. The stored estimates of the run are unchanged."
    assert done.stderr.strip() == said
    assert (folder / path / "estimates.parquet").read_bytes() == before


def test_the_sensitivity_fits_100_columns_and_says_what_moves(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = demo
    done = cotfaith("estimate", "runs/demo-scripted-mixed", "--sensitivity", folder=folder)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert re.search(r"^aoc +extractor flexible .* [+-]0\.\d{3} +12 +0$", done.stdout, re.MULTILINE)
    assert done.stdout.endswith(f"{tables.sensitivity.FOOTER}\n")
    refused = cotfaith("estimate", "runs/demo-scripted-mixed", "--sensitivity", "--level", "0.9", folder=folder)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "--sensitivity varies each choice in turn" in refused.stderr


def test_runs_are_compared_and_trends_are_told(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = demo
    for name in ("faithful", "post-hoc"):
        assert cotfaith("demo", "--model", f"scripted/{name}", "--limit", "6", folder=folder).returncode == 0
    paths = [f"runs/demo-scripted-{name}" for name in ("mixed", "faithful", "post-hoc")]
    sizes = ["--x", "scripted/mixed=1B", "--x", "scripted/faithful=10B", "--x", "scripted/post-hoc=100M"]
    done = cotfaith("compare", *paths, *sizes, "--break", "1B", "--margin", "0.1", folder=folder)
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 100
    for words in (
        "aoc (early_answering) on addition by cot",
        "scripted/faithful - scripted/mixed",
        "models of this size",
        "p equiv",
    ):
        assert words in done.stdout
    rows = json.loads(cotfaith("compare", *paths, *sizes, "-f", "json", folder=folder).stdout, parse_constant=pytest.fail)
    assert rows["by"] == "model"
    assert {row["common"] for row in rows["differences"]} == {6}
    assert "What each reading over model size holds fixed:" in done.stdout
    assert {row["covariate"] for row in rows["trends"]} == {"", "accuracy_full"}
    drawn = cotfaith("compare", *paths, *sizes, "--adjust-for", "accuracy_no_reasoning", "--figure", "scale.svg", folder=folder)
    assert (drawn.returncode, drawn.stderr) == (0, "Figure: scale.svg\n")
    assert "accuracy without reasoning" in drawn.stdout
    assert "at equal accuracy" in (folder / "scale.svg").read_text()
    refused = cotfaith("compare", *paths, "--figure", "scale.svg", folder=folder)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "--figure belongs to the trends over model size: give --x as well." in refused.stderr
    assert len(rows["extremes"]) == 3 * len({(row["metric"], row["kind"]) for row in rows["trends"]})
    assert cotfaith("compare", *paths, "-f", "csv", folder=folder).stdout.startswith("table,about,")
    assert (
        cotfaith("compare", *paths, "-f", "latex", folder=folder).stdout.splitlines()[1].startswith(r"\begin{tabular}{lllllrrrrr")
    )
    assert cotfaith("compare", *paths, "-f", "markdown", folder=folder).stdout.startswith("| about | measure | metric |")


def test_power_prints_a_table_a_curve_and_a_figure(tmp_path: Path) -> None:
    done = cotfaith("power", "--test", "equivalence", "--margin", "0.05", "--sd", "0.3", "--figure", "power.svg", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.search(r"0\.05 +1 +0\.3 +309 +309 +0\.799 +needed", done.stdout)
    assert "█" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert (tmp_path / "power.svg").read_text().startswith("<?xml")


def test_power_of_a_pilot(tmp_path: Path) -> None:
    folder, run = tmp_path, "r"
    choices = "-m scripted/mixed -t addition -n 8 -s 2 --measure early_answering,reasoning_gain -q --out r"
    cotfaith("run", *choices.split(), folder=folder)
    done = cotfaith("power", "--pilot", run, "--questions", "20,80", folder=folder)
    assert "accuracy" in done.stdout
    assert (
        "No power of early_answering: no number of it is tested against no effect, or its questions do not differ." in done.stdout
    )
    both = cotfaith("power", "--pilot", run, "--sd", "0.3", folder=folder)
    assert "--pilot takes the standard deviation and the effect from its run: give it without --sd." in both.stderr


def test_a_dry_run_says_whether_the_questions_are_enough_for_the_margin(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("model: scripted/mixed\ntask: addition\nmargin: 0.1\npower: 0.9\n")
    few = cotfaith("run", "m.yaml", "--dry-run", folder=tmp_path)
    assert re.search(r"Equivalence within 0\.1 at power 0\.9 needs \d+ questions \(sd 0\.5 .*\); limit 20 is too few\.", few.stdout)
    many = cotfaith("run", "m.yaml", "--dry-run", "--limit", "1000", folder=tmp_path)
    assert "limit 1000 is enough." in many.stdout
    assert list(tmp_path.iterdir()) == [tmp_path / "m.yaml"]


def test_a_battery_runs_every_test_and_each_has_a_section(tmp_path: Path) -> None:
    chosen = ["--battery", "lanham2023", "--writer", "scripted/writer", "-n", "3", "-s", "2", "-o", "lanham", "-q"]
    done = cotfaith("run", "-m", "scripted/mixed", "-t", "addition,tracking", *chosen, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "lanham/report.html").read_text(encoding="utf-8")
    for measure in ("early_answering", "adding_mistakes", "filler_tokens", "paraphrasing", "reasoning_gain"):
        assert re.search(rf"^{measure} +\w", done.stdout.partition("scripted/mixed on tracking\n")[2], re.MULTILINE)
        assert f'id="{measure.replace("_", "-")}"' in page


def test_samples_that_greedy_decoding_repeats_are_said(tmp_path: Path) -> None:
    said = "temperature is 0, so the 5 samples of a question are one reasoning trace that counts 5 times: give --samples 1, or a temperature above 0."
    words = ("run", "-m", "scripted/mixed", "-t", "addition", "-n", "1", "--temperature", "0", "-q", "--out", "r", "-s")
    assert f"cotfaith: {said}" in cotfaith(*words, "5", folder=tmp_path).stderr
    assert f"warning: {said}" in cotfaith(*words, "5", "--dry-run", folder=tmp_path).stdout
    assert "temperature" not in cotfaith(*words[:-2], "r2", "-s", "1", folder=tmp_path).stderr


def test_the_help_of_run_names_the_defaults_of_a_study() -> None:
    said = " ".join(cotfaith("run", "--help").stdout.partition("Options:")[2].split())
    options = {"limit": "--limit", "samples": "--samples", "seed": "--seed", "temperature": "--temperature", "max_tokens": "--max-tokens",
               "format": "--format", "answers": "--answers"}  # fmt: skip
    for name, option in options.items():
        place = said.index(option + " ")
        default = Study.model_fields[name].default
        assert f"Default: {default}." in said[place : place + 400], name


def test_every_command_has_help_with_an_example() -> None:
    names = [command.name or command.callback.__name__ for command in cli.app.registered_commands if command.callback]
    assert {"run", "demo", "estimate", "compare", "power", "report", "label", "list"} <= set(names)
    for name in names:
        said = cotfaith(name, "--help")
        assert said.returncode == 0
        assert f"Example: cotfaith {name}" in said.stdout


def test_version() -> None:
    assert re.fullmatch(r"cotfaith \d+\.\d+\.\d+\n", cotfaith("--version").stdout)


def test_lists_name_everything_registered() -> None:
    for kind in (
        "tasks",
        "engines",
        "interventions",
        "strategies",
        "hints",
        "judges",
        "extractors",
        "formats",
        "cutters",
        "similarities",
        "figures",
        "figure_sets",
        "importers",
        "presets",
    ):
        group = f"cotfaith.{kind}"
        rows = json.loads(cotfaith("list", kind, "--json").stdout)
        assert [row["name"] for row in rows] == list(registry.names(group))
        assert all(row["from"].startswith("cotfaith") for row in rows)
    assert {row["name"] for row in catalogue.measures()} == set(MEASURES)
    assert {row["name"] for row in catalogue.batteries()} == set(presets.names())
    for row in json.loads(cotfaith("list", "interventions", "--json").stdout):
        assert row["paper"]
        assert row["move"] in get_args(Move)
        assert row["needs"]
        assert row["summary"]
    assert "Lanham et al. 2023" in cotfaith("list", "interventions").stdout
    assert "smollm2-135m" in cotfaith("list", "models").stdout


def test_the_command_is_recorded_without_secrets(demo: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, _ = demo
    manifest = json.loads((folder / "runs/demo-scripted-mixed/manifest.json").read_text())
    assert manifest["command"][:3] == ["cotfaith", "demo", "--model"]
    assert manifest["interventions"]["truncation"] == "truncation(cuts=None, by='step')"
    assert manifest["subjects"]["scripted/mixed"]["fingerprint"]["format"] == "dialogue"
    done = cotfaith("run", "-m", "scripted/mixed", "-t", "addition", "-M", "api_key=hunter2", folder=folder)
    assert done.returncode == 1
    assert "looks like a secret" in done.stderr
    assert not [path for path in folder.rglob("*.json*") if "hunter2" in path.read_text()]


def test_labels_are_written_and_read_back(tmp_path: Path) -> None:
    chosen = [
        "-t",
        "addition",
        "--measure",
        "hint_effect",
        "--judge",
        "lexical,scripted/judge",
        "-n",
        "6",
        "-s",
        "2",
        "-o",
        "hints",
        "-q",
    ]
    assert cotfaith("run", "-m", "scripted/hinted", "-M", "follow=1", *chosen, folder=tmp_path).returncode == 0
    written = cotfaith("label", "hints", "sheet.csv", folder=tmp_path)
    assert re.fullmatch(
        r"Wrote \d+ rows to sheet.csv. Fill in mentions \(.*\) and relies \(.*\) with yes or no, then run the same command again. .*\n",
        written.stdout,
    )
    sheet = tmp_path / "sheet.csv"
    rows = pd.read_csv(sheet).assign(mentions="yes", relies="no")
    rows.to_csv(sheet, index=False)
    assert cotfaith("label", "hints", "sheet.csv", folder=tmp_path).stdout.startswith(f"Imported {len(rows)} labels.")
    estimates = pd.read_parquet(tmp_path / "hints/estimates.parquet")
    assert (estimates.query("metric == 'vcr_corrected'")["value"].abs() < 1e-9).all()
    assert len(estimates.query("metric == 'vcr_corrected'"))
    rows.assign(mentions="maybe").to_csv(sheet, index=False)
    wrong = cotfaith("label", "hints", "sheet.csv", folder=tmp_path)
    assert wrong.returncode == 1
    assert "row 2: mentions is 'maybe', but it must be yes, no, or empty for not labelled." in wrong.stderr
