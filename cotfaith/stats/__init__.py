"""Sums by question, smooth functions of them, and their intervals: every number that cotfaith reports comes through here."""

from cotfaith.stats import agreement
from cotfaith.stats.bands import Band, band, weights
from cotfaith.stats.contrasts import difference
from cotfaith.stats.engine import Label, Left, estimate
from cotfaith.stats.ppi import corrected
from cotfaith.stats.statistic import Ratio, Statistic, per_question
from cotfaith.stats.sums import ClusterSums, sums

__all__ = [
    "Band",
    "ClusterSums",
    "Label",
    "Left",
    "Ratio",
    "Statistic",
    "agreement",
    "band",
    "corrected",
    "difference",
    "estimate",
    "per_question",
    "sums",
    "weights",
]
