"""The column of careers: codes, several careers in a cell, forms of one title."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from vocation.data.dataset import Dataset, load
from vocation.data.labels import careers_in
from vocation.data.split import split
from vocation.errors import ConfigError
from vocation.text.clean import label_key
from vocation.text.title_forms import without_marks


def rows(folder: Path, *labels: str, **options: object) -> Dataset:
    """A data set with a row for each label, its text unlike all others."""
    folder.mkdir(exist_ok=True)
    with open(folder / "profiles.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("role", "profile"))
        writer.writerows((label, f"text{i} word{i} with part{i}") for i, label in enumerate(labels))
    return load(folder, **options)  # type: ignore[arg-type]


def test_codes_are_told_and_a_number_is_one_career_however_it_is_written(tmp_path: Path) -> None:
    data = rows(tmp_path, "0.0", "0", "0.0", "1", "-1", "-1.0", "LABEL_2")
    assert data.roles == ("-1", "0", "1", "LABEL_2")
    [hint] = [hint for hint in data.report.hints if "codes" in hint]
    assert "4 careers" in hint
    assert "line 2" in hint
    assert label_key("3.0") == label_key("3") != label_key("3.5")
    named = rows(tmp_path, "Nurse", "3D Artist", "911 Dispatcher", "Q&A Lead")
    assert not [hint for hint in named.report.hints if "code" in hint]


def test_several_careers_in_a_cell_are_offered_and_split_when_asked(tmp_path: Path) -> None:
    labels = [
        *("Nurse", "Chef", "Nurse; Chef", "Chef|Baker", '["Baker", "Nurse"]', "Chef\nNurse"),
        *("Chef, Nurse", "Painter, Decorator", "Data\nScientist", "Koch (m|w|d)", "Chef;Chef"),
    ]
    one = rows(tmp_path, *labels)
    assert (one.report.copies, len(one.rows)) == (0, 11)
    [hint] = [hint for hint in one.report.hints if "--multi-label split" in hint]
    assert hint.startswith("6 rows")

    data = rows(tmp_path, *labels, multi_label="split")
    kept = ("Data Scientist", "Koch (m|w|d)", "Painter, Decorator")
    assert data.roles == tuple(sorted(("Baker", "Chef", "Nurse", *kept)))
    assert (data.report.rows_in, data.report.copies, data.report.used) == (11, 5, 16)
    assert not [hint for hint in data.report.hints if "several careers" in hint]
    with pytest.raises(ConfigError, match="multi_label must be 'split'"):
        rows(tmp_path, *labels, multi_label="first")


@pytest.mark.parametrize("count", [1, 2])
def test_a_split_cell_is_not_asked_about_again(tmp_path: Path, count: int) -> None:
    """The hint says "1 row names" and "2 rows name"."""
    labels = [*["Nurse", "Chef"] * 2, *["Nurse; Chef"] * count]
    assert any("another separator" in hint for hint in rows(tmp_path, *labels).report.hints)
    split = rows(tmp_path, *labels, multi_label="split")
    assert not any("another separator" in hint for hint in split.report.hints)


def test_a_row_of_two_careers_contradicts_nothing_and_is_never_split(tmp_path: Path) -> None:
    data = rows(tmp_path, *["Nurse; Chef"] * 10, *["Nurse", "Chef"] * 5, multi_label="split")
    assert data.report.contradictions == ()
    parts = split(data.labels, data.groups, seed=1)
    sides = {}
    for name in ("train", "validation", "test"):
        for i in getattr(parts, name).tolist():
            assert sides.setdefault(data.rows[i].line, name) == name
    assert len(np.unique(data.groups)) == 20


def test_careers_in_a_label() -> None:
    known = {"chef", "nurse"}
    assert careers_in("Nurse/Chef", known) == ["Nurse", "Chef"]
    assert careers_in("Nurse/Surgeon", known) == []
    assert careers_in("Nurse; Surgeon", known) == ["Nurse", "Surgeon"]
    assert careers_in("Nurse m|w|d", known) == []
    assert careers_in("0|3", set()) == ["0", "3"]


SAME = {
    "Software Engineer": [
        *("Sr. Software Engineer", "Senior Software Engineer II (m/f/d) - Remote"),
        *("Software Engineer (f/m/x)", "Software Engineer, Remote", "Jr Software Engineer"),
        *("Software Engineer III", "Lead Software Engineer", "M/F Software Engineer"),
        *("Software Engineer (all genders)", "Software Engineer - Remote, US"),
    ],
    "Koch": ["Koch/in", "Koch (m/w/d)", "Koch*in", "Koch:in", "Koch(in)", "KochIn", "Köchin"],
    "Kaufmann": ["Kaufmann/-frau", "Kauffrau", "Kaufmann/Kauffrau"],
    "Infirmier": ["Infirmier H/F", "Infirmier/Infirmière (H/F)", "Infirmière"],
    "Enfermero": ["Enfermero/a", "Enfermera", "Enfermero(a)"],
    "Verpleegkundige": ["Verpleegkundige (m/v)", "Verpleegkundige m/v/x"],
}
OTHER = [
    *("Nurse", "Nursing Assistant", "Senior Care Assistant", "Care Home Manager", "Chef"),
    *("Head Chef", "Teacher Key Stage 1", "Teacher Key Stage 2", "Driver Class I"),
    *("Driver Class II", "Remote Sensing Analyst", "Lead Generation Specialist", "Principal"),
    *("Technician", "Technician - Hybrid Vehicles", "LinkedIn Specialist", "Nurse - Pediatrics"),
]


def test_forms_of_a_title_are_offered_and_merged_when_asked(tmp_path: Path) -> None:
    labels = [*SAME, *(form for forms in SAME.values() for form in forms), *OTHER]
    offered = rows(tmp_path, *labels)
    assert len(offered.roles) == len(labels)
    titles = offered.report.titles
    assert titles is not None
    assert {one.spelling: one.career for one in titles.merges} == {
        form: name for name, forms in SAME.items() for form in forms
    }
    assert (titles.done, titles.before, titles.after) == (
        False,
        len(labels),
        len(SAME) + len(OTHER),
    )
    assert "--merge-titles" in str(offered.report)

    merged = rows(tmp_path, *labels, merge_titles=True)
    assert merged.roles == tuple(sorted([*SAME, *OTHER]))
    assert merged.report.titles is not None
    assert merged.report.titles.done
    assert merged.report.used == len(labels)


def test_a_level_alone_merges_nothing(tmp_path: Path) -> None:
    assert rows(tmp_path, "Senior Care Assistant", "Chef").report.titles is None
    # Two spellings of one level say no more than one; two levels do.
    merged = rows(tmp_path, "Sr. Welder", "Senior Welder", "Chef", merge_titles=True)
    assert merged.roles == ("Chef", "Senior Welder")
    merged = rows(tmp_path, "Junior Welder", "Senior Welder", "Chef", merge_titles=True)
    assert merged.roles == ("Chef", "Welder")


def test_an_own_title_is_merged_into_a_default_career(tmp_path: Path) -> None:
    data = rows(tmp_path, "Senior Chef", add_to_defaults=True, merge_titles=True)
    assert data.report.additions is not None
    assert data.report.additions.replaced == (("Chef", "Chef"),)


@pytest.mark.parametrize("part", [" in a", ", a", "/in", " (m/w)", " - remote", "m/", " (a"])
def test_no_title_takes_long(part: str) -> None:
    without_marks("x - remote" + part * 60)  # would not end if it tried every way to cut this
