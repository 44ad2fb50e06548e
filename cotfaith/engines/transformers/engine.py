"""The engine that runs any causal model of transformers in this process, on CPU or GPU."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

import torch
import transformers

from cotfaith.contracts.options import build
from cotfaith.engines.shared import checkpoint
from cotfaith.engines.shared.loading import FILES, TOKENIZER, loading
from cotfaith.engines.shared.prefix_tree import Forest, forest
from cotfaith.engines.shared.quiet import quiet
from cotfaith.engines.shared.tokenizer import ContinuationTokenizer
from cotfaith.engines.shared.validation import asked, check_tree
from cotfaith.engines.transformers import head, memory
from cotfaith.engines.transformers.fingerprint import fingerprint
from cotfaith.engines.transformers.forward import Forward, rope_switch, vocabulary
from cotfaith.engines.transformers.generate import Generator
from cotfaith.engines.transformers.load import load
from cotfaith.engines.transformers.options import TransformersOptions
from cotfaith.engines.transformers.score import Budget, Scored
from cotfaith.engines.transformers.self_check import PLAIN, ScoringMethod, choose
from cotfaith.engines.transformers.settings import settings
from cotfaith.errors import EngineError
from cotfaith.types import Completion, EngineInfo, OptionScores, PrefixTree, Prompt, Sampling

LOG = logging.getLogger("cotfaith")


class TransformersEngine:
    """A causal model of transformers behind the engine contract.

    Args:
        model: a hub id, a local folder, an alias (see `cotfaith.engines.shared.aliases`), or a model that is already loaded.
        options: the engine's options, checked.
        tokenizer: the tokenizer of a model that is already loaded.
        arguments: instead of `options`, its fields, as values or as text.

    Attributes:
        model: the transformers model.
        ends: the ids that end a completion, from its generation config and its tokenizer.

    Raises:
        UsageError: an option is unknown or has an invalid value.
        EngineError: the model does not exist or cannot be loaded.
    """

    def __init__(self, model: Any, options: TransformersOptions | None = None, *, tokenizer: Any = None, **arguments: Any) -> None:
        options = options or build(TransformersOptions, arguments, "the transformers engine")
        self._options, revision = settings(options), options.revision or None
        asked = revision
        if isinstance(model, str):
            self.model, tokenizer, revision = load(model, revision, self._options)
            name = model
        elif tokenizer is None:
            raise EngineError("A model that is already loaded needs its tokenizer: pass tokenizer=.")
        else:
            self.model, name = model.eval(), model.config.name_or_path or type(model).__name__
            revision = revision or fingerprint(model, tokenizer)
        with loading(name, asked, TOKENIZER):
            self.tokenizer = ContinuationTokenizer(tokenizer, name)
            self.ends = checkpoint.ends(getattr(self.model.generation_config, "eos_token_id", None), tokenizer)
        with loading(name, asked, FILES):
            self.info = self._describe(name, revision, checkpoint.files(name) if isinstance(model, str) else "")
        self._generate = Generator(
            self.model, self.tokenizer, self.info.context, self.ends, options=self._options, packs=self._packs, tell=self._tell
        )
        self._forward = Forward(self.model)
        self._budget = Budget(self._options.prefill_chunk, self._options.score_tokens, self._options.pack_tokens)
        self._chosen: ScoringMethod | None = None
        self._notes: dict[str, None] = {}
        if precision := head.note(self.model):
            self._tell(precision)

    @property
    def scoring(self) -> str | None:
        """The scoring method: packed, copied, stepped or plain; None before the first tree, or the first tree of prompts."""
        return None if self._chosen is None else self._chosen.name

    @property
    def sampling(self) -> str | None:
        """The sampling method: padded, equal, single or recomputed; None before the first prompt."""
        return self._generate.sampling

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on the computation for readers of the numbers; empty if the fast ways of scoring and sampling are used."""
        return tuple(self._notes)

    def generate(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """For each prompt, one completion per sample.

        Raises:
            UsageError: the sampling parameters are invalid.
            EngineError: a prompt is empty or fills the context; logits are not finite; or memory runs out on a single sequence.
        """
        return self._generate(prompts, sampling)

    def score(self, trees: Sequence[PrefixTree]) -> list[list[OptionScores]]:
        """For each tree, the scores of each of its branches. Shared tokens are computed once, for the first branch that needs them.

        Raises:
            EngineError: a branch leaves the trunk or the context, or has nothing before a candidate; logits are not finite; or
                memory runs out even with one token at a time.
        """
        with torch.inference_mode(), quiet():
            size = vocabulary(self._forward.model)
            ways = [self._way(check_tree(tree, self.info.model, self.info.context, size)) for tree in trees]
            found: dict[int, list[OptionScores]] = {}
            for way in dict.fromkeys(ways):
                those = [i for i, each in enumerate(ways) if each is way]
                found |= zip(those, self._score([trees[i] for i in those], way), strict=True)
            return [found[i] for i in range(len(trees))]

    def close(self) -> None:
        """Release the model's memory; the engine cannot be used again."""
        self._chosen = None
        del self.model, self._forward, self._generate
        memory.release()

    def _score(self, trees: Sequence[PrefixTree], way: ScoringMethod) -> list[list[OptionScores]]:
        """The scores of `trees`, computed together in `way`."""
        work = forest(trees)
        branches = [branch for tree in trees for branch in tree.branches]
        scored = self._compute(work, way)
        sums = [[0.0 for _ in branch.candidates] for branch in branches]
        for read, value in zip(work.reads, scored.values, strict=True):
            sums[read.branch][read.candidate] += value
        rows = zip(branches, sums, scored.computed, strict=True)
        scores = (OptionScores(tuple(values), asked(branch), cost) for branch, values, cost in rows)
        return [list(islice(scores, len(tree.branches))) for tree in trees]

    def _way(self, longest: int) -> ScoringMethod:
        """The scoring method for sequences of up to `longest` tokens."""
        if self._chosen is None:
            self._chosen = self._choose()
        switch = rope_switch(self._forward.model.config)
        way = PLAIN if switch is not None and longest > switch else self._chosen
        if way.note:
            self._tell(way.note)
        return way

    def _tell(self, note: str) -> None:
        """Keep `note`, and log it once."""
        if note not in self._notes:
            self._notes[note] = None
            LOG.warning("%s: %s", self.info.model, note)

    def _packs(self, longest: int) -> bool:
        """Whether a masked pass over a tree is correct for sequences of up to `longest` tokens."""
        return self._way(longest).name == "packed"

    def _choose(self) -> ScoringMethod:
        """The scoring method that is correct for this model, according to the self-check."""
        try:
            return choose(self._forward, self.info.context)
        except (RuntimeError, MemoryError) as error:
            if not memory.is_out_of_memory(error):
                raise
            raise EngineError(
                "Memory ran out while scoring a sample of about thirty tokens: use a smaller model or dtype, or another device."
            ) from error

    def _compute(self, work: Forest, way: ScoringMethod) -> Scored:
        """The scores of `work`; the budget of passes is halved each time memory runs out."""
        while True:
            try:
                return way.scorer(self._forward, work, self._budget)
            except (RuntimeError, MemoryError) as error:
                if not memory.is_out_of_memory(error):
                    raise
            memory.release()
            if self._budget.score == 1 and self._budget.prefill == 1:
                raise EngineError(
                    f"Memory ran out while scoring texts of up to {max(work.positions) + 1} tokens: use a smaller model or dtype, "
                    "or a lower token budget."
                )
            self._budget = self._budget.half()
            LOG.warning("memory ran out while scoring: continuing with passes of %d branch tokens", self._budget.score)

    def _describe(self, name: str, revision: str, files: str) -> EngineInfo:
        text = self.model.config.get_text_config()
        told = asdict(self._options) | {"attention": text._attn_implementation or ""}  # noqa: SLF001  transformers has no public name for it
        return EngineInfo(
            model=f"hf/{name}",
            revision=revision,
            engine="transformers",
            version=f"transformers {transformers.__version__}, torch {torch.__version__}",
            dtype=str(self.model.dtype).removeprefix("torch.") + (", head float32" if head.widened(self.model) else ""),
            device=str(self.model.device),
            parameters=self.model.num_parameters(),
            context=_context(text),
            capabilities=frozenset({"tokens", "prefill", "option_logprobs", "seeds"}),
            files=files,
            arguments={key: value for key, value in told.items() if key not in {"dtype", "device"} and value != ""},
        )


def _context(text: Any) -> int | None:
    """The context length of a text configuration; None without a limit, which some write as -1."""
    size: int | None = getattr(text, "max_position_embeddings", None)
    return size if size is None or size > 0 else None
