"""Checks of values that were read from JSON: TypeError or ValueError for any others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from vocation.text.clean import clean

LONGEST_NAME = 1000
"""Characters in the name of a career or a skill at most."""


def text(value: Any) -> str:
    """Return a text without invisible characters."""
    if not isinstance(value, str):
        raise TypeError(f"expected text, found {value!r}")
    return clean(value)


def texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return `values` with each as `text` returns it."""
    return {name: text(value) for name, value in values.items()}


def name(value: Any) -> str:
    """Return the name of something: a text of 1 to LONGEST_NAME characters."""
    found = text(value)
    if not 0 < len(found) <= LONGEST_NAME:
        raise ValueError(
            f"expected a name of at most {LONGEST_NAME} characters, found {found[:60]!r}"
        )
    return found


def items(value: Any) -> list[Any]:
    """Return the items of a list or tuple."""
    if not isinstance(value, list | tuple):
        raise TypeError(f"expected a list, found {value!r}")
    return list(value)


def names(value: Any, most: int, longest: int) -> tuple[str, ...]:
    """Return at most `most` names of at most `longest` characters."""
    found = tuple(name(item) for item in items(value))
    if len(found) > most or any(len(one) > longest for one in found):
        raise ValueError(f"expected at most {most} names of {longest} characters")
    return found


def codes(value: Any, form: re.Pattern[str], most: int) -> tuple[str, ...]:
    """Return at most `most` codes of the given form."""
    found = tuple(text(code) for code in items(value))
    if len(found) > most or not all(map(form.fullmatch, found)):
        raise ValueError(f"expected at most {most} codes, found {found[:3]!r}")
    return found


def short(value: Any, longest: int) -> str:
    """Return a text of at most `longest` characters."""
    found = text(value)
    if len(found) > longest:
        raise ValueError(f"expected at most {longest} characters, found {len(found)}")
    return found


def number(value: Any) -> float:
    """Return a number."""
    # JSON's true would pass as the number 1.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"expected a number, found {value!r}")
    return value


def in_range(value: Any, low: int, high: int) -> None:
    """Check that `value` is a number from `low` to `high`."""
    if not low <= number(value) <= high:
        raise ValueError(f"expected a number from {low} to {high}, found {value!r}")
