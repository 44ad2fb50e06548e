"""Progress in a notebook: one output in a real kernel, drawn anew as the run goes on."""

import re
import sys
from types import SimpleNamespace

import pytest
from jupyter_client.manager import start_new_kernel

from cotfaith.pipeline import notebook
from cotfaith.pipeline.notebook import Notebook

pytestmark = pytest.mark.integration

RUN = """
import cotfaith
run = cotfaith.run(model="scripted/mixed", task="addition", limit=120, out={out!r})
"""


def outputs(code: str) -> list[tuple[str, dict[str, object]]]:
    """The messages of outputs that a kernel sends for `code`."""
    manager, client = start_new_kernel(kernel_name="python3")
    found = []
    try:
        client.execute_interactive(
            code, timeout=120, output_hook=lambda message: found.append((message["msg_type"], message["content"]))
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return found


def test_a_run_in_a_kernel_has_one_output_that_is_drawn_anew(tmp_path) -> None:
    sent = outputs(RUN.format(out=str(tmp_path / "run")))
    assert [content for kind, content in sent if kind == "error"] == []
    kinds = [kind for kind, _ in sent]
    assert kinds.count("display_data") == 1
    assert kinds.count("update_display_data") >= 1
    first, *_, last = [content["data"]["text/html"] for kind, content in sent if kind.endswith("display_data")]
    bars = {name: (int(done), int(most)) for name, done, most in re.findall(r'aria-label="(\w+)" value="(\d+)" max="(\d+)"', last)}
    assert bars["traces"] == (120, 120)
    assert bars["readings"][0] == bars["readings"][1] > 120
    assert first != last
    assert not [content for kind, content in sent if kind == "stream" and "readings" in str(content)]  # no lines beside it


def test_a_terminal_is_no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=SimpleNamespace))
    assert not notebook.kernel()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1)))
    assert notebook.kernel()
    monkeypatch.delitem(sys.modules, "IPython")
    assert not notebook.kernel()


def test_texts_are_escaped_and_the_last_lines_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    shown = SimpleNamespace(
        HTML=lambda text: text, display=lambda text, display_id: drawn.append(text) or SimpleNamespace(update=drawn.append)
    )
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(display=shown))
    made = Notebook()
    for number in range(20):
        made.say(f"<b>{number}")
    made.expect("a<b", 4)
    made.done("a<b", 1)
    made.close()
    assert "&lt;b&gt;19" in drawn[-1]
    assert "&lt;b&gt;11<" not in drawn[-1]
    assert "a&lt;b" in drawn[-1]
    assert "1 of 4" in drawn[-1]
    assert "<b>" not in drawn[-1]


def test_a_display_that_fails_is_off_and_the_run_goes_on(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("gone")

    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(display=SimpleNamespace(HTML=str, display=fails)))
    made = Notebook()
    made.say("one")
    made.done("readings", 3)
    made.close()
    assert caplog.text.count("the progress display failed and is off (RuntimeError: gone)") == 1
    assert made.counts == {"readings": 3}


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (59.4, "59 s"), (185, "3:05 min"), (7800, "2:10 h"), (3599.7, "1:00 h")]
)
def test_time_as_people_say_it(seconds: float, said: str) -> None:
    assert notebook.span(seconds) == said
