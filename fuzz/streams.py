"""Every command with closed and full standard streams: one sentence, exit status 1, no traceback.

    python fuzz/streams.py --bundle models

Where standard output takes nothing, a command that prints must not end with 0. Where standard
error takes nothing, nothing else changes. Linux only, because of /dev/full.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

STATES = {
    "as usual": "",
    "output full": ">/dev/full",
    "output closed": ">&-",
    "input closed": "<&-",
    "errors full": "2>/dev/full",
    "errors closed": "2>&-",
    "all closed": "<&- >&- 2>&-",
}
TEXT = "I like taking engines apart and repairing cars"


def commands(folder: Path, bundle: str) -> dict[str, list[str]]:
    """The arguments of each command, for files in `folder` that `prepare` has written."""
    columns = ["--text-column", "profile", "--label-column", "role", "--bundle", bundle]
    return {
        "--help": ["--help"],
        "--version": ["--version"],
        "train --help": ["train", "--help"],
        "init": ["init", str(folder / "new")],
        "validate": ["validate", str(folder / "data")],
        "validate --json": ["validate", "--json"],
        "train": ["train", str(folder / "data"), "--output", str(folder / "new")],
        "tune": ["tune", str(folder / "data"), "--trials", "1", "--output", str(folder / "new")],
        "ensemble": ["ensemble", bundle, bundle, "--output", str(folder / "new")],
        "recommend": ["recommend", TEXT, "--bundle", bundle],
        "recommend, standard input": ["recommend", "--json", "--bundle", bundle],
        "score": [
            *("score", str(folder / "data" / "profiles.csv"), "--text-column", "profile"),
            *("--output", str(folder / "scored.csv"), "--bundle", bundle),
        ],
        "evaluate": ["evaluate", str(folder / "data" / "profiles.csv"), *columns],
        "check": ["check", "--bundle", bundle],
        "fairness": ["fairness", "--count", "8", "--bundle", bundle],
        "runs": ["runs", "--runs", str(folder / "runs")],
        "push": ["push", str(folder / "new"), "--bundle", bundle],
        "pull": ["pull", bundle, "--output", str(folder / "new")],
        "doctor": ["doctor", "--json", "--bundle", bundle],
        "app": ["app", "--bundle", bundle, "--host", "no.such.host.invalid"],
    }


def run(arguments: list[str], state: str) -> subprocess.CompletedProcess[str]:
    """Run one command with its standard streams redirected as the shell's words `state` say."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {state}', "sh", sys.executable, "-m", "vocation.cli", *arguments],
        input=f"{TEXT}\n",
        capture_output=True,
        text=True,
        timeout=600,
    )


def broken(state: str, usual: int, done: subprocess.CompletedProcess[str]) -> str:
    """What is wrong with a run, "" if nothing is; `usual` is the status with usual streams."""
    if "Traceback" in done.stderr or done.returncode not in (0, 1, 2):
        return "a traceback, or a status that nobody expects"
    if ">/dev/full" in state.split() or ">&-" in state.split():
        if done.returncode != 1:
            return "its output is lost, and its status is not 1"
        if "2>" not in state and len(done.stderr.splitlines()) != 1:
            return "expected one line on standard error"
    elif done.returncode != usual and not (state == "<&-" and done.returncode == 1):
        return f"the status was {usual}"
    return ""


def main() -> int:
    """Run the campaign; return 1 if a promise is broken."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--bundle", default="models")
    options.add_argument("--only", metavar="COMMAND", help="this command alone: --only=--help")
    args = options.parse_args()
    bundle = str(Path(args.bundle).resolve())
    failures = 0
    for name in commands(Path(), bundle):
        if args.only not in (None, name):
            continue
        usual = 0
        for label, state in STATES.items():
            with tempfile.TemporaryDirectory() as place:
                folder = Path(place)
                run(["init", str(folder / "data")], "")
                done = run(commands(folder, bundle)[name], state)
            usual = usual if state else done.returncode
            if problem := broken(state, usual, done):
                failures += 1
                print(f"{name}, {label}: {problem} (status {done.returncode})\n{done.stderr}")
    print(f"{failures} broken promises")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
