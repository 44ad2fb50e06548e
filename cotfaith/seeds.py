"""Names become random streams and content keys, so that order and subset of the work change nothing.

Both rest on blake2b over canonical JSON; keys carry the tag of that recipe, so a change of recipe shows.
"""

import json
import struct
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

KEY_TAG = "b1"
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)


def _digest(parts: tuple[object, ...], size: int) -> bytes:
    return blake2b(_JSON.encode(parts).encode(), digest_size=size).digest()


def key(*parts: object) -> str:
    """The tagged content key of JSON-ready `parts`: equal parts, equal key, on every machine."""
    return f"{KEY_TAG}:{_digest(parts, 12).hex()}"


def digest(ids: Sequence[int]) -> str:
    """What stands for token `ids` (below 2**64) in the parts of a key: hundreds of them are slow to write as JSON."""
    return blake2b(struct.pack(f"<{len(ids)}Q", *ids), digest_size=12).hexdigest()


def seed(*parts: object) -> int:
    """A seed of 48 bits from `parts`, with its last 16 bits clear, so that seeds counted on from it never meet another's."""
    return (int.from_bytes(_digest(parts, 4), "big") & 0xFFFFFFFF) << 16


def stream(*parts: object) -> np.random.Generator:
    """The random generator named by `parts`."""
    return np.random.default_rng(list(_digest(parts, 16)))
