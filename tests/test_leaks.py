"""Near-duplicates stay together, and a large file is read line by line: small samples of
fuzz/leaks.py.
"""

from __future__ import annotations

import argparse
import io
import random

import leaks
import numpy as np
import pytest

from vocation.data import encoding
from vocation.data.duplicates import find_duplicates
from vocation.data.encoding import Lines, lines_of


def test_two_neighbours_that_change_places_hide_nothing() -> None:
    words = [f"word{i}" for i in range(20)]
    swapped = [
        *words[:9],
        words[10],
        words[9],
        *words[11:],
    ]  # of 22 runs two are others: 20 of 24 common = .83
    _, similarity, _, groups, _ = find_duplicates(
        [" ".join(words), " ".join(swapped)], np.array([0, 0]), ["Baker"]
    )
    assert groups.tolist() == [0, 0]
    assert similarity[1] == pytest.approx(20 / 24)
    backwards = [
        " ".join(words),
        " ".join(f"{words[i + 1]} {words[i]}" for i in range(0, 20, 2)),
    ]  # every pair: another text
    assert len(set(find_duplicates(backwards, np.array([0, 0]), ["Baker"])[3].tolist())) == 2


def test_planted_twins_stay_together(capsys: pytest.CaptureFixture[str]) -> None:
    assert leaks.campaign(
        argparse.Namespace(rows=900, exact=60, near=160, seed=3, show=0)
    )  # 20 twins of each of eight kinds
    table = capsys.readouterr().out
    assert "| exact | 60 | 0 | 0 |" in table
    assert "| swap | 20 | 0 | 0 |" in table


def test_a_leak_would_be_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "vocation.data.duplicates.SIMILAR", 0.95
    )  # one changed word of 20 is then another text
    assert not leaks.campaign(argparse.Namespace(rows=900, exact=60, near=160, seed=3, show=0))


def test_clean_rows_in_one_group_are_told_from_natural_twins() -> None:
    rows = [
        ("a", "one two three four five"),
        ("a", "one two three four six"),
        ("b", "something else altogether is here"),
        ("b", "alone"),
    ]
    false, natural = leaks.alarms(rows, np.array([0, 0, 0, 1]), [])
    assert natural == 2  # the first two share four of five words
    assert [i for i, _, _ in false] == [2]


def test_validate_on_many_rows_in_a_process_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert leaks.million(argparse.Namespace(rows=2000, seed=0, show=0))
    assert "Rows: 2,000 read = " in capsys.readouterr().out


@pytest.mark.parametrize("block", [1, 3, 7, 1 << 22])
def test_lines_on_demand_are_the_lines_of_the_text(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LF, CR LF and CR end a line also where blocks meet; U+2028 does not."""
    monkeypatch.setattr(encoding, "_BLOCK", max(block, 4))  # a letter may have four bytes
    rng = random.Random(block)
    for _ in range(200):
        text = "".join(
            rng.choices(["\n", "\r", "\r\n", "a", "é", "\u2028", "😀", ","], k=rng.randrange(0, 30))
        )
        lines, hints = lines_of(text.encode(), "x.csv")
        expected = list(io.StringIO(text, newline=""))
        assert list(lines) == expected == lines[:]
        assert [lines[-1 - i] for i in range(len(lines))] == expected[::-1]
        assert hints == []
    assert list(Lines(b"")) == []
    assert lines_of(b"role,profile\nBaker,bread\0\n", "x.csv")[1] == [
        "x.csv: holds 1 NUL characters, which were left out."
    ]
