"""One input: a file, edits of a folder, or the words of a command line. It is kept as a file, and made again from it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parent.parent / "data" / "hostile"
FILES = ("study", "hint", "jsonl", "traces", "sheet")  # kinds whose input is one file; that of the others is JSON

Edit = tuple[Any, ...]  # an operation of `fuzz.edits` and its arguments


@dataclass(frozen=True, slots=True)
class Input:
    """An input of some `kind`: the bytes of a file, or `edits` of a folder and `words` for the command line."""

    kind: str
    data: bytes = b""
    edits: tuple[Edit, ...] = ()
    words: tuple[str, ...] = ()

    def encoded(self) -> bytes:
        """The file in which the input is kept."""
        if self.kind in FILES:
            return self.data
        return json.dumps({"edits": self.edits, "words": self.words}, indent=1).encode() + b"\n"

    @property
    def size(self) -> tuple[int, int, int]:
        """How large it is, for the search of a smaller one."""
        return len(self.edits), len(self.words), len(self.encoded())


def decoded(kind: str, data: bytes) -> Input:
    """The input that `encoded` gave."""
    if kind in FILES:
        return Input(kind, data)
    found = json.loads(data)
    return Input(kind, edits=tuple(map(tuple, found["edits"])), words=tuple(found["words"]))


def kept(path: Path) -> Input:
    """The input in a file of the corpus, whose name begins with its kind."""
    return decoded(path.name.partition("_")[0], path.read_bytes())


def corpus() -> list[Path]:
    """Every kept input."""
    return sorted(CORPUS.iterdir())


def keep(one: Input, signature: Iterable[str]) -> Path:
    """Write `one` to the corpus, under a name that says how it failed."""
    said = "_".join("".join(sign if sign.isalnum() else "_" for sign in part) for part in signature)[:80]
    path = CORPUS / f"{one.kind}_{said}_{blake2b(one.encoded(), digest_size=3).hexdigest()}"
    path.write_bytes(one.encoded())
    return path
