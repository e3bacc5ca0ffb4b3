"""How well are O*NET's own occupations told apart, with a third of each one's tasks held out?

    python benchmarks/onet.py PATH [--limit N] [--only CODES] [--bundle DIR] [--first-person]

PATH is an O*NET download. Of every occupation with six tasks and more a third is held out (every
third one, from the second on); `vocation import` writes the rest, the `head` preset learns it, and
the tasks held out, joined as one text with the occupation's titles masked, are asked. By groups of
the classification (SOC minor group, the first four characters of a code) an answer counts if its
career is in the right one. --bundle keeps the bundle. --first-person asks "I administer
medication" instead of "Administer medication". Needs the train extra. Prints a table; copy it with
the command and the machine into benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from serving import OURS, warm

from vocation import Recommender, metrics
from vocation.bundle import layout
from vocation.importing import read_catalogue, writing
from vocation.importing.occupations import Catalogue, Occupation
from vocation.text.clean import mask_role

FEWEST = 6
THIRD = 3

# The training in a process of its own: its peak memory is nobody else's.
TRAIN = """
import json, resource, sys
from vocation import train
result = train(sys.argv[1], sys.argv[2], preset="head")
print(json.dumps({
    "seconds": result.seconds,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    "test": result.metadata["metrics"]["test"]["accuracy"]["value"],
}))
"""


def hold_out(catalogue: Catalogue) -> list[tuple[Occupation, str]]:
    """Take a third of the tasks out of the catalogue; return them, by occupation, as one text."""
    asked = []
    for one in catalogue.occupations:
        if len(one.tasks) >= FEWEST:
            held = one.tasks[1::THIRD]
            one.tasks = [task for task in one.tasks if task not in held]
            asked.append((one, " ".join(held)))
    return asked


def without_titles(one: Occupation, text: str) -> str:
    """The text without the occupation's title and other titles, in singular and plural."""
    for title in sorted({one.title, *one.titles}, key=len, reverse=True):
        text = mask_role(mask_role(text, title), title.removesuffix("s"))
    return text


def first_person(text: str) -> str:
    """ "I administer medication." of "Administer medication.": each task begins with a verb."""
    return re.sub(r"(^|(?<=[.!?] ))([A-Z])(\w+)", lambda m: f"I {m[2].lower()}{m[3]}", text)


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("path", type=Path)
    arguments.add_argument("--limit", type=int)
    arguments.add_argument("--only", type=lambda codes: codes.split(","))
    arguments.add_argument("--bundle", type=Path)
    arguments.add_argument("--first-person", action="store_true")
    args = arguments.parse_args()
    catalogue = read_catalogue("onet", args.path, None, args.only, args.limit)
    asked = hold_out(catalogue)
    with tempfile.TemporaryDirectory() as name:
        models = args.bundle or Path(name) / "models"
        writing.write(catalogue, Path(name) / "data")
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", TRAIN, str(Path(name) / "data"), str(models)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        seconds = time.perf_counter() - start
        trained = json.loads(done.stdout.splitlines()[-1])
        tell(catalogue, asked, models, args.first_person)
        size = sum((models / file).stat().st_size for file in layout.SERVING) / 1e6
        median, late, _ = warm(OURS, models)
    print(f"| one answer, warm, median / 95th percentile | {median:.1f} / {late:.1f} ms |")
    print(f"| training: seconds, peak memory | {seconds:.0f} s, {trained['peak']:,.0f} MB |")
    print(f"| serving part of the bundle | {size:.1f} MB |")
    print(f"| accuracy on the training's own test part | {trained['test']:.1%} |")


def tell(
    catalogue: Catalogue, asked: list[tuple[Occupation, str]], models: Path, person: bool
) -> None:
    """Print the share of texts with the right career first and among three, and of the groups."""
    recommender = Recommender.load(models)
    texts = [without_titles(one, text) for one, text in asked]
    chances = recommender.probabilities([first_person(one) if person else one for one in texts])
    code = {one.title: one.code for one in catalogue.occupations}
    group = np.array([code[name][:4] for name in recommender.classes])
    place = {name: i for i, name in enumerate(recommender.classes)}
    truth = np.array([place[one.title] for one, _ in asked])
    first = np.argsort(-chances, axis=1)[:, :THIRD]
    print(f"| {catalogue.name}: {len(code):,} occupations, {len(asked):,} asked | |\n|---|---|")
    for what, right in (
        ("career", first == truth[:, None]),
        ("minor group", group[first] == group[truth][:, None]),
    ):
        shares = [metrics.share(hit) for hit in (right[:, 0], right.any(axis=1))]
        told = " / ".join(f"{one['value']:.1%}" for one in shares)
        low, high = shares[0]["low"], shares[0]["high"]
        print(f"| {what}: first / top 3 | {told} (first: {100 * low:.1f}-{100 * high:.1f}) |")


if __name__ == "__main__":
    main()
