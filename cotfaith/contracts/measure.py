"""The contract of a measure, light enough to be listed at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, get_args

from cotfaith.errors import unknown

if TYPE_CHECKING:
    import pandas as pd

    from cotfaith.stats import ClusterSums, Estimate

Weight = Literal["trace", "question"]


class Measure(Protocol):
    """A way to turn readings into estimates. `columns` runs shard by shard, `estimates` once on the joined sums.

    `direction` says in one sentence what a larger value of the headline means, `construct` what kind of thing it measures (values of different
    constructs are never averaged), `requires` which interventions it reads with the parameters they need at least, and `needs` which
    capabilities of the engine.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    paper: ClassVar[str]
    direction: ClassVar[str]
    construct: ClassVar[str]
    requires: ClassVar[Mapping[str, Mapping[str, object]]]
    needs: ClassVar[frozenset[str]]

    def columns(self, rows: pd.DataFrame) -> ClusterSums:
        """The sums by question of one shard: one row a probe of what it requires or uses; all rows of a question are in one shard.

        Raises:
            DataError: a row is not what a reading can be, or a trace lacks one of its two ends.
        """

    def estimates(self, table: ClusterSums, *, level: float, seed: int) -> list[Estimate]:
        """The estimates of one (model, task, strategy) from the sums of all its shards."""


class WideMeasure(Measure, Protocol):
    """A measure that needs or reads more than the rows of what it requires in one strategy; one without an attribute has its default.

    `uses` names interventions that it reads too where the study has them; `across` says whether it is given the rows of all strategies of a
    (model, task) together, told apart by their column `strategy`, to set the strategies side by side. `least_samples` is how many reasonings a
    question it needs (hint measures: 2, for the base rate), and `judged` says whether it reads the verdicts of the study's judges. The
    defaults are none, no, 1 and no.
    """

    uses: ClassVar[tuple[str, ...]]
    across: ClassVar[bool]
    least_samples: ClassVar[int]
    judged: ClassVar[bool]


def headline(measure: Measure, estimates: Sequence[Estimate]) -> list[Estimate]:
    """The estimates that `measure` is about: those with the metric of the first one of which a larger value means its `direction`.

    Of several doses it is the whole one, 1.
    """
    metric = next((e.metric for e in estimates if e.direction == measure.direction), estimates[0].metric if estimates else "")
    return [e for e in estimates if e.metric == metric and e.x in {None, 1.0}]


def check_weight(weight: str) -> None:
    """Refuse a weight that is neither "trace" nor "question".

    Raises:
        UsageError: it is neither.
    """
    if weight not in get_args(Weight):
        raise unknown("weight", weight, get_args(Weight), "Traces or questions count once each.")
