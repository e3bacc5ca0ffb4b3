"""Rows that say the same: which to merge within a role, and which of different roles must stay on
one side of a split.

Near-duplicates are found by MinHash and locality-sensitive hashing in numpy (Broder 1997; Leskovec,
Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3) and then verified exactly.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vocation.text.clean import mask_role

if TYPE_CHECKING:
    Ints = np.ndarray[Any, np.dtype[np.int64]]
    Floats = np.ndarray[Any, np.dtype[np.float64]]
    Words = np.ndarray[Any, np.dtype[np.uint64]]

SIMILAR = 0.72
"""Two texts are near-duplicates from this share of common three-word runs on (Jaccard). One changed
word breaks three runs of each text, so changing a share f of the words leaves (1 - 3f) / (1 + 3f):
.74 at 5 %, .54 at 10 %; one word of 20 leaves 19 of 25 = .76. The order within a run does not
count: two neighbours that change places break two runs, not four.
"""
MIN_WORDS = 16
"""Shorter texts are near-duplicates only if all their words are the same: one other word may be the
whole point.
"""

_RUN = 3
_BANDS, _BAND_SIZE = (
    20,
    4,
)  # chance to compare two texts at .72: 1 - (1 - .72^4)^20 = 99.8 %; at .3: 15 %
_HASHES = _BANDS * _BAND_SIZE
# of 80 hashes before we count exactly: at .72 fewer than that come once in 2,000 pairs (binomial)
_AGREE = 44
_MOST_PAIRS = (
    100_000  # per band, plus 4 a text: a bound for buckets in which everything resembles everything
)
_PAIRS = 50_000  # compared at once
_CHUNK = 500_000  # characters, or runs, at once


def find_duplicates(
    texts: Sequence[str], labels: Ints, roles: Sequence[str]
) -> tuple[Ints, Floats, int, Ints, list[list[int]]]:
    """Which row each row is kept as (itself, or an earlier one of its role), how similar it is to
    that one, the number of exactly different rows, the group of each row, and the clusters of equal
    texts under different roles (one row of each role).
    """
    kept_as = np.arange(len(texts))
    first: dict[str, int] = {}
    order = np.argsort(labels, kind="stable")
    for previous, i in zip([-1, *order[:-1].tolist()], order.tolist(), strict=True):
        if previous < 0 or labels[previous] != labels[i]:
            first = {}
        kept_as[i] = first.setdefault(texts[i].casefold(), i)
    del first
    rest = np.flatnonzero(kept_as == np.arange(len(texts)))  # positions in `rest` from here on
    views, label = [[texts[i] for i in rest.tolist()]], labels[rest]
    found = [_near_pairs(_Index(views[0]), label)]
    masked = _masked(views[0], label, roles)
    if masked != views[0]:
        views.append(masked)
        found.append(
            _near_pairs(_Index(masked), label)
        )  # one index after the other: each is as large as the texts
    left, right, likeness = (np.concatenate(parts) for parts in zip(*found, strict=True))

    touched = np.unique(
        np.r_[0, left, right]
    )  # only these are compared again (and the first, so that there is one)
    again = [_Index([view[i] for i in touched.tolist()]) for view in views]
    within, place = label[left] == label[right], np.searchsorted(touched, np.arange(len(rest)))
    first_of, likest = _keep_first(
        again, place[left[within]], place[right[within]], likeness[within]
    )
    leader, similarity = np.arange(len(rest)), np.ones(len(rest))
    leader[touched], similarity[touched] = touched[first_of], likest
    groups = _join(np.arange(len(rest)), left, right)
    left, right, likeness = found[
        0
        # the plain view tells contradictions: once masked, what a template says of two roles is
        # alike
    ]
    across = label[left] != label[right]
    across[across] = (
        again[-1].jaccard(place[left[across]], place[right[across]]) <= likeness[across]
    )  # nor where naming the roles is the difference
    clashes = _clusters(leader[left[across]], leader[right[across]], label)

    position = np.searchsorted(rest, kept_as)
    shown = np.where(kept_as == np.arange(len(texts)), similarity[position], 1.0)
    return (
        rest[leader[position]],
        shown,
        len(rest),
        groups[position],
        [rest[cluster].tolist() for cluster in clashes],
    )


def _masked(texts: Sequence[str], labels: Ints, roles: Sequence[str]) -> list[str]:
    """Each text without the name of its own role; many at once, parted by a character that no clean
    text has.
    """
    masked = list(texts)
    for label in np.unique(labels).tolist():
        members = np.flatnonzero(labels == label)
        for part in np.array_split(members, 1 + len(members) // 20_000):
            joined = mask_role("\0".join([texts[i] for i in part.tolist()]), roles[label])
            for i, text in zip(part.tolist(), joined.split("\0"), strict=True):
                if (
                    text != masked[i]
                ):  # else the same string stands in both lists, and in memory once
                    masked[i] = text
    return masked


def _keep_first(
    views: Sequence[_Index], left: Ints, right: Ints, likeness: Floats
) -> tuple[Ints, Floats]:
    """For each text the first one that it repeats: itself, or a kept one that is near it. Pairs
    (left < right) are of one role.

    A text near a merged one is compared with what that one was merged into, so that chains of small
    changes do not melt together.
    """
    count = len(views[0].keys)
    leader, similarity = np.arange(count), np.ones(count)
    order = np.lexsort((left, right))
    for i, j, alike in zip(
        left[order].tolist(), right[order].tolist(), likeness[order].tolist(), strict=True
    ):
        if leader[j] == j:
            kept = leader[i]
            if kept != i:
                alike = max(view.similarity(kept, j) for view in views)
            if alike >= SIMILAR:
                leader[j], similarity[j] = kept, alike
    return leader, similarity


def _clusters(left: Ints, right: Ints, labels: Ints) -> list[Ints]:
    """Connected texts, the first of each role, in order."""
    component = _join(np.arange(len(labels)), left, right)
    members = np.unique(np.concatenate([left, right]))
    by_component: dict[int, dict[int, int]] = defaultdict(dict)
    for i in members.tolist():
        by_component[int(component[i])].setdefault(int(labels[i]), i)
    return [np.array(list(firsts.values())) for firsts in by_component.values() if len(firsts) > 1]


def _join(component: Ints, left: Ints, right: Ints) -> Ints:
    """`component` (n) after joining the components of each pair; a component is named by its
    smallest member.
    """
    component = component.copy()
    while True:
        a, b = component[left], component[right]
        differ = a != b
        if not differ.any():
            return component
        a, b = a[differ], b[differ]
        np.minimum.at(component, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(component, shorter := component[component]):
            component = shorter


def _near_pairs(index: _Index, labels: Ints) -> tuple[Ints, Ints, Floats]:
    """Pairs left < right of texts that are near-duplicates, and their similarity: enough of them to
    connect all that belong together, and to name for each text an earlier one of its role.
    """
    count = len(labels)
    order = np.lexsort((np.arange(count), labels, index.keys))
    new_key = np.r_[True, index.keys[order][1:] != index.keys[order][:-1]][:count]
    new = new_key | np.r_[True, labels[order][1:] != labels[order][:-1]][:count]
    place = np.arange(count)
    anchor = order[
        np.maximum.accumulate(np.where(new, place, 0))
    ]  # the first text with these words in this role
    anchor = np.where(
        new, order[np.maximum.accumulate(np.where(new_key, place, 0))], anchor
    )  # or in any role
    equal = anchor != order
    found = [
        (
            np.minimum(anchor, order)[equal],
            np.maximum(anchor, order)[equal],
            np.ones(int(equal.sum())),
        )
    ]
    component = _join(np.arange(count), *found[0][:2])
    absorbed = np.zeros(count, dtype=bool)  # has a near-duplicate before it in its role
    absorbed[order[~new]] = True
    single = np.zeros(count, dtype=bool)
    single[order[new]] = True
    rows = np.flatnonzero(single[index.long])  # rows of the signature
    for band in range(_BANDS):
        for a, b in _candidates(index.bands[rows, band], index.bands[rows, (band + 1) % _BANDS]):
            a, b = rows[a], rows[b]
            left = np.minimum(index.long[a], index.long[b])
            right = np.maximum(index.long[a], index.long[b])
            same = labels[left] == labels[right]
            open_ = (component[left] != component[right]) | (same & ~absorbed[right])
            open_[open_] = (index.signature[a[open_]] == index.signature[b[open_]]).sum(
                axis=1
            ) >= _AGREE
            left, right, same = left[open_], right[open_], same[open_]
            alike = index.jaccard(left, right)
            near = alike >= SIMILAR
            left, right = left[near], right[near]
            absorbed[right[same[near]]] = True
            component = _join(component, left, right)
            found.append((left, right, alike[near]))
    left, right, alike = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return left, right, alike


def _candidates(
    band: np.ndarray[Any, Any], following: np.ndarray[Any, Any]
) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of rows that agree in a band. Sorted, they stand side by side (those that agree in the
    `following` one, too, nearest): compare each with its next neighbour, then the next but one, ...
    so that small buckets are done wholly and a giant one costs no more than the bound.
    """
    order = np.lexsort((following, band))
    key = band[order]
    bound = _MOST_PAIRS + 4 * len(order)
    here, step, waiting, waits = np.arange(len(order)), 1, [], 0
    while here.size and bound > 0:
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


def _mix(values: Words) -> Words:
    """The finaliser of splitmix64: every bit of the input moves every bit of the output."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


_ODD = np.uint64(0x9E3779B97F4A7C15)
_PRIME = (
    0x100000001B3  # FNV's; its inverse modulo 2^64 takes a word's hash back to its first letter
)
_SALT = _mix(np.arange(1, 2 * _HASHES + 1, dtype=np.uint64) * _ODD)
_XOR, _TIMES = _SALT[:_HASHES] >> np.uint64(32), _SALT[_HASHES:] | np.uint64(1)
# By byte of UTF-8: blanks and punctuation part words (but not the signs of "C++", "C#", "$5"); each
# Chinese, Japanese or Korean sign is one.
_IN_WORD = np.array(
    [byte > 32 and chr(byte) not in ".,;:!?\"'()[]{}<>/\\|-_*=~^`\x7f" for byte in range(256)]
)
_SIGN = np.array([0xE3 <= byte <= 0xED for byte in range(256)])


def _words(texts: Sequence[str]) -> tuple[Words, Ints]:
    """The hash of every word of the texts (case and punctuation do not count), one after the other,
    and the number of words of each text.
    """
    data = np.frombuffer(("\0".join(texts) + "\0").casefold().encode("utf-8", "replace"), np.uint8)
    inside, sign = _IN_WORD[data], _SIGN[data]
    begin = np.flatnonzero(inside & (~np.r_[False, inside[:-1]] | sign))
    end = 1 + np.flatnonzero(inside & (~np.r_[inside[1:], False] | np.r_[sign[1:], False]))
    power, back = (
        np.full(len(data), base, dtype=np.uint64) for base in (_PRIME, pow(_PRIME, -1, 2**64))
    )
    np.multiply.accumulate(power, out=power)
    np.multiply.accumulate(back, out=back)
    total = np.r_[np.uint64(0), np.cumsum(data * power, dtype=np.uint64)]
    counts = np.diff(np.searchsorted(begin, np.flatnonzero(data == 0)), prepend=0)
    return _mix((total[end] - total[begin]) * back[begin]), counts


class _Index:
    """Texts prepared for comparison.

    `keys` (n): a hash of all words in order. `runs`: the different three-word runs (hashed) of the
    texts of MIN_WORDS words and more, `long`; text i has runs[start[i] : start[i + 1]]. `signature`
    (len(long), 80): a byte of each MinHash; `bands` (len(long), 20): these, four together.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        sizes = []
        keys, runs, signature = (
            bytearray(),
            bytearray(),
            bytearray(),
        )  # they grow in place: lists of arrays would be copied into one in the end
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
            minimum = self._minima(run, size[size > 0])
            signature += minimum.astype(np.uint8).data
            first = last
        size = np.concatenate(sizes)
        self.keys, self.runs = np.frombuffer(keys, np.uint64), np.frombuffer(runs, np.uint32)
        self.start, self.long = np.r_[0, np.cumsum(size)], np.flatnonzero(size)
        self.signature = np.frombuffer(signature, np.uint8).reshape(-1, _HASHES)
        self.bands = self.signature.view(np.uint32)

    @staticmethod
    def _keys(texts: Sequence[str], words: Words, counts: Ints) -> Words:
        ends = np.cumsum(counts)
        place = np.arange(len(words)) - np.repeat(ends - counts, counts)
        total = np.r_[
            np.uint64(0), np.cumsum(_mix(words + place.astype(np.uint64) * _ODD), dtype=np.uint64)
        ]
        keys: Words = total[ends] - total[ends - counts]
        for i in np.flatnonzero(
            counts == 0
        ).tolist():  # nothing but punctuation: equal only if it is the same
            keys[i] = int.from_bytes(
                hashlib.blake2b(texts[i].encode(), digest_size=8).digest(), "big"
            )
        return keys

    @staticmethod
    def _runs(words: Words, counts: Ints) -> tuple[np.ndarray[Any, np.dtype[np.uint32]], Ints]:
        """The different runs of every long text, words in any order, and their number for every
        text (0 for short ones). Two blanks stand before and behind each text, so that every word is
        in three runs.
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
        whole = text[:-2] == text[2:]
        run = np.sort((text[:-2][whole] << np.uint64(32)) | (run[whole] >> np.uint64(32)))
        run = run[
            np.r_[True, run[1:] != run[:-1]][: len(run)]
        ]  # np.unique hashes, and takes ten times as long
        size = np.zeros(len(counts), dtype=np.int64)
        size[is_long] = np.bincount((run >> np.uint64(32)).astype(np.int64), minlength=len(wide))
        return run.astype(np.uint32), size

    @staticmethod
    def _minima(runs: np.ndarray[Any, np.dtype[np.uint32]], sizes: Ints) -> Words:
        """The MinHashes (len(sizes), 80), 32 bits each."""
        minima = np.empty((len(sizes), _HASHES), dtype=np.uint64)
        if len(sizes):
            wide, starts = runs.astype(np.uint64), np.cumsum(sizes) - sizes
            for k in range(_HASHES):
                minima[:, k] = np.minimum.reduceat((wide ^ _XOR[k]) * _TIMES[k], starts)
        return minima >> np.uint64(32)

    def jaccard(self, left: Ints, right: Ints) -> Floats:
        """The share of common runs for each pair of long texts."""
        size = np.diff(self.start)
        both = size[left] + size[right]
        result = np.empty(len(left))
        for part in np.split(
            np.arange(len(left)), np.flatnonzero(np.diff(np.cumsum(both) // _CHUNK)) + 1
        ):
            sides = [self._numbered(side[part], size) for side in (left, right)]
            runs = np.sort(np.concatenate(sides))
            common = np.bincount(
                (runs[1:][runs[1:] == runs[:-1]] >> np.uint64(32)).astype(np.int64),
                minlength=len(part),
            )
            result[part] = common / np.maximum(both[part] - common, 1)
        return result

    def _numbered(self, texts: Ints, size: Ints) -> Words:
        """The runs of the texts one after the other, each with the place of its text in the upper
        half.
        """
        sizes = size[texts]
        at = np.arange(int(sizes.sum())) + np.repeat(
            self.start[texts] - (np.cumsum(sizes) - sizes), sizes
        )
        numbered: Words = (
            np.repeat(np.arange(len(texts), dtype=np.uint64), sizes) << np.uint64(32)
        ) | self.runs[at]
        return numbered

    def similarity(self, a: int, b: int) -> float:
        """1.0 for equal words, else the share of common runs (0 for short texts)."""
        if self.keys[a] == self.keys[b]:
            return 1.0
        x = self.runs[self.start[a] : self.start[a + 1]]
        y = self.runs[self.start[b] : self.start[b + 1]]
        common = len(np.intersect1d(x, y, assume_unique=True))
        return common / max(len(x) + len(y) - common, 1)
