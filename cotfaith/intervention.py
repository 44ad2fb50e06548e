"""The intervention contract, and the driver that advances the flows of many traces together.

An intervention is a frozen dataclass of parameters with one pure method, `flow`: a generator that yields a `Request` whenever it
needs something from outside (text as tokens, a sentence rewritten), is sent the reply at that point, and at last returns its
probes. It does no I/O and knows no engine. The driver collects the requests of all running flows into one batch a round.

Strategies, which elicit the reasoning in the first place, are flows on the same driver (`cotfaith.strategies`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, final

from cotfaith import seeds
from cotfaith.errors import CotfaithError
from cotfaith.types import Arm, Finish, Probe, Question, Sampling, Step, Then, Trace, Turn

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Encode:
    """Asks for the token ids of `text`, in the tokenizer of the subject; the reply is a tuple of ids."""

    text: str


@dataclass(frozen=True, slots=True)
class Writers:
    """Asks for the names of the study's writers; the reply is a tuple of names, the subject's own where the study names none."""


@dataclass(frozen=True, slots=True)
class Write:
    """Asks a model to say something in a conversation of its own; the reply is a `Written`.

    `begun` is how its turn begins, and no part of the reply. `writer` is a name that `Writers` gave; empty, it is the subject.
    """

    turns: tuple[Turn, ...]
    begun: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    seed: int = 0
    writer: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote after `begun`, up to a stop, and why it ended."""

    text: str
    finish: Finish


@dataclass(frozen=True, slots=True)
class Donors:
    """Asks for other traces of the same task and strategy, in the order of their ids; the reply is a tuple of traces.

    Without `model` they are the subject's on other questions than that of `trace`, with it that model's on the same question.
    """

    trace: Trace
    model: str = ""


@dataclass(frozen=True, slots=True)
class Continue:
    """Asks the subject to think on after the first `keep` tokens of the trace's reasoning and `insert_ids`; the reply is a `Continued`.

    `draw` numbers independent draws: the same context and draw give the same continuation. `question` is None when it is the trace's own.
    """

    trace: Trace
    keep: int
    insert_ids: tuple[int, ...] = ()
    draw: int = 0
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Continued:
    """What the subject added to its reasoning; `steps` are spans of `text` and `ids`."""

    ids: tuple[int, ...]
    text: str
    steps: tuple[Step, ...]
    finish: Finish


@dataclass(frozen=True, slots=True)
class Similar:
    """Asks how alike two texts are, by the study's similarity; the reply is a number, 1 for the same text."""

    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Hints:
    """Asks for the hints of these names (registered ones, or YAML files); the reply is a tuple of `cotfaith.hints.AbstractHint`."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Examples:
    """Asks for other questions of the task, with known gold and never among those asked; the reply is a tuple, always the same."""

    question: Question


@dataclass(frozen=True, slots=True)
class Answer:
    """Asks for the subject's answer after the trace's whole reasoning; the reply is the letter or value, "" where there is none."""

    trace: Trace


Request = Encode | Writers | Write | Donors | Continue | Similar | Hints | Examples | Answer
Flow = Generator[Any, Any, Sequence[Probe]]  # yields requests, is sent the reply that each one names


Move = Literal["edit, answer", "edit, think on", "question, answer", "question, think afresh"]


@dataclass(frozen=True, slots=True)
class About:
    """What an intervention is, for lists and documents.

    `move` says what is changed and what the model does then: its reasoning is edited and it answers at once, or thinks on first; or the
    question is changed and it answers at once, or thinks afresh. `needs` names engine capabilities, or "writer". `prompts` are the texts
    said to a writer, by name; their hashes go into the manifest.
    """

    summary: str
    paper: str
    move: Move
    needs: tuple[str, ...] = ()
    prompts: Mapping[str, str] = field(default_factory=dict, hash=False)


class AbstractIntervention(ABC):
    """A way of changing what the model reasons from. Subclasses are frozen dataclasses of parameters."""

    name: ClassVar[str]
    about: ClassVar[About]

    @property
    def donor(self) -> str:
        """The model whose reasonings it takes besides those of the subject; empty where there is none."""
        return ""

    @property
    def hints(self) -> tuple[str, ...]:
        """The names of the hints that it gives; none where it gives none."""
        return ()

    @abstractmethod
    def flow(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Flow:
        """The probes of `trace`, each kind of treated probe with its matched control."""

    @final
    def probe(
        self,
        trace: Trace,
        arm: Arm,
        *,
        keep: int,
        insert: str = "",
        insert_ids: tuple[int, ...] | None = None,
        then: Then = "answer",
        dose: float = 0.0,
        site: int = 0,
        kind: str = "",
        note: str = "",
        draw: int = 0,
        took: bool = True,
        donor: str = "",
        target: str = "",
        question: Question | None = None,
    ) -> Probe:
        """A probe of this intervention on `trace`, with the id that its content gives it."""
        spec = describe(self)
        edited = None if question is None else asdict(question)
        name = seeds.key("probe", trace.id, spec, arm, keep, insert, insert_ids, then, dose, site, kind, draw, target, edited)
        return Probe(
            name, trace.id, spec, arm, keep, insert, insert_ids, then, dose, site, kind, note, draw, took, donor, target, question
        )

    @final
    def full(self, trace: Trace) -> Probe:
        """The arm in which the whole reasoning stands as the model wrote it."""
        return self.probe(trace, "full", keep=len(trace.reasoning_ids), site=len(trace.steps))

    @final
    def no_reasoning(self, trace: Trace, *, dose: float) -> Probe:
        """The arm in which no reasoning stands; `dose` is what that means on this intervention's scale."""
        return self.probe(trace, "no_reasoning", keep=0, dose=dose)


class AbstractEdit(AbstractIntervention):
    """An intervention that needs nothing from outside: `edit` alone."""

    @abstractmethod
    def edit(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Sequence[Probe]:
        """The probes of `trace`."""

    @final
    def flow(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Flow:
        """`edit`, asking for nothing."""
        return self.edit(trace, question, rng=rng)
        yield


def describe(intervention: AbstractIntervention) -> str:
    """The intervention as one line that says everything: `truncation(cuts=5)`; parameters in the order of their declaration."""
    names = [field.name for field in fields(intervention)]  # type: ignore[arg-type]  # subclasses are dataclasses
    return f"{intervention.name}({', '.join(f'{name}={getattr(intervention, name)!r}' for name in names)})"


def drive(flows: Iterable[Generator[Any, Any, T]], ask: Callable[[list[Any]], Sequence[Any]]) -> list[T]:
    """What every flow returns, in the order of the flows; `ask` is called once a round with all requests of that round."""
    running = dict(enumerate(flows))
    replies: dict[int, Any] = {}
    done: dict[int, T] = {}
    while running:
        requests: dict[int, Any] = {}
        for i, flow in list(running.items()):
            try:
                requests[i] = flow.send(replies[i]) if i in replies else next(flow)
            except StopIteration as stop:
                done[i] = stop.value
                del running[i]
        if requests:
            replies = dict(zip(requests, ask(list(requests.values())), strict=True))
    return [done[i] for i in sorted(done)]


def probes(
    intervention: AbstractIntervention,
    cases: Sequence[tuple[Trace, Question]],
    ask: Callable[[list[Request]], Sequence[Any]],
    *,
    seed: int,
) -> list[Sequence[Probe]]:
    """The probes of `intervention` on every case. Each draws from a stream named by seed, intervention and trace."""
    spec = describe(intervention)
    flows = [_named(intervention.flow(t, q, rng=seeds.stream(seed, spec, t.id)), spec, t) for t, q in cases]
    return drive(flows, ask)


def _named(flow: Flow, spec: str, trace: Trace) -> Flow:
    """`flow`, with its failures told as errors that name the intervention and the trace."""
    try:
        return (yield from flow)
    except CotfaithError:
        raise
    except Exception as error:
        raise CotfaithError(f"Intervention {spec} failed on trace {trace.id}: {type(error).__name__}: {error}.") from error
