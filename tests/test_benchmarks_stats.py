"""The benchmarks of the statistics: small runs of them."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import bootstrap, coverage
from benchmarks.coverage import QUANTITIES, Cell

SMALL = Cell(20, 4, 0.5, 0.3)


def design(cell):
    return tuple(cell[name] for name in ("questions", "samples", "icc", "p"))


# --- Coverage ---------------------------------------------------------------------------------------------------------------


def test_the_simulated_truths_are_true():
    random = np.random.default_rng(1)
    for cell in (SMALL, Cell(50, 1, 0.0, 0.1), Cell(20, 5, 0.8, 0.5)):
        samples = [coverage.simulate(cell, random) for _ in range(800)]
        first, second = (np.mean([getattr(one, arm).mean() for one in samples]) / cell.samples for arm in ("first", "second"))
        area = np.mean([sample.areas.mean() for sample in samples])
        truth = coverage.truths(cell)
        found = {"proportion": first, "difference": second - first, "area": area}
        assert found == pytest.approx(truth, abs=0.012)


@pytest.mark.parametrize("icc", [0.1, 0.5, 0.8])
def test_the_icc_is_the_share_of_variance_between_questions(icc):
    chance = coverage.chances(0.3, Cell(200_000, 1, icc, 0.3), np.random.default_rng(2))
    assert chance.var() / (0.3 * 0.7) == pytest.approx(icc, rel=0.03)
    assert coverage.chances(0.3, Cell(5, 1, 0.0, 0.3), np.random.default_rng(2)).tolist() == [0.3] * 5


def test_a_cell_is_a_function_of_its_design():
    one, again, other = (coverage.coverage(cell, 30) for cell in (SMALL, SMALL, Cell(20, 4, 0.8, 0.3)))
    assert one == again
    assert one != {**other, "icc": 0.5}
    assert design(one) == (20, 4, 0.5, 0.3)
    assert all(0 <= one[name] <= 1 for name in QUANTITIES)
    assert one["undefined"] == 0


def test_rows_taken_as_independent_hold_the_truth_too_seldom():
    found = coverage.coverage(Cell(50, 10, 0.8, 0.5), 150)
    for name in QUANTITIES:
        assert found[name] > 0.88
        assert found[f"{name}_naive"] < 0.8


def test_with_no_question_effect_both_ways_hold():
    found = coverage.coverage(Cell(50, 5, 0.0, 0.5), 150)
    assert min(found["proportion"], found["proportion_naive"]) > 0.88


def test_an_interval_without_ends_holds_nothing():
    found = coverage.coverage(Cell(1, 2, 0.5, 0.02), 40)
    assert found["undefined"] == 3 * 40
    assert found["proportion"] == found["difference"] == found["area"] == 0


def test_blocks_count_what_misses_the_aim():
    ways = [f"{name}{way}" for name in QUANTITIES for way in ("", "_naive")]
    rows = [
        {"questions": 50, "samples": 5, "icc": 0.3, "p": p} | dict.fromkeys(ways, share) for p, share in ((0.1, 0.95), (0.5, 0.92))
    ]
    rows[1]["area"] = 0.93
    made = coverage.block(rows)
    assert made["summary"]["proportion"] == {"min": 0.92, "median": pytest.approx(0.935), "max": 0.95, "outside": 1}
    assert made["summary"]["area"]["outside"] == 0
    missed = made["outside"]
    assert [one["quantity"] for one in missed] == ["proportion", "difference"]
    assert missed[0].pop("why").startswith("few questions have an event")
    assert missed[0] == {"quantity": "proportion", "questions": 50, "samples": 5, "icc": 0.3, "p": 0.5, "coverage": 0.92}
    assert coverage.why("proportion", {"samples": 1}).startswith("one sample of each question")
    assert "skewed" in coverage.why("area", {"samples": 1})


# --- The bootstrap ----------------------------------------------------------------------------------------------------------


def test_both_ways_have_the_same_means_of_the_same_draws():
    frame = bootstrap.rows(2000, 40, 3)
    assert frame["question_id"].nunique() == 40
    found = bootstrap.measure(frame, bootstrap.names(3), draws=400, timed=10, repetitions=2)
    assert found["largest_gap_of_means"] < 1e-12
    assert len(found["times_faster_each"]) == 2
    assert found["resampling_rows"]["draws_timed"] == 10


def test_the_intervals_of_the_benchmark_are_those_of_questions():
    frame = bootstrap.rows(2000, 40, 2)
    drawn, ends = bootstrap.ours(frame, bootstrap.names(2), 500)
    assert drawn.shape == (500, 2)
    means = frame[bootstrap.names(2)].mean()
    assert all(low < mean < high for low, high, mean in zip(*ends, means, strict=True))
    by_question = frame.groupby("question_id")[bootstrap.names(2)].mean().std() / np.sqrt(40)
    assert isinstance(by_question, pd.Series)
    assert all(2.5 * se < high - low < 5.5 * se for low, high, se in zip(*ends, by_question, strict=True))
