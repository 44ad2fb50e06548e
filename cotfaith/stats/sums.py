"""Sums per question: the table from which all statistics are computed.

Questions are the sampling units. Samples, cuts and readings of one question are not independent, so rows are first summed by
question. All later steps use these sums alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cotfaith.errors import DataError, UsageError, unknown
from cotfaith.stats.keys import Column, Key, Part

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ClusterSums:
    """A table of questions x columns: the sums over each question's rows.

    Args:
        questions: the ids, one per row, each once.
        columns: the names, one per column, each once: a `Part`, or any hashable.
        matrix: shape (questions, columns), finite.

    Raises:
        DataError: an id is missing or appears twice, or a value is not finite.
        UsageError: the shape does not fit the names.
    """

    questions: pd.Index[str]
    columns: tuple[Column, ...]
    matrix: Floats
    _places: dict[Hashable, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.matrix.shape != (len(self.questions), len(self.columns)) or len(set(self.columns)) != len(self.columns):
            raise UsageError(
                f"Sums of shape {self.matrix.shape} do not fit {len(self.questions)} questions and the columns "
                f"{list(self.columns)}; give one row per question and one column per name."
            )
        object.__setattr__(self, "_places", {column: place for place, column in enumerate(self.columns)})
        _present(self.questions)
        if not self.questions.is_unique:
            twice = self.questions[self.questions.duplicated()][0]
            raise DataError(f"Question {twice!r} is in two shards of the sums; keep all rows of a question in one shard.")
        if not np.isfinite(self.matrix).all():
            bad = self.columns[int(np.argwhere(~np.isfinite(self.matrix))[0][1])]
            raise DataError(f"The column {bad!r} has a missing or infinite value, so it has no sum; count missing rows separately.")

    def __getitem__(self, column: Column) -> Floats:
        """The sums of `column`, one number per question."""
        if column not in self._places:
            raise unknown("column of sums", str(column), map(str, self.columns))
        return self.matrix[:, self._places[column]]

    def __contains__(self, column: Column) -> bool:
        return column in self._places

    def quantities(self, metric: str | None = None) -> list[Key]:
        """The keys of the summed quantities, each once, in order; only of `metric` if it is given."""
        found = dict.fromkeys(column.key for column in self.columns if isinstance(column, Part))
        return [key for key in found if metric is None or key.metric == metric]

    def select(self, **fields: str) -> ClusterSums:
        """The columns whose keys have these values of fields."""
        inside = [
            isinstance(one, Part) and all(getattr(one.key, name) == value for name, value in fields.items()) for one in self.columns
        ]
        columns = tuple(one for one, wanted in zip(self.columns, inside, strict=True) if wanted)
        return ClusterSums(self.questions, columns, self.matrix[:, inside])

    def rekeyed(self, **fields: str) -> ClusterSums:
        """The same sums, with these fields of their keys replaced."""
        columns = (Part(one.key._replace(**fields), one.part) if isinstance(one, Part) else one for one in self.columns)  # type: ignore[arg-type]
        return ClusterSums(self.questions, tuple(columns), self.matrix)

    def beside(self, columns: Mapping[Column, Floats]) -> ClusterSums:
        """The same questions with additional `columns`."""
        matrix = np.column_stack([self.matrix, *columns.values()])
        return ClusterSums(self.questions, (*self.columns, *columns), matrix)

    def only(self, *columns: Column) -> ClusterSums:
        """These columns alone, each once."""
        wanted = tuple(dict.fromkeys(columns))
        return ClusterSums(self.questions, wanted, np.column_stack([self[column] for column in wanted]))

    def where(self, inside: NDArray[np.bool_]) -> ClusterSums:
        """The questions for which `inside` is true."""
        return ClusterSums(self.questions[inside], self.columns, self.matrix[inside])

    @classmethod
    def concat(cls, shards: Iterable[ClusterSums]) -> ClusterSums:
        """All questions of all shards, ordered by id. A column that a shard lacks has no rows there, so its sums are 0.

        Raises:
            UsageError: there is no shard.
            DataError: a question is in two shards.
        """
        parts = list(shards)
        if not parts:
            raise UsageError("There are no sums to join; give at least one shard.")
        columns = tuple(dict.fromkeys(name for part in parts for name in part.columns))
        places = {name: place for place, name in enumerate(columns)}
        values = np.zeros((sum(len(part.questions) for part in parts), len(columns)))
        start = 0
        for part in parts:
            stop = start + len(part.questions)
            values[start:stop, [places[name] for name in part.columns]] = part.matrix
            start = stop
        questions = pd.Index([question for part in parts for question in part.questions], dtype=object)
        order = np.argsort(questions.to_numpy(), kind="stable")
        return cls(questions[order], columns, values[order])


def joined(*tables: ClusterSums) -> ClusterSums:
    """The columns of all `tables` side by side, over all their questions, ordered by id; a question that one lacks has sums of 0.

    Raises:
        UsageError: a column is in two of them.
    """
    questions = pd.Index(sorted({question for one in tables for question in one.questions}), dtype=object)
    parts = []
    for one in tables:
        matrix = np.zeros((len(questions), len(one.columns)))
        matrix[questions.get_indexer(one.questions)] = one.matrix
        parts.append(matrix)
    return ClusterSums(questions, tuple(column for one in tables for column in one.columns), np.hstack(parts))


def add_by_question(question: NDArray[np.object_], columns: Mapping[Column, NDArray[np.generic]]) -> ClusterSums:
    """The sums of `columns`, each with one value per row, for each value of `question`, in its order.

    Raises:
        DataError: a question id is missing, or a value to be summed is missing or infinite.
    """
    ids = pd.Index(question, dtype=object)
    _present(ids)
    codes, questions = pd.factorize(ids, sort=True)
    values = np.empty((len(questions), len(columns)))
    for j, column in enumerate(columns.values()):
        values[:, j] = np.bincount(codes, weights=np.asarray(column, dtype=np.float64), minlength=len(questions))
    return ClusterSums(pd.Index(questions, dtype=object), tuple(columns), values)


def sums(frame: pd.DataFrame, columns: Sequence[str], cluster: str = "question_id") -> ClusterSums:
    """The sums of `columns` for each question in the column `cluster`, ordered by question.

    Raises:
        UsageError: a column is not in the frame.
        DataError: a question id is missing, or a value to be summed is missing or infinite.
    """
    for name in (cluster, *columns):
        if name not in frame:
            raise unknown("column", name, [str(known) for known in frame.columns])
    return add_by_question(frame[cluster].to_numpy(dtype=object), {name: frame[name].to_numpy() for name in columns})


def _present(ids: pd.Index[str]) -> None:
    if len(ids) and (bool(ids.isna().any()) or bool((ids == "").any())):
        raise DataError("A row has no question id, so its question is unknown; give every row its id.")
