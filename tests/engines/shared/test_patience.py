"""Code that came with a model is interrupted, in any thread, and nothing else is."""

import threading
import time

import pytest

from cotfaith.engines.shared.patience import limited
from cotfaith.errors import TimeLimitError

pytestmark = pytest.mark.alone


def endless() -> None:
    while True:
        pass


def test_an_endless_loop_is_interrupted() -> None:
    began = time.monotonic()
    with (
        pytest.raises(
            TimeLimitError, match=r"^A template took more than 0\.2 s, so it may never end: correct it, or use another model\.$"
        ),
        limited("A template", 0.2),
    ):
        endless()
    assert 0.15 < time.monotonic() - began < 5


def test_in_another_thread() -> None:
    found: list[str] = []

    def work() -> None:
        try:
            with limited("A template", 0.2):
                endless()
        except TimeLimitError as error:
            found.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10)
    assert len(found) == 1


def test_what_ends_in_time_is_left_alone() -> None:
    for _ in range(200):
        with limited("A template", 0.01):
            pass
    end = time.monotonic() + 0.1
    while time.monotonic() < end:  # no interrupt comes later
        pass


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), limited("A template", 5):
        raise KeyError("x")
