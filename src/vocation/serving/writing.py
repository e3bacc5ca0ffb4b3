"""Write what was scored: CSV, JSON lines, parquet or a workbook; nothing in a cell runs there."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from vocation.data.grid import text_of
from vocation.errors import DataError, MissingExtra
from vocation.files import replacing
from vocation.serving.sheet import write_sheet

if TYPE_CHECKING:
    import pandas

    from vocation.serving.inputs import InputTable

_TOGETHER = 1000  # rows whose types are looked at together
_GROUP = 5000  # rows of a row group of a parquet file in a folder

Write = Callable[[Path, list[str], Iterable[list[Any]], str, bool], list[str] | None]
"""Writes to a path the header and the rows, with a separator, for Excel or not; returns hints."""

# json.loads makes half a pair of "\ud83d" alone.
_HALF = re.compile("[\ud800-\udfff]")
# What spreadsheets may pass over before a formula.
_UNSEEN = (
    "(?:[^\\S\\t\\r\\n]|[\"'\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f\\xad"
    "\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff])*"
)
_SIGN = (  # begins a formula; also in their full-width forms
    "[=+\\-@|%\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b\u2212]"
)
# Puts an apostrophe before "=1+1" and into "a;=1"; "a=1" stays. "'a" gets a second one, so that
# `original` takes away only what was added.
_LIVE = re.compile(f"(?:^(?=[\\t\\r\\n'])|(?:^|(?<=[,;|\\t\\r\\n]))(?={_UNSEEN}{_SIGN}))")
_DEFUSED = re.compile(f"^'|(?<=[,;|\\t\\r\\n])'(?={_UNSEEN}{_SIGN})")


def writer_of(source: Any, output: Path) -> Write:
    """Return what writes `output`. Raises DataError where nothing does, or `source` would go."""
    given = Path(source) if source is not None else None
    if given and given.is_file() and output.exists() and output.samefile(given):
        raise DataError(
            f"{output} is the file that is read, and would be replaced: name another output"
        )
    write = _WRITERS.get(output.suffix.lower())
    if write is None:
        raise DataError(
            f"{output}: expected an output that ends in {', '.join(_WRITERS)}, found"
            f" {output.suffix or 'no ending'}"
        )
    return write


@contextmanager
def text_output(output: Path, encoding: str, errors: str = "strict") -> Iterator[TextIO]:
    """A text file, readable for its owner alone, that replaces `output` when it is complete."""
    with _output(output) as file:
        # newline: the csv module decides about line ends.
        text = io.TextIOWrapper(file, encoding, errors, newline="")
        yield text
        text.detach()  # flushes, and leaves the file open to be moved into place


@contextmanager
def _output(output: Path) -> Iterator[BinaryIO]:
    try:
        with replacing(output, mode=0o600) as file:
            yield file
    except OSError as error:
        raise DataError(f"{output} cannot be written ({error.strerror})") from error


def _write_csv(
    output: Path, header: list[str], rows: Iterable[list[Any]], separator: str, excel: bool
) -> None:
    # Excel takes a CSV file for UTF-8 only if it has a byte order mark.
    with text_output(output, "utf-8-sig" if excel else "utf-8") as file:
        plain = csv.writer(file, delimiter=separator, lineterminator="\n")
        # A plain writer leaves "\r" bare, which splits rows.
        quoted = csv.writer(file, delimiter=separator, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for row in chain([header], rows):
            row = [_whole(cell) for cell in row]
            writer = quoted if any("\r" in cell for cell in row if isinstance(cell, str)) else plain
            writer.writerow([defused(cell) for cell in row] if excel else row)


def _whole(cell: Any) -> Any:
    """`cell` with U+FFFD for halves of surrogate pairs, which JSON can hold and UTF-8 cannot."""
    return _HALF.sub("\ufffd", cell) if isinstance(cell, str) else cell


def defused(cell: Any) -> Any:
    """`cell` with an apostrophe wherever a spreadsheet would begin to run it.

    That is at its start, and behind a separator or line break within it (a spreadsheet set to
    another separator splits the cell there). Numbers stay numbers. `original` is the inverse.
    """
    return (
        cell if cell is None or isinstance(cell, bool | int | float) else _LIVE.sub("'", str(cell))
    )


def original(cell: str) -> str:
    """The text of a cell of a file that was written with `--excel`."""
    return _DEFUSED.sub("", cell)


def _write_jsonl(
    output: Path, header: list[str], rows: Iterable[list[Any]], separator: str, excel: bool
) -> None:
    # For half of a surrogate pair a backslash escape is JSON's own way to write it.
    with text_output(output, "utf-8", errors="backslashreplace") as file:
        keys = _unique(header)
        for row in rows:
            record = dict(zip(keys, row, strict=True))
            # Dates and the like, which parquet has and JSON has not, as text.
            file.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")


def _unique(header: list[str]) -> list[str]:
    """Return column names for formats in which no two may be equal: "note", "note_2"."""
    names: list[str] = []
    for name in header:
        number, free = 1, name
        # A name made up here must not be that of a later column.
        while free in names or (number > 1 and free in header):
            number += 1
            free = f"{name or 'column'}_{number}"
        names.append(free)
    return names


def frame_of(header: list[str], rows: Iterable[list[Any]]) -> pandas.DataFrame:
    import pandas

    names = [_whole(name) for name in _unique(header)]
    return pandas.DataFrame([[_whole(cell) for cell in row] for row in rows], columns=names)


def _write_parquet(
    output: Path, header: list[str], rows: Iterable[list[Any]], separator: str, excel: bool
) -> None:
    frame = frame_of(header, rows)
    try:
        # Without a path pandas returns the bytes, and `_output` writes them in one step.
        content = frame.to_parquet(index=False)
    except ImportError:
        raise MissingExtra("parquet", "parquet") from None
    except (ValueError, TypeError) as error:  # pyarrow's own kinds: values of several types
        raise _no_parquet(output, error) from None
    with _output(output) as file:
        file.write(content)


def _no_parquet(output: Path, error: Exception) -> DataError:
    return DataError(
        f"{output}: cannot be written as parquet ({str(error)[:100]}); write jsonl instead"
    )


def folder_writer(form: str, table: InputTable, header: list[str]) -> Write:
    """Return what writes each file of a folder as `form`: csv, jsonl or parquet.

    The columns of all parquet files are of the same types, whatever the rows of one of them hold.
    """
    if form != "parquet":
        return _WRITERS[f".{form}"]
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise MissingExtra("writing parquet", "parquet") from None
    own = len(table.header)
    kinds = [pyarrow.string()] * own
    if not table.only_text:
        kinds = _kinds(own, (row.cells for row in table))
    added = [name.startswith("confidence_") for name in header[own:]]
    kinds += [pyarrow.float64() if number else pyarrow.string() for number in added]
    schema = pyarrow.schema(list(zip(map(_whole, _unique(header)), kinds, strict=True)))

    def write(path: Path, _: list[str], rows: Iterable[list[Any]], __: str, ___: bool) -> None:
        with _output(path) as file, parquet.ParquetWriter(file, schema) as writer:
            for part in _parts(rows, _GROUP):
                columns = zip(kinds, zip(*part, strict=True), strict=True)
                arrays = [_array(cells, kind, path) for kind, cells in columns]
                writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))

    return write


def _kinds(count: int, rows: Iterable[list[Any]]) -> list[Any]:
    """Return the pyarrow type of each of `count` columns; of values of several types text."""
    import pyarrow

    kinds = [pyarrow.null()] * count
    for part in _parts(rows, _TOGETHER):
        for i, cells in enumerate(zip(*part, strict=True)):
            if kinds[i] == pyarrow.string():
                continue
            try:
                fields = (kinds[i], pyarrow.array(cells, from_pandas=True).type)
                schemas = [pyarrow.schema([("", kind)]) for kind in fields]
                kinds[i] = pyarrow.unify_schemas(schemas, promote_options="permissive").types[0]
            except (pyarrow.ArrowException, ValueError, TypeError):
                kinds[i] = pyarrow.string()
    return [pyarrow.string() if kind == pyarrow.null() else kind for kind in kinds]


def _array(cells: Sequence[Any], kind: Any, output: Path) -> Any:
    """Return cells as a pyarrow array."""
    import pyarrow

    if kind == pyarrow.string():
        cells = [None if cell is None else _whole(text_of(cell)) for cell in cells]
    try:
        return pyarrow.array(cells, type=kind, from_pandas=True)
    except (pyarrow.ArrowException, ValueError, TypeError) as error:
        raise _no_parquet(output, error) from None


def _parts(rows: Iterable[list[Any]], most: int) -> Iterator[list[list[Any]]]:
    rows = iter(rows)
    while part := list(islice(rows, most)):
        yield part


def _write_xlsx(
    output: Path, header: list[str], rows: Iterable[list[Any]], separator: str, excel: bool
) -> list[str]:
    with _output(output) as file:
        return write_sheet(file, chain([header], rows), str(output))


_WRITERS: Mapping[str, Write] = {
    ".csv": _write_csv,
    ".tsv": _write_csv,
    ".xlsx": _write_xlsx,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
}
