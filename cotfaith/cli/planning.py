"""The command `power`: how many questions or models a study needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from cotfaith.cli.app import app
from cotfaith.cli.options import numbers
from cotfaith.cli.output import say
from cotfaith.cli.results import say_unfinished
from cotfaith.errors import UsageError


@app.command()
def power(
    test: Annotated[str, typer.Option("--test", help="The test: difference, equivalence, mcnemar or slope.")] = "difference",
    effect: Annotated[
        str | None, typer.Option("--effect", help="Differences or slopes to detect, separated by commas; 0.05 is 5 points.")
    ] = None,
    margin: Annotated[str | None, typer.Option("--margin", help="Equivalence margins, separated by commas.")] = None,
    sd: Annotated[
        float | None,
        typer.Option(
            "--sd", help="Standard deviation of the per-question differences, or of a model's estimate around the line (slope)."
        ),
    ] = None,
    icc: Annotated[float | None, typer.Option("--icc", help="Share of that variance that lies between questions.")] = None,
    samples: Annotated[str | None, typer.Option("--samples", help="Reasoning samples per question, separated by commas.")] = None,
    questions: Annotated[
        str | None, typer.Option("--questions", help="Numbers of questions for which to report the power, separated by commas.")
    ] = None,
    psi: Annotated[float | None, typer.Option("--psi", help="Share of questions whose two answers differ (mcnemar).")] = None,
    sizes: Annotated[
        str | None, typer.Option("--sizes", help="Parameter counts of the models, separated by commas (slope).")
    ] = None,
    power: Annotated[float, typer.Option("--power", help="Probability that the test shows the effect if it is real.")] = 0.8,
    alpha: Annotated[float, typer.Option("--alpha", help="Significance level of the test.")] = 0.05,
    pilot: Annotated[
        Path | None, typer.Option("--pilot", help="A finished run whose questions are resampled, in place of assumed values.")
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            "--figure", help="Also write the power curve to this file (.pdf, .svg or .png), and its points to a CSV file beside it."
        ),
    ] = None,
) -> None:
    """Compute how many questions (or models) a study needs, as a table and a power curve.

    Example: cotfaith power --test equivalence --margin 0.05 --sd 0.3

    Example: cotfaith power --effect 0.03,0.05 --samples 1,3 --questions 200

    Example: cotfaith power --test slope --effect 0.1 --sd 0.04 --sizes 0.5,1.5,3,7,14,32

    Example: cotfaith power --pilot runs/demo-smollm2-135m --questions 50,200,800
    """
    if pilot is not None:
        given = {
            "--effect": effect,
            "--sd": sd,
            "--icc": icc,
            "--samples": samples,
            "--psi": psi,
            "--sizes": sizes,
            "--figure": figure,
        }
        _none_of(given, "--pilot takes the standard deviation and the effect from its run")
        _pilot(pilot, numbers(questions, "--questions"), numbers(margin, "--margin"), alpha)
        return
    if (test == "equivalence" and effect is not None) or (test != "equivalence" and margin is not None):
        raise UsageError(f"The test {test} takes {'--margin' if test == 'equivalence' else '--effect'}: give its numbers there.")
    from cotfaith.planning import Plan, render

    choices = {
        "effects": numbers(margin if test == "equivalence" else effect, "--margin" if test == "equivalence" else "--effect"),
        "samples": _whole(samples, "--samples"),
        "questions": _whole(questions, "--questions"),
        "sizes": numbers(sizes, "--sizes"),
    }
    several = {name: value for name, value in choices.items() if value}
    plan = Plan(test, power=power, alpha=alpha, sd=sd, icc=icc, psi=psi, **several)  # type: ignore[arg-type]  # each is of its own type
    say(render(plan))
    if figure is not None:
        from cotfaith.planning import drawing

        say(f"\nFigure: {drawing.figure(plan, figure)}")


def _pilot(path: Path, questions: tuple[float, ...], margins: tuple[float, ...], alpha: float) -> None:
    from cotfaith.planning import pilot
    from cotfaith.runs import open_run

    if len(margins) > 1:
        raise UsageError("--pilot takes only one --margin: give one number.")
    run, margin = open_run(path), margins[0] if margins else None
    found = run.power(questions=_counts(questions, "--questions"), margin=margin, level=1 - alpha)
    say(pilot.render(found, margin))
    if without := [name for name in run.study.measures if name not in set(found["measure"])]:
        say(f"No power of {', '.join(without)}: no number of it is tested against no effect, or its questions do not differ.")
    say_unfinished(run)


def _none_of(given: Mapping[str, object], why: str) -> None:
    for name, value in given.items():
        if value is not None:
            raise UsageError(f"{why}: give it without {name}.")


def _whole(text: str | None, option: str) -> tuple[int, ...]:
    return _counts(numbers(text, option), option)


def _counts(values: tuple[float, ...], option: str) -> tuple[int, ...]:
    for value in values:
        if value != int(value):
            raise UsageError(f"Option {option} takes whole numbers, not {value:g}.")
    return tuple(int(value) for value in values)
