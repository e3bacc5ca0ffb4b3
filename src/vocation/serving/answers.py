"""Answer the rows of a table, a chunk at a time, as cells to write beside their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from vocation.data.csv_reader import RowIssue
from vocation.progress import NullProgress
from vocation.records import Recommendation
from vocation.serving.inputs import AT_ONCE, InputTable, parts
from vocation.serving.recommend import Recommender

CHUNK = 128
"""Rows that are answered together."""

UNREAD = "unread"
"""What stands for the reason of a row that is no row of the table, in the output of `score`."""


class Answers:
    """The rows of a table with the cells of their answers, a chunk at a time, while one asks.

    `decisions`, `reasons` (of unsure answers) and `issues` are those of the rows so far.
    """

    def __init__(
        self,
        table: InputTable,
        recommender: Recommender,
        k: int,
        progress: NullProgress,
        choice: Mapping[str, Any],
    ) -> None:
        self._table, self._recommender, self._k = table, recommender, k
        self._progress, self._choice = progress, choice
        # All four are in the report, also those that no row had.
        self.decisions = Counter({"match": 0, "unsure": 0, "help": 0, "error": 0})
        self.reasons: Counter[str] = Counter()
        self.issues: list[RowIssue] = []

    def __iter__(self) -> Iterator[tuple[list[Any], list[Any]]]:
        table, k, done = self._table, self._k, 0
        with self._progress.bar("scoring", table.size) as bar:
            for rows in parts(table, CHUNK, AT_ONCE[1]):
                texts = [table.values(row)[0] for row in rows if row.issue is None]
                found = self._recommender.recommend(texts, top_k=k, **self._choice) if texts else []
                answers = iter(found)
                for row in rows:
                    if row.issue is None:
                        cells = _cells(next(answers), k)
                    else:
                        cells = ["error", *[None] * (2 * k + 1), UNREAD]
                        self.issues.append(row.issue)
                    self.decisions[cells[0]] += 1
                    if cells[0] == "unsure":
                        self.reasons[cells[-1]] += 1
                    yield row.cells, cells
                # The bar counts lines of the file: a row can have several.
                bar.update(rows[-1].line - done)
                done = rows[-1].line


def _cells(answer: Recommendation, k: int) -> list[Any]:
    """Return the cells of an answer: decision, k careers with confidence, directions, reason."""
    cells: list[Any] = [answer.decision]
    for one in answer.careers[:k]:
        cells += [one.career, round(one.confidence, 6)]
    # "help" and an empty text have no careers, but the row needs all its columns.
    empty = [None] * (1 + 2 * k - len(cells))
    return [*cells, *empty, "; ".join(answer.directions) or None, answer.reason_code]
