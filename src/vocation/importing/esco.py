"""Read the ESCO classification, 1.1 to 1.2, in any of its languages.

Only the list of occupations must be there. Skills need three files: occupations, skills and the
relations between the two.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from vocation.errors import ConfigError, DataError
from vocation.importing.download import Download, shown
from vocation.importing.occupations import UNNAMED, Catalogue, Occupation, unique

_MOST_SKILLS = 10  # the guide asks for five to ten skills a career
_FILE = re.compile(r"occupations([a-z]{2})?")

NOTICE = (
    "This service uses the ESCO classification of the European Commission.",
    "The classification was modified: titles begin with a capital letter, texts were selected and"
    " joined. The European Commission is not responsible for these changes.",
)


def read(path: str | Path, language: str | None = None) -> Catalogue:
    """Return the occupations of an ESCO download, a zip or a folder, in one language.

    Without `language` English is taken, or the only one there. Raises DataError for what is no
    such download, ConfigError for a language that it does not have.
    """
    with Download(path) as download:
        suffix = _suffix(download, language)
        found, lost = _occupations(download, suffix)
        catalogue = Catalogue(
            _name(download), suffix.lstrip("_") or "en", NOTICE, list(found.values()), left_out=lost
        )
        _families(download, suffix, found, lost)
        _skills(download, suffix, found, lost)
        lost += download.left_out
        catalogue.sources = download.used
    if catalogue.name == "ESCO":
        catalogue.remarks.append(UNNAMED)
    return catalogue


def _suffix(download: Download, language: str | None) -> str:
    """The ending of the files in the language asked for: "_de"."""
    there = [found[1] or "" for name in download.names() if (found := _FILE.fullmatch(name))]
    if not there:
        hint = ""
        if download.has("Occupation Data"):
            hint = " This looks like O*NET: use  vocation import onet"
        raise DataError(
            f"{download.path}: expected the file 'occupations_en.csv' (or of another language) of"
            f" an ESCO download, found {download.told()}.{hint}"
        )
    wanted = language or ("en" if "en" in there else there[0])
    if wanted not in there and not (there == [""] and wanted == "en"):
        raise ConfigError(
            f"--language {wanted[:20]}: {download.path} has {shown([one or 'en' for one in there])}"
            " alone; each language is a download of its own"
        )
    if language is None and len(there) > 1 and "en" not in there:
        raise ConfigError(
            f"{download.path} has the languages {shown(there)}: choose one, --language {there[0]}"
        )
    return f"_{wanted}" if wanted in there else ""


def _name(download: Download) -> str:
    """ESCO with its release, if a name tells it: "ESCO dataset - v1.2.0 - ..."."""
    places = [download.path.resolve().as_posix(), *(one.name for one in download.used)]
    for place in reversed(places):
        if found := re.findall(r"(?<![^\W_])v(\d\.\d(?:\.\d{1,2})?)(?!\d)", place):
            return f"ESCO {found[-1]}"
    return "ESCO"


def seen_title(label: str) -> str:
    """Return a label as people see it: with a capital letter.

    English labels are in small letters ("technical director"), as nobody writes the name of a
    career in a list. Only the first letter changes, and only where the first word has none:
    capitals inside ("ICT", "iOS", German nouns) mean something, and other words of a title take
    them in English alone.
    """
    word = label.split(" ", 1)[0]
    return label[:1].upper() + label[1:] if word.islower() else label


def _occupations(download: Download, suffix: str) -> tuple[dict[str, Occupation], list[str]]:
    needed = {
        "uri": ("conceptUri",),
        "title": ("preferredLabel",),
        "group": ("iscoGroup",),
    }
    optional = {
        "type": ("conceptType",),
        "titles": ("altLabels",),
        "hidden": ("hiddenLabels",),
        "status": ("status",),
        "description": ("description",),
        "definition": ("definition",),
        "code": ("code",),
    }
    found: dict[str, Occupation] = {}
    old = broken = 0
    for row in download.rows(f"occupations{suffix}", needed, optional):
        if row["type"] not in ("", "Occupation"):
            continue
        if row["status"] not in ("", "released"):
            old += 1
            continue
        uri, title = row["uri"], " ".join(row["title"].split("\n"))
        if not uri or not title or uri in found:
            broken += 1
            continue
        # As a number, the code 0110 would have lost its zero.
        group = row["group"].upper().removeprefix("C").zfill(4) if row["group"] else ""
        text = " ".join((row["description"] or row["definition"]).split("\n"))
        titles = [*row["titles"].split("\n"), *row["hidden"].split("\n")]
        found[uri] = Occupation(
            row["code"] or group,
            seen_title(title),
            text,
            [" ".join(one.split()) for one in titles if one],
            isco08=group if re.fullmatch(r"\d{4}", group) else "",
            uri=uri,
        )
    lost = [f"{old:,} occupations that are not released."] if old else []
    if broken:
        lost.append(f"{broken:,} lines of occupations without an address or a label, or twice.")
    if not found:
        raise DataError(f"{download.path}: occupations{suffix} holds no occupation.")
    return found, lost


def _families(
    download: Download, suffix: str, found: Mapping[str, Occupation], lost: list[str]
) -> None:
    """The second level of ISCO-08 (43 groups) as families; the first has only ten."""
    name = f"ISCOGroups{suffix}"
    if not download.has(name):
        lost.append(f"No file {name}.csv: careers have no family.")
        return
    columns = {"code": ("code",), "label": ("preferredLabel",)}
    labels = {row["code"]: row["label"] for row in download.rows(name, columns)}
    for one in found.values():
        one.family = labels.get(one.isco08[:2], "")


def _skills(
    download: Download, suffix: str, found: Mapping[str, Occupation], lost: list[str]
) -> None:
    """Essential skills before optional ones; they are what one does, fields of knowledge needs."""
    relations = f"occupationSkillRelations{suffix}"
    if not download.has(relations) and download.has("occupationSkillRelations"):
        relations = "occupationSkillRelations"  # in some releases it has no language
    missing = [name for name in (f"skills{suffix}", relations) if not download.has(name)]
    if missing:
        lost.append(
            f"No file {' and '.join(name + '.csv' for name in missing)}: careers have no skills and"
            " no tasks, so that there is one text about each. Add rows of your own, or take the"
            " whole download."
        )
        return
    columns = {"uri": ("conceptUri",), "label": ("preferredLabel",)}
    labels = {
        row["uri"]: " ".join(row["label"].split("\n"))
        for row in download.rows(f"skills{suffix}", columns)
    }
    strange = 0
    named: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    columns = {
        "occupation": ("occupationUri",),
        "relation": ("relationType",),
        "skill": ("skillUri",),
    }
    for row in download.rows(relations, columns, {"type": ("skillType",)}):
        label = labels.get(row["skill"], "")
        if not label or row["occupation"] not in found:
            strange += 1
            continue
        known = row["type"] == "knowledge"
        named[row["occupation"], row["relation"], known].append(label)
    if strange:
        lost.append(f"{strange:,} relations to unknown skills or occupations.")
    commas = 0
    for uri, one in found.items():
        does, knows = (named[uri, "essential", known] for known in (False, True))
        rest = named[uri, "optional", False] + named[uri, "optional", True]
        listed = unique([*does, *knows, *rest])
        # In a list of skills a comma would part the name in two.
        plain = [name for name in listed if not re.search(r"[,;|]", name)]
        commas += len(listed) - len(plain)
        one.skills = plain[:_MOST_SKILLS]
        one.tasks = [f"{seen_title(name).rstrip('.')}." for name in unique(does)]
        if knows:
            one.needs.append(f"{seen_title(', '.join(unique(knows)))}.")
    if commas:
        lost.append(f"{commas:,} names of skills with a comma, from the lists of skills alone.")
