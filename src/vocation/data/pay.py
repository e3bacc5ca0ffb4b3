"""Convert pay as users write it to one year and one currency; and what a career's pay may show.

Nothing is guessed: pay without a currency or a period is left out, currencies are never mixed or
converted, and each figure that is shown carries currency, period, source and date.
"""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vocation.format import line_of
from vocation.records import Career, Pay, Row

PERIODS = {"hour": 2080, "day": 260, "week": 52, "month": 12, "year": 1}
"""How many of each make a year of full-time work: 52 weeks of 5 days of 8 hours, as the U.S. Bureau
of Labor Statistics counts (2,080 hours).
"""

QUANTILES = (0.1, 0.5, 0.9)
"""What is shown of pay: a tenth gets less than the first, half less than the second, nine tenths
less than the third.
"""

LEAST_ROWS = 5
"""Rows with pay that a career must have before their median is shown."""

# Times (or one part of) the median of its currency, and the most that a range may span.
_PLAUSIBLE = 10.0
_FEW = 5  # rows below which a currency's median is no yardstick

_PERIOD_WORDS = {
    "hour": "hour hours hourly hr h stunde heure hora",
    "day": "day days daily tag jour",
    "week": "week weeks weekly wk woche semaine",
    "month": "month months monthly mo mth pm monat mois mes",
    "year": "year years yearly annual annually annum yr pa y jahr an año per annum",
}
_PERIOD_OF = {word: period for period, words in _PERIOD_WORDS.items() for word in words.split()}

# Signs that mean one currency. A bare "$", "¥" or "kr" may be several: each stays a currency of its
# own where no code next to it tells which.
_SIGNS = {
    "US$": "USD",
    "CA$": "CAD",
    "C$": "CAD",
    "AU$": "AUD",
    "A$": "AUD",
    "NZ$": "NZD",
    "HK$": "HKD",
    "S$": "SGD",
    "R$": "BRL",
}
_SIGNS |= {
    "£": "GBP",
    "€": "EUR",
    "₹": "INR",
    "₦": "NGN",
    "₱": "PHP",
    "₩": "KRW",
    "₪": "ILS",
    "₺": "TRY",
    "zł": "PLN",
    "Kč": "CZK",
}
_BARE = {
    "$": (
        "ARS AUD BBD BMD BND BRL BSD BZD CAD CLP COP CUP DOP FJD GYD HKD JMD KYD LRD MXN NAD NIO"
        " NZD SBD SGD SRD TTD TWD USD UYU XCD"
    ),
    "¥": "CNY JPY",
    "kr": "DKK ISK NOK SEK",
}  # what each may be
_NAMES = {
    "euro": "EUR",
    "euros": "EUR",
    "pound": "GBP",
    "pounds": "GBP",
    "rupee": "INR",
    "rupees": "INR",
    "dollar": "$",
    "dollars": "$",
}
_CODES = frozenset(
    re.findall(
        "[A-Z]{3}",
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN"
        " BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD"
        " FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY"
        " KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP"
        " MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR"
        " RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT"
        " TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR"
        " ZMW ZWL",
    )
)  # ISO 4217
# The longest first: "$" comes after "US$".
_SIGN = re.compile(
    "|".join(re.escape(sign) for sign in sorted((*_SIGNS, *_BARE), key=len, reverse=True))
)
# "May 2024" or "2024", but not the year in "120245".
_DATE = re.compile(
    r"(?:(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r" )?\b(?:19|20)\d\d\b"
)
# Long enough for codes ("EUR") and names ("dollars"), too long for the k of "52k".
_LETTERS = re.compile(r"(?<![^\W\d_])[^\W\d_]{3,7}(?![^\W\d_])")


def amount(text: str) -> tuple[float, str] | None:
    """The number in a cell and its currency ("" where none is named): "45,000", "€45.000",
    "CA$52K", "28 500,50 EUR". None for anything else.
    """
    money = currency(text)
    body = _LETTERS.sub(
        lambda word: "" if _code(word.group()) else word.group(), _SIGN.sub("", text)
    ).strip()
    match = re.fullmatch(r"(\d[\d.,\s'’]*?)\s*([kK]?)", body)
    if match is None or money is None:
        return None
    # Blanks and apostrophes count between thousands only: "28 500", "28'500".
    digits = re.sub(r"(?<=\d)[\s'’](?=\d{3}(?!\d))", "", match.group(1))
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    # "45.000" is read as thousands: money has no three decimals.
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?", digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d+,\d{1,2}", digits):
        digits = digits.replace(",", ".")
    if not re.fullmatch(r"\d{1,15}(?:\.\d+)?", digits, re.ASCII):
        return None
    return float(digits) * (1000 if match.group(2) else 1), money


def currency(text: str) -> str | None:
    """The currency that `text` names, as a three-letter code or a bare sign; "" for none, None for
    more than one.
    """
    signs = {_SIGNS.get(sign, sign) for sign in _SIGN.findall(text)}
    found = _resolved(signs | {code for word in _LETTERS.findall(text) if (code := _code(word))})
    return None if len(found) > 1 else next(iter(found), "")


def _resolved(found: set[str]) -> set[str]:
    """Return `found` without bare signs that a code explains: "USD" for "USD" and "$"."""
    return {one for one in found if not any(code in _BARE.get(one, "").split() for code in found)}


def _code(word: str) -> str:
    return word.upper() if word.upper() in _CODES else _NAMES.get(word.casefold(), "")


def period(text: str) -> str | None:
    """One of PERIODS for "hourly", "per month", "p.a." and the like; None for anything else."""
    words = re.sub(r"^(?:per\s*|an?\s+|/\s*)", "", text.casefold().strip()).replace(".", "").strip()
    return _PERIOD_OF.get(words)


@dataclass(frozen=True, slots=True)
class Range:
    """Pay of one row in a year: `low` and `high` in `currency`, equal where only one figure was
    given.
    """

    low: float
    high: float
    currency: str

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


def per_year(cells: Mapping[str, str]) -> tuple[Range | None, str]:
    """Return the yearly pay of a row of job_descriptions.csv, and a note.

    The note says why there is none, or what was corrected ("" for nothing).
    """
    found = [pair for name in ("salary_min", "salary_max") if (pair := amount(cells.get(name, "")))]
    if not found or not all(number > 0 for number, _ in found):
        return None, "no number above 0"
    named = currency(cells.get("currency", ""))
    money = _resolved({pair[1] for pair in found if pair[1]} | ({named} if named else set()))
    if named is None or len(money) > 1:
        return None, "more than one currency"
    if not money:
        return None, "no currency"
    every = period(cells.get("period", ""))
    if every is None:
        return None, "no period that is hour, day, week, month or year"
    # Where there is one figure, it is both the first and the last.
    low, high = found[0][0] * PERIODS[every], found[-1][0] * PERIODS[every]
    note = "salary_min above salary_max, read the other way round" if low > high else ""
    low, high = min(low, high), max(low, high)
    if high > _PLAUSIBLE * low:
        return None, f"salary_max is more than {_PLAUSIBLE:.0f} times salary_min"
    return Range(low, high, money.pop()), note


@dataclass(frozen=True)
class Collected:
    """The pay of a data set's rows: `ranges` by the row's number, all in `currency` ("" where there
    is none); `hints` say what was left out.
    """

    currency: str
    ranges: Mapping[int, Range]
    hints: tuple[str, ...]


def collect(rows: Sequence[Row]) -> Collected:
    """Collect the plausible pay of all `rows` in the most frequent currency.

    Hints report what was left out or corrected, with a first line to look at.
    """
    notes: dict[str, list[Row]] = defaultdict(list)
    found: dict[int, Range] = {}
    for i, row in enumerate(rows):
        if row.source == "jobs" and (row.cells.get("salary_min") or row.cells.get("salary_max")):
            pay, note = per_year(row.cells)
            if note:
                notes[f"{note}" if pay else f"left out: {note}"].append(row)
            if pay:
                found[i] = pay
    counts = Counter(pay.currency for pay in found.values())
    # On ties the first by name, so that the order of rows does not matter.
    main = min(counts, key=lambda money: (-counts[money], money)) if counts else ""
    # A list, since the loop removes entries.
    for i in [i for i, pay in found.items() if pay.currency != main]:
        notes[f"left out: in {found.pop(i).currency}, most are in {main}"].append(rows[i])
    if len(found) >= _FEW:
        middle = statistics.median(pay.middle for pay in found.values())
        for i in [
            i
            for i, pay in found.items()
            if not middle / _PLAUSIBLE <= pay.middle <= middle * _PLAUSIBLE
        ]:
            notes[
                f"left out: more than {_PLAUSIBLE:.0f} times, or less than a tenth of, the median"
                f" of {middle:,.0f} {main} a year"
            ].append(rows[i])
            del found[i]
    hints = [
        f"{where[0].file}: pay of {len(where):,} rows (first:"
        f" {line_of(where[0].file, where[0].line)}) {note}."
        for note, where in notes.items()
    ]
    return Collected(main, found, tuple(hints))


def of_careers(collected: Collected, rows: Sequence[Row], date: str) -> dict[str, Pay]:
    """What the user's own rows say about each career that has LEAST_ROWS of them: the median of
    their middles, lowest and highest tenth.
    """
    by_role: dict[str, list[float]] = defaultdict(list)
    for i, pay in collected.ranges.items():
        by_role[rows[i].role].append(pay.middle)
    result = {}
    for role, middles in by_role.items():
        if (count := len(middles)) >= LEAST_ROWS:
            low, high = (_quantile(middles, share) for share in (0.1, 0.9))
            source = f"median of {count} job descriptions that this model was made from"
            result[role] = Pay(
                round(statistics.median(middles)),
                round(low),
                round(high),
                collected.currency,
                source,
                date,
                count,
            )
    return result


def official(career: Career, read: str) -> Pay | None:
    """The official figure of a career's facts, dated by its own source, or by the day it was `read`
    where the source names no year; else None.
    """
    facts = career.facts
    if facts is None or facts.pay_median is None:
        return None
    dated = _DATE.search(facts.pay_source)
    date = dated.group() if dated else f"read {read}" if read else ""
    if not facts.pay_source or not date:
        return None
    return Pay(
        facts.pay_median,
        facts.pay_p10,
        facts.pay_p90,
        "USD",
        facts.pay_source,
        date,
        None,
        facts.top_coded,
    )


def _quantile(values: Sequence[float], share: float) -> float:
    """Linear between neighbours, as numpy's default."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    return ordered[low] + (at - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])
