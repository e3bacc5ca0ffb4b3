"""Decide what texts are answered: whether to answer, with which careers and directions.

The one place that decides. `recommend` puts skills, pay and reasons beside it; who needs the
decision alone, as for a million rows, pays for nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vocation.serving.directions import Directions
from vocation.serving.pooled import PooledModels, Scored
from vocation.text.care import concern

_LEAST_LEFT = 0.5  # probability of the careers that are not left out, below which no answer is sure
_CAREERS, _IDEAS = 5, 3  # how many are named, if nobody says how many; ideas if unsure
_PARTS = 6  # of a text, read one by one to find two directions

NO_CAREERS = frozenset(("empty", "refused"))
"""Reasons of unsure answers that name no career: nothing was read."""


class Named(NamedTuple):
    """A career that is named, with its calibrated probability, 0 to 1."""

    career: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What is answered to a text, and nothing beside it.

    `decision`, `reason_code` and `directions` are those of a `Recommendation`, `careers` its
    careers with the confidence of each, best first.
    """

    decision: str
    reason_code: str | None = None
    careers: tuple[Named, ...] = ()
    directions: tuple[str, ...] = ()


class Judged(NamedTuple):
    """A decision in numbers: `decision` and its reason `code` as in `Decision`.

    `shares` (classes,) are the probabilities among the careers that may be named; `order` are
    these, best first, `best` those that are named, `directions` those the text speaks for in
    different ways. All are empty where no career is named.
    """

    decision: str
    code: str | None
    shares: NDArray[np.float64]
    order: list[int]
    best: list[int]
    directions: list[int]


_NONE = np.zeros(0)


class Decisions:
    """Decides by the models of a bundle and by how close its careers are. Immutable."""

    def __init__(self, models: PooledModels, directions: Directions) -> None:
        self._models, self._directions = models, directions

    def judge(
        self,
        scored: Scored,
        rows: Sequence[int],
        left: NDArray[np.bool_],
        top_k: int | None,
        care: bool,
    ) -> list[Judged]:
        """Decide about the texts number `rows` of `scored`; `left` (classes,) may be named.

        `top_k` and `care` are as for `recommend`.
        """
        found = [self._judge(i, scored, left, top_k, care) for i in rows]
        asked = {}
        for n, (i, one) in enumerate(zip(rows, found, strict=True)):
            pair = self._directions.second(one.order, one.shares) if not one.code else None
            if pair:
                heard = scored.heard[i]
                parts = [heard.kept[start:end] for start, end in heard.phrases(_PARTS)]
                if len(parts) > 1:
                    asked[n] = pair, parts
        # The parts of all texts together: short as they are, they cost twice as much one by one.
        alone = self._models.read([part for _, parts in asked.values() for part in parts])
        begin = 0
        for n, (pair, parts) in asked.items():
            own, begin = alone[begin : begin + len(parts)], begin + len(parts)
            if self._directions.both(own, *pair):
                found[n] = found[n]._replace(directions=[*pair])
        return found

    def _judge(
        self, i: int, scored: Scored, left: NDArray[np.bool_], top_k: int | None, care: bool
    ) -> Judged:
        heard = scored.heard[i]
        if care and (code := concern(heard.text)):
            return Judged("help", code, _NONE, [], [], [])
        unsure = self._models.abstention_reason(i, scored)
        unwanted = self._models.unwanted(heard)
        # What fits best is left out: the others fit only in comparison with each other.
        if unsure in (None, "near"):
            if scored.probabilities[i][left].sum() < _LEAST_LEFT:
                unsure = "left out"
            elif scored.probabilities[i][left & ~unwanted].sum() < _LEAST_LEFT:
                unsure = "unwanted"
        if unsure in NO_CAREERS:
            return Judged("unsure", unsure, _NONE, [], [], [])
        left = left & ~unwanted
        shares = np.where(left, scored.probabilities[i], 0.0)
        # A sum of 0 is possible where the careers left have none of the probability.
        shares = shares / max(float(shares.sum()), 1e-300)
        # Stable: of equal probabilities the earlier career comes first.
        order = np.argsort(-shares, kind="stable")
        ordered: list[int] = order[left[order]].tolist()
        best = ordered[: top_k or (_IDEAS if unsure else _CAREERS)]
        near = self._directions.several(ordered[:_IDEAS]) if unsure == "near" else []
        return Judged("unsure" if unsure else "match", unsure, shares, ordered, best, near)
