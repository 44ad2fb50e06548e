"""The table of estimates in each output format."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from cotfaith.tables import estimates as whole
from cotfaith.tables import formats, summary


def render(estimates: pd.DataFrame, form: str, *, full: bool = False) -> str:
    """`estimates` in one of `FORMATS`. CSV and JSON hold every row; the others hold the headlines, or with `full` all that a person may read."""
    return FORMATS[form](estimates, full)


def _table(estimates: pd.DataFrame, full: bool) -> str:  # noqa: FBT001  the same for every format
    return whole.terminal(estimates) if full else summary.terminal(estimates)


def _document(form: Callable[..., str]) -> Callable[[pd.DataFrame, bool], str]:
    def made(estimates: pd.DataFrame, full: bool) -> str:  # noqa: FBT001  the same for every format
        head, rows, words = summary.document(estimates, full=full)
        return form(head, rows, words=words)

    return made


FORMATS: Mapping[str, Callable[[pd.DataFrame, bool], str]] = {
    "table": _table,
    "csv": lambda estimates, _: formats.csv(estimates),
    "json": lambda estimates, _: formats.as_json(estimates),
    "markdown": _document(formats.markdown),
    "latex": _document(formats.latex),
}
