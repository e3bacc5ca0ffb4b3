"""What augmentation is worth: learning curves on the default profiles with and without it, judged
on first-person texts by independent writers.

    python benchmarks/augmentation.py [--half tune|report] [--rows 2 5 10] [--cosines]

`head` preset; the same rows for every method, a longer curve holds the shorter ones. --cosines: the
figures from which `LEAST_COSINE` was taken, instead of the table. Needs the train extra.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas
from peers import tasks

from vocation import Recommender, TrainConfig, augment_data, metrics, train
from vocation.config import AUGMENT
from vocation.data import dataset
from vocation.progress import NullProgress
from vocation.serving.network import embeddings
from vocation.training.encoder import base_models
from vocation.training.encoder.network import CareerNetwork
from vocation.training.encoder.shipped import Shipped

HEAD = """\
| profiles a career | augment | new texts | top-1 accuracy (95 % interval) | top-3 accuracy | right only with / only without it | seconds |
|---|---|---|---|---|---|---|"""


def drawn(rows: int, half: str) -> tasks.Task:
    """The task to learn from `rows` profiles of each career."""
    data = dataset.load()
    order = np.random.default_rng(0).permutation(
        [i for i, row in enumerate(data.rows) if row.source == "profiles"]
    )
    chosen = [order[data.labels[order] == label][:rows] for label in range(len(data.roles))]
    return tasks.people(data, np.sort(np.concatenate(chosen)).tolist(), half)


def curves(sizes: list[int], half: str) -> None:
    print(HEAD, flush=True)
    for rows in sizes:
        task, without = drawn(rows, half), None
        for method in AUGMENT:
            start = time.perf_counter()
            probabilities, made = answer(task, method)
            place = metrics.ranks(probabilities, task.truth)
            right = place == 1
            without = right if without is None else without
            first = metrics.share(right)
            interval = f"{first['value']:.1%} ({100 * first['low']:.1f}-{100 * first['high']:.1f})"
            changed = (
                f"{(right & ~without).sum()} / {(without & ~right).sum()}"
                if method != "none"
                else ""
            )
            seconds = time.perf_counter() - start
            print(
                f"| {rows} | {method} | {made} | {interval} | {(place <= 3).mean():.1%} | {changed}"
                f" | {seconds:.0f} |",
                flush=True,
            )


def answer(task: tasks.Task, method: str) -> tuple[np.ndarray, int]:
    """Probabilities (n, classes) for the texts of the task, and how many new texts were made."""
    with tempfile.TemporaryDirectory() as folder:
        files, models = Path(folder) / "data", Path(folder) / "models"
        files.mkdir()
        task.write(files)
        made = train(files, models, preset="head", config={"augment": method}).metadata["dataset"][
            "augmented"
        ]["made"]
        recommender = Recommender.load(models)
        if recommender.classes != task.classes:
            raise SystemExit("the bundle has other careers than the task, or another order")
        return recommender.probabilities(task.test_texts), made


def cosines() -> None:
    """Between different profiles of one career, and between variants and their originals."""
    base = base_models.resolve(base_models.DEFAULT)
    shipped = Shipped.of(CareerNetwork.from_base(base, 2, TrainConfig()), base, TrainConfig())
    data = dataset.load()
    frame = data.frame()[[row.source == "profiles" for row in data.rows]].reset_index(drop=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        table = augment_data(frame, "all", 1.25)
    vectors = embeddings(shipped.encode(list(table.text), NullProgress()), shipped.dim)
    roles = pandas.factorize(frame.role)[0]
    same = (vectors[: len(frame)] @ vectors[: len(frame)].T)[np.triu(roles[:, None] == roles, 1)]
    originals = [int(origin.split(":")[0]) for origin in table.origin[len(frame) :]]
    own = (vectors[len(frame) :] * vectors[originals]).sum(axis=1)
    print(
        f"{len(same):,} pairs of profiles of one career: 99 % below {np.quantile(same, 0.99):.3f},"
        f" largest {same.max():.3f}"
    )
    print(
        f"{len(own):,} variants and their originals: 99 % above {np.quantile(own, 0.01):.3f},"
        f" smallest {own.min():.3f}, median {np.median(own):.3f}"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--half", choices=("tune", "report"), default="tune")
    arguments.add_argument("--rows", nargs="+", type=int, default=[2, 5, 10])
    arguments.add_argument("--cosines", action="store_true")
    args = arguments.parse_args()
    if args.cosines:
        cosines()
    else:
        curves(args.rows, args.half)


if __name__ == "__main__":
    main()
