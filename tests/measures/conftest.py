"""Rows of readings made by hand, and published ones."""

import pandas as pd
import pytest

from cotfaith.stats import Key


def row(question, trace, arm, answer, **more):
    """One row: `answer` None stands for a reading that gave none."""
    state = "unparsed" if answer is None else "answered"
    plain = {"question_id": question, "trace_id": trace, "arm": arm, "answer": answer, "state": state, "gold": "A", "n_options": 4}
    plain |= {
        "sample": 0,
        "n_steps": 1,
        "n_tokens": 10,
        "finish": "stop",
        "kind": "",
        "draw": 0,
        "valid": True,
        "note": "",
        "logprobs": (),
        "mass": None,
        "verdicts": {},
    }
    return plain | more


def cut_trace(question, trace, answers, *, logprobs=None, **more):
    """The rows of a trace of len(answers) - 1 steps, whose answer after k of them is answers[k]."""
    steps = len(answers) - 1
    rows = []
    for k, answer in enumerate(answers):
        arm = "no_reasoning" if k == 0 else "full" if k == steps else "treated"
        where = {"dose": 1 - k / steps, "site": k if k < steps else 0, "n_steps": steps, "intervention": "truncation"}
        scores = () if logprobs is None else logprobs[k]
        rows.append(row(question, trace, arm, answer, logprobs=scores, **where, **more))
    return rows


def filler_trace(question, trace, full, none, fillers, **more):
    """The rows of a trace; `fillers` maps (kind, dose) to the answer with that filler."""
    same = {"intervention": "filler"} | more
    ends = [
        row(question, trace, "full", full, dose=0.0, site=0, **same),
        row(question, trace, "no_reasoning", none, dose=0.0, site=0, **same),
    ]
    return ends + [
        row(question, trace, "treated", answer, dose=dose, site=round(10 * dose), **(same | {"kind": kind}))
        for (kind, dose), answer in fillers.items()
    ]


def edited_trace(intervention, question, trace, steps, full, edits, /, **more):  # noqa: PLR0917  as they stand in a line of a test
    """The rows of a trace of `steps` steps; `edits` maps (site, writer) or (site, writer, draw) to (answer, answer of the control).

    In the place of such a pair stands, for an edit that did not take, the reason; in the place of an answer, a pair of it and the
    log-probabilities of the options. Writers share the control of a site and draw.
    """
    same = {"intervention": intervention, "n_steps": steps} | more

    def read(arm, answer, **where):
        answer, scores = answer if isinstance(answer, tuple) else (answer, ())
        return row(question, trace, arm, answer, **({"dose": 0.0, "site": 0, "logprobs": scores} | same | where))

    rows, controls = [read("full", full), read("no_reasoning", None, dose=1.0)], {}
    for (site, writer, *draws), found in edits.items():
        draw = draws[0] if draws else 0
        where = {"site": site, "draw": draw, "kind": writer, "dose": 1.0 if intervention == "mistake" or not site else site / steps}
        if isinstance(found, str):
            rows.append(read("treated", None, **where, state="edit_invalid", valid=False, note=found))
        else:
            rows.append(read("treated", found[0], **where))
            assert controls.setdefault((site, draw), found[1]) == found[1]
    return rows + [read("control", answer, site=site, draw=draw) for (site, draw), answer in controls.items()]


def edited(intervention):
    """Builds the frame of edited traces, each (question, trace, steps, full, edits) or with a dict of more columns behind."""

    def build(*traces):
        rows = [r for trace in traces for r in edited_trace(intervention, *trace[:5], **(trace[5] if len(trace) > 5 else {}))]
        return pd.DataFrame(rows)

    return build


@pytest.fixture(scope="session")
def mistakes():
    """Builds the frame of traces with mistakes."""
    return edited("mistake")


@pytest.fixture(scope="session")
def paraphrases():
    """Builds the frame of paraphrased traces; at site 0 the whole is read at once."""
    return edited("paraphrase")


@pytest.fixture(scope="session")
def cuts():
    """Builds the frame of truncated traces, each (question, trace, answers) or with a dict of more columns behind."""

    def build(*traces):
        rows = [r for trace in traces for r in cut_trace(*trace[:3], **(trace[3] if len(trace) > 3 else {}))]
        return pd.DataFrame(rows)

    return build


@pytest.fixture(scope="session")
def fillers():
    """Builds the frame of filled traces, each (question, trace, full, none, fillers) or with a dict of more columns behind."""

    def build(*traces):
        rows = [r for trace in traces for r in filler_trace(*trace[:5], **(trace[5] if len(trace) > 5 else {}))]
        return pd.DataFrame(rows)

    return build


@pytest.fixture(scope="session")
def find():
    """Finds the one estimate of a metric whose key has this dose and these fields, and no others."""

    def one(estimates, metric, dose=None, **fields):
        wanted = Key(metric, dose=dose, **fields)
        found = [e for e in estimates if e.key == wanted]
        assert len(found) == 1, (wanted, [e.key for e in estimates])
        return found[0]

    return one


@pytest.fixture(scope="session")
def published(released):
    """Reads a published table, as paper/file.csv."""
    return lambda name: pd.read_csv(released / name)
