"""The plan of a run: everything that can be checked and shown before a model is loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cotfaith import prompts
from cotfaith.contracts import intervention
from cotfaith.contracts.strategy import describe
from cotfaith.contracts.task import AbstractTask
from cotfaith.errors import UsageError
from cotfaith.pipeline.cell import SHARD, blocks, cell_name
from cotfaith.pipeline.changes import ChangedError
from cotfaith.pipeline.formats import AtHand, formats_at_hand, short_budget
from cotfaith.pipeline.manifest import check_own, joined
from cotfaith.pipeline.open_model import OPTIONS, check_models, options_of, writes
from cotfaith.pipeline.open_study import Opened, open_study, warnings
from cotfaith.pipeline.questions import check_end, check_same
from cotfaith.pipeline.sample import Sampled, TraceSource
from cotfaith.pipeline.trace_source import Given
from cotfaith.storage import earlier
from cotfaith.storage.run_directory import RunDirectory, Shard
from cotfaith.study import Study
from cotfaith.text import numbers
from cotfaith.types import Question

MOST = 1500  # characters of a question that are shown


@dataclass(frozen=True, slots=True)
class Checked:
    """The plan of a run in lines, and the number of questions that it asks of each task."""

    lines: tuple[str, ...]
    questions: Mapping[str, int]


def check(study: Study, path: Path, *, accept: bool = False) -> Checked:
    """The plan of a run of `study` into `path`, after every check that needs no model. A run that is there is read, and not changed.

    With `accept`, the plan names the first difference of the run that is there, where it would be refused otherwise.

    Raises:
        CotfaithError: what is wrong, in one sentence.
    """
    opened = open_study(study)
    writes(study, opened.interventions)
    lines = [*(f"warning: {one}" for one in warnings(study)), *check_models(study, opened)]
    formats = formats_at_hand(study, opened)
    read = {name: _questions(name, task, study) for name, task in opened.tasks.items()}
    asked = {name: some[: study.limit] for name, some in read.items()}
    counts = {name: study.limit if opened.tasks[name].endless else len(some) for name, some in asked.items()}
    for name, format_ in formats.items():
        lines += _format(name, format_, study)
    for name, some in asked.items():
        lines += _task(study, name, some, counts[name], formats, more=len(read[name]) > study.limit)
    source: TraceSource = Sampled()
    if study.traces is not None:
        source = given = Given.from_file(study.traces)
        lines.append(f"traces: {len(given)} given by {study.traces.path}; nothing is sampled")
    lines += [f"strategy {describe(made)}: {made.manner.summary}" for made in opened.strategies.values()]
    lines += [f"intervention {intervention.describe(made)}" for made in opened.interventions.values()]
    lines += [f"measure {name}: {study.measure(name).summary}" for name in study.measures]
    try:
        lines += _there(RunDirectory(path), study, opened, source, asked)
    except ChangedError as error:
        if not accept:
            raise
        lines.append(
            f"run directory: holds {error.difference}; the run keeps it as it is in {path / earlier.FOLDER} and makes these rows again"
        )
    return Checked(tuple(lines), counts)


def _questions(name: str, task: AbstractTask, study: Study) -> list[Question]:
    """The questions that `study` asks of `task`, and one more if there is one; the first one alone if the task has no end.

    A task may be a pipe, so it is read once.

    Raises:
        UsageError: there is none.
    """
    found = list(islice(task.questions(), 1 if task.endless else study.limit + 1))
    if not found:
        raise UsageError(f"Task {name} has no questions: give another, or other task options (-T).")
    return found


def _there(
    directory: RunDirectory, study: Study, opened: Opened, source: TraceSource, asked: Mapping[str, Sequence[Question]]
) -> list[str]:
    """What the run directory holds, as the run would go on from it.

    Raises:
        ChangedError: what it holds differs from what `study` asks for, and the run would refuse it.
    """
    check_own(directory)
    manifest = directory.manifest()
    if not manifest:
        return []
    joined(directory, manifest, study, opened, source)
    for name, task in opened.tasks.items():
        size = 0
        every = islice(task.questions(), study.limit) if task.endless else iter(asked[name])
        for index, questions in enumerate(blocks(every, SHARD)):
            size += len(questions)
            for model in study.model:
                check_same(directory, study, name, Shard(cell_name(model, name), index), questions)
        if size < study.limit:
            for model in study.model:
                check_end(directory, model, name, size)
    traces = directory.table("traces", ["id"]).num_rows
    return [f"run directory: holds {traces:,} reasoning traces already; the run goes on from what is there"]


def _format(name: str, found: AtHand | None, study: Study) -> list[str]:
    """How the prompts of the model `name` are made; those of an evaluated model are shown with each task."""
    if found is None:
        return [f"format of {name}: not known before the model is loaded, since its tokenizer is not on this machine"]
    resolved = found.resolved()
    first, second = resolved.lines()
    asks = name in study.model
    notes = [*resolved.notes, *filter(None, [short_budget(resolved, study) if asks else ""])]
    return [
        f"format of {name}: {first}",
        *([] if asks else [f"  {second}"]),
        *(f"  note: {name} {note}" for note in notes),
    ]


def _task(
    study: Study, name: str, some: Sequence[Question], count: int, formats: Mapping[str, AtHand | None], *, more: bool
) -> list[str]:
    """The number of questions of a task, the first of each kind as it is posed, and how answers are read. It may have `more` questions."""
    all_ = f" (all that there are; the limit is {study.limit})" if count < study.limit else ""
    all_ = " (the task has more: --limit)" if more else all_
    lines = [f"task {name}: {count} question{'s' * (count != 1)} x {study.samples} sample{'s' * (study.samples != 1)}{all_}"]
    firsts = {bool(question.choices): question for question in reversed(some)}
    for question in sorted(firsts.values(), key=some.index):
        kind = "" if len(firsts) == 1 else " with options" if question.choices else " without options"
        lines += [
            f"  its first question{kind}:",
            *(f"    {line}".rstrip() for line in _short(prompts.posed(question)).splitlines()),
        ]
        lines.append(f"  its gold, which the model does not see: {_gold(question)}")
        shown = {model: _prompt(found, question) for model in study.model if (found := formats[model])}
        lines += [f"  its prompt for {names}: {prompt}" for prompt, names in _grouped(shown).items()]
        cues = {model: _cue(formats[model], question) for model in study.model}
        lines += [
            f"  the prompt for its answer{f' of {names}' if len(set(cues.values())) > 1 else ''} ends with {cue!r}"
            for cue, names in _grouped(cues).items()
        ]
    if study.traces is None:
        most = count * study.samples * study.max_tokens
        lines.append(f"  its reasoning: up to {study.max_tokens:,} tokens a trace, {most:,} for each model and strategy")
    ways = {model: _read(study, model, some) for model in study.model}
    return [*lines, *(f"  answers of {names}: {way}" for way, names in _grouped(ways).items())]


def _prompt(found: AtHand, question: Question) -> str:
    """Both ends of the prompt for the reasoning on a question, and its length."""
    return f"{found.resolved(question).shown()} ({len(found.format.prompt_ids(question)):,} tokens)"


def _cue(found: AtHand | None, question: Question) -> str:
    """How the text before an answer ends: with the usual cue, or with the last line of a format that has its own."""
    usual = prompts.cue(question)
    text = usual if found is None else found.format.answer_text(question)
    return usual if text.endswith(usual) else text.rpartition("\n")[2]


def _grouped(of_models: Mapping[str, str]) -> dict[str, str]:
    """The models of each value, joined by commas."""
    return {
        value: ", ".join(name for name, own in of_models.items() if own == value) for value in dict.fromkeys(of_models.values())
    }


def _gold(question: Question) -> str:
    if question.gold is None:
        return "none, so accuracy is undefined"
    if question.choices:
        return f"({question.gold})"
    compared = numbers.gold_value(question.gold)
    return question.gold if compared == question.gold else f"{question.gold} (compared as {compared})"


def _read(study: Study, name: str, some: Sequence[Question]) -> str:
    """How the answers of the model `name` to the questions are read."""
    _, options = options_of(study, name)
    drawn = " (sampled)" if study.answers == "sampled" else ""
    scored = study.answers == "logprobs" or (study.answers == "auto" and OPTIONS in options.capabilities)
    choice = "read from the log-probabilities of the options" if scored else f"written by the model{drawn}"
    free = f"written by the model{drawn}"
    several = sum(bool(question.choices) for question in some)
    if 0 < several < len(some):
        return f"{choice} for {several} of {len(some)} questions, {free} for those without options"
    return f"multiple choice, {choice}" if several else f"free-form, {free}"


def _short(text: str) -> str:
    """`text` without its middle if it is long."""
    if len(text) <= MOST:
        return text
    half = MOST // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half} characters are not shown ...]\n{text[-half:]}"
