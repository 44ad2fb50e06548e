"""Readings without an answer are visible: how many, why, and what another extractor would read."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from builders import trace

import cotfaith
from cotfaith import tables
from cotfaith.analysis.unread import COLUMNS, unread
from cotfaith.storage import schema
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.tables import formats
from cotfaith.types import Probe, Question, Reading

FREE = Question("q1", "sums", "How many?", (), "42")
CHOICES = Question("q2", "sums", "Which?", ("one", "two"), "B")
HOSTILE = "\x1b]0;pwned\x07\x1b[31m no\u202e idea,\nreally\ud800: 6 or 7"

READINGS = [
    Reading("a", "answered", "42", continuation="The answer is 42."),
    Reading("b", "answered", "7", continuation="7"),
    Reading("c", "unparsed", reason="no answer found", continuation=HOSTILE.replace("\ud800", "")),
    Reading("d", "unparsed", reason="no answer found", continuation=""),
    Reading("e", "truncated", reason="cut at the token budget", continuation="Let me"),
    Reading("f", "refused", reason="refuses to answer", continuation="I cannot say."),
    Reading("g", "error", reason="60054 tokens, but the context holds 8192"),
    Reading("h", "error", reason="61000 tokens, but the context holds 8192"),
]
SCORED = [
    Reading("s1", "answered", "B", "", (math.log(0.2), math.log(0.7)), 0.9),
    Reading("s2", "answered", "A", "", (math.log(0.2), math.log(0.1)), 0.3),
    Reading(
        "s3", "unparsed", None, "the options hold 0.030 of the probability, less than 0.1", (math.log(0.01), math.log(0.02)), 0.03
    ),
    Reading(
        "s4", "unparsed", None, "the options hold 0.050 of the probability, less than 0.1", (math.log(0.04), math.log(0.01)), 0.05
    ),
]


@pytest.fixture
def written(tmp_path: Path) -> RunDirectory:
    """Two tasks of one model by hand. Two probes share the reading c, one failed its check, and one has no reading yet."""
    directory = RunDirectory(tmp_path / "run")
    for task, question, readings in (("sums", FREE, READINGS), ("picks", CHOICES, SCORED)):
        shard = Shard(task, 0)
        one = replace(trace("Six. Seven.", f"t-{task}"), question_id=question.id, model="m\x1b[2J")
        ids = [reading.id for reading in readings]
        ids += ["c", "later"] if task == "sums" else []
        probes = [Probe(f"p-{task}-{i}", one.id, "", "full", keep=2, draw=i) for i in range(len(ids))]
        rows = [schema.probe_row(probe, one, task, name, spec="s") for probe, name in zip(probes, ids, strict=True)]
        failed = replace(probes[0], id=f"p-{task}-failed", valid=False, note="echoed")
        rows.append(schema.probe_row(failed, one, task, "", spec="s"))
        directory.append("questions", shard, [schema.question_row(question)])
        directory.append("traces", shard, [schema.trace_row(one, task)])
        directory.append("probes", shard, rows)
        directory.append("readings", shard, [schema.reading_row(reading, one.model, task) for reading in readings])
    return directory


def test_each_state_and_reason_has_its_share_and_an_example(written: RunDirectory) -> None:
    table = unread(written)
    assert tuple(table.columns) == COLUMNS
    sums = table[table["task"] == "sums"]
    assert set(sums["of"]) == {8}
    assert dict(zip(sums["reason"], sums["readings"], strict=True)) == {
        "no answer found": 2,
        "N tokens, but the context holds N": 2,
        "cut at the token budget": 1,
        "refuses to answer": 1,
        "": 2,
    }
    assert sums["share"].sum() == pytest.approx(1)
    assert list(sums["state"])[-1] == "answered"
    examples = dict(zip(sums["reason"], sums["example"], strict=True))
    assert examples["no answer found"].startswith("\x1b]0;pwned")
    assert examples["N tokens, but the context holds N"] == "60054 tokens, but the context holds 8192"
    assert examples["refuses to answer"] == "I cannot say."


def test_what_other_extractors_would_read_is_counted(written: RunDirectory) -> None:
    table = unread(written).set_index(["task", "state", "reason"])
    picks = table.loc[("picks", "unparsed", "the options hold N of the probability, less than N")]
    assert (picks["readings"], picks["strict"], picks["flexible"]) == (2, 0, 2)
    kept = table.loc[("picks", "answered", "")]
    assert (kept["readings"], kept["strict"], kept["flexible"]) == (2, 1, 2)  # the options of s2 hold less than half
    silent = table.loc[("sums", "unparsed", "no answer found")]
    assert (silent["readings"], silent["flexible"]) == (2, 1)  # the last number of a text that is not empty
    assert table.loc[("sums", "error", "N tokens, but the context holds N"), "flexible"] == 0


def test_the_counts_are_those_of_an_estimate_with_that_extractor(tmp_path: Path) -> None:
    run = cotfaith.run(model="scripted/never-answers", task="addition", limit=3, samples=2, out=tmp_path / "run", quiet=True)
    (row,) = run.unread().to_dict("records")
    readings = run.readings()
    assert (row["state"], row["readings"], row["of"]) == ("unparsed", len(readings), len(readings))
    assert (row["strict"], row["flexible"]) == (0, 0)  # all options tie, and no extractor decides by the order of the letters
    assert run.estimate(extractor="flexible").query("metric == 'aoc'")["n"].sum() == 0


def test_nothing_unread_is_an_empty_table(tmp_path: Path) -> None:
    run = cotfaith.run(model="scripted/mixed", task="addition", limit=2, samples=1, out=tmp_path / "run", quiet=True)
    table = run.unread()
    assert (len(table), tuple(table.columns)) == (0, COLUMNS)
    assert tables.unread.lines(table) == []


def test_the_lines_say_how_many_why_and_what_would_be_read(written: RunDirectory) -> None:
    lines = tables.unread.lines(unread(written))
    assert max(map(len, lines)) <= formats.WIDTH
    text = " ".join(line.strip() for line in lines)
    assert "on sums: 6 of 8 readings (75 %): 2 unparsed, 2 error, 1 truncated, 1 refused." in text
    assert (
        "on picks: 2 of 4 readings (50 %): 2 unparsed. With --extractor: flexible reads 2 of them; strict reads 0 of them and drops 1 of the other answers."
        in text
    )
    assert "no answer found (2), such as" in text
    assert "N tokens, but the context holds N (2), such as “60054 tokens, but the context holds 8192”; " in text
    assert "others (1)" in text


def test_no_escape_sequence_reaches_the_terminal(written: RunDirectory) -> None:
    lines = tables.unread.lines(unread(written))
    assert all(line.isprintable() for line in lines)
    assert "\\x1b]0;pwned\\x07\\x1b[31m no\\u202e idea,\\nreally" in " ".join(line.strip() for line in lines)
    assert "m\\x1b[2J on picks" in lines[0]


def test_many_models_do_not_fill_the_screen() -> None:
    rows = [
        {"model": f"m{i}", "task": "sums", "state": "unparsed", "reason": "none", "readings": 1, "of": 2, "share": 0.5, "strict": 0, "flexible": 0, "example": "x" * 500}
        for i in range(20)
    ]  # fmt: skip
    lines = tables.unread.lines(pd.DataFrame(rows))
    assert sum(line.startswith("Unread: ") for line in lines) == tables.unread.MOST
    assert lines[-1] == "Unread readings of 12 more models and tasks: Run.unread() and the report list them."
    assert "x" * 100 not in "".join(lines)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb", "“a\\tb”"),
        ("\ud800", "“\\ud800”"),
        ("é", "“é”"),
        ("x" * 70, "“" + "x" * 60 + "…”"),
        ("\x1b" * 20, "“" + "\\x1b" * 15 + "…”"),
    ],
)
def test_a_short_text(text: str, shown: str) -> None:
    assert formats.short(text) == shown


def test_a_name_in_a_table_is_printable() -> None:
    assert "\x1b" not in "".join(formats.grid(["name", "n"], [["a\x1b[31m", "1"]], words=1))
