"""Commands about files: init, validate."""

from __future__ import annotations

import argparse
from pathlib import Path

from vocation.cli.options import Commands, data_options, positive, say, say_json
from vocation.errors import ConfigError


def add_init(commands: Commands) -> None:
    """Declare `vocation init`."""
    init = commands.add(
        "init",
        _init,
        "write example files to start from",
        "Write small example files into DIR: replace their rows by your own. Existing files are"
        " never overwritten.",
        "my-data",
    )
    init.add_argument("dir", metavar="DIR", type=Path)


def _init(args: argparse.Namespace) -> None:
    from vocation.data.examples import write_examples

    written = write_examples(args.dir)
    say(
        f"Wrote {', '.join(path.name for path in written)} to {args.dir}. Replace the rows by your"
        " own, then:\n"
    )
    say(f"  vocation validate {args.dir}\n  vocation train {args.dir}")


def add_validate(commands: Commands) -> None:
    """Declare `vocation validate`."""
    validate = commands.add(
        "validate",
        _validate,
        "check your files and say what would be used",
        "Read the files in DIR (without DIR: the default data) and account for every row: used,"
        " merged as a duplicate, or dropped and why.",
        "my-data",
        "resumes.csv --columns role=Category,profile=Resume",
        "my-data --json > report.json",
        "my-data --label-issues --output label_issues.csv",
    )
    data_options(validate)
    validate.add_argument("--json", action="store_true", help="print the report as JSON")
    validate.add_argument(
        "--label-issues",
        action="store_true",
        help=(
            "list rows whose label may be wrong, by a model that has not seen them; nothing is"
            " changed"
        ),
    )
    validate.add_argument(
        "--issue-limit",
        metavar="N",
        type=positive,
        help="with --label-issues: show at most N rows (default: 20)",
    )
    validate.add_argument(
        "--output",
        metavar="FILE",
        type=Path,
        help="with --label-issues: write all of these rows to a CSV file",
    )


def _validate(args: argparse.Namespace) -> None:
    from vocation.data import dataset

    if not args.label_issues:
        if args.output or args.issue_limit:
            raise ConfigError(
                "--output and --issue-limit need --label-issues: run  vocation validate DIR"
                " --label-issues"
            )
        report = dataset.load(args.dir, args.columns).report
        if args.json:
            say_json(report.to_dict())
        else:
            say(report)
        return
    from vocation import training
    from vocation.progress import ConsoleProgress, NullProgress
    from vocation.reports.label_issues import SHOWN

    data, found = training.find_label_issues(
        args.dir, columns=args.columns, progress=NullProgress() if args.json else ConsoleProgress()
    )
    if args.output:
        found.write(args.output)
    if args.json:
        say_json(data.report.to_dict() | {"label_issues": found.to_dict()})
    else:
        say(f"{data.report}\n\n{found.text(args.issue_limit or SHOWN)}")
        if args.output:
            say(f"{args.output}: {len(found.issues):,} rows written.")
