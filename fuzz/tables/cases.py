"""Clean tables to spoil: rows of the default data with accents, other scripts, line breaks, quotes
and delimiters in their cells.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from vocation.data.dataset import default_folder
from vocation.data.schema import KINDS

WEST = (
    "café",
    "Zürich",
    "naïve",
    "20 °C",
    "€45",
    "“quoted”",
    "it’s – fine",
    "½ pay",
    "Señor",
    "crème brûlée",
    "Straße",
    "garçon",
)
WIDE = (
    "東京",
    "Київ",
    "مرحبا",
    "👩‍💻",
    "🚀",
    "Łódź",
    "e\u0301",
    "हिन्दी",
    "Αθήνα",
    "ﬁle",
    "𝔘nicode",
)
AWKWARD = (
    'says "yes"',
    "one, two",
    "semi; colon",
    "tab\there",
    "a | b",
    "two\nlines",
    "=1+1",
    "@home",
    "-5",
    "#1",
    "C:\\dir\\",
    "'quoted'",
    "<b>bold</b>",
)
PAY = ((28000, 34000, "EUR", "year"), (15, 22, "USD", "hour"), (52000, 61000, "USD", "year"))


@dataclass(frozen=True)
class Case:
    """A table of one kind: its file's name, its column names, and rows of as many cells, all in
    order.
    """

    kind: str
    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def changed(self, change: Callable[[str], str]) -> Case:
        """The same table with `change` done to every cell but the career's name."""
        return replace(self, rows=tuple((row[0], *map(change, row[1:])) for row in self.rows))


@dataclass(frozen=True)
class Style:
    """How a table is written: what stands between cells, what ends a line, the encoding and the
    bytes before the text.
    """

    delimiter: str = ","
    eol: str = "\n"
    encoding: str = "utf-8"
    bom: bytes = b""


@dataclass(frozen=True)
class Piece:
    """Some whole lines of a file. `row` is the number of the clean row they hold, -1 for a row that
    nobody wants, None for no row at all.
    """

    text: str
    row: int | None = None


@dataclass(frozen=True)
class Mutant:
    """A corrupt file; `rows` are (number of the clean row or -1, its first line, 1-based); `case` is
    the clean twin.

    `rows` is None where bytes were changed anywhere: then only crashes, time, memory and the ledger
    can be judged.
    """

    case: Case
    data: bytes
    rows: tuple[tuple[int, int], ...] | None = ()


@cache
def default_rows(kind: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Column names and rows of a default file."""
    file = next(entry.file for entry in KINDS if entry.name == kind)
    with (default_folder() / file).open(encoding="utf-8", newline="") as handle:
        header, *rows = csv.reader(handle)
    return tuple(header), tuple(map(tuple, rows))


def case(rng: random.Random, kind: str, rows: int = 0, spices: Sequence[str] = WEST + WIDE) -> Case:
    """A clean table of `kind` with three to six careers and 6 to 40 rows (or as many as said)."""
    header, all_rows = default_rows(kind)
    careers = rng.sample(
        sorted({row[0] for row in all_rows}), 6 if kind == "careers" else rng.randint(3, 6)
    )
    own = [row for row in all_rows if row[0] in careers]
    chosen = rng.sample(own, min(len(own), rows or rng.randint(6, 40)))
    chosen += [rng.choice(own) for _ in range(rows - len(chosen))]
    if kind != "careers":
        chosen = [(row[0], *(_spiced(rng, cell, spices) for cell in row[1:])) for row in chosen]
    if kind == "jobs" and rng.random() < 0.4:
        header = (*header, "salary_min", "salary_max", "currency", "period")
        chosen = [(*row, *map(str, rng.choice(PAY))) for row in chosen]
    return Case(
        kind, next(entry.file for entry in KINDS if entry.name == kind), header, tuple(chosen)
    )


def _spiced(rng: random.Random, cell: str, spices: Sequence[str]) -> str:
    """The first words of a cell with, now and then, something in them that a careless reader trips
    over.
    """
    words = cell.split()
    words = words[: rng.randint(3, 60)]
    for pool, chance in ((spices, 0.4), (AWKWARD, 0.15)):
        if pool and rng.random() < chance:
            words.insert(rng.randint(0, len(words)), rng.choice(pool))
    return " ".join(words)


def quoted(cell: str) -> str:
    """A cell in quotes, those inside it doubled."""
    return '"' + cell.replace('"', '""') + '"'


def record(cells: Sequence[str], style: Style, every: bool = False) -> str:
    """One row with its line end; cells in quotes where they must be, or `every` one."""
    needs = set('"\r\n' + style.delimiter)
    return (
        style.delimiter.join(
            quoted(cell) if every or needs & set(cell) or cell != cell.strip() else cell
            for cell in cells
        )
        + style.eol
    )


def sheet(table: Case, style: Style, every: bool = False) -> list[Piece]:
    """The table as pieces, the column names first."""
    return [
        Piece(record(table.header, style, every)),
        *(Piece(record(row, style, every), i) for i, row in enumerate(table.rows)),
    ]


def mutant(table: Case, pieces: Sequence[Piece], style: Style, lead: str = "") -> Mutant:
    """The file that `pieces` make, `lead` before them."""
    line, rows, encoded = 1 + lead.count("\n"), [], [style.bom + lead.encode(style.encoding)]
    for piece in pieces:
        if piece.row is not None:
            rows.append((piece.row, line))
        line += sum(1 for _ in io.StringIO(piece.text, newline=""))
        encoded.append(piece.text.encode(style.encoding))
    return Mutant(table, b"".join(encoded), tuple(rows))


def twin(table: Case) -> bytes:
    """The clean file: UTF-8, commas, line feeds."""
    return b"".join(piece.text.encode() for piece in sheet(table, Style()))
