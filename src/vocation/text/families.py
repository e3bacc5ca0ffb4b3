"""What rules about texts are made of: families of patterns that share the words that betray them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from vocation.text.clean import word_set

# --- building blocks: all lower case, without apostrophes, one blank between words ---------------

ADV = (
    r"(?:(?:really|just|honestly|actually|simply|truly|kinda|kind of|only|even|still|also|often"
    r"|always|sometimes|so|seriously|literally|mostly|genuinely|secretly|all|now|lately|currently"
    r"|constantly|fucking|completely|totally|very|such|feeling|deeply|almost|nearly|too|again"
    r"|quite|ever|about|probably|maybe|some days|most days) ){0,3}"
)
# What may follow a phrase that ends its thought: "I don't want to live", not "... live in a city".
END = (
    r"(?=\s*(?:$|[,:()\-–—/<]|(?:any ?more|any longer|no more|at all|and|but|so|because|cause|cuz"
    r"|bc|tbh|lol|right now|honestly|now|today|tonight|tomorrow|either|again|like this|this way"
    r"|these days|sometimes|ever|forever|for good|i|im|my|when|since|anyway|or|too|if|please"
    r"|really|most days|every day|all the time|already|soon)\b))"
)


@dataclass(frozen=True, slots=True)
class Family:
    """Patterns of one kind. None is tried on a sentence without one of the words `cues`, nor on one
    that `unless` finds something in.
    """

    cues: frozenset[str]
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None


def family(cues: str, patterns: Iterable[str], unless: str | None = None) -> Family:
    return Family(
        word_set(cues), re.compile("|".join(patterns)), re.compile(unless) if unless else None
    )


# "I can't take this any more" beside one of these is about work.
WORK = (
    r"\b(?:jobs?|work\w*|office|desk|boss|compan(?:y|ies)|careers?|employers?|shifts?|retail|sales"
    r"|colleagues?|customers?|clients?|commut\w+|meetings?|spreadsheets?|industry|profession|team"
    r"|football|match|manager|banking|accounting|factory|kitchen|project|film|movie|book|novel)\b"
)
# What was, and is told as what was, speaks for the wish that follows.
PAST = (
    r"\b(?:years ago|when i was|as an? (?:child|kid|teen\w*|young)|growing up|in the past|survived"
    r"|survivors?|used to|back then|long ago|childhood|recovered|that is why|thats why)\b"
)


# Beside one of these, death and violence are a subject, a trade or a story.
SUBJECT = (
    WORK[:-3]
    + r"|stud(?:y|ied|ies|ying|ent)|course|degree|thesis|dissertation|charity|volunteer\w*|nurs(?:e|es"
    r"|ing)|police|counsell?ors?|therapists?|psycholog\w+|philosoph\w+|hospice|patients?|songs?|poems?"
    r"|plays?|games?|exams?|climb\w*|sail\w*|bungee|laugh\w*|jok\w+|museum|medicine|pharmac\w+|olympics"
    r"|finals?|theatre|drama|documentar\w+|scouts?|police|army reserve|law|crimes?|forensic\w*|vet)\b"
)
