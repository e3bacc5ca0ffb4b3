"""The kinds of file, their columns, and which kind a header belongs to."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vocation.data.csv_reader import Header, plain_name
from vocation.data.formats import stem_of
from vocation.data.numbers import FACTS
from vocation.errors import DataError
from vocation.format import place


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file. `columns` and `role` must be there; all of their cells must be filled, or,
    with `any_of`, one of the cells named there.
    """

    name: str
    file: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """The file's name without its suffix, in plain letters."""
        return plain_name(self.file.removesuffix(".csv"))


KINDS = (
    Kind("qa", "career_qa.csv", ("question", "answer")),
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
        ("level", "rating"),
        ("book_title", "description"),
    ),
    Kind("profiles", "profiles.csv", ("profile",), optional=("kind",)),
    Kind(
        "careers", "careers.csv", (), optional=(*FACTS, "interests_source", "pay_source", "aliases")
    ),
)
KNOWN_COLUMNS = {"role"} | {name for kind in KINDS for name in (*kind.columns, *kind.optional)}

# Other names that people give to a column, in the form of `plain_name`. Using one gives a hint.
_SYNONYMS: dict[str, tuple[str, ...]] = {
    "role": (
        "career",
        "careername",
        "careerpath",
        "jobtitle",
        "jobrole",
        "occupation",
        "profession",
        "label",
        "position",
    ),
    "question": ("questions",),
    "answer": ("answers", "response"),
    "skills": ("skill", "keyskills", "requiredskills"),
    "description": ("jobdescription", "desc"),
    "requirements": ("requirement", "qualifications"),
    "book_title": ("book", "title"),
    "author": ("authors",),
    "profile": ("profiles", "text", "resume", "cv"),
}


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
    """Return the kind whose name a file carries: career_qa.csv, Career QA 2.xlsx."""
    stem = plain_name(stem_of(file))
    return next((kind for kind in KINDS if re.fullmatch(kind.stem + r"\d*", stem)), None)


def wanted_names(mapping: Mapping[str, str]) -> set[str]:
    """Return every name that a known column may have, as `plain_name` writes them."""
    synonyms = {word for words in _SYNONYMS.values() for word in words}
    return {plain_name(name) for name in KNOWN_COLUMNS} | synonyms | set(mapping.values())


def did_you_mean(name: str, choices: Sequence[str]) -> str:
    """Return " (did you mean ...?)" with the nearest of the choices, or nothing."""
    by_plain = {plain_name(choice): choice for choice in reversed(choices)}
    near = difflib.get_close_matches(plain_name(name), list(by_plain), n=1, cutoff=0.6)
    return f" (did you mean {by_plain[near[0]]!r}?)" if near else ""


@dataclass(frozen=True, slots=True)
class _Match:
    """A header read as one kind of file. `positions`: contract column -> place in the file."""

    kind: Kind
    positions: dict[str, int]
    hints: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether all columns that the kind needs are there, and one besides the role."""
        needed = ("role", *self.kind.columns)
        return all(name in self.positions for name in needed) and len(self.positions) > 1


def _match(kind: Kind, header: Sequence[str], mapping: Mapping[str, str]) -> _Match:
    """Find the columns of a kind: by the user's mapping, their own name, or a synonym."""
    plain = [plain_name(cell) for cell in header]
    whole = all(theirs in plain for theirs in mapping.values())
    positions: dict[str, int] = {}
    hints = []
    for name in ("role", *kind.columns, *kind.optional):
        theirs = mapping.get(name)
        if theirs in plain and (whole or plain_name(name) not in plain):
            positions[name] = plain.index(theirs)
        elif plain_name(name) in plain:
            positions[name] = plain.index(plain_name(name))
    for name in ("role", *kind.columns):
        if name in positions:
            continue
        taken = positions.values()
        places = (plain.index(word) for word in _SYNONYMS[name] if word in plain)
        at = next((at for at in places if at not in taken), None)
        if at is not None:
            positions[name] = at
            if kind.name != "careers":
                hints.append(f"the column {header[at]!r} is read as {name!r}")
    return _Match(kind, positions, tuple(hints))


def fits_a_kind(header: Header, mapping: Mapping[str, str]) -> bool:
    """Whether a line of column names belongs to a kind of file."""
    return any(_match(kind, header.names, mapping).fits for kind in KINDS)


def recognise(
    file: str, header: Header, mapping: Mapping[str, str]
) -> tuple[Kind | None, dict[str, int], list[str]]:
    """Return the kind of a file, where its columns are, and hints.

    The name of the file decides, else its header. The kind is None where nothing fits: then the
    hint says why. Raises DataError for a known name whose columns are missing.
    """
    where = place(file, header.line + 1)
    named = kind_named(file)
    matches = {kind.name: _match(kind, header.names, mapping) for kind in KINDS}
    fitting = [match for match in matches.values() if match.fits]
    if named is not None and matches[named.name].fits:
        match = matches[named.name]
    elif fitting:
        match = max(fitting, key=lambda one: (len(one.kind.columns), len(one.positions)))
    elif named is not None:
        raise DataError(_missing(where, matches[named.name], header.names))
    else:
        candidates = [match for match in matches.values() if match.kind.columns]
        near = max(candidates, key=lambda one: len(one.positions) / (1 + len(one.kind.columns)))
        unread = (
            f"{where}: the file was not read; it fits no kind of file, the nearest is"
            f" {near.kind.file}"
        )
        return None, {}, [_missing(unread, near, header.names)]
    hints = list(match.hints)
    if named is not None and match.kind is not named:
        hints.append(f"its columns are those of {match.kind.file}, so it is read as such")
    used = match.positions.values()
    extra = [cell[:40] for i, cell in enumerate(header.names) if i not in used and cell]
    if extra:
        more = " ..." if len(extra) > 8 else ""
        hints.append(f"columns that are not used: {', '.join(extra[:8])}{more}")
    return match.kind, match.positions, [f"{file}: {hint}." for hint in hints]


def _missing(where: str, match: _Match, header: Sequence[str]) -> str:
    """Say which columns a kind of file lacks, and how to name them."""
    kind, positions = match.kind, match.positions
    expected = ("role", *kind.columns) if kind.columns else ("role", *kind.optional[:3], "...")
    missing = [name for name in ("role", *kind.columns) if name not in positions] or ["job_zone"]
    used = positions.values()
    free = [cell for i, cell in enumerate(header) if 0 < len(cell) <= 100 and i not in used]
    near = [re.search(r"'(.*)'", did_you_mean(name, free)) for name in missing]
    pairs = ",".join(
        f"{name}={found[1] if found else 'YourColumn'}"
        for name, found in zip(missing, near, strict=True)
    )
    shown = ", ".join(cell[:40] for cell in header[:12]) or "nothing"
    lost = ", ".join(f"{name!r}{did_you_mean(name, free)}" for name in missing)
    return (
        f"{where}: expected the columns {', '.join(expected)} in this line; found {shown}. Missing:"
        f" {lost}. Rename the column, or say which one it is: --columns {pairs}"
    )
