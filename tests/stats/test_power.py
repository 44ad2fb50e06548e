"""Power by simulation: against the formulas, against refitting draw by draw, its seed and its edges."""

import numpy as np
import pandas as pd
import pytest

from cotfaith.errors import UsageError
from cotfaith.stats import ClusterSums, Key, Label, Ratio, estimate, planning, power
from cotfaith.stats.power import power_sim


def pilot(columns):
    size = len(next(iter(columns.values())))
    return ClusterSums(
        pd.Index([f"q{i:04}" for i in range(size)]), tuple(columns), np.column_stack(list(columns.values())).astype(float)
    )


def normal(mean, sd, size=400):
    """Differences by question whose mean and standard deviation are exactly these."""
    d = np.random.default_rng(1).standard_normal(size)
    return mean + sd * (d - d.mean()) / d.std()


def test_it_agrees_with_the_paired_t_test_and_with_equivalence():
    differences = pilot({"d": normal(0.1, 0.4), "n": np.ones(400)})
    found = power_sim(differences, Ratio("d", "n"), [40, 130, 300])
    assert list(found.columns) == ["questions", "power", "low", "high"]
    assert found["questions"].tolist() == [40, 130, 300]
    wanted = [planning.power_difference(n, 0.1, 0.4) for n in found["questions"]]
    assert found["power"].tolist() == pytest.approx(wanted, abs=0.04)
    assert (found["low"] < found["power"]).all()
    assert (found["power"] < found["high"]).all()
    none = pilot({"d": normal(0.0, 0.3), "n": np.ones(400)})
    (held,) = power_sim(none, Ratio("d", "n"), [309], margin=0.05)["power"]
    assert held == pytest.approx(planning.power_equivalence(309, 0.05, 0.3), abs=0.04)


def test_no_effect_is_found_at_the_level_of_the_test():
    table = pilot({"d": normal(0.2, 0.3), "n": np.ones(400)})
    assert power_sim(table, Ratio("d", "n"), [200], null=0.2)["power"][0] == pytest.approx(0.05, abs=0.02)
    assert power_sim(table, Ratio("d", "n"), [200], null=0.2, level=0.8)["power"][0] == pytest.approx(0.2, abs=0.03)


def gain(t):
    return (t["filler"] - t["none"]) / (t["full"] - t["none"])


def shares(size=60):
    random = np.random.default_rng(4)
    chance = random.beta(2, 2, size)
    arms = {name: random.binomial(3, chance * share) for name, share in (("full", 1.0), ("filler", 0.75), ("none", 0.5))}
    return pilot(arms | {"n": np.where(np.arange(size) % 10 == 0, 0, 3)})


@pytest.mark.parametrize("margin", [None, 0.6])
def test_every_draw_is_what_estimate_says_of_it(margin):
    table, size, reps = shares(), 45, 120
    inside = table["n"] > 0
    entered = table.where(inside)
    verdicts = []
    for drawn in power.draws_of(inside, size, reps, 7, len(table.columns)):
        for row in drawn:
            picks = np.repeat(np.arange(len(row)), row.astype(int))
            again = ClusterSums(pd.Index([str(i) for i in range(len(picks))]), entered.columns, entered.matrix[picks])
            made = estimate(again, gain, Label("m", Key("x")), count="n", interval="t", null=0.2)
            verdicts.append(made.equivalent(margin, around=0.2).holds if margin else made.p is not None and made.p < 0.05)
    found = power_sim(table, gain, [size], null=0.2, margin=margin, reps=reps, seed=7, count="n")
    assert found["power"][0] == np.mean(verdicts)
    assert 0.02 < np.mean(verdicts) < 0.98


def test_questions_without_units_are_asked_for_nothing():
    half = pilot({"d": np.r_[normal(0.1, 0.4, 200), np.zeros(200)], "n": np.r_[np.ones(200), np.zeros(200)]})
    found = power_sim(half, Ratio("d", "n"), [200])["power"][0]
    assert found == pytest.approx(planning.power_difference(100, 0.1, 0.4), abs=0.04)


def test_the_seed_decides_and_neither_chunks_nor_other_sizes_do(monkeypatch):
    table = shares()
    first = power_sim(table, gain, [30, 50], reps=300, count="n")
    assert first.equals(power_sim(table, gain, [30, 50], reps=300, count="n"))
    assert power_sim(table, gain, [50], reps=300, count="n")["power"][0] == first["power"][1]
    assert not first.equals(power_sim(table, gain, [30, 50], reps=300, count="n", seed=1))
    monkeypatch.setattr(power, "CHUNK", 1000)
    assert first.equals(power_sim(table, gain, [30, 50], reps=300, count="n"))


def test_what_does_not_differ_or_is_undefined_shows_nothing():
    same = pilot({"d": np.ones(20), "n": np.ones(20)})
    assert power_sim(same, Ratio("d", "n"), [10], reps=50)["power"].tolist() == [0.0]
    assert power_sim(same, Ratio("d", "n"), [10], reps=50, null=1, margin=0.5)["power"].tolist() == [0.0]
    zero = pilot({"y": np.arange(20), "z": np.zeros(20), "n": np.ones(20)})
    found = power_sim(zero, Ratio("y", "z"), [10], reps=50, count="n")
    assert found["power"].tolist() == [0.0]
    assert found["high"][0] == pytest.approx(0.0713, abs=1e-3)


REFUSED = [
    ({"questions": []}, r"There is no number of questions to simulate; give at least one."),
    ({"questions": [1]}, r"Power cannot be simulated for 1 questions; give whole numbers of 2 or more."),
    ({"questions": [10.5]}, r"Power cannot be simulated for 10.5 questions; give whole numbers of 2 or more."),
    ({"margin": 0.0}, r"The margin of equivalence is 0.0, but it must be above 0; give 0.05 for five percentage points."),
    ({"level": 1.0}, r"The level is 1.0, but it must be between 0.5 and 1; give 0.95 for 95 percent."),
    ({"reps": 0}, r"The null is 0.0 and there are 0 draws, but a test needs a finite null and 1 draw or more."),
    ({"null": float("nan")}, r"The null is nan and there are 2000 draws"),
    ({"f": gain}, r"The power of a function needs the column that counts its units; give count."),
    ({"count": "units"}, r"Unknown column of sums 'units'"),
    ({"table": shares(1)}, r"Only 0 questions of the pilot have units, but a standard error needs 2 or more; give a larger pilot."),
]


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_what_cannot_be_is_said(change, message):
    given = {"table": shares(), "f": Ratio("full", "n"), "questions": [20]} | change
    with pytest.raises(UsageError, match=message):
        power_sim(given.pop("table"), given.pop("f"), given.pop("questions"), **given)


@pytest.mark.parametrize("size", [float("nan"), float("inf"), 10**7 + 1, 10**400, -3])
def test_numbers_of_questions_that_cannot_be_simulated(size):
    with pytest.raises(UsageError, match="Power cannot be simulated for"):
        power_sim(pilot({"d": normal(0.1, 0.4), "n": np.ones(400)}), Ratio("d", "n"), [size])
