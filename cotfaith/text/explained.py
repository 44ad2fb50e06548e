"""A value without what explains it: "Paris, the city of light", "Paris, not Lyon" and "Paris, because it is large" are Paris."""

from __future__ import annotations

import re

from cotfaith.text.words import phrases

_WHY = {
    "English": "because | since | as | which",
    "German": "weil | denn",
    "French": "parce que",
    "Spanish, Portuguese": "porque",
    "Italian": "perché",
    "Dutch": "omdat | want",
    "Russian": "потому что",
}
# Only behind a comma.
_ASIDE = {
    "English": "who | where | by | of course | i think | i believe | in | though | although | due | based | if | obviously | clearly | naturally | given | so | from | using | with | on | at | "
    "not | but not | and not | rather | instead",
    "German": "nicht | und nicht | also | da",
    "French": "pas | et non | non | car | donc",
    "Spanish": "no | y no | ya que | pues",
    "Italian": "non | e non | quindi",
    "Portuguese": "não | e não | pois",
    "Dutch": "niet | en niet | dus",
    "Russian": "а не | не | так как",
}
_RATHER = {
    "English": "and not | but not | not | rather than | instead of | as opposed to | by the | by using | by applying",
    "German": "und nicht | statt | anstatt",
    "French": "et non | et pas | plutôt que | au lieu de",
    "Spanish": "y no | en lugar de",
    "Italian": "e non | invece di",
    "Portuguese": "e não | em vez de",
    "Dutch": "en niet | in plaats van",
}
_EXPLAINS = re.compile(
    rf",?\s(?:{phrases(*_WHY.values(), *_RATHER.values())})(?!\w)|,\s(?:{phrases(*_ASIDE.values())})(?!\w)|,?\s?(?:而不是|不是|并非|因为|ではなく)|"
    r",\s[a-z]{3,15}\sof\s|,\s(?:the|a|an)\s(?![^\n]{0,200}\b(?:and|or)\b)|;\s|\s[\u2013\u2014-]\s(?=[A-Za-z]{2})|\s\((?=[^()]*\)[\s.]*$)",
    re.IGNORECASE,
)


def bare(value: str) -> str:
    """`value` up to what explains it."""
    return _EXPLAINS.split(value, maxsplit=1)[0]
