"""The twin of a text: the same words without what says who somebody is, and with it all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation.text.personal import is_personal

_MOVED = 0.1  # change of the first career's probability from which an answer is another one
PARTS = 24
"""Phrases of a text at most that are looked at one by one."""


@dataclass(frozen=True, slots=True)
class Twin:
    """What became of an answer when its text was read in other ways.

    `same` says that the first career stayed, with its confidence within ten points, both when
    nothing was masked and when the `parts`, phrases about age, origin, health, family and the like,
    were left out. `moved` is the part that moved it most, None where it was a name or a gendered
    word; `other` is the first career of the reading that differs most.
    """

    same: bool
    parts: tuple[str, ...] = ()
    moved: str | None = None
    other: str = ""


def twin(
    text: str,
    spans: Sequence[tuple[int, int]],
    classes: Sequence[str],
    ask: Callable[[list[str], bool], NDArray[Any]],
) -> Twin:
    """Compare the answer to a cleaned `text` with those to its twins.

    `spans` are the places (start, end) of its phrases in their order. `ask` returns the
    probabilities (n, classes) of texts, masked as the model reads them or not.
    """
    told = [span for span in spans if is_personal(text[slice(*span)])]
    parts = tuple(text[slice(*span)] for span in told)
    rest = _without(text, told)
    masked = ask([text, rest or text], True)
    first = int(masked[0].argmax())
    readings = np.stack([masked[1], ask([text], False)[0]])  # (2, classes)
    changes = np.abs(readings[:, first] - masked[0, first])
    changes[readings.argmax(axis=1) != first] += 1.0  # another career weighs more than any change
    if changes.max() < _MOVED:
        return Twin(True, parts)
    worst = int(changes.argmax())
    other = classes[int(readings[worst].argmax())]
    if not told:
        return Twin(False, parts, None, other)
    # Each part alone: left out of the masked reading, or of the one in which nothing is masked.
    alone = ask([_without(text, [span]) or text for span in told], worst == 0)
    before = masked[0] if worst == 0 else readings[1]
    moves = np.abs(alone[:, first] - before[first])
    moved = parts[int(moves.argmax())] if moves.max() >= _MOVED / 2 else None
    return Twin(False, parts, moved, other)


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """`text` without the phrases at `spans`, in their order."""
    for start, end in reversed(spans):
        text = f"{text[:start].rstrip(' ,;')} {text[end:]}".strip(" ,;")
    return text
