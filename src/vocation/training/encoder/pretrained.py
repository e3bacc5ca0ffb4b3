"""The modules of a base model with its weights: the encoder from the transformers library, which
gets plain values and never sees the folder; pooling and layers behind it are our own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import normalize
from transformers import MODEL_MAPPING, AutoConfig

from vocation.errors import VocationError
from vocation.training.context import quiet
from vocation.training.encoder.model_folder import BaseModel

MOST_WEIGHTS = 450_000_000
"""Above this an encoder in 32 bits comes near the 2 GB that one ONNX file may have, and 8 bits of
it are three times what a bundle should weigh.
"""


class Pooling(nn.Module):
    """From word vectors (windows, length, width) to one vector a window (windows, modes * width).
    Padding follows the words, never precedes them.

    `modes` are those of `model_folder.POOLING`; `skip` leaves that many tokens at the beginning (a
    prompt) out.
    """

    def __init__(self, modes: tuple[str, ...], skip: int = 0) -> None:
        super().__init__()
        self.modes, self.skip = modes, skip

    def extra_repr(self) -> str:
        return f"{self.modes}, skip={self.skip}"

    def forward(self, words: Tensor, attention_mask: Tensor) -> Tensor:
        mask = attention_mask[:, self.skip :].unsqueeze(-1).to(words.dtype)
        return torch.cat(
            [self._pool(mode, words[:, self.skip :], mask) for mode in self.modes], dim=-1
        )

    def _pool(self, mode: str, words: Tensor, mask: Tensor) -> Tensor:
        # Behind the prompt, where it is skipped: then this is the text's own first token.
        if mode == "cls":
            return words[:, 0]
        if mode == "max":
            # Zeros for the padding would win against negative numbers.
            return words.masked_fill(mask == 0, float("-inf")).amax(dim=1)
        if mode == "lasttoken":
            # (windows, 1, width): the place of the last word, once for each number of its vector.
            last = (mask.sum(dim=1, keepdim=True) - 1).long().expand(-1, 1, words.shape[-1])
            return words.gather(1, last)[:, 0]
        if mode == "weightedmean":  # later words count more, by their place in the whole window
            mask = mask * torch.arange(
                self.skip + 1, self.skip + 1 + words.shape[1], device=words.device
            ).unsqueeze(-1)
        total, count = (words * mask).sum(dim=1), mask.sum(dim=1)
        return total / (count.sqrt() if mode == "mean_sqrt_len_tokens" else count)


class Dense(nn.Module):
    """A layer that some base models have behind the pooling."""

    def __init__(self, weights: dict[str, Tensor], activation: str) -> None:
        super().__init__()
        out, width = weights["linear.weight"].shape
        self.linear = nn.Linear(width, out, bias="linear.bias" in weights)
        # `activation` is one of model_folder.ACTIVATIONS: no other name reaches getattr.
        self.activation: nn.Module = getattr(nn, activation)()
        self.load_state_dict(weights)

    def forward(self, vectors: Tensor) -> Tensor:
        return self.activation(self.linear(vectors))


class Unit(nn.Module):
    """Vectors brought to length 1."""

    def forward(self, vectors: Tensor) -> Tensor:
        return normalize(vectors, dim=-1)


def encoder(base: BaseModel) -> Any:
    """The encoder of `base` with its weights, in 32 bits. Raises VocationError where they do not
    fit its configuration.
    """
    weights: dict[str, Tensor] = {}
    for path in base.weights:
        weights |= _tensors(path)
    if (count := sum(tensor.numel() for tensor in weights.values())) > MOST_WEIGHTS:
        raise VocationError(
            f"the base model in {base.folder} has {count / 1e6:,.0f} million weights; "
            f"a bundle can hold at most {MOST_WEIGHTS / 1e6:,.0f} million: choose a smaller one"
        )
    try:
        with quiet():
            config = AutoConfig.for_model(base.kind, **base.settings)
            # No path: the library gets a configuration and tensors, so it can open no file.
            model, report = MODEL_MAPPING[type(config)].from_pretrained(
                None,
                config=config,
                state_dict=weights,
                dtype=torch.float32,
                output_loading_info=True,
            )
    except Exception as error:  # the library's own kinds of trouble with a configuration: a dozen
        why = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise VocationError(
            f"the base model in {base.folder} cannot be built from its config.json and weights"
            f" ({why[:160]})"
        ) from None
    missing = sorted(
        name for name in report["missing_keys"] if "pooler" not in name
    )  # a pooler is for uses that are not ours
    if missing:
        raise VocationError(
            f"the weights in {base.folder} lack {len(missing)} parts, {missing[0]} the first:"
            " download the base model again"
        )
    return model.eval()


def pooling(base: BaseModel, width: int, prompt: int) -> tuple[nn.Sequential, int]:
    """Pooling and what follows it in `base`, and how many numbers come out. `width` is the
    encoder's, `prompt` counts the tokens before a text.
    """
    modules: list[nn.Module] = []
    size = width
    for layer in base.layers:
        if layer.kind == "Pooling":
            modes = tuple(layer.settings["modes"])
            modules.append(
                Pooling(modes, 0 if layer.settings["prompt"] or not base.prompt else prompt)
            )
            size = width * len(modes)
        elif layer.kind == "Normalize":
            modules.append(Unit())
        elif layer.weights is not None:
            modules.append(
                _dense(_tensors(layer.weights), layer.settings["activation"], size, layer.weights)
            )
            size = modules[-1].linear.out_features
    return nn.Sequential(*modules), size


def _dense(weights: dict[str, Tensor], activation: str, size: int, path: Path) -> Any:
    table, bias = weights.get("linear.weight"), weights.get("linear.bias")
    fits = (
        set(weights) <= {"linear.weight", "linear.bias"}
        and table is not None
        and table.shape[1:] == (size,)
    )
    if not fits or (table is not None and bias is not None and bias.shape != table.shape[:1]):
        raise VocationError(
            f"{path} does not hold a layer for {size} numbers: download the base model again"
        )
    return Dense(weights, activation)


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        return {
            # Many models are published in 16 bits; integers such as position ids stay integers.
            name: tensor.float() if tensor.is_floating_point() else tensor
            for name, tensor in load_file(path).items()
        }
    except Exception as error:  # the library raises bare exceptions of its own kinds
        why = next(iter(str(error).splitlines()), type(error).__name__)
        raise VocationError(
            f"{path} cannot be read as weights ({why[:100]}): download the base model again"
        ) from None
