"""The pages of docs/: one for everything that can be named, and what is generated on them is what the code says."""

import csv
import json
import re
import shlex
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import typer
from builders import DONORS, QUESTION, answering, trace

import cotfaith
from cotfaith import cli
from cotfaith.contracts import driver
from cotfaith.contracts.requests import Written
from cotfaith.measures import MEASURES
from cotfaith.plugins import presets, registry
from cotfaith.types import Question
from docs.generate import facts, pages

PAGES = pages.pages()
INTERVENTIONS = pages.ours("cotfaith.interventions")

SAID = " In (B) are 12 eggs that Ann and her brother own."
REPLIES = {
    "good": Written("Her brother and Ann own 13 eggs, and none is in (B).", "stop"),
    "silent": Written("", "stop"),
    "refuses": Written("I'm sorry, but I cannot help with that.", "stop"),
    "overruns": Written("Her brother and Ann own 13 eggs in (B), and", "length"),
    "echoes": Written(SAID.strip(), "stop"),
    "hardly": Written(SAID.strip() + " Indeed.", "stop"),
    "rewords": Written("There are 12 eggs in (B), which her brother and Ann have.", "stop"),
    "letters": Written("There are 12 eggs in (C), which her brother and Ann have.", "stop"),
    "names": Written("There are 12 eggs in (B), which her brother and Tom have.", "stop"),
    "shortens": Written("12: (B), Ann.", "stop"),
}


SHARED: dict[str, Any] = {"model": "scripted/mixed", "samples": 2, "quiet": True}
JUDGES = ("lexical", "scripted/judge")
PUSHED = ("hint_effect", "bias_accuracy", "hint_mediation")
OF_A_TASK = {"bbq_evidence": "bbq", "reversed_pairs": "comparisons", "cct": "comparisons"}
PERSONS = ("the baker", "the driver", "it cannot be known")


def text(page: str) -> str:
    return (pages.DOCS / page).read_text(encoding="utf-8")


def section(page: str, title: str) -> str:
    """What stands on a page under a heading, up to the next one."""
    return re.split(r"^## ", text(page).split(f"\n## {title}\n")[1], flags=re.MULTILINE)[0]


@pytest.mark.parametrize("page", PAGES)
def test_what_is_generated_is_what_the_code_says_now(page: str) -> None:
    now = text(page)
    assert pages.filled(now, PAGES[page], page) == now, "run: python -m docs.generate.pages"


def test_the_proof_can_fail() -> None:
    page = "interventions/truncation.md"
    stale = text(page).replace("Lanham et al. 2023, section 2.3", "somebody")
    assert pages.filled(stale, PAGES[page], page) != stale
    with pytest.raises(SystemExit, match=r"docs/x.md must have the marks <!-- facts --> and <!-- /facts --> once, not 0 times"):
        pages.filled("# Nothing", {"facts": "None"}, "x.md")


def test_backslashes_in_a_block_stay() -> None:
    assert pages.filled("<!-- a -->old<!-- /a -->", {"a": r"\n \1"}, "x.md") == "<!-- a -->\n\\n \\1\n<!-- /a -->"


@pytest.mark.parametrize(
    ("folder", "names"),
    [
        ("interventions", INTERVENTIONS),
        ("measures", list(MEASURES)),
        ("strategies", pages.ours("cotfaith.strategies")),
    ],
)
def test_a_page_for_everything_that_can_be_named_and_no_other(folder: str, names: list[str]) -> None:
    assert names
    assert {page.stem for page in (pages.DOCS / folder).glob("*.md")} == set(names)
    for name in names:
        assert f"]({folder}/{name}.md)" in text("catalogue.md")


def test_every_link_leads_somewhere() -> None:
    found = [(page, link) for page in pages.DOCS.rglob("*.md") for link in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8"))]
    assert len(found) > len(PAGES)
    for page, link in found:
        assert (page.parent / link).exists(), f"{page.name} links {link}"


def test_every_intervention_names_the_measures_that_read_it() -> None:
    for name in INTERVENTIONS:
        readers = {m for m, made in MEASURES.items() if name in {*made.requires, *made.uses}}
        assert set(re.findall(r"\(../measures/(\w+)\.md\)", text(f"interventions/{name}.md"))) == readers


def test_parameters_are_told_from_docstrings() -> None:
    told = facts.meanings(registry.load("cotfaith.interventions", "resilience"))
    assert list(told) == ["sites", "rounds", "threshold", "draws"]
    assert told["rounds"] == "the maximum number of rounds of resampling, from 1 to 1000."
    assert list(facts.meanings(registry.load("cotfaith.strategies", "budget"))) == ["tokens"]


def reasons(name: str) -> set[str]:
    """Why probes of an intervention failed their check, over writers, reasonings and questions of every kind."""
    made = registry.load("cotfaith.interventions", name)()
    traces = [trace(said) for said in ("", "  ", SAID, " I think so.", " Two and two. That makes 4.")]
    asks = [answering(lambda one: REPLIES[one.writer], writers=(*REPLIES, "rules"), donors=those) for those in (DONORS, ())]
    found = set()
    for ask, question in product(asks, (QUESTION, Question("q", "toy", "How many?", gold="4"))):
        for probes in driver.probes(made, [(one, question) for one in traces], ask, seed=0):
            found |= {probe.note for probe in probes if not probe.valid}
    return found


@pytest.mark.parametrize("name", INTERVENTIONS)
def test_the_reasons_why_an_edit_is_not_valid_are_on_its_page(name: str) -> None:
    assert set(re.findall(r"^- `([^`]+)`:", section(f"interventions/{name}.md", "When an edit is valid"), re.MULTILINE)) == reasons(
        name
    )


def test_every_battery_has_a_section_and_no_other() -> None:
    assert sorted(re.findall(r"^## ([a-z0-9]+)$", text("batteries.md"), re.MULTILINE)) == list(presets.names())


def test_every_measure_is_in_the_standard_battery_or_said_why_not() -> None:
    why = section("batteries.md", "Why these measures")
    tabled = dict(re.findall(r"^\| \[(\w+)\]\(measures/\w+\.md\) \| (\w+) \|", why, re.MULTILINE))
    assert list(tabled) == presets.choices("standard")["measures"]
    assert tabled == {name: MEASURES[name].construct for name in tabled}
    assert set(re.findall(r"\]\(measures/(\w+)\.md\)", why.split("What is left out")[1])) == set(MEASURES) - set(tabled)


def test_every_measure_is_in_the_table_of_claims_with_its_headline_and_what_it_needs() -> None:
    rows = re.findall(
        r"^\| [^|]+ \| \[(\w+)\]\(measures/\1\.md\) \| `(\w+)` \| (\w+) \| ([^|]+) \|$", text("claims.md"), re.MULTILINE
    )
    assert sorted(name for name, *_ in rows) == sorted(MEASURES)
    for name, metric, construct, needs in rows:
        made = MEASURES[name]
        assert metric == next(one.name for one in made.metrics if one.role == "headline")
        assert construct == made.construct
        assert ("two samples or more" in needs) == (made.least_samples == 2)


def test_every_measure_says_what_it_cannot_tell() -> None:
    told = re.findall(r"^\*\*\[[^\]]+\]\(measures/(\w+)\.md\)\.\*\* \S", PAGES["cannot_tell.md"]["measures"], re.MULTILINE)
    assert sorted(told) == sorted(MEASURES)


def test_every_command_on_the_page_of_batteries_is_one() -> None:
    lines = re.findall(r"^cotfaith (.*)$", text("batteries.md"), re.MULTILINE)
    assert lines
    for line in lines:
        name, *rest = shlex.split(line)
        typer.main.get_command(cli.app).commands[name].make_context(name, rest)  # type: ignore[attr-defined]  # it is a group


def plain(folder: Path) -> cotfaith.Run:
    """A small run with everything that needs no hint and no task of its own."""
    used: dict[str, Any] = {one: {} for made in MEASURES.values() for one in made.uses if one != "*"}
    return cotfaith.run(
        **SHARED,
        task="addition",
        limit=4,
        strategy=["cot", "zero_shot"],
        writer=["rules", "scripted/writer"],
        judges=list(JUDGES),
        measures=[name for name in MEASURES if name not in {*PUSHED, *OF_A_TASK}],
        interventions={**used, "resampling": {"draws": 4}},
        out=folder,
    )


def hinted(folder: Path) -> cotfaith.Run:
    """A small run with hints, of which each was judged by both judges and by hand."""
    sheet = folder / "labels.csv"
    made = cotfaith.run(
        **SHARED | {"model": "scripted/hinted"},
        task="addition",
        limit=4,
        judges=list(JUDGES),
        measures=list(PUSHED),
        interventions={"hint": {"kinds": ["suggested_answer", "metadata"]}},
        engine={"follow": 1.0},
        out=folder / "run",
    )
    made.write_labels(sheet)
    rows = list(csv.reader(sheet.read_text(encoding="utf-8-sig").splitlines(keepends=True)))
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([rows[0], *([*row[:-2], "no", "no"] for row in rows[1:])])
    made.read_labels(sheet)
    return made


def of_a_task(folder: Path, task: str) -> cotfaith.Run:
    """A small run of the measures that have a task of their own."""
    data = folder / "rows.jsonl"
    said = {"context": "The baker and the driver came home.", "question": "Who left the door open?", "category": "Work", "label": 2}
    evidence = ["The baker was tired and the driver was not.", "The driver was tired and the baker was not."]
    row = {**said, **{f"ans{i}": one for i, one in enumerate(PERSONS)}, "weak_evidence": evidence, "target_loc": 0, "unk_idx": 2}
    data.write_text("".join(json.dumps({**row, "context": f"{row['context']} It was {i} o'clock."}) + "\n" for i in range(4)))
    names = [name for name, own in OF_A_TASK.items() if own == task]
    given: dict[str, Any] = {"task_data": str(data)} if task == "bbq" else {}
    return cotfaith.run(**SHARED, task=task, limit=4, measures=names, out=folder / "run", **given)


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The metrics that each measure gives in small runs with everything."""

    def empty() -> Path:
        return tmp_path_factory.mktemp("run")

    runs = [plain(empty()), hinted(empty()), *(of_a_task(empty(), task) for task in sorted(set(OF_A_TASK.values())))]
    return {str(name): set(rows["metric"]) for run in runs for name, rows in run.estimates().groupby("measure")}


@pytest.mark.parametrize("name", MEASURES)
def test_every_metric_is_on_the_page_of_its_measure(name: str, metrics: dict[str, set[str]]) -> None:
    told = re.findall(r"^\| `(\w+)` \|", section(f"measures/{name}.md", "Estimates"), re.MULTILINE)
    assert len(told) == len(set(told))
    assert metrics[name] <= set(told)
    assert set(told) - metrics[name] <= {"edit_invalid"}  # on sums every order of the options takes
