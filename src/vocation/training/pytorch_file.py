"""career_model_cpu.pth, the weights for PyTorch users.

With a large base model it holds the heads only; the full weights are then beside the bundle.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import torch
from safetensors.torch import save

from vocation.bundle import check_weights, layout
from vocation.errors import BundleError, VocationError
from vocation.files import atomic_write
from vocation.training.encoder.network import CareerNetwork

MOST_BYTES = 150 * layout.MB
"""The guide's limit for trained_models.zip; files count unzipped, as weights hardly shrink."""

FULL = "career_model_full.pth"
"""The whole weights of a model that is too large for the guide's limit; beside the bundle's folder,
so that copying or zipping it stays small.
"""

HEADS_ONLY = (
    f"heads only: the encoder's weights would make the bundle larger than 150 MB; {FULL}, beside"
    " the bundle's folder, holds all of them"
)
WHOLE = f"all weights of the bundle whose {layout.WEIGHTS} holds the heads only"


def file(
    network: CareerNetwork,
    config: Mapping[str, Any],
    classes: Sequence[str],
    history: Any,
    note: str | None = None,
) -> bytes:
    """A dict of 16-bit tensors and plain values, which `torch.load(path)` opens weights-only.

    With the note HEADS_ONLY the encoder (and the frozen layers behind it) is left out; the dict
    contains the note.
    """
    state = {
        name: tensor.detach().cpu().half() if tensor.is_floating_point() else tensor.detach().cpu()
        for name, tensor in network.state_dict().items()
        if note != HEADS_ONLY or name.startswith("classifier.")
    }
    content = {
        "model_state_dict": state,
        "config": dict(config),
        "classes": list(classes),
        "history": history,
    }
    buffer = io.BytesIO()
    torch.save({**content, "note": note} if note else content, buffer)
    return buffer.getvalue()


def too_large(network: CareerNetwork, others: Mapping[str, bytes]) -> bool:
    """Whether all 16-bit weights and the `others` of a bundle exceed the guide's limit."""
    # 2 bytes for each number.
    return (
        2 * sum(tensor.numel() for tensor in network.state_dict().values())
        + sum(map(len, others.values()))
        > MOST_BYTES
    )


def write_full(folder: Path, content: bytes, live: bool = True) -> Path:
    """Write `content` beside the bundle in `folder`; that of the training before is kept, renamed.

    If the bundle is not `live` but a candidate, its weights have a name of their own. Raises
    BundleError where it cannot be written.
    """
    path = folder.resolve().parent / FULL
    if not live:
        path = path.with_suffix(".candidate.pth")
    try:
        if live and path.exists():
            os.replace(path, path.with_suffix(".previous.pth"))
        return atomic_write(path, content)
    except OSError as error:
        raise BundleError(
            f"{path} could not be written ({error.strerror}): about {len(content) / layout.MB:.0f}"
            " MB are needed there"
        ) from None


def read(path: Path, follow: bool = False) -> dict[str, Any]:
    """The dict in a .pth file that `file` made. Raises BundleError for anything else.

    `follow`: `path` may be a link, since the user has named it.
    """
    with check_weights.opened(path, follow) as stream:
        return dict(load(stream, str(path)))


def load(stream: BinaryIO, where: str) -> Any:
    """The content of a .pth file of plain tensors and values: checked, then opened weights-only.

    Raises BundleError for anything else. The only place where such a file is opened (the source
    gate in pyproject.toml allows it).
    """
    check_weights.check(stream, where)
    stream.seek(0)  # the check has read from it
    try:
        return torch.load(stream, map_location="cpu", weights_only=True)  # noqa: TID251 (this is that place)
    except Exception as error:  # torch.load raises many kinds
        raise BundleError(
            f"{where} is not a plain PyTorch weights file ({type(error).__name__}): train again"
        ) from None


def restore(network: CareerNetwork, checkpoint: dict[str, Any], folder: Path, tuned: bool) -> None:
    """Load `checkpoint`, the career_model_cpu.pth in `folder`, into `network`.

    `network` has the weights of its base model. Where the file holds the heads only, a `tuned`
    encoder comes from career_model_full.pth, in the folder or beside it; a frozen encoder is that
    of the base model. Raises VocationError where the weights are missing or do not fit.
    """
    state = checkpoint["model_state_dict"]
    heads_only = not any(name.startswith("base_model.") for name in state)
    if heads_only and tuned:
        # Those of the training before and of a candidate may lie there too.
        found = [
            path
            for place in (folder, folder.resolve().parent)
            for path in sorted(place.glob(f"{Path(FULL).stem}*.pth"))
        ]
        if not found:
            raise BundleError(
                f"{folder / layout.WEIGHTS} holds the heads only, and the encoder was fine-tuned:"
                f" put {FULL} of the same training beside the folder, or copy every file of"
                f" {layout.ZIP}"
            )
        wholes = (read(path)["model_state_dict"] for path in found)
        # The heads are in both files: equal ones show that both are from one training.
        whole = next((one for one in wholes if _holds(one, state)), None)
        if whole is None:
            raise BundleError(
                f"{found[0]} belongs to another training than {folder / layout.WEIGHTS}: put the"
                " right one there, or train again"
            )
        state, heads_only = whole, False
    # Not strict, because a heads-only file lacks the encoder; the check below is stricter.
    missing, unexpected = network.load_state_dict(state, strict=False)
    if unexpected or any(name.startswith("classifier.") or not heads_only for name in missing):
        raise VocationError(
            "its weights are not those of the base model that its config names"
            f" ({[*unexpected, *missing][0]} differs)"
        )


def _holds(whole: Mapping[str, Any], part: Mapping[str, Any]) -> bool:
    """Whether every tensor of `part` is in `whole`, and equal."""
    return all(name in whole and torch.equal(whole[name], part[name]) for name in part)


def as_safetensors(weights: bytes) -> bytes:
    """The tensors of a career_model_cpu.pth as a safetensors file, names and 16 bits unchanged.

    The file is opened weights-only. Raises BundleError for anything but plain tensors.
    """
    checkpoint = load(io.BytesIO(weights), "career_model_cpu.pth")
    try:
        # safetensors refuses tensors that are not contiguous.
        state = {
            name: tensor.contiguous() for name, tensor in checkpoint["model_state_dict"].items()
        }
        return bytes(save(state, metadata={"format": "pt"}))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BundleError(
            f"career_model_cpu.pth is not a plain PyTorch weights file ({type(error).__name__}):"
            " train again"
        ) from None
