"""LaTeX: every table compiles as it is, whatever names it holds."""

import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

import cotfaith
from cotfaith import tables
from cotfaith.tables import formats

DOCUMENT = "\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n%s\n\\end{document}\n"
STRANGE = r"a_b%c&d#e$f{g}h\i^j~k<l>m|n [o] *p"


def compiles(tabular: str, folder: Path) -> str:
    """What TeX typeset, as text in its log; the test fails where it stopped."""
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed (Debian: texlive-latex-recommended)")
    (folder / "table.tex").write_text(DOCUMENT % tabular, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert (folder / "table.pdf").stat().st_size > 1000
    return done.stdout


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> cotfaith.Run:
    path = tmp_path_factory.mktemp("latex")
    return cotfaith.run(model=("scripted/mixed", "scripted/post-hoc"), task="addition", limit=4, samples=2, out=path, quiet=True)


def test_the_table_of_estimates_compiles(run: cotfaith.Run, tmp_path: Path) -> None:
    compiles(tables.render(run.estimates(), "latex"), tmp_path)


def test_the_table_of_a_sensitivity_compiles(run: cotfaith.Run, tmp_path: Path) -> None:
    compiles(tables.sensitivity.render(run.sensitivity(), "latex"), tmp_path)


def test_the_tables_of_a_comparison_compile(run: cotfaith.Run, tmp_path: Path) -> None:
    made = cotfaith.compare([run.path], x={"scripted/mixed": "1B", "scripted/post-hoc": "2B"})
    compiles(tables.comparison.render(made, "latex"), tmp_path)


def test_strange_names_compile(run: cotfaith.Run, tmp_path: Path) -> None:
    strange = run.estimates().assign(model=STRANGE, kind="[0, 1]")
    assert isinstance(strange, pd.DataFrame)
    compiles(tables.render(strange, "latex"), tmp_path)


def test_a_name_that_is_not_escaped_would_not_compile(tmp_path: Path) -> None:
    good = formats.latex(["a", "b"], [[STRANGE, "1"]], words=1)
    compiles(good, tmp_path)
    with pytest.raises(AssertionError):
        compiles(good.replace(r"\_", "_"), tmp_path)
