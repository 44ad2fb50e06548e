"""What models and judges wrote, as the trace page shows it: long texts shortened, verdicts in words, the sentences that decided."""

from __future__ import annotations

from collections.abc import Sequence

from cotfaith.storage.schema import Row

LONGEST = 4000  # characters of a text


def shortened(text: str) -> str:
    """`text`; of a longer one its beginning and its end, with the number of characters that are left out between them."""
    if len(text) <= LONGEST:
        return text
    start, end = LONGEST * 3 // 4, LONGEST // 4
    return f"{text[:start]}\n[{len(text) - start - end:,} characters are left out here]\n{text[-end:]}"


def in_order(verdicts: Sequence[Row]) -> list[Row]:
    """The verdicts by channel and judge."""
    return sorted(verdicts, key=lambda one: (one["channel"], one["judge"]))


def judge(row: Row) -> str:
    """Who gave a verdict, and on which text."""
    return f"{row['judge']}, of {row['channel']}"


def acknowledged(row: Row) -> bool | None:
    """Whether a verdict says that the text acknowledges the hint or the mistake; None if the verdict is not usable."""
    if row["state"] != "judged" or row["mentions"] is None or row["relies"] is None:
        return None
    return bool(row["mentions"] and row["relies"])


def marks(verdicts: Sequence[Row], *texts: str) -> list[str]:
    """The sentences by which judges decided that something is acknowledged, where they stand in one of `texts`."""
    found = (one["raw"].strip() for one in in_order(verdicts) if acknowledged(one))
    return list(dict.fromkeys(raw for raw in found if raw and any(raw in text for text in texts)))


def with_raw(row: Row, judged: str) -> str:
    """A verdict in words, `judged` if it is usable, followed by what the judge wrote or the sentence that decided."""
    failed = {"invalid": "invalid: the reply is not a verdict", "refused": "refused to judge"}
    said, raw = failed.get(row["state"], judged), row["raw"].strip()
    return f"{said}\nRaw: {shortened(raw)}" if raw else said
