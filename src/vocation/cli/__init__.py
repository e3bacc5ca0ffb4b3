"""The command line: read arguments, call one function, print.

A command imports what it needs when it runs, so that answers come fast.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from vocation import __version__
from vocation.cli import (
    bundle,
    careers,
    catalogues,
    data,
    feedback,
    places,
    score,
    serve,
    serving,
    training,
)
from vocation.cli.options import EPILOG, Commands, Parser, Wide
from vocation.cli.signals import stopping
from vocation.errors import explained
from vocation.text.clean import printable


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    _replace_closed_streams()
    _forgive_characters()
    try:
        status = _run(argv)
        sys.stdout.flush()  # here: a failure when the interpreter ends would only be a note
        return status
    except BrokenPipeError:  # the reader of the output has closed it, as `head` does
        return 0
    except KeyboardInterrupt:
        _complain("vocation: stopped")
        return 130
    except Exception as error:
        if sentence := explained(error):
            _complain(f"vocation: {sentence}")
            return 1
        import traceback

        _complain(
            f"{traceback.format_exc()}vocation: this is a bug in vocation, please report it with"
            " the lines above"
        )
        return 3
    finally:
        for stream in (sys.stdout, sys.stderr):
            _settle(stream)


def _run(argv: Sequence[str] | None) -> int:
    try:
        args, unknown = parser().parse_known_args(argv)
        if unknown:
            args.parser.error(
                printable(
                    f"unknown: {' '.join(unknown)} (vocation {args.command} --help lists what there"
                    " is)"
                )
            )
    except SystemExit as done:  # how argparse ends after --help, --version and wrong usage
        return int(done.code or 0)
    with stopping():
        return int(args.run(args) or 0)


def _complain(text: str) -> None:
    """Print to standard error; where that fails, the exit status alone has to tell."""
    with contextlib.suppress(OSError):
        print(printable(text), file=sys.stderr)


def _settle(stream: TextIO) -> None:
    """Drop what `stream` cannot write: the interpreter would try again and change the status."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _replace_closed_streams() -> None:
    """Open streams that fail in place of closed ones, which Python leaves as None.

    Reading and writing then raise OSError, as on a full disk, and no file that is opened later
    gets the number of a standard stream. Messages to a closed standard error are dropped.
    """
    for name, mode, flags in (
        ("stdin", "r", os.O_WRONLY),
        ("stdout", "w", os.O_RDONLY),
        ("stderr", "w", os.O_WRONLY),
    ):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, flags), mode, encoding="utf-8"))


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
    top = Parser(
        prog="vocation",
        description="Train a career recommender on your own data, ask it, ship it.",
        epilog=(
            'A first round:\n  vocation train\n  vocation recommend "I love building web'
            f' applications"\n  vocation app\n\n{EPILOG}'
        ),
        formatter_class=Wide,
    )
    top.add_argument("--version", action="version", version=f"vocation {__version__}")
    commands = Commands(top)
    for add in (
        data.add_init,
        catalogues.add_import,
        data.add_validate,
        training.add_train,
        training.add_tune,
        training.add_ensemble,
        serving.add_recommend,
        score.add_score,
        serving.add_evaluate,
        careers.add_careers,
        places.add_rollback,
        places.add_promote,
        bundle.add_check,
        bundle.add_fairness,
        bundle.add_runs,
        feedback.add_feedback,
        bundle.add_push,
        bundle.add_pull,
        bundle.add_doctor,
        bundle.add_app,
        serve.add_serve,
    ):
        add(commands)
    return top
