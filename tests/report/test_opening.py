"""The head of the page: sentences that are the table's, each with its section, then what limits the numbers, and the profile."""

import re

import pandas as pd
import pytest
from report.pages import Page

import cotfaith
from cotfaith.analysis.answers import MARKS, answers
from cotfaith.report import opening

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[cotfaith.Run, str, Page]:
    path = tmp_path_factory.mktemp("opening") / "run"
    run = cotfaith.run(model="scripted/mixed", task="addition", limit=6, samples=2, out=path, quiet=True)
    text = run.report().read_text(encoding="utf-8")
    return run, text, Page(text)


def test_the_sentences_are_those_of_the_table_and_lead_to_their_sections(made: tuple[cotfaith.Run, str, Page]) -> None:
    run, text, page = made
    head = re.search(r'<ul class="answers">(.*?)</ul>', text, re.DOTALL).group(1)
    lines = [Page(line).text for line in re.findall(r"<li>(.*?)</li>", head, re.DOTALL)]
    said = answers(run.estimates())
    assert len(said) >= 3
    for line, one in zip(lines, said, strict=True):
        assert line.split()[: len(one.text.split())] == one.text.split()
    targets = re.findall(r'href="#([^"]*)"', head)
    assert targets == [one.measure.replace("_", "-") for one in said]
    assert set(targets) <= set(page.values("section", "id"))
    assert MARKS in page.text
    assert page.faults == []


def test_what_limits_the_numbers_is_said_behind_them(made: tuple[cotfaith.Run, str, Page]) -> None:
    run, text, _ = made
    box = re.search(r'<div class="caveats">(.*?)</div>', text, re.DOTALL).group(1)
    assert [Page(one).text for one in re.findall(r"<li>(.*?)</li>", box, re.DOTALL)] == run.caveats()
    assert any("come from 6 questions" in one for one in run.caveats())


def test_the_profile_has_every_headline(made: tuple[cotfaith.Run, str, Page]) -> None:
    run, text, _ = made
    points = pd.read_csv(run.path / "figures" / "profile.csv")
    table = run.estimates()
    table = table[(table["role"] == "headline") & (table["stratum"] == "") & (table["dose"].isna() | table["dose"].eq(1))]
    assert sorted(points["value"]) == pytest.approx(sorted(table["value"]))
    assert points["reference_reader"].notna().all()
    assert 'id="profile"' in text


def test_a_run_without_a_value_says_so() -> None:
    found = opening.opening(
        pd.DataFrame(
            {
                name: []
                for name in (
                    "measure",
                    "metric",
                    "role",
                    "stratum",
                    "dose",
                    "value",
                    "model",
                    "task",
                    "strategy",
                    "kind",
                    "low",
                    "high",
                    "level",
                    "n",
                    "clusters",
                    "null",
                )
            }
        ),
        [],
        {},
    )
    assert found.said == ()
    assert found.profile.nothing == "Nothing to draw: no headline has a value."
