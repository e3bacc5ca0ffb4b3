"""Explain an answer: the phrases that moved it, and the public text that is nearest to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vocation.records import Career
from vocation.text.clean import phrases
from vocation.text.personal import is_personal

_LEAST_EXPLAINED = 0.02  # probability below which what moves a career is noise
_SURE = 0.95  # probability of the first career from which on nothing is held against any
_LEAST_MOVE = 0.1  # change of the log odds from which a phrase is a reason
_MOST_FOR, _MOST_AGAINST = 3, 2


class Reasons(NamedTuple):
    """What is said of one career: phrases for and against it, for each of the latter the career
    that it speaks for instead, and its nearest public text.
    """

    because: tuple[str, ...] | None = None
    against: tuple[str, ...] | None = None
    against_for: tuple[str | None, ...] | None = None
    nearest: str | None = None


NONE = Reasons((), (), ())
"""An explanation without reasons."""


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
    classes: Sequence[str],
    ask: Callable[[list[str]], NDArray[Any]],
    spans: Sequence[tuple[int, int]] | None = None,
) -> list[Reasons]:
    """Return the phrases of `text` for and against each career of `best`, most telling first.

    A phrase speaks for a career if the career's probability falls without it. `probabilities`
    (classes,) are those of the whole text; `ask` returns those (n, classes) of other texts;
    `spans` are the places (start, end) of the phrases, if they are known. A career with next to no
    probability gets no reasons. A phrase with something personal is never a reason, and nothing
    speaks against a career where the first one is as good as certain.
    """
    spans = phrases(text) if spans is None else spans
    if len(spans) < 2:
        return [NONE] * len(best)
    without = ask([_without(text, start, end) for start, end in spans])
    moves = _log_odds(probabilities) - _log_odds(without)  # (phrases, classes)
    quoted = [text[start:end] for start, end in spans]
    told = np.array([not is_personal(phrase) for phrase in quoted])
    # Without these, no phrase "speaks for" a career that the text as a whole does not.
    likely = np.flatnonzero(probabilities >= _LEAST_EXPLAINED)
    sure = probabilities.max() >= _SURE
    reasons = []
    for c in best:
        if probabilities[c] < _LEAST_EXPLAINED:
            reasons.append(NONE)
            continue
        order = [i for i in np.argsort(-moves[:, c]) if told[i]]
        because = [i for i in order[:_MOST_FOR] if moves[i, c] > _LEAST_MOVE]
        against = [i for i in order[::-1][:_MOST_AGAINST] if moves[i, c] < -_LEAST_MOVE]
        if sure:
            against = []
        reasons.append(
            Reasons(
                tuple(quoted[i] for i in because),
                tuple(quoted[i] for i in against),
                tuple(_speaks_for(moves[i], likely, classes) for i in against),
            )
        )
    return reasons


def _speaks_for(
    moves: NDArray[Any], likely: NDArray[np.intp], classes: Sequence[str]
) -> str | None:
    """The career of `likely` that a phrase with these `moves` (classes,) raises most, if any."""
    c = int(likely[np.argmax(moves[likely])])
    return classes[c] if moves[c] > _LEAST_MOVE else None


def _without(text: str, start: int, end: int) -> str:
    """`text` without one of its phrases; no comma is left alone."""
    return f"{text[:start].rstrip(' ,;')} {text[end:]}".strip(" ,;")


def _log_odds(probabilities: NDArray[Any]) -> NDArray[np.float64]:
    """Near 1 a logarithm hardly moves: a confident answer would have no reasons."""
    # 0 and 1 have infinite log odds. log1p keeps the digits of a small p.
    p = np.clip(probabilities, 1e-12, 1 - 1e-12)
    result: NDArray[np.float64] = np.log(p) - np.log1p(-p)
    return result
