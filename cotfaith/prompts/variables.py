"""The variables of a chat template: those that it reads, those that a study gives, and those that switch reasoning on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from jinja2 import TemplateError, meta, nodes
from jinja2.ext import Extension
from jinja2.ext import loopcontrols as LoopControls  # noqa: N812  its name in jinja
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from cotfaith.errors import UsageError
from cotfaith.prompts.rendering import TRIAL, Refused, render
from cotfaith.prompts.wording import posed
from cotfaith.types import TemplateTokenizer, Tokenizer, Turn, Value, Variables

# What renders a template gives these itself; the names of special tokens end in _token or _tokens.
RESERVED = frozenset({
    "messages", "conversation", "tools", "documents", "chat_template", "add_generation_prompt", "continue_final_message", "tokenize",
    "padding", "truncation", "max_length", "return_tensors", "return_dict", "return_assistant_tokens_mask", "tokenizer_kwargs",
    "raise_exception", "strftime_now",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Switch:
    """A variable by which templates switch reasoning on and off, and its values for both."""

    name: str
    on: Value = True
    off: Value = False


SWITCHES = (
    Switch("enable_thinking"),  # Qwen3, GLM, Gemma 4, EXAONE 4, Hunyuan
    Switch("thinking"),  # DeepSeek-V3.1, Granite, Kimi
    Switch("enable_reasoning"),
    Switch("reasoning"),  # Command A Reasoning
    Switch("reasoning_effort", "high", "none"),  # Mistral Small 4
)
Thinking = Literal["on", "off", ""]


class _Generation(Extension):
    """The tag `generation` of transformers, which marks the assistant's text: here only what stands in it counts."""

    tags = {"generation"}  # noqa: RUF012  as jinja declares it

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """What stands between the tag and its end."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


@lru_cache(maxsize=64)
def read_by(template: str) -> tuple[str, ...]:
    """The names of the variables that the source of a chat template reads and a user may give, in alphabetical order.

    A name that the template sets before it reads it, and never asks about (`is defined`, `default`), is its own.

    Raises:
        UsageError: the source is not a template.
    """
    environment = ImmutableSandboxedEnvironment(extensions=[LoopControls, _Generation])
    try:
        tree = environment.parse(template)
        found = meta.find_undeclared_variables(tree) - _own(tree)
    except TemplateError as error:
        raise UsageError(f"The chat template of this model is not a jinja template ({error}): use --format dialogue.") from error
    return tuple(sorted(name for name in found - RESERVED if not name.endswith(("_token", "_tokens"))))


def _own(tree: nodes.Template) -> frozenset[str]:
    """The names that a template sets, except those that it reads first or asks about."""
    first: dict[str, str] = {}
    asked = set[str]()
    for node in _in_order(tree):
        if isinstance(node, nodes.Name):
            first.setdefault(node.name, node.ctx)
        elif (isinstance(node, nodes.Test) and node.name in {"defined", "undefined"}) or (
            isinstance(node, nodes.Filter) and node.name in {"default", "d"}
        ):
            asked |= {node.node.name} if isinstance(node.node, nodes.Name) else set()
    return frozenset(name for name, ctx in first.items() if ctx == "store") - asked


def _in_order(node: nodes.Node) -> Iterator[nodes.Node]:
    """A node and all nodes in it, in the order in which the template runs: what is assigned comes before its name."""
    yield node
    last = (node.target,) if isinstance(node, nodes.Assign | nodes.AssignBlock | nodes.For) else ()
    children = [one for one in node.iter_child_nodes() if one not in last]
    if isinstance(node, nodes.For):  # its target is set before its body runs
        children = [node.iter, node.target, *(one for one in children if one is not node.iter)]
        last = ()
    for child in (*children, *last):
        yield from _in_order(child)


def given(tokenizer: Tokenizer) -> Variables:
    """The template variables that `tokenizer` renders with."""
    return tokenizer.variables if isinstance(tokenizer, TemplateTokenizer) else {}


def with_variables(tokenizer: Tokenizer, variables: Variables, name: str) -> Tokenizer:
    """`tokenizer`, of the model `name`, rendering with `variables`. Without any, it is unchanged.

    Raises:
        UsageError: there is no chat template, it does not read one of them, or the engine cannot give any.
    """
    if not variables:
        return tokenizer
    named = ", ".join(variables)
    if not tokenizer.has_template:
        raise UsageError(f"Model {name} has no chat template, which could read {named}: leave template variables out.")
    known = read_by(tokenizer.template)
    for one in variables:
        if one not in known:
            reads = f"it reads {', '.join(known)}" if known else "it reads none, so leave template variables out"
            raise UsageError(f"The chat template of {name} does not read the variable {one!r}: {reads}.")
    if not isinstance(tokenizer, TemplateTokenizer):
        raise UsageError(f"The engine of {name} cannot give its chat template the variables {named}: leave them out.")
    return tokenizer.with_variables(variables)


def thinking(tokenizer: Tokenizer) -> tuple[Thinking, Switch | None]:
    """Whether the template has reasoning switched on, and by which variable. ("", None) if no known variable changes its prompts.

    A switch is off if the prompt is that of its value for off. It is on if the prompt is any other one.
    """
    for switch, (on, off) in _effects(tokenizer):
        now = head(tokenizer)
        return ("off" if now == off and now != on else "on"), switch
    return "", None


def switched_on(tokenizer: Tokenizer) -> Tokenizer:
    """`tokenizer` with the first switch on that is off and has no value. Unchanged if there is none."""
    for switch, (on, off) in _effects(tokenizer):
        if head(tokenizer) == off != on and switch.name not in given(tokenizer):
            return _with(tokenizer, switch.name, switch.on)
    return tokenizer


def option(variables: Mapping[str, Value]) -> str:
    """`variables` as options of the command line."""
    return " ".join(f"--template {name}={said(value)}" for name, value in variables.items())


def said(value: Value) -> str:
    """A value of a variable as it is written on the command line and in a study file."""
    if isinstance(value, list):
        return f"[{', '.join(map(said, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def switching(tokenizer: Tokenizer) -> str:
    """How reasoning is switched on in the template of `tokenizer`, for an error."""
    state, switch = thinking(tokenizer)
    if state == "off" and switch is not None:
        return f"switch reasoning on with {option({switch.name: switch.on})}"
    known = read_by(tokenizer.template)
    return f"switch reasoning on, if one of its variables does that (it reads {', '.join(known)})" if known else ""


def _effects(tokenizer: Tokenizer) -> Sequence[tuple[Switch, tuple[str, str]]]:
    """The switches that the template reads and that change its prompt, with the prompts for on and for off."""
    if not (tokenizer.has_template and isinstance(tokenizer, TemplateTokenizer)):
        return ()
    known = read_by(tokenizer.template)
    heads = ((one, (head(_with(tokenizer, one.name, one.on)), head(_with(tokenizer, one.name, one.off)))) for one in SWITCHES if one.name in known)  # fmt: skip
    return [(one, (on, off)) for one, (on, off) in heads if on is not None and off is not None and on != off]


def _with(tokenizer: Tokenizer, name: str, value: Value) -> Tokenizer:
    return cast("TemplateTokenizer", tokenizer).with_variables({**given(tokenizer), name: value})


def head(tokenizer: Tokenizer) -> str | None:
    """The prompt of a trial question; None where the template refuses it."""
    try:
        return render(tokenizer, (Turn("user", posed(TRIAL)),))
    except Refused:
        return None
