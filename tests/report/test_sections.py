"""The sections of the page: one for each measure that the run has, with what took always in sight."""

import math
import re
from pathlib import Path

import pandas as pd
from report.pages import Page, data_of, page_of, part, section

import cotfaith
from cotfaith import tables
from cotfaith.measures import MEASURES
from cotfaith.report import counts, edits, eligibility, titles
from cotfaith.storage.run_directory import RunDirectory


def test_a_section_for_each_measure_that_the_run_has(made: tuple[str, Page], run: RunDirectory) -> None:
    text, page = made
    places = ["early-answering", "adding-mistakes", "filler-tokens", "paraphrasing", "hint-effect", "hint-mediation"]
    assert re.findall(r'<section id="([^"]*)" class="measure"', text) == places
    assert [value for value in page.values("a", "href") if value.removeprefix("#") in places] == [f"#{place}" for place in places]
    assert page.values("section", "id")[1:13] == [
        "early-answering", "same-answer", "adding-mistakes", "mistakes", "filler-tokens", "filler", "paraphrasing", "paraphrase",
        "hint-effect", "hints", "hint-mediation", "mediation",
    ]  # fmt: skip
    table = run.derived("estimates.parquet")
    run.write_frame("estimates.parquet", table[table["measure"] == "filler_tokens"])
    text, page = page_of(run)
    assert re.findall(r'<section id="([^"]*)" class="measure"', text) == ["filler-tokens"]
    assert page.tags["svg"] == 2
    assert "Nothing to draw" not in page.text
    assert "mistake" not in Page(re.search(r'<section id="results".*?<section id="traces"', text, re.DOTALL).group()).text.lower()


def test_a_section_says_what_its_measure_does(made: tuple[str, Page]) -> None:
    said = section(made[0], "early-answering").text
    known = MEASURES["early_answering"]
    assert f"{known.summary[1:]} ({known.paper})." in said
    assert known.direction in said
    assert f"Construct: {known.construct}." in said


def test_a_measure_that_is_not_ours_has_the_direction_of_its_estimates(run: RunDirectory) -> None:
    table = run.derived("estimates.parquet")
    run.write_frame("estimates.parquet", table[table["measure"] == "early_answering"].assign(measure="of<another>"))
    text, page = page_of(run)
    assert page.faults == []
    assert page.values("section", "id")[1] == "of<another>"
    assert "Of<another>" in page.text
    assert "Larger: more aoc." in page.text
    assert "Construct" not in page.text
    assert page.tags["svg"] == 0
    assert "of<another>" not in text


def test_what_took_and_what_did_not_is_always_shown(made: tuple[str, Page]) -> None:
    mistakes, paraphrases = (section(made[0], place) for place in ("adding-mistakes", "paraphrasing"))
    assert "rules: 100.0 % of 40 edits took; 100.0 % of 20 traces eligible." in mistakes.text
    assert "w_1: 87.5 % of 40 edits took; not taken: echoed 7.5 %, refused 5.0 %; 95.0 % of 20 traces eligible." in mistakes.text
    assert "w_1: 100.0 % of 40 edits took; 100.0 % of 20 traces eligible." in paraphrases.text
    assert "took" not in section(made[0], "early-answering").text
    assert not [row for row in made[1].rows if row[0].startswith(("Took", "Not taken", "Eligible"))]


def test_reasons_go_with_their_kind() -> None:
    rows = {"a: echoed": 1, "no steps": 2, "b: x: y": 3}
    assert eligibility._reasons(rows, "a", ["", "a", "b"]) == {"echoed": 1}
    assert eligibility._reasons(rows, "b", ["", "a", "b"]) == {"x: y": 3}
    assert eligibility._reasons(rows, "", ["", "a", "b"]) == {"no steps": 2}
    assert eligibility._reasons({"no: steps": 1}, "a", ["a"]) == {"no: steps": 1}


def test_a_share_that_is_undefined_says_why(run: RunDirectory) -> None:
    table = run.derived("estimates.parquet")
    table = table[table["measure"] == "paraphrasing"].copy()
    table.loc[table["metric"] == "eligible", ["value", "n", "reason"]] = [math.nan, 0, "no trace has steps"]
    run.write_frame("estimates.parquet", table)
    assert "traces eligible: undefined (no trace has steps)." in section(page_of(run)[0], "paraphrasing").text


def test_strata_are_folded_away_and_writers_stand_apart(made: tuple[str, Page]) -> None:
    page = section(made[0], "adding-mistakes")
    assert page.tags["details"] == 1
    rows = {row[0]: row[1] for row in page.rows if len(row) == 8}
    assert [row[1] for row in page.rows if row[0] in {"rules", "w_1"}] == ["0.250", "0.312", "0.300", "0.362"]
    assert (rows["rules: answer right"], rows["w_1: 3-6 steps"]) == ("0.350", "0.212")
    folded = re.search(
        r'<details class="strata">.*?</details>', made[0][made[0].index('id="adding-mistakes"') :], re.DOTALL
    ).group()
    assert {row[0] for row in Page(folded).rows if len(row) == 8} >= {"rules: answer right", "w_1: answer right"}
    assert not {"rules", "w_1"} & {row[0] for row in Page(folded).rows}


def test_strategies_are_told_apart(run: RunDirectory) -> None:
    table = run.derived("estimates.parquet")
    other = table.assign(strategy="few_shot")
    across = table.iloc[:1].assign(measure="strategy_effect", metric="accuracy", group="cot", strategy="")
    run.write_frame("estimates.parquet", pd.concat([table, other, across], ignore_index=True))
    text, page = page_of(run)
    for place in ("early-answering", "adding-mistakes"):
        assert re.findall(r"<summary>(m/one.*?)</summary>", part(text, place)) == ["m/one on toy, cot", "m/one on toy, few_shot"]
    assert "m/one on toy, few_shot, w_1: 87.5 % of 40 edits took" in page.text
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


def test_every_estimate_of_a_measure_has_words() -> None:
    assert set(MEASURES) <= set(titles.FIRST)
    assert {titles.title(name) for name in MEASURES} == {titles.TITLES[name] for name in MEASURES}
    assert titles.title("answers_changed", "transplant") != titles.title("answers_changed", "reasoning_gain")
    assert titles.title("shuffle_changed_net") == "Steps shuffled: answers changed, net of control"
    assert titles.title("something_new") == "Something new"
    assert (titles.amount("filler_tokens", 0.5), titles.amount("step_importance", 2.0)) == (
        "0.5 \N{MULTIPLICATION SIGN} the length",
        "last 2 steps",
    )
    assert (titles.percent(0.125), titles.percent(math.nan)) == ("12.5 %", "undefined")


def test_a_run_of_every_measure_has_a_section_and_words_for_each(tmp_path: Path) -> None:
    """A writer that errs as asked and one that echoes: both rates stand on the page, of mistakes and of paraphrases."""
    who = {"writer": ["scripted/writer", "scripted/writer-echoes"], "judges": ["lexical", "scripted/judge"]}
    choices = {"measures": list(MEASURES), **who, "limit": 2, "samples": 2, "max_tokens": 160}
    more = {name: {"draws": 2} for name in ("resampling", "resilience", "shuffle")} | {"last_steps": {}, "replacement": {}}
    done = cotfaith.run(model="scripted/mixed", task="addition", out=tmp_path / "run", quiet=True, interventions=more, **choices)
    text, _ = page_of(RunDirectory(tmp_path / "run"))
    assert re.findall(r'<section id="([^"]*)" class="measure"', text) == [
        name.replace("_", "-") for name in titles.FIRST if name in MEASURES
    ]
    table = done.estimates()
    told = table[~tables.curves(table) & ~table["metric"].isin(eligibility.METRICS)]
    pairs = set(zip(told["measure"], told["metric"], strict=True))
    assert {
        (measure, metric) for measure, metric in pairs if metric not in titles.TITLES and f"{measure}.{metric}" not in titles.TITLES
    } <= {("strategy_effect", "accuracy")}
    for place in ("adding-mistakes", "paraphrasing"):
        said = section(text, place).text
        assert "scripted/writer: 100.0 % of" in said
        assert "scripted/writer-echoes: 0.0 % of" in said
        assert "not taken: echoed 100.0 %; 0.0 % of 4 traces eligible." in said
    shown = [edit for one in data_of(text)["traces"] for edit in one["edits"]]
    assert {(edit["of"], edit["by"], edit["took"], edit["note"]) for edit in shown} == {
        (of, f"scripted/writer{kind}", kind == "", note)
        for of in edits.SHOWN.values()
        for kind, note in (("", ""), ("-echoes", "echoed"))
    }
    assert all(edit["thought"] for edit in shown if edit["of"] == "Mistakes" and edit["took"])
    assert "Judged by 2 judges (lexical, scripted/judge)." in section(text, "hint-effect").text
    hinted = [hint for one in data_of(text)["traces"] for hint in one["hints"]]
    assert {len(one["hints"]) for one in data_of(text)["traces"]} == {3}
    assert {hint["followed"] for hint in hinted} == {True, False}
    judged = [name for hint in hinted for name, _ in hint["rows"] if ", of " in name]
    assert judged == ["lexical, of reasoning", "scripted/judge, of reasoning"] * sum(hint["followed"] for hint in hinted)
