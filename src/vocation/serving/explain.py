"""Explain an answer: the phrases that moved it, and the public text that is nearest to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vocation.records import Career
from vocation.text.clean import phrases

_LEAST_EXPLAINED = 0.02  # probability below which what moves a career is noise
_LEAST_MOVE = 0.1  # change of the log odds from which a phrase is a reason
_MOST_FOR, _MOST_AGAINST = 3, 2


class Reasons(NamedTuple):
    """What is said of one career: phrases for and against it, and its nearest public text."""

    because: tuple[str, ...] | None = None
    against: tuple[str, ...] | None = None
    nearest: str | None = None


class PublicTexts:
    """The public texts of a model's careers and the directions of their embeddings."""

    def __init__(self, careers: Sequence[Career], table: NDArray[np.int8]) -> None:
        """`table` (texts, d) has a row of any length for each text, career by career."""
        self._shown = [[shown for shown, _ in career.public_texts()] for career in careers]
        # (careers + 1,): the first row of each career, and the end of the last.
        self._starts = np.cumsum([0, *map(len, self._shown)])
        self._table = table

    def nearest(self, c: int, vector: NDArray[Any]) -> str | None:
        """Return the text about career number `c` with the largest cosine to `vector` (d,)."""
        # Only one career's rows become float32: the whole table would take four times its memory.
        rows = self._table[self._starts[c] : self._starts[c + 1]].astype(np.float32)
        if not len(rows):
            return None
        # A row of zeros has no direction: its cosine is 0, not NaN.
        lengths = np.maximum(np.linalg.norm(rows, axis=1), 1e-12)
        # The length of `vector` changes nothing about which cosine is the largest.
        return self._shown[c][int(np.argmax(rows @ vector / lengths))]


def phrase_reasons(
    text: str,
    probabilities: NDArray[Any],
    best: Sequence[int],
    ask: Callable[[list[str]], NDArray[Any]],
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the phrases of `text` for and against each career of `best`, most telling first.

    A phrase speaks for a career if the career's probability falls without it. `probabilities`
    (classes,) are those of the whole text; `ask` returns those (n, classes) of other texts. A
    career with next to no probability gets no reasons.
    """
    spans = phrases(text)
    if len(spans) < 2:
        return [((), ())] * len(best)
    without = ask([_without(text, start, end) for start, end in spans])
    # (phrases, careers of `best`); the transpose below has a row for each career.
    moves = _log_odds(probabilities[best]) - _log_odds(without[:, best])
    return [
        _ranked(text, spans, column) if probabilities[c] >= _LEAST_EXPLAINED else ((), ())
        for c, column in zip(best, moves.T, strict=True)
    ]


def _without(text: str, start: int, end: int) -> str:
    """`text` without one of its phrases; no comma is left alone."""
    return f"{text[:start].rstrip(' ,;')} {text[end:]}".strip(" ,;")


def _ranked(
    text: str, spans: Sequence[tuple[int, int]], moves: NDArray[Any]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    order = np.argsort(-moves)
    because = [i for i in order[:_MOST_FOR] if moves[i] > _LEAST_MOVE]
    against = [i for i in order[::-1][:_MOST_AGAINST] if moves[i] < -_LEAST_MOVE]
    quoted = [text[start:end] for start, end in spans]
    return tuple(quoted[i] for i in because), tuple(quoted[i] for i in against)


def _log_odds(probabilities: NDArray[Any]) -> NDArray[np.float64]:
    """Near 1 a logarithm hardly moves: a confident answer would have no reasons."""
    # 0 and 1 have infinite log odds. log1p keeps the digits of a small p.
    p = np.clip(probabilities, 1e-12, 1 - 1e-12)
    result: NDArray[np.float64] = np.log(p) - np.log1p(-p)
    return result
