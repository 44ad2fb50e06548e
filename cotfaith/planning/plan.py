"""What a study should show, and the assumptions of its plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log10, sqrt

import numpy as np

from cotfaith.errors import UsageError, unknown
from cotfaith.stats.icc import effective_size
from cotfaith.stats.planning import goal

SD, ICC, PSI = 0.5, 0.5, 0.2  # defaults of a plan
SPAN = (1e-9, 1e9)  # of effects, margins and standard deviations: outside it no number of questions can be computed
SIZES = (1e-9, 1e18)  # of models, in any unit
MOST: Mapping[str, int] = {"samples": 65536, "questions": 10**12}

USES: Mapping[str, tuple[str, ...]] = {
    "difference": ("sd", "icc", "samples", "questions"),
    "equivalence": ("sd", "icc", "samples", "questions"),
    "mcnemar": ("psi", "questions"),
    "slope": ("sd", "sizes"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a study should show, and the assumptions.

    Args:
        test: "difference", "equivalence", "mcnemar" (one answer in each arm) or "slope" (over models).
        effects: differences to detect, equivalence margins, or slopes per tenfold increase in parameters.
        power: the probability that the test shows the effect if it is real.
        alpha: the level of the test; for equivalence, of each of the two one-sided tests.
        sd: standard deviation of the per-question differences with one sample in each arm (default 0.5); for a slope, of a model's
            estimate around the line.
        icc: the share of that variance that lies between questions, which more samples do not reduce (default 0.5).
        samples: samples per question in each arm; several numbers are compared.
        questions: numbers of questions for which to report the power.
        psi: for "mcnemar", the share of questions whose two answers differ (default 0.2).
        sizes: for "slope", the parameter counts of the models, in any unit.

    Raises:
        UsageError: a choice is not possible, or the test does not use it.
    """

    test: str = "difference"
    effects: tuple[float, ...] = (0.03, 0.05, 0.1)
    power: float = 0.8
    alpha: float = 0.05
    sd: float | None = None
    icc: float | None = None
    samples: tuple[int, ...] = (1,)
    questions: tuple[int, ...] = ()
    psi: float | None = None
    sizes: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.test not in USES:
            raise unknown("test to plan", self.test, USES)
        goal(self.power, self.alpha)
        for name, unset in (("sd", None), ("icc", None), ("psi", None), ("samples", (1,)), ("questions", ()), ("sizes", ())):
            if getattr(self, name) != unset and name not in USES[self.test]:
                users = " or ".join(test for test, uses in USES.items() if name in uses)
                raise UsageError(f"The test {self.test} does not use {name}: leave it out, or plan for {users}.")
        if not self.effects or not all(0 < effect < np.inf for effect in self.effects):
            raise UsageError(f"The effects are {list(self.effects)}, but each must be a number above 0; give 0.05 for 5 points.")
        _within("effects", self.effects, SPAN)
        _within("sd", () if self.sd is None else (self.sd,), SPAN)
        _within("icc", () if self.icc is None else (self.icc,), (-1, 1))
        for name, least, counts in (("samples", 1, self.samples or (0,)), ("questions", 2, self.questions)):
            if any(count > MOST[name] for count in counts):
                raise UsageError(f"The {name} are too large: each must be {MOST[name]:,} or less.")
            if not all(count >= least and count == int(count) for count in counts):
                raise UsageError(f"The {name} are {list(counts)}, but each must be a whole number from {least}.")
        if self.test == "slope":
            _of_models(self)
            _within("sizes", self.sizes, SIZES)

    @property
    def unit(self) -> str:
        """The unit that is counted: questions or models."""
        return "models" if self.test == "slope" else "questions"

    @property
    def around(self) -> float:
        """The standard deviation of the plan, with one sample in each arm."""
        return SD if self.sd is None else self.sd

    @property
    def shared(self) -> float:
        """The share of the variance that more samples do not reduce."""
        return ICC if self.icc is None else self.icc

    @property
    def differing(self) -> float:
        """The share of questions whose two answers differ."""
        return PSI if self.psi is None else self.psi

    @property
    def decades(self) -> float:
        """The range from the smallest to the largest model, in powers of ten."""
        return log10(max(self.sizes)) - log10(min(self.sizes))

    def spread(self, samples: int) -> float:
        """The standard deviation of the per-question differences with m samples in each arm: sd sqrt((1 + (m - 1) icc) / m)."""
        return self.around / sqrt(effective_size(self.shared, samples))


def _within(name: str, values: tuple[float, ...], span: tuple[float, float]) -> None:
    """Refuse a value outside `span`, which has both ends."""
    low, high = span
    for value in values:
        if not low <= value <= high:
            what = f"The {name} are {list(values)}, but each" if len(values) > 1 else f"The {name} is {value}, but it"
            raise UsageError(f"{what} must be a number from {low:g} to {high:g}.")


def _of_models(plan: Plan) -> None:
    if plan.sd is None:
        raise UsageError(
            "A slope needs sd, the standard deviation of a model's estimate around the line: give 0.04 for four points."
        )
    if len(plan.sizes) < 3 or not all(0 < size < np.inf for size in plan.sizes) or len(set(plan.sizes)) == 1:
        raise UsageError(
            f"The sizes are {list(plan.sizes)}, but a slope needs three models or more, not all of one size: give their parameter counts."
        )
