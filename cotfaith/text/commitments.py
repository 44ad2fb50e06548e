"""The phrases that commit a text to the letter of an option: "the answer is C", "only C remains", "not A but C"."""

from __future__ import annotations

import re

from cotfaith.text.cues import IT, IT_ABROAD, SO, VERB
from cotfaith.text.instead import INSTEAD
from cotfaith.text.letters import FILL, GROUP, LETTER, WRAPPED
from cotfaith.text.nouns import ANSWER
from cotfaith.text.retractions import CHANGES

_LINK = r"(?:is|are|(?:must|has to|should|ought to|would) be|seems|looks|appears|remains)(?:\s+to be)?"
COMMITMENTS = [
    re.compile(rf"(?:{ANSWER}|{VERB}|{IT}){FILL}{GROUP}", re.IGNORECASE),
    re.compile(rf"{GROUP}\s+{_LINK}\s+(?:(?:[a-z]+ly|the|my|our|only|most|final|best)\s+)*+(?:correct|best|answer|choice|right(?!\s+\w))\b(?!\s+(?:only\s)?(?:if|unless)\b|\s(?:that\s)?(?:most|many|people|some|everyone|others|they|you|he|she|given by)\b)", re.IGNORECASE),
    # "The answer is Paris, that is (C)": nothing in between that names, denies or compares another.
    re.compile(
        r"\banswer\b(?:(?!\b(?:not|than|between|either|neither|nor|or|and)\b|n['\u2019]t\b)(?:[^.;?!\n()\[\]]|\.(?=\d))){0,80}?"
        rf"(?P<group>{WRAPPED})",
        re.IGNORECASE,
    ),
    re.compile(rf"{GROUP}\s(?:makes the most sense|fits (?:the )?best|works best|it is(?=\s{{0,3}}[.!\n]|$)|wins)(?=\W|$)", re.IGNORECASE),
    re.compile(rf"\b(?:one|thing|tool|match|candidate)\b[^.;?!\n()]{{0,60}}?\bis\s(?:option|choice|letter)\s{GROUP}(?=[)\]]?\s{{0,3}}(?:[.;!\n]|$))", re.IGNORECASE),
    re.compile(rf"{INSTEAD.pattern}{FILL}{GROUP}", re.IGNORECASE | re.MULTILINE),
    re.compile(rf"\bnot\s{LETTER},?\s(?:but|rather)\s(?:rather\s|instead\s)?{GROUP}", re.IGNORECASE),
    re.compile(rf"{LETTER}\s?(?:ではなくて?|[이가]?\s?아니라)[\s,]{{0,3}}{GROUP}", re.IGNORECASE),
    re.compile(rf"\bmust\s(?:then\s|therefore\s)?be{FILL}{GROUP}(?=\s{{0,3}}(?:[.!;\n]|$))", re.IGNORECASE),
    re.compile(rf"{GROUP}\sis\sthe\sone(?:\sthat\s(?:\w{{1,15}}\s?){{1,3}})?(?=\s{{0,3}}(?:[.,;!\n]|$))", re.IGNORECASE),
    re.compile(rf"\bthe\struth\sis{FILL}{GROUP}(?=\s{{0,3}}(?:[.!;\n]|$))", re.IGNORECASE),
    re.compile(
        rf"\b(?:i|we)(?:['\u2019](?:m|ve|ll|d)|\s(?:have|had|will|now|am|want to|would like to|therefore|then|thus)){{0,3}}\s(?:chang|switch|revis)(?:e|ed|ing)?"
        rf"(?:\s(?:my|our|the)\s(?:final\s)?(?:answer|choice|mind|pick|selection|vote))?\sfrom\s(?:option\s)?{LETTER}\sto\s(?:option\s)?{GROUP}",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<!也许)(?<!可能)(?:所以|因此|那么|应该|應該)(?:应该|應該|就)?(?:是|选|選)\s?{GROUP}(?=[)\]]?\s{{0,3}}(?:[.,;!\n]|$))"),
    # elimination
    re.compile(rf"\b(?:option|choice|answer|elimination,?(?:\sonly)?)\s{GROUP}\s(?:remains|is left)(?=\s{{0,3}}(?:[.,;!\n]|$))", re.IGNORECASE),
    re.compile(
        rf"\b(?:leaves?|leaving|left with|that leaves)(?:\s(?:us|me|you|we|only|just|with|one|the|option|choice|answer|possibility|as|is|:)){{0,6}}\s?:?\s?{GROUP}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\bonly\s(?:(?:option|choice|answer|the)\s)?{GROUP}\s(?:remains?|is left|fits?|works?|makes sense|survives?|matches|satisfies|stays|"
        r"(?:is|can be|could be|must be)\s(?:the\s)?(?:correct|right|possible|true|consistent|valid|answer|left))\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{GROUP}\sis\s(?:the\s)?(?:only|last|sole|remaining)\s(?:(?:one|option|choice|answer|possibility|letter|candidate|remaining|possible|valid|viable)\s?){{0,3}}"
        r"(?:left|remaining|that\s(?:fits|works|remains)|standing)?(?=\s*(?:[.,;!\n]|$))",
        re.IGNORECASE,
    ),
    re.compile(rf"{GROUP}\s(?:ist|est|es|è|é)\s(?:(?:die|la|der|le|a|absolut|\w{{3,10}}ment)\s)?(?:richtig\w*|korrekt\w*|correcte?|correct[ao]|corret[ao]|justa?|giust[ao]|bonne réponse)\b", re.IGNORECASE),
]  # fmt: skip
# "That leaves Paris", "By elimination, Paris remains": before the text of an option.
LEAVES = re.compile(
    r"\b(?:(?:that|this|which)\s(?:only\s)?leaves|left\swith)(?:\s(?:us|me|you|we|only|just|with|option|as|the|answer|choice)){0,5}[\s:]{1,2}",
    re.IGNORECASE,
)
ELIMINATION = re.compile(
    r"\belimination,?\s(?:only\s)?(?P<text>[^\n.;!?]{1,100}?)\s(?:remains|is left)(?=\s{0,3}(?:[.,;!\n]|$))", re.IGNORECASE
)
_SO_ABROAD = (
    r"(?:(?<=[.!?\n]\s)(?:somit|daher|folglich|donc|alors|quindi|dunque|entonces|luego|portanto|então|dus|значит|поэтому)|"
    r"\b(?:ist|nicht|moment|halt|warte)\b[^\n]{0,100}[.!]\s(?-i:Also))\s|"
    rf"\b(?:en realidad|in realtà|na verdade|en fait|eigentlich|eigenlijk)\s(?:es|è|é|ist|is|ist es|is het|{IT_ABROAD})\s"
)
SO_IT_IS = rf"(?:{SO}|{_SO_ABROAD}|{CHANGES}(?:(?:es|é|è|ist|est|is|是|應該是|应该是|{IT_ABROAD})\s)?)"
CHANGE = re.compile(
    rf"{SO_IT_IS}{FILL}{GROUP}(?=[)\]]?\s{{0,3}}(?:[.;!\n]|$|,?\s{{0,3}}(?:because|since|as|which)\b|\s?[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]))",
    re.IGNORECASE,
)
CONTRAST = re.compile(
    rf"\b(?:but|however|yet|so|thus|therefore|actually|instead|rather)\b[^.;?!\n()]{{0,60}}?\bis\s(?:actually\s)?(?:option|choice|letter)\s{GROUP}"
    r"(?=[)\]]?\s{0,3}(?:[.;!,\n]|$))",
    re.IGNORECASE,
)
# How sure the text is of the letter that it begins with.
SURE = (
    r"(?:(?:it(?:['\u2019]s|\sis)|i(?:['\u2019]d|\swould)?\s(?:say|think|believe|guess)|(?:most\s|very\s)?(?:likely|probably|definitely|certainly|clearly|surely|obviously)|"
    r"wahrscheinlich|vermutlich|sicher|ich denke|ich glaube|je pense|je crois|probablement|probablemente|creo que|penso|probabilmente|provavelmente|acho que|"
    r"waarschijnlijk|ik denk|вероятно|наверное|думаю,?|可能是|应该是|應該是|我认为是|大概是|おそらく|たぶん|아마)\s?,?\s?){0,2}"
)
