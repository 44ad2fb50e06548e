"""What holds of the whole: light imports, public names, the layers. Each proof has a proof that it can fail."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cotfaith

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "transformers", "pandas", "seaborn", "matplotlib", "statsmodels", "datasets")


def loaded_by(code: str) -> set[str]:
    """Which heavy libraries are loaded once `code` has run in a fresh interpreter."""
    show = f"\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code + show], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


HELP = (
    "import sys\nsys.argv = ['cotfaith', '--help']\nfrom cotfaith.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass"
)


def test_help_loads_no_heavy_library() -> None:
    assert loaded_by(HELP) == set()


@pytest.mark.parametrize("kind", ["tasks", "engines", "interventions", "measures", "models"])
def test_listing_loads_no_model_library(kind: str) -> None:
    loaded = loaded_by(HELP.replace("'--help'", f"'list', {kind!r}"))
    assert loaded <= (
        {"pandas"} if kind == "measures" else set()
    )  # a measure is a class on tables, and its summary is on the class


def test_options_of_engines_load_no_model_library() -> None:
    code = (
        "from cotfaith.plugins import registry\nfor name in registry.names('cotfaith.engines'):\n"
        "    registry.build(registry.load('cotfaith.engines', name), {})"
    )
    assert loaded_by(code) == set()
    assert "torch" in loaded_by("import cotfaith.engines.transformers as t\nt.TransformersEngine")


def test_import_cotfaith_is_light() -> None:
    assert loaded_by("import cotfaith\ncotfaith.Question") == set()


def test_the_proof_of_light_imports_can_fail() -> None:
    assert loaded_by("import cotfaith\nimport pandas") == {"pandas"}
    assert "pandas" in loaded_by("import cotfaith.analysis.estimate")


def test_a_scripted_run_loads_no_model_library() -> None:
    code = HELP.replace("'--help'", "'run', '--model', 'scripted/mixed', '--task', 'addition', '--dry-run'")
    assert loaded_by(code) & {"torch", "transformers", "datasets"} == set()


def test_public_names() -> None:
    assert set(dir(cotfaith)) == {
        "Comparison", "CotfaithError", "Estimate", "Probe", "Question", "Reading", "Run", "Study", "Trace", "__version__", "compare", "open_run", "run",
    }  # fmt: skip
    for name in cotfaith.__all__:
        assert getattr(cotfaith, name)
    with pytest.raises(AttributeError, match="has no attribute 'runs_'"):
        cotfaith.runs_  # noqa: B018


def test_files_stay_small() -> None:
    sizes = {
        path: len(path.read_text().splitlines())
        for folder in ("cotfaith", "interventions")
        for path in (ROOT / folder).rglob("*.py")
    }
    assert len(sizes) > 20
    assert {str(path.relative_to(ROOT)): lines for path, lines in sizes.items() if lines > 300} == {}


def forbidden(source: str) -> list[str]:
    """Where `source` evaluates text, unpickles or opens a shell."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and node.id in {"eval", "exec"}:
            found.append(node.id)
        if isinstance(node, ast.Import | ast.ImportFrom):
            found += [name.name for name in node.names if name.name.partition(".")[0] in {"pickle", "dill", "cloudpickle"}]
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.system", "pickle.loads", "torch.load", "np.load"}:
            found.append(ast.unparse(node))
        if isinstance(node, ast.keyword) and node.arg == "shell":
            found.append("shell")
    return found


def test_nothing_evaluates_text_unpickles_or_opens_a_shell() -> None:
    for folder in ("cotfaith", "interventions", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            assert forbidden(path.read_text()) == [], path


@pytest.mark.parametrize("source", ["eval('1')", "import pickle", "os.system('ls')", "run('ls', shell=True)", "torch.load(path)"])
def test_the_proof_of_what_is_forbidden_can_fail(source: str) -> None:
    assert forbidden(source)
