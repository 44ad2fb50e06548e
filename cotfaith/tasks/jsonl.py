"""Questions from any file of JSON Lines: with or without choices, and with columns of any name."""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, get_args

from cotfaith import paths
from cotfaith.contracts.task import AbstractTask, require_one_of
from cotfaith.errors import DataError
from cotfaith.tasks import checks, columns, notes, solutions, written
from cotfaith.tasks.columns import Layout, Part
from cotfaith.tasks.gold import MANNERS, Counting, Manner, counting, letter, lettered, marked, truth
from cotfaith.tasks.items import Item, Source, alike, bare, in_place, shuffled
from cotfaith.tasks.options import Options, unpack
from cotfaith.tasks.rows import Row, read, stem
from cotfaith.types import LETTERS, Question

Repeated = Literal["refuse", "keep"]
Order = Literal["", "file", "shuffle"]

logger = logging.getLogger(__name__)

YES_NO = ("Yes", "No")  # the choices of a question whose gold is true or false

_INTEGER = re.compile(r"[-+]?(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|0|[1-9][0-9]*)")  # 007 is a code


@dataclass(frozen=True)
class Jsonl(AbstractTask):
    r"""The questions of the file `data`, which is read and checked completely before the first question is yielded.

    Parts of a question that `map` leaves out are found by alias, or by the columns of a well-known set (`cotfaith.tasks.shapes`),
    which is said. A `context` precedes its question. "yes-no" is a gold 1 or 0, or true or false, that means yes or no.

    Choices are one column, or several (`choices=sol1+sol2`), or stand at the end of the question's text, which they leave. Null as
    choices is a free answer. Letters printed before all options of a file are removed. A gold that is true or false makes the choices Yes and No. If the gold is one
    of the columns of choices, or marks always the first choice, `order` shuffles the options by the question's id, and
    `meta["option_order"]` has the letters that they had. "shuffle" does so for any file, "file" for none.

    Without choices the gold is the answer itself; `after` removes everything up to its last occurrence (`after="#### "`). Without
    `after`, a worked solution with `####` or one `\boxed{}` is the answer that it marks, which is said. If all
    free answers of a file are whole numbers, the questions ask for whole numbers. A leading zero (`02134`) makes a code, which stays text. A file without golds has no accuracy; all else is
    measured. Two equal choices are an error unless `repeated` is "keep".

    The task of the questions is the file's name without endings; an id is that name and the row's own id, or its index from 0.

    Args:
        data: the file; a task that is named as a file sets it.
        map: the columns of the parts of a question, such as `question=problem,gold=answer`.
        gold: how golds name choices: "letter", "index" (from 0), "label", "text" or "yes-no"; empty if the file shows it.
        after: the text before the answer in a gold; the gold is what follows its last occurrence.
        repeated: "refuse" two equal choices, or "keep" them.
        order: "shuffle" the options by the question's id, or keep those of the "file"; empty for what the golds need.
    """

    name: ClassVar[str] = "jsonl"
    summary: ClassVar[str] = "Questions from a .jsonl or .jsonl.gz file, with a map of its columns."
    endless: ClassVar[bool] = False
    answers: ClassVar[str] = "as its rows have: one of the choices, a whole number, or text"

    data: str
    map: str = ""
    gold: Manner = ""
    after: str = ""
    repeated: Repeated = "refuse"
    order: Order = ""

    def __post_init__(self) -> None:
        columns.parse(self.map)
        require_one_of(self.name, "gold", self.gold, MANNERS)
        require_one_of(self.name, "repeated", self.repeated, get_args(Repeated))
        require_one_of(self.name, "order", self.order, get_args(Order))

    def questions(self) -> Iterator[Question]:
        """The questions in the order of the file."""
        path = paths.expanded(self.data)
        yield from self.of(read(path), stem(path))

    def of(self, rows: Iterable[Row], task: str) -> Iterator[Question]:
        """The questions in `rows`, of the task called `task`.

        Raises:
            DataError: a row does not match the map, or two rows have the same id.
        """
        given = columns.parse(self.map)
        layout: Layout | None = None
        items: list[Item] = []
        seen: dict[str, str] = {}
        for index, row in enumerate(rows):
            found = columns.find(row, given)
            layout = layout or found
            if found != layout:
                raise DataError(f"{row.where}: {_change(layout.parts, found.parts)}.")
            item = self._item(row, layout, task, index, written_out="choices" not in given)
            if item.id in seen:
                raise DataError(
                    f"{row.where}: the id {item.id[len(task) + 1 :]!r} was given at {seen[item.id]} already: "
                    "give each row its own, or leave ids out with -T map=id=."
                )
            seen[item.id] = row.where.rpartition(", ")[2]
            items.append(item)
        if layout is None:
            return
        alike(items)
        if not self._manner(layout):
            in_place(items)
        items, printed = bare(items)
        count = self._counting(items, layout)
        questions = [self._question(item, layout, task, count) for item in items]
        shuffles = self._shuffles(items, questions, layout)
        read = notes.Read(task, self.data or task, layout, given, items, questions, count, printed=printed, shuffles=shuffles)
        for sentence in notes.sentences(read, gold=self.gold, order=self.order):
            logger.warning("%s", sentence)
        yield from _typed([shuffled(question) for question in questions] if shuffles else questions)

    def _item(self, row: Row, layout: Layout, task: str, index: int, *, written_out: bool) -> Item:
        """The parts of a row; options in its text are looked for if `written_out`."""
        values = {part: columns.look_up(row, part, path) for part, path in layout.parts.items()}
        text = checks.text(row.where, values["question"])
        name = f"{task}:{_id(row, values['id']) if 'id' in values else index}"
        gold, worked = self._cut(row, values["gold"]) if "gold" in values else (None, "")
        gold = self._polar(row, gold) if "gold" in values else None
        source: Source = "null" if "choices" in values else ""
        options: Options | None = None
        after = left_out = ""
        if not _missing(values.get("choices")):
            source, options = "column", unpack(row.where, values["choices"], values.get("labels"))
        elif written_out and isinstance(gold, bool):
            source, options = "truth", Options(list(YES_NO))
        elif written_out and (found := written.find(text)) and (found.headed or _names(gold, found)):
            written.check(row.where, found)
            source, options, text, after, left_out = "text", Options(found.options), found.text, found.after, found.cue
        elif written_out and lettered(gold) and str(gold).strip().startswith("("):
            raise DataError(
                f"{row.where}: the gold {gold!r} is the letter of an option, but the question's text does not end with options (such as "
                "Options:, then (A) and (B) on lines of their own): name their column with -T map=choices=COLUMN, or say -T map=choices= "
                "if it is the answer itself."
            )
        elif written_out and "choices" not in values and layout.parts.get("gold") in columns.POINTERS:
            raise DataError(columns.points_at_nothing(row.where, layout.parts["gold"], gold))
        if values.get("context"):
            text = f"{checks.text(row.where, values['context'], 'context')}\n\n{text}"
        known = "gold" in values or (options is not None and options.marks is not None)
        return Item(row.where, name, text, options, gold, known=known, source=source, after=after, left_out=left_out, worked=worked)

    def _polar(self, row: Row, gold: Any) -> Any:
        """`gold`, as true or false if the option `gold` is "yes-no"."""
        if self.gold != "yes-no":
            return gold
        if (said := truth(gold)) is None:
            raise DataError(
                f"{row.where}: the gold {gold!r} is neither 1, true or yes, nor 0, false or no: correct the row or leave the option "
                "gold=yes-no out."
            )
        return said

    def _counting(self, items: list[Item], layout: Layout) -> Counting:
        """How the golds of the file count choices, if they are numbers and nothing else says so."""
        asked = [item for item in items if item.options is not None]
        if (
            not asked
            or not asked[0].known
            or "gold" not in layout.parts
            or self._manner(layout)
            or layout.place_of_gold() is not None
        ):
            return ""
        return counting((item.gold, len(item.options.texts), item.options.labels) for item in asked if item.options)

    def _manner(self, layout: Layout) -> Manner:
        """How golds name their choices, if the user or the well-known set says so."""
        shape = layout.shape
        return self.gold or (shape.manner if shape and layout.parts.get("gold") in shape.gold else "")

    def _question(self, item: Item, layout: Layout, task: str, count: Counting) -> Question:
        if item.options is None:
            gold = ("yes" if item.gold else "no") if isinstance(item.gold, bool) else item.gold
            return Question(item.id, task, item.text, gold=_free(item.where, gold) if item.known else None)
        choices = checks.choices(item.where, item.options.texts)
        twins = checks.repeated(choices)
        if twins and self.repeated == "refuse":
            raise DataError(
                f"{item.where}: choices {twins[0]} and {twins[1]} are the same ({choices[ord(twins[0]) - ord('A')]!r}): "
                "correct the row, or keep such questions unchanged with the option repeated=keep."
            )
        right = self._right(item, item.options, choices, layout, count) if item.known else None
        meta = {"repeated_choices": True} if twins else {}
        return Question(item.id, task, item.text, choices, right, meta=meta, after=item.after)

    def _right(self, item: Item, options: Options, choices: tuple[str, ...], layout: Layout, count: Counting) -> str:
        """The letter of the right choice.

        Raises:
            DataError: the gold names none or several, or contradicts the marks of the choices.
        """
        own = layout.place_of_gold()
        if own is not None:
            return LETTERS[own]
        if isinstance(item.gold, list):
            return LETTERS[marked(item.where, item.gold, len(choices))]
        mark = None if options.marks is None else LETTERS[marked(item.where, options.marks, len(choices))]
        named = self._named(item, options, choices, layout, count) if "gold" in layout.parts else mark
        if named is None or (mark is not None and named != mark):
            raise DataError(
                f"{item.where}: the gold {item.gold!r} is choice {named}, but choice {mark} is marked as right: correct the row."
            )
        return named

    def _named(self, item: Item, options: Options, choices: tuple[str, ...], layout: Layout, count: Counting) -> str:
        """The letter of the choice that the gold names."""
        whole = str(item.gold).strip() if options.printed else ""
        if whole in options.printed:
            return LETTERS[options.printed.index(whole)]
        try:
            return letter(item.where, item.gold, choices, options.labels, self._manner(layout), counting=count)
        except DataError as error:
            if item.source != "text":
                raise
            raise DataError(f"{str(error).removesuffix('.')}, or leave the options in the text with -T map=choices=.") from error

    def _shuffles(self, items: list[Item], questions: list[Question], layout: Layout) -> bool:
        """Whether the options are shuffled: as `order` says, and else where the right one has one place by the form of the file."""
        asked = [(item, question) for item, question in zip(items, questions, strict=True) if question.choices]
        if self.order or not asked:
            return self.order == "shuffle"
        listed = all(isinstance(item.gold, list) or (item.options and item.options.marks) for item, _ in asked)
        return layout.place_of_gold() is not None or (listed and all(question.gold == "A" for _, question in asked))

    def _cut(self, row: Row, gold: Any) -> tuple[Any, str]:
        """The part of `gold` after its last mark, and the mark if the option `after` does not say it."""
        if not self.after:
            return solutions.answer(row.where, gold) if isinstance(gold, str) else (gold, "")
        _, mark, rest = gold.rpartition(self.after) if isinstance(gold, str) else ("", "", "")
        if not mark:
            raise DataError(f"{row.where}: the gold has no {self.after!r} in it: correct the row, or leave the option 'after' out.")
        return rest.strip(), ""


def _missing(value: Any) -> bool:
    """Whether `value` is null or not a number (NaN)."""
    return value is None or value != value  # noqa: PLR0124  NaN alone differs from itself


def _names(gold: Any, found: written.Written) -> bool:
    """Whether `gold` is a letter or the text of one of the options that were found in a question's text."""
    whole = written.printed(gold)
    return (
        lettered(gold) in found.letters or checks.scalar(gold) in found.options or (whole is not None and whole[1] in found.options)
    )


def _id(row: Row, value: Any) -> str:
    if isinstance(value, float) or checks.scalar(value) is None:
        raise DataError(f"{row.where}: the id is {value!r}: give a text or a whole number, or leave ids out with -T map=id=.")
    return str(value)


def _free(where: str, gold: Any) -> str:
    text = checks.scalar(gold)
    if text is None:
        inner = f", or name a value in it with -T map=gold=COLUMN.{next(iter(gold))}" if isinstance(gold, dict) and gold else ""
        raise DataError(f"{where}: the gold is {gold!r}: give a text or a number{inner}, or leave gold out with -T map=gold=.")
    if "\n" in text:
        raise DataError(
            f"{where}: the gold is a text of several lines: give the text before the answer with the option 'after', as in after='#### '."
        )
    return text


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
            null = f", with {path}: null where a question asks for a free answer" if part == "choices" else ""
            return (
                f"the column {path!r} for the {part} is missing, which the rows before have: give every row the same columns{null}"
            )
    part, path = next((part, path) for part, path in now.items() if part not in before)
    null = f", with {path}: null where a question asks for a free answer" if part == "choices" else ""
    return f"the column {path!r} for the {part} is new, which the rows before lack: give every row the same columns{null}"
