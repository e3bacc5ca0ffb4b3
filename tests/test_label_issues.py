"""Labels that may be wrong: planted ones are found, no file is changed, and a spreadsheet runs none
of the cells.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import ROOT, TINY, write_csv

from vocation import cli, training
from vocation.errors import DataError, MissingExtra
from vocation.reports.label_issues import LabelIssue, LabelReport

SURE = LabelIssue("profiles.csv", 22, "Nurse", "Gardener", 0.97, "=1+1 I grow vegetables")


@pytest.fixture(scope="module")
def mislabelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four careers with six texts each (lines 2 to 25); the gardener's text in line 22 is called a
    nurse's. A fifth career has two texts only.
    """
    rows = [[role, text] for role, texts in TINY.items() for text in texts]
    rows[20][0] = "Nurse"
    rows += [["Pilot", "I fly airliners at night"], ["Pilot", "gliders, clouds, radio"]]
    folder = tmp_path_factory.mktemp("mislabelled")
    write_csv(folder / "profiles.csv", ["role", "profile"], rows)
    return folder


def test_a_planted_wrong_label_is_named_and_the_file_stays_as_it_was(
    mislabelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (mislabelled / "profiles.csv").read_bytes()
    assert (
        cli.main(
            [
                "validate",
                str(mislabelled),
                "--label-issues",
                "--issue-limit",
                "1",
                "--output",
                str(tmp_path / "label_issues.csv"),
            ]
        )
        == 0
    )
    said = capsys.readouterr().out
    assert "Total samples: 26" in said
    assert "profiles.csv, line 22: Nurse -> Gardener? (" in said
    assert (
        "2 rows were not judged: their careers have fewer than three different texts." in said
    )  # the pilot's
    assert (mislabelled / "profiles.csv").read_bytes() == before
    with (tmp_path / "label_issues.csv").open(encoding="utf-8-sig", newline="") as file:
        first = next(csv.DictReader(file))
    assert (first["file"], first["line"], first["career"], first["suggested"]) == (
        "profiles.csv",
        "22",
        "Nurse",
        "Gardener",
    )
    assert first["text"] == "I grow vegetables and know every weed"
    assert float(first["probability"]) > 0.25


def test_json_holds_the_report_and_the_label_issues(
    mislabelled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["validate", str(mislabelled), "--label-issues", "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    assert value["rows_in"] == 26
    assert (value["label_issues"]["judged"], value["label_issues"]["unjudged"]) == (24, 2)
    assert value["label_issues"]["issues"][0]["line"] == 22


def test_right_labels_are_left_in_peace(tiny_data: Path) -> None:
    _, found = training.find_label_issues(tiny_data)
    assert found.issues == ()
    assert found.accuracy > 0.8
    assert (
        "Labels that may be wrong: 0 of 28 rows." in found.text()
    )  # 24 profiles and 4 lists of skills
    assert "No row clearly points to another career than its own." in found.text()


def test_too_few_texts_are_not_judged(tmp_path: Path) -> None:
    write_csv(
        tmp_path / "profiles.csv",
        ["role", "profile"],
        [["Baker", "bread"], ["Baker", "rolls"], ["Nurse", "care"]],
    )
    _, found = training.find_label_issues(tmp_path)
    assert found == LabelReport((), 0, 3, 0.0, 0.0)
    assert found.text().startswith("Labels that may be wrong: unknown")


def test_the_rest_of_a_long_list_is_counted_and_a_blurred_pair_is_named(tmp_path: Path) -> None:
    found = LabelReport((SURE,) * 4, 100, 0, 0.9, 0.04)
    assert "  and 3 more (--issue-limit 4 shows them" in found.text(1)
    assert "4 of them are between 'Gardener' and 'Nurse'" in found.text(1)
    found.write(tmp_path / "s.csv")
    assert (
        (tmp_path / "s.csv")
        .read_text(encoding="utf-8-sig")
        .splitlines()[1]
        .endswith(",'=1+1 I grow vegetables")
    )  # shown, not run
    with pytest.raises(DataError, match="cannot be written"):
        found.write(tmp_path / "nowhere" / "s.csv")


def test_what_does_not_go_together_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.main(["validate", "--output", str(tmp_path / "s.csv")]) == 1
    assert "--output and --issue-limit need --label-issues" in capsys.readouterr().err
    monkeypatch.setattr(training, "NEEDED", ("no_such_module",))
    with pytest.raises(MissingExtra, match=r'--label-issues\) needs the "train" extra'):
        training.find_label_issues(tmp_path / "is-not-even-read")


def test_a_sample_of_the_campaign(default_part: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """130 profiles of five default careers, 13 of them mislabelled: nearly all are found, and
    little else is listed.
    """
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import label_issues

    data = label_issues.dataset.load(default_part)
    at = [i for i, row in enumerate(data.rows) if row.source == "profiles" and data.labels[i] < 5]
    some = SimpleNamespace(
        rows=at, texts=[data.texts[i] for i in at], labels=data.labels[at], roles=data.roles[:5]
    )
    rows, wrong = label_issues.planted(some, 130, 0.1, seed=200, near=False)
    assert len(wrong) == 13
    _, recall, listed, hits, _ = label_issues.judge(rows, wrong)
    assert recall >= 0.6
    assert hits >= 0.5 * listed
