"""Pay from a job's text: quantiles from the shipped features, compared with the career's median.

A separate head on features that no longer change: it cannot change an answer about careers.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import QuantileRegressor

from vocation import metrics
from vocation.data.dataset import Dataset
from vocation.data.pay import QUANTILES, Collected
from vocation.data.split import Split

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

LEAST_LEARNT, LEAST_JUDGED = 60, 20
"""Fewest rows with pay to learn from, and to evaluate on."""

_PARTS = 16  # principal components of the features that are used: few rows have pay
_PENALTY = 0.03  # strength of the L1 penalty on their weights
_SHRUNK = 5.0  # the overall mean counts as much as this many rows of a career
# Matches "$ 90,000", "90000 EUR" and "Salary: negotiable"; not "10 years" or "good salary".
_NAMES_MONEY = re.compile(
    r"[$€£¥₹]\s?\d|\d\s?[$€£¥₹]|\d\s?(?:USD|EUR|GBP|CAD|INR)\b|\bsalary\s*:", re.IGNORECASE
)


@dataclass(frozen=True)
class Head:
    """Quantiles of log pay: `offsets` (classes) of each career, plus `weights` (3, features) times
    a text's features, plus `bias` (3).
    """

    offsets: Floats
    weights: Floats
    bias: Floats

    def predict(self, features: Floats, labels: Ints) -> Floats:
        """Ascending quantiles (n, 3) of log pay, from the features and careers of texts."""
        # Sorted, because quantiles that are fitted one by one can cross.
        result: Floats = np.sort(
            self.offsets[labels][:, None] + features @ self.weights.T + self.bias, axis=1
        )
        return result


def baseline(
    logs: Floats,
    labels: Ints,
    classes: int,
    features: int,
    middle: Callable[[Floats], Any],
    shrunk: float,
) -> Head:
    """The text-free estimate: the `middle` of each career (see `_offsets`) and the spread."""
    offsets = _offsets(logs, labels, classes, middle, shrunk)
    return Head(
        offsets,
        np.zeros((len(QUANTILES), features)),
        np.quantile(logs - offsets[labels], QUANTILES),
    )


def _offsets(
    logs: Floats, labels: Ints, classes: int, middle: Callable[[Floats], Any], shrunk: float
) -> Floats:
    """The `middle` of each career's rows, shrunk to the overall one as if `shrunk` rows had it."""
    overall = float(middle(logs))
    offsets = np.full(classes, overall)
    for label in np.unique(labels):
        own = logs[labels == label]
        offsets[label] = (len(own) * float(middle(own)) + shrunk * overall) / (len(own) + shrunk)
    return offsets


def fit(features: Floats, logs: Floats, labels: Ints, classes: int) -> Head:
    """Fit quantile regressions of what the career's mean leaves over, on principal components.

    After R. Koenker and G. Bassett (Econometrica 1978). The mean, since a median jumps where a
    career has two kinds of pay that the text may separate.
    """
    offsets = _offsets(logs, labels, classes, np.mean, _SHRUNK)
    centre = features.mean(axis=0)
    # The rows of `axes` are the principal axes, that of the largest variance first.
    _, sizes, axes = np.linalg.svd(features - centre, full_matrices=False)
    # At least 20 rows for each component.
    count = max(1, min(_PARTS, len(logs) // 20))
    # Singular value / sqrt(n) is the standard deviation along an axis: components of variance 1,
    # so that the L1 penalty treats all alike.
    axes = axes[:count] / np.maximum(sizes[:count, None] / np.sqrt(len(logs)), 1e-9)
    x, y = (features - centre) @ axes.T, logs - offsets[labels]
    weights, bias = [], []
    for quantile in QUANTILES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = QuantileRegressor(quantile=quantile, alpha=_PENALTY, solver="highs").fit(x, y)
        # Back to weights on the features themselves: serving needs no axes and no centre.
        weights.append(model.coef_ @ axes)
        bias.append(model.intercept_ - centre @ weights[-1])
    return Head(offsets, np.array(weights), np.array(bias))


def pinball(predicted: Floats, logs: Floats) -> Floats:
    """Each row's mean pinball loss (n) over QUANTILES, about half a median's relative error."""
    # Too low an estimate costs `share` for each unit of log pay, too high a one 1 - `share`.
    over = logs[:, None] - predicted
    shares = np.array(QUANTILES)
    result: Floats = np.maximum(shares * over, (shares - 1) * over).mean(axis=1)
    return result


def usable(data: Dataset, collected: Collected, rows: Ints) -> Ints:
    """Those of `rows` with pay whose text names no amount of money, which would be the answer."""
    return np.array(
        [
            i
            for i in rows.tolist()
            if i in collected.ranges and not _NAMES_MONEY.search(data.texts[i])
        ],
        np.int64,
    )


def judge(
    data: Dataset, collected: Collected, features: Floats, parts: Split, seed: int
) -> dict[str, Any]:
    """Compare the head with the career's median and mean on held-out rows.

    Returns plain values for the metadata; `features` are (n, features).
    """
    learnt = usable(data, collected, np.concatenate([parts.train, parts.validation]))
    held = usable(data, collected, parts.test)
    figures: dict[str, Any] = {
        "currency": collected.currency,
        "rows_with_pay": len(collected.ranges),
        "learnt": len(learnt),
        "judged": len(held),
    }
    if len(learnt) < LEAST_LEARNT or len(held) < LEAST_JUDGED:
        return figures | {
            "better": False,
            "why": (
                f"fewer than {LEAST_LEARNT} rows with pay to learn from, or {LEAST_JUDGED} to"
                " judge by"
            ),
        }
    logs, truth = log_middles(collected, learnt), log_middles(collected, held)
    classes = len(data.roles)
    heads = {
        "median": baseline(logs, data.labels[learnt], classes, features.shape[1], np.median, 0.0),
        "mean": baseline(logs, data.labels[learnt], classes, features.shape[1], np.mean, _SHRUNK),
        "head": fit(features[learnt], logs, data.labels[learnt], classes),
    }
    losses = {}
    for name, head in heads.items():
        table = head.predict(features[held], data.labels[held])
        losses[name] = pinball(table, truth)
        inside = (table[:, 0] <= truth) & (truth <= table[:, 2])
        # A difference of logarithms is a ratio of amounts.
        off = np.abs(np.exp(table[:, 1] - truth) - 1)
        figures[name] = {
            "pinball": metrics.mean(losses[name], seed),
            "inside": metrics.share(inside),
            "off_by": float(np.median(off)),
        }
    rival = min(("median", "mean"), key=lambda name: float(losses[name].mean()))
    # From the better of the two that read no text, row by row: paired losses vary less.
    figures["difference"] = metrics.mean(losses["head"] - losses[rival], seed)
    # Better only if the whole interval is below 0.
    figures["better"] = bool(figures["difference"]["high"] < 0)
    return figures


def log_middles(collected: Collected, rows: Ints) -> Floats:
    """Logarithms of the middle of the pay of `rows`."""
    return np.log([collected.ranges[i].middle for i in rows.tolist()])
