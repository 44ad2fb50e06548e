"""Random models with the chat templates of real families, a sliding window among them: one study from sampling to page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from engines import tiny
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

import cotfaith
from cotfaith.engines.shared.quiet import quiet

pytestmark = [pytest.mark.integration, pytest.mark.slow]

TEMPLATES = Path(__file__).parents[2] / ".venv" / "templates"
FAMILIES = {  # a template, and the architecture of the random model
    "qwen3": ("llama.cpp/Qwen-Qwen3-0.6B", "qwen3"),
    "glm": ("llama.cpp/GLM-4.6", "llama"),
    "kimi-thinking": ("llama.cpp/Kimi-K2-Thinking", "llama"),
    "gpt-oss": ("llama.cpp/openai-gpt-oss-120b", "llama"),
    "gemma3": ("axolotl/gemma3", "gemma3_text"),
    "mistral": ("axolotl/mistral_v7_tekken", "mistral"),
    "deepseek": ("llama.cpp/deepseek-ai-DeepSeek-V3.1", "llama"),
    "smollm3": ("llama.cpp/HuggingFaceTB-SmolLM3-3B", "llama"),
    "seed-oss": ("llama.cpp/ByteDance-Seed-OSS", "llama"),
    "command-r7b": ("llama.cpp/CohereForAI-c4ai-command-r7b-12-2024-tool_use", "llama"),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    if not TEMPLATES.is_dir():
        if os.environ.get("CI"):
            pytest.fail("The chat templates of real models are missing: run `make templates`.")
        pytest.skip("needs the chat templates of real models: run `make templates`")
    made = {}
    for name, (template, architecture) in FAMILIES.items():
        source = (TEMPLATES / f"{template}.jinja").read_text(encoding="utf-8")
        ids = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1, "max_position_embeddings": 8000}
        window = {"sliding_window": 16} if architecture in {"gemma3_text", "mistral"} else {}
        with quiet():
            config = AutoConfig.for_model(architecture, **{**tiny.BASE, **ids, **window})
            model = AutoModelForCausalLM.from_config(config).eval()
            rust = tiny.byte_level().backend_tokenizer
            tokenizer = PreTrainedTokenizerFast(tokenizer_object=rust, eos_token="</s>", bos_token="<s>", chat_template=source)
            made[name] = tmp_path_factory.mktemp("families") / name
            model.save_pretrained(made[name])
            tokenizer.save_pretrained(made[name])
    return made


def test_one_study_reads_every_family_and_the_page_shows_what_each_was_asked(folders: dict[str, Path], tmp_path: Path) -> None:
    choices: dict[str, Any] = {"limit": 1, "samples": 2, "max_tokens": 12, "seed": 1, "quiet": True, "task": "tracking"}
    run = cotfaith.run(
        model=[{"model": str(folder), "name": name} for name, folder in folders.items()],
        measures=["early_answering", "adding_mistakes", "hint_effect"],
        writer="rules",
        hints=["expert_opinion"],
        out=tmp_path / "run",
        **choices,
    )
    assert run.complete
    page = run.report().read_text(encoding="utf-8")
    subjects = run.manifest()["subjects"]
    readings = run.readings()
    for name in folders:
        resolved = subjects[name]["resolved"]
        assert resolved["template"]
        assert name in page
        assert resolved["last"]
        assert len(run.traces().query("model == @name")) == 2
    assert {subjects[name]["resolved"]["format"] for name in ("qwen3", "kimi-thinking", "gpt-oss", "seed-oss")} == {"thinking"}
    assert {subjects[name]["resolved"]["format"] for name in ("gemma3", "mistral", "command-r7b")} == {"chat"}
    assert (readings["state"] != "error").all()
