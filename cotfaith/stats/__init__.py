"""Sums per question, smooth functions of these sums, and their intervals. Every number that cotfaith reports is computed here."""

from cotfaith.stats import agreement
from cotfaith.stats.adjusted import adjusted_trend
from cotfaith.stats.bands import Band, band
from cotfaith.stats.bootstrap import bootstrap, weights
from cotfaith.stats.engine import Missing, estimate
from cotfaith.stats.equivalence import Equivalence, tost
from cotfaith.stats.estimates import Estimate, Label, combined, difference
from cotfaith.stats.extremes import extreme_shares
from cotfaith.stats.families import adjust, adjust_once, families
from cotfaith.stats.icc import design_effect, effective_size, icc
from cotfaith.stats.keys import ByQuestion, Column, Key, Part
from cotfaith.stats.mcnemar_planning import n_mcnemar, n_mcnemar_exact, power_mcnemar
from cotfaith.stats.over_models import over_models
from cotfaith.stats.paired import Paired, paired
from cotfaith.stats.planning import (
    detectable_slope,
    n_equivalence,
    n_models,
    n_paired_t,
    n_proportion,
    n_questions,
    power_difference,
    power_equivalence,
    power_slope,
)
from cotfaith.stats.power import power_sim
from cotfaith.stats.ppi import corrected
from cotfaith.stats.ranks import Page, page
from cotfaith.stats.regression import Coefficient, Regression, linear
from cotfaith.stats.statistic import Ratio, Statistic, per_question
from cotfaith.stats.sums import ClusterSums, add_by_question, joined, sums
from cotfaith.stats.tasks import Pooled, macro, pooled
from cotfaith.stats.trend import Trend, quadratic, trend
from cotfaith.stats.two_lines import TwoLines, two_lines

__all__ = [
    "Band",
    "ByQuestion",
    "ClusterSums",
    "Coefficient",
    "Column",
    "Equivalence",
    "Estimate",
    "Key",
    "Label",
    "Missing",
    "Page",
    "Paired",
    "Part",
    "Pooled",
    "Ratio",
    "Regression",
    "Statistic",
    "Trend",
    "TwoLines",
    "add_by_question",
    "adjust",
    "adjust_once",
    "adjusted_trend",
    "agreement",
    "band",
    "bootstrap",
    "combined",
    "corrected",
    "design_effect",
    "detectable_slope",
    "difference",
    "effective_size",
    "estimate",
    "extreme_shares",
    "families",
    "icc",
    "joined",
    "linear",
    "macro",
    "n_equivalence",
    "n_mcnemar",
    "n_mcnemar_exact",
    "n_models",
    "n_paired_t",
    "n_proportion",
    "n_questions",
    "over_models",
    "page",
    "paired",
    "per_question",
    "pooled",
    "power_difference",
    "power_equivalence",
    "power_mcnemar",
    "power_sim",
    "power_slope",
    "quadratic",
    "sums",
    "tost",
    "trend",
    "two_lines",
    "weights",
]
