"""Questions from any file of JSON Lines: with or without choices, and with columns of any name."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

from cotfaith.contracts.task import AbstractTask, require_one_of
from cotfaith.errors import DataError
from cotfaith.tasks import checks, columns
from cotfaith.tasks.columns import Part
from cotfaith.tasks.gold import MANNERS, StrategyInfo, letter
from cotfaith.tasks.rows import Row, read, stem
from cotfaith.types import Question

Repeated = Literal["refuse", "keep"]

_INTEGER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)")


@dataclass(frozen=True)
class Jsonl(AbstractTask):
    """The questions of the file `data`, which is read and checked completely before the first question is yielded.

    `map` names columns (`question=problem,choices=options,gold=answer,id=uid`); parts that it leaves out are found by alias. A
    `context` precedes its question. `gold` says how the gold names its choice if that is ambiguous. Without choices the gold is the
    answer itself; `after` removes everything up to its last occurrence (`after="#### "`). If all free answers of a file are whole
    numbers, the questions ask for whole numbers. Two equal choices are an error unless `repeated` is "keep".

    The task of the questions is the file's name without endings; an id is that name and the row's own id, or its index from 0.
    """

    name: ClassVar[str] = "jsonl"
    summary: ClassVar[str] = "Questions from a .jsonl or .jsonl.gz file, with a map of its columns."
    endless: ClassVar[bool] = False

    data: str
    map: str = ""
    gold: StrategyInfo = ""
    after: str = ""
    repeated: Repeated = "refuse"

    def __post_init__(self) -> None:
        columns.parse(self.map)
        require_one_of(self.name, "gold", self.gold, MANNERS)
        require_one_of(self.name, "repeated", self.repeated, get_args(Repeated))

    def questions(self) -> Iterator[Question]:
        """The questions in the order of the file."""
        path = Path(self.data).expanduser()
        yield from self.of(read(path), stem(path))

    def of(self, rows: Iterable[Row], task: str) -> Iterator[Question]:
        """The questions in `rows`, of the task called `task`.

        Raises:
            DataError: a row does not match the map, or two rows have the same id.
        """
        given = columns.parse(self.map)
        parts: dict[Part, str] = {}
        questions: list[Question] = []
        seen: dict[str, str] = {}
        for index, row in enumerate(rows):
            found = columns.find(row, given)
            parts = parts or found
            if found != parts:
                raise DataError(f"{row.where}: {_change(parts, found)}: give every row the same columns.")
            question = self._question(row, parts, task, index)
            if question.id in seen:
                raise DataError(
                    f"{row.where}: the id {question.id[len(question.task) + 1 :]!r} was given at {seen[question.id]} already: "
                    "give each row its own, or leave ids out with the option map=id=."
                )
            seen[question.id] = row.where.rpartition(", ")[2]
            questions.append(question)
        yield from _typed(questions)

    def _question(self, row: Row, parts: Mapping[Part, str], task: str, index: int) -> Question:
        values = {part: columns.look_up(row, part, path) for part, path in parts.items()}
        text = checks.text(row.where, values["question"])
        if values.get("context"):
            text = f"{checks.text(row.where, values['context'], 'context')}\n\n{text}"
        name = f"{task}:{_id(row, values['id']) if 'id' in values else index}"
        gold = self._cut(row, values["gold"]) if "gold" in values else None
        if "choices" not in values:
            return Question(name, task, text, gold=_free(row, gold) if "gold" in values else None)
        texts, labels = _unpack(row, values["choices"], values.get("labels"))
        choices = checks.choices(row.where, texts)
        twins = checks.repeated(choices)
        if twins and self.repeated == "refuse":
            raise DataError(
                f"{row.where}: choices {twins[0]} and {twins[1]} are the same ({choices[ord(twins[0]) - ord('A')]!r}): "
                "correct the row, or keep such questions unchanged with the option repeated=keep."
            )
        right = letter(row.where, gold, choices, labels, self.gold) if "gold" in values else None
        return Question(name, task, text, choices, right, meta={"repeated_choices": True} if twins else {})

    def _cut(self, row: Row, gold: Any) -> Any:
        """The part of `gold` after its last mark."""
        if not self.after:
            return gold
        _, mark, rest = gold.rpartition(self.after) if isinstance(gold, str) else ("", "", "")
        if not mark:
            raise DataError(f"{row.where}: the gold has no {self.after!r} in it: correct the row, or leave the option 'after' out.")
        return rest.strip()


def _id(row: Row, value: Any) -> str:
    if isinstance(value, float) or checks.scalar(value) is None:
        raise DataError(
            f"{row.where}: the id is {value!r}: give a text or a whole number, or leave ids out with the option map=id=."
        )
    return str(value)


def _free(row: Row, gold: Any) -> str:
    text = checks.scalar(gold)
    if text is None:
        raise DataError(f"{row.where}: the gold is {gold!r}: give a text or a number, or leave gold out with the option map=gold=.")
    if "\n" in text:
        raise DataError(
            f"{row.where}: the gold is a text of several lines: give the text before the answer with the option 'after', "
            "as in after='#### '."
        )
    return text


def _unpack(row: Row, choices: Any, labels: Any) -> tuple[list[Any], list[str]]:
    """The choices and their labels, from a list, from `{"A": ...}` or from `{"text": [...], "label": [...]}`."""
    if isinstance(choices, dict):
        paired = set(choices) == {"text", "label"}
        labels = labels if labels is not None else (choices["label"] if paired else list(choices))
        choices = choices["text"] if paired else list(choices.values())
    if not isinstance(choices, list):
        raise DataError(f"{row.where}: the choices are {choices!r}: give a list, or an object of letters and texts.")
    if labels is None:
        return choices, []
    if not isinstance(labels, list) or len(labels) != len(choices) or len({str(label) for label in labels}) != len(labels):
        raise DataError(f"{row.where}: the labels {labels!r} do not name the {len(choices)} choices one by one: correct the row.")
    return choices, [str(label).strip() for label in labels]


def _typed(questions: list[Question]) -> Iterator[Question]:
    """The questions; if all are free-form with whole numbers as gold, they are marked so and the numbers are in plain digits."""
    whole = all(not q.choices and q.gold is not None and _INTEGER.fullmatch(q.gold) for q in questions)
    for question in questions:
        if whole and question.gold is not None:
            yield replace(question, gold=str(int(question.gold.replace(",", ""))), meta={**question.meta, "answer": "integer"})
        else:
            yield question


def _change(before: Mapping[Part, str], now: Mapping[Part, str]) -> str:
    """How the columns of a row differ from the columns of the rows before it."""
    for part, path in before.items():
        if now.get(part) != path:
            return f"the column {path!r} for the {part} is missing, which the rows before have"
    part, path = next((part, path) for part, path in now.items() if part not in before)
    return f"the column {path!r} for the {part} is new, which the rows before lack"
