"""The example pack, installed as a third party's."""

import zipfile
from pathlib import Path

import pytest
from plugins import shell

PACK = Path(__file__).parents[1] / "pack"


@pytest.fixture(scope="session")
def pack(tmp_path_factory):
    """A folder in which the wheel of `tests/pack` is installed, which for pure Python means unpacked."""
    pytest.importorskip("hatchling", reason="needs hatchling to build the example pack")
    wheels, site = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("site")
    shell.run(f"from hatchling.build import build_wheel; build_wheel({str(wheels)!r})", folder=PACK)
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    return site
