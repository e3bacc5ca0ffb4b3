"""Splitting: no near-duplicate on two sides, every role learnt, every row somewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vocation.data.dataset import load
from vocation.data.split import Split, check, folds, planned, split
from vocation.errors import ConfigError, DataError


def test_shares_hold_for_every_role() -> None:
    labels = np.repeat([0, 1, 2], [100, 50, 10])
    result = split(labels, np.arange(160), seed=0)
    assert np.bincount(labels[result.test]).tolist() == [20, 10, 2]
    assert np.bincount(labels[result.validation]).tolist() == [10, 5, 1]
    assert result.rare == ()


def test_a_group_is_never_split_and_every_role_is_learnt() -> None:
    rng = np.random.default_rng(5)
    for seed in range(200):
        count = int(rng.integers(1, 60))
        labels, groups = rng.integers(0, 6, count), rng.integers(0, int(rng.integers(1, 60)), count)
        result = split(labels, groups, seed)  # raises on a leak and on a lost row
        assert set(labels[result.train].tolist()) == set(labels.tolist())
        for role in set(labels.tolist()):
            if len(set(groups[labels == role].tolist())) < 3:
                assert not np.isin(role, labels[np.r_[result.test, result.validation]])


def test_a_role_that_only_shares_groups_is_learnt_too() -> None:
    labels = np.r_[np.zeros(60, int), 1, 1, 1]
    groups = np.r_[
        np.repeat(np.arange(30), 2), 0, 1, 2
    ]  # each row of role 1 is a near-duplicate of two rows of role 0
    assert all(
        1 in labels[split(labels, groups, seed).train] for seed in range(300)
    )  # by chance all three would miss train in 3 %


def test_the_same_seed_gives_the_same_split_and_another_seed_another() -> None:
    labels, groups = np.repeat([0, 1], 50), np.arange(100)
    first, again, other = (split(labels, groups, seed) for seed in (1, 1, 2))
    assert np.array_equal(first.test, again.test)
    assert not np.array_equal(first.test, other.test)


def test_rare_roles_are_only_learnt_and_this_is_said() -> None:
    labels = np.r_[np.zeros(20, int), 1, 1, 2]
    nobody = np.zeros(23, bool)
    result = planned(labels, np.arange(23), nobody, 0, ["Baker", "Chef", "Diver"])
    assert set(labels[result.test].tolist()) == {0}
    assert result.rare == (1, 2)
    (note,) = result.notes  # once: that these have no row in the test part says no more
    assert note.startswith("2 of 3 careers have fewer than 3 different texts")
    assert note.endswith("never tested: Chef, Diver.")
    nothing = planned(np.array([0, 1]), np.array([0, 1]), nobody[:2], 0)
    assert len(nothing.test) == 0
    assert nothing.notes[1] == "Too little is left to hold out: no score possible."


def test_what_is_only_learnt_leaves_the_test_and_this_is_said() -> None:
    labels, groups = np.repeat([0, 1], 20), np.arange(40)
    moved = planned(labels, groups, labels == 1, 0, ["Baker", "Chef"])
    assert set(labels[np.r_[moved.test, moved.validation]].tolist()) == {0}
    assert len(moved.train) + len(moved.validation) + len(moved.test) == 40
    assert moved.notes == (
        "The score says nothing about 1 of 2 careers, which have no row in the test part: Chef.",
    )
    assert planned(labels, groups, np.zeros(40, bool), 0).notes == ()
    # Few rows are held out in turn, so all that are not public are tested: 2, not a part of them.
    few = planned(labels, groups, groups % 20 >= 1, 0)
    assert "Only 2 of 40 rows are left to test on" in " ".join(few.notes)
    many = planned(np.repeat([0, 1], 300), np.arange(600), np.arange(600) % 300 >= 45, 0)
    assert 0 < len(many.test) < 60  # a tenth of 600 rows would be as many
    assert f"Only {len(many.test)} of 600 rows are left to test on" in " ".join(many.notes)


def test_check_notices_a_leak_and_a_lost_row() -> None:
    with pytest.raises(
        RuntimeError, match="1 groups of near-duplicates are both in train and in test"
    ):
        check(Split(np.array([0, 1]), np.array([2]), np.array([3])), np.array([7, 8, 9, 7]))
    with pytest.raises(RuntimeError, match="3 positions for 4 rows"):
        check(Split(np.array([0, 1]), np.array([2]), np.array([], dtype=int)), np.arange(4))


def test_near_duplicates_of_files_stay_on_one_side(tmp_path: Path) -> None:
    texts = [" ".join(f"w{(37 * i + 11 * j) % 997}" for j in range(30)) for i in range(40)]
    rows = "".join(f"Chef,{text}\nNurse,changed {text.partition(' ')[2]}\n" for text in texts)
    (tmp_path / "profiles.csv").write_text("role,profile\n" + rows)
    data = load(tmp_path)
    assert (
        len(set(data.groups.tolist())) == 40
    )  # each text of a chef has its twin with one other word under nurse
    result = split(data.labels, data.groups, seed=3)
    sides = [
        {data.rows[i].line // 2 for i in part}
        for part in (result.train, result.validation, result.test)
    ]  # lines 2 and 3 are twins, ...
    assert all(sides)
    assert sum(map(len, sides)) == 40  # no twins apart


def test_folds_hold_every_row_out_once() -> None:
    rng = np.random.default_rng(2)
    labels, groups = np.repeat([0, 1, 2, 3], 30), rng.integers(0, 80, 120)
    parts = folds(labels, groups, k=5, seed=0)
    assert sorted(np.concatenate([held for _, held in parts]).tolist()) == list(range(120))
    for train, held in parts:
        assert not set(groups[train].tolist()) & set(groups[held].tolist())
        assert len(train) + len(held) == 120
        assert (
            np.bincount(labels[held], minlength=4).min() >= 2
        )  # 6 of each role when groups are single rows
    assert (
        len(folds(np.array([0, 0, 1]), np.array([0, 1, 2]), k=5, seed=0)) == 3
    )  # no more folds than groups


def test_impossible_requests_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"sum to 1, found \(0\.5, 0\.1, 0\.2\)"):
        split(np.array([0]), np.array([0]), 0, shares=(0.5, 0.1, 0.2))
    with pytest.raises(DataError, match="Expected rows to split; found none"):
        split(np.array([], dtype=int), np.array([], dtype=int), 0)
    with pytest.raises(DataError, match="at least two different rows"):
        folds(np.array([0, 1]), np.array([4, 4]), k=2, seed=0)
