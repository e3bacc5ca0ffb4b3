"""The maker's CSV files as tables: which columns each kind has, how any of them is read, and what
is wrong with them.

Every physical data row becomes a `Row` or a `Dropped` with its line and reason; nothing is lost in
silence. What stops a file as a whole (no such column, not a text file) is collected over all files
and raised once as a `DataError`.
"""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vocation.data.csv_reader import (
    MAX_COLUMNS,
    MAX_ROLE,
    Records,
    delimiter_of,
    is_empty,
    long_cells,
    plain_name,
    read_header,
)
from vocation.data.encoding import lines_of
from vocation.data.numbers import FACTS, checked_salary, facts_of
from vocation.errors import DataError
from vocation.records import Facts, Row
from vocation.text.clean import clean, label_key

MAX_CELL = 200_000
"""Characters in a cell; a longer one is a broken file (an unclosed quote, a binary), not something
that a person wrote.
"""
MAX_FILE = 10**9
"""Bytes in a file; reading takes up to five times as much memory."""
_LINES_ABOVE = 10  # a title and notes that may stand above the column names


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file. `columns` must be there beside `role`; all of their cells must be filled, or
    (`any_of`) one of those named there.
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
    Kind("profiles", "profiles.csv", ("profile",)),
    Kind("careers", "careers.csv", (), optional=(*FACTS, "interests_source", "pay_source")),
)
_KNOWN = {"role"} | {name for kind in KINDS for name in (*kind.columns, *kind.optional)}

# Other names that people give to a column, in the form of `plain_name`. Taken with a hint, never in
# silence.
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


@dataclass(frozen=True, slots=True)
class Dropped:
    """A data row that cannot be used: where it is (`line` 1-based) and why. `value` is the start of
    the offending cell, if one is to blame.
    """

    file: str
    line: int
    column: str
    reason: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Table:
    """One file as read. `kind` is None where the file fits no kind: then only `hints` says
    something. `facts` by role, for careers.csv.
    """

    file: str
    kind: str | None
    rows: tuple[Row, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    facts: Mapping[str, Facts] = field(default_factory=dict)
    hints: tuple[str, ...] = ()


def read_folder(
    folder: str | Path | Sequence[str | Path], columns: Mapping[str, str] | None = None
) -> list[Table]:
    """Read the CSV, TSV and TXT files of a folder (or one file, or several), in the order of KINDS,
    then by name.

    `columns` maps a contract column to a column of the maker's, such as {"role": "Category",
    "profile": "Resume"}. It counts in every file that has all these columns; in other files a pair
    counts where the file lacks the contract's own column. Raises DataError with one sentence for
    each problem of any file.
    """
    paths, asked, problems = _find(folder)
    mapping = {name.strip(): plain_name(theirs) for name, theirs in (columns or {}).items()}
    problems += [
        f"--columns: vocation has no column {name!r}{_did_you_mean(name, sorted(_KNOWN))}. Write it"
        " as contract=yours, for example role=Category."
        for name in mapping
        if name not in _KNOWN
    ]
    tables: list[Table] = []
    seen: set[str] = set()
    for path in paths:
        name = path.name if [p.name for p in paths].count(path.name) == 1 else str(path)
        try:
            tables.append(_read_file(path, name, mapping, seen))
        except DataError as error:
            problems.extend(error.problems)
    unread = [hint for table in tables if table.kind is None for hint in table.hints]
    if unread and (asked or all(table.kind is None for table in tables)):
        problems.extend(unread)
    if paths and not any(problem.startswith("--columns") for problem in problems):
        problems += [
            f"--columns {name}={theirs}: no file has a column"
            f" {theirs!r}{_did_you_mean(theirs, sorted(seen))}."
            for name, theirs in (columns or {}).items()
            if plain_name(theirs) not in {plain_name(column) for column in seen}
        ]
    if problems:
        raise DataError(problems)
    order = {kind.name: i for i, kind in enumerate(KINDS)}
    return sorted(tables, key=lambda table: order.get(table.kind or "", len(order)))


# --- finding --------------------------------------------------------------------------------------


def _find(folder: str | Path | Sequence[str | Path]) -> tuple[list[Path], bool, list[str]]:
    """The files to read, whether they were named one by one, and problems."""
    given = [Path(folder)] if isinstance(folder, (str, Path)) else [Path(path) for path in folder]
    if len(given) == 1 and given[0].is_dir():
        found = sorted(
            path
            for path in given[0].iterdir()
            if path.suffix.lower() in (".csv", ".tsv", ".txt") and path.is_file()
        )
        found = [path for path in found if not path.name.startswith((".", "~$"))]
        names = ", ".join(kind.file for kind in KINDS[:5])
        return (
            found,
            False,
            (
                []
                if found
                else [
                    f"{given[0]}: expected at least one of {names}; found no .csv, .tsv or .txt"
                    " file."
                ]
            ),
        )
    problems = [f"{path}: there is no such file or folder." for path in given if not path.is_file()]
    return (
        [path for path in given if path.is_file()],
        True,
        problems or ([] if given else ["No file was named."]),
    )


# --- columns --------------------------------------------------------------------------------------


def _did_you_mean(name: str, choices: Sequence[str]) -> str:
    by_plain = {plain_name(choice): choice for choice in reversed(choices)}
    near = difflib.get_close_matches(plain_name(name), list(by_plain), n=1, cutoff=0.6)
    return f" (did you mean {by_plain[near[0]]!r}?)" if near else ""


def _locate(
    kind: Kind, header: Sequence[str], mapping: Mapping[str, str]
) -> tuple[dict[str, int], list[str]]:
    """Contract column -> position in the file, and hints about columns taken under another name."""
    plain = [plain_name(cell) for cell in header]
    whole = all(theirs in plain for theirs in mapping.values())
    found: dict[str, int] = {}
    hints = []
    for name in ("role", *kind.columns, *kind.optional):
        theirs = mapping.get(name)
        if theirs in plain and (whole or plain_name(name) not in plain):
            found[name] = plain.index(theirs)
        elif plain_name(name) in plain:
            found[name] = plain.index(plain_name(name))
    for name in ("role", *kind.columns):
        if name not in found:
            other = next(
                (
                    word
                    for word in _SYNONYMS[name]
                    if word in plain and plain.index(word) not in found.values()
                ),
                None,
            )
            if other is not None:
                found[name] = plain.index(other)
                if kind.name != "careers":
                    hints.append(f"the column {header[found[name]]!r} is read as {name!r}")
    return found, hints


def _recognise(
    file: str, line: int, header: Sequence[str], mapping: Mapping[str, str]
) -> tuple[Kind | None, dict[str, int], list[str]]:
    """The kind of a file, by its name, else by its header, which stands in `line`. Raises DataError
    for a known name whose columns are missing.
    """

    def fits(kind: Kind, found: Mapping[str, int]) -> bool:
        return "role" in found and all(name in found for name in kind.columns) and len(found) > 1

    stem = plain_name(Path(file).stem)
    named = next((kind for kind in KINDS if re.fullmatch(kind.stem + r"\d*", stem)), None)
    located = {kind.name: _locate(kind, header, mapping) for kind in KINDS}
    fitting = [kind for kind in KINDS if fits(kind, located[kind.name][0])]
    if named is not None and named in fitting:
        kind = named
    elif fitting:
        kind = max(
            fitting, key=lambda candidate: (len(candidate.columns), len(located[candidate.name][0]))
        )
    elif named is not None:
        raise DataError(_missing(f"{file}, line {line}", named, header, located[named.name][0]))
    else:
        near = max(
            KINDS[:5],
            key=lambda candidate: len(located[candidate.name][0]) / (1 + len(candidate.columns)),
        )
        unread = (
            f"{file}, line {line}: the file was not read; it fits no kind of file, the nearest is"
            f" {near.file}"
        )
        return None, {}, [_missing(unread, near, header, located[near.name][0])]
    found, hints = located[kind.name]
    if named is not None and kind is not named:
        hints = [*hints, f"its columns are those of {kind.file}, so it is read as such"]
    extra = [cell[:40] for i, cell in enumerate(header) if i not in found.values() and cell]
    if extra:
        hints = [
            *hints,
            f"columns that are not used: {', '.join(extra[:8])}{' ...' if len(extra) > 8 else ''}",
        ]
    return kind, found, [f"{file}: {hint}." for hint in hints]


def _missing(file: str, kind: Kind, header: Sequence[str], found: Mapping[str, int]) -> str:
    expected = ("role", *kind.columns) if kind.columns else ("role", *kind.optional[:3], "...")
    missing = [name for name in ("role", *kind.columns) if name not in found] or ["job_zone"]
    free = [
        cell for i, cell in enumerate(header) if 0 < len(cell) <= 100 and i not in found.values()
    ]
    near = [re.search(r"'(.*)'", _did_you_mean(name, free)) for name in missing]
    pairs = ",".join(
        f"{name}={match.group(1) if match else 'YourColumn'}"
        for name, match in zip(missing, near, strict=True)
    )
    shown = ", ".join(cell[:40] for cell in header[:12]) or "nothing"
    lost = ", ".join(f"{name!r}{_did_you_mean(name, free)}" for name in missing)
    return (
        f"{file}: expected the columns {', '.join(expected)} in this line; found {shown}. Missing:"
        f" {lost}. Rename the column, or say which one it is: --columns {pairs}"
    )


# --- rows -----------------------------------------------------------------------------------------


def _read_file(path: Path, file: str, mapping: Mapping[str, str], seen: set[str]) -> Table:
    """One file as a Table; adds its column names to `seen`. Raises DataError."""
    try:
        if (size := path.stat().st_size) > MAX_FILE:
            raise DataError(
                f"{file} holds {size:,} bytes, more than {MAX_FILE:,}. Part it into several files,"
                " each with the line of column names."
            )
        lines, hints = lines_of(path.read_bytes(), file)
    except OSError as error:
        raise DataError(f"{file}: cannot be read ({error.strerror}).") from error
    if lines and not lines[-1].endswith(("\n", "\r", '"')):
        hints.append(
            f"{file}: line {len(lines)} is the last one and has no line end; if the file was cut"
            " off, its row is incomplete."
        )
    start = next((i for i, line in enumerate(lines) if clean(line)), None)
    if start is None:
        raise DataError(
            f"{file}, line 1: the file is empty. Put a line with the column names first, then the"
            " rows; or take the file away."
        )
    with long_cells():
        try:
            return _below(file, lines, start, mapping, seen, hints)
        except DataError as error:
            raise DataError(
                problem if problem.startswith(file) else f"{file}, {problem}"
                for problem in error.problems
            ) from None


def _below(
    file: str,
    lines: Sequence[str],
    start: int,
    mapping: Mapping[str, str],
    seen: set[str],
    hints: list[str],
) -> Table:
    """The table whose column names stand in line `start` (from 0), or a little below it where
    somebody put a title above them.
    """
    sep = re.fullmatch(r"sep=([,;\t|])\s*", lines[start])  # Excel's own first line
    start += sep is not None
    wanted = (
        {plain_name(name) for name in _KNOWN}
        | {word for words in _SYNONYMS.values() for word in words}
        | set(mapping.values())
    )
    roles = {"role", *_SYNONYMS["role"], mapping.get("role", "role")}
    refused: DataError | None = None
    unread: Table | None = None
    for at in range(start, min(start + _LINES_ABOVE, len(lines))):
        if at > start and (
            len(lines[at]) > MAX_CELL or not any(role in plain_name(lines[at]) for role in roles)
        ):
            continue
        delimiter = sep[1] if sep else delimiter_of(lines[at : at + 200], wanted)
        header, after = read_header(lines, at, delimiter)
        if len(header) > MAX_COLUMNS:
            raise DataError(
                f"line {at + 1}, column {MAX_COLUMNS + 1}: expected at most {MAX_COLUMNS:,}"
                f" columns, found {len(header):,}."
            )
        if at == start:
            seen.update(cell for cell in header if cell)
        try:
            kind, found, said = _recognise(file, at + 1, header, mapping)
        except DataError as error:
            refused = refused or error
            continue
        if kind is None:
            unread = unread or Table(file, None, hints=(*hints, *said))
            continue
        seen.update(cell for cell in header if cell)
        if at > start:
            hints.append(
                f"{file}: the column names stand in line {at + 1}; what is above them was left out."
            )
        return _table(
            file, kind, found, Records(lines, after, delimiter, header, found["role"]), hints + said
        )
    if refused is not None or unread is None:
        raise refused or DataError(
            f"line {start}: the file is empty but for this line. Put a line with the column names"
            " behind it, then the rows."
        )
    return unread


def _table(
    file: str, kind: Kind, found: dict[str, int], records: Records, hints: list[str]
) -> Table:
    rows: list[Row] = []
    dropped: list[Dropped] = []
    facts: dict[str, Facts] = {}
    told: dict[str, str] = {}  # a career's name by its key
    wrong: dict[str, list[int]] = {}
    doubts = _RowWarnings(file, records)
    names = {at: plain_name(records.header[at]) for at in found.values()}
    for index, end, cells in records:
        if cells is not None and len(cells) < 2 and not clean("".join(cells)):
            continue  # a blank line is no row
        if cells is None:
            lines = f"; lines {index + 1} to {end} were read as one row" if end > index + 1 else ""
            reason = (
                "its quotes do not match (one is not closed, or one inside the text is not"
                f" doubled){lines}"
            )
            dropped.append(Dropped(file, index + 1, records.column_of_quote(index), reason))
            continue
        row = _row(file, index + 1, kind, found, cells, records)
        if isinstance(row, Row) and all(
            plain_name(cells[at][:MAX_ROLE]) == name for at, name in names.items()
        ):
            row = Dropped(file, index + 1, "role", "the column names are repeated")
        if isinstance(row, Dropped):
            dropped.append(row)
            continue
        doubts.look(row, cells)
        if kind.name == "careers":
            parsed = facts_of(row, hints)
            if (
                facts.setdefault(told.setdefault(label_key(row.role), row.role), parsed)
                is not parsed
            ):
                hints.append(
                    f"{file}, line {row.line}: {row.role!r} is there twice; the first one counts."
                )
        else:
            rows.append(checked_salary(row, wrong) if kind.name == "jobs" else row)
    for column, at in wrong.items():
        hints.append(
            f"{file}: the column {column!r} holds no plain number in {len(at):,} rows (first: line"
            f" {at[0]}); left out there."
        )
    if not rows and not dropped and not facts:
        hints.append(f"{file}, line {records.start}: there are column names but no rows.")
    return Table(file, kind.name, tuple(rows), tuple(dropped), facts, (*hints, *doubts.hints()))


class _RowWarnings:
    """What looks wrong in rows that are used all the same: counted, and said once."""

    def __init__(self, file: str, records: Records) -> None:
        self.file, self.records = file, records
        self.unnamed = [i for i, name in enumerate(records.header) if not name]
        self.surplus: list[int] = []
        self.begins: list[tuple[int, str]] = []
        self.roles: set[str] = set()

    def look(self, row: Row, cells: Sequence[str]) -> None:
        """Take note of a row."""
        if any(i < len(cells) and cells[i].strip() for i in self.unnamed):
            self.surplus.append(row.line)
        self.roles.add(row.role)
        if sign := re.search(r"[,;|\t]", role := cells[self.records.role_at]):
            self.begins.append(
                (row.line, clean(role[: sign.start()]) if sign[0] == "," else row.role)
            )

    def hints(self) -> list[str]:
        """A sentence for each kind of doubt."""
        told = [
            (self.surplus, "have text in a column without a name, which was left out"),
            (
                [i + 1 for i in self.records.mended],
                "have quotes that are not doubled, which were taken as text",
            ),
            (
                [line for line, begin in self.begins if begin in self.roles],
                "name a career that goes on behind a separator: not parted?",
            ),
        ]
        return [
            f"{self.file}: {len(lines):,} rows {what} (first: line {lines[0]})."
            for lines, what in told
            if lines
        ]


def _row(
    file: str, line: int, kind: Kind, found: Mapping[str, int], cells: list[str], records: Records
) -> Row | Dropped:
    """A usable row, or the reason why it is none."""
    if len(cells) > records.width and not any(cell.strip() for cell in cells[records.width :]):
        del cells[records.width :]
    if not any(cell.strip() for cell in cells):
        return Dropped(file, line, "role", "the row is empty")
    if not records.fits(cells):
        cure = (
            ": text that holds the separator must stand in quotes"
            if len(cells) > records.width
            else ""
        )
        column = records.header[min(len(cells), records.least - 1)]
        return Dropped(
            file,
            line,
            column,
            f"expected {records.least} cells, found {len(cells)}{cure}",
            clean(cells[0][:60]),
        )
    for name, at in found.items():
        if len(cells[at]) > MAX_CELL:
            return Dropped(
                file,
                line,
                name,
                f"the column {name!r} holds {len(cells[at]):,} characters, more than {MAX_CELL:,}",
                cells[at][:60],
            )
    values = {
        name: "" if is_empty(value := clean(cells[at])) else value for name, at in found.items()
    }
    role = values.pop("role")
    if not label_key(role):
        return Dropped(file, line, "role", "the column 'role' is empty", role)
    if len(role) > MAX_ROLE:
        return Dropped(
            file,
            line,
            "role",
            f"the column 'role' holds {len(role)} characters, more than {MAX_ROLE}: are columns"
            " shifted?",
            role[:60],
        )
    if kind.any_of:
        if not any(values[name] for name in kind.any_of):
            return Dropped(
                file,
                line,
                kind.any_of[0],
                f"the columns {' and '.join(map(repr, kind.any_of))} are empty",
            )
    else:
        for name in kind.columns:
            if not values[name]:
                return Dropped(
                    file,
                    line,
                    name,
                    f"the column {name!r} is empty",
                    clean(cells[found[name]][:60]),
                )
    filled = {name: value for name, value in values.items() if value or name in kind.columns}
    return Row(sys.intern(role), kind.name, filled, file, line)  # one string for all rows of a role


def split_skills(text: str) -> list[str]:
    """The skills of a list with commas, semicolons or bars; those within brackets do not part:
    "Python (numpy, pandas), SQL" holds two.
    """
    return [skill for part in re.split(r"[,;|](?![^()]*\))", text) if (skill := part.strip())]
