"""What a rewriting must know of English: word classes, and what a variant must never change."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from vocation.text.clean import word_set
from vocation.text.inflection import singular

# One word: with inner marks (hard-working, node.js, CI/CD), its signs (C++, C#) and a leading dot
# (.NET).
_WORD = re.compile(r"(?:(?<![\w.])\.(?=[A-Z]))?\w[\w'’]*(?:[-./&][\w'’+#]+)*[+#]*")


DETERMINERS = word_set(
    "the a an my our your his her its their this that these those some any each every another which"
    " what whose"
)
SUBJECTS = word_set("i we you they people who")
OTHERS = word_set("he she it who that which somebody someone everybody everyone this")
MODALS = word_set(
    "can could will would should must may might shall i'd i'll we'll you'll we'd you'd they'd"
    " they'll let's to"
)
BEING = word_set("am is are was were be been being i'm you're we're they're he's she's it's")
HAVING = word_set("have has had i've we've you've they've")
LIKING = word_set(
    "like love enjoy prefer keep start started kept liked loved enjoyed likes loves enjoys spend"
    " spent adore"
)
PREPOSITIONS = word_set(
    "of in at by for with on about from into through over under between behind before after during"
    " without within across along around against near since until till toward towards among above"
    " below beside inside outside onto upon off than as like per via despite"
)
JOINING = word_set(
    "and or but because although though while when whenever where if so that then who which what"
    " how why since until once"
)
ADVERBS = word_set(
    "always often usually sometimes also really still just only even already now then there here"
    " too again soon later today mostly mainly together away back out up down well very quite"
    " almost currently normally generally well home"
)
PRONOUNS = word_set(
    "i me you he him she her it we us they them myself yourself himself herself itself ourselves"
    " themselves everyone everybody someone somebody something everything anything mine yours ours"
    " theirs"
)
FUNCTION = (
    DETERMINERS
    | SUBJECTS - {"people"}
    | OTHERS
    | MODALS
    | BEING
    | HAVING
    | PREPOSITIONS
    | JOINING
    | ADVERBS
    | PRONOUNS
    | {"do", "does", "did", "to"}
)

_NEGATIONS = word_set(
    "not never no none nobody nothing nowhere neither nor cannot without hardly barely rarely"
    " seldom hate hates hated dislike dislikes disliked unless dont doesnt didnt cant couldnt wont"
    " wouldnt isnt arent wasnt werent shouldnt havent hasnt hadnt except instead"
)
# What counts as the same negation. "instead" and "except" block a rule, but a variant from
# elsewhere may put them in other words.
_SAME_NEGATION = {"cannot": "not", "instead": "", "except": ""}
_NUMBERS = word_set(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred"
    " thousand million half twice third quarter dozen"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text.

    text: as it stands. lower: in lower case with a plain apostrophe. start, end: its place in the
    text. first: whether a sentence begins with it.
    """

    text: str
    lower: str
    start: int
    end: int
    first: bool

    @property
    def plain(self) -> bool:
        """Whether it is lower case (or begins a sentence): no name, abbreviation or number."""
        if self.text in ("I", "I'm", "I'd", "I've", "I'll", "I’m", "I’d", "I’ve", "I’ll"):
            return True
        shown = self.text[:1].lower() + self.text[1:] if self.first else self.text
        # "bread" is plain; "Bread" inside a sentence, "SQL" and "node.js" are not.
        return shown == self.text.lower() and not re.search(r"[\d+#./&_]", self.text)


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[Word, ...]:
    """The words of `text` in order."""
    found: list[Word] = []
    end = 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        # The common gap is one blank: testing for it first saves the search.
        first = not found or (between != " " and bool(re.search(r"[.!?:;\n•(\"“]", between)))
        found.append(
            Word(
                match.group(),
                match.group().lower().replace("’", "'"),
                match.start(),
                match.end(),
                first,
            )
        )
        end = match.end()
    return tuple(found)


def negated(lower: str) -> bool:
    """Whether a word in lower case is a negation."""
    return lower in _NEGATIONS or lower.endswith("n't") or lower in ("no-one", "non")


def denies(text: str) -> bool:
    """Whether `text` contains a negation: such a clause stays as it is."""
    return any(negated(word.lower) for word in words(text))


def with_article(before: str, word: str) -> str:
    """`before`, the text in front of `word`, with its last "a" or "an" as the word needs it."""
    # "I am an " matches, "banana " does not: the a must begin a word.
    match = re.fullmatch(r"(.*(?<!\w)[Aa])n?( )", before, re.DOTALL)
    if not match:
        return before
    # "a user", "a European", "a one-off": a vowel letter with the sound of a consonant.
    like_you = re.match(
        r"(?:use|usual|util|uni(?!n|m)|ura|one\b|one-|once|euro)", word, re.IGNORECASE
    )
    # "hour" and "honest" have a silent h.
    vowel = not like_you and bool(re.match(r"[aeiou]|hour|honest|heir", word, re.IGNORECASE))
    return f"{match[1]}{'n' if vowel else ''}{match[2]}"


class Guard:
    """What a variant must keep: terms (skills, careers), names, numbers and negations."""

    def __init__(self, terms: Iterable[str]) -> None:
        """`terms` are kept as whole phrases: in any case, singular or plural, hyphenated or not."""
        self._terms: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for term in terms:
            parts = tuple(part for word in words(term) for part in _parts(word.lower))
            # A term of one letter (R, C) would be found in ordinary words; its capital guards it.
            if parts and len("".join(parts)) > 1 and parts not in self._terms[parts[0]]:
                self._terms[parts[0]].append(parts)
        for known in self._terms.values():
            # The longest first: "data science" must not be found as "data".
            known.sort(key=len, reverse=True)
        self._last: tuple[str, Counter[str]] = "", Counter()

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where terms stand in `text`, the longest at each place."""
        return [span for span, _ in self._named(text)]

    def kept(self, original: str, variant: str) -> bool:
        """Whether `variant` has the same names, numbers and negations as `original`, as often."""
        # One original is compared with several variants in a row.
        if self._last[0] != original:
            self._last = original, self._content(original, original)
        return self._last[1] == self._content(variant, original)

    def _named(self, text: str) -> list[tuple[tuple[int, int], str]]:
        pieces = _pieces(text)
        found, i = [], 0
        while i < len(pieces):
            first = pieces[i][0]
            known = self._terms.get(first, [])
            for parts in (
                # "Databases" may begin a term that is known as "database".
                [*known, *self._terms.get(singular(first), [])] if first[-1] == "s" else known
            ):
                there = tuple(part for part, _ in pieces[i : i + len(parts)])
                if there == parts or (*there[:-1], singular(there[-1])) == parts:
                    end = pieces[i + len(parts) - 1][1].end
                    if (
                        "."
                        # A term does not run over a sentence's end; .NET and .js end none.
                        not in text[pieces[i][1].start : end].replace(".net", "").replace(".js", "")
                        or len(parts) == 1
                    ):
                        found.append(((pieces[i][1].start, end), " ".join(parts)))
                        i += len(parts) - 1
                        break
            i += 1
        return found

    def _content(self, text: str, original: str) -> Counter[str]:
        found = Counter(name for _, name in self._named(text))
        # Of the original: a name that begins a sentence of the variant is still recognised.
        special = _special(original)
        for word in words(text):
            if negated(word.lower):
                kind = (
                    "not"
                    if word.lower.endswith(("n't", "nt"))
                    else _SAME_NEGATION.get(word.lower, word.lower)
                )
                # All short forms count as "not": "don't" may become "do not".
                found[f"denied {kind}"] += 1 if kind else 0
            elif (
                word.lower in special
                or word.lower in _NUMBERS
                or re.search(r"[\d+#]", word.text)
                or (not word.first and not word.plain)
            ):
                found[f"named {word.lower}"] += 1
        # The plus drops entries of 0: negations that a variant may put in other words.
        return +found


@lru_cache(maxsize=8192)
def _pieces(text: str) -> list[tuple[str, Word]]:
    """The parts of the words of `text`, cut at hyphens and slashes, each with its word."""
    return [(part, word) for word in words(text) for part in _parts(word.lower)]


def _parts(lower: str) -> list[str]:
    return [part for part in re.split(r"[-/]", lower) if part] or [lower]


@lru_cache(maxsize=4096)
def _special(text: str) -> frozenset[str]:
    """Names, abbreviations and words with signs or digits in `text`, in lower case."""
    return frozenset(word.lower for word in words(text) if not word.plain)


def sentences(text: str) -> list[str]:
    """Split `text` after each sentence; joined by blanks the parts are the text again."""
    # Splits "I bake. I sell."; "node.js" and "e.g. bread" stay whole.
    return [part for part in re.split(r"(?<=[.!?])\s+(?=[A-Z\"“(]|i\b|i')", text) if part]
