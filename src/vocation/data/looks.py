"""Look at the first rows of a table: does a column hold labels or texts?"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from vocation.data.csv_reader import Header, is_empty, parse
from vocation.data.csv_records import MAX_ROLE
from vocation.text.clean import clean, label_key
from vocation.text.titles import is_occupation

_SAMPLE_ROWS, _SAMPLE_CHARACTERS = 2000, 2_000_000  # that are looked at where names leave a doubt
_START = 300  # characters of a cell that are looked at
_REPEATED = 1 / 3
"""Share of rows that have their value in common with another row, from which on a column is one of
labels. Names of people and titles of books have some percent, careers nearly 100 %."""
_FEW = 20  # rows; in fewer ones it tells nothing that no label comes twice
TEXT = 10
"""Characters that the cells of a column of texts have at least, on average."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the cells of a column look like in the first rows: how many are filled, how many values
    they have, and the mean length of a cell. `repeated` and `occupations` are shares from 0 to 1:
    of cells that share their value, and of values that end like an English occupation.
    """

    filled: int
    values: int
    length: float
    repeated: float
    occupations: float
    is_label: bool
    keys: frozenset[str] = field(repr=False)

    @classmethod
    def at(cls, cells: Sequence[str]) -> Look:
        """Look at these cells."""
        filled = [cell for cell in map(clean, cells) if not is_empty(cell)]
        values = Counter(map(label_key, filled))
        rows = max(len(filled), 1)
        named = {label_key(cell): cell for cell in filled}
        return cls(
            filled=len(filled),
            values=len(values),
            length=sum(map(len, filled)) / rows,
            repeated=sum(count for count in values.values() if count > 1) / rows,
            occupations=sum(map(is_occupation, named.values())) / max(len(named), 1),
            # Neither numbers and codes nor addresses: those tell rows apart, or people.
            is_label=bool(filled)
            and sum(bool(re.search(r"\d|@|://", cell)) for cell in filled) < len(filled) / 2
            and max(map(len, filled)) <= min(MAX_ROLE, _START - 1),
            keys=frozenset(values),
        )

    @property
    def repeats(self) -> bool:
        """Whether this is a column of labels, in which values come again and again."""
        return self.is_label and self.repeated >= _REPEATED

    def labels(self, text: Look) -> bool:
        """Whether this column is the label of the other one: fewer values, and shorter ones."""
        fewer = self.values < text.values or self.filled < _FEW
        shorter = self.length < (1 if self.repeats else 0.67) * text.length
        return self.is_label and fewer and shorter and text.length >= TEXT


class Rows:
    """The first rows of a table. They are only parsed if something asks how they look."""

    def __init__(self, first: Callable[[int], Sequence[Sequence[str]]]) -> None:
        """`first` returns that many rows, or fewer, each as wide as the header."""
        self._first = first
        self._cells: Sequence[Sequence[str]] | None = None
        self._looks: dict[int, Look] = {}

    @classmethod
    def of_lines(cls, lines: Sequence[str], header: Header) -> Rows:
        """The rows of a CSV file."""
        return cls(lambda count: _first_rows(lines, header, count))

    def __getitem__(self, at: int) -> Look:
        if self._cells is None:
            self._cells = self._first(_SAMPLE_ROWS)
        if at not in self._looks:
            self._looks[at] = Look.at([cells[at][:_START] for cells in self._cells])
        return self._looks[at]


def _first_rows(lines: Sequence[str], header: Header, count: int) -> list[list[str]]:
    """Return the first `count` rows that are as wide as the header, each cell cut to its start."""
    size, last = 0, header.after
    while last < min(len(lines), header.after + count) and size < _SAMPLE_CHARACTERS:
        size += len(lines[last])
        last += 1
    reader, _ = parse(lines[header.after : last], 0, header.delimiter, strict=False)
    rows = []
    try:
        for cells in islice(reader, count):
            if len(cells) >= len(header.names):
                rows.append([cell[:_START] for cell in cells])
    except csv.Error:
        pass  # what is wrong with a row is told when the table is read
    return rows
