"""How good settings are: each is trained on folds of the training part and judged on the rows that
it has not seen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vocation import metrics
from vocation.config import TrainConfig
from vocation.data import split
from vocation.data.dataset import Dataset
from vocation.errors import DataError
from vocation.progress import NullProgress
from vocation.serving.model import fuse
from vocation.serving.network import embeddings
from vocation.training import heads
from vocation.training.batches import Part
from vocation.training.encoder.network import CareerNetwork
from vocation.training.encoder.shipped import Shipped, anchor, token_part
from vocation.training.loop import fit
from vocation.training.run import Run

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


class CrossValidator(Run):
    """A run that never comes to a bundle: it only trains on folds of its training part. The test
    part is not looked at.
    """

    def __init__(
        self, data: Dataset, folder: Path, config: TrainConfig, progress: NullProgress
    ) -> None:
        super().__init__(data, folder / "unused", config, False, progress)
        train = self.parts.train
        self.judged = np.sort(self._first_person_rows(train[~self._public[train]]))
        if len(np.unique(data.groups[self.judged])) < 2:
            raise DataError(
                "tuning needs at least two different rows to judge settings by; of"
                f" {len(data.labels):,} rows {len(self.judged)} can be"
            )
        self._lexical: dict[tuple[int, int], heads.Floats] = {}

    def prepare(self, preset: str) -> str:
        """Decide on the preset (as training does), and read every text once; says what is going to
        happen.
        """
        self._introduce()
        network = CareerNetwork.from_base(self.base, len(self.data.roles), self.config)
        self.preset = self._choose(preset, network)
        self.say("Preparing the encoder and reading the texts ...")
        self._frozen = Shipped.of(network, self.base, self.config)
        self._rows = self._vectors(self._frozen)
        folds, rows = FOLDS[self.preset], len(self.judged)
        self.say(
            f"Every trial trains on {folds} folds of the training part and is judged on {rows:,}"
            " rows of it. The test part is not looked at."
        )
        if self.preset == "full":
            self.say(
                f"Every fold fine-tunes the encoder, so a trial takes about as long as {folds}"
                " trainings; --timeout sets a limit."
            )
        if rows < _FEW:
            self.say(
                f"WARNING: {rows:,} rows are few to judge by: most of what differs between settings"
                " will be luck."
            )
        return self.preset

    def after_each_fold(self, config: TrainConfig, shift: int = 0) -> Iterator[FoldResult]:
        """Train with `config` fold by fold; after each, all rows judged so far. The last one is the
        verdict.

        `shift` takes other folds and other random numbers. Probabilities are those of all three
        members at the weights that suit them best.
        """
        config = dataclasses.replace(config, seed=(config.seed + shift) % 2**32)
        train, seen = self.parts.train, []
        for number, (a, b) in enumerate(
            split.folds(
                self.data.labels[train], self.data.groups[train], FOLDS[self.preset], config.seed
            )
        ):
            chosen, held = train[a], np.intersect1d(train[b], self.judged)
            if not len(chosen) or not len(held):
                continue
            seen.append((held, self._members(config, chosen, held, (shift, number))))
            yield self._judge(seen)

    def _judge(self, seen: list[tuple[heads.Ints, heads.Members]]) -> FoldResult:
        rows = np.concatenate([held for held, _ in seen])
        members = {name: np.concatenate([found[name] for _, found in seen]) for name in seen[0][1]}
        labels = self.data.labels[rows]
        probabilities = fuse(members, heads.learn_weights(members, labels))
        losses = -np.log(
            np.maximum(probabilities[np.arange(len(rows)), labels].astype(np.float64), 1e-12)
        )
        order = np.argsort(rows)
        return FoldResult(
            rows[order], losses[order], (metrics.ranks(probabilities, labels) == 1)[order]
        )

    def _members(
        self, config: TrainConfig, chosen: heads.Ints, held: heads.Ints, key: tuple[int, int]
    ) -> heads.Members:
        """Scores of the rows `held`, role names masked, from a training on the rows `chosen`; the
        validation part stops it, as in every training.
        """
        if key not in self._lexical:  # the table of words has no settings: once for each fold
            self._lexical[key] = heads.train_words(self._rows, chosen).scores(
                self._rows.words[held]
            )
        if self.preset == "head":
            classifier, _ = heads.train_classifier(
                self._rows, chosen, self.parts.validation, config
            )
            features, anchors = self._rows.masked[held], self._rows.anchors
        else:
            network = self._fine_tuned(config, chosen)
            classifier = network.classifier
            features = _features(network, self._token_part(held, self._frozen, both=False))
            names = [anchor(self.data.careers[role]) for role in self.data.roles]
            anchors = embeddings(
                _features(network, token_part(names, np.arange(len(names)), self._frozen)),
                network.dim,
            )
        similarity = embeddings(features, anchors.shape[1]) @ anchors.T
        return {
            "classifier": heads.scores(classifier, features),
            "similarity": similarity,
            "ngrams": self._lexical[key],
        }

    def _fine_tuned(self, config: TrainConfig, chosen: heads.Ints) -> CareerNetwork:
        network = CareerNetwork.from_base(self.base, len(self.data.roles), config)
        validation = self.parts.validation
        part = self._token_part(chosen, self._frozen)
        held = self._token_part(validation, self._frozen, both=False) if len(validation) else None
        fit(network, part, held, config)
        heads.remove_frequency(network.classifier, self._rows, chosen)
        return network.eval()


def _features(network: CareerNetwork, part: Part) -> heads.Floats:
    """Features (n, features) of texts from the training network itself: an export of every fold
    would cost more than it tells.
    """
    found: list[Any] = []
    with torch.no_grad():
        for start in range(0, part.size, _CHUNK):
            batch = part.batch(list(range(start, min(start + _CHUNK, part.size))))
            found.append(
                network.features(
                    batch["input_ids"], batch["attention_mask"], batch["window_weights"]
                ).numpy()
            )
    return np.concatenate(found)
