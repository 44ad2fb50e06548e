"""`cotfaith.contracts` is the public surface: complete, light, and all that a package of pieces needs."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from cotfaith import contracts
from cotfaith.plugins import registry

ROOT = Path(__file__).parents[2]
PACK = sorted((ROOT / "tests/pack/cotfaith_example_pack").glob("*.py"))
PUBLIC = {"cotfaith.contracts", "cotfaith.types", "cotfaith.errors", "cotfaith.seeds", "cotfaith"}
ARITHMETIC = ("cotfaith.stats", "cotfaith.measures.parts")  # what a measure may use besides


def imported(path: Path) -> set[str]:
    """The modules of cotfaith that the file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"cotfaith.{one.name}" for one in node.names} if node.module == "cotfaith" else {node.module}
    return {name for name in found if name.partition(".")[0] == "cotfaith"}


def test_every_name_is_there() -> None:
    assert all(getattr(contracts, name) for name in contracts.__all__)
    assert len(set(contracts.__all__)) == len(contracts.__all__)


def test_every_group_is_said_with_its_contract() -> None:
    assert all(f"`{group}`" in (contracts.__doc__ or "") for group in get_args(registry.Group))


def test_it_loads_nothing_heavy() -> None:
    code = "import sys, cotfaith.contracts; print(*{'pandas', 'scipy', 'torch', 'matplotlib', 'transformers'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""


@pytest.mark.parametrize("path", PACK, ids=lambda path: path.stem)
def test_the_example_pack_needs_no_more(path: Path) -> None:
    allowed = ARITHMETIC if path.stem == "measure" else ()
    assert {name for name in imported(path) if not name.startswith(allowed)} <= PUBLIC


@pytest.mark.parametrize("path", sorted((ROOT / "interventions").rglob("*.py")), ids=lambda path: path.stem)
def test_the_built_in_pack_needs_no_more(path: Path) -> None:
    assert {".".join(name.split(".")[:2]) for name in imported(path)} <= PUBLIC


def test_the_proof_can_fail() -> None:
    assert imported(ROOT / "cotfaith/study.py") - PUBLIC
