"""Does a model notice that somebody's career is not among those it knows?

    python benchmarks/held_out_careers.py [--draws 4] [--half tune|report]

The default data is cut into quarters of its careers. Each draw trains the `head` preset without one
quarter, and asks about first-person texts by independent writers: those of the careers left out should be
`unsure`, those of the others should not. AUROC: how often a text of a known career has a better
best probability than one of a career left out. Needs the train extra.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from peers import tasks
from sklearn.metrics import roc_auc_score

from vocation import Recommender, metrics, train
from vocation.data import dataset

QUARTERS = 4


def draw(number: int, half: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of every text: whether its career is known, whether the answer is unsure, and the best
    career's probability.
    """
    data = dataset.load()
    left_out = np.random.default_rng(0).permutation(len(data.roles)) % QUARTERS == number
    task = tasks.people(data, np.flatnonzero(~left_out[data.labels]).tolist(), half)
    with tempfile.TemporaryDirectory() as folder:
        files, models = Path(folder) / "data", Path(folder) / "models"
        files.mkdir()
        task.write(files)
        train(files, models, preset="head")
        recommender = Recommender.load(models)
    answers = recommender.recommend(list(task.test_texts), top_k=1)
    unsure = np.array([answer.decision == "unsure" for answer in answers])
    return ~left_out[task.truth], unsure, recommender.probabilities(task.test_texts).max(axis=1)


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--draws", type=int, default=QUARTERS)
    arguments.add_argument("--half", choices=("tune", "report"), default="tune")
    args = arguments.parse_args()
    drawn = [draw(number, args.half) for number in range(args.draws)]
    known, unsure, best = map(np.concatenate, zip(*drawn, strict=True))
    auroc = np.mean([roc_auc_score(inside, sure) for inside, _, sure in drawn])
    print("| texts of careers | unsure (95 % interval) | texts |\n|---|---|---|")
    for name, chosen in (("left out", ~known), ("known", known)):
        share = metrics.share(unsure[chosen])
        print(
            f"| {name} | {share['value']:.1%} ({100 * share['low']:.1f}-{100 * share['high']:.1f})"
            f" | {share['n']} |"
        )
    wrong = (best[~known & ~unsure] >= 0.8).sum()
    print(
        f"\nAUROC of the best probability {auroc:.3f}; {wrong} of {(~known).sum()} texts of careers"
        " left out get an answer of 80 % and more"
    )


if __name__ == "__main__":
    main()
