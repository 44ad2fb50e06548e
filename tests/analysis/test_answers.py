"""What a run found, in sentences: each number is that of the table."""

import re
from string import Formatter

import pandas as pd
import pytest
from keyed import blank

import cotfaith
from cotfaith.analysis import answers
from cotfaith.analysis.estimate import COLUMNS
from cotfaith.measures import MEASURES

NAN = float("nan")


def row(measure: str = "early_answering", metric: str = "same_answer", value: float = 0.81, **others: object) -> dict[str, object]:
    base: dict[str, object] = dict.fromkeys(COLUMNS, NAN) | blank(measure, metric)
    base |= {"model": "m", "task": "t", "strategy": "cot", "value": value, "low": value - 0.1, "high": value + 0.1}
    base |= {"dose": 0.5 if metric == "same_answer" else NAN}
    return base | others


def said(*rows: dict[str, object]) -> list[str]:
    return [one.text.replace("\N{NO-BREAK SPACE}", " ") for one in answers.answers(pd.DataFrame(rows))]


def test_a_value_with_its_interval() -> None:
    assert said(row()) == ["Cutting the reasoning in half leaves 81 % [71, 91] of the answers unchanged."]


def test_only_the_row_that_the_sentence_is_about() -> None:
    assert said(row(dose=0.4), row(stratum="answer right"), row(value=NAN), row(metric="aoc")) == []


def test_reference_values_stand_in_brackets() -> None:
    (text,) = said(row(reference_reader=0.25, reference_direct=1.0))
    assert text == "Cutting the reasoning in half leaves 81 % [71, 91] of the answers unchanged (reader 25 %, direct 100 %)."
    (one,) = answers.answers(pd.DataFrame([row(reference_direct=1.0)]))
    assert one.marked
    assert "(direct 100" in one.text


def test_several_models_are_named_and_have_no_references() -> None:
    (text,) = said(row(reference_direct=1.0), row(value=0.5, model="n"))
    assert text == "Cutting the reasoning in half leaves 81 % [71, 91] (m) and 50 % [40, 60] (n) of the answers unchanged."


def test_of_many_values_the_ends_are_given() -> None:
    (text,) = said(*(row(value=0.1 * i, model=f"m{i}") for i in (3, 5, 2, 8)))
    assert (
        text == "Cutting the reasoning in half leaves between 20 % [10, 30] (m2) and 80 % [70, 90] (m8) of the answers unchanged."
    )


def test_a_difference_has_its_sign_and_a_number_none() -> None:
    assert said(row("reasoning_gain", "accuracy_gain", -0.04)) == [
        "Accuracy with the reasoning differs by \N{MINUS SIGN}4 points [\N{MINUS SIGN}14, +6] from accuracy without it."
    ]
    assert said(row("cct", "cct", 0.123)) == [
        "The effect of an inserted word and its mention in the reasoning correlate with 0.12 [0.02, 0.22]."
    ]
    assert said(row("reasoning_gain", "accuracy_gain", -0.001, low=NAN)) == [
        "Accuracy with the reasoning differs by 0 points from accuracy without it."
    ]


def test_every_measure_has_one_sentence_before_any_has_two(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row("reasoning_gain", "answers_changed"), row("reasoning_gain", "accuracy_gain"), row()]
    assert [one.measure for one in answers.answers(pd.DataFrame(rows))] == ["reasoning_gain", "reasoning_gain", "early_answering"]
    monkeypatch.setattr(answers, "MOST", 2)
    assert [one.measure for one in answers.answers(pd.DataFrame(rows))] == ["reasoning_gain", "early_answering"]


def test_a_measure_that_is_not_installed_says_nothing() -> None:
    assert said(row("gone", "x")) == []


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_has_a_sentence_with_one_value(name: str) -> None:
    sentences = [metric.sentence for metric in MEASURES[name].metrics if metric.sentence]
    assert sentences
    for text in sentences:
        (field,) = [field for _, field, _, _ in Formatter().parse(text) if field is not None]
        assert field in answers.FORMS
        assert text.endswith(".")


def test_the_sentences_of_a_run_are_its_table(tmp_path) -> None:
    run = cotfaith.run(model="scripted/mixed", task="addition", limit=6, samples=2, out=tmp_path / "run", quiet=True)
    table = run.estimates()
    found = answers.answers(table)
    assert len({one.measure for one in found}) == 3
    (half,) = [one.text for one in found if one.measure == "early_answering"]
    shown = table[(table["metric"] == "same_answer") & (table["dose"] == 0.5) & (table["stratum"] == "")].iloc[0]
    assert [int(number) for number in re.findall(r"\d+", half)] == [
        round(100 * shown[name]) for name in ("value", "low", "high", "reference_reader", "reference_direct")
    ]
