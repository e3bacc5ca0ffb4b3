"""Open a file as a table: whatever its format, the column names and the records below them.

    bytes -> unpacked (`archives`) -> lines (`encoding`) or rows of cells (`xlsx`, `json_tables`,
    `parquet`) -> header -> records

Training, scoring and evaluating all read files this way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from vocation.data.archives import MAX_UNPACKED, gunzip, too_large
from vocation.data.csv_reader import Header, RowIssue, find_header, long_cells
from vocation.data.csv_records import Records
from vocation.data.encoding import lines_of
from vocation.data.formats import TEXT, ending_of
from vocation.data.grid import Grid, GridRecords, first_rows, grid_header
from vocation.data.json_tables import read_json, read_lines
from vocation.data.looks import Rows
from vocation.data.on_disk import FileBytes, check_size
from vocation.data.parquet import read_parquet
from vocation.data.xlsx import read_sheet
from vocation.errors import DataError


class AnyRecords(Protocol):
    """The records of a table: (first line, line behind it, cells), lines counted from 0; None for
    the cells of what is no row. `start` is the line behind the column names.
    """

    start: int
    header: tuple[str, ...]
    role_at: int | None

    def __iter__(self) -> Iterator[tuple[int, int, list[str] | None]]: ...

    def fits(self, cells: Sequence[str]) -> bool:
        """Whether a record has as many cells as the header."""

    def issue(self, file: str, start: int, end: int, cells: list[str] | None) -> RowIssue:
        """Return why the record read last is no row of the table."""

    def verbatim(self, start: int, end: int, cells: list[str] | None) -> list[Any]:
        """Return the cells of the record read last as they are in the file."""

    def doubts(self, file: str) -> list[str]:
        """Return a sentence for what was doubtful in the records read so far."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read. `name` is what messages call it; `content` has the bytes of one in a zip.

    One that `streams` is read a part at a time where its format allows that; it may have any size.
    """

    name: str
    path: Path
    content: bytes | None = None
    streams: bool = False

    @property
    def file(self) -> str:
        """The file's own name."""
        return self.path.name if self.content is None else Path(self.name).name

    def open(self) -> bytes | FileBytes:
        """Return the bytes, unpacked; those of one that streams are read when they are asked for.

        Raises DataError where there are too many.
        """
        if not self.streams or Path(self.name).suffix.lower() not in _ON_DISK:
            return self.read()
        try:
            return FileBytes(self.path)
        except OSError as error:
            raise DataError(f"{self.name}: cannot be read ({error.strerror}).") from error

    def read(self) -> bytes:
        """Return the bytes, unpacked. Raises DataError where there are too many."""
        lines = ending_of(self.name) not in _WHOLE
        try:
            size = self.path.stat().st_size if self.content is None else len(self.content)
            if lines:
                check_size(size, self.name)
            elif size > MAX_UNPACKED:
                raise too_large(self.name)
            data = self.path.read_bytes() if self.content is None else self.content
        except OSError as error:
            raise DataError(f"{self.name}: cannot be read ({error.strerror}).") from error
        return gunzip(data, self.name) if self.name.lower().endswith(".gz") else data


@dataclass(frozen=True, slots=True)
class Opened:
    """A table that is open. `records` gives them, once more with each call: it takes the places of
    the columns with the role and with the text. `first` are its first rows, to look at. `size` is
    the number of its last line or row. `check` raises DataError where a file that streams has
    changed; others have been read by now.
    """

    file: str
    header: Header
    records: Callable[[int | None, int], AnyRecords]
    first: Rows
    size: int
    hints: tuple[str, ...] = ()
    check: Callable[[], None] | None = None


def open_table(
    source: Source,
    wanted: Collection[str],
    accepts: Callable[[Header], bool],
    encoding: str | None = None,
) -> Opened:
    """Open a file as a table.

    `wanted` are names of columns as `plain_name` writes them; the first of the top lines that
    `accepts` has the column names, else the first line. `encoding` is that of text which is not
    Unicode. Raises DataError where it is no table.
    """
    file, data = source.name, source.open()
    check = data.check if isinstance(data, FileBytes) else None
    read = _GRIDS.get(ending_of(file))
    if read is not None:
        grid = read(data, file, wanted, encoding)
        header = grid_header(grid, file, accepts)
        return Opened(
            file,
            header,
            lambda role_at, text_at: GridRecords(grid, header, role_at, text_at),
            Rows(lambda count: first_rows(grid, header, count)),
            grid.size,
            (*grid.hints, *header.hints(file)),
            check,
        )
    lines, hints = lines_of(data, file, encoding)
    if lines and not lines[-1].endswith(("\n", "\r", '"')):
        hints.append(
            f"{file}: line {len(lines)} is the last one and has no line end; if the file was cut"
            " off, its row is incomplete."
        )
    with naming(file), long_cells():
        header = find_header(lines, wanted, accepts)
    return Opened(
        file,
        header,
        lambda role_at, text_at: Records(lines, header, role_at, text_at),
        Rows.of_lines(lines, header),
        len(lines),
        (*hints, *header.hints(file)),
        check,
    )


@contextmanager
def naming(file: str) -> Iterator[None]:
    """Put the name of the file before each problem that does not begin with it."""
    try:
        yield
    except DataError as error:
        if all(problem.startswith(file) for problem in error.problems):
            raise
        raise DataError(
            problem if problem.startswith(file) else f"{file}, {problem}"
            for problem in error.problems
        ) from None


def _sheet(data: bytes, file: str, *_: object) -> Grid:
    sheet = read_sheet(data, file)
    rows = sheet.rows
    if not rows:
        raise DataError(
            " ".join((f"{file}: the sheet {sheet.name[:40]!r} is empty.", *sheet.hints(file)))
        )
    return Grid(lambda: iter(rows), rows[-1][0], None, tuple(sheet.hints(file)))


_GRIDS: dict[str, Callable[[Any, str, Collection[str], str | None], Grid]] = {
    ".xlsx": _sheet,
    ".xlsm": _sheet,
    ".json": read_json,
    ".jsonl": lambda data, file, _, encoding: read_lines(data, file, encoding),
    ".parquet": lambda data, file, *_: read_parquet(data, file),
}
_WHOLE = frozenset(_GRIDS) - {".jsonl"}  # what is not read line by line
_ON_DISK = frozenset((*TEXT, ".jsonl", ".parquet"))  # what can be read a part at a time, unpacked
