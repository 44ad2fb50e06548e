"""An answer that replaces a denied one: "not A but B", "nicht 17, sondern 18", "不是A而是B"."""

from __future__ import annotations

import re

from cotfaith.text.nouns import NOUNS_ABROAD
from cotfaith.text.words import either, phrases

_NOT = r"(?:(?<!\w)(?:not|nicht|pas|no|non|não|niet|не|inte|ikke|nie)(?!\w)|n['\u2019]t(?!\w)|不是|并非)"
_BUT = rf"(?:(?<!\w)(?:{phrases('but rather | but instead | but | rather | it is | it’s | sondern | mais | mais plutôt | sino | ma | bensì | mas | mas sim | maar | а | utan | men | lecz | ale')})(?!\w)|而是)"
_NOUN = either("answer it this that option choice", NOUNS_ABROAD)
# What stands between "not" and "but" is denied, so it may not be a sentence of its own.
_DENIED = r"\s?[\w(\"'$][^.;:!?\n]{0,60}?\s?,?\s?"
INSTEAD = re.compile(
    rf"(?:^\s{{0,3}}|(?<!\w)(?:{_NOUN})(?!\w)[^.;:!?\n]{{0,30}}?|(?:答案|c['\u2019]|ce)[^.;:!?\n]{{0,8}}?){_NOT}{_DENIED}{_BUT}\s?"
    r"(?:(?:the|la|le|el|il|die|den|der|das|option|letter)\s){0,2}",
    re.IGNORECASE | re.MULTILINE,
)
