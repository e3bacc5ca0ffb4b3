"""Answer the rows of a table, a chunk at a time, as cells to write beside their own."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from vocation.data.csv_reader import RowIssue
from vocation.errors import DataError
from vocation.progress import NullProgress
from vocation.serving.inputs import AT_ONCE, InputRow, InputTable, parts
from vocation.serving.scorer import Scorer, asked

CHUNK = 128
"""Rows that are answered together."""

UNREAD = "unread"
"""What stands for the reason of a row that is no row of the table, in the output of `score`."""

Answered = tuple[InputRow, list[Any]]
"""A row and the cells of its answer."""

Rows = Callable[[], Iterator[list[InputRow]]]
"""Returns the rows to answer from the first on, those that are answered together in a list."""

Engine = Callable[[InputTable, Rows, Scorer], Iterator[list[Answered]]]
"""Yields each list of rows of the table with the answers, in order."""


class Tally:
    """What the answers so far were: `decisions`, `reasons` of unsure ones, and the `issues` of rows
    that could not be read, `unread` in all.
    """

    def __init__(self, most: int | None = None) -> None:
        """Keep at most so many `issues`; None: all of them."""
        self._most = most
        # All four are in the report, also those that no row had.
        self.decisions = Counter({"match": 0, "unsure": 0, "help": 0, "error": 0})
        self.reasons: Counter[str] = Counter()
        self.issues: list[RowIssue] = []
        self.unread = 0

    @property
    def rows(self) -> int:
        """How many rows were answered."""
        return sum(self.decisions.values())

    def add(self, row: InputRow, cells: list[Any]) -> None:
        """Count a row and its answer."""
        self.decisions[cells[0]] += 1
        if cells[0] == "unsure":
            self.reasons[cells[-2]] += 1
        if row.issue is not None:
            self.unread += 1
            if self._most is None or len(self.issues) < self._most:
                self.issues.append(row.issue)


class Answers:
    """The rows of a table with the cells of their answers, while one asks; `tally` counts them."""

    def __init__(self, table: InputTable, scorer: Scorer, progress: NullProgress) -> None:
        self._table, self._scorer, self._progress = table, scorer, progress
        self.tally = Tally()

    def __iter__(self) -> Iterator[tuple[list[Any], list[Any]]]:
        table, done = self._table, 0
        with self._progress.bar("scoring", table.size) as bar:
            for part in answered(table, parts(table, CHUNK, AT_ONCE[1]), self._scorer):
                for row, cells in part:
                    self.tally.add(row, cells)
                    yield row.cells, cells
                # The bar counts lines of the file: a row can have several.
                line = part[-1][0].line
                bar.update(line - done)
                done = line


def added_columns(scorer: Scorer, header: Sequence[str], name: str) -> list[str]:
    """Return the columns that are written behind those of `header`. Raises DataError where one of
    them is there already; `name` is the table's.
    """
    added = scorer.columns
    if clash := [column for column in added if column in header]:
        raise DataError(
            f"{name} already has a column {clash[0]!r}, which score would write: rename it"
        )
    return added


def answered(
    table: InputTable, rows: Iterable[list[InputRow]], scorer: Scorer
) -> Iterator[list[Answered]]:
    """Yield each list of rows of `table` with the answers; those that are none get no answer.

    Only texts are sent to the scorer: other columns would travel to other processes and back.
    """
    waiting: deque[list[InputRow]] = deque()  # `asked` may take several before it gives the first

    def batches() -> Iterator[Mapping[str, list[str]]]:
        for part in rows:
            waiting.append(part)
            texts = [table.values(row)[0] for row in part if row.issue is None]
            yield {scorer.text_column: texts}

    for found in asked(batches(), scorer):
        cells = zip(*(found[name] for name in scorer.columns), strict=True)
        yield with_answers(waiting.popleft(), map(list, cells), scorer)


def with_answers(
    rows: Iterable[InputRow], cells: Iterator[list[Any]], scorer: Scorer
) -> list[Answered]:
    """Return the rows with the cells of their answers; those that are no rows have none in `cells`
    and get those of an error.
    """
    return [(row, next(cells) if row.issue is None else scorer.error(UNREAD)) for row in rows]
