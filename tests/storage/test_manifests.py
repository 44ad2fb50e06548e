"""The file manifest.json: as it was written, in the shape that everything expects, or one sentence."""

import json
from pathlib import Path

import pytest

from cotfaith.errors import StoreError
from cotfaith.storage import manifests
from cotfaith.storage.run_directory import RunDirectory

STUDY = {"study": {"model": ["m"]}, "complete": True, "sizes": {"t": 3}, "reads": {"a": {"b": ["c"]}}}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    assert directory.manifest() == {}
    directory.write_manifest(STUDY)
    found = directory.manifest()
    assert {key: found[key] for key in STUDY} == STUDY
    assert (found["format"], found["parts"]) == (manifests.FORMAT, {})
    directory.write_manifest({**found, "complete": False})
    assert directory.manifest()["complete"] is False


def test_keys_that_json_changes_have_the_digest_of_what_is_read(tmp_path: Path) -> None:
    RunDirectory(tmp_path).write_manifest({**STUDY, "other": {1: (2, 3)}})
    assert RunDirectory(tmp_path).manifest()["other"] == {"1": [2, 3]}


@pytest.mark.parametrize("change", [("level", 0.9), ("limit", 3), ("complete", False)])
def test_a_manifest_that_was_changed_is_refused(tmp_path: Path, change: tuple[str, object]) -> None:
    RunDirectory(tmp_path).write_manifest(STUDY)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), change[0]: change[1]}))
    with pytest.raises(StoreError, match='was changed after it was written, .*; if the change is meant, remove its key "digest"'):
        RunDirectory(tmp_path).manifest()
    path.write_text(json.dumps({key: value for key, value in json.loads(path.read_text()).items() if key != "digest"}))
    assert RunDirectory(tmp_path).manifest()[change[0]] == change[1]


def test_every_flipped_bit_is_seen(tmp_path: Path) -> None:
    RunDirectory(tmp_path).write_manifest(STUDY)
    path = tmp_path / "manifest.json"
    whole = path.read_bytes()
    told = manifests.read(tmp_path)
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 7]) + whole[place + 1 :])
        try:
            found = manifests.read(tmp_path)
        except StoreError:
            continue
        assert {key: found.get(key) for key in told if key != "digest"} == {
            key: value for key, value in told.items() if key != "digest"
        }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "holds list, not keys and values"), ("null", "holds NoneType, not keys and values"), ("", "is not JSON"), ("{", "is not JSON"),
        ("\ufeff{}", "is not JSON"), ('{"a": ' + "[" * 100_000, "is not JSON"), ('{"a": ' + "9" * 5000 + "}", "is not JSON"),
        ('{"study": 3}', r"Expected `object`, got `int` - at `\$.study`"), ('{"format": "3"}', "has the format '3'"),
        ('{"format": null}', "has the format None"), ('{"format": true}', "has the format True"), ('{"format": 3.5}', "has the format 3.5"),
        ('{"study": {}, "sizes": {"t": "3"}}', "Expected `int`, got `str`"), ('{"study": {}, "reads": {"a": ["b"]}}', "Expected `object`, got `array`"),
        ('{"study": {}, "complete": "yes"}', "Expected `bool`, got `str`"), ('{"study": {}, "subjects": {"m": {}}}', "missing required field `fingerprint`"),
        ('{"study": {}, "identities": {"s": {"name": "x"}}}', "missing required field `parameters`"), ('{"study": {"a": NaN}}', "holds a number or a text that no run writes"), ('{"study": {"a": "\\ud800"}}', "holds a number or a text that no run writes"), ('{"study": {}, "digest": 3}', "was changed after it was written"),
    ],
)  # fmt: skip
def test_a_manifest_of_another_shape_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match=said):
        manifests.read(tmp_path)


def test_what_is_no_text_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(StoreError, match="is not JSON"):
        manifests.read(tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreError, match="cannot be read"):
        manifests.read(tmp_path)
    with pytest.raises(StoreError, match="cannot be read"):
        manifests.read(tmp_path / ("a" * 300))
    assert manifests.read(path / "file" / "below") == {}
