"""What was computed once: exported encoders, and vectors of texts by content hash, in a folder that
only its owner can read.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LIMIT = 200_000  # vectors kept for one encoder (about 300 MB for 384 numbers each)


def folder() -> Path:
    """$VOCATION_CACHE, or `vocation` in the user's cache folder; made with access for its owner
    alone.
    """
    base = os.environ.get("VOCATION_CACHE")
    path = (
        Path(base)
        if base
        else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vocation"
    )
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def cached(name: str, make: Callable[[], bytes]) -> bytes:
    """The bytes stored under `name`, or those of `make()`, stored for the next time."""
    path = folder() / name
    try:
        return path.read_bytes()
    except OSError:
        content = make()
        _store(path, content)
        return content


def vectors(
    encoder: bytes, texts: Sequence[str], encode: Callable[[list[str]], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Vectors (n, d) of `texts`; only those that this encoder has not seen before are computed."""
    path = folder() / f"vectors-{hashlib.sha256(encoder).hexdigest()[:32]}.npz"
    known = _load(path)
    keys = [hashlib.sha256(text.encode("utf-8")).digest() for text in texts]
    fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if fresh:
        known |= dict(zip(fresh, encode(list(fresh.values())), strict=True))
        newest = list(known.items())[-_LIMIT:]
        _save(
            path, [key for key, _ in newest], np.array([vector for _, vector in newest], np.float32)
        )
    return np.array([known[key] for key in keys], np.float32)


def _load(path: Path) -> dict[bytes, Any]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            return dict(
                zip((row.tobytes() for row in stored["keys"]), stored["vectors"], strict=True)
            )
    except (
        OSError,
        ValueError,
        KeyError,
        EOFError,
        zipfile.BadZipFile,
    ):  # absent or damaged: computed again
        return {}


def _save(path: Path, keys: list[bytes], table: NDArray[np.float32]) -> None:
    buffer = io.BytesIO()
    np.savez(
        buffer, keys=np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), -1), vectors=table
    )
    _store(path, buffer.getvalue())


def _store(path: Path, content: bytes) -> None:
    """A cache is a convenience: a full or read-only disk must not stop the work."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent)
    except OSError:
        return
    try:
        with open(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
