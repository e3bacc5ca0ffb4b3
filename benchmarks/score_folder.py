"""Memory and speed of `vocation score` into a folder, at growing numbers of rows.

    python benchmarks/score_folder.py [--bundle models] [--rows 10000,50000,200000]
        [--form csv,jsonl,parquet] [--model fixed|bundle] [--threads 1]

Each table is scored in a process of its own, of which the most memory (VmHWM) and the CPU seconds
are printed. Texts of 44 words on average are taken in turn from the default data. With `fixed` every
text gets the same answer: what reading, batching and writing take, in minutes; the bundle is loaded
all the same. Linux only. Prints a table; copy it with the command and the machine into
benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROFILES = ROOT / "src" / "vocation" / "default_data" / "profiles.csv"
WORDS = 44
COLUMNS = ["id", "about", "city"]


def texts() -> list[str]:
    """Profiles of the default data, joined and cut to 22 to 66 words, 44 on average."""
    with PROFILES.open(encoding="utf-8", newline="") as file:
        words = [word for row in csv.DictReader(file) for word in row["profile"].split()]
    found, at = [], 0
    for size in cycle(range(WORDS // 2, WORDS + WORDS // 2 + 1)):
        if at + size > len(words) or len(found) == 2000:
            return found
        found.append(" ".join(words[at : at + size]))
        at += size
    return found


def rows(count: int) -> Iterator[list[str]]:
    for number, text in enumerate(islice(cycle(texts()), count)):
        yield [f"{number:07}", text, "Rome"]


def write_table(path: Path, count: int) -> None:
    """Write a table in the format of the ending."""
    if path.suffix == ".parquet":
        import pyarrow
        from pyarrow import parquet

        # One row group of up to a million rows, as pandas writes it.
        columns = list(zip(*rows(count), strict=True))
        parquet.write_table(pyarrow.table(dict(zip(COLUMNS, columns, strict=True))), path)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(rows(count))
        else:
            file.writelines(
                json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n" for row in rows(count)
            )


def peak() -> float:
    """The most memory of this process in MB. (`ru_maxrss` counts its parent before the start.)"""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1000 for line in status.splitlines() if "VmHWM" in line)


def child(table: str, output: str, bundle: str, fixed: bool, threads: int) -> None:
    """Score one table; print what that took as JSON."""
    from vocation.serving.scorer import Scorer
    from vocation.serving.shards import score_folder

    scorer = Scorer(bundle, "about", threads=threads)
    scorer.recommender.recommend(texts()[:8])
    if fixed:
        cells = scorer.cells(texts()[:1])[0]
        scorer.cells = lambda found: [list(cells) for _ in found]  # type: ignore[method-assign]
    begun, used = time.perf_counter(), time.process_time()
    report = score_folder(table, output, scorer)
    print(
        json.dumps(
            {
                "rows": report.rows,
                "files": report.files,
                "seconds": time.perf_counter() - begun,
                "cpu": time.process_time() - used,
                "peak": peak(),
            }
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", default="models")
    parser.add_argument("--rows", default="10000,50000,200000")
    parser.add_argument("--form", default="csv,jsonl,parquet")
    parser.add_argument("--model", choices=["fixed", "bundle"], default="bundle")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        child(*args.child, args.bundle, args.model == "fixed", args.threads)
        return
    print("| format | rows | input, MB | peak memory, MB | rows a second | CPU ms a row |")
    print("|---|---|---|---|---|---|")
    own = ["--bundle", args.bundle, "--model", args.model, "--threads", str(args.threads)]
    for form in args.form.split(","):
        for count in map(int, args.rows.split(",")):
            with tempfile.TemporaryDirectory() as folder:
                table = Path(folder) / f"people.{form}"
                write_table(table, count)
                size = table.stat().st_size / 1e6
                command = [sys.executable, __file__, "--child", str(table), f"{folder}/out", *own]
                done = json.loads(subprocess.run(command, stdout=-1, check=True).stdout)
            print(
                f"| {form} | {done['rows']:,} | {size:,.1f} | {done['peak']:,.0f}"
                f" | {done['rows'] / done['seconds']:,.0f}"
                f" | {1000 * done['cpu'] / done['rows']:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
