"""The figures of the built-in measures, as registered: each with its measure, its heading and how to read it."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from cotfaith.contracts.figure import Draw, Figure
from cotfaith.figures.against import normalised_accuracy, planted, strategies
from cotfaith.figures.against_control import step_edits, transplant_dots
from cotfaith.figures.by_length import mistakes_by_length, paraphrase_by_length, same_answer_by_length
from cotfaith.figures.by_model import by_model
from cotfaith.figures.by_place import step_importance_curve
from cotfaith.figures.continuation import mistakes_curve, paraphrase_curve
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

SAME_ANSWER = Figure(
    "early_answering",
    "same_answer",
    "Same answer when the reasoning is cut short",
    "The lower the curve is before its right end, the more the answer depends on the reasoning. If it is high from the start, the answer "
    "was fixed before the reasoning.",
    same_answer_curve,
    needs=("chance",),
    limits="It cannot say why an answer was fixed early: a model that needs no reasoning for these questions has a high curve too, honest or not.",
)
MISTAKES = Figure(
    "adding_mistakes",
    "same_answer_after_mistake",
    "Same answer after a mistake in the reasoning",
    "The further a solid line is below its dashed control, the more answers a mistake changes. If the two coincide, the answer does not "
    "depend on what the reasoning says.",
    mistakes_curve,
    limits="A model that notices a mistake and corrects it keeps its answer, and looks as if it ignored its reasoning. What followed a mistake is in the table.",
)
FILLER = Figure(
    "filler_tokens",
    "accuracy_filler",
    "Accuracy with filler instead of the reasoning",
    "If filler stays at the dotted line, meaningless tokens do not help. If it rises towards the dashed line, their number alone has part "
    "of the effect of the reasoning.",
    filler_curve,
    limits="It cannot exclude computation that needs meaningful text. It is of this model, without training on filler.",
)
PARAPHRASE = Figure(
    "paraphrasing",
    "accuracy_paraphrased",
    "Accuracy after a paraphrase of the reasoning",
    "If a solid line coincides with its dashed control, only the meaning of the reasoning matters. If it is below, the wording carries "
    "information of its own.",
    paraphrase_curve,
    limits="An answer that depends on no reasoning also survives every paraphrase, so read it beside early answering.",
)
HINTS = Figure(
    "hint_effect",
    "cfr",
    "Answers with the hinted option, with the hint and without",
    "The further the filled point is to the right of the hollow one, the more answers the hint draws to its option. If the two coincide, "
    "there is nothing to acknowledge.",
    hint_dots,
    limits="A question's wording can draw answers too: the hint's effect is the distance between the points, and not the filled point.",
)
MEDIATION = Figure(
    "hint_mediation",
    "hinted_option",
    "The hinted option under the plain question, by how much of the hinted reasoning is given",
    "If a line rises, the hinted reasoning carries the hint to a question that has none. If it stays level, the hint does not act through "
    "what the reasoning says.",
    mediation_curve,
    limits="The hinted reasoning is not the model's own under the plain question. The two effects add up only if question and reasoning do not interact.",
)
ACCURACY = Figure(
    "reasoning_gain",
    "accuracy_gain",
    "Accuracy without reasoning and with it",
    "The further the filled point is to the right of the hollow one, the more answers the reasoning makes right. Reasoning that changes no accuracy "
    "may still change answers.",
    reasoning_dumbbell,
    limits="A gain shows that the reasoning helps, and not that the answer follows from what it says.",
)
BIAS = Figure(
    "bias_accuracy",
    "accuracy_drop",
    "Accuracy without and with a hint at a wrong option",
    "The further the filled point is to the left of the hollow one, the more right answers the hint costs.",
    bias_dumbbell,
    limits="A lost answer shows that the hint acts, and not whether the reasoning admits it.",
)
HINT_USE = Figure(
    "hint_effect",
    "vcr",
    "Use of each hint, and its acknowledgement",
    "Where a hint is used more than by chance and hardly acknowledged, the reasoning leaves out what moved the answer.",
    hint_use,
    limits="A rate of acknowledgement is a judge's: other judges and channels give other rates. Nothing is said of a single trace.",
)
STEP_PLACE = Figure(
    "step_importance",
    "removal_changed_by_place",
    "Answers changed by removing a step, over its place",
    "The higher the line, the more answers depend on the steps at that place. At the height of its dashed control, a step is not needed.",
    step_importance_curve,
    limits="Text without one of its steps is not what the model would write, and a step may be stated twice: a flat line does not show that no step was used.",
)
STEP_EDITS = Figure(
    "step_importance",
    "removal_changed",
    "Answers changed by edits of steps",
    "The further the filled point is to the right of the hollow one, the more answers depend on what was edited.",
    step_edits,
    limits="The edited texts are off-policy except those of resampling: an answer may change because the text is strange.",
)
TRANSPLANT = Figure(
    "transplant",
    "answers_changed",
    "Answers with transplanted reasoning",
    "If many answers become the donor's, they follow the reasoning that is given. If none changes, they do not depend on it.",
    transplant_dots,
    limits="Reasoning on another question is strange to the model: an answer that stays shows no more than that strange reasoning is not followed.",
)
NORMALISED = Figure(
    "normalised_unfaithfulness",
    "normalised",
    "Normalised unfaithfulness against accuracy",
    "If the marks lie on a rising line, the measure says little beyond accuracy.",
    normalised_accuracy,
    limits="It cannot tell a preference for letters from a preference for what they stand for, and a few models make no trend.",
)
STRATEGIES = Figure(
    "strategy_effect",
    "truncation_sensitivity",
    "Strategies by accuracy and sensitivity to truncation",
    "The further to the top right, the more accurate a strategy is and the more its answers depend on the reasoning.",
    strategies,
    limits="The strategies differ in length and form, and both move sensitivity. More sensitive is not more faithful by itself.",
)
REVERSED = Figure(
    "reversed_pairs",
    "unfaithful_pairs",
    "Pairs of questions that contradict each other, by model",
    "The further to the right, the more often a model's answers to a question and to its reversal contradict each other in the direction that it leans.",
    by_model,
    limits="It cannot say which of the two answers is wrong, nor whether a single trace is unfaithful.",
)
FOREST = Figure(
    "",
    "aoc",
    "Areas over the curve of all tests, models and tasks",
    "The further to the right, the more the answer depends on the reasoning. Only areas net of a control are tested.",
    aoc_forest,
    limits="Areas of different tests are on different scales, and an area without a control contains what resampling alone would change.",
)
EQUIVALENCE = Figure(
    "",
    "p_equivalence",
    "Values beside the equivalence margin",
    "A filled point has shown that the value lies within the shaded margin. A hollow one has not, which is no evidence of an effect.",
    equivalence,
    limits="It is of the margin that the study names: a wider one is shown more easily.",
)
PLANTED = Figure(
    "",
    "planted",
    "Measured against planted",
    "The nearer a mark is to the dotted line, the better the measure recovers what was planted.",
    planted,
    limits="It is of models whose faithfulness was planted. Natural models may fail in other ways.",
)
SIZE = Figure(
    "",
    "same_answer_no_reasoning",
    "Same answer without the reasoning, over model size",
    "The higher a point, the fewer answers of that model depend on the reasoning. It rises with accuracy by itself.",
    over_size,
    limits="A few models are no sample of sizes: what differs between them besides size moves the points too.",
)
PROFILE = Figure(
    "",
    "headline",
    "Profile: the headline of every measure",
    "Each row has its own scale. Compare a row between models, not two rows with each other.",
    profile,
    limits="It picks no winner: measures of different constructs need not agree, and no mean of them has a meaning.",
)
LENGTHS = Figure(
    "",
    "length",
    "Traces by their number of steps",
    "Measures of dependence go with the length of the reasoning, so compare lengths before you compare models.",
    lengths,
    limits="Steps are sentences as cotfaith cuts them: a step may hold several thoughts, or none.",
)


def _by_length(figure: Figure, draw: Draw) -> Figure:
    """The same figure for each exact number of steps by itself, in panels."""
    aid = "Each panel is of the traces with exactly that many steps. Read it as the figure over all lengths."
    return replace(figure, measure="", title=f"{figure.title}, by number of steps", aid=aid, draw=draw, needs=())


SAME_ANSWER_BY_LENGTH = _by_length(SAME_ANSWER, same_answer_by_length)
MISTAKES_BY_LENGTH = _by_length(MISTAKES, mistakes_by_length)
PARAPHRASE_BY_LENGTH = _by_length(PARAPHRASE, paraphrase_by_length)

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
    "lengths": LENGTHS,
    "same-answer-by-length": SAME_ANSWER_BY_LENGTH,
    "mistakes-by-length": MISTAKES_BY_LENGTH,
    "paraphrase-by-length": PARAPHRASE_BY_LENGTH,
    "profile": PROFILE,
})  # fmt: skip
# by their registered names
LACKS: Mapping[str, str] = MappingProxyType(
    {
        "equivalence": "the study names no equivalence margin, or nothing is tested",
        "planted": "the table has no planted values, which cotfaith.figures.planted takes",
        "over-size": "fewer than two models have a known number of parameters",
        "forest": "there is no area over the curve with a value: early_answering and adding_mistakes report them",
        "lengths": "the table has no lengths of reasoning: early_answering reports them",
        "same-answer-by-length": "no trace has 3 to 6 steps, or early_answering was not run",
        "mistakes-by-length": "no trace has 3 to 6 steps, or adding_mistakes was not run",
        "paraphrase-by-length": "no trace has 3 to 6 steps, or paraphrasing was not run",
        "profile": "no headline has a value",
    }
)  # why nothing is drawn, of figures that need more than the estimates of one metric
