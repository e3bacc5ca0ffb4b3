"""Pay from a job's text: quantiles on the shipped features beside the median of the career, and an
honest word on which is better.

A head of its own on features that are fixed by then: it cannot change an answer about careers.
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
"""Rows with pay that it takes to learn from, and to judge by."""

_PARTS = 16  # principal parts of the features that are looked at: few rows have pay
_PENALTY = 0.03  # strength of the L1 penalty on their weights
_SHRUNK = 5.0  # the overall mean counts as much as this many rows of a career
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
        """The three quantiles (n, 3) of log pay, in ascending order, for texts by their features
        and careers.
        """
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
    """The `middle` of each career (see `_offsets`) and the spread of pay around it: what needs no
    text at all.
    """
    offsets = _offsets(logs, labels, classes, middle, shrunk)
    return Head(
        offsets,
        np.zeros((len(QUANTILES), features)),
        np.quantile(logs - offsets[labels], QUANTILES),
    )


def _offsets(
    logs: Floats, labels: Ints, classes: int, middle: Callable[[Floats], Any], shrunk: float
) -> Floats:
    """The `middle` of each career's rows, drawn to the overall one as if `shrunk` rows had that."""
    overall = float(middle(logs))
    offsets = np.full(classes, overall)
    for label in np.unique(labels):
        own = logs[labels == label]
        offsets[label] = (len(own) * float(middle(own)) + shrunk * overall) / (len(own) + shrunk)
    return offsets


def fit(features: Floats, logs: Floats, labels: Ints, classes: int) -> Head:
    """Quantile regressions (R. Koenker and G. Bassett, Econometrica 1978) of what the career's mean
    leaves open, on the features' main parts.

    The mean, since a median jumps where a career has two kinds of pay, which the text may tell
    apart.
    """
    offsets = _offsets(logs, labels, classes, np.mean, _SHRUNK)
    centre = features.mean(axis=0)
    _, sizes, axes = np.linalg.svd(features - centre, full_matrices=False)
    count = max(1, min(_PARTS, len(logs) // 20))
    axes = axes[:count] / np.maximum(
        sizes[:count, None] / np.sqrt(len(logs)), 1e-9
    )  # parts of variance 1
    x, y = (features - centre) @ axes.T, logs - offsets[labels]
    weights, bias = [], []
    for quantile in QUANTILES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = QuantileRegressor(quantile=quantile, alpha=_PENALTY, solver="highs").fit(x, y)
        weights.append(model.coef_ @ axes)
        bias.append(model.intercept_ - centre @ weights[-1])
    return Head(offsets, np.array(weights), np.array(bias))


def pinball(predicted: Floats, logs: Floats) -> Floats:
    """The mean pinball loss over QUANTILES of each row (n): about half the relative error of a
    median, in units of log pay.
    """
    over = logs[:, None] - predicted
    shares = np.array(QUANTILES)
    result: Floats = np.maximum(shares * over, (shares - 1) * over).mean(axis=1)
    return result


def usable(data: Dataset, collected: Collected, rows: Ints) -> Ints:
    """Those of `rows` that have pay and whose text does not name an amount of money: otherwise it
    would be read off.
    """
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
    """What the head is worth on held-out rows beside the career's median and mean, as plain values
    for the metadata; `features` (n, features).
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
        off = np.abs(np.exp(table[:, 1] - truth) - 1)
        figures[name] = {
            "pinball": metrics.mean(losses[name], seed),
            "inside": metrics.share(inside),
            "off_by": float(np.median(off)),
        }
    rival = min(("median", "mean"), key=lambda name: float(losses[name].mean()))
    figures["difference"] = metrics.mean(
        losses["head"] - losses[rival], seed
    )  # from the better of the two that read no text
    figures["better"] = bool(figures["difference"]["high"] < 0)
    return figures


def log_middles(collected: Collected, rows: Ints) -> Floats:
    """Logarithms of the middle of the pay of `rows`."""
    return np.log([collected.ranges[i].middle for i in rows.tolist()])
