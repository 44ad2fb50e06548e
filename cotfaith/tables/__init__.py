"""Tables as text: estimates, comparisons, and sensitivity of the headlines."""

from cotfaith.tables import comparison, sensitivity, summary, unread
from cotfaith.tables.estimates import (
    DEFAULT,
    EQUIVALENCE,
    REFERENCES,
    at,
    cell,
    cell_strategy,
    curves,
    headline,
    is_across,
    names_strategies,
    strata,
)
from cotfaith.tables.formats import WIDTH
from cotfaith.tables.rendering import FORMATS, render

__all__ = [
    "DEFAULT",
    "EQUIVALENCE",
    "FORMATS",
    "REFERENCES",
    "WIDTH",
    "at",
    "cell",
    "cell_strategy",
    "comparison",
    "curves",
    "headline",
    "is_across",
    "names_strategies",
    "render",
    "sensitivity",
    "strata",
    "summary",
    "unread",
]
