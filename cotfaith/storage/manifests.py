"""The file manifest.json: how a run was made. It is read only if it is as it was written, and has the shape that everything expects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Required, TypedDict

import msgspec

from cotfaith import seeds
from cotfaith.errors import StoreError

FORMAT = 3
NAME = "manifest.json"
DIGEST = "digest"  # of all other keys; a file without it was changed on purpose


class _Fingerprint(TypedDict, total=False):
    format: str


class _Subject(TypedDict, total=False):
    fingerprint: Required[_Fingerprint]
    resolved: dict[str, Any]
    parameters: int | float | None


class _About(TypedDict, total=False):
    target: Required[str]


class _Hint(TypedDict, total=False):
    name: Required[str]
    about: Required[_About]


class _Identity(TypedDict, total=False):
    parameters: Required[dict[str, Any]]
    hints: dict[str, _Hint]


class _Traces(TypedDict, total=False):
    source: Required[str]


class _Manifest(TypedDict, total=False):
    """The keys that code reads, with their types. Others may be added."""

    study: dict[str, Any]  # not there while all rows are being made again
    subjects: dict[str, _Subject]
    strategies: dict[str, str]
    interventions: dict[str, str]
    origins: dict[str, str]
    prompts: dict[str, str]
    identities: dict[str, _Identity]
    strategy_identities: dict[str, dict[str, Any]]
    reads: dict[str, dict[str, list[str]]]
    traces: list[_Traces]
    sizes: dict[str, int]
    finished: dict[str, list[str]]
    parts: dict[str, list[str]]
    complete: bool
    cotfaith: str
    python: str
    libraries: dict[str, str]
    hardware: dict[str, Any]
    command: list[str]


def read(folder: Path) -> dict[str, Any]:
    """The manifest of the run directory `folder`; empty if there is none yet.

    Raises:
        StoreError: it cannot be read, was changed, has another shape, or another version of cotfaith wrote it in a format that this one
            does not read.
    """
    path = folder / NAME
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read ({error.strerror or error}): correct the cause, or give the folder that `cotfaith run` printed."
        ) from error
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise StoreError(f"{path} is not JSON ({reason}): restore it, or choose another --out.") from None
    if not isinstance(manifest, dict):
        raise StoreError(f"{path} holds {type(manifest).__name__}, not keys and values: restore it, or choose another --out.")
    _check_format(folder, manifest)
    own = _digest(manifest)
    if own is None:
        raise StoreError(
            f"{path} holds a number or a text that no run writes (not a number, or half of a character): restore it from a copy."
        )
    if manifest.get(DIGEST, own) != own:
        raise StoreError(
            f"{path} was changed after it was written, so it may no longer say how the rows were made: restore it from a copy; if the "
            f'change is meant, remove its key "{DIGEST}".'
        )
    try:
        msgspec.convert(manifest, _Manifest)
    except (msgspec.ValidationError, RecursionError) as error:
        raise StoreError(
            f"{path} is not the manifest of a run ({error}): restore it from a copy, or choose another --out."
        ) from None
    return manifest


def is_changed(manifest: Mapping[str, Any]) -> bool:
    """Whether somebody changed this manifest on purpose and therefore removed its digest."""
    return bool(manifest) and DIGEST not in manifest


def encoded(manifest: Mapping[str, Any]) -> str:
    """The text of the file, with the format and the digest."""
    whole = {"format": FORMAT, **{key: value for key, value in manifest.items() if key != DIGEST}}
    plain = json.loads(json.dumps(whole, ensure_ascii=False, allow_nan=False))
    return json.dumps({**plain, DIGEST: _digest(plain)}, indent=2, ensure_ascii=False) + "\n"


def _digest(manifest: Mapping[str, Any]) -> str | None:
    """The digest of all keys but its own; None if they cannot be written as JSON."""
    try:
        return seeds.key("manifest", {key: value for key, value in manifest.items() if key != DIGEST})
    except (ValueError, RecursionError):  # NaN, or half of a character
        return None


def _check_format(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Refuse a manifest of another format."""
    found = manifest.get("format", FORMAT)
    if not isinstance(found, int) or isinstance(found, bool):
        raise StoreError(
            f"{folder / NAME} has the format {found!r}, which is no whole number: restore it, or choose another --out."
        )
    if found > FORMAT:
        raise StoreError(
            f"{folder} was written by cotfaith {manifest.get('cotfaith', 'of a newer version')} (format {found}, this one reads up to "
            f"{FORMAT}): upgrade cotfaith to open it."
        )
    if found < FORMAT:
        raise StoreError(
            f"{folder} was written by an earlier cotfaith (format {found}, this one reads {FORMAT}): open it with that version, or make the "
            "run again with another --out."
        )
