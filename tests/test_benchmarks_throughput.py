"""The benchmark of throughput: its counting, on tiny models and by hand."""

import re

import pytest
import torch
from engines import tiny

from benchmarks.throughput import clock, loops, on_transformers, on_vllm, peak, shapes, writing
from benchmarks.throughput.clock import NAIVE, OFF, ONE, OURS, LeftOut, Took
from benchmarks.throughput.shapes import LONG, REFERENCE, Shape
from cotfaith.engines.vllm.counts import Counts
from cotfaith.types import Branch, Completion, PrefixTree
from paper_figures import throughput as figure

SHAPE = Shape(12, 30, 5)


@pytest.fixture(scope="module")
def engine():
    """An engine around a tiny random model, on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield tiny.engine()
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def early(engine):
    """The benchmark of early answering on it."""
    return on_transformers.early(engine, SHAPE, repetitions=2)


def tree(trunk, *offsets):
    return PrefixTree(tuple(trunk), tuple(Branch(offset, (9, 9), ((1,), (2,))) for offset in offsets))


# --- What is scored ---------------------------------------------------------------------------------------------------------


def test_distinct_tokens_are_those_of_different_prefixes():
    wholes = [(1, 2, 3), (1, 2, 4), (1, 2), (2, 2)]
    assert shapes.distinct(wholes) == 6
    assert shapes.distinct(wholes) == len({whole[:i] for whole in wholes for i in range(1, len(whole) + 1)})
    assert shapes.distinct([]) == 0


def test_the_traces_of_a_question_share_its_prompt_and_questions_nothing(engine):
    one, other = (shapes.trees(engine.tokenizer, SHAPE, seed=seed) for seed in (0, 1))
    assert {made.trunk[: SHAPE.prompt] for made in one} == {one[0].trunk[: SHAPE.prompt]}
    assert len({made.trunk for made in one}) == shapes.SAMPLES
    assert one[0].trunk[: SHAPE.prompt] != other[0].trunk[: SHAPE.prompt]
    assert all(len(made.trunk) == SHAPE.prompt + SHAPE.reasoning for made in one)
    assert [branch.offset for branch in one[0].branches] == [18, 24, 30, 36, 42]


def test_the_shapes_are_those_of_the_issue():
    lengths = {shape.reasoning for shape in shapes.SHAPES}
    cuts = {shape.cuts for shape in shapes.SHAPES}
    assert (min(lengths), max(lengths), min(cuts), max(cuts)) == (100, 4000, 5, 100)
    assert {REFERENCE, LONG} < set(shapes.SHAPES)
    assert (Shape(200, 400, 20), Shape(1000, 2000, 50)) == (REFERENCE, LONG)


@pytest.mark.parametrize(
    ("sizes", "budget", "places"),
    [
        ([1, 1, 1, 1], 9, [0, 1, 2, 3]),
        ([1, 1, 1, 1], 2, [0, 2]),
        ([1] * 9, 3, [1, 4, 7]),
        ([5, 5, 5], 1, [1]),
        ([7], 1, [0]),
    ],
)
def test_every_kth_item_is_timed_so_that_they_fit(sizes, budget, places):
    assert list(shapes.every_kth(sizes, budget)) == places


# --- The loops --------------------------------------------------------------------------------------------------------------


def test_a_loop_computes_padding_too_and_all_loops_agree(engine):
    trees = shapes.trees(engine.tokenizer, SHAPE, seed=3)
    wholes = [len(whole) for one in trees for whole in shapes.sequences(one)]
    padded, last, single = (
        loops.Loop(engine.model, batch=2),
        loops.Loop(engine.model, last=True),
        loops.Loop(engine.model, batch=1),
    )
    took = [loop(trees) for loop in (padded, last, single)]
    five = wholes[:5]
    assert took[0].computed == 3 * (2 * five[1] + 2 * five[3] + five[4])
    assert took[1].computed == 3 * 5 * five[4]
    assert took[2].computed == sum(wholes)
    assert [(one.timed, one.of) for one in took] == [(9, 9), (3, 3), (15, 15)]
    assert len(single.found) == 15
    for key, values in single.found.items():
        assert padded.found[key] == pytest.approx(values, abs=1e-4)
        assert last.found[key] == pytest.approx(values, abs=1e-4)


def test_a_long_loop_is_timed_in_part_and_its_seconds_are_extrapolated_by_tokens(engine, monkeypatch):
    trees = shapes.trees(engine.tokenizer, SHAPE, seed=3)
    monkeypatch.setattr(loops, "clocked", lambda work: (work(), 2.0))
    loop = loops.Loop(engine.model, batch=1, budget=160)
    sizes = [len(whole) for whole in shapes.sequences(trees[0])]
    places = list(shapes.every_kth(sizes, 160))
    found = loop(trees)
    assert 1 <= len(places) < 5
    assert (found.timed, found.of, found.computed) == (len(places), 15, 3 * sum(sizes))
    assert found.seconds == pytest.approx(2.0 * len(places) * 3 * sum(sizes) / sum(sizes[i] for i in places))
    assert sorted(loop.found) == [(0, i) for i in places]


def test_a_loop_whose_logits_do_not_fit_is_left_out_with_the_reason(engine, monkeypatch):
    trees = shapes.trees(engine.tokenizer, SHAPE, seed=3)
    monkeypatch.setattr(loops, "free_bytes", lambda _: 1000)
    found = loops.Loop(engine.model)(trees)
    assert isinstance(found, LeftOut)
    assert re.fullmatch(r"the logits of one batch would take \d+\.\d GiB", found.reason)
    assert isinstance(loops.Loop(engine.model, last=True)(trees), Took)
    assert clock.side([found], 10) == {"left_out": found.reason}


# --- Ratios -----------------------------------------------------------------------------------------------------------------


def test_ratios_are_of_medians_and_of_each_repetition():
    sides = {
        OURS: clock.side([Took(1.0, 10), Took(2.0, 10), Took(4.0, 10)], 10),
        "slow": clock.side([Took(10.0, 30), Took(30.0, 30), Took(20.0, 30)], 10),
        "left": clock.side([LeftOut("too large")] * 3, 10),
    }
    assert clock.times_faster(sides) == {"slow": {"median": 10.0, "each": [10.0, 15.0, 5.0]}}
    assert sides["slow"]["computed_over_distinct"] == 3.0
    assert "extrapolated_from" not in sides["slow"]
    assert clock.side([Took(1.0, 10, 2, 6)], 10)["extrapolated_from"] == {"timed": 2, "of": 6}


def test_the_most_computed_of_all_repetitions_counts():
    assert clock.side([Took(1.0, 12), Took(1.0, 10)], 10)["tokens_computed"] == 12


def test_ways_are_measured_in_turn():
    order = []

    def way(name):
        return lambda repetition: (order.append((name, repetition)), Took(1.0, 1))[1]

    found = clock.in_turn({"a": way("a"), "b": way("b")}, 2)
    assert order == [("a", 0), ("b", 0), ("a", 1), ("b", 1)]
    assert {name: len(each) for name, each in found.items()} == {"a": 2, "b": 2}


def test_growth_is_the_most_cuts_over_the_fewest():
    rows = [
        {"cuts": 100, OURS: {"median_seconds": 3.0, "tokens_computed": 40}, "naive": {"left_out": "too large"}},
        {"cuts": 5, OURS: {"median_seconds": 2.0, "tokens_computed": 10}, "naive": {"median_seconds": 1.0, "tokens_computed": 1}},
    ]
    assert clock.growth(rows, (OURS, "naive")) == {"cuts": [5, 100], OURS: {"median_seconds": 1.5, "tokens_computed": 4.0}}


# --- Early answering, sampling, memory --------------------------------------------------------------------------------------


def test_early_answering_counts_what_was_computed(engine, early):
    trees = shapes.trees(engine.tokenizer, SHAPE, seed=0)
    wholes = [whole for one in trees for whole in shapes.sequences(one)]
    assert early["distinct_tokens"] == shapes.distinct(wholes)
    assert early[OURS]["computed_over_distinct"] == 1.0
    assert f"naive_batches_of_{loops.BATCH}" == NAIVE
    assert early[ONE]["tokens_computed"] == sum(map(len, wholes))
    assert {name for name in early if name in on_transformers.WAYS} == set(on_transformers.WAYS)
    assert set(early["times_faster"]) == set(on_transformers.WAYS) - {OURS}
    assert 0 < early["largest_log_probability_gap"] < 1e-3


def test_tokens_drawn_include_the_end():
    assert writing.drawn(Completion((1, 2), "ab", "stop")) == 3
    assert writing.drawn(Completion((1, 2), "ab", "length")) == 2
    assert on_transformers.until_end([4, 5, 0, 7], [0]) == 3
    assert on_transformers.until_end([4, 5, 6], [0]) == 3


@pytest.mark.alone
def test_sampling_is_set_against_the_bare_model(engine):
    found = on_transformers.sampling(engine, writing.SMALL, repetitions=2)
    rates = found["tokens_per_second"]
    assert set(rates) == {OURS, "bare_generate"}
    assert all(len(each) == 2 and min(each) > 0 for each in rates.values())
    assert found["ours_over"]["bare_generate"]["each"][0] == pytest.approx(rates[OURS][0] / rates["bare_generate"][0], rel=0.01)
    assert writing.over([3.0, 1.0, 2.0], [1.0, 2.0, 4.0]) == {"median": 1.0, "each": [3.0, 0.5, 0.5]}


def test_each_way_begins_with_an_empty_cache(engine):
    events = []
    writers = {name: lambda _, name=name: (events.append(name), 5)[1] for name in (OURS, "bare")}
    writing.compare(writing.SMALL, writers, engine.tokenizer, repetitions=2, fresh=lambda: events.append("emptied"))
    assert events == ["emptied", OURS, "emptied", "bare"] * 2


@pytest.mark.alone
@pytest.mark.parametrize("way", peak.WAYS)
def test_memory_is_what_is_needed_beyond_the_model(engine, way):
    found = peak.inside(engine, way, SHAPE)
    assert found["peak_mib"] >= found["loaded_mib"] > 0
    assert found["above_loaded_mib"] == pytest.approx(found["peak_mib"] - found["loaded_mib"], abs=0.11)


def test_the_loop_needs_most_memory_for_its_last_batch():
    cut = peak.longest(tree(range(10), 1, 5, 7, 10), 2)
    assert [branch.offset for branch in cut.branches] == [7, 10]


# --- vLLM -------------------------------------------------------------------------------------------------------------------


class Counting:
    """A tiny engine that counts like the one of vLLM."""

    def __init__(self, inner, counts):
        self.inner, self.tokenizer, self.counts, self.step = inner, inner.tokenizer, Counts(), counts
        self.scored = []

    def score(self, trees):
        self.counts += self.step
        self.scored.append(trees)
        return self.inner.score(trees)


def test_vllm_is_set_against_itself_without_cache(engine):
    cached, off = (Counting(engine, Counts(100, 60, 50, 48, 5)) for _ in range(2))
    emptied = []
    found = on_vllm.early(cached, off, SHAPE, repetitions=2, fresh=lambda: emptied.append(len(cached.scored)))
    assert emptied == [0, 1]
    assert found["counts"] == {
        "prompt": 200, "cached": 120, "shareable": 100, "shared": 96, "drawn": 10, "shared_over_shareable": 0.96,
    }  # fmt: skip
    assert found[OURS]["computed_over_distinct"] == 1.0
    assert found["largest_log_probability_gap"] == 0
    assert "extrapolated_from" not in found[OFF]
    assert on_vllm.shared({"shared": 1, "shareable": 2}, {"shared": 1, "shareable": 2})["shared_over_shareable"] is None


def test_without_cache_every_kth_cut_of_one_trace_is_timed(engine):
    cached, off = Counting(engine, Counts()), Counting(engine, Counts())
    trees = shapes.trees(engine.tokenizer, SHAPE, seed=0, cue=shapes.BRIEFEST)
    some, places = on_vllm.thin(trees, 100)
    assert len(some) == 1
    assert some[0].branches == tuple(trees[0].branches[i] for i in places)
    assert len(places) < SHAPE.cuts
    found = on_vllm.early(cached, off, SHAPE, repetitions=1, budget=100, cue=shapes.BRIEFEST)
    assert off.scored == [some]
    assert found["cue"] == shapes.BRIEFEST
    assert found[OFF]["extrapolated_from"] == {"timed": len(places), "of": 15}
    assert found["largest_log_probability_gap"] < 1e-4
    assert on_vllm.thin(trees, on_vllm.asked(trees)) == (trees, range(15))


# --- Results ----------------------------------------------------------------------------------------------------------------


def entry(engine="transformers", device="cpu", model="m", **more):
    return {"engine": engine, "device": device, "model": model, **more}


def test_the_figure_shows_every_way_of_every_entry(early):
    more = {**early, "cuts": 10, NAIVE: {"left_out": "too large"}}
    other = {**early, "reasoning": 7}
    rows = [early, more, other]
    growth = clock.growth(shapes.alike(rows), on_transformers.WAYS)
    results = {"entries": [entry(early_answering=rows, growth_with_cuts=growth)]}
    drawing = figure.draw(results)
    assert len(drawing.points) == 7
    (panel,) = drawing.figure.axes
    lines = {line.get_label(): line for line in panel.lines}
    assert set(lines) == {figure.WAYS[way] for way in on_transformers.WAYS}
    assert list(lines["cotfaith"].get_xdata()) == [5, 10]
    assert list(lines["cotfaith"].get_ydata()) == [early[OURS]["median_seconds"]] * 2
    assert list(lines[figure.WAYS[NAIVE]].get_xdata()) == [5]
    assert "from 5 to 10 cuts the time grows 1.0 times with cotfaith" in drawing.caption
    assert "extrapolated" not in drawing.caption


def test_the_figure_says_what_was_extrapolated(early):
    part = {**early, ONE: early[ONE] | {"extrapolated_from": {"timed": 1, "of": 9}}}
    results = {"entries": [entry(early_answering=[part], growth_with_cuts=clock.growth([part], (OURS,)))]}
    drawing = figure.draw(results)
    assert drawing.points["extrapolated"].sum() == 1
    assert drawing.caption.endswith("a part was timed and the rest extrapolated by tokens.")
