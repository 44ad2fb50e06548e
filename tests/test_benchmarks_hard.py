"""The simulated designs of `benchmarks.coverage_hard` and `benchmarks.nulls_edits` are what they say."""

import numpy as np
import pytest

from benchmarks import coverage_hard, nulls_edits
from benchmarks.coverage_hard import FAMILIES, Cell, coverage, grid, worst


@pytest.mark.parametrize("family", [name for name in FAMILIES if name not in {"lost", "models"}])
def test_the_mean_over_many_studies_is_the_stated_truth(family):
    cell = max((one for one in grid() if one.family == family), key=lambda one: one.questions)
    drawn = [FAMILIES[family](cell, np.random.default_rng(seed)) for seed in range(60)]
    values = np.array([one.made.value for one in drawn])
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert abs(values.mean() - drawn[0].truth) < 4 * error + 1e-3
    assert values.std() > 0


def test_the_stated_area_of_traces_that_lose_answers_is_theirs():
    whole = Cell("lost", 400, 0.0, 0.0, 2)
    values = [coverage_hard.lost(whole, np.random.default_rng(seed)).made for seed in range(2)]
    error = np.sqrt(sum(one.se**2 for one in values)) / 2
    assert abs(np.mean([one.value for one in values]) - coverage_hard.truth_of_lost()) < 4 * error


def test_units_are_as_uneven_as_stated():
    assert coverage_hard.sizes(0.6, 200)[0] / coverage_hard.sizes(0.6, 200).sum() == pytest.approx(0.6, abs=0.01)
    assert set(coverage_hard.sizes(1.0, 20)) == {1, 2, 3, 4, 5}


def test_a_cell_counts_coverage_and_its_aim():
    made = coverage(Cell("areas", 50, 0.2, samples=4), 40)
    assert 0.8 <= made["coverage"] <= 1
    assert made["replications"] == 40
    found = [made | {"coverage": share, "enough": enough} for share, enough in ((0.9, True), (0.95, True), (0.99, False))]
    first, second = worst(found)
    assert (first["lowest"], first["highest"], first["cells"], first["enough"]) == (0.9, 0.95, 2, True)
    assert second["cells"] == 1


def test_a_study_tests_every_hint_and_finds_those_that_are_followed():
    ignores, follows = (
        nulls_edits.rejections(nulls_edits.Design("toy", "hints", effect, questions=25), [0, 1]) for effect in (0.0, 0.6)
    )
    tests = set(ignores["test"])
    assert {f"hint_effect: influence {kind}" for kind in nulls_edits.HINTS} <= tests
    assert {f"hint_mediation: nie {kind}" for kind in nulls_edits.HINTS} <= tests
    assert not any("answer right" in test for test in tests)
    assert follows.groupby("test")["reject"].mean()["family study, adjusted"] == 1
    assert ignores["reject"].mean() < 0.3


def test_a_study_of_edits_finds_those_that_change_answers():
    null, effect = (nulls_edits.rejections(nulls_edits.Design("toy", "edits", share, questions=30), [0]) for share in (0.0, 0.6))
    assert effect[effect["test"].str.startswith("adding_mistakes: aoc_net")]["reject"].all()
    assert null["reject"].mean() < 0.5
