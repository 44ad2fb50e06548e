"""Command lines: every command with options of every kind, and values that nobody means."""

from __future__ import annotations

from random import Random

from fuzz import hostile

NUMBERS = (
    "nan",
    "inf",
    "-inf",
    "1e400",
    "-1",
    "0",
    "1",
    "2",
    "0.5",
    "1e-300",
    "1e308",
    "9" * 25,
    "1e11",
    "",
    "x",
    "0x3",
    "1_0",
    "٣",
    "1,5",
    "0.05,nan",
    "1e-5,1e5",
    ",",
    "2,,3",
)
SMALL = ("-n", "1", "-s", "1", "--max-tokens", "16", "-q")
RUN = {
    "-m": ("scripted/mixed", "scripted/faithful,scripted/mixed", "scripted/fathful", "hf/nothing", "./nofolder", "a/b", "hf/a/b/c", "vllm/x/y", "object/x", "rules"),
    "-t": ("addition", "tracking", "addition,tracking", "nothing.jsonl", "./none.json.gz", "bbq", "aqua", "bets", "comparisons"),
    "--measure": ("early_answering", "reasoning_gain,filler_tokens", "nothing", "hint_effect"),
    "--battery": ("lanham2023", "chen2025", "none.yaml", "nothing"),
    "--strategy": ("cot", "zero_shot,few_shot", "budget", "nothing"), "--writer": ("scripted/writer", "rules", "scripted/mixed", "x"),
    "--judge": ("lexical", "scripted/judge", "model", "x"), "--format": ("auto", "chat", "dialogue", "thinking", "xml"),
    "--answers": ("auto", "written", "sampled", "logprobs", "x"), "--traces": ("none.jsonl", "/dev/null", "."), "--importer": ("x", ""),
    "--task-data": ("/dev/null", ".", "none", "/proc/self/mem"), "-M": ("share=0.3", "share=nan", "share=2", "x", "=", "share=", "confidence=1e400"),
    "--template": ("a=1", "a=[1, 2]", "a=2001-13-01", "a=" + "9" * 5000, "a={b: c}", "=", "a=&x [*x]"), "-T": ("operands=3", "operands=99999999999", "seed=-1", "digits=nan", "form=free", "x=1", "seed=" + "9" * 5000, "limit=1"),
    "-S": ("tokens=5", "tokens=0", "tokens=1e9", "examples=3", "x=1"), "-W": ("confidence=0.5", "x"), "-J": ("confidence=0.5", "x"),
}  # fmt: skip
COUNTS = ("-n", "-s", "--seed", "--temperature", "--max-tokens")
OUTS = (
    "r",
    "r/deeper",
    "../up",
    "a" * 255,
    "é" * 200,
    "/dev/null",
    "/dev/null/x",
    "",
    ".",
    "-",
    "a\nb",
    "\x1b[31m",
    "s.yaml",
    "\udce9",
    "~",
    "con",
)
POWER = {
    "--test": ("difference", "equivalence", "mcnemar", "slope", "x", ""), "--effect": NUMBERS, "--margin": NUMBERS, "--sd": NUMBERS, "--icc": NUMBERS, "--samples": NUMBERS,
    "--questions": NUMBERS, "--psi": NUMBERS, "--sizes": (*NUMBERS, "0.5,1.5,3,7", "1,1,1", "1,nan,2", "1e308,1e-308,1"), "--power": NUMBERS, "--alpha": NUMBERS,
    "--figure": ("f.svg", "f.png", "none/f.svg", "/dev/full", "a" * 300 + ".svg", "\udce9.svg"),
}  # fmt: skip
ESTIMATE = {
    "--extractor": ("standard", "strict", "flexible", "x"), "--unparsed": ("drop", "bound", "wrong", "x"), "--weight": ("trace", "question", "x"), "--level": NUMBERS,
    "--sensitivity": (), "--format": ("table", "csv", "json", "markdown", "latex", "xlsx"),
}  # fmt: skip
COMPARE = {
    "--by": ("model", "task", "strategy", "run", "x"), "--x": ("params", "scripted/faithful=1B", "scripted/mixed=2B", "a=nan", "scripted/faithful=1e400", "scripted/mixed=0", "=", "x"),
    "--metric": ("aoc", "accuracy_full", "x", ","), "--all-pairs": (), "--margin": NUMBERS, "--break": (*NUMBERS, "1B"), "--adjust-for": ("accuracy_full", "accuracy_no_reasoning", "x"),
    "--figure": ("c.svg", "c.png", "none/c.svg"), "--level": NUMBERS, "--format": ("table", "csv", "json", "markdown", "latex", "x"),
}  # fmt: skip
PLACES = ("RUN", "RUN", "RUN", "HINTED", "nowhere", ".", "/dev/null", "s.yaml", "a" * 300, "\udce9", "\x1b[1m", "")


def _options(known: dict[str, tuple[str, ...]], rng: Random, most: int) -> list[str]:
    found: list[str] = []
    for name in rng.sample(sorted(known), rng.randint(0, min(most, len(known)))):
        values = known[name]
        if values:
            found += [name, rng.choice(hostile.TEXTS) if rng.random() < 0.12 else rng.choice(values)]
        else:
            found.append(name)
    return found


def _run(rng: Random) -> list[str]:
    found = ["run", *(["s.yaml"] if rng.random() < 0.2 else [])]
    chosen = dict.fromkeys(rng.sample(sorted(RUN), rng.randint(0, 3)))
    for name in ("-m", "-t"):
        found += [name, rng.choice(RUN[name]) if name in chosen else RUN[name][0]]
    for name in chosen:
        if name not in {"-m", "-t"}:
            found += [name, rng.choice(hostile.TEXTS) if rng.random() < 0.15 else rng.choice(RUN[name])]
    found += SMALL
    if rng.random() < 0.5:
        found += [rng.choice(COUNTS), rng.choice(NUMBERS)]
    if rng.random() < 0.4:
        found.append("--dry-run")
    return [*found, "--out", rng.choice(OUTS) if rng.random() < 0.3 else "r"]


def words(rng: Random) -> tuple[str, ...]:
    """A command line. RUN and HINTED stand for finished runs."""
    kind = rng.choice(
        (
            "run",
            "run",
            "run",
            "power",
            "power",
            "power",
            "pilot",
            "estimate",
            "estimate",
            "compare",
            "compare",
            "report",
            "label",
            "list",
            "demo",
            "any",
        )
    )
    place = rng.choice(PLACES)
    made = {
        "run": lambda: _run(rng),
        "power": lambda: ["power", *_options(POWER, rng, 5)],
        "pilot": lambda: ["power", "--pilot", place, *_options({name: POWER[name] for name in ("--questions", "--margin", "--alpha", "--icc")}, rng, 2)],
        "estimate": lambda: ["estimate", place, *_options(ESTIMATE, rng, 3)],
        "compare": lambda: ["compare", place, *([rng.choice(PLACES)] if rng.random() < 0.4 else []), *_options(COMPARE, rng, 3)],
        "report": lambda: ["report", place],
        "label": lambda: ["label", rng.choice(("HINTED", place)), rng.choice(("l.csv", "none/l.csv", "/dev/full", "a" * 300, "\udce9", ".", "", "s.yaml"))],
        "list": lambda: ["list", rng.choice(("tasks", "models", "hints", "x", "", *hostile.TEXTS)), *rng.choice(([], ["--json"]))],
        "demo": lambda: ["demo", "--model", rng.choice(("scripted/mixed", "scripted/x", "a" * 300, "../x")), "--limit", "2", "--samples", rng.choice(("1", "0", "-1", "nan")), "-q"],
        "any": lambda: [rng.choice(hostile.TEXTS) for _ in range(rng.randint(0, 4))],
    }[kind]()  # fmt: skip
    return tuple(word.replace("\x00", "") for word in made)  # no shell can give a NUL
