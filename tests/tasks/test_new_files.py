"""Files as a new user writes them: what is read without a map, what is said, and what is refused."""

import json

import pytest
from tasks.asking import ask, refused

from cotfaith.tasks import written

RED = "Which is red?"
LETTERED = ["w", "x", "y", "z"]


def golds(write, values, choices=LETTERED, **options):
    """The golds of a file with these values as golds, joined."""
    rows = [{"question": f"{RED} {i}", "choices": choices, "answer": value} for i, value in enumerate(values)]
    return "".join(question.gold for question in ask(write("q.jsonl", *rows), **options))


# --- text after options in the text --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Which is red?\nOptions:\n(A) grass\n(B) blood\nThink carefully.", "Think carefully."),
        ("Which is red?\nOptions:\n(A) grass\n(B) blood\n\nAnswer with a letter", "Answer with a letter"),
        ("Which is red?\nA) grass\nB) blood\nThink carefully.\n\nTake time.", "Think carefully.\n\nTake time."),
        ("Which is red?\nA. grass\nB. blood\n\nthink", "think"),
        ("Which is red? Options: (A) grass (B) blood\nAnswer with a letter.", "Answer with a letter."),
        ("Which is red? A) grass B) blood\n\nAnswer with a letter.", "Answer with a letter."),
        ("Which is red? A) grass B) blood", ""),
        ("Which is red?\nOptions: A. grass B. blood", ""),
    ],
)
def test_text_after_the_options_is_no_part_of_the_last_one(write, caplog, text, after):
    (question,) = ask(write("q.jsonl", {"input": text, "target": "B"}))
    assert (question.text, question.choices, question.gold, question.after) == (RED, ("grass", "blood"), "B", after)
    assert ("which is no part of the last option and stays after the choices" in caplog.text) == bool(after)


def test_text_after_options_with_dashes(write):
    (question,) = ask(write("q.jsonl", {"input": f"{RED}\nOptions:\n- grass\n- blood\nThink carefully.", "target": "blood"}))
    assert (question.choices, question.gold, question.after) == (("grass", "blood"), "B", "Think carefully.")


@pytest.mark.parametrize("cue", ["Answer:", "The answer is", "A:", "Your final answer: "])
def test_a_cue_at_the_end_is_left_out_and_said(write, caplog, cue):
    (question,) = ask(write("q.jsonl", {"input": f"{RED}\nA) grass\nB) blood\n\nThink.\n{cue}", "target": "B"}))
    assert (question.text, question.choices, question.after) == (RED, ("grass", "blood"), "Think.")
    assert f"q has {cue.strip()!r} at the end of 1 of 1 questions, which is left out" in caplog.text


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("Which is red?\nOptions:\n(A) grass\n(B) blood\nand wine", "and wine"),
        ("Which is red?\nOptions:\n(A) grass\n(B) blood\nThink carefully", "Think carefully"),
        ("Which is red?\nOptions:\n(A) grass\nis green.\n(B) blood\nIt flows.", "It flows."),
        ("Which is red?\nOptions:\n(A) grass\n(B) blood\n(D) wine", "(D) wine"),
        ("Which is red?\nA) grass\nB) blood. Answer with a letter", "blood. Answer with a letter"),
        ("Which is red? A) grass B) blood. Take your time.", "blood. Take your time."),
        ("Which is red? A) grass B) blood Answer with a letter", "blood Answer with a letter"),
        ("Which is red?\nOptions: (A) grass (B) blood. Take your time.", "blood. Take your time."),
    ],
)
def test_where_the_last_option_ends_is_not_guessed(write, text, doubt):
    assert refused(write("q.jsonl", {"input": text, "target": "B"})) == (
        f"line 1: the text {doubt!r} at the last option may be a part of it or follow it: put a blank line between the option and what follows, "
        "or give the options a column of their own (choices), or leave them in the text with -T map=choices=."
    )
    assert ask(write("q.jsonl", {"input": text, "target": "B"}), map="choices=")[0].text == text


@pytest.mark.parametrize(
    "text",
    [
        "Which is red?\nOptions:\n(A) grass\n(B) blood\n    and wine",
        "Which is red?\nOptions:\n(A) grass\n(B) blood\n\tand wine\n\nThink.",
    ],
)
def test_an_indented_line_goes_on_with_the_last_option(write, text):
    assert ask(write("q.jsonl", {"input": text, "target": "B"}))[0].choices == ("grass", "blood\nand wine")


def test_options_of_two_sentences_on_one_line_are_whole(write):
    (question,) = ask(write("q.jsonl", {"input": "Did he? A) Yes. He did. B) No. He ran.", "target": "B"}))
    assert question.choices == ("Yes. He did.", "No. He ran.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Options:\n(A) grass\n(B) blood\n\nWhich is red?", "the options ('grass', 'blood') stand before the question"),
        ("A) grass\nB) blood\nWhich is red?", "the options ('grass', 'blood') stand before the question"),
        ("Look.\nOptions:\n(A) grass\n(B) blood\n\nWhich is red?", "the options ('grass', 'blood') stand before the question"),
        ("Options:\n(A) grass\n(B) blood", "the question's text has the options ('grass', 'blood') and no question"),
        ("A) grass\nB) blood\nC) wine\nD) sea\nAnswer:", "the question's text has the options ('grass', 'blood', 'wine', ...) and no question"),
    ],
)  # fmt: skip
def test_options_before_the_question_are_named(write, text, message):
    said = refused(write("q.jsonl", {"input": text, "target": "B"}))
    assert said.startswith(f"line 1: {message}")
    assert said.endswith("or give the options a column of their own (choices), or leave them in the text with -T map=choices=.")


@pytest.mark.parametrize(
    "text", ["Consider (A) red and (B) blue things.", "Points A) and B) are given. Which?", "He said: I) no II) yes", "Plan A. Go. Plan B. Stay."]
)  # fmt: skip
def test_letters_within_a_sentence_are_no_options(text):
    assert written.find(text) is None


def test_the_text_of_an_option_names_it_without_a_heading(write):
    (question,) = ask(write("q.jsonl", {"question": f"{RED}\nA) grass\nB) blood", "answer": "blood"}))
    assert (question.text, question.choices, question.gold) == (RED, ("grass", "blood"), "B")


def test_options_in_the_text_with_a_gold_that_points(write):
    (question,) = ask(write("q.jsonl", {"question": f"{RED}\nA) grass\nB) blood", "label": "B"}))
    assert (question.choices, question.gold) == (("grass", "blood"), "B")


@pytest.mark.parametrize(
    "piece", ["A) x B) y ", "\nA) x\nB) y\nz", "Answer: ", " the answer", "\n A:", "? Options:", "x. ", "A) ", "\n\t"]
)
@pytest.mark.timeout(60)  # well under a second each; a rule that backtracks would never end
def test_no_text_takes_for_ever(piece):
    text = "Which?" + piece * (100_000 // len(piece))
    found = written.find(text)
    assert found is None or len("".join(found.options)) < len(text)


# --- choices as objects ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [("label", "text"), ("key", "value"), ("id", "content"), ("letter", "option")])
@pytest.mark.parametrize(("labels", "gold"), [("AB", "B"), ("12", "2"), ("ab", "B"), ("BA", "A")])
def test_choices_that_are_objects(write, names, labels, gold):
    choices = [dict(zip(names, pair, strict=True)) for pair in zip(labels, ("grass", "blood"), strict=True)]
    (question,) = ask(write("q.jsonl", {"question": RED, "choices": choices, "answerKey": gold}))
    assert (question.choices, question.gold) == (("grass", "blood"), "B")


@pytest.mark.parametrize(
    "inner",
    [
        {"stem": RED, "choices": [{"label": "A", "text": "grass"}, {"label": "B", "text": "blood"}]},
        {"stem": RED, "choices": [{"label": "1", "text": "grass"}, {"label": "B", "text": "blood"}]},
        {"text": RED, "options": {"text": ["grass", "blood"], "label": ["A", "B"]}},
    ],
)
def test_a_question_that_is_an_object(write, inner):
    (question,) = ask(write("q.jsonl", {"id": "c1", "question": inner, "answerKey": "B"}))
    assert (question.id, question.text, question.choices, question.gold) == ("q:c1", RED, ("grass", "blood"), "B")


def test_a_question_that_is_an_object_beside_its_choices(write):
    (question,) = ask(write("q.jsonl", {"question": {"stem": RED, "choices": ["x"]}, "choices": ["grass", "blood"], "answer": "B"}))
    assert (question.text, question.choices) == (RED, ("grass", "blood"))


def test_labels_from_1_beside_labels_from_a(write):
    rows = [
        {"question": f"{RED} {labels}", "choices": [{"label": one, "text": f"t{one}"} for one in labels], "answerKey": gold}
        for labels, gold in (("ABCD", "C"), ("1234", "3"), ("1234", "4"), ("123", "1"))
    ]
    assert [question.gold for question in ask(write("q.jsonl", *rows))] == ["C", "C", "D", "A"]


def test_objects_with_marks(write):
    choices = [{"text": "grass", "correct": False}, {"text": "blood", "correct": True}]
    assert ask(write("q.jsonl", {"question": RED, "choices": choices}))[0].gold == "B"


@pytest.mark.parametrize("gold", ["B", "b", "(B)", "b."])
def test_a_letter_is_a_label_first_in_any_form(write, gold):
    row = {"question": RED, "choices": {"label": ["B", "A"], "text": ["grass", "blood"]}, "answerKey": gold}
    assert ask(write("q.jsonl", row))[0].gold == "A"


# --- yes or no ---------------------------------------------------------------------------------------------------------------


def test_golds_0_and_1_without_choices_are_noted_and_mapped(write, caplog):
    path = write("q.jsonl", *({"question": "is ice cold", "passage": "Ice.", "answer": i % 2} for i in range(3)))
    assert [question.gold for question in ask(path)] == ["0", "1", "0"]
    assert (
        "has only 0 and 1 as golds and no choices, so they are numbers and not yes or no: say gold=yes-no if 1 means yes"
        in caplog.text
    )
    caplog.clear()
    assert [(one.choices, one.gold) for one in ask(path, gold="yes-no")] == [(("Yes", "No"), letter) for letter in "BAB"]
    assert "not yes or no" not in caplog.text
    assert [one.gold for one in ask(path, gold="yes-no", map="choices=")] == ["no", "yes", "no"]


def test_a_label_0_or_1_without_choices_names_the_option(write):
    path = write("q.jsonl", *({"question": "is ice cold", "passage": "Ice.", "label": i % 2} for i in range(3)))
    assert "or say gold=yes-no if 1 is yes and 0 is no, or say -T map=choices= if there are none." in refused(path)
    assert [one.gold for one in ask(path, gold="yes-no")] == ["B", "A", "B"]


def test_true_and_false_as_texts_are_noted(write, caplog):
    path = write("q.jsonl", *({"question": "is ice cold", "answer": value} for value in ("true", "False")))
    assert [question.gold for question in ask(path)] == ["true", "False"]
    assert "has only false and true as golds and no choices, so they are texts and not yes or no" in caplog.text
    assert [one.gold for one in ask(path, gold="yes-no")] == ["A", "B"]


@pytest.mark.parametrize("golds", [[1], [1, 5], [0, 1, 2]])
def test_other_numbers_are_not_noted(write, caplog, golds):
    ask(write("q.jsonl", *({"question": f"1 + {gold}", "answer": gold} for gold in golds)))
    assert "yes" not in caplog.text


def test_a_gold_that_is_neither_yes_nor_no_is_refused(write):
    path = write("q.jsonl", {"question": "cold?", "answer": 1}, {"question": "cold?", "answer": 2})
    assert refused(path, gold="yes-no") == (
        "line 2: the gold 2 is neither 1, true or yes, nor 0, false or no: correct the row or leave the option gold=yes-no out."
    )


@pytest.mark.parametrize(("choices", "index"), [(["Yes", "No"], "B"), (["True", "False"], "B")])
def test_1_with_yes_first_may_be_two_things(write, choices, index):
    row = {"question": "cold?", "choices": choices, "answer": 1}
    assert refused(write("q.jsonl", row, {**row, "answer": 0})) == (
        "line 1: the gold 1 may be the index of choice B or the yes or no of choice A: say which with the option gold=index or gold=yes-no."
    )
    assert golds(write, [1, 0], choices, gold="yes-no") == "AB"
    assert golds(write, [1, 0], choices, gold="index") == "BA"
    assert golds(write, [1, 0], choices[::-1]) == "BA"


# --- numbers that count from 0 or from 1 ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [int, str, float])
def test_a_gold_0_shows_that_numbers_count_from_0(write, caplog, kind):
    values = [kind(i) if kind is not str else str(i) for i in (0, 1, 2, 3, 1)]
    assert golds(write, values) == "ABCDB"
    assert caplog.text == ""


@pytest.mark.parametrize("kind", [int, str, float])
def test_golds_up_to_the_number_of_choices_count_from_1(write, caplog, kind):
    values = [str(i) if kind is str else kind(i) for i in (1, 4, 2, 3)]
    assert golds(write, values) == "ADBC"
    assert "has numbers as golds, none of them 0 and some the number of the choices, so they count from 1" in caplog.text


def test_one_row_at_its_number_of_choices_is_enough(write):
    rows = [{"question": RED, "choices": ["x", "y", "z"], "answer": 2}, {"question": RED, "choices": ["x", "y"], "answer": 2}]
    assert [question.gold for question in ask(write("q.jsonl", *rows))] == ["B", "B"]


def test_golds_that_may_count_from_either_are_said(write, caplog):
    assert golds(write, [1, 2, 3, 1]) == "BCDB"
    assert "so they may count from 0 or from 1, and from 0 is assumed: say gold=label if they count from 1" in caplog.text
    caplog.clear()
    assert golds(write, [1, 2, 3, 1], gold="label") == "ABCA"
    assert golds(write, [1, 2, 3, 1], gold="index") == "BCDB"
    assert caplog.text == ""


def test_golds_of_both_kinds_are_refused(write):
    rows = [{"question": RED, "choices": LETTERED, "answer": value} for value in (0, 4)]
    assert refused(write("q.jsonl", *rows)).startswith(
        "line 2: the gold 4 is none of the 4 choices as a number that counts from 0: "
    )


@pytest.mark.parametrize("choices", [dict(zip("ABCD", LETTERED, strict=True)), [{"label": c, "text": c * 2} for c in "ABCD"]])
def test_numbers_beside_labels_that_are_letters(write, choices):
    assert golds(write, [1, 4, 2], choices) == "ADB"
    assert golds(write, [1, 2, 3], choices, gold="label") == "ABC"
    assert golds(write, [0, 3], choices) == "AD"


def test_a_number_that_is_also_a_text_is_asked_about(write):
    rows = [{"question": RED, "choices": ["3", "4", "5", "6"], "answer": value} for value in (3, 4)]
    assert refused(write("q.jsonl", *rows)) == (
        "line 1: the gold 3 may be the label of choice C or the text of choice A: say which with the option gold=label or gold=text."
    )


# --- free answers beside choices ----------------------------------------------------------------------------------------


def test_null_as_choices_is_a_free_answer(write, caplog):
    rows = [{"question": RED, "choices": None, "answer": "blood"}, {"question": RED, "choices": ["x", "y"], "answer": "B"}]
    assert [(one.choices, one.gold) for one in ask(write("q.jsonl", *rows))] == [((), "blood"), (("x", "y"), "B")]
    assert "q has null as the choices of 1 of 2 questions, which ask for free answers." in caplog.text
    caplog.clear()
    assert [one.gold for one in ask(write("q.jsonl", rows[0], {**rows[0], "answer": 3}))] == ["blood", "3"]
    assert caplog.text == ""


def test_letters_are_removed_and_options_shuffled_beside_free_answers(write):
    free = {"question": RED, "choices": None, "answer": "blood"}
    rows = [free, {"question": RED, "choices": ["A) x", "B) y"], "answer": "B"}, free]
    assert [one.choices for one in ask(write("q.jsonl", *rows))] == [(), ("x", "y"), ()]
    marked = {"question": RED, "choices": {"choices": ["x", "y"], "labels": [1, 0]}, "answer": None}
    shuffled = ask(write("q.jsonl", free, *[{**marked, "answer": "A"}] * 30), order="shuffle")
    assert {one.gold for one in shuffled} == {"blood", "A", "B"}


def test_not_a_number_as_choices_is_null(tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "Red?", "choices": NaN, "answer": "blood"}\n')
    assert ask(path)[0].choices == ()


# --- free golds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["1,5", "2"], "such as '1,5', which read as a list of two numbers, so the answer 1.5 does not equal them: write a point"),
        (["1,234", "-0,25"], "such as '-0,25', which read as a list of two numbers, so the answer -0.25 does not equal them, and '1,234' reads as 1234"),
        (["1,234", "1.5"], ""),
        (["1,2,3", "Paris, France"], ""),
    ],
)  # fmt: skip
def test_a_decimal_comma_is_noted(write, caplog, values, said):
    questions = ask(write("q.jsonl", *({"question": "How much?", "answer": value} for value in values)))
    assert [question.gold for question in questions] == values
    assert said in caplog.text
    assert bool(caplog.text) == bool(said)


def test_a_gold_with_its_letter_and_its_text(write):
    row = {"question": RED, "choices": ["grass", "blood"], "answer": "B) blood"}
    assert ask(write("q.jsonl", row))[0].gold == "B"
    assert "none of the 2 choices" in refused(write("q.jsonl", {**row, "answer": "B) grass"}))


def test_a_gold_within_an_object_names_its_path(write):
    path = write("q.jsonl", {"question": RED, "answer": {"value": "blood"}})
    assert "or name a value in it with -T map=gold=COLUMN.value, or leave gold out" in refused(path)
    assert ask(path, map="gold=answer.value")[0].gold == "blood"


def test_small_letters_as_golds_without_choices_are_noted(write, caplog):
    ask(write("q.jsonl", {"question": RED, "a": "x", "b": "y", "answer": "a"}))
    assert "has letters as golds and no choices" in caplog.text


@pytest.mark.parametrize(
    ("text", "said"),
    [("Is 1 &lt; 2?", "'&lt;'"), ("It&#39;s red?", "'&#39;'"), ("A&B; C&D?", ""), ("1 < 2 & 3?", "")],
)
def test_codes_of_html_are_noted(write, caplog, text, said):
    (question,) = ask(write("q.jsonl", {"question": text, "answer": "yes"}))
    assert question.text == text
    assert (f"has HTML codes in its questions (such as {said})" in caplog.text) == bool(said)


# --- the file itself ------------------------------------------------------------------------------------------------------


def test_a_name_that_stands_twice_in_a_row_is_refused(tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "Red?", "answer": "x", "answer": "y"}\n')
    assert refused(path) == "line 1: an object has the name 'answer' twice, so one of its values would be lost: give each its own."


def test_a_list_after_blank_lines(tmp_path):
    path = tmp_path / "q.json"
    path.write_text('\n\n[{"question": "Red?", "answer": "x"}]\n')
    assert ask(path)[0].gold == "x"


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("question", "the text 'half \\ud800' has half of a character (at place 6): save the file again from its source."),
        ("answer", "the gold is 'half \\ud800': give a text or a number, or leave gold out with -T map=gold=."),
        ("id", "the id is 'half \\ud800': give a text or a whole number, or leave ids out with -T map=id=."),
    ],
)
def test_half_of_a_character_is_refused(tmp_path, part, message):
    path = tmp_path / "q.jsonl"
    row = {"question": "Red?", "answer": "x", "id": "1", part: "half \ud800"}
    path.write_text(json.dumps(row))
    assert refused(path) == f"line 1: {message}"
