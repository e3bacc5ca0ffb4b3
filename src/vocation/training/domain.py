"""The in-domain classifier: is a text about a person and work, or about something else?"""

from __future__ import annotations

import csv
import io
import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from vocation.text.clean import clean

Floats = NDArray[np.floating[Any]]

_STRENGTH = 0.01
"""C of the logistic regression; .001 to .1 differ by less than three points of accuracy."""

_MOST_INSIDE = 3_000  # in-domain texts to learn from, evenly spread: more change nothing
_GIBBERISH = 120
_LONG_CELL = 30  # characters from which two equal cells are no chance
_PROFILES_EACH = 2
"""Default profiles for each career: first-person texts are in domain, whatever the user's data. Two
are some 550 texts, which take seconds to encode in every training on own data."""


@dataclass(frozen=True)
class DomainClassifier:
    """A linear score of a text's features (n, features).

    Above 0 the text is more likely about a person and work, below 0 about something else.
    """

    weights: Floats
    bias: float

    @classmethod
    def fit(cls, inside: Floats, outside: Floats) -> DomainClassifier:
        """Learn from features of in-domain and out-of-domain texts; both kinds weigh the same."""
        # A vector of length 1 times sqrt(features) has about unit variance in each feature, which
        # is what _STRENGTH was chosen for.
        size = np.sqrt(inside.shape[1])
        inside = inside[:: max(1, -(-len(inside) // _MOST_INSIDE))]
        x = np.concatenate([inside, outside]) * size
        # True for in-domain texts, which come first.
        y = np.arange(len(x)) < len(inside)
        model = LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=1000).fit(x, y)
        # Weights times `size` score vectors of length 1 directly, so serving need not scale them.
        return cls((model.coef_[0] * size).astype(np.float32), float(model.intercept_[0]))

    @classmethod
    def open(cls, size: int) -> DomainClassifier:
        """A score that is 0 for everything."""
        return cls(np.zeros(size, np.float32), 0.0)

    def score(self, features: Floats) -> Floats:
        """Scores (n,)."""
        result: Floats = features @ self.weights + self.bias
        return result


def in_domain_texts() -> list[tuple[str, str]]:
    """First-person texts of the default data, long and short, as (career, text)."""
    own: dict[str, list[str]] = {}
    for row in package_rows("default_data/profiles.csv"):
        own.setdefault(row["role"], []).append(row["profile"])
    return [
        (role, text)
        for role, texts in own.items()
        # Evenly spread over a career's profiles, not the first ones.
        for text in texts[:: max(1, len(texts) // _PROFILES_EACH)][:_PROFILES_EACH]
    ]


def default_cells() -> set[str]:
    """Return the long cells of the default data: a row with one of them comes from there."""
    names = ("career_qa", "skills_mapping", "job_descriptions", "books_recommendations", "profiles")
    rows = (row for name in names for row in package_rows(f"default_data/{name}.csv"))
    return {clean(cell) for row in rows for cell in row.values() if len(cell) >= _LONG_CELL}


def out_of_domain_texts(seed: int) -> list[str]:
    """Texts that are not about a person's work: the package's own set, and gibberish."""
    background = [row["text"] for row in package_rows("training/background.csv")]
    return [*background, *_gibberish(random.Random(seed))]


def package_rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file of the package."""
    text = (resources.files("vocation") / name).read_text(encoding="utf-8")
    # newline="" keeps line breaks inside quoted cells as they are.
    yield from csv.DictReader(io.StringIO(text, newline=""))


def _gibberish(rng: random.Random) -> Iterator[str]:
    """Texts of 2 to 20 words without meaning.

    In turn: random letters, keys of one row, random syllables, letters mixed with signs.
    """

    def any_of(letters: str, low: int, high: int) -> str:
        return "".join(rng.choice(letters) for _ in range(rng.randint(low, high)))

    def syllables() -> str:
        return "".join(
            rng.choice("bcdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(1, 4))
        )

    generators = (
        lambda: any_of(string.ascii_lowercase, 2, 12),
        # One keyboard row for each word, as when somebody drums on the keys.
        lambda: any_of(rng.choice(("asdfghjkl", "qwertyuiop", "zxcvbnm")), 3, 9),
        syllables,
        lambda: any_of(string.ascii_letters + string.digits + "#$%&!?/+=-_", 3, 14),
    )
    for i in range(_GIBBERISH):
        yield " ".join(generators[i % len(generators)]() for _ in range(rng.randint(2, 20)))
