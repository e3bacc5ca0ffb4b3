"""`vocation import`: the catalogues' own forms are read, and files to train on are written."""

from __future__ import annotations

import csv
import hashlib
import struct
import zipfile
from pathlib import Path

import catalogues
import pytest

from vocation.cli import main
from vocation.data import dataset
from vocation.importing import writing

FORMS = ("old text", "old folder", "old excel", "new text", "new excel")


def run(capsys: pytest.CaptureFixture[str], *given: object) -> tuple[int, str]:
    """The exit status of `vocation import`, and what it printed."""
    status = main(["import", *map(str, given)])
    caught = capsys.readouterr()
    return status, caught.out + caught.err


def table(path: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of a written file by career."""
    found: dict[str, list[dict[str, str]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["role"], []).append(row)
    return found


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_onet_gives_the_same_files(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = catalogues.download(tmp_path, form), tmp_path / "out"
    status, said = run(capsys, "onet", path, "--output", out)
    assert status == 0, said
    careers = table(out / "careers.csv")
    assert list(careers) == [title for _, title, *_ in catalogues.OCCUPATIONS]
    nurse = careers["Registered Nurses"][0]
    assert (nurse["onet_soc"], nurse["job_zone"], nurse["social"]) == ("29-1141.00", "4", "5.62")
    assert nurse["family"] == "Healthcare Practitioners and Technical"
    assert nurse["interests_source"].startswith(
        "O*NET 30.3 Database" if form.startswith("new") else "O*NET 29 Database"
    )
    other = careers["Computer Occupations, All Other"][0]
    assert (other["job_zone"], other["social"], other["interests_source"]) == ("", "", "")
    # In demand first, without the name with a comma; then what counts more here than elsewhere.
    skills = table(out / "skills_mapping.csv")["Registered Nurses"][0]["skills"]
    assert skills == "Epic Systems, Repairing, Medicine, Reading"
    jobs = table(out / "job_descriptions.csv")["Registered Nurses"]
    # Eight of nine are core tasks.
    assert [row["description"] for row in jobs] == [
        " ".join(catalogues.tasks("29-1141.00")[a : a + 4]) for a in (0, 4)
    ]
    assert "Considerable preparation." in jobs[0]["requirements"]
    assert "a bachelor's degree" in jobs[0]["requirements"]
    assert ("unproved on a real file" in said) == form.startswith("new")


def test_a_title_names_one_career(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = catalogues.download(tmp_path, "old text"), tmp_path / "out"
    assert run(capsys, "onet", path, "--output", out, "--only", "15-1252,29")[0] == 0
    aliases = {role: row[0]["aliases"] for role, row in table(out / "careers.csv").items()}
    # "Team Lead" is of two, "Web Developer" another one's name, "Registered Nurse" its own; without
    # its brackets "Nurse (Pediatric)" would say too much.
    assert aliases == {"Software Developers": "Programmer", "Registered Nurses": "Staff Nurse|RN"}


def test_what_is_written_can_be_trained_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(capsys, "onet", catalogues.download(tmp_path, "old text"), "--output", out)[0] == 0
    data = dataset.load(out)
    assert len(data.roles) == len(catalogues.OCCUPATIONS)
    assert not data.report.dropped
    assert not data.report.merged
    assert data.careers["Web Developers"].facts.job_zone == 3  # type: ignore[union-attr]
    # Only what is so: few skills in this small table, none for one occupation.
    assert all("skills" in hint for hint in data.report.hints)


def test_the_notice_names_release_files_and_what_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = catalogues.download(tmp_path, "old folder"), tmp_path / "out"
    run(capsys, "onet", path, "--output", out)
    notice = (out / "NOTICE").read_text(encoding="utf-8")
    read = hashlib.sha256((path / "Job Zones.txt").read_bytes()).hexdigest()
    assert "information from the O*NET 29 Database" in notice
    assert "CC BY 4.0" in notice
    assert f"{read}  Job Zones.txt" in notice
    assert "No interests for 1 occupation: Computer Occupations, All Other." in notice
    carried = dataset.load(out).notice  # into the bundle and its card
    assert "CC BY 4.0" in carried
    assert "No interests" not in carried


def test_selected_by_code_and_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = catalogues.download(tmp_path, "old text")
    some = ("--output", tmp_path / "a", "--only", "15,29-11", "--limit", "2")
    assert run(capsys, "onet", path, *some)[0] == 0
    assert list(table(tmp_path / "a" / "careers.csv")) == [
        "Software Developers",
        "Registered Nurses",
    ]
    status, said = run(capsys, "onet", path, "--output", tmp_path / "b", "--only", "15,77")
    assert (status, (tmp_path / "b").exists()) == (1, False)
    assert "--only 77" in said


def test_a_missing_column_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = catalogues.download(tmp_path, "old folder")
    (path / "Job Zones.txt").write_bytes(b"O*NET-SOC Code\tZone of Job\r\n29-1141.00\t4\r\n")
    status, said = run(capsys, "onet", path, "--output", tmp_path / "out")
    assert (status, (tmp_path / "out").exists()) == (1, False)
    assert "'Job Zone'" in said
    assert "Zone of Job" in said


def test_nothing_is_half_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = catalogues.download(tmp_path, "old text"), tmp_path / "out"
    write = writing.atomic_write

    def interrupted(place: Path, content: str) -> None:
        if place.name == "job_descriptions.csv":
            raise KeyboardInterrupt
        write(place, content)

    monkeypatch.setattr(writing, "atomic_write", interrupted)
    assert run(capsys, "onet", path, "--output", out)[0] == 130
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_files_are_replaced_only_when_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = catalogues.download(tmp_path, "old text"), tmp_path / "out"
    run(capsys, "onet", path, "--output", out, "--limit", "2")
    before = (out / "careers.csv").read_bytes()
    assert run(capsys, "onet", path, "--output", out)[0] == 1
    assert (out / "careers.csv").read_bytes() == before
    assert run(capsys, "onet", path, "--output", out, "--replace")[0] == 0
    assert len(table(out / "careers.csv")) == len(catalogues.OCCUPATIONS)
    (out / "profiles.csv").write_text("role,profile\n", encoding="utf-8")
    assert run(capsys, "onet", path, "--output", out, "--replace")[0] == 1
    assert (out / "profiles.csv").exists()


def _link(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        info = zipfile.ZipInfo("db_29_text/Skills.csv")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")


def _named(name: str, path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, "x")


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("db_29_text/zeros.txt", bytes(60_000_000))


def _overlap(path: Path) -> None:
    """The last entry of the list points to the first file."""
    content = bytearray(path.read_bytes())
    place = content.rfind(b"PK\x01\x02")
    content[place + 42 : place + 46] = struct.pack("<I", 0)
    path.write_bytes(content)


@pytest.mark.parametrize(
    "spoil",
    [
        _link,
        _bomb,
        _overlap,
        lambda path: _named("../careers.csv", path),
        lambda path: _named("/tmp/careers.csv", path),
        lambda path: _named("db_29_text/skills.TXT", path),
        lambda path: path.write_bytes(b"no zip"),
    ],
    ids=["link", "bomb", "overlap", "traversal", "absolute", "same name", "no zip"],
)
def test_hostile_zips_are_refused(
    spoil: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = catalogues.download(tmp_path, "old text")
    spoil(path)  # type: ignore[operator]
    status, said = run(capsys, "onet", path, "--output", tmp_path / "out")
    assert status == 1, said
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_esco_in_another_language(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = catalogues.esco(tmp_path), tmp_path / "out"
    status, said = run(capsys, "esco", path, "--output", out)
    assert status == 0, said
    careers = table(out / "careers.csv")
    assert list(careers) == ["Wolkenschieber", "Digitaler Gärtner"]
    first, second = (rows[0] for rows in careers.values())
    assert (first["isco08"], first["family"], first["aliases"]) == (
        "0110",
        "Offiziere",
        "Himmelswart",
    )
    assert second["interests_source"] == ""
    skills = table(out / "skills_mapping.csv")["Digitaler Gärtner"][0]["skills"]
    assert skills == "Beete anlegen, Informatik, Unkraut jäten"
    job = table(out / "job_descriptions.csv")["Digitaler Gärtner"][0]
    assert (job["description"], job["requirements"]) == ("Beete anlegen.", "Informatik.")
    notice = (out / "NOTICE").read_text(encoding="utf-8")
    assert notice.startswith(
        "This service uses the ESCO classification of the European Commission."
    )
    assert "Release: ESCO 1.2.0\nLanguage: de\n" in notice
    assert "1 relations to unknown skills or occupations." in said
    status, said = run(capsys, "esco", path, "--output", tmp_path / "b", "--language", "fr")
    assert (status, "has de alone" in said) == (1, True)


def test_figures_are_borrowed_over_the_surest_relation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = catalogues.esco(tmp_path), tmp_path / "out"
    walk = catalogues.crosswalk(
        tmp_path,
        ("15-1254.00", f"{catalogues.ADDRESS}2", "closeMatch"),
        ("15-1252.00", f"{catalogues.ADDRESS}2", "exactMatch"),
        ("11-1011.00", f"{catalogues.ADDRESS}1", "broadMatch"),
    )
    us = catalogues.download(tmp_path, "old text")
    given = ("esco", path, "--output", out, "--crosswalk", walk, "--onet", us)
    status, said = run(capsys, *given)
    assert status == 0, said
    near, same = (rows[0] for rows in table(out / "careers.csv").values())
    assert (same["onet_soc"], same["investigative"]) == ("15-1252.00", "5.86")
    assert "exact match" in same["interests_source"]
    assert (near["onet_soc"], near["job_zone"]) == ("11-1011.00", "5")
    assert "nearest US occupation" in near["interests_source"]
    assert "information" not in near["interests_source"]
    assert "O*NET 29 Database" in (out / "NOTICE").read_text(encoding="utf-8")


def test_the_real_downloads(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    status, said = run(capsys, "onet", shared / "data/onet/db_29_text.zip", "--output", out)
    assert status == 0, said
    careers = [rows[0] for rows in table(out / "careers.csv").values()]
    assert len(careers) == 1016
    assert sum(bool(one["realistic"]) for one in careers) == 923
    assert not [hint for hint in dataset.load(out).report.hints if "alias" in hint]
    # The workbooks as published have the same figures.
    status, said = run(capsys, "onet", shared / "data/onet", "--output", tmp_path / "excel")
    assert status == 0, said
    for one, other in zip(
        careers, (rows[0] for rows in table(tmp_path / "excel/careers.csv").values()), strict=True
    ):
        names = ("role", "job_zone", "realistic", "conventional")
        assert [one[name] for name in names] == [other[name] for name in names]
    status, said = run(capsys, "esco", shared / "data/esco", "--output", tmp_path / "esco")
    assert status == 0, said
    assert len(table(tmp_path / "esco/careers.csv")) == 3039
