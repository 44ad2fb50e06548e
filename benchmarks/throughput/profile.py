"""Where the time of a way of scoring goes: its matrix products, its attention, and all else, each with its share of the peak."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch.profiler import ProfilerActivity, profile

from benchmarks.throughput.operations import Sizes, Work

LINEAR, ATTENTION, OTHER = "weight_matrices", "attention", "other"
PRODUCTS = ("aten::mm", "aten::addmm")
KERNELS = "aten::_scaled_dot_product"  # attention of every device and its variants begin with this


def part(name: str) -> str:
    """What the operator called `name` belongs to."""
    return LINEAR if name in PRODUCTS else ATTENTION if name.startswith(KERNELS) else OTHER


def parts(work: Callable[[], Any], sizes: Sizes, needed: Work, peak: float) -> dict[str, Any]:
    """The processor's seconds of each part of `work`, and what share of `peak` (operations per second) its operations reach.

    Profiling costs time of its own, so these seconds show proportions. They are those of the main thread, with which the others work.
    """
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        work()
    seconds = dict.fromkeys((LINEAR, ATTENTION, OTHER), 0.0)
    for event in seen.key_averages():
        seconds[part(event.key)] += event.self_cpu_time_total / 1e6
    total = sum(seconds.values())
    operations = {LINEAR: sizes.linear(needed), ATTENTION: sizes.attention(needed)}
    return {
        name: {
            "seconds": round(took, 6),
            "share_of_seconds": round(took / total, 4),
            **({"share_of_peak": round(operations[name] / took / peak, 4)} if name in operations and took else {}),
        }
        for name, took in seconds.items()
    }
