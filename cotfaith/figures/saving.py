"""Figures as files: PDF, SVG or PNG by the suffix, with the plotted points as CSV beside them.

The same figure gives the same bytes: there is no date in a file. Its metadata holds its name, the SHA-256 of the CSV beside it (so that a figure
and its points are known to belong together) and the command line that made it.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cotfaith import invocation, sensitive
from cotfaith.errors import UsageError, legible
from cotfaith.figures.drawing import style
from cotfaith.version import __version__

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cotfaith.contracts.figure import Drawing

DPI = 300  # of a PNG
LIBRARY = "called as a library"  # in place of the command

_EMPTY: Mapping[str, Mapping[str, None]] = MappingProxyType({
    "svg": dict.fromkeys(("Creator", "Date", "Format", "Type")),
    "pdf": dict.fromkeys(("Creator", "Producer", "CreationDate")),
    "png": {"Software": None},
})  # fmt: skip


def svg(figure: Figure, salt: str, *, ground: str = "none") -> str:
    """`figure` as SVG text with its words as text, the same for the same figure.

    `salt` keeps its ids distinct from another figure's on a page; `ground` is the background, transparent by default.
    """
    out = StringIO()
    with style(**{"svg.hashsalt": salt}):
        figure.savefig(out, format="svg", metadata=dict(_EMPTY["svg"]), facecolor=ground)
    return out.getvalue()


def csv(drawing: Drawing) -> str:
    """The plotted points as CSV, with all digits."""
    return drawing.points.to_csv(index=False, lineterminator="\n")


def digest(drawing: Drawing) -> str:
    """The SHA-256 of the points as CSV."""
    return sha256(csv(drawing).encode()).hexdigest()


def save(drawing: Drawing, path: Path | str, name: str = "") -> Path:
    """Write `drawing` to `path` on a white ground: PDF or SVG (vectors, words as text) or PNG (300 dpi), with its points as CSV beside it.

    Args:
        drawing: the drawing.
        path: ends in .pdf, .svg or .png. The points go to the same name with .csv.
        name: the title in the file's metadata. The default is the name of the file.

    Returns:
        The path.

    Raises:
        UsageError: the name ends otherwise, or a file cannot be written.
    """
    path = Path(path)
    form = path.suffix.removeprefix(".").lower()
    if form not in FORMS:
        raise UsageError(
            f"The figure {str(path)!r} has a name that ends in {path.suffix or 'nothing'}, but figures are PDF, SVG or PNG: give a name "
            "that ends in .pdf, .svg or .png."
        )
    name = name or path.stem
    made = FORMS[form](drawing.figure, name, f"sha256 of the points: {digest(drawing)}", _command())
    write(path, made)
    write(path.with_suffix(".csv"), csv(drawing).encode())
    return path


def write(path: Path, content: bytes) -> None:
    """Write a file.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(
            f"The figure cannot be written to {str(path)!r}: {error.strerror}: name a file in an existing folder."
        ) from error


def _svg(figure: Figure, name: str, points: str, command: str) -> bytes:
    return _saved(figure, "svg", name, {"Title": name, "Identifier": points, "Source": command, "Publisher": _maker()})


def _pdf(figure: Figure, name: str, points: str, command: str) -> bytes:
    return _saved(figure, "pdf", name, {"Title": name, "Keywords": points, "Subject": command, "Author": _maker()})


def _command() -> str:
    """The command line without secrets, in characters that a file can hold."""
    return shlex.join(legible(sensitive.hidden(word)) for word in invocation.words()) or LIBRARY


def _png(figure: Figure, name: str, points: str, command: str) -> bytes:
    return _saved(figure, "png", name, {"Title": name, "Comment": points, "Source": command, "Author": _maker()})


FORMS: Mapping[str, Callable[[Figure, str, str, str], bytes]] = MappingProxyType({"pdf": _pdf, "svg": _svg, "png": _png})


def _maker() -> str:
    return f"cotfaith {__version__}"


def _saved(figure: Figure, form: str, salt: str, metadata: dict[str, str]) -> bytes:
    out = BytesIO()
    with style(**{"svg.hashsalt": salt, "pdf.fonttype": 42}):
        figure.savefig(out, format=form, metadata={**_EMPTY[form], **metadata}, facecolor="white", dpi=DPI)
    return out.getvalue()
