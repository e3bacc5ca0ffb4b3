"""Notice what a clause refuses, tells as left, or tells of somebody else.

Only plain words count (refusals.txt), since a wish that is taken for a refusal costs more than a
refusal that is missed. What is refused without them is still read as a topic. English only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from vocation.text.families import families

_APOSTROPHE = re.compile(r"['’`´]")
# What may stand before a clause's own words: joining words, fillers, marks.
_OPENING = re.compile(
    r"(?:\W|(?:and|but|so|also|well|um|uh|em|okay|ok|like|or|then|now|honestly|frankly|though"
    r"|because|yes|yeah|sorry|sir|dear|ay|oh|see|look|listen|anyway|still|plus)\b(?=\W))*"
)


class _Rule:
    """One family of patterns: those that begin a clause, and those that stand at any word of it."""

    def __init__(self, stance: str, patterns: Sequence[str]) -> None:
        first = [pattern[1:] for pattern in patterns if pattern[0] == "^"]
        other = [pattern for pattern in patterns if pattern[0] != "^"]
        self.stance = stance
        self.first = re.compile("|".join(first)) if first else None
        self.other = re.compile(rf"\b(?:{'|'.join(other)})") if other else None

    def found(self, clause: str, begin: int) -> re.Match[str] | None:
        """What speaks for the stance in `clause`, of which the own words begin at `begin`."""
        return (self.first and self.first.match(clause, begin)) or (
            self.other and self.other.search(clause)
        )


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(stance, family.patterns)
        for stance, found in families("refusals.txt").items()
        for family in found
    )


def stances(clauses: Sequence[str]) -> list[str]:
    """Return the stance of each of the `clauses` of a text: "refused", "left" or "other" (somebody
    else's) where its words say so plainly, else "wanted".
    """
    return [_alone(clause) for clause in clauses]


def _alone(clause: str) -> str:
    low = _low(clause)
    begin = _begin(low)
    for rule in _rules():
        if rule.found(low, begin):
            return rule.stance
    return "wanted"


def _low(clause: str) -> str:
    return " ".join(_APOSTROPHE.sub("", clause).casefold().split())


def _begin(low: str) -> int:
    opening = _OPENING.match(low)
    return opening.end() if opening else 0
