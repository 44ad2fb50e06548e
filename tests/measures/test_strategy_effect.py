"""Strategy effect: strategies side by side, and their differences."""

import math

import pandas as pd
import pytest

from cotfaith.errors import DataError
from cotfaith.measures import MEASURES
from cotfaith.measures.adding_mistakes import AddingMistakes
from cotfaith.measures.early_answering import EarlyAnswering
from cotfaith.measures.strategy_effect import StrategyEffect
from cotfaith.stats import ClusterSums

MEASURE = StrategyEffect()


def row(intervention, strategy, question, arm, answer, /, **more):
    state = "unparsed" if answer is None else "answered"
    plain = {"intervention": intervention, "strategy": strategy, "question_id": question, "trace_id": f"{strategy} {question}"}
    plain |= {"arm": arm, "answer": answer, "state": state, "gold": "A", "n_options": 4, "n_steps": 2, "dose": 0.0, "site": 0}
    return plain | {"kind": "", "draw": 0, "valid": True, "note": "", "logprobs": ()} | more


def cut(strategy, question, answers):
    """The rows of a trace of len(answers) - 1 steps, whose answer after k of them is answers[k]."""
    steps = len(answers) - 1
    full = row("truncation", strategy, question, "full", answers[-1], n_steps=steps)
    none = row("truncation", strategy, question, "no_reasoning", answers[0], dose=1.0, n_steps=steps)
    between = range(1, steps)
    return [
        none,
        full,
        *(row("truncation", strategy, question, "treated", answers[k], dose=1 - k / steps, site=k, n_steps=steps) for k in between),
    ]


def wrong(strategy, question, full, mistakes, writer="toy"):
    """The rows of a trace; each of `mistakes` is (answer, answer of the control), or the reason why it did not take."""
    steps = len(mistakes)
    ends = [("full", full, 0.0), ("no_reasoning", "C", 1.0)]
    rows = [row("mistake", strategy, question, arm, answer, dose=dose, n_steps=steps) for arm, answer, dose in ends]
    for site, found in enumerate(mistakes, start=1):
        where = {"site": site, "n_steps": steps}
        if isinstance(found, str):
            lost = {"valid": False, "state": "edit_invalid", "note": found}
            rows.append(row("mistake", strategy, question, "treated", None, kind=writer, dose=1.0, **lost, **where))
        else:
            rows.append(row("mistake", strategy, question, "treated", found[0], kind=writer, dose=1.0, **where))
            rows.append(row("mistake", strategy, question, "control", found[1], **where))
    return rows


def empty(strategy, question, answer):
    """The rows of a trace without reasoning."""
    ends = [
        row(name, strategy, question, arm, answer, dose=dose, n_steps=0)
        for name in ("truncation", "mistake")
        for arm, dose in (("full", 0.0), ("no_reasoning", 1.0))
    ]
    lost = {"valid": False, "state": "edit_invalid", "note": "no steps"}
    return [*ends, row("mistake", strategy, question, "treated", None, dose=1.0, n_steps=0, **lost)]


def estimates(*rows, measure=MEASURE):
    return measure.estimates(measure.columns(pd.DataFrame([one for part in rows for one in part])), level=0.95, seed=0)


def two():
    """Two strategies on two questions. AOC by trapezoid over 0, 1/2, 1: B B A is 1 - 1/4, B A A 1 - 3/4, A A A 0."""
    return [
        cut("cot", "q1", "BAA"), cut("cot", "q2", "AAB"), cut("factored", "q1", "BBA"), cut("factored", "q2", "BBA"),
        wrong("cot", "q1", "A", [("B", "A"), ("A", "A")]), wrong("cot", "q2", "B", ["echoed", ("B", "B")]),
        wrong("factored", "q1", "A", [("B", "A"), ("C", "A")]), wrong("factored", "q2", "A", [("B", "B"), ("A", "A")]),
    ]  # fmt: skip


def test_by_hand(find):
    found = estimates(*two())
    values = {(e.metric, e.key.strategy, e.key.versus): e.value for e in found if e.role != "count"}
    assert values == {
        ("accuracy", "cot", ""): 0.5, ("accuracy", "factored", ""): 1.0, ("accuracy_difference", "factored", "cot"): 0.5,
        # cot: 1/4 and 3/4; factored: 3/4 both times.
        ("truncation_sensitivity", "cot", ""): 0.5, ("truncation_sensitivity", "factored", ""): 0.75,
        ("truncation_sensitivity_difference", "factored", "cot"): 0.25,
        # cot: 1/2, and 0 of the one that took; factored: 1 and 1/2, the controls 0 and 1/2.
        ("corruption_sensitivity", "cot", ""): 0.25, ("corruption_sensitivity", "factored", ""): 0.75,
        ("corruption_sensitivity_net", "cot", ""): 0.25, ("corruption_sensitivity_net", "factored", ""): 0.5,
        ("corruption_sensitivity_difference", "factored", "cot"): 0.5,
    }  # fmt: skip


def test_differences_are_paired_by_question(find):
    made = find(estimates(*two()), "truncation_sensitivity_difference", strategy="factored", versus="cot")
    # By question 3/4 - 1/4 = 1/2 and 3/4 - 3/4 = 0: the standard error of their mean is 1/4.
    assert (made.value, made.se) == (0.25, pytest.approx(0.25))
    assert (made.null, made.clusters, made.n) == (0.0, 2, 4)
    assert (
        made.direction
        == "Larger: cutting the reasoning short changes more answers for the first of the two strategies than for the second."
    )


def test_they_are_the_early_answering_and_mistakes_of_each_strategy(find):
    frame = pd.DataFrame([one for part in two() for one in part])
    ours = estimates(*two())
    for strategy in ("cot", "factored"):
        own = frame[frame["strategy"] == strategy]
        own = own.assign(verdicts=[{} for _ in range(len(own))])
        for measure, metric, mine, kind in (
            (EarlyAnswering(), "aoc", "truncation_sensitivity", ""),
            (AddingMistakes(), "aoc_net", "corruption_sensitivity_net", "toy"),
        ):
            theirs = measure.estimates(measure.columns(own[own["intervention"].isin(measure.requires)]), level=0.95, seed=0)
            expected, got = find(theirs, metric, kind=kind), find(ours, mine, kind=kind, strategy=strategy)
            assert (got.value, got.se, got.n, got.missing, got.method) == (
                expected.value,
                expected.se,
                expected.n,
                expected.missing,
                expected.method,
            )


def test_cot_is_the_first_or_else_the_first_by_name():
    pairs = {
        (e.key.strategy, e.key.versus)
        for e in estimates(cut("cot", "q1", "BA"), cut("budget", "q1", "BA"))
        if e.metric == "accuracy_difference"
    }
    assert pairs == {("budget", "cot")}
    pairs = {
        (e.key.strategy, e.key.versus)
        for e in estimates(cut("few_shot", "q1", "BA"), cut("budget", "q1", "BA"))
        if e.metric == "accuracy_difference"
    }
    assert pairs == {("few_shot", "budget")}
    assert not [e for e in estimates(cut("cot", "q1", "BA")) if e.metric.endswith("_difference")]


def test_a_strategy_without_reasoning_has_accuracy_and_no_sensitivities(find):
    found = estimates(*two(), empty("zero_shot", "q1", "A"), empty("zero_shot", "q2", "B"))
    assert find(found, "accuracy", strategy="zero_shot").value == 0.5
    for metric, kind in (("truncation_sensitivity", ""), ("corruption_sensitivity", "toy"), ("corruption_sensitivity_net", "toy")):
        one = find(found, metric, strategy="zero_shot", kind=kind)
        assert math.isnan(one.value)
        assert (one.n, one.missing, one.note != "") == (0, 0, True)
    assert find(found, "included", strategy="zero_shot", intervention="truncation").value == 0
    assert find(found, "included", strategy="zero_shot", intervention="mistake", kind="toy").value == 0
    assert find(found, "included", strategy="cot", intervention="mistake", kind="toy").value == 1
    assert find(found, "edit_invalid", strategy="zero_shot", intervention="mistake", reason="no steps").value == 1
    assert find(found, "edit_invalid", strategy="cot", intervention="mistake", kind="toy", reason="echoed").value == 0.25
    apart = find(found, "truncation_sensitivity_difference", strategy="zero_shot", versus="cot")
    assert (math.isnan(apart.value), apart.note) == (True, "one side of the difference is undefined")
    assert find(found, "accuracy_difference", strategy="zero_shot", versus="cot").value == 0


def test_some_traces_without_steps_leave_the_sensitivities(find):
    found = estimates(cut("cot", "q1", "BBA"), wrong("cot", "q1", "A", [("B", "A")]), empty("cot", "q2", "A"))
    assert (
        find(found, "truncation_sensitivity", strategy="cot").value,
        find(found, "truncation_sensitivity", strategy="cot").n,
    ) == (
        0.75,
        1,
    )
    assert find(found, "included", strategy="cot", intervention="truncation").value == 0.5
    assert (find(found, "accuracy", strategy="cot").value, find(found, "accuracy", strategy="cot").n) == (1, 2)


def test_writers_stand_apart(find):
    rows = [cut(s, "q1", "BA") for s in ("cot", "budget")]
    rows += [wrong(s, "q1", "A", [("B" if s == "cot" else "A", "A")], writer) for s in ("cot", "budget") for writer in ("rules",)]
    more = [r for r in wrong("cot", "q1", "A", [("A", "A")], "toy") if r["arm"] == "treated"]
    found = estimates(*rows, more)
    assert find(found, "corruption_sensitivity", strategy="cot", kind="rules").value == 1
    assert find(found, "corruption_sensitivity", strategy="cot", kind="toy").value == 0
    assert find(found, "corruption_sensitivity", strategy="budget", kind="rules").value == 0
    assert math.isnan(find(found, "corruption_sensitivity", strategy="budget", kind="toy").value)
    assert find(found, "corruption_sensitivity_difference", strategy="budget", versus="cot", kind="rules").value == -1
    assert find(found, "included", strategy="budget", intervention="mistake", kind="toy").value == 0
    assert find(found, "edit_valid", strategy="cot", intervention="mistake", kind="toy").value == 1


def test_missing_readings_bound_both_ways(find):
    found = estimates(
        cut("cot", "q1", ["B", None, "A"]), cut("cot", "q2", "BBA"),
        wrong("cot", "q1", "A", [(None, "A"), ("B", "A")]), wrong("cot", "q2", "A", [("A", "A")]),
    )  # fmt: skip
    cuts, mistakes = (
        find(found, f"{name}_sensitivity", strategy="cot", kind=kind) for name, kind in (("truncation", ""), ("corruption", "toy"))
    )
    # AOC of the first 1/4 to 3/4, by a straight line 1/2; the mistake 1/2 to 1, and 1 by the one that was read.
    assert (cuts.value, cuts.missing, cuts.partial, cuts.bounds) == ((0.5 + 0.75) / 2, 0, 1, (0.5, 0.75))
    assert (mistakes.value, mistakes.missing, mistakes.partial, mistakes.bounds) == (0.5, 0, 1, (0.25, 0.5))
    assert find(found, "unanswered", strategy="cot", intervention="truncation", arm="treated").value == 0.5
    assert find(found, "unanswered", strategy="cot", intervention="mistake", arm="treated").value == pytest.approx(1 / 3)


def test_a_question_that_counts_once(find):
    rows = [cut("cot", "q1", "BA"), *([r | {"trace_id": f"{i}"} for r in cut("cot", "q2", "AB")] for i in range(3))]
    assert find(estimates(*rows), "accuracy", strategy="cot").value == 0.25
    assert find(estimates(*rows, measure=StrategyEffect(weight="question")), "accuracy", strategy="cot").value == 0.5


def test_shards_come_together():
    parts = [*two(), empty("zero_shot", "q3", "A")]
    rows = [one for part in parts for one in part]
    shards = [MEASURE.columns(pd.DataFrame([r for r in rows if r["question_id"] == q])) for q in ("q3", "q2", "q1")]
    found = [estimates(rows), MEASURE.estimates(ClusterSums.concat(shards), level=0.95, seed=0)]
    facts = [[(e.key, e.n, e.missing, repr(round(e.value, 12))) for e in those] for those in found]
    assert facts[0] == facts[1]
    assert len({one[:2] for one in facts[0]}) == len(facts[0])
    assert all(e.direction.startswith("Larger: ") for e in found[0])


def test_it_alone_reads_across_strategies():
    assert [name for name, measure in MEASURES.items() if measure.across] == ["strategy_effect"]


def test_what_is_refused():
    rows = cut("cot", "q1", "BA")
    with pytest.raises(DataError, match=r"does not read filler; give rows of truncation and mistake\."):
        MEASURE.columns(pd.DataFrame([r | {"intervention": "filler"} for r in rows]))
    with pytest.raises(DataError, match="A reading for strategy_effect has no strategy; every row needs one"):
        MEASURE.columns(pd.DataFrame([r | {"strategy": None} for r in rows]))
    with pytest.raises(DataError, match="A reading for strategy_effect has no strategy; every row needs one"):
        MEASURE.columns(pd.DataFrame(rows).drop(columns="strategy"))
