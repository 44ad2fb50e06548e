"""The entry points of the library: `run` carries out a study, `open_run` opens a finished one, and both return a `Run`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cotfaith.analysis import kept, scale_trend, side_by_side
from cotfaith.analysis.compare import Comparison, Wanted
from cotfaith.analysis.compare import compare as comparison
from cotfaith.errors import UsageError
from cotfaith.model_choices import over
from cotfaith.objects import plain
from cotfaith.opened_run import Run
from cotfaith.paths import exists, is_folder
from cotfaith.pipeline.dry_run import check
from cotfaith.pipeline.run import execute
from cotfaith.pipeline.sample import TraceSource
from cotfaith.pipeline.trace_source import Given
from cotfaith.planning import suffices
from cotfaith.planning.plan import SD
from cotfaith.plugins import session
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.storage.whole_files import whole
from cotfaith.study import Study, load, make
from cotfaith.tables.estimates import at

__all__ = ["Comparison", "Run", "compare", "dry", "open_run", "place", "report", "resolve", "run"]


def open_run(path: Path | str, **objects: Any) -> Run:
    """The run in the directory `path`.

    Args:
        path: the run directory.
        objects: the Python objects that were passed to `run` (measures, interventions, hints, judges, task). Pass them again, so
            that their names can be resolved.

    Raises:
        StoreError: there is no run at `path`.
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
    accept_changes: bool = False,
    **choices: Any,
) -> Run:
    """Sample reasoning, intervene, read answers and estimate.

    The same call resumes a stopped run. The same call with a larger `limit` or `samples` extends it.

    Args:
        study: a `Study`, or the path of a study file. Keyword arguments override its values.
        model: a model string, or several: `hf/Org/Model`, a folder, `scripted/mixed`, an alias such as `smollm2-135m`. Or a loaded
            transformers model (with `tokenizer`), a live `vllm.LLM` or any engine, or a mapping from names to these. Loaded models
            stay open.
        tokenizer: the tokenizer of a loaded transformers model.
        task: a task name, or several. Or questions: dictionaries with the columns of a JSONL task, `Question` objects, a data frame
            or a `datasets.Dataset`, or a mapping from names to these.
        measures: the measures to report, as names, instances, classes or functions. The default is early answering, filler tokens
            and reasoning gain.
        out: the run directory. The default is a folder under `runs/`, named after the study file or the choices.
        traces: existing reasoning traces to use in place of sampling: rows with the fields of `cotfaith.contracts.GivenTrace`, the
            path of a JSONL file of them, or `{"path": FILE, "importer": NAME}`.
        quiet: do not show progress.
        accept_changes: if the directory holds rows that differ from what is asked now (an edited question, another revision of a model,
            another setting), keep the run as it was in its folder `earlier`, and make these rows again. The default is to refuse.
        choices: any other field of `Study`: limit, samples, seed, temperature and so on. `template` has variables of the chat template
            of every model, such as `{"enable_thinking": True}`, and `engine` has engine options. `interventions`, `hints` and `judges` may
            contain instances and functions (see `cotfaith.objects`).

    Returns:
        The run. It is `stopped` if the user stopped it, and `complete` once all work of its directory's study is done.

    Raises:
        CotfaithError: what is wrong, in one sentence. Finished work is kept.
    """
    given = {"model": model, "task": task, "measures": measures}
    if isinstance(traces, (str, Path, Mapping)):
        given["traces"], traces = traces if isinstance(traces, Mapping) else str(traces), None
    changes = plain({name: value for name, value in given.items() if value is not None} | choices, tokenizer=tokenizer)
    pieces = changes.all_pieces()
    with session.pieces(pieces):
        asked = resolve(study, changes.choices)
        path = Path(out) if out is not None else place(study, asked)
        if exists(path) and not is_folder(path):
            raise UsageError(f"The run directory {str(path)!r} is a file: choose another --out.")
        done = execute(asked, path, kept.keep, quiet=quiet, source=_source(traces), accept=accept_changes)
        return Run(path, stopped=not done, pieces=pieces)


def _source(traces: Any) -> TraceSource | None:
    if traces is None or isinstance(traces, Given):
        return traces
    rows = traces.to_dict("records") if hasattr(traces, "iloc") else traces
    if not isinstance(rows, Iterable):
        raise UsageError(f"traces is a {type(traces).__name__}: give rows, a data frame, or the path of a file.")
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
    adjust_for: str = "accuracy_full",
) -> Comparison:
    """Compare runs, or the models, strategies or tasks within them.

    Args:
        paths: run directories.
        by: "model", "strategy", "task" or "run". None takes the first of these that differs.
        x: for the trend over model size: "params" for the models' own parameter counts, or a number for each model (7e9 or "7B").
        metrics: the metrics to compare. Empty means the headline of each measure.
        all_pairs: compare every pair, not only each with the first.
        margin: the equivalence margin. The default is the margin of the studies.
        at: pre-registered break point of a two-line test, in parameters.
        level: the confidence level of the intervals.
        seed: the seed of the bootstrap draws.
        adjust_for: the accuracy that the readings "at equal accuracy" hold fixed: "accuracy_full", with the full reasoning, or
            "accuracy_no_reasoning".

    Returns:
        Data frames: `differences` (paired on shared questions, Holm-adjusted), `over_tasks` (means over tasks and their differences,
        a row per claim, with what it holds fixed), `trends` (a row per reading, likewise) and `extremes`. `cotfaith.figures.scale_readings` draws the trends.

    Raises:
        CotfaithError: what is wrong, in one sentence.
    """
    scale = x if x is None or isinstance(x, str) else {name: scale_trend.parameters(str(value)) for name, value in x.items()}
    break_ = None if at is None else scale_trend.parameters(str(at))
    wanted = Wanted(
        by, scale, tuple(metrics), all_pairs=all_pairs, margin=margin, at=break_, level=level, seed=seed, adjust_for=adjust_for
    )
    return comparison([Path(path) for path in paths], wanted)


def report(paths: Sequence[Path | str], *, out: Path | str | None = None) -> Path:
    """Write the HTML page of a run, or one page of several runs side by side. Return its path.

    Args:
        paths: run directories.
        out: where the page of several runs goes; `side_by_side.html` beside the first run by default. The page of one run is in its folder.

    Raises:
        UsageError: a run is given twice, `out` is given for one run, or the page cannot be written.
    """
    if len(paths) == 1:
        if out is not None:
            raise UsageError("The page of one run is report.html in its folder: give --out for several runs only.")
        return open_run(paths[0]).report()
    from cotfaith.report import counts, several  # noqa: PLC0415  matplotlib is loaded only when a page is written

    named = side_by_side.named([Path(path) for path in paths])
    target = Path(paths[0]).resolve().parent / "side_by_side.html" if out is None else Path(out)
    sides = dict[str, several.Side]()
    for name, path in named.items():
        opened = open_run(path)
        estimates = opened.estimates()
        caveats = tuple(opened.caveats(estimates))
        sides[name] = several.Side(opened.report(), estimates, caveats, counts.count(RunDirectory(path)))
    with whole(target) as temporary:
        temporary.write_text(several.page(sides, target), encoding="utf-8")
    return target


def dry(study: Study, path: Path, *, accept_changes: bool = False) -> list[str]:
    """The plan of a run of `study` into `path`, in lines. If the study names a margin, the plan says whether its questions are enough for it.

    The standard deviation comes from the run in `path` if there is one. Otherwise it is assumed.

    Raises:
        CotfaithError: what is wrong, in one sentence; also if the run in `path` holds other rows than `study` asks for, unless `accept_changes`.
    """
    checked = check(study, path, accept=accept_changes)
    return [*checked.lines, *_sufficing(study, path, min(checked.questions.values()))]


def _sufficing(study: Study, path: Path, asked: int) -> list[str]:
    """Whether the questions are enough for the margin of `study`; `asked` is the smallest number of questions that it asks of a task."""
    if study.margin is None:
        return []
    power, alpha = study.power, 1 - study.level
    if exists(path / kept.ESTIMATES):
        tests = RunDirectory(path).derived(kept.ESTIMATES).query("family == 'study' and se > 0")
        places = [
            f"{row['model']} on {row['task']}, {row['measure']} {row['metric']} {at(row)}".strip()
            for row in tests.to_dict("records")
        ]
        spreads = zip(places, tests["se"] * tests["clusters"] ** 0.5, strict=True)
        lines = [
            f"{name}: {suffices(study.margin, study.limit, sd, power=power, alpha=alpha, asked=asked).sentence}"
            for name, sd in spreads
        ]
        if lines:
            return lines
    found = suffices(study.margin, study.limit, SD, power=power, alpha=alpha, samples=study.samples, asked=asked)
    return [f"{found.sentence} The sd is assumed: cotfaith power --pilot RUN takes it from a run."]


def place(study: Study | Path | str | None, asked: Study) -> Path:
    """The default run directory: runs/STEM for a study file, else a name made from the choices in `asked`."""
    return Path("runs") / Path(study).stem if isinstance(study, Path | str) else asked.directory()


def resolve(study: Study | Path | str | None, changes: dict[str, Any]) -> Study:
    """The study of a caller: an object or a file with changes, or the changes alone."""
    if isinstance(study, Study):
        return make(over(study.model_dump(exclude_unset=True), changes, "Study"))
    return make(changes) if study is None else load(study, changes)
