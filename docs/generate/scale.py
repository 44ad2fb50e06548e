"""The tables of docs/statistics.md on claims over tasks and readings over model size: what each holds fixed, how often it rejects a true null.

Run: python -m docs.generate.scale
"""

import json
from pathlib import Path
from typing import Any

from benchmarks.results import FOLDER
from cotfaith.analysis.over_tasks import LIKE, THESE, WEIGHTED
from cotfaith.analysis.scale_readings import every
from docs.generate.readme import fill

_LEGEND = (
    "Per cent of tests with p below {alpha:g} / per cent of studies in which the family of two metrics has an adjusted p below it. "
    "{studies:,} simulated studies of each design, so that a share of 5 % of studies has a Monte Carlo error of {error:.1f} points."
)
PAGE = Path(__file__).parents[2] / "docs" / "statistics.md"


def readings() -> str:
    """Every reading with what it holds fixed."""
    rows = [f"| {one.name} | {one.held} |" for one in every()]
    return "\n".join(["| reading | what it holds fixed |", "|---|---|", *rows])


def claims() -> str:
    """Every claim over tasks with what it holds fixed."""
    rows = [f"| {one.name} | {one.held} |" for one in (THESE, LIKE, WEIGHTED)]
    return "\n".join(["| claim | what it holds fixed |", "|---|---|", *rows])


def nulls() -> str:
    """The share of simulated studies in which each reading rejects, from the kept results."""
    found = json.loads((FOLDER / "nulls_scale.json").read_text(encoding="utf-8"))
    designs = [*found["nulls"], *found["positive controls"]]
    numbers = [
        *(f"null {i + 1}" for i in range(len(found["nulls"]))),
        *(f"control {i + 1}" for i in range(len(found["positive controls"]))),
    ]
    head = f"| reading | {' | '.join(numbers)} |"
    rows = [f"| {name} | {' | '.join(_cell(one['readings'][name]) for one in designs)} |" for name in designs[0]["readings"]]
    said = "; ".join(f"{number}: {one['name']}" for number, one in zip(numbers, designs, strict=True))
    rule = "|---|" + "---:|" * len(designs)
    error = 100 * found["monte_carlo_se_of_a_family"]
    return "\n".join(
        [head, rule, *rows, "", _LEGEND.format(alpha=found["alpha"], studies=found["studies"], error=error), f"{said}."]
    )


def _cell(reading: dict[str, Any]) -> str:
    """Per cent of tests, and of families after adjustment."""
    one, after = reading["rejected"], reading["families with a rejection after adjustment"]
    return "undefined" if one is None else f"{100 * one:.1f} / {100 * after:.1f}"


def main() -> None:
    """Write the tables into the page."""
    fill(PAGE, {"claims": claims(), "readings": readings(), "nulls over scale": nulls()})


if __name__ == "__main__":
    main()
