"""Judge how a title stands in its sentence: claimed by the person, somebody else's, or denied.

Simple rules on the words before it, in English. They lean to the side of evidence: a wrong career
that is named costs less than a right one that is not heard.
"""

from __future__ import annotations

import re

from vocation.text.clean import word_set

# A full stop within a word ends no sentence: "Node.js".
_SENTENCE_END = re.compile(r"[.!?;](?=\s|$)")
_REACH = 200  # characters before and after a title that are looked at

_CLAUSE = re.compile(r"\b(?:but|though|although|however)\b|[,:–—]\s*(?=(?:and\s+|so\s+)?i\b)", re.I)
_DENIAL = re.compile(
    r"(?:\b(?:not|never|no|nor|neither|hardly|without|cannot|dont|cant|wont|didnt|isnt)|n['’]t)\b",
    re.I,
)
_NO_DENIAL = word_set(
    "wait only just merely sure certain know mind imagine stop anything else afraid whether decide"
    " doubt matter help resist long yet until nothing enough"
)
_DENIAL_WORDS = 7  # words between a denial and what it denies, at most

_LEFT = re.compile(
    r"(?:\bex[- ]|\bformer(?:ly)?\b|\bused to (?:be|work as)\b|\b(?:than|unlike|hate[ds]?"
    r"|dislike[ds]?|left|leaving|leave|quit|quitting|gave up|giving up|stopped|instead of"
    r"|rather than|(?:tired|sick|bored) of|fed up with|anything but)\b)"
    r"(?:\s+(?:an?|the|my|being|becoming|working as))*\s*(?:[\w-]+\s+)?$",
    re.I,
)

_PAST = re.compile(r"\b(?:worked|was|were|been|trained|spent|did)\b", re.I)
_HATED = re.compile(
    r"\b(?:hate[ds]?|hating|quit|left|regret\w*|bored|(?:sick|tired) of|fed up|burn(?:t|ed) out"
    r"|couldn['’]t stand|can['’]t stand|never again|not for me)\b",
    re.I,
)

KIN = (
    "mother|mom|mum|mummy|mommy|father|dad|daddy|parents?|sisters?|brothers?|siblings?|husband|wife"
    "|partner|spouse|son|daughter|child|children|kids?|aunt|uncle|cousins?|nephew|niece"
    "|grand\\w+|relatives?|friends?|neighbou?rs?|boss|boyfriend|girlfriend|fianc[eé]e?|roommate"
    "|flatmate|teachers?|colleagues?|in-laws?"
)
_OTHER = re.compile(
    rf"(?:\b(?:my|his|her|our|their)\s+(?:[\w'’-]+\s+){{0,3}}?(?:{KIN})\b(?!['’])"
    rf"(?:\s+(?:and|or)\s+(?:my\s+)?(?:{KIN})\b)?|\b(?:he|she|they)\b)"
    r"(?:\s*,|(?:\s+who)?\s+(?:\w+ly\s+|both\s+|all\s+)?(?:is|are|was|were|works?|worked|became"
    r"|becomes|has been|wants?|wanted|hopes?|dreams?|dreamed)\b|['’]s\b)"
    rf"|\b(?:{KIN}|he|she|they|people|every(?:one|body))\s+(?:\w+ly\s+|all\s+|both\s+)?"
    r"(?:says?|said|thinks?|thought|tells?|told|wants?|wanted|expects?|expected|trained)\b"
    r"|\bwas told\b",
    re.I,
)
_OWN = re.compile(r"\b(?:i|i['’]m|i['’]ve|i['’]d|me)\b", re.I)
_TOLD = re.compile(r"\b(?:i|me)\s+(?:should|to|must|ought|need to|have to|would|as)\b", re.I)

_MET = re.compile(
    r"\b(?:(?:son|daughter|child|children|wife|husband|partner|widow|sibling)\s+(?:of|to)"
    r"|(?:married|engaged|related) to|dating|raised by|thanks to|saw|met|meet|called|told by"
    r"|ask(?:ed)?|visit(?:ed|ing)?|respect|admire)"
    r"\s+(?:an?\s+|the\s+|two\s+|many\s+)?(?:\w+\s+)?$",
    re.I,
)
_MINE = re.compile(r"\b(?:my|his|her|our|their|your)\s+((?:[\w'’-]+\s+){0,2})$", re.I)
_MY_WORK = word_set(
    "dream job career goal profession work choice future passion new next current first own is as"
)
_WORK = re.compile(
    r"\s+(?:job|career|training|degree|stud(?:y|ies)|course|role|position|work|licen[cs]e"
    r"|certificat\w+|education|skills|apprenticeship|background|exam|school)\b",
    re.I,
)
_KNOWN = re.compile(
    r"\s+(?:(?:that\s+|who\s+|whom\s+)?(?:i|we)\s+(?:know|knew|met|meet|work(?:ed)? with|saw)\b"
    r"|(?:has |have |had )?(?:said|told|says|tells|asked|warned)\b)",
    re.I,
)

_CLAIM = re.compile(
    r"(?:\b(?:be|become|becoming|being|am|i['’]m|im)"
    r"|\b(?:job|career|goal|ambition|calling|profession|occupation|dream|future)\s+"
    r"(?:is|as|would be|of)(?:\s+(?:to be|to become|being|becoming))?"
    r"|\b(?:work|working|employed|train|training|trained|qualified|studying|job|jobs|position|career)"
    r"\s+(?:as|to be)"
    r"|\bstudy(?:ing)?|\b(?:go|going|get|getting|work|working|career|job|jobs|degree)\s+in(?:to)?"
    r"|\b(?:looking|searching|apply|applying)\s+for(?:\s+an?)?(?:\s+(?:job|work|position|role))?"
    r"(?:\s+as)?)"
    r"\s+(?:(?:an?|the|currently|now|also)\s+)*(?:[\w'’-]+\s+){0,2}$",
    re.I,
)
# "Nursing is what I want to do", "chef, that's my dream"
_CLAIM_AFTER = re.compile(
    r",?\s+(?:is|would be|that['’]?s)\s+(?:what\s+i\s+(?:want|wish|would\s+like|love|do)|"
    r"my\s+(?:dream|goal|job|profession|trade|calling|first\s+choice))\b",
    re.I,
)
_HELD = re.compile(
    r"\b(?:am|i['’]?m|(?:work|working|employed) as)\s+"
    r"(?:(?:an?|the|currently|now|also)\s+)*(?:[\w'’-]+\s+){0,2}$",
    re.I,
)
_CHANGE = re.compile(
    r"\b(?:want|wanna|wish|dream|hope|rather|instead|like to|love to|thinking (?:of|about)|chang\w+"
    r"|switch\w*|retrain\w*|maybe|but)\b",
    re.I,
)
_INTRODUCTION = 100  # characters at the start of a text in which people say what they are
# "Nurse with ten years on wards", "Nurse, 34", "Nurse."
_HEADLINE = re.compile(
    r"\s+(?:with|looking|seeking|by (?:trade|profession))\b|,\s*\d|\s*[.!;](?:\s|$)", re.I
)
_THE = re.compile(r"\bthe\s+(?:[\w'’-]+\s+)?$", re.I)


def is_evidence(text: str, start: int, end: int, field: bool) -> bool:
    """Whether the title `text[start:end]` may be the person's own, now or wished for.

    `field` says that it names a field ("nursing"), which nobody can be related to.
    """
    before = _sentence_before(text, start)
    after = text[end : end + _REACH]
    clause = _CLAUSE.split(before)[-1]
    if _denied(clause) or _LEFT.search(clause):
        return False
    # "I worked as a nurse for six years and I hated it"
    if _PAST.search(clause) and _HATED.search(_SENTENCE_END.split(after)[0]):
        return False
    if field:
        return True
    if _KNOWN.match(after) or _MET.search(before):
        return False
    mine = _MINE.search(clause)
    if mine and not (_MY_WORK & set(mine[1].casefold().split())) and not _WORK.match(after):
        return False
    others = list(_OTHER.finditer(before))
    if not others:
        return True
    rest = before[others[-1].end() :]
    # "my parents say I should become", "they trained me as": not the person's own idea
    return bool(_OWN.search(rest)) and not _TOLD.search(rest)


def is_claimed(text: str, start: int, end: int) -> bool:
    """Whether the person says to be, or to want to be, what `text[start:end]` names."""
    before = _sentence_before(text, start)
    if _CLAIM.search(before) or _CLAIM_AFTER.match(text[end : end + _REACH]):
        return True
    # Only at the start of a text: resumes have sentences of a single title everywhere.
    first = start < 4 and text[:start].strip().casefold() in ("", "a", "an")
    return first and bool(_HEADLINE.match(text[end : end + _REACH]))


def is_todays_job(text: str, start: int) -> bool:
    """Whether what is claimed at `start` is rather the job of today than what the text is about.

    Career changers say both: "... Ten small mysteries a week. I'm a baker."
    """
    if not _HELD.search(_sentence_before(text, start)):
        return False
    return start > _INTRODUCTION or bool(_CHANGE.search(text))


def is_met(text: str, start: int) -> bool:
    """Whether the title that begins at `start` is of somebody at hand: "I told the doctor"."""
    return bool(_THE.search(text, max(0, start - 40), start))


def _sentence_before(text: str, start: int) -> str:
    """What stands before a title in its sentence."""
    before = text[max(0, start - _REACH) : start]
    return _SENTENCE_END.split(before)[-1]


def _denied(clause: str) -> bool:
    """Whether a denial near the end of `clause` reaches what follows."""
    denials = list(_DENIAL.finditer(clause))
    if not denials:
        return False
    between = clause[denials[-1].end() :].casefold().split()
    return len(between) <= _DENIAL_WORDS and not _NO_DENIAL & set(between)
