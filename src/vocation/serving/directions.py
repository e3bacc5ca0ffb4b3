"""Tell which careers are close to each other, and whether a text speaks for two that are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation.serving.model import Model

_CLOSE = 0.2
"""Cosine of two careers, each minus the mean of all, from which they are close. In the default
catalogue 6 of 100 pairs are: physician and nurse, chef and farmer; not chef and nurse.
"""

_APART = 0.1  # the same, below which they are directions of their own
_LEAST_NEAR = 0.05  # probability of a near career that is worth telling
_LEAST_SECOND, _LEAST_BOTH = 0.1, 0.5  # probability of the second direction, and of the two
_LEAST_ALONE = 0.5
"""Probability that some part of the text, read alone, gives each direction.

Measured with the default bundle: so 6 of 303 texts about one career get a second direction, and 6
of 20 short texts about two. By probability alone, 25 % and more each, 60 % together, it is 1 % and
2 of 20: a network often hears only one half of "maths and horses".
"""


class Directions:
    """The careers of a bundle and how close they are, by the embeddings of its models."""

    def __init__(self, models: Sequence[Model], classes: Sequence[str]) -> None:
        """`classes` are the names of all careers."""
        self._classes = classes
        self._rows = []
        for model in models:
            # Minus the mean: some encoders put all careers into one corner.
            rows = model.embeddings - model.embeddings.mean(axis=0)
            rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
            self._rows.append(dict(zip(model.classes, rows, strict=True)))

    def _cosine(self, a: int, b: int) -> float:
        one, other = self._classes[a], self._classes[b]
        known = [rows[one] @ rows[other] for rows in self._rows if one in rows and other in rows]
        return float(np.mean(known)) if known else 0.0

    def closest(self, c: int, most: int) -> list[int]:
        """Return the careers that are close to career `c`, at most so many, the closest first."""
        cosines = [(self._cosine(c, other), other) for other in range(len(self._classes))]
        best = sorted((pair for pair in cosines if pair[1] != c), key=lambda pair: -pair[0])
        return [other for cosine, other in best[:most] if cosine >= _CLOSE]

    def near(self, order: Sequence[int], probabilities: NDArray[Any]) -> list[int]:
        """Return the careers that come right behind the first of `order` and are close to it."""
        found: list[int] = []
        for c in order[1:]:
            if probabilities[c] < _LEAST_NEAR or self._cosine(order[0], c) < _CLOSE:
                break
            found.append(c)
        return found

    def several(self, ideas: Sequence[int]) -> list[int]:
        """Return those of `ideas` that are not close to one before; none if that is only one."""
        found: list[int] = []
        for c in ideas:
            if all(self._cosine(c, other) < _CLOSE for other in found):
                found.append(c)
        return found if len(found) > 1 else []

    def second(self, order: Sequence[int], probabilities: NDArray[Any]) -> tuple[int, int] | None:
        """Return the two careers that different parts of a text may speak for, or None.

        They are the first of `order` and the best one that is not close to it, if that has a share
        of the `probabilities` (classes,). Only then are the parts to be read alone: that costs as
        much as another answer.
        """
        first = order[0]
        rest = (c for c in order[1:] if self._cosine(first, c) < _CLOSE)
        second = next(rest, None)
        if (
            second is None
            or probabilities[second] < _LEAST_SECOND
            or probabilities[first] + probabilities[second] < _LEAST_BOTH
            or self._cosine(first, second) >= _APART
        ):
            return None
        return first, second

    def both(self, alone: NDArray[Any], first: int, second: int) -> bool:
        """Whether parts of a text, with these probabilities `alone` (parts, classes), speak for
        each of the two careers.
        """
        return bool(min(alone[:, first].max(), alone[:, second].max()) >= _LEAST_ALONE)
