"""How should a long text be read? Lengths of window and ways of pooling, on unique resumes, ten
splits, one and the same plain classifier.

    python benchmarks/windows.py

Needs the train extra and ../shared. Prints a table; copy it with the command and the machine into
benchmarks/results.md.
"""

from __future__ import annotations

import numpy as np
from peers import tasks
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from vocation import metrics
from vocation.config import TrainConfig
from vocation.serving.model import softmax
from vocation.serving.network import Network, windows_feed
from vocation.training.domain import DomainClassifier
from vocation.training.encoder import base_models
from vocation.training.encoder.network import CareerNetwork, Classifier
from vocation.training.encoder.shipped import Shipped

SPLITS = 10
ALL = 10_000  # more windows than any text has


def windows(texts: list[str], length: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each text the features of its windows (windows, features), each read as a text of its
    own, and the windows' lengths in tokens.
    """
    config = TrainConfig(max_length=length)
    folder = base_models.resolve(config.base_model)
    shipped = Shipped.of(CareerNetwork.from_base(folder, 2, config), folder, config)
    size = 3 * shipped.dim
    network = Network(
        shipped.model(Classifier(size, 1, 1, 0.0), DomainClassifier.open(size)), shipped.tokenizer
    )
    found = []
    for text in texts:
        ids, _ = network._reader.windows(text, ALL)
        feeds = (windows_feed([[one]], network._reader.pad) for one in ids)
        vectors = np.concatenate([network._session.run(["features"], feed)[0] for feed in feeds])
        found.append((vectors, np.array([len(one) for one in ids], np.float64)))
    return found


POOLINGS = {
    "mean, by length": lambda v, n: (v * (n / n.sum())[:, None]).sum(axis=0),
    "first window only": lambda v, n: v[0],
    "largest of each number": lambda v, n: v.max(axis=0),
    "mean of first and last": lambda v, n: (v[0] + v[-1]) / 2,
}


def main() -> None:
    splits = [tasks.task("resumes", number) for number in range(SPLITS)]
    texts = sorted({*splits[0].train_texts, *splits[0].test_texts})
    print(
        "| tokens in a window | pooling | first right (95 % interval) | in top 3"
        " |\n|---|---|---|---|"
    )
    for length in (64, 128, 256):
        read = windows(texts, length)
        for name, pool in POOLINGS.items():
            pooled = [pool(*one) for one in read]
            table = dict(
                zip(texts, (vector / np.linalg.norm(vector) for vector in pooled), strict=True)
            )
            ranks = np.concatenate([judge(task, table) for task in splits])
            first, third = metrics.share(ranks == 1), (ranks <= 3).mean()
            print(
                f"| {length} | {name} | {first['value']:.1%}"
                f" ({100 * first['low']:.1f}-{100 * first['high']:.1f}) | {third:.1%} |",
                flush=True,
            )


def judge(task: tasks.Task, table: dict[str, np.ndarray]) -> np.ndarray:
    """Ranks (test rows) of the true classes."""
    x, asked = (
        np.array([table[text] for text in texts]) for texts in (task.train_texts, task.test_texts)
    )
    model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(x, task.train_labels)
    scores = np.full((len(asked), len(task.classes)), -1e9)
    scores[:, model.classes_] = model.decision_function(asked)
    return metrics.ranks(softmax(scores), task.truth)


if __name__ == "__main__":
    main()
