"""Files that are no table, or far too much of one: everything else that people save under a name
ending in .csv.
"""

from __future__ import annotations

import bz2
import gzip
import html
import io
import json
import lzma
import pickle
import random
import sqlite3
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace

from tables.cases import Case, Mutant, Piece, Style, mutant, record, sheet
from tables.mutators import ALL, Mutator, mutator

# --- empty ----------------------------------------------------------------------------------------


def _bytes(
    name: str, group: str, make: Callable[[random.Random, Case], bytes], weight: float = 0.4
) -> None:
    """Enter a file that holds no row of the table."""
    ALL[name] = Mutator(
        name,
        group,
        lambda rng, table, style: Mutant(table, make(rng, table), ()),
        styled=False,
        weight=weight,
    )


_bytes("zero_bytes", "empty", lambda rng, table: b"")
_bytes(
    "blank_only",
    "empty",
    lambda rng, table: rng.choice(
        (b"\n", b"\r", b" \n\t\n" * 50, b"\0" * 400, b"\xef\xbb\xbf", b"\xff\xfe", b"\n" * 100_000)
    ),
)
_bytes(
    "header_only",
    "empty",
    lambda rng, table: record(table.header, Style()).encode() + b"\n" * rng.randint(0, 3),
)


# --- other formats --------------------------------------------------------------------------------


def _text(table: Case) -> bytes:
    return b"".join(piece.text.encode() for piece in sheet(table, Style()))


def _noise(rng: random.Random, size: int) -> bytes:
    return rng.randbytes(size)


def _zipped(names: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _png(rng: random.Random) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        )

    side = rng.choice((1, 8, 64))
    rows = b"".join(b"\0" + _noise(rng, 3 * side) for _ in range(side))
    head = side.to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def _database(table: Case) -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"create table careers ({', '.join(table.header)})")
    connection.executemany(
        f"insert into careers values ({', '.join('?' * len(table.header))})", table.rows
    )
    return connection.serialize()


def _records(table: Case) -> list[dict[str, str]]:
    return [dict(zip(table.header, row, strict=True)) for row in table.rows]


def _page(table: Case) -> bytes:
    cells = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in (table.header, *table.rows)
    )
    return (
        "<!DOCTYPE html>\n<html><head><title>Sign"
        f" in</title></head><body><table>{cells}</table></body></html>\n".encode()
    )


def _dump(table: Case) -> bytes:
    lines = [
        "('" + "', '".join(cell.replace("'", "''") for cell in row) + "');" for row in table.rows
    ]
    return "\n".join(f"INSERT INTO careers VALUES {line}" for line in lines).encode()


PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
ERROR = (
    b"<html>\n<head><title>404 Not Found</title></head>\n<body><h1>Not Found</h1>, sorry, nothing"
    b" here</body>\n</html>\n"
)
for _name, _make in {
    "xlsx": lambda rng, table: _zipped(
        {"[Content_Types].xml": b"<Types/>", "xl/worksheets/sheet1.xml": _text(table)}
    ),
    "ods": lambda rng, table: _zipped(
        {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": _text(table)}
    ),
    "xls": lambda rng, table: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + _noise(rng, 2000),
    "zip": lambda rng, table: (
        _zipped({table.file: _text(table)}) if rng.random() < 0.9 else _zipped({})
    ),
    "gzip": lambda rng, table: gzip.compress(_text(table)),
    "bzip2": lambda rng, table: bz2.compress(_text(table)),
    "xz": lambda rng, table: lzma.compress(_text(table)),
    "zlib": lambda rng, table: zlib.compress(_text(table)),
    "pdf": lambda rng, table: PDF + _noise(rng, rng.choice((0, 3000))),
    "png": lambda rng, table: _png(rng),
    "jpeg": (
        lambda rng, table: b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01" + _noise(rng, rng.choice((50, 5000)))
    ),
    "parquet": lambda rng, table: b"PAR1" + _noise(rng, 1000) + b"PAR1",
    "sqlite": lambda rng, table: _database(table),
    "pickle": lambda rng, table: pickle.dumps(_records(table)),
    "program": lambda rng, table: b"\x7fELF\x02\x01\x01" + b"\0" * 9 + _noise(rng, 3000),
    "noise": lambda rng, table: _noise(rng, rng.choice((1, 2, 3, 10, 100, 10_000))),
    "error_page": lambda rng, table: rng.choice((b"", b"\xef\xbb\xbf", b"\n")) + ERROR,
    "web_page": lambda rng, table: _page(table),
    "xml": lambda rng, table: b'<?xml version="1.0"?>\n' + _page(table)[16:],
    "json": (
        lambda rng, table: json.dumps(
            _records(table), indent=rng.choice((None, 1)), ensure_ascii=rng.random() < 0.5
        ).encode()
    ),
    "jsonl": lambda rng, table: "\n".join(json.dumps(entry) for entry in _records(table)).encode(),
    "rtf": lambda rng, table: b"{\\rtf1\\ansi " + _text(table) + b"}",
    "sql": lambda rng, table: _dump(table),
    "ebcdic": lambda rng, table: _text(table).decode().encode("cp500", "replace"),
    "prose": lambda rng, table: "\n\n".join(" ".join(row) for row in table.rows).encode(),
}.items():
    _bytes(_name, "other formats", _make)


@mutator("other formats", weight=0.4)
def markdown(rng: random.Random, table: Case, style: Style) -> Mutant:
    """A table as in a README, between bars."""
    rows = [
        "| " + " | ".join(cell.replace("\n", " ").replace("|", "/") for cell in row) + " |"
        for row in (table.header, *table.rows)
    ]
    rows.insert(1, "|" + "---|" * len(table.header))
    return Mutant(table, "\n".join(rows).encode(), None)


# --- too much -------------------------------------------------------------------------------------


def _giants(table: Case, pieces: list[Piece], at: int, text: str, style: Style) -> Mutant:
    pieces.insert(at, Piece(text + style.eol, -1 if text.strip() else None))
    return mutant(table, pieces, style)


@mutator("too much", styled=False, weight=0.15)
def giant_cell(rng: random.Random, table: Case, style: Style) -> Mutant:
    """A cell of up to five million characters, with and without quotes."""
    cell = rng.choice(("x", "word ", "é", "🚀")) * rng.choice((250_000, 1_000_000))
    cells = [rng.choice(table.rows)[0], *["text"] * (len(table.header) - 1)]
    cells[rng.randrange(len(cells))] = cell
    return _giants(
        table,
        sheet(table, style),
        rng.randint(1, len(table.rows)),
        record(cells, style, every=rng.random() < 0.5)[:-1],
        style,
    )


@mutator("too much", styled=False, weight=0.15)
def million_columns(rng: random.Random, table: Case, style: Style) -> Mutant:
    """A line of a million cells, empty or not."""
    return _giants(
        table,
        sheet(table, style),
        rng.randint(1, len(table.rows)),
        rng.choice((",", "a,", '"a",', ";")) * 1_000_000 + "b",
        style,
    )


@mutator("too much", styled=False, weight=0.15)
def million_names(rng: random.Random, table: Case, style: Style) -> Mutant:
    """A million column names, all the same or all different, with the right ones before them or
    nowhere.
    """
    count, name = rng.choice((1000, 1_000_000)), rng.choice(("x", "column {}", ""))
    first = list(table.header) if rng.random() < 0.5 else []
    pieces = sheet(table, style)
    return mutant(
        table,
        [Piece(",".join([*first, *(name.format(i) for i in range(count))]) + "\n"), *pieces[1:]],
        style,
    )


@mutator("too much", styled=False, weight=0.15)
def giant_name(rng: random.Random, table: Case, style: Style) -> Mutant:
    """A column name of a million characters beside the right ones."""
    name = rng.choice(("x", "role ", "_", "\u200b")) * 1_000_000
    pieces = sheet(table, style)
    return mutant(
        table,
        [
            Piece(record((*table.header, name), style)),
            *(Piece(record((*row, ""), style), i) for i, row in enumerate(table.rows)),
        ][: len(pieces)],
        style,
    )


@mutator("too much", styled=False, weight=0.15)
def giant_line(rng: random.Random, table: Case, style: Style) -> Mutant:
    """One line of millions of characters and no end."""
    text = rng.choice(("x", " ", '"', "a b ", '",', '""', "'", '\\"', "=", "sep=")) * rng.choice(
        (1_000_000, 3_000_000)
    )
    return (
        Mutant(table, text.encode(), ())
        if rng.random() < 0.5
        else _giants(table, sheet(table, style), len(table.rows), text, style)
    )


@mutator("too much", styled=False, weight=0.15)
def many_lines(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Two hundred thousand lines of nothing, of one quote, or of the same row, behind the table."""
    line = rng.choice(
        (
            "\n",
            '"\n',
            '",\n',
            ",\n",
            record(table.rows[0], style).replace("\n", " ")[:60] + "\n",
            'a,"b\n',
        )
    )
    made = mutant(table, sheet(table, style), style)
    return replace(made, data=made.data + line.encode() * 200_000, rows=None)
