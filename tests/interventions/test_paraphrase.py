"""Paraphrases: exact probes, every reason of failure, and the request as published, without the question."""

from typing import Any

import pytest
from builders import TOKENIZER, answering, probe_all, trace

from cotfaith.contracts.requests import Request, Write, Written
from cotfaith.errors import UsageError
from cotfaith.types import Probe, Trace, Turn
from interventions.paraphrase import CUE, INSTRUCTION, Paraphrase

TEXT = " There are 3 apples.\nSo the answer is (B)."


def said(one: Trace, probe: Probe) -> str:
    return TOKENIZER.decode(one.reasoning_ids[: probe.keep]) + probe.insert


def good(request: Write) -> Written:
    """A writer that puts two sentences in other words, and any others not."""
    shown = request.turns[-1].text.partition('Text: "')[2].removesuffix('"')
    return Written(
        shown.replace("There are 3 apples", "3 apples exist").replace("So the answer is (B)", "(B) must be right"), "stop"
    )


def made(intervention: Paraphrase, one: Trace, **writing: Any) -> list[Probe]:
    return probe_all(intervention, [one], ask=answering(**writing))[0]


def arms(probes: list[Probe], arm: str) -> list[Probe]:
    return [p for p in probes if p.arm == arm]


def test_every_prefix_and_the_whole() -> None:
    one = trace(TEXT)
    probes = made(Paraphrase(), one, writer=good)
    assert [p.arm for p in probes] == ["no_reasoning", "full", *["treated", "control"] * 3]
    whole = " 3 apples exist.\n(B) must be right."
    assert [(said(one, p), p.then, p.site, p.dose, p.kind) for p in arms(probes, "treated")] == [
        (" 3 apples exist.\n", "continue", 1, 0.5, "toy"),
        (whole, "continue", 2, 1.0, "toy"),
        (whole, "answer", 0, 1.0, "toy"),
    ]
    assert [(said(one, p), p.then, p.site, p.dose, p.kind) for p in arms(probes, "control")] == [
        (" There are 3 apples.\n", "continue", 1, 0.0, ""),
        (TEXT, "continue", 2, 0.0, ""),
        (TEXT, "answer", 0, 0.0, ""),
    ]
    assert [p.keep for p in arms(probes, "control")] == [one.steps[0].tokens, len(one.reasoning_ids), 0]
    assert all(p.keep == 0 and p.valid for p in arms(probes, "treated"))


def test_the_whole_can_be_left_out() -> None:
    assert {p.site for p in made(Paraphrase(whole=False), trace(TEXT), writer=good)[2:]} == {1, 2}


def test_the_request_is_the_published_one_and_hides_the_question() -> None:
    asked: list[Write] = []

    def writer(request: Write) -> Written:
        asked.append(request)
        return good(request)

    one = trace(' He said "go".' + TEXT)
    made(Paraphrase(sites=1), one, writer=writer)
    (request,) = asked
    shown = "He said 'go'. There are 3 apples.\nSo the answer is (B)."
    assert request.turns == (Turn("user", f'{INSTRUCTION}"{shown}"'),)
    assert "Which?" not in request.turns[0].text
    assert (request.begun, request.writer, request.sampling.stop) == (f'{CUE} "', "toy", ('"',))
    assert (request.sampling.temperature, request.sampling.top_p) == (0.8, 0.95)
    assert request.sampling.max_tokens == 2 * len(one.reasoning_ids) + 20
    assert request.seed % (1 << 16) == 0


ONE = " Then Amara counts three apples. So the answer is (B)."


@pytest.mark.parametrize(
    ("written", "note"),
    [
        (Written(" ", "stop"), "nothing written"),
        (Written("I apologise, but no.", "stop"), "refused"),
        (Written("By now Amara has counted", "length"), "overran"),
        (Written("then Amara counts three apples; so the answer is (B)", "stop"), "echoed"),
        (Written("Then Amara counts three apples. So the answer is: (B), yes.", "stop"), "wording kept"),
        (Written("By now 4 apples were counted by Amara. That makes it (B).", "stop"), "numbers changed"),
        (Written("By now 3 apples were counted by Amara. That makes it (C).", "stop"), "option letters changed"),
        (Written("By now 3 apples were counted by her. That makes it (B).", "stop"), "names changed"),
        (Written("Amara: 3, (B).", "stop"), "shortened"),
    ],
)
def test_what_did_not_take_is_kept_and_has_no_control(written: Written, note: str) -> None:
    probes = made(Paraphrase(sites=1, draws=2), trace(ONE), writer=lambda _: written)
    assert [p.arm for p in probes] == ["no_reasoning", "full", "treated", "treated", "treated"]
    for p in arms(probes, "treated"):
        assert (p.valid, p.note, p.insert.strip()) == (False, note, written.text.strip())
    assert [(p.site, p.draw, p.then) for p in arms(probes, "treated")] == [(2, 0, "continue"), (2, 1, "continue"), (0, 0, "answer")]


def test_reasoning_without_steps_or_words_is_counted() -> None:
    assert [(p.kind, p.site, p.note) for p in made(Paraphrase(), trace(""), writers=("a", "b"))[2:]] == [
        ("a", 0, "no steps"),
        ("b", 0, "no steps"),
    ]
    blank = made(Paraphrase(), trace(" \n"), writer=lambda _: pytest.fail("it was asked"))
    assert [(p.site, p.valid, p.note) for p in blank[2:]] == [(1, False, "nothing to change"), (0, False, "nothing to change")]


def test_two_writers_stand_side_by_side() -> None:
    def writer(request: Write) -> Written:
        return good(request) if request.writer == "a" else Written("No.", "stop")

    probes = made(Paraphrase(sites=1, draws=2), trace(TEXT), writer=writer, writers=("a", "b", "rules"))
    assert [(p.kind, p.site, p.draw, p.valid) for p in arms(probes, "treated")] == [
        ("a", 2, 0, True), ("a", 2, 1, True), ("b", 2, 0, False), ("b", 2, 1, False), ("a", 0, 0, True), ("b", 0, 0, False),
    ]  # fmt: skip
    assert [(p.site, p.draw) for p in arms(probes, "control")] == [(2, 0), (2, 1), (0, 0)]
    assert len({p.id for p in probes}) == len(probes)


def test_a_site_where_another_one_took_has_no_control_of_its_own() -> None:
    def writer(request: Write) -> Written:
        return good(request) if "answer" in request.turns[-1].text else Written("", "stop")

    assert [p.site for p in arms(made(Paraphrase(), trace(TEXT), writer=writer), "control")] == [2, 0]


@pytest.mark.parametrize(
    ("sites", "expected"), [(None, [1, 2, 3, 4, 5]), (1, [5]), (2, [3, 5]), (3, [2, 4, 5]), (9, [1, 2, 3, 4, 5])]
)
def test_the_whole_reasoning_is_always_among_the_prefixes(sites: int | None, expected: list[int]) -> None:
    probes = made(
        Paraphrase(sites=sites, whole=False), trace(" One. Two. Three. Four. Five."), writer=lambda _: Written("", "stop")
    )
    assert [p.site for p in arms(probes, "treated")] == expected


def test_each_prefix_is_one_round_of_all_traces() -> None:
    rounds: list[int] = []
    ask = answering(good)

    def counting(requests: list[Request[Any]]) -> list[Any]:
        rounds.append(sum(isinstance(one, Write) for one in requests))
        return ask(requests)

    probe_all(Paraphrase(), [trace(TEXT, f"t{i}") for i in range(200)], ask=counting)
    assert [count for count in rounds if count] == [200, 200]


def test_it_refuses_what_cannot_be() -> None:
    with pytest.raises(UsageError, match="Intervention paraphrase: sites is 0, but it must be 1 or more"):
        Paraphrase(sites=0)
    with pytest.raises(UsageError, match="Intervention paraphrase: draws is 0, but it must be 1 or more"):
        Paraphrase(draws=0)
    with pytest.raises(UsageError, match="names the writer 'gpt', but the writers of the study are toy"):
        made(Paraphrase(writers=("gpt",)), trace(TEXT))
    for options, there in (({"writers": ("rules",)}, ("toy",)), ({}, ("rules",))):
        with pytest.raises(
            UsageError, match="has no writer except 'rules', which cannot paraphrase: add a model to the study's writers"
        ):
            made(Paraphrase(**options), trace(TEXT), writers=there)
