"""A judge's rate corrected by hand labels: by hand, against R, on simulated judges, and where labels are too few."""

import numpy as np
import pandas as pd
import pytest

from cotfaith.stats import Key, Label, Missing, Ratio, corrected, estimate, intervals, sums

LABEL = Label("m", Key("vcr_corrected"))
ALL, RECTIFIER = Ratio("judge", "n"), Ratio("excess", "labelled")


def table(rows):
    """Sums of (question, verdict, hand label or None)."""
    frame = pd.DataFrame(
        [
            {"question_id": q, "judge": judge, "n": 1, "labelled": hand is not None, "excess": 0 if hand is None else judge - hand}
            for q, judge, hand in rows
        ]
    )
    return sums(frame, ["judge", "n", "excess", "labelled"])


def test_by_hand():
    # The judge says yes of 3 in 4; of two with labels it is wrong once: 3/4 - 1/2.
    found = corrected(table([("a", 1, 0), ("b", 1, 1), ("c", 1, None), ("d", 0, None)]), ALL, RECTIFIER, LABEL)
    assert (found.value, found.n, found.clusters) == (0.25, 4, 4)
    assert found.note.startswith("hand labels on 2 questions only")


def test_agrees_with_r(golden):
    reference, read = golden
    rows = [(q, j, None if h < 0 else h) for q, j, h in read("d9_judge")[["question_id", "judge", "human"]].itertuples(index=False)]
    found, expected = corrected(table(rows), ALL, RECTIFIER, LABEL), reference["d9_judge"]["ppi_difference"]
    assert found.value == pytest.approx(expected["estimate"], rel=1e-6)
    assert found.se == pytest.approx(expected["se_linearised"], rel=1e-6)
    half = intervals.quantile(expected["clusters"] - 1, 0.95) * found.se  # R counts all questions alike
    assert (found.value - half, found.value + half) == pytest.approx(tuple(expected["ci95_lin_t"]), rel=1e-6)
    assert found.clusters == expected["clusters"]


def test_it_removes_the_bias_of_a_judge():
    # A judge that misses 40 % of what is there and says yes of 10 % of what is not; 0.3 is true. 300 draws of 120 questions.
    random = np.random.default_rng(5)
    naive, better, covered = [], [], 0
    for _ in range(300):
        rate = np.clip(random.beta(3, 7, 120), 0, 1)
        truth = random.random((120, 3)) < rate[:, None]
        verdict = np.where(truth, random.random((120, 3)) > 0.4, random.random((120, 3)) < 0.1)
        rows = [(f"q{i:03}", int(verdict[i, j]), int(truth[i, j]) if i < 40 else None) for i in range(120) for j in range(3)]
        found = corrected(table(rows), ALL, RECTIFIER, LABEL)
        naive.append(estimate(table(rows), ALL, LABEL).value)
        better.append(found.value)
        covered += found.low <= 0.3 <= found.high
    assert abs(np.mean(naive) - 0.25) < 0.01
    assert abs(np.mean(better) - 0.3) < 0.01
    assert 0.91 <= covered / 300 <= 0.99


def test_without_labels_it_is_undefined():
    found = corrected(table([("a", 1, None), ("b", 0, None)]), ALL, RECTIFIER, LABEL, left=Missing(2, (0.0, 1.0)))
    assert np.isnan(found.value)
    assert (found.note, found.n, found.missing) == ("no unit that was judged has a hand label", 2, 2)
    assert corrected(table([("a", 1, None)]).where(np.array([False])), ALL, RECTIFIER, LABEL).n == 0


def test_labels_on_one_question_give_no_interval():
    found = corrected(table([("a", 1, 0), ("b", 1, None), ("c", 0, None)]), ALL, RECTIFIER, LABEL)
    assert found.value == pytest.approx(2 / 3 - 1)
    assert np.isnan([found.se, found.low, found.high]).all()
    assert found.note == "hand labels on one question only, so the spread of the judge's errors cannot be told"


def test_a_judge_that_never_says_yes_and_is_right_has_an_interval_still():
    found = corrected(table([(f"q{i}", 0, 0 if i < 20 else None) for i in range(400)]), ALL, RECTIFIER, LABEL)
    assert (found.value, found.se, found.low) == (0, 0, 0)
    assert found.high == pytest.approx((2.093024**2 / 20) / (1 + 2.093024**2 / 20), rel=1e-6)  # 0 of 20, with t(19): not 0 of 400
    assert found.method.endswith("no variation: Wilson for 0 of 20 labelled questions, t(19)")
    assert found.note == "the judge errs on no labelled unit, so the interval has the spread of its verdicts alone"


def test_a_rate_outside_0_to_1_is_not_clipped():
    found = corrected(
        table([("a", 0, None), *((f"q{i}", int(i < 3), 0) for i in range(6)), *[("z", 0, None)] * 30]), ALL, RECTIFIER, LABEL
    )
    assert found.value == pytest.approx(3 / 37 - 3 / 6)
    assert found.low < found.value < found.high
