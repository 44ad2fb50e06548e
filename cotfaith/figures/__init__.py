"""Plots of estimates: functions from the tidy table of estimates to a matplotlib figure with its points.

Intervals and bands come from the table; nothing is estimated here.
"""

from cotfaith.contracts.figure import Drawing
from cotfaith.figures.continuation import mistakes_curve, paraphrase_curve
from cotfaith.figures.drawing import COLOURS, save, svg
from cotfaith.figures.filler import filler_curve
from cotfaith.figures.hint_dots import hint_dots
from cotfaith.figures.mediation import mediation_curve
from cotfaith.figures.same_answer import same_answer_curve
from cotfaith.figures.scale import scale_readings

__all__ = [
    "COLOURS",
    "Drawing",
    "filler_curve",
    "hint_dots",
    "mediation_curve",
    "mistakes_curve",
    "paraphrase_curve",
    "same_answer_curve",
    "save",
    "scale_readings",
    "svg",
]
