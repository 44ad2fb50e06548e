"""The gallery of figures: `python -m docs.generate.gallery`, or `make figures`.

It draws every registered figure from docs/gallery/estimates.csv.gz into docs/gallery/, and writes docs/gallery.md. With `--again` it first makes these estimates
again, from scripted personas, whose faithfulness is known by construction (about two minutes).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from cotfaith import figures
from cotfaith.figures.registered import FIGURES
from cotfaith.stats.keys import FIELDS as KEYS

if TYPE_CHECKING:
    from cotfaith.contracts.figure import Drawing

DOCS = Path(__file__).parents[1]
FOLDER, PAGE = DOCS / "gallery", DOCS / "gallery.md"
DATA = FOLDER / "estimates.csv.gz"
HINTS = ("suggested_answer", "metadata", "grader_code")
SHARES = (0.2, 0.5, 0.8)  # of the samples of "mixed" that follow their reasoning: the planted values
TEXT = ("model", "task", "strategy", "measure", *(name for name in KEYS if name != "dose"), "title", "role", "family", "method", "direction", "note")  # fmt: skip
LEFT_OUT = ("icc", "deff", "direction", "method", "family_size")  # columns that no figure reads

REVERSED = ("mixed", "faithful", "biased")
Models = Mapping[str, tuple[str, ...]]  # which models a figure shows: those of a study, without the others
SHOWN: Models = MappingProxyType({
    "hints": ("hinted",), "hints-acknowledged": ("hinted",), "mediation": ("hinted",), "bias-accuracy": ("hinted", "mixed"),
    "filler": ("mixed",), "step-edits": ("mixed",), "transplant": ("mixed", "post-hoc"), "normalised": ("mixed", "post-hoc", "hinted"),
    "strategies": ("mixed",), "reversed-pairs": REVERSED, "planted": ("mixed, 20 %", "mixed, 50 %", "mixed, 80 %"), "over-size": ("mixed, 20 %", "mixed, 50 %", "mixed, 80 %"),
})  # fmt: skip
OTHERS = ("mixed", "faithful", "post-hoc")
ALONE = MappingProxyType(
    {"strategies": "strategy_effect", "reversed-pairs": "reversed_pairs"}
)  # measures that no other figure shows
COMMANDS = MappingProxyType(
    {"planted": "cotfaith.figures.planted(run.estimates(), planted={MODEL: VALUE})"}
)  # of figures that need more than runs
CHANCE = MappingProxyType({"addition": 0.25, "tracking": 1 / 3})  # of two equal random answers


def table() -> pd.DataFrame:
    """The kept estimates."""
    return pd.read_csv(DATA, dtype=dict.fromkeys(TEXT, str), keep_default_na=False, na_values=dict.fromkeys(_numbers(), ""))


def _numbers() -> list[str]:
    return [name for name in pd.read_csv(DATA, nrows=0).columns if name not in TEXT]


def rows_of(name: str, estimates: pd.DataFrame) -> pd.DataFrame:
    """The estimates that the gallery gives the figure `name`."""
    alone = estimates["measure"].isin(list(ALONE.values()))
    those = estimates[estimates["measure"] == ALONE[name] if name in ALONE else ~alone]
    return those[those["model"].isin(SHOWN.get(name, OTHERS))]


def draw(name: str, estimates: pd.DataFrame, width: float = figures.PAGE) -> Drawing | None:
    """The figure `name` of the gallery."""
    return FIGURES[name](rows_of(name, estimates), width=width, chance=dict(CHANCE))


def again() -> None:
    """Make the kept estimates again, from scripted personas."""
    import cotfaith  # noqa: PLC0415  only here are models run
    from cotfaith.engines.scripted import ScriptedEngine  # noqa: PLC0415

    everything = [
        "early_answering",
        "adding_mistakes",
        "filler_tokens",
        "paraphrasing",
        "reasoning_gain",
        "step_importance",
        "transplant",
    ]
    everything += ["normalised_unfaithfulness", "hint_effect", "bias_accuracy", "hint_mediation"]
    kinds = {
        "hint": {"kinds": list(HINTS)},
        "mediation": {"kinds": ["suggested_answer", "metadata"]},
        "filler": {"lengths": [0.25, 0.5, 0.75, 1.0], "kinds": ["ellipsis", "words"]},
        **{name: {} for name in ("shuffle", "last_steps", "replacement")},
    }
    personas = {name: ScriptedEngine(name) for name in (*OTHERS, "hinted")}
    shares = {f"mixed, {100 * share:g} %": ScriptedEngine("mixed", share=share) for share in SHARES}
    strategies = ["cot", "cot_few_shot", "cot_decomposition", "factored_decomposition", "zero_shot", "few_shot"]
    with tempfile.TemporaryDirectory() as folder:
        same = {"limit": 24, "samples": 4, "quiet": True}
        made = [
            cotfaith.run(model=personas, task=["addition", "tracking"], measures=everything, interventions=kinds, margin=0.2, out=f"{folder}/all", **same),
            cotfaith.run(model={"mixed": ScriptedEngine("mixed")}, task="addition", strategy=strategies, measures=["strategy_effect"], out=f"{folder}/strategies", **same),
            cotfaith.run(model=shares, task="addition", measures=["early_answering", "reasoning_gain"], out=f"{folder}/shares", **same),
        ]  # fmt: skip
        made.append(
            cotfaith.run(
                model={name: ScriptedEngine(name) for name in REVERSED},
                task="comparisons",
                measures=["reversed_pairs"],
                out=f"{folder}/reversed",
                **same,
            )
        )
        found = pd.concat([run.estimates() for run in made], ignore_index=True)
    known = found["model"].map(dict(zip(shares, SHARES, strict=True)))
    found["planted"] = known.where(found["metric"] == "answers_changed")
    found["parameters"] = found["model"].map(dict(zip(shares, (135e6, 1.7e9, 7e9), strict=True)))
    kept = found[((found["stratum"] == "") | (found["role"] == "curve")) & (found["role"] != "count")].drop(columns=list(LEFT_OUT))
    FOLDER.mkdir(exist_ok=True)
    kept.to_csv(DATA, index=False, float_format="%.6g", compression={"method": "gzip", "mtime": 1})


def page(drawn: Mapping[str, Drawing]) -> str:
    """The text of docs/gallery.md."""
    opening = (
        "Every registered figure, drawn by `make figures` from the estimates of scripted personas in "
        "[gallery/estimates.csv.gz](gallery/estimates.csv.gz), as wide as two columns of a paper. The sizes in the figure over model size are made "
        "up. [Figures](figures.md) says how to draw them from your runs."
    )
    parts = ["# Gallery", opening]
    for name, drawing in drawn.items():
        figure = FIGURES[name]
        how = f"`{COMMANDS.get(name, f'cotfaith figures {name} RUN')}`. {figure.aid} What it cannot tell: {figure.limits}"
        parts += [f"## {figure.title}", how, f"![{figure.title}](gallery/{name}.svg)", drawing.caption]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Draw the gallery."""
    if "--again" in sys.argv[1:]:
        again()
    estimates = table()
    drawn = {name: drawing for name in FIGURES if (drawing := draw(name, estimates)) is not None}
    for name, drawing in drawn.items():
        (FOLDER / f"{name}.svg").write_text(figures.svg(drawing.figure, name, ground="white"), encoding="utf-8")
    PAGE.write_text(page(drawn), encoding="utf-8")
    print(f"{PAGE.relative_to(DOCS.parent)}: {len(drawn)} figures")


if __name__ == "__main__":
    main()
