"""The report in a real browser, headless Chromium: what a reader sees."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from report.chromium import check_silent, one, open_page, texts
from report.pages import held

from cotfaith import report
from cotfaith.storage.run_directory import RunDirectory

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def run(shared_run: RunDirectory) -> RunDirectory:
    report.write(shared_run, held(shared_run))
    return shared_run


@pytest.fixture
def page(browser, run: RunDirectory) -> Iterator:
    open_page(browser, run.path / "report.html", 1280, "light")
    yield browser
    check_silent(browser)


def test_the_headline_is_shown(page) -> None:
    cells = texts(page, "#results tbody tr:first-child td")
    assert cells[:5] == ["0.436", "[0.336, 0.536]", "40", "20", "10 of 50 (20.0 %)"]
    assert page.title == "m/one on toy \u00b7 cotfaith"
    assert "undefined" in texts(page, "#results .value")
    for name in ("same-answer", "mistakes", "filler", "paraphrase", "hints", "mediation"):
        size = one(page, f"#{name} svg.wide").size
        assert size["width"] > 400
        assert size["height"] > 150
        assert not one(page, f"#{name} svg.narrow").is_displayed()


def test_the_trace_page_is_one_click_away(page) -> None:
    assert one(page, "#shown").text == "All 2 traces."
    listed = texts(page, "#traces li")
    assert [line.partition(".")[0] for line in listed] == ["Right: 2 of 2", "Hint admitted: 1 of 2"]
    one(page, "#traces li:last-child a").click()
    assert page.title == "Traces of m/one on toy \u00b7 cotfaith"
    assert one(page, "#found").text == "1 of 2 traces"


def test_strata_are_folded_and_valid_edits_are_not(page) -> None:
    valid = texts(page, "#adding-mistakes .validity li")
    failed = "failed: echoed 7.5 %, refused 5.0 %"
    assert valid[1] == f"w_1: 87.5 % of 40 edits passed their check; {failed}; 95.0 % of 20 traces included."
    assert not one(page, "#adding-mistakes .strata table").is_displayed()
    one(page, "#adding-mistakes .strata summary").click()
    assert one(page, "#adding-mistakes .strata table").is_displayed()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 400, 768, 1280, 1400])
def test_the_page_fits_its_window(browser, run: RunDirectory, tmp_path: Path, width: int, scheme: str) -> None:
    open_page(browser, run.path / "report.html", width, scheme)
    sizes = browser.execute_script("const e = document.documentElement; return [e.scrollWidth, e.clientWidth, e.scrollHeight]")
    assert sizes[0] <= sizes[1] == width
    narrow = "same-answer svg.narrow" if width < 768 else "same-answer svg.wide"
    assert one(browser, f"#{narrow}").is_displayed()
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    ink = browser.execute_script("return getComputedStyle(document.querySelector('#same-answer svg text')).fill")
    assert (paper, ink) == (
        ("rgb(255, 255, 255)", "rgb(27, 27, 31)") if scheme == "light" else ("rgb(23, 24, 28)", "rgb(233, 233, 236)")
    )
    clip = {"x": 0, "y": 0, "width": width, "height": sizes[2], "scale": 1}
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    picture = tmp_path / f"report-{width}-{scheme}.png"  # kept by pytest among its latest runs, for a look
    picture.write_bytes(base64.b64decode(shot["data"]))
    assert picture.stat().st_size > 20_000
