"""The built wheel in a fresh environment, from another folder: what a user gets with `pip install`. `make wheel`"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
pytestmark = [pytest.mark.wheel, pytest.mark.slow]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new virtual environment with the wheel, its base dependencies and nothing else."""
    wheels = sorted((ROOT / "dist").glob("cotfaith-*.whl"))
    assert wheels, "build the wheel first: make wheel"
    folder = tmp_path_factory.mktemp("fresh") / "env"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-c", ROOT / "constraints.txt"]
    subprocess.run([*pip, wheels[-1]], check=True)
    return folder


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere")


def cotfaith(environment: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [environment / "bin" / "cotfaith", *arguments]
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=False)


def test_the_demo_runs(environment: Path, elsewhere: Path) -> None:
    done = cotfaith(environment, elsewhere, "demo", "--model", "scripted/mixed", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("scripted/mixed on addition\n")
    assert "early_answering  aoc" in done.stdout
    assert (elsewhere / "runs/demo-scripted-mixed/report.html").exists()


def test_the_figures_of_a_paper_are_drawn(environment: Path, elsewhere: Path) -> None:
    done = cotfaith(
        environment, elsewhere, "figures", "lanham2023", "runs/demo-scripted-mixed", "--out", "paper", "--format", "pdf"
    )
    assert done.returncode == 0, done.stderr
    assert (elsewhere / "paper" / "figure3.pdf").read_bytes().startswith(b"%PDF")
    assert {"the paper's", "175B model"} <= {part for line in done.stdout.splitlines() for part in re.split(r"\s{2,}", line)}
    absent = cotfaith(environment, elsewhere, "figures", "turpin2023", "--out", "paper")
    assert (absent.returncode, "run it from a clone" in absent.stderr) == (1, True)


def test_both_interventions_are_listed(environment: Path, elsewhere: Path) -> None:
    said = cotfaith(environment, elsewhere, "list", "interventions").stdout
    assert "truncation" in said
    assert "filler" in said


def test_a_third_party_pack_appears_once_installed(environment: Path, elsewhere: Path) -> None:
    assert "drop_last" not in cotfaith(environment, elsewhere, "list", "interventions").stdout
    pip = [environment / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", ROOT / "tests" / "pack"]
    subprocess.run(pip, check=True)
    said = cotfaith(environment, elsewhere, "list", "interventions").stdout
    assert "drop_last" in said
    assert "cotfaith-example-pack" in said


def test_the_study_of_the_pack_runs_to_its_report_and_its_table(environment: Path, elsewhere: Path) -> None:
    for name in ("study.yaml", "reasonings.txt"):
        shutil.copy(ROOT / "tests" / "pack" / name, elsewhere)
    done = cotfaith(environment, elsewhere, "run", "study.yaml", "--out", "pack", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert "counting/small on largest" in done.stdout
    for measure in ("early_answering", "hint_effect", "first_letter", "answer_changed"):
        assert re.search(rf"^{measure} ", done.stdout, re.MULTILINE), done.stdout
    page = (elsewhere / "pack" / "report.html").read_text(encoding="utf-8")
    assert "Answers A without reasoning" in page
    again = cotfaith(environment, elsewhere, "estimate", "pack", "--format", "csv").stdout
    assert {"rumour", "naming", "drop_last"} <= set(re.split(r"[,\n]", again))


def test_only_our_packages_are_installed(environment: Path) -> None:
    (record,) = environment.glob("lib/python*/site-packages/cotfaith-*.dist-info/RECORD")
    tops = {line.split("/")[0] for line in record.read_text().splitlines() if not line.startswith(("..", "cotfaith-"))}
    assert tops == {"cotfaith", "interventions", "paper_figures"}
    assert "cotfaith/py.typed" in record.read_text()
    assert "interventions/py.typed" in record.read_text()
    assert "paper_figures/lanham2023.py" in record.read_text()
    assert "paper_figures/throughput.py" not in record.read_text()
