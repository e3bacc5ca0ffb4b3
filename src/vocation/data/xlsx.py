"""Read the first sheet of an Excel workbook (.xlsx) as rows of text, with the standard library.

A workbook is a zip of XML. Of an untrusted one only the parts that a table needs are read, each up
to a limit, and XML with a document type is refused: entities are how a small file grows large.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.parsers import expat

from vocation.errors import DataError

_MOST_BYTES = 400_000_000  # of one part, unpacked; the largest sheet of O*NET has 90 MB
_MOST_CELL = 2_000_000  # characters, as in a row of a CSV file
_MOST_COLUMNS = 10_000  # as in a CSV file
_CHUNK = 1 << 16
_WORKBOOK, _STRINGS = "xl/workbook.xml", "xl/sharedStrings.xml"
_PLACE = re.compile(r"([A-Z]{1,3})[0-9]+")  # "AB12"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a sheet: the number of each, and the texts of its cells."""

    rows: Sequence[tuple[int, list[str]]]


def read_sheet(data: bytes, file: str) -> Sheet:
    """Return the first sheet of a workbook; `file` names it in messages.

    Numbers are as they are stored ("4.12"), dates are numbers. Raises DataError for what is no
    workbook, is damaged, or is larger than a table should be.
    """
    return Sheet(list(enumerate(_rows(data, file), 1)))


def _rows(content: bytes, where: str) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            sheet = _first_sheet(book, where)
            names = set(book.namelist())
            strings = list(_strings(book, where)) if _STRINGS in names else []
            yield from _cells(book, sheet, strings, where)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{where} is no readable Excel workbook ({error}).") from None
    except (expat.ExpatError, KeyError, ValueError, IndexError) as error:
        raise DataError(f"{where} is a damaged Excel workbook ({error}).") from None


def _parse(
    book: zipfile.ZipFile,
    part: str,
    where: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] = lambda name: None,
    text: Callable[[str], None] = lambda data: None,
) -> Iterator[None]:
    """Parse `part` in pieces; what was found may be taken after each of them."""

    def refuse(*_: object) -> None:
        raise DataError(f"{where} has a document type in its XML, which no workbook needs.")

    def local(name: str) -> str:
        return name.rpartition(":")[2]  # a prefix of the namespace says nothing here

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, given: start(local(name), given)
    parser.EndElementHandler = lambda name: end(local(name))
    parser.CharacterDataHandler = text
    read = 0
    with book.open(part) as stream:
        while piece := stream.read(_CHUNK):
            read += len(piece)
            if read > _MOST_BYTES:
                raise DataError(f"{where}: {part} holds more than {_MOST_BYTES // 10**6} MB.")
            parser.Parse(piece, False)
            yield
    parser.Parse(b"", True)
    yield


def _first_sheet(book: zipfile.ZipFile, where: str) -> str:
    """The part with the first sheet, as the workbook names it."""
    sheets: list[str] = []
    targets: dict[str, str] = {}

    def sheet(name: str, given: dict[str, str]) -> None:
        if name == "sheet":
            sheets.extend(value for key, value in given.items() if key.endswith(":id"))

    def relation(name: str, given: dict[str, str]) -> None:
        if name == "Relationship":
            targets[given["Id"]] = given["Target"]

    for _ in _parse(book, _WORKBOOK, where, sheet):
        pass
    for _ in _parse(book, "xl/_rels/workbook.xml.rels", where, relation):
        pass
    return posixpath.normpath(posixpath.join("/xl", targets[sheets[0]])).lstrip("/")


def _strings(book: zipfile.ZipFile, where: str) -> Iterator[str]:
    """The texts that cells name by their number."""
    found: list[str] = []
    parts: list[str] = []
    inside = {"t": False, "rPh": False}

    def start(name: str, _: dict[str, str]) -> None:
        if name == "si":
            parts.clear()
        elif name in inside:
            inside[name] = True

    def end(name: str) -> None:
        if name == "si":
            found.append("".join(parts))
        elif name in inside:
            inside[name] = False

    def text(data: str) -> None:
        if inside["t"] and not inside["rPh"]:  # rPh: how a Japanese text is spoken
            parts.append(data)

    for _ in _parse(book, _STRINGS, where, start, end, text):
        yield from found
        found.clear()


def _cells(
    book: zipfile.ZipFile, sheet: str, strings: list[str], where: str
) -> Iterator[list[str]]:
    found: list[list[str]] = []
    row: list[str] = []
    parts: list[str] = []
    kind, column, is_open = "", 0, False

    def start(name: str, given: dict[str, str]) -> None:
        nonlocal kind, column, is_open
        if name == "row":
            row.clear()
        elif name == "c":
            place = _PLACE.fullmatch(given.get("r", ""))
            kind, column = given.get("t", ""), _column(place[1]) if place else len(row)
            parts.clear()
        elif name in ("v", "t"):
            is_open = True

    def end(name: str) -> None:
        nonlocal is_open
        if name in ("v", "t"):
            is_open = False
        elif name == "c":
            value = "".join(parts)
            if column >= _MOST_COLUMNS or len(value) > _MOST_CELL:
                raise DataError(f"{where}: a cell lies too far out, or is longer than a text is.")
            row.extend([""] * (column + 1 - len(row)))
            row[column] = strings[int(value)] if kind == "s" and value else value
        elif name == "row":
            found.append(list(row))

    def text(data: str) -> None:
        if is_open:
            parts.append(data)

    for _ in _parse(book, sheet, where, start, end, text):
        yield from found
        found.clear()


def _column(letters: str) -> int:
    """The place of a column from 0: "A" is 0, "AB" is 27."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1
