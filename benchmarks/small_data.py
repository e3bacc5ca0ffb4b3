"""Few rows: what training claims against what other people's texts show.

Trains on four data sets of 48 to 72 rows (benchmarks/data/small: a school's questions and answers,
a bootcamp's resumes, a job centre's descriptions, a youth club's profiles; written for this
purpose), and asks each bundle about 50 further texts in another voice, which no setting was chosen
by, and about texts of occupations that it does not have (benchmarks/data/outside.csv, those that say what somebody likes).

    python benchmarks/small_data.py
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from pathlib import Path

import numpy as np

import vocation
from vocation import Recommender, metrics

DATA = Path(__file__).parent / "data"
SETS = ("school", "bootcamp", "job_centre", "youth_club")
SURE = 0.8
"""Confidence from which on a wrong answer misleads."""


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def measure(folder: Path, further: Path, elsewhere: list[str], output: Path) -> dict[str, str]:
    """One line of the table, after a training in `output`."""
    result = vocation.train(folder, output, preset="head", runs=output.parent / "runs")
    claimed = result.metadata["metrics"]["test"]
    recommender = Recommender.load(result.folder)
    texts = rows(further)
    labels = np.array([recommender.classes.index(row["role"]) for row in texts])
    probabilities = recommender.probabilities([row["text"] for row in texts])
    first = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    measured = metrics.share(right)
    answers = recommender.recommend([row["text"] for row in texts])
    others = recommender.recommend(elsewhere)
    matched = [one for one in others if one.decision == "match"]
    accuracy = claimed["accuracy"]
    return {
        "data": folder.name.replace("_", " "),
        "rows / careers": f"{result.metadata['dataset']['rows']} / {len(recommender.classes)}",
        "top-1 claimed": f"{share(accuracy)}, n = {accuracy['n']}",
        "measured": share(measured),
        "top-3": f"{claimed['top_3']['value']:.0%} / {(metrics.ranks(probabilities, labels) <= 3).mean():.0%}",
        "ECE": f"{claimed['calibration_error']:.2f} / {metrics.calibration_error(probabilities, labels):.2f}",
        "mean confidence": f"{first.mean():.0%}",
        "largest": f"{first.max():.1%}",
        "unsure": str(sum(one.decision == "unsure" for one in answers)),
        "wrong and sure": str(int((~right & (first >= SURE)).sum())),
        "elsewhere matched": f"{len(matched) / len(others):.0%}",
        "and sure": f"{sum(one.careers[0].confidence >= SURE for one in matched) / len(others):.0%}",
    }


def share(entry: dict[str, float]) -> str:
    """A share with its interval."""
    return f"{entry['value']:.0%} ({entry['low']:.0%} to {entry['high']:.0%})"


def main() -> None:
    """Train, ask, and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the cells as JSON")
    as_json = parser.parse_args().json
    elsewhere = [row["text"] for row in rows(DATA / "outside.csv") if row["kind"] == "wish"]
    with tempfile.TemporaryDirectory() as place:
        lines = [
            measure(
                DATA / "small" / name,
                DATA / "small" / f"{name}_further.csv",
                elsewhere,
                Path(place, name),
            )
            for name in SETS
        ]
    if as_json:
        print(json.dumps(lines, indent=1))
        return
    print(f"| {' | '.join(lines[0])} |")
    print(f"|{'---|' * len(lines[0])}")
    for line in lines:
        print(f"| {' | '.join(line.values())} |")


if __name__ == "__main__":
    main()
