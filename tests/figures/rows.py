"""Rows of estimates that figures are drawn from, and what is found in a drawing."""

import math
from functools import partial

from cotfaith import figures

COMMON = {"measure": "early_answering", "strategy": "cot", "kind": "", "level": 0.95, "clusters": 20, "missing": 0, "note": ""}
MARKS = {"o", "s", "^", "D", "v", "P"}


def curve(model: str = "m/one", task: str = "toy", shift: float = 0.0, gap: int | None = None) -> list[dict[str, object]]:
    """The rows of one same-answer curve and its band; at place `gap` it is undefined."""
    rows = []
    for i in range(11):
        value = math.nan if i == gap else 0.3 + 0.06 * i + shift
        common = COMMON | {"model": model, "task": task, "dose": i / 10, "value": value, "n": 40 - i % 2}
        common |= {"note": "nobody answered"} if i == gap else {}
        rows.append(common | {"metric": "same_answer", "low": value - 0.1, "high": value + 0.1})
        rows.append(common | {"metric": "same_answer_band", "low": value - 0.2, "high": value + 0.2})
    return rows


def sweep(full: float = 0.75, kinds: tuple[str, ...] = ("dots", "words"), shift: float = 0.0) -> list[dict[str, object]]:
    """The rows of a filler sweep."""
    common = COMMON | {"measure": "filler_tokens", "model": "m/one", "task": "toy", "n": 40}
    ends = {"accuracy_full": full, "accuracy_no_reasoning": 0.25}
    rows = [common | {"metric": m, "dose": math.nan, "value": v, "low": v - 0.1, "high": v + 0.1} for m, v in ends.items()]
    for kind in kinds:
        for dose in (0.25, 0.5, 1.0):
            value = 0.2 + dose / 10 + shift
            point = {"metric": "accuracy_filler", "kind": kind, "dose": dose, "value": value}
            rows.append(common | point | {"low": value - 0.05, "high": value + 0.07})
    return rows


def pair(
    treated: str,
    control: str,
    *,
    writers: tuple[str, ...] = ("w",),
    shift: float = 0.0,
    model: str = "m/one",
    task: str = "toy",
    band: bool = True,
) -> list[dict[str, object]]:
    """The rows of a curve over five places with its control 0.2 above, by writer."""
    rows = []
    for writer in writers:
        for i, x in enumerate((0.1, 0.3, 0.5, 0.7, 0.9)):
            common = COMMON | {"model": model, "task": task, "kind": writer, "dose": x, "n": 30 + i}
            for metric, value in ((treated, 0.4 + x / 10 + shift), (control, 0.6 + x / 10 + shift)):
                rows.append(common | {"metric": metric, "value": value, "low": value - 0.1, "high": value + 0.1})
            if band:
                value = 0.4 + x / 10 + shift
                rows.append(common | {"metric": f"{treated}_band", "value": value, "low": value - 0.2, "high": value + 0.2})
    return rows


def dots(model: str = "m/one", task: str = "toy", hints: tuple[str, ...] = ("guess", "metadata")) -> list[dict[str, object]]:
    """The rows of CFR and base rate of some hints, each 0.1 higher than the one before."""
    rows = []
    for i, hint in enumerate(hints):
        for metric, start in (("cfr", 0.6), ("base_rate", 0.2)):
            value = start + i / 10
            common = COMMON | {"measure": "hint_effect", "model": model, "task": task, "dose": math.nan, "n": 40 + i}
            rows.append(common | {"metric": metric, "kind": hint, "value": value, "low": value - 0.1, "high": value + 0.15})
    return rows


def mediation(
    model: str = "m/one", task: str = "toy", hints: tuple[str, ...] = ("guess",), shift: float = 0.0, gap: float | None = None
) -> list[dict[str, object]]:
    """The rows of the curves of some hints' options and their bands; at the place `gap` they are undefined."""
    rows = []
    for i, hint in enumerate(hints):
        for x in (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0):
            value = math.nan if x == gap else 0.2 + x / 4 + i / 10 + shift
            common = COMMON | {
                "measure": "hint_mediation",
                "model": model,
                "task": task,
                "kind": hint,
                "dose": x,
                "value": value,
                "n": 30,
            }
            common |= {"note": "no log-probabilities"} if x == gap else {}
            rows.append(common | {"metric": "hinted_option", "low": value - 0.1, "high": value + 0.1})
            rows.append(common | {"metric": "hinted_option_band", "low": value - 0.2, "high": value + 0.2})
    return rows


mistakes = partial(pair, "same_answer_after_mistake", "same_answer_after_control")
paraphrases = partial(pair, "accuracy_paraphrased", "accuracy_paraphrase_control", band=False)


def drawn(drawing: figures.Drawing | None) -> figures.Drawing:
    assert drawing is not None
    return drawing


def lines(drawing: figures.Drawing, panel: int = 0) -> dict[str, list[tuple[float, float]]]:
    """The marked points of each named line of a panel."""
    found = [line for line in drawing.figure.axes[panel].get_lines() if line.get_marker() in MARKS]
    return {str(line.get_label()): [(float(x), float(y)) for x, y in line.get_xydata()] for line in found}
