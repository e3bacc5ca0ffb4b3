"""Score pandas DataFrames, or measure on them: rows in, and the answers as further columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vocation.data.csv_reader import Header
from vocation.data.frames import LABEL_COLUMNS, TEXT_COLUMNS, is_frame
from vocation.errors import DataError
from vocation.serving.inputs import AT_ONCE, InputRow, InputTable, Skip
from vocation.text.clean import clean

if TYPE_CHECKING:
    import pandas


def as_frame(value: Any) -> pandas.DataFrame | None:
    """Return a DataFrame as it is and a Series as one of one column; None for anything else."""
    if is_frame(value):
        return value  # type: ignore[no-any-return]
    if hasattr(value, "to_frame") and getattr(value, "ndim", None) == 1:
        return value.to_frame("text" if value.name is None else value.name)  # type: ignore[no-any-return]
    return None


def table_of(frame: pandas.DataFrame, places: Sequence[int], whole: bool = True) -> InputTable:
    """Return a frame as a table to go through; the columns at `places` are those asked for.

    Without `whole` it has these columns alone.
    """
    if not whole:
        frame, places = frame.iloc[:, list(places)], range(len(places))

    def rows(_: list[str], __: Skip) -> Iterator[InputRow]:
        for first in range(0, len(frame), AT_ONCE[0]):
            # In parts, because cells as objects take many times the memory of the table.
            part = frame.iloc[first : first + AT_ONCE[0]]
            # As objects first: a column of numbers would turn None back into NaN.
            cells = part.astype(object).where(part.notna(), None).to_numpy().tolist()
            for number, own in enumerate(cells, first + 1):
                yield InputRow(number, own)

    return InputTable(_header(frame), list(places), len(frame), rows)


def text_place(frame: pandas.DataFrame, name: str | None) -> int:
    """Return the place of the column with the text; not given, of a usual name, or the only one."""
    if name is None and len(frame.columns) == 1:
        return 0
    return _place(frame, name, TEXT_COLUMNS, "text_column")


def label_place(frame: pandas.DataFrame, name: str | None) -> int:
    """Return the place of the column with the right career; not given, of a usual name."""
    return _place(frame, name, LABEL_COLUMNS, "label_column")


def _place(frame: pandas.DataFrame, name: str | None, usual: Sequence[str], argument: str) -> int:
    header = _header(frame)
    places = map(header.position, usual if name is None else (name,))
    found = next((at for at in places if at is not None), None)
    if found is None:
        asked = f"one of the columns {', '.join(usual)}" if name is None else f"a column {name!r}"
        shown = ", ".join(repr(cell[:60]) for cell in header.cells[:12]) or "no column"
        raise DataError(f"DataFrame: expected {asked}; found {shown}. Name yours by {argument}.")
    if header.cells.count(header.cells[found]) > 1:
        raise DataError(
            f"DataFrame: more than one column is named {header.cells[found]!r}: rename those that"
            " should not be read."
        )
    return found


def with_answers(
    frame: pandas.DataFrame, names: Sequence[str], answers: Iterable[Sequence[Any]]
) -> pandas.DataFrame:
    """Return `frame` with a column for each of `names`, by its row of `answers`; the frame stays.

    Columns, index and types of the frame are kept; its data are not copied.
    """
    result = frame.copy(deep=False)
    columns = zip(*answers, strict=True) if len(frame) else ([] for _ in names)
    for name, values in zip(names, columns, strict=True):
        # Where there is no career there is no confidence: float makes NaN of None.
        kind = float if name.startswith("confidence") else object
        result[name] = np.array(values, dtype=kind)
    return result


def _header(frame: pandas.DataFrame) -> Header:
    cells = tuple(map(str, frame.columns))
    return Header(0, 0, ",", tuple(map(clean, cells)), cells)
