"""Several models in one bundle: the files of each, their mean, and when they abstain."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

LIST = "ensemble.json"
"""The file that makes a bundle an ensemble: each member's name, and the owner of each of its files.

Members can share a file: its owner is then the first of them.
"""

MOST = 8
"""The most members: each costs memory, and beyond a handful the mean hardly changes."""


def file_of(owner: int, name: str) -> str:
    """Return the file that holds `name` of the member number `owner` (1 is the first)."""
    return f"{owner}-{name}"


def own_files(present: Collection[str], names: Collection[str]) -> list[str]:
    """Return those of `present` that hold one of `names` for a member."""
    # Matches "2-model.onnx"; not "9-model.onnx" or "model.onnx".
    kind = re.compile(rf"[1-{MOST}]-({'|'.join(map(re.escape, names))})")
    return sorted(name for name in present if kind.fullmatch(name))


def parse_members(
    value: Any, needed: Collection[str], possible: Collection[str]
) -> list[dict[str, int]]:
    """Return for each member its files, each with the number of the member that owns it.

    `value` is the content of LIST. An owner is the member itself or an earlier one. Every member
    has all files in `needed`, and none but those and `possible`. Raises KeyError, TypeError or
    ValueError for another shape.
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
        # isinstance would take True for 1.
        if any(type(owner) is not int or not 1 <= owner <= number for owner in files.values()):
            raise ValueError("expected files of this member or of an earlier one")
        found.append(files)
    # No chains: an owner holds the file itself.
    if any(found[owner - 1].get(name) != owner for files in found for name, owner in files.items()):
        raise ValueError("expected an owner that has the file itself")
    return found


def pool(
    tables: Sequence[NDArray[Any]], columns: Sequence[NDArray[Any]], size: int
) -> NDArray[np.float64]:
    """Return the mean (n, size) of the members' probabilities (n, careers of each).

    `columns` are the numbers of each member's careers. A career gets the mean of the members that
    know it. If some do not know all careers, each row is then normalised to a sum of 1.
    """
    if len(tables) == 1:
        return tables[0]
    total, known = np.zeros((len(tables[0]), size)), np.zeros(size)
    for table, own in zip(tables, columns, strict=True):
        # No number is in `own` twice; numpy would add such a column only once.
        total[:, own] += table
        known[own] += 1
    total /= known
    # Where all know all careers, a mean of rows that sum to 1 sums to 1.
    if (known < len(tables)).any():
        total /= total.sum(axis=1, keepdims=True)
    return total


def majority_reason(doubts: Sequence[str | None], order: Collection[str]) -> str | None:
    """Return why the members abstain: the most frequent reason, of equals the first in `order`.

    None if less than half of them abstain.
    """
    reasons = [doubt for doubt in doubts if doubt is not None]
    # max returns the first of equals.
    return None if 2 * len(reasons) < len(doubts) else max(order, key=reasons.count)


def conservative_thresholds(calibrations: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the largest thresholds of the members: a mean is less confident than its members."""
    return {
        key: max(float(one[key]) for one in calibrations)
        for key in ("set_threshold", "confidence_threshold")
    }
