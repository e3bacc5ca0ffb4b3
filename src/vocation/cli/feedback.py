"""The command about what seekers say of their answers: feedback."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from vocation.cli.options import Commands, bundle_option, positive, say, say_json
from vocation.errors import ConfigError, DataError

if TYPE_CHECKING:
    from vocation.feedback.store import Store


def add_feedback(commands: Commands) -> None:
    """Declare `vocation feedback`."""
    command = commands.add(
        "feedback",
        _feedback,
        "what seekers say of their answers: report, export, purge",
        "The page keeps what seekers say of a career (fits, does not fit) if site.toml has"
        " [feedback] with collect = true, in a file beside the bundle. report: how many agree, by"
        " how sure the model was, which careers do not fit, which are missing. export: the rows as"
        " a table. purge: delete them without a trace, all of them or those older than N days.",
        "report",
        "report --bundle models --json",
        "export --output feedback.csv",
        "purge --older-than 30",
        "purge --all",
    )
    command.add_argument("what", choices=("report", "export", "purge"), help="what to do")
    bundle_option(command)
    command.add_argument(
        "--store",
        metavar="FILE",
        type=Path,
        help="the file with the feedback (default: beside the bundle, NAME.feedback.sqlite3)",
    )
    command.add_argument(
        "--output",
        metavar="FILE",
        type=Path,
        help="of export: where to write; the ending .csv, .tsv, .xlsx, .jsonl or .parquet decides"
        " the format",
    )
    which = command.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="of purge: everything")
    which.add_argument(
        "--older-than", metavar="DAYS", type=positive, help="of purge: what is older than that"
    )
    command.add_argument("--json", action="store_true", help="machine-readable")


def _feedback(args: argparse.Namespace) -> None:
    if (args.what == "export") != (args.output is not None):
        raise ConfigError(
            "--output belongs to export:  vocation feedback export --output feedback.csv"
        )
    if (args.what == "purge") != (args.all or args.older_than is not None):
        raise ConfigError(
            "--all or --older-than DAYS says what purge deletes, and belongs to it alone:"
            "  vocation feedback purge --older-than 30"
        )
    store = _store(args)
    {"report": _report, "export": _export, "purge": _purge}[args.what](store, args)


def _store(args: argparse.Namespace) -> Store:
    """The store that is meant, which must be there."""
    from vocation import site
    from vocation.feedback.store import Store, store_of

    path = args.store or store_of(args.bundle)
    if not path.is_file():
        raise DataError(
            f"{path}: expected the feedback of a page, found no file: it is made by the first"
            " answer to a page whose site.toml has [feedback] with collect = true; name another"
            " with --store FILE"
        )
    return Store(path, site.read(Path(args.bundle)).feedback.keep_days)


def _report(store: Store, args: argparse.Namespace) -> None:
    from vocation.feedback.report import lines, report

    found = report(store)
    if args.json:
        say_json(found)
    else:
        for line in lines(found):
            say(line)


def _export(store: Store, args: argparse.Namespace) -> None:
    from vocation.feedback.review import COLUMNS
    from vocation.serving.writing import writer_of

    write = writer_of(store.path, args.output)
    rows = [[getattr(row, name) for name in COLUMNS] for row in store.rows()]
    # Always fit for spreadsheets: strangers wrote it.
    write(args.output, list(COLUMNS), rows, "\t" if args.output.suffix == ".tsv" else ",", True)
    found = {"rows": len(rows), "output": str(args.output)}
    _tell(args, found, f"Wrote {len(rows):,} rows to {args.output}.")


def _purge(store: Store, args: argparse.Namespace) -> None:
    count = store.erase() if args.all else store.purge(args.older_than)
    found = {"deleted": count, "store": str(store.path)}
    _tell(args, found, f"Deleted {count:,} rows of {store.path}.")


def _tell(args: argparse.Namespace, found: Mapping[str, object], sentence: str) -> None:
    if args.json:
        say_json(found)
    else:
        say(sentence)
