"""Options read by vLLM: one request for each cell of a tree that is read, the trunk first, so that the others find its blocks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cotfaith.engines.shared.prefix_tree import Forest, forest
from cotfaith.engines.shared.validation import asked, check_tree
from cotfaith.engines.vllm.core import Core, Request
from cotfaith.engines.vllm.counts import count
from cotfaith.errors import EngineError
from cotfaith.types import OptionScores, PrefixTree

MOST = 128  # the largest number of ids whose log-probabilities one request can return


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of tree `tree` at which `tokens` are read after `ids`; branch `payer` is the first to need it."""

    tree: int
    cell: int
    ids: tuple[int, ...]
    tokens: tuple[int, ...]
    payer: int


@dataclass(slots=True)
class Scorer:
    """The log-probabilities of options on one model.

    Attributes:
        core: the running vLLM.
        model: the model's name, for errors.
        context: the model's context length.
        vocabulary: the size of the model's vocabulary.
        top: read among this many most likely tokens; None for exact log-probabilities.
        read: the number of log-probabilities read.
        outside: the number of them outside the most likely tokens.
    """

    core: Core
    model: str
    context: int
    vocabulary: int
    top: int | None
    read: int = 0
    outside: int = 0

    def __call__(self, trees: Sequence[PrefixTree]) -> list[list[OptionScores]]:
        """For each tree, the scores of each of its branches.

        Raises:
            EngineError: a branch leaves the trunk or the context, or has nothing before a candidate; a log-probability is no
                number; or vLLM died.
        """
        for tree in trees:
            check_tree(tree, self.model, self.context, self.vocabulary)
        works = [forest([tree]) for tree in trees]
        places = [
            place for number, (tree, work) in enumerate(zip(trees, works, strict=True)) for place in _places(number, tree, work)
        ]
        results = self.core([self._request(place) for place in places])
        values: dict[tuple[int, int, int], float] = {}
        costs = [[0 for _ in tree.branches] for tree in trees]
        blocks = self.core.blocks()
        for place, result in zip(places, results, strict=True):
            given = {token: float(entry.logprob) for token, entry in result.outputs[0].logprobs[0].items()}
            values |= {(place.tree, place.cell, token): self._value(given, token) for token in place.tokens}
            cached = result.num_cached_tokens or 0
            costs[place.tree][place.payer] += len(place.ids) - cached
            self.core.counts += count(blocks.shareable(place.ids), cached, len(place.ids), 1)
        return [_scores(number, *made, values) for number, made in enumerate(zip(trees, works, costs, strict=True))]

    def _request(self, place: Place) -> Request:
        wanted = {"logprob_token_ids": list(place.tokens)} if self.top is None else {"logprobs": self.top}
        return Request(place.ids, {"temperature": 0.0, "max_tokens": 1, "detokenize": False, **wanted})

    def _value(self, given: dict[int, float], token: int) -> float:
        """The log-probability of `token`; -inf if it is not among the most likely tokens."""
        self.read += 1
        if self.top is not None and token not in given:
            self.outside += 1
            return -math.inf
        value = given.get(token, math.nan)
        if math.isnan(value) or value == math.inf:
            raise EngineError(
                "The model gave NaN or infinite logits while scoring: try dtype=float32 (-M dtype=float32), or check the weights."
            )
        return value


def _places(number: int, tree: PrefixTree, work: Forest) -> Iterator[Place]:
    """The places that are read, those with most of the trunk first, then the longest, which computes the shared tokens."""
    found = []
    for cell, reads in work.reads_at().items():
        tokens = tuple(dict.fromkeys(work.reads[i].token for i in reads))
        payer = min(work.reads[i].branch for i in reads)
        ids = tuple(work.tokens[i] for i in work.path(cell))
        found += [Place(number, cell, ids, tokens[i : i + MOST], payer) for i in range(0, len(tokens), MOST)]
    return iter(sorted(found, key=lambda place: (-_shared(tree.trunk, place.ids), -len(place.ids))))


def _shared(trunk: tuple[int, ...], ids: tuple[int, ...]) -> int:
    """The number of leading ids that `ids` has in common with the trunk."""
    return next((i for i, (a, b) in enumerate(zip(trunk, ids, strict=False)) if a != b), min(len(trunk), len(ids)))


def _scores(
    number: int, tree: PrefixTree, work: Forest, costs: Sequence[int], values: dict[tuple[int, int, int], float]
) -> list[OptionScores]:
    """The scores of each branch of tree `number`: a candidate of several tokens is the sum of what was read on its way."""
    sums = [[0.0 for _ in branch.candidates] for branch in tree.branches]
    for read in work.reads:
        sums[read.branch][read.candidate] += values[number, read.cell, read.token]
    return [OptionScores(tuple(found), asked(branch), cost) for branch, found, cost in zip(tree.branches, sums, costs, strict=True)]
