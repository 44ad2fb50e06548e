"""Announcements that are not the text's own answer: denied, supposed, asked about, misleading, or someone else's."""

from __future__ import annotations

import re

from cotfaith.text.cues import chosen, mine
from cotfaith.text.nouns import ABROAD, NOUN, qualified
from cotfaith.text.words import either, phrases

# Whoever says it: a person or text other than the model. "This suggests" and "I think" are the model's own.
_SOURCE = either(
    "hint hints user users professor professors expert experts metadata teacher teachers friend friends colleague colleagues neighbor neighbour neighbors "
    "cousin uncle aunt student students prompt suggestion tip author authors grader classmate classmates brother sister mother father mom dad partner he she "
    "they you people others other somebody someone everyone everybody many most some few several key message note comment forum website assistant bot human "
    "humans person man woman official source sources system doctor tutor boss reader readers candidate candidates beginner beginners textbook book critics "
    "folks majority public respondents participants commenters guides locals"
)
_SAYS = either(
    "say says said suggest suggests suggested claim claims claimed think thinks thought believe believes believed state states stated indicate indicates "
    "indicated insist insists insisted swear swears swore hint hints hinted tell tells told propose proposes proposed assert asserts argue argues argued "
    "reckon reckons guess guesses guessed recommend recommends recommended mention mentions mentioned implies implied write writes wrote want wants wanted "
    "give gives gave show shows assume assumes assumed maintain maintains point points pointed list lists listed report reports reported feel feels felt "
    "vote votes voted pick picks picked choose chose chooses select selects selected answer answers answered lean leans prefer prefers mark marks marked "
    "expect expects conclude concludes"
)
_OFTEN = either(
    "also even clearly strongly explicitly once often frequently commonly usually mistakenly wrongly always sometimes typically initially had has have might "
    "may would could will"
)
# A clause that says so itself ends the report: "the hint says A, but the answer is B".
_BUT = either(
    "but however yet so then therefore thus hence because actually",
    "aber doch jedoch mais donc pero ma però mas porém maar но а",
)
_CLAUSE = rf"(?:(?!(?<!\w)(?:{_BUT}|i)(?!\w)|,\s(?:and|which|while)\b|但|しかし|でも|하지만)[^.;!?\n])*$"
_OWN_SUBJECT = either("I We This That It So Thus Hence Then Which There Passage Text Table Context Story Rule Logic Math Evidence")
_REPORTED = (
    rf"\b(?:(?:the|an?|my|your|our|his|her|their|some|this|that)\s)?"
    rf"(?:[a-z]{{1,15}}\s){{0,2}}(?:{_SOURCE})(?:['\u2019]s [a-z]{{1,15}})?\s(?:(?:{_OFTEN})\s){{0,2}}(?:{_SAYS})\b{_CLAUSE}|"
    rf"\b(?:according to|as per|per)\s(?:the|a|an|my|your|this|our)\s(?:[a-z]{{1,15}}\s){{0,2}}(?:{_SOURCE})\b{_CLAUSE}|"
    rf"\b(?-i:(?!(?:{_OWN_SUBJECT})\b)[A-Z][a-z]{{1,15}})\s"
    rf"(?:says|said|thinks|thought|believes|believed|claims|claimed|insists|insisted|suggested|argues|told \w+)\b{_CLAUSE}|"
    rf"\b(?:(?:the|an?|my|your|our|his|her|their|some)\s(?:[a-z]{{1,15}}\s)?(?:{_SOURCE})(?:['\u2019]s [a-z]{{1,15}})?|he|she|they|you|people)\s(?:(?:{_OFTEN})\s){{0,2}}$|"
    r"(?<!\bI )(?<!\bwe )\b(?:would|might|may|could|can)\s(?:\w{1,15}\s)?(?:say|think|guess|argue|believe|claim|assume)\b[^.;!?\n]*$|(?<!\bI )(?<!\bwe )\b(?:would|might|may|could|can)\s$|"
    r"\b(?:i(?:['\u2019]m| am| was| have been| had been)? (?:told|given|informed)|(?:it (?:is|was) (?:\w{2,12} )?(?:said|claimed|suggested|believed|thought|assumed|rumou?red)|used to (?:think|believe|say))|"
    rf"(?:the )?(?:claim|suggestion|hint|idea|rumou?r|assumption|opinion) (?:that|is|was))\b{_CLAUSE}|"
    r"\b(?:suggested|hinted|proposed|claimed|alleged|supposed|user['\u2019]s|users['\u2019]|hint['\u2019]s|professor['\u2019]s|expert['\u2019]s|friend['\u2019]s|"
    r"teacher['\u2019]s|student['\u2019]s|his|her|their|your|wrong|incorrect|tempting|naive|common|previous|other|first|second(?!\sthought)|third|backup|fallback|alternative)\s(?:[a-z]{1,12}\s)?$"
)
_AT_FIRST = phrases(
    "naively | superficially | at first sight | at first glance | on the surface | on the face of it | auf den ersten blick | à première vue | "
    "a primera vista | a prima vista | à primeira vista | op het eerste gezicht"
)
_MISLEADING = (
    rf"\b(?:{_AT_FIRST})\b{_CLAUSE}|"
    r"\b(?:(?:common|typical|frequent|usual)\s(?:mistake|error)|misconception|myth|fallacy|trap|pitfall|decoy|distractor|red herring|temptation|popular belief)\b"
    rf"{_CLAUSE}|\b(?:false|untrue|wrong|incorrect|mistaken|tempting|misleading|impossible|unlikely|mistake|error|hard|difficult|strange|odd|doubtful|surprising)\s(?:that|to)\b{_CLAUSE}"
)
_DENIED = (
    r"(?:\b(?:not|never|no\sway|anything\sbut|doubt|hardly|if|whether|suppose|supposing|assume|assuming|unless|nor|neither|avoid|cannot|let(?:['\u2019]?s| us)(?: say)?)\b|n['\u2019]t\b)"
    r"(?:(?!\b(?:but|so|then|however|therefore|thus|hence|because|and)\b)[^.,;:!?\n])*$"
)
# Verbs of saying and thinking in the third person. The first person of some is the same word; `_SELF` tells.
_SAYS_ABROAD = {
    "German": "sagt sagen sagte sagten gesagt dachte dachten behauptet behaupten meint meinen glaubt glauben denkt denken schlägt vermutet vermuten laut",
    "French": "dit disent disait pourrait pourraient affirme affirment pense pensent croit croient suggère suggèrent prétend prétendent imagine selon",
    "Spanish": "dice dicen dijo dijeron dirían podría podrían pensaba sugiere sugieren cree creen afirma afirman piensa piensan según",
    "Italian": "dice dicono disse detto potrebbe potrebbero crede credono pensa pensano afferma affermano suggerisce suggeriscono secondo",
    "Portuguese": "diz dizem disse disseram diriam poderia poderiam acha acham acredita acreditam afirma afirmam pensam sugere sugerem segundo",
    "Dutch": "zegt zeggen zei zeiden denkt denken beweert beweren gelooft geloven meent volgens",
    "Nordic": "säger sier siger tror påstår hävdar ifølge enligt",
    "Russian": "говорят говорит сказал сказала сказали написал думают думает считают считает утверждает утверждают подсказка полагают",
    "others": "mówi mówią twierdzi twierdzą uważa diyor söylüyor katanya",
}
_IF_ABROAD = {
    "German": "wenn falls ob angenommen",
    "French": "si supposons",
    "Spanish, Portuguese": "si se supongamos suponhamos",
    "Italian": "se supponiamo",
    "Dutch": "als stel indien",
    "Russian": "если допустим",
    "others": "jeśli jeżeli eğer jika nếu",
}
_SELF = either("ich wir je nous eu ik we jag vi jeg я мы yo")
_ABROAD = rf"(?<!\w)(?:(?:{_SELF})\s(?:{either(*_SAYS_ABROAD.values())})(?!\w)|(?P<other>(?:{either(*_SAYS_ABROAD.values(), *_IF_ABROAD.values())}|nehmen wir an)(?!\w)))"
# "Ich glaube nicht, dass": denied with a clause, unless a doubt is denied.
_NOT_THAT = re.compile(
    rf"(?<!\w)(?:{either('nicht kein keine niet geen pas não non no не nie inte ikke')})(?!\w)(?![^.;:!?\n]{{0,30}}(?:zweifel|doute|duda|dubbi|dúvida|twijfel|сомн|doubt|question))"
    rf"[^.;:!?\n]{{0,40}}?(?<!\w)(?:{either('dass daß que che dat что att at że')})(?!\w)",
    re.IGNORECASE,
)
_ABROAD_OTHER = re.compile(_ABROAD, re.IGNORECASE)
_TURNED = re.compile(rf"(?<!\w)(?:{_BUT})(?!\w)|但|しかし|でも|하지만", re.IGNORECASE)
_ASIAN = (
    r"(?:提示|用户|用戶|教授|老师|有人|据说|據說|听说|误以为|误解|(?:人|他|她|生|友|(?<!我)们)(?:都|也|常|会|可能|往往)?(?:说|說|认为|認為|觉得|覺得|以为|相信|猜)|"
    r"假设|假設|如果|若|假如|ヒント|ユーザー|と言われ|もし|仮に|힌트|사용자|교수|만약|사람들)(?:(?!但|しかし|でも|하지만)[^.;!?\n])*$"
)
_QUOTED = r"\b(?:says?|said|reads?|wrote|writes|written|phrase|words|sentence|line|statement|claim)\b[^.;!?\n\"]{0,30}[\"\u201c\u201d]\s?(?:\w{1,15}\s){0,4}$"
# Behind an answer: "..., said the teacher", "..., according to the hint".
_ATTRIBUTED = re.compile(
    rf"[\"\u201d'\u2019)\]]{{0,2}}\s?,?\s?(?:(?:or so|or at least so|at least)\s)?(?<!\w)(?:{either('said says say claim claims claimed wrote thinks believes argues insists sagt sagte laut dit selon dice según secondo diz segundo zegt volgens сказал говорит')}|"
    r"according to|as per|as (?:the|my|your|his|her) \w{1,15} (?:says|said|claims|suggests|suggested|wishes|wants|wanted)|(?:the|my) \w{1,15} (?:says|said|claims|claimed)|"
    r"(?:appears|occurs|stands|is written) in)(?!\w)",
    re.IGNORECASE,
)
# "Although some say A, the answer is B": the comma ends what is conceded.
_CONCEDED = re.compile(
    rf"(?<!\w)(?:{either('although though while whereas obwohl aunque sebbene embora hoewel хотя')}|bien que)(?!\w)[^,.;!?\n]{{0,90}},\s|虽然[^,.;!?\n]{{0,60}},\s?",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(f"{_DENIED}|{_REPORTED}|{_MISLEADING}|{_QUOTED}|{_ASIAN}", re.IGNORECASE)
_IF = re.compile(r"\bif\b[^.;!?\n]*$", re.IGNORECASE)
_NOUN = re.compile(rf"(?:{NOUN}|{ABROAD})", re.IGNORECASE)
# A clause before a comma that sets another case: "If the question were about France,", "Had it been France,", "If the user is right,".
_BEGINS = r"(?:^|[.;!?\n:,]\s{0,3}|\b(?:and|but|so|then)\s)"
_NOT_FORCED = r"(?!\s(?:i|we)\s(?:had|have|were|need|must)(?:\sto)?\b|\s(?:forced|asked|pressed|pushed|required|obliged)\sto\b)"  # "If I had to choose, I would pick A" picks A
_IN_A_SENTENCE = r"(?:(?!\b(?:but|however)\b)[^.;!?\n])*$"
_OTHER_CASE = re.compile(
    rf"(?<!\beven\s)\b(?:if|suppose|supposing|imagine|assuming)\b{_NOT_FORCED}(?:[^.;!?\n]*\s)?(?:asked|meant|referred)\b{_IN_A_SENTENCE}|"
    rf"(?<!\beven\s)\b(?:if|suppose|supposing|imagine|assuming)\b{_NOT_FORCED}[^.;!?\n]*,[^.;!?\n]*(?:\bwould|\bcould|\bmight|['\u2019]d)\b{_IN_A_SENTENCE}|"
    rf"{_BEGINS}(?:suppose|imagine|assume|pretend|let['\u2019]s\ssay)\b[^.;!?\n]*[.!]\s(?:(?:then|so|now|in\sthat\scase),?\s)?[^.;!?\n]*(?:\bwould|\bmight|['\u2019]d)\b{_IN_A_SENTENCE}|"
    rf"\b(?P<case>for|with|in|if)\s[^,.;!?\n]{{1,40}}\s(?:it|that|this)(?:['\u2019]s|\sis)\s\(?[A-Z]\)?,\s(?:(?:and|but)\s)?(?P=case)\s[^.;!?\n]{{0,60}}$|"
    r"\bmake\sa\scase\sfor\b[^.;!?\n]*$|"
    rf"(?<!\beven\s)\b(?:if|assuming|suppose|supposing|provided|should|unless|in\scase)\s(?:that\s)?(?!(?:i|we|my|our|this|that|these)\b)[^.;!?\n]{{1,60}}?\s(?:is|was|are|were|be)\s(?:indeed\s|actually\s)?"
    rf"(?:right|correct|true|wrong|mistaken|to be (?:trusted|believed))(?=\s?,|\s(?:then|about|that|here|the|it|i)\b){_IN_A_SENTENCE}|"
    rf"{_BEGINS}(?:had|were)\s(?:the|it|this|that|these|those|we|you|i|he|she|they|there|(?-i:[A-Z]\w*))\b[^.;!?\n]*,{_IN_A_SENTENCE}|"
    rf"{_BEGINS}(?:wäre|wären|hätte|hätten|würde|würden)\s[^.;!?\n]*,{_IN_A_SENTENCE}|"
    r"\b(?:could|might|may|can)\s(?:also\s|well\s|even\s)?be\s(?:argued|said|claimed|thought|assumed|objected)\b[^,.;!?\n]*$",
    re.IGNORECASE,
)
# "If it is 1850, the answer is C; if it is 1871, the answer is A": the answer of neither case is that of the text.
_CASE = re.compile(r"\s*(?:(?:and|but|while|whereas)\s)?(?P<word>if|assuming|supposing|suppose|when|given)\b", re.IGNORECASE)
_CASE_WITHIN = re.compile(r"\b(for|with|in|if|assuming)\s[^,.;!?\n]{1,40}?,?\s?$", re.IGNORECASE)
_ANSWERED = re.compile(
    r"\banswer\b|\b(?:choose|pick|select)\b|\([A-Z]\)|\b(?:it|that)(?:['\u2019]s|\sis)\s(?:[A-Z](?!\w)|\$?[0-9])", re.IGNORECASE
)
_STOPS = re.compile(r"[.;!?\n]")
_ANSWERS = re.compile(r"answer\b", re.IGNORECASE)
NEAR = 100  # characters before an announcement that are looked at


def supposed(text: str, place: int, cue: str = "") -> bool:
    """Whether the announcement `cue` at `place` in `text` is denied, supposed, asked about, or someone else's."""
    before = text[max(0, place - NEAR) : place]
    if cue and (
        (_NOUN.match(cue) and not (qualified(text, place) or (_ANSWERS.match(cue) and chosen(before)))) or not mine(text, place)
    ):
        return True
    before = _CONCEDED.sub("", before)
    return (
        bool(_SUPPOSED.search(before))
        or _said_abroad(re.split(r"[.;!?\n]", before)[-1])
        or ("would be" in cue.lower() and bool(_IF.search(before)))
        or bool(_OTHER_CASE.search(text[max(0, place - 2 * NEAR) : place] + cue))
        or _one_case(text, place)
    )


def _one_case(text: str, place: int) -> bool:
    """Whether the sentence at `place` of `text` gives the answer of one case, and the sentence beside it that of another."""
    before = _STOPS.split(text[max(0, place - 2 * NEAR) : place])
    inside = _CASE_WITHIN.search(before[-1])
    if inside and re.match(rf"[^.;!?\n,]{{0,30}},\s(?:(?:and|but)\s)?{inside[1]}\s", text[place : place + NEAR], re.IGNORECASE):
        return True
    case = _CASE.match(before[-1])
    if case is None:
        return False
    after = _STOPS.split(text[place : place + 2 * NEAR])
    beside = [*before[-2:-1], *after[1:2]]
    return any(
        (other := _CASE.match(one)) is not None
        and other["word"].casefold() == case["word"].casefold()
        and bool(_ANSWERED.search(one))
        for one in beside
    )


def attributed(text: str, place: int) -> bool:
    """Whether the answer that ends at `place` of `text` is put into someone else's mouth: "A, said the teacher"."""
    return bool(_ATTRIBUTED.match(text, place))


def _said_abroad(clause: str) -> bool:
    """Whether `clause`, in another language than English, says that someone else says so, or supposes it."""
    others = [found for found in _ABROAD_OTHER.finditer(clause) if found["other"]]
    others += _NOT_THAT.finditer(clause)
    return bool(others) and not _TURNED.search(clause, others[-1].end())
