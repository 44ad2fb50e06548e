"""The page of a run as a parser finds it."""

import json
import re
from collections import Counter
from html.parser import HTMLParser

from cotfaith import report
from cotfaith.analysis import close_calls
from cotfaith.analysis.kept import Tables
from cotfaith.analysis.progress import Counts, Progress
from cotfaith.analysis.unread import unread
from cotfaith.storage.run_directory import RunDirectory

VOID = {"meta", "link", "br", "img"}
FIGURES = 16  # the profile and seven of measures, each wide and narrow


class Page(HTMLParser):
    """What a parser finds: elements that do not match, ids, links, cells of tables, and the text of each script and style."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tags: Counter[str] = Counter()
        self.rows: list[list[str]] = []
        self.shown: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data
        if not {"script", "style"} & set(self.open):
            self.shown.append(data)

    def values(self, tag: str, name: str) -> list[str]:
        return [value for t, n, value in self.attributes if (t, n) == (tag, name)]

    @property
    def joined(self) -> str:
        """The text as it stands, without spaces between elements."""
        return "".join(self.shown)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.shown).split())


def held(run: RunDirectory) -> Tables:
    """The estimates of a run that was made by hand, and the counts of its readings."""
    return Tables(
        run.derived("estimates.parquet"),
        unread(run),
        close_calls.table(close_calls.close_calls(run)),
        Progress(Counts(2), 2, complete=True),
    )


def page_of(run: RunDirectory) -> tuple[str, Page]:
    text = report.write(run, held(run)).read_text(encoding="utf-8")
    return text, Page(text)


def data_of(text: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="trace-data">(.*?)</script>', text, re.DOTALL).group(1))


def part(text: str, place: str) -> str:
    """The section `place` of a measure, figure included."""
    return re.search(
        rf'<section id="{place}" class="measure".*?(?=<section id="[^"]*" class="measure"|<p class="more">)', text, re.DOTALL
    ).group()


def section(text: str, place: str) -> Page:
    """What stands in the section `place` of a measure alone."""
    return Page(part(text, place))
