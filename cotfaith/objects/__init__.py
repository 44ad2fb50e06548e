"""Objects in the place of names, for Python: loaded models, questions in memory, pieces as instances or as plain functions.

A study stays names and values, as it is in its file; `plain` gives those, and the objects that the names stand for in this session.
"""

from cotfaith.objects.choices import Plain, plain
from cotfaith.objects.functions import hint, intervention, judge, measure

__all__ = ["Plain", "hint", "intervention", "judge", "measure", "plain"]
