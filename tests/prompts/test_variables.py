"""Template variables: what a template reads, switches, and the resolved format with its notes on the beginning of a prompt."""

from __future__ import annotations

from typing import Any

import pytest
import templates as t
import yaml
from engines import tiny
from tokenizers import processors
from transformers import PreTrainedTokenizerFast

from cotfaith.engines.shared.tokenizer import ContinuationTokenizer
from cotfaith.errors import UsageError
from cotfaith.prompts import choose, given, resolved, with_variables
from cotfaith.prompts.variables import read_by, said, switched_on, thinking

EFFORT = (
    "<s>[SETTINGS]{{ reasoning_effort | default('none') }}[/SETTINGS]{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
ON = t.HYBRID.replace("enable_thinking is defined and enable_thinking", "enable_thinking is not defined or enable_thinking")
STRICT = t.HYBRID.replace(
    "{% for m", "{% if enable_thinking is defined and enable_thinking is not boolean %}{{ raise_exception('no') }}{% endif %}{% for m", 1
)  # fmt: skip


class Dropping(ContinuationTokenizer):
    """Loses the first token of rendered text, as a faulty conversion does."""

    def encode_rendered(self, text: str) -> tuple[int, ...]:
        """All ids but the first."""
        return super().encode_rendered(text)[1:]


def tokenizer(
    template: str, *, bos: str | None = None, adds: bool = False, cls: type[ContinuationTokenizer] = ContinuationTokenizer
) -> ContinuationTokenizer:
    """A tokenizer with `template`, which knows the token `bos`, and `adds` it to plain text."""
    inner = PreTrainedTokenizerFast(
        tokenizer_object=tiny.byte_level().backend_tokenizer, eos_token="</s>", bos_token=bos, chat_template=template or None
    )
    if adds:
        inner.backend_tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    return cls(inner, "m")


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}", ()),
        ("{% set b = a | default(1) %}{{ b }}{{ tools }}{{ strftime_now('%d') }}{{ raise_exception('x') }}", ("a",)),
        ("{% if not x is defined %}{% set x = false %}{% endif %}{{ x }}", ("x",)),
        ("{% set ns = namespace(n=0) %}{% for i in range(3) %}{% if i %}{% break %}{% endif %}{% endfor %}{{ builtin_tools }}", ("builtin_tools",)),
        ("{% generation %}{{ thinking }}{% endgeneration %}{{ date_string }}", ("date_string", "thinking")),
        (t.HYBRID, ("effort", "enable_thinking")),
        (t.CHATML, ()),
        ("{% if messages %}{% set c = messages[0].content %}{% endif %}{{ c }}", ()),
        ("{% for m in messages %}{% if m.role %}{% set c = m.content %}{% else %}{% set c = '' %}{% endif %}{{ c }}{% endfor %}", ()),
        ("{% if messages %}{% set c %}{{ a }}{% endset %}{% endif %}{{ c }}", ("a",)),
        ("{% if messages %}{% set c = c %}{% endif %}{{ c }}", ("c",)),
        ("{% if messages %}{% set c = 1 %}{% endif %}{% if c is defined %}{{ c }}{% endif %}", ("c",)),
        ("{% if messages %}{% set c = 1 %}{% endif %}{{ c | default(2) }}", ("c",)),
        ("{% if c %}{% set c = 1 %}{% endif %}{{ c }}", ("c",)),
    ],
)  # fmt: skip
def test_what_a_template_reads_is_found_by_its_syntax(template: str, names: tuple[str, ...]) -> None:
    assert read_by(template) == names


def test_a_template_that_is_not_one_is_one_sentence() -> None:
    with pytest.raises(
        UsageError, match=r"^The chat template of this model is not a jinja template \(.*\): use --format dialogue\.$"
    ):
        read_by("{% if %}")


@pytest.mark.parametrize(
    ("template", "variables", "message"),
    [
        (
            t.HYBRID,
            {"thinking": True},
            "The chat template of m does not read the variable 'thinking': it reads effort, enable_thinking.",
        ),
        (
            t.CHATML,
            {"thinking": True},
            "The chat template of m does not read the variable 'thinking': it reads none, so leave template variables out.",
        ),
        (
            t.CHATML,
            {"messages": "x"},
            "The chat template of m does not read the variable 'messages': it reads none, so leave template variables out.",
        ),
        ("", {"x": 1}, "Model m has no chat template, which could read x: leave template variables out."),
    ],
)
def test_a_variable_that_is_not_read_is_refused(template: str, variables: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        with_variables(tokenizer(template), variables, "m")
    assert str(caught.value) == message


def test_a_tokenizer_that_takes_no_variables_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^The engine of m cannot give its chat template the variables effort: leave them out\.$"):
        with_variables(t.Fast(t.HYBRID), {"effort": "low"}, "m")


def test_variables_reach_the_template_and_leave_the_first_tokenizer_alone() -> None:
    first = tokenizer(t.HYBRID)
    second = with_variables(first, {"effort": "low", "enable_thinking": True}, "m")
    turns = (t.Turn("user", "Hi"),)
    assert first.render(turns) == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
    assert second.render(turns) == (
        "<|im_start|>system\nEffort: low<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n<think>\n"
    )
    assert (given(first), given(second)) == ({}, {"effort": "low", "enable_thinking": True})
    assert with_variables(first, {}, "m") is first


@pytest.mark.parametrize(
    ("template", "variables", "state", "name"),
    [
        (t.HYBRID, {}, "off", "enable_thinking"),
        (t.HYBRID, {"enable_thinking": True}, "on", "enable_thinking"),
        (ON, {}, "on", "enable_thinking"),
        (ON, {"enable_thinking": False}, "off", "enable_thinking"),
        (STRICT, {}, "off", "enable_thinking"),
        (EFFORT, {}, "off", "reasoning_effort"),
        (EFFORT, {"reasoning_effort": "low"}, "on", "reasoning_effort"),
        (t.R1, {}, "", None),
        (t.CHATML, {}, "", None),
        ("", {}, "", None),
    ],
)
def test_whether_a_template_has_reasoning_on_is_read_from_its_prompts(
    template: str, variables: dict[str, Any], state: str, name: str | None
) -> None:
    found, switch = thinking(with_variables(tokenizer(template), variables, "m"))
    assert (found, switch.name if switch else None) == (state, name)


def test_reasoning_is_switched_on_only_where_it_is_off_and_has_no_value() -> None:
    assert given(switched_on(tokenizer(t.HYBRID))) == {"enable_thinking": True}
    assert given(switched_on(tokenizer(EFFORT))) == {"reasoning_effort": "high"}
    off = tokenizer(t.HYBRID).with_variables({"enable_thinking": False})
    assert switched_on(off) is off
    for template in (ON, t.R1, t.CHATML, ""):
        one = tokenizer(template)
        assert switched_on(one) is one


def test_the_format_auto_changes_no_variable() -> None:
    assert given(choose("auto", tokenizer(t.HYBRID)).tokenizer) == {}
    assert choose("auto", tokenizer(t.HYBRID)).name == "chat"
    assert choose("auto", tokenizer(t.HYBRID).with_variables({"enable_thinking": True})).name == "thinking"
    assert given(choose("thinking", tokenizer(t.HYBRID)).tokenizer) == {"enable_thinking": True}


def test_thinking_that_the_user_switched_off_names_the_variable() -> None:
    with pytest.raises(UsageError) as caught:
        choose("thinking", tokenizer(t.HYBRID).with_variables({"enable_thinking": False}))
    assert str(caught.value) == (
        "The chat template of this model closes the reasoning channel itself (its prompt ends in </think>): "
        "switch reasoning on with --template enable_thinking=true, or use --format chat."
    )


def test_the_resolved_format_has_both_ends_of_a_prompt_and_what_ends_a_completion() -> None:
    asked = {"effort": "low"}
    form = choose("thinking", tokenizer(t.HYBRID, bos="<|im_start|>").with_variables(asked))
    found = resolved(form, frozenset({1, 7}), asked)
    assert (found.format, found.template, found.channel, found.reasoning) == ("thinking", True, ("<think>", "</think>"), "on")
    assert (found.switch, found.bos, found.stop_ids, found.stop) == ("enable_thinking", True, (1, 7), ())
    assert found.variables == {"effort": "low", "enable_thinking": True}
    assert found.first == "<|im_start|>system\nEffort: low<|im_end|>\n"[:40]
    assert found.last.endswith("|im_end|>\n<|im_start|>assistant\n<think>\n")
    assert (len(found.first), len(found.last)) == (40, 40)
    assert found.notes == ("--format thinking set --template enable_thinking=true, since no value was given",)
    first, second = found.lines()
    assert first == (
        "thinking (chat template); channel '<think>' ... '</think>'; reasoning on (enable_thinking); BOS first; stops token 1, token 7; "
        "template variables effort=low, enable_thinking=true"
    )
    assert second == f"prompt of a trial question: {found.first!r} ... {found.last!r}"


def test_a_plain_prompt_resolves_without_a_template() -> None:
    found = resolved(choose("dialogue", tokenizer(t.HYBRID, bos="<s>", adds=True)))
    assert (found.format, found.template, found.channel, found.reasoning, found.bos) == ("dialogue", False, (), "", True)
    assert (found.first.startswith("<s>Human:"), found.stop, found.notes) == (True, ("\n\nHuman:",), ())


@pytest.mark.parametrize(
    ("template", "bos", "adds", "said_"),
    [
        (t.CHATML, None, False, []),
        ("{{ bos_token }}" + t.CHATML, "<s>", False, []),
        ("{{ bos_token }}" + t.CHATML, "<s>", True, []),
        (t.CHATML, "<s>", False, ["has the beginning-of-text token '<s>', which its tokenizer does not add either, and"]),
        (t.CHATML, "<s>", True, ["has the beginning-of-text token '<s>', which its tokenizer puts before plain text, and"]),
        ("{{ bos_token }}{{ bos_token }}" + t.CHATML, "<s>", False, ["begin with the beginning-of-text token '<s>' twice"]),
    ],
)
def test_a_prompt_without_its_beginning_of_text_token_has_a_note(
    template: str, bos: str | None, adds: bool, said_: list[str]
) -> None:
    found = resolved(choose("chat", tokenizer(template, bos=bos, adds=adds)))
    assert found.bos == (None if bos is None else "bos_token" in template)
    assert len(found.notes) == len(said_)
    assert all(part in note for part, note in zip(said_, found.notes, strict=True))


def test_a_prompt_that_begins_otherwise_than_the_tokenizers_own_has_a_note() -> None:
    (note,) = resolved(choose("chat", tokenizer(t.CHATML, cls=Dropping))).notes
    assert "has prompts that begin with 'user" in note
    assert "but its tokenizer itself begins them with '<|im_start|>user" in note


def test_a_variable_of_the_template_itself_is_refused() -> None:
    own = t.CHATML.replace("{{ m.content }}", "{% if m.content %}{% set c = m.content %}{% endif %}{{ c }}")
    with pytest.raises(UsageError, match=r"does not read the variable 'c': it reads none, so leave template variables out\.$"):
        with_variables(tokenizer(own), {"c": "x"}, "m")


def test_a_template_that_knows_a_tag_that_its_prompts_do_not_open_has_a_note() -> None:
    (note,) = resolved(choose("auto", tokenizer(t.R1_OLD.replace("<s>", "")))).notes
    assert "knows the reasoning tag '</think>', and its prompts open no reasoning channel" in note
    texts = yaml.safe_load(note.partition("study file (")[2].removesuffix(")"))["channel"]
    assert texts == {"open": "<think>\n", "close": "\n</think>\n\n"}
    named = choose("auto", tokenizer(t.R1_OLD.replace("<s>", "")), (texts["open"], texts["close"]))
    assert resolved(named).notes == ()
    assert resolved(named).channel == ("<think>", "</think>")


def test_values_are_said_as_they_are_written() -> None:
    assert [said(value) for value in (True, 3, 0.5, "high", ["a", False])] == ["true", "3", "0.5", "high", "[a, false]"]
