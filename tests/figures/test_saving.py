"""Figures as files: vectors and pixels with the points beside them, equal bytes for equal figures, and what a file says of itself."""

import hashlib
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from figures.rows import curve, drawn
from PIL import Image

from cotfaith import figures, invocation
from cotfaith.errors import UsageError

ROWS = pd.DataFrame(curve())


@pytest.mark.parametrize("form", ["pdf", "svg", "png"])
def test_equal_figures_give_equal_bytes_and_say_what_they_show(form: str, tmp_path: Path) -> None:
    files = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        with invocation.typed(["cotfaith", "figures", "same-answer", "runs/a b"]):
            path = figures.save(drawn(figures.same_answer_curve(ROWS, width=figures.COLUMN)), tmp_path / folder / f"curve.{form}")
        files.append(path.read_bytes())
        assert pd.read_csv(path.with_suffix(".csv"))["value"].tolist() == pytest.approx([0.3 + 0.06 * i for i in range(11)])
    assert files[0] == files[1]
    points = hashlib.sha256((tmp_path / "one" / "curve.csv").read_bytes()).hexdigest()
    if form == "png":
        with Image.open(tmp_path / "one" / "curve.png") as image:
            assert image.width == pytest.approx(300 * figures.COLUMN, abs=1)
            said = str(image.info)
    else:
        said = files[0].decode("latin-1")
    assert points in said
    assert "cotfaith figures same-answer 'runs/a b'" in said.replace("&apos;", "'")
    assert not re.search(r"CreationDate|ModDate|20\d\d-\d\d-\d\d", said)


def test_another_point_is_another_hash(tmp_path: Path) -> None:
    names = [
        figures.save(drawn(figures.same_answer_curve(pd.DataFrame(curve(shift=shift)))), tmp_path / "a.svg").read_text()
        for shift in (0, 0.01)
    ]
    first, second = (re.search(r"sha256 of the points: ([0-9a-f]{64})", text).group(1) for text in names)
    assert first != second


def test_a_file_of_another_kind_and_a_folder_that_is_not_there_are_refused(tmp_path: Path) -> None:
    drawing = drawn(figures.same_answer_curve(ROWS))
    with pytest.raises(
        UsageError, match=r"ends in .gif, but figures are PDF, SVG or PNG: give a name that ends in .pdf, .svg or .png"
    ):
        figures.save(drawing, tmp_path / "curve.gif")
    with pytest.raises(UsageError, match="cannot be written to .*: No such file or directory: name a file in an existing folder"):
        figures.save(drawing, tmp_path / "no" / "curve.svg")
    assert list(tmp_path.iterdir()) == []


def test_a_notebook_shows_a_drawing_and_its_figure_can_be_changed(tmp_path: Path) -> None:
    drawing = drawn(figures.same_answer_curve(ROWS))
    assert ET.fromstring(drawing._repr_svg_()).tag.endswith("svg")
    assert drawing._repr_png_().startswith(b"\x89PNG")
    drawing.figure.axes[0].set_title("Mine", loc="left")
    assert ">Mine<" in figures.save(drawing, tmp_path / "mine.svg").read_text()


def test_words_of_a_pdf_are_text(tmp_path: Path) -> None:
    pdf = figures.save(drawn(figures.same_answer_curve(ROWS)), tmp_path / "curve.pdf").read_bytes()
    assert b"/TrueType" in pdf or b"/CIDFontType2" in pdf
    assert b"/Type3" not in pdf
