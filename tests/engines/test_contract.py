"""The contract of engines, run over every engine there is: add a fixture's name to ENGINES."""

from dataclasses import replace

import pytest
from engines import tiny
from engines.written import WrittenEngine, WrittenOptions

from cotfaith.engines.scripted.engine import ScriptedEngine, ScriptedTokenizer
from cotfaith.errors import EngineError
from cotfaith.testing import check_engine
from cotfaith.testing.engines import LAWS, Case, case
from cotfaith.testing.laws import hold
from cotfaith.types import Branch, Engine, PrefixTree

SCORES = ("scores_are_log_probabilities", "order_changes_no_score", "an_offset_outside_is_refused")
SCORING = [
    "scripted",
    "transformers",
    pytest.param("smollm", marks=pytest.mark.model),
    pytest.param("vllm", marks=[pytest.mark.vllm]),
]
ENGINES = [*SCORING, "written"]


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


@pytest.fixture(name="case")
def of_engine(engine) -> Case:
    return case(engine)


def test_the_law_of_special_tokens_is_tried_where_there_are_some(engine):
    assert bool(engine.tokenizer.special_tokens) == (engine.info.engine in {"transformers", "vllm"})


@pytest.mark.parametrize("law", LAWS)
def test_it_keeps_the_law(engine, law):
    hold(engine.info.engine, LAWS[law](engine))


@scores
@pytest.mark.parametrize("offset", [-1, 10_000])
def test_an_offset_outside_the_trunk_is_one_sentence(engine, case, offset):
    with pytest.raises(
        EngineError, match=rf"^A branch leaves the trunk of {len(case.tree.trunk)} tokens at {offset}: give an offset"
    ):
        engine.score(
            [PrefixTree(case.tree.trunk, (Branch(offset, case.tree.branches[0].suffix, case.tree.branches[0].candidates),))]
        )


class Broken(WrittenEngine):
    """Breaks the law that `fault` names; it states that it scores where that law is about scores."""

    def __init__(self, fault: str) -> None:
        super().__init__("faithful", 0.5)
        self.fault = fault
        self.calls = 0
        if fault in SCORES:
            self.info = replace(self.info, capabilities=self.info.capabilities | {"option_logprobs"})
            self.score = self._score
        if fault == "says_what_it_is":
            self.info = replace(self.info, revision="")
        if fault == "text_survives_its_tokens":
            self.tokenizer = Stripping()
        if fault == "special_tokens_in_content_stay_text":
            self.tokenizer = Unshielded()

    def generate(self, prompts, sampling):
        self.calls += 1
        if self.fault == "stop_strings_are_no_part":
            sampling = replace(sampling, stop=())
        if self.fault == "a_sample_is_named_by_its_seed":
            prompts = [replace(prompt, seed=prompt.seed + self.calls) for prompt in prompts]
        rows = self._persona.generate(prompts, sampling)
        return rows[::-1] if self.fault == "completions_are_in_order" else rows

    def _score(self, trees):
        self.calls += 1
        if self.fault == "an_offset_outside_is_refused":
            trees = [
                replace(tree, branches=tuple(replace(b, offset=min(max(b.offset, 0), len(tree.trunk))) for b in tree.branches))
                for tree in trees
            ]
        rows = self._persona.score(trees)
        if self.fault == "order_changes_no_score":
            return [[replace(one, logprobs=(-self.calls, -1.0)) for one in row] for row in rows]
        return [row[1:] for row in rows] if self.fault == "scores_are_log_probabilities" else rows


class Stripping(ScriptedTokenizer):
    """Loses white space."""

    def decode(self, ids):
        return super().decode(ids).strip()


class Unshielded(ScriptedTokenizer):
    """Has a special token, and makes it of its text in content."""

    special_tokens = ("|",)


@pytest.mark.parametrize("law", LAWS)
def test_each_law_can_fail(law):
    check_engine(WrittenOptions().open("faithful"))
    assert list(LAWS[law](Broken(law)))
    with pytest.raises(AssertionError, match=r"The engine written on written/faithful breaks \d+ of cotfaith's laws:\n- "):
        check_engine(Broken(law))
