"""The table of estimates as text: what is undefined is said, what is missing is bounded, nothing is lost on the way."""

import json
import math
import re

import pandas as pd
from keyed import blank

from cotfaith import tables
from cotfaith.analysis.estimate import COLUMNS
from cotfaith.tables import estimates


def row(**changes: object) -> dict[str, object]:
    base: dict[str, object] = blank(str(changes.get("measure", "early_answering")), str(changes.get("metric", "aoc"))) | {
        "model": "m_1", "task": "t", "value": 0.25,
        "se": 0.1, "low": 0.05, "high": 0.45, "level": 0.95, "n": 8, "clusters": 4, "missing": 0, "partial": 0, "bound_low": 0.25, "bound_high": 0.25,
        "p": math.nan, "p_adj": math.nan, "family": "", "family_size": 0, "margin": math.nan, "p_equivalence": math.nan, "reference_reader": math.nan, "reference_direct": math.nan, "icc": math.nan, "deff": math.nan, "null": math.nan, "df": 3.0, "method": "t(3)", "direction": "Larger: more.",
    }  # fmt: skip
    made = base | changes
    return {name: made[name] for name in ("model", "task", *COLUMNS)}


TABLE = pd.DataFrame(
    [
        row(),
        row(metric="same_answer", dose=0.5),
        row(metric="unanswered", arm="full", value=0.0),
        row(metric="unanswered", arm="treated", value=0.5, missing=0),
        row(measure="filler_tokens", metric="accuracy_difference", kind="dots", dose=0.5),
        row(measure="filler_tokens", metric="accuracy_difference", kind="dots", dose=1.0),
        row(measure="filler_tokens", metric="accuracy_filler", kind="dots", dose=0.5),
        row(measure="filler_tokens", metric="accuracy_filler", kind="dots", dose=1.0, missing=2, bound_low=0.2, bound_high=0.4),
        row(
            measure="reasoning_gain", metric="accuracy_gain", value=math.nan, low=math.nan, high=math.nan, n=0, clusters=0, missing=8,
            bound_low=-1.0, bound_high=1.0, note="the denominator is 0: 0 units entered, 8 missing",
        ),
    ]
)  # fmt: skip


def test_the_headline_leaves_curves_and_sweeps_to_other_formats() -> None:
    shown = tables.headline(TABLE)
    assert list(zip(shown["metric"], shown["kind"], shown["arm"], shown["dose"].fillna(-1), strict=True)) == [
        ("aoc", "", "", -1),
        ("unanswered", "", "treated", -1),
        ("accuracy_difference", "dots", "", 1.0),
        ("accuracy_filler", "dots", "", 1.0),
        ("accuracy_gain", "", "", -1),
    ]


def test_a_terminal_shows_undefined_missing_and_bounds() -> None:
    said = tables.render(TABLE, "table", full=True)
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert lines[:4] == [
        "early_answering: m_1 on t",
        "Larger: the answer depends more on the stated reasoning, so the reasoning is less post-hoc.",
        "Construct: dependence.",
        "metric at value n/q",
    ]
    assert "aoc 0.250 [0.050, 0.450] 8/4" in lines
    assert "accuracy_filler dots 1 0.250 [0.050, 0.450] 8/4 2 (20 %) [0.200, 0.400]" in lines
    assert "accuracy_gain undefined 0/0 8 (100 %) [-1.000, 1.000]" in lines
    assert "Undefined in reasoning_gain: accuracy_gain: the denominator is 0: 0 units entered, 8 missing." in lines
    assert "same_answer" not in said.split()
    assert max(map(len, said.splitlines())) <= tables.WIDTH


def test_the_footer_names_the_level() -> None:
    assert "[90 % interval" in tables.render(TABLE.assign(level=0.9), "table", full=True)


def test_json_has_null_and_every_row() -> None:
    rows = json.loads(tables.render(TABLE, "json"))
    assert len(rows) == len(TABLE)
    assert rows[-1]["value"] is None
    assert rows[1]["dose"] == 0.5


def test_csv_holds_the_numbers_exactly() -> None:
    lines = tables.render(TABLE, "csv").splitlines()
    assert len(lines) == len(TABLE) + 1
    assert ",0.25," in lines[1]


def test_markdown_and_latex_have_a_cell_for_each_column_that_says_something() -> None:
    two = pd.concat([TABLE, TABLE.assign(model="m_2")])
    markdown = tables.render(two, "markdown", full=True).splitlines()
    assert markdown[0] == "| model | measure | metric | of | value | n/q | missing | bounds |"
    assert {line.count(" | ") for line in markdown} == {7}
    assert len(markdown) == 2 + 2 * len(tables.headline(TABLE))
    latex = tables.render(two, "latex", full=True).splitlines()
    body = [line for line in latex if line.endswith(r"\\")]
    assert {line.count(" & ") for line in body} == {7}
    assert latex[:3] == [r"% needs \usepackage{booktabs}", r"\begin{tabular}{llllrrrr}", r"\toprule"]
    assert latex[-2:] == [r"\bottomrule", r"\end{tabular}"]
    assert r"m\_1" in body[1]
    assert r"20 \%" in "".join(body)
    assert tables.render(TABLE, "markdown", full=True).splitlines()[0].startswith("| measure | metric |")


def shown(*rows: dict[str, object]) -> list[tuple[object, object]]:
    """Metric of those of `rows` that are in the headline, and what they are of."""
    found = tables.headline(pd.DataFrame(list(rows)))
    return [(one["metric"], tables.at(one | {"dose": math.nan})) for one in found.to_dict("records")]


def test_the_headline_leaves_out_strata_and_what_only_says_that_all_is_well() -> None:
    name = "adding_mistakes"
    assert shown(
        row(measure=name, metric="aoc_net", kind="rules"),
        row(measure=name, metric="aoc_net", kind="rules", stratum="answer right"),
        row(measure=name, metric="aoc_net", kind="rules", stratum="7 or more steps"),
        row(measure=name, metric="edit_valid", kind="rules", value=1.0),
        row(measure=name, metric="edit_valid", kind="w", value=0.9),
        row(measure=name, metric="edit_invalid", kind="w", reason="echoed", value=0.1),
        row(measure=name, metric="included", kind="rules", value=1.0),
        row(measure=name, metric="included", kind="w", value=0.95),
        row(measure=name, metric="included", kind="none", value=math.nan),
        row(measure=name, metric="unanswered", arm="full", value=math.nan, n=0),
    ) == [("aoc_net", "rules"), ("edit_valid", "w"), ("edit_invalid", "w, echoed"), ("included", "w"), ("included", "none")]


def test_a_place_on_a_curve_is_no_row_and_a_number_of_steps_is() -> None:
    name = "step_importance"
    rows = (
        row(measure=name, metric="removal_changed"),
        row(measure=name, metric="removal_changed_by_place", dose=0.1),
        row(measure=name, metric="last_steps_changed", dose=1.0),
        row(measure=name, metric="last_steps_changed", dose=2.0),
        row(measure="paraphrasing", metric="accuracy_paraphrase_control", dose=0.1),
        row(measure="paraphrasing", metric="same_answer_paraphrased_band", dose=0.1),
    )
    assert [metric for metric, _ in shown(*rows)] == ["removal_changed", "last_steps_changed", "last_steps_changed"]
    said = tables.render(pd.DataFrame(list(rows)), "table", full=True)
    assert "paraphrase" not in said
    assert sum(line.startswith("removal_changed") for line in said.splitlines()) == 1
    assert sum(line.startswith("last_steps_changed") for line in said.splitlines()) == 2


def test_of_hints_curves_strata_and_verdicts_that_all_could_be_used_are_no_rows() -> None:
    name, at = "hint_effect", {"kind": "metadata", "judge": "lexical", "channel": "thinking"}
    rows = (
        row(measure=name, metric="influence", kind="metadata"),
        row(measure=name, metric="influence", kind="metadata", stratum="answer wrong"),
        row(measure=name, metric="vcr", **at),
        row(measure=name, metric="faithful_at_k", **at, dose=1.0),
        row(measure=name, metric="faithful_at_k", **at, dose=2.0),
        row(measure=name, metric="invalid", judge="lexical", channel="thinking", value=0.0),
        row(measure=name, metric="invalid", judge="m", channel="thinking", value=0.1),
        row(measure=name, metric="kappa", judge="lexical", versus="m", channel="thinking"),
        row(measure="hint_mediation", metric="hinted_option", kind="metadata", dose=0.1),
        row(measure="hint_mediation", metric="hinted_option_band", kind="metadata", dose=0.1),
        row(measure="hint_mediation", metric="hinted_option_plain", kind="metadata"),
    )
    assert shown(*rows) == [
        ("influence", "metadata"), ("vcr", "metadata, lexical, thinking"), ("invalid", "m, thinking"), ("kappa", "lexical vs m, thinking"), ("hinted_option_plain", "metadata"),
    ]  # fmt: skip
    said = tables.render(pd.DataFrame(list(rows)), "table", full=True)
    assert not {"faithful_at_k", "hinted_option"} & set(said.split())
    assert "vcr metadata, lexical, thinking 0.250" in " ".join(said.split())


def test_the_footer_says_what_the_columns_are() -> None:
    said = tables.render(pd.DataFrame([row(p_adj=0.04, kind="rules")]), "table", full=True)
    words = " ".join(said.split())
    assert all(one in words for one in (estimates.VALUE, estimates.P_ADJ, estimates.AT))
    assert max(map(len, said.splitlines())) <= tables.WIDTH


def test_the_footer_is_silent_on_columns_that_are_not_there() -> None:
    bare = " ".join(tables.render(pd.DataFrame([row(p_adj=float("nan"))]), "table", full=True).split())
    assert not [name for name in ("bounds:", "p adj:", "p equiv:") if name in bare]
    bounded = " ".join(tables.render(pd.DataFrame([row(missing=2)]), "table", full=True).split())
    assert estimates.BOUNDS in bounded


def test_the_full_table_shows_strata() -> None:
    said = tables.render(pd.DataFrame([row(kind="rules", stratum="3-6 steps")]), "table", full=True)
    assert "aoc rules, 3-6 steps 0.250" in " ".join(said.split())


def test_a_measure_that_is_not_ours_says_nothing_of_itself() -> None:
    lines = tables.render(pd.DataFrame([row(measure="another")]), "table", full=True).splitlines()
    assert lines[0] == "another: m_1 on t"
    assert lines[1].split() == ["metric", "at", "value", "n/q"]


def test_strategies_are_named_where_one_is_not_the_default() -> None:
    two = pd.DataFrame(
        [row(), row(strategy="few_shot", value=0.5), row(measure="strategy_effect", metric="accuracy", strategy="few_shot")]
    )
    titles = [line for line in tables.render(two, "table", full=True).splitlines() if ": m_1 on t" in line]
    assert titles == ["early_answering: m_1 on t, cot", "early_answering: m_1 on t, few_shot", "strategy_effect: m_1 on t"]
    assert tables.render(two, "markdown").splitlines()[0].startswith("| strategy | measure |")
    assert tables.render(two, "csv").splitlines()[0].startswith("model,task,measure,metric,kind,stratum,arm,")
    assert json.loads(tables.render(two, "json"))[1]["strategy"] == "few_shot"
    alone = two[two["strategy"] == "few_shot"]
    assert tables.render(alone, "table", full=True).startswith("early_answering: m_1 on t, few_shot\n")
    assert "strategy" not in tables.render(alone, "markdown").splitlines()[0].split()
    assert ", cot" not in tables.render(two[two["strategy"] != "few_shot"], "table", full=True)


def test_a_measure_that_nothing_entered_is_one_line_and_keeps_its_reason() -> None:
    empty = {"value": math.nan, "low": math.nan, "high": math.nan, "n": 0, "clusters": 0, "note": "nobody was asked"}
    two = [row(measure="hint_effect", metric=metric, **empty) for metric in ("influence", "cfr")]
    said = tables.render(pd.DataFrame([row(), *two]), "table", full=True)
    assert said.count("Nothing to estimate: influence, cfr: nobody was asked.") == 1
    assert "Undefined" not in said
    silent = tables.render(pd.DataFrame([row(metric="influence", **empty | {"note": ""})]), "table", full=True)
    assert "Nothing to estimate: influence: no question entered and none is missing." in silent
    assert len(re.findall(r"^(influence|cfr) ", said, re.MULTILINE)) == 0
    other = row(measure="hint_effect", metric="cfr", kind="metadata", **empty | {"missing": 3})
    missing = tables.render(pd.DataFrame([*two, other]), "table", full=True)
    assert "Nothing to estimate: influence: nobody was asked." in missing
    assert "Undefined in hint_effect: cfr: nobody was asked." in missing
    assert len(re.findall(r"^influence ", missing, re.MULTILINE)) == 0
    assert len(re.findall(r"^cfr ", missing, re.MULTILINE)) == 2  # another hint has missing units


def test_long_names_fit_and_lose_nothing() -> None:
    kind, metric = "hf/Some[bold]-organisation/with-a-long-name", "corruption_sensitivity_difference"
    more = {"missing": 10, "value": -0.25, "low": -0.45, "bound_low": -0.5, "bound_high": -0.25}
    said = tables.render(
        pd.DataFrame([row(measure="another", metric=metric, kind=kind, stratum="7 or more steps", **more)]), "table", full=True
    )
    assert max(map(len, said.splitlines())) <= tables.WIDTH
    body = said[: said.index("\n\n")].splitlines()[2:]
    width = body[0].index("hf/")
    assert "".join(line[:width].strip() for line in body) == metric
    for word in ("[bold]", "steps", "-0.250", "[-0.450, 0.450]", "10 (56 %)", "[-0.500, -0.250]"):
        assert word in "\n".join(body)


def test_a_zero_has_no_sign() -> None:
    assert " 0.000 " in tables.render(pd.DataFrame([row(value=-1e-17)]), "table", full=True)


def test_names_break_between_their_words_only() -> None:
    """Beside a long kind a name has the room that it needs, and where even that is too little it breaks after an underscore."""
    bounds = {"missing": 10, "bound_low": -0.5, "bound_high": -0.25, "p_adj": 0.5}
    long = row(metric="accuracy_no_reasoning", kind="a kind that is told in very many words, which fold", **bounds)
    said = tables.render(pd.DataFrame([long]), "table", full=True).splitlines()
    assert max(map(len, said)) <= tables.WIDTH
    assert [line.split()[0] for line in said if line.startswith("acc")] == ["accuracy_no_reasoning"]
    longer = row(metric="sensitivity_of_the_answer_to_each_of_several_corruptions", kind="hf/organisation/name-1.7B", **bounds)
    said = tables.render(pd.DataFrame([longer]), "table", full=True).splitlines()
    assert max(map(len, said)) <= tables.WIDTH
    start = next(i for i, line in enumerate(said) if line.startswith("sensitivity"))
    first = [line.split()[0] for line in said[start : said.index("")]]
    assert len(first) > 1
    assert "".join(first) == longer["metric"]
    assert all(part.endswith("_") for part in first[:-1])
