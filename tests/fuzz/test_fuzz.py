"""Two minutes of inputs that people, editors, disks and chance could make, and all that failed once."""

import json
import os
from pathlib import Path

import pytest

from fuzz import campaign as campaign_module
from fuzz import edits, inputs
from fuzz.bases import Bases
from fuzz.calling import call
from fuzz.campaign import campaign
from fuzz.inputs import Input
from fuzz.makers import MAKERS, made
from fuzz.shrinking import smaller
from fuzz.trying import Bench

SEED = int(os.environ.get("COTFAITH_FUZZ_SEED", "0"))
SECONDS, LEAST = 90.0, 150  # more time, if a slow machine has not tried so many by then

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder = tmp_path_factory.mktemp("fuzz")
    return Bench(folder, Bases(folder))


@pytest.mark.parametrize("path", inputs.corpus(), ids=lambda path: path.name)
def test_what_failed_once(path: Path, bench: Bench) -> None:
    found = bench.failure(inputs.kept(path))
    assert found is None, found


def test_new_inputs(tmp_path: Path) -> None:
    tally = campaign(tmp_path, seed=SEED, enough=lambda tried, seconds: tried >= LEAST and seconds > SECONDS)
    assert tally.tried.keys() == MAKERS.keys()
    assert not tally.failed, f"COTFAITH_FUZZ_SEED={SEED}: {tally.as_json()['ways_to_fail']}; the inputs are kept in {inputs.CORPUS}"


# --- the harness itself ---------------------------------------------------------------------------------------------------


def test_an_input_is_the_same_each_time_and_is_kept_whole(bench: Bench) -> None:
    for number in range(20):
        one = made(number, 3, bench.bases)
        assert one == made(number, 3, bench.bases)
        again = inputs.decoded(one.kind, one.encoded())
        assert again.encoded() == one.encoded()


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("raise KeyError('x')", "KeyError"),
        ("while True: pass", "hang"),
        ("print('cotfaith: ' + 'x' * 700, file=sys.stderr); sys.exit(1)", "long message"),
        ("print('cotfaith: \\x1b[31m', file=sys.stderr); sys.exit(1)", "unprintable"),
        ("print('no', file=sys.stderr); sys.exit(1)", "no sentence"),
        ("sys.exit(7)", "exit code"),
        ("open('../elsewhere', 'w').close()", "wrote outside"),
        ("print('Traceback (most recent call last)', file=sys.stderr)", "traceback"),
    ],
)
def test_each_fault_is_seen(body: str, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cotfaith import cli

    source: dict[str, object] = {}
    exec(f"import sys\ndef main():\n    {body}\n", source)
    monkeypatch.setattr(cli, "main", source["main"])
    folder = tmp_path / "work"
    folder.mkdir()
    done = call(["x"], folder, seconds=0.5)
    assert [fault for fault, _ in done.faults] == [what]


def test_other_numbers_are_seen(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that has lost the probes of a shard, where nobody looks at what is lost."""
    from cotfaith.storage import losses

    lost = Input("run", edits=(("delete", "probes/#0"),), words=("wide", "frames"))
    assert bench.failure(lost) is None
    monkeypatch.setattr(losses, "check", lambda *_: None)
    found = bench.failure(lost)
    assert found is not None
    assert found.signature == ("run", "other numbers", "estimate")


def test_what_ends_the_process_is_a_failure_and_the_campaign_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Input("study", b"a: 1")
    monkeypatch.setattr(inputs, "CORPUS", tmp_path)
    before = campaign_module.Tally(3, commands=5)
    before.tried["study"] = 2
    (tmp_path / campaign_module.TALLY).write_text(json.dumps(before.as_json()))
    (tmp_path / campaign_module.LAST).write_bytes(b"17 study\n" + one.encoded())
    number, told = campaign_module.killed(tmp_path, "code -6")
    assert (number, told["inputs_by_kind"], told["failures_by_kind"]) == (17, {"study": 3}, {"study": 1})
    whole = campaign_module.Tally(3)
    whole.add(told)
    whole.add(told)
    assert (whole.tried.total(), whole.failed.total(), whole.commands) == (6, 2, 10)
    (way,) = whole.as_json()["ways_to_fail"]
    assert (way["what"], way["where"]) == ("ended the process", "code -6")
    assert inputs.kept(tmp_path / way["kept"]) == one


def test_a_failing_input_is_made_small() -> None:
    one = Input("study", b"a: 1\nb: 2\nmargin: 2001-13-01\nc: 3\n")
    small = smaller(one, lambda other: b"13" in other.data)
    assert small.data == b"13"
    one = Input("run", edits=(("delete", "a"), ("cut", "b", 0.5), ("delete", "c")), words=("wide", "dry"))
    assert smaller(one, lambda other: ("cut", "b", 0.5) in other.edits).edits == (("cut", "b", 0.5),)


def test_edits_do_what_they_say(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abcd")
    (tmp_path / "b.json").write_text('{"x": {"y": [1, 2]}}')
    edits.apply(
        [("flip", "a", 0.0, 0), ("cut", "a", 0.5), ("set", "b.json", ["x", "y", 0], 9), ("copy", "a", "c"), ("folder", "d")],
        tmp_path,
    )
    assert (tmp_path / "a").read_bytes() == (tmp_path / "c").read_bytes() == b"`b"
    assert (tmp_path / "b.json").read_text() == '{"x": {"y": [9, 2]}}'
    assert (tmp_path / "d").is_dir()
    edits.apply(
        [("swap", "a", "b.json"), ("drop", "a", ["x"]), ("delete", "d"), ("delete", "nothing"), ("cut", "probes/#9", 0.1)], tmp_path
    )
    assert (tmp_path / "a").read_text() == "{}"
    assert not (tmp_path / "d").exists()
