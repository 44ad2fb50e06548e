"""The contract of a measure: the probes that it needs, its sums per question, and the estimates that it reports."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

from cotfaith.contracts.metric import Metric
from cotfaith.errors import UsageError, unknown

if TYPE_CHECKING:
    import pandas as pd

    from cotfaith.stats import ClusterSums, Estimate

Weight = Literal["trace", "question"]


class AbstractMeasure(ABC):
    """A way to turn readings into estimates. Subclasses are frozen dataclasses with a field `weight`.

    `columns` runs on each shard, `estimates` once on the joined sums. Both are pure.

    Attributes:
        name: the name of the measure.
        title: its name in headings.
        summary: what it does, in one line.
        paper: the source of its definition.
        construct: what it measures. Values of different constructs are never averaged.
        metrics: every metric that it reports, each once, the headline first.
        requires: the interventions that it reads, each with the minimum parameters that it needs.
        uses: interventions that it also reads if the study names them. ("*",) means every intervention that no other measure reads.
        reads: columns that it needs in addition to `cotfaith.measures.parts.answer_arrays.COLUMNS`; see
            `cotfaith.analysis.probe_frame.EXTRA`.
        needs: engine capabilities that it needs.
        kinds: what the column `kind` holds in its estimates, such as "writer" or "hint".
        across: whether it takes the rows of all strategies together and compares the strategies.
        least_samples: the number of reasoning traces per question that it needs.
        judged: whether it reads the verdicts of the study's judges, on hints or on mistakes.
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
        """Refuse a weight other than "trace" and "question".

        Raises:
            UsageError: the weight is neither.
        """
        check_weight(self.weight)

    @abstractmethod
    def columns(self, rows: pd.DataFrame) -> ClusterSums:
        """The sums per question of one shard.

        The rows are the probes of the interventions that it requires or uses, one row per probe. All rows of a question are in one
        shard.

        Raises:
            DataError: a row is not a possible reading, or a trace lacks one of its two ends.
        """

    @abstractmethod
    def estimates(self, table: ClusterSums, *, level: float, seed: int) -> list[Estimate]:
        """The estimates of one (model, task, strategy) from the sums of all its shards."""

    @classmethod
    def headline(cls) -> Metric:
        """The headline metric."""
        return next(metric for metric in cls.metrics if metric.role == "headline")


def headline(estimates: Sequence[Estimate]) -> list[Estimate]:
    """The headline rows in one measure's `estimates`: the headline metric over all traces. If it has several doses, the row at dose 1."""
    return [e for e in estimates if e.role == "headline" and not e.key.stratum and e.key.dose in {None, 1.0}]


LEVELS = (1e-6, 1 - 1e-9)  # of intervals: the ends, which are allowed


def check_level(level: float) -> None:
    """Refuse a level of intervals that is not between 0 and 1, or too near to one of them to be computed.

    Raises:
        UsageError: it is not.
    """
    if not LEVELS[0] <= level <= LEVELS[1]:
        raise UsageError(f"The level of an interval is {level}, but it must be between 0 and 1; give 0.95 for 95 percent.")


def check_weight(weight: str) -> None:
    """Refuse a weight other than "trace" and "question".

    Raises:
        UsageError: the weight is neither.
    """
    if weight not in get_args(Weight):
        raise unknown("weight", weight, get_args(Weight), "Each trace or each question has equal weight.")
