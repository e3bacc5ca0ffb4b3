"""Reading: each kind of file, every encoding and delimiter, and the sentences for what cannot be
read.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import numpy as np
import pytest

from vocation.data.csv_reader import MAX_CELL
from vocation.data.folder import for_measuring
from vocation.data.tables import Table, read_folder
from vocation.errors import DataError
from vocation.training.measure import by_source

QA = "role,question,answer\nNurse,Why?,Because people matter\nChef,How?,With salt\n"


def write(folder: Path, text: str | bytes, name: str = "career_qa.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read(
    folder: Path,
    text: str | bytes,
    name: str = "career_qa.csv",
    columns: dict[str, str] | None = None,
) -> Table:
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
    assert table.hints == (
        (
            "career_qa.csv: line 3 is not UTF-8; read as Windows-1252. If letters look wrong, save"
            " it as UTF-8, or name its encoding: --encoding NAME."
        ),
    )


def test_one_broken_byte_does_not_spoil_good_utf8(tmp_path: Path) -> None:
    table = read(tmp_path, QA.encode() + "Chef,What?,crème brûlée ".encode() + b"\xff\n")
    assert answers(table)[-1] == "crème brûlée \ufffd"
    assert "line 4 has bytes that are not UTF-8 (1 in the file" in table.hints[0]


def test_files_of_two_encodings_that_were_joined_keep_all_letters(tmp_path: Path) -> None:
    table = read(
        tmp_path, QA.replace("salt", "café").encode() + "Chef,What?,garçon\n".encode("cp1252")
    )
    assert answers(table)[1:] == ["With café", "garçon"]
    assert table.hints == (
        (
            "career_qa.csv: line 4 is not UTF-8; read as Windows-1252. If letters look wrong, save"
            " it as UTF-8, or name its encoding: --encoding NAME."
        ),
    )


def test_old_mac_files_are_known_by_their_apostrophes(tmp_path: Path) -> None:
    table = read(tmp_path, QA.replace("salt", "what’s at hand").encode("mac-roman"))
    assert answers(table)[1] == "With what’s at hand"
    assert "read as Mac Roman" in table.hints[0]


def test_bytes_in_no_encoding_are_refused_with_their_place(tmp_path: Path) -> None:
    noise = bytes(random.Random(0).choices(range(128, 256), k=300))
    # Lines 1 and 2 have 21 + 33 bytes, "Chef,How?,With " 15.
    with pytest.raises(DataError, match=r"^career_qa\.csv, line 3, byte 70: expected UTF-8"):
        read(tmp_path, QA.encode().replace(b"salt", noise))


def test_characters_in_two_halves_are_joined(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        QA.encode() + "Chef,What?,\ud83d\ude80 soup \ud83d\n".encode("utf-8", "surrogatepass"),
    )
    assert answers(table)[-1] == "\N{ROCKET} soup"
    assert table.hints == ("career_qa.csv: holds 1 halves of characters, which were left out.",)


def test_lines_are_physical_lines(tmp_path: Path) -> None:
    table = read(
        tmp_path, 'role,question,answer\nNurse,Why?,"two\nlines"\n\nChef,How?,"With, salt"\n'
    )
    assert [(row.line, row.cells["answer"]) for row in table.rows] == [
        (2, "two lines"),
        (5, "With, salt"),
    ]


@pytest.mark.parametrize(
    "nothing", ["", " ", "nan", "NaN", "None", "null", "N/A", "#N/A", "\u200b"]
)
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
        (
            "career_qa.csv, line 5: expected 3 cells, found 4: text that holds the separator must"
            " stand in quotes"
        ),
        "career_qa.csv, line 7: the row is empty",
    ]
    assert answers(table)[-1] == "Fire"  # a surplus of empty cells is no harm


@pytest.mark.parametrize(
    ("broken", "lost"),
    [
        ('Nurse,Why?,"never closed', [4]),  # swallows to the end of the file
        (
            'Nurse,Why?,"never closed\nChef,"What, then?",Fire',
            [4],
        ),  # closes at the next row's opening quote
        (
            'Nurse,Why?,"never closed\nChef,What?,Fire"',
            [4],
        ),  # closes at a stray quote, as if all were well
        ('Nurse,Why?,"a "quoted" word"', []),  # harmless within a line
    ],
)
def test_an_unclosed_quote_costs_its_own_row_only(
    tmp_path: Path, broken: str, lost: list[int]
) -> None:
    table = read(tmp_path, QA + broken + "\nChef,When?,Now\nNurse,Where?,Here\n")
    assert [drop.line for drop in table.dropped] == lost
    assert answers(table)[-2:] == ["Now", "Here"]
    assert len(table.rows) + len(table.dropped) == 2 + broken.count("\n") + 1 + 2
    assert all("its quotes do not match" in drop.reason for drop in table.dropped)


def test_an_unclosed_quote_in_the_last_line_is_no_row(tmp_path: Path) -> None:
    table = read(tmp_path, QA + 'Chef,What?,"the file was cut he')
    assert (len(table.rows), [drop.line for drop in table.dropped]) == (2, [4])


def test_an_unclosed_quote_in_the_header_swallows_nothing(tmp_path: Path) -> None:
    assert (
        answers(
            read(
                tmp_path,
                QA.replace("answer", 'answer,"note', 1)
                .replace("matter", "matter,x")
                .replace("salt", "salt,y"),
            )
        )[1]
        == "With salt"
    )


def test_long_text_whose_lines_look_like_rows_is_left_alone(tmp_path: Path) -> None:
    profile = (  # each line has the width of a row, none has a role of this file
        "Skills\nPython, SQL\nTools, Git\nSeattle, WA"
    )
    table = read(tmp_path, f'label,text\nNurse,"{profile}"\nChef,"{profile}"\n', "people.csv")
    assert [row.cells["profile"] for row in table.rows] == [profile.replace("\n", " ")] * 2


@pytest.mark.parametrize(
    ("row", "answer"),
    [
        ('Chef,What?,"a "good", day"', None),  # four cells: nobody can know
        ('Chef,What?,"a "good" day"', 'a "good" day'),
        (r'Chef,What?,"a \"good\", day"', 'a "good", day'),
        ('Chef,What?,"good" day', '"good" day'),
    ],
)
def test_quotes_that_are_not_doubled_are_text_and_said(
    tmp_path: Path, row: str, answer: str | None
) -> None:
    table = read(tmp_path, QA + row + "\n")
    assert answers(table)[2:] == ([] if answer is None else [answer])
    assert [drop.line for drop in table.dropped] == ([4] if answer is None else [])
    assert any("not doubled" in hint for hint in table.hints) == (answer is not None)


def test_the_rest_of_a_broken_row_is_no_row_of_its_own(tmp_path: Path) -> None:
    table = read(
        tmp_path, QA + 'Chef,What?,"a "good"\nday, with salt, and more"\nNurse,Where?,Here\n'
    )
    assert [drop.line for drop in table.dropped] == [4, 5]
    assert answers(table)[-1] == "Here"


def test_column_names_that_come_again_are_dropped(tmp_path: Path) -> None:
    table = read(tmp_path, QA + "\ufeff" + QA.replace("Why", "When"))
    assert [str(drop) for drop in table.dropped] == [
        "career_qa.csv, line 4: the column names are repeated"
    ]
    assert len(table.rows) == 4


def test_column_names_may_stand_below_a_title(tmp_path: Path) -> None:
    table = read(tmp_path, "Our careers;;\n\n" + QA.replace(",", ";"))
    assert [row.line for row in table.rows] == [4, 5]
    assert table.hints == (
        "career_qa.csv: the column names stand in line 3; what is above them was left out.",
    )


def test_text_without_a_column_name_is_said(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        "role,question,answer,\nNurse,Why?,Because,\nChef,What?,Salt, pepper\nChef,When?,Now\n",
    )
    assert answers(table) == ["Because", "Salt", "Now"]
    assert table.hints == (
        (
            "career_qa.csv: 1 row has text in a column without a name, which was left out (first:"
            " line 3)."
        ),
    )


def test_a_row_with_another_separator_is_doubted(tmp_path: Path) -> None:
    table = read(tmp_path, "role,profile\nChef,I cook\nChef;I bake, and fry\n", "people.csv")
    assert (
        "1 row names a career that goes on behind a separator: is another separator meant?"
        in table.hints[0]
    )


def test_a_file_that_may_be_cut_off_is_said(tmp_path: Path) -> None:
    table = read(tmp_path, QA.removesuffix("alt\n"))
    assert table.hints == (
        (
            "career_qa.csv: line 3 is the last one and has no line end; if the file was cut off,"
            " its row is incomplete."
        ),
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\x89PNG\r\n\x1a\n", r"line 1, byte 1: expected a CSV text file, found a picture"),
        (
            b"\n<!DOCTYPE html><html><body>Sign in",
            r"line 1, byte 1: expected a CSV text file, found a web page",
        ),
        (b"ab\ncd\x01\x02\x03", r"line 2, byte 6: expected a CSV text file, found binary data"),
        (
            b"role,question,answer" + b"," * 10_000,
            r"line 1, column 10001: expected at most 10,000 columns, found 10,003",
        ),
        (b"sep=;\n", r"line 1: the file is empty but for this line"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(
    tmp_path: Path, data: bytes, sentence: str
) -> None:
    with pytest.raises(DataError, match=r"^career_qa\.csv, " + sentence):
        read(tmp_path, data)


def test_a_giant_cell_is_dropped_and_the_next_row_is_read(tmp_path: Path) -> None:
    table = read(tmp_path, QA + f"Chef,What?,{'x' * (MAX_CELL + 1)}\nChef,When?,Now\n")
    assert [str(drop) for drop in table.dropped] == [
        "career_qa.csv, line 4: the column 'answer' holds 200,001 characters, more than 200,000"
    ]
    assert answers(table)[-1] == "Now"


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    write(tmp_path, "role,question,anser\nNurse,Why?,Because\n")
    write(tmp_path, b"PK\x03\x04rest of a workbook", "skills_mapping.csv")
    write(tmp_path, "", "profiles.csv")
    with pytest.raises(DataError) as caught:
        read_folder(tmp_path)
    assert caught.value.problems == (
        (
            "career_qa.csv, line 1: expected the columns role, question, answer in this line; found"
            " role, question, anser. Missing: 'answer' (did you mean 'anser'?). Rename the column,"
            " or say which one it is: --columns answer=anser"
        ),
        (
            "profiles.csv, line 1: the file is empty. Put a line with the column names first, then"
            " the rows; or take the file away."
        ),
        (
            "skills_mapping.csv, line 1, byte 1: expected a CSV text file, found a spreadsheet"
            ' (.xlsx, .ods) or a zip archive. Open it in its own program and save it as "CSV'
            ' UTF-8".'
        ),
    )


def test_columns_name_the_users_own_columns(tmp_path: Path) -> None:
    text = "Category,Resume,id\nNurse,I care,1\n"
    table = read(tmp_path, text, "people.csv", {"role": "Category", "profile": "resume"})
    assert (table.kind, table.rows[0].role, dict(table.rows[0].cells)) == (
        "profiles",
        "Nurse",
        {"profile": "I care"},
    )
    assert table.hints == ("people.csv: columns that are not used: id.",)
    with pytest.raises(
        DataError,
        match=r"--columns profile=Resum: no file has a column 'Resum' \(did you mean 'Resume'\?\)",
    ):
        read(tmp_path, text, "people.csv", {"role": "Category", "profile": "Resum"})
    with pytest.raises(
        DataError, match=r"vocation has no column 'rolle' \(did you mean 'role'\?\)"
    ):
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
    assert (
        tables[1]
        .unread[0]
        .startswith(
            "notes.csv, line 1: the file was not read; it fits no kind of file, the nearest is"
            " profiles.csv: expected"
        )
    )
    with pytest.raises(DataError, match=r"notes\.csv, line 1: the file was not read"):
        read_folder(other)


def left_out(folder: Path) -> str:
    """What `read_folder` says about everything that it has not read."""
    return "\n".join(reason for table in read_folder(folder) for reason in table.unread)


def test_what_is_not_read_is_named_and_what_is_no_data_is_not(tmp_path: Path) -> None:
    write(tmp_path, QA)
    unread = ("skills_mapping.ods", "career_qa.docx", "b.7z", "old.xls", "career_qa")
    silent = (
        "README.txt",
        "notes.txt",
        "LICENSE",
        "about.md",
        ".DS_Store",
        "~$b.xlsx",
        "Thumbs.db",
    )
    for name in (*unread, *silent):
        write(tmp_path, "", name)
    write(tmp_path, "Dear all, here are the rows.\n", "letter.txt")
    write(tmp_path, "role,qestion\nNurse,Why?\n", "more.txt")
    for name in ("more/profiles.csv", "models/manifest.json", "runs/1.json"):
        (tmp_path / name).parent.mkdir()
        write((tmp_path / name).parent, "", Path(name).name)
    (tmp_path / "empty").mkdir()
    said = left_out(tmp_path)
    assert len(said.splitlines()) == 3
    assert "more.txt, line 1: the file was not read" in said
    assert "\nb.7z, career_qa, career_qa.docx, old.xls, skills_mapping.ods: not read" in said
    assert "\nmore: not read" in said
    for name in (*silent, "letter.txt", "models", "runs", "empty"):
        assert name not in said.replace(str(tmp_path), "")
    (tmp_path / "career_qa.csv").unlink()
    with pytest.raises(DataError, match="the file was not read"):
        read_folder(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="needs links, pipes and devices")
@pytest.mark.parametrize("kind", ["link", "loop", "device", "pipe", "folder"])
def test_a_known_name_that_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    write(tmp_path, "role,profile\nNurse,I care\nChef,I cook\n", "profiles.csv")
    for name in ("career_qa.csv", "other.csv"):
        path = tmp_path / name
        if kind == "folder":
            path.mkdir()
            write(path, "x", "y")
        elif kind == "pipe":
            os.mkfifo(path)
        else:
            path.symlink_to({"link": "/no/such/place", "loop": path, "device": "/dev/zero"}[kind])
    with pytest.raises(DataError, match=r"^career_qa\.csv is no readable file: ") as caught:
        read_folder(tmp_path)
    assert len(caught.value.problems) == 1
    with pytest.raises(DataError, match=r"no readable file|expected at least one of"):
        read_folder(tmp_path / "other.csv")
    path = tmp_path / "career_qa.csv"
    path.rename(tmp_path / "others.csv")
    assert "other.csv" in left_out(tmp_path)


def test_a_folder_that_may_not_be_listed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(DataError, match=r"the folder cannot be read .Permission denied"):
        read_folder(tmp_path)
    with pytest.raises(DataError, match=r"File name too long|no such file"):
        read_folder("a" * 5000)
    with pytest.raises(DataError, match="no such file"):
        read_folder("a\0b")


@pytest.mark.parametrize(
    ("names", "held_out"),
    [
        (
            "test, career_qa_test, test-data_2, profiles.test, TestSet, test_profiles, dev, qa_dev",
            1,
        ),
        ("holdout-2024, held_out, hold-out, people_valid, ValidationSet, my_eval, testing", 1),
        ("latest, contest, testimonials, software_testing, web_dev, test_engineers, devices", 0),
        ("profiles, career_qa2, careers, evaluators, invalid, valuers, greatest_hits, protests", 0),
    ],
)
def test_the_name_tells_which_rows_are_for_testing(names: str, held_out: int) -> None:
    assert {name: for_measuring(name) for name in names.split(", ")} == dict.fromkeys(
        names.split(", "), bool(held_out)
    )


def test_rows_for_testing_are_read_only_where_they_are_asked_for(tmp_path: Path) -> None:
    test = write(tmp_path, QA, "career_qa_test.csv")
    with pytest.raises(DataError, match=r"career_qa_test\.csv: left out.*vocation evaluate /"):
        read_folder(tmp_path)
    write(tmp_path, QA, "latest.csv")
    assert [table.file for table in read_folder(tmp_path) if table.kind] == ["latest.csv"]
    assert "career_qa_test.csv: left out" in left_out(tmp_path)
    assert read_folder(test)[0].rows


@pytest.mark.parametrize(
    "columns", ["role,profile,decision,career_1,confidence_1", "text,career,suggested,probability"]
)
def test_careers_that_a_model_guessed_are_no_data(tmp_path: Path, columns: str) -> None:
    scored = write(tmp_path, f"{columns}\nNurse,I care,match,Nurse,0.9\n", "scored.csv")
    for asked in (scored, tmp_path):
        with pytest.raises(DataError, match=r"scored\.csv: left out, because vocation wrote it"):
            read_folder(asked)
    write(tmp_path, QA)
    assert [table.file for table in read_folder(tmp_path) if table.kind] == ["career_qa.csv"]
    assert "scored.csv" in left_out(tmp_path)


def test_an_optional_text_may_be_empty_but_not_all(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        'role,skills,description\nNurse,"care, calm",\nChef,,Cooks\nChef,,\n',
        "skills_mapping.csv",
    )
    assert [dict(row.cells) for row in table.rows] == [
        {"skills": "care, calm", "description": ""},
        {"skills": "", "description": "Cooks"},
    ]
    assert [str(drop) for drop in table.dropped] == [
        "skills_mapping.csv, line 4: the columns 'skills' and 'description' are empty"
    ]


def test_salaries_are_plain_numbers_or_left_out(tmp_path: Path) -> None:
    text = 'role,description,requirements,salary_min,salary_max\nChef,Cooks,Fire,"40,000",many\n'
    table = read(tmp_path, text, "job_descriptions.csv")
    assert table.rows[0].cells["salary_min"] == "40000"
    assert "salary_max" not in table.rows[0].cells
    assert table.hints == (
        (
            "job_descriptions.csv: the column 'salary_max' holds no plain number in 1 rows (first:"
            " line 2); left out there."
        ),
    )


def test_facts_are_checked_and_carry_their_source(tmp_path: Path) -> None:
    header = "career,job_zone,social,us_employment,annual_median_usd,top_coded,pay_source\n"
    table = read(
        tmp_path,
        header + "Nurse,4,5.5,1000,90000,True,BLS OEWS May 2025\nChef,9,5,,,,\n",
        "careers.csv",
    )
    nurse, chef = table.facts["Nurse"], table.facts["Chef"]
    assert (
        nurse.job_zone,
        nurse.interests,
        nurse.employment,
        nurse.pay_median,
        nurse.top_coded,
    ) == (4, {"social": 5.5}, 1000, 90000, True)
    assert (nurse.interests_source, nurse.pay_source) == (
        "from the data owner's careers.csv",
        "BLS OEWS May 2025",
    )
    assert (chef.job_zone, chef.pay_median, chef.pay_source) == (None, None, "")
    assert table.hints == (
        (
            "careers.csv, line 3, column 'job_zone': expected a whole number from 1 to 5, found"
            " '9'; left out."
        ),
    )
    assert not table.rows


def test_profiles_are_told_from_resumes_and_ads(tmp_path: Path) -> None:
    rows = (
        "Chef,I cook,\nChef,Cook at Ritz, Resume \nChef,We seek a cook,AD\nChef,I bake,profile\n"
        "Chef,I fry,cv\nChef,I grill,cv\n"
    )
    table = read(tmp_path, f"role,profile,kind\n{rows}", "profiles.csv")
    assert [row.kind for row in table.rows] == [
        *("profiles", "resumes", "ads", "profiles"),
        *("profiles", "profiles"),
    ]
    assert {row.source for row in table.rows} == {"profiles"}
    assert table.rows[0].cells == {"profile": "I cook"}, "as if the column were not there"
    (hint,) = table.hints
    assert "profiles.csv, line 6, column 'kind': expected profile, resume, ad or feedback" in hint
    assert "found 'cv'" in hint
    assert "(2)" in hint
    found = by_source(table.rows, np.array([True, False, True, True, True, False]))
    assert {kind: one["value"] for kind, one in found.items()} == {
        "profiles": 0.75,
        "resumes": 0,
        "ads": 1,
    }
