"""Feedback: what is kept, for how long, and that only reviewed rows become rows to train on."""

from __future__ import annotations

import csv
import json
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from conftest import ROOT, TINY, write_csv

import vocation
from vocation import Recommender, cli, site
from vocation.data import dataset
from vocation.errors import DataError
from vocation.feedback import profiles, report, review, store
from vocation.feedback.store import Store, Thumb

CANARY = "Qzvexilabomnud"


@pytest.fixture
def kept(tmp_path: Path) -> Store:
    return Store(tmp_path / "models.feedback.sqlite3")


def said(career: str = "Baker", verdict: str = "fits", **other: object) -> Thumb:
    return Thumb(**{"bundle": "b1", "decision": "match", "confidence": 0.8} | other, career=career, verdict=verdict)  # fmt: skip


def bytes_of(kept: Store) -> bytes:
    """All that is on disk: the file, its log, its index."""
    return b"".join(path.read_bytes() for path in kept.path.parent.glob(f"{kept.path.name}*"))


def on(day: date, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_today", lambda: day)


def test_a_row_has_no_more_than_it_needs(kept: Store) -> None:
    assert kept.rows() == []
    assert kept.missing() == {}
    assert not kept.path.exists(), "looking makes no file"
    token = kept.put(said(confidence=0.8123456))
    assert kept.put(said(verdict="does not fit"), token) == token, "who changes their mind"
    (row,) = kept.rows()
    assert (row.verdict, row.confidence, row.text, row.code) == ("does not fit", 0.81, "", "")
    assert date.fromisoformat(row.day), "a day, not a time"
    assert kept.given([token, "another"]) == {token: row}
    with pytest.raises(ValueError, match="fits, does not fit"):
        kept.put(said(verdict="maybe"))


@pytest.mark.skipif(sys.platform == "win32", reason="no modes there")
def test_the_file_is_for_its_owner_alone(kept: Store) -> None:
    kept.put(said())
    with kept._open() as db:  # its companions are there while it is open
        db.execute("UPDATE thumbs SET day = day")
        modes = [stat.S_IMODE(path.stat().st_mode) for path in kept.path.parent.iterdir()]
    assert len(modes) > 1
    assert set(modes) == {0o600}


def test_threads_and_processes_share_it(kept: Store) -> None:
    code = (
        "import sys; from vocation.feedback.store import *; kept = Store(sys.argv[1])\n"
        "for _ in range(20): kept.put(Thumb('b', 'match', 'Baker', 0.5, 'fits'))\n"
        "kept.count_missing('Hairdressers')"
    )
    others = [subprocess.Popen([sys.executable, "-c", code, str(kept.path)]) for _ in range(2)]
    threads = [
        threading.Thread(target=lambda: [kept.put(said()) for _ in range(20)]) for _ in range(2)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [other.wait(60) for other in others] == [0, 0]
    assert len(kept.rows()) == 80
    kept.count_missing("hairdresser")
    assert kept.missing() == {"hairdresser": 3}


def test_rows_go_when_their_time_is_over(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first = date(2026, 3, 1)
    on(first, monkeypatch)
    kept.put(said(text=CANARY))
    kept.count_missing("hairdresser")
    on(first + timedelta(days=180), monkeypatch)
    assert len(kept.rows()) == 1
    on(first + timedelta(days=181), monkeypatch)
    kept.tidy()
    assert CANARY.encode() not in bytes_of(kept), "the first use of a day is enough"
    assert kept.rows() == []
    later = Store(kept.path, keep_days=10)
    later.put(said())
    on(first + timedelta(days=190), monkeypatch)
    assert later.purge(10**9) == 0, "days before the first year are none"
    assert later.purge(5) == 1


def test_what_is_deleted_leaves_no_bytes(kept: Store) -> None:
    """Also where many rows were moved about, and while somebody else has the file open."""
    tokens = [kept.put(said(f"{CANARY} {i}", text=f"{CANARY} {i} " * 40)) for i in range(60)]
    other = kept.put(said("Nurse", text="stays"))
    with closing(sqlite3.connect(kept.path)) as reader:  # so the log stays on the disk
        assert reader.execute("SELECT count(*) FROM thumbs").fetchone() == (61,)
        assert CANARY.encode() in bytes_of(kept)
        assert kept.take_back(tokens) == 60
        assert CANARY.encode() not in bytes_of(kept)
    assert [row.token for row in kept.rows()] == [other]
    kept.attach([other], "", "")
    assert b"stays" not in bytes_of(kept), "the text alone is taken back"
    kept.count_missing("hairdresser")
    assert kept.erase() == 2
    assert b"Nurse" not in bytes_of(kept)
    assert b"hairdresser" not in bytes_of(kept)


def test_only_titles_of_the_list_are_counted_and_shown_from_three_sessions_on(kept: Store) -> None:
    assert not kept.count_missing(f"{CANARY} of the moon")
    assert not kept.path.exists()
    for _ in range(2):
        assert kept.count_missing("Nail Technicians")
    assert kept.missing() == {}
    kept.count_missing("nail technician")
    assert kept.missing() == {"nail technician": 3}


def test_nobody_can_fill_the_disk(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_ROWS", 2)
    token = kept.put(said(text="a" * 10_000))
    assert kept.put(said())
    assert kept.put(said()) == ""
    assert kept.put(said(verdict="does not fit"), token) == token, "a mind may still be changed"
    assert kept.given([token])[token].verdict == "does not fit"
    assert max(len(row.text) for row in kept.rows()) == store.LONGEST_TEXT


def test_a_file_that_is_no_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(b"no database, but bytes enough" * 50)
    with pytest.raises(DataError, match="expected a store of feedback"):
        Store(tmp_path / "it").rows()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("keep_days = 0", "from 1 to 3,650"),
        ("keep_days = true", "from 1 to 3,650"),
        ('collect = "yes"', "true or false"),
        ("colect = true", "'colect' is not known"),
    ],
)
def test_a_wrong_setting_is_told(tmp_path: Path, line: str, expected: str) -> None:
    (tmp_path / "site.toml").write_text(f"[feedback]\n{line}\n", "utf-8")
    with pytest.raises(DataError, match=expected):
        site.read(tmp_path / "models")


def test_nothing_is_collected_unless_the_owner_wants_it(tmp_path: Path) -> None:
    assert not site.read(tmp_path / "models").feedback.collect
    settings = "[feedback]\ncollect = true\ntexts = true\nunder_13 = true\n"
    (tmp_path / "site.toml").write_text(settings, "utf-8")
    found = site.read(tmp_path / "models").feedback
    assert found.collect
    assert not found.asks_for_texts, "children are not asked"


# --- review ---------------------------------------------------------------------------------------


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_only_ticked_rows_are_added_once_and_their_text_leaves(kept: Store, tmp_path: Path) -> None:
    good = kept.put(said(text="I knead dough all night"))
    moved = kept.put(said("Nurse", "does not fit", text="I weld steel frames"))
    bad = kept.put(said(text=CANARY))
    bare = kept.put(said())
    chosen = {good: "Baker", moved: "Welder", bare: "Baker", "unknown": "Baker"}
    done = review.accept(kept, chosen, tmp_path, left_out=[bad])
    assert done == review.Reviewed(added=2, known=0, left=1)
    # By token, so in any order.
    assert sorted(rows_of(tmp_path / "profiles.csv")[1:]) == [
        ["Baker", "I knead dough all night", "feedback"],
        ["Welder", "I weld steel frames", "feedback"],
    ]
    assert {row.token: row.review for row in kept.rows()} == {
        good: "added",
        moved: "added",
        bad: "left out",
        bare: "",
    }
    assert not any(row.text for row in kept.rows())
    assert CANARY.encode() not in bytes_of(kept)
    assert review.accept(kept, chosen, tmp_path).added == 0
    again = kept.put(said(text="I knead  dough all NIGHT"))
    assert review.accept(kept, {again: "Baker"}, tmp_path, keep_text=True).known == 1
    assert len(rows_of(tmp_path / "profiles.csv")) == 3
    assert any(row.text for row in kept.rows()), "kept where the owner says so"


def test_two_reviews_at_once_lose_no_row(kept: Store, tmp_path: Path) -> None:
    tokens = [kept.put(said(text=f"I knead dough number {i}")) for i in range(6)]
    threads = [
        threading.Thread(target=review.accept, args=(kept, {token: "Baker"}, tmp_path))
        for token in tokens
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(rows_of(tmp_path / "profiles.csv")) == 1 + len(tokens)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            b"role,profile\nBaker,I bake",
            b"role,profile,kind\nBaker,I bake,\nNurse,I care,feedback\n",
        ),
        (
            b"\xef\xbb\xbfid;text;career;kind\r\n1;I bake;Baker;ad\r\n",
            b"\xef\xbb\xbfid;text;career;kind\r\n1;I bake;Baker;ad\r\n;I care;Nurse;feedback\r\n",
        ),
        (
            b'role,profile\nBaker,"I\nbake"\nBaker\n',
            b'role,profile,kind\nBaker,"I\nbake",\nBaker\nNurse,I care,feedback\n',
        ),
    ],
    ids=["no kind, no line end", "mark, semicolons, own columns", "lines in a cell, a broken row"],
)
def test_a_file_keeps_its_own_form(tmp_path: Path, before: bytes, after: bytes) -> None:
    (tmp_path / "profiles.csv").write_bytes(before)
    assert profiles.append(tmp_path, [("Nurse", "I care")]) == [True]
    assert (tmp_path / "profiles.csv").read_bytes() == after


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("profiles.csv", "role,profile\nBäcker,Brötchen\n".encode("cp1252")),
        ("profiles.csv", b"question,answer,role\na,b,c\n"),
        ("profiles.tsv", b"role\tprofile\nBaker\tI bake\n"),
        ("profiles.csv", None),
    ],
    ids=["not UTF-8", "no profiles", "another ending", "a folder"],
)
def test_a_file_that_cannot_be_extended_stays_and_so_does_the_store(
    kept: Store, tmp_path: Path, name: str, content: bytes | None
) -> None:
    (tmp_path / name).mkdir() if content is None else (tmp_path / name).write_bytes(content)
    token = kept.put(said(text="I bake"))
    with pytest.raises(DataError, match=r"profiles\.csv"):
        review.accept(kept, {token: "Baker"}, tmp_path)
    assert content is None or (tmp_path / name).read_bytes() == content
    assert kept.rows()[0].text == "I bake"


def test_a_formula_of_a_stranger_runs_in_no_spreadsheet(kept: Store, tmp_path: Path) -> None:
    token = kept.put(said(text='=HYPERLINK("http://x","y")'))
    kept.put(said("=1+1"))
    output = tmp_path / "out.csv"
    export = ["feedback", "export", "--store", str(kept.path), "--output", str(output)]
    assert cli.main(export) == 0
    review.accept(kept, {token: "Baker"}, tmp_path)
    for path in (output, tmp_path / "profiles.csv"):
        assert not any(cell.startswith("=") for row in rows_of(path) for cell in row)
    again = kept.put(said(text='=HYPERLINK("http://x","y")'))
    assert review.accept(kept, {again: "Baker"}, tmp_path).known == 1


def test_reviewed_rows_validate_and_are_measured_by_themselves(
    kept: Store, tiny_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    rows = [[role, text] for role, texts in TINY.items() for text in texts[:5]]
    write_csv(folder / "profiles.csv", ["role", "profile"], rows)
    tokens = {kept.put(said(role, text=texts[5])): role for role, texts in TINY.items()}
    review.accept(kept, tokens, folder)
    assert cli.main(["validate", str(folder)]) == 0
    assert "column 'kind'" not in capsys.readouterr().out
    data = dataset.load(folder)
    assert sum(row.kind == "feedback" for row in data.rows) == len(TINY)
    config = {"base_model": str(tiny_base)}
    trained = vocation.train(folder, tmp_path / "models", preset="head", config=config)
    record = json.loads((trained.folder / "model_metadata.json").read_text("utf-8"))
    assert record["metrics"]["by_source"]["feedback"]["n"] == len(TINY)
    assert record["dataset"]["samples_per_source"] == {"profiles": 24}


# --- report ---------------------------------------------------------------------------------------


def test_the_report_holds_the_thumbs_against_the_models_confidence(kept: Store) -> None:
    for verdict, confidence in [("fits", 0.92), ("fits", 0.94), ("does not fit", 0.9), ("fits", 0.2)]:  # fmt: skip
        kept.put(said(verdict=verdict, confidence=confidence))
    kept.put(said("Nurse", "does not fit", decision="unsure", bundle="b2", text="I care"))
    found = report.report(kept)
    assert (found["rows"], found["fits"]["value"], found["waiting"]) == (5, 0.6, 1)
    low, high = found["by_confidence"]
    assert (low["from"], low["n"], low["value"]) == (0.0, 1, 1.0)
    assert (high["from"], high["n"], round(high["confidence"], 2)) == (0.9, 3, 0.92)
    assert high["low"] < high["value"] < high["high"]
    assert found["does_not_fit"] == [
        {"career": "Nurse", "times": 1, "of": 1},
        {"career": "Baker", "times": 1, "of": 4},
    ]
    assert report.report(kept, "b2")["rows"] == 1
    shown = report.lines(found)
    (band,) = (line for line in shown if "90 to 95 %" in line)
    # Fifty characters behind the name of the band: two thirds agree, and the model said 92 %.
    assert (band[14:].index("o"), band[14:].index("|")) == (33, 46)


def test_the_command_line(kept: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "out.csv"

    def feedback(*arguments: str | Path) -> tuple[int, str]:
        bundle = ("--bundle", str(tmp_path / "models"))
        status = cli.main(["feedback", *map(str, arguments), *bundle])
        return status, "".join(capsys.readouterr())

    status, told = feedback("report")
    assert (status, "collect = true" in told) == (1, True)
    kept.put(said(text="I bake"))
    kept.put(said("Nurse", "does not fit"))
    assert "Nurse" in feedback("report")[1]
    assert json.loads(feedback("report", "--json")[1])["rows"] == 2
    assert feedback("export", "--output", output)[0] == 0
    assert [row[3] for row in rows_of(output)[1:]] == ["Baker", "Nurse"]
    for wrong in (["purge"], ["export"], ["report", "--all"], ["report", "--output", output]):
        assert feedback(*wrong)[0] == 1
    assert "Deleted 0" in feedback("purge", "--older-than", "1")[1]
    assert json.loads(feedback("purge", "--all", "--json")[1])["deleted"] == 2
    assert kept.rows() == []


# --- benchmarks/feedback_season.py ----------------------------------------------------------------


def test_a_sample_of_the_season(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An owner who finds every wrong row learns none; without review there are some; no canary."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import feedback_season as season

    recommender, habits = Recommender.load(bundle_folder), season.Habits(poisoned=0.3, finds=1)
    seekers = season.parts(6, 60, Random(1)).seekers
    kept = Store(tmp_path / "models.feedback.sqlite3")
    truth, poisoned = season.ask(recommender, seekers, kept, habits, Random(1))
    assert poisoned
    season.write(tmp_path / "data", [])
    for variant, is_clean in (("no review", False), ("ticks", True)):
        chosen = season.reviewed(kept, truth, variant, habits, Random(1))
        assert all(truth[token] == career for token, career in chosen.items()) is is_clean
    done = review.accept(kept, chosen, tmp_path / "data")
    assert done.added == len(rows_of(tmp_path / "data" / "profiles.csv")) - 1 > 0
    assert not season.files_with(season.CANARY, tmp_path)
    kept.put(said(text=f"a text of the {season.CANARY}"))
    assert season.files_with(season.CANARY, tmp_path), "it would be found"
