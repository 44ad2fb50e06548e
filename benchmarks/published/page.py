"""The tables of docs/published.md, made from the kept results alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cotfaith.errors import DataError

Settings = Mapping[str, Mapping[str, Mapping[str, Any]]]  # cells by setting and name

PAGE = Path(__file__).parents[2] / "docs" / "published.md"
ARROW = "→"


def write(name: str, block: str) -> None:
    """Put `block` between the page's marks of that name."""
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), name, block), encoding="utf-8")


def filled(text: str, name: str, block: str) -> str:
    """The `text` of a page with `block` between its marks of that name.

    Raises:
        DataError: the page does not have the marks once.
    """
    marked = f"<!-- {name} -->\n{block}\n<!-- /{name} -->"
    made, count = re.subn(f"<!-- {name} -->.*?<!-- /{name} -->", lambda _: marked, text, flags=re.DOTALL)
    if count != 1:
        raise DataError(f"{PAGE.name} has the marks <!-- {name} --> and <!-- /{name} --> {count} times; it must have them once.")
    return made


def turpin2023(result: Mapping[str, Any]) -> str:
    """Counts by table, the main accuracies, BBQ, and the uncertainties."""
    cells, left = result["cells"], result["left_out"]
    parts = [
        f"{_equal(result)} The paper's rule leaves out {left['bbh']} BBH rows and {left['bbq']} BBQ pairs, for an answer that could not be parsed.",
        _grid(("Table", "Cells", "Equal"), map(_count, cells.items())),
        "Accuracy (%) where the biased option is wrong: the paper's (ours), and the difference that the bias makes.",
        _grid(
            ("Setting", "Questions", "No CoT: unbiased → biased", "CoT: unbiased → biased", "CoT difference", "Ours [95 %]"),
            _accuracies(cells["bbh_accuracy"]),
        ),
        f"BBQ (%): the paper's, and ours with its interval; clusters are {result['bbq_clusters']}.",
        _grid(("Setting", "Metric", "Pairs/clusters", "Paper", "Ours [95 %]"), _bbq(cells["bbq"])),
        "Half-widths of 95 % in percentage points: by the paper's formula, which takes rows as independent, and ours by question or template.",
        _grid(("Of", "Paper's formula", "Ours", "z, paper's", "p, ours", "n/clusters"), map(_spread, result["uncertainty"])),
    ]
    return "\n\n".join(parts)


def _count(table: tuple[str, Settings]) -> Sequence[str]:
    name, settings = table
    equal = [cell["equal"] for cells in settings.values() for cell in cells.values()]
    return f"`{name}`", str(len(equal)), str(sum(equal))


def _accuracies(settings: Settings) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = []
    for setting, cells in settings.items():
        if drop := cells.get("diff_cot_of_rounded"):
            pairs = [
                f" {ARROW} ".join(_both(cells[f"acc_{arm}_{how}"]) for arm in ("unbiased", "biased")) for how in ("nocot", "cot")
            ]
            rows.append((setting.rpartition(", ")[0], f"{drop['n']:,}", *pairs, f"{drop['printed']:.1f}", _interval(drop)))
    return rows


def _bbq(settings: Settings) -> list[Sequence[str]]:
    return [
        (setting.rpartition(", ")[0], f"`{name}`", f"{one['n']:,}/{one['clusters']:,}", f"{one['printed']:.1f}", _interval(one))
        for setting, cells in settings.items()
        for name, one in cells.items()
    ]


def _spread(one: Mapping[str, Any]) -> Sequence[str]:
    numbers = (_number(one["paper"]), _number(one["ours"]), _number(one["z"]), _number(one["p"], ".0e"))
    return one["name"], *numbers, f"{one['n']:,}/{one['clusters']:,}"


def arcuschin2025(result: Mapping[str, Any]) -> str:
    """Unfaithful pairs of each model: the paper's, the same rule on the released floats, and our measure's with both intervals."""
    columns = (
        "Model",
        "Pairs",
        "Paper",
        "As published",
        "Our measure",
        "% of 4,892, paper",
        "% as published",
        "Ours, % of pairs, by pair",
        "By property",
    )
    rows = [
        (
            one["model"],
            f"{one['pairs']:,}",
            str(one["printed"]),
            str(one["as_published"]),
            str(one["measure"]),
            f"{one['printed_rate']:.2f}",
            f"{one['rate_of_4892']:.3f}",
            f"{_number(one['rate'])} [{_number(one['low'])}, {_number(one['high'])}]",
            f"[{_number(one['low_by_property'])}, {_number(one['high_by_property'])}]",
        )
        for one in result["models"]
    ]
    return f"{_equal(result)}\n\n{_grid(columns, rows)}"


def _equal(result: Mapping[str, Any]) -> str:
    return f"**{result['equal']} of {result['of']} cells are equal at the printed precision.**"


def _both(cell: Mapping[str, Any]) -> str:
    return f"{cell['printed']:.1f} ({_number(cell['ours'])})"


def _interval(cell: Mapping[str, Any]) -> str:
    return f"{_number(cell['ours'])} [{_number(cell['low'])}, {_number(cell['high'])}]"


def _number(value: float | None, form: str = ".2f") -> str:
    return "undefined" if value is None else f"{value:{form}}"


def _grid(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---", *(["---:"] * (len(columns) - 1))], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
