"""The command that lists what a bundle knows: careers."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from vocation.cli.options import Commands, bundle_option, say, say_json, style
from vocation.errors import DataError
from vocation.format import table


def add_careers(commands: Commands) -> None:
    """Declare `vocation careers`."""
    careers = commands.add(
        "careers",
        _careers,
        "the careers that a bundle knows",
        "List the careers of a bundle by family, with the preparation that they need (job zone, 1"
        " little to 5 extensive) and how many rows the training had. With QUERY only those whose"
        " name, other title or family fits it, the best first; slips of the pen are forgiven.",
        "",
        "nurse",
        "health",
        "'ux desinger' --json",
    )
    careers.add_argument("query", metavar="QUERY", nargs="?", help="part of a name, title, family")
    bundle_option(careers)
    careers.add_argument("--json", action="store_true", help="machine-readable")


def _careers(args: argparse.Namespace) -> None:
    from vocation.bundle import reader
    from vocation.serving.asked import entry, find

    opened = reader.read(args.bundle)
    found = opened.careers if args.query is None else find(opened.careers, args.query)
    rows = (opened.metadata.get("dataset") or {}).get("rows_by_career") or {}
    if not found:
        raise DataError(
            f"{args.bundle}: none of its {len(opened.careers):,} careers fits {args.query[:60]!r};"
            "  vocation careers  lists them all"
        )
    listed = [entry(career, rows.get(career.name)) for career in found]
    if args.json:
        say_json(listed)
    # What was asked for stays in its order, the best first; a whole list is read by family.
    elif args.query is not None or not any(one["family"] for one in listed):
        cells = ([one["career"], one["family"] or "-", *_cells(one)] for one in listed)
        for line in table([["career", "family", "zone", "rows"], *cells]):
            say(line)
    else:
        _by_family(listed)


def _cells(entry: Mapping[str, Any]) -> tuple[str, str]:
    zone, rows = entry["job_zone"], entry["rows"]
    known = zone is not None
    return f"{zone} {entry['preparation']}" if known else "-", "-" if rows is None else str(rows)


def _by_family(listed: Sequence[Mapping[str, Any]]) -> None:
    """Print the careers under the name of their family, those of none at the end."""
    ordered = sorted(listed, key=lambda one: (not one["family"], one["family"], one["career"]))
    cells = ([f"  {one['career']}", *_cells(one)] for one in ordered)
    lines = table([["  career", "zone", "rows"], *cells])
    sizes = Counter(one["family"] for one in ordered)
    say(next(lines))
    for entry, line in zip(ordered, lines, strict=True):
        if size := sizes.pop(entry["family"], 0):  # the first of its family
            print(style(f"{entry['family'] or 'of no family'} ({size})", "1"))
        say(line)
