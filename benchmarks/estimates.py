"""Estimates of whole runs against kept ones: `python -m benchmarks.estimates [NAME ...]`.

Each study below is run again, and every value, standard error, interval, p and adjusted p of its table must be that of the kept table
(`tests/data/estimates/NAME.csv.gz`), row by row. The kept tables of format 2 were made before estimates were keyed by columns; they prove that the change
moved no number. A wanted change of numbers writes them again, with `--keep`, and says so in the changelog.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import cotfaith

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "tests" / "data" / "estimates"
KEYS = ("model", "task", "strategy", "measure", "metric", "kind", "stratum", "arm", "judge", "channel", "reason", "dose", "intervention", "versus")  # fmt: skip
NUMBERS = ("value", "se", "low", "high", "p", "p_adj", "n", "clusters", "missing")
NEAR = 1e-9  # relative; sums in another order differ by less
NEAR_REAL = 1e-4  # for real weights: float32 log-probabilities differ by about 1e-6 from processor to processor

STUDIES: Mapping[str, Mapping[str, Any]] = {
    "standard": {
        "battery": "standard",
        "model": ["scripted/mixed", "scripted/hinted"],
        "task": ["addition", "tracking"],
        "limit": 12,
    },
    "hints": {"study": "studies/hints.yaml", "model": "scripted/hinted", "judges": ["lexical", "scripted/judge"]},
    "lanham": {"study": "studies/lanham.yaml", "limit": 3, "task": ["addition", "tracking"]},
    "lanham_small": {"study": "studies/lanham.yaml", "limit": 2, "samples": 1, "task": ["addition"]},
}
REAL = ("lanham", "lanham_small")  # on real weights: several minutes, and one; the tests run the small one


def table(name: str, folder: Path) -> pd.DataFrame:
    """The table of estimates of the study `name`, run into `folder`."""
    choices = dict(STUDIES[name])
    with chdir(ROOT):  # study files name their questions from there
        made = cotfaith.run(choices.pop("study", None), out=folder / name, quiet=True, **choices)
    return made.estimates()[[*KEYS, *NUMBERS]]


def kept(name: str) -> pd.DataFrame:
    """The kept table of the study `name`."""
    texts = dict.fromkeys(set(KEYS) - {"dose"}, str)
    return pd.read_csv(
        KEPT / f"{name}.csv.gz", dtype=texts, keep_default_na=False, na_values={name: [""] for name in ("dose", *NUMBERS)}
    )


def differences(found: pd.DataFrame, wanted: pd.DataFrame, near: float = NEAR) -> list[str]:
    """A line for each row that one of the two lacks, and for each number that differs by more than `near`."""
    ours, theirs = _by_key(found), _by_key(wanted)
    lines = [f"only now: {key}" for key in ours if key not in theirs] + [f"only kept: {key}" for key in theirs if key not in ours]
    for key in ours.keys() & theirs.keys():
        a, b = ours[key], theirs[key]
        same = (np.isnan(a) & np.isnan(b)) | (np.abs(a - b) <= near * np.maximum(1.0, np.abs(b)))
        lines += [f"{NUMBERS[i]} is {a[i]!r}, kept {b[i]!r}: {key}" for i in np.flatnonzero(~same)]
    return lines


def _by_key(frame: pd.DataFrame) -> dict[tuple[str, ...], np.ndarray]:
    """The numbers of each row, by what they are of."""
    keys = frame[list(KEYS)].assign(dose=[f"{dose:g}" for dose in frame["dose"]]).astype(str)
    rows = zip(map(tuple, keys.to_numpy()), frame[list(NUMBERS)].to_numpy(dtype=np.float64), strict=True)
    found = dict(rows)
    if len(found) < len(frame):
        raise SystemExit("Two rows have one key.")
    return found


def main() -> None:
    """Run and compare, or keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"studies ({', '.join(STUDIES)}); all by default")
    parser.add_argument("--keep", action="store_true", help="write the tables instead of comparing them")
    given = parser.parse_args()
    if unknown := set(given.names) - set(STUDIES):
        parser.error(f"unknown study {', '.join(sorted(unknown))}: choose from {', '.join(STUDIES)}")
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for name in given.names or STUDIES:
            found = table(name, Path(folder))
            if given.keep:
                found.to_csv(KEPT / f"{name}.csv.gz", index=False, float_format="%.12g", compression={"method": "gzip", "mtime": 0})
                continue
            lines = differences(found, kept(name), NEAR_REAL if name in REAL else NEAR)
            failed |= bool(lines)
            print(f"{name}: {len(found)} rows, {len(lines)} differences", *lines[:20], sep="\n  ")
    sys.exit(failed)


if __name__ == "__main__":
    main()
