from __future__ import annotations

import numpy as np
import pytest

from vocation import metrics

# Four rows, three classes. First answers: 0, 1, 2, 0; truth: 0, 1, 0, 1.
P = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.2, 0.5], [0.6, 0.3, 0.1]])
Y = np.array([0, 1, 0, 1])


def test_report_by_hand() -> None:
    figures = metrics.report(P, Y, mass=0.75, seed=0)
    assert figures["accuracy"]["value"] == 0.5  # rows 1 and 2
    assert figures["top_3"]["value"] == 1.0
    assert figures["mrr"]["value"] == pytest.approx((1 + 1 + 1 / 2 + 1 / 2) / 4)
    # Precision and recall: class 0: 1 of 2 answers, 1 of 2 rows -> F1 .5; class 1: 1 of 1, 1 of 2
    # -> 2/3.
    assert figures["macro_f1"] == pytest.approx((0.5 + 2 / 3) / 2)
    # One row a bin: |.7-1|, |.8-1|, |.5-0|, |.6-0| -> mean .4.
    assert figures["calibration_error"] == pytest.approx(0.4)
    # Sets up to .75: {0,1}, {1}, {2,0}, {0,1}: all hold the truth, 7 members.
    assert figures["set_coverage"]["value"] == 1.0
    assert figures["set_size"] == 7 / 4


def test_by_confidence_by_hand() -> None:
    found = metrics.by_confidence(np.array([0.0, 0.92, 0.9, 0.95, 1.0]), np.array([1, 1, 0, 1, 0]))
    assert [(one["from"], one["to"], one["n"], one["right"]) for one in found if one["n"]] == [
        (0.0, 0.3, 1, 1),
        (0.9, 0.95, 2, 1),  # a bin holds its lower edge
        (0.95, 1.0, 2, 1),
    ]


def test_mixed_up_by_hand() -> None:
    labels, predicted = np.array([0, 0, 0, 1, 1, 2]), np.array([1, 1, 2, 1, 0, 2])
    assert metrics.mixed_up(predicted, labels, ["Baker", "Chef", "Diver"]) == [
        {"right": "Baker", "answered": "Chef", "times": 2, "of": 3},
        {"right": "Chef", "answered": "Baker", "times": 1, "of": 2},  # a larger share of its rows
        {"right": "Baker", "answered": "Diver", "times": 1, "of": 3},
    ]


def test_wilson_known_values() -> None:
    # 8 of 10: (0.4902, 0.9433), the textbook example.
    assert metrics.wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert metrics.wilson(0, 0) == (0.0, 1.0)
    assert metrics.wilson(10, 10)[1] == 1.0


def test_equal_scores_count_against_us() -> None:
    assert metrics.ranks(np.zeros((1, 5)), np.array([2])).tolist() == [5]


def test_set_mass_covers_what_it_promises_on_new_rows() -> None:
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.full(8, 0.5), 4000)
    y = np.array([rng.choice(8, p=row) for row in p])
    mass = metrics.set_threshold(p[:2000], y[:2000], 0.9)
    covered = metrics.prediction_sets(p[2000:], mass)[np.arange(2000), y[2000:]].mean()
    assert 0.88 < covered < 0.97  # at least 90 %, more where sets are coarse


def test_set_mass_by_hand() -> None:
    """20 rows need .51, .52, ..., .70 before the truth comes: 90 % of 21 are 18.9, so the 19th of
    them, .69, is enough on new rows.
    """
    first = np.arange(0.51, 0.705, 0.01)
    p, y = np.stack([first, 1 - first], axis=1), np.ones(20, np.int64)
    assert metrics.set_threshold(p, y, 0.9) == pytest.approx(0.69, abs=1e-6)
    assert metrics.set_threshold(p[:5], y[:5], 0.9) == pytest.approx(0.55, abs=1e-6), (
        "of five rows not even the largest is enough; there is no more"
    )
