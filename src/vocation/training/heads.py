"""What is fitted on the shipped encoder's own vectors: the classifier, and the calibration that
turns two scores into a probability.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from vocation import metrics
from vocation.config import TrainConfig
from vocation.progress import NullProgress
from vocation.serving.model import add, fuse, softmax
from vocation.serving.network import embeddings
from vocation.training.batches import Part
from vocation.training.domain import Scope
from vocation.training.encoder.network import Classifier, HeadOnly
from vocation.training.examples import ExtraExamples, TrainingExamples, class_weights
from vocation.training.loop import fit
from vocation.training.ngrams import Table, fit_words
from vocation.training.schedule import History

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]
Members = dict[str, Floats]

FOLDS = 5
_FALSE_ALARMS = 0.01  # share of texts in scope that may be taken for something else
# share of held-out rows with a right answer that may be taken for a career which the model does not
# know
_FALSE_STRANGERS = 0.03
_STRANGERS = 0.9  # share of texts about such careers that it is enough to notice
# share of them noticed where no row is held out; of right answers by similarity alone 2 to 4 % are
# then doubted too
_UNTAUGHT_STRANGERS = 0.25
LEAST_ROWS = 20  # fewer held-out rows teach nothing about weights
_UNTRAINED = {
    "classifier": 0.0,
    "similarity": 15.0,
    "ngrams": 0.0,
}  # 15: on cosines of MiniLM the temperature that calibrates name-and-description answers


@dataclass(frozen=True)
class Vectors:
    """The rows as the shipped encoder sees them: features `masked` and `plain` (n, features),
    `labels` (n), embeddings `anchors` (classes, d) of the careers themselves.

    `words` and `plain_words` (n, BUCKETS) are the n-grams of the same rows, `named` (n) says which
    of them hold the name of their role. `people` and `others` are the features of texts in and out
    of scope that come with us. `variants` and `variant_words` are those of the texts of `further`.
    """

    words: sparse.csr_matrix
    plain_words: sparse.csr_matrix
    named: NDArray[np.bool_]
    masked: Floats
    plain: Floats
    labels: Ints
    anchors: Floats
    people: Floats
    others: Floats
    variants: Floats | None = None
    variant_words: sparse.csr_matrix | None = None
    further: ExtraExamples = field(default_factory=ExtraExamples)

    def taught(self, chosen: Ints, names: bool = True) -> TrainingExamples:
        """What is learnt of the rows `chosen`: masked forms, plain ones where they differ, and
        variants; and the careers' names, if `names`.
        """
        return self.further.lesson(chosen, self.labels, self.named, names)

    def features(self, lesson: TrainingExamples) -> Floats:
        """The features (examples, features) of a lesson."""
        tables = [self.masked[lesson.masked], self.plain[lesson.plain]]
        return np.concatenate(
            [*tables, self.variants[lesson.variants]] if self.variants is not None else tables
        )

    def ngrams(self, lesson: TrainingExamples) -> sparse.csr_matrix:
        """The n-grams (examples, BUCKETS) of a lesson."""
        tables = [self.words[lesson.masked], self.plain_words[lesson.plain]]
        return sparse.vstack(
            [*tables, self.variant_words[lesson.variants]]
            if self.variant_words is not None
            else tables
        ).tocsr()

    def similarity(self, features: Floats) -> Floats:
        """Cosines (n, classes) of texts to the careers."""
        result: Floats = embeddings(features, self.anchors.shape[1]) @ self.anchors.T
        return result


@dataclass(frozen=True)
class Calibration:
    """How scores become a probability and a decision; the fields go into model_metadata.json as
    they are.
    """

    weights: dict[str, float]
    weights_without_ngrams: dict[str, float]
    set_threshold: float
    domain_threshold: float
    domain_confidence: float
    confidence_threshold: float
    logit_threshold: float | None
    learnt_from: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values for model_metadata.json."""
        return asdict(self)


def train_classifier(
    rows: Vectors,
    chosen: Ints,
    validation: Ints,
    config: TrainConfig,
    steps: int | None = None,
    progress: NullProgress | None = None,
    begin: Callable[[Classifier], Any] | None = None,
) -> tuple[Classifier, History]:
    """Fit a classifier on the rows `chosen`, each in its plain and its masked form; with
    `validation` rows it stops early and keeps the best epoch.

    `steps` fixes the length of the training instead. `begin` may put other weights into the fresh
    classifier.
    """
    torch.manual_seed(config.seed)
    classifier = Classifier(
        rows.masked.shape[1], config.hidden_dim, len(rows.anchors), config.dropout
    )
    if begin is not None:
        begin(classifier)
    lesson = rows.taught(chosen)
    part = _part(rows.features(lesson), lesson.labels)
    held = _part(rows.masked[validation], rows.labels[validation]) if len(validation) else None
    with _one_thread():
        weights = (
            class_weights(lesson.labels, len(rows.anchors)) if config.balance == "weights" else None
        )
        history = fit(
            HeadOnly(classifier, weights), part, held, config, steps=steps, progress=progress
        )
    if weights is None:
        remove_frequency(classifier, rows, chosen)
    return classifier.eval(), history


def remove_frequency(classifier: Classifier, rows: Vectors, chosen: Ints) -> None:
    """Take out of `classifier` what it learnt from the rows `chosen` about how frequent each career
    is: seekers do not come in that proportion.
    """
    frequency = np.bincount(rows.taught(chosen).labels, minlength=len(rows.anchors)).clip(1)
    with torch.no_grad():
        classifier[-1].bias -= torch.from_numpy(np.log(frequency / frequency.mean())).float()


@contextmanager
def _one_thread() -> Iterator[None]:
    """So small a network is faster on one thread, and many times faster where other programs keep
    the cores busy.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def train_words(rows: Vectors, chosen: Ints) -> Table:
    """The table of words from the rows `chosen`, in all forms that are learnt of them. Not from the
    careers' names: a word has no context, so "I do not want to be a nurse" would count for nurse.
    """
    lesson = rows.taught(chosen, names=False)
    return fit_words(rows.ngrams(lesson), lesson.labels, len(rows.anchors))


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
) -> Members:
    """Scores of all members (n, classes) in which no row was scored by what has seen it; NaN for
    rows outside all folds.
    """
    shape = len(rows.labels), len(rows.anchors)
    logits, lexical = np.full(shape, np.nan, np.float32), np.full(shape, np.nan, np.float32)
    with progress.bar("calibrating", len(folds)) as bar:
        for chosen, held in folds:
            classifier, _ = train_classifier(rows, chosen, np.empty(0, np.int64), config, steps)
            logits[held] = scores(classifier, rows.masked[held])
            lexical[held] = train_words(rows, chosen).scores(rows.words[held])
            bar.update(1)
    return {"classifier": logits, "similarity": rows.similarity(rows.masked), "ngrams": lexical}


def scope_out_of_fold(rows: Vectors, held: Ints) -> tuple[Floats, Floats, Floats]:
    """Scope scores of the rows `held`, of `rows.people` and of `rows.others`, none from a fit that
    has seen it.
    """
    inside, outside = np.concatenate([rows.masked[held], rows.people]), rows.others
    found = np.empty(len(inside)), np.empty(len(outside))
    for fold in range(FOLDS):
        a, b = (np.arange(len(table)) % FOLDS == fold for table in (inside, outside))
        scope = Scope.fit(inside[~a], outside[~b])
        found[0][a], found[1][b] = scope.score(inside[a]), scope.score(outside[b])
    return found[0][: len(held)], found[0][len(held) :], found[1]


def _learn_doubt(
    inside: Floats, sure_inside: Floats, outside: Floats, sure_outside: Floats
) -> tuple[float, float]:
    """How much confidence makes up for scope, and the least sum of both: from scope scores and top
    probabilities in and out of scope.

    At most _FALSE_ALARMS of the texts in scope fall below that sum.
    """
    sure = logit(np.clip(np.concatenate([sure_inside, sure_outside]), 1e-6, 1 - 1e-6))
    x = np.stack([np.concatenate([inside, outside]), sure], axis=1)
    model = LogisticRegression(class_weight="balanced").fit(x, np.arange(len(x)) < len(inside))
    scope_weight, confidence_weight = model.coef_[0]
    if scope_weight <= 0 or confidence_weight < 0:
        return 0.0, min(0.0, float(np.quantile(inside, _FALSE_ALARMS)))
    factor = float(confidence_weight / scope_weight)
    usual = float(np.quantile(inside + factor * sure[: len(inside)], _FALSE_ALARMS))
    return factor, min(usual, float(-model.intercept_[0] / scope_weight))


def _fit_logit_threshold(inside: Floats | None, strangers: Floats) -> float | None:
    """What the best score of a text must reach (the maximum logit of Hendrycks et al. 2022): from
    the best scores of held-out rows with a right answer (None: too few rows were held out), and of
    texts about careers that the model does not know. None where nothing can be learnt.
    """
    if inside is None:
        return float(np.quantile(strangers, _UNTAUGHT_STRANGERS)) if len(strangers) else None
    if not len(inside):
        return None
    usual = float(np.quantile(inside, _FALSE_STRANGERS))
    return min(usual, float(np.quantile(strangers, _STRANGERS))) if len(strangers) else usual


def calibrate(
    members: Members,
    labels: Ints,
    elsewhere: Members,
    strangers: Members,
    spoken: NDArray[np.bool_],
    scope: tuple[Floats, Floats, Floats],
    worth: dict[str, float] | None = None,
) -> Calibration:
    """Learn the weights, the prediction set's mass and when to be unsure from held-out rows: scores
    (n, classes) each, and `labels` (n,).

    The weights are at least 0 and make the held-out answers most likely (log loss): together they
    are a temperature and a mixture. With fewer rows than it takes to learn that, the answer leans
    on similarity alone. `elsewhere` are the members' scores for texts out of scope, `strangers` for
    texts about careers that are none of these; `spoken` (n,) are the rows that sound most like
    seekers; `scope` is from `scope_out_of_fold`. With `worth`, weights from elsewhere, only their
    common factor is learnt here.
    """
    n, similarity = len(labels), members["similarity"]
    enough = n >= LEAST_ROWS
    fallback = worth or _UNTRAINED
    weights = learn_weights(members, labels, worth) if enough else dict(fallback)
    without = {name: members[name] for name in ("classifier", "similarity")}
    probabilities = fuse(members, weights) if n else np.zeros((0, 1))
    right = probabilities.argmax(axis=1) == labels
    ours, people, others = scope
    if enough:
        doubt = _learn_doubt(
            ours, probabilities.max(axis=1), others, fuse(elsewhere, weights).max(axis=1)
        )
    else:
        doubt = 0.0, min(0.0, float(np.quantile(np.concatenate([ours, people]), _FALSE_ALARMS)))
    return Calibration(
        weights=weights,
        weights_without_ngrams={
            **(learn_weights(without, labels, worth) if enough else fallback),
            "ngrams": 0.0,
        },
        set_threshold=metrics.set_threshold(probabilities, labels) if enough else 0.9,
        domain_threshold=doubt[1],
        domain_confidence=doubt[0],
        confidence_threshold=(
            float(np.quantile(probabilities.max(axis=1), 0.03))
            if enough
            else 1.5 / similarity.shape[1]
        ),
        logit_threshold=_fit_logit_threshold(
            add(members, weights)[spoken & right].max(axis=1) if enough else None,
            add(strangers, weights).max(axis=1),
        ),
        learnt_from=n,
    )


def learn_weights(
    members: Members, labels: Ints, worth: dict[str, float] | None = None
) -> dict[str, float]:
    """Weights, at least 0, of the `members` (n, classes) that make the answers most likely; with
    `worth` these, times one factor that does.
    """
    if worth is not None:
        together = np.sum([worth[name] * table for name, table in members.items()], axis=0)
        factor = learn_weights({"": together}, labels)[""]
        return {name: factor * worth[name] for name in members}
    tables = [members[name].astype(np.float64) for name in members]
    sizes = np.array(
        [table.std() + 1e-9 for table in tables]
    )  # weights are learnt per standard deviation, so that one ridge fits all
    tables = [table / size for table, size in zip(tables, sizes, strict=True)]
    own = np.arange(len(labels)), labels

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Log loss at the weights `w`, and its slopes."""
        p = softmax(sum(weight * table for weight, table in zip(w, tables, strict=True)))
        slopes = np.array(
            [float(((p * table).sum(axis=1) - table[own]).mean()) for table in tables]
        )
        # A touch of ridge keeps the weights finite where every held-out row is right.
        return (
            float(-np.log(np.maximum(p[own], 1e-12)).mean() + 1e-4 * (w**2).sum()),
            slopes + 2e-4 * w,
        )

    found = minimize(
        loss, np.ones(len(tables)), jac=True, method="L-BFGS-B", bounds=[(0.0, 50.0)] * len(tables)
    )
    return {
        name: float(weight / size)
        for name, weight, size in zip(members, found.x, sizes, strict=True)
    }


def _part(vectors: Floats, labels: Ints) -> Part:
    x, y = torch.from_numpy(np.ascontiguousarray(vectors, np.float32)), torch.from_numpy(labels)

    def batch(numbers: list[int]) -> dict[str, torch.Tensor]:
        return {"vectors": x[numbers], "labels": y[numbers]}

    return Part(len(y), batch)
