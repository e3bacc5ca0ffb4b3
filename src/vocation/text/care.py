"""Notice texts that need a person rather than a career: distress, and choosing among people.

English only. The rules are lists of word families in small windows, in the first person and the
present: "I want to work with victims of violence", "this job is killing me" and "when I was
fourteen I wanted to die, now I want to be a therapist" are ordinary texts. They miss what they
have no words for, and are no substitute for a person who reads.
"""

from __future__ import annotations

import re

from vocation.text import distress, violence
from vocation.text.families import Family, family

# --- choosing among people -----------------------------------------------------------------------

_PERSONS = (
    r"(?:candidates?|applicants?|employees?|students?|pupils?|workers?|staff|interns?|trainees?"
    r"|apprentices?|colleagues?|team ?members?|people|persons?|resumes?|cvs?|applications?|hires?"
    r"|volunteers|graduates|job ?seekers|contractors|freelancers|job applicants?|guys|kids|children"
    r"|men|women|new hires|class|team|names|players|learners|profiles|workforce|personnel)"
)
_JUDGE = (
    r"(?:rank|sort|rate|score|compare|evaluate|assess|screen|shortlist|grade|order|filter|judge"
    r"|select|choose|pick|identify|classify|review|prioriti[sz]e|put|find|name|sort out|weed out"
    r"|list|give me|predict|recommend)"
)
_HIRE = (
    r"(?:hire|fire|promote|pick|employ|recruit|interview|invite|let go|lay off|select|shortlist"
    r"|reject|appoint|dismiss|sack|take on|make redundant|demote|accept|keep on|choose from)"
)
_FIT = (
    r"(?:fit|fits|suited|suitable|suits|best|better|worst|worse|stronger|strongest|weakest|qualified"
    r"|right|good|deserves?|should|would|will|most|least|fail|promising|talented|capable|could|can"
    r"|to hire|to promote|i hire)"
)
_OURS = r"(?:my|our|these|those|the following|the|this|following|two|three|four|five|both|all)"
_PEOPLE = family(
    "which who whom rank sort rate score compare evaluate assess screen shortlist grade order filter"
    " judge select choose pick identify classify review prioritise prioritize hire employ fire"
    " promote recruit interview suitable qualified fit best candidate applicant candidates"
    " applicants better ranking rating reject decide would is",
    (
        rf"\bwhich (?:ones? )?(?:of )?(?:{_OURS} )?(?:\w+ ){{0,2}}?{_PERSONS}\b.{{0,30}}\b{_FIT}\b",
        rf"\bwhich (?:one )?of (?:my|our|these|those) (?:\w+ )?\w+s\b.{{0,15}}\b(?:should (?:i|we)"
        rf" {_HIRE}|(?:is|are) (?:best|most|better|fit|suited|suitable|the best) )",
        rf"\bwhich (?:\w+ ){{0,3}}(?:should|shall|do|would|must) (?:i|we|my company|our company|they) {_HIRE}\b",
        r"\bwhich (?:one )?of (?:them|the two|the three|those|these two) (?:should|will|would|is|gets|deserves|fits"
        r"|has|can)\b(?! (?:fit|suit|be (?:right|best|good)|right|best|better)?(?: for)? ?(?:me|i)\b)",
        r"\bwhich (?:ones?|kids?|boys?|girls?|child|pupils?) (?:in|from|on|of|should go|should be|will) ?(?:my|our|to|the"
        r"|promoted)?\b",
        rf"\bwhom? to {_HIRE}\b",
        r"\b(?:ranking|rating|shortlist|order of merit|evaluation|comparison) of (?:my|our|the|these|those|all my)"
        r" (?!skills|hobbies|careers?|jobs?|options|interests|professions|books|films)\w+",
        rf"(?:^|[,:] ?|\bplease |\byou |\bthen )(?:{_JUDGE}|reject|hire) (?:me )?(?:whether )?(?:out )?(?:\w+ )?(?:the|my|our"
        rf"|these|those|this|following|between|all) (?:\w+ ){{0,3}}?{_PERSONS}\b",
        rf"\b(?:from|of|with|among|here are|in) (?:the|these|following|those|my)(?: following)? (?:\w+ )?(?:cvs|resumes"
        rf"|applicants|candidates|profiles|applications)\b.{{0,40}}\b(?:{_JUDGE}|who|which|best|top)\b",
        rf"\b(?:decide|tell me|determine|choose|say) (?:which|who) of\b(?! my (?:skills|hobbies|interests|options))",
        rf"^(?:would|will|can|could|does) (?:this|that|the|my) (?:\w+ )?{_PERSONS}\b.{{0,30}}\b(?:be|make|become|suit|fit"
        r"|deserve|succeed|cope)\b",
        r"^(?:is|are) (?!it |this |that |there |a |an |the |being |working |my |i )\w+(?: \w+)? or \w+(?: \w+)? (?:the )?"
        r"(?:better|more \w+|best|stronger|fitter)\b(?!.{0,30}\bfor (?:me|somebody|someone|a person)\b)",
        r"\bwho (?:is|s|are|would be) (?:the )?(?:best|better|most \w+|more \w+|strongest|weakest|least \w+|right)\b.{0,30}"
        r"\b(?:among|between|of|out of|for (?:this|the|my|our))\b",
        rf"\bbest (?:person|man|woman|one) for (?:this|the|my|our) (?:job|post|role|position)\b.{{0,20}}\b(?:from|among|of|in|on)\b",
        rf"\bwho(?:m)? (?:of|among|amongst|in|from|out of|on) (?:my|our|these|those|the) (?:\w+ ){{0,2}}?"
        rf"{_PERSONS}\b",
        rf"\bwhom? (?:should|shall|do|can|would|must|could) (?:i|we)(?: \w+)? {_HIRE}\b",
        rf"(?:^|\bplease |\byou |\bhelp me (?:to )?|\bme to |\bthen ){_JUDGE} (?:me )?(?:between |from"
        rf" |among |out |which |who )?(?:\w+ )?{_OURS} (?:\w+ ){{0,3}}?{_PERSONS}\b",
        rf"(?:^|\bplease |\byou |\bhelp me (?:to )?){_JUDGE} (?:the )?(?:best|better|strongest|most"
        rf" \w+|top|right|top \w+|ideal) (?:\w+ )?{_PERSONS}\b",
        rf"(?:^|\bplease |\byou )(?:hire|shortlist|rank|screen) (?:\w+ ){{0,2}}?{_PERSONS}\b",
        r"(?:^|\btell me (?:if|whether) |, )(?:should|shall|can|do) (?:i|we) (?:hire|employ|fire"
        r"|promote|recruit|interview|dismiss|appoint|sack|reject|shortlist)\b",
        rf"\bi (?:need|have|must|am trying|want|would like|ve)(?: to)? (?:rank|choose|pick|select|decide"
        rf"|shortlist|hire|find)\b.{{0,40}}{_PERSONS}\b.{{0,20}}\b(?:who|which|whom)\b",
        rf"^(?:is|are|was|would) (?:this|that|the|my|our|these) (?:\w+ )?{_PERSONS}\b.{{0,20}}\b(?:suitable|fit"
        r"|qualified|good|right|suited|competent|better|worth|capable|be)\b",
        r"^(?:is|would) (?:he|she|they) (?:be )?(?:a |the )?(?:suitable|fit|qualified|good enough|right"
        r"|best|better|suited|good (?:hire|candidate|fit))\b",
        r"\b(?:tell|show|advise|say|decide|know|determine|predict) (?:me |us )?(?:which|who|whom)\b(?: of"
        rf"| in| among)?.{{0,30}}\b(?:{_PERSONS}|better|best|weakest|strongest|fail|suited) ?(?:is|are|will"
        r"|would|should|for|to|in|$)",
        r"\bwho (?:is|are|s|would be) (?:the )?(?:better|best|strongest|weakest|most \w+|least \w+|worst"
        r"|fittest|fit|more \w+) (?:candidate|applicant|employee|student|fit|for|suited|suitable|of|one"
        r"|worker|qualified|choice|hire|pupil|intern)",
        r"(?<!\bi am the )(?<!\bim the )\b(?:best|better|right|ideal|stronger) (?:candidate|applicant|hire|employee) (?:for|among|from"
        r"|here|of|out of|between)\b.{0,60}$",
    ),
    # Who speaks of their own work or choice is no one who chooses now.
    r"\b(?:i (?:am|m) (?:one|a candidate)|i (?:love|like|enjoy|interview|recruit|help|want to (?:be|work"
    r"|become|hire)|would like to (?:be|work|become)|rank|screen|shortlist|work)|hire me|for a living"
    r"|elections?|vote|my boss)\b",
)

_DISTRESS = (*distress.FAMILIES, *violence.FAMILIES)
_QUOTED = re.compile(r"[\"“][^\"“”]{0,200}[\"”]")
_SENTENCE = re.compile(r"[.!?;\n]+")
_APOSTROPHE = re.compile(r"['’`´]")
_DASH = re.compile(r"[-‐‑_*]+(?=\w)|\s+")
# Words of others: "callers who say I want to die".
_REPORTED = re.compile(
    r"\b(?:who|people|patients|callers|clients|kids|someone|somebody|them|teens|person)"
    r" (?:say|says|said|tell|tells|told|think|thinks|feel|write)(?: me| that| things like| like)*"
    r"[ ,:]*$"
)


def concern(text: str) -> str | None:
    """Return "distress" or "people" if `text` (cleaned) needs another answer than careers, or None.

    "distress": it speaks of not wanting to live, self-harm, violence or control at home, or
    despair. "people": it asks to rank people or to choose among them.
    """
    plain = _DASH.sub(" ", _APOSTROPHE.sub("", _own_words(text).casefold()))
    sentences = [sentence.strip() for sentence in _SENTENCE.split(plain)]
    words = [frozenset(re.findall(r"[\w*]+", sentence)) for sentence in sentences]
    pairs = list(zip(sentences, words, strict=True))
    if any(_speaks(family, *pair) for family in _DISTRESS for pair in pairs):
        return "distress"
    return "people" if any(_speaks(_PEOPLE, *pair) for pair in pairs) else None


def _speaks(family: Family, sentence: str, words: frozenset[str]) -> bool:
    if family.cues.isdisjoint(words):
        return False
    if family.unless is not None and family.unless.search(sentence):
        return False
    return any(
        not _REPORTED.search(sentence[: match.start()])
        for match in family.pattern.finditer(sentence)
    )


def _own_words(text: str) -> str:
    """`text` without what it quotes, unless there is little else."""
    rest = _QUOTED.sub(" ", text)
    return rest if len(rest.split()) > 3 else text
