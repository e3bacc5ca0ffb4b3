"""The options of `vocation app` for its owner."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from vocation.cli.options import say
from vocation.config import TrainConfig
from vocation.errors import ConfigError
from vocation.machine import is_loopback


def owner_options(app: argparse.ArgumentParser) -> None:
    """Declare --owner and what belongs to it."""
    app.add_argument(
        "--owner",
        action="store_true",
        help=(
            "add pages for the owner, behind a PIN: data, training, publishing, going back. The PIN"
            " is in the environment variable VOCATION_OWNER_PIN, in the file that"
            " VOCATION_OWNER_PIN_FILE names, or owner_pin in .streamlit/secrets.toml; where none"
            " is, one is made and printed"
        ),
    )
    app.add_argument(
        "--data",
        metavar="DIR",
        help="with --owner: the folder with the files to train on (default: data)",
    )
    app.add_argument(
        "--config",
        metavar="FILE",
        help="with --owner: settings of its trainings as JSON, as in  vocation train",
    )
    app.add_argument(
        "--owner-on-network",
        action="store_true",
        help="with --owner: also where the network could read the PIN, which is plain HTTP",
    )


def owner_environment(args: argparse.Namespace) -> dict[str, str]:
    """The environment of the page; prints a PIN that was made. Raises ConfigError."""
    from vocation.owner import access

    environment = {key: value for key, value in os.environ.items() if key != access.VARIABLE}
    if not args.owner:
        if args.data or args.config or args.owner_on_network:
            args.parser.error("--data, --config and --owner-on-network need --owner")
        return environment
    if not is_loopback(args.host) and not args.owner_on_network:
        raise ConfigError(
            f"--owner with --host {args.host} would send the PIN over the network in plain HTTP,"
            " where others can read it: leave --host out and put a web server with HTTPS before the"
            " page, or accept it with --owner-on-network"
        )
    pin = access.pin_given(environment, Path.cwd())
    if not pin:
        pin = access.made_pin()
        say(f"PIN of the owner's pages, shown this once: {pin}")
    data, config = str(Path(args.data or "data").resolve()), ""
    if args.config:
        TrainConfig.from_file(args.config)  # what is wrong with it is said here
        config = str(Path(args.config).resolve())
    owner = access.Owner.of(
        pin,
        data,
        host=args.host,
        port=args.port,
        on_network=args.owner_on_network,
        config=config,
    )
    # The page and what it starts hold the hash alone.
    for name in (access.PIN, access.PIN_FILE):
        environment.pop(name, None)
    return environment | {access.VARIABLE: owner.to_json()}
