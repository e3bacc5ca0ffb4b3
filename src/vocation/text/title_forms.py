"""Tell apart what a job title says of the career from what it says of gender, level and place.

"Sr. Software Engineer II (m/f/d) - Remote" is a software engineer. English, German, French,
Spanish and Dutch forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_JOIN = r"\s*[/|,*·:;+\\]\s*"
_SEX = r"(?:[mwfdxhv]|div(?:ers)?|inter|nb)"
_WORDS = (
    "mwd|wmd|mfd|fmd|mfx|fmx|mwx|gn|gn\\*|all genders|any gender|alle geschlechter|tous genres"
    "|male/female|female/male|homme/femme|femme/homme|hombre/mujer|mujer/hombre|man/vrouw|vrouw/man"
)
_GENDER = re.compile(
    rf"\s*[(\[]\s*(?:{_SEX}(?:{_JOIN}{_SEX})+|{_WORDS})\s*[)\]]"
    rf"|(?:\s+|\s*[-–—,|]\s*){_SEX}(?:\s*[/|]\s*{_SEX})+$|^{_SEX}(?:/{_SEX})+\s+",
    re.I,
)
# "Kaufmann/-frau"; "Koch/in", "Koch*in", "Koch(in)"; "KochIn"; "Vendeur/euse", "Enfermero/a",
# "Assistant(e)", "Assistant·e".
_MAN = re.compile(r"mann\s?/\s?-?frau\b|frau\s?/\s?-?mann\b")
_ENDING = re.compile(
    r"(?<=\w\w)(?:(?:/-?|[*:_·]|\()(?i:in|innen)\)?|(?<=[a-zäöüß])In|"
    r"(?:/-?|[·.(])(?:a|e|as|es|ne|le|se|ère|ere|euse|rice|trice|ive|ve|te|sse|esse|ora|era)"
    r"(?:[·.]?s)?\)?)(?!\w)"
)
_PAIR = re.compile(r"(\w{3,})\s*/\s*(\w{3,})")
_FEMININE = [
    *(("kauffrau", "kaufmann"), ("frau", "mann"), ("in", ""), ("ière", "ier"), ("euse", "eur")),
    *(("trice", "teur"), ("ienne", "ien"), ("era", "ero"), ("ora", "or"), ("woman", "man")),
    *(("waitress", "waiter"), ("actress", "actor"), ("stewardess", "steward"), ("hostess", "host")),
]
_PLAIN = str.maketrans("äöü", "aou")  # "Köchin", "Koch"

_HOURS = r"(?:full|part)[\s-]?time|vollzeit|teilzeit|temps (?:plein|partiel)|voltijds?|deeltijds?"
_PLACE = (
    rf"(?:(?:fully |100 ?% ?)?remote(?: work)?|hybrid|on-?\s?site|home[\s-]?office|wfh|{_HOURS}"
    r"|work from home|télétravail|à distance|teletrabajo|remoto|híbrido|presencial"
    r"|thuiswerk(?:en)?)"
)
# "Remote, US", "Remote (EMEA)" and "Hybrid / Part-time", not "Hybrid Vehicles".
_WHERE = (
    rf"{_PLACE}(?:{_JOIN}{_PLACE}|\s+-\s+{_PLACE}|\s*,\s*[^()\[\],]{{1,30}}|\s+in\s+[\w ]{{1,30}}"
    r"|\s+(?:US|USA|UK|EU)|\s*\([^()]{1,30}\))*+"  # "+": nothing is tried twice
)
_PLACES = re.compile(
    rf"\s*[(\[]\s*{_WHERE}\s*[)\]]|(?:\s+[-–—|/]|\s*,|:)\s*{_WHERE}$"
    rf"|^{_PLACE}\s*(?:\s[-–—|]|:)\s*|^[(\[]{_PLACE}[)\]]\s*",
    re.I,
)

_LEVELS = {"sr": "senior", "snr": "senior", "sénior": "senior"} | {"jr": "junior", "jnr": "junior"}
_RANK = r"(?:(?:senior|sr|snr|sénior|junior|jr|jnr)\b\.?|mid[\s-]?level|entry[\s-]?level)"
_BEFORE = re.compile(
    rf"({_RANK}|mid|lead|principal|staff|experienced|remote|hybrid)(?:\s*[-–,]\s*|\s+)", re.I
)
_ROMAN = r"(?:(?i:ii|iii|iv)|I|V|VI)"
_AFTER = re.compile(
    rf"(?:\s*[,(–]\s*|\s+-\s*|\s+)((?i:{_RANK}(?:\s+level)?|lead|confirmée?|débutante?|remote)"
    rf"|(?i:level|lvl|niveau|nivel|stufe)\s*(?:\d{{1,2}}|{_ROMAN})|{_ROMAN}(?:\s*[/-]\s*{_ROMAN})*"
    r"|\d)\s*\)?$"
)
# Behind these words a number tells what one does: "Driver Class 2".
_NUMBERED = re.compile(r"\b(?:type|class|phase|stage|grade|category|part|tier|key|schedule)$", re.I)


class Level(NamedTuple):
    """A title without what stands for a level: `rest`, and the levels in one spelling each.

    `sure` is False where the words may mean something else: a bare number, "Remote Sensing".
    """

    rest: str
    levels: tuple[str, ...]
    sure: bool


def without_marks(title: str) -> str:
    """Return `title` without marks of gender and of the place and hours of work."""
    before = ""
    while title != before:
        before = title
        title = _PLACES.sub(" ", _GENDER.sub(" ", title))
        title = _PAIR.sub(_masculine_of, _ENDING.sub("", _MAN.sub("mann", title)))
        title = " ".join(title.split()) or before
    return title


def _masculine_of(match: re.Match[str]) -> str:
    first, second = match.groups()
    if first.casefold() in masculine(second):
        return first
    return second if second.casefold() in masculine(first) else match.group()


def masculine(word: str) -> set[str]:
    """Return the words, in lower case, whose feminine form `word` may be."""
    word = word.casefold()
    found = {word.removesuffix(end) + to for end, to in _FEMININE if word.endswith(end)}
    return {form for one in found for form in (one, one.translate(_PLAIN)) if len(form) > 2}


def other_forms(title: str) -> Iterator[str]:
    """Yield `title` with one word in each masculine form that it may have."""
    words = title.split()
    for i, word in enumerate(words):
        for form in sorted(masculine(word)):
            yield " ".join([*words[:i], form, *words[i + 1 :]])


def without_level(title: str) -> Level:
    """Return `title` without words for seniority and numbers of levels: "Senior", "Jr.", "II"."""
    levels: list[str] = []
    sure = True
    while True:
        found = _BEFORE.match(title)
        rest = title[found.end() :] if found else ""
        if not found and (found := _AFTER.search(title)):
            rest = title[: found.start()]
        if not found or not re.search(r"\w\w", rest) or _NUMBERED.search(rest):
            return Level(title, tuple(sorted(levels)), sure)
        word = found[1].casefold().strip(". ")
        levels.append(_LEVELS.get(word, word))
        sure = sure and not word.isdecimal() and word not in ("remote", "hybrid")
        title = rest.strip(" ,-–")
