"""A finished command that is given again: nothing is loaded or computed if nothing that it depends on has changed."""

from __future__ import annotations

import dataclasses
import inspect
from hashlib import blake2b
from itertools import islice
from pathlib import Path

from cotfaith import seeds
from cotfaith.contracts.identity import identity
from cotfaith.contracts.task import AbstractTask
from cotfaith.pipeline.manifest import libraries, prompt_hashes
from cotfaith.pipeline.open_model import asked_models, options_of
from cotfaith.pipeline.open_study import Opened
from cotfaith.storage import schema
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study
from cotfaith.version import __version__

MADE_WITH = ("study", "subjects", "prompts", "identities", "strategy_identities", "reads", "traces")  # keys of the manifest
KEY = "finished"  # of the manifest: the commands that were finished, for the rows that the directory has


def finished(directory: RunDirectory, key: str) -> bool:
    """Whether the command with this key was finished in `directory`, and its rows are those of then, every part whole."""
    noted = bool(key) and key in directory.manifest().get(KEY, {}).get(_state(directory), [])
    return noted and not any(directory.damaged())


def record_finished(directory: RunDirectory, key: str) -> None:
    """Record that the command with this key is finished."""
    manifest, state = directory.manifest(), _state(directory)
    known = manifest.get(KEY, {}).get(state, [])
    if key and key not in known:
        directory.write_manifest({**manifest, KEY: {state: [*known, key]}})


def _state(directory: RunDirectory) -> str:
    """What stands for the rows of the directory, and for what its manifest says that they were made with."""
    manifest = directory.manifest()
    return seeds.key("state", directory.state(), {name: manifest.get(name) for name in MADE_WITH})


def _asked(task: AbstractTask, limit: int) -> str:
    """What stands for the questions that `task` gives now. Those of a generated task follow from its options and its code."""
    if getattr(task, "endless", False) and dataclasses.is_dataclass(task) and (code := _code(type(task))):
        return seeds.key("generated", type(task).__qualname__, dataclasses.asdict(task), code)
    return seeds.key("questions", [schema.question_row(one) for one in islice(task.questions(), limit)])


def _code(cls: type) -> list[str]:
    """The digests of the files beside that of `cls`, and of its own; empty if it has none, as in a notebook."""
    try:
        folder = Path(inspect.getfile(cls)).parent
    except (TypeError, OSError):
        return []
    return [blake2b(path.read_bytes(), digest_size=12).hexdigest() for path in sorted(folder.glob("*.py"))]


def key_of(study: Study, opened: Opened) -> str:
    """What stands for all that the rows of `study` depend on; "" if a model cannot be told without loading it.

    It covers the study, its pieces with their prompts, the questions as the tasks give them now, the models and the libraries.
    """
    sources = {}
    for name in dict.fromkeys([*study.model, *asked_models(study, opened)]):
        model, options = options_of(study, name)
        sources[name] = options.source(model)
    if not all(sources.values()):
        return ""
    questions = {name: _asked(task, study.limit) for name, task in opened.tasks.items()}
    pieces = {name: opened.spec(made) for name, made in opened.interventions.items()}
    strategies = {name: identity(made) for name, made in opened.strategies.items()}
    what = (study.model_dump(mode="json"), pieces, strategies, prompt_hashes(opened), questions, sources, libraries(), __version__)
    return seeds.key("finished", *what)
