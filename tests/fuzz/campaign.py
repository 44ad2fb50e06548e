"""Many inputs in turn: counts by kind, each new way to fail once, made small and kept."""

from __future__ import annotations

import faulthandler
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from fuzz import inputs
from fuzz.bases import Bases
from fuzz.inputs import Input
from fuzz.makers import made
from fuzz.shrinking import smaller
from fuzz.trying import Bench, Failure, shown

STUCK = 600.0  # seconds after which the process ends itself: native code hangs, which no alarm reaches
TALLY, LAST = "tally.json", "last_input"  # files in the folder of a campaign: what it did before this input, and this input

Way = tuple[str, str, str]  # kind of input, what, where


@dataclass(slots=True)
class Tally:
    """What a campaign did: inputs and failures by kind, and for each way to fail the input that is kept."""

    seed: int
    tried: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    ways: dict[Way, dict[str, Any]] = field(default_factory=dict)
    commands: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The numbers for a results file."""
        return {
            "seed": self.seed,
            "inputs": self.tried.total(),
            "commands": self.commands,
            "seconds": round(self.seconds),
            "inputs_by_kind": dict(sorted(self.tried.items())),
            "failures": self.failed.total(),
            "failures_by_kind": dict(sorted(self.failed.items())),
            "ways_to_fail": [
                {"kind": kind, "what": what, "where": where, **about} for (kind, what, where), about in self.ways.items()
            ],
        }

    def add(self, other: dict[str, Any]) -> None:
        """Add what `as_json` of a part of the campaign says."""
        self.tried.update(other["inputs_by_kind"])
        self.failed.update(other["failures_by_kind"])
        self.commands += other["commands"]
        for way in other["ways_to_fail"]:
            about = {name: value for name, value in way.items() if name not in {"kind", "what", "where"}}
            self.ways.setdefault((way["kind"], way["what"], way["where"]), about)


Enough = Callable[[int, float], bool]  # from the number of inputs tried and the seconds since the start


def campaign(
    folder: Path, *, seed: int, enough: Enough, first: int = 0, keep: bool = True, say: Callable[[str], None] = lambda _: None
) -> Tally:
    """Try inputs until it is `enough`. Every new way to fail is said, made small, and kept in the corpus."""
    began = time.monotonic()
    bases = Bases(folder)
    bases.all()
    bench, tally = Bench(folder, bases), Tally(seed)
    for number in count(first):
        tally.commands, tally.seconds = bench.commands, time.monotonic() - began
        (folder / TALLY).write_text(json.dumps(tally.as_json()), encoding="utf-8")
        if enough(number - first, tally.seconds):
            break
        faulthandler.dump_traceback_later(STUCK, exit=True)
        one = made(number, seed, bases)
        (folder / LAST).write_bytes(f"{number} {one.kind}\n".encode() + one.encoded())
        found = bench.failure(one)
        faulthandler.cancel_dump_traceback_later()
        tally.tried[one.kind] += 1
        if found is not None:
            tally.failed[one.kind] += 1
            if found.signature not in tally.ways:
                tally.ways[found.signature] = _kept(one, found, bench, number, keep=keep)
                say(
                    f"seed {seed}, input {number}: {' | '.join(found.signature)}\n{' '.join(found.words)[:300]}\n{found.said}\n"
                    f"{tally.ways[found.signature]}\n"
                )
        if tally.tried.total() % 500 == 0:
            say(f"{tally.tried.total()} inputs, {tally.failed.total()} failures, {time.monotonic() - began:.0f} s")
    return tally


def killed(folder: Path, how: str) -> tuple[int, dict[str, Any]]:
    """The number of the input that ended the process of a campaign, and what the campaign did until then, with that input."""
    head, _, data = (folder / LAST).read_bytes().partition(b"\n")
    number, kind = head.decode().split()
    one = inputs.decoded(kind, data)
    told = json.loads((folder / TALLY).read_text(encoding="utf-8"))
    for name in ("inputs_by_kind", "failures_by_kind"):
        told[name][kind] = told[name].get(kind, 0) + 1
    path = inputs.keep(one, ("ended_the_process", how))
    told["ways_to_fail"].append({"kind": kind, "what": "ended the process", "where": how, "number": int(number), "kept": path.name})
    return int(number), told


def _kept(one: Input, found: Failure, bench: Bench, number: int, *, keep: bool) -> dict[str, Any]:
    """The input made small, and where it is kept."""

    def fails(other: Input) -> bool:
        again = bench.failure(other)
        return again is not None and again.signature == found.signature

    small = smaller(one, fails) if fails(one) else one
    path = inputs.keep(small, found.signature[1:]).name if keep else ""
    return {"number": number, "kept": path, "input": shown(small)[:500]}
