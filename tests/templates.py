"""What the tests of the prompt formats share: a small tokenizer trained here, chat templates of many kinds written here, questions."""

from collections.abc import Sequence
from functools import cache

from tokenizers import Tokenizer as Rust
from tokenizers import decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from cotfaith.types import Question, Turn

SPECIAL = (
    "<s>", "</s>", "<|im_start|>", "<|im_end|>", "<start_of_turn>", "<end_of_turn>", "<|user|>", "<|assistant|>", "<think>", "</think>",
    "[THINK]", "[/THINK]", "[INST]", "[/INST]", "<|start|>", "<|end|>", "<|channel|>", "<|message|>", "<|channel>", "<channel|>",
)  # fmt: skip
SENTENCES = (
    "Question: What is the solution to the following? 264 + 964 =",
    "Let's think step by step: first add the units, then the tens.",
    "Given all of the above, what's the single, most likely answer?",
    "The single, most likely answer is (A) or (B) or (C) or (D).\n\nHuman: Assistant:",
)

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
DEFAULT_SYSTEM = "{% if messages[0].role != 'system' %}<|im_start|>system\nBe kind.<|im_end|>\n{% endif %}" + CHATML
STRIPS = CHATML.replace("m.content", "m.content.strip()")
LLAMA = (
    "<s>{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
    "{% else %} {{ m.content }} </s><s>{% endif %}{% endfor %}"
)
GEMMA = (
    "<s>{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% endif %}"
    "<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
R1 = (
    "<s>{% for m in messages %}{% if m.role == 'user' %}<|user|>{{ m.content }}{% elif m.role == 'assistant' %}"
    "<|assistant|>{{ m.content.split('</think>')[-1] }}</s>{% else %}{{ m.content }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|><think>\\n' }}{% endif %}"
)
R1_OLD = R1.replace("<think>\\n", "")
QWEN3 = (
    "{% for m in messages %}{% if m.role == 'assistant' and loop.last and m.reasoning is defined %}"
    "{{ '<|im_start|>assistant\\n<think>\\n' + m.reasoning + '\\n</think>\\n\\n' + m.content }}"
    "{% else %}<|im_start|>{{ m.role }}\n{{ m.content.split('</think>')[-1] }}<|im_end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
QWEN3_OFF = QWEN3.replace(
    "<|im_start|>assistant\n{% endif %}", "{{ '<|im_start|>assistant\\n<think>\\n\\n</think>\\n\\n' }}{% endif %}"
)
# A hybrid of our own: reasoning is off by default, `enable_thinking` switches it on, and `effort` is said in a system turn.
HYBRID = (
    "{% if effort is defined %}<|im_start|>system\nEffort: {{ effort }}<|im_end|>\n{% endif %}"
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content.split('</think>')[-1] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% if enable_thinking is defined and enable_thinking %}{{ '<think>\\n' }}"
    "{% else %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}{% endif %}"
)
TIGHT = CHATML.replace("assistant\n{% endif %}", "assistant\n<think>{% endif %}")
BRACKETS = (
    "<s>Draft between [THINK] and [/THINK].{% for m in messages %}{% if m.role == 'user' %}[INST]{{ m.content }}[/INST]"
    "{% else %}{{ m.content }}</s>{% endif %}{% endfor %}"
)
HARMONY = (
    "{% for m in messages %}{% if m.role == 'assistant' %}"
    "{% if m.thinking is defined %}{{ '<|start|>assistant<|channel|>analysis<|message|>' + m.thinking + '<|end|>' }}{% endif %}"
    "<|start|>assistant<|channel|>final<|message|>{{ m.content }}<|end|>"
    "{% else %}<|start|>{{ m.role }}<|message|>{{ m.content }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant{% endif %}"
)
GEMMA4 = CHATML.replace(
    "{{ m.content }}",
    "{% if m.reasoning is defined %}{{ '<|channel>thought\\n' + m.reasoning + '\\n<channel|>' }}{% endif %}{{ m.content }}",
)
DROPS = CHATML.replace("{% for m in messages %}", "{% for m in messages if m.role != 'assistant' %}")
REPEATS = CHATML.replace("{{ m.content }}", "{{ m.content }}{{ m.content }}")
LAST_SYSTEM = CHATML.replace("{{ m.content }}", "{% if loop.last %}Be kind. {% endif %}{{ m.content }}")


class Fast:
    """The contract of `types.Tokenizer` over a transformers tokenizer, as small as it goes."""

    def __init__(self, template: str = "", special: Sequence[str] = SPECIAL):
        self.template = template
        self.has_template = bool(template)
        self.inner = PreTrainedTokenizerFast(tokenizer_object=trained(tuple(special)), bos_token="<s>", eos_token="</s>")
        self.special_tokens = tuple(special)

    def encode(self, text: str) -> tuple[int, ...]:
        return tuple(self.inner.encode(text, add_special_tokens=False, split_special_tokens=True))

    def encode_rendered(self, text: str) -> tuple[int, ...]:
        return tuple(self.inner.encode(text, add_special_tokens=False, split_special_tokens=False))

    def decode(self, ids: Sequence[int]) -> str:
        return self.inner.decode(list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False)

    def ends(self, ids: Sequence[int]) -> tuple[int, ...]:
        return tuple(len(self.decode(ids[: i + 1]).rstrip("\ufffd")) for i in range(len(ids)))

    def render(self, turns: Sequence[Turn]) -> str:
        return self.chat([{"role": turn.role, "content": turn.text} for turn in turns])

    def chat(self, messages, *, speak=True):
        """The template over plain messages, for what `render` has no words for (a reasoning field)."""
        return self.render_messages(messages, speak=speak, variables={})

    def render_messages(self, messages, *, speak, variables):
        return self.inner.apply_chat_template(
            messages, chat_template=self.template, tokenize=False, add_generation_prompt=speak, return_dict=False, **variables
        )

    def start(self) -> tuple[int, ...]:
        return (self.inner.bos_token_id,)


@cache
def trained(special: tuple[str, ...]) -> Rust:
    tokenizer = Rust(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=420, special_tokens=list(special), initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return tokenizer


CHOICE = Question("q1", "t", "Which is even?", ("three", "four"))
SUM = Question("q2", "t", "What is the solution to the following? 264 + 964 =", meta={"answer": "integer"})
WORD = Question("q3", "t", "Name a colour.")
ASKED = "Given all of the above, what's the single, most likely answer?"
POSED = "Question: Which is even?\n\nChoices:\n(A): three\n(B): four"
CUE = "The single, most likely answer is ("
LEAD = "Let's think step by step:"
THOUGHT = " four is even.\nSo it is four."


def whole(form, question, reasoning=THOUGHT):
    """What the model has before it when the answer is read, as text; and the ids must decode to the pieces."""
    ids = form.tokenizer.encode(reasoning)
    prompt, answer = form.prompt_ids(question), form.answer_ids(question, ids)
    assert (prompt, answer) == (form.prompt_ids(question), form.answer_ids(question, ids))
    return form.tokenizer.decode((*prompt, *ids, *answer))
