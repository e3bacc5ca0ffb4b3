"""kill -9 at random moments of `vocation score` into a folder: is a row lost or doubled?

    python fuzz/score_kills.py [--bundle models] [--kills 30] [--rows 400] [--seed 0]

A table is scored once undisturbed. Then the same command is started again and again and killed
after a random time, until the folder is complete; then the next folder begins. Folders are written
by one process, by two shards at once, or by two processes that do the same. After each kill every
file that is there must be that of the undisturbed run; a complete folder must hold the same files,
and nothing that is left over. Exit status 1 where that is not so.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

TEXTS = (
    "I like repairing engines and cars, and helping my friends with bikes",
    'I cook for many people, and bake "real" bread\nevery day',
    "Caring for people in hospital beds is what I do best",
    "I write software and fix bugs",
    "hello",
    "",
)
WAYS = {"one": ["1/1"], "shards": ["1/2", "2/2"], "twins": ["1/1", "1/1"]}
"""The shards of the processes that write a folder at once."""
BLOCK = 16  # rows of a file


def write_table(path: Path, rows: int, rng: random.Random) -> None:
    """A table whose rows are all different; some cells have quotes and several lines."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "about", "note"])
        for number in range(rows):
            writer.writerow([f"{number:06}", rng.choice(TEXTS), rng.choice(["", " x ", '"'])])


def start(table: Path, output: Path, bundle: Path, shard: str) -> subprocess.Popen[bytes]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "vocation.cli", "score", str(table), "--output", str(output)]
    options = ["--text-column", "about", "--bundle", str(bundle), "--top", "2"]
    blocks = ["--rows-per-file", str(BLOCK), "--shard", shard]
    return subprocess.Popen([*command, *options, *blocks], stdout=subprocess.DEVNULL)


def files(folder: Path) -> dict[str, bytes]:
    """The content of each file of a folder, also of hidden ones."""
    found = {}
    for path in folder.iterdir() if folder.exists() else ():
        with contextlib.suppress(FileNotFoundError):  # it got its name, or was taken away
            found[path.name] = path.read_bytes()
    return found


def wait_for_work(running: list[subprocess.Popen[bytes]], output: Path) -> None:
    """Wait until a file is written or the processes end: most of the time goes into the start."""
    before = sorted(files(output))
    while sorted(files(output)) in (before, ["_manifest.json"]):
        if all(process.poll() is not None for process in running):
            return
        time.sleep(0.005)


def campaign(bundle: Path, kills: int, rows: int, seed: int, folder: Path) -> Counter[str]:
    """Kill until it was done `kills` times; return how often, and how many folders were completed.

    Raises SystemExit where a file is not that of the undisturbed run.
    """
    rng = random.Random(seed)
    table, output = folder / "people.csv", folder / "scored"
    write_table(table, rows, rng)
    running = start(table, folder / "undisturbed", bundle, "1/1")
    wait_for_work([running], folder / "undisturbed")
    begun = time.monotonic()
    if running.wait():
        raise SystemExit("the undisturbed run failed")
    length = time.monotonic() - begun
    expected = files(folder / "undisturbed")
    done: Counter[str] = Counter()
    way = rng.choice(list(WAYS))
    while done["kills"] < kills or output.exists():
        processes = [start(table, output, bundle, shard) for shard in WAYS[way]]
        if done["kills"] < kills:
            wait_for_work(processes, output)
            time.sleep(rng.uniform(0, 0.5) * length)
        for process in processes:
            if done["kills"] < kills and process.poll() is None:
                process.send_signal(signal.SIGKILL)
                done["kills"] += 1
                done["left over"] += any(name.endswith(".part") for name in files(output))
        codes = [process.wait() for process in processes]
        found = files(output)
        check(found, expected, codes)
        if "_SUCCESS" in found:
            if found != expected:
                raise SystemExit(f"{way}: other files than undisturbed: {sorted(found)}")
            done[way] += 1
            shutil.rmtree(output)
            way = rng.choice(list(WAYS))
    return done


def check(found: dict[str, bytes], expected: dict[str, bytes], codes: list[int]) -> None:
    """Raise SystemExit for an incomplete file, or a process that ended by itself with an error."""
    if bad := [code for code in codes if code not in (0, -signal.SIGKILL)]:
        raise SystemExit(f"a process ended with {bad}")
    whole = {name: content for name, content in found.items() if not name.startswith(".")}
    if wrong := [name for name, content in whole.items() if content != expected.get(name)]:
        raise SystemExit(f"not the files of the undisturbed run: {wrong}")
    if all(code == 0 for code in codes) and "_SUCCESS" not in found:
        raise SystemExit("all processes ended, and the folder is not complete")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", type=Path, default=Path("models"))
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        done = campaign(args.bundle, args.kills, args.rows, args.seed, Path(folder))
    print(
        f"{done['kills']} kills, {done['left over']} of them left a .part file; folders completed"
        f" after kills: {', '.join(f'{done[way]} {way}' for way in WAYS)}. Every one is equal to"
        " the undisturbed one."
    )


if __name__ == "__main__":
    main()
