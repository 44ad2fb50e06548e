"""What is computed of a run is computed once, until its rows, its study or the code change."""

from pathlib import Path

import pytest

import cotfaith
from cotfaith.analysis import estimate, kept


@pytest.fixture
def run(tmp_path: Path) -> cotfaith.Run:
    return cotfaith.run(
        model="scripted/mixed", task="addition", measures=["reasoning_gain"], limit=3, out=tmp_path / "run", quiet=True
    )


def test_estimates_of_the_same_rows_are_not_computed_again(run: cotfaith.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run.estimate()
    monkeypatch.setattr(estimate, "estimate", lambda *_: pytest.fail("computed again"))
    assert run.estimate().equals(first)
    monkeypatch.setattr(kept, "_own_code", lambda: "a new version")
    with pytest.raises(pytest.fail.Exception):
        run.estimate()


def test_a_choice_is_computed(run: cotfaith.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "estimate", lambda *_: pytest.fail("computed"))
    with pytest.raises(pytest.fail.Exception):
        run.estimate(level=0.9)


def test_the_estimates_as_csv_are_those_of_the_rows(run: cotfaith.Run) -> None:
    path = run.path / kept.CSV
    was = path.read_text()
    for spoil in (path.unlink, lambda: path.write_text("value\n1\n")):
        spoil()
        run.estimate()
        assert path.read_text() == was
