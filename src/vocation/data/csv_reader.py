"""From the text of a file to records of cells: any delimiter, and quotes that do not match.

Nothing here knows what a column means; `sources` does.
"""

from __future__ import annotations

import csv
import re
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

from vocation.errors import DataError
from vocation.text.clean import clean, label_key

MAX_ROLE = 200
"""Characters in a role; a longer one means that the columns are shifted."""
MAX_COLUMNS = 10_000
"""Columns that a table may have; more are no column names."""

_EMPTY = frozenset({"", "nan", "none", "null", "n/a", "#n/a", "<na>"})
_HEADER_LINES = 4  # spreadsheets wrap long column names
_LIMIT_LOCK = threading.Lock()


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A column name with only its letters and digits, in small letters: what two spellings of it
    have in common.
    """
    return re.sub(r"[\W_]+", "", clean(name).casefold())


def is_empty(value: str) -> bool:
    """Whether a cleaned cell holds nothing, or only a programme's word for nothing such as "nan" or
    "N/A".
    """
    return value.casefold() in _EMPTY


@contextmanager
def long_cells() -> Iterator[None]:
    """Within it the csv module reads cells of any length: it knows one limit for the whole process,
    and we have our own.
    """
    with _LIMIT_LOCK:
        limit = csv.field_size_limit(2**31 - 1)
        try:
            yield
        finally:
            csv.field_size_limit(limit)


def _parse(
    lines: Sequence[str], start: int, delimiter: str, strict: bool = True
) -> tuple[Iterator[list[str]], Callable[[], int]]:
    """A csv reader from line `start` on, and a function that tells the line after the last one
    read.
    """
    reader = csv.reader(
        map(lines.__getitem__, range(start, len(lines))),
        delimiter=delimiter,
        skipinitialspace=True,
        strict=strict,
    )
    return reader, lambda: start + reader.line_num


def delimiter_of(lines: Sequence[str], wanted: Collection[str] = ()) -> str:
    """Comma, semicolon, tab or bar: the one whose header holds most of the `wanted` columns (as
    `plain_name` writes them) and whose first rows agree best with the header's width.
    """

    def score(delimiter: str) -> tuple[int, float, int]:
        """How well the lines read with it: known columns, share of rows as long as the header,
        columns.
        """
        records = filter(None, _parse(lines[:200], 0, delimiter, strict=False)[0])
        header = next(records, [])
        known = len(set(map(plain_name, header[:MAX_COLUMNS])).intersection(wanted))
        agree = [True, *(len(cells) == len(header) for cells in records)]
        return known, sum(agree) / len(agree) if len(header) > 1 else 0.0, len(header)

    return max((",", ";", "\t", "|"), key=score)


def read_header(lines: Sequence[str], start: int, delimiter: str) -> tuple[list[str], int]:
    """The column names and the line after them. A quote in them that is not closed must not swallow
    rows: then the first line alone counts.
    """
    reader, end_of = _parse(lines, start, delimiter)
    try:
        cells, end = next(reader, []), end_of()
    except csv.Error:
        end = len(lines) + _HEADER_LINES
    if end - start > _HEADER_LINES:
        cells = next(_parse(lines[start : start + 1], 0, delimiter, strict=False)[0], [])
        end = start + 1
    return [clean(cell) for cell in cells], end


def read_loosely(line: str, delimiter: str, escapes: bool) -> list[str] | None:
    """The cells of a line in which quotes within the text are not doubled: one ends a cell only
    before a delimiter or the line's end.

    With `escapes` a backslash before it says that it is text. None where a quote is not closed.
    """
    sign = re.escape(delimiter)
    text = r'[^"\\]++|\\.' if escapes else r'[^"]++'
    cell = re.compile(
        rf'[ ]*"((?:{text}|"(?![ ]*(?:{sign}|$)))*+)"[ ]*({sign}|$)|([^{sign}]*)({sign}|$)'
    )
    cells = []
    for match in cell.finditer(line.rstrip("\r\n")):
        quoted, plain = match[1], match[3]
        if plain is not None and plain.lstrip().startswith('"') and plain.count('"') % 2:
            return None
        cells.append(
            plain
            if quoted is None
            else (quoted.replace('\\"', '"') if escapes else quoted).replace('""', '"')
        )
        if not (match[2] or match[4]):
            break
    return cells


class Records:
    """The records of a file, each with its first line and the line after it. One whose quotes are
    broken comes as None; reading goes on behind it.

    A swallowed line is known by having the header's width and a role that the file has elsewhere (a
    resume has many lines with one comma). `mended` are the lines (from 0) whose quotes were not
    doubled, and could be read all the same.
    """

    def __init__(
        self, lines: Sequence[str], start: int, delimiter: str, header: Sequence[str], role_at: int
    ) -> None:
        self.lines = lines
        self.start = start
        self.delimiter = delimiter
        self.header = header
        self.role_at = role_at
        self.width = len(header)
        self.least = (
            max(i for i, name in enumerate(header) if name) + 1
        )  # unnamed columns at the end may be there or not
        self.mended: list[int] = []
        self._roles: Counter[str] | None = None

    def fits(self, cells: Sequence[str]) -> bool:
        """Whether a record has as many cells as the header."""
        return self.least <= len(cells) <= self.width

    def column_of_quote(self, line: int) -> str:
        """The name of the column in which the text of a line (from 0) ends when its quotes are
        taken at their word.
        """
        cells = next(_parse(self.lines[line : line + 1], 0, self.delimiter, strict=False)[0], [])
        return self.header[min(len(cells), self.least) - 1]

    def __iter__(self) -> Iterator[tuple[int, int, list[str] | None]]:
        start, wasted, broken = self.start, 0, False
        reader, end_of = _parse(self.lines, start, self.delimiter)
        while start < len(self.lines):
            cells, cut = None, False
            try:
                cells = next(reader, None)
                if cells is None:
                    return
            except csv.Error as error:
                cut = "unexpected end" in str(error)
            end, restart = end_of(), cells is None
            hidden = self._hidden_row(start, end, broken=restart)
            if hidden is not None:
                cells, end, restart = None, hidden, True
            elif (
                end == start + 1
                and not cut
                and (cells is None or (len(cells) > self.width and '\\"' in self.lines[start]))
            ):
                cells = self._mend(start) or cells
            if broken and cells is not None and self._is_rest(start, end):
                cells = None
            broken = cells is None
            yield start, end, cells
            if restart:
                wasted += end_of() - start
                if wasted > 100_000 + 20 * len(
                    self.lines
                ):  # each unclosed quote makes us read on to the end: refuse before it takes hours
                    where = f"line {start + 1}, column {self.column_of_quote(start)!r}"
                    raise DataError(
                        f"{where}: here and in many other lines a quote is never closed. Save the"
                        " table again as CSV UTF-8."
                    )
                reader, end_of = _parse(self.lines, end, self.delimiter)
            start = end

    def _is_rest(self, start: int, end: int) -> bool:
        """Whether what stands behind a broken record is the rest of it: a quote too many, and no
        career that another row has.
        """
        role = self._role(self.lines[start])
        return "".join(self.lines[start:end]).count('"') % 2 == 1 and (
            role is None or self._known_roles()[role] < 2
        )

    def _mend(self, line: int) -> list[str] | None:
        """The cells of a line with stray quotes, where they are as many as the header's; else what
        spreadsheets make of it, None if that is open.
        """
        text = self.lines[line]
        for escapes in (True, False):
            cells = read_loosely(text, self.delimiter, escapes)
            paired = (text.count('"') - escapes * text.count('\\"')) % 2 == 0
            if cells is not None and paired and self.fits(cells):
                self.mended.append(line)
                return cells
        loose: list[str] = next(_parse([text], 0, self.delimiter, strict=False)[0])
        return (
            None
            if text.count('"') % 2 or loose[-1].endswith(("\n", "\r")) or self.fits(loose)
            else loose
        )

    def _hidden_row(self, start: int, end: int, broken: bool) -> int | None:
        """The first line inside the record start..end that is a row of its own, where there is
        enough reason to say so.
        """
        if end - start < 2:
            return None
        shaped = [(i, self._role(self.lines[i])) for i in range(start + 1, end)]
        filled = sum(bool(self.lines[i].strip()) for i in range(start + 1, end))
        known = [i for i, role in shaped if role is not None and role in self._known_roles()]
        if broken:
            likely = [i for i, role in shaped if role is not None and 0 < len(role) <= 60]
            known = known or (likely if self.width > 2 and 2 * len(likely) >= filled else [])
            return known[0] if known else None
        return (
            known[0]
            if known and 2 * len(known) >= filled and (self.width > 2 or len(known) > 1)
            else None
        )

    def _role(self, line: str) -> str | None:
        """The role of a line that has the width of a row, else None."""
        cells: list[str] = next(_parse([line], 0, self.delimiter, strict=False)[0], [])
        return label_key(cells[self.role_at]) if len(cells) in (self.least, self.width) else None

    def _known_roles(self) -> Counter[str]:
        """How many rows each career has when the file is read at its word."""
        if self._roles is None:
            found: Counter[str] = Counter()
            reader, _ = _parse(self.lines, self.start, self.delimiter)
            while True:
                try:
                    cells = next(reader, None)
                except csv.Error:
                    continue
                if cells is None:
                    break
                if self.fits(cells):
                    found[cells[self.role_at][: MAX_ROLE + 1]] += 1
            self._roles = Counter()
            for role, count in found.items():
                if len(role) <= MAX_ROLE and (key := label_key(role)) not in _EMPTY:
                    self._roles[key] += count
        return self._roles
