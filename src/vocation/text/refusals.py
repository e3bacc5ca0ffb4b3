"""Notice what a clause plainly refuses: "I can't stand children", "I quit nursing last year".

Only plain words in the first person count, since a wish that is taken for a refusal costs more than
a refusal that is missed. What is refused without them is still read as a topic.
"""

from __future__ import annotations

import re

# What may stand before "I": joining words and fillers.
_OPENING = (
    r"^\W*(?:(?:and|but|so|also|well|um|uh|okay|ok|honestly|frankly|though|because|yes|no)\W+)*"
)
_NOT = (
    r"(?:(?:do|would|will|could|can)(?:\s+not|n['’]?t)|don['’]?t|won['’]?t|cannot|never"
    r"|no\s+longer)"
)
_ADVERB = r"(?:(?:really|just|honestly|simply|absolutely|ever|even|also|still|truly)\s+)*"

_I = rf"{_OPENING}i(?:['’]?(?:m|d|ve|ll))?\s+{_ADVERB}"
_REFUSED = re.compile(
    rf"""(?:{_I}|{_OPENING})(?:
        (?:can['’]?t|cannot|could\s+not|couldn['’]?t)\s+{_ADVERB}(?:stand|bear|abide)\s
      | (?:hate|dislike|detest|loathe|despise|dread)\s
      | (?:am\s+)?(?:scared|afraid|terrified)\s+of\s | have\s+no\s+interest\s+in\s
      | (?:am\s+)?not\s+(?:at\s+all\s+)?interested\s+in\s
      | {_NOT}\s+{_ADVERB}(?:want|wanna|wish|like|enjoy)\b
      | (?:am\s+)?(?:(?:sick|tired)\s+of|fed\s+up\s+with|done\s+with)\s
      | (?:have\s+)?had\s+enough\s+of\s
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_LEFT = re.compile(
    rf"{_I}(?:have\s+)?(?:quit|gave\s+up|given\s+up|left)\s(?!the\s+(?:house|room)|home)",
    re.IGNORECASE,
)
# With these the clause says something else: "I don't want to miss a day", "I hate to stop", "I
# don't want anything but ...".
_TURNED = re.compile(
    r"\b(?:miss\w*|stop\w*|los(?:e|ing)|leav(?:e|ing)|wast(?:e|ing)|wait\w*|fail\w*|else|other|but"
    r"|only|just|without|than|until|unless|when(?:ever)?|if|that|how|being\s+told|seeing)\b|\?",
    re.IGNORECASE,
)
# A job left for another one: "I quit to become a chef", "I left the office for a kitchen".
_ONWARDS = re.compile(
    r"\bto\s+\w+|\bfor\s+(?!\w+\s+(?:years?|months?)|years|good\b)\w+", re.IGNORECASE
)


def stance(clause: str) -> str:
    """Return "refused" where `clause` plainly refuses something, "left" where it tells of work that
    was left, else "wanted".
    """
    if found := _REFUSED.search(clause):
        return "wanted" if _TURNED.search(clause, found.end()) else "refused"
    left = _LEFT.search(clause) and not _TURNED.search(clause) and not _ONWARDS.search(clause)
    return "left" if left else "wanted"
