"""Tools to test your own pieces: the laws that every built-in piece keeps, replies for flows, and small test values.

    from cotfaith.testing import check_intervention
    from my_package import DropLast

    def test_it_keeps_the_laws():
        check_intervention(DropLast(steps=2))

Nothing here needs pytest, a model or the network.
"""

from cotfaith.testing.builders import CONTINUATION, DONORS, EXAMPLES, QUESTION, TOKENIZER, TRACES, coarse, cut, trace
from cotfaith.testing.engines import check_engine
from cotfaith.testing.hints import check_hint
from cotfaith.testing.interventions import check_intervention, probe_all
from cotfaith.testing.measures import check_measure, readings
from cotfaith.testing.replies import Replies, echo
from cotfaith.testing.strategies import check_strategy
from cotfaith.testing.tasks import check_task

__all__ = [
    "CONTINUATION",
    "DONORS",
    "EXAMPLES",
    "QUESTION",
    "TOKENIZER",
    "TRACES",
    "Replies",
    "check_engine",
    "check_hint",
    "check_intervention",
    "check_measure",
    "check_strategy",
    "check_task",
    "coarse",
    "cut",
    "echo",
    "probe_all",
    "readings",
    "trace",
]
