"""Random streams and content keys made from names, so that results do not depend on the order or the subset of the work.

Both are blake2b over canonical JSON. Keys carry the tag of this scheme, so that a change of the scheme is visible.
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
    """The tagged content key of JSON-ready `parts`. Equal parts give equal keys on every machine."""
    return f"{KEY_TAG}:{_digest(parts, 12).hex()}"


def digest(ids: Sequence[int]) -> str:
    """A digest of token `ids` (below 2**64) for use in a key, since writing hundreds of ids as JSON is slow."""
    return blake2b(struct.pack(f"<{len(ids)}Q", *ids), digest_size=12).hexdigest()


def seed(*parts: object) -> int:
    """A 48-bit seed from `parts`. Its last 16 bits are 0, so that consecutive seeds counted from it do not overlap those of another seed."""
    return (int.from_bytes(_digest(parts, 4), "big") & 0xFFFFFFFF) << 16


def stream(*parts: object) -> np.random.Generator:
    """The random generator named by `parts`."""
    return np.random.default_rng(list(_digest(parts, 16)))
