"""What was computed once: exported encoders, and vectors of texts by the hash of their content.

The folder can be read by its owner alone. Everything in it is hashed; what is damaged is computed
again. A cache is a convenience, so a full or read-only disk never stops the work.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vocation.files import atomic_write

MOST_BYTES = 300_000_000
"""Vectors kept for one encoder: about 65,000 texts, at three layers of 384 numbers each."""

Table = NDArray[np.float32]


def folder() -> Path:
    """$VOCATION_CACHE, or `vocation` in the user's cache folder; made for its owner alone."""
    path = Path(os.environ.get("VOCATION_CACHE") or _user_cache() / "vocation")
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def cached(name: str, make: Callable[[], bytes]) -> bytes:
    """The bytes stored under `name`, or those of `make()`, stored for the next time."""
    path = folder() / name
    with contextlib.suppress(OSError):
        stored = path.read_bytes()
        # The first 32 bytes are the sha256 of the rest, so a torn file is noticed.
        digest, content = stored[:32], stored[32:]
        if digest == hashlib.sha256(content).digest():
            return content
    content = make()
    _store(path, hashlib.sha256(content).digest() + content)
    return content


def vectors(
    encoder: bytes, texts: Sequence[str], encode: Callable[[list[str]], Table]
) -> NDArray[np.float32]:
    """Vectors (n, d) of `texts`; only those that this encoder has not seen before are computed."""
    place = folder() / f"vectors-{hashlib.sha256(encoder).hexdigest()[:32]}"
    keys = [hashlib.sha256(text.encode("utf-8")).digest() for text in texts]
    known: dict[bytes, Table] = {}
    wanted = set(keys)
    for shard in _shards(place):
        # Every vector is found: the older shards need not be opened.
        if wanted <= known.keys():
            break
        known |= _load(shard, wanted)
    # A dict by hash: a text that occurs twice is encoded once.
    fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if fresh:
        table = encode(list(fresh.values()))
        known |= dict(zip(fresh, table, strict=True))
        _add(place, list(fresh), table)
    return np.array([known[key] for key in keys], np.float32)


def _shards(place: Path) -> list[Path]:
    """What earlier calls added, the newest first: names begin with the time."""
    return sorted(place.glob("*.npz"), reverse=True)


def _load(shard: Path, wanted: set[bytes]) -> dict[bytes, Table]:
    """The vectors of `shard` that are wanted; none where it is damaged.

    An .npz is read member by member: without a wanted key the vectors stay on the disk.
    """
    try:
        with np.load(shard, allow_pickle=False) as stored:
            keys = [row.tobytes() for row in stored["keys"]]
            # The vectors are by far the largest member, so the keys decide before they are read.
            if wanted.isdisjoint(keys):
                return {}
            table = stored["vectors"]
            if stored["digest"].tobytes() != _digest(keys, table) or len(table) != len(keys):
                return {}
    except Exception:  # numpy and zipfile raise a dozen kinds on damaged bytes
        return {}
    return {key: row for key, row in zip(keys, table, strict=True) if key in wanted}


def _add(place: Path, keys: list[bytes], table: Table) -> None:
    """Add one shard with the newest rows that fit, and remove the oldest shards beyond the limit.

    Nothing that is there already is written again.
    """
    # A row costs its vector and its key of 32 bytes.
    rows = max(1, MOST_BYTES // (table[:1].nbytes + 32))
    keys, table = keys[-rows:], np.ascontiguousarray(table[-rows:], np.float32)
    buffer = io.BytesIO()
    np.savez(
        buffer,
        # (rows, 32): one sha256 a row. An .npz without pickle has no column of bytes objects.
        keys=np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), -1),
        vectors=table,
        digest=np.frombuffer(_digest(keys, table), np.uint8),
    )
    _store(place / f"{time.time_ns():020d}.npz", buffer.getvalue())
    # Another process may have removed the same shard already.
    for shard in _beyond_limit(place):
        with contextlib.suppress(OSError):
            shard.unlink()


def _beyond_limit(place: Path) -> Iterator[Path]:
    total = 0
    for shard in _shards(place):
        with contextlib.suppress(OSError):
            total += shard.stat().st_size
        if total > MOST_BYTES:
            yield shard


def _digest(keys: Sequence[bytes], table: Table) -> bytes:
    return hashlib.sha256(b"".join(keys) + np.ascontiguousarray(table).tobytes()).digest()


def _store(path: Path, content: bytes) -> None:
    with contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True, mode=0o700)
        atomic_write(path, content, mode=0o600)
