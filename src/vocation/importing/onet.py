"""Read the O*NET database: text or Excel, in the layout up to release 30.2 and that from 30.3 on.

Which layout it is follows from the names of files and columns, never from a number. Files that are
not there are told and missed; the list of occupations alone must be there.

The layout from 30.3 on was written after its published description and has met no real file yet.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from vocation.catalogue import PREPARATION
from vocation.data.numbers import INTERESTS
from vocation.errors import ConfigError, DataError
from vocation.importing.download import Columns, Download
from vocation.importing.occupations import UNNAMED, Catalogue, Occupation, spellings, unique

_CODE = {"code": ("O*NET-SOC Code",)}
_MOST_TOOLS, _MOST_SKILLS = 5, 10  # the guide asks for five to ten skills a career
_IMPORTANT = 3.0  # of 5: "important" on O*NET's scale IM
_FEWEST_TASKS = 4  # with fewer core tasks the supplemental ones are taken, too

_NEW = ("Job Titles", "Essential Skills", "Software Skills", "Career Interest Types")
"""Files that only the layout from release 30.3 on has."""

# The major groups of the Standard Occupational Classification (U.S. Office of Management and
# Budget, 2018; public domain), without the word "Occupations".
FAMILIES = {
    "11": "Management",
    "13": "Business and Financial Operations",
    "15": "Computer and Mathematical",
    "17": "Architecture and Engineering",
    "19": "Life, Physical, and Social Science",
    "21": "Community and Social Service",
    "23": "Legal",
    "25": "Educational Instruction and Library",
    "27": "Arts, Design, Entertainment, Sports, and Media",
    "29": "Healthcare Practitioners and Technical",
    "31": "Healthcare Support",
    "33": "Protective Service",
    "35": "Food Preparation and Serving",
    "37": "Building and Grounds Cleaning and Maintenance",
    "39": "Personal Care and Service",
    "41": "Sales and Related",
    "43": "Office and Administrative Support",
    "45": "Farming, Fishing, and Forestry",
    "47": "Construction and Extraction",
    "49": "Installation, Maintenance, and Repair",
    "51": "Production",
    "53": "Transportation and Material Moving",
    "55": "Military Specific",
}

# Levels of education by their number on O*NET's scale RL, in our words.
_EDUCATION = {
    "1": "less than a high school diploma",
    "2": "a high school diploma",
    "3": "a certificate after high school",
    "4": "some college courses",
    "5": "an associate's degree",
    "6": "a bachelor's degree",
    "7": "a certificate after a bachelor's degree",
    "8": "a master's degree",
    "9": "a certificate after a master's degree",
    "10": "a first professional degree",
    "11": "a doctoral degree",
    "12": "training after a doctoral degree",
}


def read(path: str | Path, language: str | None = None) -> Catalogue:
    """Return the occupations of an O*NET download, a zip or a folder.

    Raises DataError for what is no such download, ConfigError for a language other than English.
    """
    if language not in (None, "en"):
        raise ConfigError(f"--language {language[:20]}: O*NET is in English alone; leave it out")
    with Download(path) as download:
        found = _occupations(download)
        catalogue = Catalogue(_name(download), "en", (), list(found.values()))
        lost = catalogue.left_out
        _titles(download, found, lost)
        _tasks(download, found, lost)
        _skills(download, found, lost)
        _interests(download, found, lost)
        _zones(download, found, lost)
        _education(download, found, lost)
        if any(download.has(name) for name in _NEW):
            catalogue.remarks.append(
                "This is the layout of release 30.3 and later, read after its published"
                " description: unproved on a real file. Look at what was written."
            )
        lost += download.left_out
        catalogue.sources = download.used
    if catalogue.name == "O*NET":
        catalogue.remarks.append(UNNAMED)
    catalogue.notice = notice(catalogue.name)
    for one in found.values():
        one.figures_from = credit(catalogue.name) if one.job_zone or one.interests else ""
    return catalogue


def credit(name: str) -> str:
    """Return the line that must stand beside figures of the O*NET release `name`."""
    return (
        f"{name} Database by the U.S. Department of Labor, Employment and Training Administration"
        " (USDOL/ETA), used under the CC BY 4.0 licence. O*NET is a trademark of USDOL/ETA."
        " Selected and modified; USDOL/ETA has not approved, endorsed or tested these"
        " modifications."
    )


def notice(name: str) -> tuple[str, ...]:
    """Return the credit of NOTICE, in the words that the O*NET licence gives."""
    return (
        f"This page includes information from the {name} Database by the U.S. Department of Labor,"
        " Employment and Training Administration (USDOL/ETA). Used under the CC BY 4.0 license."
        " O*NET(R) is a trademark of USDOL/ETA. All or some of this information has been modified."
        " USDOL/ETA has not approved, endorsed, or tested these modifications.",
        "Licence: https://creativecommons.org/licenses/by/4.0/",
    )


def _name(download: Download) -> str:
    """O*NET with its release, if a name tells it: "db_30_3_text" is release 30.3."""
    places = [download.path.resolve().as_posix(), *(one.name for one in download.used)]
    for place in reversed(places):
        if found := re.findall(r"(?<![^\W_])db_(\d{2})(?:_(\d{1,2}))?(?=[_./]|$)", place):
            release, minor = found[-1]
            return f"O*NET {release}.{minor}" if minor else f"O*NET {release}"
    return "O*NET"


def _occupations(download: Download) -> dict[str, Occupation]:
    if not download.has("Occupation Data"):
        hint = ""
        if any(name.startswith("occupations") for name in download.names()):
            hint = " This looks like ESCO: use  vocation import esco"
        raise DataError(
            f"{download.path}: expected the file 'Occupation Data' (.txt or .xlsx) of an O*NET"
            f" download, found {download.told()}.{hint}"
        )
    found: dict[str, Occupation] = {}
    needed = {**_CODE, "title": ("Title",), "description": ("Description",)}
    for row in download.rows("Occupation Data", needed):
        code, title = row["code"], row["title"]
        if title and re.fullmatch(r"\d\d-\d{4}\.\d\d", code) and code not in found:
            family = FAMILIES.get(code[:2], "")
            found[code] = Occupation(
                code, title, row["description"], [], family, soc=code, soc_title=title
            )
        else:
            download.left_out.append(
                f"Occupation Data: the line of {code[:20]!r}, {title[:40]!r}: no code, no title, or"
                " there twice."
            )
    if not found:
        raise DataError(f"{download.path}: Occupation Data holds no occupation.")
    return found


def _table(
    download: Download,
    found: Mapping[str, Occupation],
    lost: list[str],
    names: tuple[str, ...],
    columns: Columns,
    what: str,
    optional: Columns | None = None,
) -> list[tuple[Occupation, dict[str, str]]]:
    """The rows about known occupations of those of the files `names` that are there.

    If none is, or some rows are about others, a sentence goes to `lost`; `what` is missing then.
    """
    there = [name for name in names if download.has(name)]
    if not there:
        lost.append(f"No file {' or '.join(names)}: {what}.")
    rows, strange = [], 0
    for name in there:
        for row in download.rows(name, {**_CODE, **columns}, optional):
            if one := found.get(row["code"]):
                rows.append((one, row))
            else:
                strange += 1
    if strange:
        lost.append(f"{' and '.join(there)}: {strange:,} lines about unknown occupations.")
    return rows


def _titles(download: Download, found: Mapping[str, Occupation], lost: list[str]) -> None:
    """Titles as people report them, those shown in My Next Move first, then all the others."""
    reported = _table(
        download,
        found,
        lost,
        ("Sample of Reported Titles",),
        {"title": ("Reported Job Title",)},
        "titles are in no order of use",
        {"shown": ("Shown in My Next Move",)},
    )
    reported.sort(key=lambda pair: pair[1]["shown"] != "Y")
    others = _table(
        download,
        found,
        lost,
        ("Alternate Titles", "Job Titles"),
        {"title": ("Alternate Title", "Job Title")},
        "careers have hardly any other titles",
    )
    narrow = 0
    for one, row in reported + others:
        if row["title"]:
            some = spellings(row["title"])
            narrow += not some
            one.titles += some
    if narrow:
        lost.append(f"{narrow:,} other titles that brackets narrow down.")


def _tasks(download: Download, found: Mapping[str, Occupation], lost: list[str]) -> None:
    """Core tasks; those of no type where an occupation is not rated yet."""
    columns = {"task": ("Task",), "type": ("Task Type",)}
    what = "careers have a description alone"
    tasks: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one, row in _table(download, found, lost, ("Task Statements",), columns, what):
        if row["task"]:
            tasks[one.code][row["type"]].append(row["task"])
    dropped = 0
    for code, kinds in tasks.items():
        rest = [task for kind, own in kinds.items() if kind != "Core" for task in own]
        few = len(kinds["Core"]) < _FEWEST_TASKS
        found[code].tasks = unique(kinds["Core"] + (rest if few else []))
        dropped += 0 if few else len(rest)
    if dropped:
        lost.append(f"{dropped:,} supplemental tasks of careers with enough core tasks.")


def _skills(download: Download, found: Mapping[str, Occupation], lost: list[str]) -> None:
    """Software that employers ask for, then what is important here and less so elsewhere."""
    columns = {
        "name": ("Element Name",),
        "scale": ("Scale ID",),
        "value": ("Data Value",),
    }
    optional = {"suppress": ("Recommend Suppress",), "absent": ("Not Relevant",)}
    values: dict[str, dict[str, float]] = defaultdict(dict)
    for names, what in (
        (("Skills", "Essential Skills", "Transferable Skills"), "careers lack general skills"),
        (("Knowledge",), "careers lack fields of knowledge"),
    ):
        for one, row in _table(download, found, lost, names, columns, what, optional):
            value = _number(row["value"])
            if (
                row["scale"] == "IM"
                and value is not None
                and "Y"
                not in (
                    row["suppress"],
                    row["absent"],
                )
            ):
                values[row["name"]][one.code] = value
    # What every occupation needs (reading, listening) says little about any of them.
    mean = {name: sum(own.values()) / len(own) for name, own in values.items()}
    telling: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for name, own in values.items():
        for code, value in own.items():
            if value >= _IMPORTANT:
                telling[code].append((mean[name] - value, name))
    tools = _tools(download, found, lost)
    for code, one in found.items():
        named = [name for _, name in sorted(telling[code])]
        one.skills = unique(tools.get(code, [])[:_MOST_TOOLS] + named)[:_MOST_SKILLS]


def _tools(
    download: Download, found: Mapping[str, Occupation], lost: list[str]
) -> dict[str, list[str]]:
    """Names of software by occupation: in demand first, then hot, then what most others use.

    What a fifth of all occupations use (spreadsheets, a word processor) goes last: it tells little.
    """
    rows = _table(
        download,
        found,
        lost,
        ("Technology Skills", "Software Skills"),
        {"name": ("Example", "Workplace Example")},
        "careers lack names of software",
        {"hot": ("Hot Technology",), "asked": ("In Demand",)},
    )
    users: dict[str, int] = defaultdict(int)
    for _, row in rows:
        users[row["name"]] += 1
    ranked: dict[str, list[tuple[bool, bool, bool, int, str]]] = defaultdict(list)
    for one, row in rows:
        name = row["name"]
        # In a list of skills a comma would part the name in two.
        if name and not re.search(r"[,;|]", name):
            usual = users[name] > len(found) / 5
            order = (usual, row["asked"] != "Y", row["hot"] != "Y", -users[name])
            ranked[one.code].append((*order, name))
    return {code: unique(name for *_, name in sorted(own)) for code, own in ranked.items()}


def _interests(download: Download, found: Mapping[str, Occupation], lost: list[str]) -> None:
    columns = {"name": ("Element Name",), "scale": ("Scale ID",), "value": ("Data Value",)}
    names = ("Interests", "Career Interest Types")
    for one, row in _table(download, found, lost, names, columns, "careers lack interests"):
        name, value = row["name"].casefold(), _number(row["value"])
        # The other scale, IH, numbers the three highest interests and is no score.
        if row["scale"] == "OI" and name in INTERESTS and value is not None and 1 <= value <= 7:
            one.interests[name] = value
    for one in found.values():
        if len(one.interests) < len(INTERESTS):
            one.interests = {}


def _zones(download: Download, found: Mapping[str, Occupation], lost: list[str]) -> None:
    """Job zones; since release 30.2 zones 1 and 2 are one, numbered 2."""
    what = "careers lack the preparation they need"
    columns = {"zone": ("Job Zone",)}
    for one, row in _table(download, found, lost, ("Job Zones",), columns, what):
        value = _number(row["zone"].rpartition("-")[2])
        if value in PREPARATION:
            one.job_zone = int(value)
            one.needs.append(f"{PREPARATION[one.job_zone].capitalize()} preparation.")


def _education(download: Download, found: Mapping[str, Occupation], lost: list[str]) -> None:
    """The education that most of those asked say is required."""
    rows = _table(
        download,
        found,
        lost,
        ("Education, Training, and Experience", "Education"),
        {
            "element": ("Element ID",),
            "scale": ("Scale ID",),
            "level": ("Category",),
            "share": ("Data Value",),
        },
        "requirements name no education",
    )
    best: dict[str, tuple[float, str]] = {}
    for one, row in rows:
        share, level = _number(row["share"]), row["level"].removesuffix(".0")
        known = row["element"] == "2.D.1" and row["scale"] == "RL" and level in _EDUCATION
        if known and share is not None and share > best.get(one.code, (0.0, ""))[0]:
            best[one.code] = share, level
    for code, (_, level) in best.items():
        found[code].needs.append(f"Most often asked for: {_EDUCATION[level]}.")


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,6}(\.\d{1,20})?", text, re.ASCII) else None
