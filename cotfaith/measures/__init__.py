"""Measures: which probes each one needs, what it adds up by question, and which estimates it reports.

Listing them imports neither pandas nor statsmodels: each measure's arithmetic is imported when it is first used.
"""

from collections.abc import Mapping
from types import MappingProxyType

from cotfaith.contracts.measure import Measure, Weight, WideMeasure, headline
from cotfaith.measures.adding_mistakes import AddingMistakes
from cotfaith.measures.bbq_evidence import BbqEvidence
from cotfaith.measures.bias_accuracy import BiasAccuracy
from cotfaith.measures.cct import Cct
from cotfaith.measures.early_answering import EarlyAnswering
from cotfaith.measures.filler_tokens import FillerTokens
from cotfaith.measures.hint_effect import HintEffect
from cotfaith.measures.hint_mediation import HintMediation
from cotfaith.measures.normalised_unfaithfulness import NormalisedUnfaithfulness
from cotfaith.measures.paraphrasing import Paraphrasing
from cotfaith.measures.reasoning_gain import ReasoningGain
from cotfaith.measures.reversed_pairs import ReversedPairs
from cotfaith.measures.step_importance import StepImportance
from cotfaith.measures.strategy_effect import StrategyEffect
from cotfaith.measures.transplant import Transplant

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        measure.name: measure
        for measure in (
            EarlyAnswering(),
            AddingMistakes(),
            FillerTokens(),
            Paraphrasing(),
            ReasoningGain(),
            StepImportance(),
            Transplant(),
            StrategyEffect(),
            NormalisedUnfaithfulness(),
            HintEffect(),
            BiasAccuracy(),
            HintMediation(),
            BbqEvidence(),
            ReversedPairs(),
            Cct(),
        )
    }
)

__all__ = [
    "MEASURES",
    "AddingMistakes",
    "BbqEvidence",
    "BiasAccuracy",
    "Cct",
    "EarlyAnswering",
    "FillerTokens",
    "HintEffect",
    "HintMediation",
    "Measure",
    "NormalisedUnfaithfulness",
    "Paraphrasing",
    "ReasoningGain",
    "ReversedPairs",
    "StepImportance",
    "StrategyEffect",
    "Transplant",
    "Weight",
    "WideMeasure",
    "headline",
]
