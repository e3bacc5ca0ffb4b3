"""Go through the records of a CSV file, whatever its quotes are like: no row is lost."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

from vocation.data.csv_reader import (
    EMPTY,
    MAX_CELL,
    MAX_RECORD,
    Header,
    RowIssue,
    loose_cells,
    parse,
    verbatim_cells,
)
from vocation.errors import DataError
from vocation.text.clean import clean, label_key

MAX_ROLE = 200
"""Characters in a role; a longer one means that the columns are shifted."""


def _repaired_cells(line: str, delimiter: str, escapes: bool) -> list[str] | None:
    """Return the cells of a line in which quotes within the text are not doubled.

    A quote ends a cell only before a delimiter or the end of the line; with `escapes`, a backslash
    before it makes it text. None where a quote is never closed.
    """
    sign = re.escape(delimiter)
    # Possessive repeats: no way of reading a cell is tried twice, so a long line takes linear time.
    text = r'[^"\\]++|\\.' if escapes else r'[^"]++'
    cell = re.compile(
        rf'[ ]*"((?:{text}|"(?![ ]*(?:{sign}|$)))*+)"[ ]*({sign}|$)|([^{sign}]*)({sign}|$)'
    )
    cells = []
    for match in cell.finditer(line.rstrip("\r\n")):
        quoted, plain = match[1], match[3]
        if quoted is not None:
            quoted = quoted.replace('\\"', '"') if escapes else quoted
            cells.append(quoted.replace('""', '"'))
        elif plain.lstrip().startswith('"') and plain.count('"') % 2:
            return None
        else:
            cells.append(plain)
        # Without a delimiter it is the last cell; finditer would find an empty one behind it.
        if not (match[2] or match[4]):
            break
    return cells


def _shape(line: str, delimiter: str, text_at: int) -> str:
    """Describe a row by the look of its cells: what rows of a file share and lines of text lack.

    A letter for each cell: n(umber or date), w(ord or name), t(ext), "-" for none; "." for the
    column `text_at`, whatever it holds. A blank before a cell is kept: prose has one behind a
    comma, rows seldom do.
    """
    shape = []
    for i, cell in enumerate(next(csv.reader([line], delimiter=delimiter), [])):
        words = cell.split()
        if i == text_at:
            look = "."
        elif not words:
            look = "-"
        elif re.fullmatch(r"[\d.,:/+ -]+", cell.strip()):
            look = "n"
        else:
            look = "w" if len(words) <= 3 and len(cell) <= 60 else "t"
        shape.append(" " * (i > 0 and cell.startswith(" ")) + look)
    return "".join(shape)


class Records:
    """The records of a file: (first line, line behind it, cells), lines counted from 0.

    A record whose quotes are broken has None for cells; reading goes on behind it. A row that an
    open quote swallowed is found by the width of the header and by a key that other rows of the
    file have: the role in column `role_at`, or, where no column holds roles, the look of the cells
    around the text in column `text_at` (a resume has many lines with one comma). `repaired` are the
    lines (from 0) whose quotes were not doubled and could be read all the same.
    """

    def __init__(
        self, lines: Sequence[str], header: Header, role_at: int | None = None, text_at: int = -1
    ) -> None:
        self.lines = lines
        self.start = header.after
        self.delimiter = header.delimiter
        self.header = header.names
        self.role_at = role_at
        self.text_at = text_at
        self.width = len(header.names)
        # Unnamed columns at the end may be there or not.
        self.least = max((i for i, name in enumerate(header.names) if name), default=0) + 1
        self.repaired: list[int] = []
        self._keys: Counter[str] | None = None

    def fits(self, cells: Sequence[str]) -> bool:
        """Whether a record has as many cells as the header."""
        return self.least <= len(cells) <= self.width

    def column_of_quote(self, line: int) -> str:
        """Return the column in which line `line` (from 0) ends when its quotes count literally."""
        cells = loose_cells(self.lines[line], self.delimiter)
        return self.header[min(len(cells), self.least) - 1]

    def issue(self, file: str, start: int, end: int, cells: list[str] | None) -> RowIssue:
        """Return why a record with broken quotes, or of another width, is no row of the table."""
        if cells is None and self._is_too_long(start, end):
            lines = f" before the end of line {end}" if end > start + 1 else ""
            reason = f"the row holds more than {MAX_RECORD:,} characters{lines}"
            quote = ": a quote is not closed, or a line end is missing"
            return RowIssue(file, start + 1, "", reason + quote, clean(self.lines[start][:60]))
        if cells is None:
            lines = f"; lines {start + 1} to {end} were read as one row" if end > start + 1 else ""
            reason = (
                "its quotes do not match (one is not closed, or one inside the text is not"
                f" doubled){lines}"
            )
            return RowIssue(file, start + 1, self.column_of_quote(start), reason)
        reason = f"expected {self.least} cells, found {len(cells)}"
        if len(cells) > self.width:
            reason += ": text that holds the separator must stand in quotes"
        column = self.header[min(len(cells), self.least - 1)]
        return RowIssue(file, start + 1, column, reason, clean(cells[0][:60]))

    def doubts(self, file: str) -> list[str]:
        """Return a sentence about the quotes of the records that were read."""
        if not self.repaired:
            return []
        return [
            f"{file}: {len(self.repaired):,} rows have quotes that are not doubled, which were"
            f" taken as text (first: line {self.repaired[0] + 1})."
        ]

    def _is_too_long(self, start: int, end: int) -> bool:
        sizes = accumulate(len(self.lines[i]) for i in range(start, end))
        return any(size > MAX_RECORD for size in sizes)

    def verbatim(self, start: int, end: int, cells: list[str] | None) -> list[str]:
        """Return the cells of a record with leading blanks, as many as the header has.

        Of one that is no row, the text column takes what is left over, so that nothing is lost and
        the cells on both sides of it keep their columns. Of one that is too long only the beginning
        of its first line is kept.
        """
        if cells is None and self._is_too_long(start, end):
            cells = self.lines[start][:MAX_CELL].rstrip("\r\n").split(self.delimiter)
        elif cells is None:
            cells = "".join(self.lines[start:end]).rstrip("\r\n").split(self.delimiter)
        # Rows come in order, so only the last repaired line can be this one.
        elif start not in self.repaired[-1:]:
            cells = verbatim_cells(self.lines[start:end], self.delimiter, cells)
        surplus = len(cells) - self.width
        if surplus > 0:
            at = self.text_at
            rest = self.delimiter.join(cells[at : at + surplus + 1])
            cells = [*cells[:at], rest, *cells[at + surplus + 1 :]]
        # A negative number of repeats adds nothing.
        return cells + [""] * -surplus

    def __iter__(self) -> Iterator[tuple[int, int, list[str] | None]]:
        for start, end, cells in self._all():
            if cells is not None:
                if len(cells) > self.width and not any(map(str.strip, cells[self.width :])):
                    del cells[self.width :]
                blank = len(cells) < 2 <= self.width and not clean("".join(cells))
                if blank or not cells:
                    continue  # a blank line is no row
            yield start, end, cells

    def _all(self) -> Iterator[tuple[int, int, list[str] | None]]:
        """All records, blank lines as well."""
        start, wasted, broken = self.start, 0, False
        reader, end_of = parse(self.lines, start, self.delimiter)
        while start < len(self.lines):
            cells, cut = None, False
            try:
                cells = next(reader, None)
                if cells is None:
                    return
            except csv.Error as error:
                # The csv module has one kind of error; only its text tells an open quote at the end
                # of the file.
                cut = "unexpected end" in str(error)
            end, restart = end_of(), cells is None
            hidden = self._hidden_row(start, end, broken=restart)
            if restart and not cut and hidden is None and end > start + 1:
                end = self._end_of_long(end)
            # Patterns would make as many cells of a line that is too long as the reader.
            one_line = end == start + 1 and not cut and len(self.lines[start]) <= MAX_RECORD
            if hidden is not None:
                cells, end, restart = None, hidden, True
            elif one_line and (
                cells is None or (len(cells) > self.width and '\\"' in self.lines[start])
            ):
                cells = self._repair(start) or cells
            if broken and cells is not None and self._is_rest(start, end):
                cells = None
            broken = cells is None
            yield start, end, cells
            if restart:
                # Each unclosed quote makes us read on to the end: refuse before it takes hours.
                wasted += end_of() - start
                if wasted > 100_000 + 20 * len(self.lines):
                    where = f"line {start + 1}, column {self.column_of_quote(start)!r}"
                    raise DataError(
                        f"{where}: here and in many other lines a quote is never closed. Save the"
                        " table again as CSV UTF-8."
                    )
                reader, end_of = parse(self.lines, end, self.delimiter)
            start = end

    def _end_of_long(self, end: int) -> int:
        """Return the line behind a record that is too long and was read up to line `end`.

        It ends behind the line that closes the quote, or before one that is clearly a row: else
        each line of its text would be reported as a row of its own.
        """
        while self.width > 1 and end < len(self.lines):
            line = self.lines[end]
            key = self._key(line) if self.delimiter in line else None
            if key is not None and self._known_keys()[key] > 1:
                break
            end += 1
            if line.count('"') % 2:
                break
        return end

    def _is_rest(self, start: int, end: int) -> bool:
        """Whether what follows a broken record is the rest of it: an odd quote, no known key."""
        key = self._key(self.lines[start])
        return "".join(self.lines[start:end]).count('"') % 2 == 1 and (
            key is None or self._known_keys()[key] < 2
        )

    def _repair(self, line: int) -> list[str] | None:
        """Return the cells of a line with stray quotes where they are as many as the header's.

        Else what spreadsheets make of it; None if that is open.
        """
        text = self.lines[line]
        for escapes in (True, False):
            cells = _repaired_cells(text, self.delimiter, escapes)
            paired = (text.count('"') - escapes * text.count('\\"')) % 2 == 0
            if cells is not None and paired and self.fits(cells):
                self.repaired.append(line)
                return cells
        loose = loose_cells(text, self.delimiter)
        is_open = text.count('"') % 2 or loose[-1].endswith(("\n", "\r"))
        return None if is_open or self.fits(loose) else loose

    def _hidden_row(self, start: int, end: int, broken: bool) -> int | None:
        """Return the first line inside the record start..end that is clearly a row of its own."""
        if end - start < 2:
            return None
        if not broken and self.role_at is None:
            return start + 1 if self._counts_on(start, end) else None
        keys = [(i, self._key(self.lines[i])) for i in range(start + 1, end)]
        filled = sum(bool(self.lines[i].strip()) for i in range(start + 1, end))
        known = [i for i, key in keys if key is not None and key in self._known_keys()]
        if broken:
            likely = [i for i, key in keys if key is not None and 0 < len(key) <= 60]
            known = known or (likely if self.width > 2 and 2 * len(likely) >= filled else [])
            return known[0] if known else None
        # Text often has lines with one comma: in a table of two columns one such line proves
        # nothing.
        enough = 2 * len(known) >= filled and (self.width > 2 or len(known) > 1)
        return known[0] if known and enough else None

    def _counts_on(self, start: int, end: int) -> bool:
        """Whether the first cells of the lines start..end are numbers that count on by one.

        Quotes that match by accident leave no other sure sign where no column holds roles.
        """
        firsts = [self.lines[i].partition(self.delimiter)[0].strip() for i in range(start, end)]
        if self.text_at == 0 or not re.fullmatch(r"\d{1,18}", firsts[0]):
            return False
        counted = [str(int(firsts[0]) + i) for i in range(len(firsts))]
        keys = (self._key(self.lines[i]) for i in range(start + 1, end))
        return firsts == counted and all(key in self._known_keys() for key in keys)

    def _key(self, line: str) -> str | None:
        """Return what tells rows from text in a line that has the width of a row, else None."""
        cells = loose_cells(line, self.delimiter)
        if len(cells) not in (self.least, self.width):
            return None
        if self.role_at is None:
            return _shape(line, self.delimiter, self.text_at)
        return label_key(cells[self.role_at])

    def _known_keys(self) -> Counter[str]:
        """Return how many rows have each key when the quotes of the file count literally."""
        if self._keys is None:
            self._keys = Counter()
            reader, end_of = parse(self.lines, self.start, self.delimiter)
            # A label is made once per spelling, and a shape per line.
            spellings: Counter[str] = Counter()
            while True:
                start = end_of()
                try:
                    cells = next(reader, None)
                # The reader goes on behind a broken record.
                except csv.Error:
                    continue
                if cells is None:
                    break
                if not self.fits(cells):
                    continue
                if self.role_at is not None:
                    # One character too many is enough for the check below; the rest would only take
                    # memory.
                    spellings[cells[self.role_at][: MAX_ROLE + 1]] += 1
                elif end_of() == start + 1:
                    self._keys[_shape(self.lines[start], self.delimiter, self.text_at)] += 1
            for role, count in spellings.items():
                if len(role) <= MAX_ROLE and (key := label_key(role)) not in EMPTY:
                    self._keys[key] += count
            if self.role_at is None and not self._keys:  # the first row swallowed all others
                keys = (self._key(self.lines[i]) for i in range(self.start + 1, len(self.lines)))
                self._keys.update(key for key in keys if key is not None)
        return self._keys
