"""Every causal architecture of the installed transformers as a small random model, or the reason why it cannot be one."""

from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from cotfaith.engines.shared.quiet import quiet

VOCABULARY, CONTEXT, WINDOW = 400, 256, 11
EVERY = tuple(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)

# Sizes that make a model small, by the names that configurations use. A configuration takes those that it knows.
SMALL: dict[str, Any] = {
    "vocab_size": VOCABULARY, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": CONTEXT, "head_dim": 8, "sliding_window": WINDOW, "is_decoder": True,
    "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
    "n_positions": CONTEXT, "n_embd": 32, "n_layer": 2, "n_head": 4,
    "d_model": 32, "decoder_layers": 2, "encoder_layers": 2, "decoder_ffn_dim": 48, "encoder_ffn_dim": 48,
    "decoder_attention_heads": 4, "encoder_attention_heads": 4,
    "moe_intermediate_size": 16, "shared_expert_intermediate_size": 16, "num_experts": 4, "num_local_experts": 4,
    "n_routed_experts": 4, "moe_num_experts": 4, "num_experts_per_tok": 2, "n_group": 1, "topk_group": 1, "moe_k": 2, "moe_topk": 2,
    "ffn_hidden_size": 48, "expert_ffn_hidden_size": 16,
    "kv_lora_rank": 16, "q_lora_rank": 16, "o_lora_rank": 16, "qk_rope_head_dim": 8, "qk_nope_head_dim": 8, "v_head_dim": 8,
    "index_topk": 64, "index_n_heads": 2, "index_head_dim": 8,
    "mamba_n_heads": 8, "mamba_d_head": 8, "mamba_num_heads": 8, "mamba_head_dim": 8, "mamba_d_state": 8, "mamba_d_conv": 4,
    "mamba_expand": 2, "mamba_n_groups": 1, "n_groups": 1, "ssm_state_size": 8, "state_size": 8,
    "linear_key_head_dim": 8, "linear_value_head_dim": 8, "linear_num_key_heads": 2, "linear_num_value_heads": 4,
    "linear_conv_kernel_dim": 4,
    "vocab_size_per_layer_input": VOCABULARY, "hidden_size_per_layer_input": 8, "global_head_dim": 8,
    "num_global_key_value_heads": 2, "num_kv_shared_layers": 0,
    "swa_num_attention_heads": 4, "swa_num_key_value_heads": 2, "swa_head_dim": 8,
    "pronunciation_embed_dim": 8, "pronunciation_vocab_size": 50, "shape_embed_dim": 8, "shape_vocab_size": 50,
    "attention_window_size": WINDOW, "attention_chunk_size": WINDOW, "lru_width": 32,
}  # fmt: skip
LINEAR = {"layer_types": ["linear_attention", "full_attention"]}
HYBRID = {"num_hidden_layers": 5, "layer_types": ["mamba", "mamba", "hybrid", "mamba", "hybrid"]}
ROPE = {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [2, 1, 1]}

# What a configuration needs besides.
OWN: dict[str, dict[str, Any]] = {
    "bamba": {"attn_layer_indices": [1]},
    "codegen": {"rotary_dim": 8},
    "dots1": {"n_shared_experts": 1},
    "falcon_h1": {"mamba_d_ssm": 64},
    "gpt_neo": {"num_layers": 2, "attention_types": [[["global", "local"], 1]], "num_heads": 4, "window_size": WINDOW},
    "gptj": {"rotary_dim": 8},
    "gemma3_text": {"final_logit_softcapping": 3.0},
    "gemma2": {"final_logit_softcapping": 3.0},
    "granite": {"logits_scaling": 8.0},
    "granitemoe": {"logits_scaling": 8.0},
    "granitemoehybrid": {"layer_types": ["mamba", "attention"]},
    "jamba": {"attn_layer_period": 2, "attn_layer_offset": 1},
    "kimi_linear": {
        "linear_attn_config": {
            "head_dim": 8, "num_heads": 4, "short_conv_kernel_size": 4, "kda_layers": [1], "full_attn_layers": [2],
        }
    },
    "lfm2_moe": {"layer_types": ["conv", "full_attention"]},
    "minimax": LINEAR,
    "longcat_flash": {"num_layers": 1},
    "mamba2": {"num_heads": 8, "head_dim": 8, "expand": 2},
    "qwen3_5_moe_text": LINEAR,
    "qwen3_5_text": LINEAR,
    "qwen3_next": LINEAR,
    "reformer": {
        "axial_pos_embds_dim": [16, 16], "axial_pos_shape": [16, 16], "attn_layers": ["local", "local"], "attention_head_size": 8,
        "feed_forward_size": 48,
    },
    "recurrent_gemma": {"num_hidden_layers": 3},
    "xlstm": {"hidden_size": 128, "embedding_dim": 128, "num_heads": 4, "num_blocks": 2},
    "xmod": {"default_language": "en_XX"},
    "zamba": HYBRID,
    "zamba2": {**HYBRID, "num_mem_blocks": 2, "hybrid_layer_ids": [2, 4]},
    "zaya": {"num_experts_per_tok": 1},
    "dbrx": {"attn_config": {"rope_theta": 10_000.0, "kv_n_heads": 2, "clip_qkv": 8.0}, "ffn_config": {"ffn_hidden_size": 16, "moe_num_experts": 4}},
    "cohere_compass_text": {
        "layer_types": ["full_attention", "sliding_attention"],
        "rope_parameters": {"full_attention": ROPE, "sliding_attention": ROPE},
    },
}  # fmt: skip

WRAPPED = "its configuration nests a text model and towers for images or sound at full size; its text model {} is in the list"
# Architectures that are not tried, and why.
NOT_SMALL: dict[str, str] = {
    "blt": "it reads bytes through an encoder and a patcher, whose hash tables alone have three billion weights",
    "emu3": WRAPPED.format("llama"),
    "gemma3": WRAPPED.format("gemma3_text"),
    "gemma3n": WRAPPED.format("gemma3n_text"),
    "gemma4": WRAPPED.format("gemma4_text"),
    "gemma4_assistant": "it drafts for another model and computes nothing alone",
    "gemma4_unified": WRAPPED.format("gemma4_unified_text"),
    "gemma4_unified_assistant": "it drafts for another model and computes nothing alone",
    "git": WRAPPED.format("bert"),
    "got_ocr2": WRAPPED.format("qwen2"),
    "llama4": WRAPPED.format("llama4_text"),
    "mllama": WRAPPED.format("llama"),
    "musicgen": "it continues sound, and its configuration needs those of three other models",
    "musicgen_melody": "it continues sound, and its configuration needs those of three other models",
    "phi4_multimodal": WRAPPED.format("phi3"),
    "qwen3_5": WRAPPED.format("qwen3_5_text"),
    "qwen3_5_moe": WRAPPED.format("qwen3_5_moe_text"),
    "qwen4_exp": WRAPPED.format("qwen4_exp_text"),
}


def configuration(kind: str) -> Any:
    """The configuration of an architecture with all sizes small."""
    plain = AutoConfig.for_model(kind)
    other = getattr(type(plain), "attribute_map", {})
    stored = plain.to_dict()
    known = {name for name in SMALL if name in stored or other.get(name) in stored}
    sizes = {name: SMALL[name] for name in known if other.get(name) not in known}
    if "kv_lora_rank" in known:  # all heads share one latent
        sizes["num_key_value_heads"] = SMALL["num_attention_heads"]
    return AutoConfig.for_model(kind, **(sizes | OWN.get(kind, {})))


def small(kind: str) -> Any:
    """The small random model of an architecture, spread out enough that a wrong state shows."""
    torch.manual_seed(0)
    with quiet():
        made = AutoModelForCausalLM.from_config(configuration(kind)).eval()
    for module in made.modules():
        if isinstance(module, (torch.nn.Linear, torch.nn.Embedding)):
            torch.nn.init.normal_(module.weight, 0, 0.2)
    return made
