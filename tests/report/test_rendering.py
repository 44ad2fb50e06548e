"""Names and numbers of the page, and what its templates make of text that nobody vouches for."""

import json
import math
import re
from importlib import resources

import jinja2
import pytest
from report.pages import Page

from cotfaith.report import rendering, titles


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.4364, "0.436"), (-0.0001, "0.000"), (-1.5, "\N{MINUS SIGN}1.500"), (math.nan, "undefined"), (None, "undefined")],
)
def test_numbers(value: float | None, text: str) -> None:
    assert titles.number(value) == text


def test_values_are_escaped_and_forbidden_characters_replaced() -> None:
    template = rendering.environment().from_string('<p aria-label="{{ name }}">{{ text }}<b>{{ text | upper }}</b></p>')
    text = template.render(name='"<\x7f', text="a<b & 'c'\x00\ufffe")
    found = Page(text)
    assert found.faults == []
    assert found.values("p", "aria-label") == ['"<\ufffd']
    assert found.shown == ["a<b & 'c'\ufffd\ufffd", "A<B & 'C'\ufffd\ufffd"]
    assert "a<b" not in text


def test_json_cannot_end_a_script_and_says_the_same() -> None:
    value = {"b": "</script><!-- & '\u2028\u2029\x00", "a": [1.5, None, "\u05e9"]}
    text = rendering.environment().from_string("{{ value | tojson }}").render(value=value)
    assert json.loads(text) == value
    assert text.isascii()
    assert not set(text) & set("<>&'")
    with pytest.raises(ValueError, match="not JSON compliant"):
        rendering.environment().from_string("{{ value | tojson }}").render(value=math.nan)


def test_a_template_that_lacks_a_value_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError, match="'titel' is undefined"):
        rendering.environment().from_string("{{ titel }}").render(title="one")


def test_no_template_turns_escaping_off() -> None:
    templates = [one for one in resources.files("cotfaith.report").joinpath("templates").iterdir() if one.name.endswith(".html")]
    assert "page.html" in {one.name for one in templates}
    for one in templates:
        text = one.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b", text), one.name
        assert "autoescape" not in text, one.name
