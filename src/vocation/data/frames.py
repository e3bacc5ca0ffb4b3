"""Read pandas DataFrames as tables, with the same checks of rows as files.

A table with a kind's columns is read as that kind; one with a column `source`, which
`Dataset.frame` writes, row by row; of two columns with other names the longer texts are profiles.
Rows that `augment_data` made are no rows of their own: they are learnt with the row that they
rephrase alone, so that no text is tested whose variant was learnt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vocation.data.columns import recognise
from vocation.data.csv_reader import Header, RowIssue, plain_name
from vocation.data.csv_records import Records
from vocation.data.folder import some
from vocation.data.looks import Rows
from vocation.data.schema import KINDS, KNOWN_COLUMNS, Kind, did_you_mean, kind_named
from vocation.data.tables import Table, read_folder, table_of
from vocation.errors import DataError
from vocation.records import SOURCES, Row
from vocation.text.clean import clean, label_key, model_input

if TYPE_CHECKING:
    import pandas

    Frames = (
        pandas.DataFrame | Mapping[str, pandas.DataFrame] | Sequence[str | Path | pandas.DataFrame]
    )
    Places = np.ndarray[Any, np.dtype[np.int64]]

TEXT_COLUMNS = ("text", "profile", "answer", "description", "content", "question")
"""Usual names of the column with the text, the most usual first."""

LABEL_COLUMNS = (
    "role",
    "career",
    "label",
    "category",
    "class",
    "target",
    "occupation",
    "job_title",
)
"""The same, of the column with the career."""

ORIGIN = "origin"
"""The column of `augment_data`: "17:synonym" for a variant of row 17 (from 0), else empty."""

NAMED_BY_AUGMENT = "columns"
"""Where `augment_data` notes in its account which column is the role and which the text."""

_WRITTEN = ("role", "text", "source")  # columns of `Dataset.frame`
_VARIANT = re.compile(r"(\d{1,15}):[a-z+]+")
_AT_ONCE = 1000  # rows whose cells are objects at a time: these take many times the table's memory
_PROFILES = next(kind for kind in KINDS if kind.name == "profiles")


def is_frame(value: object) -> bool:
    """Whether `value` is a pandas DataFrame; pandas is not imported to tell."""
    return hasattr(value, "iloc") and hasattr(value, "columns")


def read(
    data: str | Path | Frames,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
) -> list[Table]:
    """Read a DataFrame, a mapping of kinds to DataFrames, a list with some of them, or files.

    The keys of a mapping are kinds ("profiles", "qa", ...) or the names of their files. A list
    may hold paths, too. `columns` and `encoding` as in `tables.read_folder`. Raises DataError with
    one sentence for each problem.
    """
    if isinstance(data, Mapping):
        return _read_mapping(data, columns)
    if is_frame(data):
        return _read_all({"DataFrame": (data, None)}, columns)
    if isinstance(data, (str, Path)):
        return read_folder(data, columns, encoding)
    if not isinstance(data, list | tuple):
        kind = type(data)
        raise DataError(
            "expected a folder, files, a pandas DataFrame or a mapping of kinds to DataFrames;"
            f" found {kind.__module__}.{kind.__qualname__}."
        )
    if not any(map(is_frame, data)):
        return read_folder(data, columns, encoding)
    frames = [one for one in data if is_frame(one)]
    tables = _read_all({f"DataFrame {i}": (one, None) for i, one in enumerate(frames, 1)}, columns)
    paths = [one for one in data if not is_frame(one)]
    # The mapping of columns counted for the frames: files may lack the columns.
    return tables + (read_folder(paths, None, encoding) if paths else [])


def _read_mapping(data: Mapping[Any, Any], columns: Mapping[str, str] | None) -> list[Table]:
    names = ", ".join(repr(kind.name) for kind in KINDS)
    given: dict[str, tuple[Any, Kind | None]] = {}
    problems = [] if data else [f"expected a DataFrame for one of {names}; found none."]
    for key, frame in data.items():
        kind = next((one for one in KINDS if one.name == key), None) or kind_named(str(key))
        if kind is None:
            near = did_you_mean(str(key), [one.name for one in KINDS])
            problems.append(f"expected a kind of table ({names}), found {str(key)[:60]!r}{near}.")
        elif not is_frame(frame):
            problems.append(
                f"{str(key)[:60]!r}: expected a DataFrame, found {type(frame).__name__}."
            )
        else:
            given[f"DataFrame {kind.name!r}"] = frame, kind
    if problems:
        raise DataError(problems)
    return _read_all(given, columns)


def _read_all(
    frames: Mapping[str, tuple[Any, Kind | None]], columns: Mapping[str, str] | None
) -> list[Table]:
    """Read the frames, each under its name; problems of all of them come together."""
    problems = _column_problems(columns or {}, [frame for frame, _ in frames.values()])
    tables: list[Table] = []
    for name, (frame, kind) in frames.items() if not problems else ():
        try:
            tables += _read_frame(frame, name, kind, columns or {})
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(problems)
    return tables


def _column_problems(columns: Mapping[str, str], frames: Sequence[Any]) -> list[str]:
    names = [str(name) for frame in frames for name in frame.columns]
    there = set(map(plain_name, names))
    problems = [
        f"columns: vocation has no column {name!r}{did_you_mean(name, sorted(KNOWN_COLUMNS))}."
        for name in columns
        if name not in KNOWN_COLUMNS
    ]
    return problems + [
        f"columns: no DataFrame has a column {theirs!r}{did_you_mean(theirs, names)}."
        for theirs in columns.values()
        if plain_name(theirs) not in there
    ]


# --- one frame ------------------------------------------------------------------------------------


class _Layout(NamedTuple):
    """How a frame is read: its kind, the place of each contract column, and hints."""

    kind: Kind
    positions: dict[str, int]
    hints: list[str]


class _FrameRecords(Records):
    """The rows `places` of a frame as records of a file: a row's number counts from 1.

    `columns` are the places of the columns that are read, the role's first.
    """

    def __init__(self, frame: pandas.DataFrame, layout: _Layout, places: Places) -> None:
        names = tuple(layout.positions)
        super().__init__([], Header(0, 1, ",", names, names), role_at=0)
        self._frame, self._places = frame, places
        self._columns = list(layout.positions.values())

    def __iter__(self) -> Iterator[tuple[int, int, list[str] | None]]:
        for first in range(0, len(self._places), _AT_ONCE):
            places = self._places[first : first + _AT_ONCE]
            part = self._frame.iloc[places, self._columns]
            # As objects first: a column of numbers would turn "" back into NaN.
            cells = part.astype(object).where(part.notna(), "").to_numpy().tolist()
            for at, own in zip(places.tolist(), cells, strict=True):
                yield at, at + 1, [_text(cell) for cell in own]


def _text(cell: Any) -> str:
    # A list of skills, as many tables hold them.
    if isinstance(cell, list | tuple | set | np.ndarray):
        return ", ".join(map(str, cell))
    return str(cell)


def _read_frame(
    frame: pandas.DataFrame, name: str, kind: Kind | None, columns: Mapping[str, str]
) -> list[Table]:
    if frame.columns.nlevels > 1:
        raise DataError(f"{name}: expected one name for each column, found several levels of them.")
    own, variants, lost = _apart(frame, name)
    if kind is None and not columns and set(_WRITTEN) <= set(frame.columns):
        tables, layout = _written(frame, name, own)
    else:
        tables, layout = [], _layout(frame, name, kind, columns)
    read = {row.line - 1 for table in tables for row in table.rows}
    rest = np.array([at for at in own.tolist() if at not in read], np.int64) if read else own
    if len(rest) or not tables:
        tables.append(_rows(frame, name, layout, rest))
    if not len(variants) and not lost:
        return tables
    originals = dict(zip(variants.tolist(), _originals(frame, variants), strict=True))
    texts = _rows(frame, name, layout, variants).rows
    found = tuple(
        (originals[row.line - 1] + 1, model_input(row.source, row.cells)) for row in texts
    )
    hint = (
        f"{name}: {len(found):,} rows that augment_data made are learnt with the row that they"
        " rephrase, never without it, and none of them is a test row."
    )
    last = tables[-1]
    tables[-1] = replace(
        last, variants=found, dropped=(*last.dropped, *lost), hints=(*last.hints, hint)
    )
    return tables


def _rows(frame: pandas.DataFrame, name: str, layout: _Layout, places: Places) -> Table:
    positions = {column: i for i, column in enumerate(layout.positions)}
    records = _FrameRecords(frame, layout, places)
    return table_of(name, layout.kind, positions, records, list(layout.hints))


def _layout(
    frame: pandas.DataFrame, name: str, kind: Kind | None, columns: Mapping[str, str]
) -> _Layout:
    """Return how the frame is read. Raises DataError where its columns fit nothing."""
    # Columns that pandas or this package adds are no columns of the user's.
    names = tuple("" if _is_ours(column) else str(column) for column in frame.columns)
    header = Header(0, 1, ",", tuple(map(clean, names)), names)
    file = kind.file if kind else name
    mapping = {ours: plain_name(theirs) for ours, theirs in columns.items()}
    try:
        found, positions, hints = recognise(
            file, header, mapping, Rows(lambda count: _first_rows(frame, count))
        )
    except DataError:  # its sentences tell of lines and of the command line
        found = None
    if found is not None and (kind is None or found is kind):
        hints = [f"{name}{hint.removeprefix(file)}" for hint in hints]
        return _Layout(found, _role_first(positions), hints)
    if kind is None and (pair := _pair(frame)):
        role, text = pair
        hint = (
            f"{name}: the column {names[text]!r} is read as 'profile', {names[role]!r} as 'role'."
        )
        return _Layout(_PROFILES, {"role": role, "profile": text}, [hint])
    kinds = [kind] if kind else [one for one in KINDS if one.columns]
    expected = " or ".join(", ".join(("role", *(one.columns or ("family",)))) for one in kinds)
    raise DataError(
        f"{name}: expected the columns {expected}; found {some(list(filter(None, names)))}. Say"
        " which one is which: columns={'role': 'Category', 'profile': 'Resume'}"
    )


def _first_rows(frame: pandas.DataFrame, count: int) -> list[list[str]]:
    """The first `count` rows as texts."""
    part = frame.iloc[:count]
    cells = part.astype(object).where(part.notna(), "")
    return [[str(cell) for cell in row] for row in cells.itertuples(index=False, name=None)]


def _is_ours(column: object) -> bool:
    return isinstance(column, str) and column in (ORIGIN, "source", "file", "line")


def _role_first(positions: dict[str, int]) -> dict[str, int]:
    return {"role": positions["role"], **positions}


def _pair(frame: pandas.DataFrame) -> tuple[int, int] | None:
    """Return the places of the role and of the text, where a frame has columns of neither name.

    They are the columns that `augment_data` read, or, of two columns, the one with the shorter
    cells and the one with the longer.
    """
    names = list(frame.columns)
    account = frame.attrs.get("augmentation")
    noted = account.get(NAMED_BY_AUGMENT) if isinstance(account, dict) else None
    if noted and all(one in names for one in noted):
        return names.index(noted[0]), names.index(noted[1])
    free = [i for i, column in enumerate(names) if not _is_ours(column)]
    if len(free) != 2:
        return None
    length = [frame.iloc[:_AT_ONCE, i].astype(str).str.len().mean() for i in free]
    return (free[0], free[1]) if length[0] <= length[1] else (free[1], free[0])


# --- what the package itself has written ----------------------------------------------------------


def _written(frame: pandas.DataFrame, name: str, own: Places) -> tuple[list[Table], _Layout]:
    """Read a table of `Dataset.frame`: the rows whose cells it has, and how to read the others.

    The others are read as profiles, by their text: tables without cells, rows that were edited.
    """
    names = list(map(str, frame.columns))
    sources = frame["source"].to_numpy(object)[own]
    tables = []
    for kind in KINDS:
        if kind.name not in SOURCES or not set(kind.columns) <= set(names):
            continue
        optional = [column for column in kind.optional if column in names]
        columns = ("role", *kind.columns, *optional)
        layout = _Layout(kind, {column: names.index(column) for column in columns}, [])
        table = _rows(frame, name, layout, own[sources == kind.name])
        rows = tuple(row for row in table.rows if _keeps_text(row, frame))
        tables += [replace(table, rows=rows, dropped=())] if rows else []
    hints = []
    if not tables and set(sources) & (set(SOURCES) - {_PROFILES.name}):
        hints = [
            f"{name}: its rows are read by their texts alone, so that no skills and books are shown"
            " with the careers; frame(cells=True) of the data set keeps them."
        ]
    positions = {"role": names.index("role"), "profile": names.index("text")}
    return tables, _Layout(_PROFILES, positions, hints)


def _keeps_text(row: Row, frame: pandas.DataFrame) -> bool:
    return model_input(row.source, row.cells) == clean(str(frame["text"].iloc[row.line - 1]))


def _apart(frame: pandas.DataFrame, name: str) -> tuple[Places, Places, tuple[RowIssue, ...]]:
    """Return the places of rows, those of variants, and the variants whose original is not there.

    Without a column that `augment_data` wrote all are rows.
    """
    everything = np.arange(len(frame), dtype=np.int64)
    nothing = everything[:0]
    if ORIGIN not in frame.columns or frame.columns.tolist().count(ORIGIN) > 1:
        return everything, nothing, ()
    made = [str(cell) for cell in frame[ORIGIN].fillna("")]
    if not all(_VARIANT.fullmatch(cell) or not cell for cell in made):
        return everything, nothing, ()
    variant = np.array([bool(cell) for cell in made], bool)
    found = np.flatnonzero(variant).astype(np.int64)
    originals = _originals(frame, found)
    lost = tuple(
        RowIssue(name, at + 1, ORIGIN, f"the row that it rephrases ({made[at]}) is not there")
        for at, original in zip(found.tolist(), originals, strict=True)
        if original < 0
    )
    kept = found[np.array(originals, np.int64) >= 0] if len(found) else found
    return everything[~variant], kept, lost


def _originals(frame: pandas.DataFrame, variants: Places) -> list[int]:
    """Return the place of each variant's original, -1 where it is not in the frame.

    Rows may have been left out or shuffled since: the index still tells where a row was. A row of
    another career, or a variant, is not the original.
    """
    label = next(
        (i for i, one in enumerate(frame.columns) if str(one).casefold() in LABEL_COLUMNS), 0
    )
    roles, index = frame.iloc[:, label], frame.index
    places = {one: at for at, one in enumerate(index.tolist())} if index.is_unique else {}
    found = []
    for at in variants.tolist():
        number = int(str(frame[ORIGIN].iloc[at]).partition(":")[0])
        original = places.get(number, -1)
        same = original >= 0 and label_key(str(roles.iloc[original])) == label_key(
            str(roles.iloc[at])
        )
        is_row = original >= 0 and not _VARIANT.fullmatch(str(frame[ORIGIN].iloc[original]))
        found.append(original if same and is_row else -1)
    return found
