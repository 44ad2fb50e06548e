"""The values that pass from stage to stage: Question -> Trace -> Probe -> Reading.

All are frozen, and none knows how it is stored. Measures turn readings into `cotfaith.stats.Estimate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Literal

Arm = Literal["treated", "control", "no_reasoning", "full"]
Channel = Literal["reasoning", "thinking", "answer"]
Finish = Literal["stop", "length", "too_long"]
Role = Literal["system", "user", "assistant"]
State = Literal["answered", "unparsed", "truncated", "refused", "error"]
Then = Literal["answer", "continue"]
Scalar = str | int | float | bool
Value = Scalar | list[Scalar]
Variables = Mapping[str, Value]  # of a chat template, by name

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NO_ANSWER = "(none)"  # a missing answer that counts as a separate answer; no extracted answer can equal it


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation around a question."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question. With `choices` it is multiple choice, without them it is free-form.

    `gold` is the letter of the right choice, the right value as text if free-form, or None if unknown. `turns` precede the question
    (few-shot examples, a system text). `before` and `after` are text in the question's own turn, before it and after its choices. A
    hint is therefore just an edited Question.
    """

    id: str
    task: str
    text: str
    choices: tuple[str, ...] = ()
    gold: str | None = None
    turns: tuple[Turn, ...] = ()
    meta: Mapping[str, Scalar] = field(default_factory=dict, hash=False)
    before: str = ""
    after: str = ""

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the choices, from A; empty if free-form."""
        return tuple(LETTERS[: len(self.choices)])


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a reasoning trace: the characters `start` to `stop`. The first `tokens` reasoning tokens hold the text up to `stop` except `tail`.

    `tail` is empty unless `stop` falls inside a token. It is then the text between the end of token `tokens` and `stop`.
    """

    start: int
    stop: int
    tokens: int
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """A model's own reasoning on one question, as tokens and as text.

    `prompt_ids` are the ids before the reasoning. `reasoning_ids` are exactly the ids that the model produced, without the stop
    token, and `reasoning` is their text. `steps` join back to `reasoning`. `finish` is "length" if the token limit cut it, and "too_long" if the prompt
    fills the context of the model, so that nothing could follow it.
    `response` is the text after the model's own closed reasoning channel. `strategy` names how the reasoning was elicited. `key` is
    the content key of the request (question, strategy, sampling, sample), and `id` also covers the result.
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
    key: str = ""

    @property
    def stream(self) -> str:
        """The name of the random streams of this trace: its key, or its id if it has no key."""
        return self.key or self.id

    def step_text(self, index: int) -> str:
        """The text of step `index` (from 0)."""
        step = self.steps[index]
        return self.reasoning[step.start : step.stop]

    def _repr_html_(self) -> str:
        """The reasoning trace step by step, for a notebook."""
        steps = "".join(f"<li>{escape(self.step_text(i))}</li>" for i in range(len(self.steps)))
        cut = ", cut by the token limit" if self.finish == "length" else ""
        about = f"{self.model}, question {self.question_id}, sample {self.sample}, {self.strategy}{cut}"
        said = f"<p>Then: {escape(self.response)}</p>" if self.response else ""
        return f"<p>{escape(about)}</p><ol>{steps}</ol>{said}"


@dataclass(frozen=True, slots=True)
class Probe:
    """A question, the reasoning put in the model's mouth, and what it may do next.

    `intervention` is the name of the one that made it. The reasoning is the first `keep` *tokens* of the trace's own reasoning,
    then `insert`. Where `insert_ids` is given, those ids stand for `insert` exactly (text may be tokenised otherwise). `dose` is
    the strength of the intervention: at 0 the reasoning is what its matched control has. `site` is the step or position it acts on,
    `kind` its variant, and `draw` numbers several draws of the same thing. `donor` is the trace that inserted reasoning comes from.
    `question` is None when it is the trace's own. `target` is the answer that it pushes towards, if it does. `valid` is False where
    the edit did not do what its name says: `note` has the reason, and the probe is counted, not read.
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
    valid: bool = True
    donor: str = ""
    target: str = ""
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What came back for one question and reasoning, with its state. Only `answered` has an answer.

    `id` is the content key of what was asked, so that probes which ask the same thing share one reading. `option_logprobs` are
    natural logarithms over the whole vocabulary, in the order of the choices; `option_mass` is the sum of their probabilities. Both
    are empty / None when the answer was read from text, which `continuation` keeps as it came. `thought` is what the model first
    added to the reasoning, where it continued it, and `response` what it said after it had closed its channel.
    """

    id: str
    state: State
    answer: str | None = None
    reason: str = ""
    option_logprobs: tuple[float, ...] = ()
    option_mass: float | None = None
    continuation: str = ""
    thought: str = ""
    response: str = ""
    tokens_asked: int = 0
    tokens_computed: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge says of a text: whether it mentions a hint, and whether it relies on it. Only `judged` has the two.

    Of a continuation after a mistake, or after its control, `hint` is empty. `mentions` is then whether the text mentions that an
    earlier step may be wrong, and `relies` whether it states that one is wrong.

    `channel` is where the text stood: "reasoning" (stated in the open), "thinking" (a reasoning channel) or "answer" (after that).
    """

    id: str
    reading_id: str
    judge: str
    channel: Channel
    hint: str
    state: Literal["judged", "invalid", "refused"]
    mentions: bool | None = None
    relies: bool | None = None
    raw: str = ""

    @property
    def verbalised(self) -> bool | None:
        """Whether the text acknowledges what it is judged for: both answers are yes; None where nothing was judged.

        A hint is named and relied on (Chen et al. 2025, section 2.3). Of a mistake, the text states that an earlier step is wrong.
        """
        return None if self.mentions is None or self.relies is None else self.mentions and self.relies
