"""Mistakes: exact probes, every reason of failure, the request as published, and one batch a round."""

from collections.abc import Callable
from typing import Any

import pytest
from builders import QUESTION, TOKENIZER, answering, probe_all, trace
from hypothesis import given, settings
from hypothesis import strategies as st

from cotfaith.contracts.requests import Request, Write, Written
from cotfaith.errors import UsageError
from cotfaith.types import LETTERS, Probe, Question, Step, Trace, Turn
from interventions.mistake import CUE, INSTRUCTION, SHOWN, Mistake

TEXT = " One is 3. Two is 4.\nSo the answer is (B)."
STEPS = (" One is 3.", " Two is 4.\n", "So the answer is (B).")


def said(one: Trace, probe: Probe) -> str:
    return TOKENIZER.decode(one.reasoning_ids[: probe.keep]) + probe.insert


def sentence(request: Write) -> str:
    return request.turns[-1].text.rpartition("Original sentence: ")[2]


def wrong(request: Write) -> Written:
    """A writer that makes 3 of 4, 4 of 3, and A of B."""
    return Written(" " + sentence(request).translate(str.maketrans("34B", "43A")), "stop")


def made(intervention: Mistake, one: Trace, **writing: Any) -> list[Probe]:
    return probe_all(intervention, [one], ask=answering(**writing))[0]


def arms(probes: list[Probe], arm: str) -> list[Probe]:
    return [p for p in probes if p.arm == arm]


def test_the_model_thinks_on_after_the_mistake() -> None:
    one = trace(TEXT)
    probes = made(Mistake(), one, writer=wrong)
    assert [p.arm for p in probes] == ["no_reasoning", "full", *["treated", "control"] * 3]
    assert [said(one, p) for p in arms(probes, "treated")] == [
        " One is 4.",
        " One is 3. Two is 3.\n",
        " One is 3. Two is 4.\nSo the answer is (A).",
    ]
    assert [said(one, p) for p in arms(probes, "control")] == [STEPS[0], STEPS[0] + STEPS[1], TEXT]
    assert all(p.insert == "" for p in arms(probes, "control"))
    for p in probes[2:]:
        assert (p.then, p.draw, p.valid, p.note) == ("continue", 0, True, "")
    assert [(p.site, p.dose, p.kind) for p in arms(probes, "treated")] == [(1, 1.0, "toy"), (2, 1.0, "toy"), (3, 1.0, "toy")]
    assert [(p.site, p.dose, p.kind) for p in arms(probes, "control")] == [(1, 0.0, ""), (2, 0.0, ""), (3, 0.0, "")]
    assert [p.keep for p in arms(probes, "treated")] == [0, one.steps[0].tokens, one.steps[1].tokens]


def test_the_rest_can_stay_as_it_was() -> None:
    one = trace(TEXT)
    probes = made(Mistake(rest="fixed"), one, writer=wrong)
    assert [said(one, p) for p in arms(probes, "treated")] == [
        " One is 4. Two is 4.\nSo the answer is (B).",
        " One is 3. Two is 3.\nSo the answer is (B).",
        " One is 3. Two is 4.\nSo the answer is (A).",
    ]
    assert {said(one, p) for p in arms(probes, "control")} == {TEXT}
    assert [p.keep for p in arms(probes, "control")] == [p.keep for p in arms(probes, "treated")]
    assert {p.then for p in probes} == {"answer"}


def test_the_request_is_the_published_one() -> None:
    asked: list[Write] = []

    def writer(request: Write) -> Written:
        asked.append(request)
        return wrong(request)

    made(Mistake(sites=1), trace(TEXT), writer=writer)
    (one,) = asked
    choices = "Choices:\n(A): one\n(B): two\n(C): three"
    assert one.turns[-1] == Turn("user", f"{INSTRUCTION}\n\nWhich?\n\n{choices}\n\nOriginal sentence: Two is 4.")
    assert (one.begun, one.writer, one.sampling.stop) == (CUE, "toy", ("\n",))
    assert (one.sampling.temperature, one.sampling.top_p, one.sampling.max_tokens) == (0.8, 0.95, 30)
    assert one.seed % (1 << 16) == 0
    assert [turn.role for turn in one.turns] == ["user", "assistant"] * 3 + ["user"]
    assert all(turn.text.startswith(CUE if turn.role == "assistant" else INSTRUCTION) for turn in one.turns)
    assert ["Choices:" in turn.text for turn in one.turns[::2]] == [False, True, True, True]


def test_the_examples_are_mistakes_themselves() -> None:
    from interventions import checks, rules
    from interventions.mistake import EXAMPLES

    assert [checks.mistake(right, bad, "stop", rules.names(question)) for question, right, bad in EXAMPLES] == ["", "", ""]
    assert len(SHOWN) == 2 * len(EXAMPLES)


@pytest.mark.parametrize("max_tokens", [0, 7])
def test_a_long_sentence_has_a_larger_budget_unless_one_is_given(max_tokens: int) -> None:
    one = trace(f" {'ab' * 60}.")
    budgets: list[int] = []

    def writer(request: Write) -> Written:
        budgets.append(request.sampling.max_tokens)
        return Written("", "stop")

    made(Mistake(max_tokens=max_tokens), one, writer=writer)
    assert budgets == [max_tokens or 2 * len(one.reasoning_ids)]
    assert len(one.reasoning_ids) > 30


@pytest.mark.parametrize(
    ("written", "note", "kept"),
    [
        (Written(" ", "stop"), "nothing written", ""),
        (Written(" I cannot help with that.", "stop"), "refused", " I cannot help with that."),
        (Written(" One is 4 and", "length"), "overran", " One is 4 and"),
        (Written(" one is 3", "stop"), "echoed", " one is 3"),
        (Written(" That gives 3.", "stop"), "reworded only", " That gives 3."),
    ],
)
def test_what_did_not_take_is_kept_and_has_no_control(written: Written, note: str, kept: str) -> None:
    probes = made(Mistake(sites=1, draws=2), trace(" One is 3."), writer=lambda _: written)
    assert [p.arm for p in probes] == ["no_reasoning", "full", "treated", "treated"]
    for p in arms(probes, "treated"):
        assert (p.valid, p.note, p.insert, p.dose) == (False, note, kept, 1.0)


def test_cues_and_quotation_marks_come_off() -> None:
    (probe,) = arms(made(Mistake(), trace("One is 3."), writer=lambda _: Written(f'{CUE} "One is 5."\nHuman:', "stop")), "treated")
    assert (probe.insert, probe.valid) == ("One is 5.", True)


def test_reasoning_without_steps_is_counted_for_each_writer() -> None:
    probes = made(Mistake(), trace(""), writers=("a", "b"))
    assert [(p.arm, p.kind, p.site, p.valid, p.note) for p in probes[2:]] == [
        ("treated", "a", 0, False, "no steps"),
        ("treated", "b", 0, False, "no steps"),
    ]


def test_a_blank_step_is_not_asked_about() -> None:
    def writer(_: Write) -> Written:
        raise AssertionError

    (probe,) = arms(made(Mistake(), trace("  \n"), writer=writer), "treated")
    assert (probe.valid, probe.note) == (False, "nothing to change")


def test_two_writers_share_a_control() -> None:
    def writer(request: Write) -> Written:
        return wrong(request) if request.writer == "a" else Written("", "stop")

    probes = made(Mistake(draws=2), trace(" One is 3. Nothing."), writer=writer, writers=("a", "b"))
    treated, controls = arms(probes, "treated"), arms(probes, "control")
    assert [(p.site, p.kind, p.draw, p.valid) for p in treated] == [
        (1, "a", 0, True), (1, "a", 1, True), (1, "b", 0, False), (1, "b", 1, False),
        (2, "a", 0, False), (2, "a", 1, False), (2, "b", 0, False), (2, "b", 1, False),
    ]  # fmt: skip
    assert [(p.site, p.draw) for p in controls] == [(1, 0), (1, 1)]
    assert len({p.id for p in probes}) == len(probes)


def test_draws_share_their_mistake() -> None:
    calls: list[Write] = []

    def writer(request: Write) -> Written:
        calls.append(request)
        return wrong(request)

    probes = made(Mistake(sites=1, draws=3), trace(" One is 3."), writer=writer)
    assert len(calls) == 1
    assert [(p.draw, p.insert) for p in arms(probes, "treated")] == [(0, " One is 4."), (1, " One is 4."), (2, " One is 4.")]


def test_rules_need_no_model() -> None:
    probes = made(Mistake(writers=("rules",)), trace(" One. Two is 4."), writer=lambda _: pytest.fail("it was asked"))
    (blank, changed) = arms(probes, "treated")
    assert (blank.note, blank.kind, blank.insert) == ("nothing to change", "rules", "")
    assert changed.valid
    assert changed.insert in {" Two is 3.", " Two is 5.", " Two is 6.", " Two is 2.", " Two is not 4."}
    assert made(Mistake(), trace(" One is 3."), writers=("rules",))[2].kind == "rules"


@pytest.mark.parametrize(("sites", "expected"), [(None, [1, 2, 3, 4, 5]), (1, [3]), (2, [2, 4]), (9, [1, 2, 3, 4, 5])])
def test_sites_are_evenly_spaced(sites: int | None, expected: list[int]) -> None:
    probes = made(
        Mistake(sites=sites), trace(" It is 1. It is 2. It is 3. It is 4. It is 5."), writer=lambda _: Written("It is 9.", "stop")
    )
    assert [p.site for p in arms(probes, "treated")] == expected


def test_of_a_step_of_several_lines_the_last_is_rewritten() -> None:
    text = "\nSubquestion 1: what?\nSubanswer 1: 3."
    ids = TOKENIZER.encode(text)
    one = Trace("t", "q", "m", 0, (1,), text, ids, (Step(0, len(text), len(ids)),), "stop")
    (probe,) = arms(made(Mistake(), one, writer=wrong), "treated")
    assert probe.insert == "\nSubquestion 1: what?\nSubanswer 1: 4."


def test_a_boundary_inside_a_token_keeps_the_characters() -> None:
    text = "Is 3.No 4."
    ids = tuple(TOKENIZER.encode(piece)[0] for piece in ("Is", " 3", "x"))
    one = Trace("t", "q", "m", 0, (1,), text, ids, (Step(0, 5, 2, "."), Step(5, 10, 3)), "stop")
    probes = made(Mistake(), one, writer=lambda request: Written(sentence(request).replace("4", "6").replace("3", "5"), "stop"))
    assert [(p.keep, p.insert) for p in arms(probes, "treated")] == [(0, "Is 5."), (2, ". No 6.")]
    assert [(p.keep, p.insert) for p in arms(probes, "control")] == [(2, "."), (3, "")]


def test_200_traces_make_one_batch() -> None:
    rounds: list[int] = []
    ask = answering(wrong)

    def counting(requests: list[Request[Any]]) -> list[Any]:
        rounds.append(sum(isinstance(one, Write) for one in requests))
        return ask(requests)

    probe_all(Mistake(sites=1), [trace(TEXT, f"t{i}") for i in range(200)], ask=counting)
    assert [count for count in rounds if count] == [200]


@settings(deadline=None, max_examples=50)
@given(words=st.text(max_size=40), seed=st.integers(0, 3))
def test_whatever_is_written_is_kept_or_refused(words: str, seed: int) -> None:
    """Nothing that a writer says breaks the flow, and a step's white space stays around what stands in its place."""
    (probes,) = probe_all(Mistake(), [trace(TEXT)], seed, answering(lambda _: Written(words, "stop")))
    treated = arms(probes, "treated")
    assert len(treated) == 3
    for probe, step in zip(treated, STEPS, strict=True):
        if probe.insert:
            lead, tail = step[: len(step) - len(step.lstrip())], step[len(step.rstrip()) :]
            assert probe.insert == lead + probe.insert.strip() + tail
        assert probe.valid == (not probe.note)


def refused(**options: Any) -> Callable[[], Mistake]:
    return lambda: Mistake(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sites": 0}, "sites is 0, but it must be 1 or more"),
        ({"draws": 0}, "draws is 0, but it must be 1 or more"),
        ({"max_tokens": -1}, "max_tokens is -1, but it must be 0 or more"),
        ({"rest": "gone"}, "rest is 'gone', but it must be 'afresh' or 'fixed'"),
    ],
)
def test_it_refuses_what_cannot_be(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        refused(**options)()


def test_a_writer_that_the_study_lacks_is_refused() -> None:
    with pytest.raises(UsageError, match="Intervention mistake names the writer 'gpt', but the writers of the study are toy"):
        made(Mistake(writers=("gpt",)), trace(TEXT))


def test_a_free_question_has_no_choices_in_its_request() -> None:
    from interventions.mistake import request

    free = Question("f", "toy", "How many?", gold="3")
    assert request(free, "It is 3.") == f"{INSTRUCTION}\n\nHow many?\n\nOriginal sentence: It is 3."
    assert request(QUESTION, "x").count("(") == len(QUESTION.choices)
    assert QUESTION.letters == tuple(LETTERS[:3])
