"""Prefix trees scored without any sharing, and what a perfect engine computes: what the tests of scoring compare with."""

import random

import torch
from engines import tiny

from cotfaith.types import Branch, PrefixTree

DRAW = random.Random(7)
CANDIDATES = ((5,), (17,), (300, 4, 9))


def ids(size):
    return tuple(DRAW.randrange(tiny.VOCABULARY) for _ in range(size))


def naive(model, tree):
    """Each candidate by a full forward pass over its whole sequence, nothing shared."""
    found = []
    for branch in tree.branches:
        row = []
        for candidate in branch.candidates:
            before = tree.trunk[: branch.offset] + branch.suffix
            with torch.inference_mode():
                logits = model(input_ids=torch.tensor([before + candidate]), use_cache=False).logits[0]
            logprobs = logits.float().log_softmax(-1)
            row.append(sum(logprobs[len(before) - 1 + i, token].item() for i, token in enumerate(candidate)))
        found.append(tuple(row))
    return found


def prefixes(trees):
    """The distinct sequences that `trees` ask for, in the order of their branches."""
    found = {}
    for branch, trunk in ((branch, tree.trunk) for tree in trees for branch in tree.branches):
        for candidate in branch.candidates:
            whole = trunk[: branch.offset] + branch.suffix + candidate[:-1]
            found |= dict.fromkeys(whole[:i] for i in range(1, len(whole) + 1))
    return found


def distinct(tree):
    return len(prefixes([tree]))


def first_needed(trees):
    """For each tree and branch, how many sequences it is the first to need."""
    known, found = set(), []
    for tree in trees:
        costs = []
        for branch in tree.branches:
            own = set(prefixes([PrefixTree(tree.trunk, (branch,))]))
            costs.append(len(own - known))
            known |= own
        found.append(costs)
    return found


def a_tree():
    """Longer than every window; cuts on both sides of it; suffixes that are equal, nested, empty, and a piece of the trunk."""
    trunk, cue = ids(50), ids(5)
    cuts = [Branch(offset, cue, CANDIDATES) for offset in (1, 6, 11, 23, 40, 50)]
    odd = [Branch(23, (), CANDIDATES), Branch(23, cue + ids(15), CANDIDATES), Branch(30, (*trunk[30:34], 7), CANDIDATES)]
    return PrefixTree(trunk, (*cuts, *odd, Branch(0, ids(3), CANDIDATES), Branch(50, cue, ((5,),))))
