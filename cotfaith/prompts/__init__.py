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
from cotfaith.prompts.channels import find_channel
from cotfaith.prompts.rendering import TRIAL, render
from cotfaith.prompts.wording import answer_stop, posed
from cotfaith.types import Tokenizer, Turn

__all__ = ["AbstractFormat", "Parsed", "answer_stop", "choose", "posed", "template_hash"]

GROUP: registry.Group = "cotfaith.formats"


def choose(name: str, tokenizer: Tokenizer) -> AbstractFormat:
    """The format called `name`. With "auto", the format that fits the model's chat template.

    That is `thinking` where the template has a reasoning channel and does not close it before the model speaks, else `chat`,
    and `dialogue` where there is no template.

    Raises:
        UsageError: There is no such format, or the chat template does not allow it.
    """
    if name == "auto":
        name = _natural(tokenizer)
    if name not in registry.names(GROUP):
        raise unknown("prompt format", name, ("auto", *registry.names(GROUP)))
    cls = registry.load(GROUP, name)
    if not issubclass(cls, AbstractFormat):
        raise UsageError(
            f"Prompt format {name!r} is registered as {cls.__name__}, not an AbstractFormat: correct the package that registers it."
        )
    return cls(tokenizer)  # type: ignore[call-arg]  # its one field


def template_hash(tokenizer: Tokenizer) -> str:
    """The tagged hash of the chat template's source, for the manifest."""
    return seeds.key("template", tokenizer.template)


def _natural(tokenizer: Tokenizer) -> str:
    if not tokenizer.has_template:
        return "dialogue"
    channel = find_channel(tokenizer)
    if channel is None or render(tokenizer, (Turn("user", posed(TRIAL)),)).rstrip().endswith(channel.close):
        return "chat"
    return "thinking"
