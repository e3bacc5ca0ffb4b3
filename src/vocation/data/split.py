"""Split rows into train, validation and test, with no near-duplicates on two sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vocation.errors import ConfigError, DataError
from vocation.records import Career, Row

if TYPE_CHECKING:
    Ints = np.ndarray[Any, np.dtype[np.int64]]
    Bools = np.ndarray[Any, np.dtype[np.bool_]]

FEWEST_GROUPS = 3
"""A role with fewer groups of near-duplicates is in train only, never tested: one to test on must
leave two to learn from.
"""

FEWEST_SHARE = 0.1
"""Of all rows, half the share that is usually tested: with less the notes say how few there are."""

FEW_ROWS = 500
"""With fewer rows than that a fifth of them is too little to measure on: every row is held out in
turn instead, by `folds`. With 100 test rows the interval of 90 % is already 12 points wide.
"""

_TRAIN, _VALIDATION, _TEST = 0, 1, 2
_NAMED = 5  # careers that a note names


@dataclass(frozen=True, slots=True)
class Split:
    """Positions of rows, each sorted, together every row once. `test` and `validation` may be
    empty: then no score is possible.

    `rare` are the labels of the roles with fewer than FEWEST_GROUPS groups, which are in train
    only. `notes` of `planned` are sentences for people: what will not be tested, and why.
    """

    train: Ints
    validation: Ints
    test: Ints
    rare: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


def planned(
    labels: Ints, groups: Ints, public: Bools, seed: int, roles: Sequence[str] = ()
) -> Split:
    """Return the split that a training makes; the data report foretells it by the same call.

    `labels` and `groups` as for `split`; rows that are `public` (n) go to train. `roles` are the
    names of the labels, for the notes.
    """
    parts = split(labels, groups, seed)
    parts = move_to_train(parts, public, groups)
    labels = np.asarray(labels)
    tested = parts.test
    if len(labels) < FEW_ROWS:  # each is held out in turn
        tested = np.flatnonzero(~public & ~np.isin(labels, parts.rare))
    return replace(parts, notes=tuple(_notes(labels, parts, tested, roles)))


def public_rows(rows: Sequence[Row], groups: Ints, careers: Mapping[str, Career]) -> Bools:
    """Which of `rows` (n) must not be judged.

    Their description stands for the career itself, so similarity has seen it; or they are
    near-duplicates of such a row.
    """
    own = [
        bool(text := row.cells.get("description")) and text == careers[row.role].description
        for row in rows
    ]
    # Whole groups: a near-duplicate of such a row is as close to the description.
    return np.isin(groups, groups[np.array(own, bool)])


def split(
    labels: Ints, groups: Ints, seed: int, shares: Sequence[float] = (0.7, 0.1, 0.2)
) -> Split:
    """Split rows into train, validation and test by about `shares` (train above 0, sum 1).

    `labels` and `groups` (n, whole numbers): the role of each row, and its group of
    near-duplicates, which is never split. A role in fewer than FEWEST_GROUPS groups goes to train
    as a whole; every other role has rows in train and, sizes allowing, in test. The same arguments
    give the same split. Raises ConfigError for impossible shares and DataError for no rows.
    """
    # Not exactly 1: 0.7 + 0.1 + 0.2 is a little less in binary. `not > 0` also refuses NaN.
    if len(shares) != 3 or min(shares) < 0 or not shares[0] > 0 or abs(sum(shares) - 1) > 1e-6:
        raise ConfigError(
            "shares: expected three numbers from 0 to 1 (train above 0) that sum to 1, found"
            f" {tuple(shares)}."
        )
    labels, groups, sizes = _checked(labels, groups)
    group_of_pair, role_of_pair = _pairs(labels, groups)
    groups_of_role = np.bincount(role_of_pair, minlength=int(labels.max()) + 1)
    rare = groups_of_role < FEWEST_GROUPS
    bound = np.zeros(len(sizes), dtype=bool)  # to train: holds a row of a rare role
    bound[group_of_pair[rare[role_of_pair]]] = True

    rng = np.random.default_rng(seed)
    majority = _majority_labels(labels, groups, len(sizes))
    side = np.full(len(sizes), _TRAIN)
    owed = 0.0  # validation rows that rounding kept from the roles before
    for _, members in _by_role(majority, rng):
        free = members[~bound[members]]
        rows = int(sizes[members].sum())
        test = _pick_groups(
            free,
            sizes,
            shares[2] * rows,
            at_least_one=shares[2] > 0 and len(members) >= FEWEST_GROUPS,
            # One group at least stays for train.
            most=len(members) - 1,
        )
        side[test] = _TEST
        free = free[side[free] == _TRAIN]
        owed += shares[1] * rows
        validation = _pick_groups(
            # Validation need not have every role: what is owed goes to the next one.
            free,
            sizes,
            owed,
            at_least_one=False,
            most=min(len(free), len(members) - len(test) - 1),
        )
        side[validation] = _VALIDATION
        owed -= float(sizes[validation].sum())
    _return_to_train(side, sizes, group_of_pair, role_of_pair)

    at = side[groups]
    parts = [np.flatnonzero(at == where) for where in (_TRAIN, _VALIDATION, _TEST)]
    result = Split(
        parts[_TRAIN],
        parts[_VALIDATION],
        parts[_TEST],
        # bincount has a 0 for every number that no row has.
        tuple(np.flatnonzero(rare & (groups_of_role > 0)).tolist()),
    )
    check(result, groups)
    return result


def move_to_train(parts: Split, chosen: Bools, groups: Ints) -> Split:
    """Return `parts` with the rows `chosen` (n), whole groups of near-duplicates, moved to train.

    `groups` as for `split`.
    """
    validation, test = (part[~chosen[part]] for part in (parts.validation, parts.test))
    train = np.flatnonzero(~np.isin(np.arange(len(groups)), np.r_[validation, test]))
    result = Split(train, validation, test, parts.rare)
    check(result, groups)
    return result


def folds(labels: Ints, groups: Ints, k: int, seed: int) -> list[tuple[Ints, Ints]]:
    """Return `k` pairs (train, held out) of sorted row positions: every row is held out once,
    groups are never split, roles are spread.

    With fewer than `k` groups there are as many folds as groups. Raises DataError with fewer than
    two groups, ConfigError for k < 2.
    """
    if k < 2:
        raise ConfigError(f"folds: expected k of at least 2, found {k}.")
    labels, groups, sizes = _checked(labels, groups)
    k = min(k, len(sizes))
    if k < 2:
        raise DataError(
            "Expected at least two different rows to hold some out; found one (the others are"
            " near-duplicates of it)."
        )
    majority = _majority_labels(labels, groups, len(sizes))
    fold_of = np.empty(len(sizes), dtype=np.int64)
    total = np.zeros(k)
    for _, members in _by_role(majority, np.random.default_rng(seed)):
        of_role = np.zeros(k)
        # Large groups first: the small ones then even things out.
        # A stable sort keeps the random order among groups of one size.
        for group in members[np.argsort(-sizes[members], kind="stable")].tolist():
            # To the fold with the fewest rows of this role, then of all roles.
            # lexsort's last key counts first.
            fold = int(np.lexsort((total, of_role))[0])
            fold_of[group] = fold
            of_role[fold] += sizes[group]
            total[fold] += sizes[group]
    at = fold_of[groups]
    return [(np.flatnonzero(at != fold), np.flatnonzero(at == fold)) for fold in range(k)]


def check(split: Split, groups: Ints) -> None:
    """Raise RuntimeError where a group is on two sides, or a row on none or two: a bug of ours."""
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    everything = np.concatenate(list(parts.values()))
    if not np.array_equal(np.sort(everything), np.arange(len(groups))):
        raise RuntimeError(
            f"the split holds {len(everything):,} positions for {len(groups):,} rows; each row must"
            " be there exactly once"
        )
    names = list(parts)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            shared = np.intersect1d(
                np.asarray(groups)[parts[one]], np.asarray(groups)[parts[other]]
            )
            if len(shared):
                raise RuntimeError(
                    f"the split leaks: {len(shared):,} groups of near-duplicates are both in {one}"
                    f" and in {other}"
                )


def _checked(labels: Ints, groups: Ints) -> tuple[Ints, Ints, Ints]:
    """Return labels, groups renumbered from 0, and the rows of each group."""
    labels, groups = np.asarray(labels, dtype=np.int64), np.asarray(groups)
    if labels.ndim != 1 or labels.shape != groups.shape:
        raise ValueError(
            f"labels {labels.shape} and groups {groups.shape} must be lists of the same length"
        )
    if not len(labels):
        raise DataError("Expected rows to split; found none.")
    _, groups, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return labels, groups, sizes


def _pairs(labels: Ints, groups: Ints) -> tuple[Ints, Ints]:
    """Return every (group, role) that occurs, once, by group."""
    # One number for each pair, so that one `unique` finds them.
    roles = int(labels.max()) + 1
    return np.divmod(np.unique(groups * roles + labels), roles)


def _majority_labels(labels: Ints, groups: Ints, count: int) -> Ints:
    """Return the role (count) with most rows in each group, the first on ties: its owner."""
    roles = int(labels.max()) + 1
    codes, rows = np.unique(groups * roles + labels, return_counts=True)
    group, role = np.divmod(codes, roles)
    order = np.lexsort((role, -rows, group))
    # By group, then by rows, most first: the first entry of each group is its majority.
    first = order[np.r_[True, group[order][1:] != group[order][:-1]]]
    majority = np.empty(count, dtype=np.int64)
    majority[group[first]] = role[first]
    return majority


def _by_role(majority: Ints, rng: np.random.Generator) -> Iterator[tuple[int, Ints]]:
    """Yield roles in random order, each with its groups in random order."""
    order = rng.permutation(len(majority))
    # A stable sort keeps the random order within a role.
    order = order[np.argsort(majority[order], kind="stable")]
    members = np.split(order, np.flatnonzero(np.diff(majority[order])) + 1)
    for i in rng.permutation(len(members)).tolist():
        yield int(majority[members[i][0]]), members[i]


def _pick_groups(free: Ints, sizes: Ints, rows: float, at_least_one: bool, most: int) -> Ints:
    """Return groups, in the order given, with about `rows` rows; at most `most` groups.

    The sum passes `rows` by half a group at the most.
    """
    taken: list[int] = []
    for group in free.tolist():
        if len(taken) >= most:
            break
        if sizes[group] / 2 <= rows:
            taken.append(group)
            rows -= sizes[group]
    if at_least_one and not taken and len(free) and most > 0:
        # The smallest one exceeds the share the least.
        taken = [int(free[np.argmin(sizes[free])])]
    return np.array(taken, dtype=np.int64)


def _return_to_train(side: Ints, sizes: Ints, group_of_pair: Ints, role_of_pair: Ints) -> None:
    """Move the smallest group of each role without one to train.

    Such a role shares all its groups with the roles that own them.
    """
    in_train = np.zeros(int(role_of_pair.max()) + 1, dtype=bool)
    in_train[role_of_pair[side[group_of_pair] == _TRAIN]] = True
    for role in np.unique(role_of_pair[~in_train[role_of_pair]]).tolist():
        mine = group_of_pair[role_of_pair == role]
        side[mine[np.argmin(sizes[mine])]] = _TRAIN


def _notes(labels: Ints, parts: Split, tested: Ints, roles: Sequence[str]) -> Iterator[str]:
    careers = np.unique(labels)
    if parts.rare:
        yield (
            f"{len(parts.rare):,} of {len(careers):,} careers have fewer than {FEWEST_GROUPS}"
            " different texts (near-duplicates count as one): these are learnt, but never"
            f" tested{_named(parts.rare, roles)}."
        )
    if not len(tested):
        yield "Too little is left to hold out: no score possible."
        return
    untested = np.setdiff1d(careers, labels[tested]).tolist()
    if len(untested) > len(parts.rare):
        yield (
            f"The score says nothing about {len(untested):,} of {len(careers):,} careers, which"
            f" have no row in the test part{_named(untested, roles)}."
        )
    if len(tested) < FEWEST_SHARE * len(labels):
        yield (
            f"Only {len(tested):,} of {len(labels):,} rows are left to test on: the others"
            " are near-duplicates of each other, describe the career itself, or belong to"
            " careers with too few texts."
        )
    if not len(parts.validation):
        yield "Too little is left for a validation part."


def _named(chosen: Sequence[int], roles: Sequence[str]) -> str:
    if not len(roles):
        return ""
    more = f" and {len(chosen) - _NAMED:,} more" if len(chosen) > _NAMED else ""
    return f": {', '.join(roles[label] for label in chosen[:_NAMED])}{more}"
