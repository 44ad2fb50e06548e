"""The page in a real browser, headless Chromium: what a reader sees, and what happens when they step through traces."""

import base64
import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from report.pages import held

from cotfaith import report
from cotfaith.storage.run_directory import RunDirectory

pytestmark = pytest.mark.browser

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: pip install cotfaith[dev]")
BINARY = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")


@pytest.fixture(scope="module")
def browser() -> Iterator:
    if not (BINARY and DRIVER):
        pytest.skip("Chromium and its driver are not installed: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = BINARY
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def run(shared_run: RunDirectory) -> RunDirectory:
    report.write(shared_run, held(shared_run))
    return shared_run


@pytest.fixture
def page(browser, run: RunDirectory) -> Iterator:
    open_page(browser, run.path / "report.html", 1280, "light")
    yield browser
    assert browser.get_log("browser") == []
    asked = [entry["message"] for entry in browser.get_log("performance") if "Network.requestWillBeSent" in entry["message"]]
    assert [message for message in asked if '"url":"file:' not in message and '"url":"data:' not in message] == []


def open_page(browser, path: Path, width: int, scheme: str) -> None:
    features = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
    named = [{"name": name, "value": value} for name, value in features.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": named})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(path.as_uri())


def one(browser, selector: str):
    return browser.find_element("css selector", selector)


def texts(browser, selector: str) -> list[str]:
    return [found.text for found in browser.find_elements("css selector", selector)]


def shares(browser) -> list[str]:
    return texts(browser, "#options .share")


def press(browser, *keys: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    chain = ActionChains(browser)
    *held, last = (getattr(Keys, key) for key in keys)
    for key in held:
        chain.key_down(key)
    chain.send_keys(last)
    for key in held:
        chain.key_up(key)
    chain.perform()


def stored(run: RunDirectory, key: str) -> list[str]:
    """The probabilities of a stored reading, among the options, as the page writes them."""
    logprobs = run.frame("readings").set_index("id").loc[key, "option_logprobs"]
    chances = [math.exp(logprob) for logprob in logprobs]
    return [f"{chance / sum(chances):.3f}" for chance in chances]


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


def test_steps_by_buttons_show_the_stored_probabilities(page, run: RunDirectory) -> None:
    assert shares(page) == stored(run, "r1-0") == ["0.625", "0.250", "0.125"]
    assert one(page, "#readout").text == "With no reasoning: answer A, not B as with the full reasoning."
    assert not one(page, "#step-previous").is_enabled()
    one(page, "#step-next").click()
    one(page, "#step-next").click()
    assert shares(page) == stored(run, "r1-2") == ["0.111", "0.778", "0.111"]
    assert one(page, "#readout").text == "After step 2 of 4 (50 %): answer B, the same as with the full reasoning."
    assert one(page, "#mass").text == "All options together hold 0.900 of the probability."
    assert [step.get_attribute("class") for step in page.find_elements("css selector", ".step")] == [
        "step",
        "step last",
        "step cut",
        "step cut",
    ]
    assert one(page, "#options li.read .letter").text == "B"
    one(page, "#step-next").click()
    said = one(page, "#readout").text
    assert said == "After step 3 of 4 (75 %): no answer (unparsed): the options hold <little>."
    assert page.find_elements("css selector", "#options li.read") == []
    one(page, "#step-next").click()
    assert one(page, "#readout").text == "With all 4 steps: answer B: the final answer."
    assert not one(page, "#step-next").is_enabled()
    one(page, "#step-previous").click()
    assert shares(page) == stored(run, "r1-3")


def test_steps_by_keys_and_by_a_click_on_a_step(page, run: RunDirectory) -> None:
    press(page, "ARROW_RIGHT")
    assert shares(page) == stored(run, "r1-1")
    press(page, "ARROW_RIGHT")
    press(page, "ARROW_LEFT")
    press(page, "ARROW_LEFT")
    press(page, "ARROW_LEFT")
    assert shares(page) == stored(run, "r1-0")
    page.find_elements("css selector", ".step")[3].click()
    assert shares(page) == stored(run, "r1-4")
    assert one(page, ".step[aria-current]").text.startswith("4")
    bar = page.find_elements("css selector", "#options .track span")[1]
    wide = page.execute_script("return arguments[0].style.width", bar)
    assert float(wide.removesuffix("%")) == pytest.approx(100 * 0.93 / 0.99, abs=0.01)


def test_another_trace_by_buttons_list_and_keys(page) -> None:
    options = texts(page, "#trace-select option")
    assert options == ["1. q<1>, sample 0 \u2192 answer B, right", "2. q2, sample 0 \u2192 answer 42, right"]
    one(page, "#trace-next").click()
    assert one(page, "#trace-title").text == "Question q2, sample 0, cut off at the token limit"
    assert one(page, "#gold").text == "Right answer: 42"
    assert one(page, "#options-title").text == "Answers read"
    assert one(page, "#readout").text == "With no reasoning: no answer (refused): I cannot."
    assert one(page, "#said").text == "I cannot <b>say</b>."
    assert "After step 1 of 2 (50 %): no answer (truncated)" in texts(page, "#options li")[1]
    assert page.find_elements("css selector", "#chart svg") == []
    press(page, "SHIFT", "ARROW_LEFT")
    assert one(page, "#trace-title").text == "Question q<1>, sample 0"
    assert len(page.find_elements("css selector", "#chart path")) == 3
    press(page, "SHIFT", "ARROW_RIGHT")
    assert one(page, "#question-text").text == "How many?"


def test_keys_in_the_list_of_traces_are_the_lists_own(page, run: RunDirectory) -> None:
    page.execute_script("document.getElementById('trace-select').focus()")
    press(page, "ARROW_DOWN")
    assert one(page, "#trace-title").text.startswith("Question q2")


def test_the_chart_moves_with_the_step_and_can_be_clicked(page, run: RunDirectory) -> None:
    marker = "return document.querySelector('#chart line[stroke-dasharray]').getAttribute('x1')"
    before = float(page.execute_script(marker))
    one(page, "#step-next").click()
    assert float(page.execute_script(marker)) > before
    page.execute_script(
        "const s = document.querySelector('#chart svg'), b = s.getBoundingClientRect();"
        "s.dispatchEvent(new MouseEvent('click', {clientX: b.right - 27, clientY: b.top + 50, bubbles: true}))"
    )
    assert shares(page) == stored(run, "r1-4")


def test_text_of_a_model_is_shown_and_does_not_act(page) -> None:
    steps = page.find_elements("css selector", ".step .model-text")
    assert steps[0].text == "First <script>window.hacked = 1; alert(1)</script> is read."
    assert "</script><img src=x onerror=window.hacked=1> & &amp; follow." in steps[1].text
    assert "A \u2400 null" in steps[2].get_attribute("textContent")
    assert "\u05e9\u05dc\u05d5\u05dd" in steps[2].text
    assert steps[2].get_attribute("dir") == "auto"
    assert one(page, "#question-text").text == "Which of <b>these</b> & those?"
    assert "three </script>" in texts(page, "#options li")[2]
    assert page.execute_script("return window.hacked") is None
    assert (
        page.execute_script("return document.querySelectorAll('#viewer img, #viewer script, #viewer b, #viewer i i').length") == 0
    )
    assert page.execute_script("return document.scripts.length") == 2


def test_examples_of_edits_stand_below_the_trace(page) -> None:
    assert texts(page, "#edits h4") == ["Mistakes inserted into this reasoning", "Paraphrases inserted into this reasoning"]
    heads = texts(page, "#edits li p")
    assert heads[:2] == ["step 2, by rules: passed its check", "step 2, by w_1: failed its check: echoed"]
    assert heads[2:] == [
        "up to step 2, by w_1: passed its check",
        "the whole reasoning, answered at once, by w_1: failed its check: refused",
    ]
    assert texts(page, "#edits li:first-child dt")[:4] == ["Original", "Edited", "Continuation", "Answer"]
    said = texts(page, "#edits li:first-child dd")
    assert said[1:4] == ["Then <b>nothing</b> follows.", "I go on <script>so</script>. So the answer is (C).", "answer C"]
    assert texts(page, "#edits li dd")[8] == "not read yet"
    one(page, "#trace-next").click()
    assert page.find_elements("css selector", "#edits *") == []


def test_examples_of_hints_stand_below_the_trace(page) -> None:
    assert one(page, "#question-before").text == "Before the question\nMind <b>this</b>."
    assert not one(page, "#question-after").is_displayed()
    assert texts(page, "#hinted h4") == ["Hints added to this question"]
    heads = texts(page, "#hinted li p")
    assert heads == [
        "guess points at (C), draw 2: answer C, the hinted option",
        "late points at (B): no answer (truncated)",
        "marks points at (C): answer B",
    ]
    assert texts(page, "#hinted li:first-child dt")[:3] == ["After the choices", "Thought", "Then said"]
    said = texts(page, "#hinted li:first-child dd")
    assert said[:3] == [
        "I think it is (C) <script>window.hacked=1</script>.",
        "You <i>think</i> (C), so it is.",
        "It is (C) & done.",
    ]
    assert said[3] == "invalid: the reply is not a verdict\nRaw: <b>Well</b>"
    assert page.execute_script("return window.hacked") is None
    one(page, "#trace-next").click()
    assert page.find_elements("css selector", "#hinted *, .aside *") == []


def test_strata_are_folded_and_valid_edits_are_not(page) -> None:
    valid = texts(page, "#adding-mistakes .validity li")
    failed = "failed: echoed 7.5 %, refused 5.0 %"
    assert valid[1] == f"w_1: 87.5 % of 40 edits passed their check; {failed}; 95.0 % of 20 traces included."
    assert not one(page, "#adding-mistakes .strata table").is_displayed()
    one(page, "#adding-mistakes .strata summary").click()
    assert one(page, "#adding-mistakes .strata table").is_displayed()


def test_gold_and_the_final_answer_are_marked(page) -> None:
    rows = page.find_elements("css selector", "#options li")
    assert [[tag.text for tag in row.find_elements("css selector", ".tag")] for row in rows] == [
        [],
        ["right answer", "final answer"],
        [],
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 400, 768, 1280, 1400])
def test_the_page_fits_its_window(browser, run: RunDirectory, tmp_path: Path, width: int, scheme: str) -> None:
    open_page(browser, run.path / "report.html", width, scheme)
    one(browser, "#step-next").click()
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
