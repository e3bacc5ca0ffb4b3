"""Rows a second of scoring: by one process, by threads, by several processes, and what each costs.

    OMP_NUM_THREADS=1 python benchmarks/score_speed.py [--bundle models] [--rows 2000] [--workers 2]
        [--csv FILE --column NAME] [--ways alone,threads,workers]

Without --csv the texts are the default profiles of up to 100 words, 43 on average. Ways: "recommend" answers in full in this process, "alone" decides only, "deaf" does so
without reading stances, each with one thread; "cores" takes a thread a core inside the network,
"threads" answers in so many threads of Python, "workers" in so many processes. Computing is that of
all processes together. Loading is not counted.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import os
import platform
import random
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from vocation.machine import cores
from vocation.serving import workers
from vocation.serving.recommend import Recommender
from vocation.serving.scorer import Scorer

PROFILES = Path(__file__).parents[1] / "src" / "vocation" / "default_data" / "profiles.csv"
CHUNK = 128
LONGEST = 100  # words of the default profiles that are taken: so they have 43 on average
WAYS = ("recommend", "alone", "deaf", "cores", "threads", "workers")


class Timed:
    """A scorer that says how long it computed; the first call also loads, which does not count."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer

    def __call__(self, batch: Any) -> dict[str, Any]:
        _ = self._scorer.columns  # loads
        start = time.process_time()
        self._scorer(batch)
        return {"computed": time.process_time() - start, "ended": time.monotonic()}


def texts_of(path: Path, column: str, rows: int) -> list[str]:
    """So many texts of a table, from the beginning again where it has fewer."""
    with path.open(encoding="utf-8", newline="") as file:
        found = [row[column] for row in csv.DictReader(file) if row[column]]
    if path == PROFILES:
        found = [text for text in found if len(text.split()) <= LONGEST]
        random.Random(0).shuffle(found)  # a career's rows stand together
    return list(itertools.islice(itertools.cycle(found), rows))


def in_one(answer: Callable[[list[str]], object], chunks: list[list[str]]) -> tuple[float, float]:
    """Seconds by the clock and of computing."""
    answer(chunks[0])
    start, used = time.perf_counter(), time.process_time()
    for chunk in chunks:
        answer(chunk)
    return time.perf_counter() - start, time.process_time() - used


def in_threads(
    answer: Callable[[list[str]], object], chunks: list[list[str]], count: int
) -> tuple[float, float]:
    """The same in so many threads."""
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(answer, chunks[:count]))
        start, used = time.perf_counter(), time.process_time()
        list(pool.map(answer, chunks))
        return time.perf_counter() - start, time.process_time() - used


def in_workers(bundle: Path, chunks: list[list[str]], count: int) -> tuple[float, float]:
    """The same in so many processes, counted from where each has answered once."""
    scorer = Timed(Scorer(bundle, "text"))
    # The first ones are answered while processes start; workers._FEW of them or fewer start none.
    first = [*chunks * (workers.FEW + 1)][: max(workers.FEW + 1, 2 * count)]
    batches = [{"text": chunk} for chunk in [*first, *chunks]]
    found = list(workers.in_order(scorer, batches, count))
    begun = max(one["ended"] for one in found[: len(first)])
    wall = max(one["ended"] for one in found) - begun
    return wall, sum(one["computed"] for one in found[len(first) :])


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--bundle", type=Path, default=Path("models"))
    arguments.add_argument("--rows", type=int, default=2048)
    arguments.add_argument("--workers", type=int, default=cores())
    arguments.add_argument("--csv", type=Path, default=PROFILES)
    arguments.add_argument("--column", default="profile")
    arguments.add_argument("--chunk", type=int, default=CHUNK)
    arguments.add_argument("--ways", default=",".join(WAYS))
    args = arguments.parse_args()
    texts = texts_of(args.csv, args.column, args.rows)
    chunks = [texts[i : i + args.chunk] for i in range(0, len(texts), args.chunk)]
    one = Recommender.load(args.bundle, threads=1)
    ways: dict[str, Callable[[], tuple[float, float]]] = {
        "recommend": lambda: in_one(one.recommend, chunks),
        "alone": lambda: in_one(one.decide, chunks),
        "deaf": lambda: in_one(partial(one.decide, hear=False), chunks),
        "cores": lambda: in_one(Recommender.load(args.bundle, threads=args.workers).decide, chunks),
        "threads": lambda: in_threads(one.decide, chunks, args.workers),
        "workers": lambda: in_workers(args.bundle, chunks, args.workers),
    }
    words = statistics.mean(len(text.split()) for text in texts)
    print(
        f"{platform.machine()}, {args.workers} of {cores()} cores, {len(texts):,} rows of"
        f" {words:.1f} words, {len(set(texts)):,} different, {len(one.classes)} careers, load"
        f" {os.getloadavg()[0]:.1f}\n\n| way | rows a second | computing, ms a row |\n|---|---|---|"
    )
    for name in args.ways.split(","):
        wall, used = ways[name]()
        print(f"| {name} | {len(texts) / wall:.0f} | {used / len(texts) * 1000:.1f} |", flush=True)


if __name__ == "__main__":
    main()
