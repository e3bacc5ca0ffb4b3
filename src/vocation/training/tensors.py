"""The weights of a bundle in the format that model hubs prefer."""

from __future__ import annotations

import io
from typing import Any

import torch
from safetensors.torch import save

from vocation.errors import BundleError


def as_safetensors(weights: bytes) -> bytes:
    """The tensors of a career_model_cpu.pth as a safetensors file, under the same names and in the same 16 bits.

    Opened weights-only; BundleError for anything but plain tensors.
    """
    try:
        checkpoint: dict[str, Any] = torch.load(io.BytesIO(weights), map_location="cpu", weights_only=True)
        state = {name: tensor.contiguous() for name, tensor in checkpoint["model_state_dict"].items()}
        return bytes(save(state, metadata={"format": "pt"}))
    except Exception as error:  # torch.load's own refusals are of many kinds
        raise BundleError(f"career_model_cpu.pth is not a plain PyTorch weights file ({type(error).__name__}): train again") from None
