"""The sections of the page: one for each measure that the run has, with which edits passed their check always in sight."""

import math
import re
from pathlib import Path

import pandas as pd
import pytest
from report.hinted import estimate
from report.pages import Page, page_of, part, section, traces_of

import cotfaith
from cotfaith import tables
from cotfaith.figures.registered import FIGURES
from cotfaith.measures import MEASURES
from cotfaith.report import counts, numbers, titles, validity
from cotfaith.storage.run_directory import RunDirectory

pytestmark = pytest.mark.integration


def test_a_section_for_each_measure_that_the_run_has(made: tuple[str, Page], run: RunDirectory) -> None:
    text, page = made
    places = ["early-answering", "filler-tokens", "adding-mistakes", "paraphrasing", "hint-effect", "hint-mediation"]
    assert re.findall(r'<section id="([^"]*)" class="measure"', text) == places
    links = [value.removeprefix("#") for value in page.values("a", "href") if value.removeprefix("#") in places]
    assert links[: len(places)] == places  # those of the head lead to the same places
    assert page.values("section", "id")[:16] == [
        "answer", "profile", "results", "early-answering", "same-answer", "filler-tokens", "filler", "adding-mistakes", "mistakes", "paraphrasing", "paraphrase",
        "hint-effect", "hints", "hints-acknowledged", "hint-mediation", "mediation",
    ]  # fmt: skip
    table = run.derived("estimates.parquet")
    run.write_frame("estimates.parquet", table[table["measure"] == "filler_tokens"])
    text, page = page_of(run)
    assert re.findall(r'<section id="([^"]*)" class="measure"', text) == ["filler-tokens"]
    assert page.tags["svg"] == 4
    assert "Nothing to draw" not in page.text
    assert "mistake" not in Page(re.search(r'<section id="results".*?<section id="traces"', text, re.DOTALL).group()).text.lower()


def test_a_section_says_what_its_measure_does(made: tuple[str, Page]) -> None:
    said = section(made[0], "early-answering").text
    figure = FIGURES["same-answer"]
    assert f"{figure.aid} What it cannot tell: {figure.limits}" in said
    known = MEASURES["early_answering"]
    assert f"{known.summary[1:]} ({known.paper})." in said
    assert known.headline().larger in said
    assert f"Construct: {known.construct}." in said


def test_a_measure_that_is_not_ours_has_the_direction_of_its_estimates(run: RunDirectory) -> None:
    table = run.derived("estimates.parquet")
    run.write_frame("estimates.parquet", table[table["measure"] == "early_answering"].assign(measure="of<another>"))
    text, page = page_of(run)
    assert page.faults == []
    assert page.values("section", "id")[3] == "of<another>"
    assert "Of<another>" in page.text
    assert "Larger: more aoc." in page.text
    assert "Construct" not in page.text
    assert page.tags["svg"] == 2  # the profile
    assert "of<another>" not in text


def test_which_edits_passed_their_check_is_always_shown(made: tuple[str, Page]) -> None:
    mistakes, paraphrases = (section(made[0], place) for place in ("adding-mistakes", "paraphrasing"))
    assert "rules: 100.0 % of 40 edits passed their check; 100.0 % of 20 traces included." in mistakes.text
    failed = "failed: echoed 7.5 %, refused 5.0 %"
    assert f"w_1: 87.5 % of 40 edits passed their check; {failed}; 95.0 % of 20 traces included." in mistakes.text
    assert "w_1: 100.0 % of 40 edits passed their check; 100.0 % of 20 traces included." in paraphrases.text
    assert "check" not in section(made[0], "early-answering").text
    assert not [row for row in made[1].rows if row[0].startswith(("Edits that", "Traces that are"))]


def test_reasons_go_with_their_kind() -> None:
    """Whatever signs the names of kinds and reasons hold."""
    name = "adding_mistakes"
    failed = [("a", "echoed", 0.25), ("", "no: steps", 0.5), ("b: x", "a: y", 0.75)]
    rows = [estimate("edit_invalid", value, name, kind=kind, reason=reason) for kind, reason, value in failed]
    assert validity.lines(pd.DataFrame(rows), named=False) == (
        "a: failed: echoed 25.0 %.",
        "of no kind: failed: no: steps 50.0 %.",
        "b: x: failed: a: y 75.0 %.",
    )


def test_a_share_that_is_undefined_says_why(run: RunDirectory) -> None:
    table = run.derived("estimates.parquet")
    table = table[table["measure"] == "paraphrasing"].copy()
    table.loc[table["metric"] == "included", ["value", "n", "note"]] = [math.nan, 0, "no trace has steps"]
    run.write_frame("estimates.parquet", table)
    assert "traces included: undefined (no trace has steps)." in section(page_of(run)[0], "paraphrasing").text


def test_strata_are_folded_away_and_writers_stand_apart(made: tuple[str, Page]) -> None:
    page = section(made[0], "adding-mistakes")
    assert page.tags["details"] == 1
    rows = {row[0]: row[1] for row in page.rows if len(row) == 8}
    assert [row[1] for row in page.rows if row[0] in {"rules", "w_1"}] == ["0.250", "0.312", "0.300", "0.362"]
    assert (rows["rules, answer right"], rows["w_1, 3-6 steps"]) == ("0.350", "0.212")
    folded = re.search(
        r'<details class="strata">.*?</details>', made[0][made[0].index('id="adding-mistakes"') :], re.DOTALL
    ).group()
    assert {row[0] for row in Page(folded).rows if len(row) == 8} >= {"rules, answer right", "w_1, answer right"}
    assert not {"rules", "w_1"} & {row[0] for row in Page(folded).rows}


def test_strategies_are_told_apart(run: RunDirectory) -> None:
    table = run.derived("estimates.parquet")
    other = table.assign(strategy="few_shot")
    across = table.iloc[:1].assign(measure="strategy_effect", metric="accuracy", title="Accuracy", role="component", strategy="cot")
    run.write_frame("estimates.parquet", pd.concat([table, other, across], ignore_index=True))
    text, page = page_of(run)
    for place in ("early-answering", "adding-mistakes"):
        assert re.findall(r"<summary>(m/one.*?)</summary>", part(text, place)) == ["m/one on toy, cot", "m/one on toy, few_shot"]
    assert "m/one on toy, few_shot, w_1: 87.5 % of 40 edits passed their check" in page.text
    first = section(text, "early-answering").rows[2:4]
    assert [row[:2] for row in first] == [["m/one on toy, cot", "0.436"], ["m/one on toy, few_shot", "0.436"]]
    (accuracy,) = [row for row in section(text, "strategy-effect").rows if len(row) == 8 and row[0] == "cot"]
    assert accuracy[1] == "0.436"
    assert "<details" not in part(text, "strategy-effect")
    assert set(pd.read_csv(run.path / "figures" / "same-answer.csv")["line"]) == {"m/one, cot", "m/one, few_shot"}


def test_questions_and_traces_are_counted_by_strategy(run: RunDirectory) -> None:
    shard = run.shards("traces")[0]
    rows = run.load("traces", shard).to_pylist()
    run.append("traces", shard, [row | {"id": f"{row['id']}-few", "strategy": "few_shot", "finish": "stop"} for row in rows])
    table = run.derived("estimates.parquet")
    run.write_frame("estimates.parquet", table[:1])
    found = counts.count(run)
    assert found.questions == {("m/one", "toy", "cot"): 2, ("m/one", "toy", "few_shot"): 2}
    assert found.cut["m/one", "toy", "few_shot"] == 0
    said = page_of(run)[1].text
    assert "m/one on toy, cot: 2 questions \N{MULTIPLICATION SIGN} 1 sample: 2 traces, 1 of them cut" in said
    assert "m/one on toy, few_shot: 2 questions \N{MULTIPLICATION SIGN} 1 sample: 2 traces" in said


def test_doses_are_told_as_the_metric_declares_them() -> None:
    rows = [estimate("accuracy_filler", 0.5, "filler_tokens", kind="dots", dose=0.5)]
    rows += [estimate("last_steps_changed", 0.5, "step_importance", dose=2.0), estimate("of_another", 0.5, "another", dose=0.25)]
    made = numbers.table(pd.DataFrame(rows), "All", said="")
    assert {group.metric: [line.name for line in group.lines] for group in made.groups} == {
        "accuracy_filler": ["dots, 0.5 \N{MULTIPLICATION SIGN} the length"],
        "last_steps_changed": ["last 2 steps"],
        "of_another": ["at 0.25"],
    }
    assert titles.title("something_new") == "Something new"
    assert (titles.percent(0.125), titles.percent(math.nan)) == ("12.5 %", "undefined")


def test_a_run_of_every_measure_has_a_section_and_words_for_each(tmp_path: Path) -> None:
    """A writer that errs as asked and one that echoes: both rates stand on the page, of mistakes and of paraphrases."""
    who = {"writer": ["scripted/writer", "scripted/writer-echoes"], "judges": ["lexical", "scripted/judge"]}
    choices = {"measures": list(MEASURES), **who, "limit": 2, "samples": 2, "max_tokens": 160}
    more = {name: {"draws": 2} for name in ("resampling", "resilience", "shuffle")} | {"last_steps": {}, "replacement": {}}
    done = cotfaith.run(model="scripted/mixed", task="addition", out=tmp_path / "run", quiet=True, interventions=more, **choices)
    text, _ = page_of(RunDirectory(tmp_path / "run"))
    table = done.estimates()
    assert re.findall(r'<section id="([^"]*)" class="measure"', text) == [
        name.replace("_", "-") for name in dict.fromkeys(table["measure"])
    ]
    assert set(table["measure"]) == set(MEASURES)
    told = tables.headline(table[~table["metric"].isin(validity.METRICS)])
    for (measure, metric), title in told.groupby(["measure", "metric"])["title"].first().items():
        assert f"{title}{metric}" in section(text, str(measure).replace("_", "-")).joined, (measure, metric)
    for place in ("adding-mistakes", "paraphrasing"):
        said = section(text, place).text
        assert "scripted/writer: 100.0 % of" in said
        assert "scripted/writer-echoes: 0.0 % of" in said
        assert "failed: echoed 100.0 %; 0.0 % of 4 traces included." in said
    traced = traces_of(RunDirectory(tmp_path / "run"))
    written = [edit for one in traced for edit in one["edits"] if edit["of"] in {"Mistake", "Paraphrase"}]
    assert {(edit["of"], edit["by"], edit["valid"], edit["note"]) for edit in written} == {
        (of, f"scripted/writer{kind}", kind == "", note)
        for of in ("Mistake", "Paraphrase")
        for kind, note in (("", ""), ("-echoes", "echoed"))
    }
    mistakes = [edit for edit in written if edit["of"] == "Mistake" and edit["valid"]]
    assert all(edit["control"]["own"] for edit in mistakes)
    assert any(edit["thought"] for edit in mistakes)
    assert {edit["of"] for one in traced for edit in one["edits"] if edit["site"]} >= {"Resampling", "Resilience", "Replacement"}
    for place in ("hint-effect", "adding-mistakes"):
        assert "Judged by 2 judges (lexical, scripted/judge)." in section(text, place).text
    told = [[name for name, _ in edit["verdicts"]] for edit in written]
    assert told == [
        ["lexical, of reasoning", "scripted/judge, of reasoning"] * (e["of"] == "Mistake" and e["valid"]) for e in written
    ]
    hinted = [hint for one in traced for hint in one["hints"]]
    assert hinted
    assert {hint["followed"] for hint in hinted} == {True, False}
    judged = [name for hint in hinted for name, _ in hint["rows"] if ", of " in name]
    assert judged == ["lexical, of reasoning", "scripted/judge, of reasoning"] * sum(hint["followed"] for hint in hinted)
