"""Commands that exchange bundles: rollback, promote."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vocation.cli.options import Commands, say

if TYPE_CHECKING:
    from vocation.owner.live import Exchanged

_NAMED = 8  # careers that are named at most


def add_rollback(commands: Commands) -> None:
    """Declare `vocation rollback`."""
    rollback = commands.add(
        "rollback",
        _rollback,
        "go back to the bundle before",
        "Exchange the bundle in DIR with the one before it, which lies beside it as DIR.previous,"
        " and say which one answers now. The same command once more exchanges them back. A page"
        " that is running takes the other bundle with the next question.",
        "",
        "--bundle models",
    )
    _folder(rollback)


def add_promote(commands: Commands) -> None:
    """Declare `vocation promote`."""
    promote = commands.add(
        "promote",
        _promote,
        "use the bundle that a training held back",
        "Put the bundle in DIR.candidate, which a training held back because it answers worse than"
        " the one in DIR, in its place. The bundle in DIR becomes DIR.previous, and rollback brings"
        " it back.",
        "--bundle models",
    )
    _folder(promote)


def _folder(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--bundle", metavar="DIR", default="models", help="the bundle's folder (default: models)"
    )


def _rollback(args: argparse.Namespace) -> None:
    from vocation.owner import live

    _say(args.bundle, live.go_back(args.bundle))


def _promote(args: argparse.Namespace) -> None:
    from vocation.owner import live

    _say(args.bundle, live.publish(args.bundle))


def _say(folder: str, done: Exchanged) -> None:
    """Which bundle answers now, and how to bring the other one back."""
    say(f"{folder} answers now with the bundle {_described(done.now)}.")
    if done.kept is not None:
        say(
            f"The bundle before, {_described(done.before)}, is in {done.kept}. To bring it back: "
            f" vocation rollback --bundle {folder}"
        )


def _described(metadata: Mapping[str, Any]) -> str:
    """Date and careers of a bundle."""
    if not metadata:
        return "of unknown date, whose files cannot be read"
    names = list(metadata["classes"])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    when = str(metadata.get("trained", "unknown"))[:16].replace("T", " ")
    return f"trained {when} for {len(names)} careers ({', '.join(names[:_NAMED])}{more})"
