"""The commands that the documents show, and what stands in for models, data and runs that this machine cannot have."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from contextlib import chdir
from pathlib import Path

import cotfaith

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
COMMAND = "cotfaith "
LANGUAGES = ("", "sh", "console")  # of the blocks whose commands a reader may copy

_BLOCK = re.compile(r"^( *)(`{3,})(\w*)\n(.*?)^\1\2`*$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"file `([\w./-]+)`:\n\n```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)

# Commands that are shown and not run here, each with the reason.
LISTED: Mapping[str, str] = {
    "cotfaith run --model vllm/Org/Model -M tensor_parallel_size=2 -M max_model_len=8192": "it needs vLLM on two GPUs, and names no task",
}
# Options for study files that name a model with weights.
OF_A_FILE: Mapping[str, tuple[str, ...]] = {
    "studies/lanham.yaml": ("--model", "scripted/mixed"),
    "studies/hints.yaml": ("--model", "scripted/hinted", "--judge", "lexical,scripted/judge"),
    "annotated.yaml": ("--model", "scripted/hinted", "--writer", "rules,scripted/writer"),
    "pushed.yaml": ("--model", "scripted/hinted"),
}
SIZES = {"scripted/faithful": "7B", "scripted/mixed": "13B", "scripted/post-hoc": "70B"}  # a scripted model has no parameters
SMALL = {"--limit": 2, "--samples": 2}
MOST = 4  # the largest --limit and --samples that are taken as they are shown
LOCAL = "./my-model"  # a folder, as the documents name it


def blocks() -> Iterator[tuple[str, str, str]]:
    """Each line of each block of each document that is a command: the page, the language of its block, and the line."""
    for page in PAGES:
        for _, _, language, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in map(str.strip, text.splitlines()):
                command = line.removeprefix("$ ")
                if command.startswith(COMMAND):
                    yield str(page.relative_to(ROOT)), language, command


def shown() -> dict[str, list[str]]:
    """Each distinct command that is to be run, without its comment, with the pages that show it."""
    found: dict[str, list[str]] = {}
    for page, language, line in blocks():
        if language in LANGUAGES:
            found.setdefault(plain(line), []).append(page)
    return {line: pages for line, pages in found.items() if line not in set(map(plain, LISTED))}


def plain(line: str) -> str:
    """A command without its comment, and with its words written in one way."""
    return shlex.join(shlex.split(line, comments=True))


def inline() -> Iterator[tuple[str, str]]:
    """Each command within a sentence, with its page."""
    for page in PAGES:
        prose = _BLOCK.sub("", page.read_text(encoding="utf-8"))
        yield from ((str(page.relative_to(ROOT)), found) for found in re.findall(r"`cotfaith ([a-z][^`]*)`", prose))


def files() -> dict[str, str]:
    """The files that the documents show, by name: "A file `NAME`:", and a block."""
    found: dict[str, str] = {}
    for page in PAGES:
        for name, text in _FILE.findall(page.read_text(encoding="utf-8")):
            assert found.setdefault(name, text) == text, f"{page} shows another file {name}"
    return found


# --- stand-ins --------------------------------------------------------------------------------------------------------------


def stand_in(line: str) -> list[str]:
    """The words of a command after `cotfaith`: small, and with something in the place of what only a hub or a GPU has."""
    words = shlex.split(line)[1:]
    if ">" in words:  # what a shell does with the output
        words = words[: words.index(">")]
    if words[0] == "compare":
        return _with_sizes(words)
    if words == ["demo"]:
        return [*words, "--model", "scripted/mixed"]
    if words[0] != "run":
        return words
    real = "-M" in words or "--template" in words  # a persona has neither options of transformers nor a template
    for place in range(1, len(words)):
        words[place] = _value(words[place - 1], words[place], words, real=real)
    for file, more in OF_A_FILE.items():
        words += more if file in words else ()
    if "--dry-run" in words:
        return words
    for option, size in SMALL.items():
        words += [] if option in words else [option, str(size)]
    return words + (["--max-tokens", "16"] if LOCAL in words and "--max-tokens" not in words else [])


def _value(option: str, word: str, words: list[str], *, real: bool) -> str:
    """The value of an option of `cotfaith run`, or what stands in for it."""
    if option in {"--model", "-m"}:
        return ",".join(one if one.startswith(("scripted/", "counting/", "./")) else LOCAL if real else "scripted/mixed" for one in word.split(","))  # fmt: skip
    if option in {"--writer", "--judge"}:
        kept = {"--writer": "rules", "--judge": "lexical"}[option]
        return ",".join(one if one == kept else f"scripted/{option[2:]}" for one in word.split(","))
    if option == "--task" and "--task-data" not in words:
        return word.replace("aqua", "addition")
    return str(min(int(word), MOST)) if option in SMALL and "--dry-run" not in words else word


def _with_sizes(words: list[str]) -> list[str]:
    """A comparison with the sizes of the models here written out."""
    given = [i for i, word in enumerate(words) if word == "--x"]
    if not given:
        return words
    rest = [word for i, word in enumerate(words) if not {i, i - 1} & set(given)]
    if "--break" in rest:
        rest[rest.index("--break") + 1] = list(SIZES.values())[1]
    return [*rest, *(word for name, size in SIZES.items() for word in ("--x", f"{name}={size}"))]


# --- the folder -------------------------------------------------------------------------------------------------------------


def home(folder: Path) -> None:
    """Fill `folder` with what a reader has who followed the documents: studies, files, data, a model, and finished runs."""
    (folder / "studies").symlink_to(ROOT / "studies")
    for name, text in files().items():
        (folder / name).write_text(text, encoding="utf-8")
    for name in ("study.yaml", "reasonings.txt"):
        shutil.copy(ROOT / "tests" / "pack" / name, folder)
    _aqua(folder / "data")
    _model(folder / "my-model")
    with chdir(folder):
        for name, choices in RUNS.items():
            study = choices.get("study")
            given = {key: value for key, value in choices.items() if key != "study"}
            cotfaith.run(study, **({} if study else {"task": "addition"}), **{"limit": 2, "samples": 2} | given, out=f"runs/{name}", quiet=True)  # fmt: skip


RUNS: Mapping[str, Mapping[str, object]] = {
    "first": {"model": "scripted/mixed"},
    "demo-smollm2-135m": {"model": "scripted/mixed", "limit": 4, "max_tokens": 160},
    "lanham": {"study": "studies/lanham.yaml", "model": "scripted/mixed"},
    "hints": {"study": "studies/hints.yaml", "model": "scripted/hinted", "judges": ["lexical", "scripted/judge"]},
    "small": {"model": "scripted/faithful", "limit": 4},
    "large": {"model": "scripted/mixed", "limit": 4},
    **{name: {"model": model, "limit": 4} for name, model in zip("abc", SIZES, strict=True)},
    "family": {"model": list(SIZES), "limit": 4},
}


def _aqua(folder: Path) -> None:
    """Three rows as AQuA has them."""
    folder.mkdir()
    rows = [{"question": f"What is {n} + 1?", "options": [f"{letter}){n + i}" for i, letter in enumerate("ABCDE")], "rationale": "", "correct": "B"} for n in (3, 5, 8)]  # fmt: skip
    (folder / "aqua_rat_test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _model(folder: Path) -> None:
    """A tiny random model whose chat template has a switch for reasoning."""
    import templates
    from engines import tiny
    from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

    from cotfaith.engines.shared.quiet import quiet

    with quiet():
        config = AutoConfig.for_model(
            "llama", **{**tiny.BASE, "max_position_embeddings": 4000, "bos_token_id": 0, "eos_token_id": 1}
        )
        AutoModelForCausalLM.from_config(config).save_pretrained(folder)
        rust = tiny.byte_level().backend_tokenizer
        PreTrainedTokenizerFast(
            tokenizer_object=rust, eos_token="</s>", bos_token="<s>", chat_template=templates.HYBRID
        ).save_pretrained(folder)


def settle(folder: Path, source: Path, words: list[str]) -> None:
    """Give `folder` what a command needs of the folder `source`: all files, and copies of the runs that it names."""
    for path in source.iterdir():
        if path.name != "runs":
            (folder / path.name).symlink_to(path)
    for word in words:
        if word.startswith("runs/") and (run := source / "runs" / Path(word).parts[1]).is_dir():
            shutil.copytree(run, folder / "runs" / run.name, dirs_exist_ok=True)
