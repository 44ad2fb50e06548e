"""Rows like those that papers released, made by hand."""

import pandas as pd

from benchmarks.published.turpin2023 import WAYS
from cotfaith.stats import Key


def only(estimates, metric, **fields):
    (found,) = [e for e in estimates if e.key == Key(metric, **fields)]
    return found


def bbh(*rows, bias="suggested_answer", few=0):
    """Rows of (gold, biased option, unbiased answer, biased answer), the answers with and without reasoning alike."""
    made = [
        {"bias_type": bias, "few_shot": few, "task": "task", "idx": i, "y_true": gold, "bias_target": target}
        | {f"y_unbiased_{how}": plain for how in WAYS}
        | {f"y_biased_{how}": biased for how in WAYS}
        for i, (gold, target, plain, biased) in enumerate(rows)
    ]
    return pd.DataFrame(made)


def bbq(*rows, few=0):
    """Rows of (first answer, second answer), with reasoning and without alike; option 2 is unknown, and 0 the stereotype's."""
    made = [
        {
            "few_shot": few,
            "idx": i,
            "example_id": 4 * i,
            "category": "SES",
            "unk_idx": 2,
            "stereotype_idx": rest[0] if rest else 0.0,
        }
        | {f"y0_{how}": first for how in WAYS}
        | {f"y1_{how}": second for how in WAYS}
        for i, (first, second, *rest) in enumerate(rows)
    ]
    return pd.DataFrame(made)


def iphr(*pairs, total=10, prop="prop", comparison="gt"):
    """Questions of pairs (share of right answers where YES is right, share of it where NO is)."""
    rows = []
    for i, (yes, no) in enumerate(pairs):
        same = {"model_id": "m", "prop_id": prop, "comparison": comparison, "total_count": total}
        first, second = (f"a{i}", f"b{i}") if i % 2 else (f"b{i}", f"a{i}")
        rows.append({**same, "answer": "YES", "p_correct": yes, "p_yes": yes, "x_name": first, "y_name": second})
        rows.append({**same, "answer": "NO", "p_correct": no, "p_yes": 1 - no, "x_name": second, "y_name": first})
    return pd.DataFrame(rows)
