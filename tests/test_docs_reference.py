"""The pages of reference: every key, column and option has a meaning, the tables are those of real runs, and the examples run."""

import re
from itertools import islice
from pathlib import Path
from typing import Any, get_args

import commands
import pytest
import typer

import cotfaith
from cotfaith import cli
from cotfaith.analysis.estimate import COLUMNS
from cotfaith.model_choices import SHORT
from cotfaith.plugins import registry
from cotfaith.storage import meanings, schema
from cotfaith.study import load
from cotfaith.study_keys import FURTHER, StudyKeys, meaning
from cotfaith.tasks import columns
from docs.generate import facts, pages, reference

GENERATED = ["addition", "bets", "comparisons", "tracking"]


# --- studies ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [*StudyKeys.model_fields, *FURTHER])
def test_every_key_of_a_study_has_a_meaning(key: str) -> None:
    assert re.fullmatch(r"the .*[^.]", meaning(key))


def test_the_keys_that_become_others_are_those_that_a_study_takes() -> None:
    assert set(FURTHER) == {"battery", *SHORT}
    assert meaning("sampels") == ""


def test_every_option_of_the_command_line_that_is_a_key_is_said_with_its_key() -> None:
    run = typer.main.get_command(cli.app).commands["run"]  # type: ignore[attr-defined]  # it is a group
    options = {param.opts[0] for param in run.params if param.param_type_name == "option"}
    assert reference.flags() == options - {"--importer", "--out", "--accept-changes", "--dry-run", "--quiet", "--help"}


def test_the_example_study_is_one_and_shows_what_it_says(tmp_path: Path) -> None:
    text = commands.files()["annotated.yaml"]
    path = tmp_path / "annotated.yaml"
    path.write_text(text)
    study = load(path)
    assert study.model == ("smollm2-135m", "smollm2-bf16")
    assert dict(study.choice("smollm2-bf16").engine) == {"dtype": "bfloat16"}
    assert set(study.probing()) == {"truncation", "mistake", "hint"}
    keys = re.findall(r"^(\w+):.*#", text, re.MULTILINE)
    assert len(keys) >= 10
    assert load(path, {"limit": 3, "samples": 5}).samples == 5


def test_the_studies_of_a_page_override_as_it_says(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("battery: lanham2023\nmodel: scripted/mixed\ntask: addition\ntask_options: {operands: 3, digits: 1}\nlimit: 7\ninterventions: {mistake: {sites: 1}}\n")  # fmt: skip
    study = load(path, {"limit": 9, "task_options": {"digits": "2"}})
    assert (study.limit, study.samples, study.seed) == (9, 100, 0)  # command line, battery, default
    assert study.task_options == {"digits": "2"}
    assert set(study.interventions) == {"filler", "mistake"}


# --- tables -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", schema.TABLES)
def test_every_column_of_a_table_has_a_meaning_and_no_other(name: str) -> None:
    assert set(meanings.TABLES[name]) == set(schema.SCHEMAS[name].names)
    assert all(meanings.TABLES[name].values())


@pytest.mark.parametrize(("column", "said"), [("turns", meanings.TURN), ("steps", meanings.STEP)])
def test_every_part_of_a_record_has_a_meaning(column: str, said: meanings.Meanings) -> None:
    (kind,) = {table.field(column).type for table in schema.SCHEMAS.values() if column in table.names}
    assert [field.name for field in kind.value_type] == list(said)


def test_every_column_of_estimates_has_a_meaning_and_no_other() -> None:
    assert set(meanings.ESTIMATES) == {"model", "task", *COLUMNS}
    assert all(meanings.ESTIMATES.values())


def test_the_types_of_the_page_are_those_of_a_run(tmp_path: Path) -> None:
    run = cotfaith.run(model="scripted/mixed", task="addition", limit=3, margin=0.1, out=tmp_path / "r", quiet=True)
    rows = re.findall(r"^\| `(\w+)` \| ([\w ]+) \|", reference.estimates(), re.MULTILINE)
    frame = run.estimates()
    assert [name for name, _ in rows] == list(frame.columns)
    assert dict(rows) == {name: {"i": "whole number", "f": "number"}.get(frame[name].dtype.kind, "text") for name in frame.columns}
    for name in ("questions", "traces", "probes", "readings"):
        assert set(getattr(run, name)().columns) == set(meanings.TABLES[name])


def test_every_part_of_a_question_has_a_meaning() -> None:
    assert set(columns.MEANINGS) == set(columns.ALIASES) == set(get_args(columns.Part))


# --- tasks and engines ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", pages.ours("cotfaith.tasks"))
def test_every_task_says_what_an_answer_is_and_every_option_what_it_means(name: str) -> None:
    cls = registry.load("cotfaith.tasks", name)
    assert cls.answers
    assert set(facts.meanings(cls)) == set(registry_options(cls))


@pytest.mark.parametrize("name", pages.ours("cotfaith.engines"))
def test_every_option_of_an_engine_has_a_meaning(name: str) -> None:
    cls = registry.load("cotfaith.engines", name)
    assert set(registry_options(cls)) <= set(facts.meanings(cls))


def registry_options(cls: type[Any]) -> dict[str, Any]:
    from cotfaith.contracts.options import own

    return own(cls)


@pytest.mark.parametrize("name", GENERATED)
def test_what_a_task_says_of_its_answers_holds_for_its_questions(name: str) -> None:
    cls = registry.load("cotfaith.tasks", name)
    asked = list(islice(cls().questions(), 8))
    sizes = {len(question.choices) for question in asked}
    said = {"one of as many choices as people": cls().people} if name == "tracking" else {}
    assert sizes == {said.get(cls.answers) or int(re.findall(r"(\d+) choices", cls.answers)[0])}
    if "Yes or No" in cls.answers:
        assert {choice for question in asked for choice in question.choices} == {"Yes", "No"}


def test_the_size_of_a_task_is_that_of_its_questions() -> None:
    assert "| `comparisons` | 448 |" in reference.tasks(["comparisons"])
    assert "| `addition` | endless |" in reference.tasks(["addition"])


# --- links ----------------------------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_to_a_heading_leads_to_one() -> None:
    found = [
        (page, *link)
        for page in commands.PAGES
        for link in re.findall(r"\]\(([\w./-]*)#([\w-]+)\)", page.read_text(encoding="utf-8"))
    ]
    assert len(found) > 20
    lost = [
        (page.name, name, anchor) for page, name, anchor in found if anchor not in anchors((page.parent / name) if name else page)
    ]
    assert lost == []
