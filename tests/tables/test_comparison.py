"""The table of a comparison as text: each metric in a block of its own, undefined and unpaired said, nothing wider than a terminal."""

import json
import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from cotfaith import tables
from cotfaith.analysis.compare import Comparison
from cotfaith.analysis.over_tasks import COLUMNS as OVER_TASKS
from cotfaith.analysis.scale_trend import EXTREMES, TRENDS
from cotfaith.stats.keys import FIELDS

BASE: dict[str, Any] = {
    "about": "on t by cot", "measure": "early_answering", **dict.fromkeys(FIELDS, ""), "metric": "aoc", "dose": math.nan, "a": "large", "b": "small", "value_a": 0.5,
    "value_b": 0.25, "value": 0.25, "se": 0.05, "low": 0.15, "high": 0.35, "level": 0.95, "p": 0.0001, "p_adj": 0.0002, "family_size": 2,
    "margin": math.nan, "p_equivalence": math.nan, "df": 19.0, "n": 80, "clusters": 20, "common": 20, "missing": 0, "method": "paired", "note": "",
}  # fmt: skip
TREND = {name: BASE.get(name, "") for name in TRENDS} | {
    "reading": "models of this size",
    "held_fixed": "Nothing. Each model counts once.",
    "models": 3,
    "questions": 20,
    "value": 0.125,
}
OVER = {name: BASE.get(name, "") for name in OVER_TASKS} | {
    "of": "large - small",
    "claim": "tasks like these",
    "held_fixed": "Nothing. The tasks are the sample.",
    "tasks": 3,
    "questions": 60,
    "i2": math.nan,
}
EXTREME = {name: BASE.get(name, "") for name in EXTREMES} | {"side": "large", "parameters": 7e9, "largest": 0.975, "smallest": 0.0}


def comparison(*, trends: bool = False, tasks: bool = False, notes: tuple[str, ...] = (), **changes: Any) -> Comparison:
    return Comparison(
        "model",
        pd.DataFrame([BASE | changes]),
        pd.DataFrame([OVER] if tasks else [], columns=list(OVER_TASKS)),
        pd.DataFrame([TREND] if trends else [], columns=list(TRENDS)),
        pd.DataFrame([EXTREME] if trends else [], columns=list(EXTREMES)),
        notes,
    )


def lines(made: Comparison) -> list[str]:
    said = tables.comparison.render(made, "table")
    assert max(map(len, said.splitlines())) <= tables.WIDTH
    return [" ".join(line.split()) for line in said.splitlines()]


def test_a_difference_is_a_line_under_its_metric() -> None:
    said = lines(comparison())
    assert said[:3] == [
        "aoc (early_answering) on t by cot",
        "left - right difference [95 %] large small q p adj",
        "large - small 0.250 [0.150, 0.350] 0.500 0.250 20 <0.001",
    ]
    assert not any(line.startswith("slope") for line in said)


def test_a_trend_has_its_readings_and_extremes() -> None:
    said = lines(comparison(trends=True))
    assert "models of this size 0.125 [0.150, 0.350] 3 20 <0.001 <0.001" in said
    assert "large 7e+09 0.250 0.975 0.000" in said
    assert (
        said[said.index("What each reading over model size holds fixed:") + 1]
        == "models of this size: Nothing. Each model counts once."
    )
    assert " ".join(said).endswith("in which the model has the largest or smallest value.")


def test_a_number_over_tasks_has_its_claim_and_what_it_holds_fixed() -> None:
    said = lines(comparison(tasks=True))
    assert "over tasks claim value [95 %] tasks q p p adj i2" in said
    assert "large - small tasks like these 0.250 [0.150, 0.350] 3 60 <0.001 <0.001" in said
    assert said[said.index("What each claim over tasks holds fixed:") + 1] == "tasks like these: Nothing. The tasks are the sample."
    assert "What each claim over tasks holds fixed:" not in lines(comparison())


def test_groups_margins_and_levels_are_told() -> None:
    said = lines(comparison(kind="rules", dose=1.0, margin=0.05, p_equivalence=0.5, level=0.9))
    assert said[1] == "left - right at difference [90 %] large small q p adj p equiv"
    assert said[2].startswith("large - small rules 1 0.250")
    assert "p equiv: p-value against a difference of 0.05 or more in either direction (two one-sided tests)." in " ".join(said)
    assert any("difference [90 % interval]" in line for line in said)


def test_what_is_undefined_says_why_and_notes_come_last() -> None:
    reason = "one side of the difference is undefined"
    said = lines(
        comparison(value=math.nan, low=math.nan, high=math.nan, p=math.nan, p_adj=math.nan, note=reason, notes=("They differ.",))
    )
    assert "large - small undefined 0.500 0.250 20" in said
    assert f"Undefined: aoc: {reason}." in said
    assert said[-1] == "They differ."


@pytest.mark.parametrize("trends", [False, True])
def test_other_forms_have_every_row(trends: bool) -> None:
    made = comparison(trends=trends)
    whole = json.loads(tables.comparison.render(made, "json"))
    assert (len(whole["differences"]), len(whole["trends"]), len(whole["extremes"])) == (1, trends, trends)
    assert whole["differences"][0]["dose"] is None
    assert len(tables.comparison.render(made, "csv").splitlines()) == 2 + 2 * trends
    assert tables.comparison.render(made, "markdown").count("| on t by cot |") == 1 + 2 * trends
    assert tables.comparison.render(made, "latex").count(r"\begin{tabular}") == 1 + 3 * trends
    assert ("| models of this size | Nothing. Each model counts once. |" in tables.comparison.render(made, "markdown")) == trends


def test_several_pairs_have_the_columns_left_and_right() -> None:
    made = comparison()
    two = pd.concat([made.differences, made.differences.assign(a="huge")])
    assert lines(replace(made, differences=two))[1] == "left - right difference [95 %] left right q p adj"


def test_what_a_reader_should_know_comes_first() -> None:
    made = replace(comparison(), caveats=("small: The run is not complete.",))
    assert lines(made)[:3] == ["small: The run is not complete.", "", "aoc (early_answering) on t by cot"]
    assert json.loads(tables.comparison.render(made, "json"))["caveats"] == list(made.caveats)


def test_an_undefined_reading_says_which_it_is_and_why() -> None:
    made = comparison(trends=True)
    trends = made.trends.assign(value=math.nan, p=math.nan, note="it takes 4 models, not 3")
    assert "Undefined: aoc, models of this size: it takes 4 models, not 3." in lines(replace(made, trends=trends))
