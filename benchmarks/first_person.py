"""First-person texts by writers who never saw the training profiles, and texts that deserve no confident
answer: benchmarks/data.

    python benchmarks/first_person.py [--bundle models] [--half tune|report]

Work on the half `tune`; the half `report` is for the figure that is published, and is looked at
once for each published model.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from vocation import Recommender, metrics

DATA = Path(__file__).parent / "data"


def rows(name: str, half: str) -> list[dict[str, str]]:
    with open(DATA / name, encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["half"] == half]


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--bundle", type=Path, default=Path("models"))
    arguments.add_argument("--half", choices=("tune", "report"), default="tune")
    args = arguments.parse_args()
    recommender = Recommender.load(args.bundle)
    people = rows("first_person.csv", args.half)
    texts = [row["text"] for row in people]
    labels = np.array([recommender.classes.index(row["career"]) for row in people])
    figures = metrics.report(
        recommender.probabilities(texts),
        labels,
        float(recommender.metadata["calibration"]["set_threshold"]),
        seed=0,
    )
    unsure = np.array([answer.decision == "unsure" for answer in recommender.recommend(texts)])
    print(
        f"half {args.half!r}: {len(texts)} first-person texts\n\n| figure | value | 95 % interval"
        " |\n|---|---|---|"
    )
    for label, entry in (
        ("top-1 accuracy", figures["accuracy"]),
        ("top-3 accuracy", figures["top_3"]),
        ("in the 90 % set", figures["set_coverage"]),
        ("wrongly unsure", metrics.share(unsure)),
    ):
        print(f"| {label} | {entry['value']:.1%} | {entry['low']:.1%} to {entry['high']:.1%} |")
    print(f"| calibration error | {figures['calibration_error']:.3f} | |")
    others = rows("unanswerable.csv", args.half)
    for kind in dict.fromkeys(row["kind"] for row in others):
        answers = recommender.recommend([row["text"] for row in others if row["kind"] == kind])
        entry = metrics.share(np.array([answer.decision == "unsure" for answer in answers]))
        print(
            f"| `unsure` on {kind} ({entry['n']}) | {entry['value']:.1%} | {entry['low']:.1%} to"
            f" {entry['high']:.1%} |"
        )


if __name__ == "__main__":
    main()
