"""Prompt formats: they turn a question and the reasoning so far into token ids.

Each format says how a prompt opens, up to where the reasoning begins, and what follows the reasoning so that the answer can be
read. Text is rendered once; everything later is appended to the ids that the model itself produced.

`chat` is the dialogue of Lanham et al. 2023 (arXiv 2307.13702, Table 1; addition: section 3.2, Table 5) in the model's own chat
template, `dialogue` the same as plain text for base models, `thinking` the same questions and cues around the reasoning channel
of a reasoning model. The paper's typographic apostrophes are straight here.
"""

from __future__ import annotations

from cotfaith import seeds
from cotfaith.contracts.prompt_format import AbstractFormat, Parsed
from cotfaith.errors import UsageError, unknown
from cotfaith.plugins import registry
from cotfaith.prompts import variables
from cotfaith.prompts.advice import refusal
from cotfaith.prompts.asking import find_channel
from cotfaith.prompts.channels import Channel, tags_in
from cotfaith.prompts.rendering import TRIAL, Refused
from cotfaith.prompts.resolved import ResolvedFormat, resolved
from cotfaith.prompts.thinking import Thinking
from cotfaith.prompts.variables import given, said, with_variables
from cotfaith.prompts.wording import answer_stop, cue, posed
from cotfaith.types import Tokenizer

__all__ = [
    "AbstractFormat",
    "Parsed",
    "ResolvedFormat",
    "answer_stop",
    "check_name",
    "choose",
    "cue",
    "given",
    "posed",
    "resolved",
    "said",
    "stray_tags",
    "template_hash",
    "with_variables",
]

GROUP: registry.Group = "cotfaith.formats"
WITHOUT_CHANNEL = ("chat", "dialogue")


def choose(name: str, tokenizer: Tokenizer, channel: tuple[str, str] | None = None) -> AbstractFormat:
    """The format called `name`. With "auto", the format that fits the model's chat template.

    That is `thinking` where the generation prompt opens a reasoning channel, or the template renders reasoning into one and does not
    switch it off; else `chat`, and `dialogue` where there is no template. "thinking", if it is asked for, switches reasoning on in a
    template that has a known variable for it which has no value: the tokenizer of the format then has that variable.

    Args:
        name: A format, or "auto".
        tokenizer: The model's tokenizer.
        channel: The texts that open and close the reasoning channel, with their white space, in place of what the template shows.
            The format is then `thinking`.

    Raises:
        UsageError: There is no such format, or the chat template does not allow it.
    """
    if channel is not None:
        return Thinking(tokenizer, _named(name, channel))
    if name == "auto":
        name = _natural(tokenizer)
    elif name == "thinking":
        tokenizer = variables.switched_on(tokenizer)
    check_name(name)
    cls = registry.load(GROUP, name)
    if not issubclass(cls, AbstractFormat):
        raise UsageError(
            f"Prompt format {name!r} is registered as {cls.__name__}, not an AbstractFormat: correct the package that registers it."
        )
    return cls(tokenizer)  # type: ignore[call-arg]  # the one field that it needs


def check_name(name: str) -> None:
    """Refuse a name that is neither "auto" nor that of a format.

    Raises:
        UsageError: There is no such format.
    """
    if name != "auto" and name not in registry.names(GROUP):
        raise unknown("prompt format", name, ("auto", *registry.names(GROUP)))


def _named(name: str, channel: tuple[str, str]) -> Channel:
    """The channel that a study names."""
    if name not in {"auto", "thinking"}:
        raise UsageError(
            f"Study key channel is for --format thinking, and the format is {name}: use --format thinking, or remove channel."
        )
    opens, closing = channel
    return Channel(opens.strip(), closing.strip(), opens, closing, "model")


def stray_tags(format_name: str, reasoning: str) -> tuple[str, ...]:
    """What looks like a tag of a reasoning channel in a reasoning of a built-in format without one: the model may have its own channel."""
    return tags_in(reasoning) if format_name in WITHOUT_CHANNEL else ()


def template_hash(tokenizer: Tokenizer) -> str:
    """The tagged hash of the chat template's source, for the manifest."""
    return seeds.key("template", tokenizer.template)


def _natural(tokenizer: Tokenizer) -> str:
    if not tokenizer.has_template:
        return "dialogue"
    try:
        channel = find_channel(tokenizer)
    except Refused as reason:
        raise refusal(reason, tokenizer, None, TRIAL, "auto") from reason
    return "thinking" if channel is not None and channel.reasons else "chat"
