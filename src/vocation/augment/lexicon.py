"""Synonyms: a lexicon about work, interests and school, swapped only where the grammar allows it.

A line of lexicon.csv has a kind, words, and their replacements (empty: the words replace each
other). Forms are separated by slashes (a verb's base, -s, past = participle and -ing form; a noun's
singular and plural; "-" where there is none), alternatives by "|".
"""

from __future__ import annotations

import csv
import importlib.resources
import itertools
import random
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vocation.augment.guard import (
    ADVERBS,
    BEING,
    DETERMINERS,
    FUNCTION,
    HAVING,
    LIKING,
    MODALS,
    OTHERS,
    PREPOSITIONS,
    PRONOUNS,
    SUBJECTS,
    Guard,
    Word,
    negated,
    with_article,
    words,
)
from vocation.text.clean import word_set

SOME, MOST = (0.25, 0.8), (0.8, 1.0)
"""Range of the share of possible swaps that are made; MOST where SOME changes too little."""

_GRADING = word_set("the how so too as very more most less quite that this")
_NOT_LIKED = word_set("to it how that when what if myself you too and so")
_AFTER_VERB = word_set(
    "up out down off away back over together apart along on to in through myself yourself himself"
    " herself themselves"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One form: its kind, its slot (place among the forms), the same form of its replacements."""

    kind: str
    slot: int
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a text that may be swapped: words start to end (exclusive), its replacements."""

    start: int
    end: int
    instead: tuple[str, ...]


@lru_cache(maxsize=1)
def entries() -> dict[str, tuple[Entry, ...]]:
    """Every form in the lexicon, in lower case, with its entries."""
    found: dict[str, list[Entry]] = defaultdict(list)
    with (importlib.resources.files("vocation.augment") / "lexicon.csv").open(
        encoding="utf-8"
    ) as file:
        for line in csv.DictReader(file):
            mutual = not line["instead"]
            ours = _forms(line["words"])
            theirs = ours if mutual else _forms(line["instead"])
            for own in ours:
                for slot, form in enumerate(own):
                    instead = tuple(
                        other[slot]
                        for other in theirs
                        # The same slot only: a plural replaces a plural, a past form a past form.
                        if other is not own and slot < len(other) and other[slot] != "-"
                    )
                    if form != "-" and instead:
                        found[form.lower()].append(Entry(line["kind"], slot, instead))
    return {form: tuple(each) for form, each in found.items()}


@lru_cache(maxsize=1)
def _longest() -> dict[str, int]:
    """For each word with which a form begins, how many words the longest such form has."""
    found: dict[str, int] = {}
    for form in entries():
        parts = form.split(" ")
        found[parts[0]] = max(found.get(parts[0], 1), len(parts))
    return found


@lru_cache(maxsize=1)
def fixed() -> tuple[str, ...]:
    """Names of subjects, methods and trades of several words, which never change."""
    return tuple(
        (importlib.resources.files("vocation.augment") / "fixed.txt")
        .read_text(encoding="utf-8")
        # The last line has a line end, so the last part is empty.
        .split("\n")[:-1]
    )


def _forms(cell: str) -> list[tuple[str, ...]]:
    return [tuple(form.strip() for form in word.split("/")) for word in cell.split("|")]


# --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """The context of a form: the words before and after it in lower case.

    before, after: "" at the edge of a sentence or at punctuation. opens: it begins a sentence.
    comma: a comma follows.
    """

    before: str
    after: str
    opens: bool
    comma: bool


def _verb(place: Place, slot: int, noun_too: bool) -> bool:
    before, after = place.before, place.after
    # "the work" is no verb. "work out" is another verb than "work".
    if before in DETERMINERS - {"that", "which", "what", "this"} or after in _AFTER_VERB:
        return False
    if slot == 0:
        return (
            # "I work", "can work"; a form that is a noun as well needs such a sure sign.
            before in SUBJECTS | MODALS
            or (not noun_too and before not in BEING | HAVING)
            or (before in ADVERBS and not noun_too)
        )
    if slot == 1:
        return not noun_too or before in OTHERS or (place.opens and after in DETERMINERS)
    if slot == 2:
        return before in SUBJECTS | OTHERS | BEING | HAVING or (
            after in DETERMINERS if place.opens else not noun_too
        )
    # -ing forms: "I like baking", "by baking the bread".
    after_verb = before in BEING | LIKING
    return after_verb or (
        (before in PREPOSITIONS | {"and", "or"} or place.opens) and after in DETERMINERS | PRONOUNS
    )


def _noun(place: Place, slot: int) -> bool:
    verbal = MODALS | SUBJECTS | ADVERBS if slot == 0 else OTHERS - {"that", "which", "this"}
    return (
        place.before not in verbal
        and (place.after in FUNCTION or not place.after)
        and place.after != "of"
    )


_RULES: dict[str, Callable[[Place, int], bool]] = {
    "v": lambda place, slot: _verb(place, slot, False),
    "vn": lambda place, slot: _verb(place, slot, True),
    "n": _noun,
    "nd": lambda place, slot: _noun(place, slot) and place.before in DETERMINERS,
    "a": lambda place, _: place.before not in MODALS | SUBJECTS,
    "at": (
        lambda place, _: (
            place.before not in MODALS | SUBJECTS
            and bool(place.after)
            and place.after not in FUNCTION
        )
    ),
    "r": lambda place, _: place.before not in _GRADING and place.after != "of",
    "q": (
        lambda place, _: (
            place.before not in _GRADING and bool(place.after) and place.after not in FUNCTION
        )
    ),
    "c": lambda place, _: bool(place.after) and place.after != "of",
    "o": lambda place, _: place.opens and place.comma,
    "x": lambda place, _: True,
    "xp": lambda place, _: place.before in FUNCTION or place.opens or not place.before,
    "xl": lambda place, _: bool(place.after) and place.after not in _NOT_LIKED,
}


def _place(text: str, found: Sequence[Word], start: int, end: int) -> Place:
    before = (
        found[start - 1].lower
        if start and not text[found[start - 1].end : found[start].start].strip()
        else ""
    )
    # Behind the last word counts as punctuation.
    beyond = text[found[end - 1].end : found[end].start] if end < len(found) else "."
    after = found[end].lower if end < len(found) and not beyond.strip() else ""
    return Place(before, after, found[start].first, beyond.startswith(","))


def _blocked(text: str, found: Sequence[Word], guard: Guard) -> list[bool]:
    """Which words must stay: names, terms, and whole clauses that contain a negation."""
    blocked = [not word.plain for word in found]
    for a, b in guard.spans(text):
        blocked = [
            was or (word.start < b and word.end > a)
            for was, word in zip(blocked, found, strict=True)
        ]
    start = 0
    for i, word in enumerate(found):
        last = i + 1 == len(found)
        gap = "." if last else text[word.end : found[i + 1].start]
        # A clause ends at punctuation, at a dash between blanks, or before "but" and "and".
        # "hard-working" has no such gap, it is one word.
        if (gap != " " and re.search(r"[.,;:!?()\n–—]|\s-\s", gap)) or found[i + 1].lower in (
            "but",
            "and",
        ):
            if any(negated(each.lower) for each in found[start : i + 1]):
                blocked[start : i + 1] = [True] * (i + 1 - start)
            start = i + 1
    return blocked


def spots(text: str, guard: Guard, kinds: Sequence[str] = ()) -> list[Spot]:
    """Where `text` may be swapped, the longest entry at each place; `kinds`: only entries of these.

    No two spots overlap.
    """
    found = words(text)
    blocked = _blocked(text, found, guard)
    table, longest, result, i = entries(), _longest(), [], 0
    while i < len(found):
        if blocked[i] or found[i].lower not in longest:
            i += 1
            continue
        # From the longest phrase down to the single word.
        for size in range(min(longest[found[i].lower], len(found) - i), 0, -1):
            part = found[i : i + size]
            inner = (text[a.end : b.start] for a, b in itertools.pairwise(part))
            # A phrase must stand in one piece: "in, fact" is not "in fact".
            if any(blocked[i : i + size]) or any(gap != " " for gap in inner):
                continue
            form = " ".join(word.lower for word in part)
            known = [entry for entry in table.get(form, ()) if not kinds or entry.kind in kinds]
            if not known:
                continue
            place = _place(text, found, i, i + size)
            instead = [
                other
                for entry in known
                if _RULES[entry.kind](place, entry.slot)
                for other in entry.instead
            ]
            if instead:
                result.append(Spot(i, i + size, tuple(dict.fromkeys(instead))))
            # A known phrase that may not be swapped is not swapped word by word either.
            i += size - 1
            break
        i += 1
    return result


def swap(
    text: str,
    guard: Guard,
    rng: random.Random,
    kinds: Sequence[str] = (),
    share: tuple[float, float] = SOME,
) -> str:
    """`text` with synonyms in some of the spots, at random; unchanged where there are none."""
    found, possible = words(text), spots(text, guard, kinds)
    if not possible:
        return text
    least, most = (max(1, round(part * len(possible))) for part in share)
    chosen = sorted(rng.sample(possible, rng.randint(least, most)), key=lambda spot: spot.start)
    result, end = [], 0
    for spot in chosen:
        first = found[spot.start]
        new = _like(first, text, rng.choice(spot.instead))
        # "a job" becomes "an occupation": the article goes with the new word.
        result += [with_article(text[end : first.start], new), new]
        end = found[spot.end - 1].end
    return "".join([*result, text[end:]])


def _like(first: Word, text: str, new: str) -> str:
    """`new` with the capital (or the small "i") of the word that it stands for."""
    if first.text[0].islower():
        return (
            # A writer who writes "i" gets no capital I from the lexicon.
            re.sub(r"\bI\b", "i", new)
            if first.lower == "i" or re.search(r"(?<![\w.])i(?:'m|'d|'ve)?\b", text)
            else new
        )
    return new[0].upper() + new[1:] if first.first else new
