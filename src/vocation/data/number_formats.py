"""Show the numbers of a sheet as people see them: dates, times and plain numbers."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

BUILT_IN = {
    **dict.fromkeys((*range(14, 18), *range(27, 32), 36, *range(50, 55), 57, 58), "d"),
    **dict.fromkeys((*range(18, 22), *range(32, 36), *range(45, 48), 55, 56), "h"),
    22: "dh",
}
"""What built-in number formats show, see `look_of`; from ECMA-376 part 1, 18.8.30."""
_LONGEST = 255  # characters of a format
# Text, fill characters and colours in a format: everything but [h], [mm] and the like.
_NOT_CODE = re.compile(r'"[^"]*"|[\\_*].|\[(?![hms]+\])[^\]]*\]')


def look_of(code: str) -> str:
    """Return what a number format shows: a date "d", a time "h", both, zeros "000", or ""."""
    letters = _NOT_CODE.sub("", code[:_LONGEST].split(";")[0].lower())
    hours = "h" if re.search("[hs]", letters) else ""
    # "m" is a month beside days and years, else minutes if there are hours or seconds.
    days = "d" if re.search("[yd]", letters) or ("m" in letters and not hours) else ""
    return days + hours or (letters if re.fullmatch("0{2,30}", letters) else "")


def shown(raw: str, look: str, epoch: datetime) -> str:
    """Return a number, or the date that it counts in days from `epoch`, as people see it."""
    try:
        value = float(raw)
    except ValueError:
        return raw
    if not math.isfinite(value):
        return ""
    if look.startswith("0"):
        return f"{value:0{len(look)}.0f}" if abs(value) < 1e15 else raw
    if "d" in look or "h" in look:
        # Excel counts a 29 February 1900; days before it are one too low.
        early = epoch.year == 1899 and "d" in look and 1 <= value < 60
        seconds = round((value + early) * 86400) if abs(value) < 1e7 else -1
        try:
            moment = epoch + timedelta(seconds=seconds)
        except OverflowError:
            seconds = -1
        if seconds < 0:  # no date: spreadsheets show "####"
            return f"{value:.15g}"
        clock = f"{moment:%H:%M:%S}"
        if "d" not in look:
            return f"{seconds // 3600:02}{clock[2:]}"  # a duration may have more than 24 hours
        return f"{moment:%Y-%m-%d}" + (f" {clock}" if "h" in look and seconds % 86400 else "")
    # Excel has 15 digits; more are the traces of binary fractions.
    return raw if re.fullmatch("-?[0-9]+", raw) and abs(value) >= 1e15 else f"{value:.15g}"
