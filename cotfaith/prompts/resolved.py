"""The resolved format of a model: how its prompts begin and end, where its reasoning stands, and what ends it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cotfaith.contracts.prompt_format import AbstractFormat
from cotfaith.prompts.asking import find_channel
from cotfaith.prompts.channels import KNOWN
from cotfaith.prompts.rendering import TRIAL
from cotfaith.prompts.thinking import Thinking
from cotfaith.prompts.variables import given, head, option, said, thinking
from cotfaith.prompts.wording import posed
from cotfaith.types import Question, TemplateTokenizer, Tokenizer, Turn, Value, Variables

SHOWN = 40  # characters of a prompt that are shown at both ends
FIRST = 4  # tokens at the beginning of a prompt that are compared


@dataclass(frozen=True, slots=True)
class ResolvedFormat:
    """What the prompts of one model are like, for people. The fields are JSON-ready, and the manifest holds them.

    Attributes:
        format: the name of the prompt format.
        template: whether the model's chat template writes the prompts.
        channel: the marks that open and close the reasoning; empty if reasoning stands in the visible text.
        reasoning: "on" or "off" for a template that can reason, "opened" if the template has it off and the format opens the channel
            all the same, else empty.
        switch: the template variable that switches reasoning on and off; empty if none is known.
        bos: whether the prompt begins with the beginning-of-text token; None if the model has none.
        stop_ids: the ids that end sampled reasoning, with those that end any completion of the model.
        stop: the strings that end sampled reasoning.
        variables: the template variables.
        first: the first 40 characters of the prompt of a question; in a manifest, of a trial question.
        last: its last 40 characters.
        notes: what a reader of the numbers should know, one sentence each, without the name of the model.
    """

    format: str
    template: bool
    channel: tuple[str, ...]
    reasoning: Literal["on", "off", "opened", ""]
    switch: str
    bos: bool | None
    stop_ids: tuple[int, ...]
    stop: tuple[str, ...]
    variables: Mapping[str, Value] = field(hash=False)
    first: str
    last: str
    notes: tuple[str, ...] = ()

    def lines(self) -> tuple[str, str]:
        """Two lines for a terminal: the format, and both ends of the prompt of a trial question."""
        return self.line(), f"prompt of a trial question: {self.shown()}"

    def shown(self) -> str:
        """Both ends of the prompt."""
        return f"{self.first!r} ... {self.last!r}"

    def line(self) -> str:
        """The format in one line."""
        facts = self.facts()
        shown = [f"{key} {value}" for key, value in facts.items() if key not in {"format", "prompt begins", "prompt ends"}]
        return "; ".join([facts["format"], *shown])

    def brief(self) -> str:
        """The format, and whether the model reasons."""
        variables = f" ({self._variables()})" if self.variables else ""
        return f"{self.format}{f', reasoning {self.reasoning}' if self.reasoning else ''}{variables}"

    def _variables(self) -> str:
        return ", ".join(f"{name}={said(value)}" for name, value in self.variables.items())

    def facts(self) -> dict[str, str]:
        """The fields with their values in words."""
        words = {"": "no switch in the template", "opened": "off in the template, channel opened by the format"}
        return {
            "format": f"{self.format} ({'chat template' if self.template else 'plain text'})",
            "channel": " ... ".join(map(repr, self.channel)) or "none",
            "reasoning": words.get(self.reasoning, self.reasoning) + (f" ({self.switch})" if self.switch else ""),
            "BOS": "none" if self.bos is None else "first" if self.bos else "missing",
            "stops": ", ".join([*map(repr, self.stop), *(f"token {one}" for one in self.stop_ids)]) or "none",
            "template variables": self._variables() or "none",
            "prompt begins": repr(self.first),
            "prompt ends": repr(self.last),
        }


def resolved(
    form: AbstractFormat, ends: frozenset[int] = frozenset(), asked: Variables | None = None, question: Question | None = None
) -> ResolvedFormat:
    """The resolved format of `form`, from the prompt of a question.

    Args:
        form: the prompt format of a model.
        ends: the ids that end any completion of the model.
        asked: the template variables that the user gave. None means all that the tokenizer has.
        question: the question whose prompt is shown. None means a trial question.
    """
    tokenizer, ids = form.tokenizer, form.prompt_ids(TRIAL if question is None else question)
    text = tokenizer.decode(ids)
    bos = _bos(tokenizer)
    variables = dict(given(tokenizer))
    added = {name: value for name, value in variables.items() if asked is not None and name not in asked}
    state, switch = thinking(tokenizer) if form.templated else ("", None)
    own = form.channel if isinstance(form, Thinking) else None
    channel = () if own is None else (own.open, own.close)
    reasoning: Any = {"off": "opened", "": "on"}.get(state, state) if channel else state
    notes = [*_notes_on_bos(form, ids)]
    if added:
        notes.append(f"--format {form.name} set {option(added)}, since no value was given")
    notes += _notes_on_tags(form)
    if state == "off" and switch is not None and switch.name not in variables:
        notes.append(
            f"can reason (template variable {switch.name}), and it is off: give {option({switch.name: switch.on})} to switch it on"
        )
    return ResolvedFormat(
        format=form.name,
        template=form.templated,
        channel=channel,
        reasoning=reasoning,
        switch="" if switch is None else switch.name,
        bos=ids[: len(bos)] == bos if bos else None,
        stop_ids=tuple(sorted({*form.stop_ids, *ends})),
        stop=form.stop,
        variables=variables,
        first=text[:SHOWN],
        last=text[-SHOWN:],
        notes=tuple(notes),
    )


def _notes_on_tags(form: AbstractFormat) -> list[str]:
    """Whether the template knows the closing tag of a channel that its prompts do not open, so that reasoning stands in the visible text."""
    if not form.templated or isinstance(form, Thinking) or find_channel(form.tokenizer) is not None:
        return []
    known = next((one for one in KNOWN if one.read_by(form.tokenizer.template)), None)
    if known is None:
        return []
    texts = f"{{open: {_quoted(known.open + known.pad)}, close: {_quoted(known.pad + known.close + known.final + known.gap)}}}"
    note = (
        f"has a chat template that knows the reasoning tag {known.close!r}, and its prompts open no reasoning channel: if it reasons between "
        f"such tags, name them in a study file (channel: {texts})"
    )
    return [note]


def _quoted(text: str) -> str:
    """`text` as a value of a study file."""
    return json.dumps(text)


def _bos(tokenizer: Tokenizer) -> tuple[int, ...]:
    return tokenizer.bos if isinstance(tokenizer, TemplateTokenizer) else tokenizer.start()


def _notes_on_bos(form: AbstractFormat, ids: tuple[int, ...]) -> list[str]:
    """Whether the prompt lacks the beginning-of-text token or has it twice, and whether it begins otherwise than the tokenizer's own."""
    tokenizer, bos = form.tokenizer, _bos(form.tokenizer)
    notes = []
    if bos and ids[: len(bos)] != bos:
        own = tokenizer.start()[: len(bos)] == bos
        adds = "which its tokenizer puts before plain text" if own else "which its tokenizer does not add either"
        notes.append(
            f"has the beginning-of-text token {tokenizer.decode(bos)!r}, {adds}, and its prompts do not begin with it: if it was trained with "
            "this token, correct the tokenizer or the chat template, and otherwise ignore this"
        )
    if bos and ids[: 2 * len(bos)] == 2 * bos:
        notes.append(
            f"has prompts that begin with the beginning-of-text token {tokenizer.decode(bos)!r} twice: remove it from the chat template or "
            "from the tokenizer"
        )
    own_ids = _own(form)[:FIRST]
    if ids[: len(own_ids)] != own_ids:
        notes.append(
            f"has prompts that begin with {tokenizer.decode(ids[:FIRST])!r}, but its tokenizer itself begins them with "
            f"{tokenizer.decode(own_ids)!r} (ids {list(ids[:FIRST])} and {list(own_ids)}): check its tokenizer files"
        )
    return notes


def _own(form: AbstractFormat) -> tuple[int, ...]:
    """The ids with which the tokenizer itself begins a prompt; empty if that is not known."""
    tokenizer = form.tokenizer
    if not form.templated:
        return tokenizer.start()
    if not isinstance(tokenizer, TemplateTokenizer) or head(tokenizer) is None:
        return ()
    return tokenizer.rendered_ids((Turn("user", posed(TRIAL)),))
