"""The checks of a tree before it is scored, and the token sequence of a branch."""

from __future__ import annotations

from cotfaith.engines.shared.batching import check_ids
from cotfaith.errors import EngineError
from cotfaith.types import Branch, PrefixTree


def check_tree(tree: PrefixTree, model: str, context: int | None, vocabulary: int) -> int:
    """The length of the longest sequence of `tree`, after checking that it can be computed.

    Args:
        tree: the tree to score.
        model: the model's name, for errors.
        context: the model's context length in tokens, if there is a limit.
        vocabulary: the size of the model's vocabulary.

    Raises:
        EngineError: a branch leaves the trunk or the context, has nothing before a candidate or an empty one, or an id is outside
            the vocabulary.
    """
    check_ids(tree.trunk, vocabulary)
    return max((_length(tree, branch, model, context, vocabulary) for branch in tree.branches), default=0)


def _length(tree: PrefixTree, branch: Branch, model: str, context: int | None, vocabulary: int) -> int:
    if not 0 <= branch.offset <= len(tree.trunk):
        raise EngineError(
            f"A branch leaves the trunk of {len(tree.trunk)} tokens at {branch.offset}: give an offset inside the trunk."
        )
    before = branch.offset + len(branch.suffix)
    if before == 0:
        raise EngineError("A branch has no token before its candidates: give an offset or a suffix of at least one token.")
    if not all(branch.candidates):
        raise EngineError("A candidate has no token: give each candidate at least one.")
    for ids in (branch.suffix, *branch.candidates):
        check_ids(ids, vocabulary)
    length = before + max((len(candidate) - 1 for candidate in branch.candidates), default=0)
    if context is not None and length > context:
        raise EngineError(
            f"A branch of {length} tokens is longer than the context of {model} ({context} tokens): "
            "lower the token budget of the reasoning or the length of the filler, or use a model with a longer context."
        )
    return length


def asked(branch: Branch) -> int:
    """The tokens of `branch`; a candidate's last token is read, not computed."""
    return branch.offset + len(branch.suffix) + sum(len(candidate) - 1 for candidate in branch.candidates)
