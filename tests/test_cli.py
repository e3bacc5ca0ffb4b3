"""The command line as a user meets it: a process, its output, its exit status."""

from __future__ import annotations

import csv
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import write_csv
from helpers import WEB, edited, vocation

from vocation import Recommender, __version__
from vocation.cli import main, parser
from vocation.data import dataset
from vocation.errors import DataError
from vocation.serving.batch import score


def test_help_and_version() -> None:
    done = vocation("--help")
    assert done.returncode == 0
    for command in (
        "init",
        "validate",
        "train",
        "recommend",
        "score",
        "evaluate",
        "rollback",
        "promote",
        "check",
        "fairness",
        "runs",
        "push",
        "pull",
        "doctor",
        "app",
    ):
        assert command in done.stdout
        assert vocation(command, "--help").stdout.startswith(f"usage: vocation {command}")
    assert vocation("--version").stdout.strip() == f"vocation {__version__}"


def test_exit_statuses_and_one_sentence(tmp_path: Path) -> None:
    wrong_usage = vocation("train", "--preset", "fast")
    assert wrong_usage.returncode == 2
    unknown = vocation("train", "--sed=1")
    assert unknown.returncode == 2
    assert unknown.stderr.startswith("usage: vocation train")
    assert "unknown: --sed=1" in unknown.stderr
    missing = vocation("recommend", "--bundle", tmp_path / "none", "text")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr.startswith("vocation: there is no bundle at")
    assert len(missing.stderr.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a shell and /dev/full")
@pytest.mark.parametrize(
    ("command", "status", "lines"),
    [
        ("--help >/dev/full", 1, 1),
        ("--version >&-", 1, 1),
        ("validate {data} --json >/dev/full", 1, 1),
        ("validate {data} >&-", 1, 1),
        ("recommend <&-", 1, 1),
        ("validate {data} <&-", 0, 0),
        ("validate {data} 2>/dev/full", 0, 0),
        ("validate no-such-folder 2>/dev/full", 1, 0),
        ("validate no-such-folder <&- >&- 2>&-", 1, 0),
        ("validate --no-such-option 2>&-", 2, 0),
    ],
)
@pytest.mark.parametrize("buffered", ["", "1"])
def test_streams_that_take_nothing_are_told(
    command: str, status: int, lines: int, buffered: str, tiny_data: Path
) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m vocation.cli {command.format(data=tiny_data)}"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": buffered},
        timeout=60,
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (status, lines), done.stderr


def test_a_pipe_that_is_closed_early_is_no_error(tiny_data: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "vocation.cli", "validate", str(tiny_data), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "not enough memory"),
        (RuntimeError("can't start new thread"), "not enough memory"),
        (ImportError("lib.so: failed to map segment from shared object"), "not enough memory"),
        (PermissionError(13, "Permission denied", "mine"), "mine: Permission denied"),
        (OSError(36, "File name too long", "a" * 5000), "File name too long"),
    ],
)
def test_what_the_machine_refuses_is_no_bug(
    error: Exception,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(dataset, "load", fails)
    assert main(["validate", str(tmp_path)]) == 1
    printed = capsys.readouterr().err
    assert words in printed
    assert len(printed) < 300
    monkeypatch.setattr(dataset, "load", lambda *_, **__: {}["no"])
    assert main(["validate", str(tmp_path)]) == 3
    assert "KeyError" in capsys.readouterr().err


def test_brackets_without_end_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    assert main(["train", "--config", str(tmp_path / "deep.json")]) == 1
    assert "deep.json is not JSON" in capsys.readouterr().err
    assert main(["train", "--set", f"seed={'[' * 100_000}"]) == 1
    printed = capsys.readouterr().err
    assert "seed must be a whole number" in printed
    assert len(printed) < 300


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["app", "--port", "99999"], "--port: expected a port from 1 to 65535, found 99999"),
        (["recommend", "--top", "three", "x"], "--top: expected 1 or more, found three"),
    ],
)
def test_a_number_that_cannot_be_is_refused(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(arguments)
    assert sentence in capsys.readouterr().err


def test_the_page_listens_on_this_machine_alone(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(subprocess, "call", lambda command, env: started.append(command) or 0)
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        ask = ["app", "--bundle", str(bundle_folder), "--port", str(taken)]
        assert main(ask) == 1
    printed = capsys.readouterr()
    assert (started, printed.out) == ([], ""), "no address is shown before it is free"
    free = re.search(r"port (\d+) is in use.*--port (\d+)", printed.err)
    assert free is not None
    assert free[1] == str(taken) != free[2]
    assert main([*ask[:-1], free[2]]) == 0
    assert main([*ask[:-1], free[2], "--host", "0.0.0.0"]) == 0
    hosts = [command[command.index("--server.address") + 1] for command in started]
    assert hosts == ["127.0.0.1", "0.0.0.0"]
    assert main([*ask, "--host", "no.such.host.invalid"]) == 1


def test_init_then_validate(tmp_path: Path) -> None:
    assert vocation("init", tmp_path / "mine").returncode == 0
    report = vocation("validate", tmp_path / "mine")
    assert report.returncode == 0
    assert "Total samples:" in report.stdout
    value = json.loads(vocation("validate", tmp_path / "mine", "--json").stdout)
    assert value["rows_in"] == value["used"] + len(value["merged"]) + len(value["dropped"])


def test_the_real_resumes_are_166(shared: Path) -> None:
    done = vocation(
        "validate", shared / "data" / "resumes_962.csv", "--columns", "role=Category,profile=Resume"
    )
    assert done.returncode == 0
    assert "166 unique" in done.stdout


def test_a_wrong_column_gets_its_cure(tmp_path: Path) -> None:
    write_csv(
        tmp_path / "career_qa.csv", ["role", "question", "anwser"], [["Baker", "Why?", "Bread."]]
    )
    done = vocation("train", tmp_path, "--output", tmp_path / "models")
    assert done.returncode == 1
    assert "did you mean 'anwser'?" in done.stderr
    assert "--columns answer=anwser" in done.stderr
    assert not (tmp_path / "models").exists()


def test_a_place_that_cannot_hold_a_bundle_is_refused_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for place in (str(tmp_path / "file"), "."):
        done = vocation("train", "--limit", "128", "--output", place)
        assert done.returncode == 1
        assert place in done.stderr
        assert "Epoch" not in done.stdout


def test_recommend(bundle_folder: Path) -> None:
    done = vocation("recommend", "--bundle", bundle_folder, WEB)
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.splitlines()[0].startswith(("Web Developer", "Software Engineer"))
    assert "\x1b" not in done.stdout
    one = json.loads(vocation("recommend", "--bundle", bundle_folder, "--json", WEB).stdout)
    two = json.loads(
        vocation(
            "recommend",
            "--bundle",
            bundle_folder,
            "--json",
            "--top",
            "2",
            stdin=f"{WEB}\n\nI cook\n",
        ).stdout
    )
    assert one["decision"] == "match"
    assert one["careers"][0]["career"] == two[0]["careers"][0]["career"]
    assert [len(answer["careers"]) for answer in two] == [2, 2]
    unsure = vocation("recommend", "--bundle", bundle_folder, "hm ok").stdout
    assert unsure.startswith("Not sure: the text is too short to tell.")
    ideas = [line for line in unsure.splitlines() if line[:1].isalpha()][-3:]
    assert len(ideas) == 3
    assert unsure.count(" preparation (") == 3, "with each idea"
    assert len(unsure.splitlines()) <= 8, "the question, three ideas, and the family they share"
    assert "%" not in unsure, "numbers were measured on texts that can be answered"
    empty = vocation("recommend", "--bundle", bundle_folder, stdin="\n")
    assert (empty.returncode, empty.stdout) == (1, "")
    assert (
        "expected a text behind the command, or one a line on standard input; found none"
        in empty.stderr
    )


def test_careers_are_found_by_title_and_in_spite_of_slips(
    bundle_folder: Path, tmp_path: Path
) -> None:
    def found(*query: str) -> list[dict[str, Any]]:
        done = vocation("careers", *query, "--bundle", bundle_folder, "--json")
        assert done.returncode == 0, done.stderr
        listed: list[dict[str, Any]] = json.loads(done.stdout)
        return listed

    everything = found()
    assert len(everything) == 64
    assert all(entry["rows"] > 0 and entry["family"] and entry["job_zone"] for entry in everything)
    assert sum(entry["rows"] for entry in everything) <= 640
    assert found("registered nurse")[0]["career"] == "Registered Nurse"
    assert found("programmer")[0]["career"] == "Software Engineer", "by another title"
    assert found("desinger graphic")[0]["career"] == "Graphic Designer"
    assert found("vetrinarian")[0]["career"] == "Veterinarian"
    shown = vocation("careers", "chef", "--bundle", bundle_folder).stdout.splitlines()
    assert shown[0].split() == ["career", "family", "zone", "rows"]
    assert shown[1].startswith("Chef ")
    kin = [one["career"] for one in everything if one["family"] == "Health"]
    assert [one["career"] for one in found("heatlh")] == kin, "a family, in spite of a slip"
    assert found("den tist")[0]["career"] == "Dentist"
    every = vocation("careers", "--bundle", bundle_folder).stdout.splitlines()
    assert every[0].split() == ["career", "zone", "rows"]
    heading = every.index(f"Health ({len(kin)})")
    assert [line.split("  ")[1] for line in every[heading + 1 :][: len(kin)]] == sorted(kin)
    record = json.loads((bundle_folder / "model_metadata.json").read_text("utf-8"))
    record["dataset"]["rows_by_career"] = ["chef", 7]
    changed = edited(bundle_folder, tmp_path / "changed", {"model_metadata.json": record})
    refused = vocation("careers", "--bundle", changed)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "does not have the agreed shape" in refused.stderr
    missing = vocation("careers", "qqqq", "--bundle", bundle_folder)
    assert missing.returncode == 1
    assert "none of its 64 careers fits 'qqqq'" in missing.stderr


def test_score_keeps_every_row_and_column(bundle_folder: Path, tmp_path: Path) -> None:
    rows = [
        ["007", WEB, "=1+1"],
        ["8", "", "x;y"],
        ["9", 'two\nlines, "quoted" on a farm with cows', " kept "],
        ["10"],
    ]
    source = write_csv(tmp_path / "people.csv", ["id", "about me", "note"], rows)
    done = vocation(
        "score",
        source,
        "--text-column",
        "about me",
        "--output",
        tmp_path / "out.csv",
        "--bundle",
        bundle_folder,
        "--top",
        "2",
    )
    assert done.returncode == 0, done.stderr
    with open(tmp_path / "out.csv", encoding="utf-8", newline="") as file:
        header, *written = csv.reader(file)
    assert header == [
        "id",
        "about me",
        "note",
        "decision",
        "career_1",
        "confidence_1",
        "career_2",
        "confidence_2",
        "reason_code",
        "directions",
    ]
    assert [row[:3] for row in written] == [*rows[:3], ["10", "", ""]]
    assert written[1][3:] == ["unsure", "", "", "", "", "empty", ""]
    assert "2 unsure (empty 1, " in done.stdout
    assert all(0 <= float(row[5]) <= 1 for row in (written[0], written[2]))
    assert not (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")

    vocation(
        "score",
        source,
        "--text-column",
        "about me",
        "--output",
        tmp_path / "sheet.csv",
        "--bundle",
        bundle_folder,
        "--excel",
    )
    assert (tmp_path / "sheet.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with open(tmp_path / "sheet.csv", encoding="utf-8-sig", newline="") as file:
        assert next(row for row in csv.reader(file) if row[0] == "007")[2] == "'=1+1"


def test_score_json_lines_and_a_missing_column(bundle_folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "people.jsonl"
    source.write_text(
        json.dumps({"text": WEB, "age": 17}) + "\n" + json.dumps({"text": None}) + "\n",
        encoding="utf-8",
    )
    done = vocation(
        "score",
        source,
        "--text-column",
        "text",
        "--output",
        tmp_path / "out.jsonl",
        "--bundle",
        bundle_folder,
        "--top",
        "1",
    )
    assert done.returncode == 0, done.stderr
    first, second = map(
        json.loads, (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    )
    assert (first["age"], first["decision"], second["decision"]) == (17, "match", "unsure")
    wrong = vocation(
        "score",
        source,
        "--text-column",
        "txt",
        "--output",
        tmp_path / "no.jsonl",
        "--bundle",
        bundle_folder,
    )
    assert wrong.returncode == 1
    assert "there is no column 'txt'; found 'text', 'age'" in wrong.stderr
    assert not (tmp_path / "no.jsonl").exists()


@pytest.mark.parametrize(
    ("source", "output", "sentence"),
    [
        (
            "people.csv",
            "people.csv",
            r"people\.csv is the file that is read, and would be replaced: name another output",
        ),
        ("people.csv", "sub/../people.csv", "would be replaced"),
        (
            "people.csv",
            "out.xls",
            r"out\.xls: expected an output that ends in \.csv, .*, found \.xls",
        ),
        (
            "people.xls",
            "out.csv",
            (
                r"people\.xls: expected a file that ends in \.csv, .*, found \.xls; save a"
                r" spreadsheet as \.xlsx or CSV"
            ),
        ),
    ],
)
def test_score_spares_what_it_reads_and_names_what_it_cannot(
    bundle_folder: Path, tmp_path: Path, source: str, output: str, sentence: str
) -> None:
    (tmp_path / "sub").mkdir()
    write_csv(tmp_path / source, ["text"], [[WEB]])
    before = (tmp_path / source).read_bytes()
    with pytest.raises(DataError, match=sentence):
        score(tmp_path / source, tmp_path / output, "text", Recommender.load(bundle_folder))
    assert (tmp_path / source).read_bytes() == before


def test_evaluate_masks_the_careers_names(bundle_folder: Path, tmp_path: Path) -> None:
    rows = [
        ["I cook for guests in a restaurant kitchen", "chef"],
        ["A farmer is what I want to be: cows, wheat, tractors", "Farmer"],
        ["x", "Wizard"],
    ]
    source = write_csv(tmp_path / "test.csv", ["text", "label"], rows)
    done = vocation(
        "evaluate",
        source,
        "--text-column",
        "text",
        "--label-column",
        "label",
        "--bundle",
        bundle_folder,
        "--json",
    )
    value = json.loads(done.stdout)
    assert (value["rows"], value["judged"], value["unknown_labels"]) == (3, 2, ["Wizard"])
    assert value["masked"]["accuracy"]["value"] == 1.0


def test_evaluate_accounts_for_every_row(bundle_folder: Path, tmp_path: Path) -> None:
    lines = [
        "text,label",
        "I look after cows and grow wheat,Farmer",
        "I look after cows and grow wheat,Chef",
        ",Chef",
        "n/a,Chef",
        "I cook,",
        "I cook,N/A",
        ",",
        "I do magic,Wizard",
        ",Wizard",
        "I cook,well,Chef",
    ]
    (tmp_path / "test.csv").write_text("\n".join(lines) + "\n", "utf-8")
    columns = ("--text-column", "text", "--label-column", "label")
    ask = ("evaluate", tmp_path / "test.csv", *columns, "--bundle", bundle_folder)
    value = json.loads(vocation(*ask, "--json").stdout)
    expected = {"empty_text": 2, "empty_label": 2, "unknown_label": 2, "unread": 1}
    assert value["not_judged"] == expected | {"empty_label": 2 + value["rows"] - 9}
    assert value["rows"] == value["judged"] + sum(value["not_judged"].values())
    (pair,) = value["mixed_up"]
    assert pair == {"right": "Chef", "answered": "Farmer", "times": 1, "of": 1}
    said = vocation(*ask).stdout
    assert f"{value['rows'] - 2} of {value['rows']} rows not judged:" in said
    assert "Chef -> Farmer: 1 of 1 row" in said


def test_check_is_honest(bundle_folder: Path) -> None:
    done = vocation("check", "--bundle", bundle_folder)
    first, *lines = done.stdout.splitlines()
    assert first.startswith("Checked: ")
    assert len(lines) == 5
    assert (done.returncode == 0) == all(line.startswith("pass") for line in lines)
    assert any("MB" in line for line in lines)


def test_train_prints_what_a_maker_needs(tiny_data: Path, tmp_path: Path) -> None:
    done = vocation(
        "train",
        tiny_data,
        "--output",
        tmp_path / "models",
        "--preset",
        "head",
        "--set",
        "seed=7,dropout=0.1",
    )
    assert done.returncode == 0, done.stderr
    config = json.loads((tmp_path / "models" / "model_metadata.json").read_text(encoding="utf-8"))[
        "config"
    ]
    assert (config["seed"], config["dropout"]) == (7, 0.1)
    for expected in (
        "Total samples: 28",
        "Samples per source",
        "top-1 accuracy (first answer right)",
        "baselines on the same rows",
        "Sample recommendations",
        "trained_models.zip",
    ):
        assert expected in done.stdout
    assert done.stderr == "", "quiet where nobody watches"


@pytest.mark.parametrize("pair", ["role", "role=", "=Category"])
def test_columns_must_be_pairs(pair: str) -> None:
    done = vocation("validate", "--columns", pair)
    assert done.returncode == 2
    assert "expected pairs such as role=Category" in done.stderr


def test_a_column_with_a_comma_stands_in_quotes() -> None:
    named = parser().parse_args(["validate", "--columns", 'role="Job, title",profile=About'])
    assert named.columns == {"role": "Job, title", "profile": "About"}
