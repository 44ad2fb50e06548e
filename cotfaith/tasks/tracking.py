"""People swap objects, and the question is about one of them: BIG-bench's tracking of shuffled objects, in our own wording.

Every swap moves two objects, and no swap undoes the previous one, so the state changes with each sentence.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, count
from typing import ClassVar, Literal, get_args

import numpy as np

from cotfaith import seeds
from cotfaith.contracts.task import AbstractTask, require_one_of, require_range
from cotfaith.tasks.balance import arrange
from cotfaith.types import Question

Ask = Literal["what", "who"]

_PEOPLE = (
    "Amara", "Boris", "Carmen", "Dmitri", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaito", "Leila",
    "Marta", "Nadia", "Oscar", "Priya", "Rosa", "Stefan", "Tomas", "Wanda",
)  # fmt: skip
_SCENES = (
    ("{people} are working in a garden, and each holds one tool.", ("rake", "spade", "hoe", "trowel", "shears", "broom", "hose")),
    ("{people} share a table in a library, and each reads one book.", ("atlas", "novel", "diary", "cookbook", "dictionary", "songbook", "almanac")),
    ("{people} go on a picnic, and each carries one fruit.", ("melon", "pear", "plum", "mango", "peach", "lemon", "fig")),
    ("{people} rehearse in a band, and each plays one instrument.", ("flute", "violin", "drum", "trumpet", "cello", "harp", "banjo")),
    ("{people} play in a park, and each has one toy.", ("kite", "ball", "frisbee", "skipping rope", "scooter", "yo-yo", "hoop")),
)  # fmt: skip


@dataclass(frozen=True)
class Tracking(AbstractTask):
    """People hold one object each and swap them; then one of them, or one of the objects, is asked about.

    There are as many choices as people.

    Args:
        people: how many people there are, from 3 to 7.
        swaps: how many swaps they make, from 3 to 7.
        ask: "what" asks what one of them has, "who" asks who has an object.
        seed: the sequence of questions.
    """

    name: ClassVar[str] = "tracking"
    summary: ClassVar[str] = "People swap objects 3 to 7 times, and one of them is asked about at the end."
    endless: ClassVar[bool] = True
    answers: ClassVar[str] = "one of as many choices as people"

    people: int = 3
    swaps: int = 3
    ask: Ask = "what"
    seed: int = 0

    def __post_init__(self) -> None:
        require_range(self.name, "people", self.people, 3, 7)
        require_range(self.name, "swaps", self.swaps, 3, 7)
        require_one_of(self.name, "ask", self.ask, get_args(Ask))

    def questions(self) -> Iterator[Question]:
        """Stories without end."""
        return (self._question(index) for index in count())

    def _question(self, index: int) -> Question:
        names = (self.seed, self.name, self.people, self.swaps, self.ask)
        rng = seeds.stream(*names, index)
        opening, kinds = _SCENES[int(rng.integers(len(_SCENES)))]
        people = [str(name) for name in rng.permutation(_PEOPLE)[: self.people]]
        things = [f"the {kind}" for kind in rng.permutation(kinds)[: self.people]]
        swaps = draw_swaps(self.people, self.swaps, rng=rng)
        holding = follow(things, swaps)
        asked = int(rng.integers(self.people))
        if self.ask == "what":
            final, gold, pool = f"what does {people[asked]} have?", holding[asked], things
        else:
            final, gold, pool = f"who has {holding[asked]}?", people[asked], people
        others = [pool[i] for i in rng.permutation(self.people) if pool[i] != gold]
        choices, letter = arrange(gold, others, index, *names)
        start = _join([f"{who} has {what}" for who, what in zip(people, things, strict=True)])
        story = [opening.format(people=_join(people)), f"At the start, {start}.", *_tell(people, swaps), f"At the end, {final}"]
        name = f"{self.name}:{self.people}x{self.swaps}-{self.ask}-seed{self.seed}-{index}"
        return Question(name, self.name, " ".join(story), choices, letter, meta={"people": self.people, "swaps": self.swaps})


def draw_swaps(people: int, swaps: int, *, rng: np.random.Generator) -> list[tuple[int, int]]:
    """`swaps` pairs of different people, never the same pair twice in a row."""
    pairs = list(combinations(range(people), 2))
    drawn: list[tuple[int, int]] = []
    for _ in range(swaps):
        free = [pair for pair in pairs if pair not in drawn[-1:]]
        drawn.append(free[int(rng.integers(len(free)))])
    return drawn


def follow(things: Sequence[str], swaps: Sequence[tuple[int, int]]) -> list[str]:
    """The object of each person after all `swaps`."""
    holding = list(things)
    for one, other in swaps:
        holding[one], holding[other] = holding[other], holding[one]
    return holding


def _tell(people: Sequence[str], swaps: Sequence[tuple[int, int]]) -> list[str]:
    """One sentence a swap."""
    openers = ["First", *["Then"] * (len(swaps) - 2), "Finally"]
    return [f"{word}, {people[a]} and {people[b]} swap what they have." for word, (a, b) in zip(openers, swaps, strict=True)]


def _join(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"
