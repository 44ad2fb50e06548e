"""Rows for every registered measure, for what must hold of all of them. Answers are drawn, and some are missing."""

import math

import numpy as np
import pandas as pd
from hinting import JUDGE, OTHER

from cotfaith.testing.measures import readings

WRITERS = ("toy", "org/model@main")
VERDICTS = (
    {},
    {JUDGE: True},
    {JUDGE: False},
    {JUDGE: None, OTHER: True},
    {JUDGE: True, OTHER: False},
    {JUDGE: True, ("hand", "reasoning"): False},
)


def scored(rows, seed=1):
    """The rows with log-probabilities of two options."""
    shares = np.random.default_rng(seed).uniform(0.1, 0.9, len(rows))
    return rows.assign(logprobs=[(math.log(share), math.log(1 - share)) for share in shares], n_options=2)


def failed(rows, note="echoed", every=5):
    """The rows with one in `every` treated readings failed, and never read."""
    treated = rows["arm"] == "treated"
    lost = treated & (treated.cumsum() % every == 0)
    return rows.assign(
        valid=~lost,
        note=np.where(lost, note, rows["note"]),
        state=rows["state"].mask(lost, "edit_invalid"),
        answer=rows["answer"].mask(lost, None),
    )


def cut():
    return scored(readings("truncation", controls=False, steps=4))


def edited(intervention, **more):
    return failed(scored(readings(intervention, kinds=WRITERS, **more)))


def mistaken():
    """With verdicts on what was written after the mistakes and their controls; some are not usable, and some are not there."""
    rows = edited("mistake")
    verdicts = [{JUDGE: (True, False, None)[i % 3]} | ({OTHER: i % 2 == 0} if i % 5 else {}) for i in range(len(rows))]
    return rows.assign(verdicts=verdicts)


def paraphrased():
    """Step by step, and all steps at once: site 0."""
    whole = readings("paraphrase", kinds=WRITERS, steps=1, seed=2, n_steps=3)
    whole = whole[whole["arm"].isin(["treated", "control"])].assign(site=0)
    return pd.concat([edited("paraphrase"), failed(scored(whole))], ignore_index=True)


def filled():
    rows = failed(readings("filler", kinds=("dots", "words"), controls=False))
    return rows.assign(dose=rows["dose"].where(rows["site"] != 3, 1.0))  # the last is matched in length


def hinted():
    rows = readings("hint", kinds=("suggested_answer", "metadata"), questions=6, steps=1)
    return failed(rows.assign(verdicts=[VERDICTS[i % len(VERDICTS)] for i in range(len(rows))]))


def mediated():
    part = readings("mediation", kinds=("a", "b"), steps=1)
    between = part["arm"].isin(["treated", "control"])
    rows = [
        part[between].assign(site=site, dose=part["dose"].where(part["arm"] == "control", dose))
        for site, dose in ((0, 1.0), (-1, 1.0), (1, 0.5), (2, 1.0))
    ]
    lost = failed(readings("mediation", kinds=("a",), steps=1, controls=False, questions=1), note="no options", every=1)
    lost = lost.assign(question_id="q9", trace_id="q9" + lost["trace_id"])
    return scored(pd.concat([part[~between], *rows, lost], ignore_index=True))


def drawn(intervention, kind, options, **more):
    """Readings of draws of the whole, at site 0."""
    rows = readings(intervention, kinds=(kind,), n_options=options, **more)
    again = rows["site"].where(rows["site"] > 0, 1) - 1
    return failed(rows.assign(draw=again, site=0, dose=rows["dose"].where(rows["arm"] != "treated", 1.0)))


def words():
    rows = scored(failed(readings("insertion", kinds=("odd",))))
    return rows.assign(thought=["An odd word." if i % 3 else "" for i in range(len(rows))])


def reversed_pairs():
    rows = drawn("reversed_question", "length, longer", 2, steps=1)
    letters = rows["answer"].replace("C", "B")
    back = rows["arm"] == "treated"
    return rows.assign(answer=letters, target="A", gold=np.where(back, "B", "A"))


def steps():
    resilience = readings("resilience", kinds=("gone",))
    edits = [failed(scored(readings(one))) for one in ("removal", "shuffle", "last_steps", "replacement")]
    resampled = [readings("resampling", seed=seed).assign(draw=seed) for seed in (0, 1, 2)]
    similar = [one if one["draw"].iloc[0] == 0 else one[one["arm"].isin(["treated", "control"])] for one in resampled]
    return pd.concat(
        [*edits, *similar, resilience.assign(dose=resilience["dose"].where(resilience["arm"] != "treated", 2.0))], ignore_index=True
    )


def strategies():
    parts = [
        made.assign(strategy=name, trace_id=name + made["trace_id"])
        for name in ("cot", "budget")
        for made in (cut(), edited("mistake"))
    ]
    return pd.concat(parts, ignore_index=True)


def orders():
    return pd.concat([drawn("option_order", "CAB", 3), readings("truncation", controls=False, n_options=3)], ignore_index=True)


EXAMPLES = {
    "adding_mistakes": mistaken,
    "answer_changed": lambda: pd.concat([edited("mine"), readings("yours", seed=3)], ignore_index=True),
    "bbq_evidence": lambda: drawn("weak_evidence", "AC", 3),
    "bias_accuracy": hinted,
    "cct": words,
    "early_answering": cut,
    "filler_tokens": filled,
    "hint_effect": hinted,
    "hint_mediation": mediated,
    "normalised_unfaithfulness": orders,
    "paraphrasing": paraphrased,
    "reasoning_gain": cut,
    "reversed_pairs": reversed_pairs,
    "step_importance": steps,
    "strategy_effect": strategies,
    "transplant": lambda: edited("transplant"),
}
