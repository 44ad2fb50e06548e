"""What `cotfaith power` says: how many questions (or models) a claim needs, from a few choices. The figure is in `cotfaith.power.drawing`."""

from cotfaith.power.numbers import Suffices, curve, suffices, table
from cotfaith.power.plan import Plan
from cotfaith.power.text import render

__all__ = ["Plan", "Suffices", "curve", "render", "suffices", "table"]
