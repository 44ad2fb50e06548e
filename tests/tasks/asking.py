"""A file of questions as its task gives it, and the sentence with which it is refused."""

import pytest

from cotfaith.errors import DataError
from cotfaith.tasks.jsonl import Jsonl


def ask(path, **options):
    return list(Jsonl(str(path), **options).questions())


def refused(path, **options):
    """The sentence with which the file is refused, without the file's name."""
    with pytest.raises(DataError) as caught:
        ask(path, **options)
    return str(caught.value).removeprefix(f"{path}, ")
