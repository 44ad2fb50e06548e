"""The place of the right choice among the others: random, and equally often at each letter."""

from collections.abc import Sequence

from cotfaith import seeds
from cotfaith.types import LETTERS


def arrange(gold: str, others: Sequence[str], index: int, *names: object) -> tuple[tuple[str, ...], str]:
    """The choices of question `index`, with `gold` placed among `others`, and its letter.

    Each block of as many questions as there are choices has every letter once, in an order drawn from the stream of `names` and the
    block. An option-letter bias can therefore not pass for knowledge, for any multiple of the block.
    """
    size = len(others) + 1
    order = seeds.stream(*names, "letters", index // size).permutation(size)
    place = int(order[index % size])
    return (*others[:place], gold, *others[place:]), LETTERS[place]
