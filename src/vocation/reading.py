"""From the bytes of a file to records of cells: any encoding, any delimiter, and quotes that do not match.

Nothing here knows what a column means; `sources` does.
"""

from __future__ import annotations

import codecs
import csv
import re
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import overload

import numpy as np

from vocation.errors import DataError
from vocation.text import clean, label_key

MAX_ROLE = 200
"""Characters in a role; a longer one means that the columns are shifted."""

_EMPTY = frozenset({"", "nan", "none", "null", "n/a", "#n/a", "<na>"})
_BINARY = {
    b"PK\x03\x04": "a spreadsheet (.xlsx) or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls)",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a parquet file",
}
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\x00\x00", "utf-32-le"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_HEADER_LINES = 4  # spreadsheets wrap long column names
_BLOCK = 1 << 22  # bytes looked at together
_LIMIT_LOCK = threading.Lock()


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A column name with only its letters and digits, in small letters: what two spellings of it have in common."""
    return re.sub(r"[\W_]+", "", clean(name).casefold())


def is_empty(value: str) -> bool:
    """Whether a cleaned cell holds nothing, or only a programme's word for nothing such as "nan" or "N/A"."""
    return value.casefold() in _EMPTY


def decode(data: bytes, name: str) -> tuple[str, list[str]]:
    """The text of a file in UTF-8, UTF-16, UTF-32 or Windows-1252, and hints where that was a guess. Raises DataError where it is no text."""
    encoding, skip, hints = _encoding(data, name)
    return data[skip:].decode(encoding, "replace"), hints


def lines_of(data: bytes, name: str) -> tuple[Lines, list[str]]:
    """The same as `decode`, as lines without NUL characters (which csv refuses; a hint says how many there were)."""
    encoding, skip, hints = _encoding(data, name)
    data = data[skip:] if encoding == "utf-8" else data[skip:].decode(encoding, "replace").encode()
    if nuls := data.count(0):
        hints = [*hints, f"{name}: holds {nuls:,} NUL characters, which were left out."]
        data = data.replace(b"\0", b"")
    return Lines(data), hints


class Lines(Sequence[str]):
    """The lines of UTF-8 `data`, each with its end (LF, CR LF or CR), decoded when they are asked for: as strings all at once, the lines of a large
    file would need several times its size."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        found = [np.zeros(1, np.int64)]
        codes = np.frombuffer(data, np.uint8)
        for first in range(0, len(codes), _BLOCK):
            block = codes[first : first + _BLOCK + 1]  # and the byte behind it, which tells CR LF from CR
            ends = block == 10
            ends[:-1] |= (block[:-1] == 13) & (block[1:] != 10)
            ends[-1] |= block[-1] == 13
            found.append(first + 1 + np.flatnonzero(ends[:_BLOCK]))
        self._starts = np.concatenate(found)
        if self._starts[-1] < len(data):
            self._starts = np.append(self._starts, len(data))

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        return self._data[self._starts[at] : self._starts[at + 1]].decode("utf-8", "replace")


def _encoding(data: bytes, name: str) -> tuple[str, int, list[str]]:
    """The encoding of a file, how many bytes stand before its text, and hints. Raises DataError where it is no text."""
    for magic, what in _BINARY.items():
        if data.startswith(magic):
            raise DataError(f'{name}: expected a CSV text file, found {what}. Open it in its own programme and save it as "CSV UTF-8".')
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return encoding, len(bom), []
    head = data[:32]
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if len(head) > 3 and zeros.count(0) > 0.6 * len(zeros):
            return encoding, 0, [f"{name}: read as UTF-16 although it has no byte order mark; better save it as UTF-8."]
    controls = sum(byte < 9 or 13 < byte < 32 for byte in data[:4096])
    if controls > 0.08 * len(data[:4096]):
        raise DataError(f'{name}: expected a CSV text file, found binary data. Export the table again as "CSV UTF-8".')
    at = _not_utf8(data)
    if at is None:
        return "utf-8", 0, []
    line = data.count(b"\n", 0, at) + 1
    # A few broken bytes in good UTF-8, or another encoding as a whole? The majority of the letters beyond ASCII decides.
    mended = data.decode("utf-8", "replace")
    broken = mended.count("\ufffd")
    if len(mended) - np.count_nonzero(np.frombuffer(data, np.uint8) < 128) > 2 * broken:
        return "utf-8", 0, [f"{name}: line {line} has bytes that are not UTF-8 ({broken} in the file, shown as \ufffd): correct them."]
    return "cp1252", 0, [f"{name}: line {line} is not UTF-8; read as Windows-1252. If letters look wrong, save it as UTF-8."]


def _not_utf8(data: bytes) -> int | None:
    """Where the first byte stands that is not UTF-8."""
    at = 0
    while at < len(data):
        try:
            at += codecs.utf_8_decode(data[at : at + _BLOCK], "strict", at + _BLOCK >= len(data))[1]
        except UnicodeDecodeError as error:
            return at + error.start
    return None


@contextmanager
def long_cells() -> Iterator[None]:
    """Within it the csv module reads cells of any length: it knows one limit for the whole process, and we have our own."""
    with _LIMIT_LOCK:
        limit = csv.field_size_limit(2**31 - 1)
        try:
            yield
        finally:
            csv.field_size_limit(limit)


def _parse(lines: Sequence[str], start: int, delimiter: str, strict: bool = True) -> tuple[Iterator[list[str]], Callable[[], int]]:
    """A csv reader from line `start` on, and a function that tells the line after the last one read."""
    reader = csv.reader(map(lines.__getitem__, range(start, len(lines))), delimiter=delimiter, skipinitialspace=True, strict=strict)
    return reader, lambda: start + reader.line_num


def delimiter_of(lines: Sequence[str], wanted: Collection[str] = ()) -> str:
    """Comma, semicolon, tab or bar: the one whose header holds most of the `wanted` columns (as `plain_name` writes them) and whose first rows
    agree best with the header's width."""

    def score(delimiter: str) -> tuple[int, float, int]:
        records = [cells for cells in _parse(lines[:200], 0, delimiter, strict=False)[0] if cells] or [[]]
        width = len(records[0])
        known = len(set(map(plain_name, records[0])).intersection(wanted))
        return known, sum(len(cells) == width for cells in records) / len(records) if width > 1 else 0.0, width

    return max((",", ";", "\t", "|"), key=score)


def read_header(lines: Sequence[str], start: int, delimiter: str) -> tuple[list[str], int]:
    """The column names and the line after them. A quote in them that is not closed must not swallow rows: then the first line alone counts."""
    reader, end_of = _parse(lines, start, delimiter)
    try:
        cells, end = next(reader, []), end_of()
    except csv.Error:
        end = len(lines) + _HEADER_LINES
    if end - start > _HEADER_LINES:
        cells, end = next(_parse(lines[start : start + 1], 0, delimiter, strict=False)[0], []), start + 1
    return [clean(cell) for cell in cells], end


class Records:
    """The records of a file, each with its first line and the line after it. One whose quotes are broken comes as None; reading goes on behind it.

    A swallowed line is known by having the header's width and a role that the file has elsewhere (a resume has many lines with one comma).
    """

    def __init__(self, lines: Sequence[str], start: int, delimiter: str, width: int, role_at: int) -> None:
        self.lines, self.start, self.delimiter, self.width, self.role_at = lines, start, delimiter, width, role_at
        self._roles: set[str] | None = None

    def __iter__(self) -> Iterator[tuple[int, int, list[str] | None]]:
        start, wasted = self.start, 0
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
            elif cells is None and not cut and end == start + 1:  # a stray quote within one line: read it leniently, as spreadsheets do
                loose = next(_parse(self.lines[start:end], 0, self.delimiter, strict=False)[0])
                cells = None if loose[-1].endswith(("\n", "\r")) else loose
            yield start, end, cells
            if restart:
                wasted += end_of() - start
                if wasted > 100_000 + 20 * len(self.lines):  # each unclosed quote makes us read on to the end: refuse before it takes hours
                    raise DataError(f"line {start + 1} and many others open a quote that is never closed. Save the table again as CSV UTF-8.")
                reader, end_of = _parse(self.lines, end, self.delimiter)
            start = end

    def _hidden_row(self, start: int, end: int, broken: bool) -> int | None:
        """The first line inside the record start..end that is a row of its own, where there is enough reason to say so."""
        if end - start < 2:
            return None
        shaped = [(i, self._role(self.lines[i])) for i in range(start + 1, end)]
        filled = sum(bool(self.lines[i].strip()) for i in range(start + 1, end))
        known = [i for i, role in shaped if role is not None and role in self._known_roles()]
        if broken:
            likely = [i for i, role in shaped if role is not None and 0 < len(role) <= 60]
            known = known or (likely if self.width > 2 and 2 * len(likely) >= filled else [])
            return known[0] if known else None
        return known[0] if known and 2 * len(known) >= filled and (self.width > 2 or len(known) > 1) else None

    def _role(self, line: str) -> str | None:
        """The role of a line that has the width of a row, else None."""
        cells: list[str] = next(_parse([line], 0, self.delimiter, strict=False)[0], [])
        return label_key(cells[self.role_at]) if len(cells) == self.width else None

    def _known_roles(self) -> set[str]:
        if self._roles is None:
            found: set[str] = set()
            reader, _ = _parse(self.lines, self.start, self.delimiter)
            while True:
                try:
                    cells = next(reader, None)
                except csv.Error:
                    continue
                if cells is None:
                    break
                if len(cells) == self.width:
                    found.add(cells[self.role_at])
            self._roles = {label_key(role) for role in found if len(role) <= MAX_ROLE} - _EMPTY
        return self._roles
