"""Names and numbers as a person reads them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

UNDEFINED = "undefined"

_EDITS = {"removal": "Step removed", "shuffle": "Steps shuffled", "replacement": "Step replaced", "last_steps": "Last steps alone"}
_PARTS = {
    "changed": "answers changed",
    "changed_control": "answers changed by the control",
    "changed_net": "answers changed, net of control",
    "probability_loss": "loss of probability",
}

TITLES: Mapping[str, str] = MappingProxyType(
    {
        # measures
        "early_answering": "Early answering",
        "adding_mistakes": "Adding mistakes",
        "filler_tokens": "Filler tokens",
        "paraphrasing": "Paraphrasing",
        "reasoning_gain": "Reasoning gain",
        "step_importance": "Importance of steps",
        "transplant": "Transplanted reasoning",
        "normalised_unfaithfulness": "Normalised unfaithfulness",
        "strategy_effect": "Effect of the strategy",
        "hint_effect": "Effect of hints, and what is admitted of it",
        "bias_accuracy": "Accuracy under hints at wrong options",
        "hint_mediation": "Hints through the reasoning, and past it",
        "bbq_evidence": "Weak evidence about people",
        "reversed_pairs": "Questions and their reversals",
        "cct": "Inserted words: correlation of impact and mention (CCT)",
        # several measures
        "aoc": "Area over the curve (AOC)",
        "aoc_control": "Area over the curve (AOC) of the control",
        "aoc_net": "Area over the curve (AOC), net of control",
        "aoc_probability": "Area over the curve, in probability",
        "aoc_probability_net": "Area over the curve, in probability, net of control",
        "accuracy_full": "Accuracy with the full reasoning",
        "accuracy_no_reasoning": "Accuracy with no reasoning",
        "unanswered": "Readings without an answer",
        # one measure
        "same_answer_no_reasoning": "Same answer with no reasoning",
        "same_answer_as_no_reasoning": "Same answer with filler as with no reasoning",
        "accuracy_filler": "Accuracy with filler",
        "accuracy_difference": "Accuracy with filler, minus with no reasoning",
        "accuracy_gain": "Accuracy gained by the reasoning",
        "answers_changed": "Answers that the reasoning changes",
        "retention": "Answers kept through a paraphrase",
        "retention_control": "Answers kept by the control",
        "retention_net": "Answers kept through a paraphrase, net of control",
        "retention_at_once": "Answers kept, the whole paraphrase read at once",
        "retention_at_once_control": "Answers kept by the control, read at once",
        "retention_at_once_net": "Answers kept, the whole paraphrase read at once, net of control",
        "probability_loss": "Loss of probability through a paraphrase",
        "probability_loss_net": "Loss of probability through a paraphrase, net of control",
        "resampling_tv": "Resampling: total variation",
        "resampling_tv_null": "Resampling: total variation if nothing differed",
        "resampling_tv_excess": "Resampling: total variation above that of nothing",
        "resampling_kl": "Resampling: Kullback-Leibler divergence (nats)",
        "resampling_kl_null": "Resampling: Kullback-Leibler divergence if nothing differed",
        "resampling_kl_excess": "Resampling: Kullback-Leibler divergence above that of nothing",
        "counterfactual_tv": "Unlike steps only: total variation",
        "counterfactual_tv_null": "Unlike steps only: total variation if nothing differed",
        "counterfactual_tv_excess": "Unlike steps only: total variation above that of nothing",
        "counterfactual_kl": "Unlike steps only: Kullback-Leibler divergence (nats)",
        "counterfactual_kl_null": "Unlike steps only: Kullback-Leibler divergence if nothing differed",
        "counterfactual_kl_excess": "Unlike steps only: Kullback-Leibler divergence above that of nothing",
        "different": "Draws whose new step is unlike the original",
        "resilience": "Rounds until a step stays away",
        "resilience_gone": "Steps that stayed away",
        "counterfactual_plus_changed": "Answers changed where the step stayed away",
        "counterfactual_plus_changed_control": "Answers changed by the control of these steps",
        "counterfactual_plus_changed_net": "Answers changed where the step stayed away, net of control",
        "follows_donor": "Answers that follow the transplanted reasoning",
        "follows_donor_control": "Answers of the control that are the donor's",
        "follows_donor_net": "Answers that follow the transplanted reasoning, net of control",
        "donor_differs": "Donors whose answer is another",
        "unfaithfulness": "Same answer with reasoning and without",
        "normaliser": "Same letter when the options are shuffled",
        "normaliser_content": "Same option when the options are shuffled",
        "normalised": "Unfaithfulness over the normaliser",
        "product": "Unfaithfulness times the normaliser",
        "kappa": "Agreement beyond chance (Cohen's kappa)",
        "truncation_sensitivity": "Sensitivity to truncation",
        "truncation_sensitivity_difference": "Sensitivity to truncation, between strategies",
        "corruption_sensitivity": "Sensitivity to mistakes",
        "corruption_sensitivity_net": "Sensitivity to mistakes, net of control",
        "corruption_sensitivity_difference": "Sensitivity to mistakes, between strategies",
        "influence": "Influence: hinted option under the hint, net of the base rate",
        "cfr": "Answers with the hinted option, under the hint (CFR)",
        "base_rate": "Plain answers with the hinted option (base rate)",
        "switched": "Moves to the hinted option from another (p)",
        "moved_elsewhere": "Moves to an option that was not hinted at (q)",
        "alpha": "Share of the moves that is not chance (alpha)",
        "vcr": "Admitted, of the answers with the hinted option (VCR)",
        "vcr_corrected": "Admitted, corrected by hand labels",
        "uar": "Hint followed and not admitted (UAR)",
        "faith": "Admitted, of the moves to the hinted option",
        "chen_normalised": "Admitted, normalised for chance",
        "faithful_at_k": "One of k moves admits the hint (faithful@k)",
        "invalid": "Verdicts that could not be used",
        "agreement": "The same verdict (raw agreement)",
        "ac2": "Agreement beyond chance (Gwet's AC2)",
        "accuracy_drop": "Accuracy lost to the hint",
        "accuracy_plain": "Accuracy without the hint",
        "accuracy_biased": "Accuracy with the hint",
        "flips_to_target": "Answers that move to the hinted option",
        "bias_rate": "Answers with the hinted option",
        "bias_rate_plain": "Plain answers with the hinted option",
        "contradicting": "Hints that point at a wrong option",
        "nie": "Through the reasoning (natural indirect effect)",
        "nde": "Past the reasoning (natural direct effect)",
        "total": "Through both (total effect)",
        "nie_others": "Through the reasoning, on the other options",
        "nde_others": "Past the reasoning, on the other options",
        "hinted_option": "Probability of the hinted option",
        "hinted_option_plain": "Probability of the hinted option without a hint",
        "explained_by_bias": "Unfaithful pairs that go with the stereotype",
        "unfaithful_pairs": "Pairs that contradict each other the way the model leans",
        "phi_cct": "Correlation of changed answer and mention (phi-CCT)",
        "impact": "Impact of a word (total variation)",
        "mention": "Words that are mentioned",
        # a metric that has another sense in one measure
        "bbq_evidence.unfaithful": "Pairs that weigh the same evidence by whom it is about",
        "reversed_pairs.bias": "Lean to Yes: share of Yes, minus one half",
        "cct.changed": "Answers that a word changes",
        "cct.cct": "Correlation of impact and mention (CCT)",
        "transplant.answers_changed": "Answers that the transplant changes",
        "transplant.answers_changed_control": "Answers that the control changes",
        "transplant.answers_changed_net": "Answers that the transplant changes, net of control",
        "strategy_effect.accuracy_difference": "Accuracy, between strategies",
        **{f"{edit}_{part}": f"{name}: {said}" for edit, name in _EDITS.items() for part, said in _PARTS.items()},
    }
)

FIRST: Mapping[str, str] = MappingProxyType(
    {
        "early_answering": "aoc",
        "adding_mistakes": "aoc_net",
        "filler_tokens": "accuracy_difference",
        "paraphrasing": "retention_net",
        "reasoning_gain": "answers_changed",
        "step_importance": "removal_changed_net",
        "transplant": "answers_changed_net",
        "normalised_unfaithfulness": "normalised",
        "strategy_effect": "accuracy",
        "hint_effect": "influence",
        "bias_accuracy": "accuracy_drop",
        "hint_mediation": "nie",
        "bbq_evidence": "unfaithful",
        "reversed_pairs": "unfaithful_pairs",
        "cct": "cct",
    }
)  # the metric that answers what a measure asks; in the order of the page

ADMITTED = "What is admitted of it, by hint, judge and text"
INGREDIENTS = "What the score is made of"  # folded away

PARTS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "hint_effect": {
            "How much the hint is followed": ("influence", "cfr", "base_rate"),
            ADMITTED: ("vcr", "vcr_corrected", "uar", "invalid"),
            "How far the judges agree": ("agreement", "kappa", "ac2"),
            "Moves to the hinted option, normalised for chance (Chen et al. 2025)": ("faith", "chen_normalised"),
            INGREDIENTS: ("switched", "moved_elsewhere", "alpha"),
        }
    }
)  # the numbers of a measure that has many, under headings; those under none come last


def title(name: str, measure: str = "") -> str:
    """What a measure, a metric (of `measure`) or an arm is called in a heading."""
    words = name.replace("_", " ")
    return TITLES.get(f"{measure}.{name}", TITLES.get(name, words[:1].upper() + words[1:]))


def amount(measure: str, x: float) -> str:
    """How much of an intervention there was, where a measure reports by that: "1 \N{MULTIPLICATION SIGN} the length", "k = 2"."""
    if measure == "filler_tokens":
        return f"{x:g} \N{MULTIPLICATION SIGN} the length"
    if measure == "step_importance":
        return f"last {several(int(x), 'step')}"
    if measure == "hint_effect":
        return f"k = {x:g}"
    return f"at {x:g}"


def number(value: float | None) -> str:
    """`value` to three decimals with a true minus sign; "undefined" if there is none."""
    if value is None or math.isnan(value):
        return UNDEFINED
    text = f"{value:.3f}"
    return (text if float(text) else text.lstrip("-")).replace("-", "\N{MINUS SIGN}")


def interval(low: float | None, high: float | None) -> str:
    """An interval in brackets; "undefined" if an end is."""
    ends = number(low), number(high)
    return UNDEFINED if UNDEFINED in ends else f"[{ends[0]}, {ends[1]}]"


def percent(value: float | None) -> str:
    """A share as "12.5 %"; "undefined" if there is none."""
    return UNDEFINED if value is None or math.isnan(value) else f"{100 * value:.1f} %"


def part(count: int, total: int) -> str:
    """`count` with its share of `total`: "3 of 40 (7.5 %)"."""
    share = f" ({100 * count / total:.1f} %)" if total else ""
    return f"{count:,} of {total:,}{share}"


def several(count: int, one: str) -> str:
    """`count` things: "1 trace", "1,200 traces"."""
    return f"{count:,} {one}{'' if count == 1 else 's'}"
