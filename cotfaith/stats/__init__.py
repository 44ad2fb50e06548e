"""Sums by question, smooth functions of them, and their intervals: every number that cotfaith reports comes through here."""

from cotfaith.stats import agreement
from cotfaith.stats.bands import Band, band, weights
from cotfaith.stats.engine import Left, estimate
from cotfaith.stats.equivalence import Equivalence, tost
from cotfaith.stats.estimates import Estimate, Label, combined, difference
from cotfaith.stats.ppi import corrected
from cotfaith.stats.statistic import Ratio, Statistic, per_question
from cotfaith.stats.sums import ClusterSums, sums

__all__ = [
    "Band",
    "ClusterSums",
    "Equivalence",
    "Estimate",
    "Label",
    "Left",
    "Ratio",
    "Statistic",
    "agreement",
    "band",
    "combined",
    "corrected",
    "difference",
    "estimate",
    "per_question",
    "sums",
    "tost",
    "weights",
]
