"""The profile of runs: the headline of every measure, each test beside its margin, and all of it as a table: `cotfaith figures profile RUN... --out DIR`."""

from __future__ import annotations

from collections.abc import Iterator

from cotfaith.contracts.figure_set import FigureSet, Material, Part, Sheet
from cotfaith.figures.forests import headlines
from cotfaith.figures.sets import figure
from cotfaith.tables import formats, paper


def parts(made_of: Material) -> Iterator[Part]:
    """The figures and the table."""
    yield figure("profile", made_of)
    yield figure("forest", made_of)
    yield figure("equivalence", made_of)
    rows = headlines(made_of.estimates)
    if rows.empty:
        yield Part("table", None, "this run has no headline")
        return
    cells = [
        [
            row["line"],
            row["task"],
            row["row"],
            row["metric"],
            paper.estimate(row),
            str(row["n"]),
            str(row["clusters"]),
            formats.p_value(row["p_adj"]),
        ]
        for row in rows.to_dict("records")
    ]
    head = ["model", "task", "measure", "metric", "value", "n", "questions", "p adj"]
    yield Part(
        "table",
        Sheet(
            head, cells, 4, "The headline of each measure, with its interval, its units, their questions, and the adjusted p-value."
        ),
    )


FIGURES = FigureSet("the headline of every measure by construct, and its table", "", parts)
