"""Tell whether a skill that a text speaks of is the person's own.

Not what they wish for ("I want to lead a team"), refuse ("I hate writing reports"), or tell of
somebody else ("my sister leads a team"). It leans to the safe side, and reads English only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from vocation.text.clauses import clauses
from vocation.text.other_words import PAST_FORMS
from vocation.text.standing import KIN

_SENTENCE_END = re.compile(r"[.!?;](?:\s|$)")
_MOST = 1000  # places that are read; each takes a tenth of a millisecond
_REACH = 200  # characters before and after a skill that are looked at

_ME = re.compile(
    r"\b(?:i|i['’](?:m|ve|d|ll)|im|ive|we|we['’](?:ve|re)"
    r"|my\s+(?:\w+\s+)?(?:job|work|role|tasks?|duty|duties|days?|strengths?|experience|skills"
    r"|background|career|speciality|specialty))\b",
    re.I,
)
_OTHERS = re.compile(
    r"\b(?:he|she|they|(?:some|any|every|no)(?:body|one)|no one|others|people"
    rf"|(?:my|his|her|our|their|an?|the)\s+(?:[\w-]+\s+){{0,2}}(?:{KIN}))\b",
    re.I,
)
_WISHED = re.compile(
    r"\b(?:want(?:s|ed|ing)?|wanna|wish\w*|hop(?:e[sd]?|ing)\s+(?:to|for|that|i)|dream\w*|would"
    r"|wouldn['’]t|plan(?:s|ned|ning)?\s+(?:to|on)|gonna|going\s+to|think(?:ing)?\s+(?:of|about)"
    r"|consider\w*|interest(?:ed)?\s+in|curious\s+about|look(?:ing)?\s+(?:for|to|into)"
    r"|(?:am|start\w*|keep|now|currently|still|about|began)\s+learning|should|might|if|imagine"
    r"|expect\w*|get(?:ting)?\s+into|need\s+(?:to\s+learn|an?|some\w*|help|more|better)"
    r"|apply(?:ing)?\s+for|train(?:ing)?\s+to\s+(?:be|become))\b"
    r"|['’](?:d\s+(?:\w+ly\s+)?(?:be|like|love|prefer|rather|enjoy|want)|m\s+learning)\b",
    re.I,
)
_REFUSED = re.compile(
    r"\b(?:hate[ds]?|hating|dislike\w*|detest\w*|loath\w+|despise\w*|dread\w*|avoid\w*|quit|gave\s+up"
    r"|(?:scared|afraid|terrified|sick|tired|bored|fed\s+up|done)\s+(?:of|with|by)"
    r"|(?:run|ran|running)\s+away\s+from)\b",
    re.I,
)
_NOT = re.compile(r"\b(?:not|never|no|without)\b|n['’]t\b", re.I)
# What follows a skill: "editing pictures would bore me", "marking is boring".
_PUTS_OFF = re.compile(
    r"\b(?:bores?|scares?|annoys?|terrif\w+|(?:would|will)\s+(?:bore|kill|drive|scare)|not\s+for\s+me"
    r"|(?:i|me)\s+(?:hate[ds]?|detest\w*|loathed?|dread\w*)|kills?\s+me|makes?\s+me\s+(?:sick|ill|nervous|anxious)"
    r"|(?:is|are|was|were)\s+(?:\w+\s+)?(?:boring|dull|hell|awful|terrible|horrible|torture))\b"
    r"|^[\s,:?]*(?:no|nope)\b",
    re.I,
)
_HATED_IT = re.compile(
    r"[^.!?;]{0,40}?\bi\s+(?:hated?|loathed?|detest\w*)\s+(?:it|them|that|this|every)\b", re.I
)
_PUTS_OFF_WITHIN = 40  # characters
_STARTS_ANEW = re.compile(
    r"\b(?:know|use|used|using|good|experienced?|skilled|can|have|fluent)\b|\bmy\s+\w+\s*$", re.I
)

# Of an activity in other words, more is asked.
_NOT_DONE = re.compile(
    r"\b(?:will|could|must|may|i['’]d|i['’]ll|try(?:ing)?\s+to|help\s+me|taught\s+me|teach\s+me|show\w*\s+me)"
    r"\s+(?:\w+\s+){0,2}$"
    r"|\b(?:who|whom|watch\w*|saw|see|seeing|let|ask(?:ed|ing)?|pay|paid|need|make|made|help)"
    r"\s+(?!to\b)(?:[\w'’-]+\s+){0,3}$"
    r"|\bas\s+an?\s+(?:child|kid|boy|girl|baby|customer|patient|guest)\b",
    re.I,
)
_SUFFERED = re.compile(
    r"\b(?:am|is|are|was|were|been|be|being|get|got|getting)\s+(?:\w+ly\s+)?$", re.I
)
_BY_OTHERS = re.compile(
    rf"\s+(?:\w+\s+){{0,2}}?by\s+(?:(?:my|his|her|our|their|an?|the|some\w+|others)\s"
    rf"(?!hour|dozen|book|minute)|(?:{KIN})\b)",
    re.I,
)
_HAS = re.compile(
    r"\b(?:am|i['’]?m|was|were|been|being|as|have|had|['’]ve|got|do|did|done|good\s+at"
    r"|(?:experienced?|trained|certified|skilled)\s+(?:in|with))\s+(?:[\w-]+\s+){0,4}$",
    re.I,
)
_LIGHT = re.compile(
    r"(?:[\W\d]|\b(?:and|also|then|plus|with|in|at|of|for|on|from|good|great|skilled|strong|very"
    r"|experienced?|years?|months?|daily|mainly|mostly|regularly|always|often|usually|including"
    r"|such|as|responsible|tasks?|duty|duties|skills?|strengths?|able|to|can|ability|excellent"
    r"|successfully|independently|helped|helping|the|a|an|love|enjoy|years'|proven|background)\b)*"
)
# Before an activity of one word: "I milk", not "in milk".
_DIRECTLY = re.compile(
    r"\b(?:i|we|i['’](?:m|ve)|we['’]ve|am|been|was|have|had|can|to|love|like|enjoy|also|often|usually"
    r"|at|years)\s+$",
    re.I,
)
_PROVEN = re.compile(
    r"\b(?:experienced?|skilled|good|strong|years|dut(?:y|ies)|tasks?|responsible|including|proven"
    r"|background|ability|able)\b",
    re.I,
)
_JOB_WHERE = re.compile(
    r"\b(?:want\w*|would|wish\w*|dream\w*|looking|hop(?:e|ing))\b[^.!?;]*\b(?:where|in\s+which)\b[^.!?;]*$",
    re.I,
)
_BRINGS_ACTIVITY = re.compile(r"\b(?:to|can)\s+$", re.I)


class Place(NamedTuple):
    """Where a text speaks of a skill: its characters, and in which way.

    `way` is "name", or in other words "thing" ("eye for detail") or "activity" ("led a team").
    """

    start: int
    end: int
    way: str


def own(text: str, places: Sequence[Place]) -> list[bool]:
    """For each of `places` in the cleaned `text` tell whether the skill is the person's own.

    No more than the first thousand are read.
    """
    if not places:
        return []
    pieces = clauses(text, most=len(text) + 1)
    starts = [start for start, _ in pieces]
    found = []
    for place in places[:_MOST]:
        start, end = pieces[max(0, bisect_right(starts, place.start) - 1)]
        before = text[max(0, place.start - _REACH) : place.start]
        lead = _SENTENCE_END.split(before[max(0, len(before) - (place.start - start)) :])[-1]
        rest = text[place.end : min(max(end, place.end), place.end + _REACH)]
        said = text[place.start : place.end]
        found.append(
            _is_own(lead, rest, place.way)
            and (place.way == "name" or _is_shown(lead, said, rest, place.way))
            and not (place.way == "activity" and _JOB_WHERE.search(before))
            and not _HATED_IT.match(text, place.end)
        )
    return found + [False] * (len(places) - len(found))


def _is_own(lead: str, rest: str, way: str) -> bool:
    """Whether nothing says that a skill is a wish, refused or somebody else's."""
    me = _ME.search(lead)
    if not me and _OTHERS.search(lead):
        return False
    near = _near(lead)
    if way != "name" and not _ME.search(near):
        near = lead
    if _WISHED.search(near) or _PUTS_OFF.search(rest[:_PUTS_OFF_WITHIN]):
        return False
    refused = _REFUSED.search(near)
    return not refused or bool(_NOT.search(near, 0, refused.start()))


def _is_shown(lead: str, said: str, rest: str, way: str) -> bool:
    """Whether what is `said` in other words is what the person does, did, or is."""
    me = _ME.search(lead)
    if rest.rstrip().endswith("?") or _NOT_DONE.search(lead):
        return False
    if way == "thing":
        return bool(_HAS.search(lead) if me else _is_light(lead))
    verb, *objects = said.casefold().split()
    ing = verb.endswith("ing")
    if not ing and (_SUFFERED.search(lead) or _BY_OTHERS.match(rest)):
        return False
    if verb.endswith("s") and not verb.endswith("ss"):
        return False  # somebody else: "leads a team"
    if not objects and not _DIRECTLY.search(lead):
        return False
    if me:
        return True
    # Without "I" an activity is told in the style of a resume: "Led a team", "able to lead teams".
    shown = (
        _PROVEN.search(lead)
        if ing
        else verb.endswith("ed") or verb in PAST_FORMS or _BRINGS_ACTIVITY.search(lead)
    )
    return bool(shown) and _is_light(lead)


def _is_light(lead: str) -> bool:
    """Whether `lead` has no subject, so that it may be the person who writes."""
    return bool(_LIGHT.fullmatch(re.split(r"[,;:•*–—]", lead)[-1].casefold()))


def _near(lead: str) -> str:
    """The end of `lead` that governs what follows it: "know " of "I want a job, know ".

    Short pieces between commas are items of a list and belong to what stands before them.
    """
    pieces = lead.split(",")
    for i in range(len(pieces) - 1, 0, -1):
        if len(pieces[i].split()) > 2 or _STARTS_ANEW.search(pieces[i]):
            return ",".join(pieces[i:])
    return lead
