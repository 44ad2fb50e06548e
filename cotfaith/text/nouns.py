"""The words for "answer", and which words may stand before and after one of them so that it is the answer of the text.

"The correct answer is" announces an answer, "the second best answer is" does not. A word that is not listed here makes the noun no
announcement, in every language. Add a word to the list of its language.
"""

from __future__ import annotations

import re

from cotfaith.text.words import either

IS = r"(?:(?:is|was|are|becomes|remains|equals|(?:must|should|would|could|will|has to|can only|seems to|appears to|turns out to) be|comes (?:out )?to)\b|=|:)"
# No copula of these may be denied: "la respuesta no es", "n'est pas", "ist nicht".
_COPULA = (
    rf"(?:(?<!\w)(?:{either('ist wäre lautet sind est serait sont es sería son sia sarebbe seria seja sea è é är er to jest is zijn adalah ialah là είναι')})(?!\w)|"
    r":|=|[\u2013\u2014-](?=\s))"
)
_NOUNS = {
    "German": "antwort antwortmöglichkeit lösung ergebnis option wahl",
    "French": "réponse reponse résultat option choix solution",
    "Spanish": "respuesta resultado solución opción",
    "Italian": "risposta soluzione risultato opzione scelta",
    "Portuguese": "resposta gabarito solução resultado opção",
    "Dutch": "antwoord optie oplossing",
    "Nordic": "svar svaret vastaus",
    "Polish, Czech": "odpowiedź odpověď",
    "Russian, Ukrainian": "ответ відповідь",
    "others": "cevap cevabı yanıt jawaban jawabannya απάντηση válasz răspunsul",
}
NOUNS_ABROAD = " ".join(_NOUNS.values())
_TWO_WORDS = r"đáp án|câu trả lời|(?:alternativa|letra)\s(?:correct|corret|corrett|giust|cert)a"
# What may stand between a noun and its verb: an adjective in Romance languages, a word such as "therefore", the question.
_AFTER = {
    "German": "also somit demnach daher hier dann",
    "French": "correcte correct juste exacte finale définitive donc alors ici appropriée",
    "Spanish": "correcta correcto final definitiva exacta adecuada verdadera entonces pues luego aquí",
    "Italian": "corretta giusta esatta finale definitiva quindi dunque allora",
    "Portuguese": "correta certa final exata definitiva adequada então portanto",
    "Dutch": "dus hier",
    "others": "yang benar tepat akhir đúng nhất chính xác cuối cùng",
}
_QUESTION = (
    r"auf (?:die|diese) frage|à (?:la|cette) question|a (?:la|esta) pregunta|alla domanda|à pergunta|op (?:de|deze) vraag|на вопрос"
)
# Without a verb the letter must end the clause, or be called right: "dass die Antwort B ist", "somit ist Antwort D korrekt".
_CLOSES = rf"\s{{0,2}}(?:[.,!?\n]|$)|\s(?:{either('ist is est es är er sein wäre korrekt richtig correcte correct correcta corretta correta juist')})\s{{0,2}}(?:[.,!\n]|$)"
_FOREIGN = (
    rf"\b(?:{either(*_NOUNS.values())}|{_TWO_WORDS})\b(?:\s(?:{either(*_AFTER.values())}|{_QUESTION})(?!\w)){{0,3}}"
    rf"(?:\s?{_COPULA}|(?=\s\(?(?-i:[A-Z])\)?(?:{_CLOSES})))"
)
_ASIAN = (
    r"(?:(?:答案|答え|正解|正答|回答|解答|选项|選項|解)(?:应该|應該|应|應|就)?\s?(?:是|为|為|は|:|=)|(?:答|解)\s?:|\[(?:正确|正確|标准|標準|最终)?(?:答案|答え|正解|正答|解答)\]\s?:?|"
    r"(?:选择|選擇|选|選)\s?:?(?=\s?\(?[A-Z])|"
    r"(?:정답|답|대답|해답|답변)\s?(?:은|는|이|은요)?\s?:?|"
    r"(?:الإجابة|الجواب)(?:\s(?!ليس)\S{2,15}){0,1}\s?(?:هي|هو|:)|उत्तर\s?(?:है|:)?|התשובה(?:\sהנכונה)?\s(?:היא|:)|คำตอบ(?:ที่ถูกต้อง)?\s?(?:คือ|:)?)"
)
ABROAD = rf"(?:{_FOREIGN}|{_ASIAN})"
# "the answer to the question of how many there are": its question, and no other.
_TASK = (
    r"(?:\s+(?:to|for|of|in)\s(?:(?:the|this|that|your|our|my)\s(?:(?:original|above|given|whole|entire|main|actual|final|full)\s)?)"
    r"(?:question|problem|task|exercise|puzzle|riddle|equation)\b(?:\s(?:of|about|whether|how|what|which|who|that|asked|posed)\s[^.:;\n]{1,80}?(?=\s(?:is|was)\b))?)?"
)
NOUN = rf"\bans(?:wers?)?\b{_TASK}(?:\s+(?:here|then|choice|option|letter|key|value|to this)|\sthat\s(?:best\s)?(?:fits|works|remains|matches|makes sense)(?:\sbest)?|,\s(?:i\s(?:think|believe|guess|say)|then|therefore|thus|of course|clearly),)?"
_NAMED = r"\b(?:choice|classification|conclusion|guess|label|option|pick|relationship|response|result|selection|solution|verdict)(?:\shere|,\s(?:then|therefore|thus|of course),)?\s*"
ANSWER = rf"(?:{NOUN}(?:\s*{IS}|\s*\?)?|{_NAMED}{IS}|{ABROAD})"

# Words before the noun: those that describe the answer of the text, and those that begin its phrase.
_DESCRIBING = {
    "English": "correct right final best better true real actual proper single sole only most more likely likeliest probable plausible reasonable sensible "
    "suitable appropriate fitting accurate precise exact approximate numerical numeric simplified short concise direct simple overall ultimate definitive "
    "resulting corresponding required desired valid logical revised updated corrected new own full complete closest nearest expected intended possible",
    "German": "richtige richtigen richtiger korrekte korrekten beste besten endgültige finale wahre einzige einzig wahrscheinlichste genaue passende exakte",
    "French": "bonne meilleure seule vraie plus probable exacte juste",
    "Spanish": "mejor única verdadera correcta más probable",
    "Italian": "migliore giusta corretta unica vera più probabile esatta",
    "Portuguese": "melhor única verdadeira correta mais provável",
    "Dutch": "juiste goede beste correcte enige definitieve uiteindelijke meest waarschijnlijke exacte",
    "Nordic": "rätt rätta korrekta bästa rigtige riktige korrekte beste bedste oikea",
    "Polish, Czech": "poprawna prawidłowa właściwa najlepsza ostateczna moja správná",
    "Russian, Ukrainian": "правильный верный окончательный лучший единственный правильна",
    "others": "doğru सही σωστή helyes corect 올바른 정확한 맞는 최종 가장 적절한 옳은",
}
_OPENING = {
    "English": "the my our a an this so thus hence therefore then now and but yet because since as is that i we i'll i'd please to still finally clearly write writing "
    "obviously definitely indeed consequently accordingly overall probably perhaps maybe here",
    "German": "die der das den eine meine meiner unsere und aber also somit daher deshalb folglich ist damit als dass",
    "French": "la le l' les ma mon notre une et mais donc alors est",
    "Spanish": "la el mi nuestra una y pero entonces luego es",
    "Italian": "la il lo l' mia nostra una e ma quindi dunque",
    "Portuguese": "a o minha nossa uma e mas então portanto logo",
    "Dutch": "het de mijn ons en maar dus is dat",
    "Nordic": "den det min mitt mitt så och og derfor därför",
    "Polish, Czech": "więc zatem to i",
    "Russian, Ukrainian": "мой наш итак значит поэтому и но это что",
    "others": "η το bu yani इसलिए 따라서 그러므로 그래서 즉 결국 제 내 나의 이 그 문제의 ดังนั้น إذن لذلك فإن لذا jadi maka vậy nên az a tehát",
}
_DETERMINERS = {"the", "my", "our", "der", "den", "die", "la", "l'", "el", "il", "het"}
_PART_OF = {"of", "than", "von", "als", "di", "van"}  # "the opposite of the answer"
_DESCRIBES = frozenset(" ".join(_DESCRIBING.values()).split())
_OPENS = frozenset(" ".join(_OPENING.values()).split())
_WORD = re.compile(r"\n|[^\W\d_]+(?:['\u2019-][^\W\d_]+)*['\u2019]?|\S")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]$")
_HAN_BEFORE = re.compile(
    r"(?:^|[^\u3040-\u30ff\u3400-\u9fff])(?:"
    r"所以|因此|因而|因为|综上|故|那么|那麼|则|即|而|但是|但|然后|于是|显然|我们|我認為|我认为|我觉得|我覺得|我相信|认为|可知|可见|得出|也就是说|应该|應該|应|應|会|"
    r"正确|正確|最终|最終|最佳|最好|最后|最可能|唯一|真正|准确|合适|我的|我|本题|此题|该题|题目|问题|本題|答案|是|为|的|"
    r"正しい|最終的な|最も適切な|最適な|よって|したがって|従って|ゆえに|だから|つまり|この|問題の|私の|私は|その|では"
    r"){1,6}$"
)
_REACH = 60  # characters before a noun that are looked at


def qualified(text: str, place: int) -> bool:
    """Whether the noun at `place` of `text` is the answer of the text: every word that describes it is known to allow that."""
    before = text[max(0, place - _REACH) : place]
    if _HAN.search(before):
        return bool(_HAN_BEFORE.search(before))
    if before.endswith("-"):
        return False
    words = [word.casefold().replace("\u2019", "'") for word in _WORD.findall(before)]
    for at, folded in reversed(list(enumerate(words))):
        if folded in _OPENS or not (folded[0].isalnum() or folded[0] == "'"):
            return folded not in _DETERMINERS or not at or words[at - 1] not in _PART_OF
        if folded not in _DESCRIBES:
            return False
    return True
