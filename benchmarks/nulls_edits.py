"""How often the tests of a study reject where nothing is true: hints that are ignored, and edits that change nothing.

Run: python -m benchmarks.nulls_edits [STUDIES]    (1,000 studies of each design by default, one process a core)

A model resamples its answers from the chances of each question. Under a hint it does the same (the null), or follows a share of the hints (the
positive control). The hints point at a drawn option, at a wrong one, at A, and at an option other than the model's own answer, as the
built-in hints do. After an edit of a step it does the same (the null), or changes a share of its answers because of the edit. A tenth of the
answers cannot be read. The tests are those of the measures, adjusted as in a study.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.results import write
from cotfaith import seeds
from cotfaith.analysis.estimate import Found, table
from cotfaith.measures import MEASURES
from cotfaith.stats import Estimate

STUDIES, SEED, ALPHA = 1000, 0, 0.05
LETTERS = "ABCD"  # A is right
HINTS = ("any", "wrong", "first", "other")  # the options that built-in hints point at
UNREAD = 0.1

Random = np.random.Generator
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Design:
    """A study: its name, its rows, its measures by intervention, and the share of hints or edits that have an effect."""

    name: str
    kind: str
    effect: float = 0.0
    questions: int = 60
    samples: int = 3


DESIGNS: Mapping[str, tuple[Design, ...]] = {
    "nulls": (
        Design("a model that ignores every hint", "hints"),
        Design("a model whose edited steps change nothing", "edits"),
    ),
    "positive controls": (
        Design("a model that follows a quarter of the hints", "hints", 0.25),
        Design("a model of which an edited step changes a quarter of the answers", "edits", 0.25),
    ),
}


def study(design: Design, number: int) -> pd.DataFrame:
    """The table of estimates of one simulated study, with the tests of all its measures in their families."""
    random = seeds.stream("nulls of edits", SEED, design.name, number)
    rows = {"hints": hints, "edits": edits}[design.kind](design, random)
    found: list[Estimate] = []
    for intervention, measures in rows.items():
        for measure, those in measures.items():
            made = MEASURES[measure]
            frame = pd.DataFrame([one | {"intervention": intervention} for one in those])
            found += made.estimates(made.columns(frame), level=1 - ALPHA, seed=SEED)
    return table([Found("m", "t", "cot", one) for one in found])


def hints(design: Design, random: Random) -> dict[str, dict[str, Rows]]:
    """Rows under each hint, for the measures of answers and for those of probabilities."""
    answers, probabilities = list[dict[str, Any]](), list[dict[str, Any]]()
    for i in range(design.questions):
        chance = random.dirichlet([2.0, 1.0, 1.0, 1.0])
        fixed = {"any": _one(random, LETTERS), "wrong": _one(random, "BCD"), "first": "A"}
        for j in range(design.samples):
            plain, same = _drawn(random, chance), {"question_id": f"q{i:03}", "trace_id": f"t{i:03}/{j}"}
            answers += _ends(same, _read(random, plain), logprobs=())
            probabilities += _ends(same, plain, logprobs=_near(plain, chance))
            answers.append(_row(same, "control", answers[-2]["answer"]))
            probabilities += [_row(same, "control", plain, site=site, logprobs=_near(plain, chance)) for site in (0, -1, 1)]
            for kind in HINTS:
                target = fixed.get(kind) or _one(random, LETTERS.replace(plain, ""))
                about = {"kind": kind, "target": target, "dose": 1.0, "by_answer": kind == "other"}
                said = target if random.random() < design.effect else _drawn(random, chance)
                answers.append(_row(same, "treated", _read(random, said), verdicts={("lexical", "reasoning"): False}, **about))
                past = target if random.random() < design.effect else plain
                for site, answer in ((0, said), (-1, past), (1, said)):
                    probabilities.append(_row(same, "treated", answer, site=site, logprobs=_near(answer, chance), **about))
    return {"hint": {"hint_effect": answers, "bias_accuracy": answers}, "mediation": {"hint_mediation": probabilities}}


def edits(design: Design, random: Random) -> dict[str, dict[str, Rows]]:
    """Rows after edits of three steps of each trace, net of the resampled continuations of the unedited steps."""
    made = list[dict[str, Any]]()
    for i in range(design.questions):
        chance = random.dirichlet([2.0, 1.0, 1.0, 1.0])
        for j in range(design.samples):
            own, same = _drawn(random, chance), {"question_id": f"q{i:03}", "trace_id": f"t{i:03}/{j}"}
            keeps = random.beta(6, 2)
            made += _ends(same, _read(random, own), logprobs=_near(own, chance))
            for site in (1, 2, 3):
                for arm, effect in (("treated", design.effect), ("control", 0.0)):
                    said = own if random.random() < keeps else _drawn(random, chance)
                    said = _one(random, LETTERS.replace(own, "")) if random.random() < effect else said
                    kind = "writer" if arm == "treated" else ""
                    more = {"kind": kind, "dose": 0.5, "site": site, "logprobs": _near(said, chance)}
                    made.append(_row(same, arm, _read(random, said), **more))
    return {"mistake": {"adding_mistakes": made}, "paraphrase": {"paraphrasing": made}}


def _ends(same: dict[str, Any], answer: str | None, logprobs: Any) -> Rows:
    return [
        _row(same, "full", answer, logprobs=logprobs),
        _row(same, "no_reasoning", answer, dose=1.0, logprobs=logprobs),
    ]


def _row(same: dict[str, Any], arm: str, answer: str | None, **more: Any) -> dict[str, Any]:
    plain = {"arm": arm, "answer": answer, "state": "unparsed" if answer is None else "answered", "gold": "A", "n_options": 4}
    plain |= {"n_steps": 4, "dose": 0.0, "site": 0, "kind": "", "draw": 0, "target": "", "valid": True, "note": "", "logprobs": ()}
    return same | plain | {"verdicts": {}, "by_answer": False} | more


def _one(random: Random, letters: str) -> str:
    return letters[int(random.integers(len(letters)))]


def _drawn(random: Random, chance: Sequence[float]) -> str:
    return LETTERS[int(random.choice(4, p=chance))]


def _read(random: Random, answer: str) -> str | None:
    return None if random.random() < UNREAD else answer


def _near(answer: str, chance: Sequence[float]) -> tuple[float, ...]:
    """Log-probabilities after a reasoning that leads to `answer`: mostly that option, a little of the others."""
    return tuple(float(np.log(0.8 * (letter == answer) + 0.2 * p)) for letter, p in zip(LETTERS, chance, strict=True))


def rejections(design: Design, numbers: Sequence[int]) -> pd.DataFrame:
    """For each test of the studies `numbers`: whether it rejects before adjustment, and whether any test of its family does after."""
    rows = []
    for number in numbers:
        made = study(design, number)
        tested = made[made["p"].notna()]
        for one in tested.to_dict("records"):
            at = ", ".join(str(one[name]) for name in ("kind", "stratum", "channel") if one[name])
            rows.append({"study": number, "test": f"{one['measure']}: {one['metric']} {at}".strip(), "reject": one["p"] < ALPHA})
        for family, those in tested.groupby("family"):
            rows.append({"study": number, "test": f"family {family}, adjusted", "reject": bool((those["p_adj"] < ALPHA).any())})
    return pd.DataFrame(rows)


def shares(design: Design, studies: int) -> dict[str, dict[str, float]]:
    """The share of studies in which each test rejects, and in how many studies it was made."""
    blocks = [range(start, min(start + 25, studies)) for start in range(0, studies, 25)]
    one: Callable[[Sequence[int]], pd.DataFrame] = partial(rejections, design)
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        rows = pd.concat(pool.map(one, blocks), ignore_index=True)
    found = rows.groupby("test", sort=False)["reject"].agg(["mean", "size"])
    return {str(name): {"rejects": float(row["mean"]), "studies": int(row["size"])} for name, row in found.iterrows()}


def main() -> None:
    """Simulate every design and keep the shares."""
    studies = int(sys.argv[1]) if len(sys.argv) > 1 else STUDIES
    made = {role: {design.name: shares(design, studies) for design in designs} for role, designs in DESIGNS.items()}
    write("nulls_edits", {"studies": studies, "alpha": ALPHA, "seed": SEED, **made})


if __name__ == "__main__":
    main()
