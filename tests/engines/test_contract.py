"""The contract of engines, run over every engine there is: add a fixture's name to ENGINES, and a case for what it can be asked."""

from dataclasses import dataclass

import pytest
from engines import tiny
from engines.written import WrittenOptions

from cotfaith.engines.scripted.engine import ScriptedEngine
from cotfaith.errors import EngineError
from cotfaith.types import Branch, Engine, PrefixTree, Prompt, Sampling, ScoringEngine

SCORING = [
    "scripted",
    "transformers",
    pytest.param("smollm", marks=pytest.mark.model),
    pytest.param("vllm", marks=[pytest.mark.vllm]),
]
ENGINES = [*SCORING, "written"]
CAPABILITIES = {"tokens", "prefill", "option_logprobs", "seeds"}
LEAD = "Human: Question: What is 2 + 3?\n\nChoices:\n(A): 5\n(B): 6\n\nAssistant: Let's think step by step:"
THOUGHT = " 2 + 3 is 5. So the answer is (A)."
CUE = "\n\nHuman: What's the single, most likely answer?\n\nAssistant: The single, most likely answer is ("


@pytest.fixture(scope="session")
def scripted() -> Engine:
    return ScriptedEngine("faithful")


@pytest.fixture(scope="session")
def transformers() -> Engine:
    return tiny.engine()


@pytest.fixture(scope="session")
def written() -> Engine:
    return WrittenOptions().open("faithful")


@pytest.fixture(params=ENGINES)
def engine(request) -> Engine:
    return request.getfixturevalue(request.param)


scores = pytest.mark.parametrize("engine", SCORING, indirect=True)


@dataclass(frozen=True)
class Case:
    """A prompt and a prefix tree in the tokens of an engine."""

    prompt: tuple[int, ...]
    tree: PrefixTree


@pytest.fixture
def case(engine) -> Case:
    encode = engine.tokenizer.encode
    start, thought, cue = encode(LEAD), encode(THOUGHT), encode(CUE)
    branches = [Branch(len(start) + i, cue, (encode("A"), encode("B"))) for i in range(0, len(thought) + 1, 4)]
    return Case(start, PrefixTree(start + thought, tuple(branches)))


def test_it_says_what_it_is(engine):
    info = engine.info
    assert all((info.model, info.revision, info.engine, info.version))
    assert info.capabilities <= CAPABILITIES
    assert isinstance(engine, ScoringEngine) == ("option_logprobs" in info.capabilities)
    assert all(isinstance(value, (str, int, float, bool)) for value in info.arguments.values())


@pytest.mark.parametrize("text", ["", "A", " A", "So the answer is (B).\n", "café 😀 ½", "  two  spaces "])
def test_text_survives_its_tokens(engine, text):
    tokenizer = engine.tokenizer
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    ends = tokenizer.ends(ids)
    assert list(ends) == sorted(ends)
    assert len(ends) == len(ids)
    assert not ids or ends[-1] == len(text)


def test_tokens_joined_are_text_joined(engine):
    first, second = engine.tokenizer.encode("So the"), engine.tokenizer.encode(" answer is (B)")
    assert engine.tokenizer.decode(first + second) == "So the answer is (B)"


def test_a_template_renders_or_is_said_to_be_missing(engine):
    assert engine.tokenizer.has_template == bool(engine.tokenizer.template)


def test_completions_are_in_order_and_ids_are_their_text(engine, case):
    prompts = [Prompt(case.prompt, 1 << 16, (0, 3)), Prompt(case.prompt + case.tree.trunk[len(case.prompt) :][:4], 2 << 16)]
    rows = engine.generate(prompts, Sampling(max_tokens=12))
    assert [len(row) for row in rows] == [2, 1]
    for row in rows:
        for completion in row:
            assert engine.tokenizer.decode(completion.ids) == completion.text
            assert len(completion.ids) <= 12
            assert completion.finish in {"stop", "length"}
    assert engine.generate([], Sampling()) == []


def test_a_sample_is_named_by_its_seed_alone(engine, case):
    sampling = Sampling(max_tokens=12)
    (both,) = engine.generate([Prompt(case.prompt, 1 << 16, (0, 3))], sampling)
    ((alone,),) = engine.generate([Prompt(case.prompt, (1 << 16) + 3)], sampling)
    (_, (beside,)) = engine.generate([Prompt(case.prompt[:-1] + case.prompt[-1:]), Prompt(case.prompt, 1 << 16, (3,))], sampling)
    assert alone.ids == both[1].ids == beside.ids


def test_stop_strings_are_no_part_of_a_completion(engine, case):
    ((whole,),) = engine.generate([Prompt(case.prompt, 7 << 16)], Sampling(max_tokens=40))
    stop = next(whole.text[i : i + 2] for i in range(4, len(whole.text)) if "\ufffd" not in whole.text[i : i + 2])
    ((ended,),) = engine.generate([Prompt(case.prompt, 7 << 16)], Sampling(max_tokens=40, stop=(stop,)))
    assert ended.finish == "stop"
    assert stop not in ended.text
    assert whole.text.startswith(ended.text)
    assert engine.tokenizer.decode(ended.ids) == ended.text


@scores
def test_scores_are_log_probabilities_in_order(engine, case):
    (scores,) = engine.score([case.tree])
    assert len(scores) == len(case.tree.branches)
    for branch, found in zip(case.tree.branches, scores, strict=True):
        assert len(found.logprobs) == 2
        assert all(value <= 0 for value in found.logprobs)
        assert found.tokens_asked == branch.offset + len(branch.suffix)
    assert sum(found.tokens_computed for found in scores) < sum(found.tokens_asked for found in scores)
    assert engine.score([]) == []


@scores
def test_the_order_of_branches_and_trees_changes_nothing(engine, case):
    (scores,) = engine.score([case.tree])
    turned = PrefixTree(case.tree.trunk, case.tree.branches[::-1])
    other, again = engine.score([PrefixTree(case.tree.trunk, case.tree.branches[:1]), turned])
    assert [found.logprobs for found in again] == [pytest.approx(found.logprobs, abs=1e-3) for found in scores[::-1]]
    assert other[0].logprobs == pytest.approx(scores[0].logprobs, abs=1e-3)


@scores
@pytest.mark.parametrize("offset", [-1, 10_000])
def test_an_offset_outside_the_trunk_is_one_sentence(engine, case, offset):
    with pytest.raises(
        EngineError, match=rf"^A branch leaves the trunk of {len(case.tree.trunk)} tokens at {offset}: give an offset"
    ):
        engine.score(
            [PrefixTree(case.tree.trunk, (Branch(offset, case.tree.branches[0].suffix, case.tree.branches[0].candidates),))]
        )
