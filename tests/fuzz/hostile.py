"""Values that are legal in a file or on a command line, and rarely meant: where code breaks that did not expect them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

NUMBERS = (
    0,
    1,
    2,
    -1,
    -3,
    0.5,
    1.5,
    -0.0,
    1e-300,
    5e-324,
    1e308,
    1e11,
    10**9,
    2**31,
    2**63,
    -(2**63),
    2**64,
    10**30,
    math.nan,
    math.inf,
    -math.inf,
)
WRITTEN = (
    "0",
    "1",
    "-1",
    "0.5",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "-1e400",
    "1e-400",
    "1e11",
    "9223372036854775808",
    "1" * 400,
    "0x10",
    "1_000",
    "٣",
    "١٢",
    "½",
    "1,5",
    "1e",
    "",
    " ",
    "None",
    "true",
)
TEXTS = (
    "", " ", "\t", "\n", "a", "A", "é", "e\u0301", "😀", "\u202egnp.exe", "\u200b", "\ufeff", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x07", "\r", "\x00", "\x7f", "\x9b31m",
    "a" * 255, "a" * 300, "é" * 200, "x" * 5000, "../up", "../../up", "/", "/dev/null", "/proc/self/mem", "~", "~root", ".", "..", "con", "-", "--help", "-rf",
    "{}", "{0}", "{target}", "{target_text}", "{{ 7 * 7 }}", "{% for i in range(9) %}", "%s", "%n", "$HOME", "`id`", "<script>alert(1)</script>", "</script>", "&amp;", "=1+1", "@SUM(A1)",
    "a,b", ",", "a/b", "a/b/c", "/a", "a/", "hf/", "hf/x", "scripted/", "scripted/mixed", "scripted/faithful", "addition", "null", "true", "nan", "(a+)+$", "(", "[", "\\", "(?P<a>", "a|b",
    "\ud800", "\udce9", "2001-13-01", "0o17", "!!python/name:os.system",
)  # fmt: skip
OTHERS: tuple[Any, ...] = (
    None,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    {"": ""},
    {"a": {"b": {"c": []}}},
    ["a", 1, None],
    [[[[[["deep"]]]]]],
)


def value(rng: Random, like: Any = None) -> Any:
    """Some hostile value; mostly of the type of `like`, so that more is done with it."""
    if rng.random() < 0.6 and isinstance(like, str):
        return rng.choice(TEXTS)
    if rng.random() < 0.6 and isinstance(like, int | float) and not isinstance(like, bool):
        whole = [number for number in NUMBERS if isinstance(number, int)]
        return rng.choice(whole if isinstance(like, int) and rng.random() < 0.7 else NUMBERS)
    return rng.choice(rng.choice((NUMBERS, TEXTS, WRITTEN, OTHERS)))


def leaves(tree: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all values within `tree`, those of lists and mappings among them."""
    found = [path] if path else []
    items = tree.items() if isinstance(tree, Mapping) else enumerate(tree) if isinstance(tree, list) else ()
    for key, inner in items:
        found += leaves(inner, (*path, key))
    return found


def changed(tree: Any, rng: Random) -> Any:
    """`tree` with one value replaced, removed, doubled or added."""
    paths = leaves(tree)
    if not paths:
        return value(rng)
    *way, key = rng.choice(paths)
    parent = tree
    for step in way:
        parent = parent[step]
    action = rng.choice(("replace", "replace", "replace", "remove", "wrap", "add"))
    if action == "remove":
        del parent[key]
    elif action == "wrap":
        parent[key] = [parent[key], parent[key]]
    elif action == "add" and isinstance(parent, dict):
        parent[str(value(rng))] = value(rng)
    else:
        parent[key] = value(rng, parent[key])
    return tree


# --- bytes ----------------------------------------------------------------------------------------------------------------

_PIECES = (
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\r",
    b"\n\n",
    b'"',
    b"'",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"\t",
    b"&a",
    b"*a",
    b"<<",
    b"!!",
    b"|",
    b"\\ud800",
    b"\\u0000",
    b"\x1b[2J",
    b"9" * 60,
)


def _flip(data: bytearray, rng: Random) -> None:
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _remove(data: bytearray, rng: Random) -> None:
    start = rng.randrange(len(data))
    del data[start : start + rng.choice((1, 2, 8, 64))]


def _insert(data: bytearray, rng: Random) -> None:
    start = rng.randrange(len(data) + 1)
    data[start:start] = rng.choice(_PIECES)


def _text(data: bytearray, rng: Random) -> None:
    start = rng.randrange(len(data) + 1)
    data[start:start] = rng.choice(TEXTS).encode("utf-8", "surrogatepass")


def _double(data: bytearray, rng: Random) -> None:
    start = rng.randrange(len(data))
    piece = data[start : start + rng.choice((4, 40, 400))]
    data[start:start] = piece * rng.choice((1, 1, 30))


def _cut(data: bytearray, rng: Random) -> None:
    del data[rng.randrange(len(data)) :]


def _lines(data: bytearray, rng: Random) -> None:
    lines = data.split(b"\n")
    rng.shuffle(lines)
    data[:] = b"\n".join(lines)


_WAYS: tuple[Callable[[bytearray, Random], None], ...] = (_flip, _flip, _remove, _insert, _insert, _text, _double, _cut, _lines)


def garbled(data: bytes, rng: Random) -> bytes:
    """`data` after one to three accidents."""
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3))):
        if made:
            rng.choice(_WAYS)(made, rng)
    return bytes(made)
