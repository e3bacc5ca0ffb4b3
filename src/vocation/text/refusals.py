"""Notice what a clause refuses, tells as left, or tells of somebody else.

Only plain words count (refusals.txt), since a wish that is taken for a refusal costs more than a
refusal that is missed. What is refused without them is still read as a topic. English only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from vocation.text.families import Family, families

_APOSTROPHE = re.compile(r"['’`´]")
# What may stand before a clause's own words: joining words, fillers, marks.
_OPENING = re.compile(
    r"(?:\W|(?:and|but|so|also|well|um|uh|em|okay|ok|like|or|then|now|honestly|frankly|though"
    r"|because|yes|yeah|sorry|sir|dear|ay|oh|see|look|listen|anyway|still|plus)\b(?=\W))*"
)

# "Manuals, clause by clause, | I did that for five years and never again": the second clause speaks
# of the first.
_POINTS_BACK = re.compile(r"\b(?:it|that|this|them|those|these|again|there)\b")
# "I don't want parties, | because of the noise" goes on; "I hate parties, | it is food I love" does
# not.
_GOES_ON = re.compile(r"(?:because|which|cause|cos|where|or|nor|as)\b")
_RATHER = re.compile(r"\b(?:rather|sooner|prefer)\b")
_THEIR = re.compile(r"(?:and )?(?:he|she|they|his|her|their|hes|shes|the other)\b")
# "I'd rather draw | than count": a short end that says nothing more of the person.
_CONTRAST = re.compile(r"than (?!.*(?:,|\b(?:i|im|id|ive|else|any)\b))")
# "My sister designs schools, | and I have applied there": told because of what follows.
_AND_I = re.compile(
    r"(?:and|so|then)? ?(?:um, |now )?"
    r"(?:(?:i|im|id|ive|ill)|(?:he|she|they) (?:lets?|shows?|showed|taught|teach(?:es)?|gave) me)\b"
)
_MINE = re.compile(r"\b(?:i|im|id|ive|ill|me|my)\b")
# Characters; a longer clause, such as a list without full stops, says more than one thing.
_LONGEST = 300
_SENTENCE_END = (".", "!", "?", ";")


class _Rule:
    """One family of patterns: those that begin a clause, and those that stand at any word of it."""

    def __init__(self, stance: str, family: Family) -> None:
        starts = [pattern[1:] for pattern in family.patterns if pattern[0] == "^"]
        rest = [pattern for pattern in family.patterns if pattern[0] != "^"]
        self.stance = stance
        self.first = re.compile("|".join(starts)) if starts else None
        self.other = re.compile(rf"\b(?:{'|'.join(rest)})") if rest else None

    def found(self, clause: str, begin: int) -> bool:
        """Whether `clause`, of which the own words begin at `begin`, says so."""
        return bool(
            (self.first and self.first.match(clause, begin))
            or (self.other and self.other.search(clause))
        )


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(stance, family)
        for stance, found in families("refusals.txt").items()
        for family in found
    )


def stances(clauses: Sequence[str]) -> list[str]:
    """Return the stance of each of the `clauses` of a text: "refused", "left" or "other" (somebody
    else's) where its words or its neighbours say so plainly, else "wanted".
    """
    lows = [
        " ".join(_APOSTROPHE.sub("", clause[: _LONGEST + 1]).casefold().split())
        for clause in clauses
    ]
    begins = [opening.end() if (opening := _OPENING.match(low)) else 0 for low in lows]
    found = [_alone(low, begin) for low, begin in zip(lows, begins, strict=True)]
    for i in range(1, len(found)):
        own, earlier = lows[i][begins[i] :], lows[i - 1]
        here, before = found[i], found[i - 1]
        if before == "other" and not here and _THEIR.match(own) and not _MINE.search(own):
            found[i] = "other"
        if len(earlier) > _LONGEST or earlier.endswith(_SENTENCE_END):
            continue
        if here in ("refused", "left") and not before:
            if _POINTS_BACK.search(own) and (here == "left" or not _MINE.search(earlier)):
                found[i - 1] = here
        elif before == "other" and here in ("", "wanted") and _AND_I.match(lows[i]):
            found[i - 1] = "wanted"
        elif not here and before in ("refused", "left") and _GOES_ON.match(lows[i]):
            found[i] = before
        elif not here and _CONTRAST.match(own) and _RATHER.search(earlier):
            found[i] = "refused"
    return [stance or "wanted" for stance in found]


def _alone(clause: str, begin: int) -> str:
    """What `clause` says by itself, or nothing."""
    if len(clause) > _LONGEST:
        return ""
    return next((rule.stance for rule in _rules() if rule.found(clause, begin)), "")
