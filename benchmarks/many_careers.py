"""Does an answer take longer with 1,000 careers than with 64? Two bundles of made-up careers, the
same texts to each.

    python benchmarks/many_careers.py [--careers 64 1000]

A made-up career is a handful of words from the default data that its rows have in common: its
answers mean nothing, its cost is real. Needs the train extra. Prints a table; copy it with the
command and the machine into benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path

import numpy as np
from serving import OURS, warm

from vocation import train
from vocation.bundle import layout
from vocation.data import dataset

ROWS, OWN, SHARED = (
    4,
    12,
    12,
)  # rows a career, words that are its own in each, words that are anybody's


def write(folder: Path, careers: int) -> None:
    """profiles.csv with `careers` made-up careers of ROWS rows."""
    words = sorted(
        {word for text in dataset.load().texts for word in text.lower().split() if word.isalpha()}
    )
    rng = np.random.default_rng(0)
    with (folder / "profiles.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["role", "profile"])
        for number in range(careers):
            own = rng.choice(words, 2 * OWN, replace=False)
            for _ in range(ROWS):
                chosen = [*rng.choice(own, OWN, replace=False), *rng.choice(words, SHARED)]
                table.writerow([f"Career {number}", " ".join(rng.permutation(chosen))])


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--careers", type=int, nargs="+", default=[64, 1000])
    print("| careers | one text, warm, median / 95th percentile | serving part |\n|---|---|---|")
    for careers in arguments.parse_args().careers:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write(folder, careers)
            train(folder, folder / "models", preset="head")
            median, late, _ = warm(OURS, folder / "models")
            size = (
                sum(
                    (folder / "models" / file).stat().st_size
                    for file in (*layout.SERVING, layout.MANIFEST)
                )
                / 1e6
            )
        print(f"| {careers:,} | {median:.1f} / {late:.1f} ms | {size:.1f} MB |", flush=True)


if __name__ == "__main__":
    main()
