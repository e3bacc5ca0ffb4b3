"""Reads a corrupt file as `vocation validate` does and says which promises were kept."""

from __future__ import annotations

import contextlib
import io
import json
import re
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tables.cases import Mutant, Style, record, sheet, twin
from tables.cases import mutant as make
from vocation import cli
from vocation.data import dataset
from vocation.data.csv_reader import RowIssue
from vocation.data.report import Report
from vocation.data.tables import Table, read_folder
from vocation.errors import VocationError
from vocation.records import Facts, Row

SPAN = re.compile(r"lines (\d+) to (\d+) were read as one row")
CHANGED = re.compile(
    r"separator|not UTF-8|Windows-1252|byte order mark|NUL|left out|left as|spoilt|corrupt|no line"
    r" end|mended|repaired|incomplete|not doubled"
)
"""What a hint says where letters of the file are not what they were meant to be."""
PLACE = re.compile(r"line [\d,]+")
COLUMN = re.compile(r"column|byte|is empty|no rows")
"""A refusal names a column, or the byte where something that is no text begins; an empty file has
neither.
"""
MOST_SAID = 60_000  # characters of a report or a refusal that a person would still scroll through


@dataclass
class Verdict:
    """What one file did. `broken` are promises not kept, a sentence each; the counts are of cells
    and rows of the clean twin.
    """

    name: str
    seconds: float
    refused: bool = False
    broken: list[str] = field(default_factory=list)
    right: int = 0  # cells equal to the twin's
    read: int = 0  # cells of the rows that were read
    wanted: int = 0  # cells of the twin's rows that were read or are not accounted for
    rows: int = 0  # the twin's rows in the file
    kept: int = 0  # of them read


def write(folder: Path, mutant: Mutant, data: bytes) -> None:
    """The file alone in its folder; facts need rows beside them."""
    for old in folder.iterdir():
        old.unlink()
    (folder / mutant.case.file).write_bytes(data)
    if mutant.case.kind == "careers":
        rows = [(row[0], f"I work as {row[0]} and like it") for row in mutant.case.rows]
        (folder / "profiles.csv").write_text(
            "".join(record(row, Style()) for row in (("role", "profile"), *rows)), encoding="utf-8"
        )


def judge(name: str, mutant: Mutant, folder: Path, compare: bool) -> Verdict:
    """Read the file, time it, check the ledger or the refusal; `compare` it with its clean twin."""
    write(folder, mutant, mutant.data)
    start = time.perf_counter()
    data: dataset.Dataset | None = None
    verdict = Verdict(name, 0.0)
    try:
        data = dataset.load(folder)
        told = str(data.report)
        (told + json.dumps(data.report.to_dict(), ensure_ascii=False)).encode()
        if len(told) > MOST_SAID:
            verdict.broken.append(f"the report has {len(told):,} characters")
    except VocationError as error:
        verdict.refused = True
        verdict.broken += _refusal(str(error), mutant)
    except Exception:
        verdict.broken.append(traceback.format_exc(limit=-2))
    verdict.seconds = time.perf_counter() - start
    if data is not None:
        table = _table(folder, mutant)
        verdict.broken += (
            _facts_ledger(table, mutant)
            if mutant.case.kind == "careers"
            else _ledger(data.report, data.rows, mutant)
        )
        if compare and mutant.rows is not None and not verdict.broken:
            _compare(verdict, data.report, table, mutant, folder)
            write(folder, mutant, mutant.data)
    return verdict


def _table(folder: Path, mutant: Mutant) -> Table:
    return next(table for table in read_folder(folder) if table.file == mutant.case.file)


def by_command(folder: Path) -> str:
    """What `vocation validate` prints for the file that lies in `folder`; "" where its exit status
    is wrong.
    """
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = cli.main(["validate", str(folder)])
    fine = (status == 0 and not err.getvalue()) or (
        status == 1 and err.getvalue().startswith("vocation: ") and not out.getvalue()
    )
    return out.getvalue() + err.getvalue() if fine else ""


def _refusal(message: str, mutant: Mutant) -> list[str]:
    broken = [
        f"the refusal does not name {what}: {problem[:300]}"
        for problem in message.split("\n")
        for what, named in (
            ("the file", mutant.case.file in problem),
            ("the line", PLACE.search(problem)),
            ("the column", COLUMN.search(problem)),
        )
        if not named
    ]
    return (
        [*broken, f"the refusal has {len(message):,} characters"] if len(message) > 3000 else broken
    )


def _ledger(report: Report, rows: Sequence[Row], mutant: Mutant) -> list[str]:
    """Every row of the file is told once: used, merged, dropped, or within lines that were read as
    one row.
    """
    if report.rows_in != report.used + len(report.merged) + len(report.dropped):
        return ["the ledger does not add up"]
    lines = [entry.line for entry in (*rows, *report.merged, *report.dropped)]
    told, spans = set(lines), _spans(report.dropped)
    if len(told) != len(lines):
        return ["a line is told twice"]
    if mutant.rows is None:
        last = mutant.data.count(b"\n") + mutant.data.count(b"\r") + 1
        return [f"line {max(lines)} is told, the file has {last}"] if max(lines) > last else []
    silent = [
        line
        for _, line in mutant.rows
        if line not in told and not any(first <= line <= end for first, end in spans)
    ]
    if silent:
        return [
            f"{len(silent)} of {len(mutant.rows)} rows are not told, the first in line {silent[0]}"
        ]
    surplus = told - {line for _, line in mutant.rows} - {drop.line for drop in report.dropped}
    quotes = any("quotes do not match" in drop.reason for drop in report.dropped)
    return (
        [f"line {min(surplus)} is used as a row, which it is not"] if surplus and not quotes else []
    )


def _spans(dropped: Sequence[RowIssue]) -> list[tuple[int, int]]:
    return [
        (int(match[1]), int(match[2])) for drop in dropped if (match := SPAN.search(drop.reason))
    ]


def _facts_ledger(table: Table, mutant: Mutant) -> list[str]:
    """The same for careers.csv, whose lines are facts and no rows of the report."""
    told = (
        len(table.facts)
        + len(table.dropped)
        + sum("is there twice" in hint for hint in table.hints)
    )
    told += sum(end - first for first, end in _spans(table.dropped))
    return (
        [f"{len(mutant.rows)} lines of facts, {told} are told"]
        if mutant.rows is not None and told < len(mutant.rows)
        else []
    )


# --- twins ----------------------------------------------------------------------------------------


def _compare(verdict: Verdict, report: Report, table: Table, mutant: Mutant, folder: Path) -> None:
    """Count the cells that are as in the clean twin; a cell that differs must be spoken of."""
    write(folder, mutant, twin(mutant.case))
    clean_report, clean = dataset.load(folder).report, _table(folder, mutant)
    if clean.kind == "careers":
        there = {mutant.case.rows[number][0] for number, _ in mutant.rows or () if number >= 0}
        pairs = [
            (_flat(facts), _flat(table.facts[role]) if role in table.facts else None)
            for role, facts in clean.facts.items()
            if role in there
        ]
        strange = [_flat(facts) for role, facts in table.facts.items() if role not in clean.facts]
        accounted = len(mutant.rows or ()) - len(table.facts)
    else:
        line_of = dict(mutant.rows or ())
        clean_lines = [line for _, line in mutant_lines(mutant)]
        wanted = {
            clean_lines.index(row.line): {"role": row.role, **row.cells} for row in clean.rows
        }
        found = {row.line: {"role": row.role, **row.cells} for row in table.rows}
        pairs = [
            (cells, found.pop(line_of[number], None))
            for number, cells in wanted.items()
            if number in line_of
        ]
        strange, accounted = list(found.values()), len(pairs)
    hints = set(report.hints) - set(clean_report.hints)
    lost = sum(cells is None for _, cells in pairs)
    changed = [(a, b) for a, b in pairs if b is not None and a != b]
    if lost > accounted:
        verdict.broken.append(f"{lost} lines of facts are lost, {accounted} are told")
    if changed and not any(CHANGED.search(hint) for hint in hints):
        verdict.broken.append(f"changed in silence: {_difference(*changed[0])}")
    if strange and not any(CHANGED.search(hint) for hint in hints):
        verdict.broken.append(f"taken for a row: {str(strange[0])[:200]}")
    verdict.rows, verdict.kept = len(pairs), len(pairs) - lost
    for cells, other in pairs:
        verdict.right += (
            sum(other.get(name) == value for name, value in cells.items())
            if other is not None
            else 0
        )
        verdict.wanted += len(cells) if other is not None else 0
        verdict.read += len(other or ())
    verdict.read += sum(map(len, strange))


def mutant_lines(mutant: Mutant) -> tuple[tuple[int, int], ...]:
    """Where the clean twin's rows begin."""
    return make(mutant.case, sheet(mutant.case, Style()), Style()).rows or ()


def _flat(facts: Facts) -> dict[str, str]:
    """The facts that are filled."""
    values = asdict(facts)
    return {
        name: str(value)
        for name, value in (values | values.pop("interests")).items()
        if value not in ("", None, False, ())
    }


def _difference(a: Mapping[str, str], b: Mapping[str, str]) -> str:
    name = next(name for name in (*a, *b) if a.get(name) != b.get(name))
    one, two = a.get(name, ""), b.get(name, "")
    at = next(
        (i for i, (x, y) in enumerate(zip(one, two, strict=False)) if x != y),
        min(len(one), len(two)),
    )
    return f"{name}: {one[max(0, at - 20) : at + 30]!r} became {two[max(0, at - 20) : at + 30]!r}"
