"""Skills that a text holds in other words or by a job, and texts that only look like it.

    python benchmarks/skills_said.py [--bundle models] [--part report]

Reads benchmarks/data/skills_said.csv: a text, a skill, and whether the text holds it. "By name" is
the search for the names of skills alone, "all" what `Recommender.skills` finds, suggestions apart.
The rows and the table of other words are by one author: how many are found is an upper estimate.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Collection
from pathlib import Path

from vocation import Recommender
from vocation.text.skills import Skills

SAID = Path(__file__).parent / "data" / "skills_said.csv"


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--bundle", type=Path, default=Path("models"))
    arguments.add_argument("--part", choices=("tune", "report"), default="report")
    options = arguments.parse_args()
    recommender = Recommender.load(options.bundle)
    by_name = Skills(skill for career in recommender.careers for skill in career.skills)
    readers: dict[str, Callable[[str], Collection[str]]] = {
        "by name": by_name.held,
        "all": lambda text: {
            one.skill for one in recommender.skills(text) if one.how != "suggested"
        },
    }
    with open(SAID, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["part"] == options.part]
    print("| said by | reader | found of those held | false of those not held |\n|---|---|---|---|")
    for kind in ("words", "job"):
        for name, read in readers.items():
            counts = []
            for held in ("1", "0"):
                own = [row for row in rows if row["kind"] == kind and row["held"] == held]
                found = sum(row["skill"] in read(row["text"]) for row in own)
                counts.append(f"{found} of {len(own)}")
            print(f"| {kind} | {name} | {' | '.join(counts)} |")


if __name__ == "__main__":
    main()
