"""The command that answers every row of a file."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vocation.cli.options import Commands, bundle_option, encoding_option, positive, say, shard
from vocation.cli.serving import choice_options, chosen
from vocation.data.formats import READ
from vocation.errors import DataError
from vocation.machine import cores


def add_score(commands: Commands) -> None:
    """Declare `vocation score`."""
    score = commands.add(
        "score",
        _score,
        "answer every row of a file",
        "Write OUTPUT with one row for every row of INPUT: its own columns, then decision,"
        " career_1, confidence_1, ..., where the decision is no match its reason_code (short,"
        " language, far, near, ...), and the directions where several fit. A text that needs a"
        " person has the decision help, a row that cannot be read the decision error; both have no"
        " career. An OUTPUT without an"
        " ending is a folder with a file for each block of rows: the same command goes on where a"
        " run was stopped, and several may write into it at once.",
        "people.csv --text-column about_me --output scored.csv --excel",
        "people.csv --text-column about_me --output scored --shard 2/8",
    )
    score.add_argument("input", metavar="INPUT", type=Path, help=f"a table: {READ}")
    score.add_argument(
        "--text-column", metavar="NAME", required=True, help="the column with the text"
    )
    score.add_argument(
        "--output",
        metavar="OUT",
        type=Path,
        required=True,
        help="where to write: the ending .csv, .tsv, .xlsx, .jsonl or .parquet decides the format;"
        " without one, a folder",
    )
    _folder_options(score)
    encoding_option(score)
    bundle_option(score)
    choice_options(score)
    score.add_argument(
        "--top", metavar="N", type=positive, default=5, help="how many careers a row (default: 5)"
    )
    score.add_argument(
        "--excel",
        action="store_true",
        help="write CSV for spreadsheets: byte order mark, formulas defused with an apostrophe"
        " (.xlsx needs neither)",
    )


def _folder_options(score: argparse.ArgumentParser) -> None:
    score.add_argument(
        "--format",
        choices=["parquet", "jsonl", "csv"],
        help="of the files of an output folder (default: that of the input, else csv)",
    )
    score.add_argument(
        "--shard",
        metavar="I/N",
        type=shard,
        help="write every N-th file of an output folder, from the I-th on (from 1)",
    )
    score.add_argument(
        "--rows-per-file",
        metavar="N",
        type=positive,
        help="rows of each file of an output folder (default: 5,000)",
    )
    score.add_argument(
        "--workers",
        metavar="N",
        type=positive,
        help="processes that answer, each with its copy of the bundle in memory, for an output"
        " folder (default: as many as cores; of a Ray cluster all but two)",
    )
    score.add_argument(
        "--engine",
        choices=["local", "ray"],
        help="what answers for an output folder: this machine's processes (local, the default), or"
        " Ray, on this machine or a cluster",
    )
    score.add_argument(
        "--address",
        metavar="HOST:PORT",
        help="the Ray cluster, auto for the one that this machine is part of (default: Ray is"
        " started on this machine)",
    )


def _score(args: argparse.Namespace) -> None:
    if not args.output.suffix or args.output.is_dir():
        _score_folder(args)
        return
    if given := _given(args, "format", "shard", "rows_per_file", "workers", "engine", "address"):
        raise DataError(
            f"{given} belongs to an output folder, and {args.output} is a file by its ending:"
            " name a folder without one"
        )
    from vocation.progress import ConsoleProgress
    from vocation.serving.batch import score
    from vocation.serving.inputs import account
    from vocation.serving.recommend import Recommender

    recommender = Recommender.load(args.bundle)
    report = score(
        args.input,
        args.output,
        args.text_column,
        recommender,
        args.top,
        args.excel,
        ConsoleProgress(),
        args.encoding,
        **chosen(recommender, args),
    )
    told = _counted(report.decisions, report.reasons)
    say(f"Wrote {_rows(report.rows)} to {args.output}: {told}.")
    for line in account(report.issues, report.hints):
        say(line)


def _score_folder(args: argparse.Namespace) -> None:
    from vocation.progress import ConsoleProgress
    from vocation.serving.inputs import account
    from vocation.serving.scorer import Scorer
    from vocation.serving.shards import ROWS, score_folder

    with_ray = args.engine == "ray"
    if given := _given(args, "shard" if with_ray else "address"):
        raise DataError(
            f"{given} does not go with --engine {args.engine or 'local'}: "
            + ("Ray shares the work itself" if with_ray else "give --engine ray as well")
        )
    workers = 1 if with_ray else args.workers or cores()
    # Each worker of Ray has one thread, too.
    threads = 1 if with_ray or workers > 1 else 0
    common: dict[str, Any] = {
        "source": args.input,
        "output": args.output,
        "scorer": Scorer(
            args.bundle, args.text_column, args.top, threads, args.exclude, args.only, workers
        ),
        "form": args.format,
        "rows_per_file": args.rows_per_file or ROWS,
        "excel": args.excel,
        "progress": ConsoleProgress(),
        "encoding": args.encoding,
    }
    try:
        if with_ray:
            from vocation.engines import score_with_ray

            report = score_with_ray(address=args.address, workers=args.workers, **common)
        else:
            report = score_folder(shard=args.shard or (1, 1), **common)
    except KeyboardInterrupt:
        say(f"{args.output}: complete files are kept; the same command goes on from there.")
        raise
    tally = report.tally
    if report.files:
        told = _counted(tally.decisions, dict(tally.reasons.most_common()))
        say(f"Wrote {_rows(tally.rows)} in {_files(report.files)} to {args.output}: {told}.")
    for line in account(tally.issues, report.hints, tally.unread):
        say(line)
    if report.missing:
        say(f"Still missing: {_files(report.missing)}, which the other shards write.")
    else:
        say(f"{args.output} is complete: {_rows(report.rows)}.")


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"


def _counted(counts: Mapping[str, int], reasons: Mapping[str, int]) -> str:
    """Return what a command says of the decisions."""
    helped = f", {counts['help']:,} that need a person" if counts["help"] else ""
    errors = f", {counts['error']:,} without an answer" if counts["error"] else ""
    why = ", ".join(f"{reason} {count:,}" for reason, count in reasons.items())
    return (
        f"{counts['match']:,} matched, {counts['unsure']:,} unsure"
        f"{f' ({why})' if why else ''}{helped}{errors}"
    )


def _given(args: argparse.Namespace, *names: str) -> str | None:
    """Return the first option of `names` that was given."""
    name = next((name for name in names if getattr(args, name) is not None), None)
    return name and f"--{name.replace('_', '-')}"
