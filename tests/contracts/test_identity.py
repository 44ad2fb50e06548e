"""Identity: name, version and what differs from the defaults; a new parameter with a default changes nothing that was."""

import dataclasses
from dataclasses import dataclass, make_dataclass
from typing import Any

import pytest

from cotfaith.contracts.hint import from_yaml
from cotfaith.contracts.identity import digest, hint_identity, identity, shown, stream
from cotfaith.errors import UsageError
from cotfaith.plugins import registry
from cotfaith.testing import probe_all, trace
from interventions.truncation import Truncation

Group = registry.Group
GROUPS: tuple[Group, ...] = ("cotfaith.interventions", "cotfaith.strategies")
NAMED = [(group, name) for group in GROUPS for name in registry.names(group)]
HINT = {"name": "h", "summary": "s", "told": "a hint", "mentions": ["hint"], "after": "I think it is {target}."}


def with_another(cls: type[Any]) -> type[Any]:
    """`cls` as its next version could be: with a parameter more."""
    return make_dataclass(cls.__name__, [("snap", bool, dataclasses.field(default=False))], bases=(cls,), frozen=True)


@pytest.mark.parametrize(("group", "name"), NAMED)
def test_a_new_parameter_with_a_default_changes_neither_identity_nor_draws(group: Group, name: str) -> None:
    cls = registry.load(group, name)
    old, new = registry.build(cls, {}), registry.build(with_another(cls), {})
    assert identity(new) == identity(old)
    assert stream(new) == stream(old)
    assert shown(new) != shown(old)
    changed = registry.build(with_another(cls), {"snap": True})
    assert identity(changed)["parameters"] == {"snap": True}
    assert len({stream(changed), stream(old)}) == 2


def test_the_probes_of_a_new_version_with_the_same_default_are_the_same() -> None:
    one = trace(" One bird. It flies. So the answer is (A).")
    assert probe_all(with_another(Truncation)(), [one]) == probe_all(Truncation(), [one])


def test_another_version_is_another_identity() -> None:
    @dataclass(frozen=True)
    class Second(Truncation):
        version = 2

    assert identity(Second()) != identity(Truncation())
    assert stream(Second()) != stream(Truncation())
    assert digest(identity(Second())) != digest(identity(Truncation()))


def test_a_default_that_is_given_is_no_other_identity() -> None:
    assert identity(Truncation(cuts=None, by="step")) == {"name": "truncation", "version": 1, "parameters": {}}
    assert identity(Truncation(cuts=3))["parameters"] == {"cuts": 3}


@pytest.mark.parametrize(
    "change", [{"mentions": ["clue"]}, {"target": "first"}, {"after": "It is {target}."}, {"told": "a clue"}, {"before": "Note."}]
)
def test_the_identity_of_a_hint_holds_what_its_file_says(change: dict[str, Any]) -> None:
    assert hint_identity(from_yaml(HINT | change, "x")) != hint_identity(from_yaml(HINT, "x"))
    assert hint_identity(from_yaml(HINT | {"summary": "other words"}, "x")) == hint_identity(from_yaml(HINT, "x"))


def test_a_parameter_that_is_no_json_is_refused() -> None:
    @dataclass(frozen=True)
    class Odd(Truncation):
        what: object = None

    with pytest.raises(UsageError, match=r"truncation has a parameter that cannot be written as JSON .*: use numbers, text"):
        identity(Odd(what=object()))
