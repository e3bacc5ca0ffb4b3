"""Read tables from JSON: one object a line, or the shapes in which programs write a whole table."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from vocation.data.csv_reader import MAX_RECORD, plain_name
from vocation.data.encoding import decode, lines_of
from vocation.data.grid import Broken, Cells, Grid, add_names, grid_of
from vocation.errors import DataError
from vocation.text.clean import clean

_SHAPES = 'a list of objects, an object of columns, or an object whose "data" is one of these'


def read_lines(data: bytes, file: str, encoding: str | None = None) -> Grid:
    """Return the table of a .jsonl file: one object a line; other lines are no rows.

    Lines are parsed while they are asked for. Raises DataError where no line is an object.
    """
    lines, hints = lines_of(data, file, encoding)
    # A pass of its own: a column may occur in the last line for the first time.
    names: dict[str, None] = {}  # in the order in which they come
    wrong = 0
    for number, line in enumerate(lines, 1):
        record = _object(line)
        if record is not None:
            add_names(names, record, file)
        elif clean(line):
            # An empty line is neither a row nor a mistake.
            wrong = wrong or number
    if not names:
        # The line itself is not shown: it may be a person's text.
        raise DataError(
            f"{file}, line {wrong or 1}: expected one JSON object a line, found something else."
        )

    def rows() -> Iterator[tuple[int, Cells]]:
        for number, line in enumerate(lines, 1):
            record = _object(line)
            if record is not None:
                yield number, [record.get(name) for name in names]
            elif clean(line):
                found = (
                    f"a line of more than {MAX_RECORD:,} characters"
                    if len(line) > MAX_RECORD
                    else "something else"
                )
                reason = f"expected a JSON object, found {found}"
                yield number, Broken(reason, line[:MAX_RECORD].rstrip("\r\n"))

    return Grid(rows, len(lines), tuple(names), tuple(hints))


def read_json(data: bytes, file: str, wanted: Collection[str], encoding: str | None = None) -> Grid:
    """Return the table of a .json file; `wanted` are the names of columns in plain letters.

    It may be a list of objects or of lists (the first has the names), an object of columns or of
    rows, as pandas writes them, one object, or any of these as "data". A file with one object a
    line is read as such. Raises DataError for anything else.
    """
    text, hints = decode(data, file, encoding)
    try:
        value = json.loads(text)
    except RecursionError:
        raise DataError(
            f"{file}: expected {_SHAPES}; found values within too many values."
        ) from None
    except ValueError as error:
        if _object(text.lstrip().partition("\n")[0]) is not None:
            return read_lines(data, file, encoding)
        at = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "a number"
        raise DataError(
            f"{file}: expected {_SHAPES}; it is not readable as JSON ({at}). Was it cut off?"
        ) from None
    return _table(value, file, wanted, hints)


def _table(value: Any, file: str, wanted: Collection[str], hints: Sequence[str]) -> Grid:
    columns = value.get("columns") if isinstance(value, dict) else None
    value = _inner(value)
    if isinstance(value, dict):
        value = _from_object(value, wanted)
    if isinstance(value, list) and isinstance(columns, list):
        # As pandas splits a table; a row that is too short lacks its last cells.
        value = [
            dict(zip(map(str, columns), row, strict=False)) if isinstance(row, list) else row
            for row in value
        ]
    if isinstance(value, list) and value and all(isinstance(row, list) for row in value):
        rows = list(enumerate(value, 1))
        return Grid(lambda: iter(rows), len(rows), None, tuple(hints))
    if not isinstance(value, list) or not any(isinstance(row, dict) and row for row in value):
        raise DataError(f"{file}: expected {_SHAPES}; found neither.")
    return grid_of(value, file, hints)


def _inner(value: Any) -> Any:
    """Return the table within an object that holds it as "data", or as its only list."""
    if not isinstance(value, dict):
        return value
    lists = [one for one in value.values() if isinstance(one, list) and one]
    of_rows = [one for one in lists if isinstance(one[0], dict | list)]
    data = value.get("data")
    if isinstance(data, dict) or (isinstance(data, list) and data in of_rows):
        return data
    # {"rows": [...]}: columns would be several lists, and hold no objects.
    return of_rows[0] if len(of_rows) == 1 and len(lists) == 1 else value


def _from_object(value: Mapping[str, Any], wanted: Collection[str]) -> list[Any]:
    """Return the rows of an object: columns with a list or an object of cells each, or rows."""
    parts = list(value.values())
    if parts and all(isinstance(part, list) for part in parts):
        size = max(map(len, parts))
        return [
            {name: part[i] for name, part in value.items() if i < len(part)} for i in range(size)
        ]
    if not parts or not all(isinstance(part, dict) for part in parts):
        return [value]  # one row
    if not any(plain_name(name) in wanted for name in value):
        return parts  # rows by their index
    keys = dict.fromkeys(key for part in parts for key in part)
    return [{name: part.get(key) for name, part in value.items()} for key in keys]


def _object(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None
