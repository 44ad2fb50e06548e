"""Steps: nothing is lost, sentences are whole, and boundaries sit on the model's own tokens."""

import re
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.errors import EngineError, UsageError
from cotfaith.text.steps import split, steps
from cotfaith.types import Trace

PIECES = [
    "3.5", "3. 5", "-1", "1,234.5", "12:30", "Dr.", "e.g.", "i.e.", "approx.", "Fig. 2", "etc.", "J. K. Rowling", "B.", "U.S.", "p.m.",
    "First we add.", "Wait, let me check again.", "Wait, let me check again.", "So", "then", "What?!", "No...", "…", '"Stop." ', "(x.)",
    r"\( a. B \)", "$a = 1. B$", "$5", r"\[ x. \]", "\\begin{align} x. Y\n\\end{align}", r"\(", r"\]", "`a. b`", "```\nx = 1.\n\nY\n```",
    "```", "1. foo", "- item", "* b", "\n", "\n\n", "\r\n", "\t", " ", "  ", "是的。", "那么！", "é", "👩‍🔬", "\u2028", "\u00a0", "नमस्ते।",
]  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.lists(st.sampled_from([*PIECES, " ", " ", ". "]), max_size=30).map("".join))
CUTTERS = ["sentence", "line", "before:B.", "before:\n1", "before:So "]


@st.composite
def tokenised(draw):
    """A text and the ends of its tokens, when tokens are any runs of its bytes."""
    text = draw(TEXTS)
    size = len(text.encode())
    cuts = sorted(draw(st.sets(st.integers(1, max(size - 1, 1)), max_size=size))) if size > 1 else []
    complete = [len(text.encode()[:cut].decode(errors="ignore")) for cut in cuts]
    return text, ([*complete, len(text)] if size else [])


def words(text):
    """The ends of tokens that are words with the space before them and line ends, as most tokenizers have them."""
    return [found.end() for found in re.finditer(r" ?\S+|\s+", text)]


# --- the rows of the regression list that concern text ------------------------------------------------------------------

ROWS = {
    "S1": (
        "First we add two and two. Then we get four. So the answer is 12",
        ["First we add two and two. ", "Then we get four. ", "So the answer is 12"],
    ),
    "S2": (
        "First we add two and two. Then we get four. So the answer is 12.",
        ["First we add two and two. ", "Then we get four. ", "So the answer is 12."],
    ),
    "S3": (
        "Dr. Smith walks 3. 5 km per hour. Then he stops walking for good.",
        ["Dr. Smith walks 3. 5 km per hour. ", "Then he stops walking for good."],
    ),
    "S4": (
        "We see:\n- one item\n  - inner item\n\nA paragraph.\n\n1. first. Still first\n2. second",
        ["We see:\n", "- one item\n  ", "- inner item\n\n", "A paragraph.\n\n", "1. first. ", "Still first\n", "2. second"],
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_peer_row(row):
    text, parts = ROWS[row]
    assert split(text) == parts


@pytest.mark.parametrize("cutter", CUTTERS)
@settings(deadline=None)
@given(text=TEXTS)
def test_s5_parts_join_to_the_text(cutter, text):
    parts = split(text, cutter)
    assert "".join(parts) == text
    assert all(part.strip() for part in parts) or not text.strip()
    assert (parts == []) == (text == "")


def test_s6_a_repeated_sentence_is_removed_by_its_span():
    text = "Compute 2+2 = 4. Wait, let me check again. It is 4. Wait, let me check again. Yes."
    found = steps(text, words(text))
    repeated = [s for s in found if "Wait" in text[s.start : s.stop]]
    assert len(repeated) == 2
    second = repeated[1]
    assert text[: second.start] + text[second.stop :] == "Compute 2+2 = 4. Wait, let me check again. It is 4. Yes."


@pytest.mark.parametrize("cutter", ["sentence", "line", "tokens:3"])
def test_s7_cuts_are_at_ends_of_the_models_own_tokens(cutter):
    text = "First, 12 + 7.5 is computed. Then\nDr. Lee adds 3. 5 more.\n\nSo it is 23."
    ends = words(text)
    found = steps(text, ends, cutter)
    assert len(found) > 2
    assert all(step.tail == "" and ends[step.tokens - 1] == step.stop for step in found)


def test_s8_offsets_into_text_and_into_tokens_are_both_there():
    text = "One. Two three.\nFour."
    found = steps(text, words(text))
    assert [(s.start, s.stop, s.tokens) for s in found] == [(0, 4, 1), (4, 16, 4), (16, 21, 5)]
    trace = Trace("t", "q", "m", 0, (), text, (1, 2, 3, 4, 5), found, "stop")
    assert "".join(trace.step_text(i) for i in range(len(found))) == text


# --- sentences -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence",
    [
        "It is 3.5 and at 12.30 or 5 p.m. we stop.", "See Fig. 3, Eq. 2 and no. 5 there.", "Use fruit, e.g. Apples, i.e. Food.",
        "It is approx. 12 vs. Thirteen, etc. and so on.", "Then J. K. Rowling met John F. Kennedy.", "She read a book by J. Smith.",
        "Hmm... so it is, … perhaps.", r"Let \( x = 1. Y = 2. \) be so.", "Let $a = 1. B = 2$ be.", "\\[ x = 1.\nY = 2. \\]",
        "\\begin{align*}\nx &= 1.\\\\\n\nY\n\\end{align*}", "Run `a. B` now.", "```python\nx = 1.\n\nPrint(x)\n```", "We have 5! = 120 ways.",
        "1. Add the numbers.", "- Add the numbers.", "a) Add the numbers.", "(i) Add the numbers.", "**Step 1.** Add the numbers.",
        "Case 2. Add the numbers.", "A. Paris", "He lives in the U.S. Virgin Islands.", '"Stop!" she said.', "(So it is.) said no one.",
        "Ph.D. Students did.", "It was Prof. Lee of St. Louis.", "Option C. Paris is in it.",
    ],
)  # fmt: skip
def test_a_sentence_stays_whole(sentence):
    assert split(sentence) == [sentence]
    assert split(f"{sentence}\n\nThen it ends") == [f"{sentence}\n\n", "Then it ends"]


@pytest.mark.parametrize(
    "parts",
    [
        ["The answer is B. ", "Then we stop."], ["It is 4. ", "Wait."], ["It is 4. ", "then it is 5."], ["What?! ", "No... ", "Yes."],
        ['He said "Stop." ', "Then he left."], ["(It is so.) ", "Then."], ["It was 5 p.m. ", "Then he left."], ["No. ", "That is wrong."],
        ["In the U.S. ", "The law differs."], ["We get $x = 3.$ ", "Then."], [r"\[ x = 3. \] ", "So."], ["It costs $5. ", "Then $10."],
        ["是的。", "那么！", "好"], ["Apples, etc. ", "The end."], ["It is 7. ", "1. Add. ", "2. Stop."], ["Is 5! big? ", "Yes."],
        ["\n\n One. ", "Two."], ["a\r\n", "b\r\n"], ["Open \\( here. ", "Then."], ["Open `here. ", "Then."], ["So.  ", "So.  ", "So."],
        ["So it is option C. ", "Paris is in it."],
    ],
)  # fmt: skip
def test_sentences_part(parts):
    assert split("".join(parts)) == parts


def test_line_cutter_knows_lines_only():
    assert split("One. Two.\n\n  Three $x\ny$", "line") == ["One. Two.\n\n  ", "Three $x\n", "y$"]


@pytest.mark.parametrize(
    ("mark", "parts"),
    [
        ("<q>", ["<q>One. Two.\n", "<q>Three"]), ("<q>", ["\n <q>One\n", "<q>", "<q>Two"]), ("<q>", ["First, ", "<q>One ", "<q>"]),
        ("<q>", ["None here. Nor here.\nNor here."]), ("\nQ", ["\nQ 1: a\nA: b", "\nQ 2: c\nA: Q"]), ("aa", ["aa", "aa", "aab"]),
        (":", ["a ", ": b", ": c"]), ("(.", ["x", "(.", "(.y"]), ("X ", ["X ", "X "]), ("Q", [" "]), ("Q", []),
    ],
)  # fmt: skip
def test_before_cuts_before_every_mark_and_nowhere_else(mark, parts):
    assert split("".join(parts), f"before:{mark}") == parts


def test_white_text_is_one_part_and_empty_text_none():
    assert split(" \n ") == [" \n "]
    assert split("") == []
    assert steps("", ()) == ()
    assert len(steps(" \n ", [1, 3])) == 1


@pytest.mark.parametrize(
    "piece", ["We add 3.5 and (2). Wait, I check.\n", " ...", ".", "\\( ", "$x ", "``` ", " ", "\n", "1. ", "a.b.", ". \\ ", ".\"'"]
)
@pytest.mark.timeout(120)  # under a second each; a rule that backtracks would never end
def test_no_text_takes_for_ever(piece):
    text = piece * (40_000 // len(piece))
    assert "".join(split(text)) == text


# --- tokens ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cutter", [*CUTTERS, "tokens:1", "tokens:3"])
@settings(deadline=None)
@given(case=tokenised())
def test_steps_are_contiguous_and_their_tails_reconstruct_the_text(cutter, case):
    text, ends = case
    found = steps(text, ends, cutter)
    assert [s.start for s in found] == [0, *(s.stop for s in found)][:-1] if found else text == ""
    for step in found:
        assert step.start < step.stop
        assert text[: step.stop] == text[: ends[step.tokens - 1] if step.tokens else 0] + step.tail
    if found:
        assert (found[-1].stop, found[-1].tokens, found[-1].tail) == (len(text), len(ends), "")


@pytest.mark.parametrize("cutter", CUTTERS)
@settings(deadline=None)
@given(case=tokenised())
def test_snapping_moves_only_white_space(cutter, case):
    text, ends = case
    parts = split(text, cutter)
    found = steps(text, ends, cutter)
    assert [text[s.start : s.stop].strip() for s in found] == [part.strip() for part in parts]
    for step in found:
        if step.tail:  # then no token ends in the white space around the boundary
            solid = len(text[: step.stop].rstrip())
            assert not set(range(solid, step.stop + 1)) & set(ends)


@settings(deadline=None)
@given(case=tokenised(), size=st.integers(1, 5))
def test_token_steps_have_at_least_their_number_of_tokens_and_no_tails(case, size):
    text, ends = case
    found = steps(text, ends, f"tokens:{size}")
    counts = [b.tokens - a for a, b in zip([0, *(s.tokens for s in found)], found, strict=False)]
    assert all(count >= size for count in counts[:-1])
    assert all(step.tail == "" for step in found)


def test_steps_before_a_mark_sit_on_tokens_or_leave_a_tail():
    text = "\n<q>One.\n<q>Two."
    assert [(text[s.start : s.stop], s.tokens, s.tail) for s in steps(text, [1, 4, 8, 9, 12, 16], "before:<q>")] == [
        ("\n<q>One.\n", 4, ""),
        ("<q>Two.", 6, ""),
    ]
    inside = steps(text, [1, 4, 7, 9, 12, 16], "before:\n<q>")  # the third token is "One", the fourth ".\n"
    assert [(s.stop, s.tokens, s.tail) for s in inside] == [(8, 3, "."), (16, 6, "")]
    spaced = steps("Yes. Q no", [4, 6, 9], "before:Q")  # the second token is " Q"
    assert [(s.stop, s.tokens, s.tail) for s in spaced] == [(4, 1, ""), (9, 3, "")]


def test_the_space_goes_with_the_token_that_holds_it():
    text = "One two. Then.\n\nSo"
    tokens = ["One", " two", ".", " Then", ".\n\n", "So"]
    ends = [len("".join(tokens[: i + 1])) for i in range(len(tokens))]
    assert [(text[s.start : s.stop], s.tokens) for s in steps(text, ends)] == [("One two.", 3), (" Then.\n\n", 5), ("So", 6)]


def test_a_boundary_inside_a_token_leaves_a_tail():
    found = steps("Yes.\nNo", [3, 6, 7])  # tokens: "Yes", ".\nN", "o"
    assert [(s.stop, s.tokens, s.tail) for s in found] == [(5, 1, ".\n"), (7, 3, "")]


def test_tokens_that_begin_the_next_character_are_not_kept():
    text = "Ja. é"
    ends = [3, 4, 4, 5]  # "Ja.", " ", and two tokens for the bytes of the last letter
    assert [s.tokens for s in steps("Ja. É", ends)] == [2, 4]
    assert [s.stop for s in steps(text, ends, "tokens:3")] == [5]


def test_token_cutter_counts():
    assert [s.stop for s in steps("abcdefg", [1, 2, 3, 4, 5, 6, 7], "tokens:3")] == [3, 6, 7]


# --- errors ----------------------------------------------------------------------------------------------------------------


def test_unknown_cutter():
    with pytest.raises(UsageError, match=r"Unknown step cutter 'sentense': did you mean 'sentence'\?"):
        split("a", "sentense")
    with pytest.raises(UsageError, match="known are: before:TEXT, line, sentence, tokens:N"):
        steps("", (), "xyz")


@pytest.mark.parametrize("cutter", ["tokens:0", "tokens:x", "tokens", "tokens:-1", "tokens:1.5"])
def test_token_cutter_without_a_number(cutter):
    with pytest.raises(
        UsageError, match=f"Step cutter '{cutter}' needs a whole number of tokens of at least 1, such as tokens:20."
    ):
        steps("a", [1], cutter)


@pytest.mark.parametrize("cutter", ["before", "before:", "before: \n"])
def test_before_without_a_text(cutter):
    written = "before" if cutter == "before:" else cutter
    message = f"Step cutter {written!r} needs a text to cut before that is not white space, such as before:<sub_q>."
    with pytest.raises(UsageError, match=re.escape(message)):
        steps("", (), cutter)
    with pytest.raises(UsageError, match="needs a text to cut before"):
        split("a", cutter)


def test_token_cutter_needs_tokens():
    with pytest.raises(UsageError, match="'tokens:20' cuts between tokens and cannot cut text alone"):
        split("a", "tokens:20")


@pytest.mark.parametrize("ends", [[], [1], [2, 1, 3], [4]])
def test_ends_that_do_not_fit(ends):
    with pytest.raises(EngineError, match="a reasoning of 3 characters must rise to its length"):
        steps("abc", ends)


def test_a_decimal_at_the_end_of_a_sentence_is_no_abbreviation() -> None:
    assert split("One is 3.5. Two follows. Three.") == ["One is 3.5. ", "Two follows. ", "Three."]


@pytest.mark.parametrize(
    "parts",
    [
        ["The pen costs 5$. ", "The book costs 6$. ", "In total 11$."],
        ["The pen costs $5. ", "The book costs 6$. ", "In total 11$."],
        ["It is 5$/kg. ", "Milk is 6$/kg. ", "So 11."],
        ["**5$**. ", "Then **6$**. ", "So 11."],
        ["Prices ($). ", "Costs ($). ", "So 11."],
        ["It costs 5 US$. ", "Then 6 US$. ", "So 11."],
        ["We get 2$x = 1. B = 2$ here. ", "So 11."],
    ],
)
def test_a_price_opens_no_formula(parts):
    assert split("".join(parts)) == parts


@pytest.mark.parametrize(
    "parts",
    [
        ["یہ پہلا جملہ ہے۔ ", "یہ دوسرا ہے۔"],
        ["۱۔ پہلا قدم۔ ", "2۔ دوسرا۔"],
        ["Սա է։ ", "Նա է։"],
        ["ሰላም ነው። ", "እሺ።"],
        ["ဟုတ်။ ", "မဟုတ်။"],
        ["នេះ។ ", "នោះ។"],
        ["३．१४ है। ", "ठीक॥ ", "हाँ"],
        ["什么？!", "好。", "是"],
        ["ཨ᠃ ", "ཨ᠉"],
    ],
)
def test_sentences_of_other_scripts_part(parts):
    assert split("".join(parts)) == parts


def test_every_sentence_terminal_of_unicode_ends_a_step():
    regex = pytest.importorskip("regex")
    terminal = regex.compile(r"\p{Sentence_Terminal}")
    missed = [
        f"{code:04X}"
        for code in range(sys.maxunicode + 1)
        if terminal.match(mark := chr(code)) and split(f"Then we go{mark} Now we stop") != [f"Then we go{mark} ", "Now we stop"]
    ]
    assert missed == []


@pytest.mark.parametrize("piece", ["$", "5$. ", "$a. The cat ", "\\begin{%s}", "\\[ ", "`", "۔", "1．", "。 "])
def test_the_time_of_a_cut_grows_with_the_length_alone(piece):
    short, long = ("".join(piece.replace("%s", letters(i)) for i in range(size // len(piece))) for size in (20_000, 160_000))
    assert fastest(long) < 40 * fastest(short) + 0.05  # 8 times the length; 64 times the time would be quadratic


def letters(number):
    """A name of its own for every number."""
    return "".join(chr(97 + int(digit)) for digit in str(number))


def fastest(text):
    """The shortest of three times to cut the text."""
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        split(text)
        times.append(time.perf_counter() - begin)
    return min(times)
