"""The intervention contract.

An intervention is a frozen dataclass of parameters with one pure method, `flow`: a generator that yields a request whenever it needs
something from outside (text as tokens, a sentence rewritten), is sent the reply at that point, and at last returns its probes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, final

from cotfaith import seeds
from cotfaith.contracts.identity import digest, identity, shown
from cotfaith.contracts.requests import Request
from cotfaith.types import Arm, Probe, Question, Then, Trace

if TYPE_CHECKING:
    import numpy as np

Flow = Generator[Request[Any], Any, Sequence[Probe]]  # replies come by `yield from ask(request)`

Move = Literal["edit, answer", "edit, continue", "question, answer", "question, resample"]


@dataclass(frozen=True, slots=True)
class InterventionInfo:
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
    """A way of changing what the model reasons from. Subclasses are frozen dataclasses of parameters.

    Its identity is `name`, `version` and the parameters that differ from their defaults: a new parameter whose default is what was done before
    needs nothing, and any other change of what it does needs a new `version`. `streamed` names the parameters that are part of the name of
    its random stream at their default too; it is there so that draws of earlier versions stay the same, and a new intervention leaves it out.
    """

    name: ClassVar[str]
    about: ClassVar[InterventionInfo]
    version: ClassVar[int] = 1
    streamed: ClassVar[tuple[str, ...]] = ()

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
        valid: bool = True,
        donor: str = "",
        target: str = "",
        question: Question | None = None,
    ) -> Probe:
        """A probe of this intervention on `trace`, with the id that its content gives it."""
        edited = None if question is None else asdict(question)
        what = (arm, keep, insert, insert_ids, then, dose, site, kind, draw, target, edited)
        key = seeds.key("probe", trace.id, digest(identity(self)), *what)
        return Probe(
            key,
            trace.id,
            self.name,
            arm,
            keep,
            insert,
            insert_ids,
            then,
            dose,
            site,
            kind,
            note,
            draw,
            valid,
            donor,
            target,
            question,
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
    """The intervention as one line that says everything: `truncation(cuts=5, by='step')`. For reading; its identity is `identity`."""
    return shown(intervention)
