"""AQuA from files, from the hub (whose one call is replaced), and from nowhere."""

import os
import subprocess
import sys
from collections import Counter

import pytest

from cotfaith.errors import CotfaithError, DataError, UsageError
from cotfaith.tasks.aqua import FILES, Aqua

ROW = {
    "question": "What is 3 × 7?",
    "options": ["A)21", "B) 20", "C)C)59", "D) D) 1/2", "E)A) and B)"],
    "rationale": "",
    "correct": "A",
}


@pytest.fixture(autouse=True)
def no_folder(monkeypatch):
    """No test sees the folder that the environment names, unless it says so itself."""
    monkeypatch.delenv("COTFAITH_DATA", raising=False)


@pytest.fixture
def hub(monkeypatch):
    """Replaces the hub: it gives `hub["rows"]`, or raises it; what it was asked stands in `hub["asked"]`."""
    state = {"rows": [ROW], "asked": []}

    def load_dataset(*args, **options):
        state["asked"].append((args, options))
        if isinstance(state["rows"], Exception):
            raise state["rows"]
        return state["rows"]

    monkeypatch.setattr("datasets.load_dataset", load_dataset)
    return state


def refused(task, kind):
    with pytest.raises(CotfaithError) as caught:
        list(task.questions())
    assert type(caught.value) is kind
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_the_letters_of_the_choices_are_taken_off(write):
    (question,) = Aqua(str(write("a.jsonl", ROW))).questions()
    assert question.choices == ("21", "20", "59", "1/2", "A) and B)")
    assert (question.id, question.task, question.text, question.gold) == ("aqua:0", "aqua", "What is 3 × 7?", "A")
    assert question.meta == {}


def test_equal_choices_stay_and_are_marked(write):
    twice = {**ROW, "options": ["A)1", "B)1", "C)2", "D)3", "E)4"]}
    (question,) = Aqua(str(write("a.jsonl", twice))).questions()
    assert question.choices == ("1", "1", "2", "3", "4")
    assert question.meta == {"repeated_choices": True}


@pytest.mark.parametrize("name", FILES)
def test_it_is_found_in_a_folder(write, tmp_path, name):
    write(name, ROW, {**ROW, "correct": "B"})
    assert [question.gold for question in Aqua(str(tmp_path)).questions()] == ["A", "B"]


def test_the_environment_names_the_folder(write, tmp_path, monkeypatch, hub):
    write("test.jsonl", ROW)
    monkeypatch.setenv("COTFAITH_DATA", str(tmp_path))
    assert len(list(Aqua().questions())) == 1
    assert hub["asked"] == []


def test_the_option_comes_before_the_environment(write, tmp_path, monkeypatch):
    monkeypatch.setenv("COTFAITH_DATA", str(tmp_path / "nowhere"))
    assert len(list(Aqua(str(write("mine.jsonl", ROW, ROW))).questions())) == 2


def test_without_a_folder_it_comes_from_the_hub(hub):
    (question,) = Aqua().questions()
    assert question.choices[0] == "21"
    assert hub["asked"] == [(("deepmind/aqua_rat", "raw"), {"split": "test", "revision": None})]


def test_a_revision_is_asked_of_the_hub_whatever_the_environment(hub, monkeypatch, tmp_path):
    monkeypatch.setenv("COTFAITH_DATA", str(tmp_path))
    list(Aqua(revision="abc123").questions())
    assert hub["asked"][0][1]["revision"] == "abc123"


def test_a_hub_out_of_reach_says_what_to_do(hub):
    hub["rows"] = ConnectionError("Couldn't reach 'deepmind/aqua_rat' on the Hub.\nMore of it.")
    assert refused(Aqua(revision="abc"), DataError) == (
        "AQuA could not be loaded from the hub (deepmind/aqua_rat at abc: Couldn't reach 'deepmind/aqua_rat' on the Hub): "
        "give a folder that holds aqua_rat_test.jsonl.gz with --task-data FOLDER, or let COTFAITH_DATA name it."
    )


def test_the_real_library_offline_ends_in_that_sentence(tmp_path):
    code = """
from cotfaith.errors import DataError
from cotfaith.tasks.aqua import Aqua
import sys
assert "datasets" not in sys.modules
try:
    next(Aqua().questions())
except DataError as error:
    print(error)
"""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("AQuA could not be loaded from the hub (deepmind/aqua_rat: ")
    assert done.stdout.endswith(
        "): give a folder that holds aqua_rat_test.jsonl.gz with --task-data FOLDER, or let COTFAITH_DATA name it.\n"
    )
    assert done.stdout.count("\n") == 1


def test_a_folder_without_aqua(tmp_path, monkeypatch):
    rest = f"name a folder that holds {FILES[0]} (or {', '.join(FILES[1:])})."
    given = f"{tmp_path}, given as the option 'data', has no AQuA file in it: {rest}"
    assert refused(Aqua(str(tmp_path)), UsageError) == given
    monkeypatch.setenv("COTFAITH_DATA", str(tmp_path))
    assert refused(Aqua(), UsageError) == f"{tmp_path}, named by COTFAITH_DATA, has no AQuA file in it: {rest}"


def test_a_folder_that_is_not_there(tmp_path):
    path = tmp_path / "no"
    assert refused(Aqua(str(path)), UsageError).startswith(f"{path}, given as the option 'data', does not exist: name a folder")


def test_data_and_revision_contradict_each_other():
    with pytest.raises(
        UsageError, match=r"^aqua has both data and revision, but a revision applies only to the hub: leave one of them out\.$"
    ):
        Aqua("folder", "abc")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"correct": "F"}, "the correct answer 'F' is no letter of its 5 options: correct the row."),
        ({"correct": 0}, "the correct answer 0 is no letter of its 5 options: correct the row."),
        ({"correct": "AB"}, "the correct answer 'AB' is no letter of its 5 options: correct the row."),
        ({"question": " "}, "the question is empty: write its text."),
        ({"options": ["A)1"]}, "there are 1 choices: give 2 to 26."),
        ({"options": "A)1"}, "the options are 'A)1': give a list."),
        ({"options": ["A)1", "C)2"]}, "option B is 'C)2': let it start with its letter, as in 'B)21'."),
        ({"options": ["A)1", "B)"]}, "choice B is '': give every choice a text."),
        ({"options": ["A)1", None]}, "choice B is None: give every choice a text."),
    ],
)
def test_bad_rows_are_refused_before_the_first_question(write, change, message):
    path = write("a.jsonl", ROW, {**ROW, **change})
    with pytest.raises(DataError) as caught:
        next(Aqua(str(path)).questions())
    assert str(caught.value) == f"{path}, line 2: {message}"


def test_a_row_without_its_columns(hub):
    hub["rows"] = [{"text": "?"}]
    assert refused(Aqua(), DataError) == (
        "deepmind/aqua_rat, row 0: there is no column 'question', so this is not AQuA-RAT: give its raw test split."
    )


def test_the_set(data_set):
    rows, place, bare, twins = {"ours": (6, 2, "6", 1), "public": (254, 29, "59", 7)}[data_set.which]
    questions = list(Aqua(str(data_set("aqua_rat_test").parent)).questions())
    assert len(questions) == rows
    assert Counter(len(question.choices) for question in questions) == {5: rows}
    assert not [choice for question in questions for choice in question.choices if choice[:2] in {"A)", "B)", "C)", "D)", "E)"}]
    assert questions[place].choices[0] == bare  # its letter stands there twice
    assert sum("repeated_choices" in question.meta for question in questions) == twins
    assert Counter(question.gold for question in questions).keys() == set("ABCDE")
