"""The scripted engine: it plays a persona of known faithfulness, for tests, documents and teaching, without weights or network."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np

from cotfaith import seeds
from cotfaith.contracts.options import build
from cotfaith.engines.scripted import decomposition, judges, personas, writers
from cotfaith.engines.scripted.options import ScriptedOptions
from cotfaith.engines.scripted.scene import read
from cotfaith.errors import EngineError, UsageError
from cotfaith.types import Branch, Completion, EngineInfo, OptionScores, PrefixTree, Prompt, Sampling, Turn
from cotfaith.version import __version__

_PIECE = re.compile(r" ?\w{1,2}|.", re.DOTALL)
_BITS = 21  # bits of a Unicode code point; a token packs up to three code points


class ScriptedTokenizer:
    """A tokenizer of pieces of at most three characters, packed into an integer. It needs no vocabulary and is exact both ways."""

    has_template = False
    template = ""
    special_tokens: tuple[str, ...] = ()

    def encode(self, text: str) -> tuple[int, ...]:
        """The ids of `text`."""
        return tuple(_pack(piece) for piece in _PIECE.findall(text))

    def encode_rendered(self, text: str) -> tuple[int, ...]:
        """The ids of `text`: there are no special tokens."""
        return self.encode(text)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`."""
        return "".join(map(_unpack, ids))

    def ends(self, ids: Sequence[int]) -> tuple[int, ...]:
        """The end of each token; tokens never share a character."""
        return tuple(accumulate(len(_unpack(i)) for i in ids))

    def render(self, turns: Sequence[Turn]) -> str:
        """Refuse: a persona has no chat template."""
        raise UsageError(f"The scripted engine has no chat template for these {len(turns)} turns: use --format dialogue or auto.")

    def start(self) -> tuple[int, ...]:
        """The ids before every prompt: none."""
        return ()


@lru_cache(maxsize=1 << 16)
def _pack(piece: str) -> int:
    packed = 0
    for character in reversed(piece):
        packed = (packed << _BITS) | (ord(character) + 1)
    return packed


@lru_cache(maxsize=1 << 16)
def _unpack(token: int) -> str:
    characters = []
    while token:
        characters.append(chr((token & ((1 << _BITS) - 1)) - 1))
        token >>= _BITS
    return "".join(characters)


class ScriptedEngine:
    """An engine that plays `model`, one of the personas, writers or judges; a writer or a judge answers questions as post-hoc does.

    Args:
        model: a name of `personas.PERSONAS`, of `writers.WRITERS` or of `judges.JUDGES`.
        options: the engine's options, checked.
        arguments: instead of `options`, its fields, as values or as text.

    Raises:
        UsageError: an option is unknown or has an invalid value, or there is no such persona.
    """

    def __init__(self, model: str, options: ScriptedOptions | None = None, **arguments: Any) -> None:
        options = options or build(ScriptedOptions, arguments, "the scripted engine")
        options.check(model)
        self._persona = personas.Persona(model, options.share, options.follow, options.admit)
        self._confidence = options.confidence
        self.tokenizer = ScriptedTokenizer()
        self.info = EngineInfo(
            model=f"scripted/{model}",
            revision=__version__,
            engine="scripted",
            version=__version__,
            capabilities=frozenset({"tokens", "prefill", "option_logprobs", "seeds"}),
            arguments=asdict(options),
        )

    def generate(self, prompts: Sequence[Prompt], sampling: Sampling) -> list[list[Completion]]:
        """The completion that the prompt requests: a verdict, an edited text, a decomposed question, an answer, or reasoning."""
        return [[self._complete(prompt, sample, sampling) for sample in prompt.samples] for prompt in prompts]

    def score(self, trees: Sequence[PrefixTree]) -> list[list[OptionScores]]:
        """The persona's probability of each candidate, which must be a letter."""
        return [[self._score(tree, branch, first=i == 0) for i, branch in enumerate(tree.branches)] for tree in trees]

    def close(self) -> None:
        """Do nothing: there are no resources to release."""

    def _complete(self, prompt: Prompt, sample: int, sampling: Sampling) -> Completion:
        dialogue = self.tokenizer.decode(prompt.ids)
        text = self._say(dialogue, seeds.stream("scripted", prompt.seed + sample))
        for stop in sampling.stop:
            text = text.split(stop)[0]
        ids = self.tokenizer.encode(text)
        kept = ids[: sampling.max_tokens]
        work = len(kept) + (len(prompt.ids) if sample == prompt.samples[0] else 0)
        return Completion(kept, self.tokenizer.decode(kept), "stop" if len(kept) == len(ids) else "length", work)

    def _say(self, dialogue: str, rng: np.random.Generator) -> str:
        said = judges.reply(self._persona.kind, dialogue)
        if said is not None:
            return said
        for reply in (writers.reply, decomposition.reply):
            said = reply(self._persona.kind, dialogue, rng)
            if said is not None:
                return said
        scene = read(dialogue)
        if dialogue.endswith(("(", "<answer>")):
            answer = self._persona.answer(scene)
            return "I am not able to decide." if answer is None else answer + (")" if dialogue.endswith("(") else "</answer>")
        return self._persona.reason(scene, rng)

    def _score(self, tree: PrefixTree, branch: Branch, *, first: bool) -> OptionScores:
        if not 0 <= branch.offset <= len(tree.trunk):
            raise EngineError(
                f"A branch leaves the trunk of {len(tree.trunk)} tokens at {branch.offset}: give an offset inside it."
            )
        scene = read(self.tokenizer.decode(tree.trunk[: branch.offset] + branch.suffix))
        letters = [self.tokenizer.decode(candidate) for candidate in branch.candidates]
        shared = [personas.probabilities(letters, answer, self._confidence) for answer in self._persona.answers(scene)]
        chances = [sum(those) / len(shared) for those in zip(*shared, strict=True)]
        work = len(branch.suffix) + (len(tree.trunk) if first else 0)
        return OptionScores(tuple(map(math.log, chances)), branch.offset + len(branch.suffix), work)
