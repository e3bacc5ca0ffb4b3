"""Commands about files: init, validate."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vocation.base_languages import not_known
from vocation.cli.options import Commands, data_options, names, positive, reading, say, say_json
from vocation.config import TrainConfig
from vocation.errors import ConfigError, DataError
from vocation.text.languages import of_rows

if TYPE_CHECKING:
    from vocation.data.dataset import Dataset

_FAR = 0.4  # how much alike, from 0 to 1, careers are that a message names


def add_init(commands: Commands) -> None:
    """Declare `vocation init`."""
    init = commands.add(
        "init",
        _init,
        "write example files to start from",
        "Write small example files into DIR: replace their rows by your own. With --careers or"
        " --all they are the default data of these careers, to change and to train on. Existing"
        " files are never overwritten.",
        "my-data",
        "my-data --careers nurse,chef",
    )
    init.add_argument("dir", metavar="DIR", type=Path)
    chosen = init.add_mutually_exclusive_group()
    chosen.add_argument(
        "--careers",
        metavar="NAME,...",
        type=names,
        help="these default careers, by their name or another title; a name with a comma stands in"
        " double quotes",
    )
    chosen.add_argument("--all", action="store_true", help="all default careers")


def _init(args: argparse.Namespace) -> None:
    from vocation.data.examples import FIRST_CAREERS, default_careers, write_examples

    careers: Sequence[str] = FIRST_CAREERS
    if args.all:
        careers = [career.name for career in default_careers()]
    elif args.careers is not None:
        careers = _chosen(args.careers)
    written = write_examples(args.dir, careers)
    if not args.all:
        say(f"Default careers: {', '.join(careers)}.")
    say(
        f"Wrote {', '.join(path.name for path in written)} to {args.dir}. Replace the rows by your"
        " own, then:\n"
    )
    # A single career cannot be told from others: it only makes sense among the default ones.
    option = " --add-to-defaults" if len(careers) == 1 else ""
    say(f"  vocation validate {args.dir}{option}\n  vocation train {args.dir}{option}")


def _chosen(asked: Sequence[str]) -> list[str]:
    """The default careers that `asked` names. DataError names what none, or several, of them
    fit.
    """
    from vocation.data.examples import default_careers
    from vocation.data.folder import some
    from vocation.serving.asked import meant, nearest

    careers, chosen, problems = default_careers(), [], []
    for name in asked:
        found = meant(careers, name)
        if len(found) == 1:
            chosen.append(found[0].name)
            continue
        near = some([one.name for one in found or nearest(careers, name, _FAR)])
        what = f"fits {len(found)} default careers" if found else "is no default career"
        listed = f" ({'' if found else 'the nearest: '}{near})" if near else ""
        problems.append(f"{name[:60]!r} {what}{listed}")
    if problems:
        raise DataError(
            f"nothing was written: {', '.join(problems)}. Name careers of the default data, or take"
            " them with --all"
        )
    return list(dict.fromkeys(chosen))


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
        data = dataset.load(args.dir, **reading(args))
        if args.json:
            say_json(data.report.to_dict() | _base_model(data))
        else:
            say("\n\n".join([str(data.report), *_base_model(data).values()]))
        return
    from vocation import training
    from vocation.progress import ConsoleProgress, NullProgress
    from vocation.reports.label_issues import SHOWN

    data, found = training.find_label_issues(
        args.dir,
        progress=NullProgress() if args.json else ConsoleProgress(),
        **reading(args),
    )
    if args.output:
        found.write(args.output)
    if args.json:
        say_json(data.report.to_dict() | _base_model(data) | {"label_issues": found.to_dict()})
    else:
        shown = [*_base_model(data).values(), found.text(args.issue_limit or SHOWN)]
        say("\n\n".join([str(data.report), *shown]))
        if args.output:
            say(f"{args.output}: {len(found.issues):,} rows written.")


def _base_model(data: Dataset) -> dict[str, str]:
    """A warning where the default base model does not know the languages of the rows."""
    strange = not_known(TrainConfig().base_model, of_rows(data.texts))
    return {"base_model": f"WARNING: {strange}"} if strange else {}
