"""Take out what a text says about who somebody is beside the name: age, origin, faith, health and
family, where it says nothing about a wish. English only; `person` masks names with it.
"""

from __future__ import annotations

import re
from functools import cache, partial

from vocation.text.families import families

# The joining word of a clause that goes: "because I'm 19", ", and I'm 19".
_JOINING = re.compile(
    r"(?:^|[,\s])\s*(?:(?:and|but|because|since|as|although|though|while|so|now that|that|till"
    r"|until|when|before|after|if)\s+)+$",
    re.IGNORECASE,
)
_LONGEST_JOINING = 30  # characters of joining words, with room
# What joins it to the rest: ", and", "but".
_BREAK = re.compile(
    r"\s*(?:[,.;:!?]{1,3}|[–—-](?=\s))?\s*(?:(?:and|but|so)\b)?[,\s]*", re.IGNORECASE
)
_DIGIT = re.compile(r"\d")


@cache
def words_of_facts() -> frozenset[str]:
    """Words that begin a fact and no name: "Polish", "Poland", "Muslim", "married"."""
    kinds = families("facts.txt", re.IGNORECASE)
    words = (kind.cues for left in ("noun", "place") for kind in kinds[left])
    return frozenset(word for cues in words for word in cues if word.isalpha())


def without_facts(text: str, found: set[str]) -> str:
    """Return `text` without those facts; `found` are its words without case."""
    if _DIGIT.search(text):
        found = found | {"0"}  # the cue of ages
    for left, kinds in families("facts.txt", re.IGNORECASE).items():
        for kind in kinds:
            if found.isdisjoint(kind.cues):
                continue
            if left == "nothing":
                text = _without(kind.pattern, text)
            elif left == "noun":
                text = kind.pattern.sub(_noun, text)
            else:
                text = kind.pattern.sub(partial(_neutral, left), text)
    return text


def _without(pattern: re.Pattern[str], text: str) -> str:
    """Return `text` without the matches, the words that join them to it, and stray punctuation."""
    kept: list[str] = []
    begins, end = True, 0  # whether a sentence begins here, and where the rest does
    for match in pattern.finditer(text):
        if match.start() < end:  # the joining words behind the last match
            continue
        before = text[end : match.start()]
        if joining := _JOINING.search(before, max(0, len(before) - _LONGEST_JOINING)):
            before = before[: joining.start()]
        before = before.rstrip(" ,")
        begins = before.endswith((".", "!", "?", "(", ")", '."', ".”", ".’")) or (
            begins and not before
        )
        end = match.end()
        if begins and (joined := _BREAK.match(text, end)):
            end = joined.end()
            before += " "
        kept.append(before)
    rest = text[end:]
    # A comma went before the match; a word behind it needs a blank.
    gap = " " if kept and rest[:1].isalnum() else ""
    return ("".join(kept) + gap + rest).lstrip() if kept else text


def _neutral(left: str, match: re.Match[str]) -> str:
    return left.capitalize() if match.group()[0].isupper() else left


def _noun(match: re.Match[str]) -> str:
    """ "as an Indian nurse" -> "as a nurse"."""
    text, article, kept = match.string, match["article"], match["kept"]
    if not article:
        return ""
    following = (kept or text[match.end() :])[:1].casefold()
    an = "an " if following in "aeiou" else "a "
    return text[match.start() : match.start("article")] + an + kept
