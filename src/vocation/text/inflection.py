"""Reduce English words to what "weld", "welding" and "welds" have in common, by a dozen rules."""

from __future__ import annotations

import re

_SPELLING = {  # British endings and the American ones; the first that fits counts
    "isation": "ization",
    "ising": "izing",
    "ised": "ized",
    "ise": "ize",
    "yse": "yze",
    "lling": "ling",
    "lled": "led",
    "our": "or",
    "tre": "ter",
    "ence": "ense",
}
_BRITISH = tuple(_SPELLING)
_VOWEL = re.compile("[aeiouy]")


def singular(word: str) -> str:
    """Return `word`, in small letters, without its plural ending; "bus" and "glass" have none."""
    if len(word) < 4 or word[-1] != "s":
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word if word.endswith(("ss", "us", "is")) else word[:-1]


def base(word: str) -> str:
    """Return `word` without case, possessive, version number, plural and British spelling."""
    word = word.casefold()
    if word.endswith(("'s", "’s")):
        word = word[:-2]
    # "python3" is "python", but "h2" and "k8s" stay.
    if word[-1:].isdigit():
        word = re.sub(r"(?<=[a-z]{3})\d{1,2}$", "", word)
    word = singular(word)
    if word.endswith(_BRITISH):
        british = next(ending for ending in _BRITISH if word.endswith(ending))
        word = word[: -len(british)] + _SPELLING[british]
    return word


def stem(word: str) -> str:
    """Return what `weld` and `welding`, `negotiate` and `negotiation` have in common.

    `word` is a `base`.
    """
    if word.endswith("ied"):
        word = word[:-3] + "y"
    if word.endswith(("ation", "ing", "ed")) and not word.endswith("eering"):
        # A stem has a vowel: "welding" is cut, "spring" is not.
        for ending, least, cut in (("ation", 8, 3), ("ing", 6, 3), ("ed", 5, 2)):
            if len(word) >= least and word.endswith(ending) and _VOWEL.search(word[:-cut]):
                word = word[:-cut]
                break
    # "bake" and "baking", "plan" and "planning" differ only here.
    if len(word) > 3 and word[-1] == "e":
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word
