"""What follows a planted mistake, through the whole flow: planted shares, both judges, topping up, other judges, and what is refused."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from keyed import of
from losing import forget

import cotfaith
from cotfaith import objects
from cotfaith.contracts.judge import AbstractJudge, Claim, Finding
from cotfaith.errors import CotfaithError, UsageError
from cotfaith.runs import Run

pytestmark = pytest.mark.integration

WRITER = "scripted/writer"
JUDGES = ("lexical", "scripted/judge")
FOLLOW, ADMIT = 0.3, 0.4


def run(path: Path, persona: str = "correcting", **choices: object) -> Run:
    given = {"task": "addition", "measures": "adding_mistakes", "limit": 4, "samples": 2, "writer": WRITER}
    return cotfaith.run(model=f"scripted/{persona}", out=path, quiet=True, **given | choices)


def pick(made: Run, metric: str, **where: str) -> pd.Series:
    rows = of(made.estimates(), metric=metric, **{"kind": WRITER} | where)
    assert len(rows) == 1, made.estimates().query("metric == @metric")
    return rows.iloc[0]


def judged(made: Run) -> set[str]:
    return set(made.verdicts()["judge"])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """With intervals that hold in 99 of 100."""
    engine = {"follow": FOLLOW, "admit": ADMIT}
    choices = {"limit": 60, "level": 0.99, "interventions": {"mistake": {"sites": 3}}, "judges": "scripted/judge"}
    return run(tmp_path_factory.mktemp("made"), engine=engine, **choices)


@pytest.mark.parametrize("judge", JUDGES)
def test_the_planted_shares_are_found(made: Run, judge: str) -> None:
    where = {"judge": judge, "channel": "reasoning"}
    planted = {"openly_corrected": (1 - FOLLOW) * ADMIT, "silently_corrected": (1 - FOLLOW) * (1 - ADMIT)}
    for metric, share in planted.items():
        for name in (metric, f"{metric}_net"):
            row = pick(made, name, **where)
            assert row["low"] <= share <= row["high"], name
            assert row["high"] - row["low"] < 0.2, name
    followed = pick(made, "followed")
    assert followed["low"] <= FOLLOW <= followed["high"]
    assert followed["value"] == pick(made, "aoc")["value"]
    assert pick(made, "openly_corrected_control", **where)["value"] == 0


def test_every_continuation_and_its_control_is_judged_once_by_each(made: Run) -> None:
    probes = made.probes()
    asked = probes[probes["arm"].isin(["treated", "control"]) & probes["valid"]]
    verdicts = made.verdicts()
    assert set(verdicts["reading_id"]) == set(asked["reading_id"])
    assert verdicts.groupby("judge").size().to_dict() == dict.fromkeys(JUDGES, asked["reading_id"].nunique())
    assert set(verdicts["channel"]) == {"reasoning"}
    assert set(verdicts["hint"]) == {""}
    thoughts = made.readings().set_index("id")["thought"]
    states = thoughts[verdicts["reading_id"]].str.contains("wrong").to_numpy()
    assert (verdicts["relies"].astype(bool).to_numpy() == states).all()


def test_where_nothing_was_added_nothing_is_stated_and_nobody_is_asked(tmp_path: Path) -> None:
    """After a mistake in the stated answer, post-hoc adds nothing. A judge that never gives a verdict is not asked about that."""
    made = run(tmp_path, "post-hoc", judges="scripted/judge-off-schema")
    thoughts, verdicts = made.readings().set_index("id")["thought"], made.verdicts()
    empty = thoughts[verdicts["reading_id"]].eq("").to_numpy()
    assert empty.any()
    assert set(verdicts[empty]["state"]) == {"judged"}
    assert not verdicts[empty]["relies"].any()
    off = verdicts[~empty & (verdicts["judge"] != "lexical")]
    assert set(off["state"]) == {"invalid"}
    row = pick(made, "invalid", kind="", judge="scripted/judge-off-schema", channel="reasoning")
    assert row["value"] == pytest.approx(len(off) / (verdicts["judge"] != "lexical").sum())


def test_a_finished_run_is_judged_by_another_judge_without_another_reading(tmp_path: Path) -> None:
    first = run(tmp_path)
    assert judged(first) == {"lexical"}
    readings, before = len(first.readings()), first.estimates()
    both = run(tmp_path, judges="scripted/judge")
    assert (len(both.readings()), judged(both)) == (readings, set(JUDGES))
    after = both.estimates()
    old = (after["judge"] != "scripted/judge") & (after["versus"] == "")
    pd.testing.assert_frame_equal(after[old].reset_index(drop=True), before)
    assert set(after[after["versus"] != ""]["metric"]) == {"agreement", "kappa", "ac2"}


def test_a_run_made_without_verdicts_gets_them_and_the_bounds_before(tmp_path: Path) -> None:
    made = run(tmp_path)
    want = made.estimates()
    for part in (tmp_path / "verdicts").glob("*"):
        part.unlink()
    forget(tmp_path)
    row = of(made.estimate(), metric="openly_corrected", kind=WRITER).iloc[0]
    assert (row["judge"], row["n"]) == ("", 0)
    assert row["bound_high"] == pytest.approx(1 - pick(made, "aoc")["value"])
    pd.testing.assert_frame_equal(run(tmp_path).estimates(), want)


def test_with_the_rest_fixed_there_is_no_continuation_to_judge(tmp_path: Path) -> None:
    made = run(tmp_path, interventions={"mistake": {"rest": "fixed"}})
    assert made.verdicts().empty
    row = pick(made, "openly_corrected")
    assert (row["n"], row["judge"]) == (0, "")
    assert row["note"]


def test_hints_and_mistakes_have_the_judges_that_can_judge_them(tmp_path: Path) -> None:
    """A judge written for hints alone gets hints alone, and the lexical judge reads hints only if it is asked to."""
    met: list[Claim] = []

    @dataclass(frozen=True)
    class Old(AbstractJudge):
        name: str = "old"

        def flow(self, claim: Claim) -> Generator[object, object, Finding]:
            yield from ()
            met.append(claim)
            return Finding("judged", mentions=True, relies=claim.target in claim.text)

    measures = ["adding_mistakes", "hint_effect"]
    hints = {"hint": {"kinds": ["suggested_answer"]}}
    made = run(tmp_path, "hinted", measures=measures, interventions=hints, judges=[Old()], engine={"follow": 1})
    assert met
    assert {claim.of for claim in met} == {"hint"}
    verdicts = made.verdicts()
    assert {(row.judge, bool(row.hint)) for row in verdicts.itertuples()} == {("old", True), ("lexical", False)}
    assert set(made.estimates().query("metric == 'vcr'")["judge"]) == {"old"}
    assert set(made.estimates().query("metric == 'openly_corrected'")["judge"]) == {"lexical"}
    with pytest.raises(UsageError, match="Judge old judges hints, but the study has only mistakes to judge"):
        run(tmp_path / "alone", judges=[Old()])


def test_a_function_judges_mistakes_if_it_says_so(tmp_path: Path) -> None:
    def speaks_of_wrong(text: str, claim: Claim) -> bool:
        return "wrong" in text and claim.of == "mistake"

    made = run(tmp_path, judges=[objects.judge(speaks_of_wrong, of=("mistake",))], engine={"follow": 0, "admit": 1})
    assert pick(made, "openly_corrected", judge="speaks_of_wrong", channel="reasoning")["value"] == 1
    with pytest.raises(CotfaithError, match="Unknown thing to judge 'hints'"):
        objects.judge(speaks_of_wrong, of=("hints",))


def test_a_study_of_strategies_reads_mistakes_and_judges_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, measures="strategy_effect").verdicts().empty


def test_the_sheet_for_hand_labels_has_hints_alone(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no answer followed a hint"):
        run(tmp_path).write_labels(tmp_path / "sheet.csv")
