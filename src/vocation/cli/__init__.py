"""The command line: read arguments, call one function, print.

A command imports what it needs when it runs, so that answers come fast.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from vocation import __version__
from vocation.cli import bundle, data, places, serving, training
from vocation.cli.options import EPILOG, Commands, Wide
from vocation.errors import VocationError
from vocation.text.clean import printable


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    _forgive_characters()
    args, unknown = parser().parse_known_args(argv)
    if unknown:
        args.parser.error(
            printable(
                f"unknown: {' '.join(unknown)} (vocation {args.command} --help lists what there is)"
            )
        )
    try:
        return int(args.run(args) or 0)
    except VocationError as error:
        print(printable(f"vocation: {error}"), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("vocation: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of the output has closed it, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:
        import traceback

        print(printable(traceback.format_exc()), file=sys.stderr, end="")
        print(
            "vocation: this is a bug in vocation, please report it with the lines above",
            file=sys.stderr,
        )
        return 3


def _forgive_characters() -> None:
    """Escape characters that the terminal's encoding lacks; read invalid input bytes as U+FFFD."""
    for stream, errors in (
        (sys.stdin, "replace"),
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
    ):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def parser() -> argparse.ArgumentParser:
    """The whole command line; the command reference in docs/ is generated from it."""
    top = argparse.ArgumentParser(
        prog="vocation",
        description="Train a career recommender on your own data, ask it, ship it.",
        epilog=(
            'A first round:\n  vocation train\n  vocation recommend "I like taking engines'
            f' apart"\n  vocation app\n\n{EPILOG}'
        ),
        formatter_class=Wide,
    )
    top.add_argument("--version", action="version", version=f"vocation {__version__}")
    commands = Commands(top)
    for add in (
        data.add_init,
        data.add_validate,
        training.add_train,
        training.add_tune,
        training.add_ensemble,
        serving.add_recommend,
        serving.add_score,
        serving.add_evaluate,
        places.add_rollback,
        places.add_promote,
        bundle.add_check,
        bundle.add_fairness,
        bundle.add_runs,
        bundle.add_push,
        bundle.add_pull,
        bundle.add_doctor,
        bundle.add_app,
    ):
        add(commands)
    return top
