"""Numbers and places as people read them: terminal, cards, messages and page share these."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence

# How people who look for a row count; in other files they count lines.
_UNITS = {"xlsx": "row", "xlsm": "row", "parquet": "row", "json": "item"}
_FRAME = re.compile(r"DataFrame( \d+| '.*')?")


def percent(probability: float) -> str:
    """A probability (0 to 1) in whole percent, never "0 %" or "100 %", which nobody can know."""
    if probability < 0.01:
        return "under 1\u00a0%"
    if probability > 0.99:
        return "over 99\u00a0%"
    # A no-break space: number and sign stay on one line.
    return f"{probability * 100:.0f}\u00a0%"


def rate(value: float, digits: int = 1) -> str:
    """A measured share (0 to 1), such as "85.0%"; "none" where nothing was measured (NaN)."""
    return "none" if math.isnan(value) else f"{value:.{digits}%}"


def interval(entry: Mapping[str, float], digits: int = 1) -> str:
    """A share with its interval: "85.0% (80.0% to 88.0%)". `entry` is one of `metrics.share`."""
    low, high = rate(entry["low"], digits), rate(entry["high"], digits)
    return f"{rate(entry['value'], digits)} ({low} to {high})"


def measured(entry: Mapping[str, float]) -> str:
    """A share with its interval and rows: "85.0% (95 % interval 80.0% to 88.0%, n = 100)"."""
    low, high = rate(entry["low"]), rate(entry["high"])
    return f"{rate(entry['value'])} (95 % interval {low} to {high}, n = {entry['n']:,})"


def number_interval(entry: Mapping[str, float], digits: int) -> str:
    """A number with its interval: "0.500 (0.412 to 0.588)"."""
    value, low, high = (f"{entry[key]:.{digits}f}" for key in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """`rows` as lines with aligned columns; the first is the header."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def line_of(file: str, line: int) -> str:
    """Return which row of a file is meant: "line 3", of a sheet or DataFrame "row 3", of .json
    "item 3"; all from 1.
    """
    ending = file.lower().removesuffix(".gz").rpartition(".")[2]
    return f"{'row' if _FRAME.fullmatch(file) else _UNITS.get(ending, 'line')} {line}"


def place(file: str, line: int) -> str:
    """Return where a row is, for messages: "profiles.csv, line 3"; line 0 is the whole file."""
    return f"{file}, {line_of(file, line)}" if line else file


def counted(number: int, what: str) -> str:
    """Return "3 rows have text", and of one "1 row has text": `what` begins with noun and verb."""
    if number != 1:
        return f"{number:,} {what}"
    noun, verb, *rest = what.split(" ", 2)
    return " ".join([f"1 {noun.removesuffix('s')}", _SINGULAR.get(verb, f"{verb}s"), *rest])


_SINGULAR = {"are": "is", "have": "has", "do": "does"}
