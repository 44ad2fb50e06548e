"""How often the tests of `cotfaith compare --x` reject where nothing is true, on simulated studies.

Two nulls: models that are alike but miss different numbers of answers, and size that acts through accuracy alone. Each has a positive
control, the same study with an effect. Every study has two metrics, whose tests of one reading are a family, as in `compare`. There
are no models: the studies are sums by question.

Run: python -m benchmarks.nulls_scale [STUDIES]    (1,000 studies of each design by default)
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.results import write
from cotfaith import seeds
from cotfaith.analysis.scale_readings import Covariate, Line, at_equal_accuracy, readings
from cotfaith.analysis.scale_trend import in_families
from cotfaith.stats import ClusterSums, Estimate, Key, Label, Ratio, estimate

Floats = NDArray[np.float64]

STUDIES, SEED, ALPHA, SAMPLES = 1000, 0, 0.05, 5
METRICS = ("first", "second")  # of a study: each is a share of traces
FEW = (0.3, 2.7)  # of a Beta distribution over questions with mean 0.1: most questions never change


@dataclass(frozen=True, slots=True)
class Alike:
    """Models with the same chance to change an answer on each question; from model to model it is `grows` larger (0: the null).

    `missing` is each model's share of traces without a readable answer, from the smallest model to the largest.
    """

    name: str
    missing: tuple[float, ...]
    grows: float = 0.0
    questions: int = 150


@dataclass(frozen=True, slots=True)
class ThroughAccuracy:
    """Models whose value falls with their accuracy, which rises with size. On its own, size adds `slope` per tenfold (0: the null).

    A model's accuracy is 0.5 + `gain` (x - mean x) plus a normal deviation with sd `spread`, and its value 0.5 + `effect` (accuracy -
    0.5) + `slope` (x - mean x) plus one with sd `deviation`; x is log10 of its parameters, evenly spaced from 8 to 11. With `each`, the
    effect is that of each single answer: the trace's value depends on whether its own answer is right, and on nothing else.
    """

    name: str
    slope: float = 0.0
    deviation: float = 0.03
    models: int = 11
    questions: int = 150
    gain: float = 0.12
    spread: float = 0.06
    effect: float = -0.6
    each: bool = False


Design = Alike | ThroughAccuracy

UNEQUAL, EQUAL = (0.0, 0.01, 0.03, 0.06), (0.0, 0.0, 0.0, 0.0)
DESIGNS: Mapping[str, tuple[Design, ...]] = {
    "nulls": (
        Alike("alike, all answers read", EQUAL),
        Alike("alike, unequal missing answers", UNEQUAL),
        ThroughAccuracy("size through the model's accuracy alone"),
        ThroughAccuracy("size through the model's accuracy alone, 50 questions", questions=50),
        ThroughAccuracy("size through each answer's accuracy alone", deviation=0.0, each=True),
    ),
    "positive controls": (
        Alike("rates that rise, unequal missing answers", UNEQUAL, grows=0.25),
        ThroughAccuracy("size on its own beside accuracy", slope=0.12),
    ),
}


def simulate(design: Design, random: np.random.Generator) -> list[Line]:
    """One study: a line for each metric, on the same questions and with the same accuracies."""
    x, units, right, changed = _alike(design, random) if isinstance(design, Alike) else _through_accuracy(design, random)
    accuracies = Covariate("accuracy_full", _estimates("accuracy_full", right, units))
    return [Line(x, _estimates(name, one, units), accuracies) for name, one in zip(METRICS, changed, strict=True)]


Counts = tuple[
    list[float], Floats, Floats, list[Floats]
]  # x; units, right and (by metric) changed ones, of shape (questions, models)


def _alike(design: Alike, random: np.random.Generator) -> Counts:
    x = 8.0 + np.arange(len(design.missing), dtype=np.float64)
    units = SAMPLES - random.binomial(SAMPLES, design.missing, (design.questions, len(x)))
    rise = 1 + design.grows * np.arange(len(x))
    chances = [np.minimum(random.beta(*FEW, (design.questions, 1)) * rise, 1.0) for _ in METRICS]
    right = random.binomial(units, random.random((design.questions, 1)))
    return x.tolist(), units, right, [random.binomial(units, chance) for chance in chances]


def _through_accuracy(design: ThroughAccuracy, random: np.random.Generator) -> Counts:
    x = np.linspace(8.0, 11.0, design.models)
    off, units = x - x.mean(), np.full((design.questions, design.models), SAMPLES)
    accuracy = np.clip(0.5 + design.gain * off + design.spread * random.standard_normal(len(x)), 0.02, 0.98)
    right = random.binomial(units, _by_question(accuracy, design.questions, random))
    if design.each:
        of_right, of_wrong = 0.5 + design.effect / 2, 0.5 - design.effect / 2
        return x.tolist(), units, right, [
            random.binomial(right, of_right) + random.binomial(units - right, of_wrong) for _ in METRICS
        ]  # fmt: skip
    exact = 0.5 + design.effect * (accuracy - 0.5) + design.slope * off
    values = (exact + design.deviation * random.standard_normal(len(x)) for _ in METRICS)
    return x.tolist(), units, right, [random.binomial(units, _by_question(one, design.questions, random)) for one in values]


def _by_question(means: Floats, questions: int, random: np.random.Generator) -> Floats:
    """Chances of shape (questions, models): harder and easier questions for all models alike, whose mean is that of each model."""
    means = np.clip(means, 0.02, 0.98)
    ease = 0.9 * random.permutation(np.linspace(-1, 1, questions))
    return np.asarray(means + ease[:, None] * np.minimum(means, 1 - means), dtype=np.float64)


def _estimates(name: str, counts: Floats, units: Floats) -> tuple[Estimate, ...]:
    """An estimate for each model from its counts among its units."""
    ids = pd.Index([f"q{i:03}" for i in range(len(counts))], dtype=object)
    tables = (
        ClusterSums(ids, ("sum", "n"), np.column_stack(both).astype(np.float64)) for both in zip(counts.T, units.T, strict=True)
    )
    return tuple(estimate(table, Ratio("sum", "n"), Label("simulated", Key(name)), kind="proportion") for table in tables)


def study(design: Design, number: int) -> pd.DataFrame:
    """The readings of study `number` of `design` as `compare` has them, with a column `metric`."""
    lines = simulate(design, seeds.stream("nulls_scale", SEED, design.name, number))
    middle = 10 ** float(np.median(lines[0].x))
    rows = [{"metric": name, **row} for name, line in zip(METRICS, lines, strict=True) for row in readings(line, at=middle)]
    return in_families(pd.DataFrame(rows))


def rejected(design: Design, studies: int) -> dict[str, Any]:
    """The design, and for each reading how often it rejects.

    That is the share of its defined tests with p below 5 %, the share of studies with any adjusted p below it, and the numbers of
    defined and of undefined tests.
    """
    rows = pd.concat([study(design, number).assign(study=number) for number in range(studies)], ignore_index=True)
    found = {}
    for reading, those in rows.groupby("reading", sort=False):
        known = those[those["p"].notna()]
        families = (known["p_adj"] < ALPHA).groupby(known["study"]).any()
        found[str(reading)] = {
            "rejected": float((known["p"] < ALPHA).mean()) if len(known) else None,
            "families with a rejection after adjustment": float(families.mean()) if len(known) else None,
            "tests": len(known),
            "undefined": len(those) - len(known),
        }
    return {**asdict(design), "readings": found}


def true_null(design: str, reading: str) -> bool:
    """Whether the null of `reading` is true in the null design of this name.

    Where size acts through accuracy, only readings that hold accuracy fixed have a true null: the model's accuracy with models as the
    sample, or that of each answer.
    """
    if design in {one.name for one in DESIGNS["nulls"] if isinstance(one, Alike)}:
        return True
    (here,) = (one for one in DESIGNS["nulls"] if one.name == design)
    models, checkpoints = (one.name for one in at_equal_accuracy("accuracy_full"))
    return reading == models or (reading == checkpoints and here.each)


def main() -> None:
    """Simulate every design on one core, and keep the result."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else STUDIES
    found = {kind: [rejected(design, studies) for design in designs] for kind, designs in DESIGNS.items()}
    error = round(float(np.sqrt(ALPHA * (1 - ALPHA) / studies)), 4)
    write(
        "nulls_scale",
        {"studies": studies, "alpha": ALPHA, "seed": SEED, "samples": SAMPLES, "monte_carlo_se_of_a_family": error, **found},
    )


if __name__ == "__main__":
    main()
