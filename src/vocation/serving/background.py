"""Tell texts of occupations that a catalogue lacks from texts of its own careers.

An encoder puts a text near the title of its occupation. So the careers' own names compete with the
titles of all other official occupations: where those win, none of the careers fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

WEIGHTS = ("margin", "log_odds", "level", "bias")
"""What the rule is made of: a weight for each of the three features, and a bias."""

# How much the nearest titles count: cosines of one text differ by tenths.
_SHARPNESS = 15.0


def features(near: Floats, far: Floats, best: Floats) -> Floats:
    """Return the features (n, 3) of texts.

    `near` (n, careers) and `far` (n, occupations) are the cosines of their embeddings to the names
    of the careers and to the other titles, `best` (n,) the probabilities of their first careers.
    The features: how much nearer a text is to the careers than to other occupations, the log odds
    of `best`, and how near it is to any title, since a scene from life is far from all of them.
    """
    # 0 and 1 have infinite log odds.
    odds = np.clip(best, 1e-6, 1 - 1e-6)
    margin = _soft_maximum(near) - _soft_maximum(far)
    level = np.maximum(near.max(axis=1), far.max(axis=1))
    return np.stack([margin, np.log(odds / (1 - odds)), level], axis=1)


def score(table: Floats, rule: Mapping[str, float]) -> Floats:
    """Return scores (n,) of the features `table` (n, 3): below 0 no career fits."""
    weights = np.array([rule[name] for name in WEIGHTS[:-1]])
    result: Floats = table @ weights + rule[WEIGHTS[-1]]
    return result


def unit(table: Floats) -> Floats:
    """Return `table` (n, d) with rows of length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    result: Floats = (table / np.maximum(lengths, 1e-12)).astype(np.float32)
    return result


def _soft_maximum(cosines: Floats) -> Floats:
    """A maximum that also counts how many are near it (n,)."""
    largest = cosines.max(axis=1, keepdims=True)
    total = np.exp(_SHARPNESS * (cosines - largest)).sum(axis=1)
    result: Floats = largest[:, 0] + np.log(total) / _SHARPNESS
    return result
