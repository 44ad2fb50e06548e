"""Inputs of every kind, drawn at random from something right that is then spoilt."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

import yaml

from fuzz import commands, hostile, templates
from fuzz.bases import HINTS, QUESTIONS, RUNS, STUDIES, Bases
from fuzz.inputs import Edit, Input

TASKS = Path(__file__).parent.parent / "data" / "tasks"
TABLES = ("questions", "edited_questions", "traces", "probes", "readings", "verdicts")
PARTS = [f"{table}/#{number}" for table in TABLES for number in range(8)]
DERIVED = (
    "estimates.parquet",
    ".estimates.parquet.digest",
    "tables/unread.parquet",
    "tables/counts.parquet",
    "tables/.counts.parquet.digest",
    "tables/close_calls.parquet",
    "report.html",
    "traces.html",
    ".traces.html.digest",
)
OTHER = ("log.jsonl", "study.yaml", "lock", "tables/estimates.csv")
SHAPES = (
    "[]",
    "{}",
    "null",
    "3",
    '"text"',
    "",
    "{",
    '{"format": 3}',
    '{"format": "3", "study": {}}',
    '{"format": 3, "study": []}',
    '{"format": null}',
    "[" * 5000,
    '{"format": ' + "9" * 5000 + "}",
    "\ufeff{}",
    '{"study": NaN}',
)
AFTER = ("report", "compare", "power", "label", "sensitivity", "dry", "frames")  # what else is asked of a damaged run


def _dumped(tree: object, rng: Random) -> bytes:
    text = yaml.safe_dump(
        tree, allow_unicode=rng.random() < 0.5, default_flow_style=rng.choice((None, True, False)), sort_keys=False
    )
    return text.encode("utf-8", "surrogatepass")


def _yaml(text: str, rng: Random) -> bytes:
    """A file of keys and values, spoilt as a tree or as bytes."""
    if rng.random() < 0.35:
        return hostile.garbled(text.encode(), rng)
    tree = yaml.safe_load(text)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        tree = hostile.changed(tree, rng)
    try:
        return _dumped(tree, rng)
    except yaml.YAMLError:
        return hostile.garbled(text.encode(), rng)


def study(bases: Bases, rng: Random) -> Input:
    """A study file."""
    return Input("study", _yaml(rng.choice(STUDIES), rng))


def hint(bases: Bases, rng: Random) -> Input:
    """A file that describes a hint."""
    return Input("hint", _yaml(rng.choice(HINTS), rng))


def _rows(data: bytes, rng: Random) -> bytes:
    """JSON lines, spoilt as trees or as bytes."""
    if rng.random() < 0.3 or data.startswith(b"["):
        return hostile.garbled(data, rng)
    rows = [json.loads(line) for line in data.splitlines()[:6]]
    for _ in range(rng.choice((1, 1, 2, 3))):
        rows = hostile.changed(rows, rng)
    rows = rows if isinstance(rows, list) else [rows]
    ascii_ = rng.random() < 0.5
    return b"".join(json.dumps(row, ensure_ascii=ascii_).encode("utf-8", "surrogatepass") + b"\n" for row in rows)


def traces(bases: Bases, rng: Random) -> Input:
    """A file of reasoning traces from elsewhere."""
    return Input("traces", _rows(bases.traces(), rng))


def jsonl(bases: Bases, rng: Random) -> Input:
    """A file of questions."""
    data = _rows(rng.choice((*QUESTIONS, *(path.read_bytes() for path in sorted(TASKS.glob("*.jsonl"))))), rng)
    if rng.random() < 0.05:
        data = gzip.compress(data, mtime=0)
        data = hostile.garbled(data, rng) if rng.random() < 0.7 else data
    return Input("jsonl", data)


def sheet(bases: Bases, rng: Random) -> Input:
    """A sheet of hand labels."""
    data = bases.sheet()
    if rng.random() < 0.4:
        return Input("sheet", hostile.garbled(data, rng))
    rows = list(csv.reader(io.StringIO(data.decode())))
    for _ in range(rng.choice((1, 1, 2))):
        row = rng.choice(rows)
        if row:
            row[rng.randrange(len(row))] = str(hostile.value(rng))
        if rng.random() < 0.2:
            rows.append(list(row))
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return Input("sheet", out.getvalue().encode("utf-8", "surrogatepass"))


# --- folders --------------------------------------------------------------------------------------------------------------


def _damage(file: str, others: list[str], rng: Random) -> Edit:
    """An accident of one file."""
    kind = rng.choice(("flip", "flip", "cut", "cut", "fill", "delete", "delete", "swap", "folder", "insert", "write"))
    share = round(rng.random(), 4)
    return {
        "flip": ("flip", file, share, rng.randrange(8)),
        "cut": ("cut", file, rng.choice((0.0, share))),
        "fill": ("fill", file, share, rng.choice((1, 16, 4096)), rng.choice((0, 255))),
        "delete": ("delete", file),
        "swap": ("swap", file, rng.choice(others)),
        "folder": ("folder", file),
        "insert": ("insert", file, share, rng.choice(hostile.TEXTS)),
        "write": ("write", file, rng.choice((*SHAPES, *hostile.TEXTS))),
    }[kind]


def _json_edit(folder: Path, file: str, rng: Random) -> Edit:
    """A value of a JSON file that is another, or gone."""
    tree = json.loads((folder / file).read_bytes())
    paths = hostile.leaves(tree)
    shallow = [path for path in paths if len(path) < 3]
    where = list(rng.choice(shallow if rng.random() < 0.6 else paths))
    if rng.random() < 0.25:
        return ("drop", file, where)
    now = tree
    for key in where:
        now = now[key]
    if rng.random() < 0.1:
        where[-1] = "new"
    return ("set", file, where, hostile.value(rng, now))


def model(bases: Bases, rng: Random) -> Input:
    """The folder of a model."""
    name = rng.choice(("whole", "whole", "several"))
    folder = bases.model(name)
    files = sorted(path.name for path in folder.iterdir())
    settings = [file for file in files if file.endswith(".json")]
    edits = []
    for _ in range(rng.choice((1, 1, 1, 2))):
        drawn = rng.random()
        if drawn < 0.6:
            edits.append(_json_edit(folder, rng.choice(settings), rng))
        elif drawn < 0.7:
            edits.append(("write", "chat_template.jinja", templates.template(rng)))
        else:
            edits.append(_damage(rng.choice(files), files, rng))
    return Input("model", edits=tuple(edits), words=(name, rng.choice(("dry", "run"))))


def run(bases: Bases, rng: Random) -> Input:
    """A run directory."""
    name = rng.choice(tuple(RUNS))
    base = bases.run(name)
    edits: list[Edit] = []
    for _ in range(rng.choice((1, 1, 1, 2))):
        drawn = rng.random()
        if drawn < 0.35:
            edits.append(_damage(rng.choice(PARTS), PARTS, rng))
        elif drawn < 0.5:
            edits.append(_loss(rng))
        elif drawn < 0.75:
            edits += [("drop", "manifest.json", ["digest"])] * rng.randrange(2)
            edits.append(_json_edit(base.path, "manifest.json", rng))
        elif drawn < 0.85:
            edits.append(_damage("manifest.json", PARTS, rng))
        else:
            edits.append(_damage(rng.choice((*DERIVED, *OTHER)), [*DERIVED, *OTHER, *PARTS], rng))
    return Input("run", edits=tuple(edits), words=(name, rng.choice(AFTER)))


def _loss(rng: Random) -> Edit:
    """A table that is gone, or a part that stands somewhere else too."""
    drawn = rng.random()
    if drawn < 0.4:
        return ("delete", rng.choice(TABLES))
    if drawn < 0.8:
        return (
            "copy",
            rng.choice(PARTS),
            rng.choice(("+shard", "+part", "readings/._x.parquet", "traces/notes.parquet", "probes/notes.txt")),
        )
    return ("copy", rng.choice(PARTS), f"{rng.choice(TABLES)}/abc-00000-00000-0123456789abcdef.parquet")


def command(bases: Bases, rng: Random) -> Input:
    """A command line."""
    return Input("command", words=commands.words(rng))


Maker = Callable[[Bases, Random], Input]

# How many of 22 inputs are of each kind: more of those that are quick and varied.
MAKERS: Mapping[str, tuple[Maker, int]] = {
    "study": (study, 4), "hint": (hint, 2), "jsonl": (jsonl, 3), "traces": (traces, 2), "sheet": (sheet, 1), "model": (model, 4), "run": (run, 3), "command": (command, 3),
}  # fmt: skip
ORDER = [kind for place in range(4) for kind, (_, count) in MAKERS.items() if count > place]  # kinds take turns


def made(number: int, seed: int, bases: Bases) -> Input:
    """Input `number` of the campaign with this seed. It depends on nothing else."""
    kind = ORDER[number % len(ORDER)]
    return MAKERS[kind][0](bases, Random(f"{seed}:{number}"))
