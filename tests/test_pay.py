"""Pay is read as people write it, never mixed between currencies, and shown with its source and
date or not at all.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import TINY, write_csv

from vocation import Recommender, train
from vocation.bundle import layout, reader
from vocation.data import pay, split
from vocation.data.dataset import load
from vocation.errors import BundleError
from vocation.records import Career, Facts, Pay, Row
from vocation.serving import network

COLUMNS = ["role", "description", "requirements", "salary_min", "salary_max", "currency", "period"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("45,000", (45000, "")),
        ("45.000", (45000, "")),
        ("45'000 CHF", (45000, "CHF")),
        ("28 500,50 EUR", (28500.5, "EUR")),
        ("15.50", (15.5, "")),
        ("CA$52K", (52000, "CAD")),
        ("€45.000", (45000, "EUR")),
        ("$45,000", (45000, "$")),
        ("45000 Euro", (45000, "EUR")),
        ("USD $12", (12, "USD")),
        ("many", None),
        ("-5", None),
        ("30-40k", None),
        ("€ 5 $", None),
        ("", None),
        ("9" * 30, None),
        ("2026-01-01", None),
    ],
)
def test_amounts(text: str, expected: tuple[float, str] | None) -> None:
    assert pay.amount(text) == expected


@pytest.mark.parametrize(
    ("period", "factor"),
    [
        ("year", 1),
        ("p.a.", 1),
        ("annual", 1),
        ("Annually", 1),
        ("per annum", 1),
        ("per month", 12),
        ("weekly", 52),
        ("Day", 260),
        ("/hour", 2080),
        ("hourly", 2080),
        ("an hour", 2080),
    ],
)
def test_a_year_of_pay(period: str, factor: int) -> None:
    found, said = pay.per_year(
        {"salary_min": "10", "salary_max": "20", "currency": "EUR", "period": period}
    )
    assert found == pay.Range(10 * factor, 20 * factor, "EUR")
    assert said == ""


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"salary_min": "30000", "period": "year"}, "no currency"),
        (
            {"salary_min": "30000", "currency": "EUR"},
            "no period that is hour, day, week, month or year",
        ),
        (
            {"salary_min": "30000", "currency": "EUR", "period": "fortnight"},
            "no period that is hour, day, week, month or year",
        ),
        (
            {"salary_min": "30000 EUR", "currency": "USD", "period": "year"},
            "more than one currency",
        ),
        (
            {"salary_min": "0", "salary_max": "0", "currency": "EUR", "period": "year"},
            "no number above 0",
        ),
        (
            {"salary_min": "3000", "salary_max": "40000", "currency": "EUR", "period": "year"},
            "salary_max is more than 10 times salary_min",
        ),
    ],
)
def test_pay_that_is_left_out_has_a_reason(cells: dict[str, str], said: str) -> None:
    assert pay.per_year(cells) == (None, said)


def test_ends_in_the_wrong_order_are_turned_and_one_end_is_enough() -> None:
    found, said = pay.per_year(
        {"salary_min": "50000", "salary_max": "40000", "currency": "EUR", "period": "year"}
    )
    assert (found, said) == (
        pay.Range(40000, 50000, "EUR"),
        "salary_min above salary_max, read the other way round",
    )
    assert pay.per_year({"salary_max": "40000 £", "period": "year"})[0] == pay.Range(
        40000, 40000, "GBP"
    )


def rows(*pays: tuple[str, str, str]) -> list[Row]:
    """One row of a baker for each (salary_min, currency, period)."""
    cells = [
        {"description": "Bakes", "salary_min": low, "currency": money, "period": every}
        for low, money, every in pays
    ]
    return [
        Row("Baker", "jobs", cell, "jobs.csv", line) for line, cell in enumerate(cells, start=2)
    ]


def test_the_most_frequent_currency_counts_and_the_rest_is_named() -> None:
    """Five rows in euros, two in dollars; 9,000,000 is far from the median of 30,000; the last one
    has no period.
    """
    euros = [(str(n), "EUR", "year") for n in (28000, 29000, 30000, 31000, 9000000)]
    found = pay.collect(
        rows(*euros, ("40000", "USD", "year"), ("20", "USD", "hour"), ("20", "EUR", ""))
    )
    assert found.currency == "EUR"
    assert list(found.ranges) == [0, 1, 2, 3]
    assert sorted(found.hints) == [
        (
            "jobs.csv: pay of 1 rows (first: line 6) left out: more than 10 times, or less than a"
            " tenth of, the median of 30,000 EUR a year."
        ),
        (
            "jobs.csv: pay of 1 rows (first: line 9) left out: no period that is hour, day, week,"
            " month or year."
        ),
        "jobs.csv: pay of 2 rows (first: line 7) left out: in USD, most are in EUR.",
    ]


def test_a_code_says_what_a_bare_sign_in_another_cell_is() -> None:
    """ "$45,000" beside a column that says USD is one currency, "¥45,000" beside it is two."""
    cells = {"salary_min": "$45,000", "salary_max": "$50,000", "currency": "USD", "period": "year"}
    assert pay.per_year(cells) == (pay.Range(45000, 50000, "USD"), "")
    assert pay.per_year(cells | {"salary_min": "¥45,000"}) == (None, "more than one currency")


def test_a_bare_dollar_is_not_taken_for_the_american_one() -> None:
    found = pay.collect(
        rows(("40000", "$", "year"), ("41000", "$", "year"), ("42000", "USD", "year"))
    )
    assert (found.currency, len(found.ranges)) == ("$", 2)


def test_a_career_is_shown_the_median_of_five_rows_or_more() -> None:
    four = rows(*((str(n), "EUR", "month") for n in (1000, 2000, 3000, 4000)))
    assert pay.of_careers(pay.collect(four), four, "2026-11-23") == {}
    five = rows(*((str(n), "EUR", "month") for n in (1000, 2000, 3000, 4000, 5000)))
    # middles 12, 24, 36, 48, 60 thousand; the lowest tenth lies .4 of the way from 12 to 24
    expected = Pay(
        36000,
        16800,
        55200,
        "EUR",
        "median of 5 job descriptions that this model was made from",
        "2026-11-23",
        5,
    )
    assert pay.of_careers(pay.collect(five), five, "2026-11-23") == {"Baker": expected}


def test_official_pay_needs_a_source_and_a_date() -> None:
    def career(source: str, median: int | None = 50000) -> Career:
        return Career(
            "Baker", facts=Facts(pay_median=median, pay_p10=30000, pay_p90=80000, pay_source=source)
        )

    found = pay.official(
        career("Official statistics, May 2025 (published 2026-05-15)"), "2026-11-23"
    )
    assert found is not None
    assert (found.middle, found.currency, found.period, found.date, found.count) == (
        50000,
        "USD",
        "year",
        "May 2025",
        None,
    )
    own = pay.official(career("from the data owner's careers.csv"), "2026-11-23")
    assert own is not None
    assert own.date == "read 2026-11-23"
    assert pay.official(career("from the data owner's careers.csv"), "") is None
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
    assert any(
        "pay of 1 rows (first: line 4) left out: no period" in hint for hint in data.report.hints
    )


def test_the_head_is_believed_only_where_it_beats_the_careers_median(tmp_path: Path) -> None:
    """200 jobs of two careers; half of them are senior and pay twice as much. The first feature
    tells it in one trial and nothing in the other.
    """
    from vocation.training import pay as salary

    draw = np.random.default_rng(1)
    senior = draw.permutation(200) < 100
    table = [
        [
            f"Career {i % 2}",
            " ".join(f"word{n}" for n in draw.integers(0, 9999, 20)),
            "",
            f"{(1 + old) * draw.uniform(28, 32):.2f}k",
            "",
            "EUR",
            "year",
        ]
        for i, old in enumerate(senior)
    ]
    write_csv(tmp_path / "job_descriptions.csv", COLUMNS, table)
    data = load(tmp_path)
    collected, parts = pay.collect(data.rows), split.split(data.labels, data.groups, 1)
    noise = draw.normal(size=(200, 4))
    told = np.column_stack([senior[[row.line - 2 for row in data.rows]], noise])
    good, bad = (salary.judge(data, collected, features, parts, 1) for features in (told, noise))
    assert good["better"]
    assert good["head"]["off_by"] < 0.1 < good["median"]["off_by"]
    assert not bad["better"]
    few = salary.judge(
        data,
        collected,
        told,
        split.Split(parts.train[:30], parts.validation[:0], parts.test, ()),
        1,
    )
    assert not few["better"]
    assert "fewer than 60 rows" in few["why"]


@pytest.fixture(scope="module")
def paid_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny careers, with five job descriptions of a baker that name pay in euros, and official
    pay of a nurse.
    """
    folder = tmp_path_factory.mktemp("paid")
    write_csv(
        folder / "profiles.csv",
        ["role", "profile"],
        [[role, text] for role, texts in TINY.items() for text in texts],
    )
    jobs = [
        ["Baker", f"Bakes {bread} bread in our bakery.", "", "2000", "3000", "EUR", "month"]
        for bread in ("rye", "wheat", "oat", "spelt", "sweet")
    ]
    write_csv(folder / "job_descriptions.csv", COLUMNS, jobs)
    write_csv(
        folder / "careers.csv",
        ["career", "annual_median_usd", "pay_source"],
        [["Nurse", "90000", "Statistics, May 2025"], ["Baker", "1", "2025"]],
    )
    return train(
        folder, folder / "models", preset="head", config={"min_steps": 20, "num_epochs": 2}
    ).folder


def test_pay_on_the_way_from_the_file_to_the_answer(paid_bundle: Path) -> None:
    """The middle of 2,000 and 3,000 euros a month is 30,000 a year."""
    recommender = Recommender.load(paid_bundle)
    shown = {
        one["career"]: one["pay"]
        for one in recommender.recommend("I knead dough and bake bread", top_k=4).to_dict()[
            "careers"
        ]
    }
    assert (
        shown["Baker"]["middle"],
        shown["Baker"]["currency"],
        shown["Baker"]["period"],
        shown["Baker"]["count"],
    ) == (30000, "EUR", "year", 5)
    assert shown["Baker"]["date"] == recommender.metadata["trained"][:10]
    assert (shown["Nurse"]["middle"], shown["Nurse"]["date"], shown["Nurse"]["source"]) == (
        90000,
        "May 2025",
        "Statistics, May 2025",
    )
    assert shown["Gardener"] is None
    figures = recommender.metadata["tasks"]["pay"]
    assert (figures["rows_with_pay"], figures["careers_shown"], figures["better"]) == (5, 1, False)
    assert recommender.pay("Bakes bread", "Baker") is None
    assert "Pay: 5 rows in EUR; 1 career has enough" in (paid_bundle / layout.CARD).read_text(
        encoding="utf-8"
    )
    with pytest.raises(KeyError):
        recommender.pay("Bakes bread", "Astronaut")


def test_pay_is_estimated_from_a_text_only_where_the_career_has_pay(paid_bundle: Path) -> None:
    """All weights are 0: the quantiles of Baker are e^(10.2 - .1), e^10.2 and e^(10.2 + .1), to
    hundreds. No row of a nurse names pay.
    """
    files = {name: (paid_bundle / name).read_bytes() for name in layout.WRITTEN}
    files[layout.TASKS] = (paid_bundle / layout.TASKS).read_bytes()
    opened = reader.read_files(files, "as it was written")
    dim = opened.embeddings.shape[1]
    whole = network.Network(opened.model, opened.tokenizer, dim)
    width = whole.smoke_test().features.shape[1]
    head = {
        "offsets": [10.2] * 4,
        "weights": [[0.0] * width] * 3,
        "bias": [-0.1, 0.0, 0.1],
        "currency": "EUR",
        "source": "s",
        "date": "d",
    }
    files[layout.TASKS] = json.dumps(json.loads(files[layout.TASKS]) | {"estimator": head}).encode()
    recommender = Recommender(reader.read_files(files, "with an estimator"))
    assert recommender.pay("Bakes bread", "Baker") == Pay(26900, 24300, 29700, "EUR", "s", "d")
    assert recommender.pay("Cares for patients", "Nurse") is None
    assert recommender.pay(" ", "Baker") is None


def test_a_bundle_without_the_file_of_tasks_still_opens(paid_bundle: Path) -> None:
    files = {name: (paid_bundle / name).read_bytes() for name in layout.WRITTEN}
    recommender = Recommender(reader.read_files(files, "older"))
    pays = {
        one.career: one.pay
        for one in recommender.recommend("I knead dough and bake bread", top_k=4).careers
    }
    assert pays["Nurse"] is not None
    assert pays["Baker"] is not None
    assert pays["Baker"].count is None, (
        "the maker's own figure is not there, so the official one is shown"
    )
    assert pays["Gardener"] is None


GOOD = {
    "middle": 1,
    "low": None,
    "high": None,
    "currency": "EUR",
    "source": "s",
    "date": "d",
    "count": 5,
    "top_coded": False,
    "period": "year",
}


@pytest.mark.parametrize(
    "change",
    [
        {"pay": {"Baker": GOOD | {"middle": -1}}},
        {"pay": {"Baker": GOOD | {"middle": "1"}}},
        {"pay": {"Baker": GOOD | {"period": "hour"}}},
        {"pay": {"Baker": GOOD | {"source": ""}}},
        {"pay": {"Baker": GOOD | {"top_coded": 1}}},
        {"pay": {"Baker": GOOD | {"more": 1}}},
        {"pay": {"Astronaut": GOOD}},
        {"pay": []},
        {"usual_skills": {"Baker": {"Ovens": 2}}},
        {"usual_skills": {"Baker": ["Ovens"]}},
        {"estimator": {"offsets": [1], "weights": [[1]], "bias": [1]}},
        {"estimator": 3},
        {
            "estimator": {
                "offsets": [1] * 4,
                "weights": [[1]] * 3,
                "bias": [1] * 3,
                "currency": "EUR",
                "source": "s",
                "date": "d",
            }
        },
    ],
)
def test_a_file_of_tasks_that_lies_is_refused(paid_bundle: Path, change: dict[str, object]) -> None:
    files = {name: (paid_bundle / name).read_bytes() for name in layout.WRITTEN}
    value = {"pay": {"Baker": GOOD}, "usual_skills": {}, "estimator": None}
    files[layout.TASKS] = json.dumps(value).encode()
    assert Recommender(reader.read_files(files, "good")).recommend("bread and rolls", 4).careers
    files[layout.TASKS] = json.dumps(value | change).encode()
    with pytest.raises(
        BundleError,
        match=(
            r"tasks\.json does not have the agreed shape|the network and tasks\.json do not belong"
            r" together"
        ),
    ):
        Recommender(reader.read_files(files, "bad"))
