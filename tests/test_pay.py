"""Pay is read as people write it, never mixed between currencies, and shown with its source and date or not at all."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from conftest import write_csv

from vocation import pay
from vocation.dataset import load
from vocation.records import Career, Facts, Pay, Row

COLUMNS = ["role", "description", "requirements", "salary_min", "salary_max", "currency", "period"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("45,000", (45000, "")), ("45.000", (45000, "")), ("45'000 CHF", (45000, "CHF")), ("28 500,50 EUR", (28500.5, "EUR")), ("15.50", (15.5, "")),
        ("CA$52K", (52000, "CAD")), ("€45.000", (45000, "EUR")), ("$45,000", (45000, "$")), ("45000 Euro", (45000, "EUR")), ("USD $12", (12, "USD")),
        ("many", None), ("-5", None), ("30-40k", None), ("€ 5 $", None), ("", None), ("9" * 30, None), ("2026-01-01", None),
    ],
)  # fmt: skip
def test_amounts(text: str, expected: tuple[float, str] | None) -> None:
    assert pay.amount(text) == expected


@pytest.mark.parametrize(
    ("period", "factor"), [("year", 1), ("p.a.", 1), ("per month", 12), ("weekly", 52), ("Day", 260), ("/hour", 2080), ("hourly", 2080)]
)
def test_a_year_of_pay(period: str, factor: int) -> None:
    found, said = pay.per_year({"salary_min": "10", "salary_max": "20", "currency": "EUR", "period": period})
    assert found == pay.Range(10 * factor, 20 * factor, "EUR")
    assert said == ""


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"salary_min": "30000", "period": "year"}, "no currency"),
        ({"salary_min": "30000", "currency": "EUR"}, "no period that is hour, day, week, month or year"),
        ({"salary_min": "30000", "currency": "EUR", "period": "fortnight"}, "no period that is hour, day, week, month or year"),
        ({"salary_min": "30000 EUR", "currency": "USD", "period": "year"}, "more than one currency"),
        ({"salary_min": "0", "salary_max": "0", "currency": "EUR", "period": "year"}, "no number above 0"),
        ({"salary_min": "3000", "salary_max": "40000", "currency": "EUR", "period": "year"}, "salary_max is more than 10 times salary_min"),
    ],
)
def test_pay_that_is_left_out_has_a_reason(cells: dict[str, str], said: str) -> None:
    assert pay.per_year(cells) == (None, said)


def test_ends_in_the_wrong_order_are_turned_and_one_end_is_enough() -> None:
    found, said = pay.per_year({"salary_min": "50000", "salary_max": "40000", "currency": "EUR", "period": "year"})
    assert (found, said) == (pay.Range(40000, 50000, "EUR"), "salary_min above salary_max, read the other way round")
    assert pay.per_year({"salary_max": "40000 £", "period": "year"})[0] == pay.Range(40000, 40000, "GBP")


def rows(*pays: tuple[str, str, str]) -> list[Row]:
    """One row of a baker for each (salary_min, currency, period)."""
    cells = [{"description": "Bakes", "salary_min": low, "currency": money, "period": every} for low, money, every in pays]
    return [Row("Baker", "jobs", cell, "jobs.csv", line) for line, cell in enumerate(cells, start=2)]


def test_the_most_frequent_currency_counts_and_the_rest_is_named() -> None:
    """Five rows in euros, two in dollars; 9,000,000 is far from the median of 30,000; the last one has no period."""
    euros = [(str(n), "EUR", "year") for n in (28000, 29000, 30000, 31000, 9000000)]
    found = pay.collect(rows(*euros, ("40000", "USD", "year"), ("20", "USD", "hour"), ("20", "EUR", "")))
    assert found.currency == "EUR"
    assert list(found.ranges) == [0, 1, 2, 3]
    assert sorted(found.hints) == [
        "jobs.csv: pay of 1 rows (first: line 6) left out: more than 10 times, or less than a tenth of, the median of 30,000 EUR a year.",
        "jobs.csv: pay of 1 rows (first: line 9) left out: no period that is hour, day, week, month or year.",
        "jobs.csv: pay of 2 rows (first: line 7) left out: in USD, most are in EUR.",
    ]


def test_a_bare_dollar_is_not_taken_for_the_american_one() -> None:
    found = pay.collect(rows(("40000", "$", "year"), ("41000", "$", "year"), ("42000", "USD", "year")))
    assert (found.currency, len(found.ranges)) == ("$", 2)


def test_a_career_is_shown_the_median_of_five_rows_or_more() -> None:
    four = rows(*((str(n), "EUR", "month") for n in (1000, 2000, 3000, 4000)))
    assert pay.of_careers(pay.collect(four), four, "2026-11-23") == {}
    five = rows(*((str(n), "EUR", "month") for n in (1000, 2000, 3000, 4000, 5000)))
    # middles 12, 24, 36, 48, 60 thousand; the lowest tenth lies .4 of the way from 12 to 24
    expected = Pay(36000, 16800, 55200, "EUR", "median of 5 job descriptions that this model was made from", "2026-11-23", 5)
    assert pay.of_careers(pay.collect(five), five, "2026-11-23") == {"Baker": expected}


def test_official_pay_needs_a_source_and_a_date() -> None:
    def career(source: str, median: int | None = 50000) -> Career:
        return Career("Baker", facts=Facts(pay_median=median, pay_p10=30000, pay_p90=80000, pay_source=source))

    found = pay.official(career("Official statistics, May 2025 (published 2026-05-15)"), "2026-11-23")
    assert found is not None
    assert (found.middle, found.currency, found.period, found.date, found.count) == (50000, "USD", "year", "May 2025", None)
    own = pay.official(career("from the maker's careers.csv"), "2026-11-23")
    assert own is not None
    assert own.date == "read 2026-11-23"
    assert pay.official(career("from the maker's careers.csv"), "") is None
    assert pay.official(career(""), "2026-11-23") is None
    assert pay.official(career("May 2025", None), "2026-11-23") is None
    assert pay.official(Career("Baker"), "2026-11-23") is None


def test_a_file_with_pay_says_what_was_left_out(tmp_path: Path) -> None:
    table = [
        ["Baker", "Bakes bread", "", "€30.000", "", "", "year"],
        ["Nurse", "Cares", "", "20", "30", "EUR", "hour"],
        ["Cook", "Cooks", "", "1", "", "EUR", ""],
    ]
    write_csv(tmp_path / "job_descriptions.csv", COLUMNS, table)
    data = load(tmp_path)
    assert data.rows[0].cells["salary_min"] == "30000 EUR"
    assert data.report.used == 3, "a row without usable pay still teaches"
    assert any("pay of 1 rows (first: line 4) left out: no period" in hint for hint in data.report.hints)


@pytest.mark.parametrize(
    "change",
    [
        {"middle": -1},
        {"middle": "x"},
        {"middle": None},
        {"currency": ""},
        {"date": 3},
        {"period": "hour"},
        {"top_coded": 1},
        {"extra": 1},
        {"low": 1e999},
    ],
)
def test_a_table_of_pay_in_a_bundle_is_checked(change: dict[str, object]) -> None:
    good = asdict(Pay(36000, None, 40000, "EUR", "ours", "2026-11-23", 5))
    assert pay.from_json({"careers": {"Baker": good}}, ["Baker"]) == {"Baker": Pay(36000, None, 40000, "EUR", "ours", "2026-11-23", 5)}
    with pytest.raises((ValueError, TypeError, OverflowError)):
        pay.from_json(json.loads(json.dumps({"careers": {"Baker": good | change}})), ["Baker"])
    with pytest.raises(ValueError, match="careers that the bundle does not have"):
        pay.from_json({"careers": {"Baker": good}}, ["Nurse"])
