"""Tables as text: of estimates, of comparisons, and of how far a headline moves."""

from cotfaith.tables import comparison, sensitivity
from cotfaith.tables.estimates import (
    ADMITTED,
    DEFAULT,
    EQUIVALENCE,
    FOOTER,
    FORMATS,
    cell,
    curves,
    headline,
    names_strategies,
    render,
    strata,
)
from cotfaith.tables.formats import WIDTH

__all__ = [
    "ADMITTED",
    "DEFAULT",
    "EQUIVALENCE",
    "FOOTER",
    "FORMATS",
    "WIDTH",
    "cell",
    "comparison",
    "curves",
    "headline",
    "names_strategies",
    "render",
    "sensitivity",
    "strata",
]
