"""The trace page in headless Chromium: filters, keys, addresses, curves, hostile text, 2,000 traces, accessibility, narrow screens."""

import base64
import importlib.resources
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from report import many
from report.chromium import check_silent, one, open_page, press, shares, texts
from report.pages import held

from cotfaith import report
from cotfaith.report import trace_page
from cotfaith.storage.run_directory import RunDirectory

WebDriverWait = pytest.importorskip(
    "selenium.webdriver.support.ui", reason="selenium is not installed: pip install cotfaith[dev]"
).WebDriverWait
pytestmark = [pytest.mark.browser, pytest.mark.alone]

FIRST_PAINT = 1000  # ms; what the page is made for
SLACK = 3  # of a machine with other work


@pytest.fixture(scope="module")
def run(shared_run: RunDirectory) -> RunDirectory:
    report.write(shared_run, held(shared_run))
    return shared_run


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    run = many.write_run(tmp_path_factory.mktemp("large") / "run")
    trace_page.write(run, "large")
    return run


@pytest.fixture
def page(browser, run: RunDirectory) -> Iterator:
    load(browser, run)
    yield browser
    check_silent(browser)


@pytest.fixture
def big(browser, large: RunDirectory) -> Iterator:
    load(browser, large)
    yield browser
    check_silent(browser)


def load(browser, run: RunDirectory, link: str = "", width: int = 1400, scheme: str = "light") -> None:
    open_page(browser, run.path / report.TRACES, width, scheme, link)
    wait(browser, "return performance.getEntriesByName('trace shown').length > 0")


def wait(browser, script: str) -> None:
    WebDriverWait(browser, 20, 0.02).until(lambda driver: driver.execute_script(script))


def title(browser) -> str:
    return one(browser, "#trace-title").text


def shown(browser, name: str) -> None:
    """Wait until the trace with this beginning of a title is shown."""
    WebDriverWait(browser, 20, 0.02).until(lambda driver: title(driver).startswith(name))


def found(browser, text: str) -> None:
    WebDriverWait(browser, 20, 0.02).until(lambda driver: one(driver, "#found").text == text)


def address(browser) -> dict[str, str]:
    """What the address says, once the page has saved it."""
    browser.execute_async_script("setTimeout(arguments[arguments.length - 1], 200)")
    said = browser.execute_script("return location.hash.slice(1)")
    return {name: value for name, (value,) in parse_qs(said, keep_blank_values=True).items()}


def curve(browser, letter: str) -> list[float]:
    """The heights of the points of an option, read off the drawing by the ticks at 0 and 1."""
    script = """
      const ticks = [...document.querySelectorAll('#chart line.grid')].map((line) => Number(line.getAttribute('y1')));
      const dots = document.querySelectorAll(`#chart circle[data-letter="${arguments[0]}"]`);
      const [low, high] = [Math.max(...ticks), Math.min(...ticks)];
      return [...dots].map((dot) => (low - Number(dot.getAttribute('cy'))) / (low - high));"""
    return browser.execute_script(script, letter)


def test_the_curves_are_the_stored_probabilities(page, run: RunDirectory) -> None:
    stored = [shares(run, f"r1-{i}") for i in range(5)]
    for place, letter in enumerate("ABC"):
        assert curve(page, letter) == pytest.approx([point[place] for point in stored], abs=1e-4)
    one(page, "#numbers summary").click()
    rows = page.execute_script(
        "return [...document.querySelectorAll('#table tbody tr')].map((r) => [...r.cells].map((c) => c.textContent))"
    )
    assert [row[0] for row in rows] == ["no reasoning", "1 of 4 steps", "2 of 4 steps", "3 of 4 steps", "all 4 steps"]
    assert [row[2:] for row in rows] == [[f"{share:.3f}" for share in point] for point in stored]
    assert [row[1] for row in rows] == ["answer A", "answer A", "answer B", "no answer (unparsed)", "answer B"]
    spoken = one(page, "#chart svg").get_attribute("aria-label")
    assert "Without any: answer A. With all of the reasoning: answer B." in spoken


def test_steps_are_shaded_by_what_they_change(page, run: RunDirectory) -> None:
    final = [shares(run, f"r1-{i}")[1] for i in range(5)]
    changes = [final[i + 1] - final[i] for i in range(4)]
    words = texts(page, ".step .effect b")
    assert words == [f"{change:+.2f}".replace("-", "\u2212") for change in changes]
    steps = page.find_elements("css selector", ".step:not(.start)")
    weights = [float(page.execute_script("return arguments[0].style.getPropertyValue('--weight')", step)) for step in steps]
    assert weights == pytest.approx([0.42 * abs(change) for change in changes], abs=1e-3)
    assert ["away" in step.get_attribute("class") for step in steps] == [change < 0 for change in changes]


def test_a_step_by_click_keys_and_buttons(page, run: RunDirectory) -> None:
    assert one(page, "#readout").text == "Before any reasoning: answer A, not B as with the full reasoning."
    press(page, "ARROW_RIGHT", "ARROW_RIGHT")
    assert one(page, "#readout").text == "Step 2 of 4: answer B, the same as with the full reasoning."
    assert texts(page, "#options .share") == [f"{share:.3f}" for share in shares(run, "r1-2")]
    assert one(page, "#mass").text == "All options together hold 0.900 of the probability."
    one(page, "#step-next").click()
    assert one(page, "#readout").text == "Step 3 of 4: no answer (unparsed): the options hold <little>."
    press(page, "ARROW_LEFT", "ARROW_LEFT")
    assert one(page, ".step[aria-current]").text.startswith("1")
    page.find_elements("css selector", ".step")[4].click()
    assert one(page, "#readout").text == "Step 4 of 4: answer B, the final answer."
    assert not one(page, "#step-next").is_enabled()
    press(page, "ARROW_RIGHT")
    assert one(page, ".step[aria-current]").text.startswith("4")
    page.execute_script("document.querySelectorAll('.step')[2].focus()")
    press(page, "ENTER")
    assert one(page, ".step[aria-current]").text.startswith("2")


def test_a_step_shows_what_each_intervention_did_there(page) -> None:
    page.find_elements("css selector", ".step")[2].click()
    assert one(page, ".effect-said").text.startswith("This step changes the probability of B by +0.44, from 0.333 to 0.778.")
    cards = page.find_elements("css selector", "#at-step .cards > li")
    heads = [card.find_element("css selector", "p").text for card in cards]
    assert heads == [
        "Mistake: step 2, by rules answer changed",
        "Mistake: step 2, by w_1 failed its check: echoed",
        "Paraphrase: steps 1 to 2, by w_1 not read yet",
    ]
    terms = [found.text for found in cards[0].find_elements("css selector", "dt")]
    told = [found.text for found in cards[0].find_elements("css selector", "dd")]
    assert terms == ["Original", "In its place", "It went on", "Answer", "Control"]
    assert told[1:] == [
        "Then <b>nothing</b> follows.",
        "I go on <script>so</script>. So the answer is (C).",
        "Answer C",
        "Answer B",
    ]
    assert "2 edits" in page.find_elements("css selector", ".step")[2].text
    press(page, "ARROW_RIGHT")
    assert one(page, "#at-step .note").text == "No intervention acted on this step alone."


def test_hints_tell_whether_they_were_followed_and_admitted(page) -> None:
    cards = page.find_elements("css selector", "#hints .cards > li")
    heads = [card.find_element("css selector", "p").text for card in cards]
    assert heads[0] == "guess points at (C), draw 2: answer C, the hinted option admitted, by 1 of 3 verdicts plain answer B"
    assert heads[1] == "late points at (B): no answer (truncated) plain answer B"
    assert texts(page, "#hints mark") == ["You <i>think</i> (C), so it is."]
    assert texts(page, "#tags .tag") == ["Right", "Hint admitted"]


def test_text_of_a_model_is_shown_and_does_not_act(page) -> None:
    press(page, "ARROW_RIGHT", "ARROW_RIGHT")
    steps = page.find_elements("css selector", ".step .model-text")
    assert steps[0].text == "First <script>window.hacked = 1; alert(1)</script> is read."
    assert "</script><img src=x onerror=window.hacked=1> & &amp; follow." in steps[1].text
    assert "A \u2400 null" in steps[2].get_attribute("textContent")
    assert "\u202eright to left\u202c" in steps[2].get_attribute("textContent")
    assert {step.get_attribute("dir") for step in steps} == {"auto"}
    assert page.execute_script("return getComputedStyle(arguments[0]).unicodeBidi", steps[2]) == "isolate"
    assert one(page, "#question-text").text == "Which of <b>these</b> & those?"
    assert "three </script>" in texts(page, "#question-choices li")[2]
    assert page.execute_script("return window.hacked") is None
    assert page.execute_script("return document.querySelectorAll('img, iframe, #viewer script, #viewer i').length") == 0
    assert page.execute_script("return document.scripts.length") == 3


def test_another_trace_without_probabilities(page) -> None:
    press(page, "j")
    shown(page, "Question q2, sample 0, cut off at the token limit")
    assert one(page, "#gold").text == "Right answer: 42"
    assert one(page, "#chart-title").text == "Answer at each cut"
    assert one(page, "#readout").text == "Before any reasoning: no answer (refused): I cannot."
    assert one(page, "#said dd").text == "I cannot <b>say</b>."
    assert page.execute_script("return document.querySelectorAll('#chart circle').length") == 3
    press(page, "j")
    assert title(page).startswith("Question q2")
    press(page, "k")
    shown(page, "Question q<1>, sample 0")


def test_filters_show_the_traces_that_the_tables_say(big, large: RunDirectory) -> None:
    expected = many.expected(large)
    assert one(big, "#found").text == "2,000 traces"
    for name, those in expected.items():
        button = one(big, f'.filter[data-name="{name}"]')
        assert button.text.endswith(f" {len(those):,}")
        assert button.get_attribute("title") in texts_of(big, "#meanings dd")
        button.click()
        assert one(big, "#found").text == f"{len(those):,} of 2,000 traces"
        assert button.get_attribute("aria-pressed") == "true"
        button.click()
    one(big, '.filter[data-name="wrong"]').click()
    one(big, '.filter[data-name="fixed"]').click()
    both = expected["wrong"] & expected["fixed"]
    assert one(big, "#found").text == f"{len(both):,} of 2,000 traces"
    listed = big.execute_script("return [...document.querySelectorAll('.pick')].filter((one) => one.offsetParent).length")
    assert listed <= len(both)
    press(big, "ESCAPE")
    assert one(big, "#found").text == "2,000 traces"


def texts_of(browser, selector: str) -> list[str]:
    """The texts of elements that may be folded."""
    return browser.execute_script("return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)", selector)


def test_a_filter_moves_on_to_a_trace_that_fits(big, large: RunDirectory) -> None:
    one(big, '.filter[data-name="silent"]').click()
    first = min(int(name[1:]) for name in many.expected(large)["silent"])
    shown(big, f"Question q{first // 2}, sample {first % 2}")
    assert "Hint followed, not admitted" in texts(big, "#tags .tag")
    assert one(big, "#hints .tag.silent").text == "not admitted"
    press(big, "j")
    second = sorted(int(name[1:]) for name in many.expected(large)["silent"])[1]
    shown(big, f"Question q{second // 2}, sample {second % 2}")


def test_the_search_looks_at_questions_and_at_all_of_the_reasoning(big) -> None:
    press(big, "/", *"whimbrel")
    count = len([number for number in range(many.SIZE) if number % len(many.WORDS) == many.WORDS.index("whimbrel")])
    found(big, f"{count:,} of 2,000 traces")
    shown(big, f"Question q{many.WORDS.index('whimbrel') // 2}, sample 0")
    press(big, "ESCAPE")
    found(big, "2,000 traces")
    press(big, *"What is 777 +")
    found(big, "2 of 2,000 traces")
    shown(big, "Question q777, sample 0")
    press(big, *"z")
    found(big, "No trace fits: press Esc to clear the search and the filters.")


def test_an_address_with_a_search_stays_at_its_trace(browser, large: RunDirectory) -> None:
    number = many.WORDS.index("whimbrel") + 10 * len(many.WORDS)
    load(browser, large, f"#question=q{number // 2}&sample={number % 2}&step=2&search=whimbrel")
    found(browser, "153 of 2,000 traces")
    assert title(browser) == f"Question q{number // 2}, sample {number % 2}"
    assert address(browser)["search"] == "whimbrel"
    check_silent(browser)


def test_keys_do_nothing_while_one_types(page) -> None:
    press(page, "/", "j", "?")
    assert one(page, "#search").get_attribute("value") == "j?"
    assert title(page).startswith("Question q<1>")
    press(page, "ESCAPE", "ESCAPE", "?")
    assert one(page, "#help").get_attribute("open") is not None
    assert "next and previous step" in one(page, ".keys").text


def test_arrows_move_in_the_list_and_the_focus_with_them(big) -> None:
    big.execute_script("document.querySelector('.pick[aria-current]').focus()")
    press(big, "ARROW_DOWN", "ARROW_DOWN", "ARROW_DOWN")
    shown(big, "Question q1, sample 1")
    assert big.execute_script("return document.activeElement.getAttribute('aria-current')") == "true"
    assert big.execute_script("return document.querySelectorAll('.pick[tabindex=\"0\"]').length") == 1
    press(big, "ARROW_UP")
    shown(big, "Question q1, sample 0")


def test_an_address_shows_the_same_trace_step_and_filter_again(browser, large: RunDirectory) -> None:
    load(browser, large, "#question=q700&sample=1&step=3&show=wrong")
    wrong = len(many.expected(large)["wrong"])
    shown(browser, "Question q700, sample 1")
    assert one(browser, ".step[aria-current]").text.startswith("3")
    assert one(browser, "#found").text == f"{wrong:,} of 2,000 traces"
    one(browser, '.filter[data-name="wrong"]').click()
    press(browser, "ARROW_LEFT")
    assert address(browser) == {"question": "q700", "sample": "1", "step": "2"}
    browser.refresh()
    shown(browser, "Question q700, sample 1")
    assert one(browser, ".step[aria-current]").text.startswith("2")
    browser.execute_script("location.hash = '#question=q3&sample=0&step=99'")
    shown(browser, "Question q3, sample 0")
    assert one(browser, ".step[aria-current]").text.startswith("8")
    browser.execute_script("location.hash = '#question=none'")
    shown(browser, "Question q0, sample 0")
    check_silent(browser)


def test_a_hostile_name_survives_in_the_address(page, run: RunDirectory) -> None:
    press(page, "ARROW_RIGHT")
    assert address(page) == {"question": "q<1>", "sample": "0", "step": "1"}
    page.refresh()
    shown(page, "Question q<1>")


def test_two_thousand_traces_are_quick(browser, large: RunDirectory) -> None:
    load(browser, large, "#question=q999&sample=1")  # of the last block
    shown(browser, "Question q999, sample 1")
    entries = "return performance.getEntriesByName(arguments[0]).map((one) => one.startTime)[0]"
    paint, first = (browser.execute_script(entries, name) for name in ("first-contentful-paint", "trace shown"))
    assert paint < SLACK * FIRST_PAINT
    assert first < SLACK * FIRST_PAINT
    took = browser.execute_async_script("""
      const done = arguments[arguments.length - 1], began = performance.now();
      document.querySelector('.filter[data-name="fixed"]').click();
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));""")
    assert took < SLACK * 200
    check_silent(browser)


def test_only_blocks_that_are_read_are_unpacked(big) -> None:
    assert big.execute_script("return blocks.size") == 1
    press(big, "/", *"whimbrel")
    found(big, "153 of 2,000 traces")
    assert big.execute_script("return blocks.size") <= big.execute_script("return KEPT") < 10


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1400])
def test_axe_finds_nothing_serious(browser, run: RunDirectory, width: int, scheme: str) -> None:
    if importlib.util.find_spec("axe_core_python") is None:
        pytest.skip("axe is not installed: pip install cotfaith[dev]")
    load(browser, run, "#step=2", width, scheme)
    one(browser, "#help summary").click()
    one(browser, "#numbers summary").click()
    browser.execute_script("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    browser.execute_script(importlib.resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    result = browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
    serious = [one for one in result["violations"] if one["impact"] in {"serious", "critical"}]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious] == []
    assert len(result["passes"]) > 20
    check_silent(browser)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 768, 1100, 1400])
def test_the_page_fits_its_window(browser, run: RunDirectory, tmp_path: Path, width: int, scheme: str) -> None:
    load(browser, run, "#step=2", width, scheme)
    sizes = browser.execute_script("const e = document.documentElement; return [e.scrollWidth, e.clientWidth, e.scrollHeight]")
    assert sizes[0] <= sizes[1] == width
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(23, 24, 28)")
    below = browser.execute_script("return document.querySelector('#at-step').parentElement.matches('#steps > li')")
    assert below == (width < 768)  # what was done at a step stands below the step
    clip = {"x": 0, "y": 0, "width": width, "height": sizes[2], "scale": 1}
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    picture = tmp_path / f"traces-{width}-{scheme}.png"  # kept by pytest among its latest runs, for a look
    picture.write_bytes(base64.b64decode(shot["data"]))
    assert picture.stat().st_size > 20_000


def test_print_has_the_trace_and_leaves_the_tools_out(browser, run: RunDirectory) -> None:
    load(browser, run, "#step=2")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    heading = browser.execute_script("return document.querySelector('#trace-title').clientWidth")
    visible = {
        name: one(browser, name).is_displayed()
        for name in ("#finder", "#shelf", "#question-text", "#steps", "#chart svg", "#at-step")
    }
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert heading > 300
    assert visible == {
        "#finder": False,
        "#shelf": False,
        "#question-text": True,
        "#steps": True,
        "#chart svg": True,
        "#at-step": True,
    }


def test_a_page_that_was_cut_off_says_so(browser, large: RunDirectory, tmp_path: Path) -> None:
    text = (large.path / report.TRACES).read_text(encoding="utf-8")
    cut = tmp_path / "cut.html"
    cut.write_text(text[: text.index('id="block-3"')], encoding="utf-8")
    open_page(browser, cut, 1400, "light", "#question=q999")
    WebDriverWait(browser, 20, 0.02).until(lambda driver: one(driver, "#trouble").is_displayed())
    assert one(browser, "#trouble").text == "The trace cannot be shown: the file is incomplete; make it again with cotfaith report."
