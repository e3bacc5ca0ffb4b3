"""The records of the project: a row with its source and line, a career, a recommendation."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from typing import Any

from vocation import catalogue, notebook, values
from vocation.format import percent, place
from vocation.text.clean import clean

_MOST = 10**12  # dollars or people in a fact

MOST_ALIASES, LONGEST_ALIAS = 100, 100
"""Aliases of a career at most, and characters in one."""

MOST_CODES, LONGEST_ROUTE = 60, 500
"""Official codes of a career at most, and characters of how one gets in."""

ISCO, SOC = re.compile(r"[0-9]{4}"), re.compile(r"[0-9]{2}-[0-9]{4}\.[0-9]{2}")
"""Official codes: of a unit group of ISCO-08, of an occupation of O*NET-SOC."""

BRIEF = 60
"""Characters of what is said about a career in one line, at most."""

SHOWN_SKILLS = 12
"""Skills of a career at most that are listed to a person at once."""

SOURCES = ("qa", "skills", "jobs", "books", "profiles")
"""The kinds of row that feed the training text, in the order in which statistics list them."""

PROFILE_KINDS = {"profile": "profiles", "resume": "resumes", "ad": "ads", "feedback": "feedback"}
"""The kinds of text in profiles.csv, and what reports call their rows."""


@dataclass(frozen=True, slots=True)
class Row:
    """One usable row of the user's files.

    `role` is the tidied label, `source` one of SOURCES, `cells` the cleaned fields by contract
    column name (`question`, `answer`, ...); `file` and `line` (1-based, of the row's first physical
    line) say where it came from.
    """

    role: str
    source: str
    cells: Mapping[str, str]
    file: str
    line: int

    @property
    def place(self) -> str:
        """Where it came from, for messages."""
        return place(self.file, self.line)

    @property
    def kind(self) -> str:
        """What reports call rows like this one: the source, or the kind of a profile."""
        return PROFILE_KINDS.get(self.cells.get("kind", ""), self.source)


@dataclass(frozen=True, slots=True)
class Book:
    """A reading suggestion; `description` and `level` may be empty."""

    title: str
    author: str
    description: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a career and its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Official figures for a career, each group with its source, and how one gets in.

    Pay in US dollars a year, None where not released; `top_coded` says that a figure is a lower
    bound. Interests are the six RIASEC scores, 1 to 7. `job_zone` is the preparation needed, 1
    (little) to 5 (extensive). `title` is the nearest official occupation, or several joined by
    "; ". `isco08` and `soc` are the career's codes in ISCO-08 ("2221") and O*NET-SOC
    ("29-1141.00"), `entry_route` says in a sentence or two how one gets in.
    """

    title: str = ""
    family: str = ""
    job_zone: int | None = None
    interests: Mapping[str, float] = field(default_factory=dict)
    interests_source: str = ""
    pay_title: str = ""
    employment: int | None = None
    pay_p10: int | None = None
    pay_p25: int | None = None
    pay_median: int | None = None
    pay_p75: int | None = None
    pay_p90: int | None = None
    top_coded: bool = False
    pay_source: str = ""
    isco08: tuple[str, ...] = ()
    soc: tuple[str, ...] = ()
    entry_route: str = ""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Facts:
        """The inverse of `asdict`, without invisible characters; what is absent is not known.

        Raises TypeError or ValueError on any other name, type or range of a value.
        """
        # The annotations as texts, compared below; unknown names fail in `cls(...)`.
        kinds = {entry.name: str(entry.type) for entry in fields(cls)}
        found = dict(data)
        for name, value in data.items():
            kind = kinds.get(name)
            if name == "entry_route":
                found[name] = values.short(value, LONGEST_ROUTE)
            elif kind == "str":
                found[name] = values.text(value)
            elif kind == "tuple[str, ...]":
                form = ISCO if name == "isco08" else SOC
                found[name] = values.codes(value, form, MOST_CODES)
            elif kind == "bool" and not isinstance(value, bool):
                raise TypeError(f"expected true or false, found {value!r}")
            elif kind == "int | None" and value is not None:
                values.in_range(value, *((1, 5) if name == "job_zone" else (0, _MOST)))
            elif kind == "Mapping[str, float]":
                for score in dict(value).values():
                    values.in_range(score, 0, 7)
        return cls(**found)


@dataclass(frozen=True, slots=True)
class Career:
    """The public profile of a career. It holds nothing of `profiles.csv`: that is personal.

    `aliases` are its other usual titles: "nurse" of a Registered Nurse.
    """

    name: str
    description: str = ""
    skills: tuple[str, ...] = ()
    books: tuple[Book, ...] = ()
    questions: tuple[Question, ...] = ()
    facts: Facts | None = None
    aliases: tuple[str, ...] = ()

    def in_brief(self) -> str:
        """Return what one does there, in one line: the first statement of the description."""
        return _first_statement(self.description)

    def public_texts(self) -> list[tuple[str, str]]:
        """Return what is publicly said about the career: the text to show, the text to compare.

        In this order: each question (compared with its answer), the skills, the description.
        """
        entries = [(one.question, f"{one.question} {one.answer}") for one in self.questions]
        skills = ", ".join(self.skills[:SHOWN_SKILLS])
        # The order is fixed, because the stored vectors of these texts have the same.
        return entries + [(text, text) for text in (skills, self.description) if text]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for profiles.json."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Career:
        """The inverse of `to_dict`, without invisible characters; raises KeyError, TypeError or
        ValueError on any other shape or type of value.
        """
        # Every key must be there, but for the aliases, which older bundles lack.
        facts = data["facts"]
        return cls(
            name=values.name(data["name"]),
            description=values.text(data["description"]),
            skills=tuple(values.name(skill) for skill in values.items(data["skills"])),
            books=tuple(Book(**values.texts(book)) for book in values.items(data["books"])),
            questions=tuple(
                Question(**values.texts(question)) for question in values.items(data["questions"])
            ),
            facts=None if facts is None else Facts.from_dict(facts),
            aliases=values.names(data.get("aliases", ()), MOST_ALIASES, LONGEST_ALIAS),
        )


@dataclass(frozen=True, slots=True)
class Pay:
    """What a career pays in a year, in `currency`.

    `middle` is the median, `low` and `high` are the 10th and 90th percentile (None if not known).
    `source` and `date` say where and when the pay is from, `count` from how many job descriptions
    (None for official statistics). With `top_coded` the highest figure is a lower bound.
    """

    middle: int
    low: int | None
    high: int | None
    currency: str
    source: str
    date: str
    count: int | None = None
    top_coded: bool = False
    period: str = "year"

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Pay:
        """The inverse of `asdict`; KeyError, TypeError or ValueError on any other values."""
        figures = [
            value
            for name in ("middle", "low", "high", "count")
            if (value := data[name]) is not None
        ]
        # Checked before int(): it would silently cut 1.5 to 1, and NaN is no whole number.
        whole = all(values.number(figure) > 0 and figure == int(figure) for figure in figures)
        if not whole or data["period"] != "year" or not isinstance(data["top_coded"], bool):
            raise ValueError("expected whole figures above 0, for a year")
        if not all(values.text(data[name]) for name in ("currency", "source", "date")):
            raise ValueError("expected currency, source and date")
        rest: dict[str, Any] = {
            name: clean(value) if isinstance(value, str) else value
            for name, value in data.items()
            if name != "middle"
        }
        return cls(int(data["middle"]), **rest)


STANCES = ("wanted", "can", "neutral", "refused", "left", "other", "most")
"""What somebody says by a clause: wants it, can do it, only mentions it, refuses it, leaves it (a
job of before), or tells what others want or do; "most" is only ever told, never read: of all that
is said, it matters most.
"""

HEARD = frozenset(("wanted", "can", "neutral", "most"))
"""The stances of clauses that are read for an answer."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a text: what is said in it, and how it was understood.

    `start` and `end` are its places in the cleaned text, `text` what stands there, `stance` one of
    STANCES. `counts` says whether it was read for the answer.
    """

    start: int
    end: int
    text: str
    stance: str
    counts: bool


@dataclass(frozen=True, slots=True)
class SkillFound:
    """A skill that a text names or suggests.

    `how` is "named" (by the words `quote`, its name or others), "job held" (a skill of the career
    that `quote` names and the person holds or held) or "suggested": a guess with a calibrated
    probability, `confidence`, and never a skill that somebody is said to have.
    """

    skill: str
    how: str
    quote: str | None = None
    confidence: float | None = None


@lru_cache(maxsize=1024)  # every answer tells it of the same careers
def _first_statement(description: str) -> str:
    first = re.split(r"(?<=[.!?])\s|[:;\n]", description, maxsplit=1)[0]
    return textwrap.shorten(first.rstrip(". "), BRIEF, placeholder=" …")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One recommended career. `confidence` is a calibrated probability, 0 to 1; `words` says the
    same in plain language, or "a guess" where the answer is unsure.

    Only when asked to explain: `because` and `against` quote the person's own phrases that raised
    and lowered the confidence, `against_for` names for each of `against` the career that it speaks
    for instead (None: no career gains by it), `nearest` is what is publicly said about the career
    and lies nearest to the text: a question, its skills, or its description. `pay` is None where no
    figure with a source and a date is known; it is the career's, never a guess about the person.
    `about` says in one line what one does there, `entry_route` how one gets in, "" if nothing is
    known. `isco08` are the career's codes in ISCO-08, `family` and `job_zone` are those of its
    facts.
    """

    career: str
    confidence: float
    words: str
    skills_held: tuple[str, ...] = ()
    skills_missing: tuple[str, ...] = ()
    because: tuple[str, ...] | None = None
    against: tuple[str, ...] | None = None
    against_for: tuple[str | None, ...] | None = None
    nearest: str | None = None
    pay: Pay | None = None
    about: str = ""
    entry_route: str = ""
    isco08: tuple[str, ...] = ()
    family: str = ""
    job_zone: int | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The answer to one text.

    `decision` is "match", "unsure" or "help" (the text needs a person, or another tool). `reason`
    says why it is not a match, `reason_code` the same as one fixed word, `question` what the person
    could add or do. `careers` are best first; there are none for "help" and for an empty text.
    `prediction_set` holds the careers of the 90 % set. `truncated` says that the end was not read.
    `clauses` are the clauses of the text, each with its stance. `directions` are the careers that a
    text speaks for in different ways, if there are several; `near` those that come right behind the
    first and are close to it. `families` are those of the careers named and of the 90 % set, by
    career. `details` are the values in `reason` and `question`, by name, for another wording.
    """

    decision: str
    reason: str | None
    careers: tuple[Suggestion, ...]
    prediction_set: tuple[str, ...] = ()
    truncated: bool = False
    question: str | None = None
    reason_code: str | None = None
    clauses: tuple[Clause, ...] = ()
    directions: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    families: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str | int] = field(default_factory=dict)

    def __repr__(self) -> str:
        names = [f"{one.career} ({self._fit(one)})" for one in self.careers]
        return f"<Recommendation {self.decision}: {', '.join(names) or self.reason}>"

    def _repr_html_(self) -> str:
        said = filter(None, (self.reason, self.question, self.directions_told()))
        rows = [
            (one.career, self._fit(one), one.about, ", ".join(one.skills_missing))
            for one in self.careers
        ]
        header = ("career", "confidence", "what one does", "skills to learn")
        return notebook.table(". ".join((self.decision, *said)), rows, header if rows else ())

    def _fit(self, one: Suggestion) -> str:
        """How well a career fits: confidence is calibrated on texts that can be answered."""
        return percent(one.confidence) if self.decision == "match" else one.words

    def directions_told(self) -> str:
        """Return the directions in words, "" where there are none."""
        if not self.directions:
            return ""
        *some, last = self.directions
        start = "Two directions fit" if self.decision == "match" else "A few directions"
        return f"{start}: {', '.join(some)}, or {last}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, in the shape that `vocation recommend --json` prints."""
        careers = []
        for suggestion in self.careers:
            entry = asdict(suggestion)
            entry["preparation"] = catalogue.PREPARATION.get(suggestion.job_zone or 0, "")
            # Absent, not null: nobody asked for an explanation.
            if suggestion.because is None:
                for name in ("because", "against", "against_for", "nearest"):
                    del entry[name]
            careers.append(entry)
        return {
            "decision": self.decision,
            "reason": self.reason,
            "reason_code": self.reason_code,
            "details": dict(self.details),
            "question": self.question,
            "careers": careers,
            "set": list(self.prediction_set),
            "truncated": self.truncated,
            "clauses": [asdict(clause) for clause in self.clauses],
            "directions": list(self.directions),
            "near": list(self.near),
            "families": catalogue.grouped(self.families, self.families),
        }
