"""A judge's rate corrected by sensitivity and specificity: by hand, on simulated judges, and where it cannot be."""

import numpy as np
import pandas as pd
import pytest

from cotfaith.errors import UsageError
from cotfaith.stats import Key, Label, Missing, Ratio, estimate, sums
from cotfaith.stats.rogan_gladen import rogan_gladen

LABEL = Label("m", Key("vcr_corrected"))
JUDGE, SENSITIVITY, SPECIFICITY = Ratio("judge", "n"), Ratio("hit", "yes"), Ratio("pass", "no")
LABELS = {"sensitivity": SENSITIVITY, "specificity": SPECIFICITY}
COLUMNS = ["judge", "n", "hit", "yes", "pass", "no"]


def table(rows):
    """Sums of (question, verdict, hand label or None)."""
    frame = pd.DataFrame(
        [
            {
                "question_id": q, "judge": judge, "n": 1, "yes": hand == 1, "no": hand == 0,
                "hit": hand == 1 and judge == 1, "pass": hand == 0 and judge == 0,
            }
            for q, judge, hand in rows
        ]
    )  # fmt: skip
    return sums(frame, COLUMNS)


def rows(size, seed=1, labelled=10**6):
    """Three verdicts a question on what is true of 30 %, by a judge with sensitivity .6 and specificity .9."""
    random = np.random.default_rng(seed)
    truth = random.random((size, 3)) < random.beta(3, 7, (size, 1))
    verdict = np.where(truth, random.random((size, 3)) < 0.6, random.random((size, 3)) > 0.9)
    return [(f"q{i:03}", int(verdict[i, j]), int(truth[i, j]) if i < labelled else None) for i in range(size) for j in range(3)]


def test_known_errors_by_hand():
    # (p + .95 - 1)/(.9 + .95 - 1), and the spread of p over .85
    t = table(rows(60))
    plain, found = estimate(t, JUDGE, LABEL), rogan_gladen(t, JUDGE, LABEL, sensitivity=0.9, specificity=0.95)
    assert found.value == pytest.approx((plain.value - 0.05) / 0.85)
    assert found.se == pytest.approx(plain.se / 0.85)
    assert (found.low, found.high) == pytest.approx(((plain.low - 0.05) / 0.85, (plain.high - 0.05) / 0.85))
    assert (found.n, found.clusters, found.method, found.note) == (180, 60, "linearised, t(59)", "")


def test_a_judge_without_errors_is_not_corrected():
    t = table(rows(60))
    plain, found = estimate(t, JUDGE, LABEL), rogan_gladen(t, JUDGE, LABEL, sensitivity=1, specificity=1.0)
    assert (found.value, found.se) == (pytest.approx(plain.value), pytest.approx(plain.se))


def test_labels_by_hand():
    # p = 3/6; of three yes two are found, of three no two are passed: (1/2 - 1/3)/(1/3).
    found = rogan_gladen(
        table([("a", 1, 1), ("a", 1, 1), ("b", 0, 1), ("b", 0, 0), ("c", 0, 0), ("c", 1, 0)]), JUDGE, LABEL, **LABELS
    )
    assert found.value == pytest.approx(1 / 2)
    assert (found.n, found.clusters) == (6, 3)
    assert found.note.startswith("hand labels on 3 questions only, so the interval may be too narrow")


def test_one_of_the_two_may_be_known():
    # r = (p - .1)/(s - .1), so each question moves it by its share in p, less r times its share in s, over (s - .1).
    t = table(rows(80, labelled=40))
    found = rogan_gladen(t, JUDGE, LABEL, sensitivity=SENSITIVITY, specificity=0.9)
    p, s = (float(t[a].sum() / t[b].sum()) for a, b in (("judge", "n"), ("hit", "yes")))
    assert found.value == pytest.approx((p - 0.1) / (s - 0.1))
    judged, labels = (t["judge"] - p * t["n"]) / t["n"].sum(), (t["hit"] - s * t["yes"]) / t["yes"].sum()
    moves = (judged - found.value * labels) / (s - 0.1)
    assert found.se == pytest.approx(np.sqrt(80 / 79 * np.sum(moves**2)), rel=1e-6)


def test_with_every_unit_labelled_it_is_the_rate_by_hand():
    t = table(rows(60))
    found, by_hand = rogan_gladen(t, JUDGE, LABEL, **LABELS), estimate(t, Ratio("yes", "n"), LABEL)
    assert found.value == pytest.approx(by_hand.value)
    assert found.se == pytest.approx(by_hand.se, rel=1e-6)


def test_it_removes_the_bias_of_a_judge():
    better, covered, narrow = [], 0, 0
    for seed in range(200):
        t = table(rows(150, seed, labelled=60))
        found = rogan_gladen(t, JUDGE, LABEL, **LABELS)
        sensitivity, specificity = t["hit"].sum() / t["yes"].sum(), t["pass"].sum() / t["no"].sum()
        as_known = rogan_gladen(t, JUDGE, LABEL, sensitivity=float(sensitivity), specificity=float(specificity))
        better.append(found.value)
        covered += found.low <= 0.3 <= found.high
        narrow += as_known.low <= 0.3 <= as_known.high
    assert abs(np.mean(better) - 0.3) < 0.015
    assert 0.9 <= covered / 200 <= 0.99
    assert narrow < covered


def test_labels_of_questions_outside_the_rate_count_too():
    # Labels are on the questions of another hint: they are not units of the rate, but their spread is in its interval.
    here, there = rows(40, 1, labelled=0), [(f"p{q}", v, h) for q, v, h in rows(40, 2)]
    both = table(here + there)
    inside = both["n"] * np.array([not q.startswith("p") for q in both.questions])
    t = both.beside({"here": inside, "yes here": both["judge"] * (inside > 0)})
    found = rogan_gladen(t, Ratio("yes here", "here"), LABEL, **LABELS)
    assert (found.n, found.clusters) == (120, 80)
    sensitivity, specificity = (float(t[a].sum() / t[b].sum()) for a, b in (("hit", "yes"), ("pass", "no")))
    known = rogan_gladen(t, Ratio("yes here", "here"), LABEL, sensitivity=sensitivity, specificity=specificity)
    assert found.value == pytest.approx(known.value)
    assert known.clusters == 40
    assert found.se > known.se


def test_a_rate_below_0_is_not_clipped():
    few = table([(f"q{i:02}", int(i == 0), None) for i in range(60)])
    found = rogan_gladen(few, JUDGE, LABEL, sensitivity=0.9, specificity=0.9)
    assert found.value == pytest.approx((1 / 60 - 0.1) / 0.8)
    assert found.low < found.value < 0


def test_equal_questions_have_no_interval_of_width_zero():
    never = table([(f"q{i:02}", 0, None) for i in range(60)])
    known = rogan_gladen(never, JUDGE, LABEL, sensitivity=0.9, specificity=0.95)
    assert (known.value, known.low) == (pytest.approx(-0.05 / 0.85), pytest.approx(-0.05 / 0.85))
    assert known.high > known.low + 0.05
    assert known.method == "no variation: Wilson for 0 of 60 questions, t(59)"
    perfect = table([(f"q{i:02}", v, v) for i in range(60) for v in (0, 1)])
    unknown = rogan_gladen(perfect, JUDGE, LABEL, **LABELS)
    assert (unknown.value, unknown.se) == (pytest.approx(0.5), pytest.approx(0, abs=1e-9))
    assert np.isnan([unknown.low, unknown.high]).all()
    assert unknown.note == "no question differs from another, so the spread cannot be told"


@pytest.mark.parametrize(
    ("errors", "reason"),
    [
        (
            {"sensitivity": 0.4, "specificity": 0.6},
            "of 0.4 and specificity of 0.6 add up to no more than 1, so its verdicts tell nothing",
        ),
        (
            {"sensitivity": 0.3, "specificity": 0.5},
            "of 0.3 and specificity of 0.5 add up to no more than 1, so its verdicts tell nothing",
        ),
        (LABELS, "no unit that was judged has the hand label yes, so the sensitivity is unknown"),
        ({"sensitivity": 0.9, "specificity": SPECIFICITY}, ""),
    ],
)
def test_without_a_telling_judge_it_is_undefined(errors, reason):
    t = table([("a", 1, 0), ("b", 0, 0), ("c", 1, None)])
    found = rogan_gladen(t, JUDGE, LABEL, **errors, left=Missing(2, (0.0, 1.0)))
    assert (found.n, found.missing) == (3, 2)
    assert found.note.endswith(reason)
    if reason:
        assert np.isnan([found.value, found.se, found.low, found.high, found.df]).all()
        assert (found.method, found.p, found.influence) == ("undefined", None, None)
    else:
        assert np.isfinite(found.value)


def test_without_labels_or_units_it_is_undefined():
    found = rogan_gladen(table([("a", 1, 1), ("b", 0, 1)]), JUDGE, LABEL, **LABELS)
    assert found.note == "no unit that was judged has the hand label no, so the specificity is unknown"
    nothing = rogan_gladen(table([("a", 1, 1)]).where(np.array([False])), JUDGE, LABEL, **LABELS, left=Missing(4))
    assert np.isnan(nothing.value)
    assert (nothing.n, nothing.clusters, nothing.note) == (0, 0, "the denominator is 0: 0 units entered, 4 missing")


def test_one_question_alone_tells_no_spread():
    lone = rogan_gladen(table([("a", 1, None), ("a", 0, None)]), JUDGE, LABEL, sensitivity=0.9, specificity=0.9)
    assert (lone.value, lone.note) == (pytest.approx(0.5), "one question only, so its spread cannot be told")
    assert np.isnan(lone.low)
    t = table([("a", 1, 1), *rows(40, labelled=0), *[(f"p{i}", 0, 0) for i in range(30)]])
    found = rogan_gladen(t, JUDGE, LABEL, **LABELS)
    assert np.isfinite(found.value)
    assert np.isnan([found.se, found.low, found.high]).all()
    assert (found.method, found.influence) == ("no interval", None)
    assert found.note == "one question only has the hand label yes, so the spread of the sensitivity cannot be told"


def test_numbers_are_shares():
    t = table(rows(5))
    with pytest.raises(UsageError, match=r"The sensitivity of a judge is 90, but it must be between 0 and 1; give the share as a"):
        rogan_gladen(t, JUDGE, LABEL, sensitivity=90, specificity=0.9)
    with pytest.raises(UsageError, match=r"The specificity of a judge is nan, but it must be between 0 and 1"):
        rogan_gladen(t, JUDGE, LABEL, sensitivity=0.9, specificity=float("nan"))
