"""Requests made from the description of the API: schemathesis looks for statuses of 500, for
answers that are not as described, for wrong requests that are answered.

    python fuzz/api_schema.py [--bundle models] [--examples 200] [--seed 0] [--keys]

Needs schemathesis (the dev extra). Exit status 1 where it finds anything. Copy its last lines with
the command and the machine into benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from api_server import HOST, Server

_KEY = "a-key-that-lets-through"
# Too many texts are too much (413), as in text-embeddings-inference.
_CHECKS = """
[checks]
negative_data_rejection.expected-statuses = [400, 401, 404, 405, 413, 422, 429]
"""


def campaign(server: Server, folder: Path, examples: int, seed: int, *more: str) -> int:
    """Run schemathesis on the server; return its exit status."""
    command = [sys.executable, "-m", "schemathesis.cli", "run"]
    command += [f"http://{HOST}:{server.port}/openapi.json", "--checks", "all"]
    # A request of the right form may name careers and clauses that there are not: status 422.
    command += ["--exclude-checks", "positive_data_acceptance"]
    command += ["--phases", "examples,coverage,fuzzing", "--max-examples", str(examples)]
    command += ["--seed", str(seed), "--generation-database", "none", "--rate-limit", "auto", *more]
    (folder / "schemathesis.toml").write_text(_CHECKS, "utf-8")
    # In a folder of its own: it may leave files where it is started.
    settings = {**os.environ, "NO_COLOR": "1"}
    return subprocess.run(command, cwd=folder, env=settings, check=False).returncode


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the campaign; return 1 if anything was found."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--bundle", type=Path, default=Path("models"))
    options.add_argument("--examples", type=int, default=200, help="of each operation")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--keys", action="store_true", help="with a server that asks for a key")
    args = options.parse_args(arguments)
    keys = [_KEY] if args.keys else []
    more = ["--header", f"Authorization: Bearer {_KEY}"] if args.keys else []
    with (
        tempfile.TemporaryDirectory() as name,
        Server(args.bundle.resolve(), Path(name), keys=keys) as server,
    ):
        return 1 if campaign(server, Path(name), args.examples, args.seed, *more) else 0


if __name__ == "__main__":
    sys.exit(main())
