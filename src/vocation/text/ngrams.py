"""What the words themselves say: hashed word and letter n-grams, shared by training and serving.

Static and cheap, and wrong in other places than the network: together they are right more often
than either.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BUCKETS = 2**15
"""Places in the table. Against 2**14 right answers of the words alone rise by one to two points;
2**16 would add another, and twice the size.
"""

_WORD = re.compile(r"\w[\w+#]*")
_LETTERS = (2, 3, 4, 5)


def ngrams(text: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The buckets of a text's words, word pairs and pieces of words of 2 to 5 bytes, each once, and
    1 + log of how often each occurs.
    """
    words = _WORD.findall(text.casefold())
    found = [zlib.crc32(word.encode("utf-8", "replace")) for word in words]
    found += [
        zlib.crc32(f"{one} {two}".encode("utf-8", "replace"))
        for one, two in itertools.pairwise(words)
    ]
    for word in words:
        padded = f" {word} ".encode("utf-8", "replace")
        found += [
            zlib.crc32(padded[i : i + n], 1) for n in _LETTERS for i in range(len(padded) - n + 1)
        ]
    buckets, counts = np.unique(np.array(found, np.int64) % BUCKETS, return_counts=True)
    return buckets, 1 + np.log(counts)


class NgramScorer:
    """The table of a bundle, ready to score. Immutable."""

    def __init__(self, weights: NDArray[np.int8], factors: NDArray[np.float16]) -> None:
        """`weights` (BUCKETS, classes) in steps of each bucket's own size; `factors` (BUCKETS, 2):
        its rarity, and that size of a step.
        """
        self._weights = weights
        self._rarity, self._step = factors.astype(np.float64).T

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Scores (n, classes): a text's n-grams, weighted by rarity and brought to length 1, times
        their weights.
        """
        result = np.zeros((len(texts), self._weights.shape[1]), np.float32)
        for row, text in enumerate(texts):
            buckets, values = ngrams(text)
            values = values * self._rarity[buckets]
            values *= self._step[buckets] / max(float(np.linalg.norm(values)), 1e-12)
            result[row] = values.astype(np.float32) @ self._weights[buckets].astype(np.float32)
        return result
