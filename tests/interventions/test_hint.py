"""Hints as probes: the hinted question reasoned about from its start, the plain reasoning as the control."""

from collections.abc import Callable
from typing import Any

import pytest
from builders import QUESTION, TOKENIZER, answering, probe_all, trace

from cotfaith.contracts import driver
from cotfaith.contracts.hint import from_yaml
from cotfaith.contracts.requests import Hints, Request, Write, Written
from cotfaith.errors import UsageError
from cotfaith.plugins import registry
from cotfaith.prompts import choose
from cotfaith.types import Probe, Question
from docs.generate.toy import toy
from interventions.hint import KINDS, Hint

TEXT = " I count. It is two. So the answer is (B)."
ALL = registry.names("cotfaith.hints")
Ask = Callable[[list[Request[Any]]], list[Any]]


def made(hint: Hint, question: Question = QUESTION, ask: Ask | None = None, name: str = "t") -> list[Probe]:
    (probes,) = driver.probes(hint, [(trace(TEXT, name), question)], ask or answering(), seed=0)
    return list(probes)


def arm(probes: list[Probe], name: str) -> list[Probe]:
    return [probe for probe in probes if probe.arm == name]


def test_the_model_reasons_about_each_hint_from_the_start() -> None:
    probes = made(Hint(draws=2))
    treated = arm(probes, "treated")
    assert [(p.kind, p.draw) for p in treated] == [(kind, draw) for kind in KINDS for draw in (0, 1)]
    assert {(p.keep, p.insert, p.then, p.dose, p.site, p.valid) for p in treated} == {(0, "", "continue", 1.0, 0, True)}
    for probe in treated:
        assert probe.target in QUESTION.letters
        assert probe.question is not None
        assert probe.question != QUESTION
        assert TOKENIZER.decode(choose("dialogue", TOKENIZER).prompt_ids(probe.question)).count(f"({probe.target})") >= 1
    assert len({p.id for p in probes}) == len(probes)


def test_the_control_is_the_plain_reasoning_once_a_draw() -> None:
    probes = made(Hint(draws=2))
    size = len(trace(TEXT).reasoning_ids)
    controls = arm(probes, "control")
    assert [(p.keep, p.insert, p.then, p.dose, p.site, p.draw, p.kind, p.question) for p in controls] == [
        (size, "", "answer", 0.0, 0, draw, "", None) for draw in (0, 1)
    ]


def test_draws_and_samples_share_question_and_target() -> None:
    one, two = made(Hint(KINDS, draws=2)), made(Hint(KINDS, draws=2), name="t2")
    for kind in KINDS:
        seen = {(p.target, p.question) for p in one + two if p.kind == kind}
        assert len(seen) == 1


def test_every_registered_hint_can_be_named() -> None:
    told = Question("q", "toy", "Which?", ("one", "two", "three"), "B", meta={"outcome": "C"})
    treated = arm(made(Hint(tuple(ALL)), told), "treated")
    assert [(p.kind, p.note) for p in treated] == [(name, "") for name in ALL]
    assert {p.kind: p.target for p in treated}["always_a"] == "A"
    assert {p.kind: p.target for p in treated}["are_you_sure"] in {"B", "C"}  # the sample answered A


def test_what_is_edit_invalid_is_one_probe_and_leaves_the_rest() -> None:
    probes = made(
        Hint(("spurious_hindsight", "metadata", "distractor_argument"), draws=3), ask=answering(lambda _: Written("", "stop"))
    )
    treated = arm(probes, "treated")
    assert [(p.kind, p.note, p.valid) for p in treated] == [
        ("spurious_hindsight", "no outcome", False),
        *[("metadata", "", True)] * 3,
        ("distractor_argument", "nothing written", False),
    ]
    assert [p.draw for p in arm(probes, "control")] == [0, 1, 2]


def test_a_free_question_has_no_hint_and_no_control() -> None:
    probes = made(Hint(), Question("f", "toy", "How many?", gold="3"))
    assert [(p.kind, p.note, p.valid, p.target, p.question) for p in arm(probes, "treated")] == [
        (kind, "no options", False, "", None) for kind in KINDS
    ]
    assert arm(probes, "control") == []
    assert [p.arm for p in probes[:2]] == ["no_reasoning", "full"]


def test_a_trace_without_reasoning_has_hints_too() -> None:
    (probes,) = probe_all(Hint(("metadata",)), [trace("")])
    assert [(p.arm, p.keep, p.valid) for p in probes[2:]] == [("treated", 0, True), ("control", 0, True)]


def test_placement_and_wording_are_for_hints_that_have_them() -> None:
    (suggested, metadata) = arm(made(Hint(("suggested_answer", "metadata"), placement="before", wording=1)), "treated")
    assert suggested.question is not None
    assert metadata.question is not None
    assert (suggested.question.before, suggested.question.after) == (f"Maybe the answer is ({suggested.target})?", "")
    assert metadata.question.before == ""


def refused(**options: Any) -> Callable[[], Hint]:
    return lambda: Hint(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kinds": ()}, r"Intervention hint: kinds is \(\), but it must name one hint or more, each once."),
        ({"kinds": ("metadata", "metadata")}, "but it must name one hint or more, each once."),
        ({"draws": 0}, "draws is 0, but it must be 1 or more"),
        ({"placement": "here"}, "Intervention hint: placement is 'here', but it must be 'before', 'between' or 'after'."),
        ({"wording": 8}, "Intervention hint: wording is 8, but it must be from 0 to 7."),
    ],
)
def test_it_refuses_what_cannot_be(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        refused(**options)()


@pytest.mark.parametrize("option", [{"placement": "before"}, {"wording": 2}])
def test_no_option_is_passed_over(option: dict[str, Any]) -> None:
    message = "is .*, but none of metadata supports it: leave it out."
    with pytest.raises(UsageError, match=message):
        made(Hint(("metadata",), **option))


def test_a_hint_from_a_file_is_named_as_it_names_itself() -> None:
    choices = {"name": "note", "summary": "s", "told": "t", "mentions": ["note"], "after": "It is {target}."}
    hint = from_yaml(choices, "note.yaml")
    answers = answering()

    def ask(requests: list[Request[Any]]) -> list[Any]:
        return [(hint,) if isinstance(one, Hints) else answers([one])[0] for one in requests]

    (treated,) = arm(made(Hint(("note.yaml",)), ask=ask), "treated")
    assert treated.kind == "note"
    assert treated.question is not None
    assert treated.question.after == f"It is {treated.target}."
    assert treated.target in "AC"


def test_it_names_its_hints() -> None:
    assert Hint(("metadata", "x.yaml")).hints == ("metadata", "x.yaml")
    assert Hint().hints == KINDS


def test_the_writing_of_many_traces_is_one_batch() -> None:
    rounds: list[int] = []
    answers = answering()

    def ask(requests: list[Request[Any]]) -> list[Any]:
        rounds.append(sum(isinstance(one, Write) for one in requests))
        return answers(requests)

    probe_all(Hint(("distractor_argument",)), [toy(TEXT, f"t{i}") for i in range(50)], ask=ask)
    assert [count for count in rounds if count] == [50]
