"""A whole run: open what the study names, and do the missing work cell by cell."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from cotfaith.contracts.task import AbstractTask
from cotfaith.pipeline.cell import Cell
from cotfaith.pipeline.changes import Accepting, untouched_if_refused
from cotfaith.pipeline.finished import finished, key_of, record_finished
from cotfaith.pipeline.formats import check_variables, short_budget
from cotfaith.pipeline.judge import judge_readings
from cotfaith.pipeline.manifest import begin, check_own, record, record_size
from cotfaith.pipeline.open_model import (
    OpenModel,
    asked_models,
    check_models,
    check_needs,
    needs_of,
    open_subject,
    open_writers,
    writes,
)
from cotfaith.pipeline.open_study import Opened, open_study, warnings
from cotfaith.pipeline.progress import Reporter, Stop, Stopped, reporting
from cotfaith.pipeline.questions import check_end, store_questions
from cotfaith.pipeline.read import read_traces
from cotfaith.pipeline.replies import check_donors
from cotfaith.pipeline.run_log import noting
from cotfaith.pipeline.sample import Sampled, TraceSource, sample_traces
from cotfaith.pipeline.trace_source import Given
from cotfaith.prompts import stray_tags
from cotfaith.storage import losses
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study, stored
from cotfaith.types import Question

logger = logging.getLogger(__name__)

Finish = Callable[[RunDirectory, Study], None]  # called with the directory when all rows of its study are done


@dataclass(frozen=True, slots=True)
class Work:
    """What all cells of a run share. `writers` are opened on first use and closed with `models`."""

    study: Study
    opened: Opened
    directory: RunDirectory
    reporter: Reporter
    stop: Stop
    models: ExitStack
    source: TraceSource
    accepting: Accepting
    writers: dict[str, OpenModel] = field(default_factory=dict)
    introduced: set[str] = field(default_factory=set)  # the models whose formats were shown


def execute(
    study: Study, path: Path, finish: Finish, *, quiet: bool = False, source: TraceSource | None = None, accept: bool = False
) -> bool:
    """Do the work of `study` that the run directory `path` lacks, then `finish` it. Return False if the user stopped it.

    The manifest is `complete` once all work of the directory's study is done, which may be more than `study`.

    Traces come from `source`, else from the study's file of traces, else they are sampled. What the directory holds in another form than
    `study` gives it now is refused, unless `accept`: then the run as it was is kept in its folder `earlier`, and these rows are made again.

    Raises:
        CotfaithError: what is wrong, in one sentence. Finished work is kept.
    """
    opened = open_study(study)
    if source is None:
        source = Sampled() if study.traces is None else Given.from_file(study.traces)
    writes(study, opened.interventions)
    check_models(study, opened)
    check_variables(study, opened)
    for warning in warnings(study):
        logger.warning(warning)
    directory = RunDirectory(path)
    check_own(directory)
    with directory.lock():
        was = directory.manifest()
        key = key_of(study, opened) if isinstance(source, Sampled) else ""
        if finished(directory, key):
            finish(directory, stored(was["study"], path))
            return True
        with untouched_if_refused(directory, was):
            return _work(study, opened, directory, finish, was=was, key=key, quiet=quiet, source=source, accept=accept)


def _work(
    study: Study,
    opened: Opened,
    directory: RunDirectory,
    finish: Finish,
    *,
    was: Mapping[str, Any],
    key: str,
    quiet: bool,
    source: TraceSource,
    accept: bool,
) -> bool:
    """As `execute`, in the locked `directory`, whose manifest `was` this before. `key` stands for the command."""
    accepting = Accepting(directory, was, accept)
    whole, opened = accepting.through(lambda: begin(directory, study, opened, source))
    there = bool(was.get("complete")) and not losses.lost(directory, was)
    done_before = there and was["study"] == whole.model_dump(mode="json")
    stop = Stop()
    with reporting(quiet=quiet) as reporter, stop.listening(), noting(directory), ExitStack() as models:
        work = Work(study, opened, directory, reporter, stop, models, source, accepting)
        try:
            for model in study.model:
                _run_model(work, model)
        except Stopped:
            directory.log("stopped by the user")
            return False
        _say_unused(source)
        finish(directory, whole)
        directory.write_manifest({**directory.manifest(), "complete": done_before or not whole.beyond(study)})
        record_finished(directory, key)
    directory.log("done", **reporter.counts)
    return True


def _run_model(work: Work, model: str) -> None:
    study = work.study
    work.reporter.say(f"{model}: loading")
    subject = open_subject(study, model)
    with closing(subject.engine):
        check_needs(model, subject.engine.info.capabilities, needs_of(study, work.opened))
        writers = open_writers(work.opened, study, subject, work.writers, work.models)
        for one in (subject, *writers.values()):
            _introduce(work, one)
        for name, task in work.opened.tasks.items():
            cell = Cell(subject, subject.tag(), name, study, work.opened, writers, work.directory, work.reporter, work.stop)
            check_donors(cell)
            _run_cell(cell, task, work.source, work.accepting)


def _introduce(work: Work, model: OpenModel) -> None:
    """Record `model`, and say once how its prompts are made."""
    resolved, helps = model.resolved(), model.name in asked_models(work.study, work.opened)
    work.accepting.through(lambda: record(work.directory, model, resolved, helps=helps))
    if model.name in work.introduced:
        return
    work.introduced.add(model.name)
    for line in resolved.lines():
        work.reporter.say(f"{model.name}: {line}")
    short = short_budget(resolved, work.study) if model.name in work.study.model else ""
    for note in (*resolved.notes, *filter(None, [short])):
        logger.warning("%s %s", model.name, note)


def _run_cell(cell: Cell, task: AbstractTask, source: TraceSource, accepting: Accepting) -> None:
    asked = _asked(cell, task)
    form, tags, tagged, total, size = cell.subject.format.name, set[str](), 0, 0, 0
    for shard, questions in cell.shards(asked):
        size += len(questions)
        started = time.monotonic()
        accepting.through(partial(store_questions, cell, shard, questions))
        traces = accepting.through(partial(sample_traces, cell, shard, questions, source))
        found = [stray for trace in traces if (stray := stray_tags(form, trace.reasoning))]
        tags, tagged, total = tags.union(*found), tagged + len(found), total + len(traces)
        read_traces(cell, shard, questions, traces)
        judge_readings(cell, shard)
        seconds = round(time.monotonic() - started, 3)
        cell.directory.log("shard done", model=cell.subject.name, task=cell.task, shard=shard.index, seconds=seconds)
    if size < cell.study.limit:
        accepting.through(lambda: check_end(cell.directory, cell.subject.name, cell.task, size))
        record_size(cell.directory, cell.task, size)
    if tagged:
        logger.warning(
            "%d of %d reasoning traces of %s on %s contain what looks like a tag of a reasoning channel (%s), which the format %s does "
            "not use: if the model has such a channel, name it in a study file (channel: {open: ..., close: ...}).",
            *(tagged, total, cell.subject.name, cell.task, " ".join(sorted(tags)), form),
        )


def _asked(cell: Cell, task: AbstractTask) -> Iterator[Question]:
    """The questions of `task`, which may be a pipe and is read once. If nobody chose how many are asked, it is said that there are more."""
    limit = cell.study.limit
    if task.endless or "limit" in cell.study.model_fields_set:
        return task.questions()
    found = list(islice(task.questions(), limit + 1))
    if len(found) > limit:
        cell.reporter.say(f"{cell.task}: the first {limit} questions are asked, and there are more (--limit)")
    return iter(found)


def _say_unused(source: TraceSource) -> None:
    if count := source.unused():
        logger.warning(
            "%d of the given traces were not used, since the study has no such question, strategy, sample or model.", count
        )
