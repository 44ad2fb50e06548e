"""A running vLLM: it returns results in the order of the requests, and one sentence if it dies."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any

from cotfaith.engines.shared.quiet import quiet
from cotfaith.engines.vllm.counts import Blocks, Counts
from cotfaith.errors import EngineError

PATIENCE = 2.0  # seconds between two checks that vLLM's processes are alive


@dataclass(frozen=True, slots=True)
class Request:
    """Token ids to continue, and the arguments of vLLM's SamplingParams."""

    ids: tuple[int, ...]
    arguments: Mapping[str, Any]


class Core:
    """A running vLLM.

    Args:
        llm: vllm.LLM.
        processes: the processes that it started.
        name: the model's name, for errors.
        lora: the adapter request of each request; None without an adapter.
    """

    def __init__(self, llm: Any, processes: Sequence[BaseProcess], name: str, lora: Any) -> None:
        self.llm = llm
        self._name = name
        self._lora = lora
        self._processes = processes
        settings = llm.llm_engine.vllm_config
        self.dtype = str(settings.model_config.dtype).removeprefix("torch.")
        # Versions of vLLM without this setting compute the head as the body.
        self.head = str(getattr(settings.model_config, "head_dtype", None) or self.dtype).removeprefix("torch.")
        self.context = int(settings.model_config.max_model_len)
        self.block = int(settings.cache_config.block_size)
        self.counts = Counts()

    def blocks(self) -> Blocks:
        """A ledger of the blocks of one call."""
        return Blocks(self.block)

    def __call__(self, requests: Sequence[Request]) -> list[Any]:
        """The result of each request. Requests start in order, so that later ones find the blocks of earlier ones.

        Raises:
            EngineError: vLLM died, or refuses a request.
        """
        if not requests:
            return []
        from vllm import SamplingParams  # noqa: PLC0415  heavy, and only with this engine
        from vllm.v1.engine.exceptions import EngineDeadError  # noqa: PLC0415  the same

        prompts = [{"prompt_token_ids": list(request.ids)} for request in requests]
        params = [SamplingParams(**request.arguments) for request in requests]
        try:
            with quiet():
                return watched(
                    lambda: list(self.llm.generate(prompts, params, use_tqdm=False, lora_request=self._lora)),
                    self._processes,
                    self._name,
                )
        except EngineDeadError as error:
            raise _dead(self._name) from error
        except ValueError as error:
            raise EngineError(
                f"vLLM refused a request to {self._name} ({' '.join(str(error).split()).rstrip('.')}): check the engine arguments."
            ) from error

    def close(self) -> None:
        """End vLLM's processes."""
        with quiet():  # sockets that the garbage collector closes give warnings
            self.llm.llm_engine.engine_core.shutdown()
            del self.llm
            gc.collect()


def watched(work: Callable[[], list[Any]], processes: Sequence[BaseProcess], name: str) -> list[Any]:
    """The result of `work`, unless one of the `processes` that compute `name` dies; vLLM 0.32 waits forever for a killed one.

    Raises:
        EngineError: a process died.
    """
    future: Future[list[Any]] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001  raised again when the result is read
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    while True:
        done, _ = wait([future], timeout=PATIENCE)
        if done:
            return future.result()
        if not all(process.is_alive() for process in processes):
            raise _dead(name)


def _dead(name: str) -> EngineError:
    return EngineError(
        f"The process of vLLM that computes {name} died in the middle of its work (memory ran out, or it was killed): "
        "all finished work is kept, so run the same command again to resume."
    )
