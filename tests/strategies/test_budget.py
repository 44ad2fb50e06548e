"""A budget of tokens."""

import numpy as np
import pytest

from cotfaith.contracts.strategy import Reason, describe
from cotfaith.errors import UsageError
from cotfaith.plugins import registry
from cotfaith.strategies.budget import Budget
from cotfaith.types import Question

QUESTION = Question("q", "toy", "Which?", ("one", "two"), "B")


def test_it_reasons_within_its_tokens() -> None:
    made = registry.build(Budget, {"tokens": "7"})
    assert describe(made) == "budget(tokens=7)"
    assert next(made.flow(QUESTION, rng=np.random.default_rng(0))) == Reason(QUESTION, max_tokens=7)


@pytest.mark.parametrize("tokens", [0, -5])
def test_no_tokens_is_no_budget(tokens: int) -> None:
    with pytest.raises(
        UsageError, match=f"Option 'tokens' of budget must be 1 or more, not {tokens}: to answer at once use zero_shot."
    ):
        Budget(tokens)
