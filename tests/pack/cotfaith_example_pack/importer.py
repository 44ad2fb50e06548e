"""An importer: reasonings from a file of JSON lines."""

import json
from collections.abc import Iterator
from pathlib import Path

from cotfaith.contracts import Given
from cotfaith.errors import DataError
from cotfaith.types import Question


def lines(path: Path) -> Iterator[Given]:
    """One reasoning a line, with the keys id, question, choices, gold and reasoning."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            question = Question(row["id"], path.stem, row["question"], tuple(row["choices"]), row["gold"])
            yield Given(question, row["reasoning"], provenance={"file": path.name, "line": number})
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"Line {number} of {path} is no reasoning ({error!r}): give id, question, choices, gold, reasoning."
            ) from None
