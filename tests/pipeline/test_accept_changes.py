"""What a run directory holds in another form: refused with the ways out, or accepted. Then the earlier run is kept, and nothing of it enters."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from losing import change

import cotfaith
from cotfaith.errors import StoreError
from cotfaith.pipeline import changes
from cotfaith.runs import Run, dry, resolve
from cotfaith.storage import earlier
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.storage.schema import TABLES

pytestmark = pytest.mark.integration

HINT = "name: my_hint\nsummary: s\ntold: a remark\nmentions: [{mentions}]\ntarget: other\nafter: A remark says {{target}}.\n"
Change = Callable[[Path], dict[str, Any]]  # edits the files in a folder, and gives the choices that the command then has


def ask(folder: Path, out: str, *, accept: bool = False, **choices: Any) -> Run:
    given = {
        "model": "scripted/hinted",
        "task": "jsonl",
        "task_data": str(folder / "q.jsonl"),
        "limit": 40,
        "samples": 2,
        "quiet": True,
    }
    return cotfaith.run(out=folder / out, accept_changes=accept, **given | choices)


def plan(folder: Path, out: str, *, accept: bool = False, **choices: Any) -> list[str]:
    """The lines of a dry run of the same command as `ask`."""
    given = {"model": "scripted/hinted", "task": "jsonl", "task_data": str(folder / "q.jsonl"), "limit": 40, "samples": 2}
    return dry(resolve(None, given | choices), folder / out, accept_changes=accept)


def questions(folder: Path, count: int = 40, **edited: dict[str, Any]) -> None:
    rows = [
        {"id": f"q{i}", "question": f"What is {i} + {i}?", "choices": [str(2 * i), str(2 * i + 1), str(2 * i + 2)], "answer": "A"}
        for i in range(count)
    ]
    rows = [row | edited.get(str(row["id"]), {}) for row in rows]
    (folder / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def with_hint(folder: Path, mentions: str = "remark") -> dict[str, Any]:
    (folder / "h.yaml").write_text(HINT.format(mentions=mentions), encoding="utf-8")
    return {"measures": "hint_effect", "interventions": {"hint": {"kinds": [str(folder / "h.yaml")]}}}


def one_gold(folder: Path) -> dict[str, Any]:
    questions(folder, q39={"answer": "B"})
    return {}


def a_row_in_front(folder: Path) -> dict[str, Any]:
    first = json.dumps({"id": "new", "question": "What is 9 + 9?", "choices": ["18", "19", "20"], "answer": "A"})
    (folder / "q.jsonl").write_text(f"{first}\n{(folder / 'q.jsonl').read_text()}", encoding="utf-8")
    return {}


def fewer_questions(folder: Path) -> dict[str, Any]:
    questions(folder, 32)
    return {}


def another_temperature(folder: Path) -> dict[str, Any]:
    return {"temperature": 0.5}


def other_cuts(folder: Path) -> dict[str, Any]:
    return {"measures": "filler_tokens", "interventions": {"filler": {"lengths": [0.5]}}}


CHANGES: list[tuple[Change, str, dict[str, Any]]] = [
    (one_gold, r"holds question 'q:q39' of jsonl .* its gold was 'A', and now it is 'B'", {}),
    (a_row_in_front, r"holds question .* it is no longer where it was", {}),
    (fewer_questions, r"holds 40 questions of jsonl, which now has 32", {}),
    (another_temperature, r"holds another study: its temperature is 0.8, and now it is 0.5", {}),
    (
        other_cuts,
        r"holds rows of filler_tokens made with another filler: its lengths was .*, and now it is \[0.5\]",
        {"measures": "filler_tokens"},
    ),
]


def files(run: Path) -> set[tuple[str, int]]:
    """The parts of the traces, each with its inode: a part that is made again is another file, even if its bytes are the same."""
    return {(path.name, path.stat().st_ino) for path in run.glob("traces/*.parquet")}


def texts(run: Run) -> dict[str, pd.DataFrame]:
    """Every table without the order of its parts, in which a run that was made in two steps differs."""
    found = {name: getattr(run, name)() for name in TABLES if name != "edited_questions"}
    return {
        name: frame.astype(str).sort_values(list(frame.columns), ignore_index=True).sort_index(axis=1)
        for name, frame in found.items()
    }


def assert_same_rows(found: Run, wanted: Run) -> None:
    for name, frame in texts(wanted).items():
        pd.testing.assert_frame_equal(texts(found)[name], frame)
    pd.testing.assert_frame_equal(found.estimates(), wanted.estimates())


@pytest.mark.parametrize(("edit", "said", "choices"), CHANGES, ids=lambda one: getattr(one, "__name__", ""))
def test_a_difference_is_refused_or_its_rows_are_made_again(
    edit: Change, said: str, choices: dict[str, Any], tmp_path: Path
) -> None:
    questions(tmp_path)
    first = ask(tmp_path, "run", **choices)
    assert (
        plan(tmp_path, "run", **choices)[-1]
        == "run directory: holds 80 reasoning traces already; the run goes on from what is there"
    )
    before = texts(first)
    numbers = first.estimates()
    now = choices | edit(tmp_path)
    with pytest.raises(StoreError, match=said) as error:
        ask(tmp_path, "run", **now)
    assert "choose another --out, " in str(error.value)
    assert "or give --accept-changes, which keeps the run as it is in " in str(error.value)
    with pytest.raises(StoreError, match=said) as planned:
        plan(tmp_path, "run", **now)
    assert str(planned.value) == str(error.value)
    assert re.search(f"^run directory: {said}.*; the run keeps it", plan(tmp_path, "run", accept=True, **now)[-1])
    fresh = ask(tmp_path, "fresh", **now)
    assert_same_rows(ask(tmp_path, "run", accept=True, **now), fresh)
    assert_same_rows(ask(tmp_path, "run", **now), fresh)  # from here on, it is the run
    assert ask(tmp_path, "run", **now).complete
    kept = cotfaith.open_run(tmp_path / "run" / "earlier" / "1")
    assert texts(kept).keys() == before.keys()
    for name, frame in before.items():
        pd.testing.assert_frame_equal(texts(kept)[name], frame)
    pd.testing.assert_frame_equal(kept.estimates(), numbers)
    assert kept.complete
    assert (kept.path / "report.html").exists() == (first.path / "report.html").exists()


def test_only_the_block_of_an_edited_question_is_made_again(tmp_path: Path) -> None:
    questions(tmp_path)
    ask(tmp_path, "run")
    before = files(tmp_path / "run")
    one_gold(tmp_path)
    ask(tmp_path, "run", accept=True)
    left = before & files(tmp_path / "run")
    assert {name.split("-")[1] for name, _ in left} == {"00000"}
    assert {name.split("-")[1] for name, _ in before - left} == {"00001"}


def test_a_hint_that_changed_leaves_the_traces(tmp_path: Path) -> None:
    questions(tmp_path)
    ask(tmp_path, "run", **with_hint(tmp_path))
    before = files(tmp_path / "run")
    now = with_hint(tmp_path, "clue")
    with pytest.raises(StoreError, match="give --accept-changes"):
        ask(tmp_path, "run", **now)
    changed = ask(tmp_path, "run", accept=True, **now)
    assert files(tmp_path / "run") == before
    assert_same_rows(changed, ask(tmp_path, "fresh", **now))


def test_hand_labels_survive_another_prompt_of_a_judge(tmp_path: Path) -> None:
    questions(tmp_path)
    hint = {"measures": "hint_effect", "interventions": {"hint": {"kinds": ["metadata"]}}}
    given = hint | {"judges": ("lexical", "scripted/judge"), "limit": 4}
    made = ask(tmp_path, "run", **given)
    sheet = tmp_path / "labels.csv"
    made.write_labels(sheet)
    labelled = pd.read_csv(sheet, dtype=str, keep_default_na=False).assign(mentions="yes", relies="no")
    labelled.to_csv(sheet, index=False)
    made.read_labels(sheet)
    before = made.verdicts()
    assert set(before["judge"]) == {"hand", "lexical", "scripted/judge"}
    name = next(one for one in made.manifest()["prompts"] if one.startswith("judge scripted/judge: "))
    change(made.path, "prompts", name, value="other")
    with pytest.raises(StoreError, match="holds rows made with another text of the prompt"):
        ask(tmp_path, "run", **given)
    after = ask(tmp_path, "run", accept=True, **given).verdicts()
    order = ["id", "judge"]
    pd.testing.assert_frame_equal(
        after.sort_values(order, ignore_index=True), before.sort_values(order, ignore_index=True), check_like=True
    )


def test_another_model_under_a_name_is_made_again_alone(tmp_path: Path) -> None:
    questions(tmp_path)
    given = {"model": ("scripted/mixed", "scripted/faithful"), "limit": 4}
    wanted = ask(tmp_path, "fresh", **given)
    ask(tmp_path, "run", **given)
    change(tmp_path / "run", "subjects", "scripted/faithful", "fingerprint", "files", value="b1:00")
    with pytest.raises(StoreError, match="holds scripted/faithful with files 'b1:00', and now it is"):
        ask(tmp_path, "run", **given)
    before = files(tmp_path / "run")
    found = ask(tmp_path, "run", accept=True, **given)
    assert_same_rows(found, wanted)
    assert len(before & files(tmp_path / "run")) == len(before) / 2
    assert found.manifest()["subjects"]["scripted/faithful"]["fingerprint"]["files"] != "b1:00"


@pytest.mark.parametrize("removed", [0, 1, 3, 5])
def test_a_kill_while_rows_are_removed_mixes_nothing(removed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    questions(tmp_path)
    ask(tmp_path, "run")
    one_gold(tmp_path)
    unlink = Path.unlink
    left = [removed]

    def dies(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".parquet" and "earlier" not in path.parts:
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", dies)
    with pytest.raises(KeyboardInterrupt):
        ask(tmp_path, "run", accept=True)
    monkeypatch.undo()
    with pytest.raises(StoreError, match="its gold was 'A', and now it is 'B'"):
        ask(tmp_path, "run")
    assert_same_rows(ask(tmp_path, "run", accept=True), ask(tmp_path, "fresh"))


def test_what_a_killed_copy_left_does_not_stand_for_a_run(tmp_path: Path) -> None:
    questions(tmp_path)
    made = ask(tmp_path, "run", limit=3)
    (tmp_path / "run" / "earlier" / ".1.tmp" / "traces").mkdir(parents=True)
    (tmp_path / "run" / "earlier" / ".1.tmp" / "traces" / "half").touch()
    kept = earlier.keep(RunDirectory(made.path), made.manifest())
    assert kept.name == "1"
    assert not (kept / "traces" / "half").exists()
    assert len(cotfaith.open_run(kept).traces()) == len(made.traces())


def test_a_difference_that_stays_is_not_met_for_ever(tmp_path: Path) -> None:
    questions(tmp_path)
    made = ask(tmp_path, "run", limit=3)
    accepting = changes.Accepting(RunDirectory(made.path), {}, accept=True)

    def act() -> None:
        raise changes.ChangedError(made.path, "something", changes.Rows(task="nothing"))

    with pytest.raises(changes.ChangedError, match="holds something"):
        accepting.through(act)
