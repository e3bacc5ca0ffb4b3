"""Open an official download, a zip or the folder it was unpacked to, and read its tables.

Nothing is unpacked to disk. A zip passes the rules for bundles (`bundle.check_zip`), but may have
folders. Tables are found by name anywhere inside, and their columns by name.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import itertools
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from vocation.bundle import check_zip
from vocation.data import xlsx
from vocation.data.csv_reader import is_empty, plain_name
from vocation.errors import BundleError, DataError
from vocation.files import open_regular
from vocation.text.clean import clean

_SUFFIXES = (".txt", ".tsv", ".csv", ".xlsx")  # of several forms of one table the first is read
_MOST_FILES = 2_000  # an official download has 45
_MOST_BYTES = 250_000_000  # of one file; the largest that is read has 20 MB
_TITLE = 40  # lines above the header; the official crosswalk has sixteen
_SHOWN = 3  # names in one sentence
_MOST_DEEP = 4  # folders within folders

Columns = Mapping[str, Sequence[str]]
"""The name of each value, and the names that its column has in one release or another."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read, with the SHA-256 of its content."""

    name: str
    sha256: str


class Download:
    """The files of a download. Use it in a `with` block; `used` lists what was read."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.used: list[Source] = []
        self.left_out: list[str] = []

    def __enter__(self) -> Download:
        with contextlib.ExitStack() as stack:
            self._archive = stack.enter_context(_zip(self.path)) if _is_file(self.path) else None
            names = self._archive.namelist() if self._archive else list(_walk(self.path))
            self._tables: dict[str, dict[str, list[str]]] = {}
            for name in names:
                place = PurePosixPath(name)
                if name.endswith("/") or place.name[:1] == "." or "__MACOSX" in place.parts:
                    continue
                if (suffix := place.suffix.lower()) in _SUFFIXES:
                    forms = self._tables.setdefault(plain_name(place.stem), {})
                    forms.setdefault(suffix, []).append(name)
            self.others = [name for name in names if name.lower().endswith(".zip")]
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def has(self, table: str) -> bool:
        """Whether there is a file of this name, without regard to case, blanks and ending."""
        return plain_name(table) in self._tables

    def names(self) -> list[str]:
        """Return the names of all tables, as `plain_name` writes them."""
        return sorted(self._tables)

    def told(self) -> str:
        """Return what there is, for a message: a few files, and a zip that lies among them."""
        files = [
            name for forms in self._tables.values() for some in forms.values() for name in some
        ]
        inner = f". It holds a zip, {self.others[0]}: name that one" if self.others else ""
        return shown(sorted(files)) + inner

    def rows(
        self, table: str, needed: Columns, optional: Columns | None = None
    ) -> Iterator[dict[str, str]]:
        """Yield the rows of a table: the cleaned text of each column, "" for an empty cell.

        Cells such as "n/a" are empty. Line breaks stay within a cell. Raises DataError where the
        file cannot be read, is there twice, or lacks a column that is `needed`.
        """
        forms = self._tables[plain_name(table)]
        suffix = next(suffix for suffix in _SUFFIXES if suffix in forms)
        if len(forms[suffix]) > 1:
            raise DataError(
                f"{self.path}: expected one {table}, found {shown(sorted(forms[suffix]))}. Name the"
                " folder of one release."
            )
        name = forms[suffix][0]
        content = self._read(name)
        self.used.append(Source(name, hashlib.sha256(content).hexdigest()))
        where = f"{self.path}: {name}"
        yield from table_rows(content, where, suffix, needed, optional or {}, self.left_out)

    def _read(self, name: str) -> bytes:
        where = f"{self.path}: {name}"
        try:
            if self._archive is not None:
                with self._archive.open(name) as file:
                    # The stated size may be wrong: the limit counts what comes out.
                    content = file.read(_MOST_BYTES + 1)
            else:
                with open_regular(self.path / name, follow=False) as plain:
                    content = plain.read(_MOST_BYTES + 1)
        except (OSError, zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise DataError(f"{where} cannot be read ({why}).") from None
        if len(content) > _MOST_BYTES:
            raise DataError(f"{where} is larger than {_MOST_BYTES // 10**6} MB.")
        return content


def read_file(
    path: Path, needed: Columns, optional: Columns
) -> tuple[Source, list[dict[str, str]]]:
    """Return a file that stands alone, and its rows as `Download.rows` has them."""
    try:
        with open_regular(path) as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}).") from None
    if len(content) > _MOST_BYTES:
        raise DataError(f"{path} is larger than {_MOST_BYTES // 10**6} MB.")
    rows = table_rows(content, str(path), path.suffix.lower(), needed, optional, [])
    return Source(path.name, hashlib.sha256(content).hexdigest()), list(rows)


def table_rows(
    content: bytes,
    where: str,
    suffix: str,
    needed: Columns,
    optional: Columns,
    left_out: list[str],
) -> Iterator[dict[str, str]]:
    """Yield the rows of a table in text or Excel form; the header may stand below a title."""
    lines = _workbook(content, where) if suffix == ".xlsx" else _lines(content, where)
    wanted = {**needed, **optional}
    places, width = _header(lines, where, needed, wanted)
    torn = 0
    for cells in lines:
        if not any(cells):
            continue
        # Excel leaves out empty cells at the end; in text a cell too few is a torn line.
        if suffix != ".xlsx" and len(cells) != width:
            torn += 1
            continue
        yield {name: _cell(cells, places.get(name)) for name in wanted}
    if torn:
        left_out.append(f"{where}: {torn:,} lines with another number of cells than the first.")


def _header(
    lines: Iterator[list[str]], where: str, needed: Columns, wanted: Columns
) -> tuple[dict[str, int], int]:
    """Return where the columns are, and their number; `lines` goes on behind the header."""
    best: list[str] = []
    for cells in itertools.islice(lines, _TITLE):
        places = _places(cells, wanted)
        if all(name in places for name in needed):
            return places, len(cells)
        if not best or len(places) > len(_places(best, wanted)):
            best = cells
    raise DataError(_missing(where, best, needed))


def _cell(cells: Sequence[str], place: int | None) -> str:
    if place is None or place >= len(cells):
        return ""
    parts = [part for line in cells[place].splitlines() if (part := clean(line))]
    return "" if len(parts) == 1 and is_empty(parts[0]) else "\n".join(parts)


def _places(cells: Sequence[str], wanted: Columns) -> dict[str, int]:
    plain = [plain_name(cell) for cell in cells]
    found = {}
    for name, choices in wanted.items():
        known = [plain_name(choice) for choice in choices]
        if place := next((word for word in known if word in plain), None):
            found[name] = plain.index(place)
    return found


def _missing(where: str, cells: Sequence[str], needed: Columns) -> str:
    found = _places(cells, needed)
    lost = ", ".join(
        " or ".join(map(repr, choices)) for name, choices in needed.items() if name not in found
    )
    shown = ", ".join(cell[:40] for cell in cells[:12]) or "nothing"
    return (
        f"{where}: expected the column {lost} in its first lines, found {shown}. Is it the file of"
        " an official download, and complete?"
    )


def _workbook(content: bytes, where: str) -> Iterator[list[str]]:
    stream = io.BytesIO(content)
    try:
        _check(Path(where), stream)
    except (BundleError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise DataError(f"{where} is no readable Excel workbook: {error}.") from None
    for _, cells in xlsx.read_sheet(content, where).rows:
        yield cells


def _lines(content: bytes, where: str) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{where}: expected UTF-8, as in the official download; found something else at byte"
            f" {error.start + 1:,}."
        ) from None
    start = text[:10_000]
    # O*NET's files have tabs and no quoting: a quotation mark is one.
    if "\t" in start:
        reader = csv.reader(io.StringIO(text, newline=""), "excel-tab", quoting=csv.QUOTE_NONE)
    else:
        semicolons = start.count(";") > 2 * start.count(",")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if semicolons else ",")
    try:
        yield from reader
    except csv.Error as error:
        raise DataError(
            f"{where}, line {reader.line_num:,}: it cannot be read ({error})."
        ) from None


def _is_file(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: expected a zip or a folder ({why}).") from None
    return not stat.S_ISDIR(mode)


def _walk(folder: Path) -> Iterator[str]:
    """Yield the files in a folder and those within it; links are not followed."""
    count = 0
    for base, folders, files in os.walk(folder):
        depth = len(Path(base).relative_to(folder).parts)
        folders[:] = sorted(folders) if depth < _MOST_DEEP else []
        for name in sorted(files):
            count += 1
            if count > _MOST_FILES:
                raise DataError(
                    f"{folder} holds more than {_MOST_FILES:,} files: name the folder of the"
                    " download itself."
                )
            yield (Path(base) / name).relative_to(folder).as_posix()


@contextlib.contextmanager
def _zip(path: Path) -> Iterator[zipfile.ZipFile]:
    if path.suffix.lower() in _SUFFIXES:
        raise DataError(
            f"{path}: expected the zip of a download or its folder, found a single table. Name the"
            " folder that it lies in."
        )
    with contextlib.ExitStack() as stack:
        try:
            stream = stack.enter_context(open_regular(path))
            archive = stack.enter_context(_check(path, stream))
        except (BundleError, OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            why = getattr(error, "strerror", None) or error
            raise DataError(
                f"{path} was not opened: {why}. Download it again, or unpack it and name the"
                " folder."
            ) from None
        yield archive


def _check(path: Path, stream: BinaryIO) -> zipfile.ZipFile:
    """Open a zip that may have folders; BundleError for one that breaks the rules."""
    check_zip.check_list(path, stream, flat=False)
    archive = zipfile.ZipFile(stream)
    check_zip.check_names(path, archive)
    check_zip.check(path, archive, stream, flat=False)
    return archive


def shown(names: Sequence[str]) -> str:
    """Return the first of the names, for a message; titles have commas of their own."""
    more = len(names) - _SHOWN
    return ("; ".join(names[:_SHOWN]) or "none") + (f" and {more:,} more" if more > 0 else "")
