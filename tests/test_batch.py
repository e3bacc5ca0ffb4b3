"""Scoring files: every row in comes out once and in order, whatever is wrong with the file."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from vocation.cli.signals import stopping
from vocation.data import csv_reader, csv_records, encoding, json_tables
from vocation.errors import DataError
from vocation.serving.batch import ScoreReport, evaluate, score
from vocation.serving.decisions import Decision, Named

ADDED = ["decision", "career_1", "confidence_1", "reason_code", "directions"]


class Echo:
    """Answers every text with the text itself as the career, so that a test sees what was read."""

    classes = ("Chef",)

    def decide(self, texts: list[str], top_k: int) -> list[Decision]:
        return [Decision("match", careers=(Named(text, 0.5),)) for text in texts]


def run(
    folder: Path, data: str | bytes, column: str = "about", output: str = "out.csv"
) -> tuple[list[str], list[list[Any]], ScoreReport]:
    """Score a CSV file; return the header, the rows of the output and the report."""
    source = folder / "people.csv"
    source.write_bytes(data.encode() if isinstance(data, str) else data)
    report = score(source, folder / output, column, Echo(), top_k=1)  # type: ignore[arg-type]
    if output.endswith(".jsonl"):
        lines = (folder / output).read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
        return list(entries[0]), [list(entry.values()) for entry in entries], report
    if output.endswith(".parquet"):
        pandas = pytest.importorskip("pandas")
        pytest.importorskip("pyarrow")
        frame = pandas.read_parquet(folder / output)
        cells = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
        return list(frame.columns), cells, report
    text = (folder / output).read_bytes().decode()
    sign = "," if column + "," in text or ",decision" in text else ";"
    header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    return header, rows, report


PEOPLE = [f"{i},I like cooking for many people {i}" for i in range(1, 11)]
QUOTED = [f'{i},"I like cooking, and baking {i}"' for i in range(1, 11)]


@pytest.mark.parametrize("lines", [PEOPLE, QUOTED], ids=["plain", "quoted"])
@pytest.mark.parametrize("at", range(10))
def test_an_open_quote_costs_its_own_row_only(tmp_path: Path, lines: list[str], at: int) -> None:
    broken = [*lines[:at], f'{at + 1},"I like repairing engines', *lines[at + 1 :]]
    header, rows, report = run(tmp_path, "id,about\n" + "\n".join(broken) + "\n")
    assert header == ["id", "about", *ADDED]
    assert [row[0] for row in rows] == [str(i) for i in range(1, 11)]
    assert [row[2] == "error" for row in rows] == [i == at for i in range(10)]
    assert rows[at] == [str(at + 1), '"I like repairing engines', "error", "", "", "unread", ""]
    assert [(issue.file, issue.line, issue.column) for issue in report.issues] == [
        ("people.csv", at + 2, "about")
    ]
    assert dict(report.decisions) == {"match": 9, "unsure": 0, "help": 0, "error": 1}
    assert all(row[3] == row[1] for row in rows if row[2] == "match")


def test_an_open_quote_in_a_table_of_one_column(tmp_path: Path) -> None:
    _, rows, report = run(tmp_path, 'about\nI cook, I bake\n"I weld\nI paint\n"I, too"\n')
    assert [row[:2] for row in rows] == [
        ["I cook, I bake", "match"],
        ['"I weld', "error"],
        ["I paint", "match"],
        ["I, too", "match"],
    ]
    assert [issue.line for issue in report.issues] == [3]


def test_two_stray_quotes_that_match_by_accident(tmp_path: Path) -> None:
    lines = ["1,I cook", '2,"I weld', "3,I paint", '4,I sew"', "5,I sing"]
    _, rows, report = run(tmp_path, "id,about\n" + "\n".join(lines) + "\n")
    assert [(row[0], row[2]) for row in rows] == [
        ("1", "match"),
        ("2", "error"),
        ("3", "match"),
        ("4", "match"),
        ("5", "match"),
    ]
    assert [issue.line for issue in report.issues] == [3]


def test_a_text_of_many_lines_that_look_like_rows_is_one_row(tmp_path: Path) -> None:
    text = "2019,cook\n2020,chef\n2021,head chef"
    _, rows, report = run(tmp_path, f'id,about\n1,"{text}"\n2,"{text}"\n3,I weld\n')
    assert [row[:2] for row in rows] == [["1", text], ["2", text], ["3", "I weld"]]
    assert report.decisions["error"] == 0


SURPLUS = (
    "id,name,about,city\n"
    "1,A,I love cooking, baking, and running a kitchen,Rome\n"
    '2,"B, junior",I repair engines,Oslo\n'
    "3,C\n"
    "4,,,\n"
    "5,E,I paint,Bonn,,\n"
)


@pytest.mark.parametrize("output", ["out.csv", "out.jsonl", "out.parquet"])
def test_no_cell_of_a_ragged_row_stands_under_another_column(tmp_path: Path, output: str) -> None:
    nothing = "" if output == "out.csv" else None
    header, rows, report = run(tmp_path, SURPLUS, output=output)
    assert header == ["id", "name", "about", "city", *ADDED]
    assert [row[:6] for row in rows] == [
        ["1", "A", "I love cooking, baking, and running a kitchen", "Rome", "error", nothing],
        ["2", "B, junior", "I repair engines", "Oslo", "match", "I repair engines"],
        ["3", "C", "", "", "error", nothing],
        ["4", "", "", "", "match", ""],
        ["5", "E", "I paint", "Bonn", "match", "I paint"],
    ]
    assert [(issue.line, issue.reason[:27]) for issue in report.issues] == [
        (2, "expected 4 cells, found 6: "),
        (4, "expected 4 cells, found 2"),
    ]


@pytest.mark.parametrize("output", ["out.jsonl", "out.parquet"])
def test_columns_of_one_name_are_both_kept(tmp_path: Path, output: str) -> None:
    header, rows, _ = run(tmp_path, "note,about,note,note_2\na,I cook,b,c\n", output=output)
    assert dict(zip(header, rows[0], strict=True)) == {
        "note": "a",
        "about": "I cook",
        "note_3": "b",
        "note_2": "c",
        **dict(zip(ADDED, ["match", "I cook", 0.5, None, None], strict=True)),
    }


def test_a_text_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^people\.csv: .*'about'"):
        run(tmp_path, "about,about\nI cook,I weld\n")


@pytest.mark.parametrize(
    ("data", "header"),
    [
        ("sep=;\nid;about\n1;I cook, I bake\n", ["id", "about"]),
        ("People 2024;\n\nid;about\n1;I cook, I bake\n", ["id", "about"]),
        ("id; About \n1;I cook, I bake\n", ["id", " About "]),
        ("\ufeffid;ABOUT\r\n1;I cook, I bake\r\n", ["id", "ABOUT"]),
        ('id;"About"\n1; "I cook, I bake"\n', ["id", "About"]),
    ],
)
def test_headers_are_found_as_in_training(tmp_path: Path, data: str, header: list[str]) -> None:
    found, rows, report = run(tmp_path, data)
    assert found == [*header, *ADDED]
    assert [row[:4] for row in rows] == [["1", "I cook, I bake", "match", "I cook, I bake"]]
    assert any("line 3" in hint for hint in report.hints) == data.startswith("People")


def test_input_columns_are_kept_verbatim(tmp_path: Path) -> None:
    data = 'id,about,note\n 007 ,"two\nlines, ""quoted"""," kept "\n8, I cook , x\n'
    _, rows, _ = run(tmp_path, data)
    assert [row[:3] for row in rows] == [
        [" 007 ", 'two\nlines, "quoted"', " kept "],
        ["8", " I cook ", " x"],
    ]


def test_lines_that_are_no_json_come_out_without_an_answer(tmp_path: Path) -> None:
    source = tmp_path / "people.jsonl"
    source.write_text('{"id": 1, "about": "I cook"}\nI weld\n\n{"id": 3}\n', encoding="utf-8")
    report = score(source, tmp_path / "out.jsonl", "about", Echo(), top_k=1)  # type: ignore[arg-type]
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [list(json.loads(line).values())[:3] for line in lines]
    assert rows == [[1, "I cook", "match"], [None, "I weld", "error"], [3, None, "match"]]
    assert [issue.line for issue in report.issues] == [2]
    source.write_text("I weld\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"^people\.jsonl, line 1: "):
        score(source, tmp_path / "out.jsonl", "about", Echo())  # type: ignore[arg-type]


def test_evaluate_names_what_it_cannot_read(tmp_path: Path) -> None:
    source = tmp_path / "test.csv"
    source.write_text("text,label\nI cook, I bake,Chef\nI weld,Welder\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"test\.csv, line 2: expected 2 cells, found 3"):
        evaluate(source, "text", "label", Echo())  # type: ignore[arg-type]


LONG = {
    "a line": "5,a" + "b" * 500 + "\n",
    "a line of many cells": "5" + ",b" * 250 + "\n",
    "a quoted cell": '5,"' + "some words\n" * 50 + '"\n',
    "an open quote": '5,"' + "some words\n" * 50,
}


@pytest.mark.parametrize("long", LONG.values(), ids=LONG)
def test_a_record_that_is_too_long_costs_its_own_row_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, long: str
) -> None:
    """200 characters stand for two million: nothing longer becomes cells or one string."""
    for module in (encoding, csv_reader, csv_records):
        monkeypatch.setattr(module, "MAX_LINE" if module is encoding else "MAX_RECORD", 200)
    monkeypatch.setattr(csv_records, "MAX_CELL", 100)
    lines = [line + "\n" for line in PEOPLE]
    data = "id,about\n" + "".join([*lines[:4], long, *lines[4:]])
    _, rows, report = run(tmp_path, data)
    assert [row[1:3] for row in rows if row[2] == "match"] == [
        [line.split(",")[1], "match"] for line in PEOPLE
    ]
    [issue] = report.issues
    assert (issue.file, issue.line) == ("people.csv", 6)
    assert "more than 200 characters" in issue.reason
    assert max(len(cell) for row in rows for cell in row) <= 200


def test_a_json_line_that_is_too_long_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "MAX_LINE", 200)
    monkeypatch.setattr(json_tables, "MAX_RECORD", 200)
    lines = [json.dumps({"about": text}) for text in ("I cook", "I bake " * 100, "I weld")]
    (tmp_path / "people.jsonl").write_text("\n".join(lines), encoding="utf-8")
    report = score(tmp_path / "people.jsonl", tmp_path / "out.csv", "about", Echo(), top_k=1)  # type: ignore[arg-type]
    assert dict(report.decisions) == {"match": 2, "unsure": 0, "help": 0, "error": 1}
    assert "line 2: " in str(report.issues[0])
    assert "more than 200 characters" in str(report.issues[0])


@pytest.mark.skipif(sys.platform == "win32", reason="a process there ends without a signal")
@pytest.mark.parametrize(("number", "status"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_stopped_command_leaves_nobodys_text(
    bundle_folder: Path, tmp_path: Path, number: str, status: int
) -> None:
    source, output = tmp_path / "people.csv", tmp_path / "out.csv"
    source.write_text("about\n" + "I bake bread every night\n" * 200_000, encoding="utf-8")
    options = ["--text-column", "about", "--output", str(output), "--bundle", str(bundle_folder)]
    command = [sys.executable, "-m", "vocation.cli", "score", str(source), *options]
    # The tests may run below nohup, whose SIGHUP is ignored by what it starts.
    heard = partial(signal.signal, getattr(signal, number), signal.SIG_DFL)
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, preexec_fn=heard) as child:
        try:
            # The first rows are on disk, and the file is still being written.
            while not any(path.stat().st_size for path in tmp_path.glob(".out.csv-*")):
                assert child.poll() is None
                time.sleep(0.02)
            child.send_signal(getattr(signal, number))
            assert child.wait(30) == status
        finally:
            child.kill()
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGHUP")
def test_what_nohup_ignores_stays_ignored() -> None:
    hangup = signal.SIGHUP
    before = signal.signal(hangup, signal.SIG_IGN)
    try:
        with stopping():
            assert signal.getsignal(hangup) is signal.SIG_IGN
            assert callable(signal.getsignal(signal.SIGTERM))
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(hangup, before)
