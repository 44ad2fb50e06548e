"""Objects instead of names, for Python: loaded models, questions in memory, and components as instances or plain functions.

A study contains only names and values, like its file. `plain` returns these, and the objects behind the names in this session.
"""

from cotfaith.objects.choices import Plain, plain
from cotfaith.objects.functions import hint, intervention, judge, measure

__all__ = ["Plain", "hint", "intervention", "judge", "measure", "plain"]
