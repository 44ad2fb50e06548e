"""Rows as the arrays of a regression, and the reasons why its coefficients can be undefined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cotfaith.errors import DataError, UsageError, unknown

Floats = NDArray[np.float64]

INTERCEPT = "intercept"


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """The data of a regression.

    `outcome` has shape (rows,). `terms` has shape (rows, terms), with the intercept first; each term is divided by its root mean
    square `unit`, so that large numbers, such as parameter counts, lose no digits. `codes` has shape (rows, 1 or 2) and holds the
    clusters of each cluster column as integers from 0.
    """

    outcome: Floats
    terms: Floats
    unit: Floats
    codes: NDArray[np.intp]
    names: tuple[str, ...]
    clusters: Mapping[str, int]
    level: float


def design(rows: pd.DataFrame, outcome: str, terms: Sequence[str], clusters: tuple[str, ...], level: float) -> Design:
    """The arrays of `rows`.

    Raises:
        UsageError: a column is unknown, not numeric, or named twice; the clusters are not one or two columns; or the level is not
            between 0 and 1.
        DataError: a value or an id is missing, or a value is infinite; the message names the column.
    """
    names = (INTERCEPT, *terms)
    _sensible(outcome, terms, names, clusters, level)
    for name in (outcome, *terms, *clusters):
        if name not in rows:
            raise unknown("column", name, [str(known) for known in rows.columns])
    y = _numbers(rows, outcome)
    ids = [_codes(rows, name) for name in clusters]
    sizes = {name: int(code.max(initial=-1)) + 1 for name, code in zip(clusters, ids, strict=True)}
    matrix = np.column_stack([np.ones(len(rows)), *(_numbers(rows, name) for name in terms)])
    unit = np.linalg.norm(matrix, axis=0) / np.sqrt(max(1, len(rows)))
    unit = np.where(unit > 0, unit, 1.0)
    return Design(y, matrix / unit, unit, np.column_stack(ids), names, sizes, level)


def unfit(given: Design) -> str:
    """Why the rows do not determine the coefficients and their standard errors; empty if they do."""
    n, k = given.terms.shape
    for name, size in given.clusters.items():
        if size < 2:
            return f"there is one cluster only in {name!r}, so the spread cannot be told" if size else "there are no rows"
    if n <= k:
        return f"{n} rows do not determine {k} coefficients and their spread"
    if np.linalg.matrix_rank(given.terms) < k:
        return f"the terms {', '.join(given.names)} determine one another, so their coefficients cannot be told apart"
    return ""


def _sensible(outcome: str, terms: Sequence[str], names: tuple[str, ...], clusters: tuple[str, ...], level: float) -> None:
    if not 0 < level < 1:
        raise UsageError(f"The level of an interval is {level}, but it must be between 0 and 1; give 0.95 for 95 percent.")
    if isinstance(terms, str):
        raise UsageError(f"The terms are the text {terms!r}; give a list of columns.")
    if len(clusters) not in {1, 2} or len(set(clusters)) != len(clusters):
        raise UsageError(f"The clusters are the columns {list(clusters)}; give one column, or two different ones.")
    if len({outcome, *names}) != len(names) + 1:
        raise UsageError(f"The outcome {outcome!r} and the terms {list(names)} contain a name twice; name each column once.")


def _numbers(rows: pd.DataFrame, name: str) -> Floats:
    if not pd.api.types.is_numeric_dtype(rows[name]) or pd.api.types.is_complex_dtype(rows[name]):
        raise UsageError(f"The column {name!r} is not numeric; give a column of numbers or booleans.")
    values = rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
    lost = int((~np.isfinite(values)).sum())
    if lost:
        raise DataError(
            f"The column {name!r} is missing or infinite in {lost} of {len(rows)} rows; count and remove these rows first."
        )
    return values


def _codes(rows: pd.DataFrame, name: str) -> NDArray[np.intp]:
    if bool(rows[name].isna().any()) or bool((rows[name] == "").any()):
        raise DataError(f"A row has no id in {name!r}, so its cluster is unknown; give every row its id.")
    return pd.factorize(rows[name])[0]
