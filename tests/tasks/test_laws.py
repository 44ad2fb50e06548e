"""Laws that hold for every registered task."""

from collections import Counter
from dataclasses import dataclass
from itertools import count, islice
from typing import ClassVar

import pytest

from cotfaith.contracts.task import AbstractTask
from cotfaith.plugins import registry
from cotfaith.testing import check_task
from cotfaith.testing.laws import hold
from cotfaith.testing.tasks import LAWS
from cotfaith.types import Question

CALLS = count()

COUNT = 400
VARIANTS = {
    "addition": [{}, {"operands": 16, "digits": 2}, {"operands": 2, "digits": 1}, {"form": "free"}],
    "tracking": [{}, {"people": 7, "swaps": 7}, {"people": 4, "ask": "who"}],
    "aqua": [{}],
    "jsonl": [{}],
    "bbq": [{}],
    "bets": [{}],
    "comparisons": [{}],
}
CASES = [(name, options) for name in registry.names("cotfaith.tasks") for options in VARIANTS.get(name, [{}])]


@pytest.fixture(params=CASES, ids=[f"{name}-{'-'.join(map(str, options.values()))}" for name, options in CASES])
def case(request, write):
    """A registered task with options, as its class and its options."""
    name, options = request.param
    if name == "aqua":
        rows = [{"question": f"Q{i}?", "options": [f"{c}){i}{c}" for c in "ABCDE"], "correct": "ABCDE"[i % 5]} for i in range(20)]
        options = {"data": str(write("test.jsonl", *rows))}
    if name == "jsonl":
        rows = [{"question": f"Q{i}?", "choices": [f"x{i}", f"y{i}"], "gold": "AB"[i % 2]} for i in range(20)]
        options = {"data": str(write("own.jsonl", *rows))}
    if name == "bbq":
        fixed = {"question": "Who?", "ans0": "x", "ans1": "y", "ans2": "not known", "unk_idx": 2, "label": 2, "category": "toy"}
        rows = [{"context": f"{i} people.", "weak_evidence": [f"x {i}", f"y {i}"], "target_loc": i % 2, **fixed} for i in range(20)]
        options = {"data": str(write("bbq.jsonl", *rows))}
    return registry.load("cotfaith.tasks", name), options


def ask(case, count=COUNT, **more):
    cls, options = case
    return list(islice(registry.build(cls, {**options, **more}).questions(), count))


@pytest.mark.parametrize("law", LAWS)
def test_it_keeps_the_law(case, law):
    cls, options = case
    made = registry.build(cls, options)
    assert isinstance(made, AbstractTask)
    assert registry.load("cotfaith.tasks", cls.name) is cls
    hold(cls.name, LAWS[law](made))


def test_a_built_in_one_knows_its_gold(case):
    assert all(question.gold is not None for question in ask(case))


@dataclass(frozen=True)
class Broken(AbstractTask):
    """Breaks the law that `fault` names."""

    name: ClassVar[str] = "broken"
    summary: ClassVar[str] = "Nothing."
    endless: ClassVar[bool] = False

    fault: str

    def questions(self):
        yield Question("1", "broken", "Which?", ("a", "b"), "C" if self.fault == "gold_is_a_letter" else "A")
        yield Question("1" if self.fault == "ids_are_unique" else "2", "broken", "Which?", ("a", "b"), "A")
        if self.fault == "question_i_is_the_same":
            yield Question(f"3-{next(CALLS)}", "broken", "Which?", ("a", "b"), "A")


class Endless(Broken):
    """Says that it never ends."""

    endless = True


@pytest.mark.parametrize("law", LAWS)
def test_each_law_can_fail(law):
    broken = Endless("") if law == "says_what_it_is" else Broken(law)
    check_task(Broken(""))
    assert list(LAWS[law](broken))
    with pytest.raises(AssertionError, match=r"The task broken breaks \d+ of cotfaith's laws:\n- "):
        check_task(broken)


DRAWN = [(name, options) for name, options in CASES if name in {"addition", "tracking", "bets", "comparisons"}]
drawn = pytest.mark.parametrize(("name", "options"), DRAWN)
# The letters of comparisons are balanced by group (test_comparisons).
lettered = pytest.mark.parametrize(
    ("name", "options"), [case for case in DRAWN if case[1].get("form") != "free" and case[0] != "comparisons"]
)


def test_options_that_decide_the_text_are_in_the_id():
    firsts = [ask((registry.load("cotfaith.tasks", name), options), 1, seed=seed)[0] for name, options in DRAWN for seed in (0, 1)]
    assert len({question.id for question in firsts}) == len(firsts)


@drawn
def test_another_seed_gives_other_questions(name, options):
    case = registry.load("cotfaith.tasks", name), options
    one, other = ask(case, 50, seed=0), ask(case, 50, seed=1)
    assert not {question.id for question in one} & {question.id for question in other}
    assert sum(a.text != b.text for a, b in zip(one, other, strict=True)) > 40


@lettered
def test_letters_are_balanced(name, options):
    questions = ask((registry.load("cotfaith.tasks", name), options))
    counts = Counter(question.gold for question in questions)
    assert set(counts) == set(questions[0].letters)
    assert max(counts.values()) - min(counts.values()) <= 1


@lettered
def test_letters_do_not_come_in_a_fixed_order(name, options):
    questions = ask((registry.load("cotfaith.tasks", name), options))
    size = max(6, len(questions[0].letters))
    blocks = {"".join(question.gold for question in questions[i : i + size]) for i in range(0, size * 30, size)}
    assert len(blocks) > 4
