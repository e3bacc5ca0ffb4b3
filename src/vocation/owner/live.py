"""Which bundle answers: publish the candidate, or go back to the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocation.bundle import writer
from vocation.serving.recommend import Recommender
from vocation.training.retrain import known


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The metadata of the bundle that answers now and of the one before, {} where unreadable;
    `kept` is the folder of that one, None where there was none.
    """

    now: Mapping[str, Any]
    before: Mapping[str, Any]
    kept: Path | None


def publish(folder: str | Path) -> Exchanged:
    """Let the candidate of `folder` answer. Raises BundleError where it cannot."""
    return _exchange(folder, writer.candidate_of(folder), writer.promote)


def go_back(folder: str | Path) -> Exchanged:
    """Let the bundle before the one in `folder` answer. Raises BundleError where it cannot."""
    return _exchange(folder, writer.previous_of(folder), writer.rollback)


def _exchange(folder: str | Path, other: Path, move: Callable[[str | Path], Path]) -> Exchanged:
    now: Mapping[str, Any] = {}
    if writer.has_bundle(other):
        # Before anything moves: a bundle that cannot answer must not replace one that can.
        now = Recommender.load(other).metadata
    before = known(folder)
    kept = move(folder)
    return Exchanged(now, before, kept if writer.has_bundle(kept) else None)
