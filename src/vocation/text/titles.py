"""Find the occupations that a text names: careers of the catalogue, by name or alias, and others.

The longest title counts: "nursing assistant" is no nurse, "primary school teacher" no teacher of a
catalogue that has only high schools. English only, apart from the catalogue's own names.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vocation.text.clean import word_set
from vocation.text.held_jobs import is_held
from vocation.text.inflection import singular
from vocation.text.standing import is_claimed, is_evidence, is_met, is_todays_job

if TYPE_CHECKING:
    from vocation.records import Career

_HEADS = word_set(
    "manager assistant engineer technician operator analyst designer worker officer specialist"
    " scientist representative administrator coordinator consultant director supervisor"
    " planner trainer editor writer counselor agent clerk support executive"
)
"""Last words of many titles: alone they name no career."""

_FIELD = re.compile(
    r"(?:ing|ics|istry|ity|apy|ism|graphy|ure|ops|ence|ship|ment|ation|arts|medicine|design|support"
    r"|chain|law|resources|sales|police|analysis|pharmacy)$"
)
"""Endings of the names of fields: who says one ("law") need not mean the career."""

_ORDINARY = word_set(
    "cook vet medic advocate developer cutter buyer grower printer cleaner dishwasher packer"
    " assembler laminator mover controller scheduler picker logger performer builder renderer paver"
    " messenger presser principal academic fisher turner plater insulator blaster"
)
"""Titles that are ordinary words: they name a career for certain only behind an article."""

_FIELD_WEIGHT = 0.5
_UNCLAIMED_WEIGHT = 0.5

_MOST_MENTIONS = 300  # each takes a tenth of a millisecond; no person's text comes near it

_STATES = word_set(
    "AL AR CA CO CT DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT"
    " NC ND NE NH NJ NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY"
)
"""Postal codes of places that abbreviations of careers (CA, MD) are taken for."""

# "C++", "sheriff's", "FP&A" are one word; "UI/UX" and "full-stack" are two.
_WORD = re.compile(r"[^\W_]+(?:['’&][^\W_]+)*\+*")
_BETWEEN = frozenset((" ", "-", "/", "‐", "–"))  # what may stand between the words of a title
_LONGEST_ABBREVIATION = 4
_ARTICLE = re.compile(r"\b(?:an?|as|am|be|become|becoming|being|certified|registered)\s+$", re.I)
_QUESTION_WORDS, _BARE_WORDS = 7, 1


class Mention(NamedTuple):
    """A title in a text, `text[start:end]`.

    `career` is its place in the catalogue, None for an occupation outside of it. `weight` is 1
    where the person claims it ("I am a nurse", "Nurse?"), half as much where it only occurs, half
    of that for the name of a field, and 0 where it is no evidence: somebody else's, or denied.
    """

    start: int
    end: int
    career: int | None
    title: str
    weight: float


class _Entry(NamedTuple):
    career: int | None
    weight: float
    abbreviation: bool = False


class Titles:
    """The titles of a catalogue of careers, and those of occupations outside of it."""

    def __init__(
        self,
        names: Sequence[str],
        aliases: Sequence[Sequence[str]] = (),
        codes: Iterable[str] = (),
    ) -> None:
        """`aliases` has the other titles of each of `names`, or is empty; `codes` (O*NET-SOC) are
        those of the official occupations that the catalogue is known to have.
        """
        self._codes = frozenset(codes)
        self._names = {
            title_key(name): i for i, name in reversed(list(enumerate(names))) if title_key(name)
        }
        self._entries = {key: _Entry(i, 1.0, _is_short(names[i])) for key, i in self._names.items()}
        listed = [(alias, i) for i, some in enumerate(aliases) for alias in some]
        # "nurse" means the only career that ends with it, unless an alias says otherwise.
        taken = {title_key(alias) for alias, _ in listed}
        ends = [(name.split()[-1], i) for i, name in enumerate(names) if " " in name.strip()]
        ends = [(end, i) for end, i in ends if title_key(end) not in taken]
        self._entries = _unique(ends) | _unique(listed) | self._entries
        self._reach: dict[str, int] = {}  # first word -> words of the longest title
        self._measure(self._entries)
        self._outside: dict[str, _Entry] | None = None

    @classmethod
    def of(cls, careers: Sequence[Career]) -> Titles:
        """Return the titles of a catalogue: names, aliases and official codes of `careers`."""
        codes = (code for one in careers if one.facts for code in one.facts.soc)
        return cls([one.name for one in careers], [one.aliases for one in careers], codes)

    def mentions(self, text: str) -> list[Mention]:
        """Return the titles in `text` in their order, none within another, the first 300."""
        words = list(_WORD.finditer(text))
        lows = [_low(word[0]) for word in words]
        if self._outside is None:  # built on the first text: loading a bundle should not wait
            self._outside = self._others()
        found: list[Mention] = []
        i = 0
        while i < len(words) and len(found) < _MOST_MENTIONS:
            entry, size = self._longest_at(text, words, lows, i)
            if entry is not None:
                start, end = words[i].start(), words[i + size - 1].end()
                title = text[start:end]
                if title.casefold().endswith(("'s", "’s")):
                    end, title = end - 2, title[:-2]
                weight = _weight(text, start, end, entry.weight)
                found.append(Mention(start, end, entry.career, title, weight))
            i += size
        if _is_bare(text, found):
            return [one._replace(weight=1.0) if one.weight else one for one in found]
        return found

    def evidence(self, mentions: Sequence[Mention], careers: int) -> NDArray[np.float64]:
        """Return what `mentions` say for each career (careers,): shares with a sum of at most 1.

        Those that are not claimed share at most half: a resume says "sales" twenty times.
        """
        claimed, others = np.zeros(careers), np.zeros(careers)
        for mention in mentions:
            if mention.career is not None:
                kind = claimed if mention.weight > _UNCLAIMED_WEIGHT else others
                kind[mention.career] += mention.weight
        total = claimed + others / max(1.0, float(others.sum()) / _UNCLAIMED_WEIGHT)
        shares: NDArray[np.float64] = total / max(1.0, float(total.sum()))
        return shares

    def held(self, text: str, mentions: Sequence[Mention]) -> list[Mention]:
        """Return those of `mentions` that are a job of the catalogue the person holds or held."""
        return [
            one
            for one in mentions
            if one.career is not None
            and not self._is_field(one.title)
            and is_held(text, one.start, one.end)
        ]

    def _is_field(self, title: str) -> bool:
        """Whether `title` names a field ("nursing"), in which one may have any job."""
        key = title_key(title)
        entry = self._entries.get(key)
        return entry is not None and entry.weight < 1 and key not in _ORDINARY

    def outside(self, text: str, mentions: Sequence[Mention]) -> str | None:
        """Return the occupation outside the catalogue that `text` wants, holds or asks about.

        None if it claims a career of the catalogue in that way, too.
        """
        claimed = [one for one in mentions if one.weight > _UNCLAIMED_WEIGHT]
        if any(one.career is not None for one in claimed):
            return None
        wanted = (one.title for one in claimed if not is_todays_job(text, one.start))
        return next(wanted, None)

    def others(self) -> list[str]:
        """Return the titles of the official occupations that the catalogue does not have."""
        table = (files("vocation.text") / "official_titles.csv").read_text(encoding="utf-8")
        rows = csv.DictReader(io.StringIO(table, newline=""))
        return [row["title"] for row in rows if not self.has(row["title"], row["code"])]

    def has(self, title: str, code: str = "") -> bool:
        """Tell whether the catalogue has an occupation: by a title, or by its official code."""
        return title_key(title) in self._entries or (bool(code) and code in self._groups)

    @cached_property
    def _groups(self) -> frozenset[str]:
        """The codes of the official occupations that are careers of the catalogue.

        Their own, and those of all their titles: "ER nurse" is no occupation besides "Registered
        Nurse".
        """
        listed = _occupations()
        groups = {listed.get(key, "") for key in self._entries}
        for key in self._names:  # "Nurse (RN)" has nurses
            parts = key.split()
            groups |= {
                listed.get(" ".join(parts[a:b]), "")
                for a in range(len(parts))
                for b in range(a + 1, len(parts) + 1)
            }
        return self._codes.union(groups - {""})

    def _longest_at(
        self, text: str, words: Sequence[re.Match[str]], lows: Sequence[str], i: int
    ) -> tuple[_Entry | None, int]:
        """Return the longest title that begins with word `i`, and its number of words; or 1."""
        # Most words begin no title: of titles with several words the first one stands as it is.
        last, most = i + 1, self._reach.get(lows[i], 1)
        while (
            last < len(words)
            and last - i < most
            and text[words[last - 1].end() : words[last].start()] in _BETWEEN
        ):
            last += 1
        outside = self._outside or {}
        for end in range(last, i, -1):
            key = " ".join((*lows[i : end - 1], _ending(lows[end - 1])))
            entry = self._entries.get(key) or outside.get(key)
            if entry and (
                not entry.abbreviation
                or _is_abbreviation(text, words[i].start(), words[end - 1].end())
            ):
                return entry, end - i
        return None, 1

    def _others(self) -> dict[str, _Entry]:
        """The occupations of the shipped list that the catalogue does not have under any title."""
        groups = self._groups
        other = _Entry(None, 1.0)
        rest = {
            key: other
            for key, group in _occupations().items()
            if group not in groups and key not in self._entries
        }
        self._measure(rest)
        return rest

    def _measure(self, titles: Iterable[str]) -> None:
        for key in titles:
            first, *others = key.split()
            if others:
                self._reach[first] = max(self._reach.get(first, 1), 1 + len(others))


def _unique(titles: Iterable[tuple[str, int]]) -> dict[str, _Entry]:
    """The entries of those `titles` (title, career) that belong to one career alone."""
    owners: dict[str, set[int]] = {}
    entries: dict[str, _Entry] = {}
    for title, career in titles:
        key = title_key(title)
        if not key or key in _HEADS:
            continue
        owners.setdefault(key, set()).add(career)
        half = key in _ORDINARY or _FIELD.search(title.casefold().strip())
        weight = _FIELD_WEIGHT if half else 1.0
        entries[key] = _Entry(career, weight, _is_short(title))
    return {key: entry for key, entry in entries.items() if len(owners[key]) == 1}


def _is_short(title: str) -> bool:
    return title.isupper() and len(title) <= _LONGEST_ABBREVIATION


@cache
def _occupations() -> dict[str, str]:
    """Titles of occupations, as keys, and the code of the occupation or ""."""
    table = (files("vocation.text") / "occupations.csv").read_text(encoding="utf-8")
    # No title has a comma or quotes: the csv module would take three times as long.
    return dict(line.rsplit(",", 1) for line in table.splitlines()[1:])


@cache
def _last_words() -> frozenset[str]:
    return frozenset(title.rpartition(" ")[2] for title in _occupations())


def is_occupation(title: str) -> bool:
    """Whether a title ends as that of a listed occupation does: "Senior Java Developer"."""
    return title_key(title).rpartition(" ")[2] in _last_words()


def listed_title(title: str) -> str | None:
    """Return `title` as the list of occupations has it ("nail technician"); None if it has not."""
    key = title_key(title)
    return key if key in _occupations() else None


def title_key(title: str) -> str:
    """Return the key of a title: case, blanks, hyphens and plural do not count."""
    lows = [_low(word) for word in _WORD.findall(title)]
    return " ".join((*lows[:-1], _ending(lows[-1]))) if lows else ""


def _low(word: str) -> str:
    return word.casefold().replace("’", "'")


@lru_cache(maxsize=4096)
def _ending(low: str) -> str:
    """The last word of a title in the singular: "policemen", "nurse's", "nurses"."""
    low = low.removesuffix("'s")
    return low[:-3] + "man" if low.endswith("men") and len(low) > 4 else singular(low)


def _weight(text: str, start: int, end: int, weight: float) -> float:
    """The weight of the title `text[start:end]` in the text; `weight` is that of its entry."""
    field = weight < 1
    if field and title_key(text[start:end]) in _ORDINARY:
        field = not _ARTICLE.search(text, max(0, start - 12), start)
    if is_claimed(text, start, end):
        weight = 1.0 if not field else _FIELD_WEIGHT
    elif not field and is_met(text, start):
        return 0.0
    else:
        weight = _UNCLAIMED_WEIGHT * (_FIELD_WEIGHT if field else 1.0)
    return weight if is_evidence(text, start, end, field) else 0.0


def _is_abbreviation(text: str, start: int, end: int) -> bool:
    """Whether letters are meant as an abbreviation: "PT" or "a pt", not "it", "in CA"."""
    if _ARTICLE.search(text, max(0, start - 12), start):
        return True
    short = text[start:end]
    # In a text of capitals alone, capitals say nothing.
    return short.isupper() and short not in _STATES and not (len(text) > 20 and text.isupper())


def _is_bare(text: str, mentions: Sequence[Mention]) -> bool:
    """Whether `text` is a title or little more, or a question about one: "Nurse?"."""
    inside = sum(len(_WORD.findall(one.title)) for one in mentions)
    rest = len(_WORD.findall(text)) - inside
    return rest <= (_QUESTION_WORDS if text.rstrip().endswith("?") else _BARE_WORDS)
