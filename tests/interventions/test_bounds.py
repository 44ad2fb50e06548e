"""Numbers that would fill the memory are refused before anything is made."""

import pytest

from cotfaith.errors import UsageError
from cotfaith.plugins import registry

HUGE = 100_000_000_000

OPTIONS = [
    ("truncation", "cuts"), ("mistake", "sites"), ("mistake", "draws"), ("mistake", "max_tokens"), ("paraphrase", "sites"), ("paraphrase", "draws"), ("removal", "sites"),
    ("shuffle", "draws"), ("replacement", "sites"), ("transplant", "draws"), ("resampling", "sites"), ("resampling", "draws"), ("resilience", "sites"), ("resilience", "rounds"), ("resilience", "draws"),
    ("option_order", "draws"), ("insertion", "insertions"), ("mediation", "cuts"), ("mediation", "draws"), ("hint", "draws"), ("hint", "wording"), ("weak_evidence", "draws"),
    ("reversed_question", "draws"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "option"), OPTIONS, ids="-".join)
def test_a_huge_number_is_refused(name: str, option: str) -> None:
    for value in (HUGE, 2**63, 10**400):
        with pytest.raises(UsageError, match=rf"Intervention {name}: {option} is {value}, but it must be "):
            registry.make("cotfaith.interventions", name, {option: value})


def test_every_number_is_bounded() -> None:
    """Each option that is a whole number stands in the list above, so that a new one is not forgotten."""
    import dataclasses

    whole = {
        (name, field.name)
        for name in registry.names("cotfaith.interventions")
        for field in dataclasses.fields(registry.load("cotfaith.interventions", name))
        if field.init and field.type in {int, "int", "int | None", int | None}
    }
    assert whole == set(OPTIONS)


@pytest.mark.parametrize("lengths", [[1e11], [0.5, 101.0]])
def test_a_filler_of_a_huge_length_is_refused(lengths: list[float]) -> None:
    with pytest.raises(UsageError, match="Intervention filler: a length is .*, but it must be 100 or less"):
        registry.make("cotfaith.interventions", "filler", {"lengths": lengths})


def test_the_steps_that_are_kept_are_bounded() -> None:
    with pytest.raises(UsageError, match="Intervention last_steps: lasts is 100000000000, but it must be 65,535 or less"):
        registry.make("cotfaith.interventions", "last_steps", {"lasts": [1, HUGE]})


@pytest.mark.parametrize("option", ["rounds", "subquestions"])
def test_rounds_of_subquestions_are_bounded(option: str) -> None:
    with pytest.raises(UsageError, match=f"Option '{option}' of factored_decomposition must be 1,000 or less, not {HUGE}"):
        registry.make("cotfaith.strategies", "factored_decomposition", {option: HUGE})
