"""What can be wrong with a file: one function for each way. All take (random numbers, a clean
table, how to write it) and return a Mutant.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tables.cases import WEST, WIDE, Case, Mutant, Piece, Style, mutant, quoted, record, sheet

Make = Callable[[random.Random, Case, Style], Mutant]
PLAIN = Style()


@dataclass(frozen=True)
class Mutator:
    """One way to spoil a file. `styled`: it may be written with any delimiter, line end and
    lossless encoding. `spices`: what its cells may hold; `rows`: how many there must be (0: any);
    `weight`: how often it is drawn, beside 1.
    """

    name: str
    group: str
    make: Make
    styled: bool = True
    spices: Sequence[str] = WEST + WIDE
    rows: int = 0
    weight: float = 1.0


ALL: dict[str, Mutator] = {}


def mutator(group: str, **how: object) -> Callable[[Make], Make]:
    """Enter a function into ALL under its name."""

    def enter(make: Make) -> Make:
        name = make.__name__.strip("_")
        ALL[name] = Mutator(name, group, make, **how)  # type: ignore[arg-type]
        return make

    return enter


def _charset(table: Case, encoding: str) -> Case:
    """The table without the letters that an encoding lacks."""

    def keep(cell: str) -> str:
        return cell.encode(encoding, "ignore").decode(encoding).strip() or "nothing"

    return replace(table.changed(keep), rows=tuple(tuple(map(keep, row)) for row in table.rows))


# --- encodings ------------------------------------------------------------------------------------


def _encoding(
    name: str, encoding: str, bom: bytes = b"", spices: Sequence[str] = WEST + WIDE
) -> None:
    def make(rng: random.Random, table: Case, style: Style) -> Mutant:
        table = _charset(table, encoding)
        style = replace(style, encoding=encoding, bom=bom)
        return mutant(table, sheet(table, style), style)

    ALL[name] = Mutator(name, "encodings", make, spices=spices)


CYRILLIC = ("Київ", "работа", "люблю помогать людям", "ёж")
for _name, _codec, _bom in (
    ("utf8_bom", "utf-8", b"\xef\xbb\xbf"),
    ("utf8_bom_twice", "utf-8", b"\xef\xbb\xbf" * 2),
    ("utf16_le_bom", "utf-16-le", b"\xff\xfe"),
    ("utf16_be_bom", "utf-16-be", b"\xfe\xff"),
    ("utf16_le", "utf-16-le", b""),
    ("utf16_be", "utf-16-be", b""),
    ("utf32_le_bom", "utf-32-le", b"\xff\xfe\0\0"),
    ("utf32_be_bom", "utf-32-be", b"\0\0\xfe\xff"),
    ("utf32_le", "utf-32-le", b""),
    ("utf32_be", "utf-32-be", b""),
):
    _encoding(_name, _codec, _bom)
for _name, _codec in (("windows_1252", "cp1252"), ("latin_1", "latin-1")):
    _encoding(_name, _codec, spices=WEST)
_encoding("mac_roman", "mac-roman", spices=WEST)
_encoding("windows_1251", "cp1251", spices=CYRILLIC)
_encoding("shift_jis", "shift-jis", spices=("東京", "仕事が好きです", "カフェ"))


@mutator("encodings", spices=WEST)
def mixed_bytes(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Some rows in UTF-8, some in Windows-1252, as where two files were joined."""
    table = _charset(table, "cp1252")
    style = replace(style, encoding="latin-1", bom=b"")
    at = rng.randrange(len(table.rows))
    pieces = [
        replace(
            piece,
            text=piece.text.encode(
                "cp1252" if piece.row is not None and piece.row >= at else "utf-8"
            ).decode("latin-1"),
        )
        for piece in sheet(table, style)
    ]
    return mutant(table, pieces, style)


@mutator("encodings", spices=WEST)
def mojibake(rng: random.Random, table: Case, style: Style) -> Mutant:
    """UTF-8 that was read as Windows-1252 and saved again, once or twice."""
    bad = table
    for _ in range(rng.choice((1, 1, 1, 2))):
        bad = bad.changed(lambda cell: cell.encode().decode("cp1252", "replace"))
    return replace(mutant(bad, sheet(bad, style), style), case=table)


@mutator("encodings", styled=False)
def surrogates(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Characters beyond 65,535 written as two halves of three bytes each (CESU-8), or a half alone
    (WTF-8).
    """
    paired = rng.random() < 0.5

    def halves(text: str) -> str:
        units = text.encode("utf-16-le", "surrogatepass")
        return "".join(chr(units[i] + 256 * units[i + 1]) for i in range(0, len(units), 2))

    good = (
        table.changed(lambda cell: f"{cell} 🚀" if rng.random() < 0.3 else cell)
        if paired
        else table
    )
    bad = good if paired else good.changed(lambda cell: _insert(rng, cell, "\ud83d", 0.3))
    made = mutant(good, [replace(piece, text="") for piece in sheet(bad, style)], style)
    pieces = sheet(bad, style)
    data = b"".join(
        (halves(piece.text) if paired else piece.text).encode("utf-8", "surrogatepass")
        for piece in pieces
    )
    return replace(made, data=data, rows=mutant(good, sheet(good, style), style).rows)


@mutator("encodings", styled=False)
def stray_bytes(rng: random.Random, table: Case, style: Style) -> Mutant:
    """A byte that is no UTF-8 within a cell, here and there."""
    latin = replace(style, encoding="latin-1")
    marked = table.changed(lambda cell: cell.encode().decode("latin-1"))
    bad = marked.changed(lambda cell: _insert(rng, cell, rng.choice("\xff\xfe\xc0\xf8"), 0.1))
    return replace(mutant(bad, sheet(bad, latin), latin), case=table)


def _insert(rng: random.Random, cell: str, what: str, chance: float) -> str:
    """`cell` with `what` at some blank in it, or as it was."""
    blanks = [i for i, char in enumerate(cell) if char == " "]
    if not blanks or rng.random() >= chance:
        return cell
    at = rng.choice(blanks)
    return cell[:at] + what + cell[at:]


# --- lines and delimiters -------------------------------------------------------------------------


def _style(name: str, group: str, **change: str) -> None:
    def make(rng: random.Random, table: Case, style: Style) -> Mutant:
        style = replace(style, **change)
        return mutant(table, sheet(table, style, every=rng.random() < 0.2), style)

    ALL[name] = Mutator(name, group, make)


for _name, _delimiter in (("semicolons", ";"), ("tabs", "\t"), ("bars", "|")):
    _style(_name, "delimiters", delimiter=_delimiter)
for _name, _eol in (("carriage_returns", "\r"), ("crlf", "\r\n"), ("crcrlf", "\r\r\n")):
    _style(_name, "line ends", eol=_eol)


@mutator("delimiters")
def sep_line(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Excel's `sep=;` before the column names; now and then with nonsense behind it."""
    said = style.delimiter if rng.random() < 0.8 else rng.choice(('"', "\\", "x", " ", ";", "\t"))
    return mutant(table, [Piece(f"sep={said}{style.eol}"), *sheet(table, style)], style)


@mutator("delimiters")
def trailing_delimiters(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Empty cells at the end: of every line, of the rows, of some rows."""
    how, more = rng.randrange(3), style.delimiter * rng.randint(1, 30)
    pieces = [
        (
            replace(piece, text=piece.text.removesuffix(style.eol) + more + style.eol)
            if how == 0 or (piece.row is not None and (how == 1 or rng.random() < 0.3))
            else piece
        )
        for piece in sheet(table, style)
    ]
    return mutant(table, pieces, style)


@mutator("delimiters")
def mixed_delimiters(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Some rows with another delimiter than the rest."""
    table = table.changed(lambda cell: cell.replace("\n", " "))
    other = replace(
        style, delimiter=rng.choice([sign for sign in ",;\t|" if sign != style.delimiter])
    )
    pieces = sheet(table, style)
    return mutant(
        table,
        [
            pieces[0],
            *(
                Piece(record(row, other if rng.random() < 0.2 else style), i)
                for i, row in enumerate(table.rows)
            ),
        ],
        style,
    )


@mutator("delimiters")
def blanks_around_delimiters(rng: random.Random, table: Case, style: Style) -> Mutant:
    """A blank behind each delimiter, or before and behind it."""
    before = rng.choice(("", " "))
    apart = f"{before}{style.delimiter} "
    lines = [
        apart.join(
            quoted(cell) if set(cell) & set('"\n' + style.delimiter) else cell for cell in row
        )
        for row in (table.header, *table.rows)
    ]
    return mutant(
        table,
        [Piece(line + style.eol, i - 1 if i else None) for i, line in enumerate(lines)],
        style,
    )


@mutator("line ends", styled=False)
def mixed_line_ends(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Each line ends in its own way."""
    pieces = [
        replace(piece, text=piece.text.removesuffix("\n") + rng.choice(("\n", "\r\n", "\r")))
        for piece in sheet(table, style)
    ]
    pieces = [
        replace(piece, text=piece.text + "\n") if piece.text.endswith("\r") else piece
        for piece in pieces[:-1]
    ] + pieces[-1:]
    return mutant(table, pieces, style)


@mutator("line ends")
def no_last_line_end(rng: random.Random, table: Case, style: Style) -> Mutant:
    """The last row ends with the file."""
    pieces = sheet(table, style)
    return mutant(
        table,
        [*pieces[:-1], replace(pieces[-1], text=pieces[-1].text.removesuffix(style.eol))],
        style,
    )


@mutator("line ends")
def odd_separators(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Vertical tabs, form feeds, next-line marks and Unicode line separators within cells: they
    part words, not rows.
    """
    bad = table.changed(
        lambda cell: _insert(rng, cell, rng.choice("\x0b\x0c\x85\u2028\u2029\x1c\x1e"), 0.5)
    )
    return replace(mutant(bad, sheet(bad, style), style), case=table)


@mutator("line ends")
def blank_lines(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Blank lines, some with white or invisible characters, before the column names and between
    rows.
    """
    pieces: list[Piece] = []
    for piece in sheet(table, style):
        pieces += [
            Piece(
                rng.choice(("", "", " ", "\u200b", "\ufeff", "\t")).replace(style.delimiter, "")
                + style.eol
            )
            for _ in range(rng.choice((0, 0, 1, 3)))
        ]
        pieces.append(piece)
    return mutant(table, pieces, style)


# --- quotes ---------------------------------------------------------------------------------------


def _unclosed(rng: random.Random, table: Case, style: Style, chance: float) -> Mutant:
    pieces = sheet(table, style)
    chosen = {1 + rng.randrange(len(table.rows))} | {
        i for i in range(1, len(pieces)) if rng.random() < chance
    }
    for i in chosen:
        cells = list(table.rows[i - 1])
        at = rng.randrange(1, len(cells)) if len(cells) > 1 else 0
        cells = [record([cell], style).removesuffix(style.eol) for cell in cells]
        cells[at] = '"' + cells[at].strip('"').replace('"', "").replace("\n", " ")
        pieces[i] = Piece(style.delimiter.join(cells) + style.eol, i - 1)
    return mutant(table, pieces, style)


@mutator("quotes")
def unclosed_quote(rng: random.Random, table: Case, style: Style) -> Mutant:
    """A quote that nobody closes."""
    return _unclosed(rng, table, style, 0.0)


@mutator("quotes")
def unclosed_quotes(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Many of them."""
    return _unclosed(rng, table, style, 0.2)


@mutator("quotes", rows=1200, weight=0.15)
def swallowed_thousand(rng: random.Random, table: Case, style: Style) -> Mutant:
    """An unclosed quote with a thousand rows behind it."""
    return _unclosed(rng, table, style, rng.choice((0.0, 0.0, 0.01, 0.5)))


def _with_quotes(rng: random.Random, table: Case) -> Case:
    """The table with quoted words in a third of the cells."""

    def add(cell: str) -> str:
        words = cell.split(" ")
        at = rng.randrange(len(words))
        return (
            cell
            if rng.random() > 0.33 or '"' in cell
            else " ".join([*words[:at], f'"{words[at].strip(",;|")}"', *words[at + 1 :]])
        )

    return table.changed(add)


@mutator("quotes")
def backslash_quotes(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Quotes inside cells are escaped with a backslash, as databases do."""
    table = _with_quotes(rng, table)
    lines = [
        style.delimiter.join('"' + cell.replace('"', '\\"') + '"' for cell in row) + style.eol
        for row in table.rows
    ]
    return mutant(
        table,
        [Piece(record(table.header, style)), *(Piece(line, i) for i, line in enumerate(lines))],
        style,
    )


@mutator("quotes")
def undoubled_quotes(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Quotes inside quoted cells stand as they are."""
    table = _with_quotes(rng, table)
    lines = [style.delimiter.join(f'"{cell}"' for cell in row) + style.eol for row in table.rows]
    return mutant(
        table,
        [Piece(record(table.header, style)), *(Piece(line, i) for i, line in enumerate(lines))],
        style,
    )


@mutator("quotes")
def doubled_quotes(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Every cell in quotes, those inside doubled: this is right."""
    table = _with_quotes(rng, table)
    return mutant(table, sheet(table, style, every=True), style)


@mutator("quotes")
def other_quotes(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Single or typographic quotes around cells: to the format they are letters."""
    left, right = rng.choice(("''", "“”", "«»"))
    pieces = [Piece(record(table.header, style))]
    pieces += [
        Piece(
            style.delimiter.join(f"{left}{cell}{right}".replace("\n", " ") for cell in row)
            + style.eol,
            i,
        )
        for i, row in enumerate(table.rows)
    ]
    return replace(mutant(table, pieces, style), rows=None)


@mutator("quotes")
def quoted_lines(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Each line is in quotes as a whole: one cell."""
    return mutant(
        table,
        [
            replace(piece, text=quoted(piece.text.removesuffix(style.eol)) + style.eol)
            for piece in sheet(table, style)
        ],
        style,
    )


# --- column names ---------------------------------------------------------------------------------


def _header(table: Case, header: Sequence[str], style: Style) -> Mutant:
    return mutant(table, [Piece(record(header, style)), *sheet(table, style)[1:]], style)


@mutator("column names")
def spelt_otherwise(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Capitals, blanks, hyphens, invisible marks in the column names."""

    def change(name: str) -> str:
        name = rng.choice((str.upper, str.title, str.lower))(name).replace(
            "_", rng.choice(("_", " ", "-", ""))
        )
        return (
            rng.choice(("", " ", "\u200b", "\ufeff", "\u200f"))
            + name
            + rng.choice(("", "  ", "\u00a0", "\u202c", ":"))
        )

    return _header(table, [change(name) for name in table.header], style)


@mutator("column names")
def header_missing(rng: random.Random, table: Case, style: Style) -> Mutant:
    """The file begins with the first row."""
    return mutant(table, sheet(table, style)[1:], style)


@mutator("column names")
def header_in_line_three(rng: random.Random, table: Case, style: Style) -> Mutant:
    """A title and a note stand above the column names."""
    lead = [
        Piece(f"Export of our careers{style.delimiter * rng.choice((0, 2))}{style.eol}"),
        Piece(rng.choice(("", "made by HR", "2026-11-01")) + style.eol),
    ]
    return mutant(table, [*lead, *sheet(table, style)], style)


@mutator("column names")
def header_repeated(rng: random.Random, table: Case, style: Style) -> Mutant:
    """The column names come again between the rows, as where files were joined; now and then with a
    byte order mark.
    """
    pieces = sheet(table, style)
    for _ in range(rng.randint(1, 3)):
        pieces.insert(
            rng.randint(1, len(pieces)), Piece(rng.choice(("", "\ufeff")) + pieces[0].text, -1)
        )
    return mutant(table, pieces, style)


@mutator("column names")
def column_twice(rng: random.Random, table: Case, style: Style) -> Mutant:
    """A column name is there twice, the second with other or no content."""
    at = rng.randrange(len(table.header))
    second = [rng.choice(("", row[at], "something else")) for row in table.rows]
    pieces = [Piece(record((*table.header, table.header[at]), style))]
    return mutant(
        table,
        [
            *pieces,
            *(
                Piece(record((*row, more), style), i)
                for i, (row, more) in enumerate(zip(table.rows, second, strict=True))
            ),
        ],
        style,
    )


@mutator("column names")
def columns_moved(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Columns in another order, with a number, an unnamed one and some of no use between them."""
    order = [*range(len(table.header)), *rng.choices((-1, -2, -3), k=rng.randint(0, 4))]
    rng.shuffle(order)
    extra = {-1: "id", -2: "", -3: "notes, more"}
    lines = [record([extra.get(i) or ("" if i < 0 else table.header[i]) for i in order], style)]
    lines += [
        record([str(number) if i < 0 else row[i] for i in order], style)
        for number, row in enumerate(table.rows)
    ]
    return mutant(table, [Piece(line, i - 1 if i else None) for i, line in enumerate(lines)], style)


@mutator("column names")
def column_missing(rng: random.Random, table: Case, style: Style) -> Mutant:
    """A column is not there at all, or under a name with a slip."""
    at = 0 if table.kind == "careers" else rng.randrange(min(3, len(table.header)))
    header = list(table.header)
    header[at] = rng.choice((header[at][:-1], header[at][1:], header[at] + "x", "column", ""))
    return _header(table, header, style)


@mutator("column names")
def header_unclosed(rng: random.Random, table: Case, style: Style) -> Mutant:
    """A quote in the column names that nobody closes."""
    return (
        _header(table, table.header, style)
        if rng.random() < 0.1
        else mutant(
            table,
            [
                Piece(
                    style.delimiter.join((*table.header[:-1], '"' + table.header[-1])) + style.eol
                ),
                *sheet(table, style)[1:],
            ],
            style,
        )
    )


# --- rows -----------------------------------------------------------------------------------------


@mutator("rows")
def ragged(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Rows that are too short or too long."""

    def change(row: tuple[str, ...]) -> tuple[str, ...]:
        pick = rng.random()
        return (
            row[: rng.randrange(1, len(row))]
            if pick < 0.15
            else (*row, *["more"] * rng.randint(1, 5))
            if pick < 0.3
            else row
        )

    return mutant(
        table,
        [
            sheet(table, style)[0],
            *(Piece(record(change(row), style), i) for i, row in enumerate(table.rows)),
        ],
        style,
    )


@mutator("rows")
def bare_delimiters(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Cells that hold the delimiter stand without quotes."""
    table = table.changed(
        lambda cell: cell.replace('"', "'").replace("\n", " ").rstrip(style.delimiter + " ")
    )
    pieces = [Piece(style.delimiter.join(row) + style.eol, i) for i, row in enumerate(table.rows)]
    return mutant(table, [Piece(record(table.header, style)), *pieces], style)


@mutator("rows")
def strangers(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Comments, sums and dividing lines between the rows."""
    pieces = sheet(table, style)
    for _ in range(rng.randint(1, 4)):
        text = rng.choice(
            ("# a comment", "-----", "Total", f"({len(table.rows)} rows)", "=====", "\x1a", "END")
        )
        pieces.insert(
            rng.randint(1, len(pieces)), Piece(text + style.eol, -1 if text != "\x1a" else None)
        )
    pieces += (
        [
            Piece(style.delimiter * (len(table.header) - 1) + style.eol, -1)
            for _ in range(rng.randint(0, 3))
        ]
        if len(table.header) > 1
        else []
    )
    return mutant(table, pieces, style)


@mutator("rows")
def comment_above(rng: random.Random, table: Case, style: Style) -> Mutant:
    """A comment before the column names."""
    return mutant(table, [Piece(f"# made on a Monday{style.eol}"), *sheet(table, style)], style)


@mutator("rows")
def formulas(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Cells that a spreadsheet would run: to us they are text."""
    table = table.changed(
        lambda cell: (
            rng.choice("=+-@\t") + cell
            if rng.random() < 0.3 and table.kind != "careers" and not cell.isdigit()
            else cell
        )
    )
    return mutant(table, sheet(table, style), style)


@mutator("rows")
def words_for_nothing(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Cells that hold a programme's word for nothing."""
    bad = table.changed(
        lambda cell: (
            rng.choice(("", "nan", "NULL", "N/A", "None", " ", "\u200b"))
            if rng.random() < 0.1
            else cell
        )
    )
    return mutant(bad, sheet(bad, style), style)


@mutator("rows")
def cut(rng: random.Random, table: Case, style: Style) -> Mutant:
    """The file ends somewhere, also within a character or a quote."""
    made = mutant(table, sheet(table, style), style)
    pieces = sheet(table, style)
    sizes = [len(piece.text.encode(style.encoding)) for piece in pieces]
    lead = len(style.bom)
    end = rng.randint(lead + sizes[0] + 1, len(made.data) - 1)
    rows, offset = [], lead
    for size, where in zip(sizes[1:], made.rows or (), strict=True):
        offset += sizes[0] if offset == lead else 0
        whole = made.data[offset : min(end, offset + size)]
        if whole.decode(style.encoding, "ignore").strip():
            rows.append(where)
        offset += size
    return replace(made, data=made.data[:end], rows=tuple(rows))


# --- characters -----------------------------------------------------------------------------------


def _characters(name: str, signs: str, group: str = "characters") -> None:
    def make(rng: random.Random, table: Case, style: Style) -> Mutant:
        bad = table.changed(
            lambda cell: _insert(rng, cell, rng.choice(signs) * rng.randint(1, 3), 0.4)
        )
        bad = replace(
            bad,
            rows=tuple(
                (_insert(rng, row[0], rng.choice(signs), 0.2), *row[1:]) for row in bad.rows
            ),
        )
        return replace(mutant(bad, sheet(bad, style), style), case=table)

    ALL[name] = Mutator(name, group, make)


_characters("nul_bytes", "\0")
_characters("control_bytes", "\x01\x02\x07\x08\x0e\x1b\x7f\x80\x9f")
_characters("zero_width", "\u200b\u200c\u200d\u2060\ufeff\u00ad")
_characters("direction_marks", "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2069")


@mutator("characters")
def nul_tail(rng: random.Random, table: Case, style: Style) -> Mutant:
    """A block of NUL bytes at the end, as after a power cut."""
    made = mutant(table, sheet(table, style), style)
    return replace(made, data=made.data + b"\0" * (4 * rng.randint(1, 2000)))


@mutator("characters", styled=False)
def random_bytes(rng: random.Random, table: Case, style: Style) -> Mutant:
    """Bytes flipped, lost, doubled or put in anywhere."""
    data = bytearray(mutant(table, sheet(table, style), style).data)
    for _ in range(rng.choice((1, 3, 20, 200))):
        at, what = rng.randrange(len(data)), rng.randrange(4)
        if what == 0:
            data[at] = rng.randrange(256)
        elif what == 1:
            del data[at : at + rng.randint(1, 5)]
        elif what == 2:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 5)))
        else:
            data[at:at] = rng.choice((b'"', b",", b"\n", b"\r", b'""', b"\\"))
        data = data or bytearray(b"x")
    return Mutant(table, bytes(data), None)
