"""Read the first visible sheet of an Excel workbook (.xlsx) as rows of text, without a library.

A workbook is a zip of XML files. Excel, LibreOffice, Google and others write them in dialects:
with prefixes or without, texts in a list or in the cell, places stated or not. No file is
trusted: sizes are bounded, and XML with a DTD, which could define entities, is refused.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.parsers import expat

from vocation.data.archives import MAX_UNPACKED, member, open_zip, too_large
from vocation.data.number_formats import BUILT_IN, look_of, shown
from vocation.errors import DataError

MAX_SHEET_COLUMNS = 16_384
"""Columns of a sheet, Excel's own limit; a cell further right is a damaged file."""
_MOST_CELLS = 10_000_000  # with the empty ones before the last filled cell of a row

_MERGED = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):\1([0-9]{1,7})")  # within one column
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how a workbook writes control characters

Attributes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows that hold something: (row number from 1, cells as people see them).

    Rows may differ in length. `others` are the names of the sheets that were not read, `formulas`
    counts the formulas without a computed value, which read as empty.
    """

    name: str
    rows: Sequence[tuple[int, list[str]]]
    others: tuple[str, ...] = ()
    formulas: int = 0

    def hints(self, file: str) -> list[str]:
        """Return a sentence for what somebody would miss: other sheets, formulas."""
        hints = []
        if self.others:
            named = ", ".join(repr(name[:40]) for name in self.others[:5])
            more = f" and {len(self.others) - 5} more" if len(self.others) > 5 else ""
            hints.append(
                f"{file}: only the sheet {self.name[:40]!r} was read, not {named}{more}. Save"
                " another sheet as a file of its own."
            )
        if self.formulas:
            hints.append(
                f"{file}: {self.formulas:,} cells hold a formula without its result, read as"
                " empty. Open the file in a spreadsheet program and save it."
            )
        return hints


def read_sheet(data: bytes, file: str) -> Sheet:
    """Return the first visible sheet of a workbook; `file` names it in messages.

    Numbers are text as people see them ("1", not "1.0"), dates are ISO dates, cells with an error
    such as #N/A are empty. Raises DataError with one sentence where it is no workbook, is
    encrypted or damaged, or has more than MAX_UNPACKED bytes.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise DataError(
            f"{file} is encrypted or in Excel's old format (.xls): save it as .xlsx without a"
            " password."
        )
    if not data.startswith(b"PK"):
        raise DataError(
            f"{file}: expected an Excel workbook, found another kind of file. Save it"
            " as .xlsx, or give the file its right ending."
        )
    return _Workbook(open_zip(data, file), file).sheet()


class _Workbook:
    """The parts of a workbook: the XML files in its zip."""

    def __init__(self, archive: zipfile.ZipFile, file: str) -> None:
        self._archive, self._file = archive, file
        # Some programs write "\" between folders, or "Xl" for "xl".
        self._parts = {_plain(info.filename): info for info in archive.infolist()}

    def sheet(self) -> Sheet:
        """Return the first visible sheet. Raises DataError where the zip is no such workbook."""
        start = self._related("", "/officedocument")
        book = next(iter(start.values()), "xl/workbook.xml")
        if book.endswith(".bin"):
            raise DataError(f"{self._file} is a binary workbook (.xlsb): save it as .xlsx.")
        if book not in self._parts:
            raise DataError(
                f"{self._file}: expected an Excel workbook, found a zip without one. Save the"
                " table as .xlsx."
            )
        sheets: list[tuple[str, str, str]] = []  # name, state, id
        dates = {"from1904": False}

        def start_tag(name: str, attributes: Attributes) -> None:
            if name == "sheet":
                own = next((value for key, value in attributes.items() if key.endswith(":id")), "")
                sheets.append((attributes.get("name", ""), attributes.get("state", ""), own))
            elif name == "workbookPr":
                dates["from1904"] = attributes.get("date1904", "") in ("1", "true")

        self._read(book, start_tag)
        places = self._related(book, "/worksheet")
        tables = [one for one in sheets if one[2] in places]
        if not tables:
            raise DataError(f"{self._file}: expected a workbook with a sheet, found none.")
        chosen = next((one for one in tables if one[1] in ("", "visible")), tables[0])
        kept = self._related(book, "/sharedstrings")
        styles = self._related(book, "/styles")
        cells = _Cells(
            self._file,
            [text for place in list(kept.values())[:1] for text in self._texts(place)],
            [look for place in list(styles.values())[:1] for look in self._formats(place)],
            datetime(1904, 1, 1) if dates["from1904"] else datetime(1899, 12, 30),
        )
        self._read(places[chosen[2]], cells.start, cells.end, cells.text)
        others = tuple(one[0] for one in sheets if one is not chosen)
        return Sheet(chosen[0], cells.filled(), others, cells.formulas)

    def _related(self, part: str, kind: str) -> dict[str, str]:
        """Return the parts that `part` refers to as being of a kind, by their id."""
        folder, name = posixpath.split(part)
        found: dict[str, str] = {}

        def start(name: str, attributes: Attributes) -> None:
            own = attributes.get("Type", "").lower()
            if name == "Relationship" and own.endswith(kind):
                target = _plain(attributes.get("Target", ""))
                place = target.lstrip("/") if target[:1] == "/" else posixpath.join(folder, target)
                found[attributes.get("Id", "")] = posixpath.normpath(place)

        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        if listed in self._parts:
            self._read(listed, start)
        return {own: place for own, place in found.items() if place in self._parts}

    def _texts(self, part: str) -> list[str]:
        """Return the list of texts to which cells refer by number."""
        texts: list[str] = []
        collected = _Text()

        def end(name: str) -> None:
            collected.end(name)
            if name == "si":
                texts.append(collected.take())

        self._read(part, collected.start, end, collected.add)
        return texts

    def _formats(self, part: str) -> list[str]:
        """Return for each style what it shows, see `look_of`."""
        codes: dict[str, str] = {}
        looks: list[str] = []
        place = [""]

        def start(name: str, attributes: Attributes) -> None:
            if name in ("cellXfs", "cellStyleXfs", "dxfs"):
                place[0] = name
            elif name == "numFmt":
                codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif name == "xf" and place[0] == "cellXfs":
                number = attributes.get("numFmtId", "")
                own = int(number) if re.fullmatch("[0-9]{1,6}", number) else 0
                known = BUILT_IN.get(own, "")
                looks.append(look_of(codes[number]) if number in codes else known)

        self._read(part, start)
        return looks

    def _read(
        self,
        part: str,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Go through an XML file; names come without their prefix."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        # Names without a prefix, which most are, are passed on as they are: it saves time.
        parser.StartElementHandler = lambda name, found: start(
            name.rpartition(":")[2] if ":" in name else name, found
        )
        if end is not None:
            parser.EndElementHandler = lambda name: end(
                name.rpartition(":")[2] if ":" in name else name
            )
        if text is not None:
            parser.CharacterDataHandler = text
        try:
            parser.Parse(member(self._archive, self._parts[part], self._file), True)
        except (expat.ExpatError, LookupError, ValueError):  # the last two: its encoding
            raise DataError(
                f"{self._file} is damaged ({part[:80]} is not readable as XML). Open it in a"
                " spreadsheet program and save it again."
            ) from None

    def _refuse(self, *_: object) -> None:
        raise DataError(
            f"{self._file} has a document type definition, which no workbook needs: save it again"
            " in a spreadsheet program."
        )


class _Text:
    """Collects the text of <t> elements, without the pronunciation that Japanese files add."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._reads = self._aside = False

    def start(self, name: str, _: Attributes) -> None:
        self._aside = self._aside or name == "rPh"
        self._reads = name in ("t", "v") and not self._aside

    def end(self, name: str) -> None:
        self._reads = False
        self._aside = self._aside and name != "rPh"

    def add(self, text: str) -> None:
        if self._reads:
            self._parts.append(text)

    def take(self) -> str:
        """Return what was collected, and begin again."""
        text = "".join(self._parts)
        self._parts = []
        return _ESCAPED.sub(_unescaped, text) if "_x" in text else text


class _Cells:
    """Collects the rows of a sheet while its XML is read."""

    def __init__(
        self, file: str, texts: Sequence[str], looks: Sequence[str], epoch: datetime
    ) -> None:
        self.rows: list[tuple[int, list[str]]] = []
        self.formulas = 0
        self._file, self._texts, self._looks, self._epoch = file, texts, looks, epoch
        self._within = False
        self._row, self._cells = 0, list[str]()
        self._column, self._kind, self._style = 0, "", ""
        self._formula = False
        self._merged: list[tuple[int, int, int]] = []  # column, first row, last row
        self._text = _Text()
        self.text = self._text.add
        self._left, self._room = MAX_UNPACKED, _MOST_CELLS

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the begin of an element of a sheet: a row, a cell, what is in it."""
        if name == "sheetData":
            self._within = True
        elif not self._within:
            # They stand behind the rows.
            if name == "mergeCell" and (found := _MERGED.fullmatch(attributes.get("ref", ""))):
                self._merged.append((self._place(found[1]), int(found[2]), int(found[3])))
        elif name == "c":
            at = attributes.get("r", "")
            # Without a place it is the next one.
            self._column = self._place(at) if at else self._column + 1
            if not 0 < self._column <= MAX_SHEET_COLUMNS:
                raise self._damaged(f"a cell has the place {at[:20]!r}")
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._formula = False
            self._text.take()
        elif name == "row":
            at = attributes.get("r", "")
            self._row = int(at) if re.fullmatch("[0-9]{1,7}", at) else self._row + 1
            self._cells, self._column = [], 0
        elif name == "f":
            self._formula = True
        else:
            self._text.start(name, attributes)

    def end(self, name: str) -> None:
        """Take the end of an element: then a cell, or a row, is complete."""
        if name == "sheetData":
            self._within = False
        elif name == "c" and self._within:
            self._add(self._value(self._text.take()))
        elif name == "row" and self._within and self._cells:
            self.rows.append((self._row, self._cells))
            self._cells = []
        else:
            self._text.end(name)

    @staticmethod
    def _place(at: str) -> int:
        """Return the column, from 1, of a place such as "C14"; 0 without a letter."""
        column = 0
        for letter in re.match("[A-Z]{0,3}", at.upper())[0]:  # type: ignore[index]
            column = 26 * column + ord(letter) - 64
        return column

    def filled(self) -> list[tuple[int, list[str]]]:
        """Return the rows, the value of cells merged below each other in each row they cover."""
        numbers = [number for number, _ in self.rows]
        for column, top, bottom in self._merged:
            first, behind = bisect_left(numbers, top), bisect_left(numbers, bottom + 1)
            cells = self.rows[first][1] if first < behind and numbers[first] == top else []
            value = cells[column - 1] if column <= len(cells) else ""
            for at in range(first + 1, behind) if value else ():
                cells = self.rows[at][1]
                empty = max(column - len(cells), 0)
                self._pay(len(value), empty + 1)
                cells += [""] * empty
                cells[column - 1] = cells[column - 1] or value
        return self.rows

    def _pay(self, characters: int, cells: int) -> None:
        """Count what comes into memory: a text may be referred to more often than it can hold."""
        self._left -= characters
        self._room -= cells
        if self._left < 0 or self._room < 0:
            raise too_large(self._file)

    def _add(self, value: str) -> None:
        if not value:
            return
        empty = self._column - 1 - len(self._cells)
        if empty < 0:
            raise self._damaged("two cells have the same place")
        self._pay(len(value), empty + 1)
        self._cells += [*[""] * empty, value]

    def _value(self, raw: str) -> str:
        """Return a cell as people see it."""
        if self._formula and not raw and self._kind != "str":
            self.formulas += 1
        if self._kind in ("inlineStr", "str"):
            return raw
        raw = raw.strip()
        if not raw or self._kind == "e":
            return ""
        if self._kind == "s":
            if not re.fullmatch("[0-9]{1,9}", raw) or int(raw) >= len(self._texts):
                raise self._damaged("a cell refers to a text that the file does not hold")
            return self._texts[int(raw)]
        if self._kind == "b":
            return "FALSE" if raw in ("0", "false") else "TRUE"
        if self._kind == "d":
            return raw.replace("T", " ").removesuffix(" 00:00:00")
        style = int(self._style) if re.fullmatch("[0-9]{1,6}", self._style) else 0
        look = self._looks[style] if style < len(self._looks) else ""
        return shown(raw, look, self._epoch)

    def _damaged(self, reason: str) -> DataError:
        return DataError(
            f"{self._file}, row {self._row}: {reason}, so the file is damaged. Open it in a"
            " spreadsheet program and save it again."
        )


def _unescaped(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    # Neither NUL nor half of a surrogate pair is text.
    return "" if code == 0 or 0xD800 <= code <= 0xDFFF else chr(code)


def _plain(name: str) -> str:
    """Return the name of a part in the form in which parts are compared."""
    return name.replace("\\", "/").lower()
