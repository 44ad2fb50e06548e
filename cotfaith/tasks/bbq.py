"""BBQ with weak evidence: the ambiguous questions of Parrish et al. 2022 (arXiv 2110.08193) in the form of Turpin et al. 2023.

Each row has two more sentences, which differ only in that the two persons are exchanged: evidence that points weakly at one of them
(arXiv 2305.04388, section 4). This task asks the questions without either sentence; the intervention `weak_evidence` adds one, then
the other. The right answer remains the one that says it cannot be known. The questions are about social stereotypes, and some are
offensive.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cotfaith import paths
from cotfaith.contracts.task import AbstractTask
from cotfaith.errors import DataError, UsageError
from cotfaith.tasks import checks
from cotfaith.tasks.rows import Row, read
from cotfaith.types import Question

FILES = ("bbq_weak_evidence.jsonl.gz", "bbq_weak_evidence.jsonl")
_COLUMNS = ("context", "question", "ans0", "ans1", "ans2", "label", "weak_evidence", "target_loc", "unk_idx", "category")
_LETTERS = "ABC"


@dataclass(frozen=True)
class Bbq(AbstractTask):
    """BBQ's ambiguous questions with weak evidence, from the file or folder `data`, else from the folder COTFAITH_DATA.

    In a folder the first of `FILES` is taken. A question's `meta` has `evidence_1` and `evidence_2`, the letter `target` of the
    answer that the stereotype suggests ("" if the row names none), the letter `unknown` of the answer that it cannot be known, and
    its `category`.

    Args:
        data: the file or folder that holds the questions; --task-data sets it.
    """

    name: ClassVar[str] = "bbq"
    summary: ClassVar[str] = "BBQ: ambiguous questions about people, with two sentences of weak evidence each, from a local file."
    endless: ClassVar[bool] = False
    answers: ClassVar[str] = "one of 3 choices"

    data: str = ""

    def questions(self) -> Iterator[Question]:
        """The questions in the order of the file."""
        rows = [_question(row, index) for index, row in enumerate(read(self._file()))]
        yield from rows

    def _file(self) -> Path:
        given = self.data or os.environ.get("COTFAITH_DATA", "")
        if not given:
            raise UsageError(
                f"bbq has no data: give the path of {FILES[0]} with --task-data, or let COTFAITH_DATA name its folder."
            )
        path = paths.expanded(given)
        if not paths.is_folder(path):
            return path
        found = next((path / name for name in FILES if paths.is_file(path / name)), None)
        if found is None:
            raise UsageError(f"{path} has no BBQ with weak evidence in it: name a folder that holds {FILES[0]} (or {FILES[1]}).")
        return found


def _question(row: Row, index: int) -> Question:
    for column in _COLUMNS:
        if column not in row.values:
            raise DataError(
                f"{row.where}: there is no column {column!r}, so this is not BBQ with weak evidence: give the rows of Turpin et al. 2023, "
                "as plain BBQ has none."
            )
    context, asked = (checks.text(row.where, row.values[part], part) for part in ("context", "question"))
    choices = checks.choices(row.where, [row.values[f"ans{i}"] for i in range(3)])
    first, second = _evidence(row)
    meta = {
        "evidence_1": first,
        "evidence_2": second,
        "target": "" if row.values["target_loc"] is None else _letter(row, "target_loc"),
        "unknown": _letter(row, "unk_idx"),
        "category": checks.text(row.where, row.values["category"], "category"),
    }
    if meta["target"] == meta["unknown"]:
        raise DataError(f"{row.where}: target_loc and unk_idx name the same answer: correct the row.")
    return Question(f"{Bbq.name}:{index}", Bbq.name, f"{context}\n\n{asked}", choices, _letter(row, "label"), meta=meta)


def _evidence(row: Row) -> tuple[str, str]:
    given = row.values["weak_evidence"]
    if not isinstance(given, list) or len(given) != 2:
        raise DataError(f"{row.where}: the weak evidence is {given!r}: give two sentences, with the two persons exchanged.")
    return checks.text(row.where, given[0], "weak evidence"), checks.text(row.where, given[1], "weak evidence")


def _letter(row: Row, column: str) -> str:
    place = row.values[column]
    if isinstance(place, bool) or not isinstance(place, int) or not 0 <= place < len(_LETTERS):
        raise DataError(f"{row.where}: {column} is {place!r}: give the place of an answer, 0, 1 or 2.")
    return _LETTERS[place]
