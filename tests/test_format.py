"""Numbers as people read them."""

from __future__ import annotations

import pytest

from vocation import format as shown

ENTRY = {"value": 0.5, "low": 0.25, "high": 0.75, "n": 1200}


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0.0, "under 1\u00a0%"), (0.01, "1\u00a0%"), (0.99, "99\u00a0%"), (0.991, "over 99\u00a0%")],
)
def test_a_probability_is_never_0_or_100_percent(probability: float, text: str) -> None:
    assert shown.percent(probability) == text


def test_measured_shares_and_numbers() -> None:
    assert shown.rate(0.8504) == "85.0%"
    assert shown.rate(float("nan"), 0) == "none"
    assert shown.interval(ENTRY, 0) == "50% (25% to 75%)"
    assert shown.measured(ENTRY) == "50.0% (95 % interval 25.0% to 75.0%, n = 1,200)"
    assert shown.number_interval(ENTRY, 2) == "0.50 (0.25 to 0.75)"


def test_columns_are_aligned() -> None:
    assert list(shown.table([["", "A"], ["ECE", "1"]])) == ["     A", "ECE  1"]
