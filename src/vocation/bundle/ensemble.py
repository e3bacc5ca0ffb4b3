"""Several models in one bundle: which file belongs to whom, how their probabilities become one, and
when they are unsure together. Numpy only.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

LIST = "ensemble.json"
"""The file that makes a bundle an ensemble: for each member its name, and whose copy of each of its
files is its own, too.
"""

MOST = 8
"""Members at most: each one more costs memory, and beyond a handful an average hardly changes."""


def file_of(owner: int, name: str) -> str:
    """The file in the bundle that holds `name` of the member number `owner` (1 is the first)."""
    return f"{owner}-{name}"


def own_files(present: Collection[str], names: Collection[str]) -> list[str]:
    """Those of `present` that hold one of `names` for a member."""
    kind = re.compile(rf"[1-{MOST}]-({'|'.join(map(re.escape, names))})")
    return sorted(name for name in present if kind.fullmatch(name))


def parse_members(
    value: Any, needed: Collection[str], possible: Collection[str]
) -> list[dict[str, int]]:
    """The contents of LIST: for each member, each of its files and the number of the member that
    owns it, itself or an earlier one.

    Every member has all files in `needed`, and none but those and `possible`. Raises KeyError,
    TypeError or ValueError on any other shape.
    """
    members = value["members"]
    if not isinstance(members, list) or not 2 <= len(members) <= MOST:
        raise ValueError(f"expected 2 to {MOST} members")
    found = []
    for number, member in enumerate(members, 1):
        files = dict(member["files"])
        if not set(needed) <= set(files) <= {*needed, *possible} or not isinstance(
            member["name"], str
        ):
            raise ValueError("expected a name and the files of a member")
        if any(type(owner) is not int or not 1 <= owner <= number for owner in files.values()):
            raise ValueError("expected files of this member or of an earlier one")
        found.append(files)
    if any(found[owner - 1].get(name) != owner for files in found for name, owner in files.items()):
        raise ValueError("expected an owner that has the file itself")
    return found


def union(members: Sequence[Sequence[str]]) -> list[str]:
    """All careers of the members, in the order in which they are met."""
    return list(dict.fromkeys(name for classes in members for name in classes))


def pool(
    tables: Sequence[NDArray[Any]], columns: Sequence[NDArray[Any]], size: int
) -> NDArray[np.float64]:
    """One table of probabilities (n, size) from the members' (n, careers of each); `columns` say
    which careers those are.

    Each career gets the mean of the members that know it. Where some do not know all careers each
    row is then brought to a sum of 1 again.
    """
    if len(tables) == 1:
        return tables[0]
    total, known = np.zeros((len(tables[0]), size)), np.zeros(size)
    for table, own in zip(tables, columns, strict=True):
        total[:, own] += table
        known[own] += 1
    total /= known
    if (known < len(tables)).any():
        total /= total.sum(axis=1, keepdims=True)
    return total


def majority_reason(doubts: Sequence[str | None], order: Collection[str]) -> str | None:
    """What at least half of the members doubt for: the reason that most of them have, of equals the
    first in `order`; None where fewer doubt.
    """
    reasons = [doubt for doubt in doubts if doubt is not None]
    return None if 2 * len(reasons) < len(doubts) else max(order, key=reasons.count)


def conservative_thresholds(calibrations: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """What the members learnt about prediction sets and doubt, the most careful value of each: an
    average is less sure than its members.
    """
    return {
        key: max(float(one[key]) for one in calibrations)
        for key in ("set_threshold", "confidence_threshold")
    }
