"""Notice texts that need a person rather than a career: distress, and choosing among people.

English only. The rules are lists of word families in small windows, in the first person and the
present: "I want to work with victims of violence", "this job is killing me" and "when I was
fourteen I wanted to die, now I want to be a therapist" are ordinary texts. They miss what they
have no words for, and are no substitute for a person who reads.
"""

from __future__ import annotations

import re

from vocation.text.families import Family, families

ANSWERS = {
    "distress": (
        "what you write sounds very hard, and it matters more than a career",
        "Is there somebody you trust whom you can talk to today? If you or somebody else is in"
        " danger, please call your local emergency number.",
    ),
    "people": (
        "this tool answers a person about themselves: it does not rank people or choose among them",
        "What do you yourself like to do, and what are you good at?",
    ),
}
"""What is said instead of careers, and what is asked, by the results of `concern`."""

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
    rules = families("care.txt")
    for code in ANSWERS:
        if any(_speaks(family, *pair) for family in rules[code] for pair in pairs):
            return code
    return None


def _speaks(family: Family, sentence: str, words: frozenset[str]) -> bool:
    if family.cues and family.cues.isdisjoint(words):
        return False
    said = any(
        not _REPORTED.search(sentence[: match.start()])
        for match in family.pattern.finditer(sentence)
    )
    # Last, because hardly any text comes this far.
    return said and not (family.unless and family.unless.search(sentence))


def _own_words(text: str) -> str:
    """`text` without what it quotes, unless there is little else."""
    rest = _QUOTED.sub(" ", text)
    return rest if len(rest.split()) > 3 else text
