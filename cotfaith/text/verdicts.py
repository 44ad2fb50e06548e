"""Lists that say of each option whether it is right: "A: No. B: Yes."."""

from __future__ import annotations

import re

from cotfaith.text.claims import SEVERAL, Claim
from cotfaith.types import Question

_VERDICT = re.compile(
    r"(?:^|(?<=[\s(\[]))(?:option\s)?([A-Z])[)\]]?\s?[:=.,)\u2192\u2013-]{0,2}\s(?:is\s|->\s)?(yes|no|true|false|correct|incorrect|wrong|right|\u2713|\u2714|\u2705|\u2717|\u2718|\u274c)"
    r"(?=\s{0,3}(?:[.,;!:)\n\u2013-]|$)|(?<=\W)\s)",
    re.IGNORECASE | re.MULTILINE,
)
_LINE_VERDICT = re.compile(
    r"^[-\s]{0,8}(?:option\s)?[(\[]?([A-Z])[)\].:][^\n]{0,200}?(?::|->|\u2192|=|\u2013|\u2014|\s-|\()\s{0,3}(yes|no|true|false|correct|incorrect|wrong|right|\u2713|\u2714|\u2705|\u2717|\u2718|\u274c)"
    r"[\s.!)]{0,4}$",
    re.IGNORECASE | re.MULTILINE,
)
_POSITIVE = {"yes", "true", "correct", "right", "\u2713", "\u2714", "\u2705"}


def verdicts(body: str, question: Question) -> list[Claim] | None:
    """The one option that a list of verdicts accepts (`A: No. B: Yes.`); None where there is no such list."""
    for pattern in (_VERDICT, _LINE_VERDICT):
        found = [one for one in pattern.finditer(body) if one[1].upper() in question.letters]
        if len({one[1].upper() for one in found}) > 1:
            chosen = [one for one in found if one[2].casefold() in _POSITIVE]
            accepted = {one[1].upper() for one in chosen}
            if len(accepted) == 1:
                return [Claim(chosen[-1].start(), accepted.pop())]
            return [Claim(chosen[-1].start(), None, SEVERAL, strong=False)] if accepted else []
    return None
