"""The page: that it shows the numbers of the run, needs nothing from outside, and lets no text of a model act."""

import base64
import io
import math
import re
from pathlib import Path

import pandas as pd
import pytest
from keyed import of
from report.pages import FIGURES, Page, data_of, held, page_of, section

import cotfaith
from cotfaith import report
from cotfaith.analysis.unread import unread
from cotfaith.report import counts, titles, traces
from cotfaith.storage.run_directory import RunDirectory

pytestmark = pytest.mark.integration


def test_the_page_is_well_formed(made: tuple[str, Page]) -> None:
    text, page = made
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert (page.faults, page.open) == ([], [])
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert page.tags["title"] == page.tags["h1"] == page.tags["main"] == 1
    places = {value.removeprefix("#") for value in page.values("a", "href") if value.startswith("#")}
    assert places <= set(ids)
    used = {value.removeprefix("#") for value in page.values("use", "xlink:href")}
    assert used
    assert used <= set(ids)
    assert not {char for char in text if ord(char) < 32} - {"\n"}


def test_the_parser_of_these_tests_finds_faults() -> None:
    assert Page("<div><p>one</div>").faults == ["div"]


def test_the_headline_shows_the_numbers_of_the_table(made: tuple[str, Page]) -> None:
    text, page = made
    rows = {row[0]: row[1:] for place in ("early-answering", "filler-tokens") for row in section(text, place).rows}
    aoc = rows["Area over the curve (AOC)aocLarger: more aoc."]
    method = "by hand; p < 0.001 against 0.000 (p = 0.005 adjusted over 12 tests); p = 0.750 for equivalence within 0.05 of that"
    assert aoc == ["0.436", "[0.336, 0.536]", "40", "20", "10 of 50 (20.0 %)", "[0.349, 0.549]", method]
    assert "0.43604" in page.values("data", "value")
    assert rows["Accuracy with the full reasoningaccuracy_fullLarger: more accuracy_full."][:2] == ["0.750", "[0.650, 0.850]"]
    assert rows["words, 1 \N{MULTIPLICATION SIGN} the length"][0] in {"0.350", "\N{MINUS SIGN}0.125"}
    assert "95 % interval" in page.text
    assert "Larger: more aoc." in page.text


def test_undefined_is_said_with_its_reason(made: tuple[str, Page]) -> None:
    text, page = made
    (row,) = [row for row in page.rows if row and row[0].startswith("Area over the curve, in probability")]
    assert row[1:] == ["undefined", "undefined", "0", "0", "40 of 40 (100.0 %)", "undefined", "no <log> & such"]
    assert "no &lt;log&gt; &amp; such" in text


def test_what_limits_all_estimates_is_said_once(run: RunDirectory) -> None:
    table = run.derived("estimates.parquet")
    table.loc[table["measure"] == "filler_tokens", "note"] = "only 12 questions"
    run.write_frame("estimates.parquet", table)
    assert page_of(run)[1].text.count("only 12 questions") == 1


@pytest.mark.parametrize(
    "metric", ["accuracy_filler", "same_answer", "same_answer_after_mistake", "accuracy_paraphrased", "cfr", "hinted_option"]
)
def test_a_curve_without_points_says_why(run: RunDirectory, metric: str) -> None:
    table = run.derived("estimates.parquet")
    table.loc[table["metric"] == metric, ["value", "low", "high", "note"]] = [math.nan, math.nan, math.nan, "nobody answered"]
    run.write_frame("estimates.parquet", table)
    _, page = page_of(run)
    assert "Nothing to draw: every point is undefined (nobody answered)." in page.text
    assert page.tags["svg"] == FIGURES - 2
    run.write_frame("estimates.parquet", table[table["metric"] != metric])
    assert f"Nothing to draw: this run has no estimates of {metric};" in page_of(run)[1].text


def test_nothing_comes_from_outside(made: tuple[str, Page]) -> None:
    text, page = made
    namespaces = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert set(re.findall(r"\w+://[^\s\"'<>)]*", text)) <= namespaces
    assert page.values("script", "src") == page.values("img", "src") == page.values("iframe", "src") == []
    assert all(value.startswith("data:") for value in page.values("link", "href"))
    assert all(value.startswith(("#", "data:")) for value in page.values("a", "href"))
    assert "@import" not in text
    assert "default-src 'none'" in page.values("meta", "content")[-1]


def test_text_of_a_model_cannot_act(made: tuple[str, Page]) -> None:
    text, page = made
    assert page.tags["script"] == 2
    assert page.tags["img"] == page.tags["b"] == page.tags["i"] == 0
    assert "<script>window" not in text
    assert "\u2028" not in text
    block = re.search(r'id="trace-data">(.*?)</script>', text, re.DOTALL).group(1)
    assert not set(block) & set("<>&\u2028\u2029\x00")
    steps = "".join(data_of(text)["traces"][0]["steps"])
    assert "</script><img src=x onerror=window.hacked=1> & &amp; follow." in steps
    assert "\x00 null, a \u2028 line, \u202eright to left\u202c, \u05e9\u05dc\u05d5\u05dd" in steps
    assert [name for _, name, _ in page.attributes if name.startswith("on")] == []


def test_points_are_the_readings(made: tuple[str, Page], shared_run: RunDirectory) -> None:
    hostile, free = data_of(made[0])["traces"]
    readings = shared_run.frame("readings").set_index("id")
    assert [one["steps"] for one in hostile["points"]] == [0, 1, 2, 3, 4]
    for i, one in enumerate(hostile["points"]):
        chances = [math.exp(logprob) for logprob in readings.loc[f"r1-{i}", "option_logprobs"]]
        assert one["shares"] == pytest.approx([chance / sum(chances) for chance in chances], abs=1e-6)
        assert one["mass"] == pytest.approx(sum(chances), abs=1e-6)
    assert [(one["state"], one["answer"]) for one in hostile["points"]][2:4] == [("answered", "B"), ("unparsed", None)]
    assert [(one["state"], one["answer"], one["shares"]) for one in free["points"]] == [
        ("refused", None, None),
        ("truncated", None, None),
        ("answered", "42", None),
    ]
    assert free["finish"] == "length"


def test_a_cut_inside_a_step_is_told() -> None:
    step = traces.schema.Step
    trace = traces.Trace("t", "q", "m", 0, (), "ab cd", (1, 2, 3, 4), (step(0, 2, 2), step(2, 5, 4)), "stop")
    reading = {"option_logprobs": [], "state": "answered", "answer": "A", "reason": "", "continuation": ""}
    row = {"arm": "treated", "keep": 3, "insert": ""}
    assert {key: traces.point(trace, row, 0.75, reading)[key] for key in ("steps", "inside")} == {"steps": 1, "inside": True}
    row["keep"] = 2
    assert {key: traces.point(trace, row, 0.5, reading)[key] for key in ("steps", "inside")} == {"steps": 1, "inside": False}


def test_states_are_counted_by_arm(made: tuple[str, Page], shared_run: RunDirectory) -> None:
    _, page = made
    found = {(row[0], row[1]): row[2:] for row in page.rows if row[0] in {"truncation", "mistake", "paraphrase", "hint"}}
    assert [row for row in page.rows if row[0] == "Intervention"] == [
        ["Intervention", "Arm", "Readings", "Answered", "Unparsed", "Truncated", "Refused", "Error", "Not read yet", "Failed check"]
    ]
    assert found == {
        ("truncation", "no reasoning"): ["2", "1", "0", "0", "1", "0", "0", "0"],
        ("truncation", "treated"): ["4", "2", "1", "1", "0", "0", "0", "0"],
        ("truncation", "full"): ["2", "2", "0", "0", "0", "0", "0", "0"],
        ("mistake", "treated"): ["1", "1", "0", "0", "0", "0", "0", "1"],
        ("mistake", "control"): ["1", "1", "0", "0", "0", "0", "0", "0"],
        ("paraphrase", "treated"): ["1", "0", "0", "0", "0", "0", "1", "1"],
        ("hint", "treated"): ["6", "2", "0", "1", "0", "0", "3", "1"],
        ("hint", "control"): ["1", "1", "0", "0", "0", "0", "0", "0"],
    }
    assert counts.count(shared_run).chance() == {}  # one of the questions has no options


def test_unread_readings_have_their_reason_an_example_and_what_would_be_read(
    made: tuple[str, Page], shared_run: RunDirectory
) -> None:
    _, page = made
    rows = {(row[2].lower(), row[3]): row for row in page.rows if row[:2] == ["m/one", "toy"] and len(row) == 9}
    table = unread(shared_run)
    assert set(rows) == set(zip(table["state"], table["reason"], strict=True))
    assert rows["refused", "I cannot"][4:6] == ["I cannot <b>say</b>.", "1"]
    for row in table.to_dict("records"):
        assert rows[row["state"], row["reason"]][5:] == [
            f"{row['readings']}",
            f"{100 * row['share']:.1f} %",
            f"{row['strict']}",
            f"{row['flexible']}",
        ]
    assert page.values("h3", "id").count("unread") == 1


def test_a_page_without_unread_readings_has_no_such_table(tmp_path: Path) -> None:
    cotfaith.run(model="scripted/faithful", task="addition", limit=2, samples=1, out=tmp_path / "run", quiet=True)
    _, page = page_of(RunDirectory(tmp_path / "run"))
    assert "unread" not in page.values("h3", "id")


def test_a_probe_without_a_reading_is_not_read_yet(run: RunDirectory) -> None:
    for part in (run.path / "readings").glob("*.parquet"):
        part.unlink()
    text, page = page_of(run)
    assert ["truncation", "full", "2", "0", "0", "0", "0", "0", "2", "0"] in page.rows
    assert ["mistake", "treated", "1", "0", "0", "0", "0", "0", "1", "1"] in page.rows
    assert data_of(text)["traces"] == []
    assert "0 of 2 traces" in page.text


def test_provenance_is_that_of_the_manifest(made: tuple[str, Page]) -> None:
    _, page = made
    for fact in (
        "cotfaith run --out 'a b'",
        "2026-11-21 20:36 UTC",
        "revision abc123",
        "template hash b1:00",
        "parameters 135,000,000",
        "cot cot()",
        "mistake b1:77",
    ):
        assert fact in page.text
    assert "context not stated" in page.text
    assert "seed 7" in page.text
    assert "2 questions \N{MULTIPLICATION SIGN} 1 sample: 2 traces" in page.text


def test_the_same_run_gives_the_same_page(run: RunDirectory) -> None:
    first, again = (report.write(run, held(run)).read_bytes() for _ in range(2))
    assert first == again


def test_downloads_hold_the_tables(made: tuple[str, Page], shared_run: RunDirectory) -> None:
    _, page = made
    names = page.values("a", "download")
    assert names == [
        "profile.csv",
        "same-answer.csv",
        "filler.csv",
        "mistakes.csv",
        "paraphrase.csv",
        "hints.csv",
        "hints-acknowledged.csv",
        "mediation.csv",
        "estimates.csv",
    ]
    links = [value for value in page.values("a", "href") if value.startswith("data:text/csv")]
    held = {n: pd.read_csv(io.BytesIO(base64.b64decode(v.split("base64,")[1]))) for n, v in zip(names, links, strict=True)}
    assert len(held["estimates.csv"]) == len(shared_run.derived("estimates.parquet"))
    assert held["same-answer.csv"]["value"].isna().sum() == 1
    on_disk = pd.read_csv(shared_run.path / "figures" / "filler.csv")
    pd.testing.assert_frame_equal(on_disk, held["filler.csv"])
    assert (shared_run.path / "figures" / "same-answer.svg").read_text().startswith("<?xml")


def test_tables_and_figures_have_names_for_those_who_listen(made: tuple[str, Page]) -> None:
    _, page = made
    assert page.tags["caption"] == page.tags["table"]
    assert set(page.values("th", "scope")) == {"col", "row", "rowgroup"}
    assert len(page.values("th", "scope")) == page.tags["th"]
    assert len(page.values("svg", "aria-label")) == page.tags["svg"] == FIGURES
    assert page.values("p", "aria-live") == ["polite"]


def test_a_whole_run_of_a_persona(tmp_path: Path) -> None:
    path = tmp_path / "run"
    done = cotfaith.run(
        model=["scripted/mixed", "scripted/never-answers"], task="addition", limit=3, samples=2, out=path, quiet=True
    )
    text, page = page_of(RunDirectory(path))
    table = done.estimates()
    shown = page.values("data", "value")
    for value in table.loc[table["metric"].isin(["aoc", "answers_changed"]), "value"].dropna():
        assert repr(float(value)) in shown
    strata = table[table["stratum"] != ""].drop_duplicates(["model", "measure"])
    assert page.tags["details"] == 2 * 3 + len(strata)  # two models, three measures
    together = {row[0]: row[1] for row in page.rows if row and row[0].startswith("scripted/")}
    aoc = of(table, metric="aoc").set_index("model")["value"]
    assert titles.number(aoc["scripted/mixed"]) in {row[1] for row in page.rows if row[0] == "scripted/mixed on addition"}
    assert together["scripted/never-answers on addition, dots, 1 \N{MULTIPLICATION SIGN} the length"] == "undefined"
    assert page.text.count("undefined") > 4
    held = data_of(text)
    assert len(held["traces"]) == 12
    assert len(held["questions"]) == 3
    assert {len(one["points"]) - len(one["steps"]) for one in held["traces"]} == {1}
    assert "All 12 traces." in page.text


def test_a_large_run_shows_some_traces_of_many_questions(tmp_path: Path) -> None:
    path = tmp_path / "run"
    choices = {"measures": ["reasoning_gain"], "limit": 70, "samples": 2}
    cotfaith.run(model="scripted/faithful", task="addition", out=path, quiet=True, **choices)
    text, page = page_of(RunDirectory(path))
    held = data_of(text)
    assert len(held["traces"]) == traces.LIMIT
    assert len({one["question"] for one in held["traces"]}) == traces.LIMIT
    assert "60 of 140 traces, spread over the questions." in page.text
    assert counts.count(RunDirectory(path)).chance() == {"addition": 0.25}
