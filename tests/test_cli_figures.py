"""The command `figures`: what it writes, what it prints, what it names and leaves out, and how it fails."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

pytestmark = pytest.mark.integration


def cotfaith(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as a user runs it."""
    command = [sys.executable, "-m", "cotfaith", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, env={**os.environ, "COLUMNS": "100"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of two personas."""
    import cotfaith as library

    place = tmp_path_factory.mktemp("figures")
    names = ["scripted/mixed", "scripted/post-hoc"]
    library.run(model=names, task="addition", limit=4, samples=2, out=place / "runs" / "one", quiet=True)
    return place


def test_the_list_names_figures_and_sets(folder: Path) -> None:
    done = cotfaith(folder, "figures", "list")
    assert (done.returncode, done.stderr) == (0, "")
    sets, figures = done.stdout.split("\nFigures\n")
    assert "lanham2023  " in sets
    assert "paper: Turpin et al. 2023 (arXiv 2305.04388)" in sets
    assert "same-answer  " in figures


def test_a_papers_figures_are_written_and_what_the_run_lacks_is_named(folder: Path) -> None:
    done = cotfaith(folder, "figures", "lanham2023", "runs/one", "--out", "paper", "--width", "column")
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert lines[1] == "figure2: paper/figure2.pdf, paper/figure2.svg, paper/figure2.png"
    skipped = [line for line in lines if line.startswith("Skipped")]
    assert [line.partition(":")[0] for line in skipped] == [
        f"Skipped figure{i}" for i in ("4", "4-all-lengths", "6", "6-all-lengths", "7", "8")
    ]
    assert (
        skipped[1]
        == "Skipped figure4-all-lengths: this run has no estimates of same_answer_after_mistake; the measure adding_mistakes reports them."
    )
    names = {path.name for path in (folder / "paper").iterdir()}
    drawn = ("figure2-lengths", "figure2", "figure3", "figure3-all-lengths", "figure5")
    assert names == {f"{name}.{form}" for name in drawn for form in ("pdf", "svg", "png", "csv")} | {"table2.tex", "table2.csv"}
    estimates = pd.read_parquet(folder / "runs" / "one" / "estimates.parquet")
    points = pd.read_csv(folder / "paper" / "figure3-all-lengths.csv")
    own = estimates[(estimates["metric"] == "same_answer") & (estimates["stratum"] == "")]
    assert points["value"].tolist() == pytest.approx(own["value"].tolist())
    assert "AQuA" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    again = cotfaith(folder, "figures", "lanham2023", "runs/one", "--out", "paper", "--width", "column", "--format", "pdf")
    assert again.stderr.splitlines()[1] == "figure2: paper/figure2.pdf (replaced)"
    latex = (folder / "paper" / "table2.tex").read_text()
    assert latex.startswith(r"\begin{table}")
    assert r"\label{tab:lanham2023-table2}" in latex
    assert "cotfaith figures lanham2023 runs/one --out paper --width column" in (
        folder / "paper" / "figure3.pdf"
    ).read_bytes().decode("latin-1")


def test_a_figure_is_written_in_the_formats_that_are_asked_for(folder: Path) -> None:
    done = cotfaith(folder, "figures", "same-answer", "runs/one", "--out", "one", "--format", "svg", "--width", "4")
    assert (done.returncode, done.stderr) == (0, "same-answer: one/same-answer.svg\n")
    assert {path.name for path in (folder / "one").iterdir()} == {"same-answer.svg", "same-answer.csv"}
    assert 'width="288pt"' in (folder / "one" / "same-answer.svg").read_text()
    assert ">chance<" in (folder / "one" / "same-answer.svg").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("mistakes", "runs/one"),
            "Nothing of mistakes could be drawn (mistakes: this run has no estimates of same_answer_after_mistake; the measure",
        ),
        (
            ("over-size", "runs/one"),
            "(over-size: fewer than two models have a known number of parameters): give a run with its measures.",
        ),
        (("lanham2023",), "The figures of lanham2023 are drawn from runs: give one or more run directories."),
        (("lanham", "runs/one"), "Unknown figure 'lanham': did you mean 'lanham2023'?"),
        (("same-answer", "runs/one", "--format", "gif"), "The format 'gif' is none of a figure: choose from pdf, png, svg."),
        (
            ("same-answer", "runs/one", "--width", "wide"),
            "The width 'wide' is none: give column (3.3 inches), page (6.8 inches) or 2 to 20 inches.",
        ),
        (("same-answer", "runs/one", "runs/one"), "A run is given twice: give each run once."),
        (("same-answer", "runs/none"), "runs/none"),
        (("same-answer", "runs/one", "--out", "runs/one/manifest.json"), "cannot be made: File exists: give another --out."),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_sentence(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    done = cotfaith(folder, "figures", *arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert said in line


def test_published_outputs_need_no_run(folder: Path) -> None:
    done = cotfaith(folder, "figures", "turpin2023", "--out", "turpin", "--format", "svg")
    assert done.returncode == 0
    assert {path.suffix for path in (folder / "turpin").iterdir()} == {".svg", ".csv", ".tex"}
    assert "unfaithful_nocot" in done.stdout
    assert ">published<" in (folder / "turpin" / "figure1-published.svg").read_text()
