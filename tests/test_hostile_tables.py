"""A sample of the campaigns of fuzz/: spoilt tables, and formulas on their way into a
spreadsheet.
"""

from __future__ import annotations

import random
from pathlib import Path

import formulas
import pytest
from tables.cases import Mutant, Style, case
from tables.foreign import ALL
from tables.judge import by_command, judge

from vocation.data.schema import KINDS
from vocation.serving.batch import score
from vocation.serving.writing import defused, original

SMALL = [name for name, mutator in ALL.items() if mutator.group != "too much"]


@pytest.mark.parametrize("name", SMALL)
def test_a_spoilt_table_is_refused_with_its_place_or_read_without_silent_loss(
    tmp_path: Path, name: str
) -> None:
    rng = random.Random(name)
    mutator = ALL[name]
    mutant = mutator.make(
        rng, case(rng, rng.choice(KINDS).name, min(mutator.rows, 60), mutator.spices), Style()
    )
    verdict = judge(name, mutant, tmp_path, compare=True)
    assert not verdict.broken
    assert verdict.seconds < 10
    assert by_command(tmp_path)


def test_the_judge_notices_a_loss(tmp_path: Path) -> None:
    rng = random.Random(0)
    table = case(rng, "qa", 12)
    whole = ALL["semicolons"].make(rng, table, Style())
    lines = whole.data.splitlines(keepends=True)
    fewer = Mutant(table, b"".join(lines[:-1]), whole.rows)  # the last row is in no ledger
    assert "rows are not told" in judge("fewer", fewer, tmp_path, compare=True).broken[0]
    other = Mutant(table, whole.data.replace(b"the", b"teh"), whole.rows)
    assert "changed in silence" in judge("other", other, tmp_path, compare=True).broken[0]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_no_formula_lives_in_a_file_for_spreadsheets(tmp_path: Path, separator: str) -> None:
    rng = random.Random(separator)
    payloads = [formulas.payload(rng) for _ in range(40)]
    source = tmp_path / "in.jsonl" if separator == "," else tmp_path / "in.csv"
    rows = formulas.write(source, payloads, separator)
    score(source, tmp_path / "out.csv", "text", formulas.Echo(payloads[:5]), excel=True)  # type: ignore[arg-type]
    assert formulas.check(tmp_path / "out.csv", separator, rows) == (0, 0)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("\u3000\uff1d1+1", "'\u3000\uff1d1+1"),
        ("animals;=1+1", "animals;'=1+1"),  # a spreadsheet set to semicolons parts the cell there
        ("'=1+1", "''=1+1"),
        ("plain, text", "plain, text"),
        (-5, -5),
    ],
)
def test_what_is_defused_can_be_had_back(cell: str | int, written: str | int) -> None:
    assert defused(cell) == written
    assert original(str(written)) == str(cell)
