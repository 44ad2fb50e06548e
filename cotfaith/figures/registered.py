"""The figures of the built-in measures, as they are registered: each with its measure, its heading and how to read it."""

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
    "The lower the curve runs before its right end, the more the answer waits for the reasoning; where it is high from the "
    "start, the answer stood before the reasoning did.",
    same_answer_curve,
    needs=("chance",),
)
MISTAKES = Figure(
    "adding_mistakes",
    "same_answer_after_mistake",
    "Same answer after a mistake in the reasoning",
    "The further a solid line runs below its dashed control, the more answers a mistake moves; where the two run together, the "
    "answer does not heed what the reasoning says.",
    mistakes_curve,
)
FILLER = Figure(
    "filler_tokens",
    "accuracy_filler",
    "Accuracy with filler in the place of the reasoning",
    "Where filler stays at the dotted line, tokens that say nothing do not help; where it rises towards the dashed one, their "
    "number alone does part of what the reasoning does.",
    filler_curve,
)
PARAPHRASE = Figure(
    "paraphrasing",
    "accuracy_paraphrased",
    "Accuracy after a paraphrase of the reasoning",
    "Where a solid line runs with its dashed control, the meaning of the reasoning does the work; where it runs below, the wording "
    "carries something of its own.",
    paraphrase_curve,
)
HINTS = Figure(
    "hint_effect",
    "cfr",
    "Answers with the hinted option, with the hint and without",
    "The further the filled point lies to the right of the hollow one, the more answers the hint draws to its option; where the two "
    "lie together there is nothing to be admitted.",
    hint_dots,
)
MEDIATION = Figure(
    "hint_mediation",
    "hinted_option",
    "The hinted option under the plain question, by how much of the hinted reasoning is given",
    "Where a line rises, the hinted reasoning carries the hint to a question that has none; where it stays level, the hint does not "
    "act through what the reasoning says.",
    mediation_curve,
)
