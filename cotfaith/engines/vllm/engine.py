"""The engine that runs a model on vLLM, on CPU or GPU."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cotfaith.contracts.options import build
from cotfaith.engines.shared import checkpoint
from cotfaith.engines.shared.loading import TOKENIZER, loading
from cotfaith.engines.vllm.counts import Counts
from cotfaith.engines.vllm.loading import Checkpoint, adapter_arguments, adapter_request, read_checkpoint, require, start
from cotfaith.engines.vllm.options import VllmOptions
from cotfaith.engines.vllm.settings import settings
from cotfaith.types import Completion, EngineInfo, OptionScores, PrefixTree, Prompt, Sampling, Scalar

if TYPE_CHECKING:
    from cotfaith.engines.vllm.core import Core
    from cotfaith.engines.vllm.guard import Guard

LOG = logging.getLogger("cotfaith")
HALF = ("bfloat16", "float16")
PRECISION = (
    "the last layer (the head) is computed in {}, so close options may tie by rounding: give vLLM "
    'hf_overrides={{"head_dtype": "float32"}} or dtype=float32 to avoid this'
)
TOP = 20  # most likely tokens, for a vLLM that cannot return the log-probabilities of chosen tokens


class VllmEngine:
    """A model on vLLM behind the engine contract.

    Args:
        model: a hub id, a local folder or an alias (see `cotfaith.engines.shared.aliases`).
        options: the engine's options, checked.
        arguments: instead of `options`, its fields and vLLM's own arguments, as values or as text.

    Attributes:
        core: the running vLLM.
        ends: the ids that end a completion, from the model's generation config and its tokenizer.

    Raises:
        UsageError: an option is unknown, is reserved for cotfaith, or has an invalid value.
        EngineError: vLLM is not installed or does not start, or the model or adapter does not exist.
    """

    def __init__(self, model: str, options: VllmOptions | None = None, **arguments: Any) -> None:
        require()
        options = options or build(VllmOptions, arguments, "the vLLM engine")
        revision = options.revision or None
        # Heavy, and only with this engine.
        from vllm.platforms import current_platform  # noqa: PLC0415

        from cotfaith.engines.vllm.core import Core  # noqa: PLC0415
        from cotfaith.engines.vllm.guard import Guard  # noqa: PLC0415

        chosen = settings(options, cpu=current_platform.is_cpu())
        found = read_checkpoint(model, revision, chosen)
        top = None if _exact() and chosen.top_logprobs is None else chosen.top_logprobs or TOP
        ours = adapter_arguments(chosen) | ({} if top is None else {"max_logprobs": top})
        llm, processes = start(model, found.source, revision, {**ours, **chosen.vllm})
        self._guard: Guard | None = Guard([process.pid for process in processes if process.pid is not None])
        self._assemble(Core(llm, processes, f"vllm/{model}", adapter_request(chosen)), model, found, chosen.given, top)

    @classmethod
    def on(cls, llm: Any) -> VllmEngine:
        """The engine on a running vLLM (a `vllm.LLM`), which the caller ends.

        Raises:
            EngineError: the files of its model cannot be read.
        """
        require()
        from vllm.platforms import current_platform  # noqa: PLC0415  heavy, and only with this engine

        from cotfaith.engines.vllm.core import Core  # noqa: PLC0415  the same

        config = llm.llm_engine.vllm_config
        asked = {"trust_remote_code": bool(config.model_config.trust_remote_code)}
        chosen = settings(build(VllmOptions, asked, "the vLLM engine"), cpu=current_platform.is_cpu())
        model = str(config.model_config.model)
        found = read_checkpoint(model, config.model_config.revision, chosen)
        given = {
            "enable_prefix_caching": bool(config.cache_config.enable_prefix_caching),
            "block_size": int(config.cache_config.block_size),
            "seed": int(config.model_config.seed or 0),
        }
        engine = cls.__new__(cls)
        engine._guard = None  # noqa: SLF001  its own
        top = None if _exact() else int(config.model_config.max_logprobs)
        engine._assemble(Core(llm, [], f"vllm/{model}", None), model, found, given, top)  # noqa: SLF001  the same
        return engine

    def _assemble(self, core: Core, model: str, found: Checkpoint, given: Mapping[str, Scalar], top: int | None) -> None:
        """Set up the sampler and the scorer on `core`."""
        # Heavy, and only with this engine.
        import torch  # noqa: PLC0415
        import vllm  # noqa: PLC0415
        from vllm.platforms import current_platform  # noqa: PLC0415

        from cotfaith.engines.shared.tokenizer import ContinuationTokenizer  # noqa: PLC0415
        from cotfaith.engines.vllm.sampling import Sampler  # noqa: PLC0415
        from cotfaith.engines.vllm.scoring import Scorer  # noqa: PLC0415

        self.core = core
        with loading(model, None, TOKENIZER):
            self.tokenizer = ContinuationTokenizer(found.tokenizer, model)
        self.ends = found.ends
        self.info = EngineInfo(
            model=f"vllm/{model}",
            revision=found.revision,
            engine="vllm",
            version=f"vllm {vllm.__version__}, torch {torch.__version__}",
            dtype=core.dtype if core.head == core.dtype else f"{core.dtype}, head {core.head}",
            device=current_platform.device_type,
            parameters=found.parameters,
            context=core.context - 1,  # vLLM needs room for one more token
            capabilities=frozenset({"tokens", "prefill", "option_logprobs", "seeds"}),
            files=checkpoint.files(model),
            arguments=given,
        )
        self._sample = Sampler(core, self.tokenizer, found.ends, found.vocabulary)
        self._precision = PRECISION.format(core.head) if core.head in HALF else ""
        if self._precision:
            LOG.warning("%s: %s", self.info.model, self._precision)
        self._score = Scorer(core, self.info.model, core.context - 1, found.vocabulary, top)

    @property
    def counts(self) -> Counts:
        """The number of prompt tokens, and how many of them came from the cache."""
        return self.core.counts

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on the computation for readers of the numbers; empty if all log-probabilities are exact, from a head in float32."""
        return tuple(note for note in (self._precision, self._outside()) if note)

    def _outside(self) -> str:
        """How many log-probabilities were not among the most likely ones; empty if none."""
        scorer = self._score
        if not scorer.outside:
            return ""
        return (
            f"{scorer.outside} of {scorer.read} log-probabilities of options lay outside the {scorer.top} most likely tokens and count "
            "as minus infinity: a newer vLLM gives them exactly, or set top_logprobs higher"
        )

    def generate(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """For each prompt, one completion per sample.

        Raises:
            UsageError: the sampling parameters are invalid, or vLLM does not support the temperature.
            EngineError: a prompt is empty, fills the context or has ids outside the vocabulary; or vLLM died.
        """
        return self._sample(prompts, sampling)

    def score(self, trees: Sequence[PrefixTree]) -> list[list[OptionScores]]:
        """For each tree, the scores of each of its branches.

        Raises:
            EngineError: a branch leaves the trunk or the context, or has nothing before a candidate; a log-probability is no
                number; or vLLM died.
        """
        told = bool(self._outside())
        scores = self._score(trees)
        if self._outside() and not told:
            LOG.warning("scoring on %s: %s", self.info.model, self._outside())
        return scores

    def close(self) -> None:
        """End the vLLM processes that this engine started; the engine cannot be used again."""
        if self._guard is not None:
            self.core.close()
            self._guard.close()


def _exact() -> bool:
    """Whether this vLLM can return the log-probabilities of chosen tokens."""
    from vllm import SamplingParams  # noqa: PLC0415  heavy, and only with this engine

    return hasattr(SamplingParams(), "logprob_token_ids")
