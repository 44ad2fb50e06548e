"""A small run, made by hand, with everything in it that a page must not stumble over."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from builders import trace
from report import chromium, hinted
from report.hinted import estimate
from report.pages import Page, page_of

from cotfaith.analysis.estimate import COLUMNS
from cotfaith.storage import probes as stored_probes
from cotfaith.storage import schema
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.storage.schema import Row
from cotfaith.types import Probe, Question, Reading, Trace

HOSTILE = (
    "First <script>window.hacked = 1; alert(1)</script> is read. "
    "Then </script><img src=x onerror=window.hacked=1> & &amp; follow. "
    "A \x00 null, a \u2028 line, \u202eright to left\u202c, \u05e9\u05dc\u05d5\u05dd and \ufffe stand here. "
    "So the answer is (B)."
)
CHOICES = Question(
    "q<1>", "toy", "Which of <b>these</b> & those?", ("one", "<i>two</i>", "three </script>"), "B", before="Mind <b>this</b>."
)
FREE = Question("q2", "toy", "How many?", (), "42")
SHARES = ([0.5, 0.2, 0.1], [0.3, 0.3, 0.3], [0.1, 0.7, 0.1], [0.004, 0.003, 0.002], [0.02, 0.93, 0.04])
MANIFEST = {
    "cotfaith": "0.1.0", "python": "3.11.7", "libraries": {"numpy": "2.4.6"}, "hardware": {"cores": 2},
    "command": ["cotfaith", "run", "--out", "a b"],
    "study": {"model": ["m/one"], "task": ["toy"], "strategy": ["cot"], "limit": 2, "samples": 1, "seed": 7, "temperature": 0.8},
    "interventions": {"truncation": "truncation(cuts=None, by='step')"}, "origins": {"truncation": "cotfaith 0.1.0"},
    "strategies": {"cot": "cot()"}, "prompts": {"mistake": "b1:77"},
    "subjects": {"m/one": {"fingerprint": {"revision": "abc123", "dtype": "float32", "template": "b1:00"}, "parameters": 135000000, "context": None}},
}  # fmt: skip


def table() -> pd.DataFrame:
    """Estimates with a curve that has a gap, a filler sweep, edits that failed their check, strata, something undefined, something missing."""
    rows = [
        estimate(
            "aoc",
            0.43604,
            missing=10,
            bound_low=0.3488,
            bound_high=0.5488,
            p=0.0004,
            null=0.0,
            p_adj=0.0048,
            family_size=12,
            margin=0.05,
            p_equivalence=0.75,
        ),
        estimate("aoc_probability", math.nan, n=0, clusters=0, missing=40, method="undefined", note="no <log> & such"),
        estimate("accuracy_full", 0.75, "filler_tokens"),
        estimate("accuracy_no_reasoning", 0.25, "filler_tokens"),
    ]
    for i in range(11):
        value = math.nan if i == 3 else 0.4 + 0.06 * i
        note = "nobody answered" if i == 3 else ""
        rows.append(estimate("same_answer", value, dose=i / 10, note=note))
        rows.append(estimate("same_answer_band", value, dose=i / 10, low=value - 0.2, high=value + 0.15, note=note))
    for kind in ("dots", "words"):
        rows += [estimate("accuracy_filler", 0.25 + dose / 10, "filler_tokens", kind=kind, dose=dose) for dose in (0.5, 1.0)]
        rows.append(estimate("accuracy_difference", -0.125, "filler_tokens", kind=kind, dose=1.0))
    return pd.DataFrame([*rows, *mistakes(), *paraphrases(), *hinted.effects(), *hinted.curve()])[["model", "task", *COLUMNS]]


def mistakes() -> list[Row]:
    """Mistakes by two writers; one of them fails at times, and has no mistake in the last fifth."""
    name = "adding_mistakes"
    rows = []
    for writer, net in (("rules", 0.25), ("w_1", 0.3125)):
        rows += [
            estimate("aoc", net + 0.05, name, kind=writer),
            estimate("aoc_net", net, name, kind=writer, p=0.04, null=0.0),
            estimate("aoc_net", net + 0.1, name, kind=writer, stratum="answer right"),
            estimate("aoc_net", net - 0.1, name, kind=writer, stratum="3-6 steps"),
            estimate("unanswered", 0.0, name, arm="treated", kind=writer),
        ]
        for x in (0.1, 0.3, 0.5, 0.7, 0.9):
            value = math.nan if (writer, x) == ("w_1", 0.9) else 0.4 + x / 4
            note = "no reading" if math.isnan(value) else ""
            for metric, shift in (("same_answer_after_mistake", 0.0), ("same_answer_after_control", 0.2)):
                rows.append(estimate(metric, value + shift, name, kind=writer, dose=x, note=note))
            band = {"low": value - 0.2, "high": value + 0.2}
            rows.append(estimate("same_answer_after_mistake_band", value, name, kind=writer, dose=x, note=note, **band))
    checked = [
        ("edit_valid", "rules", "", 1.0),
        ("edit_valid", "w_1", "", 0.875),
        ("edit_invalid", "w_1", "echoed", 0.075),
        ("edit_invalid", "w_1", "refused", 0.05),
    ]
    rows += [estimate(metric, value, name, kind=writer, reason=reason) for metric, writer, reason, value in checked]
    return rows + [estimate("included", value, name, kind=writer, n=20) for writer, value in (("rules", 1.0), ("w_1", 0.95))]


def paraphrases() -> list[Row]:
    """Paraphrases by one writer, all of which passed their check."""
    name = "paraphrasing"
    rows = [
        estimate("retention_net", -0.15, name, kind="w_1"),
        estimate("retention_net", -0.2, name, kind="w_1", stratum="answer wrong"),
    ]
    for x in (0.1, 0.3, 0.5, 0.7, 0.9):
        rows.append(estimate("accuracy_paraphrased", 0.5 - x / 10, name, kind="w_1", dose=x))
        rows.append(estimate("accuracy_paraphrase_control", 0.6, name, kind="w_1", dose=x))
    return [*rows, estimate("edit_valid", 1.0, name, kind="w_1"), estimate("included", 1.0, name, kind="w_1", n=20)]


def _cuts(one: Trace) -> list[Probe]:
    size = len(one.steps)
    spec = "truncation"
    ends = [
        Probe(f"{one.id}-none", one.id, spec, "no_reasoning", 0, dose=1.0),
        Probe(f"{one.id}-full", one.id, spec, "full", len(one.reasoning_ids)),
    ]
    between = [
        Probe(f"{one.id}-{k}", one.id, spec, "treated", one.steps[k - 1].tokens, dose=1 - k / size, site=k) for k in range(1, size)
    ]
    return [ends[0], *between, ends[1]]


def _edits(one: Trace) -> list[tuple[Probe, str]]:
    """Mistakes of the second step and a paraphrase of the first two, with the readings that answer them; one writer only echoes."""
    mistake, paraphrase = "mistake", "paraphrase"
    keep, second = one.steps[0].tokens, one.step_text(1)
    wrong = " Then <b>nothing</b> follows."
    return [
        (Probe("m-1", one.id, mistake, "treated", keep, wrong, then="continue", dose=1.0, site=2, kind="rules"), "r1-mistake"),
        (Probe("m-0", one.id, mistake, "control", one.steps[1].tokens, then="continue", site=2), "r1-control"),
        (Probe("m-2", one.id, mistake, "treated", keep, second, then="continue", dose=1.0, site=2, kind="w_1", valid=False, note="echoed"), ""),
        (Probe("p-1", one.id, paraphrase, "treated", 0, "Said & done.", then="continue", dose=0.5, site=2, kind="w_1"), "r1-unread"),
        (Probe("p-2", one.id, paraphrase, "treated", 0, "", dose=1.0, kind="w_1", valid=False, note="refused"), ""),
    ]  # fmt: skip


def write_run(path: Path) -> RunDirectory:
    """The run on disk: one trace of a question with options, and one of a free-form question."""
    directory, shard = RunDirectory(path), Shard("cell", 0)
    hostile = replace(trace(HOSTILE, "t1"), question_id=CHOICES.id, model="m/one")
    free = replace(trace("Six times seven. That is 42.", "t2"), question_id=FREE.id, model="m/one", finish="length")
    directory.append("questions", shard, [schema.question_row(one) for one in (CHOICES, FREE)])
    directory.append("traces", shard, [schema.trace_row(one, "toy") for one in (hostile, free)])
    readings = [
        Reading(f"r1-{i}", "answered", "ABC"[share.index(max(share))], "", tuple(map(math.log, share)), sum(share))
        for i, share in enumerate(SHARES)
    ]
    readings[3] = replace(readings[3], state="unparsed", answer=None, reason="the options hold <little>")
    readings += [
        Reading("r2-0", "refused", reason="I cannot", continuation="I cannot <b>say</b>."),
        Reading("r2-1", "truncated", continuation="Let me"),
        Reading("r2-2", "answered", "42", continuation="42"),
    ]
    keys = {"t1": ["r1-0", "r1-1", "r1-2", "r1-3", "r1-4"], "t2": ["r2-0", "r2-1", "r2-2"]}
    probes = []
    for one in (hostile, free):
        pairs = zip(_cuts(one), keys[one.id], strict=True)
        probes += [schema.probe_row(probe, one, "toy", key, spec="s") for probe, key in pairs]
    probes += [schema.probe_row(probe, hostile, "toy", key, spec="s") for probe, key in _edits(hostile)]
    readings += [
        Reading("r1-mistake", "answered", "C", thought=" I go on <script>so</script>. So the answer is (C)."),
        Reading("r1-control", "answered", "B", thought=" So the answer is (B)."),
    ]
    hints = hinted.probes(hostile, CHOICES)
    probes += [schema.probe_row(probe, hostile, "toy", key, spec="s") for probe, key in hints]
    readings += hinted.READINGS
    directory.append("verdicts", shard, [schema.verdict_row(one, "m/one", "toy") for one in hinted.VERDICTS])
    stored_probes.append(directory, shard, probes, [probe for probe, _ in hints], set())
    directory.append("readings", shard, [schema.reading_row(one, "m/one", "toy") for one in readings])
    directory.write_manifest(MANIFEST)
    directory.write_text("log.jsonl", '{"time": "2026-11-21T20:36:36.380+00:00", "event": "done"}\n{"time": "20')
    directory.write_frame("estimates.parquet", table())
    return directory


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    return write_run(tmp_path / "run")


@pytest.fixture(scope="session")
def shared_run(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    """The same run, for tests that only read it."""
    return write_run(tmp_path_factory.mktemp("shared") / "run")


@pytest.fixture(scope="session")
def made(shared_run: RunDirectory) -> tuple[str, Page]:
    """The page of the run that the tests share."""
    return page_of(shared_run)


@pytest.fixture(scope="module")
def browser() -> Iterator:
    """Headless Chromium."""
    with chromium.started() as driver:
        yield driver
