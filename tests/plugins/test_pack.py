"""The example pack runs as it is installed: each of its pieces does its work from one study file."""

import json
import shutil

import pyarrow.parquet as pq
import pytest
from plugins.shell import PACK, python, run

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def ran(pack, tmp_path_factory):
    """The folder in which the study of the pack was run, and what the run printed."""
    folder = tmp_path_factory.mktemp("ran")
    for name in ("study.yaml", "reasonings.txt"):
        shutil.copy(PACK / name, folder)
    done = python("-m", "cotfaith", "run", "study.yaml", "--out", "run", folder=folder, path=[pack])
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def estimates(folder):
    return pq.read_table(folder / "run" / "estimates.parquet").to_pylist()


def rows(folder, table):
    return [row for part in sorted((folder / "run" / table).glob("*.parquet")) for row in pq.read_table(part).to_pylist()]


def test_its_study_ends_in_a_table_and_a_report(ran):
    folder, said = ran
    assert "scripted/hinted on largest" in said
    assert "early_answering " in said
    assert (folder / "run" / "report.html").exists()


def test_its_intervention_is_probed_and_read_without_a_measure_of_its_own(ran):
    folder, _ = ran
    probes = [row for row in rows(folder, "probes") if row["intervention"].startswith("drop_last")]
    readings = {row["id"]: row for row in rows(folder, "readings")}
    assert {row["arm"] for row in probes} == {"treated", "control", "full", "no_reasoning"}
    assert {readings[row["reading_id"]]["state"] for row in probes} <= {"answered", "unparsed"}
    assert any(readings[row["reading_id"]]["answer"] for row in probes)


def test_its_importer_gives_the_traces(ran):
    folder, _ = ran
    lines = [line.split("\t") for line in (PACK / "reasonings.txt").read_text().splitlines()]
    given = rows(folder, "traces")
    assert {row["source"] for row in given} == {"given"}
    for model in ("scripted/hinted", "counting/small"):
        found = {(row["question_id"], row["reasoning"]) for row in given if row["model"] == model}
        assert found == {tuple(line) for line in lines}
    (sources,) = json.loads((folder / "run" / "manifest.json").read_text())["traces"]
    assert (sources["path"], sources["made_by"]) == ("reasonings.txt", "importer lines")


def test_without_the_file_of_traces_its_models_reason(ran, pack):
    folder, _ = ran
    (folder / "plain.yaml").write_text(
        "".join(line for line in (PACK / "study.yaml").read_text().splitlines(keepends=True) if not line.startswith("traces:"))
    )
    done = python("-m", "cotfaith", "run", "plain.yaml", "--out", "plain", folder=folder, path=[pack])
    assert done.returncode == 0, done.stderr
    found = [row for part in (folder / "plain" / "traces").glob("*.parquet") for row in pq.read_table(part).to_pylist()]
    assert {row["source"] for row in found} == {"sampled"}
    assert len(found) == 24


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--traces", "nowhere.txt"], "nowhere.txt cannot be read"),
        (["--traces", "nowhere.txt", "--importer", "lines"], "nowhere.txt cannot be read"),
        (["--traces", "reasonings.txt"], "line 1, is not JSON"),
        (["--traces", "reasonings.txt", "--importer", "linez"], "Unknown importer 'linez': did you mean 'lines'?"),
        (["--importer", "lines"], "--importer lines has no file to read: give --traces FILE."),
    ],
)
def test_traces_that_cannot_be_read_are_refused_in_a_dry_run(ran, pack, options, said):
    folder, _ = ran
    done = python("-m", "cotfaith", "run", "study.yaml", "--dry-run", *options, folder=folder, path=[pack])
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_its_task_asks_the_questions(ran):
    folder, _ = ran
    assert {row["id"] for row in rows(folder, "questions")} == {f"largest-0-{i}" for i in range(6)}


def test_its_cutter_cuts_the_steps(ran):
    folder, _ = ran
    for row in rows(folder, "traces"):
        inner = [row["reasoning"][step["start"] : step["stop"]] for step in row["steps"][:-1]]
        assert all(step.rstrip().endswith(".") for step in inner)


def test_its_judge_judges_its_hint(ran):
    folder, _ = ran
    verdicts = rows(folder, "verdicts")
    assert {row["judge"] for row in verdicts} == {"naming", "lexical"}
    assert {row["hint"] for row in verdicts} == {"rumour"}
    assert {row["mentions"] == row["relies"] for row in verdicts if row["judge"] == "naming"} == {True}


def test_its_extractor_reads_the_run_again(ran, pack):
    folder, _ = ran
    done = python("-m", "cotfaith", "estimate", "run", "--extractor", "doubting_a", "--format", "csv", folder=folder, path=[pack])
    assert done.returncode == 0, done.stderr
    assert done.stdout != python("-m", "cotfaith", "estimate", "run", "--format", "csv", folder=folder, path=[pack]).stdout


def test_what_is_not_installed_is_named(ran):
    folder, _ = ran
    done = python("-m", "cotfaith", "estimate", "run", "--extractor", "doubting_a", folder=folder)
    assert done.returncode != 0
    assert "Unknown measure 'first_letter'" in done.stderr


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("interventions", "drop_last"),
        ("hints", "rumour"),
        ("judges", "naming"),
        ("tasks", "largest"),
        ("extractors", "doubting_a"),
        ("cutters", "mark"),
        ("batteries", "quick"),
        ("engines", "counting"),
        ("figures", "first_letter_bars"),
        ("measures", "first_letter"),
        ("importers", "lines"),
        ("strategies", "opening"),
        ("formats", "exam"),
    ],
)
def test_it_is_listed_with_where_it_comes_from(kind, name, pack, tmp_path):
    listed = json.loads(python("-m", "cotfaith", "list", kind, "--json", folder=tmp_path, path=[pack]).stdout)
    (row,) = [row for row in listed if row["name"] == name]
    assert row["from"] == "cotfaith-example-pack 1.2.3"
    assert row["summary"]


def test_its_engine_without_log_probabilities_is_read_by_what_it_writes(ran):
    folder, said = ran
    assert "counting/small on largest" in said
    assert "early_answering " in said
    models = {row["id"]: row["model"] for row in rows(folder, "traces")}
    probes = {row["reading_id"]: models[row["trace_id"]] for row in rows(folder, "probes")}
    readings = [row for row in rows(folder, "readings") if probes.get(row["id"]) == "counting/small"]
    assert readings
    assert not any(row["option_logprobs"] for row in readings)
    gold = {row["id"]: row["gold"] for row in rows(folder, "questions")}
    assert set(gold.values()) == {row["answer"] for row in readings}


def test_its_measure_is_in_the_table_with_its_own_words(ran, pack):
    folder, said = ran
    assert "scripted/hinted on largest" in said
    assert "first_letter " in said
    assert ", if larger: more answers without reasoning are A. Construct: bias." in " ".join(said.split())
    probes = [row for row in rows(folder, "probes") if row["arm"] == "no_reasoning" and row["model"] == "scripted/hinted"]
    answers = {row["id"]: row["answer"] for row in rows(folder, "readings")}
    traces = {row["trace_id"]: answers[row["reading_id"]] for row in probes}
    (found,) = [row for row in estimates(folder) if row["metric"] == "answers_a" and row["model"] == "scripted/hinted"]
    assert found["value"] == pytest.approx(sum(answer == "A" for answer in traces.values()) / len(traces))
    assert (found["role"], found["title"]) == ("headline", "Answers A without reasoning")


def test_its_intervention_is_reported_against_its_control(ran):
    folder, said = ran
    assert "scripted/hinted on largest" in said
    assert "answer_changed " in said
    found = [row for row in estimates(folder) if row["measure"] == "answer_changed" and row["metric"] == "answer_changed"]
    assert {(row["intervention"], row["model"]) for row in found} == {
        ("drop_last", "scripted/hinted"),
        ("drop_last", "counting/small"),
    }
    answers = {row["id"]: row["answer"] for row in rows(folder, "readings")}
    given = {
        (row["trace_id"], row["arm"]): answers[row["reading_id"]]
        for row in rows(folder, "probes")
        if row["intervention"].startswith("drop_last") and row["model"] == "scripted/hinted"
    }
    traces = {trace for trace, _ in given}
    changed = [given[trace, "treated"] != given[trace, "control"] for trace in traces]
    assert next(row["value"] for row in found if row["model"] == "scripted/hinted") == pytest.approx(sum(changed) / len(changed))


def test_its_figure_is_on_the_page_and_beside_it(ran):
    folder, _ = ran
    assert 'id="first_letter_bars"' in (folder / "run" / "report.html").read_text()
    points = (folder / "run" / "figures" / "first_letter_bars.csv").read_text().splitlines()
    assert points[0] == "model,task,value,low,high"
    assert points[1].startswith("scripted/hinted,largest,")


IMPORT = """
from pathlib import Path
from cotfaith.errors import DataError
from cotfaith.plugins import registry
read = registry.function("cotfaith.importers", "lines")
(one,) = read(Path("mine.txt"))
print(one.question, one.reasoning, one.finish, one.sample, one.strategy)
try:
    list(read(Path("broken.txt")))
except DataError as error:
    print(error)
"""


def test_its_importer_gives_traces_and_names_the_line_that_is_none(pack, tmp_path):
    (tmp_path / "mine.txt").write_text("largest-0-0\tSo b.")
    (tmp_path / "broken.txt").write_text("largest-0-0 So b.")
    assert run(IMPORT, folder=tmp_path, path=[pack]).splitlines() == [
        "largest-0-0 So b. stop 0 cot",
        "Line 1 of broken.txt has no tab: give a question's id, a tab, and the reasoning.",
    ]


LAWS = """
from cotfaith.plugins import registry
from cotfaith.testing import check_engine, check_hint, check_intervention, check_strategy, check_task
for group, name, check in (
    ("cotfaith.interventions", "drop_last", check_intervention),
    ("cotfaith.hints", "rumour", check_hint),
    ("cotfaith.tasks", "largest", check_task),
    ("cotfaith.strategies", "opening", check_strategy),
):
    check(registry.build(registry.load(group, name), {}))
    print(name)
check_engine(registry.build(registry.load("cotfaith.engines", "counting"), {}).open("small"))
print("counting")
"""


def test_its_pieces_keep_the_laws_of_the_built_in_ones(pack, tmp_path):
    assert run(LAWS, folder=tmp_path, path=[pack]).split() == ["drop_last", "rumour", "largest", "opening", "counting"]


def test_its_strategy_and_its_format_make_the_prompt_and_the_first_words(ran, pack):
    folder, _ = ran
    words = ["run", "--model", "counting/small", "--task", "largest", "--strategy", "opening", "--format", "exam", "--limit", "2"]
    shown = python("-m", "cotfaith", *words, "--dry-run", folder=folder, path=[pack])
    assert "  the prompt for its answer ends with 'Answer: ('\n" in shown.stdout
    done = python("-m", "cotfaith", *words, "--out", "exam", folder=folder, path=[pack])
    assert done.returncode == 0, done.stderr
    traces = [row for part in (folder / "exam" / "traces").glob("*.parquet") for row in pq.read_table(part).to_pylist()]
    assert len(traces) == 2
    for row in traces:
        assert row["reasoning"].startswith(" I check every number twice. I look at each number.")
        assert "".join(map(chr, row["prompt_ids"])).endswith("\n\nReasoning:")
