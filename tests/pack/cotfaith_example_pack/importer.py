"""An importer: reasoning traces from a file with a question's id, a tab and a reasoning trace on each line."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from cotfaith.contracts import GivenTrace
from cotfaith.errors import DataError


def lines(path: Path) -> Iterator[GivenTrace]:
    """One trace per line. The lines of one question are its samples, in their order."""
    before: Counter[str] = Counter()
    for number, line in enumerate(path.read_text(encoding="utf-8").strip("\n").split("\n"), 1):
        question, tab, reasoning = line.partition("\t")
        if not tab:
            raise DataError(f"Line {number} of {path} has no tab: give a question's id, a tab, and the reasoning.")
        yield GivenTrace(question=question, reasoning=reasoning, finish="stop", sample=before[question])
        before[question] += 1
