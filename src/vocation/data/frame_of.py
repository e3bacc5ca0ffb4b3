"""A data set as a table, and the texts in other words that belong to its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vocation.data.report import Merge
from vocation.data.tables import Table
from vocation.records import Row

if TYPE_CHECKING:
    import pandas


def write(rows: Sequence[Row], texts: Sequence[str], cells: bool) -> pandas.DataFrame:
    """Return `rows` with their `texts` as a table; `cells`: with the columns of the files, too."""
    import pandas

    values: dict[str, Sequence[Any]] = {
        "role": [row.role for row in rows],
        "text": texts,
        "source": [row.source for row in rows],
        "file": [row.file for row in rows],
        "line": [row.line for row in rows],
    }
    names = dict.fromkeys(name for row in rows for name in row.cells) if cells else ()
    values |= {name: [row.cells.get(name) for row in rows] for name in names}
    return pandas.DataFrame(values)


def variants_of(
    rows: Sequence[Row], merged: Sequence[Merge], tables: Sequence[Table]
) -> tuple[tuple[int, str], ...]:
    """Return the variants in `tables` of `rows` as (row, text).

    Those of a row that was merged into another one belong to that one; those of dropped rows are
    left out.
    """
    if not any(table.variants for table in tables):
        return ()
    places = {(row.file, row.line): i for i, row in enumerate(rows)}
    for merge in merged:
        places[merge.file, merge.line] = places[merge.kept_file, merge.kept_line]
    return tuple(
        (places[table.file, line], text)
        for table in tables
        for line, text in table.variants
        if (table.file, line) in places
    )
