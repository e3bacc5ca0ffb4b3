"""The kinds of file, their columns, and the names that people give to these."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vocation.data.csv_reader import Header, plain_name
from vocation.data.formats import stem_of
from vocation.data.numbers import FACTS


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file. `role` and the columns `must` be there, and one of `any_of`, if it has any;
    other `columns` that are missing count as empty. In a row one cell of `any_of` must be filled,
    without `any_of` all of `columns`.
    """

    name: str
    file: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """The file's name without its suffix, in plain letters."""
        return plain_name(self.file.removesuffix(".csv"))


KINDS = (
    Kind("qa", "career_qa.csv", ("question", "answer"), must=("question", "answer")),
    Kind(
        "skills", "skills_mapping.csv", ("skills", "description"), any_of=("skills", "description")
    ),
    Kind(
        "jobs",
        "job_descriptions.csv",
        ("description", "requirements"),
        optional=("salary_min", "salary_max", "currency", "period"),
        any_of=("description", "requirements"),
    ),
    Kind(
        "books",
        "books_recommendations.csv",
        ("book_title", "author", "description"),
        optional=("level", "rating"),
        must=("book_title",),
        any_of=("book_title", "description"),
    ),
    Kind("profiles", "profiles.csv", ("profile",), optional=("kind",), must=("profile",)),
    Kind(
        "careers", "careers.csv", (), optional=(*FACTS, "interests_source", "pay_source", "aliases")
    ),
)
KNOWN_COLUMNS = {"role"} | {name for kind in KINDS for name in (*kind.columns, *kind.optional)}

# Other names that people give to a column, in the form of `plain_name`. Using one gives a hint.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "role": ("career", "careername", "careerpath", "occupation", "profession"),
    "question": ("questions",),
    "answer": ("answers", "response"),
    "skills": (
        *("skill", "keyskills", "requiredskills", "skillsrequired", "technicalskills", "skillset"),
    ),
    "description": ("jobdescription", "desc", "roledescription", "careerdescription"),
    "requirements": ("requirement", "qualifications", "jobrequirements"),
    "book_title": ("book", "booktitle"),
    "author": ("authors",),
    "profile": ("profiles", "text", "resume", "cv", "resumestr", "resumetext", "aboutme", "bio"),
}
TITLES = (
    *("jobtitle", "jobrole", "label", "position", "positiontitle", "preferredlabel"),
    *("category", "jobcategory", "title", "name"),
)
"""Names of columns that mostly hold careers. Their rows are looked at first: see `columns`."""
DOUBTFUL = ("category", "jobcategory", "title", "name")
"""Those of them that hold other things as well: kinds of goods, books, people."""
OF_BOOKS = frozenset(("author", "authors", "isbn", "isbn13", "publisher", "genre", "genres"))
"""Names of columns beside which `title` is a book's."""


# What `vocation score` and `vocation validate --label-issues` write: careers that a model guessed.
_GUESSED = (
    frozenset(("decision", "career1", "confidence1")),
    frozenset(("career", "suggested", "probability")),
)


def is_guessed(header: Header) -> bool:
    """Whether a file with this header was written by vocation and names careers of a model."""
    names = set(map(plain_name, header.names))
    return any(columns <= names for columns in _GUESSED)


def kind_named(file: str) -> Kind | None:
    """Return the kind whose name a file carries: career_qa.csv, Career QA 2.tsv."""
    stem = plain_name(stem_of(file))
    return next((kind for kind in KINDS if re.fullmatch(kind.stem + r"\d*", stem)), None)


def places(header: Header, names: Sequence[str]) -> list[int]:
    """Return where columns of these plain names are, in the order of `names`."""
    plain = list(map(plain_name, header.names))
    return [plain.index(name) for name in names if name in plain]


def wanted_names(mapping: Mapping[str, str]) -> set[str]:
    """Return every name that a known column may have, as `plain_name` writes them."""
    synonyms = {word for words in SYNONYMS.values() for word in words}
    theirs = set(map(plain_name, mapping.values()))
    return {plain_name(name) for name in KNOWN_COLUMNS} | synonyms | {*TITLES} | theirs


def did_you_mean(name: str, choices: Sequence[str]) -> str:
    """Return " (did you mean ...?)" with the nearest of the choices, or nothing."""
    by_plain = {plain_name(choice): choice for choice in reversed(choices)}
    near = difflib.get_close_matches(plain_name(name), list(by_plain), n=1, cutoff=0.6)
    return f" (did you mean {by_plain[near[0]]!r}?)" if near else ""
