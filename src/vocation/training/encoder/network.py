"""The network: a sentence encoder with its own pooling, and a small classifier on top."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from vocation.config import TrainConfig
from vocation.errors import ConfigError
from vocation.serving.network import LAYERS
from vocation.training.encoder import model_folder, pretrained, tokenizer

UPPER = 2 / 3
"""Share of the encoder's layers, from below, that fine-tuning leaves as they are."""


class Classifier(nn.Sequential):
    """From features of length 1 (n, features) to a score for each career (n, classes)."""

    def __init__(self, dim: int, hidden_dim: int, classes: int, dropout: float) -> None:
        super().__init__(
            # The export walks through these layers one by one: a new kind needs a branch there.
            nn.Linear(dim, hidden_dim),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden_dim, classes),
        )
        self.scale = math.sqrt(
            dim
        )  # brings the numbers of a unit vector to the size that layers are initialised for

    def forward(self, vectors: Tensor) -> Tensor:
        result: Tensor = super().forward(vectors * self.scale)
        return result


class HeadOnly(nn.Module):
    """The classifier alone, over vectors that were computed once."""

    def __init__(self, classifier: Classifier, weights: NDArray[Any] | None = None) -> None:
        super().__init__()
        self.classifier = classifier
        # A buffer, so that it moves to the graphics card together with the weights.
        balance(self, weights)

    def forward(self, vectors: Tensor, labels: Tensor | None = None) -> Any:
        """Scores (n, classes); with `labels` (n,) the Trainer's dict of loss and logits."""
        return _with_loss(self, self.classifier(vectors), labels)


class CareerNetwork(nn.Module):
    """`base_model` (the encoder), its own pooling, and `classifier`; calling it with token ids
    gives scores for each career.
    """

    def __init__(
        self,
        base_model: nn.Module,
        pooling: nn.Sequential,
        classifier: Classifier,
        dim: int,
        pad_id: int = 0,
        longest: int = 512,
        frozen: int = -1,
    ) -> None:
        super().__init__()
        self.base_model = base_model
        self.pooling = pooling
        self.classifier = classifier
        self.dim = dim
        self.pad_id = pad_id
        self.longest = longest  # tokens that the encoder reads at a time
        balance(self, None)
        self._freeze_lower(frozen)

    def _freeze_lower(self, layers: int) -> None:
        """Leave the word tables, the lower `layers` (-1: those below UPPER) and the pooling as they
        are.

        What they know is general, and the classifier reads them too.
        """
        depth = layer_numbers(self)
        # Layers are numbered from 0; without any the count is 0.
        count = max(depth.values(), default=-1) + 1
        if layers >= max(count, 1):
            raise ConfigError(
                f"freeze_layers must be below {count}, this base model's layers, found {layers}: to"
                " train none take the preset head"
            )
        lowest = layers if layers >= 0 else int(UPPER * max(count, 1))
        for name, parameter in self.named_parameters():
            if not name.startswith("classifier."):
                # Word tables and pooling are in no layer: -1 is below every `lowest`.
                parameter.requires_grad_(depth.get(name, -1) >= lowest)

    @classmethod
    def from_base(cls, folder: str | Path, classes: int, config: TrainConfig) -> CareerNetwork:
        """The base model in `folder` with a fresh classifier; runs no code from the folder."""
        base = model_folder.read(Path(folder))
        encoder = pretrained.encoder(base)
        width = int(encoder.config.hidden_size)
        pooling, dim = pretrained.pooling(base, width, len(tokenizer.before(base)))
        # Directly before the classifier: nothing before it may use up random numbers.
        torch.manual_seed(config.seed)
        # Two layers' means of the encoder's width and one embedding behind pooling and Dense.
        classifier = Classifier(2 * width + dim, config.hidden_dim, classes, config.dropout)
        return cls(
            encoder,
            pooling,
            classifier,
            dim,
            tokenizer.pad_id(base),
            base.longest,
            config.freeze_layers,
        )

    def features(self, input_ids: Tensor, attention_mask: Tensor, window_weights: Tensor) -> Tensor:
        """What a text is to the classifier: three vectors of equal length side by side, together of
        length 1 (texts, features).

        The words as they stand (the mean of the first layer), half understood (of the middle
        layer), and the sentence's embedding; the last comes last. `input_ids` (windows, length) are
        the windows' tokens, `window_weights` (texts, windows) each window's weight in its text.
        """
        output = self.base_model(
            input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True
        )
        layers = output.hidden_states
        # (windows, length, 1): padding must not count in the means.
        mask = attention_mask.unsqueeze(-1).to(layers[0].dtype)
        means = [
            # Never 0 words: every window has the tokenizer's special tokens at least.
            (layer * mask).sum(dim=1) / mask.sum(dim=1)
            for layer in (layers[0], layers[len(layers) // 2])
        ]
        last = self.pooling[0](output.last_hidden_state, attention_mask)
        for module in list(self.pooling)[1:]:
            last = module(last)
        vectors = [
            # Each window has length 1 before the mean, so that only its weight decides its share.
            normalize(window_weights @ normalize(each, dim=-1), dim=-1)
            for each in (*means, last)
        ]
        # LAYERS vectors of length 1 side by side have the length sqrt(LAYERS).
        return torch.cat(vectors, dim=-1) / math.sqrt(LAYERS)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        window_weights: Tensor | None = None,
        labels: Tensor | None = None,
    ) -> Any:
        """Scores (texts, classes); with `labels` a dict of loss and logits. Without the other two,
        each row of `input_ids` is a text of its own.
        """
        if attention_mask is None:
            attention_mask = (input_ids != self.pad_id).long()
        if window_weights is None:
            # The unit matrix: window i is the whole of text i.
            window_weights = torch.eye(len(input_ids), device=input_ids.device)
        return _with_loss(
            self, self.classifier(self.features(input_ids, attention_mask, window_weights)), labels
        )


def layer_numbers(model: nn.Module) -> dict[str, int]:
    """The encoder layer, from 0 at the bottom, of each parameter that is in one."""
    found = {
        # base_model.encoder.layer.3.output.dense.bias and base_model.layers.3.mlp.Wi.weight match;
        # base_model.embeddings.word_embeddings.weight does not. The first number counts.
        name: re.match(r"base_model\..*?\blayers?\.(\d+)\.", name)
        for name, _ in model.named_parameters()
    }
    return {name: int(match[1]) for name, match in found.items() if match}


def balance(model: nn.Module, weights: NDArray[Any] | None) -> None:
    """Let each career weigh as `weights` (classes) say in the loss of `model` while it trains;
    None: every row weighs the same. Never saved.
    """
    model.register_buffer(
        "balance", None if weights is None else torch.from_numpy(weights), persistent=False
    )


def _with_loss(model: nn.Module, logits: Tensor, labels: Tensor | None) -> Any:
    if labels is None:
        return logits
    # Validation counts every row alike, or its loss could not be compared.
    weights: Any = model.balance if model.training else None
    return {"loss": cross_entropy(logits, labels, weight=weights), "logits": logits}
