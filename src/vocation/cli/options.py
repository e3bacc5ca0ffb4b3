"""What the commands share: their parsers, their common options, and how they print."""

from __future__ import annotations

import argparse
import json
import os
import re
import reprlib
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from vocation.config import TrainConfig
from vocation.data.formats import READ
from vocation.text.clean import STEERING, printable

if TYPE_CHECKING:
    from vocation.data.dataset import Reading

EPILOG = (
    "Exit status: 0 done, 1 something you can fix (one sentence says what), 2 wrong usage, 3 a bug"
    " in vocation."
)


class Parser(argparse.ArgumentParser):
    """A parser whose help is not lost in silence where standard output cannot be written."""

    def _print_message(self, message: str, file: Any = None) -> None:
        # argparse's own method passes over an OSError.
        if file is sys.stdout:
            file.write(message)
        else:
            super()._print_message(message, file)


class Commands:
    """The commands of the program; `add` makes the parser of one more."""

    def __init__(self, top: argparse.ArgumentParser) -> None:
        self._all = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(
        self,
        name: str,
        run: Callable[[argparse.Namespace], int | None],
        short: str,
        long: str,
        *examples: str,
    ) -> argparse.ArgumentParser:
        """The parser of the command `name`: `run` carries it out, `short` and `long` say what it
        does.
        """
        epilog = "\n".join(
            [
                "Examples:",
                *(f"  vocation {name} {example}".rstrip() for example in examples),
                "",
                EPILOG,
            ]
        )
        command = self._all.add_parser(
            name, help=short, description=long, epilog=epilog, formatter_class=Wide
        )
        command.set_defaults(run=run, command=name, parser=command)
        return command


class Wide(argparse.RawDescriptionHelpFormatter):
    """Descriptions as they are written, options in a column wide enough for ours."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(
            textwrap.fill(line, width) if not line.startswith(" ") else line
            for line in text.splitlines()
        )


def data_options(command: argparse.ArgumentParser) -> None:
    """Which files to read."""
    command.add_argument(
        "dir",
        metavar="DIR",
        nargs="?",
        type=Path,
        help=f"folder or .zip with your tables, or one file ({READ})",
    )
    command.add_argument(
        "--columns",
        metavar="OURS=YOURS,...",
        type=_columns,
        help="columns under other names, for example role=Category,profile=Resume; a name with a"
        ' comma stands in double quotes: role="Job, title"',
    )
    encoding_option(command)
    command.add_argument(
        "--add-to-defaults",
        action="store_true",
        help="keep all default careers and add yours; one of yours replaces the default one that"
        " has its name or alias",
    )
    command.add_argument(
        "--multi-label",
        choices=["split"],
        help="a row whose cell names several careers (Nurse; Chef) counts for each of them; without"
        " it the cell is the name of one career",
    )
    command.add_argument(
        "--merge-titles",
        action="store_true",
        help="make one career of titles that differ in gender marks, level or place alone, such as"
        " Nurse (m/f/d), Senior Nurse, Nurse II, Nurse - Remote; `validate` shows which",
    )


def encoding_option(command: argparse.ArgumentParser) -> None:
    """In which encoding the files are."""
    command.add_argument(
        "--encoding",
        metavar="NAME",
        help="the encoding of files that are not Unicode, such as windows-1254 or iso-8859-2"
        " (default: told from the text, or refused)",
    )


def reading(args: argparse.Namespace) -> Reading:
    """How the files are to be read, by the options of this command."""
    from vocation.data.dataset import Reading  # not above: it takes a while to import

    names = Reading.__annotations__
    return cast(Reading, {name: value for name, value in vars(args).items() if name in names})


def training_options(command: argparse.ArgumentParser) -> None:
    """What train and tune share."""
    data_options(command)
    command.add_argument(
        "--output", metavar="DIR", default="models", help="the bundle's folder (default: models)"
    )
    command.add_argument(
        "--config",
        metavar="FILE",
        help='settings as JSON, for example {"num_epochs": 20, "dropout": 0.5}',
    )
    command.add_argument(
        "--set",
        metavar="NAME=VALUE,...",
        type=_values,
        help="settings given here, for example seed=43,dropout=0.5; over --config",
    )
    command.add_argument(
        "--with-defaults",
        action="store_true",
        help="fill kinds of file that you do not have from the default data, for your careers only",
    )
    command.add_argument(
        "--limit",
        metavar="N",
        type=positive,
        help="use at most N rows, spread over careers: a quick first try",
    )


def replace_option(command: argparse.ArgumentParser) -> None:
    """What happens to the bundle that is there."""
    command.add_argument(
        "--replace",
        action="store_true",
        help=(
            "replace the bundle in --output also if careers of it are missing now, or if it answers"
            " better; it is kept beside, see rollback"
        ),
    )


def bundle_option(command: argparse.ArgumentParser) -> None:
    """Which bundle to ask."""
    command.add_argument(
        "--bundle",
        metavar="DIR",
        default="models",
        help="a bundle's folder or zip (default: models)",
    )


def positive(value: str) -> int:
    """A whole number of 1 or more, for argparse."""
    return _whole(value, 1, "1 or more")


def natural(value: str) -> int:
    """A whole number of 0 or more, for argparse."""
    return _whole(value, 0, "0 or more")


def port(value: str) -> int:
    """A port that a page may use, for argparse."""
    return _whole(value, 1, "a port from 1 to 65535", 65_535)


def shard(value: str) -> tuple[int, int]:
    """Which part of how many, from "2/8", for argparse."""
    found = re.fullmatch(r"([1-9]\d{0,8})/([1-9]\d{0,8})", value)
    if found is None or int(found[1]) > int(found[2]):
        raise argparse.ArgumentTypeError(f"expected I/N such as 1/8 or 8/8, found {value[:60]}")
    return int(found[1]), int(found[2])


def _whole(value: str, least: int, expected: str, most: int | None = None) -> int:
    try:
        number = int(value)
    except ValueError:
        number = least - 1
    if number < least or (most is not None and number > most):
        raise argparse.ArgumentTypeError(f"expected {expected}, found {value[:60]}")
    return number


def names(value: str) -> list[str]:
    """Names between commas, for argparse; one with a comma stands in double quotes."""
    # A comma within double quotes belongs to a name.
    parts = re.findall(r'(?:"[^"]*"|[^,])+', value)
    found = [name for part in parts if (name := part.strip().strip('"').strip())]
    if not found:
        raise argparse.ArgumentTypeError(
            f"expected names such as Nurse,Chef, found {reprlib.repr(value)}"
        )
    return found


def _columns(value: str) -> dict[str, str]:
    pairs = _pairs(value, "pairs such as role=Category,profile=Resume")
    return {ours: theirs.strip('"') for ours, theirs in pairs.items()}


def _values(value: str) -> dict[str, object]:
    return {
        name: _plain(given)
        for name, given in _pairs(value, "settings such as seed=43,dropout=0.5").items()
    }


def _pairs(value: str, expected: str) -> dict[str, str]:
    """What "a=b,c=d" says; `expected` stands in the sentence where it says nothing of the kind."""
    # A comma within double quotes belongs to a name or a value.
    split = re.findall(r'(?:"[^"]*"|[^,])+', value)
    parts = [part.partition("=") for part in split if part.strip()]
    if not parts or any(not left.strip() or not right.strip() for left, _, right in parts):
        raise argparse.ArgumentTypeError(f"expected {expected}, found {reprlib.repr(value)}")
    return {left.strip(): right.strip() for left, _, right in parts}


def _plain(given: str) -> object:
    """A number or true / false as such, anything else as text."""
    try:
        return json.loads(given)
    except (ValueError, RecursionError):  # the latter: too many brackets within brackets
        return given


def settings(args: argparse.Namespace) -> TrainConfig:
    """The settings of --config, with those of --set over them. ConfigError says what is wrong with
    them.
    """
    config = TrainConfig.from_file(args.config) if args.config else TrainConfig()
    return TrainConfig.from_dict(config.to_dict() | (args.set or {}))


def say(text: object) -> None:
    """Print `text` without terminal control sequences: it may come from an untrusted bundle."""
    print(printable(str(text)))


def say_json(value: object) -> None:
    """Print `value` as JSON with terminal control characters escaped."""
    print(
        STEERING.sub(
            lambda found: f"\\u{ord(found.group()):04x}",
            json.dumps(value, ensure_ascii=False, indent=1),
        )
    )


def style(text: str, code: str) -> str:
    """Colour where standard output is a terminal that wants it (https://no-color.org)."""
    text = printable(text)
    return (
        f"\x1b[{code}m{text}\x1b[0m"
        if sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        else text
    )
