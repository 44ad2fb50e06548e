"""Traces from elsewhere are probed, read and estimated as sampled ones are, and never mixed with these."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import cotfaith
from cotfaith.analysis.kept import keep
from cotfaith.contracts.importer import GivenTrace
from cotfaith.errors import DataError, StoreError, UsageError
from cotfaith.pipeline.run import execute
from cotfaith.pipeline.trace_source import Given
from cotfaith.runs import Run
from cotfaith.study import make

pytestmark = pytest.mark.integration

CHOICES = {
    "model": "scripted/mixed",
    "task": "addition",
    "limit": 6,
    "samples": 2,
    "measures": ["early_answering", "adding_mistakes"],
}


def given_run(path: Path, source: Given, **choices: Any) -> Run:
    assert execute(make(CHOICES | choices), path, keep, quiet=True, source=source)
    return Run(path)


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return cotfaith.run(out=tmp_path_factory.mktemp("sampled") / "run", quiet=True, **CHOICES)


def rows(run: Run) -> list[dict[str, Any]]:
    """The traces of `run` as somebody else would bring them."""
    return [
        {
            "question": row.question_id,
            "sample": row.sample,
            "strategy": row.strategy,
            "finish": row.finish,
            "reasoning": row.reasoning,
        }
        for row in run.traces().itertuples()
    ]


def test_the_same_traces_given_have_the_same_estimates(sampled: Run, tmp_path: Path) -> None:
    run = given_run(tmp_path, Given.of(rows(sampled), path="papers.jsonl", made_by="somebody"))
    assert set(run.traces()["source"]) == {"given"}
    assert run.manifest()["traces"] == [{"source": "given", "path": "papers.jsonl", "made_by": "somebody"}]
    assert sampled.manifest()["traces"] == [{"source": "sampled"}]
    pd.testing.assert_frame_equal(run.estimates(), sampled.estimates())


def test_other_texts_are_probed_and_read(sampled: Run, tmp_path: Path) -> None:
    """The persona of the run reads what stands in the reasoning, whoever wrote it."""
    text = " First I add. Then I carry. So the answer is (C)."
    file = tmp_path / "traces.jsonl"
    file.write_text("".join(json.dumps(row | {"reasoning": text}) + "\n" for row in rows(sampled)), encoding="utf-8")
    run = given_run(tmp_path / "run", Given.from_jsonl(file, made_by="hand"), model="scripted/faithful")
    assert set(run.traces()["reasoning"]) == {text}
    full = run.probes().query("arm == 'full'").merge(run.readings(), left_on="reading_id", right_on="id")
    assert set(full["answer"]) == {"C"}
    assert run.estimates().query("metric == 'aoc'")["n"].iloc[0] == 12
    assert run.manifest()["traces"][0]["path"] == str(file)


def test_a_model_of_its_own_is_not_given_to_another(sampled: Run, tmp_path: Path) -> None:
    named = [row | {"model": "scripted/mixed"} for row in rows(sampled)]
    with pytest.raises(DataError, match=r"there is no trace of question '.*', strategy cot, sample 0: add it, or use fewer"):
        given_run(tmp_path, Given.of(named), model=["scripted/mixed", "scripted/faithful"])


def test_what_is_not_used_is_said(sampled: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    given_run(tmp_path, Given.of([*rows(sampled), {"question": "nowhere", "reasoning": "x", "finish": "stop"}]))
    assert "1 of the given traces were not used" in caplog.text


def test_given_and_sampled_traces_do_not_mix(sampled: Run, tmp_path: Path) -> None:
    given_run(tmp_path, Given.of(rows(sampled)))
    with pytest.raises(StoreError, match="holds traces that were given, and now they are sampled; choose another --out"):
        cotfaith.run(out=tmp_path, quiet=True, **CHOICES)
    other = [row | {"reasoning": " So the answer is (A)."} for row in rows(sampled)]
    with pytest.raises(StoreError, match=r"holds another trace of question .*: another text was given for it earlier"):
        given_run(tmp_path, Given.of(other))


@pytest.mark.parametrize(
    ("row", "error", "message"),
    [
        ({"question": "q", "finish": "stop"}, DataError, r"row 1: .*`reasoning`"),
        ({"question": "q", "reasoning": "x", "finish": "maybe"}, DataError, r"row 1: invalid enum value 'maybe'"),
        ({"question": "q", "reasoning": "x", "finish": "stop", "answer": "A"}, UsageError, "Unknown field of a given trace"),
        ({"question": "q", "reasoning": "x", "finish": "stop", "sample": "1"}, DataError, "row 1: expected `int`"),
    ],
)
def test_a_row_that_is_none_is_refused(row: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Given.of([row])


def test_a_trace_given_twice_is_refused() -> None:
    row = {"question": "q", "reasoning": "x", "finish": "stop"}
    with pytest.raises(DataError, match=r"question 'q' has sample 0 of strategy cot twice; number the samples"):
        Given.of([row, row | {"reasoning": "y"}])


def test_ids_of_another_tokenizer_are_refused(sampled: Run, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"the reasoning_ids of question .* leave reasoning_ids out, or give those of this model"):
        given_run(tmp_path, Given.of([row | {"reasoning_ids": [65, 66]} for row in rows(sampled)]))


def test_a_file_that_is_no_json_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text('{"question": "q", "reasoning": "x", "finish": "stop"}\n{', encoding="utf-8")
    with pytest.raises(DataError, match=r"x\.jsonl, line 2, is not JSON"):
        Given.from_jsonl(file)
    with pytest.raises(DataError, match=r"nowhere\.jsonl cannot be read"):
        Given.from_jsonl(tmp_path / "nowhere.jsonl")


def test_half_of_a_character_is_refused_before_anything_is_written(tmp_path):
    """A JSON escape can write it, and no table can hold it."""
    with pytest.raises(DataError, match=r"sample 0 of question 'q' holds half of a character \(.*at place 3 of its reasoning\)"):
        Given.of([{"question": "q", "reasoning": "ab\udce9", "finish": "stop"}])
    with pytest.raises(DataError, match="at place 1 of its finish"):
        Given.of([{"question": "q", "reasoning": "a", "finish": "\ud800"}])
    with pytest.raises(DataError, match="of its question"):
        Given([GivenTrace(question="\udce9", reasoning="a", finish="stop")])
