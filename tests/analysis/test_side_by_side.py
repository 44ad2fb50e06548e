"""The names of several runs, and their tables as one."""

from pathlib import Path

import pandas as pd
import pytest
from keyed import blank

from cotfaith.analysis import side_by_side
from cotfaith.errors import UsageError


def test_a_run_has_the_name_of_its_folder_and_what_it_kept_that_of_the_run() -> None:
    paths = [Path("runs/a"), Path("runs/a/earlier/1"), Path("other/b")]
    assert list(side_by_side.named(paths)) == ["a", "a/earlier/1", "b"]


def test_folders_of_one_name_have_their_paths() -> None:
    assert list(side_by_side.named([Path("x/a"), Path("y/a")])) == ["x/a", "y/a"]
    with pytest.raises(UsageError, match="given twice"):
        side_by_side.named([Path("x/a"), Path("x/../x/a")])


def table(*models: str) -> pd.DataFrame:
    return pd.DataFrame([blank("early_answering", "aoc") | {"model": model, "task": "t"} for model in models])


def test_a_model_of_two_runs_is_named_with_its_run() -> None:
    found = side_by_side.together({"one": table("m", "n"), "two": table("m")})
    assert list(found["model"]) == ["m (one)", "n", "m (two)"]


def test_chance_is_known_where_all_runs_agree() -> None:
    assert side_by_side.shared_chance([{"a": 0.25, "b": 0.5}, {"a": 0.25}, {"b": 0.2}]) == {"a": 0.25}
