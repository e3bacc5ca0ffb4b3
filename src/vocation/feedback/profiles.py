"""Add reviewed rows to the profiles.csv of a data folder, which stays as it is otherwise."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from vocation.data.columns import fits_a_kind, recognise
from vocation.data.csv_reader import long_cells, plain_name
from vocation.data.formats import stem_of
from vocation.data.schema import wanted_names
from vocation.data.sources import Opened, Source, naming, open_table
from vocation.data.tables import Table, table_of
from vocation.errors import DataError
from vocation.files import atomic_write
from vocation.serving.writing import defused, original
from vocation.text.clean import clean, label_key

FILE, KIND = "profiles.csv", "feedback"
_BOM = "\ufeff"


def append(folder: str | Path, rows: Sequence[tuple[str, str]]) -> list[bool]:
    """Append `rows` (career, text) to profiles.csv of `folder` with the kind "feedback".

    Return for each whether it was added: False if the file has that text for that career already.
    The file is replaced in one step, made with its folder if it is missing, and gets the column
    `kind` if it has none. A cell that a spreadsheet would run gets an apostrophe.
    Raises DataError where the file cannot be read as profiles; it is then as it was.
    """
    path = Path(folder) / FILE
    try:
        return _append(path, rows)
    except OSError as error:
        raise DataError(
            f"{path}: rows cannot be added ({error.strerror}): see who may write there, and the"
            " space on the disk"
        ) from None


def _append(path: Path, rows: Sequence[tuple[str, str]]) -> list[bool]:
    path.parent.mkdir(parents=True, exist_ok=True)
    _refuse_twins(path)
    before = path.read_bytes() if path.exists() else b""
    if not before.strip():
        before = b"role,profile,kind\n"
    there = {_key(row.role, row.cells["profile"]) for row in _read(path, before)[1].rows}
    added = []
    for career, text in rows:
        key = _key(career, text)
        added.append(key not in there and bool(key[0] and key[1]))
        there.add(key)
    new = [row for row, is_new in zip(rows, added, strict=True) if is_new]
    if new:
        content = _extended(path, before, new)
        _check(path, before, content, len(new))
        # It may hold what people wrote about themselves: a new file is for its owner alone.
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
        atomic_write(path, content, mode=mode)
    return added


def _key(career: str, text: str) -> tuple[str, str]:
    return label_key(clean(career)), clean(original(text)).casefold()


def _refuse_twins(path: Path) -> None:
    """A second file of this name, with another ending, would stop the next training."""
    stem = stem_of(path.name).casefold()
    for other in sorted(path.parent.iterdir()):
        if other.name != path.name and other.is_file() and stem_of(other.name).casefold() == stem:
            raise DataError(
                f"{other}: expected {FILE} or nothing of that name, found {other.name}: save it as"
                f" {FILE} (CSV UTF-8) and take it away, then add the rows"
            )


def _read(path: Path, content: bytes) -> tuple[Opened, Table, dict[str, int]]:
    """The file as profiles, and the places of their columns."""
    source = Source(path.name, path, content)
    with naming(path.name):
        opened = open_table(source, wanted_names({}), lambda one: fits_a_kind(one, {}))
        with long_cells():
            kind, at, _ = recognise(path.name, opened.header, {}, opened.first)
    if kind is None or kind.name != "profiles":
        raise DataError(
            f"{path}: expected the columns role and profile, found"
            f" {', '.join(filter(None, opened.header.names))[:200]}: name the columns so"
        )
    with naming(path.name), long_cells():
        table = table_of(path.name, kind, at, opened.records(at["role"], -1), [])
    return opened, table, at


def _extended(path: Path, before: bytes, rows: Sequence[tuple[str, str]]) -> bytes:
    """The content with `rows` behind it, in the file's own columns and with its delimiter."""
    try:
        text = before.decode("utf-8")
    except UnicodeDecodeError:
        raise DataError(
            f"{path}: expected UTF-8, to add rows in the same encoding: save it as CSV UTF-8"
        ) from None
    bom, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    opened, _, at = _read(path, text.encode())
    header, names = opened.header, list(map(plain_name, opened.header.names))
    end = "\r\n" if "\r\n" in text else "\n"
    width = len(names)
    if "kind" not in names:
        text, width = _with_kind(text, opened), width + 1
    kind_at = names.index("kind") if "kind" in names else width - 1
    out = io.StringIO()
    writer = csv.writer(out, delimiter=header.delimiter, lineterminator=end)
    for career, said in rows:
        cells = [""] * width
        cells[at["role"]], cells[at["profile"]] = defused(clean(career)), defused(clean(said))
        cells[kind_at] = KIND
        writer.writerow(cells)
    last = "" if text.endswith(("\n", "\r")) else end
    return (bom + text + last + out.getvalue()).encode()


def _with_kind(text: str, opened: Opened) -> str:
    """The text with a column `kind` behind the others: its cells are added, nothing else moves."""
    header = opened.header
    lines = io.StringIO(text, newline="").readlines()
    lines[header.after - 1] = _longer(lines[header.after - 1], f"{header.delimiter}kind")
    with long_cells():
        records = opened.records(None, -1)
        for _, end, cells in records:
            if cells is not None and records.fits(
                cells
            ):  # what is no row stays as it is, and is reported as before
                lacking = len(header.names) - len(cells) + 1
                lines[end - 1] = _longer(lines[end - 1], header.delimiter * lacking)
    return "".join(lines)


def _longer(line: str, more: str) -> str:
    body = line.rstrip("\r\n")
    return f"{body}{more}{line[len(body) :]}"


def _check(path: Path, before: bytes, after: bytes, count: int) -> None:
    """Raise DataError where the new rows would not be read as such, or old ones otherwise."""
    old, new = _read(path, before)[1].rows, _read(path, after)[1].rows
    same = [(row.role, row.cells) for row in old] == [(row.role, row.cells) for row in new[:-count]]
    if not same or {row.kind for row in new[-count:]} != {KIND}:
        raise DataError(
            f"{path}: rows cannot be added behind its last line, where a quote may be open: see"
            f" what  vocation validate {path.parent}  says of it"
        )
