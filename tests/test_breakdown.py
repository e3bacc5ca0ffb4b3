"""Accuracy by career, family and job zone, counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vocation.bundle import layout
from vocation.bundle.check_json import fits
from vocation.records import Facts
from vocation.reports import breakdown

ROLES = [*"ABCDEFGHIJK"]
# Three rows of each of A to J, one of K. A is always wrong, B once; of C one is only in the top 3.
LABELS = np.array([i for i in range(10) for _ in range(3)] + [10])
PLACE = np.array([9, 9, 9, 1, 1, 9, 1, 1, 2] + [1] * 22)
FACTS = {
    **{role: Facts(family="Care", job_zone=2) for role in "ABCD"},  # 12 rows, 5 wrong
    **{role: Facts(family="Health", job_zone=5) for role in "EFGH"},  # 12 rows
    "I": Facts(family="Food", job_zone=5),  # 3 rows; nothing is known of J and K
}


def test_figures_by_hand() -> None:
    found = breakdown.measure(PLACE, LABELS, ROLES, FACTS)
    assert found["macro"]["careers"] == 11
    assert found["macro"]["value"] == pytest.approx((0 + 2 / 3 + 2 / 3 + 8) / 11)
    worst = found["worst_tenth"]
    assert (worst["value"], worst["careers"], worst["of"]) == (0, 1, 10), "K has one row only"
    assert list(worst["worst"]) == ["A"]
    families = found["by_family"]
    assert {name: entry["accuracy"]["n"] for name, entry in families.items()} == {
        "Care": 12,
        "Health": 12,
        "others": 7,
    }
    assert families["Care"]["accuracy"]["value"] == pytest.approx(7 / 12)
    assert families["Care"]["top_3"]["value"] == pytest.approx(8 / 12)
    assert {zone: entry["top_3"]["n"] for zone, entry in found["by_job_zone"].items()} == {
        "2": 12,
        "5": 15,
    }


def test_nothing_is_told_of_what_is_not_known() -> None:
    own = breakdown.measure(PLACE, LABELS, ROLES, {})
    assert set(own) == {"macro", "worst_tenth"}
    few = breakdown.measure(PLACE[:27], LABELS[:27], ROLES, {"A": Facts(family="Care", job_zone=2)})
    assert set(few) == {"macro"}, "a tenth of nine careers is none; one job zone; all are others"
    assert list(breakdown.tables(own)) == []
    assert list(breakdown.lines({})) == list(breakdown.tables({})) == [], "an older bundle"


def test_three_lines_in_the_terminal_and_tables_in_the_card() -> None:
    found = breakdown.measure(PLACE, LABELS, ROLES, FACTS)
    macro, families, zones = breakdown.lines(found)
    assert "(A 0%)" in macro
    assert families.endswith("Care 58.3%, Health 100.0%, others 100.0%"), "the lowest first"
    assert zones.endswith("2: 58.3%, 5: 100.0%")
    many = {f"Family {i}": found["by_family"]["Care"] for i in range(20)}
    assert len("".join(breakdown.lines({"by_family": many}))) < 140
    card = list(breakdown.tables(found))
    assert "| Care | 58.3% | 32.0% to 80.7% | 66.7% | 12 |" in card
    assert sum(line.startswith("| ") for line in card) == 2 + 3 + 2
    pairs = [{"right": "A|B", "answered": name, "times": 2, "of": 3} for name in "CDEFGH"]
    first, *listed = breakdown.lines({"mixed_up": pairs})
    assert first.startswith("  careers mixed up most often")
    assert listed[0].strip() == "A|B -> C: 2 of 3 rows"
    assert len(listed) == 5
    assert "| A\\|B | H | 2 | 3 |" in list(breakdown.tables({"mixed_up": pairs}))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("macro", {"value": 2, "careers": 3}),
        ("worst_tenth", {"value": 0.5, "careers": 1, "of": 10, "worst": ["A"]}),
        ("by_family", {"Care": {"accuracy": 0.5}}),
        ("by_job_zone", [1]),
        ("mixed_up", [{"right": "A", "answered": "B", "times": "often", "of": 3}]),
    ],
)
def test_a_bundle_may_have_them_in_this_shape_only(key: str, value: Any) -> None:
    shape = layout.METADATA_SHAPE["metrics?"]
    share = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 100}
    test = {"accuracy": share, "top_3": share, "macro_f1": 0.5, "calibration_error": 0.1}
    old: dict[str, Any] = {"test": test}
    assert fits(old, shape)
    assert fits(old | breakdown.measure(PLACE, LABELS, ROLES, FACTS), shape)
    assert not fits(old | {key: value}, shape)
