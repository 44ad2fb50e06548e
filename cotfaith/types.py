"""The values that move from stage to stage, and the contract that every engine keeps.

One kind of thing moves: Question -> Trace -> Probe -> Reading -> Estimate. All are frozen; none knows how it is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import pandas as pd

Arm = Literal["treated", "control", "no_reasoning", "full"]
Finish = Literal["stop", "length"]
Role = Literal["system", "user", "assistant"]
State = Literal["answered", "unparsed", "truncated", "refused", "error"]
Then = Literal["answer", "think"]
Scalar = str | int | float | bool

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation around a question."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. With `choices` it is multiple choice, without it is free-form.

    `gold` is the letter of the right choice, the right value as text when free-form, or None when unknown.
    `turns` precede the question (few-shot examples, a system text), so that a hint is an edited Question and nothing more.
    """

    id: str
    task: str
    text: str
    choices: tuple[str, ...] = ()
    gold: str | None = None
    turns: tuple[Turn, ...] = ()
    meta: Mapping[str, Scalar] = field(default_factory=dict, hash=False)

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the choices, A first; empty when free-form."""
        return tuple(LETTERS[: len(self.choices)])


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a reasoning: characters `start` to `stop`, of which the first `tokens` reasoning tokens hold all but `tail`.

    `tail` is empty unless `stop` falls inside a token: then it is the text between the end of token `tokens` and `stop`.
    """

    start: int
    stop: int
    tokens: int
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """A model's own reasoning on one question, as tokens and as text.

    `prompt_ids` end where the reasoning begins; `reasoning_ids` are exactly the ids that the model produced (stop token
    left out) and `reasoning` is their text. `steps` join back to `reasoning`. `finish` is "length" when the token budget cut it.
    `response` is what followed the model's own closed reasoning channel; `strategy` names how the reasoning was elicited.
    """

    id: str
    question_id: str
    model: str
    sample: int
    prompt_ids: tuple[int, ...]
    reasoning: str
    reasoning_ids: tuple[int, ...]
    steps: tuple[Step, ...]
    finish: Finish
    response: str = ""
    strategy: str = "cot"

    def step_text(self, index: int) -> str:
        """The text of step `index` (from 0)."""
        step = self.steps[index]
        return self.reasoning[step.start : step.stop]


@dataclass(frozen=True, slots=True)
class Probe:
    """A question, the reasoning put in the model's mouth, and what it may do next.

    The reasoning is the first `keep` *tokens* of the trace's own reasoning, then `insert`. Where `insert_ids` is given, those
    ids stand for `insert` exactly (text may be tokenised otherwise). `dose` is the strength of the intervention: at 0 the
    reasoning is what its matched control has. `site` is the step or position it acts on, `kind` its variant, and `draw` numbers
    several draws of the same thing. `donor` is the trace that inserted reasoning comes from. `question` is None when it is the trace's own.
    `took` is False where the edit did not do what its name says: `note` has the reason, and the probe is counted, not read.
    """

    id: str
    trace_id: str
    intervention: str
    arm: Arm
    keep: int
    insert: str = ""
    insert_ids: tuple[int, ...] | None = None
    then: Then = "answer"
    dose: float = 0.0
    site: int = 0
    kind: str = ""
    note: str = ""
    draw: int = 0
    took: bool = True
    donor: str = ""
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What came back for one question and reasoning, with its state. Only `answered` has an answer.

    `id` is the content key of what was asked, so that probes which ask the same thing share one reading.
    `option_logprobs` are natural logarithms over the whole vocabulary, in the order of the choices; `option_mass` is the sum of
    their probabilities. Both are empty / None when the answer was read from text, which `continuation` keeps as it came. `thought` is
    what the model first added to the reasoning, where it was let think on.
    """

    id: str
    state: State
    answer: str | None = None
    reason: str = ""
    option_logprobs: tuple[float, ...] = ()
    option_mass: float | None = None
    continuation: str = ""
    thought: str = ""
    tokens_asked: int = 0
    tokens_computed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """A number with its uncertainty, its sample, and what is missing from it.

    `n` counts the units that entered (traces or pairs), `clusters` the questions among them, `missing` the units that could not enter.
    `bounds` is the value if every missing unit had counted one way, and the other way. `influence` holds each question's
    contribution, so that a difference between estimates on the same questions is paired by itself.
    """

    measure: str
    metric: str
    value: float
    se: float
    low: float
    high: float
    level: float
    method: str
    n: int
    clusters: int
    missing: int
    df: float
    bounds: tuple[float, float]
    x: float | None = None
    group: str = ""
    p: float | None = None
    null: float | None = None
    direction: str = ""
    reason: str = ""
    influence: pd.Series[float] | None = field(default=None, repr=False)


# --- engines -------------------------------------------------------------------------------------------------------------


class Tokenizer(Protocol):
    """Text to ids and back, without special tokens of its own accord."""

    @property
    def has_template(self) -> bool:
        """Whether `render` works."""

    @property
    def template(self) -> str:
        """The source of the chat template; empty when there is none."""

    def encode(self, text: str) -> tuple[int, ...]:
        """The ids of `text` as the continuation of something: no leading special token, no added space."""

    def decode(self, ids: Sequence[int]) -> str:
        """The exact text of `ids`, special tokens included."""

    def ends(self, ids: Sequence[int]) -> tuple[int, ...]:
        """For each token, how many characters of `decode(ids)` are complete once it is there. Non-decreasing."""

    def render(self, turns: Sequence[Turn]) -> str:
        """The model's own chat template applied to `turns`, ready for the assistant to speak, as text."""

    def start(self) -> tuple[int, ...]:
        """The ids that open every plain prompt (a beginning-of-text token, or none)."""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What produced the numbers: it goes into the manifest, and the part that decides them into every content key."""

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


@dataclass(frozen=True, slots=True)
class Prompt:
    """Token ids to continue, once for each entry of `samples`; sample j draws from the random stream `seed + j`."""

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
    """Read each candidate's log-probability after `trunk[:offset] + suffix`. A candidate is one or several tokens."""

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
    """Batch in, list out, same order; token ids in, token ids out. Nothing else in cotfaith knows a model."""

    @property
    def info(self) -> EngineInfo:
        """What this engine is and can do."""

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer of its model."""

    def generate(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """For each prompt, one completion for each of its samples."""

    def score(self, trees: Sequence[PrefixTree]) -> list[list[OptionScores]]:
        """For each tree, the scores of each of its branches."""

    def close(self) -> None:
        """Give back memory and processes; the engine is not used again."""
