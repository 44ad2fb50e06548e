"""Headless Chromium for the tests of the report and the trace page."""

import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cotfaith.storage.run_directory import RunDirectory

BINARY = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")


@contextmanager
def started() -> Iterator:
    """A browser; the test is skipped where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed: pip install cotfaith[dev]")
    if not (BINARY and DRIVER):
        pytest.skip("Chromium and its driver are not installed: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = BINARY
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def open_page(browser, path: Path, width: int, scheme: str, link: str = "") -> None:
    """Load the file anew, even where only the part after # differs from the page that is open."""
    features = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
    named = [{"name": name, "value": value} for name, value in features.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": named})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get("about:blank")
    browser.get(f"{path.as_uri()}{link}")


def check_silent(browser) -> None:
    """No message on the console, and no request for anything but the file itself."""
    assert browser.get_log("browser") == []
    asked = [entry["message"] for entry in browser.get_log("performance") if "Network.requestWillBeSent" in entry["message"]]
    elsewhere = ('"url":"file:', '"url":"data:', '"url":"about:')
    assert [message for message in asked if not any(start in message for start in elsewhere)] == []


def one(browser, selector: str):
    return browser.find_element("css selector", selector)


def texts(browser, selector: str) -> list[str]:
    return [found.text for found in browser.find_elements("css selector", selector)]


def press(browser, *keys: str) -> None:
    """Press keys one after another: names of Selenium's, or single characters."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    for key in keys:
        ActionChains(browser).send_keys(getattr(Keys, key, key)).perform()


def shares(run: RunDirectory, key: str) -> list[float]:
    """The probabilities of a stored reading, among the options."""
    chances = [math.exp(logprob) for logprob in run.frame("readings").set_index("id").loc[key, "option_logprobs"]]
    return [chance / sum(chances) for chance in chances]
