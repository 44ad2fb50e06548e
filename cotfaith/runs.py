"""The library's front door: `run` does what a study asks, `open_run` opens what was done, and both give a `Run`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cotfaith.analysis import scale_trend
from cotfaith.analysis.compare import Comparison, Wanted
from cotfaith.analysis.compare import compare as comparison
from cotfaith.model_choices import over
from cotfaith.objects import plain
from cotfaith.opened_run import Run, finish
from cotfaith.pipeline.run import check, execute
from cotfaith.pipeline.sample import TraceSource
from cotfaith.pipeline.trace_source import Given
from cotfaith.planning import suffices
from cotfaith.planning.plan import SD
from cotfaith.plugins import session
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study, load, make
from cotfaith.tables.estimates import at

__all__ = ["Comparison", "Run", "compare", "dry", "finish", "open_run", "place", "resolve", "run"]


def open_run(path: Path | str, **objects: Any) -> Run:
    """The run in the directory `path`.

    Args:
        path: the run directory.
        objects: what was given to `run` as Python objects (measures, interventions, hints, judges, task), given again, so that their names mean
            something here.

    Raises:
        StoreError: if there is none.
    """
    opened = Run(Path(path), pieces=plain(objects).all_pieces())
    opened.manifest()
    return opened


def run(
    study: Study | Path | str | None = None,
    *,
    model: Any = None,
    tokenizer: Any = None,
    task: Any = None,
    measures: Any = None,
    out: Path | str | None = None,
    traces: Any = None,
    quiet: bool = False,
    **choices: Any,
) -> Run:
    """Sample, intervene, read and estimate; the same call again resumes, and a larger one tops up.

    Args:
        study: a `Study`, or the path of a study file; keyword arguments change it.
        model: a model string, or several: `hf/Org/Model`, a folder, `scripted/mixed`, an alias such as `smollm2-135m`. Or a loaded model of
            transformers (with `tokenizer`), a live `vllm.LLM`, any engine; or a mapping of names to such. Loaded models stay open.
        tokenizer: the tokenizer of a loaded model of transformers.
        task: a task, or several. Or questions: dictionaries with the columns of a JSONL task, `Question` objects, a data frame or a
            `datasets.Dataset`; or a mapping of names to such.
        measures: the measures to report; early answering, filler tokens and reasoning gain if None. Names, instances, classes or functions.
        out: the run directory; by default one under `runs/`, named after the study file or the choices.
        traces: reasoning traces from elsewhere, which are then not sampled: rows with the fields of `cotfaith.contracts.GivenTrace`, the path of
            a JSONL file of them, or `{"path": FILE, "importer": NAME}`.
        quiet: show no progress.
        choices: any other field of `Study`: limit, samples, seed, temperature, ...; `interventions`, `hints` and `judges` may hold instances and
            functions (see `cotfaith.objects`).

    Returns:
        The run, with `complete` False if the user stopped it.

    Raises:
        CotfaithError: what is wrong, in one sentence; what was done is kept.
    """
    given = {"model": model, "task": task, "measures": measures}
    if isinstance(traces, (str, Path, Mapping)):
        given["traces"], traces = traces if isinstance(traces, Mapping) else str(traces), None
    changes = plain({name: value for name, value in given.items() if value is not None} | choices, tokenizer=tokenizer)
    pieces = changes.all_pieces()
    with session.pieces(pieces):
        asked = resolve(study, changes.choices)
        path = Path(out) if out is not None else place(study, asked)
        return Run(path, complete=execute(asked, path, finish, quiet=quiet, source=_source(traces)), pieces=pieces)


def _source(traces: Any) -> TraceSource | None:
    if traces is None or isinstance(traces, Given):
        return traces
    rows = traces.to_dict("records") if hasattr(traces, "iloc") else traces
    return Given.of(rows)


def compare(
    paths: Sequence[Path | str],
    *,
    by: str | None = None,
    x: Mapping[str, float | str] | str | None = None,
    metrics: Sequence[str] = (),
    all_pairs: bool = False,
    margin: float | None = None,
    at: float | str | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Runs, or the models, strategies or tasks in them, side by side.

    Args:
        paths: run directories.
        by: "model", "strategy", "task" or "run"; None: the first of these in which there is something to compare.
        x: for the trend over scale: "params" for the models' own numbers of parameters, or a number for each of them (7e9 or "7B").
        metrics: what to compare; the headline of each measure if empty.
        all_pairs: compare every two of them; else each with the first.
        margin: what counts as no difference, for tests of equivalence; by default the studies' own.
        at: where a peak or trough was expected, declared beforehand, as a number of parameters.
        level: the level of intervals.
        seed: decides the bootstrap draws.

    Returns:
        Data frames: `differences` (paired on common questions, adjusted by Holm), `trends` (in both readings) and `extremes`.

    Raises:
        CotfaithError: what is wrong, in one sentence.
    """
    scale = x if x is None or isinstance(x, str) else {name: scale_trend.parameters(str(value)) for name, value in x.items()}
    break_ = None if at is None else scale_trend.parameters(str(at))
    wanted = Wanted(by, scale, tuple(metrics), all_pairs=all_pairs, margin=margin, at=break_, level=level, seed=seed)
    return comparison([Path(path) for path in paths], wanted)


def dry(study: Study, path: Path) -> list[str]:
    """What a run of `study` into `path` would do, a line each; and, where it names a margin, whether its questions are enough for that.

    The spread is that of the run in `path`, if there is one, else assumed.
    """
    return [*check(study), *_sufficing(study, path)]


def _sufficing(study: Study, path: Path) -> list[str]:
    if study.margin is None:
        return []
    power, alpha = study.power, 1 - study.level
    if (path / "estimates.parquet").exists():
        tests = RunDirectory(path).derived("estimates.parquet").query("family == 'study' and se > 0")
        places = [
            f"{row['model']} on {row['task']}, {row['measure']} {row['metric']} {at(row)}".strip()
            for row in tests.to_dict("records")
        ]
        spreads = zip(places, tests["se"] * tests["clusters"] ** 0.5, strict=True)
        lines = [f"{name}: {suffices(study.margin, study.limit, sd, power=power, alpha=alpha).sentence}" for name, sd in spreads]
        if lines:
            return lines
    found = suffices(study.margin, study.limit, SD, power=power, alpha=alpha, samples=study.samples)
    return [f"{found.sentence} The sd is assumed: cotfaith power --pilot RUN has that of a run."]


def place(study: Study | Path | str | None, asked: Study) -> Path:
    """Where a run goes when nobody says: a study file's runs/STEM, else what the choices `asked` for are called."""
    return Path("runs") / Path(study).stem if isinstance(study, Path | str) else asked.directory()


def resolve(study: Study | Path | str | None, changes: dict[str, Any]) -> Study:
    """The study that a caller means: an object or a file with changes, or the changes alone."""
    if isinstance(study, Study):
        return make(over(study.model_dump(exclude_unset=True), changes, "Study"))
    return make(changes) if study is None else load(study, changes)
