"""A name is a name: whatever a hint, a writer, a filler, a donor or a judge is called, the numbers are the same and stand in the same places."""

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from measured import EXAMPLES

from cotfaith.analysis.estimate import Found, table
from cotfaith.contracts.measure import headline
from cotfaith.measures import MEASURES
from cotfaith.storage.label_sheet import HAND
from cotfaith.testing.measures import estimates, told

pytestmark = pytest.mark.slow

AWKWARD = (
    "answer wrong", "answer right", "1-2 steps", "a: b", "x, y", "a vs b", "a - b", "|", "@", "/", ".", " ", "treated", "control", "full",
    "traces", "unanswered", "_band", "{:g}", "0.5", "nan", "None", "\N{GREEK SMALL LETTER BETA}\N{SNOWMAN}", "\n", "'", '"',
)  # fmt: skip
NAMES = st.one_of(st.sampled_from(AWKWARD), st.text(min_size=1, max_size=8))
KINDS = ["hint_effect", "bias_accuracy", "adding_mistakes", "paraphrasing", "filler_tokens", "transplant", "answer_changed"]
PLAIN = "plain"


def facts(found, back):
    """All that the estimates say, by their keys with the names that `back` gives; of two judges the first by name comes first."""
    numbers, made = told(found), {}
    for one in found:
        key = one.key._replace(kind=back.get(one.kind, one.kind))
        judges = [back.get(name, name) for name in (key.judge, key.versus)]
        if key.versus:
            judges.sort()
        key = key._replace(judge=judges[0], versus=judges[1])
        assert key not in made
        p = None if one.p is None or math.isnan(one.p) else round(one.p, 9)
        made[key] = (*numbers[one.key], p, one.null, one.title, one.role, one.direction, one.method, one.note)
    return made


def headlines(found, back):
    return {back.get(one.kind, one.kind): (one.metric, one.n) for one in headline(found)}


def families(found, back):
    """The family of each test, its size and the adjusted p, as the table of estimates has them."""
    rows = table([Found("m", "t", "cot", one) for one in found])
    tested = rows[rows["family"] != ""]
    places = zip(tested["metric"], tested["kind"], tested["stratum"], tested["dose"].fillna(-1.0), strict=True)
    adjusted = zip(tested["family"], tested["family_size"], tested["p_adj"].round(9), strict=True)
    return {(metric, back.get(kind, kind), *rest): one for (metric, kind, *rest), one in zip(places, adjusted, strict=True)}


def kinds_of(rows):
    return sorted(set(rows.loc[rows["arm"] == "treated", "kind"]))


def same(name, rows, other, back):
    """Whether a measure says the same of `rows` and of `other`, but for the names."""
    measure = MEASURES[name]
    one, two = estimates(measure, rows), estimates(measure, other)
    assert facts(two, back) == facts(one, {})
    assert headlines(two, back) == headlines(one, {}) != {}
    assert families(two, back) == families(one, {})


@pytest.mark.parametrize("name", KINDS)
@example(kind="answer wrong")
@example(kind="1-2 steps")
@example(kind="a: b")
@given(kind=NAMES)
@settings(max_examples=10, deadline=None)
def test_any_kind(name, kind):
    rows = EXAMPLES[name]()
    first, *others = kinds_of(rows)
    if kind in others:
        kind += "!"
    same(name, rows.replace({"kind": {first: PLAIN}}), rows.replace({"kind": {first: kind}}), {kind: PLAIN})


@pytest.mark.parametrize("name", KINDS)
def test_any_kind_alone(name):
    """As it is the only one, nothing else says that it is a kind."""
    rows = EXAMPLES[name]()
    first = kinds_of(rows)[0]
    rows = rows[(rows["arm"] != "treated") | (rows["kind"] == first)]
    for kind in AWKWARD:
        same(name, rows.replace({"kind": {first: PLAIN}}), rows.replace({"kind": {first: kind}}), {kind: PLAIN})


@example(judge="answer wrong")
@example(judge="x, y")
@example(judge="a vs b")
@given(judge=NAMES)
@settings(max_examples=10, deadline=None)
def test_any_judge(judge):
    if judge in {HAND, "org/model@main"}:
        judge += "!"

    def called(name):
        said = [{(name if who == "lexical" else who, channel): v for (who, channel), v in one.items()} for one in rows["verdicts"]]
        return rows.assign(verdicts=said)

    rows = EXAMPLES["hint_effect"]()
    same("hint_effect", called(PLAIN), called(judge), {judge: PLAIN})


def test_a_hint_called_like_a_stratum_keeps_its_influence():
    rows = EXAMPLES["hint_effect"]().replace({"kind": {"suggested_answer": "answer wrong"}})
    found = [e for e in estimates(MEASURES["hint_effect"], rows) if e.metric == "influence" and e.kind == "answer wrong"]
    assert [e.key.stratum for e in found] == ["", "answer right", "answer wrong", "1-2 steps"]
    assert {e.kind for e in headline(found)} == {"answer wrong"}


def test_the_comparison_can_fail():
    rows = EXAMPLES["adding_mistakes"]()
    first = kinds_of(rows)[0]
    other = rows.replace({"kind": {first: "x"}}).assign(answer=rows["answer"].replace("B", "C"))
    with pytest.raises(AssertionError):
        same("adding_mistakes", rows.replace({"kind": {first: PLAIN}}), other.assign(gold="C"), {"x": PLAIN})
    with pytest.raises(AssertionError):
        same("adding_mistakes", rows.replace({"kind": {first: PLAIN}}), rows.replace({"kind": {first: "x"}}), {})
