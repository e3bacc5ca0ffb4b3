"""The command that answers over HTTP: serve."""

from __future__ import annotations

import argparse
from pathlib import Path

from vocation.cli.bundle import LOCAL, check_free
from vocation.cli.options import Commands, bundle_option, natural, port, say
from vocation.errors import ConfigError, MissingExtra
from vocation.machine import is_loopback


def add_serve(commands: Commands) -> None:
    """Declare `vocation serve`."""
    serve = commands.add(
        "serve",
        _serve,
        "answer over HTTP, for other programs",
        "Answer over HTTP with this bundle: careers for texts, also in the forms of"
        " text-embeddings-inference and vLLM, the list of careers, metrics. A new bundle in the"
        " same place is taken without a stop, if it is a good one. Logs are lines of JSON on"
        " standard error, without texts. Ends with Ctrl-C or SIGTERM after the requests in work.",
        "--bundle models --port 8000",
        "--host 0.0.0.0 --api-key-file keys.txt",
    )
    bundle_option(serve)
    serve.add_argument(
        "--host",
        metavar="ADDRESS",
        default=LOCAL,
        help=f"address to listen on (default: {LOCAL}, this machine alone)",
    )
    serve.add_argument("--port", metavar="N", type=port, default=8000, help="port (default: 8000)")
    serve.add_argument(
        "--api-key-file",
        metavar="FILE",
        type=Path,
        help="keys, one a line; requests need one of them, but for /health and /ready",
    )
    serve.add_argument(
        "--queue",
        metavar="N",
        type=natural,
        help="requests that may wait for a core; more get status 429 (default: 4 for each core)",
    )
    serve.add_argument(
        "--no-auth",
        action="store_true",
        help="let other machines ask without a key, where a proxy before it checks who asks",
    )


def _serve(args: argparse.Namespace) -> None:
    try:
        from vocation.api import keys, server
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("vocation"):
            raise
        raise MissingExtra("vocation serve", "api") from None
    found: tuple[bytes, ...] = ()
    if args.api_key_file:
        if args.no_auth:
            raise ConfigError("--api-key-file and --no-auth exclude each other: leave one out")
        found = keys.read(args.api_key_file)
    elif not args.no_auth and not is_loopback(args.host):
        raise ConfigError(
            f"other machines can reach {args.host}: add --api-key-file FILE with a key a line, or"
            " --no-auth if a proxy before it checks who asks"
        )
    check_free(args.host, args.port)
    shown = f"[{args.host}]" if ":" in args.host else args.host
    reach = "this machine alone" if is_loopback(args.host) else "its network too"
    address = f"http://{shown}:{args.port}   (for {reach}; stop with Ctrl-C)"
    server.serve(args.bundle, args.host, args.port, found, args.queue, loaded=lambda: say(address))
