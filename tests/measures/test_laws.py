"""Laws that every registered measure keeps, whoever registered it. `pytest tests/measures`"""

from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pytest
from measured import EXAMPLES

from cotfaith.contracts.measure import AbstractMeasure
from cotfaith.contracts.metric import Metric
from cotfaith.measures import MEASURES
from cotfaith.measures.parts import answer_arrays, quantity, treated_control
from cotfaith.measures.parts.quantity import UNANSWERED, Setting, mean
from cotfaith.stats import Key
from cotfaith.testing import check_measure, readings
from cotfaith.testing.laws import hold
from cotfaith.testing.measures import LAWS, estimates

HEAD = Metric("changed", "Answers that change", "Larger: more answers change.", role="headline")


def test_all_have_rows():
    assert set(MEASURES) == set(EXAMPLES)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_registered_one_keeps_the_law(name, law):
    hold(name, LAWS[law](MEASURES[name], EXAMPLES[name]()))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_rows_give_every_metric_a_value(name):
    """What a law says of a metric that has no value anywhere would say nothing."""
    found = {one.metric for one in estimates(MEASURES[name], EXAMPLES[name]()) if one.n}
    assert found == {metric.name for metric in MEASURES[name].metrics}


@dataclass(frozen=True)
class Plain(AbstractMeasure):
    """Keeps every law."""

    weight: str = "trace"

    name = "plain"
    title = "Answers that change"
    summary = "how many answers an edit changes"
    paper = "none"
    construct = "dependence"
    metrics = (HEAD, UNANSWERED)
    requires = MappingProxyType({"mistake": {}})

    def columns(self, rows):
        found = answer_arrays.read(rows, self.name, "mistake")
        changed = treated_control.changed(found)[Key("changed")].only(found.arm == "treated")
        return quantity.add_up(found.question, {Key("changed"): changed} | quantity.unanswered_by_arm(found))

    def estimates(self, table, *, level, seed):
        setting = Setting(self.name, self.weight, level, seed)
        return [mean(table, setting, HEAD), *quantity.unanswered_shares(table, setting)]


class Untitled(Plain):
    title = ""


class TwoHeads(Plain):
    metrics = (HEAD, UNANSWERED, replace(HEAD, name="other"))


class Unknown(Plain):
    reads = ("mind",)


class Other(Plain):
    def estimates(self, table, *, level, seed):
        first, *rest = super().estimates(table, level=level, seed=seed)
        return [replace(first, direction="Larger: better."), *rest]


class Outside(Plain):
    def estimates(self, table, *, level, seed):
        first, *rest = super().estimates(table, level=level, seed=seed)
        return [replace(first, value=1.5), *rest]


class Twice(Plain):
    def estimates(self, table, *, level, seed):
        return 2 * super().estimates(table, level=level, seed=seed)


class Headless(Plain):
    def estimates(self, table, *, level, seed):
        return super().estimates(table, level=level, seed=seed)[1:]


class Shardwise(Plain):
    def columns(self, rows):
        return super().columns(rows[rows["question_id"] == rows["question_id"].min()])


class Ordered(Plain):
    def columns(self, rows):
        return super().columns(rows[rows["question_id"] != rows["question_id"].iloc[0]])


BROKEN = {
    "says_what_it_is": Untitled,
    "its_metrics_say_what_they_are": TwoHeads,
    "what_it_reads_is_known": Unknown,
    "what_it_reports_is_declared": Other,
    "values_lie_in_their_support": Outside,
    "keys_are_unique": Twice,
    "the_headline_is_reported": Headless,
    "shards_add_up": Shardwise,
    "the_order_of_rows_does_not_matter": Ordered,
}


def test_a_plain_one_keeps_all():
    check_measure(Plain(), readings("mistake"))


@pytest.mark.parametrize("law", LAWS)
def test_each_law_can_fail(law):
    broken, rows = BROKEN[law](), readings("mistake")
    assert list(LAWS[law](broken, rows))
    with pytest.raises(AssertionError, match=r"The measure plain breaks \d+ of cotfaith's laws:\n- "):
        check_measure(broken, rows)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"title": ""}, "has no title"),
        ({"larger": "More."}, "no sentence that begins with 'Larger:'"),
        ({"support": (1.0, 0.0)}, "has the support"),
        ({"null": 2.0}, "outside its support"),
        ({"role": "curve"}, "its `dose` has no"),
    ],
)
def test_each_part_of_a_metric_is_looked_at(wrong, message):
    class Faulty(Plain):
        metrics = (HEAD, replace(UNANSWERED, **({"dose": ""} | wrong)))

    assert any(message in one for one in LAWS["its_metrics_say_what_they_are"](Faulty(), readings("mistake")))


def test_a_metric_or_a_kind_that_is_not_declared_is_found():
    class Silent(Plain):
        metrics = (HEAD,)

    class Kinds(Plain):
        def estimates(self, table, *, level, seed):
            return [replace(e, key=e.key._replace(kind="toy")) for e in super().estimates(table, level=level, seed=seed)]

    law, rows = LAWS["what_it_reports_is_declared"], readings("mistake")
    assert "it reports 'unanswered', which is not in its `metrics`" in set(law(Silent(), rows))
    assert any("`kinds` does not say what that is" in one for one in law(Kinds(), rows))


def test_the_rows_of_a_seed_are_the_same_and_some_have_no_answer():
    one, again, other = (readings("mistake", questions=20, seed=seed) for seed in (1, 1, 2))
    assert one.equals(again)
    assert not one.equals(other)
    assert 0 < np.mean(one["state"] == "unparsed") < 0.3
    assert set(readings("mine", steps=0)["arm"]) == {"full", "no_reasoning"}
    assert set(readings("mine", gold="C")["gold"]) == {"C"}
