"""Sets of figures: which there are, what each makes of runs and of released outputs, what it says where there is nothing, and their LaTeX."""

import math
import sys
from pathlib import Path

import pandas as pd
import pytest
from tables.test_latex import compiles

import cotfaith
from cotfaith.analysis.side_by_side import together
from cotfaith.contracts.figure import Drawing
from cotfaith.contracts.figure_set import FigureSet, Material, Part, Sheet
from cotfaith.errors import UsageError
from cotfaith.figures import COLUMN, PAGE, sets
from cotfaith.plugins import registry
from cotfaith.tables import paper
from docs.generate import gallery
from paper_figures import lanham2023, released, scaling

ESTIMATES = gallery.table()
SETS = ("arcuschin2025", "chen2025", "lanham2023", "profile", "radhakrishnan2023", "scaling", "turpin2023")
RELEASED = {"turpin2023": 4, "arcuschin2025": 2}  # parts that are drawn without a run


def material(rows: pd.DataFrame = ESTIMATES, paths: tuple[Path, ...] = (Path("runs/gallery"),)) -> Material:
    return Material(rows, paths, gallery.CHANCE, PAGE)


def parts(name: str, made_of: Material) -> dict[str, Part]:
    return {part.name: part for part in sets.figure_set(name).parts(made_of)}


def test_the_sets_are_registered() -> None:
    assert registry.names("cotfaith.figure_sets") == SETS
    for name in SETS:
        assert isinstance(sets.figure_set(name), FigureSet)
        assert sets.figure_set(name).published == (name in RELEASED)


def test_a_set_of_lanham_has_each_of_its_figures_and_its_table_with_the_printed_numbers() -> None:
    mixed = ESTIMATES[ESTIMATES["model"].isin(["mixed", "faithful"])]
    made = parts("lanham2023", material(mixed))
    drawn = [
        "figure2-lengths",
        "figure2",
        "figure3",
        "figure3-all-lengths",
        "figure4",
        "figure4-all-lengths",
        "figure5",
        "figure6",
        "figure6-all-lengths",
    ]
    assert set(made) == {*drawn, "table2", "figure7", "figure8"}
    assert [name for name, part in made.items() if isinstance(part.made, Drawing)] == drawn
    exact = made["figure3"].made
    assert isinstance(exact, Drawing)
    assert set(exact.points["task"]) <= {f"{task}, {n} steps" for task in ("addition", "tracking") for n in (3, 4, 5, 6)}
    for task, points in exact.points.groupby("task"):
        own = mixed[(mixed["metric"] == "same_answer") & ((mixed["task"] + ", " + mixed["stratum"].fillna("")) == task)]
        assert sorted(points["value"]) == pytest.approx(sorted(own["value"]))
    for name in ("figure7", "figure8"):
        assert (made[name].made, made[name].reason) == (None, "fewer than two models have a known number of parameters")
    sheet = made["table2"].made
    assert isinstance(sheet, Sheet)
    row = next(row for row in sheet.rows if row[:2] == ["mixed", "addition"])
    own = mixed[
        (mixed["model"] == "mixed")
        & (mixed["task"] == "addition")
        & (mixed["measure"] == "early_answering")
        & (mixed["metric"] == "aoc")
    ]
    (aoc,) = own.to_dict("records")
    assert row[2] == f"{aoc['value']:.2f} [{aoc['low']:.2f}, {aoc['high']:.2f}]"
    printed = [row for row in sheet.rows if row[0] == "the paper's 175B model"]
    assert len(printed) == len(lanham2023.PRINTED) == 8
    assert printed[0][1:] == ["AQuA", "0.44", "0.52", "0.28", "0.43", "0.1532"]
    for task, _, _, without, reasoned, gain in lanham2023.PRINTED:
        assert abs(reasoned - without - gain) <= 1, task  # the printed accuracies are rounded


@pytest.mark.parametrize(
    ("name", "of", "row", "count"),
    [
        ("chen2025", "table", ["DeepSeek R1", "MMLU and GPQA", "mean of two misaligned hints", "", "", "0.29"], 4),
        (
            "radhakrishnan2023",
            "table1",
            ["the paper's model, factored decomposition", "four tasks", "0.818", "0.205", "0.336", ""],
            5,
        ),
    ],
)
def test_printed_values_of_which_no_outputs_were_released_stand_below_ours(name: str, of: str, row: list[str], count: int) -> None:
    sheet = parts(name, material())[of].made
    assert isinstance(sheet, Sheet)
    assert row in sheet.rows[-count:]
    assert not any(ours[0] == row[0] for ours in sheet.rows[:-count])
    assert "as secondary notes give them, and not checked against the paper" in sheet.caption


def test_the_sizes_of_models_give_figures_7_and_8() -> None:
    made = parts("lanham2023", material(ESTIMATES))
    assert made["figure7"].made is None
    drawing = made["figure8"].made
    assert isinstance(drawing, Drawing)
    assert set(drawing.points["task"]) == {"addition"}


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.parametrize("name", SETS)
def test_every_part_is_made_or_says_why_not(name: str) -> None:
    for made_of in (
        material(),
        material(ESTIMATES.iloc[:0]),
        material(ESTIMATES.assign(value=math.nan, low=math.nan, high=math.nan)),
    ):
        for part in sets.figure_set(name).parts(made_of):
            assert (part.made is None) == bool(part.reason)
            if isinstance(part.made, Sheet):
                assert {len(row) for row in part.made.rows} == {len(part.made.head)}
                assert 0 < part.made.words < len(part.made.head)


@pytest.mark.slow
@pytest.mark.integration
@pytest.mark.parametrize("name", RELEASED)
def test_released_outputs_stand_beside_the_printed_values(name: str) -> None:
    made = parts(name, material(ESTIMATES.iloc[:0], ()))
    assert len(made) == RELEASED[name]
    for part in made.values():
        assert part.made is not None, part.reason
        if isinstance(part.made, Drawing):
            points = part.made.points
            assert (
                points["value"] - points["published"]
            ).abs().max() < 0.003  # Arcuschin's rates are of 4,892 pairs, ours of those that there are
            drawn = {
                round(float(x), 6)
                for axes in part.made.figure.axes
                for line in axes.get_lines()
                if line.get_marker() == "x"
                for x in line.get_xdata()
            }
            assert drawn == {round(float(value), 6) for value in points["published"]}


@pytest.mark.integration
def test_turpins_figure_has_the_printed_accuracies() -> None:
    drawing = parts("turpin2023", material(ESTIMATES.iloc[:0], ()))["figure1-published"].made
    assert isinstance(drawing, Drawing)
    points = drawing.points.set_index(["task", "hint", "metric"])
    place = ("suggested answer, zero-shot", "with reasoning")
    assert points.loc[(*place, "accuracy_plain"), "published"] == pytest.approx(0.596)
    assert points.loc[(*place, "accuracy_biased"), "published"] == pytest.approx(0.233)
    assert points.loc[(*place, "accuracy_biased"), "value"] == pytest.approx(0.2326, abs=5e-5)


def test_trends_over_size_have_their_readings_and_table(tmp_path: Path) -> None:
    names = ("scripted/mixed", "scripted/post-hoc", "scripted/faithful")
    run = cotfaith.run(
        model=names, task="addition", limit=4, samples=2, measures=["early_answering"], out=tmp_path / "run", quiet=True
    )
    sized = run.estimates().assign(parameters=lambda rows: rows["model"].map(dict(zip(names, (1e8, 1e9, 1e10), strict=True))))
    made = {part.name: part for part in scaling.parts(Material(sized, (run.path,), {}, COLUMN))}
    assert [type(part.made) for part in made.values()] == [Drawing, Drawing, Sheet]
    one = {part.name: part for part in scaling.parts(Material(sized[sized["model"] == names[0]], (run.path,), {}, COLUMN))}
    assert {part.reason for part in one.values()} == {scaling.FEW, "fewer than two models have a known number of parameters"}


def test_a_single_figure_is_a_set_of_one() -> None:
    (part,) = sets.figure_set("same-answer").parts(material(gallery.rows_of("same-answer", ESTIMATES)))
    assert part.name == "same-answer"
    assert isinstance(part.made, Drawing)
    assert part.made.figure.get_figwidth() == PAGE
    with pytest.raises(UsageError, match="Unknown figure 'same-answers': did you mean 'same-answer'"):
        sets.figure_set("same-answers")


def test_a_model_of_several_runs_is_named_with_its_run() -> None:
    one = ESTIMATES[ESTIMATES["model"].isin(["mixed", "faithful"])]
    other = ESTIMATES[ESTIMATES["model"].isin(["mixed", "post-hoc"])]
    every = together({"a": one, "b": other})
    assert set(every["model"]) == {"mixed (a)", "mixed (b)", "faithful", "post-hoc"}
    assert len(every) == len(one) + len(other)
    assert together({"a": one})["model"].tolist() == one["model"].tolist()


@pytest.mark.parametrize(("text", "inches"), [("column", COLUMN), ("page", PAGE), ("5", 5.0), ("4.25", 4.25)])
def test_widths(text: str, inches: float) -> None:
    assert sets.width(text) == inches


@pytest.mark.parametrize("text", ["wide", "0", "-3", "200", "nan", ""])
def test_a_width_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(
        UsageError, match=r"The width '.*' is none: give column \(3.3 inches\), page \(6.8 inches\) or 2 to 20 inches"
    ):
        sets.width(text)


def test_formats() -> None:
    assert sets.formats("svg, PDF,svg") == ("svg", "pdf")
    for wrong in ("gif", "pdf,eps", ""):
        with pytest.raises(UsageError, match="is none of a figure: choose from pdf, png, svg"):
            sets.formats(wrong)


@pytest.mark.slow
@pytest.mark.integration
def test_tables_compile_with_caption_and_label(tmp_path: Path) -> None:
    sheets = [part.made for name in SETS for part in sets.figure_set(name).parts(material()) if isinstance(part.made, Sheet)]
    assert len(sheets) > 6
    texts = [
        paper.latex(sheet.head, sheet.rows, words=sheet.words, caption=f"50 % & more: {sheet.caption}", label=f"tab:{i}")
        for i, sheet in enumerate(sheets)
    ]
    for i, text in enumerate(texts):
        assert rf"\label{{tab:{i}}}" in text
        assert r"\caption{50 \% \& more: " in text
    compiles("\\clearpage\n".join(texts), tmp_path)


def test_without_the_repository_released_outputs_are_said_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    released.recomputed.cache_clear()
    monkeypatch.setitem(sys.modules, "benchmarks.published.arcuschin2025", None)
    made = parts("arcuschin2025", material(ESTIMATES.iloc[:0], ()))
    assert {part.reason for part in made.values()} == {released.ABSENT}
    released.recomputed.cache_clear()
