"""Words without their inflection and spelling: what "weld", "welding" and "welds" have in common.
English, by a dozen rules.
"""

from __future__ import annotations

import re

_SPELLING = tuple(
    pair.split(">")
    for pair in (
        "isation>ization",
        "ising>izing",
        "ised>ized",
        "ise>ize",
        "yse>yze",
        "lling>ling",
        "lled>led",
        "our>or",
        "tre>ter",
        "ence>ense",
    )
)


_BRITISH = tuple(british for british, _ in _SPELLING)
_VOWEL = re.compile("[aeiouy]")


def base(word: str) -> str:
    """A word without case, possessive, version number, plural and American or British spelling."""
    word = word.casefold()
    if word.endswith(("'s", "’s")):
        word = word[:-2]
    if word[-1:].isdigit():
        word = re.sub(r"(?<=[a-z]{3})\d{1,2}$", "", word)
    if len(word) > 3 and word[-1] == "s":
        if word.endswith("ies"):
            word = word[:-3] + "y"
        elif word.endswith(("sses", "xes", "ches", "shes")):
            word = word[:-2]
        elif not word.endswith(("ss", "us", "is")):
            word = word[:-1]
    if word.endswith(_BRITISH):
        british, american = next(pair for pair in _SPELLING if word.endswith(pair[0]))
        word = word[: -len(british)] + american
    return word


def stem(word: str) -> str:
    """What `weld`, `welding` and `welded` or `negotiate` and `negotiation` have in common; `word`
    is a `base`.
    """
    if word.endswith("ied"):
        word = word[:-3] + "y"
    if word.endswith(("ation", "ing", "ed")) and not word.endswith("eering"):
        for ending, least, cut in (("ation", 8, 3), ("ing", 6, 3), ("ed", 5, 2)):
            if len(word) >= least and word.endswith(ending) and _VOWEL.search(word[:-cut]):
                word = word[:-cut]
                break
    if len(word) > 3 and word[-1] == "e":
        word = word[:-1]
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word
