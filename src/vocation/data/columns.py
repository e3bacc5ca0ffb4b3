"""Tell which kind of file a table is and which of its columns are which: by their names, and where
these leave a doubt by the first rows. Whatever is guessed is said in a hint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vocation.data.csv_reader import Header, plain_name
from vocation.data.looks import Rows
from vocation.data.missing import ColumnsMissingError, columns_option, needed, own_columns, sentence
from vocation.data.schema import (
    DOUBTFUL,
    KINDS,
    OF_BOOKS,
    SYNONYMS,
    TITLES,
    Kind,
    kind_named,
    places,
)
from vocation.format import place
from vocation.text.clean import label_key

_LONGEST_NAME = 40  # characters; a longer "column name" of a table that has none is a text
_OCCUPATIONS, _OCCUPATIONS_OF_NAME = 0.5, 0.8  # share of values that end like an occupation


@dataclass(frozen=True, slots=True)
class _Match:
    """A header read as one kind of file. `positions`: contract column -> place in the file."""

    kind: Kind
    positions: dict[str, int]
    hints: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether all columns that the kind needs are there, and one besides the role."""
        at, kind = self.positions, self.kind
        enough = not kind.any_of or any(name in at for name in kind.any_of)
        return enough and all(name in at for name in ("role", *kind.must)) and len(at) > 1

    @property
    def rank(self) -> tuple[bool, bool, int, int]:
        """Which of several kinds that fit is meant: whole ones with texts before others."""
        texts = sum(name in self.positions for name in self.kind.columns)
        whole = texts == len(self.kind.columns)
        return bool(texts), whole, texts, len(self.positions)


def fits_a_kind(header: Header, mapping: Mapping[str, str]) -> bool:
    """Whether a line of column names belongs to a kind of file."""
    role = _role_of_name(header, mapping)
    if role is None:
        role = next(iter(places(header, TITLES)), None)
    return any(_match(kind, header, mapping, role, named=True).fits for kind in KINDS)


def recognise(
    file: str, header: Header, mapping: Mapping[str, str], rows: Rows
) -> tuple[Kind | None, dict[str, int], list[str]]:
    """Return the kind of a file, where its columns are, and hints.

    `mapping` is a contract column -> one of the user's; `rows` are the first ones. The name of
    the file decides, else its header, and where its names leave a doubt the first rows. The kind is
    None where nothing fits: then the hint says why. Raises ColumnsMissingError for a known name
    whose columns are missing.
    """
    named = kind_named(file)
    role, guess = _role(header, mapping, rows)
    matches = {
        kind.name: _match(kind, header, mapping, role, named=kind is named) for kind in KINDS
    }
    fitting = [match for match in matches.values() if match.fits]
    if named is not None and matches[named.name].fits:
        match = matches[named.name]
    elif fitting:
        match = max(fitting, key=lambda one: one.rank)
    elif found := _two_columns(header, mapping, rows, role):
        match, guess = found, None
    else:
        where = place(file, header.line + 1)
        near = matches[named.name] if named else max(matches.values(), key=_nearness)
        is_row = not near.positions and _is_a_row(header, own_columns(header), rows)
        reason = sentence(where, header, near.kind, near.positions, named is not None, rows, is_row)
        if named is not None:
            raise ColumnsMissingError(reason)
        return None, {}, [reason]
    hints = [*([guess] if guess and match.kind.name != "careers" else []), *match.hints]
    if named is not None and match.kind is not named:
        hints.append(f"its columns are those of {match.kind.file}, so it is read as such")
    used = match.positions.values()
    extra = [cell[:40] for i, cell in enumerate(header.names) if i not in used and cell]
    if extra:
        more = " ..." if len(extra) > 8 else ""
        hints.append(f"columns that are not used: {', '.join(extra[:8])}{more}")
    return match.kind, match.positions, [f"{file}: {hint}." for hint in hints]


def _mapped(name: str, header: Header, mapping: Mapping[str, str]) -> int | None:
    """Return where the user's own column for the contract's is.

    In a file that lacks some of the user's columns the contract's own name counts first.
    """
    if name not in mapping:
        return None
    whole = all(header.position(theirs) is not None for theirs in mapping.values())
    own = plain_name(name) in map(plain_name, header.names)
    return header.position(mapping[name]) if whole or not own else None


def _role_of_name(header: Header, mapping: Mapping[str, str]) -> int | None:
    """Return the column that can hold nothing but careers."""
    at = _mapped("role", header, mapping)
    return at if at is not None else next(iter(places(header, ("role", *SYNONYMS["role"]))), None)


def _role(header: Header, mapping: Mapping[str, str], rows: Rows) -> tuple[int | None, str | None]:
    """Return the column of the careers and, where that is no more than likely, a hint."""
    at = _role_of_name(header, mapping)
    if at is None:
        titled = places(header, TITLES)
        likely = [place for place in titled if _holds_careers(header, place, rows)]
        # One in which values repeat says more than one with a value of its own in each row.
        repeating = [place for place in likely if rows[place].repeats]
        at = next(iter([*repeating, *likely]), None)
        doubtful = [place for place in repeating if plain_name(header.names[place]) in DOUBTFUL]
        if at is None or (at in doubtful and len(doubtful) > 1):
            return None, None
    name = header.names[at]
    if plain_name(name) == "role" or at == _mapped("role", header, mapping):
        return at, None
    hint = f"the column {name!r} is read as 'role'"
    if plain_name(name) in TITLES and not rows[at].repeated and rows[at].filled > 1:
        hint += "; no value of it comes twice, so each career has one row"
    return at, hint


def _holds_careers(header: Header, at: int, rows: Rows) -> bool:
    """Whether a column that is named like one of careers is one."""
    name = plain_name(header.names[at])
    if name not in DOUBTFUL:
        return True
    others = set(map(plain_name, header.names))
    if name == "title" and others & OF_BOOKS:
        return False
    if name == "name":  # people are called Cook and Smith as well, and may write several texts
        return rows[at].is_label and rows[at].occupations >= _OCCUPATIONS_OF_NAME
    return rows[at].repeats or (rows[at].is_label and rows[at].occupations >= _OCCUPATIONS)


def _match(
    kind: Kind, header: Header, mapping: Mapping[str, str], role: int | None, named: bool
) -> _Match:
    """Find the columns of a kind: by the user's mapping, their own name, or a synonym.

    `named`: whether the file has the name of this kind.
    """
    plain = list(map(plain_name, header.names))
    positions: dict[str, int] = {} if role is None else {"role": role}
    hints = []
    for name in (*kind.columns, *kind.optional):
        at = _mapped(name, header, mapping)
        if at is None and plain_name(name) in plain:
            at = plain.index(plain_name(name))
        if at is not None and at != role:
            positions[name] = at
    for name in kind.columns:
        if name in positions:
            continue
        words = SYNONYMS[name]
        if name == "book_title" and (named or OF_BOOKS.intersection(plain)):
            words = (*words, "title")
        taken = positions.values()
        place = next((at for at in places(header, words) if at not in taken), None)
        if place is not None:
            positions[name] = place
            if kind.name != "careers":
                hints.append(f"the column {header.names[place]!r} is read as {name!r}")
    return _Match(kind, positions, tuple(hints))


def _nearness(match: _Match) -> tuple[float, int, bool]:
    """Return how near a header comes to a kind; where it says nothing, any text may be a profile.

    Files of facts teach nothing, so they come last.
    """
    kind, there = match.kind, match.positions
    wanted = needed(kind, there)
    share = sum(name in there for name in wanted) / len(wanted) if kind.columns else 0
    return share, len(there) if share else 0, kind.name == "profiles"


# --- two columns, in any language -----------------------------------------------------------------


def _two_columns(
    header: Header, mapping: Mapping[str, str], rows: Rows, role: int | None
) -> _Match | None:
    """Read a table of two columns, whatever their names: a label and a text.

    None where it is not clear which is which.
    """
    columns = own_columns(header)
    if len(columns) != 2 or _is_a_row(header, columns, rows):
        return None
    text = {at: name for name, at in _known_texts(header, mapping).items()}
    labels = [at for at in columns if role in (at, None) and at not in text]
    labels = [at for at in labels if at == role or _may_be_a_label(header, at)]
    pairs = [(at, sum(columns) - at) for at in labels]
    found = [pair for pair in pairs if rows[pair[0]].labels(rows[pair[1]])]
    if len(found) != 1:
        return None
    label, at = found[0]
    name = text.get(at, "profile")
    kind = next(kind for kind in KINDS if name in (*kind.must, *kind.any_of))
    hints = [] if label == role else [f"the column {header.names[label]!r} is read as 'role'"]
    if label != role and not rows[label].repeated and rows[label].filled > 1:
        hints[0] += "; no value of it comes twice, so each career has one row"
    if at not in text:
        known = {} if label == role else {"role": label}
        option = columns_option(header, known | {"description": at})
        hints.append(
            f"the column {header.names[at]!r} is read as 'profile', a person's own words; say "
            f" {option}  if it describes the career"
        )
    return _Match(kind, {"role": label, name: at}, tuple(hints))


def _known_texts(header: Header, mapping: Mapping[str, str]) -> dict[str, int]:
    """Return the columns of texts that are known by their names, whatever the kind of file."""
    found: dict[str, int] = {}
    for kind in KINDS:
        at = _match(kind, header, mapping, None, named=False).positions
        found |= {name: at[name] for name in (*kind.must, *kind.any_of) if name in at}
    return found


def _may_be_a_label(header: Header, at: int) -> bool:
    """Whether a column may be taken for one of careers by its rows alone."""
    return plain_name(header.names[at]) not in ("title", "name")


def _is_a_row(header: Header, columns: Sequence[int], rows: Rows) -> bool:
    """Whether the line of column names is a row: its label comes again, or a text stands in it."""
    again = any(
        rows[at].is_label and label_key(header.names[at]) in rows[at].keys for at in columns
    )
    return again or any(len(header.names[at]) > _LONGEST_NAME for at in columns)
