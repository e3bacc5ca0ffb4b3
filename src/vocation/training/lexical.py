"""Fitting the table of words: ridge regression from n-grams to careers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import Ridge
from sklearn.preprocessing import normalize

from vocation.words import BUCKETS, ngrams

RIDGE = 1.0
"""Strength of the penalty. Between .3 and 3 nothing changes by more than a point."""

_DENSE = 6_000  # rows up to which the exact solution over pairs of rows is fastest
_SCALE = 10.0  # ridge scores lie within 0 and 1: brought to the size of the other scores, so that 16 bits keep them well


def counts(texts: Sequence[str]) -> sparse.csr_matrix:
    """What `words.ngrams` finds in each text, as sparse rows (n, BUCKETS): read once, used by every fit."""
    rows = [ngrams(text) for text in texts]
    starts = np.cumsum([0, *(len(buckets) for buckets, _ in rows)])
    values = np.concatenate([values for _, values in rows]) if rows else np.empty(0)
    buckets = np.concatenate([buckets for buckets, _ in rows]) if rows else np.empty(0, np.int64)
    return sparse.csr_matrix((values, buckets, starts), shape=(len(texts), BUCKETS))


def fit_words(found: sparse.csr_matrix, labels: NDArray[np.int64], classes: int) -> NDArray[np.float16]:
    """The table (BUCKETS, 1 + classes) for `words.Words`: inverse document frequency, then the ridge weights for each class.

    `found` are the `counts` (n, BUCKETS) of the training texts, `labels` (n) their classes.
    """
    n = found.shape[0]
    rarity = (np.log((1 + n) / (1 + found.getnnz(axis=0))) + 1).astype(np.float16)
    x = _rows(found, rarity)
    y = np.eye(classes)[labels]
    y -= y.mean(axis=0)
    if n <= _DENSE:
        pairs = (x @ x.T).toarray()
        pairs[np.diag_indices_from(pairs)] += RIDGE
        weights = x.T @ np.linalg.solve(pairs, y)
    else:
        weights = Ridge(RIDGE, fit_intercept=False, solver="sparse_cg", tol=1e-3).fit(x, y).coef_.T
    return np.concatenate([rarity[:, None], (_SCALE * weights).astype(np.float16)], axis=1)


def score_words(found: sparse.csr_matrix, table: NDArray[np.float16]) -> NDArray[np.float32]:
    """The same scores (n, classes) as `words.Words.scores`, for texts whose `counts` are at hand."""
    result: NDArray[np.float32] = (_rows(found, table[:, 0]) @ table[:, 1:].astype(np.float64)).astype(np.float32)
    return result


def _rows(found: sparse.csr_matrix, rarity: NDArray[Any]) -> sparse.csr_matrix:
    return normalize(found @ sparse.diags(rarity.astype(np.float64)))
