"""Read CSV text: find the delimiter and the column names, split lines into cells.

The header and the cells of one record; `csv_records` goes through a whole file. Training and
scoring read every CSV file this way. What a column means is decided in `schema`.
"""

from __future__ import annotations

import csv
import re
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import length_hint

from vocation.data.encoding import MAX_LINE
from vocation.errors import DataError
from vocation.format import line_of, place
from vocation.text.clean import clean

MAX_CELL = 200_000
"""Characters in a cell; a longer one is a broken file (an unclosed quote, a binary), not something
that a person wrote.
"""
MAX_COLUMNS = 10_000
"""Columns that a table may have; a line with more is no header."""
MAX_RECORD = MAX_LINE
"""Characters in a record; in a longer one a quote is never closed, or a line never ends."""

EMPTY = frozenset({"", "nan", "none", "null", "n/a", "#n/a", "<na>"})
LINES_ABOVE = 10
"""Lines among which the column names are looked for: a title and notes may stand above them."""
_HEADER_LINES = 4  # spreadsheets wrap long column names
_NO_DELIMITER = "\x1f"  # a table of one column has none: a comma in its text splits nothing
_LIMIT_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class RowIssue:
    """A data row that cannot be used: where it is (`line`, 1-based) and why. `value` is the start
    of the offending cell, if one is to blame.
    """

    file: str
    line: int
    column: str
    reason: str
    value: str = ""

    def __str__(self) -> str:
        return f"{place(self.file, self.line)}: {self.reason}"


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """Return the letters and digits of a column name in lower case: what its spellings share."""
    return re.sub(r"[\W_]+", "", clean(name).casefold())


def is_empty(value: str) -> bool:
    """Whether a cleaned cell is blank or a program's word for nothing, such as "nan" or "N/A"."""
    return value.casefold() in EMPTY


@contextmanager
def long_cells() -> Iterator[None]:
    """Let the csv module read cells of any length while the context is open.

    The module has one limit for the whole process, hence the lock: never hold the context open
    across a `yield`.
    """
    with _LIMIT_LOCK:
        # The module keeps it in a C long, which has 32 bits on Windows.
        limit = csv.field_size_limit(2**31 - 1)
        try:
            yield
        finally:
            csv.field_size_limit(limit)


# --- the header -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Header:
    """The line of column names: `line` and `after`, the line behind it, count from 0.

    `names` are cleaned, `cells` verbatim; `above` are the lines above it that were left out.
    """

    line: int
    after: int
    delimiter: str
    names: tuple[str, ...]
    cells: tuple[str, ...]
    above: int = 0

    def hints(self, file: str) -> list[str]:
        """Return a sentence about what stands above the column names."""
        if not self.above:
            return []
        where = f"{file}: the column names stand in {line_of(file, self.line + 1)}"
        return [f"{where}; what is above them was left out."]

    def position(self, name: str) -> int | None:
        """Return where a column is: by its exact name, else without case and punctuation."""
        for names, wanted in (
            (self.cells, name),
            (self.names, clean(name)),
            (tuple(map(plain_name, self.names)), plain_name(name)),
        ):
            if wanted and wanted in names:
                return names.index(wanted)
        return None


def find_header(
    lines: Sequence[str], wanted: Collection[str], accepts: Callable[[Header], bool]
) -> Header:
    """Find the column names: the first of the top lines that `accepts`, else the first line.

    `wanted` are column names as `plain_name` writes them; they tell which delimiter is right.
    Excel's own "sep=;" line is obeyed. Raises DataError where there is no such line.
    """
    start = next((i for i, line in enumerate(lines) if clean(line)), None)
    if start is None:
        raise DataError(
            "line 1: the file is empty. Put a line with the column names first, then the rows; or"
            " take the file away."
        )
    sep = re.fullmatch(r"sep=([,;\t|])\s*", lines[start])
    if sep and start + 1 >= len(lines):
        raise DataError(
            f"line {start + 1}: the file is empty but for this line. Put a line with the column"
            " names behind it, then the rows."
        )
    start += sep is not None
    first = _header(lines, start, sep[1] if sep else None, wanted)
    if len(first.cells) <= MAX_COLUMNS and accepts(first):
        return first
    for at in range(start + 1, min(start + LINES_ABOVE, len(lines))):
        if len(lines[at]) <= MAX_CELL:
            header = _header(lines, at, sep[1] if sep else None, wanted)
            if len(header.cells) <= MAX_COLUMNS and accepts(header):
                return replace(header, above=at - start)
    if len(first.cells) > MAX_COLUMNS:
        raise DataError(
            f"line {first.line + 1}, column {MAX_COLUMNS + 1}: expected at most {MAX_COLUMNS:,}"
            f" columns, found {len(first.cells):,}."
        )
    if len(lines[first.line]) > MAX_RECORD:
        raise DataError(
            f"line {first.line + 1}: expected the column names, found a line of more than"
            f" {MAX_RECORD:,} characters."
        )
    return first


def _header(
    lines: Sequence[str], at: int, delimiter: str | None, wanted: Collection[str]
) -> Header:
    """Read line `at` as column names. An unclosed quote must not swallow rows: then one line."""
    delimiter = delimiter or _delimiter(_some(lines, at), wanted)
    reader, end_of = parse(lines, at, delimiter)
    try:
        cells, end = next(reader, []), end_of()
    except csv.Error:
        # A quote is never closed: counted as too long, so that one line is taken below.
        end = len(lines) + _HEADER_LINES
    if end - at > _HEADER_LINES:
        cells, end = loose_cells(lines[at], delimiter), at + 1
    cells = verbatim_cells(lines[at:end], delimiter, cells)
    if len(cells) < 2:
        delimiter = _NO_DELIMITER
    return Header(at, end, delimiter, tuple(map(clean, cells)), tuple(cells))


def _some(lines: Sequence[str], at: int) -> list[str]:
    """Return line `at` and up to 199 more, as many as MAX_RECORD characters hold."""
    found = [lines[at]]
    size = len(found[0])
    for i in range(at + 1, min(at + 200, len(lines))):
        line = lines[i]
        size += len(line)
        if size > MAX_RECORD:
            break
        found.append(line)
    return found


def _delimiter(lines: Sequence[str], wanted: Collection[str]) -> str:
    """Return the delimiter whose header has most of the `wanted` columns.

    On ties, the one whose rows agree best with the header's width.
    """

    def rank(delimiter: str) -> tuple[int, float, int]:
        """Rank by known columns, then share of rows as long as the header, then columns."""
        # Not strict: where a delimiter is wrong its quotes may not match, and it should only rank
        # low.
        records = filter(None, parse(lines, 0, delimiter, strict=False)[0])
        header = next(records, [])
        known = len(set(map(plain_name, header[:MAX_COLUMNS])).intersection(wanted))
        agree = [True, *(len(cells) == len(header) for cells in records)]
        return known, sum(agree) / len(agree) if len(header) > 1 else 0.0, len(header)

    # max keeps the first of equals: the comma.
    return max((",", ";", "\t", "|"), key=rank)


# --- cells ----------------------------------------------------------------------------------------


class _Reader(Iterator[list[str]]):
    """A csv reader that refuses records which are too long, and goes on behind them."""

    def __init__(self, lines: Sequence[str], start: int, delimiter: str, strict: bool) -> None:
        self._lines, self._strict, self._left = lines, strict, 0
        # A slice of `lines` would decode all of them at once.
        self._numbers = iter(range(start, len(lines)))
        self._reader = csv.reader(
            map(self._line, self._numbers),
            delimiter=delimiter,
            skipinitialspace=True,
            strict=strict,
        )

    def _line(self, at: int) -> str:
        """Return the next line of the record that is being read."""
        line = self._lines[at]
        self._left -= len(line)
        if self._left < 0 and self._strict:
            raise csv.Error(f"more than {MAX_RECORD} characters")
        return line

    def __next__(self) -> list[str]:
        self._left = MAX_RECORD
        return next(self._reader)

    def end(self) -> int:
        """Return the line after the last one read."""
        return len(self._lines) - length_hint(self._numbers)


def parse(
    lines: Sequence[str], start: int, delimiter: str, strict: bool = True
) -> tuple[Iterator[list[str]], Callable[[], int]]:
    """Return a csv reader from line `start` on, and a function for the line after the last read.

    If `strict`, it raises csv.Error where quotes do not match, and for a record of more than
    MAX_RECORD characters: as cells it would take many times the memory.
    """
    reader = _Reader(lines, start, delimiter, strict)
    return reader, reader.end


def loose_cells(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line as spreadsheets read it, whatever its quotes are like."""
    return next(parse([line], 0, delimiter, strict=False)[0], [])


def verbatim_cells(lines: Sequence[str], delimiter: str, cells: list[str]) -> list[str]:
    """Return the `cells` of a record with the blanks that begin them.

    `parse` skips these, since a quote behind a blank must count. Where nothing depends on it, the
    same lines read without skipping give the same cells.
    """
    try:
        own = next(csv.reader(lines, delimiter=delimiter, strict=True), None)
    except csv.Error:
        return cells
    same = own is not None and [cell.lstrip(" ") for cell in own] == [
        cell.lstrip(" ") for cell in cells
    ]
    return own if own is not None and same else cells
