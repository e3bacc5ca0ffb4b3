"""The owner's own test texts: no training reads them, so that two bundles can be told apart."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vocation.bundle import writer
from vocation.errors import DataError
from vocation.files import atomic_write
from vocation.reports import learnt, runs
from vocation.serving.recommend import Recommender
from vocation.text.clean import clean, label_key
from vocation.training import retrain

FILE = "own_tests.csv"
"""In the data folder; a training leaves it out by its name."""
MOST, LONGEST = 50, 5_000
"""Texts, and characters of one."""
_COLUMNS = ("text", "career")


@dataclass(frozen=True, slots=True)
class Tested:
    """A test text with its right `career`, and the first answers of the bundle in use (`before`)
    and the candidate (`now`). `learnt`: one of them was trained on it, so it does not count.
    """

    text: str
    career: str
    before: str
    now: str
    learnt: bool

    @property
    def right(self) -> tuple[bool, bool]:
        """Whether the bundle in use is right, and the candidate."""
        wanted = label_key(self.career)
        return label_key(self.before) == wanted, label_key(self.now) == wanted


@dataclass(frozen=True, slots=True)
class Compared:
    """A candidate beside the bundle in use.

    `held_out` is what its training measured on test rows that are new to both, `own` the same of
    the owner's `tests`, each as `retrain.compare` returns it. `lost` are careers that the candidate
    no longer has, `added` new ones.
    """

    held_out: Mapping[str, Any] | None
    own: Mapping[str, Any] | None
    tests: tuple[Tested, ...]
    lost: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """ "better", "worse", or "unclear" where the difference may be chance. The held-out rows
        decide, since they are more; the owner's texts do where those say nothing.
        """
        for found in (self.held_out, self.own):
            if found is not None and found.get("p", 1.0) < retrain.CHANCE:
                return "worse" if found["worse"] else "better"
        return "unclear"


def read(folder: Path) -> list[tuple[str, str]]:
    """The texts in `folder` with their careers; none where there is no file of them."""
    try:
        found = csv.DictReader(io.StringIO((folder / FILE).read_text("utf-8-sig")))
        rows = list(found)
    except FileNotFoundError:
        return []
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(f"{folder / FILE} cannot be read ({error}): remove it") from None
    if not set(_COLUMNS) <= set(found.fieldnames or ()):
        raise DataError(f"{folder / FILE}: expected the columns {' and '.join(_COLUMNS)}")
    return _tidy((row["text"], row["career"]) for row in rows)


def write(folder: Path, tests: Iterable[tuple[object, object]]) -> Path:
    """Keep `tests` in `folder`; rows without a text or a career are left out."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_COLUMNS, *_tidy(tests)])
    folder.mkdir(parents=True, exist_ok=True)
    return atomic_write(folder / FILE, text.getvalue(), mode=0o600)


def compare(bundle: Path, tests: Sequence[tuple[str, str]]) -> Compared:
    """Compare the candidate of `bundle` with `bundle`. Raises BundleError where one is missing."""
    paths = bundle, writer.candidate_of(bundle)
    before, now = (Recommender.load(path) for path in paths)
    texts = [text for text, _ in tests]
    answers = [[*map(str, one.predict(texts))] if texts else [] for one in (before, now)]
    known = [
        learnt.find(runs.folder_of(path), one.metadata)
        for path, one in zip(paths, (before, now), strict=True)
    ]
    tested = tuple(
        Tested(text, career, first, second, any(one and text in one for one in known))
        for (text, career), first, second in zip(tests, *answers, strict=True)
    )
    names = [set(one.classes) for one in (before, now)]
    return Compared(
        held_out=now.metadata.get("compared"),
        own=_judged([one for one in tested if not one.learnt]),
        tests=tested,
        lost=tuple(sorted(names[0] - names[1])),
        added=tuple(sorted(names[1] - names[0])),
    )


def _judged(tests: Sequence[Tested]) -> dict[str, Any] | None:
    if not tests:
        return None
    before, now = np.array([one.right for one in tests], bool).T
    return retrain.judged(now, before)


def _tidy(tests: Iterable[tuple[object, object]]) -> list[tuple[str, str]]:
    pairs = ((clean(str(text or ""))[:LONGEST], clean(str(career or ""))) for text, career in tests)
    return [pair for pair in pairs if all(pair)][:MOST]
