"""The answer at the end of a worked solution that stands in the place of a gold."""

from cotfaith.errors import DataError

HASHES, BOXED = "####", "\\boxed"


def answer(where: str, gold: str) -> tuple[str, str]:
    r"""The answer in a gold such as `6+12=18 #### 18` or `The answer is \boxed{18}`, and the mark that shows it.

    A gold without such a mark is itself the answer, and the mark is empty.

    Raises:
        DataError: nothing follows the mark, or it marks several different answers.
    """
    if HASHES in gold:
        found, mark = [gold.rpartition(HASHES)[2].strip()], HASHES
    elif f"{BOXED}{{" in gold:
        found, mark = list(dict.fromkeys(_boxes(gold))), BOXED
    else:
        return gold, ""
    if len(found) != 1 or not found[0]:
        fault = f"marks {len(found)} answers by {mark}" if len(found) > 1 else f"has no answer behind {mark}"
        raise DataError(
            f"{where}: the gold {gold[-60:]!r} {fault}: write the answer alone, or show where it begins with the option 'after'."
        )
    return found[0], mark


def _boxes(text: str) -> list[str]:
    """What stands in each outermost box of `text`; an empty text for one that does not end."""
    found = []
    start = text.find(f"{BOXED}{{")
    while start >= 0:
        inside = start + len(BOXED) + 1
        stop, depth = inside, 1
        while stop < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[stop], 0)
            stop += 1
        found.append("" if depth else text[inside : stop - 1].strip())
        start = text.find(f"{BOXED}{{", stop)
    return found
