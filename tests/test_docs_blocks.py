"""Every block of code that a page of docs/ shows.

A block of Python runs, is a file of this repository that other tests run, or has the mark `<!-- not run: needs ... -->` on the line above it. What needs a
GPU or a hub has such a mark, and nothing else. Commands run in `test_docs_commands.py`; here every line of their blocks is one. Data are read.
"""

from __future__ import annotations

import json
import re
import textwrap
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import commands
import pytest
import yaml
from plugins import shell

import cotfaith

ROOT = commands.ROOT
PAGES = tuple(page for page in commands.PAGES if page.name != "README.md")
LANGUAGES = {"", "sh", "console", "text", "python", "yaml", "json", "toml"}
FILES = tuple(one for folder in ("tests/pack", "interventions") for one in (ROOT / folder).rglob("*.*") if one.suffix in {".py", ".yaml", ".toml"})  # fmt: skip
INSTALLS = re.compile(
    r"pip install ('cotfaith\[\w+\]'|cotfaith|\.|tests/pack)"
)  # what a reader does once, and what `make wheel` tries

_BLOCK = re.compile(r"^(?:<!-- not run: (?P<why>.*) -->\n)?(?P<pad> *)(?P<fence>`{3,})(?P<language>\w*)\n(?P<text>.*?)^(?P=pad)(?P=fence)`*$", re.MULTILINE | re.DOTALL)  # fmt: skip
_REASON = re.compile(r"needs .*\b(?:GPU|hub)\b.*")


@dataclass(frozen=True)
class Block:
    """A block of code, and why it is not run, if it says so."""

    language: str
    text: str
    why: str | None

    @property
    def is_file(self) -> bool:
        """Whether it is a whole file of the repository."""
        return any(self.text.strip() == one.read_text(encoding="utf-8").strip() for one in FILES)


def blocks(text: str) -> Iterator[Block]:
    for one in _BLOCK.finditer(text):
        yield Block(one["language"], textwrap.dedent(one["text"]), one["why"])


SHOWN: Mapping[str, list[Block]] = {str(page.relative_to(ROOT / "docs")): list(blocks(page.read_text("utf-8"))) for page in PAGES}


def python(page: str) -> list[str]:
    """The blocks of Python of a page that are to be run, in their order."""
    return [one.text for one in SHOWN[page] if one.language == "python" and one.why is None and not one.is_file]


RUN = [page for page in SHOWN if python(page)]
PACKED = "write_your_own.md"  # its block is a test of the example pack
WEIGHTS = "models.md"  # its block converts a checkpoint


# --- Python -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the run that the home page makes."""
    folder = tmp_path_factory.mktemp("first")
    cotfaith.run(model="scripted/mixed", task="addition", limit=20, samples=2, out=folder / "runs" / "first", quiet=True)
    return folder


def run(page: str) -> dict[str, Any]:
    """What the blocks of a page leave behind, one after the other."""
    space: dict[str, Any] = {}
    for block in python(page):
        exec(compile(block, f"docs/{page}", "exec"), space)
    return space


def _of_figures(space: Mapping[str, Any]) -> None:
    assert Path("curve.pdf").read_bytes().startswith(b"%PDF")
    assert len(Path("curve.csv").read_text().splitlines()) == len(space["drawing"].points) + 1


def _of_power(space: Mapping[str, Any]) -> None:
    assert len(space["rows"]) == 40
    assert 0 < space["rows"]["changed"].mean() < 1


def _of_python(space: Mapping[str, Any]) -> None:
    assert set(space["run"].traces()["source"]) == {"given"}
    assert len(space["again"].estimates().query("measure == 'says_so'"))


def _of_statistics(space: Mapping[str, Any]) -> None:
    shown = (
        cotfaith.open_run("runs/first")
        .estimates()
        .query("measure == 'reasoning_gain' and metric == 'accuracy_full' and stratum == ''")
    )
    assert space["right"].value == pytest.approx(shown["value"].item())
    assert (space["right"].low, space["right"].high) == pytest.approx((shown["low"].item(), shown["high"].item()))


def _of_table(space: Mapping[str, Any]) -> None:
    assert set(space["rows"]["state"]) == {"answered"}
    assert len(space["rows"]) == len(space["run"].probes())


AFTER: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "figures.md": _of_figures,
    "power.md": _of_power,
    "python.md": _of_python,
    "statistics.md": _of_statistics,
    "table.md": _of_table,
    "index.md": lambda space: _same(set(space["run"].summary()["measure"]), {"early_answering", "filler_tokens", "reasoning_gain"}),
    "reading.md": lambda space: _same("unanswered" in set(space["everything"]["metric"]), True),
    "scale.md": lambda space: _same(
        set(space["comparison"].trends["reading"]) >= {"models of this size", "these checkpoints"}, True
    ),
    "engines.md": lambda space: _same(space["MyOptions"](retries=5).retries, 5),
}


def _same(found: object, expected: object) -> None:
    assert found == expected


def test_every_page_whose_code_runs_is_checked_by_what_it_leaves() -> None:
    assert set(RUN) == {*AFTER, PACKED, WEIGHTS}


@pytest.mark.parametrize("page", AFTER)
def test_the_python_of_a_page_runs(page: str, first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    commands.settle(tmp_path, first, ["runs/first"])
    AFTER[page](run(page))


def test_the_test_that_a_plug_in_can_have_runs(pack: Path, tmp_path: Path) -> None:
    (block,) = python(PACKED)
    names = re.findall(r"^def (test_\w+)", block, re.MULTILINE)
    assert names
    shell.run("\n".join([block, *(f"{name}()" for name in names)]), folder=tmp_path, path=[pack])


@pytest.mark.integration
@pytest.mark.model
def test_a_checkpoint_in_bin_is_converted_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch
    from engines import tiny

    from cotfaith.engines.shared.quiet import quiet
    from cotfaith.engines.transformers import TransformersEngine
    from cotfaith.errors import EngineError

    monkeypatch.chdir(tmp_path)
    model = tiny.model()
    with quiet():
        model.config.save_pretrained("old-model")
        torch.save(model.state_dict(), "old-model/pytorch_model.bin")
        tiny.byte_level().save_pretrained("old-model")
    with pytest.raises(
        EngineError, match=r"has no safetensors weights, and pickles are not loaded: convert it to safetensors first"
    ):
        TransformersEngine("./old-model")
    with quiet():
        run(WEIGHTS)
    engine = TransformersEngine("./new-model")
    assert engine.info.parameters == model.num_parameters()
    engine.close()


def test_what_is_not_run_needs_a_gpu_or_a_hub_and_still_is_python() -> None:
    marked = [one for those in SHOWN.values() for one in those if one.why is not None]
    assert marked
    for one in marked:
        assert one.language == "python"
        assert _REASON.fullmatch(one.why or "")
        compile(one.text, "docs", "exec")


# --- Everything else --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", SHOWN)
def test_a_block_is_of_a_language_that_is_tested(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert len(re.findall(r"^<!-- not run: ", text, re.MULTILINE)) == sum(one.why is not None for one in SHOWN[page])
    for one in SHOWN[page]:
        assert one.language in LANGUAGES
        if one.language in {"", "text"}:
            assert not re.search(r"^(?:import|from \S+ import|def|class) ", one.text, re.MULTILINE) or page == "hints.md"


def test_every_line_of_a_block_of_commands_is_one_that_is_run() -> None:
    shown = {command for _, _, command in commands.blocks()}
    for page, those in SHOWN.items():
        for block in (one for one in those if one.language in {"", "sh", "console"}):
            lines = [line.strip().removeprefix("$ ") for line in block.text.splitlines() if line.strip()]
            assert lines[0] in shown or INSTALLS.match(lines[0]), page
            if page != "power.md":  # where what a command prints stands below it; tests/planning has a test of that
                assert [line for line in lines if line not in shown and not INSTALLS.fullmatch(line)] == [], page


def test_every_block_of_data_can_be_read() -> None:
    count = 0
    for those in SHOWN.values():
        for one in those:
            if one.language == "yaml":
                assert isinstance(yaml.safe_load(one.text), dict)
            elif one.language == "json":
                assert all(isinstance(json.loads(line), dict) for line in one.text.splitlines())
            elif one.language == "toml":
                assert tomllib.loads(one.text)
            count += one.language in {"yaml", "json", "toml"}
    assert count > 10


def test_the_proof_can_fail() -> None:
    (one, other) = blocks("<!-- not run: it is slow -->\n```python\nx\n```\n\n```python\ny\n```\n")
    assert (one.why, other.why) == ("it is slow", None)
    assert not _REASON.fullmatch(one.why or "")
    assert not other.is_file
