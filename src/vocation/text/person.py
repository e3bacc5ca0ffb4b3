"""What a text says about who somebody is (first name, title, pronouns, mother or father), made
neutral before a model reads it.

Training and serving share this one function; people are shown and quoted their own words. English
only. It leans to the safe side: a name that is also a word ("May", "Grace"), a place, a skill
("Ruby") or a role ("Dean") is masked only where a text introduces somebody by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import resources

from vocation.text.gender import NO_NOUN, neutral, word_set

MASKING = 2
"""Version of these rules and of names.txt, raised with every change of theirs: a model reads what
it has learnt to read, or another text.
"""

_NAME = r"[^\W\d_]+(?:['’-](?!s\b)[^\W\d_]+)*"
_NAMES = rf"{_NAME}(?:\s{_NAME}){{0,2}}"
_BREAK = r"(?:\s*[,.;:!–—-]+(?=\s|$))?(?:\s*(?:and\b|&))?\s*"

_TITLE = re.compile(
    rf"\b(Mrs?|Ms|Mx|Miss|Mister|Sir|Madam)\b\.?(?:\s+({_NAME}(?:\s{_NAME})?))?", re.IGNORECASE
)
_CALLED = re.compile(
    r"(\b(?:my (?:\w+ )?name(?: is|['’]s)|I go by|(?:I am |I['’]m )?known as|(?:I am|I['’]m)"
    rf" called|name:)\s+)({_NAMES})({_BREAK})",
    re.IGNORECASE,
)
_CALL_ME = re.compile(rf"(\bcall(?:s|ed)? me\s+)({_NAMES})()", re.IGNORECASE)
_I_AM = re.compile(
    r"(\b(?:I['’]?m|I"
    rf" am)\s+)({_NAMES})(?=\s*(?:[,.;:!?()–—-]|$)|\s+(?:and|from|aged|here|but|\d+)\b)({_BREAK})",
    re.IGNORECASE,
)
_THIS_IS = re.compile(rf"(\bthis is\s+)({_NAMES})(?=\s*[,.!;–—-])({_BREAK})", re.IGNORECASE)
_HERE = re.compile(
    rf"((?:^|(?<=[.!?]\s))(?:(?:hi|hello|hey)(?:\s+(?:there|all|everyone))?[,!.]?\s+)?)({_NAME})"
    r"(\s+here\b(?=\s*(?:[,.;:!–—-]|$))\s*[,.;:!–—-]*\s*)",
    re.I,
)
_AGE = (  # "Nursing, 12 years" is no age, nor is "Sales, 10+"
    r"\d{1,2}\b(?!\s*\+|\s*(?:[a-z]{3,}s|year|yrs?)\b(?!\s+(?:old|of age|young)))"
)
_I_AM_AGED = re.compile(rf"(\bi['’]?m\s+)({_NAME})(,\s+(?={_AGE}))")
_AGED = re.compile(rf"(^)({_NAME})(,\s*(?={_AGE})|\s*\(\s*(?:1[3-9]|[2-9]\d)\s*\)\s*)")
_SIGNED = re.compile(
    r"((?:[.!?]\s*[–—-]{1,2}|\b(?:best|regards|wishes|thanks|thank"
    rf" you|cheers|yours|love|sincerely)[,!])\s*)({_NAME}(?:\s{_NAME})?)([.!]?$)",
    re.I,
)
_ASKED = re.compile(
    rf"(\b(?:ask(?:s|ed)?(?:\s+for)?|t(?:ell|ells|old)|thank(?:s|ed)?)\s+)({_NAME})()(?![-\w])",
    re.IGNORECASE,
)
_SAYS = re.compile(rf"(\b(?:says|said)\s+)({_NAME})()(?=\s*(?:[,.;!\"”]|$))", re.IGNORECASE)
_SPOKEN_TO = re.compile(
    rf"((?:^|[\"“‘.!?:]\s?))({_NAME})(,\s+)(?=(?:you|your|can you|could you|please)\b)",
    re.IGNORECASE,
)
_WHOLE = re.compile(rf"(?<![\w’'-]){_NAME}(?:['’]s\b)?")
_WITHIN = re.compile(r"[\w,;)'’]\s+$")
_LONG = 5  # letters from which a listed name in small letters is no other word

# What is capital behind "I am" and yet no name: words of roles by their ending, and short ones.
_ROLE = re.compile(
    r"(?:er|or|ist|ian|man|woman|ant|eer|ess|ive|ent|nurse|chef|cook|clerk|vet|coach|guide|judge|pilot|nanny|guard|smith|wright|geek|dad|mum|mom|bsc|msc)s?$"
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
_TIDY = (
    (re.compile(r"\s+(?=[,.;:!?)])|(?<=\()\s+"), ""),
    (re.compile(r"\(\)|\[\]"), ""),
    (re.compile(r"\s{2,}"), " "),
)
_LEADING = re.compile(r"^[\s,.;:!?–—&-]+(?=\w)")


@cache
def listed() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The names of names.txt, without case: those masked wherever they stand, those masked with a
    capital letter within a sentence, and those masked only where a text introduces somebody.
    """
    text = (resources.files("vocation.text") / "names.txt").read_text(encoding="utf-8")
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
    """`text` (cleaned) without first names, titles and pronouns of its own, and with neutral words
    for gendered ones: she, he -> they; mother, father -> parent; girl, man -> person. Where there
    is nothing of that kind it comes back as it is. Doing it twice changes nothing more.
    """
    found = set(_LETTERS.findall(text.casefold()))
    changed = neutral(_without_names(text, found), found)
    return text if changed == text else _tidy(changed)


# --------------------------------------------------------------------------------------------------


def _without_names(text: str, found: set[str]) -> str:
    said: set[str] = set()
    for cues, pattern, drop in _PLACES:
        if not cues or not found.isdisjoint(cues):
            text = pattern.sub(lambda match, drop=drop: drop(match, said), text)  # type: ignore[misc]
    plain, capital, _ = listed()
    said |= found & plain | found & capital
    return _WHOLE.sub(lambda match: _anywhere(match, said), text) if said else text


def _untitled(match: re.Match[str], said: set[str]) -> str:
    """Without the title and the names behind it. "miss" in small letters and "MS" are other words,
    unless a known name follows.
    """
    title, names = match.groups()
    words = (names or "").split()
    size = next(
        (
            i
            for i, word in enumerate(words)
            if not (word[0].isupper() or _is_name(word, True, True, True))
        ),
        len(words),
    )
    called = match.string[: match.start()].endswith(" me ")
    sure = (
        called
        or title in ("Mr", "Mrs", "Ms", "Mx", "mr", "mrs", "mx")
        or (title[0].isupper() and title.casefold() != "ms" and size)
    )
    if not sure and not any(_is_name(word, True, True, True) for word in words[:1]):
        return match.group()
    return " ".join(words[size:])


def _dropper(
    opener: bool, roles: bool = True, known: bool = False, small: bool | None = None
) -> Callable[[re.Match[str], set[str]], str]:
    """A replacement for matches of (words before, possible names, rest): names go, with the words
    before them unless `opener`.

    A capital word that is not listed is taken for a name unless it sounds like a role and `roles`
    is false, or `known` names alone count; with `small` a word in small letters, too (False: in a
    text without a capital letter). Names that are no words are noted: they go wherever they stand.
    """

    def drop(match: re.Match[str], said: set[str]) -> str:
        """The match without its name; what is dropped is added to `said`."""
        before, names, rest = match.groups()
        words = names.split()
        size = next(
            (i for i, word in enumerate(words) if not _is_name(word, i == 0, roles, known)),
            len(words),
        )
        if (
            not size
            and (small or (small is False and match.string.islower()))
            and words[0].islower()
            and not _NO_NAME.search(words[0])
            and words[1:2] in ([], ["and"], ["i"], ["because"])
        ):
            size = 1
        if not size or (
            not roles
            and words[-1].casefold() in _TITLE_NOUN
            and words[0].casefold() not in listed()[0]
        ):
            return match.group()
        said |= {
            low
            for word in words[:size]
            if (low := _stem(word)) not in listed()[2] and word[0].isupper()
        }
        kept = words[size:]
        if kept and kept[0] in ("and", "&"):
            kept = kept[1:]
        start = before if opener else ""
        return f"{start}{' '.join(kept)}{rest}" if kept else start

    return drop


def _is_name(word: str, first: bool, roles: bool, known: bool) -> bool:
    low, (plain, capital, words) = word.casefold(), listed()
    if low in NO_NOUN or len(low) == 1:
        return False
    if low in plain and (first or word[0].isupper()):
        return True
    if not word[0].isupper() or (len(word) > 1 and word.isupper()):
        return False
    return low in capital or low in words or (not known and (roles or not _ROLE.search(low)))


def _anywhere(match: re.Match[str], said: set[str]) -> str:
    word = match.group()
    low = _stem(word)
    if low not in said:
        return word
    if low in listed()[1]:  # "Bill the customers" begins a sentence
        return "" if word[:2].istitle() and _WITHIN.search(match.string, 0, match.start()) else word
    return "" if len(low) >= _LONG or (word[0].isupper() and not word.isupper()) else word


def _stem(word: str) -> str:
    """A name without case, possessive and second part."""
    return re.sub("['’]s$", "", word.casefold()).split("-")[0]


_PLACES: tuple[
    tuple[frozenset[str], re.Pattern[str], Callable[[re.Match[str], set[str]], str]], ...
] = (
    (frozenset(("mr", "mrs", "ms", "mx", "miss", "mister", "sir", "madam")), _TITLE, _untitled),
    (frozenset(("name", "by", "called", "known")), _CALLED, _dropper(opener=False, small=True)),
    (frozenset(("call", "calls", "called")), _CALL_ME, _dropper(opener=True, small=False)),
    (frozenset(("m", "im", "am")), _I_AM, _dropper(opener=False, roles=False)),
    (frozenset(("here",)), _HERE, _dropper(opener=False, roles=False, small=False)),
    (frozenset(("this",)), _THIS_IS, _dropper(opener=False, known=True)),
    (
        frozenset(("ask", "asks", "asked", "tell", "tells", "told", "thank", "thanks", "thanked")),
        _ASKED,
        _dropper(opener=True, roles=False),
    ),
    (frozenset(("says", "said")), _SAYS, _dropper(opener=True, roles=False)),
    (frozenset(("you", "your")), _SPOKEN_TO, _dropper(opener=True, roles=False)),
    (frozenset(("m", "im")), _I_AM_AGED, _dropper(opener=False, roles=False, small=True)),
    (frozenset(), _AGED, _dropper(opener=False, roles=False, small=True)),
    (frozenset(), _SIGNED, _dropper(opener=True, small=True)),
)
"""Where a text introduces somebody, or speaks of somebody by name: words without which there is no
such place, where it is, what becomes of it.
"""


def _tidy(text: str) -> str:
    for pattern, instead in _TIDY:
        text = pattern.sub(instead, text)
    return _LEADING.sub("", text).strip()
