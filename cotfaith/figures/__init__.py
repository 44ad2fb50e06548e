"""Plots of estimates: functions from the tidy table of estimates to a matplotlib figure with its points.

Intervals and bands come from the table; nothing is estimated here. Every function takes the table, a `width` in inches (`COLUMN` and `PAGE` are
those of a paper) and `ax`, and returns a `Drawing`, which a notebook shows and `save` writes.
"""

from cotfaith.contracts.figure import Drawing
from cotfaith.figures.against import normalised_accuracy, planted, strategies
from cotfaith.figures.against_control import step_edits, transplant_dots
from cotfaith.figures.by_length import mistakes_by_length, paraphrase_by_length, same_answer_by_length
from cotfaith.figures.by_model import by_model
from cotfaith.figures.by_place import step_importance_curve
from cotfaith.figures.continuation import mistakes_curve, paraphrase_curve
from cotfaith.figures.drawing import COLOURS, COLUMN, PAGE
from cotfaith.figures.dumbbells import bias_dumbbell, reasoning_dumbbell
from cotfaith.figures.filler import filler_curve
from cotfaith.figures.forests import aoc_forest, equivalence
from cotfaith.figures.hint_dots import hint_dots
from cotfaith.figures.hint_use import hint_use
from cotfaith.figures.lengths import lengths
from cotfaith.figures.mediation import mediation_curve
from cotfaith.figures.over_size import over_size
from cotfaith.figures.profile import profile
from cotfaith.figures.same_answer import same_answer_curve
from cotfaith.figures.saving import save, svg
from cotfaith.figures.scale import scale_readings

__all__ = [
    "COLOURS",
    "COLUMN",
    "PAGE",
    "Drawing",
    "aoc_forest",
    "bias_dumbbell",
    "by_model",
    "equivalence",
    "filler_curve",
    "hint_dots",
    "hint_use",
    "lengths",
    "mediation_curve",
    "mistakes_by_length",
    "mistakes_curve",
    "normalised_accuracy",
    "over_size",
    "paraphrase_by_length",
    "paraphrase_curve",
    "planted",
    "profile",
    "reasoning_dumbbell",
    "same_answer_by_length",
    "same_answer_curve",
    "save",
    "scale_readings",
    "step_edits",
    "step_importance_curve",
    "strategies",
    "svg",
    "transplant_dots",
]
