"""kill -9 at random moments of `vocation score --engine ray`: is a row lost or doubled?

    python fuzz/ray_kills.py [--bundle models] [--kills 10] [--rows 2000] [--seed 0]

A table is scored once without Ray. Then the command runs with Ray on this machine, and one of these
is killed while it answers: the process of the command (`driver`), a worker (`worker`), the command
while an answer is being written (`write`), or every process of it at once (`all`). After the death
of a worker it must go on, else it is started again. Every folder must hold the same files as without
Ray. Ray's agents live for a minute or two without the command; then no process may be left. Linux
only. Exit status 1 where that is not so.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from score_kills import BLOCK, files, write_table

WAYS = ("driver", "worker", "write", "all")
PATIENCE = 240  # seconds: a start on a loaded machine; Ray's agents, which ask its dead server


def command(table: Path, output: Path, bundle: Path, *more: str) -> list[str]:
    """The command line of a run."""
    return [
        *(sys.executable, "-m", "vocation.cli", "score", str(table), "--output", str(output)),
        *("--text-column", "about", "--bundle", str(bundle), "--top", "2"),
        *("--rows-per-file", str(BLOCK), *more),
    ]


def family(pid: int) -> Iterator[int]:
    """The process and all that descend from it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue  # it ended meanwhile
        for child in children:
            yield from family(int(child))


def name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def wait(until: float, what: str) -> None:
    """Sleep a little; raise SystemExit after `until`."""
    if time.monotonic() > until:
        raise SystemExit(f"after {PATIENCE} seconds still waiting for {what}")
    time.sleep(0.001)


def kill(
    running: subprocess.Popen[bytes], output: Path, way: str, rng: random.Random
) -> dict[int, str]:
    """Kill while answers are written; return the processes there were, none if it was too late."""
    checkpoint, until = output / ".ray" / "checkpoint", time.monotonic() + PATIENCE
    while not any(checkpoint.glob("*")):
        if running.poll() is not None:
            return {}
        wait(until, "the first answers")
    pause = time.monotonic() + rng.uniform(0, 1.5)
    while time.monotonic() < pause or (way == "write" and not any(checkpoint.glob("*.pending.*"))):
        if running.poll() is not None:
            return {}
        wait(until, "an answer that is being written")
    there = {pid: name(pid) for pid in family(running.pid)}
    workers = [pid for pid, found in there.items() if "_Answers" in found]
    victims = {"all": list(there), "worker": workers[:1]}.get(way, [running.pid])
    for pid in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return there if victims else {}


def campaign(bundle: Path, kills: int, rows: int, seed: int, folder: Path) -> Counter[str]:
    """Kill `kills` times; return how often in which way. Raises SystemExit on a wrong folder."""
    rng = random.Random(seed)
    table, output = folder / "people.csv", folder / "scored"
    write_table(table, rows, rng)
    subprocess.run(command(table, folder / "local", bundle), check=True, stdout=subprocess.DEVNULL)
    expected = files(folder / "local")
    environment = os.environ | {"RAY_TMPDIR": str(folder)}
    done: Counter[str] = Counter()
    ways = [WAYS[i % len(WAYS)] for i in range(kills)]
    rng.shuffle(ways)
    seen: dict[int, str] = {}
    while ways:
        line = command(table, output, bundle, "--engine", "ray", "--workers", "2")
        running = subprocess.Popen(line, stdout=subprocess.DEVNULL, env=environment)
        if there := kill(running, output, ways[-1], rng):
            seen |= there
            done[way := ways.pop()] += 1
            if way != "worker":  # then it goes on by itself
                running.wait()
                running = subprocess.Popen(line, stdout=subprocess.DEVNULL, env=environment)
        if code := running.wait():
            raise SystemExit(f"a run ended with {code}")
        found = {path.name: path.read_bytes() for path in output.iterdir() if path.is_file()}
        if found != expected or (output / ".ray").exists():
            raise SystemExit("not the files of the run without Ray")
        shutil.rmtree(output)
    until = time.monotonic() + PATIENCE
    while left := [found for pid, found in seen.items() if name(pid) == found != ""]:
        wait(until, f"the end of {left}")
    return done


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", type=Path, default=Path("models"))
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        done = campaign(args.bundle, args.kills, args.rows, args.seed, Path(folder))
    print(
        f"{args.kills} kills ({', '.join(f'{done[way]} {way}' for way in WAYS)}). Every folder is"
        " equal to that without Ray."
    )


if __name__ == "__main__":
    main()
