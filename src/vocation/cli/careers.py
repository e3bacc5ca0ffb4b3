"""The command that lists what a bundle knows: careers."""

from __future__ import annotations

import argparse

from vocation.cli.options import Commands, bundle_option, say, say_json
from vocation.errors import DataError
from vocation.records import Facts
from vocation.text.clean import printable

_GAP = 2  # blanks between columns


def add_careers(commands: Commands) -> None:
    """Declare `vocation careers`."""
    careers = commands.add(
        "careers",
        _careers,
        "the careers that a bundle knows",
        "List the careers of a bundle with their family, the preparation that they need (job zone,"
        " 1 little to 5 extensive) and how many rows the training had. With QUERY only those whose"
        " name or other title fits it, the best first; slips of the pen are forgiven.",
        "",
        "nurse",
        "'ux desinger' --json",
    )
    careers.add_argument("query", metavar="QUERY", nargs="?", help="part of a name or title")
    bundle_option(careers)
    careers.add_argument("--json", action="store_true", help="machine-readable")


def _careers(args: argparse.Namespace) -> None:
    from vocation.bundle import reader
    from vocation.serving.asked import find

    opened = reader.read(args.bundle)
    found = opened.careers if args.query is None else find(opened.careers, args.query)
    rows = (opened.metadata.get("dataset") or {}).get("rows_by_career") or {}
    if not found:
        raise DataError(
            f"{args.bundle}: none of its {len(opened.careers):,} careers fits {args.query[:60]!r};"
            "  vocation careers  lists them all"
        )
    listed = [(career.name, career.facts or Facts(), rows.get(career.name)) for career in found]
    if args.json:
        say_json(
            [
                {
                    "career": name,
                    "family": facts.family,
                    "job_zone": facts.job_zone,
                    "isco08": facts.isco08,
                    "soc": facts.soc,
                    "entry_route": facts.entry_route,
                    "rows": count,
                }
                for name, facts, count in listed
            ]
        )
        return
    table = [(name, facts.family, facts.job_zone, count) for name, facts, count in listed]
    lines: list[tuple[str, ...]] = [("career", "family", "zone", "rows")]
    lines += [tuple("-" if value in (None, "") else str(value) for value in row) for row in table]
    widths = [max(len(line[i]) for line in lines) + _GAP for i in range(len(lines[0]))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        say(printable("".join(cells).rstrip()))
