"""Skills and pay beside the career: what they are worth on held-out rows of the default data and of
real job adverts.

    python benchmarks/multitask.py [--postings ../shared/data/job_postings_salary.csv] [--splits 5]

Trains the head preset on the default data for its skills (two minutes on two cores, less where
texts were read before), reads about 600 adverts for their pay (a minute), and prints the lines that
stand in results.md. Needs the train extra.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import tempfile
from pathlib import Path

import numpy as np

import vocation
from vocation import metrics
from vocation.bundle import tasks
from vocation.config import TrainConfig
from vocation.data import pay, split
from vocation.data.dataset import load
from vocation.progress import NullProgress
from vocation.text.clean import clean, mask_role
from vocation.text.skills import Skills
from vocation.training import pay as salary
from vocation.training.encoder import base_models
from vocation.training.encoder.network import CareerNetwork
from vocation.training.encoder.shipped import Shipped

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "examples"))
import job_postings  # noqa: E402

# "Python: 2 years (Preferred)": what some adverts list at their end.
LISTED = re.compile(
    r"^[ \t·•-]*([A-Za-z.#+/&' -]{1,40}?):\s*\d+\+?\s*years?\s*\((?:Preferred|Required)\)[ \t]*$",
    re.MULTILINE,
)


def default_skills() -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = vocation.train(None, Path(folder) / "models", preset="head")
    print("Default data:", *tasks.lines(result.metadata["tasks"]), sep="\n  ")


def advert_skills(source: Path) -> None:
    """Skills that an advert lists at its end, looked for in the rest of it: by our reader, and by
    plain search for the name as a whole word.
    """
    with source.open(encoding="utf-8", newline="") as file:
        texts = list(dict.fromkeys(row["Job Description"] for row in csv.DictReader(file)))
    listed = [[name.strip().casefold() for name in LISTED.findall(text)] for text in texts]
    names = sorted({name for found in listed for name in found})
    rows = [
        (clean(LISTED.sub("", text)), set(found))
        for text, found in zip(texts, listed, strict=True)
        if found
    ]
    reader = Skills(names)

    def plain(text: str) -> set[str]:
        return {
            name
            for name in names
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)
        }

    print(
        f"Adverts with a list of skills: {len(rows)}, {len(names)} names,"
        f" {sum(len(found) for _, found in rows)} listed"
    )
    for label, look in (
        ("our reader", lambda text: set(reader.held(text))),
        ("plain search", plain),
    ):
        counts = np.array(
            [[len(look(text) & found), len(look(text)), len(found)] for text, found in rows], float
        )
        right, made, real = counts.sum(axis=0)
        drawn = counts[np.random.default_rng(0).integers(0, len(rows), (1000, len(rows)))].sum(
            axis=1
        )
        low, high = np.quantile(2 * drawn[:, 0] / (drawn[:, 1] + drawn[:, 2]), [0.025, 0.975])
        print(
            f"  {label:<13} precision {right / made:.3f}, recall {right / real:.3f}, F1"
            f" {2 * right / (made + real):.3f} ({low:.3f} to {high:.3f})"
        )


def advert_pay(source: Path, splits: int) -> None:
    """Pinball loss of the head and of the career's median over several splits of the adverts with
    pay.
    """
    with tempfile.TemporaryDirectory() as folder:
        read, kept = job_postings.convert(source, Path(folder))
        data = load(folder)
    collected = pay.collect(data.rows)
    print(
        f"Adverts: {read} read, {kept} different, {len(data.rows)} after near-duplicates,"
        f" {len(collected.ranges)} with pay in {collected.currency}"
    )
    config = TrainConfig()
    base = base_models.resolve(config.base_model)
    shipped = Shipped.of(CareerNetwork.from_base(base, len(data.roles), config), base, config)
    features = shipped.encode(
        [
            mask_role(text, data.roles[label])
            for text, label in zip(data.texts, data.labels, strict=True)
        ],
        NullProgress(),
    )
    found = [
        salary.judge(data, collected, features, split.split(data.labels, data.groups, seed), seed)
        for seed in range(splits)
    ]
    for seed, figures in enumerate(found):
        losses = ", ".join(
            f"{name} {figures[name]['pinball']['value']:.4f}" for name in ("head", "median", "mean")
        )
        gap = figures["difference"]
        said = (
            f"head minus the better other {gap['value']:+.4f} ({gap['low']:+.4f} to"
            f" {gap['high']:+.4f}), better: {figures['better']}"
        )
        print(f"  split {seed}: {figures['judged']} rows, {losses}, {said}")
    for name in ("head", "median", "mean"):
        mean = {
            key: np.mean([figures[name][key]["value"] for figures in found])
            for key in ("pinball", "inside")
        }
        off = np.mean([figures[name]["off_by"] for figures in found])
        print(
            f"  {name}: pinball {mean['pinball']:.4f}, 10-90 % range holds {mean['inside']:.1%},"
            f" median error {off:.1%}"
        )
    means = np.array([figures["difference"]["value"] for figures in found])
    print(
        f"  difference of the means {means.mean():+.4f}, {metrics.share(means < 0)['value']:.0%} of"
        " the splits below 0"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--postings", type=Path, default=ROOT.parent / "shared" / "data" / "job_postings_salary.csv"
    )
    parser.add_argument("--splits", type=int, default=5)
    args = parser.parse_args()
    if args.postings.is_file():
        advert_skills(args.postings)
        advert_pay(args.postings, args.splits)
    else:
        print(f"no adverts at {args.postings}: their figures are left out")
    default_skills()


if __name__ == "__main__":
    main()
