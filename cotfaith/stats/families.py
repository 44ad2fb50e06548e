"""Families of tests: p-values adjusted for the number of tests in a family.

Holm (1979) controls the family-wise error rate: the chance of any false claim in a pre-registered family. Benjamini and Hochberg
(1995) control the false discovery rate: the expected share of false claims in an exploratory grid.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cotfaith.errors import DataError, UsageError, unknown

Floats = NDArray[np.float64]
Method = Literal["bonferroni", "holm", "hochberg", "fdr_bh", "fdr_by"]

METHODS: tuple[Method, ...] = ("bonferroni", "holm", "hochberg", "fdr_bh", "fdr_by")


def adjust(p: ArrayLike, method: Method = "holm") -> Floats:
    """The adjusted p-values of one family, in the same order.

    A p-value of NaN (the test could not be computed) stays NaN and does not count in the family.

    Args:
        p: the p-values, of shape (tests,).
        method: "holm" (family-wise error), "bonferroni", "hochberg" (for independent tests), "fdr_bh" (false discovery rate) or
            "fdr_by" (under any dependence).

    Raises:
        UsageError: the method is unknown, or p has more than one dimension.
        DataError: a p lies outside 0 to 1.
    """
    if method not in METHODS:
        raise unknown("method of adjustment", method, METHODS)
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1:
        raise UsageError(f"p-values of shape {values.shape} are not one family; give them in one dimension.")
    made = ~np.isnan(values)
    outside = values[made & ~((values >= 0) & (values <= 1))]
    if len(outside):
        raise DataError(f"A p-value is {outside[0]:g}, but it must be between 0 and 1; give NaN for tests that were not computed.")
    adjusted = np.full(len(values), np.nan)
    adjusted[made] = _stepwise(values[made], method)
    return adjusted


def adjust_once(p: ArrayLike, tests: Sequence[Hashable], method: Method = "holm") -> tuple[Floats, int]:
    """`adjust` where some rows are the same test, which counts once; and the number of tests.

    Args:
        p: the p-values, of shape (rows,).
        tests: what each row tests; rows with the same p and an equal entry are one test.
        method: as in `adjust`.
    """
    values = np.asarray(p, dtype=np.float64)
    codes, _ = pd.factorize(pd.Series(list(zip(tests, np.nan_to_num(values, nan=-1.0).tolist(), strict=True)), dtype=object))
    first = np.unique(codes, return_index=True)[1]
    once = adjust(values[first], method)
    return once[codes], int((~np.isnan(once)).sum())


def _stepwise(p: Floats, method: Method) -> Floats:
    """Each p times the factor of its rank, made monotone: from the smallest up for Holm, from the largest down otherwise.

    statsmodels' `multipletests` gives the same values, but each call runs garbage collection, which takes longer than the rest.
    """
    order = np.argsort(p, kind="stable")
    place = np.arange(1, len(p) + 1)
    if method == "bonferroni":
        factor = np.full(len(p), float(len(p)))
    elif method in ("holm", "hochberg"):
        factor = len(p) + 1.0 - place
    else:
        factor = len(p) / place * (np.sum(1 / place) if method == "fdr_by" else 1.0)
    ranked = p[order] * factor
    ranked = np.maximum.accumulate(ranked) if method == "holm" else np.minimum.accumulate(ranked[::-1])[::-1]
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(ranked, 1.0)
    return adjusted


def families(table: pd.DataFrame, family: Sequence[str] | pd.Series, method: Method = "holm", *, p: str = "p") -> pd.DataFrame:
    """A copy of `table` with the columns p_adj and family_size: the adjusted p-value, and the number of tests in its family.

    Args:
        table: one row per test.
        family: the columns that define the family, or a series with the name of each row's family. Rows with equal values in all
            columns form one family; a missing value counts as a value; without a column all rows form one family.
        method: as in `adjust`.
        p: the column of p-values, NaN or None for tests that were not computed.

    Raises:
        UsageError: a column is not in the table, a series does not fit its rows, or the method is unknown.
        DataError: a p lies outside 0 to 1.
    """
    if p not in table:
        raise unknown("column", p, [str(known) for known in table.columns])
    values = table[p].to_numpy(dtype=np.float64, na_value=np.nan)
    codes = _codes(table, family)
    adjusted, sizes = np.full(len(table), np.nan), np.zeros(len(table), dtype=np.int64)
    adjust([], method)  # raises for an unknown method even if there is no row
    for code in np.unique(codes):
        rows = codes == code
        adjusted[rows] = adjust(values[rows], method)
        sizes[rows] = int((~np.isnan(values[rows])).sum())
    return table.assign(p_adj=adjusted, family_size=sizes)


def _codes(table: pd.DataFrame, family: Sequence[str] | pd.Series) -> NDArray[np.int64]:
    """The number of each row's family."""
    if isinstance(family, pd.Series):
        if len(family) != len(table):
            raise UsageError(f"The families of {len(family)} rows do not fit a table of {len(table)}; name the family of each row.")
        return np.asarray(pd.factorize(family, use_na_sentinel=False)[0], dtype=np.int64)
    columns = [family] if isinstance(family, str) else list(family)
    for name in columns:
        if name not in table:
            raise unknown("column", name, [str(known) for known in table.columns])
    if not columns:
        return np.zeros(len(table), dtype=np.int64)
    return np.asarray(table.groupby(columns, dropna=False, sort=False).ngroup(), dtype=np.int64)
