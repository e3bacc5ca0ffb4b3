"""The encoder in its two lives: as the network that is fine-tuned, and as the shipped graph on
whose vectors everything else is fitted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from vocation.config import TrainConfig
from vocation.progress import NullProgress
from vocation.records import Career
from vocation.serving.network import Network, Reader, embeddings, windows_feed
from vocation.training.batches import Examples
from vocation.training.domain import DomainClassifier
from vocation.training.encoder import cache, export, model_folder, tokenizer
from vocation.training.encoder.network import CareerNetwork, Classifier

_TRAINED_WINDOWS = 4  # of a row, while fine-tuning: memory, and the beginning says most
_CHUNK = 64


@dataclass(frozen=True)
class Shipped:
    """The quantised encoder and tokenizer as they go into the bundle."""

    graph: bytes
    tokenizer: bytes
    dim: int

    @classmethod
    def of(cls, network: CareerNetwork, folder: Path, config: TrainConfig) -> Shipped:
        """Export `network`'s encoder with the tokenizer of the base model in `folder`."""
        return cls(
            export.encoder_graph(network),
            tokenizer.serving(model_folder.read(folder), config.max_length),
            network.dim,
        )

    def model(self, classifier: Classifier, scope: DomainClassifier) -> bytes:
        """model.onnx: the encoder with `classifier` and `scope` behind it."""
        return export.with_heads(self.graph, classifier, scope)

    def encode(self, texts: list[str], progress: NullProgress) -> NDArray[np.float32]:
        """Features (n, features) of `texts` from the serving code itself; cached by content."""

        def compute(fresh: list[str]) -> NDArray[np.float32]:
            """The features (n, features) of texts that no cache has."""
            size = export.feature_size(self.graph)
            network = Network(
                # The serving code wants a whole graph: these heads are placeholders.
                self.model(Classifier(size, 1, 1, 0.0), DomainClassifier.open(size)),
                self.tokenizer,
                self.dim,
            )
            # Texts of similar length share a batch, so little is computed on padding.
            order = sorted(range(len(fresh)), key=lambda i: len(fresh[i]))
            found: list[NDArray[np.float32] | None] = [None] * len(fresh)
            with progress.bar("reading texts", len(fresh)) as bar:
                for start in range(0, len(order), _CHUNK):
                    chunk = order[start : start + _CHUNK]
                    for i, vector in zip(
                        chunk, network.run([fresh[i] for i in chunk]).features, strict=True
                    ):
                        found[i] = vector
                    bar.update(len(chunk))
            return np.array(found, np.float32)

        # Another tokenizer makes other vectors of the same text.
        return cache.vectors(self.graph + self.tokenizer, texts, compute)


def public_texts(
    careers: Sequence[Career], shipped: Shipped, masked: Callable[[list[str]], list[str]]
) -> NDArray[np.int8]:
    """Return the directions (n, dim) of the careers' public texts, in the order of the careers.

    `masked` makes of texts what the model reads. The largest number of each row is 127: whoever
    compares directions brings the rows to length 1 and needs no scale.
    """
    texts = [compared for career in careers for _, compared in career.public_texts()]
    if not texts:
        return np.zeros((0, shipped.dim), np.int8)
    return directions(embeddings(shipped.encode(masked(texts), NullProgress()), shipped.dim))


def directions(table: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return the rows of `table` (n, dim) in 8 bits, each of its own length."""
    # The least keeps a row of zeros from dividing by 0.
    largest = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-12)
    return np.round(table * (127 / largest)).astype(np.int8)


def career_text(career: Career) -> str:
    """The text for a career itself: its name and public description, no training row."""
    return f"{career.name}. {career.description}".strip()


def token_examples(texts: list[str], labels: NDArray[np.int64], shipped: Shipped) -> Examples:
    """Rows for fine-tuning: the same windows as in serving, at most four of a row."""
    reader = Reader(export.load_tokenizer(shipped.tokenizer))
    windows = [reader.windows(text, _TRAINED_WINDOWS)[0] for text in texts]
    y = torch.from_numpy(labels)

    def batch(numbers: list[int]) -> dict[str, torch.Tensor]:
        feed = windows_feed([windows[i] for i in numbers], reader.pad)
        return {
            **{name: torch.from_numpy(value) for name, value in feed.items()},
            "labels": y[numbers],
        }

    return Examples(len(texts), batch, [sum(map(len, text)) for text in windows])
