"""Hints that point away from the model's own answer: a model that ignores them shows no effect, and one that follows shows its share."""

import math

import numpy as np
import pytest
from hinting import ends, estimates, frame, hinted, row

from cotfaith.measures.bias_accuracy import BiasAccuracy
from cotfaith.measures.hint_mediation import HintMediation

QUESTIONS, SAMPLES = 150, 3


def answers(random, chance, size):
    return ["ABCD"[i] for i in random.choice(4, size, p=chance)]


def chances(random):
    """The chances of the four options in each question, of which A is right."""
    return [random.dirichlet([2.0, 1.0, 1.0, 1.0]) for _ in range(QUESTIONS)]


def another(random, answer):
    return str(random.choice([one for one in "ABCD" if one != answer]))


def biased(random, follows, *, by_answer=True):
    """Rows of a model that follows a share of the hints and resamples its answer under the others."""
    parts = []
    for i, chance in enumerate(chances(random)):
        for trace, plain in enumerate(answers(random, chance, SAMPLES)):
            target = another(random, plain)
            said = target if random.random() < follows else answers(random, chance, 1)[0]
            rows = ends(f"q{i:03}", trace, plain)
            rows.append(row(f"q{i:03}", trace, "treated", said, dose=1.0, kind="sure", target=target))
            rows.append(row(f"q{i:03}", trace, "control", plain))
            parts.append([one | {"by_answer": by_answer and one["arm"] == "treated"} for one in rows])
    return parts


def one(found, metric, kind="sure"):
    (made,) = [e for e in found if (e.metric, e.key.kind, e.key.stratum) == (metric, kind, "")]
    return made


def test_a_model_that_ignores_the_hint_loses_no_accuracy_to_it():
    """Against the own answer as the control, the drop is .15: the own answer is more often right where the target is wrong."""
    drops, selected = [], []
    for seed in range(8):
        drops.append(one(estimates(BiasAccuracy(), *biased(np.random.default_rng(seed), 0.0)), "accuracy_drop"))
        rows = biased(np.random.default_rng(seed), 0.0, by_answer=False)
        selected.append(one(estimates(BiasAccuracy(), *rows), "accuracy_drop").value)
    assert abs(np.mean([e.value for e in drops])) < 0.02
    assert sum(e.low <= 0 <= e.high for e in drops) >= 7
    assert np.mean(selected) > 0.05  # the positive control of the test: what the fault gave


def test_a_model_that_follows_half_of_the_hints_is_found():
    found = estimates(BiasAccuracy(), *biased(np.random.default_rng(3), 0.5))
    assert one(found, "accuracy_drop").low > 0.1
    rate, plain = one(found, "bias_rate"), one(found, "bias_rate_plain")
    assert plain.value == pytest.approx(0.2, abs=0.05)  # not 0, as it is among the own answers
    assert rate.value - plain.value == pytest.approx(0.5 * 0.8, abs=0.06)


def logprobs(chance):
    return tuple(np.log(0.9 * np.asarray(chance)))


def near(answer, chance):
    """Probabilities after a reasoning that leads to `answer`: mostly that option, a little of the others."""
    return [0.8 * (letter == answer) + 0.2 * p for letter, p in zip("ABCD", chance, strict=True)]


def mediated(random, follows, *, by_answer=True):
    parts = []
    for i, chance in enumerate(chances(random)):
        for trace, plain in enumerate(answers(random, chance, SAMPLES)):
            target = another(random, plain)
            hinted_answer = target if random.random() < follows else answers(random, chance, 1)[0]
            same = {"intervention": "mediation"}
            own, moved = logprobs(near(plain, chance)), logprobs(near(hinted_answer, chance))
            full, empty = ends(f"q{i:03}", trace, plain, **same)
            rows = [full | {"logprobs": own}, empty | {"logprobs": logprobs(chance)}]
            for site, scores in ((0, moved), (-1, own), (1, moved)):
                rows.append(
                    row(f"q{i:03}", trace, "treated", "A", dose=1.0, kind="sure", target=target, site=site, logprobs=scores, **same)
                )
                rows.append(row(f"q{i:03}", trace, "control", plain, site=site, logprobs=own, **same))
            parts.append([one | {"by_answer": by_answer and one["arm"] == "treated"} for one in rows])
    return parts


def test_a_reasoning_that_ignores_the_hint_carries_nothing_of_it():
    """Against the own answer as the control, the indirect effect is .2 or so: the target is never the own answer."""
    effects, selected = [], []
    for seed in range(8):
        effects.append(one(estimates(HintMediation(), *mediated(np.random.default_rng(seed), 0.0)), "nie"))
        selected.append(one(estimates(HintMediation(), *mediated(np.random.default_rng(seed), 0.0, by_answer=False)), "nie").value)
    assert abs(np.mean([e.value for e in effects])) < 0.02
    assert sum(e.low <= 0 <= e.high for e in effects) >= 7
    assert np.mean(selected) > 0.1


def test_a_reasoning_that_carries_the_hint_is_found():
    found = one(estimates(HintMediation(), *mediated(np.random.default_rng(5), 0.5)), "nie")
    assert found.low > 0.2


def test_by_hand():
    # Three plain answers A, B, A; the first points at B, the second at A, the third at C. Right is A; targets that are right do not enter.
    rows = hinted("q1", ("A", "B"), ("B", "A"), ("A", "C"), hint="sure")
    for number, target in enumerate("BAC"):
        for one_row in rows:
            if one_row["trace_id"] == f"q1/{number}" and one_row["arm"] == "treated":
                one_row |= {"target": target, "by_answer": True}
    rows = [{"by_answer": False} | one_row for one_row in rows]
    found = estimates(BiasAccuracy(), rows)
    # Of the first the other plain samples are B and A, of the third A and B: half of them right, and half of those of the first B.
    assert one(found, "accuracy_plain").value == pytest.approx(0.5)
    assert one(found, "accuracy_drop").value == pytest.approx(0.5)
    assert one(found, "bias_rate_plain").value == pytest.approx((0.5 + 0) / 2)
    assert one(found, "flips_to_target").value == pytest.approx((0.5 + 1) / 2)


def test_without_other_samples_there_is_no_control():
    rows = [{"by_answer": one_row["arm"] == "treated"} | one_row for one_row in hinted("q1", ("A", "B"), hint="sure")]
    found = estimates(BiasAccuracy(), rows)
    drop = one(found, "accuracy_drop")
    assert math.isnan(drop.value)
    assert (drop.n, drop.missing) == (0, 1)
    assert drop.bounds == (0, 1)


def test_a_hint_that_names_an_option_by_question_keeps_its_paired_control():
    rows = hinted("q1", ("A", "B"), ("B", "A"), hint="sure")
    assert len(frame(rows)) == 8
    assert one(estimates(BiasAccuracy(), rows), "accuracy_drop").value == 0
