"""Heads: what is fitted on the exported encoder's vectors, the encoder itself unchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse

from vocation.config import TrainConfig
from vocation.progress import NullProgress
from vocation.serving.network import embeddings
from vocation.training.batches import Examples
from vocation.training.domain import DomainClassifier
from vocation.training.encoder.network import Classifier, HeadOnly
from vocation.training.examples import ExtraExamples, TrainingExamples, class_weights
from vocation.training.loop import fit
from vocation.training.ngrams import NgramTable, fit_ngrams
from vocation.training.schedule import History

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]
Scores = dict[str, Floats]
"""Component scores (n, classes) by name: classifier, similarity, ngrams."""

FOLDS, FOLDS_OF_MANY, MANY = 5, 3, 4_000
"""Parts that calibration holds out in turn. From `MANY` rows on two thirds of them teach as much
as four fifths, and each part costs a fit.
"""


@dataclass(frozen=True)
class Vectors:
    """The rows as the shipped encoder sees them: what every head is fitted on.

    Features `masked` and `plain` (n, features) of the rows without and with the name of their role,
    `masked_ngrams` and `ngrams` (n, BUCKETS) of the same, `names_role` (n) says where they differ;
    `labels` (n). `careers` (classes, d) are the embeddings of the careers themselves.
    `in_domain` and `out_of_domain` are features of texts that ship with the package, `variants` and
    `variant_ngrams` those of the texts of `extra`. `names` (classes, d) and `titles` (m, d) are the
    embeddings of the careers' names and of other occupations' titles, `others` features of texts
    about such occupations.
    """

    masked_ngrams: sparse.csr_matrix
    ngrams: sparse.csr_matrix
    names_role: NDArray[np.bool_]
    masked: Floats
    plain: Floats
    labels: Ints
    careers: Floats
    in_domain: Floats
    out_of_domain: Floats
    names: Floats
    titles: Floats
    others: Floats
    variants: Floats | None = None
    variant_ngrams: sparse.csr_matrix | None = None
    extra: ExtraExamples = field(default_factory=ExtraExamples)

    def examples(self, chosen: Ints, names: bool = True) -> TrainingExamples:
        """What is learned of the rows `chosen`, and the careers' names, if `names`."""
        return self.extra.examples(chosen, self.labels, self.names_role, names)

    def features_of(self, examples: TrainingExamples) -> Floats:
        """Features (examples, features)."""
        tables = [self.masked[examples.masked], self.plain[examples.plain]]
        if self.variants is not None:
            tables.append(self.variants[examples.variants])
        return np.concatenate(tables)

    def ngrams_of(self, examples: TrainingExamples) -> sparse.csr_matrix:
        """N-gram counts (examples, BUCKETS)."""
        tables = [self.masked_ngrams[examples.masked], self.ngrams[examples.plain]]
        if self.variant_ngrams is not None:
            tables.append(self.variant_ngrams[examples.variants])
        return sparse.vstack(tables).tocsr()

    def cosines_to_titles(self, features: Floats) -> tuple[Floats, Floats]:
        """Cosines (n, classes) to the careers' names and (n, m) to other occupations' titles."""
        vectors = embeddings(features, self.names.shape[1])
        return vectors @ self.names.T, vectors @ self.titles.T

    def similarity(self, features: Floats) -> Floats:
        """Cosines (n, classes) of texts to the careers."""
        # Both sides have length 1, so the product is the cosine.
        result: Floats = embeddings(features, self.careers.shape[1]) @ self.careers.T
        return result


def train_classifier(
    rows: Vectors,
    chosen: Ints,
    validation: Ints,
    config: TrainConfig,
    steps: int | None = None,
    progress: NullProgress | None = None,
    begin: Callable[[Classifier], Any] | None = None,
) -> tuple[Classifier, History]:
    """Fit a classifier on the rows `chosen`, each in its plain and its masked form.

    With `validation` rows it stops early and keeps the best epoch; `steps` fixes the length of the
    training instead. `begin` may put other weights into the fresh classifier.
    """
    torch.manual_seed(config.seed)
    classifier = Classifier(
        rows.masked.shape[1], config.hidden_dim, len(rows.careers), config.dropout
    )
    if begin is not None:
        begin(classifier)
    examples = rows.examples(chosen)
    part = _examples(rows.features_of(examples), examples.labels)
    # Masked only: a text that names its career would make every epoch look good.
    held = _examples(rows.masked[validation], rows.labels[validation]) if len(validation) else None
    with _one_thread():
        weights = None
        if config.balance == "weights":
            weights = class_weights(examples.labels, len(rows.careers))
        history = fit(
            HeadOnly(classifier, weights), part, held, config, steps=steps, progress=progress
        )
    # With loss weights the classifier has learned no prior to remove.
    if weights is None:
        remove_frequency(classifier, rows, chosen)
    return classifier.eval(), history


def remove_frequency(classifier: Classifier, rows: Vectors, chosen: Ints) -> None:
    """Remove the class prior of the rows `chosen` from `classifier`: users have another.

    Subtracting the log prior from the bias is the logit adjustment of Menon et al. (2021).
    """
    # Careers without examples count as one, so that the logarithm stays finite.
    frequency = np.bincount(rows.examples(chosen).labels, minlength=len(rows.careers)).clip(1)
    with torch.no_grad():
        # classifier[-1] is the output layer. The mean only shifts all scores alike.
        classifier[-1].bias -= torch.from_numpy(np.log(frequency / frequency.mean())).float()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Train on one thread: so small a network is faster there, above all on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def train_ngrams(rows: Vectors, chosen: Ints) -> NgramTable:
    """Fit the n-gram table on the rows `chosen`, in every form, but not on the careers' names.

    An n-gram has no context: "I do not want to be a nurse" would count for nurse.
    """
    examples = rows.examples(chosen, names=False)
    return fit_ngrams(rows.ngrams_of(examples), examples.labels, len(rows.careers))


def scores(classifier: Classifier, vectors: Floats) -> Floats:
    """Classifier scores (n, classes)."""
    with torch.no_grad():
        result: Floats = classifier(
            torch.from_numpy(np.ascontiguousarray(vectors, np.float32))
        ).numpy()
    return result


def out_of_fold(
    rows: Vectors,
    folds: Sequence[tuple[Ints, Ints]],
    config: TrainConfig,
    steps: int,
    progress: NullProgress,
    plain: bool = False,
) -> list[Scores]:
    """Component scores (n, classes), each row scored by heads that have not seen it.

    NaN for rows outside all folds. The first are those of the masked rows; with `plain` there are
    also those of the rows with the names of their roles.
    """
    forms = [(rows.masked, rows.masked_ngrams), (rows.plain, rows.ngrams)][: 1 + plain]
    shape = len(rows.labels), len(rows.careers)
    found: list[Scores] = [
        {
            "classifier": np.full(shape, np.nan, np.float32),
            "similarity": rows.similarity(features),
            "ngrams": np.full(shape, np.nan, np.float32),
        }
        for features, _ in forms
    ]
    with progress.bar("calibrating", len(folds)) as bar:
        for chosen, held in folds:
            # No validation rows and a fixed number of steps: the held rows stay unseen.
            classifier, _ = train_classifier(rows, chosen, np.empty(0, np.int64), config, steps)
            table = train_ngrams(rows, chosen)
            for own, (features, ngrams) in zip(found, forms, strict=True):
                own["classifier"][held] = scores(classifier, features[held])
                own["ngrams"][held] = table.scores(ngrams[held])
            bar.update(1)
    return found


def domain_out_of_fold(rows: Vectors, held: Ints) -> tuple[Floats, Floats, Floats]:
    """Domain scores of the rows `held`, of `rows.in_domain` and of `rows.out_of_domain`.

    None is from a fit that has seen its text.
    """
    inside, outside = np.concatenate([rows.masked[held], rows.in_domain]), rows.out_of_domain
    found = np.empty(len(inside)), np.empty(len(outside))
    for fold in range(FOLDS):
        # Every FOLDS-th text: neighbours come from one file, so each fold has all kinds.
        a, b = (np.arange(len(table)) % FOLDS == fold for table in (inside, outside))
        domain = DomainClassifier.fit(inside[~a], outside[~b])
        found[0][a], found[1][b] = domain.score(inside[a]), domain.score(outside[b])
    # `inside` was joined from two tables: cut at the end of the first.
    return found[0][: len(held)], found[0][len(held) :], found[1]


def _examples(vectors: Floats, labels: Ints) -> Examples:
    x, y = torch.from_numpy(np.ascontiguousarray(vectors, np.float32)), torch.from_numpy(labels)

    def batch(numbers: list[int]) -> dict[str, torch.Tensor]:
        return {"vectors": x[numbers], "labels": y[numbers]}

    return Examples(len(y), batch)  # no lengths: vectors need no padding
