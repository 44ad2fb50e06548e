"""Where a text takes its answer back: "That was wrong.", "No, it is 18.", "Das stimmt nicht", "不对".

What was claimed before does not count any more. What is claimed after it does.
"""

from __future__ import annotations

import re

from cotfaith.text.polar import POLAR
from cotfaith.text.words import phrases

# Sentences that say that what was just said is wrong. A space is any white space.
WRONG = {
    "English": "i was wrong | i am wrong | i'm wrong | i was mistaken | i am mistaken | i'm mistaken | i stand corrected | i forgot | i overlooked | i left out | i misread | i miscounted | "
    "i miscalculated | i misunderstood | i mixed up | i take that back | i take it back | i retract | scratch that | strike that | disregard that | "
    "ignore that | forget that | never mind | oops | whoops | my mistake | my bad | i double counted | i counted twice | i meant | let me start over | let me start again | let me start from scratch | "
    "let me try again | let me redo | let's start over | let's try again | let me begin again | i need to recompute | i need to recalculate | i need to redo | i need to start over | i need to try again",
    "German": "das stimmt nicht | das stimmt so nicht | das ist falsch | das war falsch | das war ein fehler | das ist ein fehler | das kann nicht sein | das kann nicht stimmen | das ist nicht richtig | "
    "das war nicht richtig | das ist nicht korrekt | das passt nicht | das ergibt keinen sinn | ich habe mich geirrt | ich habe mich vertan | "
    "ich habe mich verrechnet | ich lag falsch | ich nehme das zurück | ich habe einen fehler gemacht | da habe ich mich geirrt | da habe ich mich vertan",
    "French": "c'est faux | c'était faux | c'est incorrect | c'est une erreur | ce n'est pas ça | ce n'est pas correct | ce n'est pas juste | c'est impossible | "
    "ça ne peut pas être | cela ne peut pas être | ça ne va pas | je me suis trompé | je me suis trompée | je me trompe | j'ai fait une erreur | j'avais tort | "
    "j'ai tort",
    "Spanish": "eso está mal | está mal | eso es incorrecto | es incorrecto | eso es falso | eso no es correcto | no es correcto | eso no puede ser | no puede ser | "
    "me equivoqué | me he equivocado | cometí un error | estaba equivocado | estaba equivocada | eso no es así | no es así",
    "Italian": "è sbagliato | questo è sbagliato | è falso | non è corretto | non è giusto | non può essere | mi sono sbagliato | mi sono sbagliata | mi sbaglio | "
    "ho sbagliato | ho fatto un errore | mi correggo",
    "Portuguese": "está errado | isso está errado | está incorreto | isso é falso | não está certo | não está correto | isso não pode ser | não pode ser | "
    "enganei-me | me enganei | errei | eu errei | cometi um erro | eu estava errado",
    "Dutch": "dat klopt niet | dit klopt niet | dat is fout | dat is onjuist | dat was fout | dat is niet juist | dat kan niet | dat kan niet kloppen | "
    "ik heb me vergist | ik vergis me | ik zat fout | ik had het mis | ik heb een fout gemaakt",
    "Nordic": "det stämmer inte | det är fel | det var fel | det stemmer ikke | det er feil | det er forkert | jag hade fel | jeg tok feil | jeg tog fejl",
    "Polish, Czech": "to nieprawda | to błąd | pomyliłem się | pomyliłam się | to nie tak | to je špatně | spletl jsem se",
    "Russian": "это неверно | это неправильно | это не так | это ошибка | этого не может быть | не может быть | я ошибся | я ошиблась | я был неправ | ошибся",
    "others": "bu yanlış | yanlış oldu | itu salah | saya salah | tôi đã nhầm",
}
WRONG_ASIAN = (
    r"不对|不對|错了|錯了|不正确|不正確|不可能是|这是错|這是錯|说错|算错|看错|搞错|弄错|违反|違います|違う|違った|違いました|間違え|間違って|間違いで|誤りで|訂正|正しくありません|正しくない|"
    r"아닙니다|아니에요|틀렸|틀립니다|실수|잘못"
)
# "That is not right": a word for the answer, and what is said against it.
_IT = r"(?:that|this|it|which)(?:['\u2019]s|\s(?:is|was|seems|looks|feels|must be|sounds))"
_AGAINST = (
    rf"{_IT}\s(?:(?:just|simply|clearly|actually|probably|definitely|obviously|all|a bit|quite)\s){{0,2}}"
    r"(?:not\s(?:quite\s|really\s|actually\s)?(?:right|correct|true|it|possible|so|valid|the answer)|wrong|incorrect|false|impossible|mistaken|off|nonsense|absurd|a\scontradiction|(?:(?:way|far|much)\s)?too\s(?:large|small|big|high|low|many|few|much|long|short)|a mistake|an error)|"
    r"(?:that|this|it)(?:\s(?:is|was)n['\u2019]t)\s(?:quite\s|really\s)?(?:right|correct|true|it|possible|so|valid|the answer)|"
    r"(?:that|this|it)\s(?:can['\u2019]t|cannot|can\snot|could\snot|couldn['\u2019]t)\s(?:possibly\s)?be(?:\s(?:right|true|correct|it|so|possible|the case|the answer))?|"
    r"(?:that|this|it)\s(?:does\snot|doesn['\u2019]t|did\snot|didn['\u2019]t)\s(?:quite\s|really\s)?(?:work|fit|add up|make sense|hold|hold up|check out|match|(?:look|seem|sound|feel)\s(?:\w{1,10}\s)?(?:right|correct|true|plausible|possible|reasonable))|"
    r"(?:that|this|it|which)\s(?:contradicts|violates|conflicts\swith|breaks)\s(?:the|our|my|what|one\sof)\s(?:\w{1,12}\s){0,2}"
    r"(?:conditions?|constraints?|given|facts?|assumptions?|premises?|requirements?|rules?|information|question|problem)(?:\sthat\b[^.!?\n]{0,80})?|"
    r"(?:that|this|it)\smakes\sno\ssense|there['\u2019]s\s(?:a|an)\s(?:mistake|error)|there\s(?:is|was)\s(?:a|an)\s(?:mistake|error)|"
    r"i(?:['\u2019]ve|\shave)?\s(?:just\s)?(?:made|making|make)\s(?:a|an)\s(?:\w{1,15}\s)?(?:mistake|error|slip|typo)"
)
_END = r"(?=\s{0,3}(?:[.,;:!)\n\u2013\u2014-]|$|(?:here|there|at all|after all|either|because|since|as|so)\b))"
# How the sentence may begin: "But", "Oh no," or any word or two and a comma.
_BUT = phrases(
    "but | and | however | yet | so | clearly | wait | hmm | oh | ah | well | aber | doch | mais | pero | ma | mas | maar | но | men | ale"
)
_LEAD = rf"(?:(?:(?:{_BUT})(?!\w)|但|但是|でも|하지만)\s?,?\s?|[^\W\d_]{{2,15}}(?:\s[^\W\d_]{{1,10}})?\s?[,\u2026\u2014]{{1,2}}\s?)"
_BEGIN = rf"(?:(?:^|(?<=[.!?\u2026\n\u2014])\s?){_LEAD}{{0,3}}|(?<=[,;\u2014])\s?(?:{_LEAD}{{1,3}}|(?=which\s)))"
_START = r"(?:^|(?<=[.!?\u2026\n,;\u2013\u2014])\s?|(?<=\d\s-)\s)"
_NO = {
    "English": "no | nope | actually no | actually, no | wait no | wait, no | no wait",
    "German": "nein | moment nein",
    "French": "non",
    "Spanish, Italian": "no",
    "Portuguese": "não",
    "Dutch": "nee",
    "Nordic": "nej | nei",
    "Polish, Czech": "nie | ne",
    "Russian": "нет",
}
_CHANGES = {
    "English": "on second thought | on second thoughts | upon second thought | on reflection | upon reflection | make that | i meant | i mean | correction | scratch that | "
    "strike that | let me correct that | let me correct myself | or rather | oops",
    "German": "korrektur | ich meine | ich meinte | vielmehr | besser gesagt",
    "French": "plutôt | correction | je voulais dire | ou plutôt | à la réflexion",
    "Spanish": "corrección | mejor dicho | quise decir | quiero decir | pensándolo bien",
    "Italian": "anzi | correzione | volevo dire | ripensandoci",
    "Portuguese": "correção | ou melhor | aliás | quero dizer | pensando melhor",
    "Dutch": "correctie | ik bedoel | bij nader inzien",
    "Russian": "вернее | точнее | поправка",
}
_HEDGE = r"(?:(?:hmm+|wait|oh|oops|actually|sorry|moment|halt|hold on|en fait|attendez|espera|aspetta|wacht|стоп|等等|ah)[\s,.:!…\u2014-]{1,4}){0,2}"
_MARK = r"(?:\s?(?:[,:.!;…\u2014\u2013]+|-\s)|\s(?=wait\b|it\b)|(?=\s{0,3}$))"
_NOS = rf"{_HEDGE}(?:(?:{phrases(*_NO.values())})(?!\w){_MARK}|いや[,\s]|いえ[,\s]|不(?:对|對)?[,\s]|错了[,\s]|아니[,\s])"
CHANGES = rf"(?<!\w)(?:{_NOS}|{_HEDGE}(?:{phrases(*_CHANGES.values())})(?!\w))(?:\s?(?:wait|sorry|hold on|aspetta|espera|wacht|moment)\b)?[\s,:.!…\u2014-]{{0,4}}"
# "Espera, debe ser D": what a text of another language says before it halts does not count; if it names an answer then, that one does.
_HALT = re.compile(
    r"(?<=[.!?\n])\s{0,3}(?:moment|warte|espera|espere|attends|attendez|aspetta|aspetti|wacht|подожди(?:те)?|постой(?:те)?|等等|等一下|待って|잠깐)(?!\w)\s?[,.:!\u2026]",
    re.IGNORECASE,
)
_CHANGED = re.compile(rf"{_START}{CHANGES}", re.IGNORECASE | re.MULTILINE)
_ONLY_NO = re.compile(rf"{_NOS}\s{{0,4}}$", re.IGNORECASE)
_SAID = re.compile(
    rf"{_BEGIN}(?P<said>(?:{phrases(*WRONG.values())})(?!\w)|{WRONG_ASIAN}|(?:我|是我)(?:{WRONG_ASIAN})|(?:{_AGAINST}){_END})",
    re.IGNORECASE | re.MULTILINE,
)
# "Option A is about France, so it is wrong": the option is wrong, and not the answer that was given.
_OF_AN_OPTION = re.compile(
    r"(?:^|[.!?\n:]\s{0,3})(?:(?:but|and|however|while),?\s)?(?:the\s)?(?:(?:option|choice|statement|claim)s?\s(?:(?:in|of)\s)?\(?(?P<named>[A-Z])\)?(?!\w)|"
    r"\(?(?P<letter>[A-Z])(?:\)|[.:]?(?=\s(?:is|was|says|refers|describes|names)\b)))"
    r"(?:(?!\b(?:answer|correct|right|best|pick|choice|choose)\b)[^.!?\n:])*$",
    re.IGNORECASE,
)
_CAPITAL = re.compile(r"(?<!\w)[A-Z](?!\w)")
_REACH = 200  # characters before such a sentence that are looked at


def changes(text: str, *, polar: bool = False) -> list[re.Match[str]]:
    """The words of `text` that replace an answer by another ("no,", "on reflection"), but not a "no" that answers a question.

    `polar`: yes and no are answers themselves, so a plain "no" changes nothing.
    """
    first = len(text) - len(text.lstrip())
    return [
        found
        for found in _CHANGED.finditer(text)
        if found.start() > first
        and text[max(0, found.start() - 4) : found.start()].rstrip()[-1:] != "?"
        and not (polar and _ONLY_NO.match(found[0]))
    ]


def errors(text: str, *, polar: bool = False) -> list[tuple[int, int]]:
    """Where the sentences of `text` stand that say that the one before is wrong. `polar`: "No, that is wrong" is the answer no."""
    first = {found[0]: found.start() for found in reversed(list(_CAPITAL.finditer(text)))}
    said = (
        found
        for found in _SAID.finditer(text)
        if not (
            (option := _OF_AN_OPTION.search(text, max(0, found.start("said") - _REACH), found.start("said")))
            and _new(option, first)
        )
        and not (polar and found[0][: found.start("said") - found.start()].strip(" ,").casefold() in POLAR)
    )
    return [found.span("said") for found in said]


def _new(option: re.Match[str], first: dict[str, int]) -> bool:
    """Whether the letter of the `option` that was found is named there for the first time; `first` has the first place of each."""
    name = "named" if option["named"] else "letter"
    return first.get(option[name].upper(), option.start(name)) >= option.start(name)


def retracted(text: str, *, polar: bool = False) -> list[int]:
    """The places where `text` takes back what it said before."""
    return sorted(
        [found.start() for found in _HALT.finditer(text)]
        + [start for start, _ in errors(text, polar=polar)]
        + [found.start() for found in changes(text, polar=polar)]
    )
