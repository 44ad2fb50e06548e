"""The rendered questions of a shard. Each is rendered once, for all of its probes."""

from __future__ import annotations

from dataclasses import dataclass, field

from cotfaith.pipeline.cell import Cell
from cotfaith.types import Question

Ids = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Posed:
    """A question as its strategy poses it, the rendered text that requests its answer, and the ids of its option letters."""

    question: Question
    answer_text: str
    candidates: tuple[Ids, ...]


@dataclass(frozen=True, slots=True)
class Posing:
    """Poses questions in `cell`. It caches them while a shard is read."""

    cell: Cell
    _posed: dict[tuple[str, Question], Posed] = field(default_factory=dict)
    _starts: dict[Question, Ids] = field(default_factory=dict)
    _answers: dict[str, Ids] = field(default_factory=dict)

    def posed(self, strategy: str, question: Question) -> Posed:
        """`question` under `strategy`."""
        known = self._posed.get((strategy, question))
        if known is None:
            form, put = self.cell.subject.format, self.cell.posed(strategy, question)
            known = self._posed[strategy, question] = Posed(put, form.answer_text(put), form.candidates(put))
        return known

    def start(self, posed: Posed) -> Ids:
        """The ids before the reasoning on `posed`."""
        if posed.question not in self._starts:
            self._starts[posed.question] = self.cell.subject.format.prompt_ids(posed.question)
        return self._starts[posed.question]

    def answer_ids(self, posed: Posed, reasoning_ids: Ids) -> Ids:
        """The ids that follow `reasoning_ids` to request the answer."""
        text = self.cell.subject.format.following(posed.answer_text, reasoning_ids)
        if text not in self._answers:
            self._answers[text] = self.cell.subject.format.encode(text)
        return self._answers[text]
