"""Which labels may be wrong: every row is judged by models that have not seen it, and compared with
what its file says.

The way of "confident learning" (Northcutt, Jiang, Chuang, "Confident Learning: Estimating
Uncertainty in Dataset Labels", Journal of Artificial Intelligence Research 70, 2021): out-of-fold
probabilities, rows ranked by how little the present label has of them. How much is too little comes
from a noise model whose one number, the share of wrong labels, is learned from the same rows.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from vocation.config import TrainConfig
from vocation.data import split
from vocation.data.dataset import Dataset
from vocation.progress import NullProgress
from vocation.records import Career
from vocation.reports.label_issues import LabelIssue, LabelReport, start
from vocation.serving.model import softmax
from vocation.serving.network import embeddings
from vocation.training import heads
from vocation.training.calibrate import LEAST_ROWS
from vocation.training.encoder import base_models
from vocation.training.encoder.network import CareerNetwork
from vocation.training.encoder.shipped import Shipped, career_text
from vocation.training.ngrams import counts, fit_ngrams

LEAST = 0.25
"""A row is listed from this probability of a wrong label on. Of 5 % wrong labels (seeds 100 and
101 of benchmarks/label_issues.py) .5 lists 70 to 90 %, .3 five to ten points more, and four of five
listed rows are still wrong.
"""

_MOST_WRONG = 0.4  # of the labels: where more are, nothing shows which
_RIDGE = 0.1  # on features of length 1; between .03 and .3 nothing changes


def find_issues(data: Dataset, config: TrainConfig, progress: NullProgress) -> LabelReport:
    """The rows of `data` whose label is doubtful, by the frozen encoder's vectors, the words, and
    the names of the careers.

    Near-duplicates are held out together. Rows are read as they are: a career named in a text is
    the best hint of a wrong label there is.
    """
    groups_of = np.array(
        [len(np.unique(data.groups[data.labels == label])) for label in range(len(data.roles))]
    )
    # With fewer groups a career may have no other row to learn from while one is held out.
    judged = np.flatnonzero(groups_of[data.labels] >= split.FEWEST_GROUPS)
    if len(judged) < LEAST_ROWS:
        return LabelReport((), 0, len(data.rows), 0.0, 0.0)
    tables = [table[judged] for table in _out_of_fold(data, config, progress).values()]
    labels, own = data.labels[judged], np.arange(len(judged))
    probabilities, share = _true_careers(tables, labels)
    right = float((probabilities.argmax(axis=1) == labels).mean())
    doubts = _wrong(probabilities[own, labels], share, len(data.roles))
    # The argmax below then finds the best career but the present one.
    probabilities[own, labels] = -1.0
    other, found = probabilities.argmax(axis=1), []
    # Most doubtful first; "stable" keeps rows of equal doubt in the order of the files.
    for i in np.argsort(-doubts, kind="stable").tolist():
        if doubts[i] >= LEAST:
            row, text = data.rows[judged[i]], data.texts[judged[i]]
            found.append(
                LabelIssue(
                    row.file,
                    row.line,
                    row.role,
                    data.roles[other[i]],
                    float(doubts[i]),
                    start(text),
                )
            )
    return LabelReport(tuple(found), len(judged), len(data.rows) - len(judged), right, share)


def _true_careers(tables: list[heads.Floats], labels: heads.Ints) -> tuple[heads.Floats, float]:
    """The probability of each career (n, careers) from several scores (n, careers), and the share
    of wrong labels.

    Both are learned at once, as what makes the `labels` (n) most likely if that share of them was
    drawn from the other careers: without it the wrong labels would make every probability timid,
    the more so the fewer careers there are.
    """
    # Per standard deviation, so that one ridge fits all scores.
    tables = [table.astype(np.float64) / (table.std() + 1e-9) for table in tables]
    own, careers = (np.arange(len(labels)), labels), tables[0].shape[1]

    def mixed(weights: heads.Floats) -> heads.Floats:
        result: heads.Floats = softmax(
            sum(weight * table for weight, table in zip(weights, tables, strict=True))
        )
        return result

    def loss(values: heads.Floats) -> float:
        """Log loss of the own labels under the mixture that `values` stand for."""
        present, share = mixed(values[:-1])[own], values[-1]
        # Right with 1 - share, else one of the other careers, all equally likely.
        likely = (1 - share) * present + share * (1 - present) / (careers - 1)
        return float(
            -np.log(np.maximum(likely, 1e-12)).mean() + 1e-4 * (values[:-1] ** 2).sum()
        )  # a touch of ridge, as in `heads`

    begin = [1.0] * len(tables) + [0.02]
    bounds = [(0.0, 50.0)] * len(tables) + [(1e-4, _MOST_WRONG)]
    # No gradient: for so few numbers finite differences are cheap.
    values = minimize(loss, begin, method="L-BFGS-B", bounds=bounds).x
    return mixed(values[:-1]), float(values[-1])


def _wrong(present: heads.Floats, share: float, careers: int) -> heads.Floats:
    """The probability (n) of a wrong label by Bayes' rule, from the present label's (n)."""
    wrong = share * (1 - present) / (careers - 1)
    result: heads.Floats = wrong / np.maximum(wrong + (1 - share) * present, 1e-300)
    return result


def _out_of_fold(data: Dataset, config: TrainConfig, progress: NullProgress) -> heads.Scores:
    """Scores (n, careers) of what has not seen the row: linear on the encoder's vectors, words,
    likeness to the career's name.

    A career's description would be no fair judge: it comes from one of the rows.
    """
    folder = base_models.resolve(config.base_model)
    shipped = Shipped.of(CareerNetwork.from_base(folder, len(data.roles), config), folder, config)
    careers = [career_text(Career(role)) for role in data.roles]
    table = shipped.encode([*data.texts, *careers], progress)
    # Encoded in one call: first the rows, then the names of the careers.
    vectors, names = np.split(table, [len(data.texts)])
    ngrams = counts(data.texts)
    found = {
        name: np.zeros((len(vectors), len(names)), np.float32) for name in ("vectors", "ngrams")
    }
    folds = split.folds(data.labels, data.groups, heads.FOLDS, config.seed)
    with progress.bar("asking about every row", len(folds)) as bar:
        for seen, held in folds:
            found["vectors"][held] = _linear(
                vectors[seen], data.labels[seen], vectors[held], len(names)
            )
            found["ngrams"][held] = fit_ngrams(ngrams[seen], data.labels[seen], len(names)).scores(
                ngrams[held]
            )
            bar.update(1)
    return found | {"names": embeddings(vectors, shipped.dim) @ embeddings(names, shipped.dim).T}


def _linear(x: heads.Floats, labels: heads.Ints, asked: heads.Floats, classes: int) -> heads.Floats:
    """Scores (asked, classes) of a ridge regression from features `x` (n, features) to classes, in
    which rows of rare ones count more.
    """
    # For each row the number of rows of its career, and from that its importance (n, 1).
    sizes = np.bincount(labels, minlength=classes)[labels]
    importance = np.sqrt(sizes.mean() / sizes)[:, None]
    y = np.eye(classes)[labels]
    # Centred: 0 stands for a career's usual share of the rows.
    y -= np.average(y, axis=0, weights=importance[:, 0])
    mean = x.mean(axis=0)
    x = (x - mean).astype(np.float64)
    within = x.T @ (importance * x)
    # The diagonal holds the ridge penalty of the normal equations.
    within[np.diag_indices_from(within)] += _RIDGE
    result: heads.Floats = (asked - mean) @ np.linalg.solve(within, x.T @ (importance * y))
    return result
