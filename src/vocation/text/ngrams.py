"""Score texts by hashed word and letter n-grams, in training and serving alike.

Static and cheap, and wrong on other texts than the network: together they are right more often than
either.
"""

from __future__ import annotations

import itertools
import re
import zlib
from array import array
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

BUCKETS = 2**15
"""Rows of the table. Against 2**14 the accuracy of n-grams alone rises by one to two points; 2**16
would add another, at twice the size.
"""

# "c++" and "c#" are words; a "+" alone is none.
_WORD = re.compile(r"\w[\w+#]*")
_LETTERS = (2, 3, 4, 5)


_KNOWN_WORDS = 2**14  # words whose buckets are kept, about 2 MB: most words of a text are frequent


def ngrams(text: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the distinct buckets of a text's n-grams, and 1 + log of the count of each.

    N-grams are words, pairs of words, and pieces of words of 2 to 5 bytes.
    """
    words = _WORD.findall(text.casefold())
    # Not hash(): that of a string differs from process to process. "replace" is for lone
    # surrogates, which UTF-8 refuses.
    pairs = array(
        "H",
        [
            zlib.crc32(f"{one} {two}".encode("utf-8", "replace")) % BUCKETS
            for one, two in itertools.pairwise(words)
        ],
    )
    found = b"".join((pairs.tobytes(), *map(_of_word, words)))
    buckets, counts = np.unique(np.frombuffer(found, np.uint16), return_counts=True)
    return buckets.astype(np.int64), 1 + np.log(counts)


@lru_cache(maxsize=_KNOWN_WORDS)
def _of_word(word: str) -> bytes:
    """The buckets of a word and of its pieces, two bytes each."""
    # The blanks mark the beginning and the end of a word.
    padded = f" {word} ".encode("utf-8", "replace")
    pieces = (
        # Starting from 1 keeps a piece of a word apart from a whole word of the same letters.
        zlib.crc32(padded[i : i + n], 1) % BUCKETS
        for n in _LETTERS
        for i in range(len(padded) - n + 1)
    )
    return array("H", [zlib.crc32(padded[1:-1]) % BUCKETS, *pieces]).tobytes()


class NgramScorer:
    """The n-gram table of a bundle, ready to score. Immutable."""

    def __init__(self, weights: NDArray[np.int8], factors: NDArray[np.float16]) -> None:
        """`weights` (BUCKETS, classes) are multiples of each bucket's scale; `factors` (BUCKETS, 2)
        are its inverse document frequency and that scale.
        """
        self._weights = weights
        self._idf, self._scale = factors.astype(np.float64).T

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return scores (n, classes): a text's tf-idf vector of length 1 times the weights."""
        result = np.zeros((len(texts), self._weights.shape[1]), np.float32)
        for row, text in enumerate(texts):
            buckets, values = ngrams(text)
            values = values * self._idf[buckets]
            # The scale comes after the norm: it belongs to the weights. 1e-12 is for a text without
            # words.
            values *= self._scale[buckets] / max(float(np.linalg.norm(values)), 1e-12)
            result[row] = values.astype(np.float32) @ self._weights[buckets].astype(np.float32)
        return result
