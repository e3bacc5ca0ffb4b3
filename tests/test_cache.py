"""Vectors are computed once; what is damaged is computed again, and the cache stays within its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

cache = pytest.importorskip("vocation.training.encoder.cache")


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("VOCATION_CACHE", str(tmp_path / "cache"))
    return []


def vectors(texts: Sequence[str], asked: list[str]) -> list[float]:
    """The length of each text as its vector; `asked` notes what had to be computed."""

    def encode(fresh: list[str]) -> np.ndarray:
        asked.extend(fresh)
        return np.array([[len(text), 0.0] for text in fresh], np.float32)

    table = cache.vectors(b"encoder", texts, encode)
    return [float(row[0]) for row in table]


def test_only_new_texts_are_computed_and_old_shards_stay_as_they_are(asked: list[str]) -> None:
    assert vectors(["a", "bb", "a"], asked) == [1, 2, 1]
    (first,) = cache.folder().glob("*/*.npz")
    before = first.stat().st_mtime_ns
    assert vectors(["ccc", "bb"], asked) == [3, 2]
    assert asked == ["a", "bb", "ccc"]
    assert first.stat().st_mtime_ns == before
    assert len(list(cache.folder().glob("*/*.npz"))) == 2


@pytest.mark.parametrize("place", range(0, 900, 41))
def test_a_flipped_bit_is_never_used(place: int, asked: list[str]) -> None:
    vectors(["a", "bb"], asked)
    (shard,) = cache.folder().glob("*/*.npz")
    content = bytearray(shard.read_bytes())
    content[place % len(content)] ^= 1
    shard.write_bytes(content)
    assert vectors(["a", "bb"], asked) == [1, 2]
    stored = cache.cached("encoder.bin", lambda: b"whole")
    path = cache.folder() / "encoder.bin"
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= 1
    path.write_bytes(content)
    assert cache.cached("encoder.bin", lambda: b"whole") == stored == b"whole"


def test_the_oldest_vectors_make_room(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    vectors(["a"], asked)
    (shard,) = cache.folder().glob("*/*.npz")
    monkeypatch.setattr(cache, "MOST_BYTES", int(2.5 * shard.stat().st_size))
    vectors(["bb"], asked)
    vectors(["ccc"], asked)
    assert len(list(cache.folder().glob("*/*.npz"))) == 2
    assert vectors(["a", "bb", "ccc"], asked) == [1, 2, 3]
    assert asked == ["a", "bb", "ccc", "a"], "only the oldest one was gone"
