"""The page of several runs: the headlines of all beside each other, and a link to the page of each."""

import re
from pathlib import Path

import pytest
from report.pages import Page

import cotfaith
from cotfaith import runs
from cotfaith.errors import UsageError

pytestmark = pytest.mark.integration


def made(folder: Path, name: str, model: str, **others: object) -> cotfaith.Run:
    study = {"task": "addition", "limit": 4, "measures": ["early_answering"], **others}
    return cotfaith.run(model=model, out=folder / name, quiet=True, **study)


def test_runs_stand_beside_each_other(tmp_path: Path) -> None:
    one, other = made(tmp_path, "a", "scripted/faithful"), made(tmp_path / "below", "b", "scripted/post-hoc")
    path = runs.report([one.path, other.path], out=tmp_path / "pages" / "both.html")
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert page.faults == []
    links = [value for value in page.values("a", "href") if value.endswith("report.html")]
    assert links == ["../a/report.html", "../below/b/report.html"]
    assert all((path.parent / link).resolve().is_file() for link in links)
    assert "(scripted/faithful) and 100\N{NO-BREAK SPACE}%" in text
    for run in (one, other):
        aoc = run.estimates().query("metric == 'aoc' and stratum == ''")["value"].iloc[0]
        assert f'<data value="{float(aoc)!r}">' in text
    assert all(f"{run.path.name}: {caveat}" in page.text for run in (one, other) for caveat in run.caveats())
    assert set(re.findall(r"\w+://[^\s\"'<>)]*", text)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_one_model_in_two_runs_is_named_with_its_run(tmp_path: Path) -> None:
    paths = [made(tmp_path, name, "scripted/mixed", seed=seed).path for seed, name in enumerate(("a", "b"))]
    path = runs.report(paths)
    assert path == tmp_path.resolve() / "side_by_side.html"
    assert "scripted/mixed (a)" in path.read_text(encoding="utf-8")


def test_one_run_has_its_page_in_its_folder(tmp_path: Path) -> None:
    run = made(tmp_path, "a", "scripted/mixed")
    assert runs.report([run.path]) == run.path / "report.html"
    with pytest.raises(UsageError, match="give --out for several runs only"):
        runs.report([run.path], out=tmp_path / "x.html")
    with pytest.raises(UsageError, match="given twice"):
        runs.report([run.path, run.path])


def test_a_page_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    paths = [made(tmp_path, name, "scripted/mixed").path for name in ("a", "b")]
    (tmp_path / "file").write_text("x")
    with pytest.raises(cotfaith.CotfaithError, match="^Cannot write "):
        runs.report(paths, out=tmp_path / "file" / "page.html")
