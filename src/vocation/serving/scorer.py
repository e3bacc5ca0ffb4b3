"""Answer batches of columns: what a loop over a file, Ray or Spark call for many texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from vocation.data.grid import text_of
from vocation.errors import BundleError, DataError, explained
from vocation.serving.asked import choose, is_missing
from vocation.serving.decisions import Decision
from vocation.serving.recommend import Recommender
from vocation.serving.workers import in_order

FAILED = "failed"
"""What stands for the reason of a row that no answer could be computed for."""


class Scorer:
    """Columns in, the same columns and those of the answers out.

    It can be sent to other processes: a bundle is loaded by the process that asks first. All of
    them must find the same bundle.

    >>> from vocation.serving.scorer import Scorer                                  # doctest: +SKIP
    >>> dataset.map_batches(Scorer, fn_constructor_args=("models", "about"))        # doctest: +SKIP
    """

    def __init__(
        self,
        bundle: str | Path | Recommender,
        text_column: str,
        top_k: int = 5,
        threads: int = 1,
        exclude: Sequence[str] = (),
        only: Sequence[str] | None = None,
        workers: int = 1,
    ) -> None:
        """`bundle` is a folder or a zip; a recommender that is loaded already cannot be sent.

        `threads` compute one answer, 0 takes as many as the machine has cores. `exclude` and `only`
        name careers, as for `recommend`. `workers` processes answer what a loop asks, each with its
        own copy of the bundle in memory.
        """
        self.text_column = text_column
        self._bundle, self._top, self._threads = bundle, top_k, threads
        self.workers = workers
        self.choice: dict[str, Any] = {"exclude": exclude} if exclude else {}
        if only is not None:
            self.choice["only"] = only
        self._expected: str | None = None  # the fingerprint, for the processes that this is sent to
        self._loaded: Recommender | None = None

    def __getstate__(self) -> dict[str, Any]:
        # Other processes may have another working directory.
        here = self._bundle
        where = Path(here).absolute() if isinstance(here, str | Path) else here
        return self.__dict__ | {"_loaded": None, "_bundle": where}

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the recommender. Other processes refuse another bundle once it was
        asked for.
        """
        return self.recommender.fingerprint

    @property
    def recommender(self) -> Recommender:
        """What answers, loaded when it is asked for. Raises BundleError, and DataError where a
        career is chosen that the bundle does not know.
        """
        if self._loaded is None:
            loaded = self._bundle
            if isinstance(loaded, str | Path):
                loaded = Recommender.load(loaded, self._threads)
                if self._expected not in (None, loaded.fingerprint):
                    raise BundleError(
                        f"{self._bundle} is another bundle than at the beginning: start again, or"
                        " put the one before back"
                    )
                self._expected = loaded.fingerprint
            if self.choice:
                try:
                    choose(loaded.careers, **self.choice)
                except ValueError as error:
                    raise DataError(str(error)) from None
            self._loaded = loaded
        return self._loaded

    @property
    def careers(self) -> int:
        """How many careers an answer has columns for."""
        return min(self._top, len(self.recommender.classes))

    @property
    def columns(self) -> list[str]:
        """The names of the columns of an answer, in order."""
        ranks = range(1, self.careers + 1)
        named = (name for i in ranks for name in (f"career_{i}", f"confidence_{i}"))
        return ["decision", *named, "reason_code", "directions"]

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        """Return the columns of `batch`, as they are, and those of the answers as lists.

        Columns are lists or arrays of one length. A row whose answer fails has the decision "error"
        and the reason FAILED. Raises DataError where the column of texts is missing, or one that
        would be added is there already.
        """
        if self.text_column not in batch:
            shown = ", ".join(repr(str(name)[:60]) for name in list(batch)[:12]) or "none"
            raise DataError(f"there is no column {self.text_column!r}; found {shown}")
        columns = self.columns
        if clash := [name for name in columns if name in batch]:
            raise DataError(f"there already is a column {clash[0]!r}, to be added: rename it")
        rows = self.cells([_text(value) for value in batch[self.text_column]])
        cells = zip(*rows, strict=True) if rows else ([] for _ in columns)
        return {**batch, **dict(zip(columns, map(list, cells), strict=True))}

    def cells(self, texts: Sequence[str]) -> list[list[Any]]:
        """Return the cells of the answers to `texts`, a list of `columns` for each."""
        if not texts:
            return []
        try:
            return [self._row(answer) for answer in self._asked(texts)]
        except Exception as error:
            # What the machine lacks is no fault of a row, and others would fail as well.
            if explained(error):
                raise
            if len(texts) == 1:
                return [self.error(FAILED)]
        return [row for text in texts for row in self.cells([text])]

    def error(self, reason: str) -> list[Any]:
        """Return the cells of a row without an answer."""
        return ["error", *[None] * 2 * self.careers, reason, None]

    def _asked(self, texts: Sequence[str]) -> list[Decision]:
        return self.recommender.decide(list(texts), self.careers, **self.choice)

    def _row(self, answer: Decision) -> list[Any]:
        """The cells of an answer: decision, careers with confidence, reason, directions."""
        cells: list[Any] = [answer.decision]
        for one in answer.careers[: self.careers]:
            cells += [one.career, round(one.confidence, 6)]
        # "help" and an empty text have no careers, but the row needs all its columns.
        empty = [None] * (1 + 2 * self.careers - len(cells))
        return [*cells, *empty, answer.reason_code, "; ".join(answer.directions) or None]


def asked(batches: Iterable[Mapping[str, Any]], scorer: Scorer) -> Iterator[dict[str, Any]]:
    """Yield what `scorer` makes of each batch, in order, by as many processes as it says."""
    return in_order(scorer, batches, scorer.workers)


def _text(value: Any) -> str:
    if is_missing(value):
        return ""
    # Arrays of numpy may hold texts as bytes.
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else text_of(value)
