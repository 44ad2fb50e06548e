"""The shapes of well-known question sets: choices in several columns, marks, true or false, options in the text."""

from collections import Counter

import pandas as pd
import pytest
from tasks.asking import ask, refused

from cotfaith.errors import UsageError
from cotfaith.objects.questions import task as in_memory
from cotfaith.tasks.jsonl import Jsonl


def right(question):
    return question.choices[question.letters.index(question.gold)]


PIQA = {"goal": "Keep ice cold", "sol1": "Put it in the sun", "sol2": "Put it in a freezer", "label": 1}
WINOGRANDE = {"sentence": "The cup broke the table since _ was hard.", "option1": "cup", "option2": "table", "answer": "1"}
SIQA = {
    "context": "Ana lent Bo a pen.",
    "question": "How does Bo feel?",
    "answerA": "glad",
    "answerB": "sad",
    "answerC": "ill",
    "label": "1",
}
MEDMCQA = {
    "id": "m1",
    "question": "Where is bile made?",
    "opa": "Heart",
    "opb": "Lung",
    "opc": "Liver",
    "opd": "Skin",
    "cop": 2,
    "choice_type": "single",
}
SCIQ = {"question": "What melts?", "distractor3": "stone", "distractor1": "air", "distractor2": "wood", "correct_answer": "ice", "support": "Ice melts."}  # fmt: skip
GPQA = {
    "Record ID": "r1", "Question": "What bends light?", "Correct Answer": "a lens", "Incorrect Answer 1": "a song",
    "Incorrect Answer 2": "a rumour", "Incorrect Answer 3": "a smell", "Pre-Revision Question": "What bends?",
}  # fmt: skip
TRUTHFULQA = {
    "question": "Do cats bark?",
    "mc1_targets": {"choices": ["No, they do not", "Yes, at night", "Yes, if large"], "labels": [1, 0, 0]},
    "mc2_targets": {"choices": ["No, they do not", "Not at all", "Yes, at night"], "labels": [1, 1, 0]},
}
LETTERED = {"Question": "Which is red?", "A": "sea", "B": "sky", "C": "grass", "D": "blood", "Answer": "D"}
BBH = {"input": "Which is red?\nOptions:\n(A) grass\n(B) blood", "target": "(B)"}


@pytest.mark.parametrize(
    ("row", "expected", "said"),
    [
        (PIQA, (("Put it in the sun", "Put it in a freezer"), "B"), "PIQA (question=goal, choices=sol1+sol2, gold=label)"),
        (WINOGRANDE, (("cup", "table"), "A"), "WinoGrande (question=sentence, choices=option1+option2, gold=answer)"),
        (SIQA, (("glad", "sad", "ill"), "A"), "Social IQa"),
        (
            MEDMCQA,
            (("Heart", "Lung", "Liver", "Skin"), "C"),
            "MedMCQA (question=question, choices=opa+opb+opc+opd, gold=cop, id=id)",
        ),
        (LETTERED, (("sea", "sky", "grass", "blood"), "D"), "a column for each letter"),
        ({"ctx": "He sat", "endings": ["up", "down"], "label": "1"}, (("up", "down"), "B"), "HellaSwag"),
    ],
)
def test_a_column_for_each_choice_is_found_and_said(write, caplog, row, expected, said):
    (question,) = ask(write("q.jsonl", row))
    assert (question.choices, question.gold, question.meta) == (*expected, {})
    assert f"q has the columns of {said}" in caplog.text
    assert caplog.text.count("q has") == 1


def test_the_context_of_social_iqa_stands_before_its_question(write):
    assert ask(write("q.jsonl", SIQA))[0].text == "Ana lent Bo a pen.\n\nHow does Bo feel?"


@pytest.mark.parametrize(
    ("row", "spec", "manner", "gold"),
    [
        (PIQA, "question=goal,choices=sol1+sol2", "", "B"),
        (PIQA, "question=goal, choices = sol2 + sol1", "", "B"),
        (WINOGRANDE, "question=sentence,choices=option1+option2", "label", "A"),
        (WINOGRANDE, "question=sentence,choices=option1+option2", "index", "B"),
        ({"question": "?!", "a": {"b": "x"}, "c": ["y", "z"], "gold": "z"}, "choices=a.b+c[0]+c[1]", "", "C"),
        ({"question": "?!", "x+y": ["x", "y"], "gold": "A"}, "choices=x+y", "", "A"),
    ],
)
def test_a_map_joins_columns_by_a_plus(write, row, spec, manner, gold):
    assert ask(write("q.jsonl", row), map=spec, gold=manner)[0].gold == gold


def test_a_number_that_may_count_from_0_or_from_1_is_asked_about_in_a_map(write):
    message = refused(write("q.jsonl", WINOGRANDE), map="question=sentence,choices=option1+option2")
    assert message.endswith("say which with the option gold=index or gold=label.")


def test_a_column_that_is_not_there(write):
    assert refused(write("q.jsonl", PIQA), map="question=goal,choices=sol1+sol3") == (
        "line 1: there is no 'sol3' for the choices (there are goal, sol1, sol2, label): correct the row, or name another column with "
        "-T map=choices=COLUMN."
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**PIQA, "label": -1}, "line 2: the gold -1 is none of the 2 choices as an index"),
        ({**MEDMCQA, "id": "m2", "cop": 4}, "line 2: the gold 4 is none of the 4 choices as an index"),
        ({**SIQA, "label": "0"}, "line 2: the gold '0' is none of the 3 choices as a label"),
        ({**LETTERED, "Answer": "E"}, "line 2: the gold 'E' is none of the 4 choices as a letter"),
        ({**BBH, "target": "(C)"}, "line 2: the gold '(C)' is none of the 2 choices"),
        ({**BBH, "target": "zebra"}, "line 2: the gold 'zebra' is none of the 2 choices"),
        ({**PIQA, "sol2": None}, "line 2: choice B is None: give every choice a text."),
    ],
)
def test_a_gold_outside_the_options_is_refused_with_its_row(write, row, message):
    first = next(one for one in (PIQA, MEDMCQA, SIQA, LETTERED, BBH) if one.keys() == row.keys())
    assert refused(write("q.jsonl", first, row)).startswith(message)


# --- right answers that always stand first ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("row", "name"), [(SCIQ, "SciQ"), (GPQA, "GPQA"), (TRUTHFULQA, "TruthfulQA")])
def test_right_answers_that_stand_first_are_shuffled_and_the_order_is_kept(write, caplog, row, name):
    rows = [{**row, "Record ID": f"r{i}"} if "Record ID" in row else row for i in range(60)]
    questions = ask(write("q.jsonl", *rows))
    size = len(questions[0].choices)
    assert {right(question) for question in questions} == {"ice" if row is SCIQ else "a lens" if row is GPQA else "No, they do not"}
    counts = Counter(question.gold for question in questions)
    assert len(counts) == size
    assert min(counts.values()) > 60 / size / 3
    kept = ask(write("q.jsonl", *rows), order="file")
    assert {question.gold for question in kept} == {"A"}
    for question, plain in zip(questions, kept, strict=True):
        assert [plain.choices["ABCD".index(letter)] for letter in question.meta["option_order"]] == list(question.choices)
        assert "option_order" not in plain.meta
    assert f"q has the columns of {name}" in caplog.text
    assert "so the options of each question are shuffled (order=file keeps them)" in caplog.text


def test_the_order_belongs_to_the_question_alone(write):
    rows = [{**SCIQ, "id": i} for i in range(8)]
    all_of_them = {question.id: question for question in ask(write("q.jsonl", *rows))}
    some = ask(write("q.jsonl", *rows[3:5]))
    assert some == [all_of_them["q:3"], all_of_them["q:4"]]


def test_a_map_whose_gold_is_a_column_of_choices_shuffles(write):
    rows = [{"q": "?!", "good": "yes", "bad": "no", "worse": "never"}] * 30
    questions = ask(write("q.jsonl", *rows), map="question=q,choices=good+bad+worse,gold=good")
    assert {right(question) for question in questions} == {"yes"}
    assert {question.gold for question in questions} == {"A", "B", "C"}


def test_any_file_can_be_shuffled(write):
    rows = [{"question": "?!", "choices": ["x", "y", "z"], "gold": "C"}] * 30
    questions = ask(write("q.jsonl", *rows), order="shuffle")
    assert {right(question) for question in questions} == {"z"}
    assert {question.gold for question in questions} == {"A", "B", "C"}
    with pytest.raises(UsageError, match="Unknown value of option 'order' of jsonl 'shufle': did you mean 'shuffle'"):
        Jsonl("q.jsonl", order="shufle")


def test_a_file_whose_right_choice_is_always_a_says_so(write, caplog):
    rows = [{"question": "?!", "choices": ["x", "y"], "gold": "A"}] * 10
    assert {question.gold for question in ask(write("q.jsonl", *rows))} == {"A"}
    assert "q has A as the right choice of all 10 questions" in caplog.text
    caplog.clear()
    ask(write("q.jsonl", *rows), order="file")
    ask(write("q.jsonl", *rows[:9], {**rows[0], "gold": "B"}))
    assert caplog.text == ""


# --- marks ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "targets",
    [
        {"choices": ["No", "Yes", "Both"], "labels": [0, 1, 0]},
        {"choices": ["No", "Yes", "Both"], "labels": [False, True, False]},
        {"No": 0, "Yes": 1, "Both": 0},
    ],
)
def test_marks_name_the_right_choice(write, targets):
    (question,) = ask(write("q.jsonl", {"question": "?!", "mc1_targets": targets}))
    assert (question.choices, question.gold) == (("No", "Yes", "Both"), "B")
    (mapped,) = ask(write("q.jsonl", {"question": "?!", "t": targets}), map="choices=t")
    assert mapped == question


def test_marks_in_a_column_of_their_own(write):
    row = {"question": "?!", "t": {"texts": ["x", "y"], "right": [0, 1]}}
    assert ask(write("q.jsonl", row), map="choices=t.texts,gold=t.right")[0].gold == "B"
    assert refused(
        write("q.jsonl", {**row, "t": {"texts": ["x", "y"], "right": [0, 1, 0]}}), map="choices=t.texts,gold=t.right"
    ) == ("line 1: the marks [0, 1, 0] are not a 0 or a 1 for each of the 2 choices: correct the row.")


def test_choices_0_and_1_are_no_marks(write):
    (question,) = ask(write("q.jsonl", {"question": "?!", "choices": {"A": 0, "B": 1}, "gold": "B"}))
    assert (question.choices, question.gold) == (("0", "1"), "B")


@pytest.mark.parametrize(("labels", "count"), [([1, 1, 0], "2 of the 3 choices are"), ([0, 0, 0], "none of the 3 choices is")])
def test_marks_of_several_or_none_are_refused(write, labels, count):
    row = {"question": "?!", "mc1_targets": {"choices": ["x", "y", "z"], "labels": labels}}
    assert refused(write("q.jsonl", row)).startswith(f"line 1: {count} marked as right: mark one, ")


def test_a_gold_that_contradicts_the_marks_is_refused(write):
    row = {"question": "?!", "choices": {"choices": ["x", "y"], "labels": [1, 0]}, "gold": "B"}
    assert refused(write("q.jsonl", row)) == "line 1: the gold 'B' is choice B, but choice A is marked as right: correct the row."


# --- true or false ----------------------------------------------------------------------------------------------------------


def test_true_and_false_become_yes_and_no(write, caplog):
    rows = [{"question": "Is ice cold?", "answer": True}, {"question": "Is fire cold?", "answer": False}]
    first, second = ask(write("q.jsonl", *rows))
    assert [(one.choices, one.gold) for one in (first, second)] == [(("Yes", "No"), "A"), (("Yes", "No"), "B")]
    assert "golds that are true or false, so the choices are Yes and No (-T map=choices= asks for a free answer)" in caplog.text
    free = ask(write("q.jsonl", *rows), map="choices=")
    assert [(one.choices, one.gold) for one in free] == [((), "yes"), ((), "no")]


@pytest.mark.parametrize(("choices", "gold", "letter"), [(["No", "Yes"], True, "B"), (["true", "False"], False, "B")])
def test_true_and_false_name_a_choice_that_says_so(write, choices, gold, letter):
    assert ask(write("q.jsonl", {"question": "?!", "choices": choices, "gold": gold}))[0].gold == letter


def test_true_and_false_beside_other_golds_are_refused(write):
    path = write("q.jsonl", {"question": "?!", "answer": True}, {"question": "?!", "answer": "maybe"})
    assert refused(path) == (
        "line 2: it has no choices, and the rows before have a gold that is true or false: give every row the same form, or ask all of "
        "them for free answers with -T map=choices=."
    )


# --- options in the text ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "asked", "choices"),
    [
        ("Which is red?\nOptions:\n(A) grass\n(B) blood", "Which is red?", ("grass", "blood")),
        ("Which is red?\n\noptions:\n(A) grass\n  still grass\n(B) blood\n", "Which is red?", ("grass\nstill grass", "blood")),
        ("Which is red?\nAnswer Choices: (a) grass (b) blood (c) x", "Which is red?", ("grass", "blood", "x")),
        ("Which is red?\nChoices:\nA. grass\nB. blood", "Which is red?", ("grass", "blood")),
        ("Which is red?\nA) grass\nB) blood", "Which is red?", ("grass", "blood")),
        ("Options: see below.\nWhich?\nOptions:\n(A) grass\n(B) blood", "Options: see below.\nWhich?", ("grass", "blood")),
    ],
)
def test_options_at_the_end_of_the_text_are_choices(write, caplog, text, asked, choices):
    (question,) = ask(write("q.jsonl", {"input": text, "target": "(B)"}))
    assert (question.text, question.choices, question.gold) == (asked, choices, "B")
    assert "q has options at the end of each question's text, which are its choices." in caplog.text


def test_options_with_dashes_are_named_by_their_text(write):
    row = {"input": "Is it so?\nOptions:\n- valid \n- invalid", "target": "invalid"}
    (question,) = ask(write("q.jsonl", row))
    assert (question.text, question.choices, question.gold) == ("Is it so?", ("valid", "invalid"), "B")


@pytest.mark.parametrize(
    "text",
    [
        "Steps:\nA. Add 2.\nB. Add 3.\nWhat is the sum?", "It has options: red and blue. How many?",
        "Options:\n(A) x\n(C) y", "Options:\n(A) x\n\nSay which.", "Options:\n(B) x\n(A) y", "A. Smith sold 5 pens.",
    ],
)  # fmt: skip
def test_other_lists_stay_in_the_text(write, text):
    (question,) = ask(write("q.jsonl", {"question": text, "answer": "5"}))
    assert (question.text, question.choices, question.gold) == (text, (), "5")


def test_lettered_lines_without_a_heading_are_options_only_for_a_letter(write):
    text = "Add them.\nA. 2\nB. 3"
    assert ask(write("q.jsonl", {"question": text, "answer": "5"}))[0].choices == ()
    assert ask(write("q.jsonl", {"question": text, "answer": "A"}))[0].choices == ("2", "3")


def test_a_letter_in_brackets_without_options_is_refused(write):
    assert refused(write("q.jsonl", {"question": "Which?", "answer": "(B)"})).startswith(
        "line 1: the gold '(B)' is the letter of an option, but the question's text does not end with options"
    )
    assert ask(write("q.jsonl", {"question": "Which?", "answer": "(B)"}), map="choices=")[0].gold == "(B)"


def test_rows_of_two_kinds_are_refused(write):
    path = write("q.jsonl", BBH, {"input": "How many?", "target": "7"})
    assert refused(path).startswith("line 2: it has no choices, and the rows before have options at the end of its text")


def test_the_options_stay_in_the_text_if_the_map_says_so(write):
    (question,) = ask(write("q.jsonl", BBH), map="choices=")
    assert (question.text, question.choices, question.gold) == (BBH["input"], (), "(B)")


# --- letters before the options ---------------------------------------------------------------------------------------------


def test_letters_printed_before_all_options_are_removed(write, caplog):
    rows = [
        {"question": "?!", "options": ["A)x", "B) y"], "correct": "B"},
        {"question": "?!", "options": ["(A) v", "(B) w"], "correct": "(A) v"},
    ]
    first, second = ask(write("q.jsonl", *rows))
    assert [(one.choices, one.gold) for one in (first, second)] == [(("x", "y"), "B"), (("v", "w"), "A")]
    assert "q has letters printed before the options, which are removed." in caplog.text


def test_letters_before_the_options_of_some_questions_stay(write):
    rows = [
        {"question": "?!", "options": ["A. Smith", "B. Jones"], "correct": "B"},
        {"question": "?!", "options": ["x", "y"], "correct": "B"},
    ]
    assert ask(write("q.jsonl", *rows))[0].choices == ("A. Smith", "B. Jones")


# --- from Python ------------------------------------------------------------------------------------------------------------


def test_a_data_frame_with_nested_arrays(tmp_path):
    path = tmp_path / "q.parquet"
    pd.DataFrame([TRUTHFULQA, TRUTHFULQA]).to_parquet(path)
    questions = list(in_memory("cats", pd.read_parquet(path)).questions())
    assert [right(question) for question in questions] == ["No, they do not"] * 2


@pytest.mark.parametrize("piece", ["Options:\n", "(A) ", "\nA. x\nB. y", "\n- x", "(A)\n", " \t", "\nOptions:\n(A) x\n"])
@pytest.mark.timeout(60)  # well under a second each; a rule that backtracks would never end
def test_no_text_takes_for_ever(write, piece):
    text = "Which?" + piece * (100_000 // len(piece))
    (question,) = ask(write("q.jsonl", {"question": text, "answer": "5"}))
    assert (question.text, question.choices) == (text.strip(), ())
