"""Read the user's files as tables.

    file -> header and records (`sources`) -> kind (`columns`) -> rows

Every data row becomes a `Row` or a `RowIssue` with its line and reason; none is lost silently. What
stops a whole file (no such column, not a text file) is collected over all files and raised once as
a `DataError`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from vocation.data.aliases import aliases_of
from vocation.data.columns import fits_a_kind, recognise
from vocation.data.csv_reader import MAX_CELL, RowIssue, is_empty, long_cells, plain_name
from vocation.data.csv_records import MAX_ROLE
from vocation.data.encoding import check_encoding
from vocation.data.folder import Found, find, some
from vocation.data.formats import TEXT, ending_of, stem_of
from vocation.data.missing import ColumnsMissingError
from vocation.data.numbers import checked_kind, checked_salary, facts_of
from vocation.data.schema import (
    KINDS,
    KNOWN_COLUMNS,
    Kind,
    did_you_mean,
    is_guessed,
    kind_named,
    wanted_names,
)
from vocation.data.sources import AnyRecords, Source, naming, open_table
from vocation.errors import DataError
from vocation.format import counted, line_of, place
from vocation.records import Facts, Row
from vocation.text.clean import clean, label_key, plain_text
from vocation.text.markup import without_markup
from vocation.text.skill_lists import one_line

BEHIND_SEPARATOR = "a career that goes on behind a separator: is another separator meant?"
"""What a hint says of a label with a separator in it."""


@dataclass(frozen=True, slots=True)
class Table:
    """One file as read. `kind` is None where the file fits no kind: then `unread` says why.

    `facts` and `aliases` by role, for careers.csv; `wrapped` has the lines of a role that has
    several. `note` is True for an unread text file that seems to be no table at all. `variants`
    are (line, text): the row of that line in other words.
    """

    file: str
    kind: str | None
    rows: tuple[Row, ...] = ()
    dropped: tuple[RowIssue, ...] = ()
    facts: Mapping[str, Facts] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    note: bool = False
    variants: tuple[tuple[int, str], ...] = ()
    wrapped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class _GuessedError(Exception):
    """The file was written by vocation: its careers are a model's."""


def read_folder(
    folder: str | Path | Sequence[str | Path],
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> list[Table]:
    """Read the tables of a folder or a zip (or one file, or several).

    They come in the order of KINDS, then by name; a last one without a kind says what else in the
    folder is not read. `columns` maps a contract column to a column of the user's, such as {"role":
    "Category", "profile": "Resume"}. It counts in every file that has all these columns; in other
    files a pair counts where the file lacks the contract's own column.
    Raises DataError with one sentence for each problem of any file, ConfigError where there is no
    such encoding.
    """
    if encoding is not None:
        check_encoding(encoding)
    found = find(folder)
    problems = list(found.problems)
    mapping = {name.strip(): theirs for name, theirs in (columns or {}).items()}
    wrong = [
        f"--columns: vocation has no column {name!r}{did_you_mean(name, sorted(KNOWN_COLUMNS))}."
        " Write it as contract=yours, for example role=Category."
        for name in mapping
        if name not in KNOWN_COLUMNS
    ]
    read = _read_each(found, mapping, encoding)
    tables, left_out = read.tables, [*found.left_out, *read.left_out]
    problems += read.problems
    problems += _same_stem(tables, found.sources)
    unknown = read.unknown
    # A column in a file that could not be read is not missing.
    if not wrong and unknown.issuperset(problems) and len(read.headers) == len(found.sources):
        names = {name for one in read.headers.values() for name in one}
        wrong = _missing_columns(columns or {}, names)
    if found.named or all(table.kind is None for table in tables):
        if found.named or not problems:
            problems += left_out
        reasons = [reason for table in tables for reason in table.unread]
        problems += reasons
        unknown.update(reasons)
    # With a wrong --columns files lack columns only because of that.
    if wrong:
        problems = [*(problem for problem in problems if problem not in unknown), *wrong]
    if problems:
        raise DataError(problems)
    tables = [table for table in tables if not table.note]
    if left_out:
        tables.append(Table(str(folder), None, unread=tuple(left_out)))
    order = {kind.name: i for i, kind in enumerate(KINDS)}
    return sorted(tables, key=lambda table: order.get(table.kind or "", len(order)))


class _ReadFiles(NamedTuple):
    """The tables that could be read, and a sentence for each problem.

    `left_out` are problems that stop nothing; `unknown` those of `problems` that a wrong --columns
    has as well; `headers` are the column names by file.
    """

    tables: list[Table]
    problems: list[str]
    left_out: list[str]
    unknown: set[str]
    headers: dict[str, tuple[str, ...]]


def _read_each(found: Found, mapping: Mapping[str, str], encoding: str | None) -> _ReadFiles:
    read = _ReadFiles([], [], [], set(), {})
    guessed: list[str] = []
    for source in found.sources:
        try:
            read.tables.append(_read_file(source, mapping, read.headers, encoding))
        except DataError as error:
            # A table by its name must be readable; of JSON and the like in a folder, not all are.
            needed = found.named or kind_named(source.name) or ending_of(source.name) in TEXT
            (read.problems if needed else read.left_out).extend(error.problems)
            if isinstance(error, ColumnsMissingError):
                read.unknown.update(error.problems)
        except _GuessedError:
            guessed.append(source.name)
    if guessed:
        read.left_out.append(
            f"{some(guessed)}: left out, because vocation wrote it and a model guessed its careers."
            " Train on rows whose career is known."
        )
    return read


def _same_stem(tables: Sequence[Table], sources: Sequence[Source]) -> list[str]:
    """Return a sentence for tables of one folder that differ in their ending alone: copies?"""
    read = {table.file for table in tables if table.kind}
    by_stem: dict[tuple[Path, str], list[str]] = {}
    for source in sources:
        if source.name in read:
            stem = stem_of(source.name).casefold()
            by_stem.setdefault((source.path.parent, stem), []).append(source.name)
    return [
        f"{' and '.join(names)} have the same name but for the ending: keep one of them, or rename"
        " the other if it holds other rows."
        for names in by_stem.values()
        if len(names) > 1
    ]


def _missing_columns(columns: Mapping[str, str], headers: set[str]) -> list[str]:
    """Return a sentence for each column of `--columns` that is in none of the headers."""
    known = headers | (set(map(plain_name, headers)) - {""})
    return [
        f"--columns {name}={theirs}: no file has a column"
        f" {theirs!r}{did_you_mean(theirs, sorted(headers))}."
        for name, theirs in columns.items()
        if known.isdisjoint((clean(theirs), plain_name(theirs)))
    ]


# --- one file -------------------------------------------------------------------------------------


def _read_file(
    source: Source,
    mapping: Mapping[str, str],
    headers: dict[str, tuple[str, ...]],
    encoding: str | None,
) -> Table:
    """Read one file as the table of one kind; add its column names to `headers`.

    Raises DataError.
    """
    file, wanted = source.name, wanted_names(mapping)
    with naming(file):
        opened = open_table(source, wanted, lambda one: fits_a_kind(one, mapping), encoding)
        header = opened.header
        headers[file] = tuple(filter(None, header.names))
        if is_guessed(header):
            raise _GuessedError
        with long_cells():
            kind, positions, notes = recognise(file, header, mapping, opened.first)
        if kind is None:
            known = wanted.intersection(map(plain_name, header.names))
            note = file.lower().endswith(".txt") and not known
            # Of a workbook another sheet may be the table.
            sheets = opened.hints if ending_of(file) == ".xlsx" else ()
            return Table(file, None, unread=(*notes, *sheets), note=note)
        with long_cells():
            records = opened.records(positions["role"], -1)
            return table_of(file, kind, positions, records, [*opened.hints, *notes])


def table_of(
    file: str, kind: Kind, positions: dict[str, int], records: AnyRecords, hints: list[str]
) -> Table:
    """Read the records as rows of a kind; what is wrong with a row, or doubtful, is kept."""
    rows: list[Row] = []
    dropped: list[RowIssue] = []
    facts: dict[str, Facts] = {}
    aliases: dict[str, tuple[str, ...]] = {}
    spellings: dict[str, str] = {}  # a career's first spelling by its key
    wrapped: dict[str, tuple[str, ...]] = {}
    no_number: dict[str, list[int]] = {}  # lines by column
    no_kind: list[tuple[int, str]] = []
    warnings = _RowWarnings(file, records, positions.values())
    for index, end, cells in records:
        row = _row(file, kind, positions, records, index, end, cells)
        if isinstance(row, RowIssue):
            dropped.append(row)
            continue
        warnings.add(row, cells or ())
        if len(names := _lines_of(cells[records.role_at or 0] if cells else "")) > 1:
            wrapped[row.role] = names
        if kind.name != "careers":
            if kind.name == "jobs":
                row = checked_salary(row, no_number)
            elif kind.name == "profiles":
                row = checked_kind(row, no_kind)
            rows.append(row)
            continue
        parsed = facts_of(row, hints)
        role = spellings.setdefault(label_key(row.role), row.role)
        aliases.setdefault(role, aliases_of(row, hints))
        if facts.setdefault(role, parsed) is not parsed:
            hints.append(f"{row.place}: {row.role!r} is there twice; the first one counts.")
    for column, lines in no_number.items():
        hints.append(
            f"{file}: the column {column!r} holds no plain number in {len(lines):,} rows (first:"
            f" {line_of(file, lines[0])}); left out there."
        )
    if no_kind:
        line, found = no_kind[0]
        hints.append(
            f"{place(file, line)}, column 'kind': expected profile, resume, ad or feedback (empty:"
            f" profile), found {found[:40]!r}; left out. Rows like this ({len(no_kind):,}) count as"
            " profiles: correct the cells, or empty them."
        )
    if not rows and not dropped and not facts:
        hints.append(f"{place(file, records.start)}: there are column names but no rows.")
    hints = [*hints, *warnings.hints()]
    return Table(
        file, kind.name, tuple(rows), tuple(dropped), facts, aliases, tuple(hints), wrapped=wrapped
    )


def _lines_of(cell: str) -> tuple[str, ...]:
    """The lines of a cell that are not blank; none for most cells of one line."""
    if cell.isprintable() and "<" not in cell:  # a quick look, since there are many
        return ()
    return tuple(filter(None, map(plain_text, without_markup(cell).splitlines())))


class _RowWarnings:
    """What looks wrong in rows that are used all the same: counted, and reported once a file."""

    def __init__(self, file: str, records: AnyRecords, used: Collection[int]) -> None:
        self.file, self.records, self.used = file, records, used
        self.markup: list[int] = []
        self.unnamed = [i for i, name in enumerate(records.header) if not name]
        self.surplus: list[int] = []
        self.split_roles: list[tuple[int, str]] = []
        self.roles: set[str] = set()

    def add(self, row: Row, cells: Sequence[str]) -> None:
        """Look at one row."""
        if any(i < len(cells) and cells[i].strip() for i in self.unnamed):
            self.surplus.append(row.line)
        if any(without_markup(cells[i]) != cells[i] for i in self.used):
            self.markup.append(row.line)
        self.roles.add(row.role)
        role = without_markup(cells[self.records.role_at or 0])
        if sign := re.search(r"[,;|\t]", role):
            # "Chef, I cook": doubtful only where a career "Chef" exists; other signs always are.
            begin = plain_text(role[: sign.start()]) if sign[0] == "," else row.role
            self.split_roles.append((row.line, begin))

    def hints(self) -> list[str]:
        """Return a sentence for each kind of warning."""
        found = [
            (self.markup, "hold HTML tags or entities, which are not read as text"),
            (self.surplus, "have text in a column without a name, which was left out"),
            (
                [line for line, begin in self.split_roles if begin in self.roles],
                f"name {BEHIND_SEPARATOR}",
            ),
        ]
        sentences = [
            f"{self.file}: {counted(len(lines), f'rows {what}')} (first:"
            f" {line_of(self.file, lines[0])})."
            for lines, what in found
            if lines
        ]
        return [*self.records.doubts(self.file), *sentences]


def _row(
    file: str,
    kind: Kind,
    positions: Mapping[str, int],
    records: AnyRecords,
    index: int,
    end: int,
    cells: list[str] | None,
) -> Row | RowIssue:
    """Return a usable row, or why the record index..end is none."""

    def issue(column: str, reason: str, value: str = "") -> RowIssue:
        return RowIssue(file, index + 1, column, reason, value)

    if cells is not None and not any(map(str.strip, cells)):
        return issue("role", "the row is empty")
    if cells is None or not records.fits(cells):
        return records.issue(file, index, end, cells)
    for name, at in positions.items():
        if (size := len(cells[at])) > MAX_CELL:
            reason = f"the column {name!r} holds {size:,} characters, more than {MAX_CELL:,}"
            return issue(name, reason, cells[at][:60])
    read = {name: one_line if name == "skills" else plain_text for name in positions}
    values = {
        name: "" if is_empty(value := read[name](cells[at])) else value
        for name, at in positions.items()
    }
    role = values.pop("role")
    if not label_key(role):
        return issue("role", "the column 'role' is empty", role)
    if len(role) > MAX_ROLE:
        reason = (
            f"the column 'role' holds {len(role)} characters, more than {MAX_ROLE}: are columns"
            " shifted?"
        )
        return issue("role", reason, role[:60])
    if kind.any_of and not any(values.get(name) for name in kind.any_of):
        there = [name for name in kind.any_of if name in positions]
        columns = " and ".join(map(repr, there))
        are = "columns {} are" if len(there) > 1 else "column {} is"
        return issue(there[0], f"the {are.format(columns)} empty")
    if not kind.any_of:
        for name in kind.columns:
            if not values[name]:
                value = clean(cells[positions[name]][:60])
                return issue(name, f"the column {name!r} is empty", value)
    used = positions.values()
    if all(plain_name(cells[at][:MAX_ROLE]) == plain_name(records.header[at]) for at in used):
        return issue("role", "the column names are repeated")
    filled = dict.fromkeys(kind.columns, "") | {
        name: value for name, value in values.items() if value
    }
    # Interned: one string for all rows of a role.
    return Row(sys.intern(role), kind.name, filled, file, index + 1)
