"""What Ray adds to the CPU time of `vocation score`, and how long it takes to start.

    python benchmarks/ray_overhead.py [--bundle models] [--rows 20000] [--workers N]

The same table is scored into a folder by as many processes without Ray and with `--engine ray`. Of both the CPU seconds of all processes and the seconds until the end are printed;
Ray's start is measured with a table of one row. Texts are those of score_folder.py, 44 words on
average. Linux only. Prints a table; copy it with the command and the machine into
benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from score_folder import write_table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "fuzz"))
from ray_kills import family  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")


def used(pid: int) -> float:
    """CPU seconds of a process so far, 0 where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK


def measure(command: list[str]) -> tuple[float, float]:
    """Run a command; return the seconds, and the CPU seconds of it and of what it starts.

    Ray's processes do not end as children of the command, so each one is asked while it runs.
    """
    begun, found, stop = time.perf_counter(), dict[int, float](), threading.Event()
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def watch() -> None:
        while not stop.wait(0.1):
            for pid in family(running.pid):
                found[pid] = max(found.get(pid, 0.0), used(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = running.wait()
    stop.set()
    watcher.join()
    if code:
        raise SystemExit(f"a run ended with {code}")
    return time.perf_counter() - begun, sum(found.values())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", default="models")
    parser.add_argument("--rows", type=int, default=20000)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RAY_TMPDIR"] = folder

        def command(rows: int, output: str, *more: str) -> list[str]:
            table = Path(folder) / f"{rows}.csv"
            if not table.exists():
                write_table(table, rows)
            score = [sys.executable, "-m", "vocation.cli", "score", str(table)]
            where = ["--text-column", "about", "--output", f"{folder}/{output}"]
            return [*score, *where, "--bundle", args.bundle, "--rows-per-file", "1000", *more]

        many = ["--workers", str(args.workers)]
        bare = measure(command(1, "bare", *many))
        start = measure(command(1, "start", *many, "--engine", "ray"))
        local = measure(command(args.rows, "local", *many))
        with_ray = measure(command(args.rows, "with_ray", *many, "--engine", "ray"))
    print("| run | rows | seconds | CPU seconds | CPU ms a row |")
    print("|---|---|---|---|---|")
    for name, rows, (seconds, cpu) in (
        ("local", 1, bare),
        ("ray", 1, start),
        (f"local, {args.workers} workers", args.rows, local),
        (f"ray, {args.workers} workers", args.rows, with_ray),
    ):
        each = f"{1000 * cpu / rows:.2f}" if rows > 1 else "–"
        print(f"| {name} | {rows:,} | {seconds:.1f} | {cpu:.1f} | {each} |")
    for unit, at in (("time", 0), ("CPU time", 1)):
        beside = (with_ray[at] - (start[at] - bare[at])) / local[at] - 1
        print(f"\nRay's start: {start[at] - bare[at]:.1f} s of {unit}; beside it {beside:+.1%}")


if __name__ == "__main__":
    main()
