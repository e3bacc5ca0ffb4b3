"""Mask what a text says about who somebody is: names, titles, pronouns, age, origin, faith, health.

Training and serving share this one function; people are shown and quoted their own words. English
only. It leans to the safe side: a name that is also a word ("May", "Grace"), a place, a skill
("Ruby") or a role ("Dean") is masked only where a text introduces somebody by it, or speaks of
somebody (`people`). So is a word that no list has, unless the text says "my name is": "Kubernetes"
and "Xolani" look the same, and a skill must not vanish from a text. Age, origin, faith, health and
family go where they say nothing about a wish (`facts`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import NamedTuple

from vocation.text.clean import word_set
from vocation.text.facts import without_facts, words_of_facts
from vocation.text.gender import NO_NOUN, neutral
from vocation.text.people import BEHIND_OBJECT, CAPITAL_WITHIN, PLACES, in_title, is_thing

MASKING = 4
"""Version of these rules, of those in `gender`, `people` and `facts`, and of names.txt,
no_names.txt and facts.txt, raised with every change.

A model must read what it has learnt to read.
"""

# "Anna", "O'Neil", "Jean-Luc"; of "Anna's" only "Anna".
_NAME = r"[^\W\d_]+(?:['’-](?!s\b)[^\W\d_]+)*"
_NAMES = rf"{_NAME}(?:\s{_NAME}){{0,2}}"
# What joins a name to the rest goes with it: ", and" of "I'm Anna, and I weld".
_BREAK = r"(?:\s*[,.;:!–—-]+(?=\s|$))?(?:\s*(?:and\b|&))?\s*"

_TITLE = re.compile(
    rf"\b(Mrs?|Ms|Mx|Miss|Mister|Sir|Madam)\b\.?(?:\s+({_NAME}(?:\s{_NAME})?))?", re.IGNORECASE
)
_CALLED = re.compile(
    r"(\b(?:my (?:\w+ )?name(?: is|['’]s)|I go by|(?:I am |I['’]m )?known as"
    rf"|(?:I am|I['’]m) called|name:)\s+)({_NAMES})({_BREAK})",
    re.IGNORECASE,
)
# The empty group is the rest: `drop` expects three groups.
_CALL_ME = re.compile(rf"(\bcall(?:s|ed)? me\s+)({_NAMES})()", re.IGNORECASE)
_I_AM = re.compile(
    rf"(\b(?:I['’]?m|I am)\s+)({_NAMES})"
    r"(?=\s*(?:[,.;:!?()–—-]|$)|\s+(?:and|from|aged|here|but|\d+)\b)"
    rf"({_BREAK})",
    re.IGNORECASE,
)
_THIS_IS = re.compile(rf"(\bthis is\s+)({_NAMES})(?=\s*[,.!;–—-])({_BREAK})", re.IGNORECASE)
_HERE = re.compile(
    rf"((?:^|(?<=[.!?]\s))(?:(?:hi|hello|hey)(?:\s+(?:there|all|everyone))?[,!.]?\s+)?)({_NAME})"
    r"(\s+here\b(?=\s*(?:[,.;:!–—-]|$))\s*[,.;:!–—-]*\s*)",
    re.IGNORECASE,
)
_AGE = (  # "Nursing, 12 years" is no age, nor is "Sales, 10+"
    r"\d{1,2}\b(?!\s*\+|\s*(?:[a-z]{3,}s|year|yrs?)\b(?!\s+(?:old|of age|young)))"
)
_I_AM_AGED = re.compile(rf"(\bi['’]?m\s+)({_NAME})(,\s+(?={_AGE}))")
_AGED = re.compile(
    rf"(^|(?<=[.!?)]\s))({_NAME})(,\s*(?={_AGE})|\s*\(\s*(?:1[3-9]|[2-9]\d)\s*\)\s*)"
)
_SIGNED = re.compile(
    r"((?:[.!?]\s*[–—-]{1,2}"
    r"|\b(?:best|regards|wishes|thanks|thank you|cheers|yours|love|sincerely)[,!])\s*)"
    rf"({_NAME}(?:\s{_NAME})?)([.!]?$)",
    re.IGNORECASE,
)
_ASKED = re.compile(
    rf"(\b(?:ask(?:s|ed)?(?:\s+for)?|t(?:ell|ells|old)|thank(?:s|ed)?)\s+)({_NAME})()"
    rf"(?![-\w]){BEHIND_OBJECT}",
    re.IGNORECASE,
)
_SAYS = re.compile(rf"(\b(?:says|said)\s+)({_NAME})()(?=\s*(?:[,.;!\"”]|$))", re.IGNORECASE)
_SPOKEN_TO = re.compile(
    rf"((?:^|[\"“‘.!?:]\s?))({_NAME})(,\s+)(?=(?:you|your|can you|could you|please)\b)",
    re.IGNORECASE,
)
_WHOLE = re.compile(rf"(?<![\w’'-]){_NAME}(?:['’]s\b)?")
# Behind these a word stands within a sentence; a full stop is not among them.
_WITHIN = re.compile(r"[\w,;)'’]\s+$")
_LONG = 5  # letters from which a listed name in small letters is no other word

# What is capital behind "I am" and yet no name: words of roles by their ending, and short ones.
_ROLE = re.compile(
    r"(?:er|or|ist|ian|man|woman|ant|eer|ess|ive|ent|nurse|chef|cook|clerk|vet|coach|guide|judge"
    r"|pilot|nanny|guard|smith|wright|geek|dad|mum|mom|bsc|msc)s?$"
)

# Behind capital words these make a title of them, "Web Developer"; none is a frequent surname.
_TITLE_NOUN = word_set(
    "accountant administrator advisor agent analyst apprentice architect artist assistant associate"
    " attendant consultant coordinator counselor counsellor designer developer dentist director"
    " editor electrician engineer expert graduate guard hygienist instructor intern journalist"
    " lawyer librarian machinist major manager mechanic midwife nurse officer operator paramedic"
    " pharmacist photographer physician pilot planner producer professor programmer psychologist"
    " recruiter representative researcher scientist secretary specialist student supervisor surgeon"
    " surveyor teacher technician technologist tester therapist trainee trainer translator tutor"
    " veterinarian welder worker"
)

_NO_NAME = re.compile(rf"{_ROLE.pattern}|(?:ed|ing|ly|y)$|^(?:{'|'.join(sorted(NO_NOUN))})$")

_LETTERS = re.compile(r"[^\W\d_]+")
# Removed names leave blanks before punctuation, empty brackets and double blanks.
_TIDY = (
    (re.compile(r"\s+(?=[,.;:!?)])|(?<=\()\s+"), ""),
    (re.compile(r"\(\)|\[\]"), ""),
    (re.compile(r"\s{2,}"), " "),
)
_LEADING = re.compile(r"^[\s,.;:!?–—&-]+(?=\w)")


# Behind a capital word these say that it is a skill, a tool or a brand.
_BEHIND_SKILL = _TITLE_NOUN | word_set(
    "certified trained qualified licensed accredited registered savvy obsessed mad fan geek guru"
    " nerd lover ninja wizard enthusiast enthusiastic admin user skills skill experience course"
)
_JOINING = word_set("aged here currently just still then also born")

_TITLES = word_set("mr mrs ms mx miss mister sir madam")


@cache
def _no_names() -> frozenset[str]:
    """The words of no_names.txt, without case, and those of facts."""
    text = (resources.files("vocation.text") / "no_names.txt").read_text(encoding="utf-8")
    lines = (line for line in text.casefold().split("\n") if line[:1] != "#")
    facts = words_of_facts() - frozenset().union(*listed())
    return facts.union(word for line in lines for word in line.split())


@cache
def listed() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The names of names.txt, without case: those masked wherever they stand, those masked with a
    capital letter within a sentence, and those masked only where a text introduces somebody.
    """
    text = (resources.files("vocation.text") / "names.txt").read_text(encoding="utf-8")
    # Two headings of the file separate its three lists.
    plain, capital, words = re.split("## in capitals|## also words", text)
    sets = (
        frozenset(
            word.casefold()
            for line in part.split("\n")[1:]
            if line[:1] != "#"
            for word in line.split()
        )
        for part in (plain, capital, words)
    )
    return next(sets), next(sets), next(sets)


def mask_person(text: str) -> str:
    """Return `text` (cleaned) without names, titles, and facts about who the writer is.

    Gendered words become neutral ones: she, he -> they; mother, father -> parent; girl, man ->
    person. A text that has nothing of that kind is returned unchanged. Masking twice changes hardly
    anything more: what goes may leave the beginning of a sentence that goes, too.
    """
    # With the words as a set, rules whose cue is missing cost no search.
    found = set(_LETTERS.findall(text.casefold()))
    changed = neutral(without_facts(_without_names(text, found), found), found)
    return text if changed == text else _tidy(changed)


# --------------------------------------------------------------------------------------------------


class _Written(NamedTuple):
    """The words of a text, and whether it has no capital letter: looked at once, not per name."""

    words: frozenset[str]
    small: bool


@dataclass(frozen=True, slots=True)
class _Introduction:
    """A place where a text introduces somebody, or speaks of somebody by name.

    `pattern` has three groups: the words before, the possible names, the rest. No such place exists
    without one of the words `cues` (empty: it can be anywhere). The words before go with the name
    unless `keeps_before`.
    """

    cues: frozenset[str]
    pattern: re.Pattern[str]
    keeps_before: bool = False
    certain: bool = False
    """What follows is a name, listed or not: it is removed elsewhere, too."""
    roles: bool = False
    """A word that sounds like a role is a name here, too."""
    listed_only: bool = False
    small: bool | None = None
    """Whether an unlisted name may be in small letters; False: in a text without a capital."""
    left: str | None = None
    """Put in place of a name of somebody else, within a sentence; what may be a thing is no name
    there. None: somebody is introduced.
    """

    def drop(self, match: re.Match[str], removed: set[str], written: _Written) -> str:
        """Return the match without its name; add names to remove elsewhere to `removed`.

        `written` is the whole text.
        """
        before, names, rest = match.groups()
        words = names.split()
        if self.left is not None and in_title(match.string, match.start(2)):
            return match.group()
        size = self._size(words, written)
        if not size:
            return match.group()
        plain, capital, also_words = listed()
        for word in words[:size]:
            low = _stem(word)
            sure = low in plain or low in capital or (self.certain and low not in also_words)
            if sure and word[0].isupper():
                removed.add(low)
        kept = words[size:]
        # The pattern takes up to three words: of "Anna and weld" only "weld" stays.
        if kept and kept[0] in ("and", "&"):
            kept = kept[1:]
        if self.left is not None:
            return " ".join((before + self.left, *kept)) + rest
        start = before if self.keeps_before else ""
        return f"{start}{' '.join(kept)}{rest}" if kept else start

    def _size(self, words: list[str], written: _Written) -> int:
        """How many of `words`, from the first one on, are names."""
        plain, capital, also_words = listed()
        first = words[0].casefold()
        known = first in plain or first in capital or first in also_words
        if not known and (
            self._is_no_person(words, written) or (self.left is not None and is_thing(words))
        ):
            return 0
        size = 0
        while size < len(words) and _is_name(words[size], size == 0, self.roles, self.listed_only):
            size += 1
        if size:
            titled = not self.roles and words[-1].casefold() in _TITLE_NOUN and first not in plain
            return 0 if titled else size
        small = self.small or (self.small is False and written.small)
        alone = len(words) == 1 or words[1] in NO_NOUN
        other = first in NO_NOUN if self.certain else _NO_NAME.search(first)
        return int(small and alone and first == words[0] and not other)

    def _is_no_person(self, words: list[str], written: _Written) -> bool:
        """Whether `words`, which begin with an unlisted one, are a skill or a tool rather than a
        person: "Kubernetes certified", "Montessori-trained", "Welding" where the text also welds.
        """
        low = words[0].casefold()
        if low in _no_names() or (words[0] != low and low in written.words):
            return True
        if self.certain:
            return False
        if words[0].rpartition("-")[2].islower() and "-" in words[0]:
            return True
        if any(word.casefold() in _BEHIND_SKILL for word in words[1:]):
            return True
        # A word in small letters behind a name joins on: "and", "from", "currently", "studying".
        # Any other one is what the capital word belongs to: "Lego mad", "Salesforce guru".
        behind = next((word for word in words[1:] if not _is_name(word, False, True, False)), "")
        joins = behind in NO_NOUN or behind in _JOINING or behind.endswith(("ly", "ing"))
        return bool(behind) and not joins


_INTRODUCTIONS = (
    _Introduction(word_set("name by called known"), _CALLED, certain=True, roles=True, small=True),
    _Introduction(
        word_set("call calls called"),
        _CALL_ME,
        keeps_before=True,
        certain=True,
        roles=True,
        small=False,
    ),
    _Introduction(word_set("m im am"), _I_AM),
    _Introduction(word_set("here"), _HERE, small=False),
    # "This is Kubernetes." introduces nobody: listed names only.
    _Introduction(word_set("this"), _THIS_IS, roles=True, listed_only=True),
    _Introduction(word_set("ask asks asked tell tells told thank thanks thanked"), _ASKED, left=""),
    _Introduction(word_set("says said"), _SAYS, left=""),
    _Introduction(word_set("you your"), _SPOKEN_TO, keeps_before=True),
    _Introduction(word_set("m im"), _I_AM_AGED, small=True),
    _Introduction(frozenset(), _AGED, small=True),
    _Introduction(frozenset(), _SIGNED, keeps_before=True, roles=True, small=True),
)
_SPOKEN_OF = tuple(
    _Introduction(place.cues, place.pattern, roles=True, left=place.left) for place in PLACES
)


def _without_names(text: str, found: set[str]) -> str:
    removed: set[str] = set()
    written = _Written(frozenset(_LETTERS.findall(text)), text.islower())
    if not found.isdisjoint(_TITLES):
        text = _TITLE.sub(_untitled, text)
    for place in _INTRODUCTIONS:
        if not place.cues or not found.isdisjoint(place.cues):
            text = place.pattern.sub(
                partial(_Introduction.drop, place, removed=removed, written=written), text
            )
    capitals = CAPITAL_WITHIN.findall(text)
    if any(word.casefold() not in _no_names() and not is_thing([word]) for word in capitals):
        for place in _SPOKEN_OF:
            if not found.isdisjoint(place.cues):
                text = place.pattern.sub(
                    partial(_Introduction.drop, place, removed=removed, written=written), text
                )
    plain, capital, _ = listed()
    removed |= found & plain | found & capital
    return _WHOLE.sub(lambda match: _anywhere(match, removed), text) if removed else text


def _untitled(match: re.Match[str]) -> str:
    """Return the match without the title and the names behind it.

    "miss" in small letters and "MS" are other words, unless a known name follows.
    """
    title, names = match.groups()
    words = (names or "").split()
    size = 0
    while size < len(words) and (
        words[size][0].isupper() or _is_name(words[size], True, True, True)
    ):
        size += 1
    # "call me Sir" is a title without a name behind it.
    called = match.string[: match.start()].endswith(" me ")
    sure = (
        called
        or title in ("Mr", "Mrs", "Ms", "Mx", "mr", "mrs", "mx")
        or (title[0].isupper() and title.casefold() != "ms" and size)
    )
    if not sure and not any(_is_name(word, True, True, True) for word in words[:1]):
        return match.group()
    return " ".join(words[size:])


def _is_name(word: str, first: bool, roles: bool, listed_only: bool) -> bool:
    """Whether `word` is a name where one is introduced; `first` of the words that stand there.

    An unlisted capital word is one unless it sounds like a role (with `roles` even then).
    """
    low, (plain, capital, also_words) = word.casefold(), listed()
    if low in NO_NOUN or len(low) == 1:
        return False
    if low in plain and (first or word[0].isupper()):
        return True
    # A word all in capitals is rather an abbreviation, such as "SQL".
    if not word[0].isupper() or (len(word) > 1 and word.isupper()):
        return False
    if low in capital or low in also_words:
        return True
    return not listed_only and (roles or not _ROLE.search(low))


def _anywhere(match: re.Match[str], removed: set[str]) -> str:
    word = match.group()
    low = _stem(word)
    if low not in removed:
        return word
    if low in listed()[1]:  # "Bill the customers" begins a sentence
        return "" if word[:2].istitle() and _WITHIN.search(match.string, 0, match.start()) else word
    # A short name in small letters, or all in capitals, may be another word.
    return "" if len(low) >= _LONG or (word[0].isupper() and not word.isupper()) else word


def _stem(word: str) -> str:
    """A name without case, possessive and second part."""
    return re.sub("['’]s$", "", word.casefold()).split("-")[0]


def _tidy(text: str) -> str:
    for pattern, instead in _TIDY:
        text = pattern.sub(instead, text)
    return _LEADING.sub("", text).strip()
