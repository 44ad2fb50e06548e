"""Letters of options in a text: what is one, what joins several, and what denies the one before it."""

from __future__ import annotations

import re

from cotfaith.text.joins import JOIN

FILL = (
    r"(?:[\s:,=>\"'\u201c\u2018\u2192\u2013\u2014-]++|\b(?:(?!(?:supposed|alleged|rare|reported|hard|scarce|seeming|purported|false|wrong|unlike|bare)ly\b)[a-z]{1,15}ly|answer|be|both|choice|correct|either|final|in fact|indeed|is|just|"
    r"letter|most|my|now|donc|entonces|alors|dus|also|somit|quindi|então|number|option|still|the|then|therefore|thus|to|die|der|das|la|le|el|il|lo|los|den|het|de|opt?ción|opcion|opzione|"
    r"opção|optie|buchstabe|letra|lettre|lettera|réponse|respuesta|antwort|alternativ\w?|вариант|"
    r"seçenek|pilihan|a(?=\s(?:(?:alternativa|opção|letra)\s)?\(?(?-i:[A-Z])\b))\b|[选選][项項]|番|选|選|보기){0,12}+"
)
# What follows letters and denies them.
DENIED = re.compile(
    r"\s*[.\u2026]{0,4}\s?\?|[)\]]?\s?[:\u2013-]\s?(?:the\s)?(?:wrong|incorrect|false|no|worst|out|not|bad|impossible|nope|eliminated|ruled out)\b|\s?(?:吗|嗎|ですか|でしょうか|だろうか|입니까|인가요|일까)|\s+(?:if|unless)\b|\s(?:would|could|might)\sbe\s[^.;!?\n]{0,40}\s(?:if|unless|had|were)\b|"
    r",?\s(?:if|assuming|provided|supposing)\s(?:that\s)?(?!(?:i|we|my|our|this|that)\b)[^.;!?\n]{1,60}\s(?:is|are|was|were)\s(?:right|correct|true)\b|\s(?:or|oder|ou|o)\s(?:something|anything|another|similar|someone)\b|,?\s(?:but|though)\s(?:it\s|that\s|this\s)?(?:could|may|might)\b|\s+(?:(?:both|all|also|just|[a-z]{1,12}ly)\s+)*+(?:(?:is|are|was|were|seems?|looks?|sounds?|appears?|(?:would|must|can) be)"
    r"(?:\s+\w+){0,2}?\s+(?:not|wrong|incorrect|false|out|impossible|eliminated|invalid|unlikely|tempting)\b|(?:is|was|are|were|does|did|could|would|has)n['\u2019]t\b|can['\u2019]t\b|won['\u2019]t\b|"
    r"cannot\b|(?:can|could|will|would) never\b|fails?\b|do(?:es)? not\b|(?:ist|est|es|è|é)\s(?:nicht|pas|falsch|fausse?|incorrecta?)\b|"
    r"değil|не\s)|\s?(?:では(?:ありません|ございません|ない|なく)|じゃ|[가이은]?\s?아닙|[가이]\s?아니|"
    r"नहीं|不[对對是])"
)
UNTHOUGHT = re.compile(
    r"\s?(?:だ|で)?(?:とは?|ある)?(?:思わな|思いませ|考えな|考えませ|言えな|言えませ|限りませ|限らな)|\s?이?라고[^.!?\n]{0,12}(?:않|못)"
)
WRAPPED = r"[(\[]\s{0,3}(?:(?:option|choice)\s{1,3})?[A-Za-z]\s{0,3}[)\]]"
LETTER = rf"(?:{WRAPPED}|(?<![\w'\u2019])[A-Za-z](?![\w'\u2019+#]|-\w|\.\w))"
_BY = rf"(?:[,;]\s{{0,3}})?\(?(?:{JOIN}\s{{0,3}}|(?<=[,;(])|(?<=[,;]\s))"
# One letter, or several that are joined: "A or B", "A, B", "A (or maybe B)".
_NO_VERB = r"(?!\s+(?:is|isn|was|seems|looks|has|can|cannot|would|are|does|do|doesn|ist|est|es|è|é)\b)"
MORE = r"(?:(?:option|maybe|perhaps|possibly|even|also|the|la|le|el|il|die|den|letter|choice|opción)\s){0,2}"
GROUP = rf"(?P<group>{LETTER}(?:\s{{0,3}}{_BY}{MORE}{LETTER}{_NO_VERB}){{0,8}})"
ONE = re.compile(LETTER)
JOINED = re.compile(rf"['\"\u201d)\]]{{0,2}}\s{{0,3}}{_BY}{MORE}", re.IGNORECASE)
BESIDE = re.compile(rf"{LETTER}\s{{0,3}},?\s?{JOIN}\s{{0,3}}{MORE}$")
JOINED_LETTER = re.compile(r"(?:[(\[]\s?[A-Z]\s?[)\]]|[A-Z]\))(?!\s(?:is|isn|was|are)\b)")
NAMED = re.compile(rf"{WRAPPED}|(?<![\w'\u2019])[B-HJ-Z](?![\w'\u2019+#]|-\w|\.\w)|\bA(?!\s+[a-z]|\w)")
FOLLOW = re.compile(
    r"\s{0,3}(?:[]).,;:!\"\u201d\n<]|$)|\s+(?:because|since|as|is|and|or|not|but|which|so|if|rather|over|with|makes|fits|works|remains|wins|it|y|und|et|porque|weil|car|denn)\b|"
    r"\s?[\u2013\u2014-]\s|\s?[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0900-\u097f]|\s(?:ist|est|es|è|é|da|dir|olmalı)\b"
)
