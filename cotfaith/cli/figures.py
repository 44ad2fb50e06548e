"""The command `figures`: figures for papers from finished runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cotfaith.cli.app import app
from cotfaith.cli.output import say
from cotfaith.errors import UsageError, unknown

if TYPE_CHECKING:
    from cotfaith.contracts.figure_set import FigureSet, Material, Part, Sheet

LIST = "list"
FOLDER = Path("figures")


@app.command()
def figures(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A figure or a paper's set of figures, or list, which names them.")],
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[RUN...]", help="Run directories. A set that has published outputs needs none.", show_default=False
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder of the files. It is made if it does not exist.")] = FOLDER,
    format: Annotated[  # noqa: A002  the name of the option
        str, typer.Option("--format", "-f", help="Formats of the figures, separated by commas: pdf, svg, png.")
    ] = "pdf,svg,png",
    width: Annotated[
        str,
        typer.Option(
            "--width", help="Width: column (3.3 inches), page (6.8 inches) or a number of inches.", metavar="column|page|INCHES"
        ),
    ] = "page",
) -> None:
    """Draw a figure, or the figures and tables of a paper, from the estimates of finished runs. No model is needed.

    Each figure is written in every format, with its plotted points as CSV beside it. Tables are printed, and written as LaTeX (booktabs) and CSV. What a run
    has no estimates for is named and left out.

    Example: cotfaith figures list

    Example: cotfaith figures same-answer runs/first --width column --format pdf

    Example: cotfaith figures lanham2023 runs/lanham --out figures/lanham

    Example: cotfaith figures turpin2023 --out figures/turpin
    """
    from cotfaith.figures import sets

    if name == LIST:
        say(_listed())
        return
    if name not in sets.names():
        raise unknown("figure", name, sets.names(), "cotfaith figures list names them.")
    found, forms, inches = sets.figure_set(name), sets.formats(format), sets.width(width)
    if not paths and not found.published:
        raise UsageError(f"The figures of {name} are drawn from runs: give one or more run directories.")
    _write(name, found, _material(tuple(paths or ()), inches), out, forms)


def _write(name: str, found: FigureSet, made_of: Material, out: Path, forms: tuple[str, ...]) -> None:
    from cotfaith.contracts.figure_set import Sheet
    from cotfaith.figures import sets

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"The folder {str(out)!r} cannot be made: {error.strerror}: give another --out.") from error
    reasons = []
    made, before = 0, set(out.iterdir())
    for part, files in sets.drawings(found.parts(made_of), out, forms, name):
        if isinstance(part.made, Sheet):
            files = _tables(name, part, part.made, out)  # noqa: PLW2901  a table's files
        if files:
            made += 1
            replaced = " (replaced)" if before.intersection(files) else ""
            say(f"{part.name}: {', '.join(map(str, files))}{replaced}", err=True)
        else:
            reasons.append(f"{part.name}: {part.reason}")
    if not made:
        raise UsageError(f"Nothing of {name} could be drawn ({'; '.join(reasons)}): give a run with its measures.")
    for reason in reasons:
        say(f"Skipped {reason}.", err=True)


def _tables(name: str, part: Part, sheet: Sheet, out: Path) -> list[Path]:
    """Print a table, and write it as LaTeX and as CSV."""
    import pandas as pd

    from cotfaith.figures.saving import write
    from cotfaith.tables import formats, paper

    say("\n".join([formats.paragraph(sheet.caption), *paper.text(sheet.head, sheet.rows, words=sheet.words), ""]))
    path = out / f"{part.name}.tex"
    text = paper.latex(sheet.head, sheet.rows, words=sheet.words, caption=sheet.caption, label=f"tab:{name}-{part.name}")
    write(path, text.encode())
    write(
        path.with_suffix(".csv"),
        pd.DataFrame(list(sheet.rows), columns=list(sheet.head)).to_csv(index=False, lineterminator="\n").encode(),
    )
    return [path, path.with_suffix(".csv")]


def _material(paths: tuple[Path, ...], inches: float) -> Material:
    """What is drawn: the estimates of all runs."""
    import pandas as pd

    from cotfaith.analysis import side_by_side
    from cotfaith.analysis.estimate import COLUMNS
    from cotfaith.contracts.figure_set import Material
    from cotfaith.report import counts
    from cotfaith.runs import open_run
    from cotfaith.storage.run_directory import RunDirectory

    tables, chance = {}, []
    for name, path in side_by_side.named(paths).items():
        run = open_run(path)
        sizes = {model: facts.get("parameters") for model, facts in run.manifest().get("subjects", {}).items()}
        table = run.estimates()
        tables[name] = table.assign(parameters=table["model"].map(sizes).astype("float64"))
        chance.append(counts.count(RunDirectory(path)).chance())
    empty = pd.DataFrame(columns=["model", "task", *COLUMNS, "parameters"])
    return Material(side_by_side.together(tables) if tables else empty, paths, side_by_side.shared_chance(chance), inches)


def _listed() -> str:
    from cotfaith import catalogue

    figures, sets = (catalogue.lines(catalogue.KINDS[kind]()) for kind in ("figures", "figure_sets"))
    return f"Sets of figures\n\n{sets}\n\nFigures\n\n{figures}"
