"""Released files, checked, and their columns as the columns of readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cotfaith.errors import DataError
from cotfaith.types import LETTERS

Texts = NDArray[np.object_]

FOLDER = Path(__file__).parents[2] / "tests" / "data" / "published"  # what this repository has of it, a folder a paper


def read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """The rows of a released file, CSV or JSON lines.

    Raises:
        DataError: the file is not there, or lacks one of `columns`.
    """
    if not path.is_file():
        raise DataError(f"There is no file {path}; give the place of the released {path.name}.")
    frame = pd.read_json(path, lines=True) if ".jsonl" in path.suffixes else pd.read_csv(path)
    lacking = [name for name in columns if name not in frame]
    if lacking:
        raise DataError(f"The file {path} has no column {', '.join(lacking)}; give the released columns.")
    return frame


def letters(indices: pd.Series[Any], strange: str = "") -> Texts:
    """The letter of each 0-based option; None for -1, no parsed answer. A blank becomes `strange`, and is refused without it.

    Raises:
        DataError: an index is no option.
    """
    blank = indices.isna().to_numpy(dtype=bool)
    numbers = indices.fillna(-1).to_numpy(dtype=np.float64)
    wrong = (numbers < -1) | (numbers >= len(LETTERS)) | (numbers != np.floor(numbers)) | (blank & (strange == ""))
    if wrong.any():
        bad = indices[wrong].iloc[0]
        raise DataError(f"The column {indices.name} has {bad}, which is no option; give 0-based options, and -1 for no answer.")
    named = np.array([*LETTERS, None], dtype=object)[numbers.astype(np.int64)]
    return np.where(blank, strange, named)


def answers(arm: str, answer: Texts, same: Mapping[str, Any], **more: Any) -> pd.DataFrame:
    """The readings of one arm, a row an answer; those without one (None) are unparsed. `same` and `more` are columns or their one value."""
    unparsed = np.array([one is None for one in answer], dtype=bool)
    plain = {"n_steps": 0, "dose": 0.0, "site": 0, "draw": 0, "kind": "", "target": "", "valid": True, "note": ""}
    state = np.where(unparsed, "unparsed", "answered")
    scores = [()] * len(answer)
    return pd.DataFrame({**plain, **same, "arm": arm, "answer": answer, "state": state, "logprobs": scores, **more})


def nobody_asked(arm: str, same: Mapping[str, Any], size: int, **more: Any) -> pd.DataFrame:
    """The readings of an arm that a trace has to have but that the release does not: no answers, in the state "error"."""
    return answers(arm, np.full(size, None, dtype=object), same, state="error", **more)
