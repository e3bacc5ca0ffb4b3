"""Fitting: the encoder where the preset asks for it, then every head on the exported encoder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation.progress import NullProgress
from vocation.training import device, heads
from vocation.training.checkpoints import Checkpoints
from vocation.training.domain import DomainClassifier
from vocation.training.encoder.network import CareerNetwork, Classifier, balance
from vocation.training.encoder.shipped import Shipped
from vocation.training.examples import class_weights
from vocation.training.heads import Ints, Vectors
from vocation.training.loop import fit
from vocation.training.ngrams import NgramTable
from vocation.training.prepare import Prepared
from vocation.training.schedule import History, best_loss

AUTO_SECONDS = 120
"""`auto` takes the full preset where it would need at most this long here, else head."""


@dataclass(frozen=True)
class FittedModel:
    """One fitted model: an encoder as shipped, the heads on top, how it was trained."""

    network: CareerNetwork
    shipped: Shipped
    vectors: Vectors
    classifier: Classifier
    ngrams: NgramTable
    domain: DomainClassifier
    history: History

    def row_scores(self, rows: Ints, masked: bool = True) -> heads.Scores:
        """Component scores of `rows`, with or without the names of their roles masked."""
        known = self.vectors
        if masked:
            return self.scores(known.masked[rows], known.masked_ngrams[rows])
        return self.scores(known.plain[rows], known.ngrams[rows])

    def scores(self, features: heads.Floats, ngrams: Any) -> heads.Scores:
        """Component scores of texts by their features (n, features) and n-gram counts."""
        return {
            "classifier": heads.scores(self.classifier, features),
            "similarity": self.vectors.similarity(features),
            "ngrams": self.ngrams.scores(ngrams),
        }


@dataclass(frozen=True)
class Fitter:
    """Fits models on the rows of `prepared`; fine-tuning keeps its state in `checkpoints`."""

    prepared: Prepared
    checkpoints: Checkpoints
    resume: bool
    progress: NullProgress

    def measured(self, preset: str, fresh: CareerNetwork) -> tuple[FittedModel, FittedModel]:
        """The model to measure, and the one whose encoder is as it was.

        Both are the same for `head`, and where fine-tuning came out worse than that.
        """
        say, parts = self.progress.line, self.prepared.split
        model = self.fit(preset, fresh, parts.train, parts.validation, None, "measure")
        if preset == "head":
            return model, model
        say("\nFor comparison, the same with the encoder as it was:")
        network = self.prepared.network()
        frozen = self.fit("head", network, parts.train, parts.validation, None, "measure")
        # Nothing to compare by, so the user's choice of the full preset stands.
        if not len(parts.validation):
            return model, frozen
        tuned, untuned = best_loss(model.history), best_loss(frozen.history)
        say(f"Validation loss, calibrated: {tuned:.3f} fine-tuned, {untuned:.3f} as it was.")
        if tuned <= untuned:
            return model, frozen
        say(
            "WARNING: fine-tuning made it worse on these rows, so the encoder stays as it was"
            " (preset head)."
        )
        return frozen, frozen

    def final(self, preset: str, steps: int) -> FittedModel:
        """The model that ships: the same training, for `steps` steps, on all rows."""
        everything = np.arange(len(self.prepared.data.labels))
        nothing = np.empty(0, np.int64)
        return self.fit(preset, self.prepared.network(), everything, nothing, steps, "ship")

    def fit(
        self,
        preset: str,
        network: CareerNetwork,
        chosen: Ints,
        validation: Ints,
        steps: int | None,
        stage: str,
    ) -> FittedModel:
        """Train on the rows `chosen`, and stop early by the rows `validation` or after `steps`.

        The full preset fine-tunes the encoder first. The heads are always fitted on the vectors of
        the exported graph, because that is what answers later.
        """
        prepared, say = self.prepared, self.progress.line
        say("Preparing the encoder and reading the texts ...")
        shipped = Shipped.of(network, prepared.base, prepared.config)
        if len(validation):
            say("The epochs show the classifier alone; the fused scores are measured after them.")
        if preset == "full":
            history = self._fine_tune(network, shipped, chosen, validation, steps, stage)
            # Again: fine-tuning has changed the weights, and vectors must come from the new graph.
            shipped = Shipped.of(network, prepared.base, prepared.config)
        vectors = prepared.vectors(shipped, self.progress)
        if preset == "full":
            classifier = network.classifier
            # Loss weights have removed the prior already; twice would favour rare careers.
            if prepared.config.balance != "weights":
                heads.remove_frequency(classifier, vectors, chosen)
        else:
            shown = self.progress if steps is None else None
            classifier, history = heads.train_classifier(
                vectors, chosen, validation, prepared.config, steps, shown, self._initializer()
            )
        network.classifier = classifier
        # The user's rows and the default profiles: first-person texts are in domain everywhere.
        inside = np.concatenate([vectors.masked[chosen], vectors.in_domain])
        domain = DomainClassifier.fit(inside, vectors.out_of_domain)
        ngrams = heads.train_ngrams(vectors, chosen)
        return FittedModel(network, shipped, vectors, classifier, ngrams, domain, history)

    def _initializer(self) -> Callable[[Classifier], Any] | None:
        """Puts what an earlier model knows into a fresh classifier, where there is one."""
        earlier = self.prepared.warm_start
        return partial(earlier.carry, roles=self.prepared.data.roles) if earlier else None

    def _fine_tune(
        self,
        network: CareerNetwork,
        shipped: Shipped,
        chosen: Ints,
        validation: NDArray[Any],
        steps: int | None,
        stage: str,
    ) -> History:
        prepared, config = self.prepared, self.prepared.config
        part = prepared.token_examples(chosen, shipped)
        held = prepared.token_examples(validation, shipped, False) if len(validation) else None
        # By examples, not by rows: forms and variants of a row count too.
        if config.balance == "weights":
            labels = prepared.extra.examples(
                chosen, prepared.data.labels, prepared.names_role
            ).labels
            balance(network, class_weights(labels, len(prepared.data.roles)))
        return fit(
            network,
            part,
            held,
            config,
            steps=steps,
            checkpoints=self.checkpoints.stage(stage),
            resume=self.resume,
            progress=self.progress,
        )


def choose_preset(
    prepared: Prepared, preset: str, network: CareerNetwork, progress: NullProgress
) -> str:
    """Decide what `auto` means on this machine, by timing two steps; report the choice."""
    where = device.name()
    if preset != "auto":
        progress.line(f"Preset: {preset}, on {where}.")
        return preset
    shipped = Shipped.of(network, prepared.base, prepared.config)
    part = prepared.token_examples(prepared.split.train, shipped)
    seconds = device.full_seconds(network, part, prepared.config)
    if seconds is None:
        progress.line(f"Preset: head, on {where}. The full preset does not fit in its memory.")
        return "head"
    chosen = "full" if seconds <= AUTO_SECONDS else "head"
    took = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
    progress.line(f"Preset: {chosen}, on {where}. The full preset would take about {took} here.")
    return chosen
