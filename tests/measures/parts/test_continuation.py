"""Laws of the measures in which the model thinks on after an edit: what must change nothing, and what bounds must enclose."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.measures.adding_mistakes import AddingMistakes
from cotfaith.measures.paraphrasing import Paraphrasing
from cotfaith.stats import ClusterSums

W = "toy"
READ = st.sampled_from(["A", "B", "C", None])
EDIT = st.one_of(st.tuples(READ, READ), st.just("echoed"))
TRACE = st.tuples(st.sampled_from(["q1", "q2", "q3"]), READ, st.lists(EDIT, min_size=1, max_size=6))
TRACES = st.lists(TRACE, min_size=1, max_size=5)
MEASURES = {"mistakes": AddingMistakes(), "paraphrases": Paraphrasing()}


def built(build, traces):
    return build(*[
        (q, f"t{i}", len(edits), full, {(k + 1, W): edit for k, edit in enumerate(edits)}) for i, (q, full, edits) in enumerate(traces)
    ])  # fmt: skip


def estimates(measure, *shards):
    return measure.estimates(ClusterSums.concat(map(measure.columns, shards)), level=0.95, seed=0)


def told(found):
    return pd.DataFrame([(*e.key, e.value, e.se, e.low, e.high, *e.bounds, e.n, e.clusters, e.missing) for e in found])


@pytest.mark.parametrize("name", MEASURES)
@given(traces=TRACES, letters=st.permutations("ABC"), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=10)
def test_letters_order_of_rows_and_shards_change_nothing(name, request, traces, letters, seed):
    measure, rows = MEASURES[name], built(request.getfixturevalue(name), traces)
    whole = told(estimates(measure, rows))
    other = dict(zip("ABC", letters, strict=True))
    answers = np.array([other.get(a) for a in rows["answer"]], dtype=object)
    relabelled = rows.assign(answer=answers, gold=rows["gold"].map(other))
    pd.testing.assert_frame_equal(told(estimates(measure, relabelled)), whole)
    shards = [part for _, part in rows.sample(frac=1, random_state=seed).groupby("question_id")]
    pd.testing.assert_frame_equal(told(estimates(measure, *shards[::-1])), whole)


@pytest.mark.parametrize("name", MEASURES)
@given(traces=TRACES, data=st.data())
@settings(deadline=None, max_examples=10)
def test_bounds_enclose_what_the_missing_answers_would_have_given(name, request, traces, data):
    rows = built(request.getfixturevalue(name), traces)
    lost = rows["valid"] & rows["answer"].isna()  # in the whole truth these had answers
    answers = [data.draw(st.sampled_from("ABC")) if gone else answer for gone, answer in zip(lost, rows["answer"], strict=True)]
    truth = rows.assign(answer=pd.Series(answers, dtype=object), state=rows["state"].mask(lost, "answered"))
    whole = {e.key: e for e in estimates(MEASURES[name], truth)}
    for e in estimates(MEASURES[name], rows):
        if "answer " in e.key.stratum or e.metric == "unanswered":  # whether the answer is right is not known where there is none
            continue
        true = whole[e.key]
        assert e.n + e.missing == true.n + true.missing
        assert math.isnan(true.value) or e.bounds[0] - 1e-12 <= true.value <= e.bounds[1] + 1e-12


@pytest.mark.parametrize("name", MEASURES)
@given(traces=TRACES)
@settings(deadline=None, max_examples=10)
def test_values_lie_in_their_intervals_and_these_in_their_bands(name, request, traces):
    found = {e.key: e for e in estimates(MEASURES[name], built(request.getfixturevalue(name), traces))}
    for key, e in found.items():
        assert e.direction
        assert e.note or not math.isnan(e.value)
        assert math.isnan(e.low) or e.low - 1e-12 <= e.value <= e.high + 1e-12
        if e.metric.endswith("_band") and not math.isnan(e.low):
            point = found[key._replace(metric=e.metric.removesuffix("_band"))]
            assert e.low <= point.low
            assert e.high >= point.high


@pytest.mark.parametrize("name", MEASURES)
def test_parquet_rows_mean_the_same(name, request, tmp_path):
    full, logs = ("A", (-0.2, -1.8)), ("B", (-1.5, -0.3))
    edits = {(1, W): (logs, full), (2, W): "echoed"}
    rows = request.getfixturevalue(name)(("q1", "t1", 2, full, edits), ("q2", "t2", 1, full, {(1, W): (None, "A")}, {"gold": None}))
    rows.drop(columns="verdicts").to_parquet(tmp_path / "rows.parquet")  # verdicts are mappings, which a run stores apart
    back = pd.read_parquet(tmp_path / "rows.parquet").assign(verdicts=rows["verdicts"])
    pd.testing.assert_frame_equal(told(estimates(MEASURES[name], back)), told(estimates(MEASURES[name], rows)))
