"""Write an Excel workbook (.xlsx) of one sheet, row by row, with the standard library.

Text is written as text, so that nothing in it runs: a spreadsheet program evaluates a cell only if
it is typed as a formula, and none is here.
"""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO
from xml.sax.saxutils import escape

from vocation.errors import DataError

MOST_ROWS = 1_048_576
"""Rows of a sheet, with the column names."""
MOST_COLUMNS = 16_384
"""Columns of a sheet."""
MOST_CHARACTERS = 32_767
"""Characters of a cell, as UTF-16 counts them."""
_MOST_BYTES = 2_000_000_000  # of a sheet's XML; beyond it the zip would need another format
_EXACT = 10**15  # whole numbers from here on lose digits in a spreadsheet

# What XML cannot hold: control characters, halves of surrogate pairs.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CODE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # text that reads like the code of a character

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


def check_fits(rows: Iterable[object], size: int, name: str) -> None:
    """Raise DataError for more rows than a sheet has: better now than when all are answered.

    `size` is at least their number; they are counted only where that may be too many.
    """
    if size >= MOST_ROWS and (count := sum(1 for _ in rows)) >= MOST_ROWS:
        raise DataError(
            f"{name}: a sheet holds at most {MOST_ROWS:,} rows with the column names, and there are"
            f" {count:,} to write. Write .csv instead."
        )


def write_sheet(file: BinaryIO, rows: Iterable[list[Any]], name: str) -> list[str]:
    """Write rows to `file` as a workbook; `name` is what messages call it.

    Control characters are left out, and texts of more than MOST_CHARACTERS cut: a hint counts
    them. Raises DataError for more rows or columns than a sheet has.
    """
    cut: list[int] = []  # rows with a text that was cut
    size = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in _PARTS.items():
            archive.writestr(part, _HEAD + content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for number, row in enumerate(rows, 1):
                xml = f'<row r="{number}">{"".join(_cells(row, number, cut))}</row>'.encode()
                size += len(xml)
                if number > MOST_ROWS or len(row) > MOST_COLUMNS or size > _MOST_BYTES:
                    raise DataError(
                        f"{name}: a sheet holds at most {MOST_ROWS:,} rows of {MOST_COLUMNS:,}"
                        f" columns, and {_MOST_BYTES // 10**9} GB; this is more. Write .csv"
                        " instead."
                    )
                sheet.write(xml)
            sheet.write(b"</sheetData></worksheet>")
    if not cut:
        return []
    return [
        f"{name}: {len(cut):,} texts were cut at {MOST_CHARACTERS:,} characters, since a cell of a"
        f" sheet holds no more (first: row {cut[0]}). Write .csv to keep them whole."
    ]


def _cells(row: list[Any], number: int, cut: list[int]) -> Iterator[str]:
    """Yield the cells of a row as XML; add its number to `cut` where a text is too long."""
    for at, cell in enumerate(row):
        place = f'r="{_letters(at)}{number}"'
        if cell is None or cell == "":
            continue
        if isinstance(cell, bool):
            yield f'<c {place} t="b"><v>{cell:d}</v></c>'
        elif isinstance(cell, int | float) and math.isfinite(cell) and abs(cell) < _EXACT:
            yield f"<c {place}><v>{cell!r}</v></c>"
        else:
            text = _NOT_XML.sub("", str(cell))
            # A character beyond the first plane counts as two.
            if 2 * len(text) > MOST_CHARACTERS:
                units = text.encode("utf-16-le")
                if len(units) > 2 * MOST_CHARACTERS:
                    text = units[: 2 * MOST_CHARACTERS].decode("utf-16-le", "ignore")
                    cut.append(number)
            # XML readers make "\n" of a bare "\r".
            text = escape(_CODE.sub("_x005F_", text)).replace("\r", "_x000D_")
            yield f'<c {place} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _letters(column: int) -> str:
    """Return the name of a column, counted from 0: A, B, ..., Z, AA."""
    name = ""
    while column >= 0:
        name = chr(65 + column % 26) + name
        column = column // 26 - 1
    return name
