"""Check career_model_cpu.pth, the weights of a bundle, without PyTorch.

A view makes a tensor of terabytes of a few bytes, and settings state sizes that a network would be
allocated by: both are compared with the numbers that are in the file.
"""

from __future__ import annotations

import contextlib
import io
import math
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from vocation.bundle import check_json, check_pickle, check_zip
from vocation.bundle.check_pickle import Call, Name, Stored
from vocation.bundle.layout import LABELS, WEIGHTS
from vocation.config import TrainConfig
from vocation.errors import BundleError, ConfigError
from vocation.files import open_regular

# Bytes of a number, and the bits that are all 1 where it is infinite or NaN (0: a whole number).
_KINDS = {
    "Half": (2, 0x7C00),
    "BFloat16": (2, 0x7F80),
    "Float": (4, 0x7F800000),
    "Double": (8, 0x7FF << 52),
    "Bool": (1, 0),
    "Byte": (1, 0),
    "Char": (1, 0),
    "Short": (2, 0),
    "Int": (4, 0),
    "Long": (8, 0),
}
_ORDERED, _REBUILD = "collections.OrderedDict", "torch._utils._rebuild_tensor_v2"
_ALLOWED = {_ORDERED, _REBUILD, *(f"torch.{kind}Storage" for kind in _KINDS)}
# The files of torch.save below its folder: "data.pkl", "data/0"; not "code/model.py".
_TORCH = re.compile(
    r"data\.pkl|version|byteorder|\.format_version|\.storage_alignment|\.data/serialization_id|data/\d{1,6}"
)
_LIMIT = 16_000_000  # bytes of the pickle
_PART = 4_000_000  # bytes of numbers that are looked at together
_TOO_LARGE = "{} has tensors that are larger than their numbers: train again"
_LAYERS = ("classifier.0.weight", "classifier.3.weight")


def check(stream: BinaryIO, where: str) -> list[str]:
    """Return the careers of `stream`, the .pth file `where`.

    Raises BundleError if it has more than plain tensors and values as torch.save writes them, if
    its tensors are larger than their numbers or not finite, and if careers, settings and the last
    layers do not belong together.
    """
    trouble = f"{where} is not a plain PyTorch weights file"
    try:
        check_zip.check_list(Path(where), stream, flat=False)
        with zipfile.ZipFile(stream) as archive:
            check_zip.check(Path(where), archive, stream, flat=False)
            data = _pickle(archive, trouble)
            content = check_pickle.read(data, _ALLOWED, trouble, tensors=True)
            shapes = _shapes(content, archive, where)
    except (
        OSError,
        zipfile.BadZipFile,
        NotImplementedError,  # zipfile's word for an unknown compression
        ValueError,
        EOFError,
        RuntimeError,  # zipfile's word for an encrypted file
    ) as error:
        raise BundleError(f"{trouble} ({str(error)[:80]}): train again") from None
    return _careers(content, shapes, where)


@contextlib.contextmanager
def opened(path: Path, follow: bool = False) -> Iterator[BinaryIO]:
    """Open the .pth file at `path`; with `follow` it may be a link. Raises BundleError."""
    try:
        with open_regular(path, follow=follow) as stream:
            yield stream
    except OSError as error:
        raise BundleError(
            f"{path} cannot be read ({error.strerror or error}): copy it again, or train again"
        ) from None


def check_files(contents: Mapping[str, bytes], careers: Sequence[str], where: str) -> None:
    """Check the two files for PyTorch users in `contents`: they must be those of these `careers`.

    Raises BundleError.
    """
    labels = check_pickle.check_labels(contents[LABELS], where)
    classes = check(io.BytesIO(contents[WEIGHTS]), f"{where}: {WEIGHTS}")
    # The label encoder has them in an order of its own.
    for name, same in ((WEIGHTS, classes == list(careers)), (LABELS, set(labels) == set(careers))):
        if not same:
            raise BundleError(f"{where}: {name} is that of a model for other careers: train again")


def known_settings(values: Any) -> dict[str, Any]:
    """Return the settings in `values` that this version still has."""
    names = {entry.name for entry in fields(TrainConfig)}
    return {key: value for key, value in dict(values).items() if key in names}


def _pickle(archive: zipfile.ZipFile, trouble: str) -> bytes:
    """Return the pickle of a .pth file that has nothing else than torch.save would write."""
    # torch.save puts all files into one folder; its name varies.
    infos = {info.filename.partition("/")[2]: info for info in archive.infolist()}
    roots = {name.partition("/")[0] for name in archive.namelist()}
    odd = [name for name in infos if not _TORCH.fullmatch(name)]
    # torch.save never compresses.
    packed = any(info.compress_type != zipfile.ZIP_STORED for info in infos.values())
    if (
        odd
        or packed
        or len(roots) != 1
        or len(infos) < len(archive.namelist())
        or "data.pkl" not in infos
    ):
        raise BundleError(f"{trouble} (it holds {str(odd or sorted(roots))[:80]}): train again")
    # Checked before the read, which would take that much memory.
    if infos["data.pkl"].file_size > _LIMIT:
        raise BundleError(f"{trouble} (its list of tensors is too long): train again")
    if "byteorder" in infos and archive.read(infos["byteorder"]) != b"little":
        raise BundleError(f"{trouble} (its numbers are not little-endian): train again")
    return archive.read(infos["data.pkl"])


def _shapes(content: Any, archive: zipfile.ZipFile, where: str) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the tensors by name, each checked against the numbers in `archive`."""
    state = content.get("model_state_dict") if isinstance(content, dict) else None
    if isinstance(state, Call) and state.name == _ORDERED and state.arguments == ():
        # PyTorch's own state_dict(); its versions of modules are lost here, and of no use.
        state = state.state
    if not isinstance(state, dict) or not state:
        raise BundleError(f"{where} is not a weights file of a bundle: train again")
    infos = {info.filename.partition("/")[2]: info for info in archive.infolist()}
    seen: set[str] = set()
    shapes = {}
    for name, tensor in state.items():
        if not isinstance(tensor, Call) or tensor.name != _REBUILD:
            raise BundleError(f"{where} is not a weights file of a bundle: train again")
        key, kind, count, shapes[name] = _tensor(tensor, where)
        info = infos.get(f"data/{key}")
        size, special = _KINDS[kind]
        if info is None or info.file_size != size * count:
            raise BundleError(_TOO_LARGE.format(where))
        if special and key not in seen and not _finite(archive, info, size, special):
            raise BundleError(
                f"{where} has numbers that are infinite or none in {name[:80]!r}: train again"
            )
        seen.add(key)
    return shapes


def _tensor(call: Call, where: str) -> tuple[str, str, int, tuple[int, ...]]:
    """Return the key, kind and count of the numbers that a tensor is a view of, and its shape."""
    try:
        stored, offset, shape, stride, *_ = call.arguments
        _, kind, key, _, count = stored.key
        whole = (offset, count, *shape, *stride)
        known = (
            isinstance(stored, Stored)
            and isinstance(kind, Name)
            and isinstance(key, str)
            and all(type(one) is int and 0 <= one < 2**48 for one in whole)
            and len(shape) == len(stride) <= 8
        )
    except (TypeError, ValueError, AttributeError):
        known = False
    if not known:
        raise BundleError(f"{where} has a tensor that is not a plain one: train again")
    # The last number of the view. A view with stride 0 stays within its numbers, hence the product.
    last = offset + sum((side - 1) * step for side, step in zip(shape, stride, strict=True))
    if math.prod(shape) > count or (0 not in shape and last >= count):
        raise BundleError(_TOO_LARGE.format(where))
    return key, kind.path.removeprefix("torch.").removesuffix("Storage"), count, shape


def _finite(archive: zipfile.ZipFile, info: zipfile.ZipInfo, size: int, special: int) -> bool:
    with archive.open(info) as file:
        while part := file.read(_PART):
            bits = np.frombuffer(part, f"<u{size}")
            if (bits & bits.dtype.type(special) == special).any():
                return False
    return True


def _careers(content: Mapping[str, Any], shapes: Mapping[str, Any], where: str) -> list[str]:
    """Return the careers; BundleError unless settings and the last layers are made for them."""
    classes: Any = content.get("classes")
    config = content.get("config")
    named = isinstance(classes, list) and all(isinstance(name, str) for name in classes)
    if not named or len(set(classes)) < len(classes) or not isinstance(config, dict):
        raise BundleError(
            f"{where}: its careers, settings and weights do not belong together: train again"
        )
    try:
        check_json.check_texts(classes)
        hidden = TrainConfig.from_dict(known_settings(config)).hidden_dim
    except (ConfigError, ValueError, TypeError) as error:
        raise BundleError(
            f"{where} is not a weights file that training can start from ({str(error)[:200]}):"
            " train again"
        ) from None
    # The two linear layers of `Classifier`; ReLU and dropout between them have no weights.
    first, last = (shapes.get(name, ()) for name in _LAYERS)
    if first[:1] != (hidden,) or last != (len(classes), hidden):
        raise BundleError(
            f"{where}: its careers, settings and weights do not belong together: train again"
        )
    return list(classes)
