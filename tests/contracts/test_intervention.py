"""The driver: many flows together, one batch a round, input order kept, failures named."""

from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from cotfaith.contracts.driver import drive, probes
from cotfaith.contracts.intervention import AbstractIntervention, Flow, InterventionInfo, describe
from cotfaith.contracts.requests import Encode, Request
from cotfaith.errors import CotfaithError
from cotfaith.types import Probe, Question, Trace

QUESTION = Question("q", "toy", "Which?")


def trace(name: str, asks: int) -> Trace:
    return Trace(name, "q", "m", asks, (), "", (), (), "stop")


@dataclass(frozen=True)
class Asking(AbstractIntervention):
    """Asks as often as its trace's sample number says, then notes what it was told."""

    word: str = "x"
    name: ClassVar[str] = "asking"
    about: ClassVar[InterventionInfo] = InterventionInfo("asks", "none", "edit, answer")

    def flow(self, trace: Trace, question: Question, *, rng: object) -> Flow:
        told: list[int] = []
        for i in range(trace.sample):
            told += yield Encode(f"{trace.id}{i}")
        if trace.id == "bad":
            raise KeyError("no such step")
        return [self.probe(trace, "treated", keep=0, note=" ".join(map(str, told)))]


def test_each_round_is_one_batch_and_order_is_kept() -> None:
    rounds: list[list[Request[Any]]] = []

    def ask(requests: list[Request[Any]]) -> list[tuple[int, ...]]:
        rounds.append(requests)
        return [(len(rounds),) for _ in requests]

    cases = [(trace(name, asks), QUESTION) for name, asks in [("a", 1), ("b", 3), ("c", 5), ("d", 2), ("e", 0)]]
    made = probes(Asking(), cases, ask, seed=0)
    assert [len(batch) for batch in rounds] == [4, 3, 2, 1, 1]
    assert [p.trace_id for (p,) in made] == ["a", "b", "c", "d", "e"]
    assert [p.note for (p,) in made] == ["1", "1 2 3", "1 2 3 4 5", "1 2", ""]


def test_200_flows_make_one_call_a_round() -> None:
    calls = 0

    def ask(requests: list[Request[Any]]) -> list[tuple[int, ...]]:
        nonlocal calls
        calls += 1
        return [(0,) for _ in requests]

    probes(Asking(), [(trace(str(i), 1), QUESTION) for i in range(200)], ask, seed=0)
    assert calls == 1


def test_an_empty_reply_is_a_reply() -> None:
    (made,) = probes(Asking(), [(trace("a", 2), QUESTION)], lambda rs: [() for _ in rs], seed=0)
    assert made[0].note == ""


def test_no_flows_ask_nothing() -> None:
    def never(requests: list[Request[Any]]) -> list[tuple[int, ...]]:
        raise AssertionError(requests)

    assert drive([], never) == []


def test_a_failure_names_intervention_and_trace() -> None:
    with pytest.raises(CotfaithError, match=r"Intervention asking\(word='x'\) failed on trace bad: KeyError: 'no such step'\."):
        probes(Asking(), [(trace("bad", 1), QUESTION)], lambda rs: [() for _ in rs], seed=0)


def test_describe_says_every_parameter() -> None:
    assert describe(Asking(word="y")) == "asking(word='y')"


def test_probe_ids_follow_content() -> None:
    one, made = trace("a", 0), Asking()
    same = made.probe(one, "treated", keep=1, dose=0.5)
    assert same.id == made.probe(one, "treated", keep=1, dose=0.5).id
    others: list[Probe] = [
        made.probe(one, "control", keep=1, dose=0.5),
        made.probe(one, "treated", keep=2, dose=0.5),
        made.probe(one, "treated", keep=1, dose=0.25),
        made.probe(one, "treated", keep=1, dose=0.5, insert="x"),
        made.probe(one, "treated", keep=1, dose=0.5, insert_ids=()),
        made.probe(trace("b", 0), "treated", keep=1, dose=0.5),
        Asking(word="z").probe(one, "treated", keep=1, dose=0.5),
    ]
    assert len({same.id, *(p.id for p in others)}) == 8
