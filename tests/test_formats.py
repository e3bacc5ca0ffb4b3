"""One table through every door: the same rows, places that the owner finds, and bounded reading."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from vocation.data import archives, xlsx
from vocation.data.grid import text_of
from vocation.data.tables import read_folder
from vocation.data.xlsx import read_sheet
from vocation.errors import DataError
from vocation.serving import batch, inputs, sheet
from vocation.serving.decisions import Decision, Named

HEADER = ["role", "profile"]
ROWS = [
    ["Chef", "I cook, and I bake"],
    ["Nurse", 'I say "calm"\nand listen'],
    ["Welder", ""],
    ["Welder", "I join steel"],
]
OBJECTS = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
LINES = "".join(json.dumps(row) + "\n" for row in OBJECTS).encode()


def workbook(rows: list[list[Any]]) -> bytes:
    """An .xlsx file as `score` writes it."""
    file = io.BytesIO()
    sheet.write_sheet(file, rows, "test.xlsx")
    return file.getvalue()


def table() -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADER, *ROWS])
    return text.getvalue().encode()


def packed(files: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def parquet() -> bytes:
    pytest.importorskip("pyarrow")
    return pytest.importorskip("pandas").DataFrame(OBJECTS).to_parquet()  # type: ignore[no-any-return]


def as_json(value: object) -> Callable[[], bytes]:
    return lambda: json.dumps(value).encode()


COLUMNS = {name: [row[name] for row in OBJECTS] for name in HEADER}
BY_INDEX = {name: dict(enumerate(cells)) for name, cells in COLUMNS.items()}
DOORS: dict[str, tuple[str, Callable[[], bytes], str]] = {  # file, content, place of the empty cell
    "csv": ("profiles.csv", table, "line 5"),
    "gz": ("profiles.csv.gz", lambda: gzip.compress(table()), "line 5"),
    "xlsx": ("profiles.xlsx", lambda: workbook([HEADER, *ROWS]), "row 4"),
    "objects": ("profiles.json", as_json(OBJECTS), "item 3"),
    "columns": ("profiles.json", as_json(COLUMNS), "item 3"),
    "pandas": ("profiles.json", as_json(BY_INDEX), "item 3"),
    "index": ("profiles.json", as_json(dict(enumerate(OBJECTS))), "item 3"),
    "split": (
        "profiles.json",
        as_json({"columns": HEADER, "index": [0, 1, 2, 3], "data": ROWS}),
        "item 3",
    ),
    "data": ("profiles.json", as_json({"version": 1, "data": OBJECTS}), "item 3"),
    "lists": ("profiles.json", as_json([HEADER, *ROWS]), "item 4"),
    "jsonl": ("profiles.jsonl", lambda: LINES, "line 3"),
    "jsonl named json": ("profiles.json", lambda: LINES, "item 3"),
    "parquet": ("profiles.parquet", parquet, "row 3"),
    "zip": (
        "data.zip",
        lambda: packed({"mine/profiles.csv": table(), "__MACOSX/mine/._profiles.csv": b"x"}),
        "line 5",
    ),
    "sheet in a zip": (
        "data.zip",
        lambda: packed({"profiles.xlsx": workbook([HEADER, *ROWS])}),
        "row 4",
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_leads_to_the_same_rows(tmp_path: Path, door: str) -> None:
    name, content, place = DOORS[door]
    (tmp_path / name).write_bytes(content())
    for asked in (tmp_path, tmp_path / name):
        [found] = read_folder(asked)
        assert found.kind == "profiles"
        assert [[row.role, row.cells["profile"]] for row in found.rows] == [
            ["Chef", "I cook, and I bake"],
            ["Nurse", 'I say "calm" and listen'],
            ["Welder", "I join steel"],
        ]
        [issue] = found.dropped
        assert str(issue).endswith(f", {place}: the column 'profile' is empty")
    asked_for = inputs.read(tmp_path / name, ["profile", "role"])
    assert [asked_for.values(row) for row in asked_for] == [row[::-1] for row in ROWS]
    assert asked_for.header == HEADER


def test_two_tables_that_differ_in_their_ending_are_refused(tmp_path: Path) -> None:
    (tmp_path / "profiles.csv").write_bytes(table())
    (tmp_path / "profiles.xlsx").write_bytes(workbook([HEADER, *ROWS]))
    with pytest.raises(DataError, match=r"^profiles\.csv and profiles\.xlsx have the same name"):
        read_folder(tmp_path)
    (tmp_path / "profiles.xlsx").rename(tmp_path / "profiles.zip")
    (tmp_path / "profiles.zip").write_bytes(packed({"Profiles.json": as_json(OBJECTS)()}))
    with pytest.raises(DataError, match=r"^profiles\.csv and profiles\.zip/Profiles\.json have"):
        read_folder(tmp_path)


def test_a_file_with_a_known_name_must_be_readable_and_another_one_is_named(
    tmp_path: Path,
) -> None:
    (tmp_path / "profiles.csv").write_bytes(table())
    (tmp_path / "settings.json").write_text('{"a": {"b": 1}}')
    (tmp_path / "old.xlsx").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "pictures.zip").write_bytes(packed({"a.png": b""}))
    said = "\n".join(reason for one in read_folder(tmp_path) for reason in one.unread)
    assert all(name in said for name in ("settings.json", "old.xlsx", "pictures.zip/a.png"))
    (tmp_path / "old.xlsx").rename(tmp_path / "career_qa.xlsx")
    with pytest.raises(DataError, match=r"career_qa\.xlsx is encrypted .*save it as \.xlsx"):
        read_folder(tmp_path)


def test_parquet_without_its_extra_stops_only_what_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "profiles.csv").write_bytes(table())
    (tmp_path / "old.parquet").write_bytes(b"PAR1")
    assert any(
        "old.parquet: reading parquet needs" in reason
        for reason in read_folder(tmp_path)[-1].unread
    )
    with pytest.raises(DataError, match=r"^old\.parquet: reading parquet needs"):
        read_folder(tmp_path / "old.parquet")


# --- workbooks ------------------------------------------------------------------------------------

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def written_by_others(cells: str, **parts: str) -> bytes:
    """A workbook with two sheets, the first one hidden, in another program's dialect."""
    folder = {
        "_rels/.rels": '<Relationships><Relationship Id="a" Type="http://x/officeDocument"'
        ' Target="/xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<x:workbook xmlns:x="m" xmlns:r="{_RELATIONS}"><x:sheets>'
        '<x:sheet name="Lists" sheetId="1" state="hidden" r:id="r1"/>'
        '<x:sheet name="People" sheetId="2" r:id="r2"/></x:sheets></x:workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        '<Relationship Id="r1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>'
        '<Relationship Id="r2" Type="http://x/worksheet" Target="/xl/worksheets/sheet2.xml"/>'
        '<Relationship Id="r3" Type="http://x/styles" Target="styles.xml"/>'
        '<Relationship Id="r4" Type="http://x/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": "<worksheet><sheetData/></worksheet>",
        "xl/worksheets/sheet2.xml": f'<x:worksheet xmlns:x="m"><x:sheetData>{cells}</x:sheetData>'
        "</x:worksheet>",
        **{f"xl/{name}.xml": content for name, content in parts.items()},
    }
    return packed({name: content.encode() for name, content in folder.items()})


def test_cells_read_as_people_see_them() -> None:
    cells = (
        '<x:row r="3" hidden="1"><x:c r="B3" t="s"><x:v>1</x:v></x:c><x:c r="D3" t="s"><x:v>0</x:v>'
        "</x:c></x:row>"
        '<x:row><x:c t="b"><x:v>1</x:v></x:c><x:c><x:v>1.0</x:v></x:c><x:c><x:v>0.30000000000000004'
        '</x:v></x:c><x:c t="e"><x:v>#N/A</x:v></x:c><x:c s="1"><x:v>45413</x:v></x:c><x:c s="2">'
        '<x:v>45413.5</x:v></x:c><x:c s="3"><x:v>0.75</x:v></x:c><x:c s="4"><x:v>7</x:v></x:c>'
        '<x:c t="str"><x:f>A1</x:f><x:v>by formula</x:v></x:c><x:c><x:f>B1</x:f></x:c></x:row>'
        '<x:row r="9"><x:c t="inlineStr"><x:is><x:t>in_x000A_line</x:t></x:is></x:c></x:row>'
    )
    book = written_by_others(
        cells,
        sharedStrings="<sst><si><t>plain</t></si><si><r><t>two </t></r><r><t>runs</t></r>"
        "<rPh><t>aside</t></rPh></si></sst>",
        styles='<styleSheet><numFmts><numFmt numFmtId="164" formatCode="&quot;day&quot; dd/mm/yyyy'
        ' hh:mm"/><numFmt numFmtId="165" formatCode="000"/></numFmts><cellStyleXfs><xf numFmtId='
        '"9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/>'
        '<xf numFmtId="20"/><xf numFmtId="165"/></cellXfs></styleSheet>',
    )
    found = read_sheet(book, "people.xlsx")
    assert found.rows == [
        (3, ["", "two runs", "", "plain"]),
        # 45413 days after 1899-12-30; #N/A and a formula without a result are empty.
        (
            4,
            [
                *("TRUE", "1", "0.3", "", "2024-05-01", "2024-05-01 12:00:00", "18:00:00"),
                *("007", "by formula"),
            ],
        ),
        (9, ["in\nline"]),
    ]
    assert (found.name, found.others, found.formulas) == ("People", ("Lists",), 1)


def test_a_title_above_the_names_and_notes_beside_the_table(tmp_path: Path) -> None:
    rows = [["Our people"], [], HEADER, ["Chef", "I cook", "ask Ann"], [], ["Nurse", "I care"]]
    (tmp_path / "people.xlsx").write_bytes(workbook(rows))
    [found] = read_folder(tmp_path)
    assert [(row.role, row.line) for row in found.rows] == [("Chef", 4), ("Nurse", 6)]
    assert any("row 3" in hint for hint in found.hints)
    assert any("right of the named columns" in hint and "row 4" in hint for hint in found.hints)


def test_merged_cells_count_in_each_row_that_they_cover() -> None:
    rows = "".join(
        f"<x:row><x:c t='str'><x:v>{role}</x:v></x:c><x:c t='str'><x:v>{text}</x:v></x:c></x:row>"
        for role, text in (("Chef", "a"), ("", "b"), ("Nurse", "c"), ("", "d"))
    )
    merged = '</x:sheetData><x:mergeCells><x:mergeCell ref="A1:A2"/><x:mergeCell ref="B3:C9"/>'
    book = written_by_others(rows + merged + "</x:mergeCells><x:sheetData>")
    found = [cells for _, cells in read_sheet(book, "people.xlsx").rows]
    assert found == [["Chef", "a"], ["Chef", "b"], ["Nurse", "c"], ["", "d"]]


ENTITY = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'
HOSTILE = {
    "a text that is not there": written_by_others('<x:row><x:c t="s"><x:v>5</x:v></x:c></x:row>'),
    "a column far right": written_by_others('<x:row><x:c r="ZZZ1"><x:v>5</x:v></x:c></x:row>'),
    "a DTD": written_by_others("", sharedStrings=ENTITY.decode() + "<sst/>"),
    "cut XML": written_by_others("<x:row>"),
    "an empty sheet": written_by_others(""),
    "no sheet": packed({"a.txt": b"b"}),
    "no zip": b"PK\x03\x04",
    "another file": b"role,profile\n",
    "an old or encrypted workbook": b"\xd0\xcf\x11\xe0",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_sound_workbook_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "profiles.xlsx").write_bytes(content)
    with pytest.raises(DataError, match=r"^profiles\.xlsx\b") as caught:
        read_folder(tmp_path)
    assert len(caught.value.problems) == 1
    with pytest.raises(DataError, match=r"profiles\.xlsx\b"):
        inputs.read(tmp_path / "profiles.xlsx", ["profile"])


def test_no_entity_of_a_dtd_is_expanded() -> None:
    with pytest.raises(DataError, match="document type definition"):
        read_sheet(HOSTILE["a DTD"], "people.xlsx")


# --- what is packed -------------------------------------------------------------------------------

LARGE = {
    "profiles.csv.gz": lambda: gzip.compress(b"a" * 3000),
    "profiles.xlsx": lambda: workbook([["a" * 3000]]),
    "profiles.zip": lambda: packed({"profiles.csv": b"a" * 3000}),
    # One text to which many cells refer.
    "career_qa.xlsx": lambda: written_by_others(
        "<x:row>" + '<x:c t="s"><x:v>0</x:v></x:c>' * 20 + "</x:row>",
        sharedStrings=f"<sst><si><t>{'a' * 200}</t></si></sst>",
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_what_is_too_large_when_unpacked_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """2,500 bytes stand for 200 MB."""
    (tmp_path / name).write_bytes(LARGE[name]())
    for module in (archives, xlsx):
        monkeypatch.setattr(module, "MAX_UNPACKED", 2500)
    with pytest.raises(DataError, match=r"holds more than .* when it is unpacked"):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"more.zip": b"PK"}, "more.zip .a zip within a zip"),
        ({"manifest.json": b"{}"}, "is a bundle that vocation wrote"),
        ({"db_29/Occupation Data.txt": b""}, "vocation import onet"),
        (
            {"a.csv": table(), "b/c.csv": table(), "d.csv": b"x,y\n1,2\n"},
            "d.csv, line 1: .*not read",
        ),
    ],
)
def test_a_zip_says_what_of_it_is_not_read(
    tmp_path: Path, files: dict[str, bytes], sentence: str
) -> None:
    (tmp_path / "data.zip").write_bytes(packed(files))
    (tmp_path / "profiles.csv").write_bytes(table())
    said = "\n".join(reason for one in read_folder(tmp_path) for reason in one.unread)
    assert re.search(sentence, said)
    assert ("\nb: not read" in f"\n{said}") == ("b/c.csv" in files)


# --- JSON -----------------------------------------------------------------------------------------


def test_cells_of_json_as_text() -> None:
    cells = [None, float("nan"), 1.0, 0.1 + 0.2, True, ["a", None, "b"], {"a": 1, "b": ""}]
    assert list(map(text_of, cells)) == ["", "", "1", "0.3", "true", "a, b", "a: 1"]


@pytest.mark.parametrize(
    "text", ["", "[]", '"role"', "[1, 2]", '[{"role": "Chef"', "[" * 100_000, f"[{'1' * 5000}]"]
)
def test_what_is_no_table_in_json_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "profiles.json").write_text(text)
    with pytest.raises(DataError, match=r"^profiles\.json: expected a list of objects") as caught:
        read_folder(tmp_path)
    assert len(caught.value.problems) == 1


def test_a_line_that_is_no_object_costs_its_own_row_only(tmp_path: Path) -> None:
    lines = [json.dumps(OBJECTS[0]), '{"role": "Chef", "profile', json.dumps(OBJECTS[1])]
    (tmp_path / "profiles.jsonl").write_text("\n".join(lines))
    [found] = read_folder(tmp_path)
    assert [row.line for row in found.rows] == [1, 3]
    [issue] = found.dropped
    assert str(issue).startswith("profiles.jsonl, line 2: expected a JSON object")


# --- writing --------------------------------------------------------------------------------------


class Echo:
    """Answers every text with the text itself as the career."""

    classes = ("Chef",)

    def decide(self, texts: list[str], top_k: int) -> list[Decision]:
        return [Decision("match", careers=(Named(text, 0.5),)) for text in texts]


def test_score_writes_a_workbook_in_which_nothing_runs(tmp_path: Path) -> None:
    texts = ["=1+1", "<b> & _x0041_", "a\r\nb\x07", "\U0001f600" * 20_000, " "]
    (tmp_path / "people.json").write_text(json.dumps([{"id": 7, "about": text} for text in texts]))
    out = tmp_path / "out.xlsx"
    report = batch.score(tmp_path / "people.json", out, "about", Echo(), top_k=1)  # type: ignore[arg-type]
    rows = read_sheet(out.read_bytes(), "out.xlsx").rows
    # A sheet has no place for control characters, nor for more than 32,767 UTF-16 units.
    kept = [*texts[:2], "a\r\nb", "\U0001f600" * 16_383, " "]
    assert [cells for _, cells in rows] == [
        ["id", "about", "decision", "career_1", "confidence_1", "reason_code", "directions"],
        *(["7", text, "match", text, "0.5"] for text in kept),
    ]
    assert any("cut at 32,767 characters" in hint and "row 5" in hint for hint in report.hints)
    with zipfile.ZipFile(out) as archive:
        xml = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    kinds = {(node.tag.rpartition("}")[2], node.get("t")) for node in xml.iter()}
    assert not [tag for tag, _ in kinds if tag == "f"], "no cell is a formula"
    assert {kind for tag, kind in kinds if tag == "c"} == {"inlineStr", None}
    openpyxl = pytest.importorskip("openpyxl")
    values = list(openpyxl.load_workbook(out).active.iter_rows(values_only=True))
    assert values[1][:3] == (7, "=1+1", "match")


def test_more_rows_than_a_sheet_has_are_told_before_any_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "people.csv").write_bytes(table())
    out = tmp_path / "out.xlsx"
    monkeypatch.setattr(sheet, "MOST_ROWS", 4)
    with pytest.raises(DataError, match=r"4 rows .* there are 4 to write\. Write \.csv"):
        batch.score(tmp_path / "people.csv", out, "profile", Echo())  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"at most 4 rows"):
        sheet.write_sheet(io.BytesIO(), [["a"]] * 5, "out.xlsx")
