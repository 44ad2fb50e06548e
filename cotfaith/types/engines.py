"""The contract of every engine: token ids in, token ids out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from cotfaith.types.values import Finish, Scalar, Turn, Variables


class Tokenizer(Protocol):
    """Text to ids and back, without special tokens of its own accord.

    A special token is one that ends a text or marks turns. Its text may stand in a question or in a reasoning, where it means
    nothing: `encode` is for such content, `encode_rendered` for what a chat template wrote. They are the same where there are no
    special tokens.
    """

    @property
    def has_template(self) -> bool:
        """Whether `render` works."""

    @property
    def template(self) -> str:
        """The source of the chat template; empty when there is none."""

    @property
    def special_tokens(self) -> tuple[str, ...]:
        """The texts of the special tokens; empty when there are none."""

    def encode(self, text: str) -> tuple[int, ...]:
        """The ids of `text` as the continuation of something: no leading special token, no added space.

        The text of a special token is ordinary text here, so that no id is that of a special token.
        """

    def encode_rendered(self, text: str) -> tuple[int, ...]:
        """As `encode`, but the text of a special token becomes that token."""

    def decode(self, ids: Sequence[int]) -> str:
        """The exact text of `ids`, special tokens included."""

    def ends(self, ids: Sequence[int]) -> tuple[int, ...]:
        """For each token, how many characters of `decode(ids)` are complete once it is there. Non-decreasing."""

    def render(self, turns: Sequence[Turn]) -> str:
        """The model's own chat template applied to `turns`, ready for the assistant to speak, as text."""

    def start(self) -> tuple[int, ...]:
        """The ids that open every plain prompt (a beginning-of-text token, or none)."""


@runtime_checkable
class RendersMessages(Protocol):
    """A tokenizer that can show what its chat template does with other messages than turns. Without it, known tags tell the rest."""

    def render_messages(self, messages: Sequence[Mapping[str, Any]], *, speak: bool, variables: Mapping[str, Any]) -> str:
        """The chat template applied to raw `messages`, which may have more fields than a turn, such as `reasoning_content`.

        `speak` says whether the assistant's turn is opened at the end. `variables` are given to the template, beside those that
        `render` gives it. Prompts are made with `render`.
        """


@runtime_checkable
class TemplateTokenizer(Tokenizer, Protocol):
    """A tokenizer whose chat template can be given variables. A tokenizer without this renders with the template's defaults."""

    @property
    def variables(self) -> Variables:
        """The variables that `render` gives to the template, besides the messages."""

    @property
    def bos(self) -> tuple[int, ...]:
        """The beginning-of-text token, whether or not this tokenizer adds it; empty if there is none."""

    def with_variables(self, variables: Variables) -> Tokenizer:
        """The same tokenizer, whose `render` gives exactly `variables` to the template."""

    def rendered_ids(self, turns: Sequence[Turn]) -> tuple[int, ...]:
        """The ids that the tokenizer itself gives `turns` in its chat template, for comparison."""


@dataclass(frozen=True, slots=True)
class Prompting:
    """What of a model decides its prompts, without its weights: its tokenizer, and the ids that end its completions."""

    tokenizer: Tokenizer
    ends: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What produced the numbers. The manifest contains it, and every content key contains the part that decides the numbers.

    `files` identifies what of a local folder its revision does not: tokenizer and generation settings. A run refuses another one,
    and no key has it.
    """

    model: str
    revision: str
    engine: str
    version: str
    dtype: str = ""
    device: str = ""
    parameters: int | None = None
    context: int | None = None
    capabilities: frozenset[str] = frozenset()
    arguments: Mapping[str, Scalar] = field(default_factory=dict, hash=False)
    files: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Token ids to continue, once per entry of `samples`. Sample j draws from the random stream `seed + j`."""

    ids: tuple[int, ...]
    seed: int = 0
    samples: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to continue. Temperature 0 is greedy. `stop` strings and `stop_ids` end a completion and are not part of it."""

    temperature: float = 0.8
    top_p: float = 0.95
    max_tokens: int = 256
    stop: tuple[str, ...] = ()
    stop_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model wrote: ids without the end token, their text, and why it ended. `tokens_computed` counts forward work."""

    ids: tuple[int, ...]
    text: str
    finish: Finish
    tokens_computed: int = 0


@dataclass(frozen=True, slots=True)
class Branch:
    """Requests each candidate's log-probability after `trunk[:offset] + suffix`. A candidate has one or several tokens."""

    offset: int
    suffix: tuple[int, ...]
    candidates: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class PrefixTree:
    """A trunk of token ids and its branches: the unit of cost. A perfect engine computes each distinct token once."""

    trunk: tuple[int, ...]
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class OptionScores:
    """The log-probability of each candidate of one branch, over the whole vocabulary.

    `tokens_asked` is the length of the sequence that the branch stands for, `tokens_computed` what this branch added to the work.
    """

    logprobs: tuple[float, ...]
    tokens_asked: int
    tokens_computed: int


class Engine(Protocol):
    """Batch in, list out, in the same order; token ids in, token ids out. Nothing else in cotfaith knows a model.

    `info.capabilities` lists what else it can do. An engine with `option_logprobs` is a `ScoringEngine`.
    """

    @property
    def info(self) -> EngineInfo:
        """The identity and the capabilities of this engine."""

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer of its model."""

    def generate(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """For each prompt, one completion per sample."""

    def close(self) -> None:
        """Release memory and processes. The engine is not used again."""


@runtime_checkable
class ScoringEngine(Engine, Protocol):
    """An engine with the capability `option_logprobs`."""

    def score(self, trees: Sequence[PrefixTree]) -> list[list[OptionScores]]:
        """For each tree, the scores of each of its branches."""
