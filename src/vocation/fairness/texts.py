"""Texts of an audit: what somebody might write about themselves, with places for a first name and
for the words that tell a gender.

Made from a seed, from sentences of ours and from what a bundle publicly says about its careers
(skills, descriptions, questions and answers): so they are about any bundle's careers, and nobody's
own words are in them. None of it is a training text.
"""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from vocation.records import Career
from vocation.text.clean import clean, mask_role, phrases
from vocation.text.person import listed

_WORDS = ("she", "her", "their", "Ms", "mother", "girl", "woman", "daughter", "sister")
PRONOUNS: dict[str, dict[str, str]] = {
    "she": dict(
        zip(
            _WORDS,
            ("she", "her", "her", "Ms", "mother", "girl", "woman", "daughter", "sister"),
            strict=True,
        )
    ),
    "he": dict(
        zip(
            _WORDS,
            ("he", "him", "his", "Mr", "father", "boy", "man", "son", "brother"),
            strict=True,
        )
    ),
    "they": dict(
        zip(
            _WORDS,
            ("they", "them", "their", "Mx", "parent", "person", "person", "child", "sibling"),
            strict=True,
        )
    ),
}
"""The three sets, and the word that each has for a place in a text. After "they" a verb loses its
s: [works~work].
"""

FACTS: dict[str, dict[str, dict[str, str]]] = {
    "age": {
        number: {"age": number, "decade": decade, "an": an}
        for number, decade, an in (
            ("17", "teens", "a"),
            ("34", "thirties", "a"),
            ("47", "forties", "a"),
            ("58", "fifties", "a"),
        )
    },
    "nationality": {
        country: {"country": country, "people": people, "a": "an" if people[0] in "AEIOU" else "a"}
        for country, people in (
            ("Norway", "Norwegian"),
            ("Nigeria", "Nigerian"),
            ("Syria", "Syrian"),
            ("India", "Indian"),
            ("Mexico", "Mexican"),
        )
    },
    "religion": {
        "Christian": {"faith": "Christian", "house": "church", "wear": "cross"},
        "Muslim": {"faith": "Muslim", "house": "mosque", "wear": "headscarf"},
        "Hindu": {"faith": "Hindu", "house": "temple", "wear": "turban"},
        "none said": {},
    },
    "disability": {
        "hearing": {"have": "a hearing aid", "am": "deaf", "my": "hearing loss"},
        "wheelchair": {"have": "a wheelchair", "am": "a wheelchair user", "my": "wheelchair"},
        "diabetes": {"have": "diabetes", "am": "diabetic", "my": "diabetes"},
        "autism": {"have": "autism", "am": "autistic", "my": "autism"},
        "none said": {},
    },
    "parenthood": {
        "one child": {"of": "one", "kids": "a small child"},
        "two children": {"of": "two", "kids": "two kids"},
        "four children": {"of": "four", "kids": "four children"},
        "none said": {},
    },
}
"""Facts about a person, by kind and group: the words for the places of its sentences. A group
without words stands for a text that says nothing of the kind.
"""

_PLACES = {"introduced": 16, "elsewhere": 2, "signed": 2}
"""Where a name stands, and how often that is so in 20 texts: mostly people say it of themselves."""


_LOWER = 0.1  # share of texts without a capital letter


@cache
def _sentences() -> dict[str, list[str]]:
    """The parts of sentences.txt by their headings."""
    parts = (
        (resources.files("vocation.fairness") / "sentences.txt")
        .read_text(encoding="utf-8")
        .split("\n## ")[1:]
    )
    return {
        lines[0]: [line for line in lines[1:] if line]
        for lines in (part.split("\n") for part in parts)
    }


@dataclass(frozen=True)
class Draft:
    """A text with places for a name and gendered words. `where` says whether the name is
    "introduced", stands "elsewhere", or is "signed".
    """

    pattern: str
    where: str
    lower: bool

    def text(self, name: str, pronouns: str, fact: tuple[str, str] | None = None) -> str:
        """The text of a person called `name` with one of PRONOUNS; with `fact`, a kind and group of
        FACTS, that is said, too.
        """
        pattern = self._with_fact(*fact) if fact else self.pattern
        filled = re.sub(
            # {name} and {she} are places. Public text cannot hold one, see `_plain`.
            r"\{(\w+)\}",
            lambda place: {**PRONOUNS[pronouns], "name": name}[place.group(1)],
            pattern,
        )
        # [works~work] becomes "work" after they and "works" after the others.
        filled = re.sub(r"\[(\w+)~(\w+)\]", r"\2" if pronouns == "they" else r"\1", filled)
        # Last, so that the name is in small letters as well: masking must find it there, too.
        return filled.lower() if self.lower else filled

    def _with_fact(self, kind: str, group: str) -> str:
        # Own random numbers: all groups of a kind say it in the same words, at the same place.
        rng = random.Random(f"{kind} {self.pattern}")
        sentence, words = rng.choice(_sentences()[kind]), FACTS[kind][group]
        # What stands in <> is not there where nothing is said.
        sentence = re.sub("<([^>]*)>", r"\1" if words else "", sentence)
        sentence = re.sub(r"\{(\w+)\}", lambda place: words[place.group(1)], sentence)
        first = self.where == "signed" or rng.random() < 0.5
        return " ".join(
            filter(None, (sentence, self.pattern) if first else (self.pattern, sentence))
        )


def drafts(careers: Sequence[Career], count: int, seed: int) -> list[Draft]:
    """`count` different drafts about the careers in turn; equal for equal seed and careers."""
    rng = random.Random(seed)
    found: dict[str, Draft] = {}
    # A limit, because few careers with few texts may not have `count` different drafts.
    for turn in range(50 * count):
        draft = _draft(careers[turn % len(careers)], rng)
        # Of equal patterns the first stays; the order is that of their making.
        found.setdefault(draft.pattern, draft)
        if len(found) == count:
            break
    return list(found.values())


def _draft(career: Career, rng: random.Random) -> Draft:
    ours = _sentences()
    where = rng.choices(list(_PLACES), list(_PLACES.values()))[0]
    name = rng.choice(ours[where])
    # Every text has gendered words, or swapping pronouns would leave it as it is.
    gender = rng.sample(ours["gender"], rng.choice((1, 1, 2)))
    content = [_content(career, rng) for _ in range(rng.choice((1, 2, 2, 3)))]
    middle = [
        *content,
        *gender,
        *rng.sample(ours["rest"], rng.choice((0, 1, 1))),
        *([name] if where == "elsewhere" else []),
    ]
    rng.shuffle(middle)
    sentences = [
        *([name] if where == "introduced" else []),
        *middle,
        *([name] if where == "signed" else []),
    ]
    pattern = (
        " ".join(sentences)
        .replace("{age}", str(rng.randint(15, 60)))
        .replace("{town}", rng.choice(ours["towns"]))
    )
    return Draft(pattern, where, rng.random() < _LOWER)


def _content(career: Career, rng: random.Random) -> str:
    """A sentence about the career that does not name it."""
    ours = _sentences()
    said = [career.description, *(entry.answer for entry in career.questions)]
    clauses = [
        clause
        for text in said
        for a, b in phrases(text, 64)
        if 3 < len((clause := text[a:b]).split()) < 25
    ]
    ways = [*(ours["skill"] if career.skills else ()), *(ours["clause"] if clauses else ())] or [
        "I would like to do something like {skill}."
    ]
    filled = rng.choice([way for way in ways if "{question}" not in way or career.questions])
    # Twice, so that a career with one skill still has two to draw.
    skills = [*career.skills, *career.skills] or [career.name, "that"]
    first, other = rng.sample(skills, 2)
    parts = {"skill": _plain(first), "other": _plain(other)}
    if clauses:
        # The career's name would outweigh every swap.
        parts["clause"] = _plain(mask_role(rng.choice(clauses), career.name)).rstrip(".")
    if career.questions:
        parts["question"] = _plain(mask_role(rng.choice(career.questions).question, career.name))
    # Only these four: {name} and pronouns stay for `Draft.text`.
    return re.sub(r"\{(skill|other|clause|question)\}", lambda place: parts[place.group(1)], filled)


def _plain(text: str) -> str:
    """Public text that may stand in a pattern: its own braces and brackets are taken out."""
    return clean(re.sub(r"[{}\[\]]", " ", text))


@dataclass(frozen=True)
class Name:
    """A first name: the `group` it is frequent in, how it is mostly `presented` (woman or man), and
    whether the masking list holds it.
    """

    name: str
    group: str
    presented: str
    source: str
    listed: bool


@cache
def names() -> tuple[Name, ...]:
    """The names of names.csv. Those that the masking list does not hold stand for all names that
    nobody listed.
    """
    known = frozenset().union(*listed())
    text = (resources.files("vocation.fairness") / "names.csv").read_text(encoding="utf-8")
    # The csv module wants line ends as they are in the file.
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return tuple(
        Name(one, row["group"], row["presented"], row["source"], one.casefold() in known)
        for row in rows
        for one in row["names"].split()
    )
