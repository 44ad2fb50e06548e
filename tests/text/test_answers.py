"""Reading answers: every row of the regression list, and the laws that no table can show."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cotfaith.text.answers import CUT, NONE, NOT_ONE, OUTSIDE, REFUSED, RETRACTED, SEVERAL, Extraction, extract
from cotfaith.text.numbers import canonical
from cotfaith.types import LETTERS, Question


def among(count=4, *choices):
    """A question of `count` choices, or of these choices."""
    return Question("q", "t", "Which?", choices or tuple(f"choice number {i}" for i in range(count)))


def free(gold=None):
    return Question("q", "t", "How many?", (), gold)


def outcome(text, question, finish="stop"):
    """The answer of `text`, or its state and reason."""
    found = extract(text, question, finish=finish)
    assert found.raw == text
    assert (found.answer is None) == (found.state != "answered") == (found.reason != "")
    return found.answer or (found.state, found.reason)


UNPARSED = {reason: ("unparsed", reason) for reason in (NONE, SEVERAL, OUTSIDE, NOT_ONE)}
TRUNCATED = ("truncated", CUT)
REFUSAL = ("refused", REFUSED)

# --- the rows of the regression list ------------------------------------------------------------------------------------

X_ROWS = {
    "X1": ("The answer is definitely C.", "C"),
    "X2": ("The answer is between A and B, so (D)", "D"),
    "X3": ("Answer: A seems wrong, so final answer: C", "C"),
    "X4": ("**Answer**: (C)", "C"),
    "X5": ("The answer is not B. It is C.", "C"),
    "X6": ("The answer is a tie between B and C; I pick C.", "C"),
    "X7": ("Answer: Because of this, C", "C"),
    "X8": ("My answer: B. Wait, I made an error. My answer: D.", "D"),
    "X9": ("I'll go with caution here. The right choice is D.", "D"),
    "X10": ("Therefore both A and B look wrong. Answer is C", "C"),
    "X11": ("I choose between B and C: C", "C"),
    "X13": (r"The answer is \boxed{\text{C}}", "C"),
    "X14": ("ANSWER: Cannot decide", REFUSAL),
    "X15": ("Both have their merits in this scenario.", UNPARSED[NONE]),
    "U1": ("I am not able to decide between the options.", REFUSAL),
}


@pytest.mark.parametrize("row", X_ROWS)
def test_peer_row_of_choices(row):
    text, right = X_ROWS[row]
    assert outcome(text, among(4)) == right


@pytest.mark.parametrize(("options", "right"), [(10, "F"), (5, UNPARSED[OUTSIDE])])
def test_x12_a_letter_outside_the_options_is_unparsed(options, right):
    assert outcome("Answer: (F)", among(options)) == right


E_ROWS = {
    "E1": (r"\boxed{\frac{1}{2}}", "0.5"),
    "E2": ("The final answer is 42.", "42"),
    "E3": ("So the answer is 3.5 because", "3.5"),
}


@pytest.mark.parametrize("gold", [None, "7"])
@pytest.mark.parametrize("row", E_ROWS)
def test_peer_row_of_values(row, gold):
    text, right = E_ROWS[row]
    assert outcome(text, free(gold)) == right


# --- letters ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "right"),
    [
        # the short continuation of a cue that ends with "("
        ("C)", "C"), ("C", "C"), ("C) choice number 2", "C"), (" C).\n\nBecause", "C"), ("c)", "C"), ("A)\n", "A"), ("C choice number 2", "C"),
        # cues
        ("The answer to the question is D.", "D"), ("The best answer is: **(B)**", "B"), ("Answer:\n\nC", "C"), ("### Final Answer\nB", "B"),
        ("Choice: C", "C"), ("I would go with option (B).", "B"), ("I'm going with B", "B"), ('I select "B".', "B"), ("It's B", "B"),
        ("A is wrong; therefore, the answer must be D!", "D"), ("So I pick C", "C"), ("The answer is B. No wait, C.", "C"), ("Ans A", "A"),
        ("Option B is the best choice", "B"), ("C is correct.", "C"), ("ANSWER :(Option C)", "C"), ("the answer is b", "B"),
        ("The answer is C because B is wrong.", "C"), ("The answer is C and A is wrong.", "C"), ("The answer is **B**, not C.", "B"),
        ("The correct answer is the second one (B).", "B"), ("The answer is A, as it fits", "A"), ("So the answer is (A) because", "A"),
        # wrappers
        ("$\\boxed{B}$", "B"), ("<answer>D</answer>", "D"), ("#### B", "B"), ("The final answer is $\\textbf{(B)}$", "B"), ("_B_", "B"),
        ("The answer is “B”.", "B"),
        # the ends
        ("I think about it.\nC", "C"), ("I think about it.\n(C) choice number 2", "C"), ("Let me see: B", "B"),
        # no commitments
        ("Is the answer B? No, it is C.", "C"), ("If the answer is B, then we lose. So C.", "C"), ("I don't think the answer is B.", NONE),
        ("The answer would not be B.", NONE), ("B is right next to C.", SEVERAL), ("(A) can never be the answer.", NONE), ("not (B)", NONE),
        ("Let me see: A, B, C", SEVERAL), ("A) Paris\nB) London\nC) Rome", SEVERAL), ("There is no B.", NONE), ("Is it C?", NONE),
        ("The answer is neither A nor B", NONE), ("", NONE), ("Assuming the answer is B and not C", SEVERAL),
        # letters that are words, names or variables
        ("Answer: A man walks in.", NONE), ("It is A big deal", NONE), ("The answer is Vitamin C.", NONE), ("The answer is C++.", NONE),
        ("The answer is x because", NONE), ("The answer is clear.", NONE), ("I think so.", NONE), ("It's Bob", NONE), ("U.S.A", NONE),
        # two letters
        ("The answer is B or C.", SEVERAL), ("The answer is either A or B.", SEVERAL), ("Answer: (A) and (B)", SEVERAL),
        ("The answer is C. But the answer may differ: the answer is A, B or C.", SEVERAL),
        ("Answer: B. Wait, answer: F.", OUTSIDE),
    ],
)  # fmt: skip
def test_letters(text, right):
    assert outcome(text, among(4)) == UNPARSED.get(right, right)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("The answer is Vitamin C.", "B"), ("vitamin c", "B"), ("Answer: **Iron**.", "A"), ("I choose zinc.\nIt is a metal.", "C"),
        ("The answer is not Iron.", NONE), ("The answer is Iron. Wait, the answer is (C).", "C"), ("Answer: A red ball", "D"),
        ("The answer is Irony.", NONE), ("The answer is gold.", NONE),
    ],
)  # fmt: skip
def test_the_text_of_exactly_one_choice_counts(text, right):
    assert outcome(text, among(0, "Iron", "Vitamin C", "Zinc", "A red ball", "gold", "Gold")) == UNPARSED.get(right, right)


def test_choices_that_are_numbers_are_matched_by_value():
    assert outcome("The answer is 0.5.", among(0, "1/4", r"\frac{1}{2}", "50")) == "B"
    assert outcome("The answer is 0.5.", among(0, "1/2", "0.5")) == UNPARSED[NONE]


def test_an_empty_choice_matches_nothing():
    assert outcome("A man", among(0, "", "x")) == UNPARSED[NONE]


def test_the_letter_i_is_a_pronoun_unless_it_stands_for_an_option():
    assert outcome("Answer: I", among(10)) == "I"
    assert outcome("Answer: I think so", among(10)) == UNPARSED[NONE]


# --- states -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", [among(4), free(), free("5")])
def test_nothing_parsed_at_the_token_budget_is_truncated(question):
    text = "Let us first of all consider what is being asked here and"
    assert outcome(text, question, "length") == TRUNCATED
    assert outcome(text, question) == UNPARSED[NONE]


@pytest.mark.parametrize("question", [among(4), free(), free("5")])
@pytest.mark.parametrize(
    "text",
    ["As an AI language model, I cannot help.", "I can't answer.", "I don't know.", "Unable to decide.", "I am unable to choose."],
)
def test_refusals(text, question):
    assert outcome(text, question) == REFUSAL


def test_an_answer_after_a_refusal_counts():
    assert outcome("I cannot decide, but the answer is (B).", among(4)) == "B"


@pytest.mark.parametrize(
    "text", ["The answer is 4", r"So \boxed{4", "<answer>4", "4", "So it is 4.", "3 = 4", "The answer is", "#### 4"]
)
def test_a_value_that_the_budget_may_have_cut_is_truncated(text):
    assert outcome(text, free("42"), "length") == TRUNCATED


@pytest.mark.parametrize(
    "text", ["The answer is 4 ", r"So \boxed{4}", "<answer>4</answer>", "4\n", "4 apples", "The answer is 4. So"]
)
def test_a_value_that_was_complete_when_the_budget_ended_counts(text):
    assert outcome(text, free("42"), "length") == "4"


# --- what was taken back, and what belongs to another question --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("The answer is 17. That was wrong.", ("unparsed", RETRACTED)), ("That was wrong.", ("unparsed", NONE)), ("That was wrong. The answer is 17.", "17"),
        ("The answer is 17. No, 18.", "18"), ("The answer is 17. No, 18. No, that is wrong.", ("unparsed", RETRACTED)), ("The answer is 17. No, it is a guess.", ("unparsed", RETRACTED)),
        ("Is it 18? No, it is not. The answer is 17.", "17"), ("The answer is 17. Is 18 right? No, it is not.", "17"),
    ],
)  # fmt: skip
def test_what_a_text_takes_back_does_not_count(text, right):
    assert outcome(text, free("5")) == right


@pytest.mark.parametrize(
    ("text", "finish", "right"),
    [
        ("The answer is 17", "length", TRUNCATED), ("The answer is 17\n\nQuestion: Why?", "length", "17"), ("The answer is 17\n\nUser: Why", "length", "17"),
        ("Question: How many?\nThe answer is 17", "length", TRUNCATED), ("Question: How many?\nThe answer is 17\nQuestion: Why? The answer is 18.", "stop", "17"),
        ("I do not see it yet.\nUser: The answer is 17.", "stop", ("unparsed", NONE)),
    ],
)  # fmt: skip
def test_a_new_question_ends_the_answer(text, finish, right):
    assert outcome(text, free("5"), finish) == right


# --- values -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gold", [None, "7"])
@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("#### 42", "42"), ("<answer>42</answer>", "42"), ("so 6 * 7\n= 42", "42"), ("It takes 40 + 2 = 42 apples.", "42"),
        ("The answer is $1,234.50.", "1234.5"), ("answer: -5", "-5"), ("The answer is −5 km.", "-5"), ("The answer is 50%.", "50"),
        ("The answer is 1.5e3 m", "1500"), (r"The answer is \(1.2 \times 10^{3}\)", "1200"), ("Answer: **42**", "42"), ("**Answer:** 42", "42"),
        ("The answer is 42. Wait, the answer is 43.", "43"), ("The answer is not 42. It is 43.", "43"), ("If the answer is 5, no. It is 6.", "6"),
        ("42", "42"), (" 42.\n\nHuman: 5?", "42"), ("$18 per day", "18"), ("18 dollars", "18"), ("**42**", "42"), ("(42)", "42"),
        ("The answer is x = 5.", "5"), ("The answer is 5 + 3 = 8.", "8"), (r"So \boxed{x = \dfrac{-3}{4}}.", "-0.75"), (r"$\frac{3}{4}$", "0.75"),
        ("The answer is 1 1/2 cups", "1.5"), ("The answer is approximately 3.14", "3.14"), ("Answer: 42km", "42"), ("The answer is\n42", "42"),
        (r"\boxed{42} is wrong, so \boxed{43}", "43"), (r"\boxed{\text{42}}", "42"), ("The answer is: $\\boxed{42}$.", "42"),
        ("The answer is 7, since it is odd", "7"), ("The answer is 1/3.", "1/3"), (r"The answer is 1{,}000.", "1000"),
        ("So there are 42 apples left in the end.", NONE), ("Is the answer 42? I think about it once more.", NONE),
    ],
)  # fmt: skip
def test_values(text, right, gold):
    assert outcome(text, free(gold)) == UNPARSED.get(right, right)


@pytest.mark.parametrize(
    ("text", "number", "text_value"),
    [
        ("The answer is 3:45 pm.", NOT_ONE, "3:45 pm"), ("The answer is 3x + 2.", NOT_ONE, "3 x + 2"), ("The answer is 5 or 6.", NOT_ONE, SEVERAL),
        ("The answer is 2 hours and 30 minutes.", NOT_ONE, "2 hours and 30 minutes"), ("The answer is 10-12.", NOT_ONE, "10-12"),
        ("The answer is Paris because it is big.", NONE, "paris"), ("Yes.", NONE, "yes"), ("The answer is 12 apples.", "12", "12 apples"),
        ("The answer is that there are 42 apples.", "42", "that there are 42 apples"), ("The answer is unclear.", NONE, NONE),
    ],
)  # fmt: skip
def test_a_gold_number_asks_for_numbers_and_a_gold_text_keeps_units(text, number, text_value):
    assert outcome(text, free("7")) == UNPARSED.get(number, number)
    assert outcome(text, free("a text")) == UNPARSED.get(text_value, text_value)


# --- laws -------------------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["The", "answer", "is", "A", "B", "C", "D", "F", "(B)", "(F)", "**C**", "not", "so,", "therefore", "I", "pick", "or", "and", "between", "a",
     "it", ".", ":", "\n", "\\boxed{D}", "option", "if", "3", "=", "choice", "?"]
)  # fmt: skip
SENTENCES = st.one_of(st.lists(WORDS, max_size=15).map(" ".join), st.text(max_size=40))


@settings(deadline=None)
@given(text=SENTENCES, count=st.integers(1, 26))
def test_a_letter_outside_the_options_never_comes_out(text, count):
    found = extract(text, among(count))
    assert isinstance(found, Extraction)
    assert found.answer is None or found.answer in LETTERS[:count]
    assert (found.answer is None) == (found.state != "answered") == (found.reason != "")


@settings(deadline=None)
@given(
    text=st.one_of(SENTENCES, st.text("0123456789.,-/=$%\\boxed{}answer is frac", max_size=40)),
    gold=st.sampled_from([None, "5", "x"]),
)
def test_a_value_comes_out_canonical(text, gold):
    found = extract(text, free(gold))
    assert found.answer is None or (found.answer == canonical(found.answer) != "")


@pytest.mark.parametrize("letter", LETTERS)
def test_answer_in_brackets_gives_every_letter(letter):
    assert outcome(f"Answer: ({letter})", among(26)) == letter
    below = LETTERS.index(letter)
    assert below == 0 or outcome(f"Answer: ({letter})", among(below)) == UNPARSED[OUTSIDE]


@pytest.mark.parametrize(
    "wrap", ["**{}**", "__{}__", "`{}`", "({})", "**({})**", "$\\text{{{}}}$", "\\textbf{{({})}}", "\\boxed{{{}}}"]
)
@settings(deadline=None)
@given(
    letter=st.sampled_from("BCDEF"),
    frame=st.sampled_from(
        ["Answer: {}", "The answer is {}.", "I pick {}.", "The answer is not {}.", "It is {}, I think", "So, {}", "{}"]
    ),
)
def test_wrapping_changes_nothing(wrap, letter, frame):
    bare = extract(frame.format(letter), among(4))
    assume("boxed" not in wrap or bare.answer is not None)
    wrapped = extract(frame.format(wrap.format(letter)), among(4))
    assert (wrapped.state, wrapped.answer, wrapped.reason) == (bare.state, bare.answer, bare.reason)


@settings(deadline=None)
@given(text=st.sampled_from([text for text, _ in X_ROWS.values()]))
def test_wrapping_the_whole_text_changes_nothing(text):
    for whole in (f"**{text}**", f"({text})", f"  {text}\n"):
        assert extract(whole, among(4)).answer == extract(text, among(4)).answer


@settings(deadline=None)
@given(first=st.sampled_from("ABCD"), last=st.sampled_from("ABCD"))
def test_the_last_commitment_wins(first, last):
    assert outcome(f"The answer is {first}. On reflection, the answer is {last}.", among(4)) == last


@pytest.mark.parametrize("question", [among(4), free("1"), free()])
@pytest.mark.parametrize(
    "piece", ["The answer is ", "A, ", "A and ", "\\boxed{", "\n", "= 1 ", "1,", "so ", "it is ", "{", "answer: 3 or "]
)
@pytest.mark.timeout(120)  # about a second each; a rule that backtracks would never end
def test_no_text_takes_for_ever(piece, question):
    found = extract(piece * (20_000 // len(piece)), question)
    assert re.fullmatch("answered|unparsed", found.state)
