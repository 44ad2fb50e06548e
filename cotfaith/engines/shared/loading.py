"""Loading of a checkpoint: whatever fails is one sentence. A checkpoint is data from elsewhere, and anything can be wrong with it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

from cotfaith.engines.shared import aliases
from cotfaith.errors import CotfaithError, EngineError

CONFIG, TOKENIZER, WEIGHTS, FILES = "config.json", "the tokenizer", "the weights", "its files"
PANIC = "PanicException"  # of a library in Rust
STDERR = 2
FULL = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory")


@contextmanager
def loading(name: str, revision: str | None, step: str) -> Iterator[None]:
    """Read a part of the checkpoint `name`, which `step` names in errors: "config.json", "the tokenizer", "the weights".

    The libraries that read it raise errors of every class, according to what they stumble over. Only an interrupt passes.

    Raises:
        EngineError: it cannot be read.
    """
    try:
        with _without_panics():
            yield
    except CotfaithError:
        raise
    except Exception as error:
        raise EngineError(reason(name, revision, error, step)) from error
    except BaseException as error:
        if not _panicked(error):
            raise
        raise EngineError(reason(name, revision, error, step)) from error


def _panicked(error: BaseException) -> bool:
    """Whether a library in Rust stopped in the middle, which it raises as no `Exception`."""
    return type(error).__name__ == PANIC


@contextmanager
def _without_panics() -> Iterator[None]:
    """Hold back what is written to the standard error, and drop it if a library in Rust panics: it writes where it did, and its stack."""
    try:
        held, own = tempfile.TemporaryFile(), os.dup(STDERR)  # noqa: SIM115  closed below
    except OSError:  # there is no standard error, or no place for a file
        yield
        return
    panicked = False
    try:
        os.dup2(held.fileno(), STDERR)
        yield
    except BaseException as error:
        panicked = _panicked(error)
        raise
    finally:
        os.dup2(own, STDERR)
        os.close(own)
        with held:
            held.seek(0)
            said = b"" if panicked else held.read()
        with suppress(OSError):  # nobody can be told
            os.write(STDERR, said)


def reason(name: str, revision: str | None, error: BaseException, step: str = FILES) -> str:
    """One sentence that says why `step` of `name` could not be loaded, and what to do."""
    at = f" at revision {revision!r}" if revision else ""
    text = " ".join(str(error).split())
    chain = [error, error.__cause__, error.__context__]
    known = ", ".join(aliases.aliases())
    first = (str(error).strip().splitlines() or [""])[0].rstrip(".:")[:200]
    said = f"{type(error).__name__}: {first}" if first else type(error).__name__
    gated = any(isinstance(link, GatedRepoError) for link in chain)
    absent = any(isinstance(link, (RepositoryNotFoundError, RevisionNotFoundError)) for link in chain)
    unreachable = "couldn't connect" in text or "offline" in text.lower()
    full = isinstance(error, MemoryError) or any(words in text.lower() for words in FULL)
    damaged = any(type(link).__name__ == "SafetensorError" for link in chain)
    nowhere = (
        f"is neither a local folder nor an alias ({known}), the hub's local cache lacks it, and the hub could not be reached: "
        "check the name and the network, or give a folder."
    )
    reasons = [
        (full, f"does not fit into memory ({step}): use a smaller model or dtype, or free memory."),
        (damaged, f"has damaged or incomplete weights ({said}): download it again."),
        (
            "Repo id must" in text,
            f"is neither a folder that exists nor a hub id such as Org/Model, nor an alias ({known}).",
        ),
        (gated, "is gated: accept its terms on huggingface.co and log in with `hf auth login`."),
        (absent, f"is not on the hub: check the name, or use a local folder or an alias ({known})."),
        (unreachable, nowhere),
        ("trust_remote_code" in text, "needs its own code: read it, and if you trust it add trust_remote_code=true."),
        (
            isinstance(error, OSError) and "safetensors" in text and not _has_weights(name),
            (
                "has no safetensors weights, and pickles are not loaded: convert it to safetensors first: if you trust it, load it and its "
                "tokenizer with transformers, save_pretrained both into a folder, and give that."
            ),
        ),
        ("Unrecognized configuration class" in text, "is not a causal language model that transformers knows: use one that is."),
        (True, f"could not be loaded (from {step}; {said}): check the checkpoint and the engine arguments, or download it again."),
    ]
    return f"Model {name!r}{at} " + next(sentence for holds, sentence in reasons if holds)


def _has_weights(name: str) -> bool:
    """Whether `name` is a local folder with weights."""
    try:
        return any(Path(name).expanduser().glob("*.safetensors"))
    except (OSError, ValueError, RuntimeError):
        return False
