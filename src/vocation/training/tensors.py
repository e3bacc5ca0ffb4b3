"""The weights of a bundle in the format that model hubs prefer."""

from __future__ import annotations

import io

from safetensors.torch import save

from vocation.errors import BundleError
from vocation.training.pytorch_file import load


def as_safetensors(weights: bytes) -> bytes:
    """The tensors of a career_model_cpu.pth as a safetensors file, under the same names and in the
    same 16 bits.

    Opened weights-only; BundleError for anything but plain tensors.
    """
    checkpoint = load(io.BytesIO(weights), "career_model_cpu.pth")
    try:
        state = {
            name: tensor.contiguous() for name, tensor in checkpoint["model_state_dict"].items()
        }
        return bytes(save(state, metadata={"format": "pt"}))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BundleError(
            f"career_model_cpu.pth is not a plain PyTorch weights file ({type(error).__name__}):"
            " train again"
        ) from None
