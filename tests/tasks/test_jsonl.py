"""Files of questions with columns of any name, and everything that can be wrong with them."""

import json
from collections import Counter
from pathlib import Path

import pytest

from cotfaith.errors import CotfaithError, DataError, UsageError
from cotfaith.tasks.jsonl import Jsonl
from cotfaith.tasks.rows import read

ROW = {"question": "Which is red?", "choices": ["grass", "blood"], "gold": "B"}


def ask(path, **options):
    return list(Jsonl(str(path), **options).questions())


def refused(path, **options):
    """The sentence with which the file is refused before its first question, without the file's name."""
    with pytest.raises(DataError) as caught:
        next(Jsonl(str(path), **options).questions())
    message = str(caught.value)
    assert message.startswith(f"{path}, ")
    assert "\n" not in message
    return message.removeprefix(f"{path}, ")


def gold_of(write, row, **options):
    return ask(write("q.jsonl", row), **options)[0].gold


def test_a_plain_file(write):
    (first, second) = ask(write("colours.jsonl", ROW, {**ROW, "question": " Green? ", "gold": "A"}))
    assert (first.id, first.task, first.text, first.choices, first.gold) == (
        "colours:0", "colours", "Which is red?", ("grass", "blood"), "B",
    )  # fmt: skip
    assert (second.id, second.text, second.gold) == ("colours:1", "Green?", "A")


def test_a_gzipped_file_with_ids(write):
    questions = ask(write("colours.jsonl.gz", {**ROW, "id": "x"}, {**ROW, "id": 7}))
    assert [(question.id, question.task) for question in questions] == [("colours:x", "colours"), ("colours:7", "colours")]


@pytest.mark.parametrize("name", ["query", "problem", "input", "prompt", "question_stem"])
def test_aliases_of_the_question(write, name):
    assert ask(write("q.jsonl", {name: "Red?", "options": ["a", "b"], "gold": "A"}))[0].text == "Red?"


@pytest.mark.parametrize(
    "name", ["gold_answer", "label", "target", "ground_truth", "correct_label", "answer", "answerKey", "answer_index", "correct"]
)
def test_aliases_of_the_gold(write, name):
    assert gold_of(write, {"question": "Red?", "options": ["x", "y"], name: "B"}) == "B"


def test_our_own_name_comes_before_its_aliases(write):
    assert gold_of(write, {**ROW, "label": "A", "prompt": "other"}) == "B"


def test_a_map_with_deeper_paths(write):
    row = {"problem": {"text": "Red?"}, "items": [{"all": ["grass", "blood"]}], "best": "blood", "uid": 3, "a.b": "Look."}
    spec = "question=problem.text, choices=items[0].all, gold=best, id=uid, context=a.b"
    (question,) = ask(write("q.jsonl", row), map=spec)
    assert (question.id, question.text, question.choices, question.gold) == ("q:3", "Look.\n\nRed?", ("grass", "blood"), "B")


def test_a_context_stands_before_its_question(write):
    first, second = ask(write("q.jsonl", {**ROW, "context": "Look around."}, {**ROW, "context": ""}))
    assert first.text == "Look around.\n\nWhich is red?"
    assert second.text == "Which is red?"


def test_parts_can_be_left_out(write):
    row = {**ROW, "id": 1, "context": "Look."}
    first, second = ask(write("q.jsonl", row, row), map="id=,context=,gold=")
    assert [first.id, second.id] == ["q:0", "q:1"]
    assert (first.text, first.gold, first.letters) == ("Which is red?", None, ("A", "B"))
    (free,) = ask(write("q.jsonl", {**ROW, "gold": "blood"}), map="choices=")
    assert (free.choices, free.gold) == ((), "blood")


CHANGES = [
    ({"question": ""}, "the question is empty: write its text."),
    ({"question": "  "}, "the question is empty: write its text."),
    ({"question": None}, "the question is None: write its text."),
    ({"choices": ["x"]}, "there are 1 choices: give 2 to 26."),
    ({"choices": []}, "there are 0 choices: give 2 to 26, or null for a free answer."),
    ({"choices": [str(i) for i in range(27)]}, "there are 27 choices: give 2 to 26."),
    ({"choices": ["x", ""]}, "choice B is '': give every choice a text."),
    ({"choices": ["x", None]}, "choice B is None: give every choice a text."),
    ({"choices": [["x"], "y"]}, "choice A is ['x']: give every choice a text."),
    (
        {"choices": None},
        "the choices are null, but the gold 'B' is the letter of a choice: give the row its choices, or leave it out.",
    ),
    (
        {"choices": "x or y"},
        "the choices are 'x or y': give a list of texts, or an object of letters and texts, or null for a free answer.",
    ),
    (
        {"choices": [{"words": "x"}, {"words": "y"}]},
        "the choices are objects with words: give each its text under one of the names text, value, choice, option, content.",
    ),
    (
        {"choices": [{"label": "A", "text": "x"}, {"text": "y"}]},
        "not every choice has the same one of the names label: give each choice the same names.",
    ),
    (
        {"choices": {"text": ["x", "y"], "label": ["A"]}},
        "the labels ['A'] do not name the 2 choices one by one: correct the row.",
    ),
    (
        {"choices": {"text": ["x", "y"], "label": ["A", "A"]}},
        "the labels ['A', 'A'] do not name the 2 choices one by one: correct the row.",
    ),
    (
        {"choices": ["x", " x"]},
        "choices A and B are the same ('x'): correct the row, or keep such questions unchanged with the option repeated=keep.",
    ),
    ({"id": None}, "the id is None: give a text or a whole number, or leave ids out with -T map=id=."),
    ({"id": 1.5}, "the id is 1.5: give a text or a whole number, or leave ids out with -T map=id=."),
    ({"id": "one"}, "the id 'one' was given at line 1 already: give each row its own, or leave ids out with -T map=id=."),
    ({"context": 3}, "the context is 3: write its text."),
]


@pytest.mark.parametrize(("change", "message"), CHANGES)
def test_bad_rows_are_refused_before_the_first_question(write, change, message):
    row = {**ROW, "id": "one", "context": ""}
    assert refused(write("q.jsonl", row, {**row, "id": "two", **change})) == f"line 2: {message}"


def test_ids_that_differ_in_type_alone_are_the_same(write):
    assert "the id '2' was given at line 1 already" in refused(write("q.jsonl", {**ROW, "id": 2}, {**ROW, "id": "2"}))


def test_equal_choices_can_be_kept(write):
    (question,) = ask(write("q.jsonl", {**ROW, "choices": ["x", "x"], "gold": "A"}), repeated="keep")
    assert (question.choices, question.gold, question.meta) == (("x", "x"), "A", {"repeated_choices": True})


def test_a_missing_column_names_what_there_is(write):
    assert refused(write("q.jsonl", {"text": "Red?", "gold": "A"})) == (
        "line 1: no column for the question (looked for question, query, problem, input, instruction, prompt, question_stem; "
        "there are text, gold): name it with -T map=question=COLUMN."
    )
    assert "there are none" in refused(write("q.jsonl", {}))


def test_a_file_without_golds_is_read_and_says_so(write, caplog):
    (question,) = ask(write("q.jsonl", {"question": "Red?", "choices": ["x", "y"]}))
    assert (question.choices, question.gold) == (("x", "y"), None)
    assert "q.jsonl has no column for the gold answer (looked for gold, gold_answer, label, " in caplog.text
    assert "so accuracy is undefined: name it with -T map=gold=COLUMN, or say -T map=gold= if there is none." in caplog.text
    caplog.clear()
    (again,) = ask(write("q.jsonl", {"question": "Red?", "choices": ["x", "y"]}), map="gold=")
    assert (again.gold, caplog.text) == (None, "")


def test_a_mapped_column_that_is_missing(write):
    assert refused(write("q.jsonl", ROW), map="gold=best.letter") == (
        "line 1: there is no 'best.letter' for the gold (there are question, choices, gold): "
        "correct the row, or name another column with -T map=gold=COLUMN."
    )
    assert "there is no 'choices[5]' for the gold" in refused(write("q.jsonl", ROW), map="gold=choices[5]")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"question": "?!", "gold": "B"}, "the column 'choices' for the choices is missing, which the rows before have"),
        ({**ROW, "id": 1}, "the column 'id' for the id is new, which the rows before lack"),
        ({"query": "?!", "choices": ["x", "y"], "gold": "B"}, "the column 'question' for the question is missing, which the rows before have"),
    ],
)  # fmt: skip
def test_columns_that_change_within_the_file(write, row, message):
    null = ", with choices: null where a question asks for a free answer" if "'choices'" in message else ""
    assert refused(write("q.jsonl", ROW, row)) == f"line 2: {message}: give every row the same columns{null}."


def test_null_as_choices_works_where_a_column_is_missing(write):
    free = {"question": "?!", "gold": "blood"}
    assert refused(write("q.jsonl", free, ROW)).endswith("with choices: null where a question asks for a free answer.")
    questions = ask(write("q.jsonl", {**free, "choices": None}, ROW))
    assert [(question.choices, question.gold) for question in questions] == [((), "blood"), (("grass", "blood"), "B")]


def test_two_columns_that_could_be_meant(write):
    row = {"question": "Red?", "choices": ["x", "y"], "answer": "A", "label": "B"}
    expected = "line 1: 'label' or 'answer' could be the gold: say which with -T map=gold=COLUMN."
    assert refused(write("q.jsonl", row)) == expected
    assert gold_of(write, row, map="gold=answer") == "A"


def test_a_gold_that_points_at_choices_which_are_not_there(write):
    row = {"question": "Red?", "ans0": "grass", "ans1": "blood", "label": 1}
    assert refused(write("q.jsonl", row)) == (
        "line 1: the gold 'label' points at choices, but there is no column for these (looked for choices, options): "
        "name it with -T map=choices=COLUMN (or map=choices=FIRST+SECOND if each choice has a column), or say "
        "gold=yes-no if 1 is yes and 0 is no, or say -T map=choices= if there are none."
    )
    assert gold_of(write, row, map="choices=") == "1"


def test_free_answers(write):
    questions = ask(write("q.jsonl", {"question": "Capital of Peru?", "answer": "Lima"}, {"question": "3 / 2?", "answer": 1.5}))
    assert [(question.gold, question.choices, question.meta) for question in questions] == [("Lima", (), {}), ("1.5", (), {})]


def test_free_answers_that_are_all_whole_numbers_are_asked_for_as_such(write):
    rows = [{"question": "?!", "answer": f"Thus.\n#### {gold}"} for gold in ("1,234", "-5", "+7", "12")]
    questions = ask(write("q.jsonl", *rows), after="#### ")
    assert [question.gold for question in questions] == ["1234", "-5", "7", "12"]
    assert all(question.meta == {"answer": "integer"} for question in questions)


def test_the_last_mark_counts(write):
    assert gold_of(write, {"question": "?!", "answer": "#### 3, no: #### 4"}, after="####") == "4"


@pytest.mark.parametrize(
    ("gold", "options", "message"),
    [
        (None, {}, "the gold is None: give a text or a number, or leave gold out with -T map=gold=."),
        ([5], {}, "the gold is [5]: give a text or a number, or leave gold out with -T map=gold=."),
        ("", {}, "the gold is '': give a text or a number, or leave gold out with -T map=gold=."),
        (
            "Thus.\nIt is 5", {},
            "the gold is a text of several lines: give the text before the answer with the option 'after', as in after='#### '.",
        ),
        ("5", {"after": "####"}, "the gold has no '####' in it: correct the row, or leave the option 'after' out."),
        (5, {"after": "####"}, "the gold has no '####' in it: correct the row, or leave the option 'after' out."),
    ],
)  # fmt: skip
def test_free_gold_that_cannot_be_used(write, gold, options, message):
    assert refused(write("q.jsonl", {"question": "?!", "answer": gold}), **options) == f"line 1: {message}"


def test_a_number_that_is_none(write):
    assert "the gold is nan" in refused(write("q.jsonl", '{"question": "?!", "answer": NaN}'))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"map": "question"}, "The map has 'question', which is not of the form part=column, as in question=problem."),
        ({"map": "qestion=x"}, "Unknown part of a question in the map 'qestion': did you mean 'question'?"),
        ({"map": "gold=x,gold=y"}, "The map names 'gold' twice: give it one column."),
        ({"map": "question="}, "The map leaves the question out: name its column, as in question=problem."),
        ({"gold": "indx"}, "Unknown value of option 'gold' of jsonl 'indx': did you mean 'index'?"),
        ({"repeated": "kep"}, "Unknown value of option 'repeated' of jsonl 'kep': did you mean 'keep'?"),
    ],
)
def test_bad_options_are_refused_at_once(options, message):
    with pytest.raises(UsageError) as caught:
        Jsonl("q.jsonl", **options)
    assert str(caught.value) == message


def test_trouble_with_the_file_itself_is_told(tmp_path):
    with pytest.raises(CotfaithError, match=r"^There is no file "):
        ask(tmp_path / "no.jsonl")


def test_a_list_names_its_items(write):
    path = write("q.json", json.dumps([ROW, {**ROW, "gold": "C"}]))
    assert refused(path).startswith("item 2: the gold 'C' is none")


@pytest.mark.parametrize(
    ("name", "options", "ours", "public"),
    [
        ("arc_challenge_test", {}, {3: 1, 4: 2, 5: 1}, {3: 4, 4: 1165, 5: 3}),
        ("arc_challenge_dev", {}, {3: 1, 4: 2, 5: 1}, {3: 3, 4: 295, 5: 1}),
        ("arc_easy_dev", {}, {3: 1, 4: 3, 5: 1}, {3: 1, 4: 567, 5: 2}),
        ("openbookqa_test", {}, {4: 3}, {4: 500}),
        ("logiqa_test", {"map": "gold=answer_index", "gold": "index"}, {4: 5}, {4: 651}),
        ("gsm8k_test", {"after": "#### "}, {0: 4}, {0: 1319}),
    ],
)
def test_the_sets(data_set, name, options, ours, public):
    sizes = {"ours": ours, "public": public}[data_set.which]
    questions = ask(data_set(name), **options)
    assert len({question.id for question in questions}) == len(questions) == sum(sizes.values())
    assert Counter(len(question.choices) for question in questions) == sizes
    assert all(question.gold in question.letters or not question.letters for question in questions)
    assert {question.task for question in questions} == {name}
    assert sum(question.meta.get("answer") == "integer" for question in questions) == sizes.get(0, 0)


def test_numeric_labels_of_arc_are_labels_and_no_indices(data_set):
    path = data_set("arc_easy_dev")
    questions = {question.id: question for question in ask(path)}
    rows = [row.values for row in read(path)]
    numeric = [row for row in rows if row["answerKey"].isdigit()]
    assert len(numeric) == {"ours": 2, "public": 21}[data_set.which]
    for row in numeric:
        question = questions[f"arc_easy_dev:{row['id']}"]
        right = question.choices[question.letters.index(question.gold)]
        assert right == row["choices"]["text"][int(row["answerKey"]) - 1].strip()


def test_the_printed_letters_of_logiqa_and_its_places_differ(data_set):
    path = data_set("logiqa_test")
    by_place = ask(path, map="gold=answer_index", gold="index")
    by_letter = ask(path, map="gold=label", gold="letter")
    differ = sum(a.gold != b.gold for a, b in zip(by_place, by_letter, strict=True))
    assert differ == {"ours": 2, "public": 12}[data_set.which]


def layout(value):
    """The names in `value`, in their order, and the types of what they name."""
    if isinstance(value, dict):
        return {name: layout(one) for name, one in value.items()}
    return [layout(value[0])] if isinstance(value, list) else type(value)


@pytest.mark.real_data
def test_our_rows_have_the_layout_of_the_sets_and_none_of_their_texts(public_set):
    files = sorted((Path(__file__).parents[1] / "data" / "tasks").glob("*.jsonl"))
    assert len(files) == 8
    for path in files:
        own, real = ([row.values for row in read(one)] for one in (path, public_set(path.stem)))
        assert {json.dumps(layout(row), default=str) for row in own} <= {json.dumps(layout(row), default=str) for row in real}
        asked = "question_stem" if "question_stem" in own[0] else "question"
        assert not {row[asked].casefold() for row in own} & {row[asked].casefold() for row in real}


def test_a_passage_precedes_its_question(write):
    for name in ("context", "passage", "article"):
        (question,) = ask(
            write("q.jsonl", {name: "The sea is salty.", "question": "Is it?", "choices": ["yes", "no"], "gold": "A"})
        )
        assert question.text == "The sea is salty.\n\nIs it?"
    assert "could be the question: say which" in refused(
        write("q.jsonl", {"instruction": "Translate.", "input": "Hallo", "gold": "Hello"})
    )


def test_letters_as_golds_without_choices_are_noted(write, caplog):
    (question,) = ask(write("q.jsonl", {"question": "Which gas is A, and which is B?", "gold": "B"}))
    assert (question.choices, question.gold) == ((), "B")
    assert "q.jsonl has letters as golds and no choices, so the questions are asked as free text: name the columns" in caplog.text
    caplog.clear()
    ask(write("q.jsonl", {"question": "Which letter follows A?", "gold": "B"}), map="choices=")
    assert "letters as golds" not in caplog.text


def test_a_gold_keeps_all_of_its_digits(write):
    long = "0.1234567890123456789"
    assert gold_of(write, f'{{"question": "How much?", "gold": {long}}}') == long
    assert ask(write("c.jsonl", f'{{"question": "Which?", "choices": [0.5, {long}], "gold": "B"}}'))[0].choices == ("0.5", long)
    assert gold_of(write, '{"question": "How much?", "gold": 1.50}') == "1.5"
    with pytest.raises(DataError, match="the gold is"):
        gold_of(write, '{"question": "How much?", "gold": 1e999}')
    tiny = f"1e-{'9' * 30}"
    assert gold_of(write, f'{{"question": "How much?", "gold": {tiny}}}') == tiny


def test_a_leading_zero_makes_a_code_and_no_number(write):
    (one, other) = ask(write("q.jsonl", {"question": "Zip code?", "gold": "02134"}, {"question": "And?", "gold": "10001"}))
    assert (one.gold, other.gold) == ("02134", "10001")
    assert "answer" not in one.meta
    assert [q.meta.get("answer") for q in ask(write("n.jsonl", {"question": "How many?", "gold": "0"}))] == ["integer"]


@pytest.mark.parametrize(
    ("golds", "answers", "mark"),
    [
        (["6+12=18 #### 18", "#### 1,234"], ["18", "1234"], "####"),
        (["It is 9.\n#### 9", "8"], ["9", "8"], "####"),
        ([r"The answer is \boxed{18}", r"\boxed{ 7 }."], ["18", "7"], r"\boxed"),
        ([r"So $\boxed{\frac{1}{2}}$."], [r"\frac{1}{2}"], r"\boxed"),
        ([r"\boxed{3}, as said: \boxed{3}"], ["3"], r"\boxed"),
    ],
)
def test_a_worked_solution_is_the_answer_that_it_marks(write, caplog, golds, answers, mark):
    questions = ask(write("q.jsonl", *({"question": "?!", "gold": gold} for gold in golds)))
    assert [question.gold for question in questions] == answers
    marked = sum(mark in gold for gold in golds)
    assert f"worked solutions with {mark} as the golds of {marked} of {len(golds)} questions" in caplog.text


@pytest.mark.parametrize(
    ("gold", "fault"),
    [
        (r"\boxed{3} or \boxed{4}", r"marks 2 answers by \boxed"), ("6+12 ####", "has no answer behind ####"),
        (r"So \boxed{}", r"has no answer behind \boxed"), (r"So \boxed{3", r"has no answer behind \boxed"),
    ],
)  # fmt: skip
def test_a_worked_solution_without_one_answer_is_refused(write, gold, fault):
    assert refused(write("q.jsonl", {"question": "?!", "gold": gold})) == (
        f"line 1: the gold {gold!r} {fault}: write the answer alone, or show where it begins with the option 'after'."
    )


def test_a_worked_solution_may_name_a_choice(write):
    assert gold_of(write, {**ROW, "gold": "Blood is red. #### B"}) == "B"
    assert gold_of(write, {**ROW, "gold": r"The answer is \boxed{blood}"}) == "B"
