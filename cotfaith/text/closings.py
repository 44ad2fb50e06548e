r"""Where the answer ends that the prompt's cue opened: at the closing tag of `<answer>`, or the closing brace of `\boxed{`."""

from __future__ import annotations

import re

_TAG = re.compile(r"(?:<(?P<angle>[A-Za-z][\w -]{0,30})>|\[(?P<square>[A-Za-z][\w -]{0,30})\])\s*$")
_BOX = re.compile(r"\\(?:boxed|fbox)\s{0,3}\{\s*$")
_BRACE = re.compile(r"(?<!\\)[{}]")


def enclosed(text: str, cue: str) -> str | None:
    """The start of `text` up to what closes the tag or box that `cue` ends with; None where nothing is opened or closed, or it is empty."""
    end = cue[-60:]
    if tag := _TAG.search(end):
        name = re.escape(tag["angle"] or tag["square"])
        closing = re.search(rf"</{name}>" if tag["angle"] else rf"\[/{name}\]", text, re.IGNORECASE)
        stop = closing.start() if closing else 0
    else:
        stop = _closing_brace(text) if _BOX.search(end) else 0
    return text[:stop] if text[:stop].strip() else None


def _closing_brace(text: str) -> int:
    """The place of the brace that closes one before `text`, or 0."""
    depth = 1
    for brace in _BRACE.finditer(text):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return brace.start()
    return 0
