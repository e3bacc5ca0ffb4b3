"""Small downloads in the forms of O*NET and ESCO.

Codes, titles, job zones and interests are of the O*NET 29 Database by the U.S. Department of Labor,
Employment and Training Administration (USDOL/ETA), used under the CC BY 4.0 licence. O*NET is a
trademark of USDOL/ETA. Selected by us and not endorsed by USDOL/ETA. All sentences are invented,
and so is everything in the form of ESCO.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

Rows = Sequence[Sequence[str]]

CODE = "O*NET-SOC Code"
INTERESTS = ("Realistic", "Investigative", "Artistic", "Social", "Enterprising", "Conventional")
# Code, title, job zone, the six interests; the last has neither tasks nor figures, as in O*NET.
OCCUPATIONS = (
    ("11-1011.00", "Chief Executives", "5", (1.3, 3.24, 2.08, 3.52, 6.88, 5.0)),
    ("15-1252.00", "Software Developers", "4", (3.93, 5.86, 2.26, 1.88, 1.87, 5.46)),
    ("15-1254.00", "Web Developers", "3", (2.95, 5.06, 3.07, 2.24, 2.89, 5.09)),
    ("29-1141.00", "Registered Nurses", "4", (3.66, 4.82, 1.31, 5.62, 2.28, 4.58)),
    ("15-1299.00", "Computer Occupations, All Other", "", ()),
)
VERBS = ("Check", "Plan", "Repair", "Describe", "Count", "Teach", "Order", "Sketch", "Weigh")
TITLES = (
    ("29-1141.00", "Staff Nurse"),
    ("29-1141.00", "RN (Registered Nurse)"),
    ("29-1141.00", "Nurse (Pediatric)"),
    ("29-1141.00", "Team Lead"),  # of two occupations
    ("15-1252.00", "Team Lead"),
    ("15-1252.00", "Programmer"),
    ("15-1252.00", "Web Developer"),  # another occupation's title
    ("15-1254.00", "n/a"),
)


def tasks(code: str) -> list[str]:
    """Nine invented tasks."""
    return [f"{verb} what belongs to shelf {code[3:7]}." for verb in VERBS]


def onet(new: bool = False) -> dict[str, Rows]:
    """The tables of an O*NET download by name, in the layout up to 30.2 or the one since 30.3."""
    known = [one for one in OCCUPATIONS if one[3]]
    element = (CODE, "Element ID", "Element Name", "Scale ID", "Data Value")
    rated = [
        (code, "x", name, scale, str(value))
        for code, *_ in known
        for name, value in (("Reading", 4.5), ("Repairing", 4.0 if code == "29-1141.00" else 2.0))
        for scale in ("IM", "LV")
    ]
    tool = ("x", "Office", "Epic Systems", "Y", "Y")
    interests = [
        (code, "x", name, "OI", str(value))
        for code, _, _, values in known
        for name, value in zip(INTERESTS, values, strict=True)
    ]
    interests += [(code, "x", "First Interest High-Point", "IH", "4") for code, *_ in known]
    tables: dict[str, Rows] = {
        "Occupation Data": [
            (CODE, "Title", "Description"),
            *((code, title, f"Work at shelf {code[3:7]}.") for code, title, *_ in OCCUPATIONS),
        ],
        "Task Statements": [
            (CODE, "Task ID", "Task", "Task Type"),
            *(
                (code, "1", task, "Core" if i < 8 else "Supplemental")
                for code, *_ in known
                for i, task in enumerate(tasks(code))
            ),
        ],
        "Knowledge": [element, *(("29-1141.00", "x", "Medicine", "IM", "4.9"),)],
        "Job Zones": [(CODE, "Job Zone"), *((code, zone) for code, _, zone, _ in known)],
        "Career Interest Types" if new else "Interests": [element, *interests],
    }
    heads, skills, tools = (
        (
            ("Job Titles", "Job Title"),
            ("Essential Skills", "Transferable Skills"),
            ("Software Skills", ("Element ID", "Element Name", "Workplace Example")),
        )
        if new
        else (
            ("Alternate Titles", "Alternate Title"),
            ("Skills",),
            ("Technology Skills", ("Commodity Code", "Commodity Title", "Example")),
        )
    )
    tables[heads[0]] = [(CODE, heads[1], "Short Title"), *((*one, "n/a") for one in TITLES)]
    for i, name in enumerate(skills):
        tables[name] = [element, *rated[i :: len(skills)]]
    tables[tools[0]] = [
        (CODE, *tools[1], "Hot Technology", "In Demand"),
        ("29-1141.00", *tool),
        ("29-1141.00", "x", "Office", "Gauze, Rolls and Co", "Y", "Y"),
    ]
    training = [
        ("29-1141.00", "2.D.1", "x", "RL", level, share)
        for level, share in (("5", "30.1"), ("6", "62.5"))
    ]
    education = (CODE, "Element ID", "Element Name", "Scale ID", "Category", "Data Value")
    tables["Education" if new else "Education, Training, and Experience"] = [education, *training]
    return tables


def text(rows: Rows) -> bytes:
    """A table as O*NET writes it: tabs, no quoting."""
    return "".join("\t".join(row) + "\r\n" for row in rows).encode()


def sheet(rows: Rows) -> bytes:
    """A table as a workbook: texts in a list, numbers in the cells."""
    strings: dict[str, int] = {}
    lines = []
    for r, row in enumerate(rows, 1):
        cells = []
        for c, cell in enumerate(row):
            place = f"{chr(65 + c)}{r}"
            if cell.replace(".", "", 1).isdigit():
                cells.append(f'<c r="{place}"><v>{cell}</v></c>')
            elif cell:
                number = strings.setdefault(cell, len(strings))
                cells.append(f'<c r="{place}" t="s"><v>{number}</v></c>')
        lines.append(f'<row r="{r}">{"".join(cells)}</row>')
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    kept = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"

    def relations(*targets: tuple[str, str]) -> str:
        inner = "".join(
            f'<Relationship Id="r{i}" Type="{kept}/{kind}" Target="{target}"/>'
            for i, (kind, target) in enumerate(targets, 1)
        )
        return f'<Relationships xmlns="{package}">{inner}</Relationships>'

    return packed(
        {
            "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'<workbook {main} xmlns:r="{kept}"><sheets><sheet name="A"'
            ' sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": relations(
                ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")
            ),
            "xl/sharedStrings.xml": f"<sst {main}>"
            + "".join(f"<si><t>{escape(one)}</t></si>" for one in strings)
            + "</sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{''.join(lines)}</sheetData>"
            "</worksheet>",
        }
    )


def packed(files: dict[str, str] | dict[str, bytes]) -> bytes:
    """A zip of these files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def download(folder: Path, form: str) -> Path:
    """An O*NET download: "old text", "old excel", "new text", "new excel" or "old folder"."""
    tables = onet(new=form.startswith("new"))
    release = "30_3" if form.startswith("new") else "29"
    write, suffix = (sheet, "xlsx") if form.endswith("excel") else (text, "txt")
    name = f"db_{release}_{'excel' if suffix == 'xlsx' else 'text'}"
    files = {f"{name}/{table}.{suffix}": write(rows) for table, rows in tables.items()}
    if form.endswith("folder"):
        for place, content in files.items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_bytes(content)
        return folder / name
    (folder / f"{name}.zip").write_bytes(packed(files))
    return folder / f"{name}.zip"


ADDRESS = "http://data.europa.eu/esco/occupation/"


def esco(folder: Path) -> Path:
    """An invented download in the form of ESCO 1.2, in German."""
    heads = [
        "conceptUri",
        "iscoGroup",
        "preferredLabel",
        "altLabels",
        "status",
        "description",
        "code",
    ]
    tables: dict[str, Rows] = {
        "occupations": [
            ["conceptType", *heads],
            ["Occupation", f"{ADDRESS}1", "110", "Wolkenschieber", "Himmelswart\nSchieber",
             "released", "Schiebt Wolken.", "0110.1"],
            ["Occupation", f"{ADDRESS}2", "2512", "digitaler Gärtner", "Netzgärtner\nSchieber",
             "released", "Pflegt Programme.", "2512.4"],
            ["Occupation", f"{ADDRESS}3", "2512", "Alter Beruf", "", "deprecated", "x", "2512.9"],
        ],
        "skills": [
            ["conceptType", "conceptUri", "skillType", "preferredLabel"],
            ["K", "s1", "knowledge", "Informatik"],
            ["K", "s2", "skill/competence", "Beete anlegen"],
            ["K", "s3", "skill/competence", "Unkraut jäten"],
        ],
        "occupationSkillRelations": [
            ["occupationUri", "relationType", "skillType", "skillUri"],
            [f"{ADDRESS}2", "optional", "skill/competence", "s3"],
            [f"{ADDRESS}2", "essential", "knowledge", "s1"],
            [f"{ADDRESS}2", "essential", "skill/competence", "s2"],
            [f"{ADDRESS}2", "essential", "skill/competence", "unknown"],
        ],
        "ISCOGroups": [
            ["conceptType", "code", "preferredLabel"],
            ["G", "01", "Offiziere"],
            ["G", "25", "IKT-Fachkräfte"],
        ],
    }  # fmt: skip
    path = folder / "ESCO dataset - v1.2.0 - classification - de - csv.zip"
    path.write_bytes(packed({f"{name}_de.csv": commas(rows) for name, rows in tables.items()}))
    return path


def crosswalk(folder: Path, *links: tuple[str, str, str]) -> Path:
    """A crosswalk of (O*NET code, address, relation), under sixteen lines about it."""
    head = ("O*NET Id", "O*NET Title", "ESCO or ISCO URI", "Type of Match")
    about = [[f"Line {i}, about the file"] for i in range(16)]
    rows = [[code, f"US {code}", uri, relation] for code, uri, relation in links]
    path = folder / "ONET_(Occupations)_0_updated.csv"
    path.write_bytes(b"\xef\xbb\xbf" + commas([*about, head, *rows]))
    return path


def commas(rows: Rows) -> bytes:
    """A table with commas."""
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode()
