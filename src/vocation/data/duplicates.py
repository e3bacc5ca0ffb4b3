"""Group rows with the same text: which to merge within a role, and which of different roles must
stay on one side of a split.

Candidates come from `minhash`; each is then verified by its exact similarity.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vocation.data.minhash import BANDS, Index, candidates
from vocation.text.clean import mask_role

if TYPE_CHECKING:
    Ints = np.ndarray[Any, np.dtype[np.int64]]
    Floats = np.ndarray[Any, np.dtype[np.float64]]

SIMILAR = 0.72
"""Two texts are near-duplicates from this share of common three-word runs on (Jaccard). One changed
word breaks three runs of each text, so changing a share f of the words leaves (1 - 3f) / (1 + 3f):
.74 at 5 %, .54 at 10 %; one word of 20 leaves 19 of 25 = .76. The order within a run does not
count: two neighbours that change places break two runs, not four.
"""
# Equal hashes, of 80, from which on we count exactly: a pair at .72 has fewer once in 2,000 times
# (binomial).
_AGREE = 44


class Duplicates(NamedTuple):
    """What `find_duplicates` returns for n rows.

    `kept_as` (n): the row that each row is merged into (itself, or an earlier one of its role);
    `similarity` (n) to that one, 0 to 1; `unique`: how many rows differ exactly; `groups` (n):
    equal for rows that must stay together; `conflicts`: clusters of equal texts under different
    roles, one row of each role.
    """

    kept_as: Ints
    similarity: Floats
    unique: int
    groups: Ints
    conflicts: list[list[int]]


def find_duplicates(texts: Sequence[str], labels: Ints, roles: Sequence[str]) -> Duplicates:
    """Find equal and nearly equal texts, as they are and without the names of their roles.

    `labels` (n) index `roles`.
    """
    kept_as = _equal_texts(texts, labels)
    rest = np.flatnonzero(kept_as == np.arange(len(texts)))  # positions in `rest` from here on
    plain, label = [texts[i] for i in rest.tolist()], labels[rest]
    masked = _masked(plain, label, roles)
    views = [plain] if masked == plain else [plain, masked]
    # One index after the other: each is as large as the texts.
    found = [_near_pairs(Index(view), label) for view in views]
    left, right, similarity = (np.concatenate(parts) for parts in zip(*found, strict=True))

    # Only the texts of these pairs are compared again (and the first, so that there is one).
    to_recheck = np.unique(np.r_[0, left, right])
    indexes = [Index([view[i] for i in to_recheck.tolist()]) for view in views]
    place = np.searchsorted(to_recheck, np.arange(len(rest)))
    within = label[left] == label[right]
    kept, best = _keep_first(indexes, place[left[within]], place[right[within]], similarity[within])
    leader, best_of = np.arange(len(rest)), np.ones(len(rest))
    # From places in `to_recheck` back to places in `rest`.
    leader[to_recheck], best_of[to_recheck] = to_recheck[kept], best
    groups = _join(np.arange(len(rest)), left, right)

    # Conflicts come from the plain texts: once masked, a template reads alike for two roles. Nor is
    # it one where the names of the roles are the difference, that is where masking brings them
    # nearer.
    left, right, similarity = found[0]
    across = label[left] != label[right]
    across[across] = (
        indexes[-1].jaccard(place[left[across]], place[right[across]]) <= similarity[across]
    )
    conflicts = _clusters(leader[left[across]], leader[right[across]], label)

    # `rest` is sorted and holds every value of `kept_as`.
    position = np.searchsorted(rest, kept_as)
    return Duplicates(
        rest[leader[position]],
        np.where(kept_as == np.arange(len(texts)), best_of[position], 1.0),
        len(rest),
        groups[position],
        [rest[cluster].tolist() for cluster in conflicts],
    )


def _equal_texts(texts: Sequence[str], labels: Ints) -> Ints:
    """Return the first row of the same role with the same text, whatever the case, for each row."""
    kept_as = np.arange(len(texts))
    first: dict[str, int] = {}
    # Role by role, so that the dictionary holds the texts of one role only.
    order = np.argsort(labels, kind="stable")
    for previous, i in zip([-1, *order[:-1].tolist()], order.tolist(), strict=True):
        if previous < 0 or labels[previous] != labels[i]:
            first = {}
        kept_as[i] = first.setdefault(texts[i].casefold(), i)
    return kept_as


def _masked(texts: Sequence[str], labels: Ints, roles: Sequence[str]) -> list[str]:
    """Return each text without the name of its own role."""
    masked = list(texts)
    for label in np.unique(labels).tolist():
        members = np.flatnonzero(labels == label)
        for part in np.array_split(members, 1 + len(members) // 20_000):
            # Many at once, separated by a character that no clean text has.
            joined = mask_role("\0".join([texts[i] for i in part.tolist()]), roles[label])
            for i, text in zip(part.tolist(), joined.split("\0"), strict=True):
                # Else the same string is in both lists, and in memory once.
                if text != masked[i]:
                    masked[i] = text
    return masked


def _keep_first(
    views: Sequence[Index], left: Ints, right: Ints, similarity_of_pair: Floats
) -> tuple[Ints, Floats]:
    """Return for each text the first one that it repeats, and how similar it is to that one.

    It is the text itself, or a kept one near it. Pairs (left < right) are of one role. A text near
    a merged one is compared with what that one was merged into, so that a chain of small changes
    does not become one text.
    """
    count = len(views[0].keys)
    leader, similarity = np.arange(count), np.ones(count)
    # By the later text (lexsort's last key counts first): what the earlier one became is then
    # final.
    order = np.lexsort((left, right))
    pairs = (left[order].tolist(), right[order].tolist(), similarity_of_pair[order].tolist())
    for i, j, alike in zip(*pairs, strict=True):
        if leader[j] == j:
            kept = leader[i]
            if kept != i:
                # Alike in one view, plain or masked, is enough.
                alike = max(view.similarity(kept, j) for view in views)
            if alike >= SIMILAR:
                leader[j], similarity[j] = kept, alike
    return leader, similarity


def _clusters(left: Ints, right: Ints, labels: Ints) -> list[Ints]:
    """Return clusters of connected texts, the first one of each role."""
    component = _join(np.arange(len(labels)), left, right)
    members = np.unique(np.concatenate([left, right]))
    by_component: dict[int, dict[int, int]] = defaultdict(dict)
    for i in members.tolist():
        # np.unique sorts, so the first text of each role stays.
        by_component[int(component[i])].setdefault(int(labels[i]), i)
    return [np.array(list(firsts.values())) for firsts in by_component.values() if len(firsts) > 1]


def _join(component: Ints, left: Ints, right: Ints) -> Ints:
    """Return `component` (n) after joining the components of each pair.

    A component is named by its smallest member.
    """
    component = component.copy()
    while True:
        a, b = component[left], component[right]
        differ = a != b
        if not differ.any():
            return component
        a, b = a[differ], b[differ]
        # Union-find for all pairs at once: the larger name points to the smaller one, then every
        # path is followed to its end. Repeated, since one name may have had several to point to.
        np.minimum.at(component, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(component, shorter := component[component]):
            component = shorter


def _near_pairs(index: Index, labels: Ints) -> tuple[Ints, Ints, Floats]:
    """Return pairs left < right of near-duplicates, and their similarity.

    Enough pairs to connect all that belong together, and to name for each text an earlier one of
    its role; not all pairs.
    """
    count = len(labels)
    # Texts with the same words stand together, within them those of one role, in their order.
    order = np.lexsort((np.arange(count), labels, index.keys))
    new_key = np.r_[True, index.keys[order][1:] != index.keys[order][:-1]][:count]
    new = new_key | np.r_[True, labels[order][1:] != labels[order][:-1]][:count]
    place = np.arange(count)
    # Running maxima of the places where a stretch begins give each text the begin of its stretch:
    # the first text with these words in this role, and for that one, the first in any role.
    in_role = order[np.maximum.accumulate(np.where(new, place, 0))]
    in_any = order[np.maximum.accumulate(np.where(new_key, place, 0))]
    first = np.where(new, in_any, in_role)
    equal = first != order
    left, right = np.minimum(first, order)[equal], np.maximum(first, order)[equal]
    found = [(left, right, np.ones(len(left)))]
    component = _join(np.arange(count), left, right)
    absorbed = np.zeros(count, dtype=bool)  # has a near-duplicate before it in its role
    absorbed[order[~new]] = True
    single = np.zeros(count, dtype=bool)
    single[order[new]] = True
    # Rows of the signature: of texts with the same words in a role, the first only.
    rows = np.flatnonzero(single[index.long])
    for band in range(BANDS):
        # Pairs that agree in the next band as well come first, since the number is bounded.
        for a, b in candidates(index.bands[rows, band], index.bands[rows, (band + 1) % BANDS]):
            a, b = rows[a], rows[b]
            left = np.minimum(index.long[a], index.long[b])
            right = np.maximum(index.long[a], index.long[b])
            same = labels[left] == labels[right]
            # Only pairs that would tell something new, and whose hashes agree often enough.
            open_ = (component[left] != component[right]) | (same & ~absorbed[right])
            agree = (index.signature[a[open_]] == index.signature[b[open_]]).sum(axis=1)
            open_[open_] = agree >= _AGREE
            left, right, same = left[open_], right[open_], same[open_]
            alike = index.jaccard(left, right)
            near = alike >= SIMILAR
            left, right = left[near], right[near]
            absorbed[right[same[near]]] = True
            component = _join(component, left, right)
            found.append((left, right, alike[near]))
    left, right, alike = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return left, right, alike
