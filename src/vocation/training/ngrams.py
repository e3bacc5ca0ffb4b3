"""Fitting the table of words: ridge regression from n-grams to careers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import solve
from sklearn.linear_model import Ridge
from sklearn.preprocessing import normalize

from vocation.text.ngrams import BUCKETS, ngrams

RIDGE = 0.3
"""Strength of the penalty. Between .1 and 1 nothing changes by more than a point."""

_RARITY = 1.5
"""Power of the inverse document frequency: 1.5 and 2 beat the usual 1 by a point where training and
question have another voice.
"""

_DENSE = 12_000  # rows up to which the exact solution over pairs of rows is fastest
# Of these most frequent buckets, products of pairs of rows are faster as those of full tables.
_FREQUENT = 2_048
# Brings the weights to where 16-bit numbers are dense; the calibration weight makes up for it.
_SCALE = 100.0
# How far rows of rare careers count more: 0 not at all, 1 so that every career counts the same.
_BALANCE = 0.5


def counts(texts: Sequence[str]) -> sparse.csr_matrix:
    """What `ngrams` finds in each text, as sparse rows (n, BUCKETS) that every fit can use."""
    rows = [ngrams(text) for text in texts]
    # CSR: row i has the entries starts[i] to starts[i + 1] of values and buckets.
    starts = np.cumsum([0, *(len(buckets) for buckets, _ in rows)])
    values = np.concatenate([values for _, values in rows]) if rows else np.empty(0)
    buckets = np.concatenate([buckets for buckets, _ in rows]) if rows else np.empty(0, np.int64)
    return sparse.csr_matrix((values, buckets, starts), shape=(len(texts), BUCKETS))


@dataclass(frozen=True)
class NgramTable:
    """The arrays of `NgramScorer`: `weights` (BUCKETS, classes) and `factors` (BUCKETS, 2)."""

    weights: NDArray[np.int8]
    factors: NDArray[np.float16]

    def scores(self, found: sparse.csr_matrix) -> NDArray[np.float32]:
        """The scores (n, classes) of `NgramScorer.scores`, from the `counts` of the texts."""
        rarity, step = self.factors.astype(np.float64).T
        # Steps go to the few entries of x, not to the whole table of weights.
        x = _rows(found, rarity) @ sparse.diags(step)
        result: NDArray[np.float32] = (x @ self.weights.astype(np.float32)).astype(np.float32)
        return result


def fit_ngrams(found: sparse.csr_matrix, labels: NDArray[np.int64], classes: int) -> NgramTable:
    """Inverse document frequency, then the ridge weights for each class.

    `found` are the `counts` (n, BUCKETS) of the training texts, `labels` (n) their classes.
    """
    n = found.shape[0]
    # getnnz(axis=0): in how many texts a bucket occurs. In 16 bits from here on, because the
    # bundle has no more: the fit must see what serving will see.
    rarity = ((np.log((1 + n) / (1 + found.getnnz(axis=0))) + 1) ** _RARITY).astype(np.float16)
    x = _rows(found, rarity)
    # For each row the number of rows of its career.
    sizes = np.bincount(labels, minlength=classes)[labels]
    importance = (sizes.mean() / sizes) ** _BALANCE
    y = np.eye(classes)[labels]
    # Centred by the same importance: 0 stands for a career's usual share of the rows.
    y -= np.average(y, axis=0, weights=importance)
    if n <= _DENSE:
        # The dual form solves n equations instead of BUCKETS. Least squares with importance is
        # least squares on rows times its root.
        root = np.sqrt(importance).astype(np.float32)
        pairs = _products(x.astype(np.float32)) * root[:, None] * root
        pairs[np.diag_indices_from(pairs)] += RIDGE
        duals = solve(pairs, root[:, None] * y.astype(np.float32), assume_a="pos")
        weights = x.T.astype(np.float32) @ (root[:, None] * duals)
    else:
        weights = (
            Ridge(RIDGE, fit_intercept=False, solver="sparse_cg", tol=1e-3)
            .fit(x, y, sample_weight=importance)
            .coef_.T
        )
    weights = _SCALE * weights
    # One step for each bucket: its largest weight becomes 127, the most that int8 holds.
    step = (np.abs(weights).max(axis=1) / 127).astype(np.float16)
    rounded = (
        # A bucket without weights has the step 0: no division by it.
        np.round(weights / np.maximum(step, 1e-7)[:, None].astype(np.float64))
        # a step rounded down to 16 bits can give 128, which would wrap to -128
        .clip(-127, 127)
        .astype(np.int8)
    )
    return NgramTable(rounded, np.stack([rarity, step], axis=1))


def _products(x: sparse.csr_matrix) -> NDArray[np.float32]:
    """The products (n, n) of all pairs of rows of `x`."""
    often = np.zeros(x.shape[1], bool)
    often[np.argsort(-x.getnnz(axis=0))[:_FREQUENT]] = True
    full, rest = x[:, often].toarray(), x[:, ~often]
    result: NDArray[np.float32] = full @ full.T
    result += (rest @ rest.T).toarray()
    return result


def _rows(found: sparse.csr_matrix, rarity: NDArray[Any]) -> sparse.csr_matrix:
    weighted = found @ sparse.diags(rarity.astype(np.float64))
    # normalize refuses a table without rows.
    return normalize(weighted) if weighted.shape[0] else weighted
