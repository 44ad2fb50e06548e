"""Templates to HTML. Every value is escaped, and an undefined name in a template is an error."""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def render(template: str, **values: Any) -> str:
    """The HTML of a file in `templates/`, filled in with `values`."""
    return environment().get_template(template).render(values)


@cache
def environment() -> Environment:
    """The templates of the package.

    Text is escaped, characters that HTML forbids are replaced, and `tojson` gives ASCII in which nothing can end a script element.
    """
    made = Environment(
        loader=PackageLoader("cotfaith.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":"), "sort_keys": True}
    return made


def asset(name: str) -> Markup:
    """A file of the package, included in a page unchanged."""
    return Markup(resources.files("cotfaith.report").joinpath(name).read_text(encoding="utf-8"))  # noqa: S704


def clean(text: str) -> str:
    """`text` with the replacement character in place of characters that HTML forbids."""
    return _FORBIDDEN.sub("\ufffd", text)


def download(text: str, kind: str) -> str:
    """`text` as a data: address."""
    return f"data:{kind};charset=utf-8;base64,{base64.b64encode(text.encode()).decode()}"


def _printed(value: Any) -> Any:
    """What a template prints for a value: text without forbidden characters. Our own markup stays unchanged."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
