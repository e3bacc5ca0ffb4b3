"""Read the tables of a bundle from the .npy format, version 1.0.

Numpy's own reader would trust the shape in the header, and unpickle where the header says so.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = 4096
"""Bytes that the header may take, for a size limit that is known before the file is read."""

# Matches "{'descr': '<f4', 'fortran_order': False, 'shape': (64, 384), }". The type '|O' (objects,
# which numpy unpickles) does not match.
_DICT = re.compile(
    rb"\{'descr': '([<|][a-z]\d)', 'fortran_order': False, 'shape': \((\d{1,12}), (\d{1,12}),?\),?"
    rb" ?\} *\n"
)  # two dimensions, exactly as numpy writes it


def parse(data: bytes, kind: str, rows: range, columns: int | None = None) -> NDArray[Any]:
    """Return the table (rows, columns) in `data` without copying it.

    `kind` is the type of its numbers as numpy writes it ("<f4"), `rows` the numbers of rows that
    are accepted; `columns` None accepts any number but 0. Raises ValueError for another type or
    shape, for a file of another length, and for values that are not finite.
    """
    # magic bytes, version 1.0, then the length of the header as a 16 bit number
    start = 10 + int.from_bytes(data[8:10], "little")
    header = _DICT.fullmatch(data[10:start]) if data[:8] == b"\x93NUMPY\x01\x00" else None
    if header is None or header[1].decode("ascii") != kind:
        raise ValueError(f"expected a table of the type {kind!r}")
    found = int(header[2]), int(header[3])
    if not found[1] or found[0] not in rows or columns not in (None, found[1]):
        raise ValueError(f"expected {rows} rows and {columns or 'any number of'} columns")
    if found[0] * found[1] * np.dtype(kind).itemsize != len(data) - start:
        raise ValueError("expected as many bytes as the shape needs")
    # The table shares the memory of `data`, so it is read-only.
    table = np.frombuffer(data, dtype=kind, offset=start).reshape(found)
    # One NaN would make NaN of every score that it is added to.
    if not np.isfinite(table).all():
        raise ValueError("expected finite numbers")
    return table
