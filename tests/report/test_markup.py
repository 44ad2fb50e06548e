"""Names, numbers and elements of the page."""

import math

import pytest

from cotfaith.report import markup, titles


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.4364, "0.436"), (-0.0001, "0.000"), (-1.5, "\N{MINUS SIGN}1.500"), (math.nan, "undefined"), (None, "undefined")],
)
def test_numbers(value: float | None, text: str) -> None:
    assert titles.number(value) == text


def test_elements_escape_and_keep_order() -> None:
    made = markup.element("p", "a<b", markup.element("b", "&"), "c\x00", class_="x", aria_label='"<')
    assert markup.html(made) == '<p class="x" aria-label="&quot;<">a&lt;b<b>&amp;</b>c\ufffd</p>'
