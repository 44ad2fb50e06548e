"""A package whose plug-ins fail stops nothing else, and each failure is one sentence that names the package."""

from pathlib import Path

import pytest
from plugins.shell import python

pytestmark = pytest.mark.integration

CODE = {
    "broken_pack/__init__.py": "",
    "broken_pack/leaving.py": "import sys\nsys.exit('no licence')\n",
    "broken_pack/figure.py": (
        "from cotfaith.contracts import figure\n"
        "@figure('early_answering', 'aoc', 'A figure', 'It fails.')\n"
        "def failing(estimates, *, width):\n    return 1 / 0\n"
    ),
    "broken_pack/measure.py": (
        "from dataclasses import dataclass\nfrom cotfaith.measures.early_answering import EarlyAnswering\n"
        "@dataclass(frozen=True)\nclass Empty(EarlyAnswering):\n    name = 'empty'\n    metrics = ()\n"
        "@dataclass(frozen=True)\nclass Failing(EarlyAnswering):\n    name = 'failing'\n"
        "    def estimates(self, table, *, level, seed):\n        return {}['no such key']\n"
    ),
    "broken_pack/reader.py": (
        "def nothing(path):\n    return None\n\ndef refusing(path):\n    raise ValueError('row 3 has no question')\n"
    ),
    "broken_pack-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: broken-pack\nVersion: 1.0\n",
    "broken_pack-1.0.dist-info/top_level.txt": "broken_pack\n",
    "broken_pack-1.0.dist-info/entry_points.txt": (
        "[cotfaith.judges]\nleaving = broken_pack.leaving:Judge\n"
        "[cotfaith.strategies]\nfew_shot = broken_pack.leaving:Strategy\n"
        "[cotfaith.figures]\nfailing = broken_pack.figure:failing\nwrong = broken_pack.figure:__name__\n"
        "[cotfaith.measures]\nempty = broken_pack.measure:Empty\nfailing = broken_pack.measure:Failing\n"
        "[cotfaith.importers]\nnothing = broken_pack.reader:nothing\nrefusing = broken_pack.reader:refusing\n"
    ),
}
SMALL = ["run", "-m", "scripted/mixed", "-t", "addition", "-n", "2"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    for name, text in CODE.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def cotfaith(site: Path, folder: Path, *words: str):
    done = python("-m", "cotfaith", *words, folder=folder, path=[site])
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.mark.parametrize("kind", ["judges", "figures", "measures", "strategies", "importers"])
def test_a_list_shows_the_healthy_and_the_broken(site: Path, tmp_path: Path, kind: str) -> None:
    done = cotfaith(site, tmp_path, "list", kind)
    assert done.returncode == 0
    said = {
        "judges": "cannot be loaded: The judge 'leaving' is registered by broken-pack 1.0",
        "figures": "failing",
        "measures": "cannot be described",
        "strategies": "cannot be used: The strategy 'few_shot' is offered by",
        "importers": "refusing",
    }
    assert said[kind] in done.stdout


def test_a_figure_that_fails_is_said_on_the_page(site: Path, tmp_path: Path) -> None:
    done = cotfaith(site, tmp_path, *SMALL, "--out", "r")
    assert done.returncode == 0, done.stderr
    assert "The page lacks figure 'wrong'" in done.stderr
    page = (tmp_path / "r" / "report.html").read_text()
    assert "Figure failing failed (ZeroDivisionError: division by zero)" in page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--measure", "failing"], "The package broken-pack failed in broken_pack.measure, line 11 (KeyError: 'no such key')"),
        (["--measure", "empty"], "Measure 'empty' does not declare one headline among its metrics"),
        (["--measure", "hint_effect", "-s", "2", "--judge", "leaving"], "The judge 'leaving' is registered by broken-pack 1.0"),
        (["--traces", "t", "--importer", "nothing"], "Importer nothing returned a NoneType, not a GivenTrace"),
        (["--traces", "t", "--importer", "refusing"], "broken-pack failed in broken_pack.reader, line 5 (ValueError: row 3 has no"),
    ],
)
def test_a_failure_is_one_sentence(site: Path, tmp_path: Path, words: list[str], said: str) -> None:
    done = cotfaith(site, tmp_path, *SMALL, "--out", "r", "-q", *words)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
