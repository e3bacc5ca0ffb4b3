"""Metrics of the answers, each with its interval, in plain numpy."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]

LABELS = {
    "accuracy": "top-1 accuracy (first answer right)",
    "top_3": "top-3 accuracy (right in first three)",
    "top_5": "top-5 accuracy (right in first five)",
    "mrr": "mean reciprocal rank (MRR)",
    "macro_f1": "macro F1",
    "calibration_error": "calibration error (ECE)",
    "set_coverage": "90 % prediction-set coverage",
    "set_size": "careers in the 90 % prediction set",
}
"""The metrics of `report` by their usual names, for people."""

ORIGINS = {"own": "the user's careers", "default": "the default careers"}
"""The careers that were added to the default ones, and those, by their keys in the metrics."""

BINS = 15
"""Bins of equal size of the calibration error, as is usual (Guo et al., ICML 2017)."""

CONFIDENCES = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
"""Edges of the bins of `by_confidence`: narrow where most answers lie, so that a bin says what an
answer of that confidence is worth.
"""

MOST_PAIRS = 20
"""Pairs of careers that `mixed_up` returns."""


def wilson(hits: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of `hits` of `n`, 95 % by default (E. B. Wilson, JASA 1927).

    Unlike the normal approximation it holds for few rows and near 0 or 1. (0, 1) where n is 0.
    """
    if n == 0:
        return 0.0, 1.0
    p = hits / n
    # The share is drawn towards one half, the more the fewer rows there are.
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # Rounding can put an end just beyond 0 or 1.
    return max(0.0, centre - half), min(1.0, centre + half)


def share(hits: NDArray[np.bool_]) -> dict[str, float]:
    """The share of true values with Wilson's interval: {"value", "low", "high", "n"}."""
    n = int(hits.size)
    low, high = wilson(float(hits.sum()), n)
    return {"value": float(hits.mean()) if n else float("nan"), "low": low, "high": high, "n": n}


def mean(values: Floats, seed: int) -> dict[str, float]:
    """The mean with a 95 % bootstrap interval (1,000 resamples)."""
    n = int(values.size)
    if n == 0:
        return {"value": float("nan"), "low": float("nan"), "high": float("nan"), "n": 0}
    rng = np.random.default_rng(seed)
    # One resample after the other: all at once take gigabytes for 100,000 rows.
    drawn = np.array([values[rng.integers(0, n, n)].mean() for _ in range(1000)])
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"value": float(values.mean()), "low": float(low), "high": float(high), "n": n}


def ranks(scores: Floats, labels: Ints) -> Ints:
    """Rank of the true class in each row of `scores` (n, classes), 1 is best.

    Classes with the same score as the true one rank before it.
    """
    # (n, 1): each row's score of its true class, as a column to compare the row with.
    own = scores[np.arange(len(labels)), labels][:, None]
    # The true class counts itself, so the best rank is 1. Ties count against the model.
    place: Ints = (scores >= own).sum(axis=1)
    return place


def calibration_error(probabilities: Floats, labels: Ints) -> float:
    """Expected calibration error (ECE) of the first answer, from 0 (perfect) to 1.

    The mean absolute difference of confidence and accuracy over bins of equal size (Naeini et al.,
    AAAI 2015; equal sizes after Nguyen and O'Connor, EMNLP 2015): bins of equal width would be
    nearly empty where a model is seldom unsure.
    """
    top = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    # Sorted by confidence, so that each part is a bin of neighbouring confidences.
    order = np.argsort(top, kind="stable")
    # No more bins than rows: an empty bin has no mean.
    parts = np.array_split(order, min(BINS, len(order)))
    return float(
        sum(abs(top[part].mean() - right[part].mean()) * len(part) for part in parts)
        / max(1, len(order))
    )


def by_confidence(confidence: Floats, right: NDArray[np.bool_]) -> list[dict[str, float]]:
    """How many answers of a confidence were right: {"from", "to", "n", "right"} of each bin.

    `confidence` (n,) is that of the first answers, `right` (n,) whether they were. A bin holds its
    lower edge, the last one also its upper.
    """
    # The inner edges alone: 0.0 falls into the first bin, 1.0 into the last.
    bins = np.digitize(confidence, CONFIDENCES[1:-1])
    edges = enumerate(pairwise(CONFIDENCES))
    return [
        {"from": low, "to": high, "n": int(inside.sum()), "right": int(right[inside].sum())}
        for i, (low, high) in edges
        for inside in [bins == i]
    ]


def macro_f1(predicted: Ints, labels: Ints) -> float:
    """Macro F1: the unweighted mean of F1 over the classes that occur in `labels`; NaN for none."""
    scores = []
    for c in np.unique(labels):
        hit = int(((predicted == c) & (labels == c)).sum())
        # F1 = 2 TP / (2 TP + FP + FN); the denominator is all predicted plus all true rows of c.
        scores.append(2 * hit / (int((predicted == c).sum()) + int((labels == c).sum())))
    return float(np.mean(scores)) if scores else float("nan")


def mixed_up(predicted: Ints, labels: Ints, names: Sequence[str]) -> list[dict[str, Any]]:
    """The pairs of classes that are taken for each other, the most frequent ones first.

    Each has the `right` class, what was `answered` in its place, and how many `times` `of` so many
    rows of the right class. At most MOST_PAIRS; of equally frequent pairs the larger share first.
    """
    wrong = predicted != labels
    pairs = Counter(zip(labels[wrong].tolist(), predicted[wrong].tolist(), strict=True))
    of = Counter(labels.tolist())
    # By place at last, so that equal pairs come in the same order everywhere.
    order = sorted(pairs, key=lambda pair: (-pairs[pair], of[pair[0]], pair))
    return [
        {"right": names[a], "answered": names[b], "times": pairs[a, b], "of": of[a]}
        for a, b in order[:MOST_PAIRS]
    ]


def auc(inside: Floats, outside: Floats) -> dict[str, float]:
    """Area under the ROC curve: the share of pairs in which a value of `inside` is above one of
    `outside`, ties counted half; with a conservative 95 % interval.

    Its variance is at most that of a share of min(members, others) independent trials (Birnbaum and
    Klose, Annals of Mathematical Statistics 1957), so that is the n of Wilson's interval.
    """
    ordered = np.sort(outside)
    # How many of `outside` are below each value, counted once from either side of the ties.
    below = np.searchsorted(ordered, inside, "left") + np.searchsorted(ordered, inside, "right")
    # Left counts those below, right those below or equal: half of the sum counts ties half.
    value = float(below.mean()) / (2 * len(outside))
    n = min(len(inside), len(outside))
    low, high = wilson(value * n, n)
    return {
        "value": value,
        "low": low,
        "high": high,
        "members": len(inside),
        "others": len(outside),
    }


def prediction_sets(probabilities: Floats, mass: float | Floats) -> NDArray[np.bool_]:
    """For each row the smallest set of the likeliest classes whose probabilities add up to `mass`,
    one for all rows or one for each (n, 1).

    Returns a mask (n, classes); each row has at least one class.
    """
    order = np.argsort(-probabilities, axis=1, kind="stable")
    ordered = np.take_along_axis(probabilities, order, axis=1)
    before = np.cumsum(ordered, axis=1) - ordered
    # (n, classes), best first: a class is taken as long as those before it do not reach `mass`.
    taken = before < mass
    # At a mass of 0 no class would be taken.
    taken[:, 0] = True
    chosen = np.zeros_like(taken)
    # Back from the order of probabilities to that of the classes.
    np.put_along_axis(chosen, order, taken, axis=1)
    return chosen


def set_threshold(probabilities: Floats, labels: Ints, coverage: float = 0.9) -> float:
    """The mass at which `prediction_sets` contain the true class in `coverage` of held-out rows.

    Split conformal prediction (Romano, Sesia and Candès, NeurIPS 2020), without randomisation.
    """
    order = np.argsort(-probabilities, axis=1, kind="stable")
    ordered = np.take_along_axis(probabilities, order, axis=1)
    before = np.cumsum(ordered, axis=1) - ordered
    # (n,): exactly one place in each row of `order` is the true class.
    needed = before[order == np.asarray(labels)[:, None]]
    # The finite-sample quantile of split conformal prediction: (n + 1) * coverage, rounded up.
    place = min(len(needed), math.ceil((len(needed) + 1) * coverage))
    # A little more than that value, because `prediction_sets` compares with "<".
    return float(min(1.0, np.sort(needed)[place - 1] + 1e-9))


def report(probabilities: Floats, labels: Ints, mass: float | Floats, seed: int) -> dict[str, Any]:
    """All metrics of `probabilities` (n, classes) against `labels` (n,), by the keys of LABELS.

    mass: the threshold of the prediction sets, one or one for each row (n, 1). seed: of the
    bootstrap interval of MRR.
    """
    place = ranks(probabilities, labels)
    sets = prediction_sets(probabilities, mass)
    return {
        "accuracy": share(place == 1),
        "top_3": share(place <= 3),
        "top_5": share(place <= 5),
        "mrr": mean(1.0 / place, seed),
        "macro_f1": macro_f1(probabilities.argmax(axis=1), labels),
        "calibration_error": calibration_error(probabilities, labels),
        "set_coverage": share(sets[np.arange(len(labels)), labels]),
        "set_size": float(sets.sum(axis=1).mean()),
    }
