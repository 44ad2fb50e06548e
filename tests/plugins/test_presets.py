"""Batteries: YAML files, of this package, of another, or of one's own by path."""

from pathlib import Path

import pytest

from cotfaith import study
from cotfaith.errors import UsageError
from cotfaith.plugins import presets

LEAST = {"model": "scripted/mixed", "task": "addition"}
MINE = "summary: mine\npaper: none\ndiffers: all of it\nmeasures: [early_answering]\nsamples: 3\n"


def mine(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text)
    return str(path)


def test_a_file_of_ones_own_is_a_battery(tmp_path: Path) -> None:
    made = study.make({**LEAST, "battery": mine(tmp_path, MINE)})
    assert (made.samples, made.measures) == (3, ("early_answering",))
    assert study.make({**LEAST, "battery": mine(tmp_path, MINE), "samples": 5}).samples == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (MINE.replace("paper: none\n", ""), "has no paper: give the keys summary, paper, differs as text"),
        (MINE + "sample: 3\n", r"Unknown key of battery .*mine.yaml 'sample': did you mean 'samples'\?"),
        (MINE + "battery: standard\n", "Unknown key of battery .*mine.yaml 'battery'"),
        ("summary: a\npaper: b\ndiffers: c\n", "has no choices: give keys of a study"),
        ("- 1\n", "holds list, not keys and values"),
        ("a: [\n", "is not YAML"),
    ],
)
def test_a_file_that_is_none_says_why(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message):
        study.make({**LEAST, "battery": mine(tmp_path, text)})


def test_a_missing_file_is_one_sentence() -> None:
    with pytest.raises(UsageError, match=r"Battery nowhere.yaml cannot be read: No such file or directory; give the path"):
        study.make({**LEAST, "battery": "nowhere.yaml"})


@pytest.mark.parametrize("name", presets.names())
def test_every_registered_battery_is_read_and_says_what_it_is(name: str) -> None:
    made = presets.preset(name)
    assert made.summary
    assert made.paper
    assert made.differs
    assert made.choices["measures"]
