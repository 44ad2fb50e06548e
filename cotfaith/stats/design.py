"""Rows as the arrays of a regression, and what about them would leave its coefficients undefined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog

from cotfaith.errors import DataError, UsageError, unknown
from cotfaith.stats.statistic import SAME

Floats = NDArray[np.float64]

INTERCEPT = "intercept"


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """What a regression is fitted to.

    `outcome` has shape (rows,); `terms` (rows, terms), the intercept first, each divided by its root mean square `unit`, so that
    numbers such as counts of parameters lose no digits; `codes` (rows, 1 or 2), the clusters in each column of clusters as integers
    from 0.
    """

    outcome: Floats
    terms: Floats
    unit: Floats
    codes: NDArray[np.intp]
    names: tuple[str, ...]
    clusters: Mapping[str, int]
    level: float


def design(
    rows: pd.DataFrame, outcome: str, terms: Sequence[str], clusters: tuple[str, ...], level: float, *, binary: bool = False
) -> Design:
    """The arrays of `rows`; `binary` asks for an outcome of 0 and 1.

    Raises:
        UsageError: a column is unknown, not of numbers, or named twice; the clusters are not one or two columns; the level is none.
        DataError: a value or an id is missing, a value is infinite, or a binary outcome is neither 0 nor 1; the message names the
            column.
    """
    names = (INTERCEPT, *terms)
    _sensible(outcome, terms, names, clusters, level)
    for name in (outcome, *terms, *clusters):
        if name not in rows:
            raise unknown("column", name, [str(known) for known in rows.columns])
    y = _numbers(rows, outcome)
    if binary and not np.isin(y, (0, 1)).all():
        raise DataError(f"The outcome {outcome!r} has values other than 0 and 1, which this model cannot take; use linear.")
    ids = [_codes(rows, name) for name in clusters]
    sizes = {name: int(code.max(initial=-1)) + 1 for name, code in zip(clusters, ids, strict=True)}
    matrix = np.column_stack([np.ones(len(rows)), *(_numbers(rows, name) for name in terms)])
    unit = np.linalg.norm(matrix, axis=0) / np.sqrt(max(1, len(rows)))
    unit = np.where(unit > 0, unit, 1.0)
    return Design(y, matrix / unit, unit, np.column_stack(ids), names, sizes, level)


def unfit(given: Design) -> str:
    """Why the rows determine no coefficients with a spread; empty where they do."""
    n, k = given.terms.shape
    for name, size in given.clusters.items():
        if size < 2:
            return f"there is one cluster only in {name!r}, so the spread cannot be told" if size else "there are no rows"
    if n <= k:
        return f"{n} rows do not determine {k} coefficients and their spread"
    if np.linalg.matrix_rank(given.terms) < k:
        return f"the terms {', '.join(given.names)} determine one another, so their coefficients cannot be told apart"
    return ""


def separated(given: Design) -> str:
    """Why a model of log odds has no finite maximum (Albert and Anderson 1984, Biometrika 71, 1); empty where it has one.

    There is none where some combination of the terms is nowhere below 0 in rows of outcome 1, nowhere above in rows of outcome 0,
    and not 0 everywhere; a linear programme looks for it.
    """
    signed = (2 * given.outcome - 1)[:, None] * given.terms
    found = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1))
    return "the terms separate the outcomes 0 and 1, so the coefficients have no finite value" if -found.fun > SAME else ""


def _sensible(outcome: str, terms: Sequence[str], names: tuple[str, ...], clusters: tuple[str, ...], level: float) -> None:
    if not 0 < level < 1:
        raise UsageError(f"The level of an interval is {level}, but it must lie between 0 and 1; give 0.95 for 95 percent.")
    if isinstance(terms, str):
        raise UsageError(f"The terms are the text {terms!r}; give a list of columns.")
    if len(clusters) not in {1, 2} or len(set(clusters)) != len(clusters):
        raise UsageError(f"The clusters are the columns {list(clusters)}; give one column, or two different ones.")
    if len({outcome, *names}) != len(names) + 1:
        raise UsageError(f"Among the outcome {outcome!r} and the terms {list(names)} a name stands twice; name each once.")


def _numbers(rows: pd.DataFrame, name: str) -> Floats:
    if not pd.api.types.is_numeric_dtype(rows[name]) or pd.api.types.is_complex_dtype(rows[name]):
        raise UsageError(f"The column {name!r} is not one of numbers; give a column of numbers or booleans.")
    values = rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
    lost = int((~np.isfinite(values)).sum())
    if lost:
        raise DataError(
            f"The column {name!r} is missing or infinite in {lost} of {len(rows)} rows; count and leave out those rows first."
        )
    return values


def _codes(rows: pd.DataFrame, name: str) -> NDArray[np.intp]:
    if bool(rows[name].isna().any()) or bool((rows[name] == "").any()):
        raise DataError(f"A row has no id in {name!r}, but errors need to know which rows belong together; give every row its id.")
    return pd.factorize(rows[name])[0]
