"""What is computed from the rows of a run, kept with a key of all that it depends on. So nothing stale is ever shown, and nothing is computed twice."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import pandas as pd

import cotfaith
from cotfaith import seeds
from cotfaith.analysis import caveats, close_calls, estimate, unread
from cotfaith.analysis.progress import Progress, counts, progress
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study

ESTIMATES, UNREAD, CLOSE, COUNTS, CHANCE = (
    "estimates.parquet",
    "tables/unread.parquet",
    "tables/close_calls.parquet",
    "tables/counts.parquet",
    "tables/chance.parquet",
)
CSV = "tables/estimates.csv"

Make = Callable[[RunDirectory, Study], pd.DataFrame]

_MADE: Mapping[str, Make] = {
    ESTIMATES: lambda directory, study: estimate.table(estimate.estimate(directory, study), study.margin),
    UNREAD: lambda directory, _: unread.unread(directory),
    CLOSE: lambda directory, _: close_calls.table(close_calls.close_calls(directory)),
    COUNTS: lambda directory, _: counts(directory),
    CHANCE: caveats.chance,
}


def key(directory: RunDirectory, study: Study) -> str:
    """What stands for all that the kept tables depend on: the rows, the study, which rows its measures read, and the code."""
    manifest = directory.manifest()
    reads = {name: manifest.get(name) for name in ("reads", "identities")}
    modules = sorted({type(study.measure(name)).__module__ for name in study.measures})
    code = {name: _source(sys.modules[name]) for name in modules}
    return seeds.key("kept", directory.state(), study.model_dump(mode="json"), reads, _own_code(), code)


def _source(module: ModuleType) -> str:
    """A digest of the source of `module`; a new one each time if it has none, such as in a notebook."""
    path = Path(getattr(module, "__file__", None) or "")
    return _digest([path]) if path.is_file() else uuid4().hex


@cache
def _own_code() -> str:
    """A digest of the source of cotfaith, so that a new version makes new numbers."""
    return _digest(sorted(Path(cotfaith.__file__).parent.rglob("*.py")))


def _digest(paths: Sequence[Path]) -> str:
    found = blake2b(digest_size=12)
    for path in paths:
        found.update(path.read_bytes())
    return found.hexdigest()


def table(directory: RunDirectory, study: Study, name: str, now: str = "") -> pd.DataFrame:
    """The table `name`: as it is kept, or made from the rows if they, or the study, have changed since. `now` is the `key`, if it is known."""
    kept = directory.kept_frame(name, now or key(directory, study))
    return _MADE[name](directory, study) if kept is None else kept


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """What is computed of a run: its estimates, its readings without an answer, those that little decided (see `Run`), its progress and its caveats."""

    estimates: pd.DataFrame
    unread: pd.DataFrame
    close_calls: pd.DataFrame
    progress: Progress
    caveats: tuple[str, ...] = ()


def tables(directory: RunDirectory, study: Study, now: str = "") -> Tables:
    """All that is kept of the run, made again if it is of other rows. `now` is the `key`, if it is known."""
    now = now or key(directory, study)
    estimates, silent, close, held, chance = (table(directory, study, name, now) for name in _MADE)
    done = progress(held, directory, study)
    return Tables(estimates, silent, close, done, tuple(caveats.caveats(done, study, estimates, chance)))


def keep(directory: RunDirectory, study: Study) -> None:
    """Make and write every table that is not kept yet, and the estimates as CSV. The directory must be locked."""
    now = key(directory, study)
    for name, make in _MADE.items():
        if not directory.kept(name, now):
            directory.write_frame(name, make(directory, study), now)
    directory.write_text(CSV, directory.derived(ESTIMATES).to_csv(index=False))
