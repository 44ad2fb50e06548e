"""The vLLM engine without vLLM: its arguments, its requests and its counting."""

import importlib.util
import math
import threading
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.contracts.options import build
from cotfaith.engines.shared.batching import Row
from cotfaith.engines.vllm import VllmEngine, loading
from cotfaith.engines.vllm.core import Core, watched
from cotfaith.engines.vllm.counts import Blocks, Counts
from cotfaith.engines.vllm.options import VllmOptions, hints
from cotfaith.engines.vllm.sampling import Sampler, runs_of
from cotfaith.engines.vllm.scoring import MOST, Scorer
from cotfaith.engines.vllm.settings import settings
from cotfaith.errors import EngineError, UsageError
from cotfaith.types import Branch, PrefixTree, Prompt, Sampling


@dataclass
class Arguments:
    """Like vLLM's own dataclass."""

    model: str = ""
    dtype: Literal["auto", "float32"] = "auto"
    max_model_len: int = 0
    gpu_memory_utilization: float = 0.9
    enforce_eager: bool = False
    trust_remote_code: bool = False
    quantization: str | None = "none given"
    hf_overrides: dict[str, Any] = field(default_factory=dict)
    max_logprobs: int = 20


@pytest.mark.parametrize(("cores", "kept"), [(1, "0"), (2, "0"), (4, "0"), (5, None), (64, None)])
def test_few_cores_all_compute(cores, kept):
    found = loading.environment(cores)
    assert found.get("VLLM_CPU_NUM_OF_RESERVED_CPU") == kept
    assert found["VLLM_WORKER_MULTIPROC_METHOD"] == "spawn"


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """What vLLM takes is known without vLLM."""
    monkeypatch.setattr(VllmOptions, "more", lambda: hints(Arguments))


def chosen(*, cpu=False, **arguments):
    return settings(build(VllmOptions, arguments, "the vLLM engine"), cpu=cpu)


@pytest.mark.parametrize(
    ("name", "value", "parsed"),
    [
        ("max_model_len", "512", 512),
        ("max_model_len", 512, 512),
        ("gpu_memory_utilization", "0.5", 0.5),
        ("gpu_memory_utilization", 1, 1.0),
        ("enforce_eager", "True", True),
        ("enforce_eager", "no", False),
        ("quantization", "none", None),
        ("quantization", "fp8", "fp8"),
        ("hf_overrides", '{"a": [1]}', {"head_dtype": "float32", "a": [1]}),
        ("dtype", "float32", "float32"),
    ],
)
def test_text_becomes_what_vllm_takes(name, value, parsed):
    found = chosen(**{name: value}).vllm[name]
    assert found == parsed
    assert type(found) is type(parsed)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_model_len": "many"}, "Option 'max_model_len' of the vLLM engine must be a whole number, not 'many'."),
        ({"max_model_len": True}, "Option 'max_model_len' of the vLLM engine must be a whole number, not True."),
        ({"enforce_eager": "perhaps"}, "Option 'enforce_eager' of the vLLM engine must be true or false, not 'perhaps'."),
        (
            {"gpu_memory_utilization": "high"},
            "Option 'gpu_memory_utilization' of the vLLM engine must be a finite number, not 'high'.",
        ),
        ({"hf_overrides": "a=1"}, "Option 'hf_overrides' of the vLLM engine must be JSON, not 'a=1'."),
        ({"max_model_length": 5}, "Unknown option of the vLLM engine 'max_model_length': did you mean 'max_model_len'?"),
        ({"top_logprobs": "0"}, "Option 'top_logprobs' of the vLLM engine must be a whole number from 1 or nothing, not '0'."),
        ({"model": "x"}, "Option 'model' of the vLLM engine is set by cotfaith, since the numbers rest on it: leave it out."),
    ],
)
def test_a_wrong_argument_is_one_sentence(arguments, message):
    with pytest.raises(UsageError) as caught:
        chosen(**arguments)
    assert str(caught.value) == message


def test_our_defaults_stand_until_the_user_sets_them():
    cpu = chosen(cpu=True).vllm
    assert (cpu["dtype"], cpu["block_size"], cpu["enable_prefix_caching"]) == ("float32", 32, True)
    gpu = chosen()
    assert gpu.vllm["dtype"] == "auto"
    assert "block_size" not in gpu.vllm
    assert gpu.given == gpu.vllm | {"hf_overrides": '{"head_dtype": "float32"}'}
    assert chosen(cpu=True, dtype="auto").vllm["dtype"] == "auto"


def test_our_own_arguments_do_not_reach_vllm():
    found = chosen(lora="adapter", top_logprobs="7", hf_overrides='{"a": 1}')
    assert (found.lora, found.top_logprobs) == ("adapter", 7)
    assert {"lora", "top_logprobs"} & set(found.vllm) == set()
    assert found.given["lora"] == "adapter"
    assert found.given["hf_overrides"] == '{"head_dtype": "float32", "a": 1}'


def test_the_head_is_float32_under_half_precision_unless_the_user_says_otherwise():
    assert "hf_overrides" not in chosen(cpu=True).vllm  # the body is float32 there
    assert chosen(cpu=True, dtype="auto").vllm["hf_overrides"] == {"head_dtype": "float32"}
    assert chosen(hf_overrides='{"head_dtype": "model"}').vllm["hf_overrides"] == {"head_dtype": "model"}


def test_without_vllm_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineError, match=r"^The vLLM engine needs vLLM, which is not installed: pip install vllm \(with a GPU\)"):
        VllmEngine("smollm2-135m")


def test_a_missing_model_or_adapter_is_one_sentence(tmp_path):
    with pytest.raises(EngineError, match=r"^Model folder '\./nowhere' does not exist: give a folder with config\.json"):
        loading.read_checkpoint("./nowhere", None, chosen())
    with pytest.raises(EngineError, match=r"^Folder '.*' contains no LoRA adapter: give one with adapter_config\.json"):
        loading.adapter_arguments(chosen(lora=str(tmp_path)))


def test_an_adapter_gets_room_for_its_rank(tmp_path):
    (tmp_path / "adapter_config.json").write_text('{"r": 12}')
    (tmp_path / "adapter_model.safetensors").write_bytes(b"")
    assert loading.adapter_arguments(chosen(lora=str(tmp_path))) == {"enable_lora": True, "max_loras": 1, "max_lora_rank": 16}
    assert loading.adapter_arguments(chosen()) == {}
    assert loading.adapter_request(chosen()) is None


def test_blocks_are_shared_whole_and_from_the_start():
    blocks = Blocks(4)
    assert blocks.shareable(range(10)) == 0
    assert blocks.shareable(range(10)) == 8
    assert blocks.shareable([*range(6), 99, 98, 97]) == 4
    assert blocks.shareable([99, *range(1, 10)]) == 0
    assert blocks.shareable(range(8)) == 4  # the last token is computed, and with it its block
    assert blocks.whole(range(8)) == 4
    assert blocks.whole(range(9)) == 8


@given(st.lists(st.lists(st.integers(0, 1), min_size=1, max_size=20), max_size=6), st.integers(1, 5))
def test_what_is_shareable_is_the_longest_prefix_in_whole_blocks(prompts, size):
    blocks = Blocks(size)
    for number, ids in enumerate(prompts):
        before = [prompts[i] for i in range(number)]
        fits = [n for n in range(0, len(ids), size) if any(len(p) >= n and p[:n] == ids[:n] for p in before)]
        assert blocks.shareable(ids) == max(fits, default=0)


def test_runs_are_parted_where_seeds_are_not_consecutive():
    rows = [Row(0, slot, (1,), seed, 5) for slot, seed in enumerate((10, 11, 15, 16, 14))] + [Row(1, 0, (1,), 15, 5)]
    assert [[row.seed for row in run] for run in runs_of(rows, greedy=False)] == [[10, 11], [15, 16], [14], [15]]
    assert [len(run) for run in runs_of(rows, greedy=True)] == [5, 1]
    assert list(runs_of([], greedy=True)) == []


class FakeCore:
    """A core that gives every token t the log-probability -t / 10 after any ids, and remembers what it was asked."""

    context = 64
    block = 4

    def __init__(self, **changed):
        self.asked = []
        self.counts = Counts()
        self.changed = changed

    def blocks(self):
        return Blocks(self.block)

    def __call__(self, requests):
        self.asked += requests
        return [self._result(request) for request in requests]

    def _result(self, request):
        wanted = request.arguments.get("logprob_token_ids") or range(request.arguments["logprobs"])
        values = {token: -token / 10 for token in (*wanted, 0)} | self.changed.get("values", {})
        made = SimpleNamespace(logprobs=[{token: SimpleNamespace(logprob=value) for token, value in values.items()}])
        return SimpleNamespace(outputs=[made], num_cached_tokens=None)


def scorer(core=None, top=None):
    return Scorer(core or FakeCore(), "vllm/fake", 63, 400, top)


def test_the_trunk_is_asked_for_first_and_candidates_are_sums():
    made = scorer()
    long_suffix = tuple(range(50, 80))
    tree = PrefixTree(
        tuple(range(1, 21)), (Branch(2, long_suffix, ((3,),)), Branch(10, (9,), ((1,), (2, 4))), Branch(20, (9,), ((5,),)))
    )
    (scores,) = made([tree])
    assert [score.logprobs for score in scores] == [pytest.approx([-0.3]), pytest.approx([-0.1, -0.6]), pytest.approx([-0.5])]
    asked = [request.ids for request in made.core.asked]
    assert asked == [(*range(1, 21), 9), (*range(1, 11), 9, 2), (*range(1, 11), 9), (1, 2, *long_suffix)]
    assert made.core.asked[2].arguments["logprob_token_ids"] == [1, 2]
    assert [score.tokens_asked for score in scores] == [32, 12, 21]
    assert [score.tokens_computed for score in scores] == [32, 12 + 11, 21]


def test_a_place_that_two_branches_read_is_asked_for_once():
    made = scorer()
    (scores,) = made([PrefixTree((1, 2), (Branch(2, (3,), ((4,),)), Branch(2, (3,), ((5,), (4,)))))])
    assert len(made.core.asked) == 1
    assert [score.logprobs for score in scores] == [pytest.approx([-0.4]), pytest.approx([-0.5, -0.4])]
    assert [score.tokens_computed for score in scores] == [3, 0]


def test_more_tokens_than_a_request_can_give_are_asked_for_in_several():
    made = scorer()
    (scores,) = made([PrefixTree((1,), (Branch(1, (2,), tuple((token,) for token in range(300))),))])
    assert [len(request.arguments["logprob_token_ids"]) for request in made.core.asked] == [MOST, MOST, 300 - 2 * MOST]
    assert scores[0].logprobs == pytest.approx([-token / 10 for token in range(300)])


def test_an_option_outside_the_most_likely_counts_and_is_told():
    made = scorer(top=5)
    (scores,) = made([PrefixTree((1,), (Branch(1, (2,), ((4,), (6,))),))])
    assert scores[0].logprobs == (-0.4, -math.inf)
    assert "logprob_token_ids" not in made.core.asked[0].arguments
    assert (made.outside, made.read) == (1, 2)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_log_probability_that_is_none_is_one_sentence(value):
    made = scorer(FakeCore(values={7: value}))
    with pytest.raises(EngineError, match=r"^The model gave NaN or infinite logits while scoring: try dtype=float32"):
        made([PrefixTree((1,), (Branch(1, (), ((7,),)),))])


def test_nothing_is_asked_before_everything_is_checked():
    made = scorer()
    fine = PrefixTree((1,), (Branch(1, (), ((7,),)),))
    wrong = PrefixTree((1,), (Branch(1, (2,) * 63, ((7,),)),))
    with pytest.raises(EngineError, match=r"^A branch of 64 tokens is longer than the context of vllm/fake \(63 tokens\): lower"):
        made([fine, wrong])
    assert made.core.asked == []
    assert made([PrefixTree((1,), ())]) == [[]]


@pytest.mark.parametrize("temperature", [0.005, 2.5])
def test_a_temperature_that_vllm_would_change_is_one_sentence(temperature):
    sampler = Sampler(FakeCore(), None, frozenset(), 400)
    with pytest.raises(
        UsageError, match=rf"^The temperature is {temperature}, but vLLM supports 0 \(greedy\) or 0.01 to 2: use one"
    ):
        sampler([Prompt((1,))], Sampling(temperature=temperature))


def processes(alive):
    """Two processes, of which one may have died."""
    return [SimpleNamespace(is_alive=lambda: True), SimpleNamespace(is_alive=lambda: alive)]


def test_a_core_tells_the_settings_of_its_vllm():
    settings = SimpleNamespace(
        model_config=SimpleNamespace(dtype="torch.float32", max_model_len=64), cache_config=SimpleNamespace(block_size=4)
    )
    made = Core(SimpleNamespace(llm_engine=SimpleNamespace(vllm_config=settings)), [], "vllm/fake", None)
    assert (made.dtype, made.context, made.block) == ("float32", 64, 4)


def test_a_process_that_dies_ends_the_waiting(monkeypatch):
    monkeypatch.setattr("cotfaith.engines.vllm.core.PATIENCE", 0.01)
    never = threading.Event()
    with pytest.raises(
        EngineError, match=r"^The process of vLLM that computes vllm/fake died in the middle of its work \(memory ran"
    ):
        watched(never.wait, processes(alive=False), "vllm/fake")
    never.set()


def test_while_processes_live_slow_work_is_waited_for(monkeypatch):
    monkeypatch.setattr("cotfaith.engines.vllm.core.PATIENCE", 0.01)
    slow = threading.Event()
    threading.Timer(0.1, slow.set).start()
    assert watched(lambda: [slow.wait(), 5], processes(alive=True), "vllm/fake") == [True, 5]
    with pytest.raises(ValueError, match="refused"):
        watched(lambda: (_ for _ in ()).throw(ValueError("refused")), processes(alive=True), "vllm/fake")
