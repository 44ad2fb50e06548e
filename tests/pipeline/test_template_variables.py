"""Template variables through whole runs: two labelled subjects, resuming, refusals, notes, and the resolved format everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import templates as t
import terminal
from engines import tiny
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

import cotfaith
from cotfaith import runs
from cotfaith.engines.shared.quiet import quiet
from cotfaith.errors import CotfaithError, StoreError, UsageError

pytestmark = pytest.mark.integration

SMALL: dict[str, Any] = {
    "task": "tracking", "limit": 3, "samples": 2, "max_tokens": 8, "measures": "reasoning_gain", "quiet": True, "seed": 3,
}  # fmt: skip


@pytest.fixture(scope="module")
def parts() -> tuple[Any, PreTrainedTokenizerFast]:
    """A tiny random model, and a tokenizer with the hybrid template."""
    with quiet():
        config = AutoConfig.for_model(
            "llama", **{**tiny.BASE, "max_position_embeddings": 4000, "bos_token_id": 0, "eos_token_id": 1}
        )
        model = AutoModelForCausalLM.from_config(config).eval()
    rust = tiny.byte_level().backend_tokenizer
    return model, PreTrainedTokenizerFast(tokenizer_object=rust, eos_token="</s>", bos_token="<s>", chat_template=t.HYBRID)


@pytest.fixture(scope="module")
def folder(parts: tuple[Any, PreTrainedTokenizerFast], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model as a local folder."""
    made = tmp_path_factory.mktemp("hybrid") / "model"
    with quiet():
        for part in parts:
            part.save_pretrained(made)
    return made


def study(path: Path, text: str, **changes: str) -> Path:
    made = path / "study.yaml"
    made.write_text(text.format(**changes) + "task: tracking\nlimit: 2\nmax_tokens: 8\nmeasures: [reasoning_gain]\n")
    return made


def test_one_model_with_two_values_is_two_labelled_subjects(folder: Path, tmp_path: Path) -> None:
    text = "models:\n- {{model: {model}, template: {{enable_thinking: true}}}}\n- {{model: {model}, template: {{enable_thinking: false}}}}\n"
    file = study(tmp_path, text, model=str(folder))
    done = runs.run(file, out=tmp_path / "run", quiet=True, samples=2)
    names = [f"{folder} enable_thinking=true", f"{folder} enable_thinking=false"]
    assert list(done.manifest()["subjects"]) == names
    assert set(done.traces()["model"]) == set(names)
    assert set(done.estimates()["model"]) == set(names)
    subjects = done.manifest()["subjects"]
    assert [subjects[name]["fingerprint"]["template variables"] for name in names] == [
        {"enable_thinking": True},
        {"enable_thinking": False},
    ]
    assert [subjects[name]["fingerprint"]["format"] for name in names] == ["thinking", "chat"]
    assert [subjects[name]["resolved"]["reasoning"] for name in names] == ["on", "off"]
    assert done.manifest()["study"]["engines"][names[1]] == {
        "model": str(folder),
        "engine": {},
        "template": {"enable_thinking": False},
    }
    compared = cotfaith.compare([tmp_path / "run"], by="model")
    assert {*compared.differences["a"], *compared.differences["b"]} == set(names)
    page = done.report().read_text()
    assert f"Prompts of {names[0]}" in page
    assert "enable_thinking=true" in page
    assert "thinking, reasoning on" in page


def test_another_value_is_refused_when_a_run_resumes(folder: Path, tmp_path: Path) -> None:
    choices: dict[str, Any] = {**SMALL, "model": str(folder), "out": tmp_path / "run"}
    runs.run(**choices, template={"enable_thinking": True})
    again = runs.run(**choices, template={"enable_thinking": True})
    assert again.complete
    count = len(again.traces())
    for other in ({"enable_thinking": False}, {"enable_thinking": True, "effort": "low"}, None):
        with pytest.raises(
            StoreError, match=r"holds another study: its engine of .*'template variables': \{'enable_thinking': True\}"
        ):
            runs.run(**choices, **({} if other is None else {"template": other}))
    assert len(again.traces()) == count


def test_variables_change_the_keys_of_rows_and_only_they_do(parts: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = parts
    chosen: dict[str, Any] = {**SMALL, "model": {"m": (model, tokenizer)}, "format": "chat"}
    rows = {
        name: runs.run(**chosen, out=tmp_path / name, **given)
        for name, given in {
            "without": {},
            "empty": {"template": {}},
            "given": {"template": {"enable_thinking": False}},
            "on": {"template": {"effort": "high"}},
        }.items()
    }
    keys = {name: list(run.traces()["key"]) for name, run in rows.items()}
    assert keys["without"] == keys["empty"]
    assert set(keys["without"]).isdisjoint(keys["given"])
    fingerprints = {name: run.manifest()["subjects"]["m"]["fingerprint"] for name, run in rows.items()}
    assert "template variables" not in fingerprints["without"]
    assert fingerprints["on"]["template variables"] == {"effort": "high"}


def test_a_loaded_model_can_be_listed_twice(parts: tuple[Any, Any], tmp_path: Path) -> None:
    model, tokenizer = parts
    entries = [{"model": (model, tokenizer), "template": {"enable_thinking": value}} for value in (True, False)]
    done = runs.run(**{**SMALL, "limit": 1}, model=entries, out=tmp_path / "twice")
    assert [name.rpartition(" ")[2] for name in done.manifest()["subjects"]] == ["enable_thinking=true", "enable_thinking=false"]
    named = {name: {"model": model, "template": {"enable_thinking": name == "on"}} for name in ("on", "off")}
    done = runs.run(**{**SMALL, "limit": 1}, model=named, tokenizer=tokenizer, out=tmp_path / "named")
    resolved = {name: one["resolved"]["reasoning"] for name, one in done.manifest()["subjects"].items()}
    assert resolved == {"on": "on", "off": "off"}


def test_a_variable_that_the_template_does_not_read_is_refused_before_any_weights(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        runs.run(**SMALL, model=["scripted/mixed", str(folder)], engine={}, out=tmp_path / "run", template={"thinking": True})
    assert (
        str(caught.value)
        == "Model scripted/mixed has no chat template, which could read thinking: leave template variables out; where models need "
        f"different variables, give each its own in a study file, such as models: [scripted/mixed, {{model: {folder}, template: {{thinking: true}}}}]."
    )
    with pytest.raises(UsageError) as caught:
        runs.run(**SMALL, model="scripted/mixed", out=tmp_path / "run", template={"thinking": True})
    assert str(caught.value).endswith("which could read thinking: leave template variables out.")
    entries = ["scripted/mixed", {"model": str(folder), "template": {"enable_thinkin": True}}]
    with pytest.raises(UsageError) as caught:
        runs.run(**SMALL, model=entries, out=tmp_path / "other")
    assert str(caught.value) == (
        f"The chat template of {folder} does not read the variable 'enable_thinkin': it reads effort, enable_thinking."
    )
    assert not (tmp_path / "other").exists()


def test_format_thinking_switches_reasoning_on_and_says_so(folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    done = runs.run(**SMALL, model=str(folder), format="thinking", out=tmp_path / "run")
    note = "--format thinking set --template enable_thinking=true, since no value was given"
    assert f"{folder} {note}" in caplog.messages
    subject = done.manifest()["subjects"][str(folder)]
    assert subject["fingerprint"]["template variables"] == {"enable_thinking": True}
    assert note in subject["resolved"]["notes"]
    assert note in (tmp_path / "run/log.jsonl").read_text()
    with pytest.raises(CotfaithError, match=r"switch reasoning on with --template enable_thinking=true, or use --format chat\.$"):
        runs.run(**SMALL, model=str(folder), format="thinking", template={"enable_thinking": False}, out=tmp_path / "off")


def test_a_hybrid_that_is_off_is_told_once_unless_the_user_chose_it(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    runs.run(**SMALL, model=str(folder), out=tmp_path / "run")
    said = [one for one in caplog.messages if "can reason" in one]
    assert said == [
        f"{folder} can reason (template variable enable_thinking), and it is off: give --template enable_thinking=true to switch it on"
    ]
    caplog.clear()
    runs.run(**SMALL, model=str(folder), template={"enable_thinking": False}, out=tmp_path / "chosen")
    assert not [one for one in caplog.messages if "can reason" in one]


def test_a_dry_run_shows_the_format_of_models_at_hand(folder: Path, tmp_path: Path) -> None:
    command = [*terminal.COTFAITH, "run", "-m", f"{folder},scripted/mixed,hf/No/SuchModel", "-t", "tracking", "--dry-run"]
    shown = terminal.run([*command[:-1], "--format", "auto", "--dry-run"], tmp_path, columns=400)
    assert shown.code == 0, shown.seen
    lines = shown.seen.replace("\r", "").splitlines()
    (line,) = [one for one in lines if one.startswith(f"format of {folder}")]
    assert "chat (chat template); channel none; reasoning off (enable_thinking); BOS missing;" in line
    assert "stops token 1, token 3;" in line
    assert any(f"its prompt for {folder}: '<|im_start|>user" in one and "</think>" in one for one in lines)
    assert any("can reason (template variable enable_thinking)" in one for one in lines)
    assert any("format of scripted/mixed: dialogue (plain text)" in one and "BOS none" in one for one in lines)
    missing = "format of hf/No/SuchModel: not known before the model is loaded, since its tokenizer is not on this machine"
    assert missing in lines
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_sees_the_resolved_format_once(folder: Path, tmp_path: Path) -> None:
    command = [
        "run",
        "-m",
        folder,
        "-t",
        "tracking,addition",
        "-n",
        "1",
        "--max-tokens",
        "4",
        "--measure",
        "reasoning_gain",
        "-o",
        "run",
    ]
    seen = terminal.run([*terminal.COTFAITH, *command, "--template", "enable_thinking=true"], tmp_path, columns=300)
    assert seen.code == 0, seen.seen
    assert seen.seen.count("thinking (chat template); channel '<think>' ... '</think>'; reasoning on (enable_thinking)") == 1
    assert "template variables enable_thinking=true" in seen.seen
    subject = json.loads((tmp_path / "run/manifest.json").read_text())["subjects"][str(folder)]
    assert subject["resolved"]["variables"] == {"enable_thinking": True}
    assert subject["resolved"]["last"].endswith("<|im_start|>assistant\n<think>\n")
    quiet_ = terminal.run([*terminal.COTFAITH, *command, "--template", "enable_thinking=true", "--quiet"], tmp_path)
    assert quiet_.code == 0
    assert "(chat template)" not in quiet_.seen
