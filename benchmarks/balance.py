"""What balancing is worth: a quarter of the default careers cut down to few profiles, judged on
first-person texts by other hands.

    python benchmarks/balance.py [--rare 2] [--half tune|report]

`head` preset. Four draws: each career is one of the rare ones once, so that every text is judged
once as a rare career's and three times as another's. Needs the train extra.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from peers import tasks

from vocation import Recommender, metrics, train
from vocation.config import BALANCE
from vocation.data import dataset

DRAWS = 4
HEAD = """\
| balance | rare careers: first right (95 % interval) | in top 3 | right only with / only without it | other careers: first right | in top 3 |
|---|---|---|---|---|---|"""


def drawn(draw: int, rare: int, half: str) -> tuple[tasks.Task, np.ndarray]:
    """All profiles, but of each rare career only `rare`; and which careers are rare (classes)."""
    data = dataset.load()
    few = np.random.default_rng(0).permutation(len(data.roles)) % DRAWS == draw
    profiles = np.array([row.source == "profiles" for row in data.rows])
    chosen = [
        np.flatnonzero(profiles & (data.labels == label))[: rare if few[label] else None]
        for label in range(len(data.roles))
    ]
    return tasks.people(data, np.sort(np.concatenate(chosen)).tolist(), half), few


def answer(task: tasks.Task, balance: str) -> np.ndarray:
    """Probabilities (n, classes) for the texts of the task."""
    with tempfile.TemporaryDirectory() as folder:
        files, models = Path(folder) / "data", Path(folder) / "models"
        files.mkdir()
        task.write(files)
        train(files, models, preset="head", config={"balance": balance})
        return Recommender.load(models).probabilities(task.test_texts)


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--rare", type=int, default=2)
    arguments.add_argument("--half", choices=("tune", "report"), default="tune")
    args = arguments.parse_args()
    print(HEAD, flush=True)
    without = None
    for balance in BALANCE:
        ranks, rare = [], []
        for draw in range(DRAWS):
            task, few = drawn(draw, args.rare, args.half)
            ranks.append(metrics.ranks(answer(task, balance), task.truth))
            rare.append(few[task.truth])
        place, seldom = np.concatenate(ranks), np.concatenate(rare)
        right = (place == 1)[seldom]
        without = right if without is None else without
        first = metrics.share(right)
        interval = f"{first['value']:.1%} ({100 * first['low']:.1f}-{100 * first['high']:.1f})"
        changed = (
            f"{(right & ~without).sum()} / {(without & ~right).sum()}" if balance != "none" else ""
        )
        other = f"{(place[~seldom] == 1).mean():.1%} | {(place[~seldom] <= 3).mean():.1%}"
        print(
            f"| {balance} | {interval} | {(place[seldom] <= 3).mean():.1%} | {changed} | {other} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
