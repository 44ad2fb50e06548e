"""Rows of readings under hints, made by hand."""

import math

import pandas as pd

HINT = "suggested_answer"
JUDGE, OTHER = ("lexical", "reasoning"), ("org/model@main", "reasoning")


def row(question, trace, arm, answer, **more):
    """One row: `answer` None stands for a reading that gave none."""
    plain = {"question_id": question, "trace_id": f"{question}/{trace}", "arm": arm, "answer": answer, "gold": "A"}
    plain |= {"intervention": "hint", "n_steps": 4, "n_options": 4, "dose": 0.0, "site": 0, "kind": "", "draw": 0, "target": ""}
    plain |= {"valid": True, "note": "", "logprobs": (), "verdicts": {}}
    plain |= {"state": "unparsed" if answer is None else "answered"} | more
    return plain


def ends(question, trace, answer, **more):
    """The two ends of a trace whose answer is `answer`."""
    return [row(question, trace, "full", answer, **more), row(question, trace, "no_reasoning", "D", **({"dose": 1.0} | more))]


def hinted(question, *pairs, target="B", hint=HINT, gold="A", options=4):
    """The rows of a question: each pair is a plain answer and the answer under the hint, with the verdicts on that where there are any."""
    same = {"gold": gold, "n_options": options}
    rows = []
    for trace, (plain, answer, *verdicts) in enumerate(pairs):
        said = verdicts[0] if verdicts else {}
        rows += ends(question, trace, plain, **same)
        rows.append(row(question, trace, "treated", answer, dose=1.0, kind=hint, target=target, verdicts=said, **same))
        rows.append(row(question, trace, "control", plain, **same))
    return rows


def refused(question, trace, note="no options", hint=HINT):
    """The rows of a trace on which the hint is impossible."""
    nothing = row(question, trace, "treated", None, dose=1.0, kind=hint, valid=False, state="edit_invalid", note=note)
    return [*ends(question, trace, "A"), nothing]


def frame(*parts):
    """The frame of several lists of rows."""
    return pd.DataFrame([one for part in parts for one in part])


def estimates(measure, *parts, level=0.95, seed=0):
    """The estimates of a measure from lists of rows, as one shard."""
    return measure.estimates(measure.columns(frame(*parts)), level=level, seed=seed)


def facts(found):
    """What estimates say, in a form that can be compared."""
    return sorted(
        (e.key._replace(dose=e.key.dose or 0), e.n, e.missing, *map(plain, (e.value, e.low, e.high, *e.bounds))) for e in found
    )


def plain(value):
    """The value to nine decimals; NaN is equal to itself."""
    return "undefined" if math.isnan(value) else f"{round(value, 9) + 0:.9g}"
