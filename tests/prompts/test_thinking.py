import re
import time

import pytest
import templates as t
from hypothesis import given
from hypothesis import strategies as st
from templates import ASKED, CHOICE, CUE, POSED, THOUGHT, whole

from cotfaith.errors import UsageError
from cotfaith.prompts import choose, messages


@pytest.mark.parametrize(
    ("template", "head", "close"),
    [
        (t.R1, "<s><|user|>{}<|assistant|><think>\n", "\n</think>\n\n"),
        (t.QWEN3, "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n<think>\n", "\n</think>\n\n"),
        (t.TIGHT, "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n<think>", "</think>"),
        (t.BRACKETS, "<s>Draft between [THINK] and [/THINK].[INST]{}[/INST][THINK]", "[/THINK]"),
        (t.GEMMA4, "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n<|channel>thought\n", "\n<channel|>"),
        (
            t.HARMONY,
            "<|start|>user<|message|>{}<|end|><|start|>assistant<|channel|>analysis<|message|>",
            "<|end|><|start|>assistant<|channel|>final<|message|>",
        ),
    ],
)
@pytest.mark.parametrize("reasoning", [THOUGHT, ""])
def test_thinking_text(template, head, close, reasoning):
    form = choose("thinking", t.Fast(template))
    assert whole(form, CHOICE, reasoning) == head.format(f"{POSED}\n\n{ASKED}") + reasoning + close + CUE
    assert (form.stop, form.stop_ids) == ((), ())


@pytest.mark.parametrize(("template", "field"), [(t.QWEN3, "reasoning"), (t.HARMONY, "thinking")])
def test_thinking_is_what_the_template_renders(template, field):
    form = choose("thinking", t.Fast(template))
    messages = [{"role": "user", "content": f"{POSED}\n\n{ASKED}"}, {"role": "assistant", "content": CUE, field: THOUGHT}]
    assert whole(form, CHOICE) == form.tokenizer.chat(messages, speak=False).removesuffix("<|end|>")


def test_thinking_does_not_repeat_the_new_line_before_the_closing_tag():
    form = choose("thinking", t.Fast(t.R1))
    assert whole(form, CHOICE, THOUGHT + "\n") == whole(form, CHOICE, THOUGHT)


@pytest.mark.parametrize("template", [t.CHATML, t.R1_OLD], ids=["no tag", "a tag that is only removed"])
def test_thinking_needs_a_channel_that_the_template_uses(template):
    sentence = (
        "The chat template of this model opens no reasoning channel and renders no reasoning: use --format chat, or name the tags of "
        "its channel in a study file (channel: {open: ..., close: ...})."
    )
    with pytest.raises(UsageError, match=f"^{re.escape(sentence)}$"):
        choose("thinking", t.Fast(template))


def test_thinking_refuses_a_template_that_has_reasoning_switched_off():
    sentence = (
        "The chat template of this model closes the reasoning channel itself (its prompt ends in </think>), "
        "and it reads no variable that could switch reasoning on: use --format chat."
    )
    with pytest.raises(UsageError, match=f"^{re.escape(sentence)}$"):
        choose("thinking", t.Fast(t.QWEN3_OFF))


# --- a channel that the study names


NAMED = ("\n<think>\n", "\n</think>\n")


@pytest.mark.parametrize("name", ["auto", "thinking"])
def test_a_named_channel_stands_where_the_template_shows_none(name):
    form = choose(name, t.Fast(t.R1_OLD), NAMED)
    assert form.name == "thinking"
    assert whole(form, CHOICE) == f"<s><|user|>{POSED}\n\n{ASKED}<|assistant|>\n<think>\n{THOUGHT}\n</think>\n{CUE}"
    parsed = form.parse(form.prompt_ids(CHOICE), form.tokenizer.encode_rendered("a\n</think>\nb"))
    assert (form.tokenizer.decode(parsed.reasoning_ids), parsed.response, parsed.closed) == ("a\n", "\nb", True)


def test_a_named_channel_that_the_prompt_opens_is_not_opened_again():
    form = choose("auto", t.Fast(t.R1), ("<think>\n", "</think>"))
    assert whole(form, CHOICE) == f"<s><|user|>{POSED}\n\n{ASKED}<|assistant|><think>\n{THOUGHT}</think>{CUE}"


def test_a_named_channel_is_for_the_format_thinking():
    sentence = "Study key channel is for --format thinking, and the format is chat: use --format thinking, or remove channel."
    with pytest.raises(UsageError, match=f"^{re.escape(sentence)}$"):
        choose("chat", t.Fast(t.R1), NAMED)


FINAL = "<|start|>assistant<|channel|>final<|message|>"


@pytest.mark.parametrize(
    ("template", "text", "parts"),
    [
        (t.R1, "a b</think>\n\nc", ("", "a b", "\n\nc")),
        (t.R1, "a b\n</think>", ("", "a b\n", "")),
        (t.R1, "</think>c", ("", "", "c")),
        (t.R1, "<think>\na</think>c", ("<think>", "\na", "c")),
        (t.R1, "\n<think> <think>a</think>c", ("\n<think> <think>", "a", "c")),
        (t.R1, "a<think>b</think>c</think>d", ("", "a<think>b", "c</think>d")),
        (t.R1, "<think></think>c", ("<think>", "", "c")),
        (t.R1, "a b", ("", "a b", None)),
        (t.R1, "<think>a b", ("<think>", "a b", None)),
        (t.R1, "", ("", "", None)),
        (t.R1, "a [/THINK] b", ("", "a [/THINK] b", None)),
        (t.BRACKETS, "[THINK]a[/THINK]c", ("[THINK]", "a", "c")),
        (t.BRACKETS, "a</think>b[/THINK]", ("", "a</think>b", "")),
        (t.GEMMA4, "a\n<channel|>c", ("", "a\n", "c")),
        (t.HARMONY, f"a<|end|>{FINAL}c", ("", "a", "c")),
        (t.HARMONY, "a<|end|>c", ("", "a", "c")),
        (t.HARMONY, f"<|channel|>analysis<|message|>a<|end|>{FINAL}c", ("<|channel|>analysis<|message|>", "a", "c")),
    ],
)
@pytest.mark.parametrize("special", [t.SPECIAL, ("<s>", "</s>")])
def test_parse(template, text, parts, special):
    tags, reasoning, response = parts
    form = choose("thinking", t.Fast(template, special))
    decode, ids = form.tokenizer.decode, form.tokenizer.encode_rendered(text)
    prompt = form.prompt_ids(CHOICE)
    parsed = form.parse(prompt, ids)
    assert decode(parsed.prompt_ids[len(prompt) :]) == tags
    assert decode(parsed.reasoning_ids) == reasoning
    assert (parsed.response, parsed.closed) == (response or "", response is not None)
    assert (*parsed.prompt_ids, *parsed.reasoning_ids, *parsed.rest_ids) == (*prompt, *ids)


AGAIN = "<|start|>assistant<|channel|>analysis<|message|>"


@pytest.mark.parametrize(
    ("text", "reasoning", "response"),
    [
        (f"a<|end|>{AGAIN}b<|end|>{FINAL}c", f"a<|end|>{AGAIN}b", "c"),
        (f"a<|end|>{FINAL}c<|end|>{AGAIN}d<|end|>", "a", "c\n\nd"),
        (f"a<|end|>{AGAIN}b", f"a<|end|>{AGAIN}b", None),
        ("a<|end|><|start|>assistant<|channel|>final json<|message|>{}", "a", "{}"),
        (f"a<|end|><|start|>assistant<|channel|>commentary<|message|>b<|end|>{FINAL}c", "a", "b\n\nc"),
        (f"a<|end|><|start|>assistant<|channel|>commentary<|message|>b<|end|>{AGAIN}c<|end|>{FINAL}d",
         f"a<|end|><|start|>assistant<|channel|>commentary<|message|>b<|end|>{AGAIN}c", "d"),
    ],
)  # fmt: skip
def test_messages_of_reasoning_belong_together_and_no_mark_stays_in_the_response(text, reasoning, response):
    form = choose("thinking", t.Fast(t.HARMONY))
    prompt, ids = form.prompt_ids(CHOICE), form.tokenizer.encode_rendered(text)
    parsed = form.parse(prompt, ids)
    assert form.tokenizer.decode(parsed.reasoning_ids) == reasoning
    assert (parsed.response, parsed.closed) == (response or "", response is not None)
    assert (*parsed.prompt_ids, *parsed.reasoning_ids, *parsed.rest_ids) == (*prompt, *ids)


@pytest.mark.parametrize(
    "piece", ["<|end|>", "<|start|>assistant", AGAIN, "<|end|>" + AGAIN, "<|end|><|start|>assistant<|channel|>", " "]
)
def test_reading_a_completion_takes_time_in_proportion_to_it(piece):
    form = choose("thinking", t.Fast(t.HARMONY))
    text = piece * (100_000 // len(piece))
    started = time.process_time()
    close = messages.end_of_reasoning(form.channel, text)
    messages.answer(form.channel, text[max(close, 0) :])
    assert time.process_time() - started < 2


def test_an_opening_tag_within_the_reasoning_is_reasoning():
    form = choose("thinking", t.Fast(t.R1))
    ids = form.tokenizer.encode_rendered("<think>a</think>c")
    parsed = form.parse((*form.prompt_ids(CHOICE), *form.tokenizer.encode(" So")), ids)
    assert (form.tokenizer.decode(parsed.reasoning_ids), parsed.response) == ("<think>a", "c")


class Glued(t.Fast):
    """A tokenizer in which tags share tokens with text: one token for each piece."""

    pieces = ("a", " b.</", "think", ">c", "<think>", "<think>\n", "<think>d", "</think>")

    def decode(self, ids):
        return "".join(self.pieces[i] for i in ids)


@pytest.mark.parametrize(
    ("ids", "sizes"),
    [
        ([0, 1, 2, 3], (0, 1, 3)),  # the token with the beginning of the tag is the tag's
        ([5, 0, 7], (1, 1, 1)),  # white space goes with the opening tag
        ([6, 0, 7], (0, 2, 1)),  # reasoning glued to the opening tag keeps it
        ([4, 7, 7], (1, 0, 2)),
    ],
)
def test_parse_cuts_only_between_tokens(ids, sizes):
    parsed = choose("thinking", Glued(t.R1)).parse([4], ids)
    assert (len(parsed.prompt_ids) - 1, len(parsed.reasoning_ids), len(parsed.rest_ids)) == sizes


TOKENIZER = t.Fast(t.R1)
TAGS = [TOKENIZER.encode_rendered(tag)[0] for tag in ("<think>", "</think>")]


@given(
    st.lists(st.one_of(st.integers(0, len(TOKENIZER.inner) - 1), st.sampled_from(TAGS)), max_size=30),
    st.sampled_from([(1, 2), (1, TAGS[0])]),
)
def test_parse_never_loses_an_id(ids, prompt):
    parsed = choose("thinking", TOKENIZER).parse(prompt, ids)
    assert (*parsed.prompt_ids, *parsed.reasoning_ids, *parsed.rest_ids) == (*prompt, *ids)
    assert parsed.closed == ("</think>" in TOKENIZER.decode(ids)) == bool(parsed.rest_ids)
    assert "</think>" not in TOKENIZER.decode(parsed.reasoning_ids)
