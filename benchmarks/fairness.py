"""Swapped names and pronouns with persons masked and not, each by a bundle that was trained so; and
what masking costs in right answers.

    python benchmarks/fairness.py [--bundles ON OFF] [--count 1000] [--seed 42]

Without --bundles both are trained on the default data first (head preset, about two minutes each on
two quiet cores). Right answers are those on the half `tune` of benchmarks/data. Exit status 1 where
the masked bundle breaks a limit of the swaps.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from first_person import rows

import vocation
from vocation import Recommender, metrics
from vocation.fairness import swaps
from vocation.progress import NullProgress


def trained(folder: Path, masked: bool) -> Path:
    return vocation.train(
        None, folder / f"masked-{masked}", preset="head", config={"mask_person": masked}
    ).folder


def right(recommender: Recommender) -> dict[str, float]:
    """First answers on first-person texts by independent writers."""
    people = rows("first_person.csv", "tune")
    labels = np.array([recommender.classes.index(row["career"]) for row in people])
    return metrics.share(
        recommender.probabilities([row["text"] for row in people]).argmax(axis=1) == labels
    )


def short(entry: dict[str, float]) -> str:
    return f"{entry['value']:.2%} ({entry['low']:.2%} to {entry['high']:.2%})"


def main() -> int:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--bundles", nargs=2, type=Path, metavar=("ON", "OFF"))
    arguments.add_argument("--count", type=int, default=1000)
    arguments.add_argument("--seed", type=int, default=42)
    args = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        places = args.bundles or [trained(Path(folder), masked) for masked in (True, False)]
        recommenders = [Recommender.load(place) for place in places]
    if [one.masks_person for one in recommenders] != [True, False]:
        arguments.error(
            "--bundles needs one that masks persons and one that does not, in this order"
        )
    found: list[dict[str, Any]] = [
        swaps.swaps(one, args.count, args.seed, NullProgress()) for one in recommenders
    ]
    print(
        f"seed {args.seed}, {found[0]['texts']} texts\n\n| figure | masked | not masked | limit"
        " |\n|---|---|---|---|"
    )
    for kind in swaps.LIMITS:
        on, off = (one["kinds"][kind] for one in found)
        print(
            f"| {kind}: first answer flips | {short(on['flips'])} | {short(off['flips'])} |"
            f" {on['limit']:.1%} |"
        )
        print(
            f"| {kind}: its probability moves | {on['change']['value']:.4f} |"
            f" {off['change']['value']:.4f} | {swaps.CHANGE} |"
        )
        print(
            f"| {kind}: answer or unsure changes | {short(on['decisions'])} |"
            f" {short(off['decisions'])} | |"
        )
        worst = [
            max(one["kinds"][kind]["pairs"], key=lambda pair: pair["flips"]["value"])
            for one in found
        ]
        said = [f"{pair['a']} / {pair['b']} {short(pair['flips'])}" for pair in worst]
        print(f"| {kind}: pair with most flips | {said[0]} | {said[1]} | |")
    print(
        f"| mean pay of the first five differs by | {found[0]['pay']['value']:.2%} |"
        f" {found[1]['pay']['value']:.2%} | {swaps.PAY:.0%} |"
    )
    for label, source in (
        ("all held-out rows", None),
        ("held-out Q&A", "qa"),
        ("held-out profiles", "profiles"),
    ):
        figures = [one.metadata["metrics"] for one in recommenders]
        shares = [
            one["by_source"][source] if source else one["test"]["accuracy"] for one in figures
        ]
        print(
            f"| top-1 accuracy, {label}, role names masked | {short(shares[0])} |"
            f" {short(shares[1])} | |"
        )
    print(
        f"| top-1 accuracy, first-person texts by independent writers (tune) | {short(right(recommenders[0]))}"
        f" | {short(right(recommenders[1]))} | |"
    )
    for place, share in found[0]["kinds"]["names not listed"]["by_place"].items():
        other = found[1]["kinds"]["names not listed"]["by_place"][place]
        print(
            f"| names not listed, {place} ({share['n']} texts): first answer flips | {short(share)}"
            f" | {short(other)} | |"
        )
    return 0 if found[0]["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
