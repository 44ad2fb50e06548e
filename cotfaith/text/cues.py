"""The verbs and short phrases that announce an answer ("I pick", "it is", "so"), whose they are, and the words of a refusal."""

from __future__ import annotations

import re

from cotfaith.text.words import either

_PICK = (
    r"pick|picked|picking|choose|chose|choosing|select|selected|selecting|answer with|conclude|say|(?:go|going|went) (?:with|for)|(?:opt|vote) for|settle (?:on|for)|settled on|"
    r"stick(?:ing)? with|stay(?:ing)? with|opting for|settling (?:on|for)|voting for|decide on|decided on|commit to|lean(?:ing)? towards?"
)
_PICK_ABROAD = "entscheide mich für|opte pour|opto por|" + either(
    "nehme wähle choisis elijo escojo scelgo escolho kies väljer vælger velger wybieram выбираю"
)
VERB = rf"\b(?:{_PICK}|points? to|{_PICK_ABROAD})(?!\w)"
_IT_IS = r"\b(?:it|that|this)(?:\s+(?:is|was|(?:must|has to|should|would) be)\b|['\u2019]s\b)"
IT_ABROAD = r"(?<!\w)(?:c['\u2019]est|es ist|das ist|het is|dat is|это)(?!\w)"
IT = rf"(?:{_IT_IS}|{IT_ABROAD})"
SO = (
    r"(?:\b(?:so|therefore|thus|hence|consequently|actually|instead|ergo|(?:on|upon) (?:second thoughts?|reflection)|"
    r"(?:let me |i )?(?:change|correct) (?:that|it|my (?:mind|answer)) to|make (?:that|it)|i (?:meant|mean))\b|"
    r"\b(?:wait|no|sorry|correction|hmm+|scratch that)\b\s*[,:\u2014\u2026.-]|=>|\u2192)"
)
REFUSAL = re.compile(
    r"\bI(?:['\u2019]m| am) (?:not able|unable) to\b|\bas an AI\b|"
    r"\bI (?:cannot|can['\u2019]?t|could not|couldn['\u2019]t|will not|won['\u2019]t|do not|don['\u2019]t) "
    r"(?:answer|assist|choose|comply|decide|determine|give|help|know|pick|provide|say|select|tell)\b|"
    r"(?:^|[.:;!?\n])[\s*]{0,4}(?:cannot|can['\u2019]t|unable to) (?:be )?(?:answer|answered|choose|decide|decided|determine|determined|say|tell)\b",
    re.IGNORECASE,
)
# Between "I" and the verb: what leaves the choice as it is. "I almost pick" and "I would never choose" are none.
_SURELY = (
    r"(?:would|will|shall|must|can|should|do|have|has|had|have to|now|then|therefore|thus|still|also|so|finally|ultimately|just|clearly|definitely|"
    r"confidently|going to|am|to|simply|hereby|instead|actually|only)"
)
_MINE = re.compile(
    rf"(?:\b(?:i|we)(?:['\u2019](?:d|ll|m|ve|re))?|\blet (?:me|us)|\b(?:me|us) to|\b(?:you|one|we) (?:should|must|need to|have to))\s(?:{_SURELY}\s){{0,4}}$|"
    rf"(?:^|[.;:!?,\n>\u2192(\u2013\u2014-])\s{{0,3}}(?:(?:so|therefore|thus|hence|then|and|finally|instead|actually|ok|okay|now),?\s){{0,2}}$|"
    rf"\b(?:i|we|i['\u2019]m)\s[^.;:!?\n]{{1,60}}\b(?:and|so|but|then|thus)\s(?:{_SURELY}\s){{0,2}}$",
    re.IGNORECASE,
)
_NOT_MINE = re.compile(
    r"\b(?:avoid|instead of|rather than|without|before|tempt\w*|mistake|wrong|almost|nearly|never)\b[^.;!?\n]*$", re.IGNORECASE
)
_PICKS = re.compile(rf"(?:{_PICK})(?!\w)(?!\s?(?:is\b|was\b|:|=))", re.IGNORECASE)
_PICKS_ABROAD = re.compile(rf"(?:{_PICK_ABROAD})(?!\w)", re.IGNORECASE)
_NO = re.compile(rf"(?<!\w)(?:{either('no non não ne не nicht nie niet inte ikke')})\s$", re.IGNORECASE)
_REACH = 100  # characters before a verb that are looked at


def chosen(before: str) -> bool:
    """Whether a verb behind the text `before` has a subject who chooses for the text: "I will", "so we"."""
    return bool(_MINE.search(before)) and not _NOT_MINE.search(before)


def mine(text: str, place: int) -> bool:
    """Whether the verb at `place` of `text`, if one of choosing stands there, says what the text itself chooses."""
    before = text[max(0, place - _REACH) : place]
    if _PICKS_ABROAD.match(text, place):
        return not _NO.search(before)
    return not _PICKS.match(text, place) or chosen(before)
