"""What `cotfaith power` says, and that docs/power.md says the same."""

import math
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from cotfaith import figures
from cotfaith.errors import UsageError
from cotfaith.planning import Plan, curve, render, suffices, table
from cotfaith.planning.drawing import drawing, figure
from cotfaith.stats import planning
from cotfaith.stats.icc import effective_size
from cotfaith.stats.mcnemar_planning import n_mcnemar, n_mcnemar_exact, power_mcnemar
from docs.generate import pages

SIX = (0.5, 1.5, 3, 7, 14, 32)
COMMANDS = {
    "equivalence": ("--test equivalence --margin 0.05 --sd 0.3", Plan("equivalence", (0.05,), sd=0.3)),
    "difference": (
        "--test difference --effect 0.05 --sd 0.5 --samples 1,3,10 --questions 200",
        Plan("difference", (0.05,), sd=0.5, samples=(1, 3, 10), questions=(200,)),
    ),
    "mcnemar": ("--test mcnemar --effect 0.05,0.1 --psi 0.2", Plan("mcnemar", (0.05, 0.1), psi=0.2)),
    "slope": ("--test slope --effect 0.05,0.1 --sd 0.04 --sizes 0.5,1.5,3,7,14,32", Plan("slope", (0.05, 0.1), sd=0.04, sizes=SIX)),
}
GRIDS = {
    "6 sizes, 0.5 to 32": SIX,
    "8 sizes, 0.07 to 12": (0.07, 0.16, 0.41, 1, 1.4, 2.8, 6.9, 12),
    "4 sizes, 0.5 to 32": (0.5, 1.5, 7, 32),
}


def grid(head, rows):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def blocks():
    """Everything on docs/power.md that has numbers in it."""
    made = {name: f"```\ncotfaith power {asked}\n\n{render(plan)}\n```" for name, (asked, plan) in COMMANDS.items()}
    asked = ((k, planning.n_questions(0.03, 1 / 9, 1 / 6, k)) for k in (1, 3, 10, math.inf))
    made["miller"] = grid(
        ["samples in each arm", "questions"], [["no end" if k == math.inf else k, math.ceil(n)] for k, n in asked]
    )
    samples = (1, 3, 5, 10, 100)
    made["worth"] = grid(
        ["icc", *(f"{m} sample{'s' * (m > 1)}" for m in samples)],
        [[rho, *(f"{effective_size(rho, m):.2f}" for m in samples)] for rho in (0.1, 0.3, 0.5, 0.8)],
    )
    made["connor"] = grid(
        ["delta", "psi", "formula", "exact power there", "exact test", "mid-p"],
        [
            [d, psi, n := math.ceil(n_mcnemar(d, psi)), f"{power_mcnemar(n, d, psi):.3f}"]
            + [n_mcnemar_exact(d, psi, test=test) for test in ("exact", "mid")]
            for d, psi in ((0.05, 0.2), (0.1, 0.2), (0.1, 0.3))
        ],
    )
    made["slopes"] = grid(
        ["sizes (billions)", *(f"sd {sd} a model" for sd in (0.02, 0.04, 0.08))],
        [[name, *(f"{planning.detectable_slope(np.log10(x), sd):.3f}" for sd in (0.02, 0.04, 0.08))] for name, x in GRIDS.items()],
    )
    made["share"] = grid(
        ["halfwidth, p = 0.5", "1 unit a question", "5 units, icc 0.5", "100 units, icc 0.5"],
        [[h, *(math.ceil(planning.n_proportion(h, 0.5, 0.5, m)) for m in (1, 5, 100))] for h in (0.1, 0.05, 0.03)],
    )
    return made


PAGE = (pages.DOCS / "power.md").read_text(encoding="utf-8")


def test_the_page_says_what_the_code_says():
    assert pages.filled(PAGE, blocks(), "power.md") == PAGE


def test_the_proof_can_fail():
    assert pages.filled(PAGE.replace(" 309 ", " 310 "), blocks(), "power.md") == PAGE != PAGE.replace(" 309 ", " 310 ")


def test_the_python_of_the_page_is_python():
    (text,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    compile(text, "power.md", "exec")
    for module, name in re.findall(r"`cotfaith\.stats\.(\w+)\.(\w+)\(", PAGE):
        assert module == "planning"
        assert callable(getattr(planning, name))


def test_equivalence_needs_309_questions():
    (row,) = table(Plan("equivalence", (0.05,), sd=0.3)).to_dict("records")
    assert row == {
        "effect": 0.05, "samples": 1, "sd": 0.3, "questions": 309, "traces": 309, "power": pytest.approx(0.7989, abs=1e-4), "number": "needed",
    }  # fmt: skip


def test_a_few_questions_are_raised_until_the_power_is_there():
    (row,) = table(Plan("equivalence", (1.0,), sd=0.3)).to_dict("records")
    assert math.ceil(planning.n_equivalence(1.0, 0.3)) == 1
    assert (row["questions"], row["power"] >= 0.795) == (3, True)


def test_a_row_for_each_effect_number_of_samples_and_given_number():
    found = table(Plan("difference", (0.05, 0.1), samples=(1, 3), questions=(100, 200)))
    assert list(found.columns) == ["effect", "samples", "sd", "questions", "traces", "power", "number"]
    assert len(found) == 2 * 2 * 3
    assert (found["traces"] == found["questions"] * found["samples"]).all()
    needed = found[found["number"] == "needed"]
    assert (needed["power"] >= 0.8).all()
    for row in needed.to_dict("records"):
        assert planning.power_difference(row["questions"] - 1, row["effect"], row["sd"]) < 0.8
    assert set(found.loc[found["number"] == "given", "questions"]) == {100, 200}


def test_samples_enter_as_miller_has_them():
    plan = Plan(sd=0.4, icc=0.3, samples=(1, 5))
    assert plan.spread(1) == 0.4
    for m in (1, 5, 50):
        variance = 0.3 * 0.16 + 0.7 * 0.16 / m
        assert plan.spread(m) ** 2 == pytest.approx(variance)
        by_miller = planning.n_questions(0.05, 0.3 * 0.16, (0.7 * 0.08, 0.7 * 0.08), m)
        assert by_miller == pytest.approx(planning.n_questions(0.05, plan.spread(m) ** 2, 0, 1))
    assert Plan().spread(1) == 0.5


def test_samples_enter_as_a_simulation_has_them():
    random = np.random.default_rng(8)
    sd, icc, m = 0.4, 0.3, 5
    question = sd * icc**0.5 * random.standard_normal((20_000, 1))
    means = (question + sd * (1 - icc) ** 0.5 * random.standard_normal((20_000, m))).mean(1)
    assert Plan(sd=sd, icc=icc).spread(m) == pytest.approx(means.std(), rel=0.02)


def test_mcnemar_has_the_power_exactly():
    found = table(Plan("mcnemar", (0.05,), questions=(626,)))
    assert found["questions"].tolist() == [658, 626]
    assert found["power"].tolist() == pytest.approx([0.8006, 0.7789], abs=1e-4)
    assert "sd" not in found


def test_slopes_for_the_own_sizes_and_for_more_models():
    found = table(Plan("slope", (0.05, 0.1), sd=0.04, sizes=SIX))
    assert found["number"].tolist() == ["detectable", "needed", "given", "needed", "given"]
    assert found["effect"][0] == pytest.approx(0.102, abs=5e-4)
    assert found.loc[found["number"] != "needed", "models"].tolist() == [6, 6, 6]
    needed = found[found["number"] == "needed"]
    assert (needed["power"] >= 0.8).all()
    for row in needed.to_dict("records"):
        fewer = np.linspace(0, math.log10(64), row["models"] - 1)
        assert planning.power_slope(fewer, row["effect"], 0.04) < 0.8


@pytest.mark.parametrize("name", COMMANDS)
def test_the_curve_rises_through_the_power_at_the_number_needed(name):
    plan = COMMANDS[name][1]
    found, needed = curve(plan), table(plan)
    needed = needed[needed["number"] == "needed"].set_index(["effect", "samples"] if "samples" in needed else ["effect"])
    keys = list(needed.index.names)
    assert len(found.groupby(keys)) == len(needed)
    for key, rows in found.groupby(keys):
        at = needed.loc[key, plan.unit]
        reached = rows.loc[rows["power"] >= plan.power, plan.unit].min()
        assert rows[plan.unit].is_monotonic_increasing
        assert rows[plan.unit].max() >= 1.25 * at
        assert 0 <= reached - at <= rows[plan.unit].diff().max() + 1


@pytest.mark.parametrize("name", COMMANDS)
def test_the_text_fits_and_has_everything(name):
    plan = COMMANDS[name][1]
    text = render(plan)
    lines = text.splitlines()
    assert max(map(len, lines)) <= 100
    for row in table(plan).to_dict("records"):
        assert re.search(rf"^ *{row['effect']:.3g} .*\b{row[plan.unit]} .*{row['power']:.3f} +{row['number']}$", text, re.MULTILINE)
    for column in table(plan).columns.drop(["effect", "number"]):
        assert re.search(rf"\b{column}: ", text)
    assert "power 0.8" in lines[0]
    plots = [line for line in lines if line.endswith("█")]
    assert len(plots) == len(plan.effects) * len(plan.samples)
    assert all(len(line) == len(plots[0]) for line in plots)
    assert re.fullmatch(rf"{plan.unit}( +\d+){{4}}", lines[lines.index(plots[-1]) + 1])


def test_the_blocks_show_where_the_power_is_reached():
    plan = Plan("difference", (0.1,), questions=(1000,))
    text = render(plan)
    (plot,) = [line.split("  ")[1] for line in text.splitlines() if line.endswith("█")]
    most = int(curve(plan)["questions"].max())
    assert (len(plot), most) == (60, 1600)
    first = (plot.index("█") + 1) * most / 60
    assert 199 <= first <= 199 + most / 60
    assert plot == "".join(sorted(plot))  # each block is as high as the one before, or higher


def test_what_is_assumed_is_said():
    assert "0.3 sqrt((1 + (m - 1) icc) / m), icc 0.5." in " ".join(render(Plan("equivalence", (0.05,), sd=0.3)).split())
    assert "assumed to differ on 0.25 of the questions (psi)" in " ".join(render(Plan("mcnemar", psi=0.25)).split())
    assert "alpha 0.01, with power 0.9" in render(Plan(power=0.9, alpha=0.01))
    assert "none is missing" in render(Plan())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_figure_shows_the_curve(name, tmp_path):
    plan = COMMANDS[name][1]
    made = drawing(plan)
    assert isinstance(made, figures.Drawing)
    (axes,) = made.figure.axes
    shown = axes.get_lines()[:-1]
    assert len(shown) == len(plan.effects) * len(plan.samples)
    assert [y for line in shown for y in line.get_ydata()] == curve(plan)["power"].tolist()
    assert set(axes.get_lines()[-1].get_ydata()) == {0.8}
    assert (axes.get_xlabel(), axes.get_ylabel()) == (plan.unit.capitalize(), "Power")
    assert "power 0.8" in made.caption
    path = figure(plan, tmp_path / "power.svg")
    text = path.read_text(encoding="utf-8")
    assert ET.fromstring(text).tag.endswith("svg")
    assert f"{shown[0].get_label()}</text>" in text
    assert figure(plan, tmp_path / "again.svg").read_text(encoding="utf-8") == text


def test_a_figure_needs_a_place(tmp_path):
    with pytest.raises(
        UsageError, match=r"power.gif' has a name that ends in .gif, .*: give a name that ends in .pdf, .svg or .png."
    ):
        figure(Plan(), tmp_path / "power.gif")
    with pytest.raises(
        UsageError, match=r"cannot be written to '.*power.svg': No such file or directory: name a file in an existing folder"
    ):
        figure(Plan(), tmp_path / "nowhere" / "power.svg")


def test_whether_a_limit_suffices():
    short, enough = (suffices(0.05, limit, 0.3) for limit in (20, 309))
    assert (short.needed, short.limit, short.enough) == (309, 20, False)
    assert short.sentence == (
        "Equivalence within 0.05 at power 0.8 needs 309 questions (sd 0.3 of the question differences); limit 20 is too few."
    )
    assert enough.enough
    assert enough.sentence.endswith("; limit 309 is enough.")
    assert suffices(0.05, 308, 0.3).enough is False
    several = suffices(0.1, 50, 0.5, power=0.9, samples=3, icc=0.3)
    assert several.needed == math.ceil(planning.n_equivalence(0.1, 0.5 * (1.6 / 3) ** 0.5, power=0.9))
    assert several.sentence == (
        f"Equivalence within 0.1 at power 0.9 needs {several.needed} questions "
        "(sd 0.5 of the question differences with one sample, 3 samples, icc 0.3); limit 50 is too few."
    )


REFUSED = [
    ({"test": "equivalent"}, r"Unknown test to plan 'equivalent': did you mean 'equivalence'?"),
    ({"effects": ()}, r"The effects are \[\], but each must be a number above 0; give 0.05 for 5 points."),
    ({"effects": (0.1, -0.1)}, r"The effects are \[0.1, -0.1\], but each must be a number above 0"),
    ({"effects": (float("nan"),)}, r"The effects are \[nan\], but each must be a number above 0"),
    ({"power": 1.0}, r"The power is 1.0, but it must be between alpha \(0.05\) and 1; give 0.8."),
    ({"alpha": 0.0}, r"alpha is 0.0, but it must be between 0 and 1/2; give 0.05."),
    ({"samples": (1, 0)}, r"The samples are \[1, 0\], but each must be a whole number from 1."),
    ({"samples": ()}, r"The samples are \[0\], but each must be a whole number from 1."),
    ({"questions": (1,)}, r"The questions are \[1\], but each must be a whole number from 2."),
    (
        {"test": "mcnemar", "samples": (3,)},
        r"The test mcnemar does not use samples: leave it out, or plan for difference or equivalence.",
    ),
    (
        {"test": "mcnemar", "sd": 0.3},
        r"The test mcnemar does not use sd: leave it out, or plan for difference or equivalence or slope.",
    ),
    ({"psi": 0.2}, r"The test difference does not use psi: leave it out, or plan for mcnemar."),
    ({"sizes": SIX}, r"The test difference does not use sizes: leave it out, or plan for slope."),
    ({"test": "slope", "sd": 0.1, "sizes": SIX, "questions": (100,)}, r"The test slope does not use questions"),
    (
        {"test": "slope", "sizes": SIX},
        r"A slope needs sd, the standard deviation of a model's estimate around the line: give 0.04 for four points.",
    ),
    (
        {"test": "slope", "sd": 0.1},
        r"The sizes are \[\], but a slope needs three models or more, not all of one size: give their parameter counts.",
    ),
    ({"test": "slope", "sd": 0.1, "sizes": (7, 7, 7)}, r"The sizes are \[7, 7, 7\], but a slope needs three models or more"),
    ({"test": "slope", "sd": 0.1, "sizes": (0, 1, 7)}, r"The sizes are \[0, 1, 7\], but a slope needs three models or more"),
]


@pytest.mark.parametrize(("choices", "message"), REFUSED)
def test_what_cannot_be_planned_is_said(choices, message):
    with pytest.raises(UsageError, match=message):
        Plan(**choices)


def test_what_cannot_be_shown_is_said():
    with pytest.raises(UsageError, match=r"The share of questions that differ is 0.05 and the difference 0.1, but the first must"):
        table(Plan("mcnemar", (0.1,), psi=0.05))
    with pytest.raises(UsageError, match=r"The sd is 0.0, but it must be a number from 1e-09 to 1e\+09"):
        table(Plan(sd=0.0))
    with pytest.raises(UsageError, match=r"The icc is 1.5, but it must be a number from -1 to 1"):
        table(Plan(icc=1.5))


def test_the_command_of_each_block_is_on_the_page():
    found = re.findall(r"^cotfaith power (.*)$", Path(pages.DOCS / "power.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [one for one in found if not one.startswith("--pilot ")] == [asked for asked, _ in COMMANDS.values()]


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"effects": (1e-300,)}, "The effects is 1e-300, but it must be a number from 1e-09 to 1e+09."),
        ({"effects": (0.1, 1e300)}, "The effects are [0.1, 1e+300], but each must be a number from 1e-09 to 1e+09."),
        ({"effects": (float("inf"),)}, "The effects are [inf], but each must be a number above 0"),
        ({"sd": float("nan")}, "The sd is nan, but it must be a number from"), ({"sd": -1.0}, "The sd is -1.0, but"), ({"sd": 1e-320}, "but it must be a number from"),
        ({"icc": float("nan")}, "The icc is nan, but it must be a number from -1 to 1."), ({"icc": float("inf")}, "The icc is inf, but"),
        ({"samples": (float("nan"),)}, "The samples are [nan], but each must be a whole number from 1."), ({"samples": (float("inf"),)}, "each must be 65,536 or less."),
        ({"samples": (65537,)}, "each must be 65,536 or less."), ({"questions": (10**13,)}, "each must be 1,000,000,000,000 or less."), ({"questions": (10**400,)}, "each must be 1,000,000,000,000 or less."),
        ({"questions": (float("inf"),)}, "each must be 1,000,000,000,000 or less."), ({"alpha": 1e-300}, "alpha is 1e-300, but it must be"),
        ({"alpha": float("nan")}, "alpha is nan"), ({"power": float("nan")}, "The power is nan"), ({"power": 1 - 1e-16}, "The power is 0.9999999999999999, but"),
        ({"test": "slope", "sd": 0.1, "sizes": (1e-300, 1.0, 1e300)}, "but each must be a number from 1e-09 to 1e+18."),
        ({"test": "slope", "sd": 0.1, "sizes": (1.0, float("nan"), 2.0)}, "but a slope needs three models or more"),
    ],
)  # fmt: skip
def test_numbers_with_which_nothing_can_be_planned(choices, words):
    with pytest.raises(UsageError) as caught:
        Plan(**choices)
    assert words in str(caught.value)


@pytest.mark.parametrize("psi", [float("nan"), -1.0, 0.0, float("inf"), 1e-320])
def test_shares_that_are_none(psi):
    with pytest.raises(UsageError):
        table(Plan("mcnemar", (0.1,), psi=psi))


@pytest.mark.parametrize("margin", [1e-9, 1e-7])
def test_a_margin_that_no_study_can_show(margin):
    with pytest.raises(UsageError, match=r"No number up to 1e\+12 gives a power of 0\.8; give a larger margin or a smaller sd"):
        table(Plan("equivalence", (margin,)))
