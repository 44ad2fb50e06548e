"""An extractor: a reading counts when its answer is not the first letter."""

from cotfaith.contracts import Read, Stored
from cotfaith.types import Question


def doubting_a(stored: Stored, question: Question) -> Read:
    """As the run read it, but an A is no answer."""
    return ("unparsed", None) if stored.answer == "A" else (stored.state, stored.answer)
