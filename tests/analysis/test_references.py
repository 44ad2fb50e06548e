"""Reference values: what a reader that only follows its reasoning, and a model that never reads it, would score on the traces of a run."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cotfaith
from cotfaith.analysis import references
from cotfaith.contracts.intervention import InterventionInfo
from cotfaith.measures import MEASURES
from cotfaith.plugins import registry
from cotfaith.stats import ClusterSums, Key, Part
from cotfaith.types import LETTERS

READ = ("early_answering", "reasoning_gain", "filler_tokens", "adding_mistakes", "paraphrasing", "transplant", "step_importance")
MARKS = ["reference_reader", "reference_direct"]


def of(persona: str, folder: Path, **others: object) -> cotfaith.Run:
    study = {"measures": READ, "limit": 8, "samples": 2, **others}
    return cotfaith.run(model=f"scripted/{persona}", task="addition", out=folder / persona, quiet=True, **study)


def headlines(run: cotfaith.Run) -> pd.DataFrame:
    rows = run.estimates()
    return rows[(rows["role"] == "headline") & (rows["stratum"] == "") & ~rows["dose"].isin({0.25, 0.5})].set_index("measure")


@pytest.fixture(scope="module")
def faithful(tmp_path_factory: pytest.TempPathFactory) -> cotfaith.Run:
    return of("faithful", tmp_path_factory.mktemp("faithful"), writer="scripted/writer")


@pytest.fixture(scope="module")
def post_hoc(tmp_path_factory: pytest.TempPathFactory) -> cotfaith.Run:
    return of("post-hoc", tmp_path_factory.mktemp("post"), writer="scripted/writer")


def test_a_persona_that_never_reads_scores_its_reference_everywhere(post_hoc: cotfaith.Run) -> None:
    rows = post_hoc.estimates()
    rows = rows[rows["reference_direct"].notna()]
    assert set(rows["measure"]) == set(READ)
    assert rows["value"].to_numpy() == pytest.approx(rows["reference_direct"].to_numpy(), abs=1e-12)
    marked = rows[rows["reference_reader"].notna() & (rows["role"] == "headline") & (rows["value"] != rows["reference_reader"])]
    assert {"early_answering", "reasoning_gain", "adding_mistakes", "transplant"} <= set(
        marked["measure"]
    )  # so it could have failed


def test_a_persona_that_follows_its_reasoning_scores_as_the_reader_where_both_know_an_answer(faithful: cotfaith.Run) -> None:
    """With the donor's reasoning both give its answer. (Without reasoning the persona has a belief, and the reader guesses.)"""
    rows = faithful.estimates()
    rows = rows[(rows["measure"] == "transplant") & rows["reference_reader"].notna()]
    assert len(rows) > 5
    assert rows["value"].to_numpy() == pytest.approx(rows["reference_reader"].to_numpy(), abs=1e-12)
    assert not np.allclose(rows["value"], rows["reference_direct"])


def test_the_reader_of_cut_reasoning_guesses(faithful: cotfaith.Run) -> None:
    """Derived from the cuts alone: same answer with chance 1/4 at each cut and at none, 1 at the full reasoning; trapezoids between."""
    probes = faithful.probes()
    probes = probes[probes["intervention"] == "truncation"]
    areas = []
    for _, trace in probes.groupby("trace_id"):
        given = np.sort(np.where(trace["arm"] == "full", 1.0, np.where(trace["arm"] == "no_reasoning", 0.0, 1 - trace["dose"])))
        areas.append(1 - np.trapezoid(np.where(given == 1, 1.0, 0.25), given))
    assert len(areas) == 16
    rows = faithful.estimates()
    rows = rows[(rows["measure"] == "early_answering") & (rows["stratum"] == "")]
    (aoc,) = rows[rows["metric"] == "aoc"].to_dict("records")
    assert aoc["reference_reader"] == pytest.approx(np.mean(areas), abs=1e-12)
    curve = rows[rows["metric"] == "same_answer"].set_index("dose")
    assert curve.loc[1.0, MARKS].tolist() == [1.0, 1.0]
    assert curve.loc[0.0, MARKS].tolist() == [0.25, 1.0]


def test_traces_count_once_or_questions_do() -> None:
    key = Key("m")
    table = ClusterSums(pd.Index(["a", "b"]), (Part(key, "sum"), Part(key, "n")), np.array([[1.0, 1.0], [0.0, 3.0]]))
    assert [references.value(table, key, weight) for weight in ("trace", "question")] == [0.25, 0.5]
    assert math.isnan(references.value(table, Key("other"), "trace"))


def test_a_free_answer_is_never_guessed(tmp_path: Path) -> None:
    run = of("faithful", tmp_path, measures=("reasoning_gain",), task_options={"form": "free"})
    (row,) = headlines(run).to_dict("records")
    assert [row[mark] for mark in MARKS] == [1.0, 0.0]


def test_hints_have_no_reference(tmp_path: Path) -> None:
    run = of("hinted", tmp_path, measures=("hint_effect",), limit=3)
    assert run.estimates()[MARKS].isna().all(axis=None)


def rows_of(*answers: str | None, arms: tuple[str, ...], name: str = "filler", options: int = 4, **more: object) -> pd.DataFrame:
    """The rows of one trace, one for each of `answers`."""
    states = ["answered" if one else "unparsed" for one in answers]
    plain = {"trace_id": "t", "spec": "s", "intervention": name, "n_options": options, "logprobs": None, **more}
    return pd.DataFrame({"answer": list(answers), "state": states, "arm": list(arms)}).assign(**plain)


def imagined(rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> dict[str, pd.DataFrame]:
    """The rows with the answers of each imagined model."""
    seen = []
    measure = MEASURES["filler_tokens"]
    monkeypatch.setattr(type(measure), "columns", lambda _, rows: seen.append(rows) or seen[-1])
    return dict(references.tables(measure, rows))


def test_a_missing_answer_stays_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = imagined(rows_of("B", None, "A", arms=("full", "treated", "no_reasoning")), monkeypatch)
    reader, direct = found["reference_reader"], found["reference_direct"]
    assert reader["state"].tolist() == direct["state"].tolist() == ["answered", "unparsed", "answered"]
    assert direct["answer"].fillna("").tolist() == ["B", "", "B"]
    assert reader["answer"].fillna("").tolist() == ["B", "", references.GUESS]
    assert [None if math.isnan(one) else one for one in reader["chance"]] == [None, 0.25, 0.25]


def test_without_the_answer_of_the_whole_reasoning_nobody_knows_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = imagined(rows_of(None, "A", arms=("full", "treated"), name="mistake"), monkeypatch)
    assert [one["state"].tolist() for one in found.values()] == [["unparsed", "unparsed"]] * 2


def test_after_a_mistake_the_reader_gives_another_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    found = imagined(rows_of("A", "A", "A", arms=("full", "treated", "control"), name="mistake"), monkeypatch)
    assert found["reference_reader"]["answer"].tolist() == ["A", references.OTHER, "A"]
    assert references.OTHER not in LETTERS


def test_an_intervention_that_is_gone_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert imagined(rows_of("A", arms=("full",), name="uninstalled"), monkeypatch) == {}


@pytest.mark.parametrize("name", registry.names("cotfaith.interventions"))
def test_only_an_edit_of_the_reasoning_says_what_a_reader_answers(name: str) -> None:
    about: InterventionInfo = registry.load("cotfaith.interventions", name).about
    assert about.edits_reasoning or not about.reader
