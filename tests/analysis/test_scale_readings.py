"""The readings over scale: each is its statistic, says what it holds fixed, and is there, with a reason, where it is undefined."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats as distributions

from cotfaith.analysis.scale_readings import COVARIATES, NUMBERS, Covariate, Line, at_equal_accuracy, every, readings
from cotfaith.analysis.scale_trend import in_families
from cotfaith.stats import ClusterSums, Estimate, Key, Label, Ratio, adjusted_trend, estimate, over_models, trend
from cotfaith.stats.ranks import page_of

X = (8.0, 8.6, 9.3, 10.0, 10.8)


def estimates(means: np.ndarray, seed: int, metric: str) -> tuple[Estimate, ...]:
    """One estimate a model on 40 questions with 3 traces each."""
    random = np.random.default_rng(seed)
    ids = pd.Index([f"q{i:02}" for i in range(40)], dtype=object)
    tables = (np.column_stack([random.binomial(3, mean, 40), np.full(40, 3.0)]) for mean in means)
    return tuple(
        estimate(ClusterSums(ids, ("s", "n"), table), Ratio("s", "n"), Label("m", Key(metric)), kind="proportion")
        for table in tables
    )


VALUES = estimates(np.array([0.7, 0.5, 0.6, 0.4, 0.3]), 1, "changed")
RIGHT = estimates(np.array([0.3, 0.5, 0.4, 0.7, 0.6]), 2, "accuracy_full")
LINE = Line(X, VALUES, Covariate("accuracy_full", RIGHT))


def rows(line: Line = LINE, **choices: float) -> dict[str, dict[str, object]]:
    return {str(row["reading"]): row for row in readings(line, **choices)}


def test_the_readings_are_there_and_each_says_in_one_place_what_it_holds_fixed() -> None:
    found = rows()
    assert list(found) == [
        "models of this size", "models of this size, weighted", "models of this size, at equal accuracy", "these checkpoints",
        "these checkpoints, at equal accuracy", "these checkpoints, by rank", "these checkpoints, curvature",
    ]  # fmt: skip
    for name, row in found.items():
        assert row["held_fixed"].startswith(
            "The models" if name.startswith("these checkpoints") else ("Nothing.", "The model's accuracy")
        )
        assert {*NUMBERS, "models", "questions", "level", "covariate", "intercept", "is_slope"} <= set(row)
    assert len({row["held_fixed"] for row in found.values()}) == len(found)
    assert [row["covariate"] for row in found.values()] == ["", "", "accuracy_full", "", "accuracy_full", "", ""]


def test_models_as_the_sample_plain_weighted_and_at_equal_accuracy() -> None:
    found, y = rows(), np.array([one.value for one in VALUES])
    line = distributions.linregress(X, y)
    plain, weighted, held = (found[f"models of this size{name}"] for name in ("", ", weighted", ", at equal accuracy"))
    assert (plain["value"], plain["se"], plain["p"], plain["df"]) == pytest.approx((line.slope, line.stderr, line.pvalue, 3))
    assert plain["intercept"] == pytest.approx(line.intercept)
    expected = over_models(VALUES, X, weighted=True)
    assert (weighted["value"], weighted["p"], weighted["intercept"]) == (
        expected["x"].value,
        expected["x"].p,
        expected["intercept"].value,
    )
    beside = over_models(VALUES, X, RIGHT)
    assert (held["value"], held["se"], held["p"], held["df"]) == (beside["x"].value, beside["x"].se, beside["x"].p, 2)
    assert math.isnan(held["intercept"])
    assert {(row["models"], row["questions"]) for row in (plain, weighted, held)} == {(5, 40)}


def test_these_checkpoints() -> None:
    found = rows(level=0.9)
    fixed, held, ranks = (found[f"these checkpoints{name}"] for name in ("", ", at equal accuracy", ", by rank"))
    line, beside, order = trend(VALUES, X, "fixed", 0.9), adjusted_trend(VALUES, RIGHT, X, level=0.9), page_of(VALUES)
    assert (fixed["value"], fixed["low"], fixed["p"]) == (line.slope, line.low, line.p)
    assert (held["value"], held["low"], held["p"], held["questions"]) == (beside["x"].value, beside["x"].low, beside["x"].p, 40)
    assert (ranks["value"], ranks["p"], ranks["questions"]) == (order.z, order.p, 40)
    assert (ranks["is_slope"], fixed["is_slope"]) == (False, True)


def test_the_accuracy_that_is_held_fixed_is_a_choice_and_is_said() -> None:
    other = estimates(np.array([0.2, 0.3, 0.3, 0.5, 0.3]), 3, "accuracy_no_reasoning")
    found = rows(replace(LINE, covariate=Covariate("accuracy_no_reasoning", other)))
    for name, with_reasoning in rows().items():
        if name.endswith("at equal accuracy"):
            assert found[name]["value"] != with_reasoning["value"]
            assert found[name]["covariate"] == "accuracy_no_reasoning"
            assert "accuracy without reasoning" in found[name]["held_fixed"]
            assert "accuracy with the full reasoning" in with_reasoning["held_fixed"]
        else:
            assert found[name] == pytest.approx(with_reasoning, nan_ok=True)
    assert {name for metric in COVARIATES for name in at_equal_accuracy(metric)}.__len__() == 2 * len(COVARIATES)


def test_without_accuracy_its_readings_are_undefined_with_the_reason() -> None:
    found = rows(replace(LINE, covariate=Covariate("accuracy_full", reason="nobody measured it")))
    held = [found[f"{sample}, at equal accuracy"] for sample in ("models of this size", "these checkpoints")]
    assert [(row["note"], row["method"]) for row in held] == [("nobody measured it", "undefined")] * 2
    assert all(math.isnan(row[name]) for row in held for name in ("value", "se", "low", "high", "p", "df"))


def test_three_models_are_too_few_for_accuracy_and_enough_for_a_line() -> None:
    found = rows(Line(X[:3], VALUES[:3], Covariate("accuracy_full", RIGHT[:3])))
    assert found["models of this size, at equal accuracy"]["note"] == "it takes 4 models, not 3"
    assert found["models of this size"]["p"] > 0
    assert found["models of this size, weighted"]["p"] > 0


def test_a_break_adds_its_readings() -> None:
    found = rows(at=10**9.3)
    assert [(name, row["held_fixed"]) for name, row in found.items()] == [(one.name, one.held) for one in every()]
    assert list(found)[-4:] == [
        f"these checkpoints, {name}" for name in ("up to the break", "from the break", "a peak there", "a trough there")
    ]
    assert math.isnan(found["these checkpoints, a peak there"]["value"])
    assert 0 < found["these checkpoints, a peak there"]["p"] <= 1


def test_the_tests_of_one_reading_are_a_family() -> None:
    frame = pd.DataFrame({"reading": ["a", "b", "a", "b", "a"], "p": [0.01, 0.02, 0.04, math.nan, 0.5]})
    found = in_families(frame)
    assert found["p_adj"].tolist() == pytest.approx([0.03, 0.02, 0.08, math.nan, 0.5], nan_ok=True)
    assert found["family_size"].tolist() == [3, 1, 3, 1, 3]
