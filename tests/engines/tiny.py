"""Random models of a few thousand numbers, and tokenizers trained on the spot: what the tests of the transformers engine run on."""

import copy
from functools import cache
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig, PreTrainedTokenizerFast

from cotfaith.engines.shared.quiet import quiet
from cotfaith.engines.transformers import TransformersEngine

VOCABULARY, CONTEXT, WINDOW = 400, 256, 11
BASE = {
    "vocab_size": VOCABULARY, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": CONTEXT,
}  # fmt: skip
SMALL = {"vocab_size": VOCABULARY, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
MIXED = {"layer_types": ["full_attention", "sliding_attention"], "sliding_window": WINDOW}
HEAD = {"head_dim": 8, "query_pre_attn_scalar": 8}

# Architecture -> its settings, and how trees are scored on it.
ARCHITECTURES: dict[str, tuple[dict[str, Any], str]] = {
    "llama": (BASE, "packed"),
    "qwen2": ({**BASE, **MIXED, "use_sliding_window": True}, "packed"),
    "gemma2": ({**BASE, **MIXED, **HEAD}, "packed"),
    "gemma3_text": ({**BASE, **MIXED, **HEAD}, "packed"),
    "mistral": ({**BASE, "sliding_window": WINDOW}, "packed"),
    "llama4_text": ({**BASE, "head_dim": 8, "attention_chunk_size": WINDOW, "num_local_experts": 2, "num_hidden_layers": 4}, "packed"),
    "gpt_oss": ({**BASE, **MIXED, "head_dim": 8, "num_local_experts": 2, "num_experts_per_tok": 1}, "packed"),  # eager attention
    "gpt2": ({"vocab_size": VOCABULARY, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": CONTEXT}, "packed"),
    "gpt_neox": (BASE, "packed"),
    "phi": (BASE, "packed"),
    "bloom": ({"vocab_size": VOCABULARY, "hidden_size": 32, "n_layer": 2, "n_head": 4}, "copied"),  # ALiBi
    "mamba": ({"vocab_size": VOCABULARY, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 8}, "stepped"),
    "lfm2": ({**BASE, "layer_types": ["conv", "full_attention"]}, "copied"),  # convolution and attention
    "recurrent_gemma": ({**BASE, "head_dim": 8, "attention_window_size": WINDOW, "num_hidden_layers": 3, "lru_width": 32}, "plain"),
}  # fmt: skip

TEXTS = (
    "Question: what is 17 plus 25? Let me think step by step. First, 17 + 25 = 42.",
    "So the answer is (B). Therefore it's not a mistake, I'd say: the café costs 3.5 euros.\n\nHuman: Assistant:",
)
SPECIAL = ["<s>", "</s>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"]
CHATML = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system turns here') }}{% endif %}"
    "<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def model(kind: str = "llama") -> Any:
    """The random model of an architecture, spread out enough that a wrong mask shows."""
    return _model(kind)


@cache
def _model(kind: str) -> Any:
    torch.manual_seed(0)
    with quiet():
        made = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **ARCHITECTURES[kind][0])).eval()
    for module in made.modules():
        if isinstance(module, (torch.nn.Linear, torch.nn.Embedding)):
            torch.nn.init.normal_(module.weight, 0, 0.3)
    return made


@cache
def byte_level() -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer, as GPT-2 and most newer models have; it adds no token."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    trained.train_from_iterator(TEXTS, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=trained, eos_token="</s>", bos_token="<s>", chat_template=CHATML)


@cache
def sentencepiece_like(scheme: str = "always") -> PreTrainedTokenizerFast:
    """A tokenizer that puts a space before every text and takes it away when it decodes, falls back on bytes, and adds <s>.

    Args:
        scheme: where the space comes from: "always" and "first" by the pre-tokenizer, "normalizer" as in the first Llamas.
    """
    byte_tokens = [f"<0x{i:02X}>" for i in range(256)]
    characters = sorted({"▁", *"".join(TEXTS)} - {" ", "é"})
    merges = [
        ("t", "h"),
        ("a", "n"),
        ("s", "t"),
        ("e", "p"),
        ("e", "r"),
        ("▁", "("),
        ("▁", "a"),
        ("▁", "th"),
        ("▁th", "e"),
        ("▁", "st"),
    ]
    pieces = [*SPECIAL, *byte_tokens, *characters, *("".join(merge) for merge in merges)]
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    built = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, byte_fallback=True, fuse_unk=True, unk_token="<s>"))
    if scheme == "normalizer":
        built.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        built.pre_tokenizer = pre_tokenizers.Split(Regex("(?!)"), "isolated")
    else:
        built.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme)
    built.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    built.add_special_tokens(SPECIAL)
    built.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", vocabulary["<s>"])])
    return PreTrainedTokenizerFast(tokenizer_object=built, eos_token="</s>", bos_token="<s>")


def broken_engine(value: float) -> TransformersEngine:
    """An engine whose model gives `value` for every logit."""
    made = copy.deepcopy(model())
    torch.nn.init.constant_(made.lm_head.weight, value)
    return TransformersEngine(made, tokenizer=byte_level())


def endless_engine(**arguments: Any) -> TransformersEngine:
    """An engine whose model and tokenizer know no token that ends a completion."""
    made, tokenizer = copy.deepcopy(model()), copy.deepcopy(byte_level())
    made.generation_config, tokenizer.eos_token = GenerationConfig(), None
    return TransformersEngine(made, tokenizer=tokenizer, revision="test", **arguments)


def engine(kind: str = "llama", **arguments: Any) -> TransformersEngine:
    """An engine around a tiny random model."""
    return TransformersEngine(model(kind), tokenizer=byte_level(), revision="test", **arguments)
