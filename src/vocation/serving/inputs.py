"""Read the user's file row by row, to score it or to measure on it, as training reads files.

Every row comes out once and in order, those that are no rows of the table with a `RowIssue`. Rows
are made while they are asked for, so a large file costs little more memory than its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocation.data.csv_reader import Header, RowIssue, long_cells, plain_name
from vocation.data.folder import one_table
from vocation.data.formats import READ, TEXT, ending_of, is_table
from vocation.data.grid import text_of
from vocation.data.sources import AnyRecords, naming, open_table
from vocation.errors import DataError

AT_ONCE = (1000, 2_000_000)
"""Rows that are split into cells together, and characters from which on there are fewer."""
SHOWN = 20
"""Rows without an answer that a command names."""


Skip = Callable[[int], bool] | None


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
        rows: Callable[[list[str], Skip], Iterator[InputRow]],
        hints: Sequence[str] = (),
        only_text: bool = False,
        check: Callable[[], None] | None = None,
    ) -> None:
        """`rows` is told where to put late hints, and which rows to skip. `only_text`: every cell
        is text. `check` raises DataError where the file is another one by now.
        """
        self.header = list(header.cells)
        self.positions = positions
        self.size = size
        self.only_text = only_text
        self._check = check
        # A table of one column has no separator; the output, which has more columns, needs one.
        self.separator = header.delimiter if len(header.cells) > 1 else ","
        self._rows = rows
        self._hints = hints
        self._late_hints: list[str] = []

    def __iter__(self) -> Iterator[InputRow]:
        return self.rows()

    def rows(self, skip: Skip = None) -> Iterator[InputRow]:
        """Return the rows; those whose number, from 0 on, is to be skipped come without cells."""
        self._late_hints = []
        return self._rows(self._late_hints, skip)

    def check(self) -> None:
        """Raise DataError where the file has changed since it was opened."""
        if self._check is not None:
            self._check()

    def hints(self) -> tuple[str, ...]:
        """Return a sentence for each doubt about the file, and about the rows read last."""
        return (*self._hints, *self._late_hints)

    def values(self, row: InputRow) -> list[str]:
        """Return the cells of the columns asked for as text, empty where there is none."""
        return [text_of(row.cells[at]) for at in self.positions]


def read(path: Path, columns: Sequence[str], encoding: str | None = None) -> InputTable:
    """Open a file to read `columns` of it: the text, then the right career, then any others.

    `encoding` is that of a file of text which is not Unicode. Raises DataError where there is no
    such file or column.
    """
    if not is_table(path.name) and path.suffix.lower() != ".zip":
        raise DataError(
            f"{path}: expected a file that ends in {READ}, found {path.suffix or 'no ending'}; save"
            " a spreadsheet as .xlsx or CSV"
        )
    if not path.is_file():
        raise DataError(f"{path}: there is no such file")

    def accepts(header: Header) -> bool:
        return all(header.position(name) is not None for name in columns)

    opened = open_table(one_table(path), set(map(plain_name, columns)), accepts, encoding)
    positions = _positions(opened.file, opened.header, columns)
    role_at = positions[1] if len(positions) > 1 else None

    def rows(late_hints: list[str], skip: Skip) -> Iterator[InputRow]:
        records = opened.records(role_at, positions[0])
        found = _rows(opened.file, records, skip)
        # Not `yield from found`: the csv module's limit must not stay lifted across a yield.
        while part := _part(opened.file, found):
            yield from part
        late_hints += records.doubts(opened.file)

    only_text = ending_of(opened.file) in TEXT
    return InputTable(
        opened.header, positions, opened.size, rows, opened.hints, only_text, opened.check
    )


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


def account(
    unread: Sequence[object], hints: Sequence[str] = (), count: int | None = None
) -> Iterator[str]:
    """Yield what a command reports of a file: the first rows without an answer, then the hints.

    `count` is how many there are if `unread` has only the first.
    """
    count = len(unread) if count is None else count
    if unread:
        rows = "row" if count == 1 else "rows"
        yield f"{count:,} {rows} could not be read as part of the table:"
    yield from (f"  {issue}" for issue in unread[:SHOWN])
    if count > SHOWN:
        yield f"  and {count - SHOWN:,} more"
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


def _part(file: str, rows: Iterator[InputRow]) -> list[InputRow]:
    """Return the next rows. The limit of the csv module is lifted only within this call."""
    with naming(file), long_cells():
        return next(parts(rows, *AT_ONCE), [])


def _rows(file: str, records: AnyRecords, skip: Skip) -> Iterator[InputRow]:
    for number, (start, end, cells) in enumerate(records):
        if skip is not None and skip(number):
            yield InputRow(start + 1, [])
            continue
        readable = cells is not None and records.fits(cells)
        issue = None if readable else records.issue(file, start, end, cells)
        yield InputRow(start + 1, records.verbatim(start, end, cells), issue)
