"""The figures of the built-in measures, as registered: each with its measure, its heading and how to read it."""

from cotfaith.contracts.figure import Figure
from cotfaith.figures.continuation import mistakes_curve, paraphrase_curve
from cotfaith.figures.filler import filler_curve
from cotfaith.figures.hint_dots import hint_dots
from cotfaith.figures.mediation import mediation_curve
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
