"""An intervention that leaves out the last steps of the reasoning."""

from dataclasses import dataclass
from typing import ClassVar

from cotfaith.contracts.intervention import About, AbstractEdit


@dataclass(frozen=True)
class DropLast(AbstractEdit):
    """Leaves out the last `steps` steps; the control has the whole reasoning."""

    name: ClassVar[str] = "drop_last"
    about: ClassVar[About] = About("the last steps left out", "none", "edit, answer")

    steps: int = 1

    def edit(self, trace, question, *, rng):
        stays = trace.steps[: max(0, len(trace.steps) - self.steps)]
        keep, tail = (stays[-1].tokens, stays[-1].tail) if stays else (0, "")
        return [
            self.probe(trace, "treated", keep=keep, insert=tail, dose=1.0),
            self.probe(trace, "control", keep=len(trace.reasoning_ids)),
        ]
