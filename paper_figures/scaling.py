"""Estimates over model size, with every reading of each trend: `cotfaith figures scaling RUN... --out DIR`. The runs know the sizes of their models."""

from __future__ import annotations

from collections.abc import Iterator

from cotfaith import runs
from cotfaith.contracts.figure_set import FigureSet, Material, Part, Sheet
from cotfaith.errors import CotfaithError
from cotfaith.figures import scale_readings
from cotfaith.figures.over_size import SIZE
from cotfaith.figures.sets import figure, renamed
from cotfaith.tables import formats, paper

FEW = "fewer than two models of known size answered the same questions"


def parts(made_of: Material) -> Iterator[Part]:
    """The figures and the table of trends."""
    yield renamed(figure("over-size", made_of), "same-answer")
    sizes = {model: size for model, size in made_of.estimates.groupby("model")[SIZE].first().items() if size > 0}
    if len(sizes) < 2:
        yield from (Part(name, None, FEW) for name in ("readings", "table"))
        return
    try:
        made = runs.compare(made_of.paths, by="model", x={str(model): float(size) for model, size in sizes.items()})
    except CotfaithError as error:
        yield from (Part(name, None, str(error).rstrip(".")) for name in ("readings", "table"))
        return
    drawing = scale_readings(made.trends, made.extremes, width=made_of.width)
    yield Part("readings", drawing, "" if drawing else FEW)
    if made.trends.empty:
        yield Part("table", None, FEW)
        return
    cells = [
        [
            row["metric"],
            row["about"],
            row["reading"],
            paper.estimate(row),
            formats.p_value(row["p"]),
            formats.p_value(row["p_adj"]),
            str(row["models"]),
        ]
        for row in made.trends.to_dict("records")
    ]
    head = ["metric", "on", "reading", "value", "p", "p adj", "models"]
    yield Part(
        "table",
        Sheet(head, cells, 3, "Every reading of each trend over model size; a slope is per tenfold increase in parameters."),
    )


FIGURES = FigureSet("estimates over model size, with every reading of the trend", "", parts)
