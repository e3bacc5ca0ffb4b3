"""Generate variants of texts and filter them, in rounds over the rows, until there are enough."""

from __future__ import annotations

import csv
import itertools
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vocation.augment import lexicon
from vocation.augment.guard import Guard
from vocation.augment.paraphrase import paraphrase
from vocation.data.dataset import default_folder
from vocation.data.duplicates import SIMILAR, find_duplicates
from vocation.data.minhash import MIN_WORDS
from vocation.errors import ConfigError
from vocation.text.clean import clean
from vocation.text.languages import language
from vocation.text.skill_lists import split_skills

LEAST_COSINE = 0.75
"""Lowest cosine of a variant's vector and its original's. By all-MiniLM-L6-v2 on the default
profiles, 99 of 100 pairs of different texts of one career are below .60, and 99 of 100 variants by
these rules above .82 (benchmarks/augmentation.py --cosines): .75 is between the two.
"""

_TRIES = 6  # random variants of a row in one round
_FAILURES = 2  # rounds without a usable variant after which a row is given up
_BATCH = 512  # variants that are compared with all texts at once: each comparison reads them all

Encode = Callable[[Sequence[str]], Any]
Generate = Callable[[Sequence[str], int], Sequence[Sequence[str]]]


@dataclass(frozen=True)
class Variant:
    """A new text: `row` (from 0) is its original, `method` how it was made."""

    row: int
    method: str
    text: str


@dataclass
class AugmentationReport:
    """How many variants were `asked` for and `made`, and how many were refused for which reason."""

    asked: int = 0
    made: int = 0
    refused_names: int = 0
    refused_meaning: int = 0
    refused_duplicate: int = 0
    by_method: dict[str, int] = field(default_factory=dict)


def variants(
    texts: Sequence[str],
    labels: Sequence[str],
    wanted: int,
    method: str,
    seed: int,
    encode: Encode | None = None,
    *,
    least_cosine: float = LEAST_COSINE,
    protect: Iterable[str] = (),
    generate: Generate | None = None,
) -> tuple[list[Variant], AugmentationReport]:
    """Return at most `wanted` variants of `texts` (n) with `labels` (n), and the report.

    They are spread over the rows, and over the labels in their proportion. Each round gives every
    row at most one; the variants are in the order of rounds.
    """
    guard = Guard([*labels, *_known_terms(), *protect])
    generator = _VariantGenerator(texts, method, seed, guard, generate)
    variant_filter = _VariantFilter(texts, labels, encode, least_cosine)
    waiting = [row for row in _spread(labels, seed) if texts[row]]
    report = AugmentationReport(asked=wanted)
    found = list[Variant]()
    failures: Counter[int] = Counter()
    # Ends, because every row fails in the end: its variants become repetitions.
    for number in itertools.count():
        waiting = [row for row in waiting if failures[row] < _FAILURES]
        if not waiting or len(found) >= wanted:
            break
        tried = iter(waiting)
        while len(found) < wanted and (
            rows := list(itertools.islice(tried, max(_BATCH, wanted - len(found))))
        ):
            made = [variant for row in rows if (variant := generator.make(row, number, report))]
            passed = variant_filter.pass_on(made, report)
            # Rows that gave nothing; after _FAILURES rounds there is little hope of more.
            failures.update(set(rows) - {variant.row for variant in passed})
            found += passed[: wanted - len(found)]
            # The filter knows the originals and earlier variants: only those beyond are new.
            variant_filter.remember(found[len(variant_filter.there) - len(texts) :])
    report.made = len(found)
    for variant in found:
        report.by_method[variant.method] = report.by_method.get(variant.method, 0) + 1
    return found, report


# --------------------------------------------------------------------------------------------------


class _VariantGenerator:
    """Makes one random variant of a row at a time, by the seed, the row and the attempt alone."""

    def __init__(
        self,
        texts: Sequence[str],
        method: str,
        seed: int,
        guard: Guard,
        generate: Generate | None,
    ) -> None:
        self.texts = texts
        self.method = method
        self.seed = seed
        self.guard = guard
        self.generate = generate
        self._generated: dict[int, Iterator[str]] = {}
        self._languages: dict[int, str | None] = {}

    def make(self, row: int, number: int, report: AugmentationReport) -> Variant | None:
        """A variant that keeps the names and is not nearly the same; None where no attempt did."""
        text = self.texts[row]
        for attempt in range(_TRIES):
            variant = self._attempt(row, text, number, attempt)
            if variant is None or variant.text == text:
                continue
            if similarity(text, variant.text) >= SIMILAR:
                report.refused_duplicate += 1
            elif not self.guard.kept(text, variant.text):
                report.refused_names += 1
            else:
                return variant
        return None

    def _attempt(self, row: int, text: str, number: int, attempt: int) -> Variant | None:
        if (
            self.generate
            and self.method != "synonym"
            and (new := next(self._rewritten(row), None)) is not None
        ):
            # What a user's model returns may be anything, also no text.
            return Variant(row, "generate", clean(new)) if isinstance(new, str) else None
        if self._foreign(row):
            return None
        # A text as the seed: the hash of a text differs from run to run, random.Random's does not.
        rng = random.Random(f"{self.seed}:{row}:{number}:{attempt}")
        kinds = ("synonym", "paraphrase", "paraphrase+synonym")
        # In turn and not at random, so that all three kinds occur equally often.
        kind = kinds[(row + number + attempt) % 3] if self.method == "all" else self.method
        thorough = attempt >= _TRIES // 2  # what was made so far was nearly the same
        if thorough and kind == "paraphrase":
            kind = "paraphrase+synonym"
        new = paraphrase(text, self.guard, rng) if "paraphrase" in kind else text
        if "synonym" in kind:
            share = lexicon.MOST if thorough else lexicon.SOME
            new = lexicon.swap(new, self.guard, rng, share=share)
        return Variant(row, kind, new)

    def _foreign(self, row: int) -> bool:
        """Whether the row is in another language than English: the lexicon has no words for it."""
        if row not in self._languages:
            self._languages[row] = language(self.texts[row])
        # None: not clear. English with typing errors is often None, so it is not left out.
        return self._languages[row] not in ("English", None)

    def _rewritten(self, row: int) -> Iterator[str]:
        """What `generate` returns for the row; called once, for as many as one round may try."""
        if row not in self._generated and self.generate:
            answers = self.generate([self.texts[row]], _TRIES)
            self._generated[row] = iter(list(answers[0]) if len(answers) else [])
        return self._generated[row]


class _VariantFilter:
    """Lets through what says the same as its original, and nothing that is there already."""

    def __init__(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        encode: Encode | None,
        least_cosine: float,
    ) -> None:
        self.texts, self.encode, self.least = list(texts), encode, least_cosine
        self.roles = sorted(set(labels))
        place = {role: i for i, role in enumerate(self.roles)}
        self.labels = [place[label] for label in labels]
        self.there, self.there_labels = list(texts), list(self.labels)
        self._vectors: Any = None

    def pass_on(self, made: Sequence[Variant], report: AugmentationReport) -> list[Variant]:
        """Those of `made` that may be used; the report counts the others."""
        new = self._new(made)
        report.refused_duplicate += len(made) - len(new)
        near = self._near(new)
        report.refused_meaning += len(new) - len(near)
        return near

    def remember(self, used: Sequence[Variant]) -> None:
        """From now on nothing may repeat these either."""
        self.there += [variant.text for variant in used]
        self.there_labels += [self.labels[variant.row] for variant in used]

    def _new(self, made: Sequence[Variant]) -> list[Variant]:
        """Neither a near-duplicate of a row of the same role, nor of one of another role."""
        if not made:
            return []
        texts = [*self.there, *(variant.text for variant in made)]
        labels = np.array(
            [*self.there_labels, *(self.labels[variant.row] for variant in made)], np.int64
        )
        # The same function that merges rows of a file, so that no variant is lost when read again.
        kept_as, _, _, groups, _ = find_duplicates(texts, labels, self.roles)
        first = len(self.there)
        mixed, ours = _mixed(groups, labels), groups[:first]
        return [
            variant
            for i, variant in enumerate(made, first)
            # kept_as[i] == i: it was not merged into an earlier text. A mixed group holds several
            # roles: such a variant may join only the group in which its own original already is.
            if kept_as[i] == i and (groups[i] not in mixed or groups[i] == ours[variant.row])
        ]

    def _near(self, made: Sequence[Variant]) -> list[Variant]:
        if self.encode is None or not made:
            return list(made)
        if self._vectors is None:
            self._vectors = unit(self.encode(self.texts), len(self.texts))
        found = unit(self.encode([variant.text for variant in made]), len(made))
        # Row by row: each variant is compared with its own original only.
        cosines = (found * self._vectors[[variant.row for variant in made]]).sum(axis=1)
        return [
            variant
            for variant, cosine in zip(made, cosines.tolist(), strict=True)
            if cosine >= self.least
        ]


def unit(vectors: Any, count: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """What an `encode` gave, as (count, d) of length 1; ConfigError for any other shape."""
    table = np.asarray(vectors, dtype=np.float64)
    if table.ndim != 2 or len(table) != count or not np.isfinite(table).all():
        raise ConfigError(
            f"encode must give one vector of numbers for each of {count:,} texts, found an array of"
            f" shape {table.shape}"
        )
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    return np.asarray(table / np.maximum(lengths, 1e-12))


def similarity(one: str, other: str) -> float:
    """Common three-word runs of two texts, in any order (Jaccard, as in `duplicates`); for short
    texts 1 where all words are the same, else 0.
    """
    first, second = (
        # "node.js" gives "node" and "js", "C++" stays whole.
        re.findall(r"[^\s.,;:!?\"'()\[\]{}<>/|_*=~-]+", text.casefold())
        for text in (one, other)
    )
    if min(len(first), len(second)) < MIN_WORDS:
        return float(first == second)
    runs = [
        {
            # Sorted: two words that change places inside a run make no new one.
            tuple(sorted(run))
            # Blanks at both ends, so that the first and last words are in three runs as well.
            for run in zip(["", "", *each], ["", *each, ""], [*each, "", ""], strict=True)
        }
        for each in (first, second)
    ]
    return len(runs[0] & runs[1]) / len(runs[0] | runs[1])


def _mixed(groups: Any, labels: Any) -> set[int]:
    """Groups of near-duplicates that hold more than one role."""
    # (2, k): each pair of group and role once, so a group that occurs twice has two roles.
    pairs = np.unique(np.stack([groups, labels]), axis=1)
    found, times = np.unique(pairs[0], return_counts=True)
    return set(found[times > 1].tolist())


def _spread(labels: Sequence[str], seed: int) -> list[int]:
    """Rows in random order, every beginning of which holds each label in about its share."""
    rng = random.Random(seed)
    rows = rng.sample(range(len(labels)), len(labels))
    total, seen = Counter(labels), Counter[str]()
    # A random start, or all labels would have their first row at the same place.
    start = {label: rng.random() for label in sorted(total)}
    key = {}
    for row in rows:
        # From 0 to about 1: the k-th row of a label stands at k / (rows of the label).
        key[row] = (seen[labels[row]] + start[labels[row]]) / total[labels[row]]
        seen[labels[row]] += 1
    return sorted(rows, key=lambda row: key[row])


def _known_terms() -> list[str]:
    """Skills and role names of the default data, and further names of subjects and methods: no word
    of them is ever swapped.
    """
    with (default_folder() / "skills_mapping.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    return [
        *lexicon.fixed(),
        *{line["role"] for line in lines},
        *{skill for line in lines for skill in split_skills(line["skills"])},
    ]
