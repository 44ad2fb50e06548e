"""Rows come with their place, and a file that is not what it should be is refused in one sentence."""

import gzip
import json
from pathlib import Path

import pytest

from cotfaith.errors import CotfaithError, DataError, UsageError
from cotfaith.tasks.rows import read, stem


def refused(path, kind):
    with pytest.raises(CotfaithError) as caught:
        list(read(path))
    assert type(caught.value) is kind
    return str(caught.value)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_rows_come_with_file_and_line(write, name):
    path = write(name, {"a": 1}, "", {"a": "é"})
    assert [(row.where, row.values) for row in read(path)] == [(f"{path}, line 1", {"a": 1}), (f"{path}, line 3", {"a": "é"})]


def test_a_json_list_is_read_too(write):
    path = write("a.json", json.dumps([{"a": 1}, {"a": 2}], indent=1))
    assert [(row.where, row.values) for row in read(path)] == [(f"{path}, item 1", {"a": 1}), (f"{path}, item 2", {"a": 2})]


def test_a_byte_order_mark_and_windows_line_ends_are_no_trouble(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\r\n{"a": 2}\r\n')
    assert [row.values["a"] for row in read(path)] == [1, 2]


def test_a_bad_row_is_found_before_any_is_given(write):
    with pytest.raises(DataError, match=r"a\.jsonl, line 2: this is not JSON"):
        read(write("a.jsonl", {"a": 1}, "nonsense"))


def test_a_missing_file(tmp_path):
    path = tmp_path / "no.jsonl"
    assert refused(path, UsageError) == (
        f"There is no file {path}: check the path that names the questions (the task itself, or its option data)."
    )


def test_a_folder(tmp_path):
    assert refused(tmp_path, UsageError) == (
        f"{tmp_path} is a folder: give the path of one of its files (as the task itself, or as its option data)."
    )


@pytest.mark.parametrize("text", [[], ["", "  "], ["[]"]])
def test_an_empty_file(write, text):
    path = write("a.jsonl", *text)
    assert refused(path, DataError) == f"{path} is empty: it needs one JSON object per line, one for each question."


def test_a_line_that_is_not_json(write):
    path = write("a.jsonl", {"a": 1}, "{'a': 2}")
    assert refused(path, DataError) == (
        f"{path}, line 2: this is not JSON (Expecting property name enclosed in double quotes at character 2): "
        "write one JSON object per line."
    )


@pytest.mark.parametrize(
    ("line", "kind"),
    [("[1]", "a list"), ("3", "a number"), ('"x"', "text"), ("null", "null"), ("true", "true or false")],
)
def test_a_row_that_is_no_object(write, line, kind):
    path = write("a.jsonl", {"a": 1}, line)
    expected = f"{path}, line 2: this is {kind}, not a JSON object: write one object for each question."
    assert refused(path, DataError) == expected


def test_an_item_that_is_no_object(write):
    path = write("a.json", '[{"a": 1}, 2]')
    assert refused(path, DataError).startswith(f"{path}, item 2: this is a number, not a JSON object")


def test_nesting_without_end(write):
    assert "line 1: this is not JSON (" in refused(write("a.jsonl", '{"a":' + "[" * 100_000), DataError)


def test_what_is_not_utf8(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": "\xe9"}\n')
    assert refused(path, DataError) == f"{path} is not UTF-8 text (byte 7: invalid continuation byte): save it as UTF-8."


def test_what_is_no_gzip(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(b'{"a": 1}\n')
    message = refused(path, DataError)
    assert message.startswith(f"{path} is not a whole gzip file (")
    assert message.endswith("): fetch it again, or drop the ending .gz.")


def test_a_torn_gzip(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    whole = gzip.compress(b"".join(f'{{"a": {i}}}\n'.encode() for i in range(5000)))
    path.write_bytes(whole[: len(whole) // 2])
    assert refused(path, DataError).startswith(f"{path} is not a whole gzip file (")


@pytest.mark.parametrize("name", ["arc.jsonl", "arc.jsonl.gz", "arc.json", "arc.JSON.GZ", "arc"])
def test_the_stem_has_no_endings(name):
    assert stem(Path("folder") / name) == "arc"
