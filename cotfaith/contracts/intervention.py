"""The intervention contract.

An intervention is a frozen dataclass of parameters with one pure method, `flow`. `flow` is a generator: it yields a request
whenever it needs something from outside (text as tokens, a sentence rewritten), receives the reply, and finally returns its probes.
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
Reader = Literal["", "guess", "own", "other", "donor"]


@dataclass(frozen=True, slots=True)
class InterventionInfo:
    """The description of an intervention, for lists and documents.

    `move` says what changes and what the model does next. Either its reasoning is edited, and it answers at once or continues
    first; or the question is changed, and it answers at once or reasons again. `needs` names engine capabilities, or "writer".
    `prompts` are the prompts to a writer, by name; the manifest contains their hashes. `reader` says what a reader that only follows
    its reasoning answers to a treated probe, for the reference values (`cotfaith.analysis.references`): it guesses ("guess"), gives the
    answer of the trace ("own"), another one ("other") or that of the donor ("donor"); "" if nothing says.
    """

    summary: str
    paper: str
    move: Move
    needs: tuple[str, ...] = ()
    prompts: Mapping[str, str] = field(default_factory=dict, hash=False)
    reader: Reader = ""

    @property
    def edits_reasoning(self) -> bool:
        """Whether it edits the reasoning, and leaves the question as it is."""
        return self.move.startswith("edit")


class AbstractIntervention(ABC):
    """A way of changing what the model reasons from. Subclasses are frozen dataclasses of parameters.

    The identity of an intervention is `name`, `version` and the parameters that differ from their defaults. A new parameter whose
    default keeps the behaviour needs no new version. Any other change of behaviour needs a new `version`. `streamed` names the
    parameters that are part of the name of its random stream even at their default. It keeps the draws of earlier versions; a new
    intervention omits it.
    """

    name: ClassVar[str]
    about: ClassVar[InterventionInfo]
    version: ClassVar[int] = 1
    streamed: ClassVar[tuple[str, ...]] = ()

    @property
    def donor(self) -> str:
        """Another model whose reasoning traces it uses; empty if there is none."""
        return ""

    @property
    def hints(self) -> tuple[str, ...]:
        """The names of the hints that it adds; empty if it adds none."""
        return ()

    @abstractmethod
    def flow(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Flow:
        """The probes of `trace`. Each kind of treated probe has its matched control."""

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
        """A probe of this intervention on `trace`. Its id is a key of its content."""
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
        """The arm with the whole reasoning as the model wrote it."""
        return self.probe(trace, "full", keep=len(trace.reasoning_ids), site=len(trace.steps))

    @final
    def no_reasoning(self, trace: Trace, *, dose: float) -> Probe:
        """The arm without reasoning. `dose` is its value on this intervention's scale."""
        return self.probe(trace, "no_reasoning", keep=0, dose=dose)


class AbstractEdit(AbstractIntervention):
    """An intervention that needs nothing from outside and defines only `edit`."""

    @abstractmethod
    def edit(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Sequence[Probe]:
        """The probes of `trace`."""

    @final
    def flow(self, trace: Trace, question: Question, *, rng: np.random.Generator) -> Flow:
        """`edit`, without any request."""
        return self.edit(trace, question, rng=rng)
        yield


def describe(intervention: AbstractIntervention) -> str:
    """The intervention in one complete line: `truncation(cuts=5, by='step')`. It is for people; `identity` is its identity."""
    return shown(intervention)
