"""Documents that cannot go stale: every command that they show is one that the command line takes, every path is there."""

import re
import shlex
from pathlib import Path

import click
import pytest
import typer

import cotfaith
from cotfaith import cli
from cotfaith.measures import MEASURES
from cotfaith.study import Study, make
from cotfaith.version import __version__

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line.split("#")[0].strip() for _, block in BLOCKS for line in block.splitlines() if line.startswith("cotfaith ")]


def parse(arguments: list[str]) -> None:
    """Parse as the command line does, without running anything."""
    command = typer.main.get_command(cli.app)
    name, *rest = arguments
    inner = command.commands[name]
    inner.make_context(name, rest)


def test_the_readme_shows_commands() -> None:
    assert len(COMMANDS) > 4


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_readme_is_one(line: str) -> None:
    parse(shlex.split(line.split(">", maxsplit=1)[0])[1:])


def test_the_proof_can_fail() -> None:
    with pytest.raises(Exception, match="No such option") as caught:
        parse(["run", "--sampels", "3"])
    assert isinstance(caught.value, click.ClickException) or "NoSuchOption" in type(caught.value).__name__


def test_the_study_of_the_readme_is_valid() -> None:
    import yaml

    (text,) = [block for kind, block in BLOCKS if kind == "yaml"]
    study = make(yaml.safe_load(text))
    assert set(study.probing()) == {"truncation", "filler", "mistake", "paraphrase"}
    assert text == (ROOT / "studies" / "lanham.yaml").read_text(encoding="utf-8")
    assert isinstance(study, Study)


def test_the_python_of_the_readme_uses_what_there_is() -> None:
    text = "\n".join(block for kind, block in BLOCKS if kind == "python")
    compile(text, "README.md", "exec")
    assert text.count("cotfaith.run(") == 2
    for name in re.findall(r"cotfaith\.(\w+)", text):
        assert hasattr(cotfaith, name)
    for name in re.findall(r"run\.(\w+)\(", text):
        assert hasattr(cotfaith.Run, name)


def test_every_file_that_the_documents_name_is_there() -> None:
    for document in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if not link.startswith("http")]
        modules = [
            name.replace(".", "/")
            for name in re.findall(r"python -m (benchmarks(?:\.\w+)+|paper_figures\.\w+|docs\.generate\.\w+)", text)
        ]
        for name in links:
            assert (ROOT / name).exists(), f"{document} names {name}"
        for name in modules:
            assert (ROOT / f"{name}.py").exists() or (ROOT / name / "__main__.py").exists(), f"{document} names {name}"


@pytest.mark.parametrize("page", ["statistics.md", "power.md", "figures.md"])
def test_every_command_of_these_pages_is_one(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    commands = [line for line in text.splitlines() if line.startswith("cotfaith ")]
    assert commands
    for line in commands:
        parse(shlex.split(line)[1:])


def test_every_name_of_the_page_of_statistics_is_there() -> None:
    from cotfaith import stats

    text = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    (names,) = re.findall(r"from cotfaith.stats import (.*)", block)
    told = re.findall(r"`(?:stats\.)?([a-z_.]+)`", text.split("## From Python")[1])
    for name in [*names.split(", "), *(one for one in told if not one.startswith(("cotfaith", "estimate.")))]:
        place: object = stats
        for part in name.split("."):
            place = getattr(place, part)


def test_every_measure_is_in_the_readme() -> None:
    for name in MEASURES:
        assert f"`{name}`" in README


def test_the_version_is_everywhere_the_same() -> None:
    assert f"version: {__version__}" in (ROOT / "CITATION.cff").read_text()
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()
