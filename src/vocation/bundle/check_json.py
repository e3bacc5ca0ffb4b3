"""Parse untrusted JSON strictly and with bounded memory, and compare it with an expected shape."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

MOST_VALUES = 1_000_000
MOST_TEXT = 1_000_000
"""Values in a file, and characters in one text."""

_MEMORY = 240_000_000  # bytes that a file and the values in it may take
_DIGITS = 18  # of a whole number; more do not fit into 64 bits
# Terminals execute some control characters; surrogates cannot be written as UTF-8.
# Refuses "\x1b[2J"; tabs and line ends, which texts have, pass.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class Range(NamedTuple):
    """Numbers from `low` to `high`."""

    low: float
    high: float


NUMBER = (int, float)
Shape = Any
"""A type, a tuple of types, a Range, [shape] for a list, {key: shape} for an object ("key?" may be
absent), {...: shape} for any keys, (None, shape).
"""


def parse(data: bytes, *, shown: bool = True) -> Any:
    """Return the value in `data`: UTF-8, every key once, finite numbers, no control characters.

    With `shown` False nobody is shown its texts and every number is compared with a range: then
    both may be anything, which takes a third of the time. Raises ValueError or RecursionError with
    the reason.
    """
    # Counted in the bytes, before anything is built; a mark within a text only raises the bound.
    values = sum(data.count(mark) for mark in (b",", b"[", b"{"))
    # Python keeps a text with 1, 2 or 4 bytes a character, by the widest one in it.
    # Bytes F0 to F4 begin the characters above U+FFFF, which take 4.
    width = 1 if data.isascii() else 4 if re.search(rb"[\xf0-\xf4]", data) else 2
    # An escape can make a text wide although all bytes are ASCII.
    escaped = 4 if b"\\u" in data else width
    # the bytes, the decoded text, the texts in it, and 100 bytes for each object
    memory = len(data) * (1 + width + escaped) + 100 * values
    if values > MOST_VALUES or memory > _MEMORY:
        raise ValueError(
            f"more than {MOST_VALUES:,} values, or more than {_MEMORY // 1_000_000} MB of memory"
        )
    # Without these hooks json takes NaN, makes infinity of 1e999, and drops the first of two keys.
    numbers: Any = {"parse_float": _finite, "parse_int": _whole} if shown else {}
    value = json.loads(
        data.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_object, **numbers
    )
    if shown:
        check_texts(value)
    return value


def fits(value: Any, shape: Shape) -> bool:
    """Tell whether `value` has the `shape`. True and False are no numbers."""
    # A Range is a tuple as well.
    if isinstance(shape, Range):
        return fits(value, NUMBER) and shape.low <= value <= shape.high
    # A tuple of types is left to isinstance below.
    if isinstance(shape, tuple) and shape[0] is None:
        return value is None or fits(value, shape[1])
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(one, shape[0]) for one in value)
    if not isinstance(shape, Mapping):
        # For Python, True is an int.
        return isinstance(value, shape) and (not isinstance(value, bool) or shape is bool)
    if not isinstance(value, Mapping):
        return False
    if ... in shape:
        return all(fits(one, shape[...]) for one in value.values())
    return all(
        # An optional key differs from its name; keys not in `shape` are accepted.
        fits(value[name], own) if (name := key.rstrip("?")) in value else key != name
        for key, own in shape.items()
    )


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def _whole(digits: str) -> int:
    # Checked before int(), whose time grows faster than the number of digits.
    if len(digits.lstrip("-")) > _DIGITS:
        raise ValueError(f"{digits[:20]}... is too large a number")
    return int(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice in one object")
    return found


def check_texts(value: Any) -> None:
    """Raise ValueError if a text in `value`, which json.loads made, steers or is too long."""
    # A loop, not a recursion: no depth is too deep for it.
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and (len(one) > MOST_TEXT or _FORBIDDEN.search(one)):
            raise ValueError(
                f"a text with control characters, or of more than {MOST_TEXT:,} characters"
            )
