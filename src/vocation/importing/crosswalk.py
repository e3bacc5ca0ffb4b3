"""Borrow US figures for ESCO occupations over the official crosswalk from O*NET to ESCO.

Interests and the preparation needed are of US occupations. Pay is not borrowed: dollars of another
labour market beside a European title would mislead.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from vocation.data.dataset import default_folder
from vocation.data.numbers import INTERESTS
from vocation.errors import DataError
from vocation.importing import onet
from vocation.importing.download import read_file, shown
from vocation.importing.occupations import Catalogue, Occupation, many

_RELATIONS = ("exactmatch", "closematch", "narrowmatch", "broadmatch")
"""Relations from the surest to the loosest, as the crosswalk spells them but for case."""

_NEEDED = {
    "code": ("O*NET Id", "O*NET-SOC Code"),
    "uri": ("ESCO or ISCO URI", "conceptUri"),
    "relation": ("Type of Match",),
}


def borrow(catalogue: Catalogue, crosswalk: str | Path, us: str | Path | None) -> None:
    """Give the occupations of ESCO the interests and job zone of the nearest US occupation.

    `us` is an O*NET download; None takes the figures of the package's default careers, which are
    fewer. An exact relation goes before a close one, and that before a broader or narrower one;
    what is not exact is told in the source of the figures. Raises DataError for a crosswalk that
    cannot be read, or knows none of the occupations.
    """
    path = Path(crosswalk)
    source, rows = read_file(path, _NEEDED, {"title": ("O*NET Title",)})
    lenders = _default_lenders() if us is None else _lenders(onet.read(us))
    links: dict[str, list[tuple[int, str, str]]] = {}
    for row in rows:
        relation = row["relation"].casefold().replace(" ", "").rpartition(":")[2]
        if relation in _RELATIONS and row["code"]:
            rank = _RELATIONS.index(relation)
            links.setdefault(row["uri"], []).append((rank, row["code"], row["title"]))
    if not any("/esco/occupation/" in uri for uri in links):
        raise DataError(
            f"{path}: expected relations to occupations of ESCO, found none (addresses such as"
            f" {shown(sorted(links)[:1])})."
        )
    credits: dict[str, None] = {}
    lent = inexact = 0
    for one in catalogue.occupations:
        # The sort keeps the order of the file where relations are equally sure.
        for rank, code, title in sorted(links.get(one.uri, ()), key=lambda link: link[0]):
            if lender := lenders.get(code):
                _lend(one, lender, code, title, rank)
                credits[lender.figures_from] = None
                lent += 1
                inexact += rank > 0
                break
    catalogue.sources.append(source)
    catalogue.notice += tuple(f"Interests and job zones: {credit}" for credit in credits)
    catalogue.remarks.append(
        f"{lent:,} of {many(len(catalogue.occupations), 'occupation')} have the interests and the"
        f" job zone of a US occupation. {inexact:,} of these are not the same, only the nearest:"
        " the source of the figures says so."
    )
    if us is None and lent < len(catalogue.occupations):
        catalogue.remarks.append(
            "The figures are those of the default careers; an O*NET download has more: --onet PATH."
        )


def _lend(one: Occupation, lender: Occupation, code: str, title: str, rank: int) -> None:
    one.interests, one.job_zone = dict(lender.interests), lender.job_zone
    one.soc, one.soc_title = code, title or lender.soc_title
    name = f"{one.soc_title!r} ({code})"
    how = (
        f"of the US occupation {name}, an exact match"
        if rank == 0
        else f"of the nearest US occupation, {name}, which is not the same"
        f" ({_RELATIONS[rank].removesuffix('match')} match)"
    )
    # A default career may stand for several US occupations; its figures are their mean.
    of = (
        f" They are those of the career {lender.title!r}."
        if lender.title != lender.soc_title
        else ""
    )
    one.figures_from = f"{lender.figures_from} Figures {how} in the O*NET-ESCO crosswalk.{of}"


def _lenders(catalogue: Catalogue) -> dict[str, Occupation]:
    return {one.code: one for one in catalogue.occupations if one.job_zone or one.interests}


def _default_lenders() -> dict[str, Occupation]:
    """The default careers by each of their O*NET codes; one of a single code goes first."""
    with (default_folder() / "careers.csv").open(encoding="utf-8", newline="") as file:
        rows: list[Mapping[str, str]] = [row for row in csv.DictReader(file) if row["job_zone"]]
    found: dict[str, Occupation] = {}
    for row in sorted(rows, key=lambda row: row["onet_soc"].count("|")):
        codes = row["onet_soc"].split("|")
        interests = {name: float(row[name]) for name in INTERESTS if row[name]}
        for code, title in zip(codes, row["onet_title"].split("|"), strict=False):
            found.setdefault(
                code,
                Occupation(
                    code,
                    row["role"] if len(codes) > 1 else title,
                    soc_title=title,
                    job_zone=int(row["job_zone"]),
                    interests=interests if len(interests) == len(INTERESTS) else {},
                    figures_from=row["interests_source"],
                ),
            )
    return found
