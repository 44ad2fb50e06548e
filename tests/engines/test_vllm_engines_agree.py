"""vLLM and transformers on the same model give the same numbers."""

import pytest

from cotfaith.types import Branch, PrefixTree, Prompt, Sampling

pytestmark = [pytest.mark.vllm, pytest.mark.model]
QUESTIONS = ("What is 2 + 3?", "Which is a fruit: a carrot or a plum?", "A farmer has 12 geese and sells 5; how many are left?")
LEAD = "<|im_start|>user\n{} Choices: (A) 5 (B) plum (C) 7 (D) carrot<|im_end|>\n<|im_start|>assistant\nLet's think step by step:"
CUE = "\n\nThe single, most likely answer is ("


@pytest.fixture(scope="module")
def reasonings(smollm):
    """The beginning of a prompt and a reasoning of transformers, for each question."""
    prompts = [Prompt(smollm.tokenizer.encode(LEAD.format(question))) for question in QUESTIONS]
    rows = smollm.generate(prompts, Sampling(temperature=0, max_tokens=48))
    return [(prompt.ids, row[0]) for prompt, row in zip(prompts, rows, strict=True)]


@pytest.fixture(scope="module")
def trees(smollm, reasonings):
    """Early answering on each reasoning: six cuts, options of one and of two tokens."""
    encode = smollm.tokenizer.encode
    options = (*(encode(letter) for letter in "ABCD"), encode("None of"))
    made = []
    for start, reasoning in reasonings:
        trunk = start + reasoning.ids
        offsets = [len(start) + len(reasoning.ids) * i // 5 for i in range(6)]
        made.append(PrefixTree(trunk, tuple(Branch(offset, encode(CUE), options) for offset in offsets)))
    return made


def test_both_speak_of_the_same_checkpoint_and_tokens(vllm, smollm):
    assert vllm.info.revision == smollm.info.revision
    assert vllm.info.parameters == smollm.info.parameters
    assert vllm.tokenizer.encode(CUE) == smollm.tokenizer.encode(CUE)
    assert vllm.tokenizer.template == smollm.tokenizer.template


def test_option_log_probabilities_agree(vllm, smollm, trees):
    ours, theirs = vllm.score(trees), smollm.score(trees)
    for left, right in zip(ours, theirs, strict=True):
        for one, other in zip(left, right, strict=True):
            assert one.logprobs == pytest.approx(other.logprobs, abs=1e-2)
            assert one.tokens_asked == other.tokens_asked


def test_greedy_completions_agree(vllm, smollm, reasonings):
    rows = vllm.generate([Prompt(start) for start, _ in reasonings], Sampling(temperature=0, max_tokens=48))
    assert [(row[0].ids, row[0].text, row[0].finish) for row in rows] == [(r.ids, r.text, r.finish) for _, r in reasonings]


def test_stop_strings_cut_at_the_same_place(vllm, smollm, reasonings):
    start, reasoning = reasonings[0]
    stop = (reasoning.text[20:23],)
    sampling = Sampling(temperature=0, max_tokens=48, stop=stop)
    ((ours,),), ((theirs,),) = vllm.generate([Prompt(start)], sampling), smollm.generate([Prompt(start)], sampling)
    assert (ours.ids, ours.text, ours.finish) == (theirs.ids, theirs.text, "stop")
