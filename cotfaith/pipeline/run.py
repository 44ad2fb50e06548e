"""A whole run: open what the study names, and do the missing work cell by cell."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from cotfaith.contracts import intervention
from cotfaith.contracts.strategy import describe
from cotfaith.contracts.task import AbstractTask
from cotfaith.errors import UsageError
from cotfaith.pipeline.cell import Cell
from cotfaith.pipeline.judge import judge_readings
from cotfaith.pipeline.manifest import begin, record
from cotfaith.pipeline.open_model import OpenModel, check_models, check_needs, needs_of, open_subject, open_writers, writes
from cotfaith.pipeline.open_study import Opened, open_study
from cotfaith.pipeline.progress import Reporter, Stop, Stopped, reporting
from cotfaith.pipeline.questions import store_questions
from cotfaith.pipeline.read import read_traces
from cotfaith.pipeline.replies import check_donors
from cotfaith.pipeline.run_log import noting
from cotfaith.pipeline.sample import Sampled, TraceSource, sample_traces
from cotfaith.pipeline.trace_source import Given
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study

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
    writers: dict[str, OpenModel] = field(default_factory=dict)


def execute(study: Study, path: Path, finish: Finish, *, quiet: bool = False, source: TraceSource | None = None) -> bool:
    """Do the work of `study` that the run directory `path` lacks, then `finish` it. Return False if the user stopped it.

    Traces come from `source`, else from the study's file of traces, else they are sampled.

    Raises:
        CotfaithError: what is wrong, in one sentence. Finished work is kept.
    """
    opened = open_study(study)
    if source is None:
        source = Sampled() if study.traces is None else Given.from_file(study.traces)
    writes(study, opened.interventions)
    check_models(study, opened)
    directory = RunDirectory(path)
    with directory.lock():
        whole, opened = begin(directory, study, opened, source)
        stop = Stop()
        with reporting(quiet=quiet) as reporter, stop.listening(), noting(directory), ExitStack() as models:
            work = Work(study, opened, directory, reporter, stop, models, source)
            try:
                for model in study.model:
                    _run_model(work, model)
            except Stopped:
                directory.log("stopped by the user")
                return False
            _say_unused(source)
            finish(directory, whole)
            directory.write_manifest({**directory.manifest(), "complete": True})
        directory.log("done", **reporter.counts)
    return True


def _run_model(work: Work, model: str) -> None:
    study = work.study
    subject = open_subject(study, model, study.format)
    with closing(subject.engine):
        check_needs(model, subject.engine.info.capabilities, needs_of(study, work.opened))
        writers = open_writers(work.opened, study, subject, work.writers, work.models)
        for one in (subject, *writers.values()):
            record(work.directory, one)
        for name, task in work.opened.tasks.items():
            cell = Cell(subject, subject.tag(), name, study, work.opened, writers, work.directory, work.reporter, work.stop)
            check_donors(cell)
            _run_cell(cell, task, work.source)


def _run_cell(cell: Cell, task: AbstractTask, source: TraceSource) -> None:
    for shard, questions in cell.shards(task.questions()):
        started = time.monotonic()
        store_questions(cell, shard, questions)
        traces = sample_traces(cell, shard, questions, source)
        read_traces(cell, shard, questions, traces)
        judge_readings(cell, shard)
        seconds = round(time.monotonic() - started, 3)
        cell.directory.log("shard done", model=cell.subject.name, task=cell.task, shard=shard.index, seconds=seconds)


def _say_unused(source: TraceSource) -> None:
    if count := source.unused():
        logger.warning(
            "%d of the given traces were not used, since the study has no such question, strategy, sample or model.", count
        )


def check(study: Study) -> list[str]:
    """The plan of a run of `study`, in lines, after every check that needs no model."""
    opened = open_study(study)
    writes(study, opened.interventions)
    lines = check_models(study, opened)
    for name, task in opened.tasks.items():
        first = next(task.questions(), None)
        if first is None:
            raise UsageError(f"Task {name} has no questions: give another, or other task options (-T).")
        lines.append(f"task {name}: up to {study.limit} questions x {study.samples} samples; the first: {first.text[:70]!r}")
    if study.traces is not None:
        lines.append(f"traces: {len(Given.from_file(study.traces))} given by {study.traces.path}; nothing is sampled")
    lines += [f"strategy {describe(made)}: {made.manner.summary}" for made in opened.strategies.values()]
    lines += [f"intervention {intervention.describe(made)}" for made in opened.interventions.values()]
    lines += [f"measure {name}: {study.measure(name).summary}" for name in study.measures]
    return lines
