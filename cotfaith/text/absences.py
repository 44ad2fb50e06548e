"""Texts that stand where an answer would, and are none: "unknown", "it depends", "your answer", "let me see"."""

from __future__ import annotations

import re

from cotfaith.text.words import either, phrases

_NOT_KNOWN = {
    "English": "unknown | unclear | undetermined | undefined | undecided | unsure | uncertain | unanswerable | indeterminate | unspecified | indeterminable | none | none of these | "
    "none of the above | nothing | null | nil | nan | n/a | na | tbd | tba | error | ambiguous | missing | blank | empty | any | anything | anyone's guess | no answer | no idea | no clue | "
    "no one knows | nobody knows | inconclusive | undisclosed | nobody | to be determined |  unavailable | pending | insufficient | anyone | various | varies | below | above | here | there | obvious | clear | simple | easy | hard | difficult | complicated | as follows | the following | pretty clear |  both | neither | either",
    "German": "unbekannt | unklar | unbestimmt | keine angabe | keine ahnung | keine antwort | keine | keines | nichts | es kommt darauf an | nicht bekannt",
    "French": "inconnu | inconnue | aucun | aucune | indéterminé | rien | ça dépend | cela dépend | pas de réponse",
    "Spanish": "desconocido | desconocida | ninguno | ninguna | indeterminado | nada | depende | sin respuesta",
    "Italian": "sconosciuto | sconosciuta | ignoto | nessuno | nessuna | indeterminato | niente | dipende",
    "Portuguese": "desconhecido | desconhecida | nenhum | nenhuma | indeterminado | nada | depende",
    "Dutch": "onbekend | onduidelijk | geen | geen antwoord | geen idee | niets",
    "Nordic": "okänd | okänt | ukendt | ukjent | inget | intet | ingen",
    "Polish, Czech": "nieznane | nieznany | brak | neznámé",
    "Russian": "неизвестно | неясно | нет ответа | ничего | никто",
    "others": "bilinmiyor | tidak diketahui | không biết | 未知 | 不知道 | 不清楚 | 不明 | 不确定 | 不確定 | 没有答案 | 无 | 無 | なし | わからない | 分からない | わかりません | 分かりません | 없음 | 모름 | 모르겠습니다",
}
# What a whole sentence says about the lack of an answer.
_LACKS = (
    r"(?:not|in)\s?(?:enough|sufficient)\s?(?:info|information|data|context|details?|evidence)\b.*|(?:there\s(?:is|was)(?:n['\u2019]t|\snot|\sno)\b.*)|"
    r"(?:can\s?not|can['\u2019]t|could\snot|couldn['\u2019]t|impossible|unable|hard|difficult)\s(?:to\s|be\s)?(?:determined?|known?|answer(?:ed)?|say|tell|found|find|decided?|computed?|calculated?|inferred?|established?|solved?)\b.*|"
    r"(?:it\s|that\s|this\s)?(?:all\s)?depends\b.*|not\s(?:stated|given|specified|applicable|known|clear|sure|certain|mentioned|provided|available|possible|defined|determined|determinable|answerable|there)\b.*|"
    r"(?:i['\u2019]?m|i\sam|we\sare)\s(?:not|un)\s?(?:sure|certain)\b.*|i\s(?:have\sno|do\snot|don['\u2019]t|cannot|can['\u2019]t)\b.*|"
    r"(?:no|not enough)\s(?:info|information|data)\b.*|(?:the\s)?(?:question|problem)\s(?:is|cannot|does)\b.*|"
    r"je ne sais\b.*|(?:das\s)?wei(?:ß|ss) (?:ich|es)\b.*|ich wei(?:ß|ss)\b.*|no lo sé\b.*|no sé\b.*|non (?:lo )?so\b.*|não sei\b.*|ik weet\b.*|не знаю\b.*|nie wiem\b.*|"
    r"(?:无法|無法|不能|难以)(?:确定|確定|判断|判斷|回答|得知|知道).*"
)
_WITHOUT = r"(?:\s(?:from|in|by|to|of|without|given|because|based|at|for|as|since|yet|here|them|these|those)\b.*)?"
_LACKS += (
    r"|(?:we|one|you|they|nobody|no one|it)\s(?:can\s?not|can['\u2019]t|do\snot|don['\u2019]t)\s(?:be\s)?(?:know|known|tell|say|see|find|determine|determined)\b.*|no such\b.*|"
    r".{0,40}\b(?:info|information|context|data|details)\b.{0,20}\b(?:needed|required|missing|lacking|necessary)|"
    r"(?:on |nous |man |wir |das |es |c['\u2019]est )?(?:ne |nicht |pas |no |non |niet |не |não )(?:se |si |lo |est |ist |is |es |è |é )?"
    r"(?:sait|savons|weiß|wissen|sabe|sabemos|sa|sappiamo|weet|weten|bekend|bekannt|connu|conocid[oa]|not[oa]|conhecid[oa]|определено|известно|знает)(?: pas)?|没有.*|.{0,6}なし"
)
_LACKS += r"|(?:in|on|at|within|from)\s(?:the|this|that)\s(?:text|passage|context|question|book|document|story|paragraph|article|table|page)\b.*"
_PLACEHOLDER = r"[\[<({_]*\s?(?:(?:your|my|the|our|an?|this|final|correct|insert|put|here|is|write)\s){0,4}(?:answer|value|number|result|solution|response|text|name|letter|option|integer|choice)s?(?:\s(?:here|goes|is|below|above|follows|value|in|tags?|now))*\s?[\])>}_]*"
_ABSENT = re.compile(rf"(?:(?:{phrases(*_NOT_KNOWN.values())}){_WITHOUT}|{_LACKS}|{_PLACEHOLDER})[\s.!]*", re.IGNORECASE)
# Words that begin talk and no answer. They are looked at only where no cue announces one.
_TALK = re.compile(
    rf"\s*(?:{either('let lets ok okay sure hmm hm well so wait now first here i we you please thinking think thank thanks hello hi hey he she it they there his her yeah great good certainly absolutely question answer')})(?:['\u2019]\w{{1,2}})?(?!\w)"
    r"|\s*[^\w\s]{1,10}\s*$|[^:\n]*[^\d\s]\s?\d{0,3}:\s",
    re.IGNORECASE,
)


def absent(value: str) -> bool:
    """Whether `value` says that there is no answer, or only stands for one. It may begin with the noun: "the answer is unknown"."""
    return bool(_ABSENT.fullmatch(value.strip(" .,;:!?\"'*`")))


def talk(line: str) -> bool:
    """Whether `line`, which no cue announces, begins as talk and not as an answer."""
    return bool(_TALK.match(line))
