"""The chat templates of real models, which `make templates` fetches, against outcomes that were read off each of them by hand.

They are in tests/data/templates.json. `prompt` says whether the generation prompt opens the reasoning channel or leaves that to the
model, `open` and `close` are the texts around the reasoning with their white space, and `lead` is what a template writes before an
answer beyond its generation prompt. `thinking` says what a model does unless a variable of its template says otherwise.
"""

import json
import os
import re
from functools import cache
from pathlib import Path

import pytest
import templates as t
from templates import THOUGHT, WORD
from transformers import PreTrainedTokenizerFast

from cotfaith.engines.shared.tokenizer import ContinuationTokenizer
from cotfaith.errors import CotfaithError, UsageError
from cotfaith.prompts import choose
from cotfaith.prompts.asking import find_channel
from cotfaith.prompts.wording import ASK_FREE, CUE_FREE, THINK
from cotfaith.types import Question, Turn

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("COTFAITH_TEMPLATES") or ROOT / ".venv" / "templates")
EXPECTED = json.loads((ROOT / "tests" / "data" / "templates.json").read_text(encoding="utf-8"))
MARKS = re.compile(r"<[^<>\s'\"{}()+]{1,40}>|\[/?[A-Z_]{2,20}\]")
ASK = ASK_FREE.format("")
POSED = f"Question: {WORD.text}"
SYSTEM = Question("q4", "t", "Name a colour.", turns=(Turn("system", "Be brief."),))


def of(form):
    return pytest.mark.parametrize("name", [name for name, one in EXPECTED.items() if one["format"] == form])


@pytest.fixture(autouse=True)
def _fetched():
    if FOLDER.is_dir():
        return
    if os.environ.get("CI"):
        pytest.fail(f"{FOLDER} is missing: run make templates before the tests.")
    pytest.skip(f"{FOLDER} is missing: `make templates` fetches the templates of real models")


@cache
def tokenizer(name, *switches):
    source = (FOLDER / f"{name}.jinja").read_text(encoding="utf-8")
    marks = {"<s>", "</s>", *MARKS.findall(source)}
    inner = PreTrainedTokenizerFast(
        tokenizer_object=t.trained(tuple(sorted(marks))), bos_token="<s>", eos_token="</s>", unk_token="</s>", pad_token="</s>"
    )
    inner.chat_template = source
    return ContinuationTokenizer(inner, name, dict.fromkeys(switches, True))


def parts(form, question=WORD, begun="So"):
    """The texts of a prompt, of what follows the reasoning, and of a writer's prompt."""
    decode = form.tokenizer.decode
    return decode(form.prompt_ids(question)), form.answer_text(question), decode(form.turn_ids((Turn("user", "Hi"),), begun))


def advised(error, tokenizer, question=WORD):
    """Follow the advice of a refusal, and make a prompt that way."""
    (name,) = re.findall(r"use --format (\w+)", str(error))
    form = choose(name, tokenizer)
    assert form.prompt_ids(question)
    assert form.answer_ids(question)
    return name


def test_every_fetched_template_has_an_expected_outcome():
    assert {f"{path.parent.name}/{path.stem}" for path in FOLDER.glob("*/*.jinja")} == {*EXPECTED}
    assert len(EXPECTED) > 140


@of("thinking")
def test_the_reasoning_stands_in_the_channel(name):
    expected, here = EXPECTED[name], tokenizer(name)
    form = choose("auto", here)
    assert form.name == "thinking"
    prompt, after, written = parts(form)
    head, spoken = here.render((Turn("user", f"{POSED}\n\n{ASK}"),)), here.render((Turn("user", "Hi"),))
    opened = expected["open"] if expected["prompt"] == "leaves" else ""
    assert prompt == head + opened
    assert prompt.endswith(expected["open"])
    assert after == expected["close"] + CUE_FREE
    assert written == spoken + opened + expected["close"] + "So"


@of("thinking")
def test_the_whole_is_what_the_template_renders_of_a_turn_with_reasoning(name):
    here = tokenizer(name)
    form = choose("auto", here)
    prompt, after, _ = parts(form)
    thought = THOUGHT.strip()
    rendered = []
    for field in ("reasoning_content", "reasoning", "thinking"):
        message = {"role": "assistant", "content": CUE_FREE, field: thought}
        asked = {"role": "user", "content": f"{POSED}\n\n{ASK}"}
        text = here.render_messages([asked, message], speak=False, variables={})
        rendered += [text] if thought in text else []
    if not rendered or name == "llama.cpp/Apriel-1.6-15b-Thinker-fixed":  # its generation prompt says more than its turns
        pytest.skip("the template renders no reasoning in a field of its own, or begins a turn otherwise than its prompt")
    if name.startswith("axolotl/qwen3"):  # a new line more in the generation prompt
        prompt = prompt.removesuffix("\n")
    assert rendered[0].startswith(prompt + thought + after)


@of("chat")
def test_the_reasoning_stands_in_the_dialogue(name):
    lead, here = EXPECTED[name].get("lead", ""), tokenizer(name)
    form = choose("auto", here)
    assert form.name == "chat"
    prompt, after, written = parts(form)
    assert prompt == here.render((Turn("user", POSED),)) + lead + THINK
    assert written == here.render((Turn("user", "Hi"),)) + lead + "So"
    assert after.endswith(lead + CUE_FREE)
    turns = (Turn("user", POSED), Turn("assistant", THINK + THOUGHT.rstrip()), Turn("user", ASK))
    whole = here.render(turns)
    assert whole.rstrip().endswith(after.removesuffix(lead + CUE_FREE).strip())
    assert whole.count(THINK + THOUGHT.rstrip()) == 1


@of("refused")
@pytest.mark.parametrize("asked", ["auto", "chat", "thinking"])
def test_what_cannot_be_rendered_is_refused_with_advice_that_works(name, asked):
    with pytest.raises(UsageError, match=r"^The chat template of this model ") as caught:
        choose(asked, tokenizer(name))
    assert advised(caught.value, tokenizer(name)) == "dialogue"


@pytest.mark.parametrize("name", EXPECTED)
def test_whether_the_model_reasons_in_a_channel(name):
    expected = EXPECTED[name]
    if expected["format"] == "refused":
        pytest.skip("nothing can be asked of it")
    channel = find_channel(tokenizer(name))
    found = "none" if channel is None else "on" if channel.reasons else "off"
    assert found == expected["thinking"]


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("asked", ["chat", "thinking"])
@pytest.mark.parametrize("question", [WORD, SYSTEM], ids=["plain", "system"])
def test_each_format_works_or_advises_what_works(name, asked, question):
    here = tokenizer(name)
    try:
        form = choose(asked, here)
    except UsageError as error:  # before there is a question
        other = advised(error, here)
        if (EXPECTED[name]["format"], asked) == ("chat", "thinking"):
            assert other == "chat"
        return
    try:
        made = form.prompt_ids(question) and form.answer_ids(question)
    except UsageError as error:
        other, folded = advised(error, here, question), "move the system text into the first user turn" in str(error)
        made = other and folded and form.prompt_ids(Question("q5", "t", "Be brief.\n\nName a colour."))
    assert made


ON = [
    ("llama.cpp/google-gemma-4-31B-it", "leaves", "<|channel>thought\n", "\n<channel|>"),
    ("llama.cpp/deepseek-ai-DeepSeek-V3.1", "opens", "<think>", "</think>"),
    ("llama.cpp/deepseek-ai-DeepSeek-V3.2", "opens", "<think>", "</think>"),
    ("llama.cpp/deepseek-ai-DeepSeek-V4", "opens", "<think>", "</think>"),
    ("llama.cpp/Bielik-11B-v3.0-Instruct", "opens", "<think>\n", "\n</think>\n"),
    ("llama.cpp/Reka-Edge", "opens", "<think>\n", "\n</think>\n\n"),
    ("llama.cpp/Qwen-QwQ-32B", "opens", "<think>\n", "\n</think>\n\n"),
    ("llama.cpp/poolside-Laguna-XS.2", "leaves", "\n", "\n</think>\n"),
    ("llama.cpp/Apertus-8B-Instruct", "leaves", "<|inner_prefix|>", "<|inner_suffix|>"),
    ("axolotl/exaone4", "opens", "<think>\n", "\n</think>\n\n"),
    ("trl/gemma4_v2", "leaves", "<|channel>thought\n", "\n<channel|>"),
    ("llama.cpp/ibm-granite-granite-3.3-2B-Instruct", "leaves", "<think>\n", "\n</think>\n\n"),
    ("llama.cpp/llama-cpp-rwkv-world", "opens", " <think>", "</think>"),
    ("trl/diffusion_gemma", "leaves", "<|channel>thought\n", "\n<channel|>"),
]


@pytest.mark.parametrize(("name", "prompt", "opens", "close"), ON)
def test_reasoning_that_a_variable_switches_on(name, prompt, opens, close):
    here = tokenizer(name, "enable_thinking", "thinking")
    form = choose("auto", here)
    assert form.name == "thinking"
    head, (begun, after, _) = here.render((Turn("user", f"{POSED}\n\n{ASK}"),)), parts(form)
    assert begun == head + (opens if prompt == "leaves" else "")
    assert begun.endswith(opens)
    assert after == close + CUE_FREE


@pytest.mark.parametrize("name", ["llama.cpp/mistralai-Mistral-Nemo-Instruct-2407", "axolotl/mistral_v3_tekken"])
def test_a_template_that_moves_the_system_turn_says_so(name):
    sentence = (
        "The chat template of this model renders what comes before the reasoning otherwise once the conversation goes on "
        "(it moves or drops the system turn): move the system text into the first user turn, or use --format dialogue."
    )
    with pytest.raises(CotfaithError, match=f"^{re.escape(sentence)}$"):
        choose("chat", tokenizer(name)).prompt_ids(SYSTEM)


@pytest.mark.parametrize(
    ("name", "said", "reasoning", "response"),
    [
        ("llama.cpp/openai-gpt-oss-120b", "a<|end|><|start|>assistant<|channel|>final<|message|>b", "a", "b"),
        ("llama.cpp/openai-gpt-oss-120b", "a<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>{}", "a", "{}"),
        (
            "llama.cpp/openai-gpt-oss-120b",
            "a<|end|><|start|>assistant<|channel|>commentary<|message|>b<|end|><|start|>assistant<|channel|>final<|message|>c",
            "a",
            "b\n\nc",
        ),
        (
            "llama.cpp/openai-gpt-oss-120b",
            "a<|end|><|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}",
            "a",
            "{}",
        ),
        (
            "llama.cpp/openai-gpt-oss-120b",
            "a<|end|><|start|>assistant<|channel|>analysis<|message|>b<|end|><|start|>assistant<|channel|>final<|message|>c",
            "a<|end|><|start|>assistant<|channel|>analysis<|message|>b",
            "c",
        ),
        ("llama.cpp/openai-gpt-oss-120b", "a<|end|><|start|>assistant<|channel|>analysis<|message|>b", None, ""),
        ("llama.cpp/upstage-Solar-Open-100B", "a<|end|><|begin|>assistant<|content|>b", "a", "b"),
        (
            "llama.cpp/upstage-Solar-Open-100B",
            "a<|end|><|begin|>assistant<|think|>b<|end|><|begin|>assistant<|content|>c",
            "a<|end|><|begin|>assistant<|think|>b",
            "c",
        ),
        ("llama.cpp/muse-glimmer", "a<|eom|><|start|>assistant to=user<|message|>b", "a", "b"),
        ("llama.cpp/Cohere2MoE", "a<|END_THINKING|><|START_TEXT|>b<|END_TEXT|>", "a", "b"),
        (
            "llama.cpp/Kimi-K3",
            "a<|close|>think<|sep|><|open|>response<|sep|>b<|close|>response<|sep|><|close|>message<|sep|>",
            "a",
            "b",
        ),
        ("llama.cpp/Apriel-1.6-15b-Thinker-fixed", "a\n[BEGIN FINAL RESPONSE]\nb", "a\n", "b"),
        ("llama.cpp/Qwen-Qwen3-0.6B", "a\n</think>\n\nb", "a\n", "\n\nb"),
    ],
)
def test_a_completion_is_split_as_the_model_writes_it(name, said, reasoning, response):
    form = choose("auto", tokenizer(name))
    prompt, ids = form.prompt_ids(WORD), form.tokenizer.encode_rendered(said)
    parsed = form.parse(prompt, ids)
    assert form.tokenizer.decode(parsed.reasoning_ids) == (said if reasoning is None else reasoning)
    assert parsed.closed == (reasoning is not None)
    assert parsed.response.removeprefix("\n" if "Apriel" in name else "") == response
    assert (*parsed.prompt_ids, *parsed.reasoning_ids, *parsed.rest_ids) == (*prompt, *ids)
