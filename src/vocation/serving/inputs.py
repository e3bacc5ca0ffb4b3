"""Read the user's file row by row, to score it or to measure on it: CSV, JSON lines or parquet.

Every row comes out once and in order, those that are no rows of the table with a `RowIssue`. CSV
files are read as in training. Rows are made while they are asked for, so a large file costs little
more memory than its bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocation.data.csv_reader import (
    MAX_RECORD,
    Header,
    RowIssue,
    find_header,
    long_cells,
    plain_name,
)
from vocation.data.csv_records import Records
from vocation.data.encoding import lines_of
from vocation.errors import DataError, MissingExtra
from vocation.text.clean import clean

AT_ONCE = (1000, 2_000_000)
"""Rows that are split into cells together, and characters from which on there are fewer."""
_SHOWN = 20  # rows without an answer that a command names


@dataclass(frozen=True, slots=True)
class InputRow:
    """A row: its line (from 1), its cells (as many as the header has), and why it is none."""

    line: int
    cells: list[Any]
    issue: RowIssue | None = None


class InputTable:
    """A file to go through, as often as one likes.

    `header` are the column names verbatim, `positions` the places of the columns asked for,
    `separator` what separates cells in a CSV output, `size` the lines of the file.
    """

    def __init__(
        self,
        header: Header,
        positions: list[int],
        size: int,
        rows: Callable[[list[str]], Iterator[InputRow]],
        hints: Sequence[str] = (),
    ) -> None:
        self.header = list(header.cells)
        self.positions = positions
        self.size = size
        # A table of one column has no separator; the output, which has more columns, needs one.
        self.separator = header.delimiter if len(header.cells) > 1 else ","
        self._rows = rows
        self._hints = hints
        self._late_hints: list[str] = []

    def __iter__(self) -> Iterator[InputRow]:
        self._late_hints = []
        return self._rows(self._late_hints)

    def hints(self) -> tuple[str, ...]:
        """Return a sentence for each doubt about the file, and about the rows read last."""
        return (*self._hints, *self._late_hints)

    def values(self, row: InputRow) -> list[str]:
        """Return the cells of the columns asked for as text, empty where there is none."""
        cells = (row.cells[at] for at in self.positions)
        return ["" if cell is None else str(cell) for cell in cells]


def read(path: Path, columns: Sequence[str], encoding: str | None = None) -> InputTable:
    """Open a file to read `columns` of it: the text, then the right career, then any others.

    `encoding` is that of a CSV or JSON lines file which is not Unicode. Raises DataError where
    there is no such file or column.
    """
    readers: Mapping[str, Callable[[Path, Sequence[str], str | None], InputTable]] = {
        ".csv": _read_csv,
        ".tsv": _read_csv,
        ".txt": _read_csv,
        ".jsonl": _read_jsonl,
        ".parquet": _read_parquet,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        found = path.suffix or "no ending"
        raise DataError(
            f"{path}: expected a file that ends in {', '.join(readers)}, found {found}; save a"
            ' spreadsheet as "CSV UTF-8"'
        )
    if not path.is_file():
        raise DataError(f"{path}: there is no such file")
    return reader(path, columns, encoding)


def parts(rows: Iterable[InputRow], most: int, characters: int) -> Iterator[list[InputRow]]:
    """Yield the rows in lists of at most `most`, and shorter ones where cells are long.

    A list ends with the row that brings it to so many `characters`.
    """
    part: list[InputRow] = []
    size = 0
    for row in rows:
        part.append(row)
        size += sum(len(cell) for cell in row.cells if isinstance(cell, str))
        if len(part) == most or size >= characters:
            yield part
            part, size = [], 0
    if part:
        yield part


def account(unread: Sequence[object], hints: Sequence[str] = ()) -> Iterator[str]:
    """Yield what a command reports of a file: the first rows without an answer, then the hints."""
    if unread:
        rows = "row" if len(unread) == 1 else "rows"
        yield f"{len(unread):,} {rows} could not be read as part of the table:"
    yield from (f"  {issue}" for issue in unread[:_SHOWN])
    if len(unread) > _SHOWN:
        yield f"  and {len(unread) - _SHOWN:,} more"
    yield from hints


def _positions(file: str, header: Header, columns: Sequence[str]) -> list[int]:
    """Return where the columns are. Raises DataError where one is missing or there twice."""
    positions = []
    for name in columns:
        at = header.position(name)
        if at is None:
            shown = ", ".join(repr(cell[:60]) for cell in header.cells[:12])
            raise DataError(f"{file}: there is no column {name!r}; found {shown}")
        if header.cells.count(header.cells[at]) > 1:
            raise DataError(
                f"{file}: more than one column is named {header.cells[at]!r}: rename those that"
                " should not be read"
            )
        positions.append(at)
    return positions


def _lines(path: Path, encoding: str | None) -> tuple[Sequence[str], list[str]]:
    try:
        return lines_of(path.read_bytes(), path.name, encoding)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None


# --- CSV ------------------------------------------------------------------------------------------


def _read_csv(path: Path, columns: Sequence[str], encoding: str | None) -> InputTable:
    file = path.name
    lines, hints = _lines(path, encoding)

    def accepts(header: Header) -> bool:
        return all(header.position(name) is not None for name in columns)

    try:
        with long_cells():
            header = find_header(lines, set(map(plain_name, columns)), accepts)
    except DataError as error:
        raise DataError(f"{file}, {problem}" for problem in error.problems) from None
    positions = _positions(file, header, columns)
    role_at = positions[1] if len(positions) > 1 else None

    def rows(late_hints: list[str]) -> Iterator[InputRow]:
        records = Records(lines, header, role_at, positions[0])
        found = _csv_rows(file, records)
        # Not `yield from found`: the csv module's limit must not stay lifted across a yield.
        while part := _part(file, found):
            yield from part
        if records.repaired:
            late_hints.append(
                f"{file}: {len(records.repaired):,} rows have quotes that are not doubled, which"
                f" were taken as text (first: line {records.repaired[0] + 1})."
            )

    return InputTable(header, positions, len(lines), rows, [*hints, *header.hints(file)])


def _part(file: str, rows: Iterator[InputRow]) -> list[InputRow]:
    """Return the next rows. The limit of the csv module is lifted only within this call."""
    try:
        with long_cells():
            return next(parts(rows, *AT_ONCE), [])
    except DataError as error:
        raise DataError(f"{file}, {problem}" for problem in error.problems) from None


def _csv_rows(file: str, records: Records) -> Iterator[InputRow]:
    for start, end, cells in records:
        readable = cells is not None and records.fits(cells)
        issue = None if readable else records.issue(file, start, end, cells)
        yield InputRow(start + 1, records.verbatim(start, end, cells), issue)


# --- JSON lines and parquet -----------------------------------------------------------------------


def _read_jsonl(path: Path, columns: Sequence[str], encoding: str | None) -> InputTable:
    file = path.name
    lines, hints = _lines(path, encoding)
    # A pass of its own: a column may occur in the last line for the first time.
    names: dict[str, None] = {}  # in the order in which they come
    wrong = 0
    for number, line in enumerate(lines, 1):
        record = _json_object(line)
        if record is not None:
            names.update(dict.fromkeys(record))
        elif clean(line):
            # An empty line is neither a row nor a mistake.
            wrong = wrong or number
    if not names:
        # The line itself is not shown: it may be a person's text.
        where = f"{file}, line {wrong or 1}"
        raise DataError(f"{where}: expected one JSON object a line, found something else")
    header = _plain_header(names)
    positions = _positions(file, header, columns)

    def rows(_: list[str]) -> Iterator[InputRow]:
        for number, line in enumerate(lines, 1):
            record = _json_object(line)
            if record is not None:
                yield InputRow(number, [record.get(name) for name in names])
            elif clean(line):
                cells: list[Any] = [None] * len(names)
                # The output keeps the line, in the column of the text.
                cells[positions[0]] = line[:MAX_RECORD].rstrip("\r\n")
                found = (
                    f"a line of more than {MAX_RECORD:,} characters"
                    if len(line) > MAX_RECORD
                    else "something else"
                )
                issue = RowIssue(file, number, "", f"expected a JSON object, found {found}")
                yield InputRow(number, cells, issue)

    return InputTable(header, positions, len(lines), rows, hints)


def _json_object(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _read_parquet(path: Path, columns: Sequence[str], _: str | None) -> InputTable:
    import pandas

    try:
        frame = pandas.read_parquet(path)
    except ImportError:
        raise MissingExtra("parquet", "parquet") from None
    except Exception as error:  # pyarrow's own kinds
        raise DataError(
            f"{path.name} is not a readable parquet file ({str(error)[:100]})"
        ) from None
    header = _plain_header(map(str, frame.columns))
    positions = _positions(path.name, header, columns)

    def rows(_: list[str]) -> Iterator[InputRow]:
        for first in range(0, len(frame), AT_ONCE[0]):
            # In parts, because cells as objects take many times the memory of the table.
            part = frame.iloc[first : first + AT_ONCE[0]]
            # As objects first: a column of numbers would turn None back into NaN.
            cells = part.astype(object).where(part.notna(), None).to_numpy().tolist()
            for number, own in enumerate(cells, first + 1):
                yield InputRow(number, own)

    return InputTable(header, positions, len(frame), rows)


def _plain_header(names: Iterator[str] | Mapping[str, None]) -> Header:
    """Return the header of a file that has no line of column names."""
    cells = tuple(names)
    return Header(0, 0, ",", tuple(map(clean, cells)), cells)
