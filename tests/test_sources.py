"""Reading: each kind of file, every encoding and delimiter, and the sentences for what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from vocation.errors import DataError
from vocation.sources import MAX_CELL, Table, read_folder

QA = "role,question,answer\nNurse,Why?,Because people matter\nChef,How?,With salt\n"


def write(folder: Path, text: str | bytes, name: str = "career_qa.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read(folder: Path, text: str | bytes, name: str = "career_qa.csv", columns: dict[str, str] | None = None) -> Table:
    return read_folder(write(folder, text, name), columns)[0]


def answers(table: Table) -> list[str]:
    return [row.cells["answer"] for row in table.rows]


@pytest.mark.parametrize(
    "data",
    [
        QA.encode(),
        QA.encode("utf-8-sig"),
        QA.encode("utf-16"),
        QA.encode("utf-16-le"),
        QA.encode("utf-16-be"),
        QA.encode("utf-32"),
        QA.replace("\n", "\r\n").encode(),
        QA.replace("\n", "\r").encode(),
        QA.replace(",", ";").encode(),
        QA.replace(",", "\t").encode(),
        QA.replace(",", "|").encode(),
        ("sep=;\n" + QA.replace(",", ";")).encode(),
        QA.replace("salt", "sa\0lt").encode(),
        QA.replace(",", ', "', 1).replace("question,", 'question",').encode(),
    ],
)
def test_every_encoding_delimiter_and_line_end_reads_the_same(tmp_path: Path, data: bytes) -> None:
    table = read(tmp_path, data)
    assert answers(table) == ["Because people matter", "With salt"]
    assert not table.dropped


def test_windows_1252_is_read_and_said(tmp_path: Path) -> None:
    table = read(tmp_path, QA.replace("salt", "crème brûlée").encode("cp1252"))
    assert answers(table)[1] == "With crème brûlée"
    assert table.hints == ("career_qa.csv: line 3 is not UTF-8; read as Windows-1252. If letters look wrong, save it as UTF-8.",)


def test_one_broken_byte_does_not_spoil_good_utf8(tmp_path: Path) -> None:
    table = read(tmp_path, QA.replace("salt", "crème brûlée à la carte").encode() + b"Chef,What?,a \xff b\n")
    assert answers(table)[1:] == ["With crème brûlée à la carte", "a \ufffd b"]
    assert "line 4 has bytes that are not UTF-8 (1 in the file" in table.hints[0]


def test_lines_are_physical_lines(tmp_path: Path) -> None:
    table = read(tmp_path, 'role,question,answer\nNurse,Why?,"two\nlines"\n\nChef,How?,"With, salt"\n')
    assert [(row.line, row.cells["answer"]) for row in table.rows] == [(2, "two lines"), (5, "With, salt")]


@pytest.mark.parametrize("nothing", ["", " ", "nan", "NaN", "None", "null", "N/A", "#N/A", "\u200b"])
def test_a_word_for_nothing_never_becomes_text(tmp_path: Path, nothing: str) -> None:
    table = read(tmp_path, QA + f"Chef,What?,{nothing}\n{nothing},What?,nan and salt\n")
    assert [str(drop) for drop in table.dropped] == [
        "career_qa.csv, line 4: the column 'answer' is empty",
        "career_qa.csv, line 5: the column 'role' is empty",
    ]
    assert "nan" not in answers(table)


def test_ragged_rows_are_dropped_with_a_reason(tmp_path: Path) -> None:
    table = read(tmp_path, QA + "Chef,What?\nChef,What?,Salt, pepper\nChef,What?,Fire,,\n,,\n")
    assert [str(drop) for drop in table.dropped] == [
        "career_qa.csv, line 4: expected 3 cells, found 2",
        "career_qa.csv, line 5: expected 3 cells, found 4: text that holds the separator must stand in quotes",
        "career_qa.csv, line 7: the row is empty",
    ]
    assert answers(table)[-1] == "Fire"  # a surplus of empty cells is no harm


@pytest.mark.parametrize(
    ("broken", "lost"),
    [
        ('Nurse,Why?,"never closed', [4]),  # swallows to the end of the file
        ('Nurse,Why?,"never closed\nChef,"What, then?",Fire', [4]),  # closes at the next row's opening quote
        ('Nurse,Why?,"never closed\nChef,What?,Fire"', [4]),  # closes at a stray quote, as if all were well
        ('Nurse,Why?,"a "quoted" word"', []),  # harmless within a line
    ],
)
def test_an_unclosed_quote_costs_its_own_row_only(tmp_path: Path, broken: str, lost: list[int]) -> None:
    table = read(tmp_path, QA + broken + "\nChef,When?,Now\nNurse,Where?,Here\n")
    assert [drop.line for drop in table.dropped] == lost
    assert answers(table)[-2:] == ["Now", "Here"]
    assert len(table.rows) + len(table.dropped) == 2 + broken.count("\n") + 1 + 2
    assert all("its quotes do not match" in drop.reason for drop in table.dropped)


def test_an_unclosed_quote_in_the_last_line_is_no_row(tmp_path: Path) -> None:
    table = read(tmp_path, QA + 'Chef,What?,"the file was cut he')
    assert (len(table.rows), [drop.line for drop in table.dropped]) == (2, [4])


def test_an_unclosed_quote_in_the_header_swallows_nothing(tmp_path: Path) -> None:
    assert answers(read(tmp_path, QA.replace("answer", 'answer,"note', 1).replace("matter", "matter,x").replace("salt", "salt,y")))[1] == "With salt"


def test_long_text_whose_lines_look_like_rows_is_left_alone(tmp_path: Path) -> None:
    profile = "Skills\nPython, SQL\nTools, Git\nSeattle, WA"  # each line has the width of a row, none has a role of this file
    table = read(tmp_path, f'label,text\nNurse,"{profile}"\nChef,"{profile}"\n', "people.csv")
    assert [row.cells["profile"] for row in table.rows] == [profile.replace("\n", " ")] * 2


def test_a_giant_cell_is_dropped_and_the_next_row_is_read(tmp_path: Path) -> None:
    table = read(tmp_path, QA + f"Chef,What?,{'x' * (MAX_CELL + 1)}\nChef,When?,Now\n")
    assert [str(drop) for drop in table.dropped] == ["career_qa.csv, line 4: the column 'answer' holds 200,001 characters, more than 200,000"]
    assert answers(table)[-1] == "Now"


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    write(tmp_path, "role,question,anser\nNurse,Why?,Because\n")
    write(tmp_path, b"PK\x03\x04rest of a workbook", "skills_mapping.csv")
    write(tmp_path, "", "profiles.csv")
    with pytest.raises(DataError) as caught:
        read_folder(tmp_path)
    assert caught.value.problems == (
        "career_qa.csv: expected the columns role, question, answer in the first line; found role, question, anser. "
        "Missing: 'answer' (did you mean 'anser'?). Rename the column, or say which one it is: --columns answer=anser",
        "profiles.csv: the file is empty. Put a line with the column names first, then the rows; or take the file away.",
        "skills_mapping.csv: expected a CSV text file, found a spreadsheet (.xlsx) or a zip archive. "
        'Open it in its own programme and save it as "CSV UTF-8".',
    )


def test_columns_name_the_makers_own_columns(tmp_path: Path) -> None:
    text = "Category,Resume,id\nNurse,I care,1\n"
    table = read(tmp_path, text, "people.csv", {"role": "Category", "profile": "resume"})
    assert (table.kind, table.rows[0].role, dict(table.rows[0].cells)) == ("profiles", "Nurse", {"profile": "I care"})
    assert table.hints == ("people.csv: columns that are not used: id.",)
    with pytest.raises(DataError, match=r"--columns profile=Resum: no file has a column 'Resum' \(did you mean 'Resume'\?\)"):
        read(tmp_path, text, "people.csv", {"role": "Category", "profile": "Resum"})
    with pytest.raises(DataError, match=r"vocation has no column 'rolle' \(did you mean 'role'\?\)"):
        read(tmp_path, text, "people.csv", {"rolle": "Category"})


def test_other_names_for_role_are_taken_and_said(tmp_path: Path) -> None:
    table = read(tmp_path, "Job Title,Question ,ANSWER\nNurse,Why?,Because\n", "anything.csv")
    assert (table.kind, table.rows[0].role) == ("qa", "Nurse")
    assert table.hints == ("anything.csv: the column 'Job Title' is read as 'role'.",)


def test_a_file_that_fits_nothing_is_said(tmp_path: Path) -> None:
    write(tmp_path, QA)
    other = write(tmp_path, "a,b\n1,2\n", "notes.csv")
    tables = read_folder(tmp_path)
    assert [table.kind for table in tables] == ["qa", None]
    assert tables[1].hints[0].startswith("notes.csv was not read; it fits no kind of file, the nearest is career_qa.csv: expected")
    with pytest.raises(DataError, match=r"notes\.csv was not read"):
        read_folder(other)


def test_an_optional_text_may_be_empty_but_not_all(tmp_path: Path) -> None:
    table = read(tmp_path, 'role,skills,description\nNurse,"care, calm",\nChef,,Cooks\nChef,,\n', "skills_mapping.csv")
    assert [dict(row.cells) for row in table.rows] == [{"skills": "care, calm", "description": ""}, {"skills": "", "description": "Cooks"}]
    assert [str(drop) for drop in table.dropped] == ["skills_mapping.csv, line 4: the columns 'skills' and 'description' are empty"]


def test_salaries_are_plain_numbers_or_left_out(tmp_path: Path) -> None:
    text = 'role,description,requirements,salary_min,salary_max\nChef,Cooks,Fire,"40,000",many\n'
    table = read(tmp_path, text, "job_descriptions.csv")
    assert table.rows[0].cells["salary_min"] == "40000"
    assert "salary_max" not in table.rows[0].cells
    assert table.hints == ("job_descriptions.csv: the column 'salary_max' holds no plain number in 1 rows (first: line 2); left out there.",)


def test_facts_are_checked_and_carry_their_source(tmp_path: Path) -> None:
    header = "career,job_zone,social,us_employment,annual_median_usd,top_coded,pay_source\n"
    table = read(tmp_path, header + "Nurse,4,5.5,1000,90000,True,BLS OEWS May 2025\nChef,9,5,,,,\n", "careers.csv")
    nurse, chef = table.facts["Nurse"], table.facts["Chef"]
    assert (nurse.job_zone, nurse.interests, nurse.employment, nurse.pay_median, nurse.top_coded) == (4, {"social": 5.5}, 1000, 90000, True)
    assert (nurse.interests_source, nurse.pay_source) == ("from the maker's careers.csv", "BLS OEWS May 2025")
    assert (chef.job_zone, chef.pay_median, chef.pay_source) == (None, None, "")
    assert table.hints == ("careers.csv, line 3, column 'job_zone': expected a whole number from 1 to 5, found '9'; left out.",)
    assert not table.rows
