"""Fitting the table of words: ridge regression from n-grams to careers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import Ridge

from vocation.words import BUCKETS, ngrams, vector

RIDGE = 1.0
"""Strength of the penalty. Between .3 and 3 nothing changes by more than a point."""

_DENSE = 6_000  # rows up to which the exact solution over pairs of rows is fastest
_SCALE = 10.0  # ridge scores lie within 0 and 1: brought to the size of the other scores, so that 16 bits keep them well


def fit_words(texts: Sequence[str], labels: NDArray[np.int64], classes: int) -> NDArray[np.float16]:
    """The table (BUCKETS, 1 + classes) for `words.scores`: inverse document frequency, then the ridge weights for each class."""
    seen = np.zeros(BUCKETS)
    for text in texts:
        seen[ngrams(text)[0]] += 1
    rarity = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float16)
    x = matrix(texts, rarity)
    y = np.eye(classes)[labels]
    y -= y.mean(axis=0)
    if len(texts) <= _DENSE:
        pairs = (x @ x.T).toarray()
        pairs[np.diag_indices_from(pairs)] += RIDGE
        weights = x.T @ np.linalg.solve(pairs, y)
    else:
        weights = Ridge(RIDGE, fit_intercept=False, solver="sparse_cg", tol=1e-3).fit(x, y).coef_.T
    return np.concatenate([rarity[:, None], (_SCALE * weights).astype(np.float16)], axis=1)


def matrix(texts: Sequence[str], rarity: NDArray[Any]) -> sparse.csr_matrix:
    """Sparse rows (n, BUCKETS) of unit length."""
    rows = [vector(text, rarity.astype(np.float64)) for text in texts]
    starts = np.cumsum([0, *(len(buckets) for buckets, _ in rows)])
    return sparse.csr_matrix(
        (np.concatenate([values for _, values in rows]), np.concatenate([buckets for buckets, _ in rows]), starts), shape=(len(texts), BUCKETS)
    )
