"""Which column is which: by names, by rows, in any language, and what is asked where it is unclear."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from vocation.cli.options import _columns
from vocation.data.tables import Table, read_folder
from vocation.errors import DataError


def read(
    folder: Path, text: str, columns: dict[str, str] | None = None, name: str = "x.csv"
) -> Table:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_folder(path, columns)[0]


def refusal(folder: Path, text: str, columns: dict[str, str] | None = None) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, text, columns)
    (problem,) = caught.value.problems
    return problem


TWO = "a nurse who looks after people,Nurse\na chef who cooks for people,Chef\n"


@pytest.mark.parametrize(
    ("header", "kind", "role"),
    [
        ("skills,role", "skills", "Nurse"),
        ("description,role", "skills", "Nurse"),
        ("requirements,role", "jobs", "Nurse"),
        ("text,role", "profiles", "Nurse"),
        ("Resume,Category", "profiles", "Nurse"),
        ("description,title", "skills", "Nurse"),
        ("job_description,job_role", "skills", "Nurse"),
        ("description,preferredLabel", "skills", "Nurse"),
        ("Beschreibung,Beruf", "profiles", "Nurse"),
        ("描述,职业", "profiles", "Nurse"),
    ],
)
def test_a_label_and_a_text_are_enough(tmp_path: Path, header: str, kind: str, role: str) -> None:
    table = read(tmp_path, f"{header}\n{TWO}")
    assert (table.kind, table.rows[0].role) == (kind, role)
    label = header.split(",")[1]
    guesses = [hint for hint in table.hints if f"{label!r} is read as 'role'" in hint]
    assert len(guesses) == (label != "role")


def test_a_column_that_is_missing_is_empty(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "role,skills\nNurse,care\n").rows
    assert row.cells == {"skills": "care", "description": ""}


@pytest.mark.parametrize(
    "text",
    [
        "title,description\nDune,worms and sand\nEmma,love and marriage\n",
        "name,description\nAnna Berg,likes to cook\nTom Berg,likes to bake\n",
    ],
)
def test_books_and_people_are_no_careers(tmp_path: Path, text: str) -> None:
    name = text.split(",")[0]
    assert refusal(tmp_path, text).endswith(f"--columns role={name}")
    assert read(tmp_path, text, {"role": name}).rows


def test_of_two_labels_the_one_that_repeats_is_read(tmp_path: Path) -> None:
    rows = "".join(f"Dev {i},{['IT', 'HR'][i % 2]},does work of kind {i}\n" for i in range(6))
    table = read(tmp_path, "title,category,description\n" + rows)
    assert {row.role for row in table.rows} == {"IT", "HR"}


def test_rows_without_column_names_are_no_header(tmp_path: Path) -> None:
    text = "Nurse,I look after people\nChef,I cook for people\nNurse,I help old people\n"
    assert "found what seems to be a row" in refusal(tmp_path, text)


@pytest.mark.parametrize("name", ["Was?", "a, b", "What's up", 'a "b", c', "$x;y=z", "#"])
def test_the_columns_offered_work_when_copied_into_a_shell(tmp_path: Path, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    text = f"role,question,{quoted}\nNurse,Why?,Because\nChef,How?,So\n"
    offered = refusal(tmp_path, text).rpartition("--columns ")[2]
    (option,) = shlex.split(offered)
    assert read(tmp_path, text, _columns(option)).rows[0].cells["answer"] == "Because"


def test_what_follows_from_an_error_is_not_printed(tmp_path: Path) -> None:
    wrong = "Category,Resume\nNurse,I care\nNurse,I help\n"
    assert refusal(tmp_path, wrong, {"role": "Beruf"}).startswith("--columns role=Beruf: no file")
    (tmp_path / "x.csv").write_bytes(b"PK\x03\x04")
    with pytest.raises(DataError) as caught:
        read_folder(tmp_path / "x.csv", {"role": "Beruf"})
    assert len(caught.value.problems) == 1
