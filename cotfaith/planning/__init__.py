"""The plans of `cotfaith power`: how many questions (or models) a study needs. The figure is in `cotfaith.planning.drawing`."""

from cotfaith.planning.numbers import Suffices, curve, suffices, table
from cotfaith.planning.plan import Plan
from cotfaith.planning.text import render

__all__ = ["Plan", "Suffices", "curve", "render", "suffices", "table"]
