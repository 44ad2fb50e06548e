"""What `cotfaith power` says: how many questions (or models) a claim needs, from a few choices. The figure is in `cotfaith.planning.drawing`."""

from cotfaith.planning.numbers import Suffices, curve, suffices, table
from cotfaith.planning.plan import Plan
from cotfaith.planning.text import render

__all__ = ["Plan", "Suffices", "curve", "render", "suffices", "table"]
