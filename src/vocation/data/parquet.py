"""Read tables from parquet files, one row group at a time. Needs the "parquet" extra."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from vocation.data.archives import MAX_UNPACKED, too_large
from vocation.data.csv_reader import MAX_COLUMNS
from vocation.data.grid import Cells, Grid
from vocation.errors import DataError, MissingExtra

_INDEX = re.compile(r"__index_level_\d+__")  # row numbers that pandas adds


def read_parquet(data: bytes, file: str) -> Grid:
    """Return the table of a parquet file; row groups are unpacked while rows are asked for.

    Raises DataError without pyarrow, for a damaged file, and for one of more than MAX_UNPACKED
    bytes.
    """
    try:
        from pyarrow import parquet, types
    except ImportError:
        raise DataError(f"{file}: {MissingExtra('reading parquet', 'parquet')}") from None
    try:
        schema = parquet.read_schema(io.BytesIO(data))
        texts = [
            field.name
            for field in schema
            if types.is_string(field.type) or types.is_large_string(field.type)
        ]
        # As dictionaries, a text that many rows share is in memory once.
        opened = parquet.ParquetFile(io.BytesIO(data), read_dictionary=texts)
        groups = [opened.metadata.row_group(i) for i in range(opened.num_row_groups)]
    except Exception as error:  # pyarrow's own kinds
        raise _damaged(file, error) from None
    names = [name for name in schema.names if not _INDEX.fullmatch(name)]
    if len(names) > MAX_COLUMNS:
        raise DataError(f"{file}: expected at most {MAX_COLUMNS:,} columns, found {len(names):,}.")
    if sum(group.total_byte_size for group in groups) > MAX_UNPACKED:
        raise too_large(file)

    def rows() -> Iterator[tuple[int, Cells]]:
        number, left = 0, MAX_UNPACKED
        for at in range(len(groups)):
            try:
                table = opened.read_row_group(at, columns=names)
                columns = [_cells(column) for column in table.columns]
            except Exception as error:  # pyarrow's own kinds
                raise _damaged(file, error) from None
            for cells in zip(*columns, strict=True):
                number += 1
                left -= sum(len(cell) for cell in cells if isinstance(cell, str))
                if left < 0:
                    raise too_large(file)
                yield number, list(cells)

    return Grid(rows, opened.metadata.num_rows, tuple(names))


def _cells(column: Any) -> list[Any]:
    """Return the cells of a column; equal texts are one string."""
    cells: list[Any] = []
    for chunk in column.chunks:
        if hasattr(chunk, "dictionary"):
            values = chunk.dictionary.to_pylist()
            cells += [None if i is None else values[i] for i in chunk.indices.to_pylist()]
        else:
            cells += chunk.to_pylist()
    return cells


def _damaged(file: str, error: Exception) -> DataError:
    return DataError(f"{file} is not a readable parquet file ({str(error)[:100]}).")
