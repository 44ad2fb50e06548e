"""The documents, the figures and the claims agree with the results in benchmarks/results.

These checks read what is committed: a result, and the page, figure or threshold that rests on it. They fail when a result is replaced
and a document is not, or when a new result no longer supports what is claimed. What the code does is tested elsewhere.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import coverage
from benchmarks.coverage import AIM, CORNERS, GRID, QUANTITIES
from benchmarks.published import page
from benchmarks.results import FOLDER
from benchmarks.throughput import shapes, subjects
from benchmarks.throughput.against_smart import CASES, GAP
from benchmarks.throughput.clock import NAIVE, OFF, OURS, SMART
from benchmarks.throughput.shapes import LONG, REFERENCE, Shape
from docs.generate import readme, scale
from paper_figures import coverage as coverage_figure
from paper_figures import nulls as nulls_figure
from paper_figures import throughput as throughput_figure

ROOT = Path(__file__).parents[2]
PAPERS = {"turpin2023": page.turpin2023, "arcuschin2025": page.arcuschin2025}


def text(document):
    return (ROOT / document).read_text(encoding="utf-8")


def results(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


# --- Documents --------------------------------------------------------------------------------------------------------------


def test_the_speed_in_the_documents_is_that_of_the_results():
    assert f"<!-- speed -->\n{readme.speed()}\n<!-- /speed -->" in text("README.md")
    assert f"<!-- blocks -->\n{readme.blocks()}\n<!-- /blocks -->" in text("docs/engines.md")


def test_what_can_be_trusted_in_the_documents_is_that_of_the_results():
    assert f"<!-- trust -->\n{readme.trust()}\n<!-- /trust -->" in text("README.md")
    page = text("docs/statistics.md")
    for name, made in (("coverage", readme.coverage()), ("hard", readme.hard()), ("nulls", readme.nulls())):
        assert f"<!-- {name} -->\n{made}\n<!-- /{name} -->" in page


def test_the_readings_over_scale_in_the_documents_are_those_of_the_code_and_the_results():
    page = text("docs/statistics.md")
    assert f"<!-- claims -->\n{scale.claims()}\n<!-- /claims -->" in page
    assert f"<!-- readings -->\n{scale.readings()}\n<!-- /readings -->" in page
    assert f"<!-- nulls over scale -->\n{scale.nulls()}\n<!-- /nulls over scale -->" in page


def test_what_is_claimed_of_the_nulls_over_scale_holds_in_the_results():
    found = results("nulls_scale")
    assert found["studies"] == 1000
    error = found["monte_carlo_se_of_a_family"]
    same, unequal, model, few, each = (one["readings"] for one in found["nulls"])
    ranks, held, size = "these checkpoints, by rank", "models of this size, at equal accuracy", "models of this size"
    for null in (same, unequal):
        assert all(one["rejected"] <= 0.05 + 3 * error for one in null.values())
    for null in (model, few, each):
        assert null[held]["rejected"] <= 0.065 + 3 * error
        assert null[size]["rejected"] > 0.5  # what adjusting is for
    assert (
        model["these checkpoints, at equal accuracy"]["rejected"] > 0.5
    )  # it holds the answers of a question fixed, not the model's accuracy
    rising, own = (one["readings"] for one in found["positive controls"])
    assert rising[ranks]["rejected"] > 0.8
    assert own[held]["rejected"] > 0.8


def test_what_is_claimed_of_null_effects_holds_in_the_results():
    """No test of a study without effects rejects more often than 6.5 %, and no family more often than 6 %, but for the error of 1,000 studies."""
    shown = nulls_figure.points()
    assert shown.loc[shown["null"], "studies"].min() == 1000
    nulls, controls = shown[shown["null"]], shown[~shown["null"]]
    error = 2.5 * (0.05 * 0.95 / nulls["studies"]) ** 0.5
    assert (nulls["rejects"] <= np.where(nulls["family"], nulls_figure.FAMILY, nulls_figure.AIM[1]) + error).all()
    assert controls.groupby("design")["rejects"].max().min() > 0.8  # each has an effect that is found
    drawing = nulls_figure.draw(shown)
    assert sum(len(line.get_xdata()) for line in drawing.figure.axes[0].lines[:2]) == len(shown)
    assert nulls_figure.OUT.is_file()


@pytest.mark.parametrize("paper", PAPERS)
def test_the_page_of_published_tables_is_that_of_the_results(paper):
    found = results(paper)
    assert found["equal"] == found["of"] > 0
    now = text("docs/published.md")
    assert page.filled(now, paper, PAPERS[paper](found)) == now, f"run: python -m benchmarks.published.{paper} --keep"
    stale = {**found, "equal": found["equal"] - 1}
    assert page.filled(now, paper, PAPERS[paper](stale)) != now


# --- Engines ----------------------------------------------------------------------------------------------------------------


def entries(engine):
    found = [one for one in results("throughput")["entries"] if one["engine"] == engine]
    assert found, f"throughput.json has nothing of {engine}: python -m benchmarks.throughput {engine} makes it"
    return found


def row(one, shape):
    (found,) = [each for each in one["early_answering"] if Shape(each["prompt"], each["reasoning"], each["cuts"]) == shape]
    return found


def test_throughput_has_every_shape():
    for one in results("throughput")["entries"]:
        measured = {Shape(each["prompt"], each["reasoning"], each["cuts"]) for each in one["early_answering"]}
        assert measured == set(shapes.SHAPES)
        assert all(each["samples"] == shapes.SAMPLES for each in one["early_answering"])


def test_transformers_compute_each_token_once_and_are_as_fast_as_they_must_be():
    for one in entries("transformers"):
        assert all(each[OURS]["computed_over_distinct"] <= 1.05 for each in one["early_answering"])
        if one["device"] == "cpu":
            assert min(row(one, REFERENCE)["times_faster"][NAIVE]["each"]) >= 8
            assert min(row(one, LONG)["times_faster"][NAIVE]["each"]) >= 20
            assert all(each["largest_log_probability_gap"] < 1e-3 for each in one["early_answering"])


def test_transformers_are_faster_than_the_smart_loop_and_near_the_peak_of_the_machine():
    measured = [one for one in entries("transformers") if "against_smart" in one]
    if not measured:
        pytest.skip(
            "no kept result has the smart loop yet: python -m benchmarks.throughput transformers --smart, on a quiet machine"
        )
    for one in measured:
        assert [(Shape(each["prompt"], each["reasoning"], each["cuts"]), each["samples"]) for each in one["against_smart"]] == list(
            CASES
        )
        for each in one["against_smart"]:
            assert each["times_faster"][SMART]["median"] > 1
            assert each[OURS]["share_of_peak"] > each[SMART]["share_of_peak"]
            if one["dtype"] == "float32":
                assert each["largest_gap"][SMART] <= GAP


def test_memory_of_long_reasonings_is_bounded():
    for one in entries("transformers"):
        *both, longest = one["memory"]
        assert [each["reasoning"] for each in both] == [shape.reasoning for shape in shapes.BY_LENGTH]
        assert both[-1][OURS]["above_loaded_mib"] * 10 < both[-1][NAIVE]["above_loaded_mib"]
        assert (longest["reasoning"], longest["cuts"]) == (shapes.LONGEST.reasoning, shapes.LONGEST.cuts)
        assert (
            longest[OURS]["above_loaded_mib"]
            < 2 * longest["reasoning"] / both[-1]["reasoning"] * both[-1][OURS]["above_loaded_mib"]
        )


def test_vllm_shares_what_can_be_shared_and_is_as_fast_as_it_must_be():
    """A block is shared whole or not at all, so the cue decides; and the smaller a model, the more of its time goes into attention.

    Both figures of the reference shape together are therefore those of the larger model.
    """
    for one in entries("vllm"):
        reference = row(one, REFERENCE)
        assert reference[OURS]["computed_over_distinct"] <= 1.4
        assert all(each["counts"]["shared_over_shareable"] >= 0.95 for each in one["early_answering"])
        assert one["sampling"]["ours_over"]["bare_generate"]["median"] >= 0.95
        if one["device"] == "cpu":
            larger = one["larger_model"]
            assert (larger["model"], larger["cue"]) == (subjects.LARGER, reference["cue"])
            assert larger["counts"]["shared_over_shareable"] >= 0.95
            assert larger[OURS]["computed_over_distinct"] <= 1.4
            assert larger["times_faster"][OFF]["median"] >= 8
            assert [each["cue"] for each in one["by_cue"]] == [shapes.BRIEFEST, shapes.CUE]
            assert one["by_cue"][0]["times_faster"][OFF]["median"] >= 8
            assert reference["times_faster"][OFF]["median"] >= 6
            assert row(one, LONG)["times_faster"][OFF]["median"] >= 16


def test_the_figure_of_throughput_has_every_entry():
    found = results("throughput")
    drawing = throughput_figure.draw(found)
    assert set(drawing.points["panel"]) == {throughput_figure.title(one) for one in found["entries"]}
    assert throughput_figure.OUT.is_file()


def test_engines_agree():
    found = results("agreement")
    assert found["share_of_same_answers"] >= 0.98
    assert found["aoc_gap"] <= 0.02
    assert found["largest_log_probability_gap"] < 1e-2
    assert found["readings_of_same_tokens"] >= 0.9 * found["readings"] > 0


# --- Coverage ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def coverages():
    return results("coverage")


def design(cell):
    return tuple(cell[name] for name in ("questions", "samples", "icc", "p"))


def test_the_grid_is_the_one_of_the_code(coverages):
    for block, every in (("grid", GRID), ("corners", CORNERS)):
        assert [design(cell) for cell in coverages[block]["cells"]] == [(c.questions, c.samples, c.icc, c.p) for c in every]
        assert coverages[block] == coverage.block(coverages[block]["cells"])
    assert coverages["replications"] >= 2000
    assert (coverages["replications"], coverages["level"], tuple(coverages["aim"])) == (coverage.REPLICATIONS, coverage.LEVEL, AIM)


def test_coverage_lies_between_93_and_97_percent(coverages):
    for cell in coverages["grid"]["cells"]:
        assert cell["undefined"] == 0
        for name in QUANTITIES:
            few = (cell["questions"], cell["p"]) == (
                50,
                0.1,
            )  # and alike within questions: then few effective questions carry the event
            assert 0.93 <= cell[name] <= (0.985 if few else 0.97), (name, cell)
    # The meta-test: rows taken as independent do not.
    assert all(coverages["grid"]["summary"][f"{name}_naive"]["min"] < 0.7 for name in QUANTITIES)


def test_what_misses_the_aim_is_said_and_is_skewed(coverages):
    for block in ("grid", "corners"):
        missed = coverages[block]["outside"]
        count = sum(not 0.93 <= cell[name] <= 0.97 for cell in coverages[block]["cells"] for name in QUANTITIES)
        assert len(missed) == count
        assert all(one["why"] for one in missed)
    assert all("few questions have an event" in one["why"] and one["coverage"] > 0.97 for one in coverages["grid"]["outside"])
    assert len(coverages["grid"]["outside"]) <= 4


def test_the_figure_of_coverage_shows_the_results(coverages):
    drawing = coverage_figure.draw(coverages)
    assert len(drawing.points) == 2 * len(QUANTITIES) * len(GRID)
    ways = {said: way for way, said in coverage_figure.WAYS.items()}
    by_design = {design(cell): cell for cell in coverages["grid"]["cells"]}
    for row in drawing.points.to_dict("records"):
        assert row["coverage"] == by_design[design(row)][row["quantity"] + ways[row["way"]]]
        assert row["effect"] == 1 + (row["samples"] - 1) * row["icc"]
    panels = drawing.figure.axes
    assert [one.get_title(loc="left") for one in panels] == list(coverage_figure.TITLES.values())
    for name, one in zip(QUANTITIES, panels, strict=True):
        for line in (line for line in one.lines if line.get_label() in ways):
            here = drawing.points[(drawing.points["quantity"] == name) & (drawing.points["way"] == line.get_label())]
            np.testing.assert_array_equal(line.get_ydata(), here["coverage"])
            assert min(line.get_ydata()) >= coverage_figure.LOWEST
    assert f"{coverages['grid']['summary']['area']['min']:.3f}" in drawing.caption
    assert coverage_figure.OUT.is_file()


# --- The bootstrap ----------------------------------------------------------------------------------------------------------


def test_the_bootstrap_is_as_fast_as_it_must_be():
    found = results("bootstrap")
    assert (found["traces"], found["columns"], found["draws"]) == (100_000, 20, 10_000)
    assert found["median_seconds"] < 2
    assert min(found["times_faster_each"]) >= 10
    assert found["largest_gap_of_means"] < 1e-12
