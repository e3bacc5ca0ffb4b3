"""The sets of the comparison: the same rows for every peer, no near-duplicate on both sides."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedShuffleSplit

from vocation.data import dataset, split
from vocation.data.csv_reader import long_cells
from vocation.data.dataset import Dataset
from vocation.data.encoding import decode
from vocation.data.schema import KINDS
from vocation.records import Row
from vocation.text.clean import mask_role

Ints = NDArray[np.int64]

ROOT = Path(__file__).parents[2]
PUBLIC = ROOT.parent / "shared" / "data"
PEOPLE = ROOT / "benchmarks" / "data" / "first_person.csv"

SPLITS = {"masked-qa": 3, "masked-qa-topics": 1, "resumes": 10}
"""How many splits of the public sets are measured."""

OF_PEOPLE = ("first-person", "first-person-third", "curve-2", "curve-5", "curve-10", "curve-20")
"""Sets that learn from the default data, or a part of it, and are tested on one half of PEOPLE. One
split each. curve-N is the row that describes each career, which is all that `zero-shot` reads, and
N others of it drawn at random.
"""

FORMS = 3
"""Questions on one topic, which stand one after the other: the public file asks 30 of each role, in
one order, on ten topics.
"""


@dataclass(frozen=True)
class Task:
    """What a peer gets (training texts and labels, class names, test texts), and `truth`, which it
    does not look at.

    `described` (classes) stands for each class without any training row. `rows` are the training
    rows with their kind, for the default data.
    """

    train_texts: tuple[str, ...]
    train_labels: Ints
    classes: tuple[str, ...]
    described: tuple[str, ...]
    test_texts: tuple[str, ...]
    truth: Ints
    rows: tuple[Row, ...] = ()

    def digest(self) -> str:
        """The same for the same rows in the same parts: figures of another digest are of other
        data.
        """
        content = (
            self.train_texts,
            self.train_labels.tolist(),
            self.described,
            self.test_texts,
            self.truth.tolist(),
        )
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]

    def write(self, folder: Path) -> None:
        """The training rows as files that vocation reads."""
        if not self.rows:
            pairs = (
                (self.classes[label], text)
                for label, text in zip(self.train_labels, self.train_texts, strict=True)
            )
            write(folder / "profiles.csv", ("role", "profile"), pairs)
            return
        for kind in KINDS:
            names = (*kind.columns, *kind.optional)
            rows = [
                (row.role, *(row.cells.get(name, "") for name in names))
                for row in self.rows
                if row.source == kind.name
            ]
            if rows:
                write(folder / kind.file, ("role", *names), rows)
        shutil.copy(dataset.default_folder() / "careers.csv", folder)  # facts, no texts


def names(half: str) -> dict[str, int]:
    """Every set and its number of splits. The sets of the half `report` go by names of their own:
    no figure of it mixes with another.
    """
    return SPLITS | {name if half == "tune" else f"{name}.{half}": 1 for name in OF_PEOPLE}


def task(name: str, number: int) -> Task:
    """Split `number` of the set `name`, one of `names`."""
    base, _, half = name.partition(".")
    if base == "masked-qa":
        return _questions(split.split(_qa().labels, _qa().groups, number).test)
    if base == "masked-qa-topics":
        topics = np.array(
            [(row.line - 2) % 30 // FORMS for row in _qa().rows]
        )  # one line a row below the header: see _qa
        held = np.random.default_rng(0).choice(10, 2, replace=False)
        return _questions(np.flatnonzero(np.isin(topics, held)))
    if base == "resumes":
        return _resumes(number)
    data = dataset.load()
    if base == "first-person":
        return people(data, range(len(data.rows)), half or "tune")
    if base == "first-person-third":
        return people(
            data, [i for i, row in enumerate(data.rows) if row.source != "profiles"], half or "tune"
        )
    order = np.random.default_rng(0).permutation(
        len(data.rows)
    )  # the same order for all: a longer curve holds the shorter ones
    describes = np.array(
        [row.cells.get("description") == data.careers[row.role].description for row in data.rows]
    )
    chosen = []
    for label in range(len(data.roles)):
        own = order[data.labels[order] == label]
        chosen += [*own[describes[own]], *own[~describes[own]][: int(base.removeprefix("curve-"))]]
    return people(data, sorted(chosen), half or "tune")


@lru_cache
def _qa() -> Dataset:
    """The public questions' answers, without duplicates, with their groups of near-duplicates; row
    i of the file stands in line i + 2.
    """
    with open(PUBLIC / "career_guidance_qa.csv", encoding="cp1252", newline="") as file:
        rows = [(row["role"], " ".join(row["answer"].split())) for row in csv.DictReader(file)]
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "profiles.csv", ("role", "profile"), rows)
        return dataset.load([Path(folder) / "profiles.csv"])


def _questions(test: Ints) -> Task:
    """The rows `test` against all others that are near-duplicates of none of them, role names
    masked.
    """
    data = _qa()
    train = np.flatnonzero(~np.isin(data.groups, data.groups[test]))
    masked = [
        mask_role(text, data.roles[label])
        for text, label in zip(data.texts, data.labels, strict=True)
    ]
    return _task(masked, data.labels, data.roles, train, test)


def _resumes(number: int) -> Task:
    text, _ = decode((PUBLIC / "resumes_962.csv").read_bytes(), "resumes_962.csv")
    with long_cells():
        unique = {
            row["Resume"]: row["Category"] for row in csv.DictReader(io.StringIO(text, newline=""))
        }
    classes = tuple(sorted(set(unique.values())))
    labels = np.array([classes.index(name) for name in unique.values()])
    splits = StratifiedShuffleSplit(10, test_size=0.2, random_state=1).split(labels, labels)
    train, test = list(splits)[number]
    return _task(list(unique), labels, classes, train, test)


def _task(
    texts: Sequence[str], labels: Ints, classes: tuple[str, ...], train: Ints, test: Ints
) -> Task:
    return Task(
        tuple(texts[i] for i in train),
        labels[train],
        classes,
        classes,
        tuple(texts[i] for i in test),
        labels[test],
    )


def people(data: Dataset, chosen: Iterable[int], half: str) -> Task:
    """The rows `chosen` of the default data against texts by people."""
    chosen = list(chosen)
    with open(PEOPLE, encoding="utf-8", newline="") as file:
        people = [row for row in csv.DictReader(file) if row["half"] == half]
    return Task(
        train_texts=tuple(data.texts[i] for i in chosen),
        train_labels=data.labels[chosen],
        classes=data.roles,
        described=tuple(f"{role}. {data.careers[role].description}" for role in data.roles),
        test_texts=tuple(row["text"] for row in people),
        truth=np.array([data.roles.index(row["career"]) for row in people]),
        rows=tuple(data.rows[i] for i in chosen),
    )


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
