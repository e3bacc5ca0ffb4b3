"""How much of the accuracy is the voice of a writer? Leave the rows of one out, and ask about them.

    python benchmarks/writers.py [--hands k,o] [--seed 42]

benchmarks/data/writers.csv says which hand wrote a default profile (the first 12 hex digits of the
SHA-256 of its text); each hand wrote about many careers, each career has four hands or more. For
each hand the classifier and the table of words are fitted on the training part without its rows,
and again with as many rows left out by chance, and asked about the same held-out rows of this hand
and about its other rows. The encoder is the default one; nothing else is learnt from these texts.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from pathlib import Path

import numpy as np

from vocation import metrics
from vocation.config import TrainConfig
from vocation.data import dataset
from vocation.progress import NullProgress
from vocation.serving.model import fuse
from vocation.training import heads
from vocation.training.calibrate import learn_weights
from vocation.training.encoder.shipped import Shipped
from vocation.training.prepare import prepare

FEWEST = 100  # held-out texts of a hand below this say nothing


def main() -> None:
    """Print a line for each hand, and their mean."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--hands", help="separated by commas; default: all")
    arguments.add_argument("--seed", type=int, default=42)
    args = arguments.parse_args()
    config = TrainConfig(seed=args.seed)
    data = dataset.load(None)
    prepared = prepare(data, config)
    shipped = Shipped.of(prepared.network(), prepared.base, config)
    rows = prepared.vectors(shipped, NullProgress())
    path = Path(__file__).parent / "data" / "writers.csv"
    with open(path, encoding="utf-8", newline="") as file:
        known = {row["text"]: row["hand"] for row in csv.DictReader(file)}
    hand = np.array(
        [
            known.get(hashlib.sha256(row.cells.get("profile", "").encode()).hexdigest()[:12], "")
            for row in data.rows
        ]
    )
    train, validation = prepared.split.train, prepared.split.validation
    names = args.hands.split(",") if args.hands else sorted(set(hand) - {""})
    gaps = []
    for name in names:
        own = np.flatnonzero(hand == name)
        if len(own) < FEWEST:
            continue
        # Half of the hand's rows are asked about in both fits, and learnt in neither.
        rng = np.random.default_rng(args.seed)
        asked = rng.permutation(own)[: len(own) // 2]
        without = train[hand[train] != name]
        rest = train[~np.isin(train, asked)]
        same = rng.permutation(rest)[: len(without)]
        shares = []
        for chosen in (same, without):
            classifier, _ = heads.train_classifier(
                rows, chosen, np.empty(0, np.int64), config, steps=len(chosen) * 10 // 32
            )
            words = heads.train_ngrams(rows, chosen)

            def scores(
                which: heads.Ints,
                classifier: heads.Classifier = classifier,
                words: heads.NgramTable = words,
            ) -> heads.Scores:
                return {
                    "classifier": heads.scores(classifier, rows.masked[which]),
                    "similarity": rows.similarity(rows.masked[which]),
                    "ngrams": words.scores(rows.masked_ngrams[which]),
                }

            weights = learn_weights(scores(validation), rows.labels[validation])
            place = metrics.ranks(fuse(scores(asked), weights), rows.labels[asked])
            shares.append(metrics.share(place == 1))
        gaps.append(shares[0]["value"] - shares[1]["value"])
        print(
            f"hand {name}: {len(asked)} texts, {shares[0]['value']:.1%} right first with other"
            f" texts of this hand in the training, {shares[1]['value']:.1%} without",
            flush=True,
        )
    print(f"mean difference over {len(gaps)} hands: {np.mean(gaps):.1%}")


if __name__ == "__main__":
    main()
