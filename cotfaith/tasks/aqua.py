"""AQuA-RAT, algebra word problems with five choices (Ling et al. 2017, arXiv 1705.04146): the 254 questions of the test split.

The set is `deepmind/aqua_rat`, configuration `raw`, on the Hugging Face Hub; it is the task of Lanham et al. 2023 that gains most
from reasoning. Its choices carry their letters ("A)21", "A) 21", once "A)A)59"), which are removed. Seven questions have two equal
choices. They are kept, because published numbers count all 254, and marked in their `meta`.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from cotfaith import paths
from cotfaith.contracts.task import AbstractTask
from cotfaith.errors import DataError, UsageError
from cotfaith.tasks import checks
from cotfaith.tasks.rows import Row, read
from cotfaith.types import LETTERS, Question

HUB = "deepmind/aqua_rat"
FILES = (
    "aqua_rat_test.jsonl.gz",
    "aqua_rat_test.jsonl",
    "aqua_rat/test.json",
    "aqua_rat/test.jsonl",
    "test.jsonl.gz",
    "test.jsonl",
    "test.json",
)


@dataclass(frozen=True)
class Aqua(AbstractTask):
    """AQuA-RAT's test split: from the file or folder `data`, else from the hub at `revision`, else from the folder COTFAITH_DATA.

    With none of them given it comes from the hub, at its newest revision. In a folder the first of `FILES` is taken.

    Args:
        data: the file or folder that holds the questions; --task-data sets it.
        revision: the revision of the set on the hub.
    """

    name: ClassVar[str] = "aqua"
    summary: ClassVar[str] = "AQuA-RAT: 254 algebra word problems with five choices, from the hub or a local folder."
    endless: ClassVar[bool] = False
    answers: ClassVar[str] = "one of 5 choices"

    data: str = ""
    revision: str = ""

    def __post_init__(self) -> None:
        if self.data and self.revision:
            raise UsageError("aqua has both data and revision, but a revision applies only to the hub: leave one of them out.")

    def questions(self) -> Iterator[Question]:
        """The 254 questions in the order of the split."""
        rows = [_question(row, index) for index, row in enumerate(self._rows())]
        yield from rows

    def _rows(self) -> Iterable[Row]:
        if self.data:
            return read(_local(paths.expanded(self.data), "given as the option 'data'"))
        if self.revision or not os.environ.get("COTFAITH_DATA"):
            return _hub(self.revision)
        return read(_local(paths.expanded(os.environ["COTFAITH_DATA"]), "named by COTFAITH_DATA"))


def _local(path: Path, source: str) -> Path:
    """The file of AQuA at `path`: that file itself, or the first of `FILES` in that folder."""
    if paths.is_file(path):
        return path
    found = next((path / name for name in FILES if paths.is_file(path / name)), None)
    if found is None:
        what = "has no AQuA file in it" if paths.is_folder(path) else "does not exist"
        raise UsageError(f"{path}, {source}, {what}: name a folder that holds {FILES[0]} (or {', '.join(FILES[1:])}).")
    return found


def _hub(revision: str) -> Iterator[Row]:
    """The rows as the hub gives them."""
    import datasets  # noqa: PLC0415 - heavy, and needed only here

    try:
        rows = datasets.load_dataset(HUB, "raw", split="test", revision=revision or None)
    except Exception as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise DataError(
            f"AQuA could not be loaded from the hub ({HUB}{f' at {revision}' if revision else ''}: {reason}): "
            f"give a folder that holds {FILES[0]} with --task-data FOLDER, or let COTFAITH_DATA name it."
        ) from error
    return (Row(f"{HUB}, row {index}", row) for index, row in enumerate(rows))


def _question(row: Row, index: int) -> Question:
    for column in ("question", "options", "correct"):
        if column not in row.values:
            raise DataError(f"{row.where}: there is no column {column!r}, so this is not AQuA-RAT: give its raw test split.")
    text = checks.text(row.where, row.values["question"])
    choices = checks.choices(row.where, _bare(row))
    gold = row.values["correct"]
    if not isinstance(gold, str) or len(gold) != 1 or gold not in LETTERS[: len(choices)]:
        raise DataError(f"{row.where}: the correct answer {gold!r} is no letter of its {len(choices)} options: correct the row.")
    meta = {"repeated_choices": True} if checks.repeated(choices) else {}
    return Question(f"{Aqua.name}:{index}", Aqua.name, text, choices, gold, meta=meta)


def _bare(row: Row) -> list[str]:
    """The options of `row` without the letters printed before them."""
    options: Any = row.values["options"]
    if not isinstance(options, list):
        raise DataError(f"{row.where}: the options are {options!r}: give a list.")
    bare = []
    for letter, option in zip(LETTERS, checks.choices(row.where, options), strict=False):
        match = re.fullmatch(rf"\s*(?:{letter}\s*\)\s*)+(.*)", option, re.DOTALL)
        if match is None:
            raise DataError(f"{row.where}: option {letter} is {option!r}: let it start with its letter, as in '{letter})21'.")
        bare.append(match[1])
    return bare
