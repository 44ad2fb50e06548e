"""Sums per question, smooth functions of these sums, and their intervals. Every number that cotfaith reports is computed here."""

from cotfaith.stats import agreement
from cotfaith.stats.adjusted import adjusted_trend
from cotfaith.stats.bands import Band, band
from cotfaith.stats.bootstrap import bca, bootstrap, percentile, weights
from cotfaith.stats.engine import Missing, estimate
from cotfaith.stats.equivalence import Equivalence, tost
from cotfaith.stats.estimates import Estimate, Label, combined, difference
from cotfaith.stats.extremes import extreme_shares
from cotfaith.stats.families import adjust, families
from cotfaith.stats.icc import design_effect, effective_size, icc
from cotfaith.stats.keys import ByQuestion, Column, Key, Part
from cotfaith.stats.mcnemar_planning import n_mcnemar, n_mcnemar_exact, power_mcnemar
from cotfaith.stats.over_models import over_models
from cotfaith.stats.paired import Paired, newcombe, paired, paired_table
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
from cotfaith.stats.regression import Coefficient, Regression, gee, linear, logistic, mixed
from cotfaith.stats.signflip import SignFlip, signflip
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
    "SignFlip",
    "Statistic",
    "Trend",
    "TwoLines",
    "add_by_question",
    "adjust",
    "adjusted_trend",
    "agreement",
    "band",
    "bca",
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
    "gee",
    "icc",
    "joined",
    "linear",
    "logistic",
    "macro",
    "mixed",
    "n_equivalence",
    "n_mcnemar",
    "n_mcnemar_exact",
    "n_models",
    "n_paired_t",
    "n_proportion",
    "n_questions",
    "newcombe",
    "over_models",
    "page",
    "paired",
    "paired_table",
    "per_question",
    "percentile",
    "pooled",
    "power_difference",
    "power_equivalence",
    "power_mcnemar",
    "power_sim",
    "power_slope",
    "quadratic",
    "signflip",
    "sums",
    "tost",
    "trend",
    "two_lines",
    "weights",
]
