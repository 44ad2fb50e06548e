"""An extractor: it rejects answers that are the first letter."""

from cotfaith.contracts import Read, Stored
from cotfaith.types import Question


def doubting_a(stored: Stored, question: Question) -> Read:
    """The run's own answer, except that A counts as no answer."""
    return ("unparsed", None) if stored.answer == "A" else (stored.state, stored.answer)
