import re

import pytest
import templates as t
from templates import ASKED, CHOICE, CUE, LEAD, POSED, SUM, THOUGHT, WORD, whole

from cotfaith.errors import DataError, EngineError, UsageError
from cotfaith.prompts import answer_stop, choose, template_hash
from cotfaith.types import Question, Turn

SHOTS = (Turn("user", "Question: 1 + 1 ="), Turn("assistant", "Two."))


def dialogue_turns(question, posed, reasoning=THOUGHT):
    return (*question.turns, Turn("user", posed), Turn("assistant", LEAD + reasoning), Turn("user", ASKED))


# --- choice of format


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("", "dialogue"), (t.CHATML, "chat"), (t.LLAMA, "chat"), (t.GEMMA, "chat"), (t.QWEN3_OFF, "chat"), (t.R1, "thinking"),
        (t.R1_OLD, "chat"), (t.QWEN3, "thinking"), (t.BRACKETS, "thinking"), (t.HARMONY, "thinking"), (t.GEMMA4, "thinking"),
    ],
)  # fmt: skip
def test_auto_takes_the_format_that_the_template_calls_for(template, name):
    assert choose("auto", t.Fast(template)).name == name


def test_an_unknown_format_is_refused_with_the_nearest_name():
    with pytest.raises(UsageError, match=r"^Unknown prompt format 'dialog': did you mean 'dialogue'\?$"):
        choose("dialog", t.Fast())


@pytest.mark.parametrize("name", ["chat", "thinking"])
def test_without_template_only_the_dialogue_works(name):
    sentence = f"This model has no chat template, which --format {name} needs: use --format dialogue."
    with pytest.raises(UsageError, match=f"^{re.escape(sentence)}$"):
        choose(name, t.Fast())


def test_the_template_hash_follows_the_template():
    assert template_hash(t.Fast(t.CHATML)) == template_hash(t.Fast(t.CHATML))
    assert len({template_hash(t.Fast(source)) for source in ("", t.CHATML, t.LLAMA)}) == 3
    assert re.fullmatch(r"b1:[0-9a-f]{24}", template_hash(t.Fast(t.CHATML)))


# --- dialogue


def test_dialogue_text():
    form = choose("dialogue", t.Fast())
    assert whole(form, CHOICE) == f"<s>Human: {POSED}\n\nAssistant: {LEAD}{THOUGHT}\n\nHuman: {ASKED}\n\nAssistant: {CUE}"
    assert form.prompt_ids(CHOICE)[0] == form.tokenizer.start()[0]
    assert (form.stop, form.stop_ids) == (("\n\nHuman:",), ())


def test_dialogue_has_the_turns_before_the_question():
    question = Question("q", "t", "2 + 2 =", turns=(Turn("system", "Be brief."), *SHOTS))
    text = t.Fast().decode(choose("dialogue", t.Fast()).prompt_ids(question))
    assert text == f"<s>Be brief.\n\nHuman: Question: 1 + 1 =\n\nAssistant: Two.\n\nHuman: Question: 2 + 2 =\n\nAssistant: {LEAD}"


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_dialogue_does_not_repeat_the_new_lines_that_end_a_reasoning(end):
    assert f"four.\n\nHuman: {ASKED}" in whole(choose("dialogue", t.Fast()), CHOICE, "four." + end)


@pytest.mark.parametrize(("question", "form"), [(SUM, "as an integer "), (WORD, "")])
def test_a_free_answer_is_asked_for_in_tags(question, form):
    ask = f"Given the above, what is the most likely answer? Give your answer {form}enclosed within <answer></answer>."
    text = whole(choose("dialogue", t.Fast()), question)
    assert text == f"<s>Human: Question: {question.text}\n\nAssistant: {LEAD}{THOUGHT}\n\nHuman: {ask}\n\nAssistant: <answer>"
    assert whole(choose("thinking", t.Fast(t.R1)), question) == (
        f"<s><|user|>Question: {question.text}\n\n{ask}<|assistant|><think>\n{THOUGHT}\n</think>\n\n<answer>"
    )
    assert answer_stop(question) == ("</answer>",)
    assert answer_stop(CHOICE) == (")",)


# --- chat


@pytest.mark.parametrize("template", [t.CHATML, t.DEFAULT_SYSTEM, t.STRIPS, t.GEMMA, t.QWEN3])
@pytest.mark.parametrize("turns", [(), SHOTS])
def test_chat_is_what_the_template_renders(template, turns):
    question = Question("q1", "t", CHOICE.text, CHOICE.choices, turns=turns)
    form = choose("chat", t.Fast(template))
    assert whole(form, question) == form.tokenizer.render(dialogue_turns(question, POSED)) + CUE


def test_chat_text():
    form = choose("chat", t.Fast(t.CHATML))
    assert form.tokenizer.decode(form.prompt_ids(CHOICE)) == f"<|im_start|>user\n{POSED}<|im_end|>\n<|im_start|>assistant\n{LEAD}"
    assert form.tokenizer.decode(form.answer_ids(CHOICE)) == (
        f"<|im_end|>\n<|im_start|>user\n{ASKED}<|im_end|>\n<|im_start|>assistant\n{CUE}"
    )
    assert form.stop == ()


def test_chat_leads_in_both_turns_as_the_template_does():
    form = choose("chat", t.Fast(t.LLAMA))
    assert whole(form, CHOICE) == f"<s>[INST] {POSED} [/INST] {LEAD}{THOUGHT} </s><s>[INST] {ASKED} [/INST] {CUE}"


def test_chat_has_the_marks_with_which_the_template_begins_an_answer():
    form = choose("chat", t.Fast(t.HARMONY))
    final = "<|start|>assistant<|channel|>final<|message|>"
    assert whole(form, CHOICE) == (
        f"<|start|>user<|message|>{POSED}<|end|>{final}{LEAD}{THOUGHT}<|end|><|start|>user<|message|>{ASKED}<|end|>{final}{CUE}"
    )
    assert form.tokenizer.decode(form.turn_ids((Turn("user", "Hi"),), "So")) == f"<|start|>user<|message|>Hi<|end|>{final}So"


def test_chat_keeps_a_switched_off_channel_in_the_open_turn():
    form = choose("chat", t.Fast(t.QWEN3_OFF))
    off = "<|im_start|>assistant\n<think>\n\n</think>\n\n"
    assert whole(form, CHOICE) == (
        f"<|im_start|>user\n{POSED}<|im_end|>\n{off}{LEAD}{THOUGHT}<|im_end|>\n<|im_start|>user\n{ASKED}<|im_end|>\n{off}{CUE}"
    )


def test_chat_has_a_system_turn_where_the_template_has_one():
    question = Question("q", "t", "2 + 2 =", turns=(Turn("system", "Be brief."),))
    form = choose("chat", t.Fast(t.DEFAULT_SYSTEM))
    assert form.tokenizer.decode(form.prompt_ids(question)).startswith(
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n"
    )


@pytest.mark.parametrize(
    ("template", "end"), [(t.CHATML, "<|im_end|>"), (t.LLAMA, "</s>"), (t.GEMMA, "<end_of_turn>"), (t.CHATML.replace("<|im_end|>", "."), "")]
)  # fmt: skip
def test_chat_stops_at_the_end_of_turn_token(template, end):
    form = choose("chat", t.Fast(template))
    assert form.stop_ids == form.tokenizer.encode_rendered(end)


def test_chat_has_no_stop_id_where_the_end_of_turn_is_plain_text():
    assert choose("chat", t.Fast(t.CHATML.replace("<|im_end|>", "<over>"))).stop_ids == ()


REFUSED = "The chat template of this model refuses the turns "
DROPPED = (
    "The chat template of this model drops or changes earlier assistant turns, so the reasoning cannot be put back word for word: "
    "use --format dialogue."
)
OTHERWISE = (
    "The chat template of this model renders what comes before the reasoning otherwise once the conversation goes on: use --format "
)


LOST = "The chat template of this model {} the text of a {} turn ({!r}): use --format dialogue."
UNLIKE_ASSISTANT = t.CHATML.replace("m.content", "m.content.lower() if m.role == 'assistant' else m.content")
PARTS = t.CHATML.replace("{{ m.content }}", "{% for c in m.content if c.type == 'text' %}{{ c.text }}{% endfor %}")
NO_SYSTEM = t.CHATML.replace("for m in messages", "for m in messages if m.role != 'system'")
EARLIER = (Turn("user", "How many legs has a cat?"), Turn("assistant", "It has four legs."))
LAST_THREE, LAST = (t.CHATML.replace("for m in messages", f"for m in messages[{start}:]") for start in (-3, -1))


@pytest.mark.parametrize("asked", ["auto", "chat", "thinking"])
@pytest.mark.parametrize("template", [PARTS, PARTS.replace("assistant\n{% endif %}", "assistant\n<think>\n{% endif %}")])
def test_a_template_that_loses_the_question_is_refused_when_the_format_is_chosen(template, asked):
    with pytest.raises(UsageError, match=r"^The chat template of this model .*: use --format dialogue") as caught:
        choose(asked, t.Fast(template))
    assert "thinking" in asked or "drops or changes the text of a user turn ('Question: 1 + 1 =" in str(caught.value)
    assert choose("dialogue", t.Fast(template)).prompt_ids(WORD)


@pytest.mark.parametrize("close", ["</think>", "<think>a</think>"])
@pytest.mark.parametrize("template", [t.QWEN3, t.CHATML.replace("m.content", "m.content.split('</think>')[-1]")])
def test_a_question_that_a_template_would_cut_is_refused(template, close):
    form = choose("auto", t.Fast(template, special=("<|im_start|>", "<|im_end|>")))
    assert form.prompt_ids(WORD)
    with pytest.raises(UsageError, match=r"drops or changes the text of a user turn .*use --format dialogue"):
        form.prompt_ids(Question("q", "t", f"What does {close} do in a prompt?"))


@pytest.mark.parametrize(
    ("form", "template", "turns", "role"),
    [
        ("chat", NO_SYSTEM, (Turn("system", "Be brief."),), "system"), ("chat", LAST_THREE, EARLIER, "user"),
        ("thinking", NO_SYSTEM, (Turn("system", "Be brief."),), "system"), ("thinking", LAST, EARLIER, "user"),
    ],
)  # fmt: skip
def test_turns_before_the_question_are_kept_or_refused(form, template, turns, role):
    opened = template.replace("assistant\n{% endif %}", "assistant\n<think>\n{% endif %}") if form == "thinking" else template
    made = choose(form, t.Fast(opened))
    assert made.prompt_ids(WORD)
    with pytest.raises(UsageError, match=rf"drops or changes the text of a {role} turn .*use --format dialogue"):
        made.prompt_ids(Question("q", "t", "2 + 2 =", turns=turns))


def test_equal_turns_may_stand_more_than_once():
    turns = (*EARLIER, *EARLIER, Turn("user", "2"), Turn("assistant", "2"))
    form = choose("chat", t.Fast(t.CHATML))
    assert form.tokenizer.decode(form.prompt_ids(Question("q", "t", "2 + 2 =", turns=turns))).count(EARLIER[0].text) == 2


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        (t.DROPS, DROPPED), (t.REPEATS, LOST.format("repeats", "user", "Question: 1 + 1 =")), (UNLIKE_ASSISTANT, DROPPED),
        (t.CHATML.replace("m.content", "m.content.lower()"), LOST.format("drops or changes", "user", "Question: 1 + 1 =")),
        (t.LAST_SYSTEM, OTHERWISE + "dialogue."), (t.R1, OTHERWISE + "thinking."),
    ],
)  # fmt: skip
def test_chat_refuses_a_template_that_would_alter_the_past(template, sentence):
    with pytest.raises(UsageError, match=f"^{re.escape(sentence)}$"):
        choose("chat", t.Fast(template))


@pytest.mark.parametrize(
    ("turns", "sentence"),
    [
        (
            (Turn("system", "Be brief."),),
            "system, user (System role not supported): move the system text into the first user turn, or use --format dialogue.",
        ),
        ((Turn("user", "Hello."),), "user, user (Roles must alternate): use --format dialogue."),
    ],
)
def test_chat_tells_what_turns_a_template_refuses(turns, sentence):
    with pytest.raises(UsageError, match=f"^{re.escape(REFUSED + sentence)}$"):
        choose("chat", t.Fast(t.GEMMA)).prompt_ids(Question("q", "t", "2 + 2 =", turns=turns))


@pytest.mark.parametrize("name", ["chat", "dialogue"])
def test_without_a_channel_all_of_a_completion_is_reasoning(name):
    form = choose(name, t.Fast(t.CHATML))
    parsed = form.parse([1, 2], [7, 8, 9])
    assert (parsed.prompt_ids, parsed.reasoning_ids, parsed.rest_ids) == ((1, 2), (7, 8, 9), ())
    assert (parsed.response, parsed.closed) == ("", False)


# --- letters


def test_candidates_follow_the_open_parenthesis():
    form = choose("dialogue", t.Fast(special=(*t.SPECIAL, "(A")))
    assert len(form.tokenizer.encode_rendered("(A")) == 1  # this tokenizer would merge them
    assert form.candidates(CHOICE) == (form.tokenizer.encode("A"), form.tokenizer.encode("B"))
    assert form.tokenizer.decode((*form.answer_ids(CHOICE), *form.candidates(CHOICE)[1])).endswith("(B")
    assert form.candidates(SUM) == ()


class Letters(t.Fast):
    """A tokenizer with ids of its own for some letters."""

    def __init__(self, ids):
        super().__init__()
        self.ids = ids

    def encode(self, text):
        return self.ids[text] if text in self.ids else super().encode(text)


@pytest.mark.parametrize(
    ("ids", "fault"), [({"A": (3, 4), "B": (3, 4)}, "B the same ids [3, 4] as A"), ({"B": ()}, "B no ids")]
)  # fmt: skip
def test_letters_that_cannot_be_told_apart_are_refused(ids, fault):
    sentence = f"The tokenizer gives the option letter {fault}: answers of this model cannot be told apart."
    with pytest.raises(EngineError, match=f"^{re.escape(sentence)}$"):
        choose("dialogue", Letters(ids)).candidates(CHOICE)


def test_a_letter_of_several_tokens_stays_several():
    assert choose("dialogue", Letters({"A": (3, 4), "B": (3, 5)})).candidates(CHOICE) == ((3, 4), (3, 5))


@pytest.mark.parametrize("name", ["chat", "dialogue"])
def test_more_choices_than_letters_are_refused(name):
    many = Question("q9", "t", "Which?", tuple(str(i) for i in range(27)))
    with pytest.raises(
        DataError, match=r"^Question 'q9' has 27 choices, but only 26 can have a letter: split the question or drop"
    ):
        choose(name, t.Fast(t.CHATML)).prompt_ids(many)
