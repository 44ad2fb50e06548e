"""Tasks: they yield questions, in a fixed order."""

from cotfaith.types import Scalar

SUFFIXES = (".jsonl", ".jsonl.gz", ".json", ".json.gz")


def resolve(task: str) -> tuple[str, dict[str, Scalar]]:
    """The registered name and the options of `task`: a file of questions is the task `jsonl` on that file."""
    if task.lower().endswith(SUFFIXES):
        return "jsonl", {"data": task}
    return task, {}
