"""Every command that a document shows, in a real terminal of 80 and of 200 columns.

Where a document names a model, a data set or a run that this machine cannot have, `commands.py` has a stand-in. A command is run
unless `commands.LISTED` says why not.
"""

import os
from pathlib import Path

import commands
import pytest
import terminal
import typer

from cotfaith import cli

pytestmark = pytest.mark.integration

WIDTHS = (80, 200)
PACKED = {"docs/write_your_own.md", "docs/prompts.md"}  # pages for which the example pack is installed


def planned() -> list[tuple[str, int, bool]]:
    """Each command with a width, and whether it is of a page that needs the example pack."""
    return [(line, width, bool(PACKED & set(pages))) for line, pages in commands.shown().items() for width in WIDTHS]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("home")
    commands.home(made)
    return made


@pytest.mark.parametrize(("line", "columns", "packed"), planned(), ids=str)
def test_a_command_of_the_documents_ends_well(
    line: str, columns: int, packed: bool, *, home: Path, pack: Path, tmp_path: Path
) -> None:
    words = commands.stand_in(line)
    commands.settle(tmp_path, home, words)
    path = [str(pack)] * packed + [one for one in (os.environ.get("PYTHONPATH"),) if one]
    environment = {"HF_HUB_OFFLINE": "1", "PYTHONPATH": os.pathsep.join(path)}
    session = terminal.run([*terminal.COTFAITH, *words], tmp_path, columns=columns, environment=environment)
    assert terminal.well(session), session.seen[-3000:]


def test_every_document_that_explains_use_shows_commands() -> None:
    pages = {page for found in commands.shown().values() for page in found}
    assert {
        "README.md",
        *(f"docs/{name}.md" for name in ("tasks", "studies", "table", "models", "prompts", "write_your_own")),
    } <= pages
    assert len(commands.shown()) > 40


def test_no_command_hides_in_a_block_of_another_language() -> None:
    assert [one for one in commands.blocks() if one[1] not in commands.LANGUAGES] == []


def test_what_is_listed_as_not_run_is_shown_and_has_a_reason() -> None:
    lines = {commands.plain(line) for _, _, line in commands.blocks()}
    assert set(map(commands.plain, commands.LISTED)) <= lines
    assert all(commands.LISTED.values())


@pytest.mark.parametrize(("page", "line"), sorted(set(commands.inline())), ids=str)
def test_a_command_within_a_sentence_is_one(page: str, line: str) -> None:
    name, *rest = line.split()
    known = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]  # it is a group
    assert name in known
    if rest:
        known[name].make_context(name, rest)


def test_the_proof_can_fail(tmp_path: Path) -> None:
    session = terminal.run([*terminal.COTFAITH, "run", "--sampels", "3"], tmp_path)
    assert not terminal.well(session)
    assert not terminal.well(terminal.Session(0, "cotfaith: the progress display failed"))
