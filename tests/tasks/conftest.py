"""Files of questions for the tests: made on the spot, our own in the layout of public sets, and these sets where there is a folder of them."""

import gzip
import json
import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
OURS = REPOSITORY / "tests" / "data" / "tasks"
# Read before any test changes the environment.
PUBLIC = Path(os.environ.get("COTFAITH_DATA") or REPOSITORY.parent / "shared" / "data" / "tasks")


@pytest.fixture
def write(tmp_path):
    """Writes rows (or text as it stands) to a file of that name and gives its path."""

    def put(name, *rows):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)}\n" for row in rows)
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    return put


@pytest.fixture
def public_set():
    """The path of a public question set by its name; skipped where it is not at hand, since its texts are others' and not in this repository."""

    def find(name):
        path = PUBLIC / f"{name}.jsonl.gz"
        if not path.is_file():
            lacking = path.name if PUBLIC.is_dir() else "NAME.jsonl.gz of the question sets"
            pytest.skip(
                f"public question sets are others' texts and not in this repository: let COTFAITH_DATA name a folder with {lacking}"
            )
        return path

    return find


@pytest.fixture(params=["ours", pytest.param("public", marks=pytest.mark.real_data)])
def data_set(request, public_set):
    """The path of a set by its name, our own rows in its layout and then the set itself; `which` says which it is."""

    def find(name):
        return OURS / f"{name}.jsonl" if request.param == "ours" else public_set(name)

    find.which = request.param
    return find
