"""Find texts that may be near-duplicates: MinHash and locality-sensitive hashing in numpy.

Broder 1997; Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3. Everything is
vectorised over the letters of many texts: a million rows take a minute, and the same texts give the
same answer everywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    Ints = np.ndarray[Any, np.dtype[np.int64]]
    Floats = np.ndarray[Any, np.dtype[np.float64]]
    Hashes = np.ndarray[Any, np.dtype[np.uint64]]

MIN_WORDS = 16
"""Shorter texts are near-duplicates only if all their words are the same: one other word may be the
whole point.
"""
BANDS = 20
"""Groups of hashes; texts are compared where one group is equal. Chance to compare two texts at a
similarity of .72: 1 - (1 - .72^4)^20 = 99.8 %; at .3: 15 %.
"""

_RUN = 3  # words
_HASHES = BANDS * 4
_MOST_PAIRS = 100_000  # a band, and 4 a text: bounds a bucket in which everything is alike
_PAIRS = 50_000  # compared at once
_CHUNK = 500_000  # characters, or runs, at once


class Index:
    """Texts prepared for comparison.

    `keys` (n): a hash of all words in order. `runs`: the different three-word runs (hashed) of the
    texts of MIN_WORDS words and more, `long`; text i has runs[start[i] : start[i + 1]]. `signature`
    (len(long), 80): a byte of each MinHash; `bands` (len(long), 20): these, four together.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        sizes = []
        # They grow in place: lists of arrays would be copied into one in the end.
        keys, runs, signature = bytearray(), bytearray(), bytearray()
        first = 0
        while first < len(texts):
            last, room = first, _CHUNK
            while last < len(texts) and (room > 0 or last == first):
                room -= len(texts[last]) + 1
                last += 1
            words, counts = _words(texts[first:last])
            keys += self._keys(texts[first:last], words, counts).data
            run, size = self._runs(words, counts)
            sizes.append(size)
            runs += run.data
            # Without empty texts: reduceat returns the value at the start for a stretch of none.
            minimum = self._minima(run, size[size > 0])
            # The lowest byte is enough: two different hashes share it once in 256.
            signature += minimum.astype(np.uint8).data
            first = last
        size = np.concatenate(sizes)
        self.keys, self.runs = np.frombuffer(keys, np.uint64), np.frombuffer(runs, np.uint32)
        self.start, self.long = np.r_[0, np.cumsum(size)], np.flatnonzero(size)
        self.signature = np.frombuffer(signature, np.uint8).reshape(-1, _HASHES)
        self.bands = self.signature.view(np.uint32)  # four bytes read as one number

    @staticmethod
    def _keys(texts: Sequence[str], words: Hashes, counts: Ints) -> Hashes:
        """Return a hash of all words in order for each text."""
        ends = np.cumsum(counts)
        # The place of each word in its text goes into the hash, so that the order counts.
        place = np.arange(len(words)) - np.repeat(ends - counts, counts)
        total = np.r_[
            np.uint64(0), np.cumsum(_mix(words + place.astype(np.uint64) * _ODD), dtype=np.uint64)
        ]
        # Differences of a running sum are the sums per text, even after it wrapped around at 2^64.
        keys: Hashes = total[ends] - total[ends - counts]
        # Texts of nothing but punctuation are equal only if it is the same.
        for i in np.flatnonzero(counts == 0).tolist():
            keys[i] = int.from_bytes(
                hashlib.blake2b(texts[i].encode(), digest_size=8).digest(), "big"
            )
        return keys

    @staticmethod
    def _runs(words: Hashes, counts: Ints) -> tuple[np.ndarray[Any, np.dtype[np.uint32]], Ints]:
        """Return the different runs of every long text, and their number for every text.

        Short texts have none. The order of words within a run does not count: it is the hash of a
        sum. Two blanks (zeros) stand before and behind each text, so that every word is in three
        runs.
        """
        is_long = counts >= MIN_WORDS
        wide = counts[is_long] + 2 * (_RUN - 1)
        text = np.repeat(np.arange(len(wide), dtype=np.uint64), wide)
        place = np.arange(len(text)) - np.repeat(np.cumsum(wide) - wide, wide)
        padded = np.zeros(len(text), dtype=np.uint64)
        padded[(place >= _RUN - 1) & (place < np.repeat(wide, wide) - (_RUN - 1))] = words[
            np.repeat(is_long, counts)
        ]
        run = _mix(padded[:-2] + padded[1:-1] + padded[2:])
        # Runs over the border of two texts are left out. The number of the text in the upper half
        # and the hash in the lower: one sort finds what a text has twice.
        whole = text[:-2] == text[2:]
        run = np.sort((text[:-2][whole] << np.uint64(32)) | (run[whole] >> np.uint64(32)))
        # np.unique would sort again and take ten times as long.
        # Cut to the length of `run`, since np.r_ has one entry even where there are no runs.
        run = run[np.r_[True, run[1:] != run[:-1]][: len(run)]]
        size = np.zeros(len(counts), dtype=np.int64)
        size[is_long] = np.bincount((run >> np.uint64(32)).astype(np.int64), minlength=len(wide))
        # The cast keeps the lower half: the hash without the number of the text.
        return run.astype(np.uint32), size

    @staticmethod
    def _minima(runs: np.ndarray[Any, np.dtype[np.uint32]], sizes: Ints) -> Hashes:
        """Return the MinHashes (len(sizes), 80), 32 bits each.

        Each of the 80 hash functions is x -> (x ^ a) * b; the smallest value over the runs of a
        text is equal in two texts with the probability of their Jaccard similarity.
        """
        minima = np.empty((len(sizes), _HASHES), dtype=np.uint64)
        if len(sizes):
            wide, starts = runs.astype(np.uint64), np.cumsum(sizes) - sizes
            for k in range(_HASHES):
                minima[:, k] = np.minimum.reduceat((wide ^ _XOR[k]) * _TIMES[k], starts)
        # The upper half: low bits of a product depend on low bits of the factors only.
        return minima >> np.uint64(32)

    def jaccard(self, left: Ints, right: Ints) -> Floats:
        """Return the share of common runs for each pair of long texts."""
        size = np.diff(self.start)
        both = size[left] + size[right]
        result = np.empty(len(left))
        # Parts of about _CHUNK runs bound the memory.
        for part in np.split(
            np.arange(len(left)), np.flatnonzero(np.diff(np.cumsum(both) // _CHUNK)) + 1
        ):
            # Each side has a run once: after sorting, a run that both have stands twice in a row.
            sides = [self._numbered(side[part], size) for side in (left, right)]
            runs = np.sort(np.concatenate(sides))
            common = np.bincount(
                (runs[1:][runs[1:] == runs[:-1]] >> np.uint64(32)).astype(np.int64),
                minlength=len(part),
            )
            result[part] = common / np.maximum(both[part] - common, 1)
        return result

    def _numbered(self, texts: Ints, size: Ints) -> Hashes:
        """Return the runs of the texts in order, the place of the text in the upper half."""
        sizes = size[texts]
        at = np.arange(int(sizes.sum())) + np.repeat(
            self.start[texts] - (np.cumsum(sizes) - sizes), sizes
        )
        numbered: Hashes = (
            np.repeat(np.arange(len(texts), dtype=np.uint64), sizes) << np.uint64(32)
        ) | self.runs[at]
        return numbered

    def similarity(self, a: int, b: int) -> float:
        """Return 1.0 for equal words, else the share of common runs (0 for short texts)."""
        if self.keys[a] == self.keys[b]:
            return 1.0
        x = self.runs[self.start[a] : self.start[a + 1]]
        y = self.runs[self.start[b] : self.start[b + 1]]
        common = len(np.intersect1d(x, y, assume_unique=True))
        return common / max(len(x) + len(y) - common, 1)


def candidates(
    band: np.ndarray[Any, Any], following: np.ndarray[Any, Any]
) -> Iterator[tuple[Ints, Ints]]:
    """Yield pairs of rows that agree in a band.

    Sorted, they stand next to each other, those that also agree in the `following` band nearest.
    Each is paired with its next neighbour, then with the next but one, and so on: small buckets are
    done wholly, and a giant one costs no more than the bound.
    """
    order = np.lexsort((following, band))
    key = band[order]
    bound = _MOST_PAIRS + 4 * len(order)
    here, step, waiting, waits = np.arange(len(order)), 1, [], 0
    while here.size and bound > 0:
        # Rows that have no neighbour so far away drop out, and with them the buckets that are done.
        here = here[: np.searchsorted(here, len(order) - step)]
        here = here[key[here] == key[here + step]]
        waiting.append((order[here], order[here + step]))
        waits, bound, step = waits + len(here), bound - len(here), step + 1
        if waits > _PAIRS or not here.size or bound <= 0:
            a = np.concatenate([pair[0] for pair in waiting])
            b = np.concatenate([pair[1] for pair in waiting])
            for part in range(0, len(a), _PAIRS):
                yield a[part : part + _PAIRS], b[part : part + _PAIRS]
            waiting, waits = [], 0


def _mix(values: Hashes) -> Hashes:
    """Apply the finaliser of splitmix64: every bit of the input moves every bit of the output."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


_ODD = np.uint64(0x9E3779B97F4A7C15)  # splitmix64's step: 2^64 over the golden ratio
# FNV's prime is odd, so it has an inverse modulo 2^64: that takes the hash of a word, wherever the
# word stands, back to what it would be at the start.
_PRIME = 0x100000001B3
# Runs have 32 bits, hence the XOR has. An odd factor maps no two values to the same one.
_SALT = _mix(np.arange(1, 2 * _HASHES + 1, dtype=np.uint64) * _ODD)
_XOR, _TIMES = _SALT[:_HASHES] >> np.uint64(32), _SALT[_HASHES:] | np.uint64(1)
# By byte of UTF-8: blanks and punctuation separate words (but not the signs of "C++", "C#", "$5");
# each Chinese, Japanese or Korean sign (three bytes, the first E3 to ED) is a word.
_IN_WORD = np.array(
    [byte > 32 and chr(byte) not in ".,;:!?\"'()[]{}<>/\\|-_*=~^`\x7f" for byte in range(256)]
)
# The other bytes of a sign are 80 to BF, so that each is counted once.
_SIGN = np.array([0xE3 <= byte <= 0xED for byte in range(256)])


def _words(texts: Sequence[str]) -> tuple[Hashes, Ints]:
    """Return the hash of every word of the texts, in order, and the number of words of each text.

    Case and punctuation do not count.
    """
    # NUL ends each text: no clean text has it.
    data = np.frombuffer(("\0".join(texts) + "\0").casefold().encode("utf-8", "replace"), np.uint8)
    inside, sign = _IN_WORD[data], _SIGN[data]
    # A word begins where the byte before is in none, and ends where the next one is in none.
    begin = np.flatnonzero(inside & (~np.r_[False, inside[:-1]] | sign))
    end = 1 + np.flatnonzero(inside & (~np.r_[inside[1:], False] | np.r_[sign[1:], False]))
    # A polynomial hash of every word at once: the sum of byte * prime^place over a word is the
    # difference of two running sums, times the inverse prime^place of its first byte. All of it
    # wraps around at 2^64, as it should.
    power, back = (
        np.full(len(data), base, dtype=np.uint64) for base in (_PRIME, pow(_PRIME, -1, 2**64))
    )
    np.multiply.accumulate(power, out=power)
    np.multiply.accumulate(back, out=back)
    total = np.r_[np.uint64(0), np.cumsum(data * power, dtype=np.uint64)]
    # Words that begin before the end of each text, less those of the texts before it.
    counts = np.diff(np.searchsorted(begin, np.flatnonzero(data == 0)), prepend=0)
    return _mix((total[end] - total[begin]) * back[begin]), counts
