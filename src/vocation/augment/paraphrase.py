"""Paraphrase: sentences are rephrased by rules, split, merged and reordered, and phrases swapped.

Sentences that contain a negation stay as they are.
"""

from __future__ import annotations

import random
import re

from vocation.augment.guard import Guard, denies, sentences
from vocation.augment.lexicon import swap
from vocation.augment.questions import question
from vocation.augment.rules import STATEMENTS, few, lower, upper

_PHRASES = ("c", "o", "r", "x", "xl", "xp")
"""The kinds of lexicon entries that change a phrase, not a single word."""

_REFERRING = re.compile(
    r"\b(?:its?|they|them|he|him|she|her|this|that|these|those|ones?|such|there|then|so|too|also"
    r"|now|but|still|even|both)\b",
    re.IGNORECASE,
)
"""Words that refer to the sentence before: such a sentence keeps its place."""


def rewrite(sentence: str, rng: random.Random) -> str:
    """Apply up to two random rules to one sentence (with its end mark)."""
    # Always matches: the first part takes whatever is no end mark.
    body, end = re.fullmatch(r"(.*?)([.!?…]*)", sentence, re.DOTALL).groups()  # type: ignore[union-attr]
    if not body or denies(body):
        return sentence
    if "?" in end:
        return (question(body, rng) or body) + end
    small = body[0].islower()
    applied = 0
    for rule in rng.sample(STATEMENTS, len(STATEMENTS)):
        # The rules know the pronoun only as a capital I.
        changed = rule(body if not re.match(r"i\b", body) else f"I{body[1:]}", rng)
        if changed:
            body, applied = changed, applied + 1
        if applied == 2 or (applied and rng.random() < 0.5):
            break
    if applied and small:  # keep the style of a text without capital letters
        body = re.sub(r"\bI\b", "i", body)
        body = body[0].lower() + body[1:] if body[1:2].islower() or body[1:2] == " " else body
    return body + end


def _split(sentence: str, rng: random.Random) -> list[str]:
    """ "I bake, and I sell" -> "I bake." "I sell"; also at semicolons between whole clauses."""
    match = re.fullmatch(
        # Both halves must be long enough for a sentence. "I bake, and sell." does not match: the
        # second half needs a subject of its own.
        r"(.{12,}?)(?:, (and|but|so)|;) ((?:I|we|you|they|it|he|she|there|(?<!and )(?:my|the))"
        r" .{8,}[.!])",
        sentence,
    )
    if (
        not match
        or rng.random() < 0.3
        # Such a clause cannot stand alone as a sentence.
        or re.match(r"(?:When|If|Because|Although|While|Since|Once|As|After|Before)\b", match[1])
    ):
        return [sentence]
    joint = {"and": "", None: "", "but": "But ", "so": "So "}[match[2]]
    return [f"{match[1]}.", f"{joint}{match[3] if joint else upper(match[3])}"]


def _merge(parts: list[str], rng: random.Random) -> list[str]:
    """ "I bake." "I sell." -> "I bake, and I sell.", once in a text."""
    for i in rng.sample(range(len(parts) - 1), max(0, len(parts) - 1)):
        one, two = parts[i], parts[i + 1]
        both = all(
            re.fullmatch(r"(?:I|My) [^,;:?!]+\.", part) and few(part, 12) and not denies(part)
            for part in (one, two)
        )
        # A second "and" would make a chain.
        if both and " and " not in one:
            return [
                *parts[:i],
                f"{one[:-1]}, and {two if two.startswith('I') else lower(two)}",
                *parts[i + 2 :],
            ]
    return parts


def _exchange(parts: list[str], rng: random.Random) -> list[str]:
    """Swap two neighbouring sentences in the first person, once in a text."""
    free = [
        bool(re.match(r"(?:I|My)\b", part)) and part.endswith(".") and not _REFERRING.search(part)
        for part in parts
    ]
    places = [i for i in range(len(parts) - 1) if free[i] and free[i + 1]]
    if places:
        i = rng.choice(places)
        return [*parts[:i], parts[i + 1], parts[i], *parts[i + 2 :]]
    return parts


def paraphrase(text: str, guard: Guard, rng: random.Random) -> str:
    """Return `text` in other words, at random; unchanged where no rule applies."""
    parts = [
        new for old in sentences(text) for new in (_split(old, rng) if not denies(old) else [old])
    ]
    parts = [rewrite(part, rng) if rng.random() < 0.8 else part for part in parts]
    if rng.random() < 0.5:
        parts = _exchange(parts, rng)
    # Only where nothing was split: merging would undo it.
    if len(parts) == len(sentences(text)) and rng.random() < 0.4:
        parts = _merge(parts, rng)
    new = " ".join(parts)
    # An unchanged text gets phrases swapped in any case.
    return new if new != text and rng.random() < 0.4 else swap(new, guard, rng, _PHRASES)
