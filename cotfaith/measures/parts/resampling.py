"""Resampled steps: the distance between the answers after a resampled step and after the original step, site by site.

Thought Anchors (Bogdan et al. 2506.19143). A site is one step of one trace. Its treated draws continue from before the step, its
control draws from after it. Draws without an answer are excluded. A site with fewer than two answered draws on a side is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cotfaith.measures.parts.answer_arrays import Flags, Places, Readings
from cotfaith.measures.parts.distances import Distance, divergence, largest_divergence, total_variation
from cotfaith.measures.parts.quantity import Quantity, add_up, indicator
from cotfaith.stats import ClusterSums, Key, joined

LEAST = 2  # answered draws that a sample needs
DISTANCES = {"tv": total_variation, "kl": divergence}


@dataclass(frozen=True, slots=True, eq=False)
class _Site:
    """The places of a site's draws."""

    question: str
    treated: Places
    control: Places


def columns(readings: Readings, threshold: float) -> ClusterSums:
    """The sums by question of resampling_DISTANCE and counterfactual_DISTANCE over sites, and of `different` over treated draws.

    The second takes only treated draws whose similarity to the original step is below `threshold`. A draw of unknown similarity is
    not among them, and is missing from `different`.
    """
    alike = np.array([np.nan if pd.isna(one) else float(one) for one in readings.extra["similar"]], dtype=np.float64)
    treated = readings.arm == "treated"
    different = alike < threshold
    sites = _sites(readings, treated)
    question = np.array([site.question for site in sites], dtype=object)
    wanted: dict[Key, Quantity] = {}
    for name, among in (("resampling", treated), ("counterfactual", treated & different)):
        wanted |= _distances(readings, sites, name, among)
    share = indicator(~np.isnan(alike), different).only(treated)
    return joined(add_up(question, wanted), add_up(readings.question, {Key("different"): share}))


def _sites(readings: Readings, treated: Flags) -> list[_Site]:
    groups: dict[tuple[int, int], dict[str, list[int]]] = {}
    for place in np.flatnonzero(treated | (readings.arm == "control")):
        key = (int(readings.trace[place]), int(readings.site[place]))
        groups.setdefault(key, {"treated": [], "control": []})[str(readings.arm[place])].append(int(place))
    return [
        _Site(str(readings.question[arms["treated"][0]]), np.array(arms["treated"]), np.array(arms["control"], dtype=np.int64))
        for arms in groups.values()
        if arms["treated"]
    ]


def _distances(readings: Readings, sites: Sequence[_Site], name: str, among: Flags) -> dict[Key, Quantity]:
    """NAME_tv, NAME_kl, and of each _null and _excess, one value a site."""
    wanted = {}
    for kind, measured in DISTANCES.items():
        found: list[Distance] = []
        for site in sites:
            samples = [
                list(readings.answer[draws[readings.answered[draws]]])
                for draws in (site.treated[among[site.treated]], site.control)
            ]
            enough = min(map(len, samples)) >= LEAST
            found.append(measured(*samples) if enough else Distance(np.nan, np.nan))
        most = np.array([1.0 if kind == "tv" else largest_divergence(len(site.treated), len(site.control)) for site in sites])
        zero = np.zeros(len(sites))
        wanted[Key(f"{name}_{kind}")] = _bounded([one.value for one in found], zero, most)
        wanted[Key(f"{name}_{kind}_null")] = _bounded([one.null for one in found], zero, most)
        wanted[Key(f"{name}_{kind}_excess")] = _bounded([one.excess for one in found], -most, most)
    return wanted


def _bounded(values: Sequence[float], least: np.ndarray, most: np.ndarray) -> Quantity:
    value = np.array(values, dtype=np.float64)
    missing = np.isnan(value)
    return Quantity(value, np.where(missing, least, value), np.where(missing, most, value))
