"""How good settings are: each is trained on folds and judged on rows that it has not seen."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vocation import metrics
from vocation.config import TrainConfig
from vocation.data import split
from vocation.errors import DataError
from vocation.progress import NullProgress
from vocation.serving.model import fuse
from vocation.serving.network import embeddings
from vocation.training import heads
from vocation.training.batches import Examples
from vocation.training.calibrate import learn_weights
from vocation.training.encoder.network import CareerNetwork
from vocation.training.encoder.shipped import Shipped, career_text, token_examples
from vocation.training.fit import choose_preset
from vocation.training.loop import fit
from vocation.training.prepare import Prepared
from vocation.training.run import introduce

FOLDS = {"head": heads.FOLDS, "full": 3}
"""Folds for each preset: in the full one every fold fine-tunes an encoder."""

_FEW = 200  # judged rows under which differences between settings are mostly luck
_CHUNK = 32


@dataclass(frozen=True)
class FoldResult:
    """What came of held-out rows, in the order of `rows` (n): log `losses` (n) of the right career,
    and whether it was answered first (n).
    """

    rows: heads.Ints
    losses: NDArray[np.float64]
    right: NDArray[np.bool_]

    @property
    def loss(self) -> float:
        """Mean log loss, natural logarithm: 0 is perfect."""
        return float(self.losses.mean())

    @property
    def accuracy(self) -> float:
        return float(self.right.mean())


class CrossValidator:
    """Trains on folds of the training part and judges settings there; never sees the test part."""

    def __init__(self, prepared: Prepared, preset: str, progress: NullProgress) -> None:
        """Decide what a preset of "auto" means, and read every text once; reports both.

        Raises DataError where fewer than two different rows could be judged.
        """
        self.prepared, say = prepared, progress.line
        train = prepared.split.train
        # Public rows are close to a career's own text, which similarity has seen.
        self.judged = np.sort(prepared.first_person_rows(train[~prepared.public[train]]))
        if len(np.unique(prepared.data.groups[self.judged])) < 2:
            raise DataError(
                "tuning needs at least two different rows to judge settings by; of"
                f" {len(prepared.data.labels):,} rows {len(self.judged)} can be"
            )
        introduce(prepared, progress)
        network = prepared.network()
        self.preset = choose_preset(prepared, preset, network, progress)
        say("Preparing the encoder and reading the texts ...")
        self._frozen = Shipped.of(network, prepared.base, prepared.config)
        self._vectors = prepared.vectors(self._frozen, progress)
        self._ngrams: dict[tuple[int, int], heads.Floats] = {}
        folds, rows = FOLDS[self.preset], len(self.judged)
        say(
            f"Every trial trains on {folds} folds of the training part and is judged on {rows:,}"
            " rows of it. The test part is not looked at."
        )
        if self.preset == "full":
            say(
                f"Every fold fine-tunes the encoder, so a trial takes about as long as {folds}"
                " trainings; --timeout sets a limit."
            )
        if rows < _FEW:
            say(
                f"WARNING: {rows:,} rows are few to judge by: most of what differs between settings"
                " will be luck."
            )

    def after_each_fold(self, config: TrainConfig, shift: int = 0) -> Iterator[FoldResult]:
        """Train with `config` fold by fold; after each, yield the result of all rows so far.

        `shift` takes other folds and other random numbers. Probabilities are those of all three
        component scores at the weights that suit them best.
        """
        # The seed of a shift above the largest one starts again from 0.
        config = dataclasses.replace(config, seed=(config.seed + shift) % 2**32)
        data, train = self.prepared.data, self.prepared.split.train
        folds = FOLDS[self.preset]
        found: list[tuple[heads.Ints, heads.Scores]] = []
        parts = split.folds(data.labels[train], data.groups[train], folds, config.seed)
        for number, (a, b) in enumerate(parts):
            # All other rows of the fold are trained on elsewhere but never judged.
            chosen, held = train[a], np.intersect1d(train[b], self.judged)
            # Few near-duplicate groups can leave a fold without rows to judge.
            if not len(chosen) or not len(held):
                continue
            found.append((held, self._scores(config, chosen, held, (shift, number))))
            yield self._result(found)

    def _result(self, found: list[tuple[heads.Ints, heads.Scores]]) -> FoldResult:
        rows = np.concatenate([held for held, _ in found])
        scores = {
            name: np.concatenate([scores[name] for _, scores in found]) for name in found[0][1]
        }
        labels = self.prepared.data.labels[rows]
        # Three weights are fitted on the judged rows themselves: every trial has that advantage.
        probabilities = fuse(scores, learn_weights(scores, labels))
        own = probabilities[np.arange(len(rows)), labels].astype(np.float64)
        # A probability that was rounded to 0 would make the mean infinite.
        losses = -np.log(np.maximum(own, 1e-12))
        right = metrics.ranks(probabilities, labels) == 1
        # Sorted by row, results of other folds and settings can be compared pairwise.
        order = np.argsort(rows)
        return FoldResult(rows[order], losses[order], right[order])

    def _scores(
        self, config: TrainConfig, chosen: heads.Ints, held: heads.Ints, fold: tuple[int, int]
    ) -> heads.Scores:
        """Scores of the rows `held`, role names masked, from a training on the rows `chosen`.

        The validation part stops it, as in every training.
        """
        prepared, known = self.prepared, self._vectors
        if fold not in self._ngrams:  # the n-gram table has no settings: once for each fold
            table = heads.train_ngrams(known, chosen)
            self._ngrams[fold] = table.scores(known.masked_ngrams[held])
        if self.preset == "head":
            classifier, _ = heads.train_classifier(known, chosen, prepared.split.validation, config)
            features, careers = known.masked[held], known.careers
        else:
            network = self._fine_tuned(config, chosen)
            classifier = network.classifier
            features = _features(network, prepared.token_examples(held, self._frozen, False))
            names = [career_text(prepared.data.careers[role]) for role in prepared.data.roles]
            part = token_examples(names, np.arange(len(names)), self._frozen)
            careers = embeddings(_features(network, part), network.dim)
        return {
            "classifier": heads.scores(classifier, features),
            "similarity": embeddings(features, careers.shape[1]) @ careers.T,
            "ngrams": self._ngrams[fold],
        }

    def _fine_tuned(self, config: TrainConfig, chosen: heads.Ints) -> CareerNetwork:
        prepared = dataclasses.replace(self.prepared, config=config)
        network, validation = prepared.network(), prepared.split.validation
        part = prepared.token_examples(chosen, self._frozen)
        held = prepared.token_examples(validation, self._frozen, False) if len(validation) else None
        fit(network, part, held, config)
        # As in the measured training, so that the trial is judged as it would ship.
        heads.remove_frequency(network.classifier, self._vectors, chosen)
        return network.eval()


def _features(network: CareerNetwork, part: Examples) -> heads.Floats:
    """Features (n, features) of texts from the training network itself.

    An export of every fold would cost more than it shows.
    """
    found: list[Any] = []
    with torch.no_grad():
        for start in range(0, part.size, _CHUNK):
            batch = part.batch(list(range(start, min(start + _CHUNK, part.size))))
            features = network.features(
                batch["input_ids"], batch["attention_mask"], batch["window_weights"]
            )
            found.append(features.numpy())
    return np.concatenate(found)
