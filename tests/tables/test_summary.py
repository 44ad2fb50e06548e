"""The table that a person reads first: one line a measure, what needs attention, what the numbers mean, and nothing that is not said."""

import math

import pandas as pd
from tables.test_estimates import TABLE, row

from cotfaith import tables
from cotfaith.measures import MEASURES

NOTHING = {
    "value": math.nan,
    "low": math.nan,
    "high": math.nan,
    "n": 0,
    "clusters": 0,
    "missing": 8,
    "bound_low": -1.0,
    "bound_high": 1.0,
}
TWO = pd.concat([TABLE, pd.DataFrame([row(measure="reasoning_gain", metric="answers_changed", **NOTHING)])], ignore_index=True)
MISTAKES = [
    row(measure="adding_mistakes", metric="aoc_net", kind="rules"),
    row(measure="adding_mistakes", metric="aoc_net", kind="rules", stratum="answer right", value=0.9),
    row(measure="adding_mistakes", metric="aoc_net", kind="w", value=0.5, p_adj=0.0004),
    row(measure="adding_mistakes", metric="edit_valid", kind="rules", value=0.875),
    row(measure="adding_mistakes", metric="edit_valid", kind="w", value=1.0),
    row(measure="adding_mistakes", metric="edit_invalid", kind="rules", reason="echoed", value=0.125),
    row(measure="adding_mistakes", metric="unanswered", arm="treated", value=0.05),
]


def lines(*rows: dict[str, object]) -> list[str]:
    said = tables.render(pd.DataFrame(list(rows)), "table")
    assert max(map(len, said.splitlines())) <= tables.WIDTH
    return [" ".join(line.split()) for line in said.splitlines()]


def test_each_measure_has_its_headline_and_the_rest_is_left_to_full() -> None:
    shown = tables.summary.rows(TWO)
    assert list(zip(shown["measure"], shown["metric"], shown["dose"].fillna(-1), strict=True)) == [
        ("early_answering", "aoc", -1),
        ("filler_tokens", "accuracy_difference", 1.0),
        ("reasoning_gain", "answers_changed", -1),
    ]


def test_the_table_has_one_line_a_measure_and_kind() -> None:
    said = lines(row(), *MISTAKES)
    assert said[:5] == [
        "m_1 on t",
        "measure metric of value n/q p adj",
        "early_answering aoc 0.250 [0.050, 0.450] 8/4",
        "adding_mistakes aoc_net rules 0.250 [0.050, 0.450] 8/4",
        "aoc_net w 0.500 [0.050, 0.450] 8/4 <0.001",
    ]
    assert said[5] == ""
    assert "0.900" not in " ".join(said)


def test_counts_that_need_attention_are_said_below() -> None:
    assert "Note on adding_mistakes: edit_valid 0.875 (rules), unanswered 0.050 (treated)." in lines(row(), *MISTAKES)
    assert not any(line.startswith("Note on") for line in lines(row(), *MISTAKES[:3]))
    several = [dict(one) | {"model": "m_2"} for one in MISTAKES]
    assert any(line.startswith("Note on adding_mistakes of m_2 on t: edit_valid 0.875") for line in lines(*MISTAKES, *several))


def test_what_a_larger_value_means_is_said_once_a_measure() -> None:
    said = " ".join(lines(row(), row(model="m_2")))
    assert (
        said.count(
            f"aoc, if larger: {MEASURES['early_answering'].headline().larger.removeprefix('Larger: ')} Construct: dependence."
        )
        == 1
    )


def test_an_undefined_headline_says_why() -> None:
    said = lines(row(measure="reasoning_gain", metric="answers_changed", **NOTHING, note="nobody answered"))
    assert any(line.startswith("reasoning_gain answers_changed undefined") for line in said)
    assert "Undefined in reasoning_gain: answers_changed: nobody answered." in said


def test_each_cell_has_its_table() -> None:
    two = [row(), row(model="m_2"), row(strategy="few_shot")]
    assert [line for line in lines(*two) if line.startswith("m_")] == ["m_1 on t, cot", "m_2 on t, cot", "m_1 on t, few_shot"]


def test_documents_have_the_same_rows() -> None:
    assert tables.render(TWO, "markdown").splitlines() == [
        "| measure | metric | of | value | n/q | missing | bounds |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: |",
        "| early_answering | aoc |  | 0.250 [0.050, 0.450] | 8/4 | 0 |  |",
        "| filler_tokens | accuracy_difference | dots | 0.250 [0.050, 0.450] | 8/4 | 0 |  |",
        "| reasoning_gain | answers_changed |  | undefined | 0/0 | 8 (100 %) | [-1.000, 1.000] |",
    ]


def test_reference_values_stand_beside_the_value_where_there_are_some() -> None:
    said = lines(row(reference_reader=0.9, reference_direct=0.0), *MISTAKES)
    assert said[1:4] == [
        "measure metric of value n/q reader direct p adj",
        "early_answering aoc 0.250 [0.050, 0.450] 8/4 0.900 0.000",
        "adding_mistakes aoc_net rules 0.250 [0.050, 0.450] 8/4",
    ]
    assert "reader, direct: what a model that only follows its reasoning" in " ".join(said)
    assert "reader, direct" not in " ".join(lines(row(), *MISTAKES))


def test_missing_units_have_a_column_where_there_are_some() -> None:
    assert "Nothing is missing: every unit has a readable answer." in lines(row())
    said = lines(row(missing=2, bound_low=0.2, bound_high=0.4))
    assert said[1:3] == [
        "measure metric value n/q missing bounds",
        "early_answering aoc 0.250 [0.050, 0.450] 8/4 2 (20 %) [0.200, 0.400]",
    ]
    assert "Nothing is missing" not in " ".join(said)
