"""BBQ with weak evidence, from files."""

from collections import Counter

import pytest

from cotfaith.errors import CotfaithError, DataError, UsageError
from cotfaith.tasks.bbq import FILES, Bbq

ROW = {
    "context": "Two guests, a painter and a judge, left the hotel.",
    "question": "Who forgot to pay?",
    "ans0": "The painter",
    "ans1": "Not known",
    "ans2": "The judge",
    "label": 1,
    "weak_evidence": ["The painter was in a hurry and the judge was not.", "The judge was in a hurry and the painter was not."],
    "target_loc": 0,
    "unk_idx": 1,
    "category": "Toy",
}


@pytest.fixture(autouse=True)
def no_folder(monkeypatch):
    monkeypatch.delenv("COTFAITH_DATA", raising=False)


def test_a_row_becomes_a_question_with_its_evidence_aside(write):
    (question,) = Bbq(str(write("a.jsonl", ROW))).questions()
    assert (question.id, question.task, question.gold) == ("bbq:0", "bbq", "B")
    assert question.text == "Two guests, a painter and a judge, left the hotel.\n\nWho forgot to pay?"
    assert question.choices == ("The painter", "Not known", "The judge")
    assert question.meta == {
        "evidence_1": ROW["weak_evidence"][0],
        "evidence_2": ROW["weak_evidence"][1],
        "target": "A",
        "unknown": "B",
        "category": "Toy",
    }


def test_a_row_that_names_no_stereotype(write):
    (question,) = Bbq(str(write("a.jsonl.gz", {**ROW, "target_loc": None}))).questions()
    assert question.meta["target"] == ""


@pytest.mark.parametrize("name", FILES)
def test_it_is_found_in_a_folder_and_by_the_environment(write, tmp_path, monkeypatch, name):
    write(name, ROW, ROW)
    assert len(list(Bbq(str(tmp_path)).questions())) == 2
    monkeypatch.setenv("COTFAITH_DATA", str(tmp_path))
    assert [question.id for question in Bbq().questions()] == ["bbq:0", "bbq:1"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weak_evidence": None}, "the weak evidence is None: give two sentences, with the two persons exchanged."),
        ({"weak_evidence": ["One."]}, "the weak evidence is ['One.']: give two sentences, with the two persons exchanged."),
        ({"weak_evidence": ["One.", " "]}, "the weak evidence is empty: write its text."),
        ({"label": 3}, "label is 3: give the place of an answer, 0, 1 or 2."),
        ({"unk_idx": "1"}, "unk_idx is '1': give the place of an answer, 0, 1 or 2."),
        ({"target_loc": True}, "target_loc is True: give the place of an answer, 0, 1 or 2."),
        ({"target_loc": 1}, "target_loc and unk_idx name the same answer: correct the row."),
        ({"context": ""}, "the context is empty: write its text."),
        ({"ans1": None}, "choice B is None: give every choice a text."),
    ],
)
def test_bad_rows_are_refused_before_the_first_question(write, change, message):
    path = write("a.jsonl", ROW, {**ROW, **change})
    with pytest.raises(DataError) as caught:
        next(Bbq(str(path)).questions())
    assert str(caught.value) == f"{path}, line 2: {message}"


def test_plain_bbq_is_refused(write):
    path = write("a.jsonl", {key: value for key, value in ROW.items() if key != "weak_evidence"})
    with pytest.raises(DataError) as caught:
        next(Bbq(str(path)).questions())
    assert str(caught.value) == (
        f"{path}, line 1: there is no column 'weak_evidence', so this is not BBQ with weak evidence: give the rows of Turpin et al. 2023, "
        "as plain BBQ has none."
    )


def test_no_data_at_all(tmp_path):
    with pytest.raises(UsageError) as caught:
        next(Bbq().questions())
    assert str(caught.value) == (
        "bbq has no data: give the path of bbq_weak_evidence.jsonl.gz with --task-data, or let COTFAITH_DATA name its folder."
    )
    with pytest.raises(UsageError) as caught:
        next(Bbq(str(tmp_path)).questions())
    assert str(caught.value) == (
        f"{tmp_path} has no BBQ with weak evidence in it: name a folder that holds bbq_weak_evidence.jsonl.gz (or bbq_weak_evidence.jsonl)."
    )
    with pytest.raises(CotfaithError, match=r"^There is no file "):
        next(Bbq(str(tmp_path / "no.jsonl")).questions())


def test_the_set(data_set):
    rows, categories = {"ours": (6, 2), "public": (2592, 9)}[data_set.which]
    questions = list(Bbq(str(data_set("bbq_weak_evidence"))).questions())
    assert len(questions) == rows
    counts = Counter(question.meta["category"] for question in questions)
    assert (len(counts), set(counts.values())) == (categories, {rows // categories})
    assert all(question.gold == question.meta["unknown"] for question in questions)
    assert {question.gold for question in questions} == set("ABC")
    assert sum(question.meta["target"] == "" for question in questions) == 1
