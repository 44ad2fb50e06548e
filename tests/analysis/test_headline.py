"""One definition of a headline: the table, the page, `compare` and `sensitivity` show the same metric of a measure."""

import pytest

import cotfaith
from cotfaith import tables
from cotfaith.measures import MEASURES
from cotfaith.report import numbers

SHARED = {
    "model": "scripted/faithful",
    "task": "addition",
    "limit": 5,
    "measures": ["strategy_effect", "reasoning_gain"],
    "strategy": ["cot", "cot_few_shot"],
    "quiet": True,
}
DECLARED = {"strategy_effect": {"truncation_sensitivity"}, "reasoning_gain": {"answers_changed"}}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return cotfaith.run(**SHARED, out=tmp_path_factory.mktemp("headline") / "run")


def metrics(table):
    return table.groupby("measure")["metric"].agg(set).to_dict()


def test_the_table_and_the_page_show_the_declared_metric(run):
    shown = tables.headline(run.estimates())
    assert metrics(shown[shown["role"] == "headline"]) == DECLARED
    assert metrics(numbers.beside(run.estimates(), named=True)) == DECLARED


def test_compare_and_sensitivity_take_the_declared_metric(run):
    assert metrics(run.sensitivity()) == DECLARED
    other = cotfaith.run(**SHARED, seed=1, out=run.path.parent / "other")
    assert metrics(cotfaith.compare([run.path, other.path], by="run").differences) == DECLARED


@pytest.mark.parametrize("name", MEASURES)
def test_the_declared_one_is_the_first_headline_metric(name):
    measure = MEASURES[name]
    first = next(metric for metric in measure.metrics if metric.role == "headline")
    assert measure.headline() == first
