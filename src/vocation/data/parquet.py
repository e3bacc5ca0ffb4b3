"""Read tables from parquet files, one row group at a time. Needs the "parquet" extra."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from vocation.data.archives import MAX_UNPACKED, too_large
from vocation.data.csv_reader import MAX_COLUMNS
from vocation.data.grid import Cells, Grid
from vocation.data.on_disk import FileBytes
from vocation.errors import DataError, MissingExtra

_INDEX = re.compile(r"__index_level_\d+__")  # row numbers that pandas adds

_SMALL = 200_000  # bytes of a row group that is read as a whole
_ROWS = 1000  # of a larger one that are in memory together


def read_parquet(data: bytes | FileBytes, file: str) -> Grid:
    """Return the table of a parquet file; rows are unpacked while they are asked for.

    Raises DataError without pyarrow, for a damaged file, and for one in memory of more than
    MAX_UNPACKED bytes.
    """
    try:
        from pyarrow import parquet, types
    except ImportError:
        raise DataError(f"{file}: {MissingExtra('reading parquet', 'parquet')}") from None
    streams = isinstance(data, FileBytes)
    try:
        schema = parquet.read_schema(_handle(data))
        texts = [
            field.name
            for field in schema
            if types.is_string(field.type) or types.is_large_string(field.type)
        ]
        # As dictionaries, a text that many rows share is in memory once.
        shared = parquet.ParquetFile(_handle(data), read_dictionary=texts)
        groups = [shared.metadata.row_group(i) for i in range(shared.num_row_groups)]
    except Exception as error:  # pyarrow's own kinds
        raise _damaged(file, error) from None
    names = [name for name in schema.names if not _INDEX.fullmatch(name)]
    if len(names) > MAX_COLUMNS:
        raise DataError(f"{file}: expected at most {MAX_COLUMNS:,} columns, found {len(names):,}.")
    if not streams and sum(group.total_byte_size for group in groups) > MAX_UNPACKED:
        raise too_large(file)

    def rows() -> Iterator[tuple[int, Cells]]:
        number, left = 0, MAX_UNPACKED
        tables = _batches(data, shared, groups, names)
        while True:
            try:
                table = next(tables, None)
                if table is None:
                    return
                columns = [_cells(column) for column in table.columns]
            except DataError:
                raise
            except Exception as error:  # pyarrow's own kinds
                raise _damaged(file, error) from None
            for cells in zip(*columns, strict=True):
                number += 1
                left -= sum(len(cell) for cell in cells if isinstance(cell, str))
                if left < 0 and not streams:
                    raise too_large(file)
                yield number, list(cells)

    return Grid(rows, shared.metadata.num_rows, tuple(names))


def _batches(
    data: bytes | FileBytes, shared: Any, groups: list[Any], names: list[str]
) -> Iterator[Any]:
    """Yield whole row groups, and of large ones of a file on the disk some rows at a time.

    `shared` is the file opened with dictionaries. They are kept until the end of a group.
    """
    if not isinstance(data, FileBytes):
        for at in range(len(groups)):
            yield shared.read_row_group(at, columns=names)
        return
    from pyarrow import parquet

    plain = parquet.ParquetFile(_handle(data), buffer_size=1 << 20)
    for at, group in enumerate(groups):
        if group.total_byte_size <= _SMALL:
            yield shared.read_row_group(at, columns=names)
        else:
            # Each thread would keep memory of its own.
            yield from plain.iter_batches(_ROWS, row_groups=[at], columns=names, use_threads=False)
        data.check()


def _handle(data: bytes | FileBytes) -> Any:
    """What pyarrow opens."""
    return str(data.path) if isinstance(data, FileBytes) else io.BytesIO(data)


def _cells(column: Any) -> list[Any]:
    """Return the cells of a column; equal texts are one string."""
    cells: list[Any] = []
    for chunk in getattr(column, "chunks", [column]):  # a batch has arrays of one chunk
        if hasattr(chunk, "dictionary"):
            values = chunk.dictionary.to_pylist()
            cells += [None if i is None else values[i] for i in chunk.indices.to_pylist()]
        else:
            cells += chunk.to_pylist()
    return cells


def _damaged(file: str, error: Exception) -> DataError:
    return DataError(f"{file} is not a readable parquet file ({str(error)[:100]}).")
