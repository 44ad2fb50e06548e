"""The measures on the stated reasoning, on personas whose dependence on it is known: a positive and a negative control each.

Every expected value is worked out from the traces (how many steps, what they state), never from the measure's own code.
"""

import math
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from keyed import of

import cotfaith
from cotfaith.runs import Run

pytestmark = pytest.mark.integration

WRITER = "scripted/writer"
ANNOUNCED = " I know this one."


def run(persona: str, measure: str, path: Path, **choices: object) -> Run:
    return cotfaith.run(
        model=f"scripted/{persona}",
        task="addition",
        measures=measure,
        out=path,
        quiet=True,
        **{"limit": 20, "samples": 2} | choices,
    )


def values(made: Run, kind: str = "", **where: str) -> dict[str, float]:
    """The values of the metrics that have no place on a curve, by name, for one kind."""
    rows = of(made.estimates(), kind=kind, **where)
    assert rows["metric"].is_unique
    return dict(zip(rows["metric"], rows["value"], strict=True))


def steps(made: Run) -> pd.Series:
    return made.traces()["steps"].map(len)


def read(made: Run, intervention: str, arm: str = "treated") -> pd.DataFrame:
    """The probes of one arm of an intervention, each with its reading."""
    probes = made.probes()
    mine = probes[(probes["intervention"] == intervention) & (probes["arm"] == arm)]
    return mine.merge(made.readings(), left_on="reading_id", right_on="id", suffixes=("", "_read"))


# --- adding mistakes: a writer that always manages; the faithful heed the two steps that carry the value -----------------------


def test_mistakes_change_the_answers_of_the_faithful(tmp_path: Path) -> None:
    made = run("faithful", "adding_mistakes", tmp_path, writer=WRITER)
    found = values(made, WRITER)
    assert found["edit_valid"] == 1
    assert found["aoc_net"] == pytest.approx((2 / steps(made)).mean(), rel=1e-9)
    assert found["aoc_control"] == 0


@pytest.mark.parametrize("persona", ["post-hoc", "biased"])
def test_mistakes_change_nothing_where_the_reasoning_is_not_heeded(persona: str, tmp_path: Path) -> None:
    found = values(run(persona, "adding_mistakes", tmp_path, writer=WRITER), WRITER)
    assert (found["aoc"], found["aoc_net"], found["aoc_probability_net"]) == (0, 0, 0)


def test_mistakes_with_the_rest_kept_are_mended_by_what_follows(tmp_path: Path) -> None:
    """With the rest of the reasoning fixed, its last step still states the right answer, unless that is the step with the mistake."""
    made = run("faithful", "adding_mistakes", tmp_path, writer=WRITER, interventions={"mistake": {"rest": "fixed"}})
    assert values(made, WRITER)["aoc_net"] == pytest.approx((1 / steps(made)).mean(), rel=1e-9)


@pytest.mark.parametrize(("persona", "followed"), [("post-hoc", lambda n: 0 * n), ("faithful", lambda n: 2 / n)])
def test_nobody_corrects_openly_who_never_says_so(persona: str, followed: Callable[[pd.Series], pd.Series], tmp_path: Path) -> None:
    """The null: they state nothing, so what is not followed counts as corrected silently, though it may only not have mattered."""
    made = run(persona, "adding_mistakes", tmp_path, writer=WRITER)
    found, share = values(made, WRITER, judge="lexical", channel="reasoning"), followed(steps(made)).mean()
    assert values(made, WRITER)["followed"] == pytest.approx(share, rel=1e-9)
    assert (found["openly_corrected"], found["openly_corrected_control"], found["openly_corrected_net"]) == (0, 0, 0)
    assert found["silently_corrected"] == pytest.approx(1 - share, rel=1e-9)


@pytest.mark.parametrize(
    ("follow", "admit", "planted"),
    [(1, 0.5, (1, 0, 0)), (0, 1, (0, 1, 0)), (0, 0, (0, 0, 1))],
    ids=["follows", "openly", "silently"],
)
def test_what_a_persona_does_after_every_mistake_is_found(
    follow: float, admit: float, planted: tuple[float, float, float], tmp_path: Path
) -> None:
    """The positive control, with the same traces and the same mistakes."""
    made = run("correcting", "adding_mistakes", tmp_path, writer=WRITER, engine={"follow": follow, "admit": admit})
    found = values(made, WRITER, judge="lexical", channel="reasoning")
    assert (values(made, WRITER)["followed"], found["openly_corrected"], found["silently_corrected"]) == planted
    assert (found["openly_corrected_net"], found["silently_corrected_net"]) == planted[1:]
    assert found["openly_corrected_control"] == 0


def test_a_habit_of_calling_steps_wrong_is_taken_off_by_the_control(tmp_path: Path) -> None:
    found = values(run("doubting", "adding_mistakes", tmp_path, writer=WRITER), WRITER, judge="lexical", channel="reasoning")
    assert (found["openly_corrected"], found["silently_corrected"]) == (1, 0)
    assert (found["openly_corrected_control"], found["openly_corrected_net"], found["silently_corrected_net"]) == (1, 0, 1)


@pytest.mark.parametrize(
    ("writer", "reason"),
    [
        ("writer-echoes", "echoed"),
        ("writer-refuses", "refused"),
        ("writer-overruns", "overran"),
        ("writer-silent", "nothing written"),
        ("writer-careless", "reworded only"),
    ],
)
def test_a_writer_that_fails_is_counted_and_nothing_is_estimated(writer: str, reason: str, tmp_path: Path) -> None:
    made = run("faithful", "adding_mistakes", tmp_path, writer=f"scripted/{writer}", limit=5)
    found = values(made, f"scripted/{writer}")
    assert found["edit_valid"] == 0
    assert values(made, f"scripted/{writer}", reason=reason) == {"edit_invalid": 1}
    assert math.isnan(found["aoc_net"])
    assert found["included"] == 0
    probes = made.probes().query("arm == 'treated'")
    assert not probes["valid"].any()
    assert set(probes["reading_id"]) == {""}


# --- paraphrasing ---------------------------------------------------------------------------------------------------------------


def test_paraphrases_change_the_answer_where_the_wording_carries_it(tmp_path: Path) -> None:
    """It heeds a stated answer only behind its own words: only a prefix with the last step in it, one of n, loses them."""
    made = run("encoded", "paraphrasing", tmp_path, writer=WRITER)
    found = values(made, WRITER)
    assert found["edit_valid"] == 1
    assert found["retention_net"] == pytest.approx((-1 / steps(made)).mean(), rel=1e-9)
    assert found["retention_at_once_net"] == -1


@pytest.mark.parametrize("persona", ["faithful", "post-hoc"])
def test_paraphrases_change_nothing_where_the_content_carries_it(persona: str, tmp_path: Path) -> None:
    found = values(run(persona, "paraphrasing", tmp_path, writer=WRITER), WRITER)
    assert (found["retention"], found["retention_net"], found["retention_at_once_net"]) == (1, 0, 0)


def test_a_paraphrase_that_changes_a_number_is_edit_invalid(tmp_path: Path) -> None:
    """Steps without a number leave the careless writer nothing to spoil: what it changed is what was not taken."""
    made = run("faithful", "paraphrasing", tmp_path, writer="scripted/writer-careless", limit=5)
    treated = made.probes().query("arm == 'treated'")
    failed = treated[~treated["valid"]]
    assert "numbers changed" in set(failed["note"])
    assert values(made, "scripted/writer-careless")["edit_valid"] == pytest.approx(treated["valid"].mean())
    assert values(made, "scripted/writer-careless", reason="numbers changed")["edit_invalid"] == pytest.approx(
        (treated["note"] == "numbers changed").mean()
    )


def test_two_paraphrasers_stand_side_by_side(tmp_path: Path) -> None:
    made = run("encoded", "paraphrasing", tmp_path, writer=[WRITER, "scripted/writer-echoes"], limit=5)
    assert values(made, WRITER)["edit_valid"] == 1
    assert values(made, "scripted/writer-echoes")["edit_valid"] == 0


# --- steps ------------------------------------------------------------------------------------------------------------------------


def test_removing_a_step_matters_to_the_faithful_where_it_states_the_answer(tmp_path: Path) -> None:
    options = {"shuffle": {}, "last_steps": {"lasts": [1]}, "replacement": {}}
    made = run("faithful", "step_importance", tmp_path, interventions=options)
    found = values(made)
    assert found["removal_changed_net"] == pytest.approx(len(steps(made)) / steps(made).sum(), rel=1e-9)
    assert found["shuffle_changed_net"] == 0
    assert made.estimates().query("metric == 'last_steps_changed' and dose == 1")["value"].item() == 0


def test_removing_a_step_matters_to_nobody_else(tmp_path: Path) -> None:
    found = values(run("post-hoc", "step_importance", tmp_path, interventions={"shuffle": {}, "replacement": {}}))
    assert (found["removal_changed"], found["shuffle_changed"], found["replacement_changed"]) == (0, 0, 0)


def test_resampling_finds_the_step_that_decides(tmp_path: Path) -> None:
    """A mixed persona decides in its first step: drawn anew it goes the other way as often as the draws say, later ones change nothing."""
    made = run(
        "mixed",
        "step_importance",
        tmp_path,
        engine={"share": 0.5},
        limit=10,
        interventions={"removal": {"sites": 1}, "resampling": {"draws": 6}},
    )
    own = made.traces().set_index("id")["reasoning"].str.startswith(ANNOUNCED)
    draws = read(made, "resampling").query("site == 1")
    other = draws["thought"].str.startswith(ANNOUNCED).to_numpy() != own[draws["trace_id"]].to_numpy()
    sites = read(made, "resampling").groupby(["trace_id", "site"]).ngroups
    assert other.any()
    assert values(made)["resampling_tv"] == pytest.approx(other.sum() / 6 / sites, rel=1e-9)
    assert values(made)["resampling_tv_excess"] > 0


def test_resampling_finds_nothing_where_no_step_decides(tmp_path: Path) -> None:
    made = run(
        "post-hoc", "step_importance", tmp_path, limit=5, interventions={"removal": {"sites": 1}, "resampling": {"draws": 4}}
    )
    found = values(made)
    assert (found["resampling_tv"], found["resampling_tv_null"], found["resampling_kl"], found["resampling_kl_excess"]) == (
        0,
        0,
        0,
        0,
    )


def test_resilience_counts_the_rounds_until_a_step_stays_away(tmp_path: Path) -> None:
    """Thinking on, the faithful state value and answer again and again (all 3 rounds), but never a remark (one round).

    Only the first step is resampled, with remarks drawn anew, among which it may be.
    """
    made = run(
        "faithful", "step_importance", tmp_path, limit=5, interventions={"removal": {"sites": 1}, "resilience": {"rounds": 3}}
    )
    found, rows = values(made), read(made, "resilience")
    size = rows["trace_id"].map(steps(made).set_axis(made.traces()["id"]))
    stated = rows["site"] >= size - 1
    assert set(rows[stated]["dose"]) == {3}
    assert set(rows[stated]["kind"]) == {"still there"}
    assert set(rows[~stated & (rows["site"] > 1)]["dose"]) == {1}
    assert set(rows[~stated & (rows["site"] > 1)]["kind"]) == {"gone"}
    assert found["resilience"] == pytest.approx(rows["dose"].mean(), rel=1e-9)
    assert found["resilience_gone"] == pytest.approx((rows["kind"] == "gone").mean(), rel=1e-9)


# --- transplants -------------------------------------------------------------------------------------------------------------------


def test_a_transplanted_reasoning_takes_the_faithful_with_it(tmp_path: Path) -> None:
    made = run("faithful", "transplant", tmp_path)
    full = read(made, "transplant", "full").set_index("trace_id")["answer"]
    treated = read(made, "transplant")
    differs = full[treated["donor"]].to_numpy() != full[treated["trace_id"]].to_numpy()
    found = values(made, "another question")
    assert found["answers_changed_net"] == pytest.approx(differs.mean(), rel=1e-9)
    assert differs.any()
    assert found["follows_donor"] == 1


def test_a_transplanted_reasoning_moves_nobody_else(tmp_path: Path) -> None:
    found = values(run("post-hoc", "transplant", tmp_path), "another question")
    assert (found["answers_changed"], found["follows_donor"]) == (0, 0)


def test_the_reasoning_of_another_model_moves_the_faithful(tmp_path: Path) -> None:
    """What `biased` states is always (A); the faithful say so after it, and post-hoc never do."""
    made = cotfaith.run(
        model=["scripted/biased", "scripted/faithful", "scripted/post-hoc"], task="addition", measures="transplant", limit=10, out=tmp_path,
        quiet=True, interventions={"transplant": {"model": "scripted/biased"}},
    )  # fmt: skip
    rows = made.estimates().query("metric == 'follows_donor' and kind == 'scripted/biased'").set_index("model")
    assert rows.loc["scripted/faithful", "value"] == 1
    assert rows.loc["scripted/post-hoc", "value"] == 0
    assert rows.loc["scripted/biased", "n"] == 0
    assert math.isnan(rows.loc["scripted/biased", "value"])


# --- normalised unfaithfulness -----------------------------------------------------------------------------------------------------


def test_a_model_that_always_says_a_is_unfaithful_until_it_is_normalised(tmp_path: Path) -> None:
    found = values(run("biased", "normalised_unfaithfulness", tmp_path))
    assert (found["unfaithfulness"], found["normaliser"], found["normalised"], found["product"]) == (1, 1, 1, 1)
    assert found["normaliser_content"] < 1
    assert math.isnan(found["kappa"])


def test_a_model_that_knows_its_answer_moves_with_the_options(tmp_path: Path) -> None:
    made = run("post-hoc", "normalised_unfaithfulness", tmp_path, limit=40)
    treated, full = read(made, "option_order"), read(made, "option_order", "full").set_index("trace_id")["answer"]
    own = full[treated["trace_id"]].to_numpy()
    stays = [kind["ABCDEFGH".index(letter)] == letter for kind, letter in zip(treated["kind"], own, strict=True)]
    found = values(made)
    assert found["unfaithfulness"] == found["normaliser_content"] == found["kappa"] == 1
    assert found["normaliser"] == pytest.approx(sum(stays) / len(stays), rel=1e-9)
    assert found["normalised"] == pytest.approx(len(stays) / sum(stays), rel=1e-9)


def test_a_faithful_model_is_none_of_it(tmp_path: Path) -> None:
    found = values(run("faithful", "normalised_unfaithfulness", tmp_path))
    assert (found["unfaithfulness"], found["normalised"]) == (0, 0)
    assert found["kappa"] < 0


# --- strategies --------------------------------------------------------------------------------------------------------------------

STRATEGIES = ("cot", "cot_few_shot", "cot_decomposition", "factored_decomposition", "zero_shot", "few_shot", "budget")


def by_strategy(made: Run, metric: str, versus: str = "") -> dict[str, float]:
    rows = made.estimates().query("metric == @metric and stratum == ''")
    rows = rows[rows["versus"] == versus]
    assert rows["strategy"].is_unique
    return dict(zip(rows["strategy"], rows["value"], strict=True))


def test_strategies_of_a_faithful_model(tmp_path: Path) -> None:
    """It is right where it may work the sum out; a cut before the last step, of n, brings its wrong belief back."""
    made = run("faithful", "strategy_effect", tmp_path, limit=10, strategy=STRATEGIES, writer=WRITER)
    accuracy = by_strategy(made, "accuracy")
    assert {name: accuracy[name] for name in STRATEGIES} == {
        name: float(name not in {"zero_shot", "few_shot"}) for name in STRATEGIES
    }
    sensitivity = by_strategy(made, "truncation_sensitivity")
    late = 1 - 1 / (2 * steps(made))
    for name, own in late.groupby(made.traces()["strategy"]):
        if name not in {"zero_shot", "few_shot"}:
            assert sensitivity[name] == pytest.approx(own.mean(), rel=1e-9), name
    assert by_strategy(made, "corruption_sensitivity")["cot"] > 0
    assert by_strategy(made, "accuracy_difference", "cot")["zero_shot"] == -1


def test_strategies_of_a_model_that_does_not_heed_its_reasoning(tmp_path: Path) -> None:
    made = run("post-hoc", "strategy_effect", tmp_path, limit=5, strategy=STRATEGIES, writer=WRITER)
    assert set(by_strategy(made, "accuracy").values()) == {1.0}
    for metric in ("truncation_sensitivity", "corruption_sensitivity_net"):
        told = {name: value for name, value in by_strategy(made, metric).items() if name not in {"zero_shot", "few_shot"}}
        assert told
        assert all(value == pytest.approx(0, abs=1e-12) for value in told.values())
