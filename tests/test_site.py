"""The documentation site: it builds without a warning and without network, and what it shows comes from no other host."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

import cotfaith
from cotfaith import contracts
from docs.generate import cli, home, links

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
CONFIG = ROOT / "mkdocs.yml"
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src", "link": "href"}
LED = {"canonical", "next", "prev", "edit"}  # links of the head that lead somewhere and load nothing
ELSEWHERE = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)
NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")


def build(root: Path, out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", root / "mkdocs.yml", "--site-dir", out],
        capture_output=True,
        text=True,
        cwd=root,
        env={**os.environ, **NO_NETWORK, "NO_MKDOCS_2_WARNING": "1"},
        check=False,
    )


class Loaded(HTMLParser):
    """What a page loads: the addresses of its scripts, styles, fonts and images."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "link" and said.get("rel") in LED:
            return
        if (address := said.get(LOADED.get(tag, ""))) is not None:
            self.addresses.append(address)
        self.addresses += in_style(said.get("style") or "")

    handle_startendtag = handle_starttag


def in_style(text: str) -> list[str]:
    """The addresses that a style sheet loads."""
    return re.findall(r"""(?:url\(|@import\s)\s*["']?([^"')\s]+)""", text)


def loaded(page: str) -> list[str]:
    parser = Loaded()
    parser.feed(page)
    return parser.addresses + [
        one for style in re.findall(r"<style[^>]*>(.*?)</style>", page, re.DOTALL) for one in in_style(style)
    ]


def nav(entries: object) -> Iterator[str]:
    """The files that the navigation names."""
    if isinstance(entries, str):
        yield entries
    elif isinstance(entries, dict):
        for one in entries.values():
            yield from nav(one)
    else:
        for one in entries:  # type: ignore[attr-defined]  # a list
            yield from nav(one)


PAGES = list(nav(yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["nav"]))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the built site, and what mkdocs said."""
    out = tmp_path_factory.mktemp("site") / "site"
    done = build(ROOT, out)
    assert done.returncode == 0, done.stdout + done.stderr
    return out, done.stdout + done.stderr


@pytest.mark.integration
def test_the_site_builds_without_a_warning(built: tuple[Path, str]) -> None:
    _, said = built
    assert "Documentation built" in said
    assert not re.search(r"WARNING|ERROR|DeprecationWarning", said), said


@pytest.mark.integration
def test_every_page_of_the_navigation_is_built(built: tuple[Path, str]) -> None:
    out, _ = built
    assert len(PAGES) == len(set(PAGES)) > 60
    for page in PAGES:
        made = out / "index.html" if page == "index.md" else out / page.removesuffix(".md") / "index.html"
        assert "<h1" in made.read_text(encoding="utf-8"), page


@pytest.mark.integration
def test_nothing_that_the_site_loads_comes_from_another_host(built: tuple[Path, str]) -> None:
    out, _ = built
    found = [(page, one) for page in out.rglob("*.html") for one in loaded(page.read_text(encoding="utf-8"))]
    found += [(sheet, one) for sheet in out.rglob("*.css") for one in in_style(sheet.read_text(encoding="utf-8"))]
    assert len(found) > len(PAGES)
    assert [(page.name, one) for page, one in found if ELSEWHERE.match(one)] == []


@pytest.mark.integration
def test_every_public_name_is_on_the_pages_of_the_api(built: tuple[Path, str]) -> None:
    out, _ = built
    for page, module in (("api", cotfaith), ("contracts", contracts)):
        text = (out / page / "index.html").read_text(encoding="utf-8")
        missing = [name for name in module.__all__ if f'id="{module.__name__}.{name}"' not in text]
        assert missing == [], page


@pytest.mark.integration
def test_a_link_that_leads_nowhere_fails_the_build(tmp_path: Path) -> None:
    shutil.copytree(DOCS, tmp_path / "docs")
    for name in ("mkdocs.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("api", "contracts"):
        (tmp_path / "docs" / f"{name}.md").write_text(f"# {name}\n", encoding="utf-8")
    with (tmp_path / "docs" / "scale.md").open("a", encoding="utf-8") as file:
        file.write("\n[nowhere](nowhere.md)\n")
    done = build(tmp_path, tmp_path / "out")
    assert done.returncode != 0
    assert "'nowhere.md'" in done.stderr


def test_what_a_page_loads_is_found() -> None:
    page = (
        '<link rel="canonical" href="https://a"><link rel="stylesheet" href="https://b"><img src="//c/d.png"><a href="https://e"></a>'
        '<style>@import "https://f"; p { background: url(g.png) }</style><p style="background: url(https://h)">'
    )
    assert sorted(loaded(page)) == ["//c/d.png", "g.png", "https://b", "https://f", "https://h"]
    assert sum(bool(ELSEWHERE.match(one)) for one in loaded(page)) == 4


def test_every_page_is_in_the_navigation() -> None:
    assert set(PAGES) == {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}


def test_a_link_out_of_the_documents_leads_to_the_repository() -> None:
    link = f"{links.source()}/blob/main/studies/x.yaml"
    assert links.outward("[a](../studies/x.yaml), [b](hints.md)", "studies.md") == f"[a]({link}), [b](hints.md)"
    assert links.outward("[a](../../studies/x.yaml), [b](../hints.md)", "measures/c.md") == f"[a]({link}), [b](../hints.md)"


def test_the_page_of_the_command_line_is_what_the_code_says_now() -> None:
    assert cli.PAGE.read_text(encoding="utf-8") == cli.page(), "run: python -m docs.generate.cli"


@pytest.mark.integration
def test_the_home_page_shows_what_its_command_prints() -> None:
    text = home.PAGE.read_text(encoding="utf-8")
    assert f"<!-- first -->\n{home.first(text)}\n<!-- /first -->" in text, "run: python -m docs.generate.home"
