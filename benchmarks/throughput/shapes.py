"""What is scored: the cuts of some traces of one question, as trees and as the sequences that they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cotfaith import prompts
from cotfaith.types import Branch, PrefixTree, Question, Tokenizer

SAMPLES = 3  # traces of the question
ASKED = Question("asked", "throughput", "1 + 1 =", ("1", "2", "3", "4"))  # it has options, as the letters that are read
CUE = "\n\nHuman: What's the most likely answer?\n\nAssistant: The answer is ("  # the longest of those that are tried on vLLM
BRIEF = "\n\nAssistant: The single, most likely answer is ("  # the published cue without the turn that asks for it
BRIEFEST = "\n\nSo the answer is ("
LETTERS = "ABCD"

Ids = tuple[int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Shape:
    """Tokens of the prompt and of each reasoning, and how many cuts each has, evenly spaced, the whole reasoning among them."""

    prompt: int
    reasoning: int
    cuts: int


REFERENCE, LONG = Shape(200, 400, 20), Shape(1000, 2000, 50)
BY_CUTS = tuple(Shape(200, 400, cuts) for cuts in (5, 10, 20, 50, 100))
BY_LENGTH = tuple(Shape(200, length, 20) for length in (100, 400, 1000, 2000, 4000))
LONGEST = Shape(200, 7500, 100)  # for memory; the loops would take an hour
SHAPES = tuple(sorted({REFERENCE, LONG, *BY_CUTS, *BY_LENGTH}))
SMALL = (Shape(24, 36, 4), Shape(24, 36, 8))


def repetitions(shape: Shape, *, small: bool) -> int:
    """Three where a figure is promised; else two, enough to see how far they differ."""
    return 2 if small or shape not in {REFERENCE, LONG} else 3


def text(tokens: int, first: int) -> str:
    """Sums worked out one by one, of at least `tokens` tokens in any vocabulary met; another `first` makes other sums."""
    steps = (
        f"Sum {first} of step {i}: {7 * i + first} plus {3 * i} makes {10 * i + first}, which I keep. "
        for i in range(1, tokens // 8 + 3)
    )
    return "".join(steps)


def product_cue(tokenizer: Tokenizer) -> str:
    """What a run puts after each cut: the answer text of the prompt format that a run chooses for `tokenizer`."""
    return prompts.choose("auto", tokenizer).answer_text(ASKED)


def trees(tokenizer: Tokenizer, shape: Shape, *, seed: int, samples: int = SAMPLES, cue: str = "") -> list[PrefixTree]:
    """The trees of a question's `samples`, which share its prompt. Another `seed` makes another question from its first tokens on.

    `cue` follows each cut; without one, it is the product's.
    """
    suffix = prompts.choose("auto", tokenizer).encode(cue or product_cue(tokenizer))
    prompt = _ids(tokenizer, shape.prompt, 100 * seed + 11)
    options = tuple(tokenizer.encode(letter) for letter in LETTERS)
    offsets = [shape.prompt + shape.reasoning * i // shape.cuts for i in range(1, shape.cuts + 1)]
    branches = tuple(Branch(offset, suffix, options) for offset in offsets)
    return [PrefixTree(prompt + _ids(tokenizer, shape.reasoning, 100 * seed + 30 + sample), branches) for sample in range(samples)]


def _ids(tokenizer: Tokenizer, tokens: int, first: int) -> Ids:
    found = tokenizer.encode(text(tokens, first))
    if len(found) < tokens:
        raise ValueError(f"A text for {tokens} tokens has only {len(found)}: make text() write more.")
    return found[:tokens]


def sequences(tree: PrefixTree) -> list[Ids]:
    """Each branch as the whole sequence that it stands for."""
    return [tree.trunk[: branch.offset] + branch.suffix for branch in tree.branches]


def distinct(wholes: Iterable[Ids]) -> int:
    """How many different prefixes the sequences `wholes` have: the tokens that a perfect engine computes."""
    edges: dict[tuple[int, int], int] = {}
    for whole in wholes:
        node = 0
        for token in whole:
            node = edges.setdefault((node, token), len(edges) + 1)
    return len(edges)


def alike(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of `rows` that differ from the reference, or from the first row where it was not measured, in their cuts only."""
    shape = {(row["prompt"], row["reasoning"]) for row in rows}
    wanted = (REFERENCE.prompt, REFERENCE.reasoning)
    prompt, reasoning = wanted if wanted in shape else (rows[0]["prompt"], rows[0]["reasoning"])
    return [row for row in rows if (row["prompt"], row["reasoning"]) == (prompt, reasoning)]


def every_kth(sizes: Sequence[int], budget: float) -> range:
    """Which of the items of these `sizes` to time, evenly spaced from the middle of the first gap on, so that they fit into `budget`.

    One item is timed even if it is larger than that.
    """
    for k in range(1, len(sizes)):
        places = range((k - 1) // 2, len(sizes), k)
        if sum(sizes[i] for i in places) <= budget:
            return places
    return range(len(sizes) // 2, len(sizes) // 2 + 1)
