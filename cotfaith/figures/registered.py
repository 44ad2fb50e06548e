"""The figures of the built-in measures, as registered: each with its measure, its heading and how to read it."""

from collections.abc import Mapping
from types import MappingProxyType

from cotfaith.contracts.figure import Figure
from cotfaith.figures.against import normalised_accuracy, planted, strategies
from cotfaith.figures.against_control import step_edits, transplant_dots
from cotfaith.figures.by_model import by_model
from cotfaith.figures.by_place import step_importance_curve
from cotfaith.figures.continuation import mistakes_curve, paraphrase_curve
from cotfaith.figures.dumbbells import bias_dumbbell, reasoning_dumbbell
from cotfaith.figures.filler import filler_curve
from cotfaith.figures.forests import aoc_forest, equivalence
from cotfaith.figures.hint_dots import hint_dots
from cotfaith.figures.hint_use import hint_use
from cotfaith.figures.mediation import mediation_curve
from cotfaith.figures.over_size import over_size
from cotfaith.figures.profile import profile
from cotfaith.figures.same_answer import same_answer_curve

SAME_ANSWER = Figure(
    "early_answering",
    "same_answer",
    "Same answer when the reasoning is cut short",
    "The lower the curve is before its right end, the more the answer depends on the reasoning. If it is high from the start, the answer "
    "was fixed before the reasoning.",
    same_answer_curve,
    needs=("chance",),
)
MISTAKES = Figure(
    "adding_mistakes",
    "same_answer_after_mistake",
    "Same answer after a mistake in the reasoning",
    "The further a solid line is below its dashed control, the more answers a mistake changes. If the two coincide, the answer does not "
    "depend on what the reasoning says.",
    mistakes_curve,
)
FILLER = Figure(
    "filler_tokens",
    "accuracy_filler",
    "Accuracy with filler instead of the reasoning",
    "If filler stays at the dotted line, meaningless tokens do not help. If it rises towards the dashed line, their number alone has part "
    "of the effect of the reasoning.",
    filler_curve,
)
PARAPHRASE = Figure(
    "paraphrasing",
    "accuracy_paraphrased",
    "Accuracy after a paraphrase of the reasoning",
    "If a solid line coincides with its dashed control, only the meaning of the reasoning matters. If it is below, the wording carries "
    "information of its own.",
    paraphrase_curve,
)
HINTS = Figure(
    "hint_effect",
    "cfr",
    "Answers with the hinted option, with the hint and without",
    "The further the filled point is to the right of the hollow one, the more answers the hint draws to its option. If the two coincide, "
    "there is nothing to acknowledge.",
    hint_dots,
)
MEDIATION = Figure(
    "hint_mediation",
    "hinted_option",
    "The hinted option under the plain question, by how much of the hinted reasoning is given",
    "If a line rises, the hinted reasoning carries the hint to a question that has none. If it stays level, the hint does not act through "
    "what the reasoning says.",
    mediation_curve,
)
ACCURACY = Figure(
    "reasoning_gain",
    "accuracy_gain",
    "Accuracy without reasoning and with it",
    "The further the filled point is to the right of the hollow one, the more answers the reasoning makes right. Reasoning that changes no accuracy "
    "may still change answers.",
    reasoning_dumbbell,
)
BIAS = Figure(
    "bias_accuracy",
    "accuracy_drop",
    "Accuracy without and with a hint at a wrong option",
    "The further the filled point is to the left of the hollow one, the more right answers the hint costs.",
    bias_dumbbell,
)
HINT_USE = Figure(
    "hint_effect",
    "vcr",
    "Use of each hint, and its acknowledgement",
    "Where a hint is used more than by chance and hardly acknowledged, the reasoning leaves out what moved the answer.",
    hint_use,
)
STEP_PLACE = Figure(
    "step_importance",
    "removal_changed_by_place",
    "Answers changed by removing a step, over its place",
    "The higher the line, the more answers depend on the steps at that place. At the height of its dashed control, a step is not needed.",
    step_importance_curve,
)
STEP_EDITS = Figure(
    "step_importance",
    "removal_changed",
    "Answers changed by edits of steps",
    "The further the filled point is to the right of the hollow one, the more answers depend on what was edited.",
    step_edits,
)
TRANSPLANT = Figure(
    "transplant",
    "answers_changed",
    "Answers with transplanted reasoning",
    "If many answers become the donor's, they follow the reasoning that is given. If none changes, they do not depend on it.",
    transplant_dots,
)
NORMALISED = Figure(
    "normalised_unfaithfulness",
    "normalised",
    "Normalised unfaithfulness against accuracy",
    "If the marks lie on a rising line, the measure says little beyond accuracy.",
    normalised_accuracy,
)
STRATEGIES = Figure(
    "strategy_effect",
    "truncation_sensitivity",
    "Strategies by accuracy and sensitivity to truncation",
    "The further to the top right, the more accurate a strategy is and the more its answers depend on the reasoning.",
    strategies,
)
REVERSED = Figure(
    "reversed_pairs",
    "unfaithful_pairs",
    "Pairs of questions that contradict each other, by model",
    "The further to the right, the more often a model's answers to a question and to its reversal contradict each other in the direction that it leans.",
    by_model,
)
FOREST = Figure(
    "",
    "aoc",
    "Areas over the curve of all tests, models and tasks",
    "The further to the right, the more the answer depends on the reasoning. Only areas net of a control are tested.",
    aoc_forest,
)
EQUIVALENCE = Figure(
    "",
    "p_equivalence",
    "Values beside the equivalence margin",
    "A filled point has shown that the value lies within the shaded margin. A hollow one has not, which is no evidence of an effect.",
    equivalence,
)
PLANTED = Figure(
    "",
    "planted",
    "Measured against planted",
    "The nearer a mark is to the dotted line, the better the measure recovers what was planted.",
    planted,
)
SIZE = Figure(
    "",
    "same_answer_no_reasoning",
    "Same answer without the reasoning, over model size",
    "The higher a point, the fewer answers of that model depend on the reasoning. It rises with accuracy by itself.",
    over_size,
)
PROFILE = Figure(
    "",
    "headline",
    "Profile: the headline of every measure",
    "Each row has its own scale. Compare a row between models, not two rows with each other.",
    profile,
)
FIGURES: Mapping[str, Figure] = MappingProxyType({
    "same-answer": SAME_ANSWER,
    "mistakes": MISTAKES,
    "filler": FILLER,
    "paraphrase": PARAPHRASE,
    "forest": FOREST,
    "accuracy": ACCURACY,
    "step-place": STEP_PLACE,
    "step-edits": STEP_EDITS,
    "transplant": TRANSPLANT,
    "normalised": NORMALISED,
    "strategies": STRATEGIES,
    "hints": HINTS,
    "hints-acknowledged": HINT_USE,
    "bias-accuracy": BIAS,
    "mediation": MEDIATION,
    "reversed-pairs": REVERSED,
    "equivalence": EQUIVALENCE,
    "planted": PLANTED,
    "over-size": SIZE,
    "profile": PROFILE,
})  # fmt: skip
# by their registered names
LACKS: Mapping[str, str] = MappingProxyType(
    {
        "equivalence": "the study names no equivalence margin, or nothing is tested",
        "planted": "the table has no planted values, which cotfaith.figures.planted takes",
        "over-size": "fewer than two models have a known number of parameters",
        "forest": "there is no area over the curve with a value: early_answering and adding_mistakes report them",
        "profile": "no headline has a value",
    }
)  # why nothing is drawn, of figures that need more than the estimates of one metric
