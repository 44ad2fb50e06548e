"""What is said about a file of questions: what was found without being named, and what may be wrong with its golds."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.entities import html5

from cotfaith.tasks import columns
from cotfaith.tasks.columns import Layout, Part
from cotfaith.tasks.gold import Counting, Manner, lettered, whole
from cotfaith.tasks.items import Item
from cotfaith.types import Question

ENOUGH = 10  # rows whose right choice is always A, from which on this is said

SENTENCE = 8  # words of a gold, above which it is hardly the answer alone

_NUMBERED = re.compile(r"^\s{0,4}\(?1[.)]\s.*\n\s{0,4}\(?2[.)]\s", re.MULTILINE)
_LONE = re.compile(r"[A-Ja-j]")
_DECIMAL = re.compile(r"[-+]?\d+,\d+")
_THOUSANDS = re.compile(r"[-+]?\d{1,3},\d{3}")
_ENTITY = re.compile(r"&(?:#\d{1,6}|#[xX][0-9a-fA-F]{1,5}|(\w{2,30}));")


@dataclass(frozen=True, slots=True)
class Read:
    """A file that was read: the name of its task, the path, its columns and the map, its rows and questions, and how they were read."""

    task: str
    path: str
    layout: Layout
    given: Mapping[Part, str]
    items: Sequence[Item]
    questions: Sequence[Question]
    counting: Counting
    printed: bool
    shuffles: bool


def sentences(read: Read, *, gold: Manner, order: str) -> Iterator[str]:
    """What is said about the file, one sentence each; `gold` and `order` are the options of its task."""
    if found := _found(read, order):
        yield f"{read.task} has {'; '.join(found)}."
    yield from _on_text(read)
    yield from _on_free(read, gold)
    if not any(item.known for item in read.items) and "gold" not in read.given:
        yield (
            f"{read.path} has no column for the gold answer (looked for {', '.join(columns.ALIASES['gold'])}), so accuracy is undefined: name it "
            "with -T map=gold=COLUMN, or say -T map=gold= if there is none."
        )
    mixed = any(lettered(item.gold) for item in read.items if item.options)
    if read.counting == "index" and mixed:
        yield f"{read.path} has numbers and letters as golds, and one of the numbers is 0, so the numbers count from 0."
    counted = [item for item in read.items if item.options and _place(item, item.options.texts, item.options.labels)]
    if not read.counting and counted and not gold and read.layout.shape is None:
        yield (
            f"{read.path} has golds that are numbers among others that are texts (such as {counted[0].gold!r}), and these numbers count from 0: write "
            "the text of the right choice instead if they do not."
        )
    if read.counting == "label":
        yield (
            f"{read.path} has numbers as golds, none of them 0 and some the number of the choices, so they count from 1 "
            f"({'letters stand among them' if mixed else 'the option gold=label says the same'})."
        )
    if read.counting == "either":
        yield (
            f"{read.path} has numbers as golds, none of them 0 or the number of the choices, so they may count from 0 or from 1, and from 0 is "
            f"assumed: {'name every choice by its letter' if mixed else 'say gold=label if they count from 1, or gold=index if this is right'}."
        )
    asked = [question for question in read.questions if question.choices]
    if len(asked) >= ENOUGH and all(question.gold == "A" for question in asked) and not order and not read.shuffles:
        yield (
            f"{read.task} has A as the right choice of all {len(asked)} questions, so a preference for A looks like knowledge: shuffle the options "
            "with the option order=shuffle, or say order=file if this is meant."
        )


def _place(item: Item, texts: Sequence[object], labels: Sequence[str]) -> bool:
    """Whether the gold of `item` is a number that is the place of a choice, and neither a label nor the text of one."""
    number = whole(item.gold)
    names = {*map(str, texts), *labels}
    return number is not None and not isinstance(item.gold, str) and str(number) not in names and str(item.gold) not in names


def _found(read: Read, order: str) -> list[str]:
    """What was found without being named."""
    found, source = [], read.items[0].source
    if read.layout.shape is not None:
        named = ", ".join(f"{part}={path}" for part, path in read.layout.parts.items() if part not in read.given)
        found.append(f"the columns of {read.layout.shape.name} ({named})")
    if source == "text":
        found.append("options at the end of each question's text, which are its choices")
    for mark in dict.fromkeys(item.worked for item in read.items if item.worked):
        count = sum(item.worked == mark for item in read.items)
        found.append(
            f"worked solutions with {mark} as the golds of {count} of {len(read.items)} questions, whose marked answers are the golds"
        )
    if source == "truth":
        found.append("golds that are true or false, so the choices are Yes and No (-T map=choices= asks for a free answer)")
    if read.printed:
        found.append("letters printed before the options, which are removed")
    if read.shuffles and not order:
        found.append("right answers in the same place, so the options of each question are shuffled (order=file keeps them)")
    return found


def _on_text(read: Read) -> Iterator[str]:
    """What is said about the texts of questions."""
    after = [item.after for item in read.items if item.after]
    if after:
        yield (
            f"{read.task} has text after the options of {len(after)} of {len(read.items)} questions (such as {after[0][:60]!r}), which is no part of "
            "the last option and stays after the choices."
        )
    if cues := [item.left_out for item in read.items if item.left_out]:
        yield f"{read.task} has {cues[0]!r} at the end of {len(cues)} of {len(read.items)} questions, which is left out, since the prompt asks for the answer itself."
    free = sum(item.source == "null" for item in read.items)
    if 0 < free < len(read.items):
        yield f"{read.task} has null as the choices of {free} of {len(read.items)} questions, which ask for free answers."
    coded = next((found for question in read.questions for found in _entities(question)), "")
    if coded:
        yield f"{read.path} has HTML codes in its questions (such as {coded!r}), which models see as they stand: replace them in the file if they are not meant."


def _on_free(read: Read, manner: Manner) -> Iterator[str]:
    """What is said about the golds of questions that ask for free answers."""
    free = [(item, question.gold or "") for item, question in zip(read.items, read.questions, strict=True) if not question.choices]
    golds = [gold for _, gold in free]
    if len(free) < len(read.questions) or not golds:
        return
    if "choices" not in read.given and all(_LONE.fullmatch(gold) for gold in golds):
        yield (
            f"{read.path} has letters as golds and no choices, so the questions are asked as free text: name the columns of the choices with the "
            "option -T map=choices=COLUMN+COLUMN, or say -T map=choices= if the letters are the answers."
        )
    for words, read_as in ((("0", "1"), "numbers"), (("false", "true"), "texts")):
        if not manner and len(golds) > 1 and all(gold.casefold() in words for gold in golds):
            yield (
                f"{read.path} has only {words[0]} and {words[1]} as golds and no choices, so they are {read_as} and not yes or no: say gold=yes-no if "
                f"{words[1]} means yes and {words[0]} means no, which makes the choices Yes and No."
            )
    if not manner and len(golds) > 1 and all(gold.casefold() in {"yes", "no"} for gold in golds):
        yield (
            f"{read.path} has only yes and no as golds and no choices, so the questions are asked as free text: say gold=yes-no to make the choices "
            "Yes and No, or -T map=choices= if free text is meant."
        )
    if long := [gold for gold in golds if len(gold.split()) > SENTENCE]:
        yield (
            f"{read.path} has {len(long)} of {len(golds)} golds of more than {SENTENCE} words (such as {long[0][:60]!r}), which hardly any answer equals: "
            "give the answer alone, without its explanation."
        )
    listed = sum(bool(_NUMBERED.search(question.text)) for question in read.questions)
    if "choices" not in read.given and listed and 2 * listed >= len(golds):
        yield (
            f"{read.path} has numbered lines in {listed} of {len(golds)} questions and no choices: if they are options, mark them with letters "
            "(A) ..., or give the choices in columns; say -T map=choices= if they are not."
        )
    if decimal := next((gold for gold in golds if _DECIMAL.fullmatch(gold) and not _THOUSANDS.fullmatch(gold)), ""):
        thousands = next((gold for gold in golds if _THOUSANDS.fullmatch(gold)), "")
        also = f", and {thousands!r} reads as {thousands.replace(',', '')}" if thousands else ""
        yield (
            f"{read.path} has golds such as {decimal!r}, which read as a list of two numbers, so the answer {decimal.replace(',', '.')} does not equal "
            f"them{also}: write a point in the file if the comma is a decimal comma."
        )


def _entities(question: Question) -> Iterator[str]:
    """The HTML codes in the texts of `question`."""
    for text in (question.text, *question.choices):
        for found in _ENTITY.finditer(text):
            if found[1] is None or f"{found[1]};" in html5:
                yield found[0]
