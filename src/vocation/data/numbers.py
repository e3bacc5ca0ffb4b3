"""Checked cells: salaries of job_descriptions.csv, facts of careers.csv, kinds of profiles.csv."""

from __future__ import annotations

import re

from vocation.data.pay import amount
from vocation.records import ISCO, LONGEST_ROUTE, MOST_CODES, PROFILE_KINDS, SOC, Facts, Row

INTERESTS = ("realistic", "investigative", "artistic", "social", "enterprising", "conventional")
_PAY = {f"pay_{name}": f"annual_{name}_usd" for name in ("p10", "p25", "median", "p75", "p90")}
_NUMBERS = ("job_zone", *INTERESTS, "us_employment", *_PAY.values())
FACTS = (
    "family",
    "onet_soc",
    "onet_title",
    "oews_soc",
    "oews_title",
    "isco08",
    "entry_route",
    "annual_mean_usd",
    "top_coded",
    *_NUMBERS,
)
# The form of the codes in each column, and the sentence that asks for it.
_CODES = {
    "isco08": (ISCO, "4-digit codes of ISCO-08 (2221|3221)"),
    "onet_soc": (SOC, "codes of O*NET-SOC (31-1131.00|31-1132.00)"),
    "oews_soc": (SOC, "codes of SOC (31-1131|31-1132)"),
}
_OWN_FILE = "from the data owner's careers.csv"


def _number(text: str) -> float | None:
    """Return a plain number, with or without commas between thousands; None for others."""
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    # ASCII: else \d takes the digits of all scripts.
    return float(text) if re.fullmatch(r"-?\d{1,15}(\.\d+)?", text, re.ASCII) else None


def checked_salary(row: Row, wrong: dict[str, list[int]]) -> Row:
    """Return the row with its salaries as plain numbers.

    The line of a salary that is no number goes to `wrong`, by column.
    """
    cells = dict(row.cells)
    for name in ("salary_min", "salary_max"):
        if name in cells:
            found = amount(cells[name])
            if found is None:
                del cells[name]
                wrong.setdefault(name, []).append(row.line)
            else:
                # "45000", not "45000.0".
                cells[name] = f"{found[0]:.15g} {found[1]}".strip()
    return Row(row.role, row.source, cells, row.file, row.line)


def checked_kind(row: Row, wrong: list[tuple[int, str]]) -> Row:
    """Return the row with a known `kind`; none for a profile, which is the usual one.

    The line of any other kind goes to `wrong`, with what is there: such a row is a profile.
    """
    cells = dict(row.cells)
    found = cells.pop("kind", "profile")
    kind = found.casefold()
    if kind not in PROFILE_KINDS:
        wrong.append((row.line, found))
    elif kind != "profile":
        cells["kind"] = kind
    return Row(row.role, row.source, cells, row.file, row.line)


def _parts(row: Row, column: str) -> list[str]:
    """Return the parts of a cell between its bars."""
    return [part for text in row.cells.get(column, "").split("|") if (part := text.strip())]


def _codes(row: Row, column: str, hints: list[str]) -> tuple[str, ...]:
    """Return the official codes in a cell; a hint names the first one left out."""
    form, expected = _CODES[column]
    # A spreadsheet may make the number 2221.0 of 2221; a code of SOC is one of O*NET-SOC and ".00".
    found = {
        part: part.removesuffix(".0") if form is ISCO else part if "." in part else f"{part}.00"
        for part in _parts(row, column)
    }
    kept = list(dict.fromkeys(code for code in found.values() if form.fullmatch(code)))[:MOST_CODES]
    if left := [part for part, code in found.items() if code not in kept]:
        hints.append(
            f"{row.place}, column {column!r}: expected at most {MOST_CODES}"
            f" {expected}, separated by bars, found {left[0][:40]!r}; left out."
        )
    return tuple(kept)


def _route(row: Row, hints: list[str]) -> str:
    """Return how one gets into the career; a hint says that it was too long."""
    text = row.cells.get("entry_route", "")
    if len(text) <= LONGEST_ROUTE:
        return text
    hints.append(
        f"{row.place}, column 'entry_route': expected one or two sentences of at"
        f" most {LONGEST_ROUTE} characters, found {len(text):,} characters; left out."
    )
    return ""


def facts_of(row: Row, hints: list[str]) -> Facts:
    """Return the facts of one line of careers.csv; a hint names an impossible one left out."""
    ranges = {"job_zone": (1, 5), **dict.fromkeys(INTERESTS, (1, 7))}
    numbers: dict[str, float] = {}
    for name in _NUMBERS:
        if text := row.cells.get(name, ""):
            low, high = ranges.get(name, (0, 10**10))
            number = _number(text)
            if (
                number is None
                or not low <= number <= high
                or (name not in INTERESTS and number != int(number))
            ):
                expected = (
                    f"a {'number' if name in INTERESTS else 'whole number'} from {low} to {high}"
                    if name in ranges
                    else "a whole number"
                )
                hints.append(
                    f"{row.place}, column {name!r}: expected {expected}, found"
                    f" {text[:40]!r}; left out."
                )
            else:
                numbers[name] = number
    flag = row.cells.get("top_coded", "").casefold()
    if flag not in ("", "true", "false", "yes", "no", "1", "0"):
        hints.append(
            f"{row.place}, column 'top_coded': expected true or false, found"
            f" {flag[:40]!r}; left out."
        )
    whole = {
        name: int(numbers[name]) for name in _NUMBERS if name in numbers and name not in INTERESTS
    }
    interests = {name: numbers[name] for name in INTERESTS if name in numbers}
    pay = {name: whole.get(column) for name, column in _PAY.items()}
    # A source without a figure would stand for nothing.
    paid = "us_employment" in whole or any(value is not None for value in pay.values())
    return Facts(
        title="; ".join(_parts(row, "onet_title")),
        family=row.cells.get("family", ""),
        job_zone=whole.get("job_zone"),
        interests=interests,
        interests_source=(
            row.cells.get("interests_source", _OWN_FILE) if interests or "job_zone" in whole else ""
        ),
        pay_title="; ".join(_parts(row, "oews_title")),
        employment=whole.get("us_employment"),
        **pay,
        top_coded=flag in ("true", "yes", "1"),
        pay_source=row.cells.get("pay_source", _OWN_FILE) if paid else "",
        isco08=_codes(row, "isco08", hints),
        soc=tuple(dict.fromkeys(_codes(row, "onet_soc", hints) + _codes(row, "oews_soc", hints))),
        entry_route=_route(row, hints),
    )
