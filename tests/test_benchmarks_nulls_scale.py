"""The simulated nulls over scale: the studies are what they say, and the counts are of the readings that `compare` reports."""

import numpy as np
import pytest

from benchmarks import nulls_scale
from benchmarks.nulls_scale import DESIGNS, METRICS, UNEQUAL, Alike, ThroughAccuracy
from cotfaith.analysis.scale_readings import every


def values(design, studies=40):
    """The mean values and accuracies over studies, of shape (models,)."""
    lines = [nulls_scale.simulate(design, np.random.default_rng(seed))[0] for seed in range(studies)]
    found = [[[e.value for e in line.points], [e.value for e in line.covariate.points]] for line in lines]
    return np.mean(found, axis=0), np.array(lines[0].x)


def test_models_that_are_alike_differ_in_their_missing_answers_only():
    (changed, right), _ = values(Alike("alike", UNEQUAL))
    assert changed == pytest.approx([0.1] * 4, abs=0.01)
    assert right == pytest.approx([0.5] * 4, abs=0.02)
    (line, other) = nulls_scale.simulate(Alike("alike", UNEQUAL), np.random.default_rng(1))
    assert [e.n for e in line.points] == pytest.approx([750 * (1 - share) for share in UNEQUAL], abs=20)
    assert [e.n for e in line.points] == [e.n for e in other.points] == [e.n for e in line.covariate.points]
    (rising, _), _ = values(Alike("rising", UNEQUAL, grows=0.25))
    assert rising == pytest.approx([0.1, 0.125, 0.15, 0.175], abs=0.015)


@pytest.mark.parametrize("each", [False, True])
def test_size_acts_through_accuracy_alone(each):
    (changed, right), x = values(ThroughAccuracy("through", each=each))
    assert right == pytest.approx(0.5 + 0.12 * (x - x.mean()), abs=0.04)
    assert changed == pytest.approx(0.5 - 0.6 * (right - 0.5), abs=0.02)
    (own, right), _ = values(ThroughAccuracy("own", slope=0.12))
    assert own - (0.5 - 0.6 * (right - 0.5)) == pytest.approx(0.12 * (x - x.mean()), abs=0.02)


def test_a_study_has_every_reading_of_every_metric_in_families():
    rows = nulls_scale.study(DESIGNS["nulls"][1], 0)
    assert rows["reading"].tolist() == [one.name for one in every()] * len(METRICS)
    both = rows[rows["reading"] == "these checkpoints, by rank"]
    assert (both["family_size"] == 2).all()
    assert both["p_adj"].min() == pytest.approx(min(1.0, 2 * both["p"].min()))
    assert rows.equals(nulls_scale.study(DESIGNS["nulls"][1], 0))
    assert not rows["p"].equals(nulls_scale.study(DESIGNS["nulls"][1], 1)["p"])


def test_rejections_are_counted_among_defined_tests():
    found = nulls_scale.rejected(ThroughAccuracy("through", models=3, questions=20), 3)
    assert (found["name"], found["models"]) == ("through", 3)
    held = found["readings"]["models of this size, at equal accuracy"]
    assert held == {"rejected": None, "families with a rejection after adjustment": None, "tests": 0, "undefined": 6}
    fixed = found["readings"]["these checkpoints"]
    assert fixed["tests"] + fixed["undefined"] == 6
    assert 0 <= fixed["rejected"] <= 1


def test_unequal_missing_answers_and_an_effect_are_told_apart():
    null, effect = (nulls_scale.rejected(Alike("few", UNEQUAL, grows=grows, questions=80), 25)["readings"] for grows in (0.0, 0.5))
    ranks = "these checkpoints, by rank"
    assert null[ranks]["rejected"] < 0.2
    assert effect[ranks]["rejected"] > 0.8
