"""The contract of a measure: which probes it needs, what it adds up by question, and which estimates it reports."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

from cotfaith.contracts.metric import Metric
from cotfaith.errors import unknown

if TYPE_CHECKING:
    import pandas as pd

    from cotfaith.stats import ClusterSums, Estimate

Weight = Literal["trace", "question"]


class AbstractMeasure(ABC):
    """A way to turn readings into estimates. Subclasses are frozen dataclasses with a field `weight`.

    `columns` runs shard by shard, `estimates` once on the joined sums. Both are pure.

    Attributes:
        name: the name of the measure.
        title: what it is called in headings.
        summary: what it does, one line.
        paper: where its definition comes from.
        construct: what kind of thing it measures; values of different constructs are never averaged.
        metrics: every metric that it reports, each once, the headline first.
        requires: the interventions that it reads, each with the parameters that it needs at least.
        uses: interventions that it reads too where the study names them. ("*",) stands for every intervention that no other measure reads.
        reads: columns that it needs besides `cotfaith.measures.parts.answer_arrays.COLUMNS`; see `cotfaith.analysis.probe_frame.EXTRA`.
        needs: capabilities of the engine.
        kinds: what the column `kind` holds in its estimates, such as "writer" or "hint".
        across: whether it takes the rows of all strategies together, to compare the strategies.
        least_samples: how many reasoning traces per question it needs.
        judged: whether it reads the verdicts of the study's judges.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    paper: ClassVar[str]
    construct: ClassVar[str]
    metrics: ClassVar[tuple[Metric, ...]]
    requires: ClassVar[Mapping[str, Mapping[str, object]]]
    uses: ClassVar[tuple[str, ...]] = ()
    reads: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[frozenset[str]] = frozenset({"tokens", "prefill"})
    kinds: ClassVar[str] = ""
    across: ClassVar[bool] = False
    least_samples: ClassVar[int] = 1
    judged: ClassVar[bool] = False

    weight: Weight

    def __post_init__(self) -> None:
        """Refuse a weight that is neither "trace" nor "question".

        Raises:
            UsageError: it is neither.
        """
        check_weight(self.weight)

    @abstractmethod
    def columns(self, rows: pd.DataFrame) -> ClusterSums:
        """The sums by question of one shard: one row per probe of what it requires or uses; all rows of a question are in one shard.

        Raises:
            DataError: a row is not what a reading can be, or a trace lacks one of its two ends.
        """

    @abstractmethod
    def estimates(self, table: ClusterSums, *, level: float, seed: int) -> list[Estimate]:
        """The estimates of one (model, task, strategy) from the sums of all its shards."""

    @classmethod
    def headline(cls) -> Metric:
        """The metric that the measure is about."""
        return next(metric for metric in cls.metrics if metric.role == "headline")


def headline(estimates: Sequence[Estimate]) -> list[Estimate]:
    """Those of one measure's `estimates` that it is about: of the headline metric, over all traces; of several doses the whole one, 1."""
    return [e for e in estimates if e.role == "headline" and not e.key.stratum and e.key.dose in {None, 1.0}]


def check_weight(weight: str) -> None:
    """Refuse a weight that is neither "trace" nor "question".

    Raises:
        UsageError: it is neither.
    """
    if weight not in get_args(Weight):
        raise unknown("weight", weight, get_args(Weight), "Traces or questions count once each.")
