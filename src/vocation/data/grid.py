"""Go through tables whose cells are apart already: sheets, JSON, parquet.

`GridRecords` offers what `csv_records.Records` does, so that the same checks see every row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from vocation.data.csv_reader import LINES_ABOVE, MAX_COLUMNS, MAX_RECORD, Header, RowIssue
from vocation.errors import DataError
from vocation.format import line_of
from vocation.text.clean import clean


@dataclass(frozen=True, slots=True)
class Broken:
    """What stands in the place of a row and is none: the reason, and its text."""

    reason: str
    text: str = ""


Cells = list[Any] | Broken


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as a reader of a format gives it. `rows` starts anew: (number from 1, cells) each.

    `columns` are the column names, None where a row holds them. `size` is the number of the last
    row.
    """

    rows: Callable[[], Iterator[tuple[int, Cells]]]
    size: int
    columns: tuple[str, ...] | None = None
    hints: tuple[str, ...] = ()


def text_of(cell: Any) -> str:
    """Return a cell as text: 1.0 is "1", a list is joined by commas, what is nothing is ""."""
    if isinstance(cell, str):
        return cell
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, Mapping):
        pairs = ((name, text_of(value)) for name, value in cell.items())
        return ", ".join(f"{name}: {value}" for name, value in pairs if value)
    if isinstance(cell, list | tuple):
        return ", ".join(filter(None, map(text_of, cell)))
    return str(cell)


def grid_header(grid: Grid, file: str, accepts: Callable[[Header], bool]) -> Header:
    """Find the column names: given, or in the first of the top rows that `accepts` takes.

    Else the first row has them. Raises DataError where there is none.
    """
    if grid.columns is not None:
        return _header(0, grid.columns)
    first: Header | None = None
    above = 0
    for number, cells in grid.rows():
        if isinstance(cells, Broken) or len(cells) > MAX_COLUMNS:
            continue
        header = _header(number, tuple(map(text_of, cells)))
        if accepts(header):
            return replace(header, above=above)
        first = first or header
        above += 1
        if above == LINES_ABOVE:
            break
    if first is None:
        raise DataError(
            f"{file}: expected a row of at most {MAX_COLUMNS:,} column names, then the rows; found"
            " none."
        )
    return first


def _header(number: int, cells: Sequence[str]) -> Header:
    # The separator is that of a CSV file written from the table.
    return Header(number - 1, number, ",", tuple(map(clean, cells)), tuple(cells))


def first_rows(grid: Grid, header: Header, count: int) -> list[list[str]]:
    """Return the first `count` rows, to look at: as many cells each as the header, as text."""
    rows = (cells for _, _, cells in GridRecords(grid, header) if cells is not None)
    return list(islice(rows, count))


class GridRecords:
    """The rows below a header: (number - 1, number, cells as text), None for what is no row.

    Cells right of the last named column are left out, and counted.
    """

    def __init__(
        self, grid: Grid, header: Header, role_at: int | None = None, text_at: int = -1
    ) -> None:
        self.start = header.after
        self.header = header.names
        self.role_at = role_at
        self._text_at = text_at
        self._grid = grid
        self._own: Cells = []
        self._surplus: list[int] = []

    def __iter__(self) -> Iterator[tuple[int, int, list[str] | None]]:
        width = len(self.header)
        self._surplus = []
        for number, cells in self._grid.rows():
            if number <= self.start:
                continue
            if isinstance(cells, Broken):
                self._own = cells
                yield number - 1, number, None
                continue
            self._own = [*cells[:width], *[""] * (width - len(cells))]
            texts = list(map(text_of, self._own))
            if any(map(text_of, cells[width:])):
                self._surplus.append(number)
            yield number - 1, number, texts

    def fits(self, cells: Sequence[str]) -> bool:
        """Whether a row has as many cells as the header: each has."""
        return len(cells) == len(self.header)

    def issue(self, file: str, start: int, end: int, cells: list[str] | None) -> RowIssue:
        """Return why what was read last is no row."""
        reason = self._own.reason if isinstance(self._own, Broken) else "it is no row"
        return RowIssue(file, end, "", reason)

    def verbatim(self, start: int, end: int, cells: list[str] | None) -> list[Any]:
        """Return the cells read last with their own types; the text column takes what is none."""
        if not isinstance(self._own, Broken):
            return self._own
        own: list[Any] = [None] * len(self.header)
        own[self._text_at] = self._own.text[:MAX_RECORD]
        return own

    def doubts(self, file: str) -> list[str]:
        """Return a sentence for what was left out of the rows that were read."""
        if not self._surplus:
            return []
        return [
            f"{file}: {len(self._surplus):,} rows have text right of the named columns, which was"
            f" left out (first: {line_of(file, self._surplus[0])})."
        ]


def grid_of(objects: Iterable[Any], file: str, hints: Sequence[str] = ()) -> Grid:
    """Return the table of a list of objects, which are kept; what is no object is no row."""
    items = list(objects)
    names: dict[str, None] = {}
    for item in items:
        if isinstance(item, dict):
            add_names(names, item, file)

    def rows() -> Iterator[tuple[int, Cells]]:
        for number, item in enumerate(items, 1):
            if isinstance(item, dict):
                yield number, [item.get(name) for name in names]
            else:
                yield number, Broken("expected an object, found something else", text_of(item))

    return Grid(rows, len(items), tuple(names), tuple(hints))


def add_names(names: dict[str, None], record: Mapping[str, Any], file: str) -> None:
    """Add the names of an object to those of the table. Raises DataError for too many."""
    names.update(dict.fromkeys(record))
    if len(names) > MAX_COLUMNS:
        raise DataError(f"{file}: expected at most {MAX_COLUMNS:,} columns, found more.")
