"""Check the two files of a bundle that other libraries unpickle, without unpickling them.

Lists of forbidden names have always had holes. Here a pickle may import the few names that an
honest file needs, every name must be written out in it, and everything else is refused.
"""

from __future__ import annotations

import io
import pickletools
import re
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from vocation.bundle import check_zip
from vocation.errors import BundleError

_LABELS = {
    ("sklearn.preprocessing._label", "LabelEncoder"),
    # numpy 2 renamed numpy.core; a file has the name that its writer knew.
    *((f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
}
_WEIGHTS = {
    ("collections", "OrderedDict"),
    ("torch._utils", "_rebuild_tensor_v2"),
    *(
        ("torch", f"{kind}Storage")
        for kind in (
            "Half",
            "BFloat16",
            "Float",
            "Double",
            "Bool",
            "Byte",
            "Char",
            "Short",
            "Int",
            "Long",
        )
    ),
}
# The files of torch.save below its folder: "data.pkl", "data/0"; not "code/model.py".
_TORCH = re.compile(
    r"data\.pkl|version|byteorder|\.format_version|\.storage_alignment|\.data/serialization_id|data/\d{1,6}"
)
# Bytes and instructions of a pickle: 10,000 careers and a large encoder's tensors take 40,000.
_LIMIT, _STEPS = 16_000_000, 300_000
# Instructions that push a text, that keep the top of the stack, and that fetch what was kept.
_TEXTS = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"}
_KEPT = {"MEMOIZE", "PUT", "BINPUT", "LONG_BINPUT"}
_FETCHED = {"GET", "BINGET", "LONG_BINGET"}
# Imports by number from a registry of the process, and objects that are not in the pickle.
_OTHER_WAYS = {"EXT1", "EXT2", "EXT4", "PERSID", "NEXT_BUFFER", "READONLY_BUFFER"}


def check_labels(data: bytes, where: str) -> None:
    """Raise BundleError if `data`, the label_encoder.pkl at `where`, is no plain LabelEncoder."""
    _check(data, _LABELS, f"{where}: label_encoder.pkl is not a plain LabelEncoder", tensors=False)


def check_weights(stream: BinaryIO, where: str) -> None:
    """Raise BundleError if `stream`, the .pth file `where`, has more than plain tensors and values.

    They must be as torch.save writes them.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            check_zip.check(Path(where), archive, stream, flat=False)
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
                raise BundleError(
                    f"{where} is not a plain PyTorch weights file (it holds"
                    f" {str(odd or sorted(roots))[:80]}): train again"
                )
            # Checked before the read, which would take that much memory.
            if infos["data.pkl"].file_size > _LIMIT:
                raise BundleError(
                    f"{where} is not a plain PyTorch weights file (its list of tensors is too"
                    " long): train again"
                )
            data = archive.read(infos["data.pkl"])
    except (
        OSError,
        zipfile.BadZipFile,
        NotImplementedError,  # zipfile's word for an unknown compression
        ValueError,
        EOFError,
        RuntimeError,  # zipfile's word for an encrypted file
    ) as error:
        raise BundleError(
            f"{where} is not a plain PyTorch weights file ({str(error)[:80]}): train again"
        ) from None
    _check(data, _WEIGHTS, f"{where} is not a plain PyTorch weights file", tensors=True)


def _check(data: bytes, allowed: Collection[tuple[str, str]], trouble: str, tensors: bool) -> None:
    """Raise BundleError if `data` imports a name that is not `allowed`.

    `tensors`: it may refer to tensors outside the pickle.
    """
    try:
        if len(data) > _LIMIT:
            raise ValueError(f"it is larger than {_LIMIT // 1_000_000} MB")
        refused = next((name for name in _imports(data, tensors) if name not in allowed), None)
    except Exception as error:  # the disassembler raises whatever a damaged file leads it to
        raise BundleError(f"{trouble} ({str(error)[:100]}): train again") from None
    if refused:
        raise BundleError(
            f"{trouble}: it would run {'.'.join(refused)[:80]!r} when it is opened, so do not open"
            " it, and train again"
        )


def _imports(data: bytes, tensors: bool) -> Iterator[tuple[str, str]]:
    """Yield the (module, name) of everything that unpickling `data` would import.

    Raises ValueError where one cannot be known.
    """
    memo: dict[int, str | None] = {}
    # STACK_GLOBAL imports the two texts on top of the stack; None for anything else there.
    last: list[str | None] = [None, None]
    end = 0
    for count, (code, value, place) in enumerate(pickletools.genops(io.BytesIO(data))):
        # genops ends at STOP, which is one byte: what stands behind it was not disassembled.
        name, end = code.name, int(place or 0) + 1
        if count > _STEPS:
            raise ValueError(f"it has more than {_STEPS:,} steps")
        if name in ("GLOBAL", "INST"):
            # pickletools joins the two with a blank.
            module, _, own = str(value).partition(" ")
            yield module, own
        elif name == "STACK_GLOBAL":
            if None in last:
                raise ValueError("it hides what it imports")
            yield str(last[0]), str(last[1])
        elif name in _OTHER_WAYS or (name == "BINPERSID" and not tensors):
            raise ValueError(f"it uses {name}")
        if name in _KEPT:
            # MEMOIZE has no number: it takes the next one. The stack stays as it is.
            memo[len(memo) if value is None else int(str(value))] = last[1]
        else:
            # None for whatever is no text: an import of it is then refused.
            top = (
                str(value)
                if name in _TEXTS
                else memo.get(int(str(value)))
                if name in _FETCHED
                else None
            )
            last = [last[1], top]
    if end != len(data):
        raise ValueError("it has bytes after its end")
