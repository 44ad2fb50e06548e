"""Tables as text: estimates, comparisons, and sensitivity of the headlines."""

from cotfaith.tables import comparison, sensitivity
from cotfaith.tables.estimates import (
    DEFAULT,
    EQUIVALENCE,
    FOOTER,
    FORMATS,
    at,
    cell,
    cell_strategy,
    curves,
    headline,
    is_across,
    names_strategies,
    render,
    strata,
)
from cotfaith.tables.formats import WIDTH

__all__ = [
    "DEFAULT",
    "EQUIVALENCE",
    "FOOTER",
    "FORMATS",
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
]
